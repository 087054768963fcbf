/*
 * See event.h. A call that is told again is taken off its day as it was, and added as it is now: it
 * may be another day, another member, another outcome.
 *
 * What is known of a call is kept as the event's own members, so that an update which leaves out
 * something, or says "" or null, wipes nothing, and all is understood anew from what has been told
 * together.
 */
#include "ingest/event.h"

#include "base/sha256.h"
#include "db/store_contact.h"
#include "db/store_event.h"
#include "db/store_voip.h"
#include "figures/outcome.h"
#include "ingest/ricochet.h"

#include <string.h>

struct passage {
    struct ingest_agency *agency;
    const struct ingest_event *event;
    struct json *map;          /* NULL: none */
    struct json *known;        /* all members told so far, or NULL */
    struct json *merged;       /* with those of now */
    struct store_event before; /* as it is stored; id -1: it is not */
    struct ricochet_call call;
};

/* The call's id for the answer: a UUID of version 8 (RFC 9562, 5.8) made of what it is known by, so
 * that the same call always has the same one. */
static void name_call(const struct passage *passage, char id[ID_SIZE])
{
    unsigned char digest[SHA256_SIZE];
    g_autofree char *text =
        g_strdup_printf("%s\n%s\n%s", passage->agency->row.id,
                        store_provider(REPORT_SERIES_RICOCHET), passage->call.id);
    sha256_octets(text, strlen(text), digest);
    digest[6] = (unsigned char)((digest[6] & 0x0f) | 0x80);
    digest[8] = (unsigned char)((digest[8] & 0x3f) | 0x80);
    char *to = id;
    for (size_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *to++ = '-';
        *to++ = "0123456789abcdef"[digest[i] >> 4];
        *to++ = "0123456789abcdef"[digest[i] & 0xf];
    }
    *to = '\0';
}

static void count(struct day_totals *totals, const char *session_id, const char *member_id,
                  const char *agent, const char *result, int64_t talk_seconds,
                  enum report_direction direction, int sign)
{
    struct call_leg leg = {
        .session_id = session_id,
        .member_id = member_id,
        .agent = agent,
        .result = result,
        .talk_seconds = talk_seconds,
        .direction = direction,
    };
    day_totals_count(totals, &leg, 1, sign);
}

static bool take_away(struct passage *passage, GError **error)
{
    const struct store_event *before = &passage->before;
    struct day_totals *totals;
    if (before->id < 0)
        return true;
    if (!ingest_agency_touch(passage->agency, before->call_date, REPORT_SERIES_RICOCHET, &totals,
                             error))
        return false;
    count(totals, passage->call.id, before->member_id, before->agent, before->result,
          before->talk_seconds, report_direction_parse(before->direction), -1);
    return true;
}

/* The contact on the other side; "" for a number of several, NULL for nobody's. */
static const char *contact_of(const struct passage *passage)
{
    const struct ricochet_call *call = &passage->call;
    const char *number = outcome_other_number(call->direction, call->phone, call->to);
    return ingest_agency_contact(passage->agency, number);
}

/* On the timeline of its contact, and on no other. */
static bool put_activity(const struct passage *passage, const char *contact, int64_t start,
                         GError **error)
{
    struct ingest_agency *agency = passage->agency;
    const char *provider = store_provider(REPORT_SERIES_RICOCHET);
    const char *id = passage->call.id;
    bool is_other = g_strcmp0(passage->before.prospect_id, contact) != 0;
    if (passage->before.prospect_id != NULL && is_other &&
        !store_activity_drop(agency->db, agency->row.id, provider, id, error))
        return false;
    if (contact == NULL)
        return true;
    return store_activity_put(agency->db, agency->row.id, contact, provider, id, start, error) &&
           store_activity_move(agency->db, agency->row.id, provider, id, start, error);
}

/* When the call began, as far as anybody has told. */
static int64_t start_of(const struct passage *passage, bool *estimated)
{
    bool is_known = passage->before.id >= 0;
    *estimated = passage->call.start < 0 && (!is_known || passage->before.start_estimated);
    if (passage->call.start >= 0)
        return passage->call.start;
    return is_known ? passage->before.call_started_at : passage->event->received_at;
}

static const char *result_of(const struct ricochet_call *call)
{
    if (call->answered)
        return "Answered";
    return call->direction == REPORT_INBOUND ? "Missed" : "No Answer";
}

static bool put(struct passage *passage, struct ingest_event_result *result, GError **error)
{
    struct ingest_agency *agency = passage->agency;
    const struct ricochet_call *call = &passage->call;
    const char *agent = call->user_name != NULL ? call->user_name : call->user_email;
    const char *member =
        ingest_agency_person(agency, call->user_name, call->extension, call->user_email);
    const char *contact = contact_of(passage);
    bool is_ambiguous = contact != NULL && contact[0] == '\0';
    bool is_inbound = call->direction == REPORT_INBOUND;
    g_autofree char *payload = json_text(passage->merged);
    struct store_leg leg = {
        .provider = store_provider(REPORT_SERIES_RICOCHET),
        .external_call_id = call->id,
        .leg = passage->before.id >= 0 ? passage->before.leg : result->call_id,
        .direction = report_direction_name(call->direction),
        .call_type = call->call_type,
        .from_number = call->phone,
        .from_name = is_inbound ? NULL : agent,
        .to_number = call->to,
        .to_name = is_inbound ? agent : NULL,
        .duration_seconds = call->duration,
        .talk_seconds = call->answered ? call->duration : REPORT_UNKNOWN,
        .result = result_of(call),
        .agent = agent,
        .extension = call->extension,
        .agent_email = call->user_email,
        .matched_team_member_id = member,
        .matched_prospect_id = is_ambiguous ? NULL : contact,
        .prospect_ambiguous = is_ambiguous,
        .raw_payload = payload,
    };
    leg.call_started_at = start_of(passage, &leg.start_estimated);
    leg.call_date = day_zone_date(agency->zone, leg.call_started_at);
    result->has_member = member != NULL;
    result->has_contact = leg.matched_prospect_id != NULL;
    struct day_totals *totals;
    if (!ingest_agency_touch(agency, leg.call_date, REPORT_SERIES_RICOCHET, &totals, error) ||
        !store_event_put(agency->db, agency->leg_numbers, passage->before.id, &leg, error) ||
        !put_activity(passage, leg.matched_prospect_id, leg.call_started_at, error))
        return false;
    count(totals, call->id, member, agent, leg.result, leg.talk_seconds, call->direction, 1);
    return true;
}

/* What was told before and what is told now, understood together. False: *refused says why it
 * cannot be, or the database was in trouble. */
static bool understand(struct passage *passage, char **refused, GError **error)
{
    struct ingest_agency *agency = passage->agency;
    const struct ingest_event *event = passage->event;
    g_autoptr(GError) why = NULL;
    struct ricochet_call alone;
    bool is_good = ricochet_read(event->event, passage->map, agency->zone, &alone, &why);
    if (is_good &&
        !store_event_find(agency->db, agency->row.id, store_provider(REPORT_SERIES_RICOCHET),
                          alone.id, &passage->before, error)) {
        ricochet_call_clear(&alone);
        return false;
    }
    ricochet_call_clear(&alone);
    if (is_good) {
        const char *payload = passage->before.raw_payload;
        passage->known = payload != NULL ? json_parse(payload) : NULL;
        bool keeps_start = passage->before.id >= 0 && !passage->before.start_estimated;
        passage->merged = ricochet_merge(passage->known, event->event, passage->map, keeps_start);
        is_good = ricochet_read(passage->merged, passage->map, agency->zone, &passage->call, &why);
    }
    if (!is_good)
        *refused = g_strdup(why->message);
    return is_good;
}

static bool store(struct passage *passage, struct ingest_event_result *result, GError **error)
{
    struct ingest_agency *agency = passage->agency;
    const struct ingest_event *event = passage->event;
    g_autofree char *refused = NULL;
    if (!understand(passage, &refused, error)) {
        if (refused == NULL)
            return false;
        result->refused = g_steal_pointer(&refused);
        return store_voip_note(agency->db, event->integration_id, event->received_at,
                               result->refused, error);
    }
    name_call(passage, result->call_id);
    result->is_duplicate = passage->before.id >= 0;
    return take_away(passage, error) && put(passage, result, error) &&
           store_voip_note(agency->db, event->integration_id, event->received_at, NULL, error);
}

bool event_store(struct ingest_agency *agency, const struct ingest_event *event,
                 struct ingest_event_result *result, GError **error)
{
    struct passage passage = {.agency = agency, .event = event, .before = {.id = -1}};
    passage.map = event->field_map != NULL ? json_parse(event->field_map) : NULL;
    bool is_done = store(&passage, result, error);
    store_event_clear(&passage.before);
    ricochet_call_clear(&passage.call);
    json_free(passage.map);
    json_free(passage.known);
    json_free(passage.merged);
    return is_done;
}

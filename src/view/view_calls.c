/* Calls, contacts and names that are nobody's: see view.h. */
#include "view/view.h"

#include <string.h>

/* The columns of call_events, under their names. */
struct json *view_leg(const struct store_leg *leg)
{
    struct json *object = json_object_new();
    json_set_text(object, "agency_id", leg->agency_id);
    json_set_text(object, "provider", leg->provider);
    json_set_text(object, "external_call_id", leg->external_call_id);
    json_set_text(object, "leg", leg->leg);
    view_date(object, "call_date", leg->call_date);
    json_set_text(object, "direction", leg->direction);
    json_set_text(object, "call_type", leg->call_type);
    json_set_text(object, "from_number", leg->from_number);
    json_set_text(object, "from_name", leg->from_name);
    json_set_text(object, "to_number", leg->to_number);
    json_set_text(object, "to_name", leg->to_name);
    view_time(object, "call_started_at", leg->call_started_at);
    json_set_bool(object, "start_estimated", leg->start_estimated);
    json_set_count(object, "duration_seconds", leg->duration_seconds);
    json_set_count(object, "talk_seconds", leg->talk_seconds);
    json_set_text(object, "result", leg->result);
    json_set_text(object, "queue", leg->queue);
    json_set_text(object, "agent", leg->agent);
    json_set_text(object, "extension", leg->extension);
    json_set_text(object, "agent_email", leg->agent_email);
    json_set_text(object, "matched_team_member_id", leg->matched_team_member_id);
    json_set_text(object, "matched_prospect_id", leg->matched_prospect_id);
    json_set_bool(object, "prospect_ambiguous", leg->prospect_ambiguous);
    json_set_text(object, "source_log_id", leg->source_log_id);
    json_set_text(object, "source_file_id", leg->source_file_id);
    json_set_text(object, "source_sheet", leg->source_sheet);
    json_set_count(object, "source_row", leg->source_row);
    view_time(object, "source_received_at", leg->source_received_at);
    json_set_count(object, "covered_seconds", leg->covered_seconds);
    json_set(object, "raw_payload", leg->raw_payload != NULL ? json_parse(leg->raw_payload) : NULL);
    return object;
}

struct json *view_unmatched(const struct store_unmatched *unmatched)
{
    struct json *object = json_object_new();
    json_set_text(object, "name", unmatched->name);
    json_set_text(object, "extension", unmatched->extension);
    json_set_int(object, "legs", unmatched->legs);
    json_set_int(object, "days", unmatched->days);
    view_date(object, "first_date", unmatched->first_date);
    view_date(object, "last_date", unmatched->last_date);
    return object;
}

struct json *view_contact(const struct store_contact *contact)
{
    struct json *object = json_object_new();
    json_set_text(object, "id", contact->id);
    json_set_text(object, "name", contact->name);
    json_set_text(object, "kind", contact->kind);
    json_set_text(object, "email", contact->email);
    return object;
}

/* One object for each contact, whose numbers stand on lines that follow each other. */
struct json *view_contacts(const GArray *list)
{
    struct json *array = json_array_new();
    for (guint i = 0; i < list->len;) {
        const struct store_contact_phone *first =
            &g_array_index(list, struct store_contact_phone, i);
        struct json *object = view_contact(&first->contact);
        struct json *phones = json_array_new();
        for (; i < list->len; i++) {
            const struct store_contact_phone *one =
                &g_array_index(list, struct store_contact_phone, i);
            if (strcmp(one->contact.id, first->contact.id) != 0)
                break;
            if (one->phone == NULL)
                continue;
            struct json *phone = json_object_new();
            json_set_text(phone, "phone", one->phone);
            json_set_bool(phone, "is_shared", one->is_shared);
            json_append(phones, phone);
        }
        json_set(object, "phones", phones);
        json_append(array, object);
    }
    return array;
}

struct json *view_activities(const GArray *list)
{
    struct json *array = json_array_new();
    for (guint i = 0; i < list->len; i++) {
        const struct store_activity *one = &g_array_index(list, struct store_activity, i);
        struct json *object = json_object_new();
        view_time(object, "happened_at", one->happened_at);
        json_set_text(object, "provider", one->provider);
        json_set_text(object, "external_call_id", one->external_call_id);
        json_set_text(object, "direction", one->direction);
        json_set_text(object, "result", one->result);
        json_set_count(object, "duration_seconds", one->duration_seconds);
        json_set_count(object, "talk_seconds", one->talk_seconds);
        json_set_text(object, "member_name", one->member_name);
        json_append(array, object);
    }
    return array;
}

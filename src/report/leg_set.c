/*
 * Equal rows have the same session id, and nearly all sessions have one row or a few: so a table of
 * sessions, each with a chain of its legs, which are compared field by field. What is hard about it
 * is the file that somebody made so that the chain is long: from CHAIN legs on, those of that
 * session are known by a digest over all that they are. It is SHA-256, because a row must not
 * vanish by a collision that somebody made.
 */
#include "report/leg_set.h"

#include "base/hash.h"
#include "base/sha256.h"
#include "report/digest_set.h"

#include <stdint.h>
#include <string.h>

enum { PLACES = 64, CHAIN = 16 };

struct session {
    uint32_t hash;
    uint32_t first; /* index of its first leg, from 1; 0: the place is free */
    uint32_t last;
    uint32_t count;
};

struct leg_set {
    GArray *legs;
    GArray *next; /* by leg: the next one of its session, from 1; 0: it is the last */
    struct session *places;
    size_t capacity; /* a power of two */
    size_t count;
    struct digest_set *digests; /* of the legs of long chains; NULL: there are none */
    GByteArray *content;        /* of one leg, for its digest */
};

struct leg_set *leg_set_new(GArray *legs)
{
    struct leg_set *set = g_new0(struct leg_set, 1);
    set->legs = legs;
    set->next = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    set->places = g_new0(struct session, PLACES);
    set->capacity = PLACES;
    set->content = g_byte_array_new();
    return set;
}

void leg_set_free(struct leg_set *set)
{
    if (set == NULL)
        return;
    g_array_unref(set->next);
    g_free(set->places);
    if (set->digests != NULL)
        digest_set_free(set->digests);
    g_byte_array_unref(set->content);
    g_free(set);
}

static const struct report_leg *leg_at(const struct leg_set *set, uint32_t number)
{
    return &g_array_index(set->legs, struct report_leg, number - 1);
}

/* --- one leg against another --- */

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_same(const struct report_leg *a, const struct report_leg *b)
{
    return a->start == b->start && a->length == b->length && a->handle_time == b->handle_time &&
           a->sheet == b->sheet && same_text(a->to_name, b->to_name) &&
           same_text(a->result, b->result) && same_text(a->from_name, b->from_name) &&
           same_text(a->from_number, b->from_number) && same_text(a->to_number, b->to_number) &&
           same_text(a->queue, b->queue) && same_text(a->call_type, b->call_type) &&
           same_text(a->raw_payload, b->raw_payload);
}

static void digest(struct leg_set *set, const struct report_leg *leg,
                   unsigned char sum[SHA256_SIZE])
{
    const char *const texts[] = {leg->session_id, leg->from_name, leg->from_number,
                                 leg->to_name,    leg->to_number, leg->result,
                                 leg->queue,      leg->call_type, leg->raw_payload};
    const int64_t numbers[] = {leg->start, leg->length, leg->handle_time, leg->sheet};
    g_byte_array_set_size(set->content, 0);
    g_byte_array_append(set->content, (const guint8 *)numbers, sizeof numbers);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        /* With its NUL, so that no two rows of texts are one run of octets; NULL is no text. */
        const char *text = texts[i] != NULL ? texts[i] : "";
        g_byte_array_append(set->content, (const guint8 *)text, (guint)strlen(text) + 1);
    }
    sha256_octets(set->content->data, set->content->len, sum);
}

/* --- the table of sessions --- */

/* The place of the session, or the free one where it belongs. */
static struct session *find(const struct leg_set *set, uint32_t hash, const char *session_id)
{
    size_t mask = set->capacity - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct session *place = &set->places[i];
        if (place->first == 0 ||
            (place->hash == hash && strcmp(leg_at(set, place->first)->session_id, session_id) == 0))
            return place;
    }
}

static void grow(struct leg_set *set)
{
    struct session *before = set->places;
    size_t count = set->capacity;
    set->capacity *= 2;
    set->places = g_new0(struct session, set->capacity);
    size_t mask = set->capacity - 1;
    for (size_t i = 0; i < count; i++) {
        if (before[i].first == 0)
            continue;
        size_t at = before[i].hash & mask;
        while (set->places[at].first != 0)
            at = (at + 1) & mask;
        set->places[at] = before[i];
    }
    g_free(before);
}

/* --- a long chain --- */

/* Whether the leg is new to a session that has CHAIN legs or more. */
static bool add_digest(struct leg_set *set, const struct session *session,
                       const struct report_leg *leg)
{
    unsigned char sum[SHA256_SIZE];
    if (set->digests == NULL)
        set->digests = digest_set_new();
    if (session->count == CHAIN) {
        for (uint32_t at = session->first; at != 0;
             at = g_array_index(set->next, uint32_t, at - 1)) {
            digest(set, leg_at(set, at), sum);
            digest_set_add(set->digests, sum);
        }
    }
    digest(set, leg, sum);
    return digest_set_add(set->digests, sum);
}

static bool is_new(struct leg_set *set, const struct session *session, const struct report_leg *leg)
{
    if (session->count >= CHAIN)
        return add_digest(set, session, leg);
    for (uint32_t at = session->first; at != 0; at = g_array_index(set->next, uint32_t, at - 1))
        if (is_same(leg_at(set, at), leg))
            return false;
    return true;
}

bool leg_set_add(struct leg_set *set, const struct report_leg *leg)
{
    uint32_t hash = hash_text(leg->session_id);
    struct session *session = find(set, hash, leg->session_id);
    if (!is_new(set, session, leg))
        return false;
    const uint32_t none = 0;
    g_array_append_vals(set->legs, leg, 1);
    g_array_append_val(set->next, none);
    uint32_t number = set->legs->len;
    if (session->first == 0) {
        session->hash = hash;
        session->first = number;
        set->count++;
    } else {
        g_array_index(set->next, uint32_t, session->last - 1) = number;
        g_array_index(set->legs, struct report_leg, number - 1).session_id =
            leg_at(set, session->first)->session_id;
    }
    session->last = number;
    session->count++;
    if (set->count > set->capacity / 2)
        grow(set);
    return true;
}

/*
 * Calls that a dialer tells one by one: each is one leg in call_events, and may be told again with
 * more in it.
 */
#ifndef CALLMX_DB_STORE_EVENT_H
#define CALLMX_DB_STORE_EVENT_H

#include "db/store_calls.h"

/* What is stored of an event. */
struct store_event {
    int64_t id; /* of the row; -1: it is not there */
    char *leg;
    int32_t call_date;
    int64_t call_started_at;
    bool start_estimated;
    char *direction;
    char *result;
    char *agent;
    char *member_id;
    char *prospect_id;
    int64_t talk_seconds;
    char *raw_payload;
};

void store_event_clear(struct store_event *event);

bool store_event_find(struct db *db, const char *agency_id, const char *provider,
                      const char *external_call_id, struct store_event *event, GError **error);

/* Stores the leg, as row `id` if it is there already, with all that is told of it now. */
bool store_event_put(struct db *db, const struct store_numbers *numbers, int64_t id,
                     const struct store_leg *leg, GError **error);

#endif

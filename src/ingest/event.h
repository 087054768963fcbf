/* One call that a dialer told, for one agency: its leg into the table, its day touched. */
#ifndef CALLMX_INGEST_EVENT_H
#define CALLMX_INGEST_EVENT_H

#include "ingest/agency.h"
#include "ingest/ingest.h"

/* `result` was cleared before. What cannot be read is refused in it, and its reason noted at the
 * integration. */
bool event_store(struct ingest_agency *agency, const struct ingest_event *event,
                 struct ingest_event_result *result, GError **error);

#endif

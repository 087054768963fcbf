/*
 * A workbook that is known, read again: what it told before is taken back where it does not tell it
 * any more. For replay alone.
 *
 *     reread_new()       its coverage and Users rows are taken back, its legs are noted
 *     reread_drop()      legs that it does not tell any more are dropped, before the others are
 * stored reread_settle()    calls of which legs have gone are put on the day of the first that is
 * left
 */
#ifndef CALLMX_INGEST_REREAD_H
#define CALLMX_INGEST_REREAD_H

#include "ingest/agency.h"

struct reread;

/* NULL on error. The days are counted again when the transaction ends. */
struct reread *reread_new(struct ingest_agency *agency, const char *file_id, GError **error);
void reread_free(struct reread *reread);

/* `keyed` (of struct keyed_leg) is what it tells now, of calls of this provider; NULL: none. Before
 * they are stored: the day of a session is that of its first leg, which must not be one of these.
 */
bool reread_drop(struct reread *reread, const char *provider, const GArray *keyed, GError **error);
bool reread_settle(struct reread *reread, GError **error);

#endif

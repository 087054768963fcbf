/*
 * BDAT, RFC 3030: a message in chunks of so many octets. Private to the session, as smtp_state.h
 * is.
 */
#ifndef CALLMX_PROTO_SMTP_BDAT_H
#define CALLMX_PROTO_SMTP_BDAT_H

#include "proto/smtp_command.h"
#include "proto/smtp_state.h"

/* Part of the message came by BDAT: the envelope is complete, and DATA is out of the question. */
bool smtp_bdat_is_used(const struct smtp_session *session);

/* The command. Unless it closes, STATE_CHUNK is what follows, or the end of an empty chunk. */
void smtp_bdat_command(struct smtp_session *session, const struct smtp_command *command);

/* In STATE_CHUNK: takes octets of the chunk and says how many. */
size_t smtp_bdat_feed(struct smtp_session *session, const char *bytes, size_t size);

#endif

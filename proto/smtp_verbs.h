/* The verb table of the session: which command may come when. Private, as smtp_state.h is. */
#ifndef CALLMX_PROTO_SMTP_VERBS_H
#define CALLMX_PROTO_SMTP_VERBS_H

#include <stddef.h>

struct smtp_session;

/* Does what one command line, without its CRLF, asks for. */
void smtp_verbs_handle(struct smtp_session *session, const char *text, size_t length);

#endif

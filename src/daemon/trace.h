/*
 * The trace fields that go before a message that is kept (RFC 5321, 4.4): Return-Path, and our
 * Received with the protocol of RFC 3848. There is no `for`: it would repeat a key.
 */
#ifndef CALLMX_DAEMON_TRACE_H
#define CALLMX_DAEMON_TRACE_H

#include "proto/smtp_session.h"

#include <stdint.h>

/* Both fields, with CRLF; g_free it. What the client said is made harmless: anything but letters,
 * digits and `.-:[]_` in its name makes it "unknown". `now` is utc. */
char *trace_fields(const struct smtp_envelope *envelope, const char *id, const char *peer,
                   const char *hostname, int64_t now);

#endif

/*
 * The trace fields that go before a message that is kept (RFC 5321, 4.4): Return-Path, and our
 * Received with the protocol of RFC 3848 and RFC 6531 (4.3) and, as a comment, the
 * version and cipher of TLS. There is no `for`: it would repeat a key.
 */
#ifndef CALLMX_DAEMON_TRACE_H
#define CALLMX_DAEMON_TRACE_H

#include "proto/smtp_session.h"

#include <stdint.h>

/* The hop that the field is about. */
struct trace_hop {
    const char *peer;        /* its address as text */
    const char *hostname;    /* ours */
    const char *tls_version; /* "TLSv1.3"; NULL without TLS, as the next */
    const char *tls_cipher;
};

/* Both fields, with CRLF; g_free it. What the client said is made harmless: anything but letters,
 * digits and `.-:[]_` in its name makes it "unknown". `now` is utc. */
char *trace_fields(const struct smtp_envelope *envelope, const char *id,
                   const struct trace_hop *hop, int64_t now);

#endif

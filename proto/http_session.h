/*
 * One connection that speaks HTTP/1.1, the server's side: bytes in, actions out, as in
 * smtp_session.h. It performs no I/O, reads no clock, writes no log, and calls nobody back.
 *
 *     for (;;) {
 *         while ((kind = http_session_next(s, &action)) != HTTP_ACTION_NONE)
 *             do what it says; some kinds wait: nothing comes after them until they are answered
 *         feed it what the peer sent next
 *     }
 *
 * Standing property: any split of the input gives the same actions (pieces of a body joined).
 * Requests are answered one after the other, in their order; the next one is not read before.
 *
 * What is wrong with the wire (http_request.h, http_body.h) the session answers itself, with a JSON
 * body {"error": "…"}, and closes: what comes behind it cannot be trusted. So is a request with a
 * Content-Encoding (415), and a POST or PUT that does not say how long it is (411).
 */
#ifndef CALLMX_PROTO_HTTP_SESSION_H
#define CALLMX_PROTO_HTTP_SESSION_H

#include "proto/http_reply.h"
#include "proto/http_request.h"

struct http_session;

/* Borrowed by every session made with it; it must outlive them. */
struct http_session_config {
    const char *date;      /* for Date: in every reply; its owner may change the text. NULL: none */
    unsigned max_requests; /* on one connection; the last reply closes it */
};

enum http_action_kind {
    HTTP_ACTION_NONE,    /* feed more; or, after CLOSE, nothing ever again */
    HTTP_ACTION_REQUEST, /* WAITS. the head is there: http_session_request(). Accept it, or reply */
    HTTP_ACTION_BODY,    /* octets[0 .. length) of the body of an accepted request */
    HTTP_ACTION_END,     /* WAITS. the body was all: reply */
    HTTP_ACTION_DROP,    /* forget the accepted request: the session refuses it itself */
    HTTP_ACTION_SEND,    /* send octets[0 .. length) */
    HTTP_ACTION_CLOSE,   /* send what is there, then close */
};

struct http_action {
    enum http_action_kind kind;
    const char *octets; /* SEND: borrowed until the next call; BODY: part of what was fed */
    size_t length;
    unsigned status; /* SEND of a reply: its code, for the log; 0: an interim one */
    const char *why; /* SEND of a refusal by the session itself: a constant; else NULL */
};

struct http_session *http_session_new(const struct http_session_config *config);
void http_session_free(struct http_session *session);

/* As smtp_session_feed(). */
size_t http_session_feed(struct http_session *session, const char *bytes, size_t size);
enum http_action_kind http_session_next(struct http_session *session, struct http_action *action);

/* Whether REQUEST or END was fetched and waits. */
bool http_session_is_waiting(const struct http_session *session);

/* The request under way: from REQUEST to the reply. Borrowed. */
const struct http_request *http_session_request(const struct http_session *session);

/* REQUEST: takes its body, of at most so many octets; END follows in any case. 413 if it is longer.
 */
void http_session_accept(struct http_session *session, uint64_t max_body);

/* The answer to the request, at any time from REQUEST on; everything is copied. A request whose
 * body was not read to its end is the last of its connection. */
void http_session_reply(struct http_session *session, const struct http_reply *reply);

/* Ends the session from outside. A request under way that does not wait for its answer gets this
 * status and {"error": why}; one that waits is answered first; between requests nothing is said. */
void http_session_stop(struct http_session *session, unsigned status, const char *why);

enum http_phase {
    HTTP_PHASE_IDLE, /* between requests */
    HTTP_PHASE_HEAD, /* a head is on its way */
    HTTP_PHASE_BODY,
    HTTP_PHASE_ANSWER, /* it waits for its answer */
    HTTP_PHASE_CLOSED,
};

enum http_phase http_session_phase(const struct http_session *session);

#endif

/*
 * See http_session.h. Nothing is read while an action waits to be fetched or answered, so that the
 * queue is short and a slow answer holds the peer back instead of filling memory.
 */
#include "proto/http_session.h"

#include "proto/ascii.h"
#include "proto/http_body.h"
#include "proto/memory.h"

#include <stdlib.h>
#include <string.h>

enum { QUEUE = 4 /* actions that one octet or answer can bring */ };

enum state {
    STATE_HEAD,
    STATE_ASKED, /* REQUEST is queued or waits */
    STATE_BODY,
    STATE_ENDED, /* END is queued or waits */
    STATE_CLOSED,
};

struct http_session {
    const struct http_session_config *config; /* borrowed */
    enum state state;
    struct http_head head;
    struct http_body body;
    bool has_body; /* it is initialised */
    struct http_action queue[QUEUE];
    size_t queued;
    char *octets; /* owned: of the SEND in the queue, or of the one fetched last */
    bool octets_fetched;
    bool is_waiting;
    bool stops; /* after the reply under way */
    unsigned requests;
};

struct http_session *http_session_new(const struct http_session_config *config)
{
    struct http_session *session = memory_new(sizeof *session);
    session->config = config;
    http_head_init(&session->head);
    return session;
}

static void forget_request(struct http_session *session)
{
    http_head_clear(&session->head);
    if (session->has_body)
        http_body_clear(&session->body);
    session->has_body = false;
}

void http_session_free(struct http_session *session)
{
    if (session == NULL)
        return;
    forget_request(session);
    free(session->octets);
    free(session);
}

const struct http_request *http_session_request(const struct http_session *session)
{
    return &session->head.request;
}

bool http_session_is_waiting(const struct http_session *session)
{
    return session->is_waiting;
}

enum http_phase http_session_phase(const struct http_session *session)
{
    switch (session->state) {
    case STATE_HEAD:
        return http_head_has_begun(&session->head) ? HTTP_PHASE_HEAD : HTTP_PHASE_IDLE;
    case STATE_ASKED:
    case STATE_ENDED:
        return HTTP_PHASE_ANSWER;
    case STATE_BODY:
        return HTTP_PHASE_BODY;
    case STATE_CLOSED:
        break;
    }
    return HTTP_PHASE_CLOSED;
}

/* --- the queue --- */

static struct http_action *push(struct http_session *session, enum http_action_kind kind)
{
    struct http_action *action = &session->queue[session->queued++];
    *action = (struct http_action){.kind = kind};
    return action;
}

static void release_octets(struct http_session *session)
{
    if (session->octets_fetched) {
        free(session->octets);
        session->octets = NULL;
        session->octets_fetched = false;
    }
}

enum http_action_kind http_session_next(struct http_session *session, struct http_action *action)
{
    release_octets(session);
    *action = (struct http_action){.kind = HTTP_ACTION_NONE};
    if (session->queued == 0)
        return HTTP_ACTION_NONE;
    *action = session->queue[0];
    session->queued--;
    memmove(session->queue, session->queue + 1, session->queued * sizeof *session->queue);
    session->octets_fetched = action->kind == HTTP_ACTION_SEND && action->octets == session->octets;
    session->is_waiting = action->kind == HTTP_ACTION_REQUEST || action->kind == HTTP_ACTION_END;
    return action->kind;
}

/* --- replies --- */

static void send_reply(struct http_session *session, const struct http_reply *reply, bool closes,
                       const char *why)
{
    const struct http_request *request = &session->head.request;
    struct http_reply_manner manner = {
        .date = session->config->date,
        .is_head = request->method != NULL && strcmp(request->method, "HEAD") == 0,
        .closes = closes,
    };
    size_t length;
    release_octets(session);
    free(session->octets);
    session->octets = http_reply_octets(reply, &manner, &length);
    struct http_action *action = push(session, HTTP_ACTION_SEND);
    action->octets = session->octets;
    action->length = length;
    action->status = reply->status;
    action->why = why;
    forget_request(session);
    session->is_waiting = false;
    session->state = closes ? STATE_CLOSED : STATE_HEAD;
    if (closes)
        push(session, HTTP_ACTION_CLOSE);
}

/* The wire is wrong, or too slow, or too much: the end. */
static void refuse(struct http_session *session, unsigned status, const char *why)
{
    char *body = http_reply_error_body(why);
    struct http_reply reply = {
        .status = status, .content_type = HTTP_JSON, .body = body, .length = strlen(body)};
    if (session->state == STATE_BODY)
        push(session, HTTP_ACTION_DROP);
    send_reply(session, &reply, true, why);
    free(body);
}

void http_session_reply(struct http_session *session, const struct http_reply *reply)
{
    if (session->state == STATE_CLOSED || session->state == STATE_HEAD)
        return;
    const struct http_request *request = &session->head.request;
    bool is_read =
        session->state == STATE_ENDED ||
        (session->state == STATE_ASKED && !request->is_chunked && request->content_length == 0);
    session->requests++;
    session->queued = 0; /* what is left of the body is of no use to anybody */
    bool closes = !is_read || request->wants_close || session->stops ||
                  session->requests >= session->config->max_requests;
    send_reply(session, reply, closes, NULL);
}

void http_session_stop(struct http_session *session, unsigned status, const char *why)
{
    switch (http_session_phase(session)) {
    case HTTP_PHASE_IDLE:
        session->state = STATE_CLOSED;
        push(session, HTTP_ACTION_CLOSE);
        break;
    case HTTP_PHASE_HEAD:
    case HTTP_PHASE_BODY:
        refuse(session, status, why);
        break;
    case HTTP_PHASE_ANSWER:
        session->stops = true;
        break;
    case HTTP_PHASE_CLOSED:
        break;
    }
}

/* --- what is asked --- */

static void end_of_body(struct http_session *session)
{
    session->state = STATE_ENDED;
    push(session, HTTP_ACTION_END);
}

void http_session_accept(struct http_session *session, uint64_t max_body)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (session->state != STATE_ASKED || !session->is_waiting)
        return;
    const struct http_request *request = &session->head.request;
    session->is_waiting = false;
    session->state = STATE_BODY;
    if (request->content_length > max_body) {
        refuse(session, 413, "the body is too large");
        return;
    }
    http_body_init(&session->body, request, max_body);
    session->has_body = true;
    if (session->body.state == HTTP_BODY_OVER) {
        end_of_body(session);
    } else if (request->wants_to_know) {
        struct http_action *action = push(session, HTTP_ACTION_SEND);
        action->octets = go_on;
        action->length = sizeof go_on - 1;
    }
}

/* What may not be, whoever is asked. */
static bool is_sound(struct http_session *session)
{
    const struct http_request *request = &session->head.request;
    const char *encoding = http_request_field(request, "content-encoding");
    bool wants_body = strcmp(request->method, "POST") == 0 || strcmp(request->method, "PUT") == 0;
    if (encoding != NULL && !ascii_is_word(encoding, strlen(encoding), "identity")) {
        refuse(session, 415, "a body with a Content-Encoding is not taken");
        return false;
    }
    if (wants_body && !request->has_length && !request->is_chunked) {
        refuse(session, 411, "the Content-Length is missing");
        return false;
    }
    return true;
}

static size_t feed_head(struct http_session *session, const char *bytes, size_t size)
{
    size_t taken;
    switch (http_head_feed(&session->head, bytes, size, &taken)) {
    case HTTP_HEAD_MORE:
        break;
    case HTTP_HEAD_READY:
        if (is_sound(session)) {
            session->state = STATE_ASKED;
            push(session, HTTP_ACTION_REQUEST);
        }
        break;
    case HTTP_HEAD_BAD:
        refuse(session, session->head.fault.status, session->head.fault.why);
        break;
    }
    return taken;
}

static size_t feed_body(struct http_session *session, const char *bytes, size_t size)
{
    size_t taken, length = 0;
    const char *piece = NULL;
    switch (http_body_feed(&session->body, bytes, size, &taken, &piece, &length)) {
    case HTTP_BODY_MORE:
        break;
    case HTTP_BODY_BYTES: {
        struct http_action *action = push(session, HTTP_ACTION_BODY);
        action->octets = piece;
        action->length = length;
        if (session->body.state == HTTP_BODY_OVER)
            end_of_body(session);
        break;
    }
    case HTTP_BODY_END:
        end_of_body(session);
        break;
    case HTTP_BODY_BAD:
        refuse(session, session->body.fault.status, session->body.fault.why);
        break;
    }
    return taken;
}

size_t http_session_feed(struct http_session *session, const char *bytes, size_t size)
{
    if (session->queued > 0 || size == 0)
        return 0;
    switch (session->state) {
    case STATE_HEAD:
        return feed_head(session, bytes, size);
    case STATE_BODY:
        return feed_body(session, bytes, size);
    case STATE_ASKED:
    case STATE_ENDED:
        break;
    case STATE_CLOSED:
        return size;
    }
    return 0;
}

/*
 * HTTP sessions: what is asked, and what comes out. Each case is played whole, octet by octet, and
 * cut in two at every octet; the actions may not depend on it.
 *
 * The player takes bodies of at most 16 octets, answers every request with 200 and "ok", and writes
 * down: a request as `METHOD path?query`, a body as `<octets>`, replies as their status (those that
 * the session gives itself with their reason), `close`.
 */
#include <glib.h>

#include <string.h>

#include "base/limits.h"
#include "proto/http_session.h"

#define H "Host: a\r\n"

enum { MOST_BODY = 16 };

static const struct http_session_config config = {.max_requests = 5};

static void act(struct http_session *session, GString *trace, bool *in_body)
{
    struct http_action action;
    while (http_session_next(session, &action) != HTTP_ACTION_NONE) {
        if (*in_body && action.kind != HTTP_ACTION_BODY) {
            g_string_append(trace, "> ");
            *in_body = false;
        }
        const struct http_request *request = http_session_request(session);
        switch (action.kind) {
        case HTTP_ACTION_REQUEST:
            g_string_append_printf(trace, "%s %s%s%s ", request->method, request->path,
                                   request->query != NULL ? "?" : "",
                                   request->query != NULL ? request->query : "");
            http_session_accept(session, MOST_BODY);
            break;
        case HTTP_ACTION_BODY:
            g_string_append(trace, *in_body ? "" : "<");
            g_string_append_len(trace, action.octets, (gssize)action.length);
            *in_body = true;
            break;
        case HTTP_ACTION_END: {
            struct http_reply reply = {
                .status = 200, .content_type = "text/plain", .body = "ok", .length = 2};
            http_session_reply(session, &reply);
            break;
        }
        case HTTP_ACTION_DROP:
            g_string_append(trace, "drop ");
            break;
        case HTTP_ACTION_SEND:
            if (action.status == 0)
                g_string_append(trace, "100 ");
            else if (action.why != NULL)
                g_string_append_printf(trace, "%u: %s; ", action.status, action.why);
            else
                g_string_append_printf(trace, "%u ", action.status);
            break;
        case HTTP_ACTION_CLOSE:
            g_string_append(trace, "close");
            break;
        case HTTP_ACTION_NONE:
            break;
        }
    }
}

/* The input in pieces: the first of `first` octets, the others of `piece`. */
static char *play(const char *bytes, size_t size, size_t first, size_t piece)
{
    struct http_session *session = http_session_new(&config);
    GString *trace = g_string_new(NULL);
    bool in_body = false;
    size_t end = MIN(first, size);
    for (size_t at = 0; at < size; end = MIN(at < end ? end : at + piece, size)) {
        /* A copy of its own, so that a read behind its end is seen. */
        g_autofree char *copy = g_memdup2(bytes + at, end - at);
        at += http_session_feed(session, copy, end - at);
        act(session, trace, &in_body);
    }
    http_session_free(session);
    g_strchomp(trace->str);
    return g_string_free(trace, FALSE);
}

struct http_case {
    const char *input;
    const char *expected;
    size_t size; /* where there is a NUL in it; 0: to the first */
};

#define WITH_NUL(input, expected)                                                                  \
    {                                                                                              \
        input, expected, sizeof(input) - 1                                                         \
    }

static const struct http_case good[] = {
    {"GET / HTTP/1.1\r\n" H "\r\n", "GET / 200", 0},
    {"GET /a/b?c=d%20e&f HTTP/1.1\r\nhost:a:80\r\n\r\n", "GET /a/b?c=d%20e&f 200", 0},
    {"GET /? HTTP/1.1\r\n" H "\r\n", "GET /? 200", 0},
    {"HEAD / HTTP/1.1\r\nHOST:\t a \t\r\n\r\n", "HEAD / 200", 0},
    {"\r\nGET / HTTP/1.1\r\n" H "\r\n", "GET / 200", 0},
    {"GET http://a.example/b?c HTTP/1.1\r\n" H "\r\n", "GET /b?c 200", 0},
    {"FROB_1 / HTTP/1.1\r\n" H "\r\n", "FROB_1 / 200", 0},
    /* 1.0 is answered and closed; it needs no Host */
    {"GET / HTTP/1.0\r\n\r\n", "GET / 200 close", 0},
    {"GET / HTTP/1.0\r\n\r\nGET /", "GET / 200 close", 0},
    {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET / 200 close", 0},
    {"POST / HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nab",
     "POST / <ab> 200 close", 0},
    /* several in one go, and their end */
    {"GET /1 HTTP/1.1\r\n" H "\r\nGET /2 HTTP/1.1\r\n" H "Connection: close\r\n\r\nGET /3",
     "GET /1 200 GET /2 200 close", 0},
    {"GET / HTTP/1.1\r\n" H "Connection: keep-alive\r\nConnection: x, CLOSE\r\n\r\n",
     "GET / 200 close", 0},
    {"GET / HTTP/1.1\r\n" H "Connection: disclose\r\n\r\n", "GET / 200", 0},
    {"GET /1 HTTP/1.1\r\n" H "\r\nGET /2 HTTP/1.1\r\n" H "\r\nGET /3 HTTP/1.1\r\n" H
     "\r\nGET /4 HTTP/1.1\r\n" H "\r\nGET /5 HTTP/1.1\r\n" H "\r\nGET /6 HTTP/1.1\r\n" H "\r\n",
     "GET /1 200 GET /2 200 GET /3 200 GET /4 200 GET /5 200 close", 0},
    /* bodies */
    {"POST / HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n" H "\r\n",
     "POST / <abc> 200 GET / 200", 0},
    {"POST / HTTP/1.1\r\n" H "Content-Length:\t 03 \t\r\n\r\nabc", "POST / <abc> 200", 0},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", "POST / 200", 0},
    {"PUT / HTTP/1.1\r\n" H "Content-Length: 16\r\n\r\n0123456789abcdef",
     "PUT / <0123456789abcdef> 200", 0},
    WITH_NUL("POST / HTTP/1.1\r\n" H "Content-Length: 4\r\n\r\na\0\r\n", "POST / <a"),
    {"DELETE / HTTP/1.1\r\n" H "\r\n", "DELETE / 200", 0},
    {"GET / HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\nx", "GET / <x> 200", 0},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Encoding: Identity\r\n\r\nx",
     "POST / <x> 200", 0},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 2\r\nExpect: 100-Continue\r\n\r\nab",
     "POST / 100 <ab> 200", 0},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 0\r\nExpect: 100-continue\r\n\r\n", "POST / 200", 0},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 17\r\nExpect: 100-continue\r\n\r\n",
     "POST / drop 413: the body is too large; close", 0},
    /* chunks */
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n00A\r\n0123456789\r\n"
     "0\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n",
     "POST / <ab0123456789> 200 GET / 200", 0},
    {"POST / HTTP/1.1\r\n" H "transfer-encoding: Chunked\r\n\r\n0\r\n\r\n", "POST / 200", 0},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n1 ;a=\"b\"\r\nx\r\n0;c\r\n\r\n",
     "POST / <x> 200", 0},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA: b\r\n\r\n",
     "POST / <x> 200", 0},
};

static const struct http_case bad[] = {
    /* the request line */
    {"\r\n\r\n", "400: there are empty lines before the request; close", 0},
    {"GET / HTTP/1.1\nHost: a\n\n", "400: there is a bare LF; close", 0},
    {"GET / HTTP/1.1\rHost: a\r\r", "400: there is a bare CR; close", 0},
    {"GET / HTTP/1.1\r\r\n", "400: there is a bare CR; close", 0},
    WITH_NUL("GET /\0 HTTP/1.1\r\n", "400: there is a NUL; close"),
    {"GET / HTTP/2.0\r\n", "505: only HTTP/1.1 and HTTP/1.0 are spoken here; close", 0},
    {"GET / HTTP/1.2\r\n", "505: only HTTP/1.1 and HTTP/1.0 are spoken here; close", 0},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505: only HTTP/1.1 and HTTP/1.0 are spoken here; close",
     0},
    {"GET / http/1.1\r\n", "400: the request line does not end with HTTP/1.1; close", 0},
    {"GET / HTTP/1.1 \r\n", "400: the request line does not end with HTTP/1.1; close", 0},
    {"GET / HTTP/11\r\n", "400: the request line does not end with HTTP/1.1; close", 0},
    {"GET  / HTTP/1.1\r\n", "400: the request line does not end with HTTP/1.1; close", 0},
    {"GET /\r\n", "400: the request line is not `METHOD TARGET HTTP/1.1`; close", 0},
    {"EHLO mx.example.com\r\n", "400: the request line is not `METHOD TARGET HTTP/1.1`; close", 0},
    {"G\tT / HTTP/1.1\r\n", "400: the method is no word; close", 0},
    {" / HTTP/1.1\r\n", "400: the method is no word; close", 0},
    {"GET * HTTP/1.1\r\n", "400: the target of the request is not the path of a URI; close", 0},
    {"GET a HTTP/1.1\r\n", "400: the target of the request is not the path of a URI; close", 0},
    {"CONNECT a:25 HTTP/1.1\r\n", "400: the target of the request is not the path of a URI; close",
     0},
    {"GET /a#b HTTP/1.1\r\n", "400: the target of the request is not the path of a URI; close", 0},
    {"GET /%g1 HTTP/1.1\r\n", "400: the target of the request is not the path of a URI; close", 0},
    {"GET /%1 HTTP/1.1\r\n", "400: the target of the request is not the path of a URI; close", 0},
    {"GET /%00 HTTP/1.1\r\n", "400: the target of the request is not the path of a URI; close", 0},
    {"GET /\xc3\xa4 HTTP/1.1\r\n", "400: the target of the request is not the path of a URI; close",
     0},
    {"GET http://a HTTP/1.1\r\n", "400: the target of the request is not the path of a URI; close",
     0},
    {"\x16\x03\x01\x02", "", 0}, /* a TLS handshake: it waits for a line that never comes … */
    WITH_NUL("\x16\x03\x01\x02\0", "400: there is a NUL; close"),
    /* fields */
    {"GET / HTTP/1.1\r\n\r\n", "400: the Host is missing; close", 0},
    {"GET / HTTP/1.1\r\n" H H "\r\n", "400: there is more than one Host; close", 0},
    {"GET / HTTP/1.0\r\n" H "host: a\r\n\r\n", "400: there is more than one Host; close", 0},
    {"GET / HTTP/1.1\r\nHost:\r\n\r\n", "400: the Host is no host; close", 0},
    {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400: the Host is no host; close", 0},
    {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400: the Host is no host; close", 0},
    {"GET / HTTP/1.1\r\nHost: :80\r\n\r\n", "400: the Host is no host; close", 0},
    {"GET / HTTP/1.1\r\n" H "A : b\r\n\r\n", "400: the name of a field is no word; close", 0},
    {"GET / HTTP/1.1\r\n" H ": b\r\n\r\n", "400: the name of a field is no word; close", 0},
    {"GET / HTTP/1.1\r\n" H "A B: c\r\n\r\n", "400: the name of a field is no word; close", 0},
    {"GET / HTTP/1.1\r\n" H "A\r\n", "400: a line of the head is no field: it has no colon; close",
     0},
    {"GET / HTTP/1.1\r\n" H " b\r\n", "400: a field continues on a second line; close", 0},
    {"GET / HTTP/1.1\r\n" H "A: b\r\n\tc\r\n", "400: a field continues on a second line; close", 0},
    {"GET / HTTP/1.1\r\n A: b\r\n", "400: a field continues on a second line; close", 0},
    {"GET / HTTP/1.1\r\n" H "A: b\x01\r\n",
     "400: the value of a field has control characters in it; close", 0},
    {"GET / HTTP/1.1\r\n" H "A: b\x7f\r\n",
     "400: the value of a field has control characters in it; close", 0},
    WITH_NUL("GET / HTTP/1.1\r\n" H "A: b\0c\r\n", "400: there is a NUL; close"),
    {"GET / HTTP/1.1\r\n" H "A: b\nB: c\r\n", "400: there is a bare LF; close", 0},
    {"GET / HTTP/1.1\r\n" H "A: b\rB: c\r\n", "400: there is a bare CR; close", 0},
    /* lengths */
    {"POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
     "400: there is more than one Content-Length; close", 0},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 1, 1\r\n\r\n",
     "400: the Content-Length is no number; close", 0},
    {"POST / HTTP/1.1\r\n" H "Content-Length: +3\r\n\r\n",
     "400: the Content-Length is no number; close", 0},
    {"POST / HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\n",
     "400: the Content-Length is no number; close", 0},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 0x3\r\n\r\n",
     "400: the Content-Length is no number; close", 0},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 1 2\r\n\r\n",
     "400: the Content-Length is no number; close", 0},
    {"POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n",
     "400: the Content-Length is no number; close", 0},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 18446744073709551617\r\n\r\n",
     "413: the Content-Length is beyond any limit; close", 0},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 17\r\n\r\n",
     "POST / drop 413: the body is too large; close", 0},
    {"POST / HTTP/1.1\r\n" H "\r\n", "411: the Content-Length is missing; close", 0},
    {"PUT / HTTP/1.1\r\n" H "\r\n", "411: the Content-Length is missing; close", 0},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
     "400: there are both a Content-Length and a Transfer-Encoding; close", 0},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
     "400: there is more than one Transfer-Encoding; close", 0},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n",
     "501: the only Transfer-Encoding here is chunked; close", 0},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked, identity\r\n\r\n",
     "501: the only Transfer-Encoding here is chunked; close", 0},
    {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n",
     "501: the only Transfer-Encoding here is chunked; close", 0},
    {"POST / HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n",
     "400: HTTP/1.0 has no Transfer-Encoding; close", 0},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Encoding: gzip\r\n\r\n",
     "415: a body with a Content-Encoding is not taken; close", 0},
    {"POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nExpect: a miracle\r\n\r\n",
     "417: the only Expect here is 100-continue; close", 0},
};

/* What follows `Transfer-Encoding: chunked`. */
static const struct http_case bad_chunks[] = {
    {"0x3\r\nabc\r\n0\r\n\r\n", "400: the size of a chunk is no hexadecimal number; close", 0},
    {"+3\r\nabc\r\n0\r\n\r\n", "400: the size of a chunk is no hexadecimal number; close", 0},
    {"-3\r\nabc\r\n0\r\n\r\n", "400: the size of a chunk is no hexadecimal number; close", 0},
    {" 3\r\nabc\r\n0\r\n\r\n", "400: the size of a chunk is no hexadecimal number; close", 0},
    {"3 zzz\r\nabc\r\n0\r\n\r\n", "400: the size of a chunk is no hexadecimal number; close", 0},
    {"3 \r\nabc\r\n0\r\n\r\n", "400: there is a blank behind the size of a chunk; close", 0},
    {"\r\nabc\r\n0\r\n\r\n", "400: the size of a chunk is missing; close", 0},
    {";a\r\nabc", "400: the size of a chunk is no hexadecimal number; close", 0},
    {"3\nabc\r\n0\r\n\r\n", "400: a line of a chunk does not end with CRLF; close", 0},
    {"3;a\nabc", "400: a line of a chunk does not end with CRLF; close", 0},
    {"3;a\rabc", "400: a line of a chunk does not end with CRLF; close", 0},
    {"3;\x01\r\nabc", "400: there are control characters behind the size of a chunk; close", 0},
    {"10000000000000001\r\n", "413: the size of a chunk is beyond any limit; close", 0},
    {"11\r\n", "413: the body is too large; close", 0},
};

static void play_all(const struct http_case *one, size_t size, const char *input)
{
    g_autofree char *whole = play(input, size, size, size);
    g_assert_cmpstr(whole, ==, one->expected);
    g_autofree char *octets = play(input, size, 1, 1);
    g_assert_cmpstr(octets, ==, one->expected);
    for (size_t cut = 1; cut < size; cut++) {
        g_autofree char *halves = play(input, size, cut, size);
        g_assert_cmpstr(halves, ==, one->expected);
    }
}

static void play_table(const struct http_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        play_all(&cases[i], cases[i].size > 0 ? cases[i].size : strlen(cases[i].input),
                 cases[i].input);
}

static void test_good(void)
{
    play_table(good, G_N_ELEMENTS(good));
}

static void test_bad(void)
{
    play_table(bad, G_N_ELEMENTS(bad));
}

static void test_bad_chunks(void)
{
    static const char head[] = "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n";
    for (size_t i = 0; i < G_N_ELEMENTS(bad_chunks); i++) {
        g_autofree char *input = g_strconcat(head, bad_chunks[i].input, NULL);
        g_autofree char *expected = g_strconcat("POST / drop ", bad_chunks[i].expected, NULL);
        struct http_case one = {.expected = expected};
        play_all(&one, strlen(input), input);
    }
    struct http_case longer = {
        .expected = "POST / <ab> drop 400: a chunk is longer than its size says; close"};
    g_autofree char *input = g_strconcat(head, "2\r\nabc\r\n0\r\n\r\n", NULL);
    play_all(&longer, strlen(input), input);
    struct http_case sum = {.expected =
                                "POST / <0123456789> drop 413: the body is too large; close"};
    g_autofree char *sums = g_strconcat(head, "A\r\n0123456789\r\n7\r\n", NULL);
    play_all(&sum, strlen(sums), sums);
    struct http_case trailer = {.expected =
                                    "POST / <a> drop 400: the name of a field is no word; close"};
    g_autofree char *trailers = g_strconcat(head, "1\r\na\r\n0\r\nA : b\r\n\r\n", NULL);
    play_all(&trailer, strlen(trailers), trailers);
    g_autofree char *extension = g_strnfill(LIMIT_HTTP_CHUNK_LINE, 'x');
    struct http_case endless = {.expected =
                                    "POST / drop 400: the line before a chunk is too long; close"};
    g_autofree char *extensions = g_strconcat(head, "1;", extension, NULL);
    play_all(&endless, strlen(extensions), extensions);
}

/* Ceilings: one below is good, one above is refused at once, with no end of line in sight. */
static void test_limits(void)
{
    static const char frame[] = "GET / HTTP/1.1\r\n";
    g_autofree char *path = g_strnfill(LIMIT_HTTP_REQUEST_LINE - (sizeof frame - 1), 'a');
    g_autofree char *fits = g_strconcat("GET /", path, " HTTP/1.1\r\n" H "\r\n", NULL);
    g_autofree char *taken = play(fits, strlen(fits), strlen(fits), 1);
    g_assert_true(g_str_has_suffix(taken, "a 200"));
    g_autofree char *line = g_strnfill(LIMIT_HTTP_REQUEST_LINE + 1, 'a');
    g_autofree char *too_long = play(line, strlen(line), strlen(line), 1);
    g_assert_cmpstr(too_long, ==, "414: the request line is too long; close");

    g_autofree char *value = g_strnfill(LIMIT_HTTP_HEAD, 'a');
    g_autofree char *head = g_strconcat(frame, "A: ", value, NULL);
    g_autofree char *head_trace = play(head, strlen(head), strlen(head), 1);
    g_assert_cmpstr(head_trace, ==, "431: the head of the request is too long; close");

    GString *fields = g_string_new(frame);
    g_string_append(fields, H);
    for (size_t i = 1; i < LIMIT_HTTP_FIELDS; i++)
        g_string_append(fields, "A: b\r\n");
    g_autofree char *many = g_strconcat(fields->str, "\r\n", NULL);
    g_autofree char *many_trace = play(many, strlen(many), 1, 1);
    g_assert_cmpstr(many_trace, ==, "GET / 200");
    g_string_append(fields, "A: b\r\n");
    g_autofree char *too_many = play(fields->str, fields->len, 1, 1);
    g_assert_cmpstr(too_many, ==, "431: the head has too many fields; close");
    g_string_free(fields, TRUE);
}

/* --- what is sent, and the ends from outside --- */

static char *sent(struct http_session *session)
{
    struct http_action action;
    GString *text = g_string_new(NULL);
    while (http_session_next(session, &action) != HTTP_ACTION_NONE) {
        if (action.kind == HTTP_ACTION_SEND)
            g_string_append_len(text, action.octets, (gssize)action.length);
        if (action.kind == HTTP_ACTION_CLOSE)
            g_string_append(text, "#");
        if (action.kind == HTTP_ACTION_DROP)
            g_string_append(text, "!");
    }
    return g_string_free(text, FALSE);
}

static void feed(struct http_session *session, const char *text)
{
    struct http_action action;
    g_assert_cmpuint(http_session_feed(session, text, strlen(text)), ==, strlen(text));
    while (!http_session_is_waiting(session) &&
           http_session_next(session, &action) != HTTP_ACTION_NONE)
        continue;
}

static void test_octets(void)
{
    const struct http_session_config dated = {.date = "Sat, 21 Nov 2026 15:00:00 GMT",
                                              .max_requests = 9};
    const struct http_reply ok = {.status = 200,
                                  .content_type = HTTP_JSON,
                                  .fields = "ETag: \"x\"\r\n",
                                  .body = "{}",
                                  .length = 2};
    struct http_session *session = http_session_new(&dated);
    feed(session, "GET / HTTP/1.1\r\n" H "\r\n");
    http_session_reply(session, &ok);
    g_autofree char *get = sent(session);
    g_assert_cmpstr(get, ==,
                    "HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 15:00:00 GMT\r\n"
                    "Content-Type: application/json\r\nContent-Length: 2\r\nETag: \"x\"\r\n\r\n{}");
    feed(session, "HEAD / HTTP/1.1\r\n" H "\r\n");
    http_session_reply(session, &ok);
    g_autofree char *head = sent(session);
    g_assert_true(g_str_has_suffix(head, "Content-Length: 2\r\nETag: \"x\"\r\n\r\n"));
    feed(session, "GET / HTTP/1.1\r\n" H "\r\n");
    http_session_reply(session, &(struct http_reply){.status = 304});
    g_autofree char *unchanged = sent(session);
    g_assert_cmpstr(unchanged, ==,
                    "HTTP/1.1 304 Not Modified\r\nDate: Sat, 21 Nov 2026 15:00:00 GMT\r\n\r\n");
    /* A body that nobody has read ends the connection. */
    feed(session, "POST / HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\n");
    http_session_reply(session, &(struct http_reply){.status = 204});
    g_autofree char *unread = sent(session);
    g_assert_cmpstr(unread, ==,
                    "HTTP/1.1 204 No Content\r\nDate: Sat, 21 Nov 2026 15:00:00 GMT\r\n"
                    "Connection: close\r\n\r\n#");
    http_session_free(session);
    session = http_session_new(&config);
    g_assert_cmpuint(http_session_feed(session, "\"\r\n", 3), ==, 3);
    g_autofree char *bad_line = sent(session);
    g_assert_cmpstr(bad_line, ==,
                    "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n"
                    "Content-Length: 60\r\nConnection: close\r\n\r\n"
                    "{\"error\":\"the request line is not `METHOD TARGET HTTP/1.1`\"}#");
    http_session_free(session);
}

static void test_stop(void)
{
    static const char too_slow[] = "it came too slowly";
    struct http_session *session = http_session_new(&config);
    http_session_stop(session, 408, too_slow);
    g_autofree char *idle = sent(session);
    g_assert_cmpstr(idle, ==, "#");
    http_session_free(session);

    session = http_session_new(&config);
    feed(session, "GET / HT");
    g_assert_cmpint(http_session_phase(session), ==, HTTP_PHASE_HEAD);
    http_session_stop(session, 408, too_slow);
    g_autofree char *head = sent(session);
    g_assert_true(g_str_has_prefix(head, "HTTP/1.1 408 "));
    g_assert_true(g_str_has_suffix(head, "{\"error\":\"it came too slowly\"}#"));
    http_session_free(session);

    session = http_session_new(&config);
    feed(session, "POST / HTTP/1.1\r\n" H "Content-Length: 9\r\n\r\n");
    http_session_accept(session, 9);
    feed(session, "abc");
    g_assert_cmpint(http_session_phase(session), ==, HTTP_PHASE_BODY);
    http_session_stop(session, 408, too_slow);
    g_autofree char *body = sent(session);
    g_assert_true(g_str_has_prefix(body, "!HTTP/1.1 408 "));
    http_session_free(session);

    session = http_session_new(&config);
    feed(session, "GET / HTTP/1.1\r\n" H "\r\n");
    http_session_stop(session, 503, "it is time to go");
    g_autofree char *nothing = sent(session);
    g_assert_cmpstr(nothing, ==, "");
    http_session_reply(session, &(struct http_reply){.status = 204});
    g_autofree char *answer = sent(session);
    g_assert_cmpstr(answer, ==, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n#");
    http_session_free(session);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http_session/good", test_good);
    g_test_add_func("/http_session/bad", test_bad);
    g_test_add_func("/http_session/bad-chunks", test_bad_chunks);
    g_test_add_func("/http_session/limits", test_limits);
    g_test_add_func("/http_session/octets", test_octets);
    g_test_add_func("/http_session/stop", test_stop);
    return g_test_run();
}

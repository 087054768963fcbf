/*
 * Why HTTP is not read by libevent here: each request below is answered 200 by its parser, asked
 * over a real connection, and refused by ours. Where libevent has become stricter a case fails, and
 * may go.
 */
#include <glib.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/http_session.h"

#define H       "Host: a\r\n"
#define CHUNKED "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"

static const struct {
    const char *name, *request;
    size_t size; /* where there is a NUL in it */
} cases[] = {
    {"content-length-twice",
     "POST / HTTP/1.1\r\n" H "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 0},
    {"content-length-plus", "POST / HTTP/1.1\r\n" H "Content-Length: +3\r\n\r\nabc", 0},
    {"bare-lf", "GET / HTTP/1.1\nHost: a\n\n", 0},
    {"obs-fold", "GET / HTTP/1.1\r\n" H "A: b\r\n c\r\n\r\n", 0},
    {"nul-in-value", "GET / HTTP/1.1\r\n" H "A: b\0c\r\n\r\n",
     sizeof "GET / HTTP/1.1\r\n" H "A: b\0c\r\n\r\n" - 1},
    {"blank-before-colon", "POST / HTTP/1.1\r\n" H "Content-Length : 3\r\n\r\nabc", 0},
    {"empty-name", "GET / HTTP/1.1\r\n" H ": b\r\n\r\n", 0},
    {"blank-in-name", "GET / HTTP/1.1\r\n" H "A B: c\r\n\r\n", 0},
    {"no-host", "GET / HTTP/1.1\r\n\r\n", 0},
    {"two-hosts", "GET / HTTP/1.1\r\n" H "Host: b\r\n\r\n", 0},
    {"chunked-in-1.0",
     "POST / HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 0},
    {"chunk-0x", CHUNKED "0x3\r\nabc\r\n0\r\n\r\n", 0},
    {"chunk-plus", CHUNKED "+3\r\nabc\r\n0\r\n\r\n", 0},
    {"chunk-blank", CHUNKED " 3\r\nabc\r\n0\r\n\r\n", 0},
    {"chunk-garbage", CHUNKED "3 zzz\r\nabc\r\n0\r\n\r\n", 0},
    {"chunk-lf", CHUNKED "3\nabc\n0\n\n", 0},
    {"chunk-without-end", CHUNKED "3\r\nabc0\r\n\r\n", 0},
    {"post-without-length", "POST / HTTP/1.1\r\n" H "\r\n", 0},
};

static size_t size_of(size_t i)
{
    return cases[i].size > 0 ? cases[i].size : strlen(cases[i].request);
}

/* --- libevent --- */

static void on_request(struct evhttp_request *request, void *context)
{
    (void)context;
    evhttp_send_reply(request, HTTP_OK, "OK", NULL);
}

struct answer {
    struct event_base *base;
    char text[256];
    size_t length;
};

static void on_readable(evutil_socket_t fd, short what, void *context)
{
    struct answer *answer = context;
    (void)what;
    ssize_t got = read(fd, answer->text + answer->length, sizeof answer->text - 1 - answer->length);
    if (got > 0)
        answer->length += (size_t)got;
    if (got <= 0 || strstr(answer->text, "\r\n") != NULL ||
        answer->length == sizeof answer->text - 1)
        event_base_loopbreak(answer->base);
}

static int connect_to(struct evhttp_bound_socket *bound)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    g_assert_cmpint(
        getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&address, &length), ==,
        0);
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, length), ==, 0);
    return fd;
}

static bool libevent_takes(const char *request, size_t size)
{
    const struct timeval patience = {.tv_sec = 5};
    struct answer answer = {.base = event_base_new()};
    struct evhttp *http = evhttp_new(answer.base);
    evhttp_set_gencb(http, on_request, NULL);
    int fd = connect_to(evhttp_bind_socket_with_handle(http, "127.0.0.1", 0));
    g_assert_cmpint(write(fd, request, size), ==, (ssize_t)size);
    struct event *readable = event_new(answer.base, fd, EV_READ | EV_PERSIST, on_readable, &answer);
    event_add(readable, NULL);
    event_base_loopexit(answer.base, &patience);
    event_base_dispatch(answer.base);
    event_free(readable);
    close(fd);
    evhttp_free(http);
    event_base_free(answer.base);
    return strncmp(answer.text, "HTTP/1.", 7) == 0 && strncmp(answer.text + 8, " 200 ", 5) == 0;
}

/* --- ours --- */

static unsigned our_status(size_t i)
{
    static const struct http_session_config config = {.max_requests = 1};
    struct http_session *session = http_session_new(&config);
    unsigned status = 0;
    for (size_t at = 0; at < size_of(i) && status == 0;) {
        struct http_action action;
        at += http_session_feed(session, cases[i].request + at, size_of(i) - at);
        while (http_session_next(session, &action) != HTTP_ACTION_NONE) {
            if (action.kind == HTTP_ACTION_REQUEST)
                http_session_accept(session, 1024);
            if (action.kind == HTTP_ACTION_END)
                http_session_reply(session, &(struct http_reply){.status = 200});
            if (action.kind == HTTP_ACTION_SEND)
                status = action.status;
        }
    }
    http_session_free(session);
    return status;
}

static void test_case(gconstpointer data)
{
    size_t i = GPOINTER_TO_SIZE(data);
    unsigned status = our_status(i);
    g_assert_cmpuint(status, >=, 400);
    g_assert_cmpuint(status, <, 500);
    g_assert_true(libevent_takes(cases[i].request, size_of(i)));
}

/* Libevent, asked in this way, is able to say no. */
static void test_control(void)
{
    static const char both[] = "POST / HTTP/1.1\r\n" H "Content-Length: 3\r\n"
                               "Transfer-Encoding: gzip\r\n\r\nabc";
    static const char no_line[] = "no request\r\n\r\n";
    g_assert_false(libevent_takes(both, sizeof both - 1));
    g_assert_false(libevent_takes(no_line, sizeof no_line - 1));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/http_strict/", cases[i].name, NULL);
        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_case);
    }
    g_test_add_func("/http_strict/control", test_control);
    return g_test_run();
}

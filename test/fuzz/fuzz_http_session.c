/* The HTTP session: the input whole, and cut as its first octet says, gives the same actions. */
#include "proto/http_session.h"
#include <assert.h>
static const struct http_session_config config = {.max_requests = 9};

static uint64_t act(struct http_session *session, uint64_t sum)
{
    for (struct http_action action; http_session_next(session, &action);) {
        sum = action.kind == HTTP_ACTION_BODY ? sum : sum * 31 + action.kind;
        for (size_t i = 0; i < action.length; i++)
            sum = sum * 31 + (unsigned char)action.octets[i];
        if (action.kind == HTTP_ACTION_REQUEST && http_session_request(session)->path[1] != '!')
            http_session_accept(session, 64);
        else if (http_session_is_waiting(session))
            http_session_reply(session,
                               &(struct http_reply){.status = 200, .body = "ok", .length = 2});
    }
    return sum;
}

static uint64_t play(const char *text, size_t size, size_t piece)
{
    struct http_session *session = http_session_new(&config);
    uint64_t sum = act(session, 0);
    for (size_t at = 0; at < size; sum = act(session, sum))
        at += http_session_feed(session, text + at, piece < size - at ? piece : size - at);
    http_session_free(session);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data + 1;
    assert(size < 2 || play(text, size - 1, size) == play(text, size - 1, data[0] % 16u + 1));
    return 0;
}

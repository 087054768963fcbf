/* The SMTP session: the input whole, and cut as its first octet says, gives the same actions. */
#include "proto/smtp_session.h"
#include <assert.h>
static const struct smtp_session_config config = {
    "mx", (const char *const[]){"b", 0}, 64, 5, 10, 20, 9, .starttls = true, .chunking = true};

static uint64_t act(struct smtp_session *session, uint64_t sum)
{
    for (struct smtp_action action; smtp_session_next(session, &action);) {
        sum = action.kind == SMTP_ACTION_MESSAGE_CHUNK ? sum : sum * 31 + action.kind;
        for (size_t i = 0; i < action.length; i++)
            sum = sum * 31 + (unsigned char)action.text[i];
        if (action.kind == SMTP_ACTION_MESSAGE_END)
            smtp_session_answer_message(session, 250, "2.0.0 OK");
        else if (smtp_session_is_waiting(session))
            smtp_session_answer(session, action.key ? (unsigned char)*action.key % 3u : 0);
    }
    return sum;
}

static uint64_t play(const char *text, size_t size, size_t piece)
{
    struct smtp_session *session = smtp_session_new(&config);
    smtp_session_begin(session, false);
    uint64_t sum = act(session, 0);
    for (size_t at = 0; at < size; sum = act(session, sum)) {
        at += smtp_session_feed(session, text + at, piece < size - at ? piece : size - at);
        smtp_session_input_waits(session, at < size);
    }
    smtp_session_free(session);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data + 1;
    assert(size < 2 || play(text, size - 1, size) == play(text, size - 1, data[0] % 16u + 1));
    return 0;
}

/* BDAT: so many octets are content and none of them is a command, however they are cut. */
#include "proto/smtp_session.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct smtp_session_config config = {
    "mx", (const char *const[]){"b", 0}, 300, 9, 9, 9, .chunking = true};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t piece = size > 0 ? data[0] % 7u + 1 : 1, most = size < 400 ? size : 400;
    char text[600];
    size_t got = 0, ends = 0, at = 0, last = 0;
    size_t length = (size_t)snprintf(
        text, sizeof text, "HELO a\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nBDAT %zu LAST\r\n",
        most);
    struct smtp_session *session = smtp_session_new(&config);
    memcpy(text + length, data, most);
    smtp_session_begin(session, false);
    length += most;
    for (bool more = true; more;) {
        more = at < length;
        if (more)
            at += smtp_session_feed(session, text + at, piece < length - at ? piece : length - at);
        for (struct smtp_action action; smtp_session_next(session, &action);) {
            last = action.kind == SMTP_ACTION_REPLY ? action.reply_code : last;
            got += action.kind == SMTP_ACTION_MESSAGE_CHUNK ? action.length : 0;
            ends += action.kind == SMTP_ACTION_MESSAGE_END;
            if (action.kind == SMTP_ACTION_SENDER)
                smtp_session_answer(session, SMTP_YES);
        }
    }
    assert(most <= 300 ? ends == 1 && got == most : ends == 0 && got == 0 && last == 552);
    smtp_session_free(session);
    return 0;
}

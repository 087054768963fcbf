/*
 * Every text that the session says, sorted by code and enhanced code, and the builder for the few
 * that are not constant. It never repeats what a client said: no text has a place for it.
 *
 * Codes: RFC 5321, 4.2.3; enhanced ones: RFC 3463 and the registry of RFC 5248. VRFY's 252 has
 * 2.5.0, "other protocol status", the only one registered with 252: 2.1.5 would say that the
 * address is valid. An unrecognized command is 5.5.2, one that is known but not done or comes
 * out of order 5.5.1 (RFC 3463, 3.6). A sender's address is 5.1.7 where a recipient's is 5.1.3.
 */
#include "proto/smtp_reply.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "proto/ascii.h"
#include "proto/memory.h"

static const char *const texts[] = {
    [SMTP_REPLY_HELP] = "214 2.0.0 EHLO HELO MAIL RCPT DATA RSET NOOP QUIT VRFY HELP\r\n",
    [SMTP_REPLY_START_TLS] = "220 2.0.0 Go ahead\r\n",
    [SMTP_REPLY_BYE] = "221 2.0.0 Bye\r\n",
    [SMTP_REPLY_OK] = "250 2.0.0 OK\r\n",
    [SMTP_REPLY_SENDER_OK] = "250 2.1.0 Sender OK\r\n",
    [SMTP_REPLY_RECIPIENT_OK] = "250 2.1.5 Recipient OK\r\n",
    [SMTP_REPLY_CANNOT_VERIFY] = "252 2.5.0 Cannot verify; send mail and see\r\n",
    [SMTP_REPLY_DATA] = "354 End data with <CRLF>.<CRLF>\r\n",
    [SMTP_REPLY_TOO_MANY_ERRORS] = "421 4.7.0 Too many errors, closing\r\n",
    [SMTP_REPLY_TOO_MANY_JUNK] = "421 4.7.0 Too many commands without a mail, closing\r\n",
    [SMTP_REPLY_TOO_MANY_MESSAGES] = "421 4.7.0 Too many mails in one session, closing\r\n",
    [SMTP_REPLY_TOO_MANY_REFUSED] = "421 4.7.0 Too many refused recipients, closing\r\n",
    [SMTP_REPLY_LATER] = "451 4.3.0 Trouble on our side, try again later\r\n",
    [SMTP_REPLY_NO_ROOM] = "452 4.3.1 No room for it now, try again later\r\n",
    [SMTP_REPLY_TOO_MANY_RECIPIENTS] = "452 4.5.3 Too many recipients in one mail\r\n",
    [SMTP_REPLY_TLS_FAILED] = "454 4.7.0 TLS handshake failed\r\n",
    [SMTP_REPLY_BAD_LINE] = "500 5.5.2 CR, LF or NUL inside a command, closing\r\n",
    [SMTP_REPLY_LONG_LINE] = "500 5.5.2 Command line too long, closing\r\n",
    [SMTP_REPLY_FOREIGN] = "500 5.5.2 This is SMTP, closing\r\n",
    [SMTP_REPLY_UNKNOWN] = "500 5.5.2 Command not recognized\r\n",
    [SMTP_REPLY_BAD_RECIPIENT] = "501 5.1.3 Bad recipient address\r\n",
    [SMTP_REPLY_BAD_SENDER] = "501 5.1.7 Bad sender address\r\n",
    [SMTP_REPLY_BAD_PARAMETER] = "501 5.5.4 Bad value of a parameter\r\n",
    [SMTP_REPLY_BAD_CHUNK] = "501 5.5.4 Syntax: BDAT octets and LAST, closing\r\n",
    [SMTP_REPLY_TLS_INPUT] = "501 5.5.4 Nothing may follow STARTTLS, closing\r\n",
    [SMTP_REPLY_NO_ARGUMENT] = "501 5.5.4 This command takes no argument\r\n",
    [SMTP_REPLY_HELLO_SYNTAX] = "501 5.5.4 Syntax: EHLO name or HELO name\r\n",
    [SMTP_REPLY_MAIL_SYNTAX] = "501 5.5.4 Syntax: MAIL FROM:<address> and parameters\r\n",
    [SMTP_REPLY_RCPT_SYNTAX] = "501 5.5.4 Syntax: RCPT TO:<address>\r\n",
    [SMTP_REPLY_NOT_DONE] = "502 5.5.1 Command not implemented\r\n",
    [SMTP_REPLY_NO_CHUNKS] = "502 5.5.1 BDAT not implemented, closing\r\n",
    [SMTP_REPLY_TRANSACTION_OPEN] = "503 5.5.1 A mail is under way; finish it or send RSET\r\n",
    [SMTP_REPLY_HELLO_FIRST] = "503 5.5.1 Send EHLO or HELO first\r\n",
    [SMTP_REPLY_MAIL_FIRST] = "503 5.5.1 Send MAIL first\r\n",
    [SMTP_REPLY_RCPT_FIRST] = "503 5.5.1 Send RCPT first\r\n",
    [SMTP_REPLY_CHUNKS_ONLY] = "503 5.5.1 This mail comes by BDAT, not by DATA\r\n",
    [SMTP_REPLY_CHUNKS_OVER] = "503 5.5.1 This mail is refused; send RSET\r\n",
    [SMTP_REPLY_TLS_ALREADY] = "503 5.5.1 TLS is on already\r\n",
    [SMTP_REPLY_TLS_FIRST] = "530 5.7.0 Send STARTTLS first\r\n",
    [SMTP_REPLY_NO_SUCH_RECIPIENT] = "550 5.1.1 No such recipient here\r\n",
    [SMTP_REPLY_BAD_NEWLINE] = "550 5.6.0 Bare CR or LF in the message, closing\r\n",
    [SMTP_REPLY_NOT_SERVED] = "550 5.7.1 No mail for that domain here\r\n",
    [SMTP_REPLY_TOO_LARGE] = "552 5.3.4 Message too large\r\n",
    [SMTP_REPLY_NOT_ASCII] = "553 5.6.7 An address beyond ASCII needs SMTPUTF8 and good UTF-8\r\n",
    [SMTP_REPLY_LOOP] = "554 5.4.6 Too many hops: a mail loop\r\n",
    [SMTP_REPLY_EARLY_TALKER] = "554 5.5.1 You talked before the greeting, closing\r\n",
    [SMTP_REPLY_NO_RECIPIENTS] = "554 5.5.1 No valid recipients\r\n",
    [SMTP_REPLY_UNKNOWN_PARAMETER] = "555 5.5.4 Parameter not known\r\n",
};

_Static_assert(sizeof texts / sizeof texts[0] == SMTP_REPLY_COUNT, "one text for each id");

const char *smtp_reply_text(enum smtp_reply_id id)
{
    return texts[id];
}

unsigned smtp_reply_code(const char *reply)
{
    unsigned code = 0;

    for (size_t i = 0; i < 3; i++)
        code = code * 10 + (unsigned)(reply[i] - '0');
    return code;
}

void smtp_reply_begin(struct smtp_reply *reply, unsigned code)
{
    assert(code >= 200 && code <= 599);
    *reply = (struct smtp_reply){.code = code};
}

void smtp_reply_line(struct smtp_reply *reply, const char *text)
{
    char *start;

    if (reply->length > 0) {
        memcpy(reply->text + reply->length, "\r\n", 2);
        reply->length += 2;
    }
    reply->line = reply->length;
    /* Room for the longest line, its CRLF, and the NUL at the end of all. */
    reply->text = memory_resize(reply->text, reply->length + LIMIT_SMTP_REPLY_LINE + 1);
    start = reply->text + reply->line;
    start[0] = (char)('0' + reply->code / 100);
    start[1] = (char)('0' + reply->code / 10 % 10);
    start[2] = (char)('0' + reply->code % 10);
    start[3] = '-';
    reply->length += 4;
    smtp_reply_add(reply, text);
}

void smtp_reply_add(struct smtp_reply *reply, const char *text)
{
    size_t end = reply->line + LIMIT_SMTP_REPLY_LINE - 2;

    for (; *text != '\0' && reply->length < end; text++) {
        bool good = ascii_is_graph(*text) || ascii_is_blank(*text);

        reply->text[reply->length++] = good ? *text : '?';
    }
}

void smtp_reply_number(struct smtp_reply *reply, uint64_t number)
{
    char digits[21];
    char *at = digits + sizeof digits - 1;

    *at = '\0';
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    smtp_reply_add(reply, at);
}

char *smtp_reply_finish(struct smtp_reply *reply)
{
    char *text = reply->text;

    assert(text != NULL);
    text[reply->line + 3] = ' ';
    memcpy(text + reply->length, "\r\n", 3);
    *reply = (struct smtp_reply){0};
    return text;
}

char *smtp_reply_single(unsigned code, const char *text)
{
    struct smtp_reply reply;

    smtp_reply_begin(&reply, code);
    smtp_reply_line(&reply, text);
    return smtp_reply_finish(&reply);
}

char *smtp_reply_greeting(const char *hostname)
{
    struct smtp_reply reply;

    smtp_reply_begin(&reply, 220);
    smtp_reply_line(&reply, hostname);
    smtp_reply_add(&reply, " ESMTP callmx");
    return smtp_reply_finish(&reply);
}

char *smtp_reply_ehlo(const char *hostname, const struct smtp_reply_offer *offer)
{
    struct smtp_reply reply;

    smtp_reply_begin(&reply, 250);
    smtp_reply_line(&reply, hostname);
    smtp_reply_line(&reply, "PIPELINING");
    smtp_reply_line(&reply, "SIZE ");
    smtp_reply_number(&reply, offer->max_message_size);
    smtp_reply_line(&reply, "8BITMIME");
    smtp_reply_line(&reply, "SMTPUTF8");
    if (offer->chunking) {
        smtp_reply_line(&reply, "CHUNKING");
        smtp_reply_line(&reply, "BINARYMIME");
    }
    if (offer->starttls)
        smtp_reply_line(&reply, "STARTTLS");
    smtp_reply_line(&reply, "ENHANCEDSTATUSCODES");
    return smtp_reply_finish(&reply);
}

/*
 * Plays conversations with an SMTP session. A conversation is a text file that reads like a log:
 *
 *     # a comment
 *     set max-errors 3      before all: a member of the configuration with `-` for `_`; also
 *                           `early` (bytes wait before the greeting), `handshake-fails`
 *     C: NOOP               the client sends this and CRLF
 *     R: NOOP\n             the client sends these octets: \r \n \0 \\ \xHH
 *     S: 250 2.0.0*         a line of a reply; `*` at the end stands for any rest
 *     A: message a@b -> x@y, z@y esmtp 8bit
 *                           a message is complete (also `tls`, `utf8`); its lines follow
 *     M: Subject: hi        a line of it, without CRLF, escaped as in R; with ` (no CRLF)` behind
 *                           it one that ends in another way, as chunks of BDAT may
 *     A: drop               also: A: tls, A: close
 *     stop 4.3.2 Bye        the session is stopped from outside
 *
 * `{ab*3}` stands for ababab in C, R and M. `C*3:`, `R*3:`, `S*3:`, `M*3:` repeat a line; `#` in it
 * is then the number, from 1.
 *
 * The other side answers by convention. Keys: good… is a live one, later… our own trouble, stop… a
 * live one, but the session is stopped meanwhile; no other lives. Senders: full… has no room,
 * later… and stop… as above. A message with the line `X-Answer: 554 5.6.0 text` is answered so,
 * others `250 2.0.0 stored`; with `X-Stop: text` the session is stopped before.
 */
#ifndef CALLMX_TEST_SMTP_CONVERSATION_H
#define CALLMX_TEST_SMTP_CONVERSATION_H

#include <glib.h>

struct conversation;

/* A file that cannot be read or understood ends the program, as all faults here do. */
struct conversation *conversation_load(const char *path);
void conversation_free(struct conversation *conversation);

/* How many octets the client sends. */
gsize conversation_size(const struct conversation *conversation);

/* Whether all that the client sends may come at once: no TLS, no stop from outside. */
gboolean conversation_may_join(const struct conversation *conversation);

enum conversation_way {
    CONVERSATION_TURNS, /* each turn of the client whole */
    CONVERSATION_SPLIT, /* so, but split before the octet number `at` */
    CONVERSATION_BYTES, /* byte by byte */
    CONVERSATION_JOINED /* all turns at once */
};

/* Plays it with a new session and returns all its actions as text, chunks of a message joined. */
char *conversation_play(const struct conversation *conversation, enum conversation_way way,
                        gsize at);

/* Plays it turn by turn and compares with what the file says. */
void conversation_check(const struct conversation *conversation);

#endif

/*
 * The server's side of RFC 5321: which command may come when, what it does, what is said to it.
 * It owns the state of one session and its open transaction; the message itself only passes
 * through. It performs no I/O, and what it asks of others it asks by an action that waits.
 *
 * What is hard: a transaction half reset is how servers mix two mails up, so there is one function
 * that ends one, reset_transaction(). And nothing may depend on how the input was split: bytes are
 * taken up to the first action and no further, and no rule looks at what lies behind, but the one
 * for STARTTLS.
 */
#include "proto/smtp_session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "proto/line.h"
#include "proto/memory.h"
#include "proto/smtp_command.h"
#include "proto/smtp_data.h"
#include "proto/smtp_recipient.h"
#include "proto/smtp_reply.h"

/* One bit each: the verb table has sets of them. */
enum state {
    CONNECTED = 1,  /* no EHLO or HELO yet, or none since TLS */
    GREETED = 2,    /* no transaction is open */
    SENDER = 4,     /* MAIL was accepted, no recipient yet */
    RECIPIENTS = 8, /* at least one recipient was accepted */
    MESSAGE = 16,   /* behind the 354: octets of a message, until its end was answered */
    CLOSED = 32,    /* the close is ready or was fetched: whatever comes is ignored */
};

#define READY      (GREETED | SENDER | RECIPIENTS)
#define ANY_STATE  (CONNECTED | READY)
#define QUEUE_SIZE 3

struct smtp_session {
    const struct smtp_session_config *config; /* borrowed */
    enum state state;
    struct line line;

    /* Actions that wait to be fetched. */
    struct smtp_action queue[QUEUE_SIZE];
    size_t queued;
    enum smtp_action_kind waiting; /* the one that waits for its answer, or NONE */
    char *reply;                   /* owned: the text of the reply in the queue, if not constant */
    bool reply_fetched;
    bool starttls;    /* STARTTLS was said: next() decides */
    bool input_waits; /* bytes wait behind it */
    char *stop_text;  /* owned: smtp_session_stop() was called */

    /* Of the session. */
    char *helo; /* owned; NULL before EHLO or HELO */
    bool esmtp;
    bool tls;
    unsigned rcpt_errors;
    unsigned errors;
    unsigned junk;

    /* Of the transaction: see reset_transaction(). */
    struct {
        char *reverse_path; /* owned */
        struct smtp_recipient_list accepted;
        struct smtp_recipient candidate; /* its key is being looked up */
        struct smtp_data data;
        bool body_8bit;
        bool has_refused; /* a recipient was refused */
        bool has_begun;   /* MESSAGE_BEGIN was fetched */
        bool has_dropped; /* MESSAGE_DROP was fetched */
    } transaction;
};

/* Every end of a transaction comes here, whatever ended it. */
static void reset_transaction(struct smtp_session *session)
{
    smtp_recipient_list_clear(&session->transaction.accepted);
    smtp_recipient_clear(&session->transaction.candidate);
    free(session->transaction.reverse_path);
    memset(&session->transaction, 0, sizeof session->transaction);
    if ((session->state & (SENDER | RECIPIENTS | MESSAGE)) != 0)
        session->state = GREETED;
}

/* Forgets the transaction, and what the client said of itself. */
static void reset_client(struct smtp_session *session)
{
    reset_transaction(session);
    free(session->helo);
    session->helo = NULL;
    session->esmtp = false;
    session->state = CONNECTED;
}

static struct smtp_action *push(struct smtp_session *session, enum smtp_action_kind kind)
{
    struct smtp_action *action = &session->queue[session->queued];

    assert(session->queued < QUEUE_SIZE);
    session->queued++;
    *action = (struct smtp_action){.kind = kind};
    return action;
}

static void push_reply(struct smtp_session *session, const char *text)
{
    struct smtp_action *action = push(session, SMTP_ACTION_REPLY);

    action->text = text;
    action->length = strlen(text);
    action->reply_code = smtp_reply_code(text);
}

static void say(struct smtp_session *session, enum smtp_reply_id id)
{
    push_reply(session, smtp_reply_text(id));
}

/* Takes the text over. */
static void say_built(struct smtp_session *session, char *text)
{
    free(session->reply);
    session->reply = text;
    session->reply_fetched = false;
    push_reply(session, text);
}

static void close_now(struct smtp_session *session)
{
    push(session, SMTP_ACTION_CLOSE);
    line_clear(&session->line);
    session->state = CLOSED;
}

static void say_and_close(struct smtp_session *session, enum smtp_reply_id id)
{
    say(session, id);
    close_now(session);
}

/* A 5yz reply to a command; the one too many is 421. */
static void refuse(struct smtp_session *session, enum smtp_reply_id id)
{
    if (++session->errors > session->config->max_errors)
        say_and_close(session, SMTP_REPLY_TOO_MANY_ERRORS);
    else
        say(session, id);
}

static void refuse_recipient(struct smtp_session *session, enum smtp_reply_id id)
{
    session->transaction.has_refused = true;
    if (++session->rcpt_errors > session->config->max_rcpt_errors)
        say_and_close(session, SMTP_REPLY_TOO_MANY_REFUSED);
    else
        say(session, id);
}

/* Commands that bring no mail nearer. False: this was one too many, and all is said. */
static bool count_junk(struct smtp_session *session)
{
    if (++session->junk <= session->config->max_junk_commands)
        return true;
    say_and_close(session, SMTP_REPLY_TOO_MANY_JUNK);
    return false;
}

static bool hello(struct smtp_session *session, const struct smtp_command *command)
{
    if (!smtp_command_is_hello(command)) {
        refuse(session, SMTP_REPLY_HELLO_SYNTAX);
        return false;
    }
    reset_client(session);
    session->helo = memory_string(command->argument, command->argument_length);
    session->state = GREETED;
    return true;
}

static void on_helo(struct smtp_session *session, const struct smtp_command *command)
{
    if (hello(session, command))
        say_built(session, smtp_reply_single(250, session->config->hostname));
}

static void on_ehlo(struct smtp_session *session, const struct smtp_command *command)
{
    const struct smtp_session_config *config = session->config;

    if (!hello(session, command))
        return;
    session->esmtp = true;
    say_built(session, smtp_reply_ehlo(config->hostname, config->max_message_size,
                                       config->starttls && !session->tls));
}

static const struct {
    enum smtp_reply_id mail;
    enum smtp_reply_id rcpt;
} argument_replies[] = {
    [SMTP_COMMAND_BAD_SYNTAX] = {SMTP_REPLY_MAIL_SYNTAX, SMTP_REPLY_RCPT_SYNTAX},
    [SMTP_COMMAND_BAD_ADDRESS] = {SMTP_REPLY_BAD_SENDER, SMTP_REPLY_BAD_RECIPIENT},
    [SMTP_COMMAND_NOT_ASCII] = {SMTP_REPLY_NOT_ASCII, SMTP_REPLY_NOT_ASCII},
    [SMTP_COMMAND_BAD_PARAMETER] = {SMTP_REPLY_BAD_PARAMETER, SMTP_REPLY_BAD_PARAMETER},
    [SMTP_COMMAND_UNKNOWN_PARAMETER] = {SMTP_REPLY_UNKNOWN_PARAMETER, SMTP_REPLY_UNKNOWN_PARAMETER},
};

static void on_mail(struct smtp_session *session, const struct smtp_command *command)
{
    struct smtp_mail mail;
    enum smtp_command_result result = smtp_command_mail(command, &mail);

    if (result != SMTP_COMMAND_OK) {
        refuse(session, argument_replies[result].mail);
        return;
    }
    /* Only <> has no domain here: <Postmaster> alone is a recipient. */
    if (mail.address.domain[0] == '\0' && mail.address.mailbox_length > 0) {
        refuse(session, SMTP_REPLY_BAD_SENDER);
        return;
    }
    if (mail.size > session->config->max_message_size) {
        refuse(session, SMTP_REPLY_TOO_LARGE);
        return;
    }
    session->transaction.reverse_path =
        memory_string(mail.address.mailbox, mail.address.mailbox_length);
    session->transaction.body_8bit = mail.body_8bit;
    push(session, SMTP_ACTION_SENDER)->declared_size = mail.size;
}

static bool is_served(const struct smtp_session *session, const char *domain)
{
    for (const char *const *at = session->config->domains; *at != NULL; at++) {
        if (strcmp(*at, domain) == 0)
            return true;
    }
    return false;
}

/* The candidate becomes a recipient. */
static void accept_recipient(struct smtp_session *session)
{
    smtp_recipient_list_add(&session->transaction.accepted, &session->transaction.candidate);
    session->state = RECIPIENTS;
    say(session, SMTP_REPLY_RECIPIENT_OK);
}

static void consider_recipient(struct smtp_session *session, const char *local_part,
                               const char *domain)
{
    struct smtp_recipient *candidate = &session->transaction.candidate;

    if (!is_served(session, domain)) {
        refuse_recipient(session, SMTP_REPLY_NOT_SERVED);
        return;
    }
    smtp_recipient_clear(candidate);
    if (!smtp_recipient_init(candidate, local_part, domain)) {
        refuse_recipient(session, SMTP_REPLY_NO_SUCH_RECIPIENT);
    } else if (smtp_recipient_list_has(&session->transaction.accepted, candidate->address)) {
        if (count_junk(session))
            say(session, SMTP_REPLY_RECIPIENT_OK);
    } else if (session->transaction.accepted.count == LIMIT_SMTP_RECIPIENTS) {
        say(session, SMTP_REPLY_TOO_MANY_RECIPIENTS);
    } else if (candidate->kind == SMTP_RECIPIENT_KEY) {
        push(session, SMTP_ACTION_RECIPIENT)->key = candidate->key;
    } else {
        accept_recipient(session);
    }
}

static void on_rcpt(struct smtp_session *session, const struct smtp_command *command)
{
    struct smtp_address address = {.domain = ""};
    enum smtp_command_result result = smtp_command_rcpt(command, &address);
    size_t length = strlen(address.local_part);
    const char *domain = address.domain;

    if (result == SMTP_COMMAND_OK && (length == 0 || length > LIMIT_SMTP_LOCAL_PART))
        result = SMTP_COMMAND_BAD_ADDRESS;
    if (result != SMTP_COMMAND_OK) {
        session->transaction.has_refused = true;
        refuse(session, argument_replies[result].rcpt);
        return;
    }
    /* Bare <Postmaster> is the one of the first domain. */
    if (domain[0] == '\0' && session->config->domains[0] != NULL)
        domain = session->config->domains[0];
    consider_recipient(session, address.local_part, domain);
}

static void on_data(struct smtp_session *session, const struct smtp_command *command)
{
    (void)command;
    if (session->state == SENDER) {
        refuse(session,
               session->transaction.has_refused ? SMTP_REPLY_NO_RECIPIENTS : SMTP_REPLY_RCPT_FIRST);
        return;
    }
    smtp_data_init(&session->transaction.data, session->config->max_message_size);
    session->state = MESSAGE;
    push(session, SMTP_ACTION_MESSAGE_BEGIN);
    say(session, SMTP_REPLY_DATA);
}

static void on_rset(struct smtp_session *session, const struct smtp_command *command)
{
    (void)command;
    reset_transaction(session);
    say(session, SMTP_REPLY_OK);
}

static void on_quit(struct smtp_session *session, const struct smtp_command *command)
{
    (void)command;
    reset_transaction(session);
    say_and_close(session, SMTP_REPLY_BYE);
}

static void on_starttls(struct smtp_session *session, const struct smtp_command *command)
{
    (void)command;
    if (!session->config->starttls)
        refuse(session, SMTP_REPLY_NOT_DONE);
    else if (session->tls)
        refuse(session, SMTP_REPLY_TLS_ALREADY);
    else
        session->starttls = true;
}

static void on_not_done(struct smtp_session *session, const struct smtp_command *command)
{
    (void)command;
    refuse(session, SMTP_REPLY_NOT_DONE);
}

/* The protocol on one page, sorted by word. In a state that is not listed: 503. */
static const struct verb {
    const char *word;
    unsigned states;
    bool takes_argument; /* else 501 if there is one */
    bool junk;           /* counts against max_junk_commands */
    void (*handle)(struct smtp_session *session, const struct smtp_command *command);
    enum smtp_reply_id reply; /* all there is to it, if there is no handler */
} verbs[] = {
    {"DATA", SENDER | RECIPIENTS, false, false, on_data, 0},
    {"EHLO", ANY_STATE, true, true, on_ehlo, 0},
    {"ETRN", ANY_STATE, true, false, on_not_done, 0},
    {"EXPN", ANY_STATE, true, false, on_not_done, 0},
    {"HELO", ANY_STATE, true, true, on_helo, 0},
    {"HELP", ANY_STATE, true, true, NULL, SMTP_REPLY_HELP},
    {"MAIL", GREETED, true, false, on_mail, 0},
    {"NOOP", ANY_STATE, true, true, NULL, SMTP_REPLY_OK},
    {"QUIT", ANY_STATE, false, false, on_quit, 0},
    {"RCPT", SENDER | RECIPIENTS, true, false, on_rcpt, 0},
    {"RSET", ANY_STATE, false, true, on_rset, 0},
    {"STARTTLS", GREETED, false, false, on_starttls, 0},
    {"TURN", ANY_STATE, true, false, on_not_done, 0},
    {"VRFY", ANY_STATE, true, true, NULL, SMTP_REPLY_CANNOT_VERIFY},
};

static const struct verb *find_verb(const struct smtp_command *command)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (smtp_command_is_verb(command, verbs[i].word))
            return &verbs[i];
    }
    return NULL;
}

/* What to do first, for a command that came in the wrong state. */
static enum smtp_reply_id wrong_order(enum state state)
{
    if (state == CONNECTED)
        return SMTP_REPLY_HELLO_FIRST;
    return state == GREETED ? SMTP_REPLY_MAIL_FIRST : SMTP_REPLY_TRANSACTION_OPEN;
}

static void handle_line(struct smtp_session *session, const char *text, size_t length)
{
    struct smtp_command command;
    const struct verb *verb;

    smtp_command_split(text, length, &command);
    verb = find_verb(&command);
    if (verb == NULL && smtp_command_is_foreign(&command))
        say_and_close(session, SMTP_REPLY_FOREIGN);
    else if (verb == NULL)
        refuse(session, SMTP_REPLY_UNKNOWN);
    else if ((verb->states & session->state) == 0)
        refuse(session, wrong_order(session->state));
    else if (!verb->takes_argument && command.argument_length > 0)
        refuse(session, SMTP_REPLY_NO_ARGUMENT);
    else if (verb->junk && !count_junk(session))
        return;
    else if (verb->handle == NULL)
        say(session, verb->reply);
    else
        verb->handle(session, &command);
}

static size_t feed_command(struct smtp_session *session, const char *bytes, size_t size)
{
    const char *text;
    size_t length, taken;

    switch (line_feed(&session->line, bytes, size, &taken, &text, &length)) {
    case LINE_MORE:
        break;
    case LINE_READY:
        handle_line(session, text, length);
        line_clear(&session->line);
        session->input_waits = taken < size;
        break;
    case LINE_TOO_LONG:
        say_and_close(session, SMTP_REPLY_LONG_LINE);
        break;
    case LINE_BARE_CR:
    case LINE_BARE_LF:
    case LINE_NUL:
        say_and_close(session, SMTP_REPLY_BAD_LINE);
        break;
    }
    return taken;
}

/* The end of the message, true or given up for. */
static void end_message(struct smtp_session *session)
{
    static const enum smtp_reply_id replies[] = {
        [SMTP_DATA_LOOP] = SMTP_REPLY_LOOP,
        [SMTP_DATA_TOO_LARGE] = SMTP_REPLY_TOO_LARGE,
        [SMTP_DATA_NEWLINE] = SMTP_REPLY_BAD_NEWLINE,
    };
    enum smtp_data_fault fault = session->transaction.data.fault;
    bool is_cut = session->transaction.data.is_cut;

    if (fault == SMTP_DATA_GOOD) {
        push(session, SMTP_ACTION_MESSAGE_END);
        return;
    }
    reset_transaction(session);
    say(session, replies[fault]);
    if (fault == SMTP_DATA_NEWLINE || is_cut)
        close_now(session);
}

static size_t feed_message(struct smtp_session *session, const char *bytes, size_t size)
{
    struct smtp_action *chunk;
    const char *slice;
    size_t length, taken;

    switch (smtp_data_next(&session->transaction.data, bytes, size, &taken, &slice, &length)) {
    case SMTP_DATA_EVENT_MORE:
        break;
    case SMTP_DATA_EVENT_SLICE:
        chunk = push(session, SMTP_ACTION_MESSAGE_CHUNK);
        chunk->text = slice;
        chunk->length = length;
        break;
    case SMTP_DATA_EVENT_FAULT:
        push(session, SMTP_ACTION_MESSAGE_DROP);
        break;
    case SMTP_DATA_EVENT_END:
        end_message(session);
        break;
    }
    return taken;
}

/* Whether something stands before more input. */
static bool is_busy(const struct smtp_session *session)
{
    return session->queued > 0 || session->waiting != SMTP_ACTION_NONE || session->starttls ||
           session->stop_text != NULL;
}

struct smtp_session *smtp_session_new(const struct smtp_session_config *config)
{
    struct smtp_session *session = memory_new(sizeof *session);

    session->config = config;
    session->state = CONNECTED;
    line_init(&session->line);
    return session;
}

void smtp_session_free(struct smtp_session *session)
{
    if (session == NULL)
        return;
    reset_client(session);
    line_clear(&session->line);
    free(session->reply);
    free(session->stop_text);
    free(session);
}

void smtp_session_begin(struct smtp_session *session, bool input_waits)
{
    if (input_waits)
        say_and_close(session, SMTP_REPLY_EARLY_TALKER);
    else
        say_built(session, smtp_reply_greeting(session->config->hostname));
}

size_t smtp_session_feed(struct smtp_session *session, const char *bytes, size_t size)
{
    size_t taken = 0;

    while (taken < size && !is_busy(session) && session->state != CLOSED) {
        if (session->state == MESSAGE)
            taken += feed_message(session, bytes + taken, size - taken);
        else
            taken += feed_command(session, bytes + taken, size - taken);
    }
    return session->state == CLOSED && !is_busy(session) ? size : taken;
}

/* STARTTLS, RFC 3207: what was sent before the handshake must not be read as if it came after. */
static void begin_tls(struct smtp_session *session)
{
    session->starttls = false;
    if (session->input_waits) {
        say_and_close(session, SMTP_REPLY_TLS_INPUT);
        return;
    }
    say(session, SMTP_REPLY_START_TLS);
    push(session, SMTP_ACTION_START_TLS);
}

static void stop_now(struct smtp_session *session)
{
    if (session->state == MESSAGE && session->transaction.has_begun &&
        !session->transaction.has_dropped)
        push(session, SMTP_ACTION_MESSAGE_DROP);
    session->starttls = false;
    say_built(session, smtp_reply_single(421, session->stop_text));
    close_now(session);
    free(session->stop_text);
    session->stop_text = NULL;
}

/* What was not decided before the queue was empty. */
static void refill(struct smtp_session *session)
{
    if (session->stop_text != NULL && session->state != CLOSED)
        stop_now(session);
    else if (session->starttls)
        begin_tls(session);
}

static bool must_wait(enum smtp_action_kind kind)
{
    return kind == SMTP_ACTION_SENDER || kind == SMTP_ACTION_RECIPIENT ||
           kind == SMTP_ACTION_MESSAGE_END || kind == SMTP_ACTION_START_TLS;
}

enum smtp_action_kind smtp_session_next(struct smtp_session *session, struct smtp_action *action)
{
    *action = (struct smtp_action){.kind = SMTP_ACTION_NONE};
    if (session->reply_fetched) {
        free(session->reply);
        session->reply = NULL;
        session->reply_fetched = false;
    }
    if (session->waiting != SMTP_ACTION_NONE)
        return SMTP_ACTION_NONE;
    if (session->queued == 0)
        refill(session);
    if (session->queued == 0)
        return SMTP_ACTION_NONE;
    *action = session->queue[0];
    session->queued--;
    memmove(session->queue, session->queue + 1, session->queued * sizeof session->queue[0]);
    if (must_wait(action->kind))
        session->waiting = action->kind;
    if (action->kind == SMTP_ACTION_MESSAGE_BEGIN)
        session->transaction.has_begun = true;
    if (action->kind == SMTP_ACTION_MESSAGE_DROP)
        session->transaction.has_dropped = true;
    session->reply_fetched = action->text != NULL && action->text == session->reply;
    return action->kind;
}

bool smtp_session_is_waiting(const struct smtp_session *session)
{
    return session->waiting != SMTP_ACTION_NONE;
}

static void answer_sender(struct smtp_session *session, enum smtp_answer answer)
{
    if (answer == SMTP_YES) {
        session->state = SENDER;
        say(session, SMTP_REPLY_SENDER_OK);
        return;
    }
    reset_transaction(session);
    say(session, answer == SMTP_NO ? SMTP_REPLY_NO_ROOM : SMTP_REPLY_LATER);
}

static void answer_recipient(struct smtp_session *session, enum smtp_answer answer)
{
    if (answer == SMTP_YES) {
        accept_recipient(session);
    } else if (answer == SMTP_NO) {
        refuse_recipient(session, SMTP_REPLY_NO_SUCH_RECIPIENT);
    } else {
        session->transaction.has_refused = true;
        say(session, SMTP_REPLY_LATER);
    }
}

/* After a handshake that failed nobody knows where in the stream they are. */
static void answer_tls(struct smtp_session *session, enum smtp_answer answer)
{
    if (answer != SMTP_YES) {
        say_and_close(session, SMTP_REPLY_TLS_FAILED);
        return;
    }
    reset_client(session);
    session->tls = true;
}

void smtp_session_answer(struct smtp_session *session, enum smtp_answer answer)
{
    enum smtp_action_kind waiting = session->waiting;

    assert(waiting != SMTP_ACTION_NONE && waiting != SMTP_ACTION_MESSAGE_END);
    session->waiting = SMTP_ACTION_NONE;
    if (waiting == SMTP_ACTION_SENDER)
        answer_sender(session, answer);
    else if (waiting == SMTP_ACTION_RECIPIENT)
        answer_recipient(session, answer);
    else
        answer_tls(session, answer);
}

void smtp_session_answer_message(struct smtp_session *session, unsigned code, const char *text)
{
    assert(session->waiting == SMTP_ACTION_MESSAGE_END);
    assert(code / 100 == 2 || code / 100 == 4 || code / 100 == 5);
    session->waiting = SMTP_ACTION_NONE;
    say_built(session, smtp_reply_single(code, text));
    reset_transaction(session);
    session->junk = 0;
    if (code == 421)
        close_now(session);
}

void smtp_session_stop(struct smtp_session *session, const char *text)
{
    if (session->state == CLOSED || session->stop_text != NULL)
        return;
    session->stop_text = memory_string(text, strlen(text));
    /* What is ready of a message half received is of no use: the 354, a chunk. */
    if (session->state == MESSAGE && session->waiting == SMTP_ACTION_NONE)
        session->queued = 0;
}

bool smtp_session_in_message(const struct smtp_session *session)
{
    return session->state == MESSAGE && session->transaction.has_begun;
}

void smtp_session_input_waits(struct smtp_session *session, bool waits)
{
    session->input_waits = session->input_waits || waits;
}

void smtp_session_envelope(const struct smtp_session *session, struct smtp_envelope *envelope)
{
    *envelope = (struct smtp_envelope){
        .helo = session->helo != NULL ? session->helo : "",
        .esmtp = session->esmtp,
        .tls = session->tls,
        .body_8bit = session->transaction.body_8bit,
        .reverse_path =
            session->transaction.reverse_path != NULL ? session->transaction.reverse_path : "",
        .recipients = session->transaction.accepted.recipients,
        .recipient_count = session->transaction.accepted.count,
    };
}

/*
 * Which command may come when, and what each of them does. What it asks of others it asks by an
 * action that waits; it never looks at what lies behind the line, but for STARTTLS, which leaves
 * that to smtp_session.c.
 */
#include "proto/smtp_verbs.h"

#include <string.h>

#include "base/limits.h"
#include "proto/memory.h"
#include "proto/smtp_bdat.h"
#include "proto/smtp_command.h"
#include "proto/smtp_state.h"

#define READY     (STATE_GREETED | STATE_SENDER | STATE_RECIPIENTS)
#define ANY_STATE (STATE_CONNECTED | READY)

static bool hello(struct smtp_session *session, const struct smtp_command *command)
{
    if (!smtp_command_is_hello(command)) {
        smtp_state_refuse(session, SMTP_REPLY_HELLO_SYNTAX);
        return false;
    }
    smtp_state_drop(session);
    smtp_state_forget(session);
    session->helo = memory_string(command->argument, command->argument_length);
    session->state = STATE_GREETED;
    return true;
}

static void on_helo(struct smtp_session *session, const struct smtp_command *command)
{
    if (hello(session, command))
        smtp_state_say_built(session, smtp_reply_single(250, session->config->hostname));
}

static void on_ehlo(struct smtp_session *session, const struct smtp_command *command)
{
    const struct smtp_session_config *config = session->config;

    if (!hello(session, command))
        return;
    session->esmtp = true;
    smtp_state_say_built(session, smtp_reply_ehlo(config->hostname,
                                                  &(struct smtp_reply_offer){
                                                      .max_message_size = config->max_message_size,
                                                      .starttls = config->starttls && !session->tls,
                                                      .chunking = config->chunking,
                                                  }));
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
    const struct smtp_session_config *config = session->config;
    struct smtp_mail mail;
    enum smtp_command_result result = smtp_command_mail(command, &mail);

    if (config->max_messages > 0 && session->messages >= config->max_messages) {
        smtp_state_say_and_close(session, SMTP_REPLY_TOO_MANY_MESSAGES);
        return;
    }
    if (result == SMTP_COMMAND_OK && mail.binary && !config->chunking)
        result = SMTP_COMMAND_BAD_PARAMETER;
    if (result != SMTP_COMMAND_OK) {
        smtp_state_refuse(session, argument_replies[result].mail);
        return;
    }
    /* Only <> has no domain here: <Postmaster> alone is a recipient. */
    if (mail.address.domain[0] == '\0' && mail.address.mailbox_length > 0) {
        smtp_state_refuse(session, SMTP_REPLY_BAD_SENDER);
        return;
    }
    if (mail.size > config->max_message_size) {
        smtp_state_refuse(session, SMTP_REPLY_TOO_LARGE);
        return;
    }
    session->transaction.reverse_path =
        memory_string(mail.address.mailbox, mail.address.mailbox_length);
    session->transaction.body_8bit = mail.body_8bit;
    session->transaction.binary = mail.binary;
    session->transaction.smtputf8 = mail.smtputf8;
    smtp_state_push(session, SMTP_ACTION_SENDER)->declared_size = mail.size;
}

static bool is_served(const struct smtp_session *session, const char *domain)
{
    for (const char *const *at = session->config->domains; *at != NULL; at++) {
        if (strcmp(*at, domain) == 0)
            return true;
    }
    return false;
}

static void consider_recipient(struct smtp_session *session, const char *local_part,
                               const char *domain)
{
    struct smtp_recipient *candidate = &session->transaction.candidate;

    if (!is_served(session, domain)) {
        smtp_state_refuse_recipient(session, SMTP_REPLY_NOT_SERVED);
        return;
    }
    smtp_recipient_clear(candidate);
    if (!smtp_recipient_init(candidate, local_part, domain)) {
        smtp_state_refuse_recipient(session, SMTP_REPLY_NO_SUCH_RECIPIENT);
    } else if (smtp_recipient_list_has(&session->transaction.accepted, candidate->address)) {
        if (smtp_state_count_junk(session))
            smtp_state_say(session, SMTP_REPLY_RECIPIENT_OK);
    } else if (session->transaction.accepted.count == LIMIT_SMTP_RECIPIENTS) {
        smtp_state_say(session, SMTP_REPLY_TOO_MANY_RECIPIENTS);
    } else if (candidate->kind == SMTP_RECIPIENT_KEY) {
        smtp_state_push(session, SMTP_ACTION_RECIPIENT)->key = candidate->key;
    } else {
        smtp_state_accept(session);
    }
}

static void on_rcpt(struct smtp_session *session, const struct smtp_command *command)
{
    struct smtp_address address = {.domain = ""};
    enum smtp_command_result result = smtp_command_rcpt(command, &address);
    size_t length = strlen(address.local_part);
    const char *domain = address.domain;

    if (smtp_bdat_is_used(session)) {
        smtp_state_refuse(session, SMTP_REPLY_CHUNKS_ONLY);
        return;
    }
    if (result == SMTP_COMMAND_OK && address.is_utf8 && !session->transaction.smtputf8)
        result = SMTP_COMMAND_NOT_ASCII;
    if (result == SMTP_COMMAND_OK && (length == 0 || length > LIMIT_SMTP_LOCAL_PART))
        result = SMTP_COMMAND_BAD_ADDRESS;
    if (result != SMTP_COMMAND_OK) {
        session->transaction.has_refused = true;
        smtp_state_refuse(session, argument_replies[result].rcpt);
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
    if (session->state == STATE_SENDER) {
        smtp_state_refuse(session, smtp_state_no_recipients(session));
        return;
    }
    if (smtp_bdat_is_used(session) || session->transaction.binary) {
        smtp_state_refuse(session, SMTP_REPLY_CHUNKS_ONLY);
        return;
    }
    smtp_data_init(&session->transaction.data, session->config->max_message_size,
                   session->config->normalize_newlines);
    session->state = STATE_MESSAGE;
    smtp_state_push(session, SMTP_ACTION_MESSAGE_BEGIN);
    smtp_state_say(session, SMTP_REPLY_DATA);
}

static void on_rset(struct smtp_session *session, const struct smtp_command *command)
{
    (void)command;
    smtp_state_drop(session);
    smtp_state_reset(session);
    smtp_state_say(session, SMTP_REPLY_OK);
}

static void on_quit(struct smtp_session *session, const struct smtp_command *command)
{
    (void)command;
    smtp_state_drop(session);
    smtp_state_reset(session);
    smtp_state_say_and_close(session, SMTP_REPLY_BYE);
}

static void on_starttls(struct smtp_session *session, const struct smtp_command *command)
{
    (void)command;
    if (!session->config->starttls)
        smtp_state_refuse(session, SMTP_REPLY_NOT_DONE);
    else if (session->tls)
        smtp_state_refuse(session, SMTP_REPLY_TLS_ALREADY);
    else
        session->starttls = true;
}

static void on_not_done(struct smtp_session *session, const struct smtp_command *command)
{
    (void)command;
    smtp_state_refuse(session, SMTP_REPLY_NOT_DONE);
}

/* The protocol on one page, sorted by word. In a state that is not listed: 503. */
static const struct verb {
    const char *word;
    unsigned states;
    bool takes_argument; /* else 501 if there is one */
    bool junk;           /* counts against max_junk_commands */
    bool is_mail;        /* not before TLS, where that is required */
    void (*handle)(struct smtp_session *session, const struct smtp_command *command);
    enum smtp_reply_id reply; /* all there is to it, if there is no handler */
} verbs[] = {
    {"BDAT", ANY_STATE, true, false, false, smtp_bdat_command, 0},
    {"DATA", STATE_SENDER | STATE_RECIPIENTS, false, false, true, on_data, 0},
    {"EHLO", ANY_STATE, true, true, false, on_ehlo, 0},
    {"ETRN", ANY_STATE, true, false, false, on_not_done, 0},
    {"EXPN", ANY_STATE, true, false, false, on_not_done, 0},
    {"HELO", ANY_STATE, true, true, false, on_helo, 0},
    {"HELP", ANY_STATE, true, true, false, NULL, SMTP_REPLY_HELP},
    {"MAIL", STATE_GREETED, true, false, true, on_mail, 0},
    {"NOOP", ANY_STATE, true, true, false, NULL, SMTP_REPLY_OK},
    {"QUIT", ANY_STATE, false, false, false, on_quit, 0},
    {"RCPT", STATE_SENDER | STATE_RECIPIENTS, true, false, true, on_rcpt, 0},
    {"RSET", ANY_STATE, false, true, false, on_rset, 0},
    {"STARTTLS", STATE_GREETED, false, false, false, on_starttls, 0},
    {"TURN", ANY_STATE, true, false, false, on_not_done, 0},
    {"VRFY", ANY_STATE, true, true, true, NULL, SMTP_REPLY_CANNOT_VERIFY},
};

static const struct verb *find_verb(const struct smtp_command *command)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (smtp_command_is_verb(command, verbs[i].word))
            return &verbs[i];
    }
    return NULL;
}

void smtp_verbs_handle(struct smtp_session *session, const char *text, size_t length)
{
    struct smtp_command command;
    const struct verb *verb;

    smtp_command_split(text, length, &command);
    verb = find_verb(&command);
    if (verb == NULL && smtp_command_is_foreign(&command))
        smtp_state_say_and_close(session, SMTP_REPLY_FOREIGN);
    else if (verb == NULL)
        smtp_state_refuse(session, SMTP_REPLY_UNKNOWN);
    else if (verb->is_mail && session->config->require_tls && !session->tls)
        smtp_state_refuse(session, SMTP_REPLY_TLS_FIRST);
    else if ((verb->states & session->state) == 0)
        smtp_state_refuse(session, smtp_state_wrong_order(session->state));
    else if (!verb->takes_argument && command.argument_length > 0)
        smtp_state_refuse(session, SMTP_REPLY_NO_ARGUMENT);
    else if (verb->junk && !smtp_state_count_junk(session))
        return;
    else if (verb->handle == NULL)
        smtp_state_say(session, verb->reply);
    else
        verb->handle(session, &command);
}

/*
 * Takes command lines apart, without copying. It owns nothing and knows nothing of the session.
 *
 * What is hard: what is wrong has many names (501 with three enhanced codes, 553, 555), so the
 * results are told apart here, once, and the session only looks up the reply.
 */
#include "proto/smtp_command.h"

#include <string.h>

#include "base/limits.h"
#include "proto/ascii.h"

struct text {
    const char *at;
    const char *end;
};

static void skip_blanks(struct text *text)
{
    while (text->at < text->end && ascii_is_blank(*text->at))
        text->at++;
}

void smtp_command_split(const char *line, size_t length, struct smtp_command *command)
{
    struct text text = {line, line + length};

    while (text.end > text.at && ascii_is_blank(text.end[-1]))
        text.end--;
    while (text.at < text.end && !ascii_is_blank(*text.at))
        text.at++;
    command->word = line;
    command->word_length = (size_t)(text.at - line);
    skip_blanks(&text);
    command->argument = text.at;
    command->argument_length = (size_t)(text.end - text.at);
}

bool smtp_command_is_verb(const struct smtp_command *command, const char *verb)
{
    return ascii_is_word(command->word, command->word_length, verb);
}

bool smtp_command_is_foreign(const struct smtp_command *command)
{
    /* PRI opens HTTP/2. */
    static const char *const methods[] = {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS",
                                          "PATCH",   "POST",   "PRI", "PUT",  "TRACE"};

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (smtp_command_is_verb(command, methods[i]))
            return true;
    }
    for (size_t i = 0; i < command->word_length; i++) {
        if (!ascii_is_graph(command->word[i]))
            return true;
    }
    return false;
}

bool smtp_command_is_hello(const struct smtp_command *command)
{
    for (size_t i = 0; i < command->argument_length; i++) {
        if (!ascii_is_graph(command->argument[i]))
            return false;
    }
    return command->argument_length > 0 && command->argument_length <= LIMIT_SMTP_DOMAIN;
}

static enum smtp_command_result read_path(struct text *text, const char *label,
                                          struct smtp_address *address)
{
    size_t length = strlen(label);
    size_t used = 0;

    if ((size_t)(text->end - text->at) < length || !ascii_is_word(text->at, length, label))
        return SMTP_COMMAND_BAD_SYNTAX;
    text->at += length;
    skip_blanks(text);
    if (text->at == text->end)
        return SMTP_COMMAND_BAD_SYNTAX;
    switch (smtp_address_parse(text->at, (size_t)(text->end - text->at), &used, address)) {
    case SMTP_ADDRESS_OK:
        break;
    case SMTP_ADDRESS_BAD:
        return SMTP_COMMAND_BAD_ADDRESS;
    case SMTP_ADDRESS_NOT_ASCII:
        return SMTP_COMMAND_NOT_ASCII;
    }
    text->at += used;
    if (text->at < text->end && !ascii_is_blank(*text->at))
        return SMTP_COMMAND_BAD_SYNTAX;
    skip_blanks(text);
    return SMTP_COMMAND_OK;
}

/* keyword[=value]: RFC 5321, 4.1.2, esmtp-param. Moves to the one behind it. */
static bool read_parameter(struct text *text, struct text *keyword, struct text *value)
{
    keyword->at = text->at;
    while (text->at < text->end &&
           (ascii_is_alnum(*text->at) || (*text->at == '-' && text->at > keyword->at)))
        text->at++;
    keyword->end = text->at;
    *value = (struct text){NULL, NULL};
    if (keyword->at == keyword->end)
        return false;
    if (text->at < text->end && *text->at == '=') {
        value->at = ++text->at;
        while (text->at < text->end && ascii_is_graph(*text->at) && *text->at != '=')
            text->at++;
        value->end = text->at;
        if (value->at == value->end)
            return false;
    }
    if (text->at < text->end && !ascii_is_blank(*text->at))
        return false;
    skip_blanks(text);
    return true;
}

static bool is_text(const struct text *text, const char *word)
{
    return text->at != NULL && ascii_is_word(text->at, (size_t)(text->end - text->at), word);
}

/* RFC 1870 allows 20 digits; more of them are not a size. */
static bool read_size(const struct text *value, uint64_t *size)
{
    *size = 0;
    if (value->at == NULL || value->end - value->at > 20)
        return false;
    for (const char *at = value->at; at < value->end; at++) {
        uint64_t digit = (uint64_t)(*at - '0');

        if (!ascii_is_digit(*at))
            return false;
        *size = *size > (UINT64_MAX - digit) / 10 ? UINT64_MAX : *size * 10 + digit;
    }
    return true;
}

static bool read_body(const struct text *value, struct smtp_mail *mail)
{
    mail->binary = is_text(value, "BINARYMIME");
    mail->body_8bit = mail->binary || is_text(value, "8BITMIME");
    return mail->body_8bit || is_text(value, "7BIT");
}

static enum smtp_command_result mail_parameter(struct smtp_mail *mail, const struct text *keyword,
                                               const struct text *value)
{
    bool good;

    if (is_text(keyword, "SIZE")) {
        good = !mail->has_size && read_size(value, &mail->size);
        mail->has_size = true;
    } else if (is_text(keyword, "BODY")) {
        good = !mail->has_body && read_body(value, mail);
        mail->has_body = true;
    } else if (is_text(keyword, "SMTPUTF8")) {
        good = !mail->smtputf8 && value->at == NULL;
        mail->smtputf8 = true;
    } else {
        return SMTP_COMMAND_UNKNOWN_PARAMETER;
    }
    return good ? SMTP_COMMAND_OK : SMTP_COMMAND_BAD_PARAMETER;
}

enum smtp_command_result smtp_command_mail(const struct smtp_command *command,
                                           struct smtp_mail *mail)
{
    struct text text = {command->argument, command->argument + command->argument_length};
    struct text keyword, value;
    enum smtp_command_result result;

    *mail = (struct smtp_mail){0};
    result = read_path(&text, "FROM:", &mail->address);
    while (result == SMTP_COMMAND_OK && text.at < text.end) {
        if (!read_parameter(&text, &keyword, &value))
            return SMTP_COMMAND_BAD_SYNTAX;
        result = mail_parameter(mail, &keyword, &value);
    }
    if (result == SMTP_COMMAND_OK && mail->address.is_utf8 && !mail->smtputf8)
        return SMTP_COMMAND_NOT_ASCII;
    return result;
}

bool smtp_command_bdat(const struct smtp_command *command, uint64_t *octets, bool *last)
{
    struct text text = {command->argument, command->argument + command->argument_length};
    struct text number = {text.at, text.at};

    while (number.end < text.end && ascii_is_digit(*number.end))
        number.end++;
    if (number.end == number.at || !read_size(&number, octets))
        return false;
    text.at = number.end;
    if (text.at < text.end && !ascii_is_blank(*text.at))
        return false;
    skip_blanks(&text);
    *last = text.at < text.end;
    return !*last || is_text(&text, "LAST");
}

enum smtp_command_result smtp_command_rcpt(const struct smtp_command *command,
                                           struct smtp_address *address)
{
    struct text text = {command->argument, command->argument + command->argument_length};
    struct text keyword, value;
    enum smtp_command_result result = read_path(&text, "TO:", address);

    if (result != SMTP_COMMAND_OK || text.at == text.end)
        return result;
    return read_parameter(&text, &keyword, &value) ? SMTP_COMMAND_UNKNOWN_PARAMETER
                                                   : SMTP_COMMAND_BAD_SYNTAX;
}

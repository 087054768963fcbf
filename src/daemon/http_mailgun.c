/*
 * POST /mailgun: a mail by way of Mailgun's routes, for hosts whose port 25 is closed. The form has
 * the envelope and the texts of the mail as fields and its attachments as files; signed are a time
 * and a token, of which each is good once. The recipient's key is the agency's, as in SMTP, and the
 * way of the message is the same from there on.
 *
 * 406 tells Mailgun not to send it again; what is our own trouble is 503, which it repeats for
 * hours.
 */
#include "base/error.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "daemon/delivery.h"
#include "daemon/http_server_impl.h"
#include "daemon/log.h"
#include "db/store_agency.h"
#include "proto/http_multipart.h"
#include "proto/smtp_address.h"
#include "proto/smtp_recipient.h"

#include <string.h>

enum field { TIMESTAMP, TOKEN, SIGNATURE, RECIPIENT, SENDER, SUBJECT, MESSAGE_ID, BODY_PLAIN };
enum { FIELDS = BODY_PLAIN + 1, FIELD_MOST = 4096 };

static const char *const names[FIELDS] = {"timestamp", "token",   "signature",  "recipient",
                                          "sender",    "subject", "Message-Id", "body-plain"};

/* A mail whose form is looked at in the reader's thread. It owns the message meanwhile: the client
 * may go, and what Mailgun was not told of it sends again. */
struct mail {
    struct http_server *server;
    uint64_t ticket;
    struct http_config *config; /* a reference */
    struct message *message;
    char *type;    /* Content-Type */
    bool is_plain; /* a form without files: a mail without attachments */
    size_t head;   /* octets that were written before the body */
    char *fields[FIELDS];
    char *key, *address;
    unsigned status; /* of a refusal; 0: it is good */
    const char *why;
};

static void mail_free(struct mail *mail)
{
    for (size_t i = 0; i < FIELDS; i++)
        g_free(mail->fields[i]);
    message_free(mail->message);
    http_config_unref(mail->config);
    g_free(mail->type);
    g_free(mail->key);
    g_free(mail->address);
    g_free(mail);
}

static bool refuse(struct mail *mail, unsigned status, const char *why)
{
    mail->status = status;
    mail->why = why;
    return false;
}

/* --- the form, in the reader's thread --- */

static void keep_field(struct mail *mail, const char *name, const char *text, size_t length)
{
    for (size_t i = 0; i < FIELDS; i++) {
        size_t most = i == BODY_PLAIN ? LIMIT_MAIL_TEXT : FIELD_MOST;
        if (g_ascii_strcasecmp(names[i], name) == 0 && mail->fields[i] == NULL && length <= most)
            mail->fields[i] = g_utf8_make_valid(text, (gssize)length);
    }
}

static bool read_multipart(struct mail *mail, const char *body, size_t length)
{
    struct http_multipart multipart;
    struct http_part part;
    enum http_part_result result = HTTP_PART_BAD;
    if (!http_multipart_init(&multipart, mail->type, body, length))
        return refuse(mail, 406, "the body is no multipart/form-data");
    while ((result = http_multipart_next(&multipart, &part)) == HTTP_PART)
        if (!part.has_file_name)
            keep_field(mail, part.name, part.content, part.length);
    return result == HTTP_PART_NONE || refuse(mail, 406, "the multipart body is not well-formed");
}

static bool read_form(struct mail *mail, const char *body, size_t length)
{
    struct http_form form;
    bool is_good = http_form_read(&form, body, length);
    for (size_t i = 0; is_good && i < form.count; i++)
        keep_field(mail, form.fields[i].name, form.fields[i].value, strlen(form.fields[i].value));
    http_form_clear(&form);
    return is_good || refuse(mail, 406, "the form is not well-formed");
}

static bool read_message(struct mail *mail)
{
    size_t size = (size_t)mail->message->size;
    if (size == 0)
        return refuse(mail, 406, "the body is empty");
    const char *bytes = message_map(mail->message, NULL);
    if (bytes == NULL)
        return refuse(mail, 503, "it could not be done now: try again later");
    bool is_good = mail->is_plain ? read_form(mail, bytes, size)
                                  : read_multipart(mail, bytes + mail->head, size - mail->head);
    message_unmap(mail->message, bytes);
    return is_good;
}

/* --- is it Mailgun? --- */

static bool is_signed(struct mail *mail)
{
    const char *time = mail->fields[TIMESTAMP], *token = mail->fields[TOKEN];
    const char *signature = mail->fields[SIGNATURE];
    if (time == NULL || token == NULL || signature == NULL || token[0] == '\0')
        return refuse(mail, 406, "timestamp, token, signature: one of them is missing");
    char expected[SHA256_HEX_SIZE];
    g_autofree char *text = g_strconcat(time, token, NULL);
    sha256_hmac_hex(mail->config->mailgun_key, text, strlen(text), expected);
    g_autofree char *given = g_ascii_strdown(signature, -1);
    if (strlen(given) != SHA256_HEX_SIZE - 1 ||
        !sha256_is_equal(given, expected, SHA256_HEX_SIZE - 1))
        return refuse(mail, 406, "signature: it is wrong");
    guint64 signed_at = 0;
    int64_t now = g_get_real_time() / G_USEC_PER_SEC;
    if (!g_ascii_string_to_unsigned(time, 10, 0, G_MAXUINT32, &signed_at, NULL) ||
        ABS(now - (int64_t)signed_at) > LIMIT_MAILGUN_WINDOW)
        return refuse(mail, 406, "timestamp: it is too old, or lies ahead");
    return true;
}

/* --- whom it is for --- */

static bool is_served(const struct mail *mail, const char *domain)
{
    return g_strv_contains((const char *const *)mail->config->settings->domains, domain);
}

static bool find_recipient(struct mail *mail)
{
    struct smtp_address address;
    struct smtp_recipient recipient;
    size_t used;
    const char *given = mail->fields[RECIPIENT] != NULL ? mail->fields[RECIPIENT] : "";
    g_autofree char *path = g_strdup_printf("<%s>", given);
    if (smtp_address_parse(path, strlen(path), &used, &address) != SMTP_ADDRESS_OK ||
        !is_served(mail, address.domain) ||
        !smtp_recipient_init(&recipient, address.local_part, address.domain))
        return refuse(mail, 406, "recipient: there is no such recipient here");
    mail->key = g_strdup(recipient.key);
    mail->address = g_strdup(recipient.address);
    smtp_recipient_clear(&recipient);
    return mail->key != NULL || refuse(mail, 406, "recipient: there is no such recipient here");
}

static bool is_live(struct mail *mail, struct db *db)
{
    g_autofree char *agency_id = NULL;
    g_autoptr(GError) error = NULL;
    if (!store_key_agency(db, mail->key, g_get_real_time() / G_USEC_PER_SEC, &agency_id, &error)) {
        log_event(LOG_LEVEL_ERROR, "look-up-failed", LOG_TEXT("error", error->message));
        return refuse(mail, 503, "it could not be done now: try again later");
    }
    return agency_id != NULL || refuse(mail, 406, "recipient: there is no such recipient here");
}

static void look_at(void *context, struct db *db)
{
    struct mail *mail = context;
    if (read_message(mail) && is_signed(mail) && find_recipient(mail))
        is_live(mail, db);
}

/* --- on its way --- */

static void on_done(void *context, uint64_t ticket, const struct message *message,
                    const struct ingest_result *result, const GError *error)
{
    struct http_server *server = context;
    struct exchange *exchange = exchange_find(server, ticket);
    bool is_stored = error == NULL && !result->is_used && !result->is_for_nobody;
    if (is_stored)
        delivery_log(message, result, 200, NULL);
    if (exchange == NULL) {
        /* it will be sent again, and its token is used */
    } else if (error != NULL) {
        exchange_fail_error(exchange, error);
    } else if (result->is_used) {
        exchange_fail(exchange, 406, "token: it was used before");
    } else if (result->is_for_nobody) {
        exchange_fail(exchange, 406, "recipient: there is no such recipient here");
    } else {
        struct json *document = json_object_new();
        json_set_text(document, "id", message->id);
        json_set_text(document, "verdict", report_verdict_name(result->verdict));
        json_set_text(document, "error_message", result->reason);
        exchange_reply_json(exchange, 200, document);
    }
    server->in_flight--;
    http_server_check_drained(server);
}

/* A field of a mail, whatever is in the text. */
static void append_field(GString *head, const char *name, const char *text)
{
    if (text == NULL)
        return;
    g_autofree char *encoded = g_base64_encode((const guchar *)text, strlen(text));
    g_string_append_printf(head, "%s: =?utf-8?B?%s?=\r\n", name, encoded);
}

/* The texts of a mail without attachments, as a mail, in place of the form. NULL: there is no room.
 */
static struct message *write_text(struct mail *mail)
{
    const char *text = mail->fields[BODY_PLAIN];
    g_autoptr(GString) whole = g_string_new("MIME-Version: 1.0\r\n");
    append_field(whole, "Subject", mail->fields[SUBJECT]);
    g_string_append(whole, "Content-Type: text/plain; charset=utf-8\r\n"
                           "Content-Transfer-Encoding: 8bit\r\n\r\n");
    g_string_append(whole, text != NULL ? text : "");
    AUTO(message) message = message_new(mail->server->budget);
    message_append(message, whole->str, whole->len);
    return message->over ? NULL : g_steal_pointer(&message);
}

/* It has been refused, or nobody waits for it any more. */
static void drop(struct mail *mail)
{
    struct http_server *server = mail->server;
    mail_free(mail);
    server->in_flight--;
    http_server_check_drained(server);
}

static void on_looked_at(void *context)
{
    struct mail *mail = context;
    struct http_server *server = mail->server;
    struct exchange *exchange = exchange_find(server, mail->ticket);
    struct message *message = NULL;
    if (exchange != NULL && mail->status == 0)
        message = mail->is_plain ? write_text(mail) : g_steal_pointer(&mail->message);
    if (exchange != NULL && message == NULL) {
        if (mail->status == 406)
            exchange_has_guessed(exchange);
        if (mail->status != 0)
            exchange_fail(exchange, mail->status, "%s", mail->why);
        else
            exchange_fail_later(exchange);
    }
    if (message == NULL) {
        drop(mail);
        return;
    }
    message->peer = g_strdup(exchange->peer);
    message_complete_mailgun(message, mail->fields[SENDER], mail->address, mail->key,
                             mail->fields[TOKEN]);
    delivery_begin(server->pool, server->store, message, mail->ticket, on_done, server);
    mail_free(mail);
}

/* --- the request --- */

void http_mailgun_begin(struct exchange *exchange)
{
    if (exchange->config->mailgun_key == NULL) {
        exchange_fail(exchange, 404, "there is nothing at this path");
        return;
    }
    if (!exchange_may_guess(exchange))
        return;
    if (!exchange_has_type(exchange, HTTP_MULTIPART) && !exchange_has_type(exchange, HTTP_FORM)) {
        exchange_fail(exchange, 415, "the Content-Type must be " HTTP_MULTIPART " or " HTTP_FORM);
        return;
    }
    http_upload_open(exchange);
}

/* A form without files is small. */
void http_mailgun_take(struct exchange *exchange, const char *octets, size_t length)
{
    bool is_plain = !exchange_has_type(exchange, HTTP_MULTIPART);
    if (is_plain && (size_t)exchange->message->size + length > LIMIT_MAILGUN_FORM)
        exchange_fail(exchange, 413, "the form is too large");
    else
        http_upload_take(exchange, octets, length);
}

void http_mailgun_end(struct exchange *exchange)
{
    struct mail *mail = g_new0(struct mail, 1);
    mail->server = exchange->server;
    mail->ticket = exchange->ticket;
    mail->config = http_config_ref(exchange->config);
    mail->type = g_strdup(http_request_field(exchange->request, "content-type"));
    mail->message = g_steal_pointer(&exchange->message);
    mail->is_plain = !exchange_has_type(exchange, HTTP_MULTIPART);
    if (!mail->is_plain)
        mail->head = http_upload_head_size(mail->type);
    exchange->server->in_flight++;
    reader_thread_run(exchange->server->reader, look_at, on_looked_at, mail);
}

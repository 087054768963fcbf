/*
 * report_read(): a mail with its workbooks, or a workbook by itself. Each file is read for itself;
 * what is wrong with one never stops the others.
 *
 * It owns nothing but the order of things: scan, take apart, find the candidates, decode strictly,
 * read, conclude. Without a candidate it says what the mail is instead, in a sentence that tells a
 * person what to do.
 */
#include "base/limits.h"
#include "base/sha256.h"
#include "report/attachment.h"
#include "report/mail_text.h"
#include "report/mime.h"
#include "report/report.h"
#include "report/report_csv.h"
#include "report/report_workbook.h"
#include "report/sheets.h"
#include "report/signature.h"
#include "report/unpack.h"

#include <string.h>

#define DEFAULT_NAME "report.xlsx"

void report_prepare(void)
{
    mime_prepare();
}

static void G_GNUC_PRINTF(3, 4)
    set_verdict(struct report *report, enum report_verdict verdict, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *reason = g_strdup_vprintf(format, args);
    va_end(args);
    report->verdict = verdict;
    report->reason = report_text_cut(report, reason, LIMIT_REPORT_TEXT);
}

static struct report_file *add_file(struct report *report, const char *name)
{
    struct report_file *file = report_file_new(report);
    file->name = report_text_cut(report, name, LIMIT_REPORT_TEXT / 4);
    if (file->name == NULL)
        file->name = DEFAULT_NAME;
    return file;
}

static struct report_file *file_with(const struct report *report, const char *sha256)
{
    for (guint i = 0; i < report->files->len; i++) {
        struct report_file *file = g_ptr_array_index(report->files, i);
        if (strcmp(file->sha256, sha256) == 0)
            return file;
    }
    return NULL;
}

/* Text that does not begin like CSV may be one by its name: there may be a title above. */
static bool is_csv(const char *name, const void *bytes, size_t size)
{
    const char *kind = signature_of_bytes(bytes, size)->kind;
    size_t length = strlen(name);
    return strcmp(kind, "csv") == 0 || (strcmp(kind, "unknown") == 0 && length > 4 &&
                                        g_ascii_strcasecmp(name + length - 4, ".csv") == 0);
}

/* A file as it is, told by its bytes. */
static void fill_file(struct report *report, struct report_file *file, const void *bytes,
                      size_t size, const char *sha256)
{
    g_strlcpy(file->sha256, sha256, sizeof file->sha256);
    file->bytes = size;
    if (size > LIMIT_WORKBOOK_BYTES)
        file->reason = report_text(report, "The file is larger than 50 MB, which is refused.");
    else if (is_csv(file->name, bytes, size))
        report_csv_read(report, file, bytes, size);
    else
        report_workbook_read(report, file, bytes, size);
}

static void take_file(struct report *report, const char *name, GBytes *content)
{
    gsize size;
    const void *bytes = g_bytes_get_data(content, &size);
    g_autofree char *sha256 = sha256_text(bytes, size);
    struct report_file *same = file_with(report, sha256);
    if (same != NULL)
        report_note(report, same, NULL, 0, "the same file is attached again as \"%s\": read once",
                    name != NULL ? name : DEFAULT_NAME);
    else
        fill_file(report, add_file(report, name), bytes, size, sha256);
}

/* One more than there may be is taken, and tells it. */
static bool has_too_many(const struct report *report)
{
    return report->files->len > LIMIT_REPORT_FILES;
}

struct inside {
    struct report *report;
    const char *name; /* of what is around it */
};

static bool take_inside(void *context, const char *name, GBytes *content)
{
    struct inside *inside = context;
    take_file(inside->report, name != NULL ? name : inside->name, content);
    return !has_too_many(inside->report);
}

/* A file, or what is in it. */
static void take_bytes(struct report *report, const char *name, GBytes *content)
{
    gsize size;
    const void *bytes = g_bytes_get_data(content, &size);
    struct inside inside = {report, name};
    g_autoptr(GError) error = NULL;
    switch (unpack(bytes, size, &report->inflated, take_inside, &inside, &error)) {
    case UNPACK_NOTHING:
        take_file(report, name, content);
        break;
    case UNPACK_DONE:
        break;
    case UNPACK_BAD: {
        struct report_file *file = add_file(report, name);
        g_autofree char *sha256 = sha256_text(bytes, size);
        g_strlcpy(file->sha256, sha256, sizeof file->sha256);
        file->bytes = size;
        sheets_fail(report, file, error->message);
        break;
    }
    }
}

static void take_part(struct report *report, const struct mime_part *part)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) content = attachment_decode(part, &error);
    if (content != NULL) {
        take_bytes(report, part->name, content);
        return;
    }
    g_autofree char *reason =
        g_strdup_printf("the attachment was damaged on its way: %s", error->message);
    sheets_fail(report, add_file(report, part->name), reason);
}

static void take_document(struct report *report, const struct mime_part *part)
{
    struct report_file *file = add_file(report, part->name);
    file->verdict = REPORT_NO_REPORT;
    file->reason = report_text(report, "This is a document or program, not a workbook.");
    g_autoptr(GBytes) content = attachment_decode(part, NULL);
    if (content == NULL)
        return;
    g_autofree char *sha256 =
        sha256_text(g_bytes_get_data(content, NULL), g_bytes_get_size(content));
    g_strlcpy(file->sha256, sha256, sizeof file->sha256);
    file->bytes = g_bytes_get_size(content);
}

static void take_text(struct report *report, const struct mime_part *part)
{
    g_autofree char *text = mime_part_text(part);
    if (text == NULL)
        return;
    bool is_html = strcmp(part->type, "text/html") == 0;
    g_autofree char *link = report->link == NULL ? mail_text_link(text, is_html) : NULL;
    if (link != NULL && strlen(link) <= LIMIT_REPORT_PAYLOAD)
        report->link = report_text_cut(report, link, LIMIT_REPORT_PAYLOAD);
    if (report->subscription != NULL)
        return;
    g_autofree char *subscription = mail_text_subscription(text, is_html);
    report->subscription = report_text_cut(report, subscription, LIMIT_REPORT_TEXT);
}

/* The log tells the subscription of a report, too, so the texts of every mail are searched. */
static void take_texts(struct report *report, const struct mime_mail *mail)
{
    for (guint i = 0; i < mail->parts->len; i++) {
        if (report->link != NULL && report->subscription != NULL)
            return;
        take_text(report, g_ptr_array_index(mail->parts, i));
    }
}

/* A sentence about an attachment that is no workbook but may well hold the report. */
static const char *tell_packed(const struct mime_part *part)
{
    static const char *const kinds[] = {"gzip", "rar", "7z", "pdf", "html"};
    g_autoptr(GBytes) content = attachment_decode(part, NULL);
    if (content == NULL)
        return NULL;
    const struct signature *signature =
        signature_of_bytes(g_bytes_get_data(content, NULL), g_bytes_get_size(content));
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(signature->kind, kinds[i]) == 0)
            return signature->sentence;
    return NULL;
}

/* What the mail is when it has no file. */
static void conclude_without_files(struct report *report, const struct mime_mail *mail,
                                   const enum attachment_kind *kinds)
{
    size_t attached = 0;
    bool has_tnef = false;
    const char *name = NULL, *told = NULL;
    for (guint i = 0; i < mail->parts->len; i++) {
        const struct mime_part *part = g_ptr_array_index(mail->parts, i);
        has_tnef = has_tnef || kinds[i] == ATTACHMENT_TNEF;
        if (!part->is_attachment)
            continue;
        attached++;
        if (name == NULL)
            name = part->name;
        if (told == NULL)
            told = tell_packed(part);
    }
    if (report->link != NULL)
        set_verdict(report, REPORT_LINK_ONLY,
                    "The mail has a link to the report instead of the report: set the subscription "
                    "to attach the workbook (XLSX), or download it and ingest it by hand.");
    else if (mail->unopened > 0)
        set_verdict(report, REPORT_NO_REPORT,
                    "A mail was forwarded within a forwarded mail, which is not opened: forward "
                    "the original mail itself.");
    else if (has_tnef)
        set_verdict(
            report, REPORT_NO_REPORT,
            "What was attached is wrapped up in Outlook's winmail.dat, which is not opened: "
            "send the mail as HTML or plain text.");
    else if (told != NULL)
        set_verdict(report, REPORT_NO_REPORT, "%s.", told);
    else if (attached > 0)
        set_verdict(report, REPORT_NO_REPORT,
                    "The mail has %zu %s, but no workbook among them (the first is \"%.100s\").",
                    attached, attached == 1 ? "attachment" : "attachments",
                    name != NULL ? name : "without a name");
    else
        set_verdict(report, REPORT_NO_REPORT,
                    "The mail has no attachment and no link to a report.");
}

static void take_parts(struct report *report, const struct mime_mail *mail,
                       const enum attachment_kind *kinds)
{
    for (guint i = 0; i < mail->parts->len && !has_too_many(report); i++) {
        const struct mime_part *part = g_ptr_array_index(mail->parts, i);
        switch (kinds[i]) {
        case ATTACHMENT_WORKBOOK:
        case ATTACHMENT_CSV:
            take_part(report, part);
            break;
        case ATTACHMENT_DOCUMENT:
            take_document(report, part);
            break;
        case ATTACHMENT_OTHER:
        case ATTACHMENT_TNEF:
            break;
        }
    }
}

/* What each part is; g_free it. */
static enum attachment_kind *kinds_of(const struct mime_mail *mail)
{
    enum attachment_kind *kinds = g_new(enum attachment_kind, mail->parts->len);
    for (guint i = 0; i < mail->parts->len; i++)
        kinds[i] = attachment_kind_of(g_ptr_array_index(mail->parts, i));
    return kinds;
}

static size_t count_attachments(const struct mime_mail *mail, const enum attachment_kind *kinds)
{
    size_t count = 0;
    for (guint i = 0; i < mail->parts->len; i++) {
        const struct mime_part *part = g_ptr_array_index(mail->parts, i);
        count += part->is_attachment || kinds[i] != ATTACHMENT_OTHER;
    }
    return count;
}

/* All or nothing: nobody could say which of them were read. */
static bool refuse_too_many(struct report *report)
{
    if (!has_too_many(report))
        return false;
    g_ptr_array_set_size(report->files, 0);
    set_verdict(report, REPORT_FAILED,
                "Nothing of it was read: there are more than %d files in it.", LIMIT_REPORT_FILES);
    return true;
}

static void read_mail(struct report *report, const void *bytes, size_t size)
{
    g_autoptr(GError) error = NULL;
    AUTO(mime_mail) mail = mime_read(bytes, size, &error);
    if (mail == NULL) {
        set_verdict(report, REPORT_FAILED, "The mail was not read: %s.", error->message);
        return;
    }
    report->subject = report_text_cut(report, mail->subject, LIMIT_MAIL_FIELD_KEPT);
    report->message_id = report_text_cut(report, mail->message_id, LIMIT_MAIL_FIELD_KEPT);
    report->mail_from = report_text_cut(report, mail->from, LIMIT_MAIL_FIELD_KEPT);
    g_autofree enum attachment_kind *kinds = kinds_of(mail);
    size_t attachments = count_attachments(mail, kinds);
    if (attachments > LIMIT_MAIL_ATTACHMENTS) {
        set_verdict(report, REPORT_FAILED,
                    "The mail was not read: it has %zu attachments, more than %d are refused.",
                    attachments, LIMIT_MAIL_ATTACHMENTS);
        return;
    }
    take_texts(report, mail);
    take_parts(report, mail, kinds);
    if (refuse_too_many(report))
        return;
    if (report->files->len == 0) {
        conclude_without_files(report, mail, kinds);
        return;
    }
    if (mail->unopened > 0)
        report_note(report, g_ptr_array_index(report->files, 0), NULL, 0,
                    "a mail forwarded within a forwarded mail was not opened");
    report_conclude(report);
}

/* A workbook has its signature; a mail begins with a header field, or with the line that mail
 * boxes put before one. Everything else is told by the workbook reader what it is. */
static bool is_mail(const char *bytes, size_t size)
{
    size_t length = 0;
    if (attachment_has_signature(bytes, size))
        return false;
    if (size > strlen("From ") && memcmp(bytes, "From ", strlen("From ")) == 0)
        return true;
    while (length < size && length < 78 && (g_ascii_isalnum(bytes[length]) || bytes[length] == '-'))
        length++;
    return length > 0 && length < size && bytes[length] == ':';
}

/* The line that a mail box puts before a mail is no field of it. */
static size_t envelope_line(const char *bytes, size_t size)
{
    if (size < strlen("From ") || memcmp(bytes, "From ", strlen("From ")) != 0)
        return 0;
    const char *end = memchr(bytes, '\n', size);
    return end != NULL ? (size_t)(end - bytes) + 1 : size;
}

struct report *report_read(const void *bytes, size_t size, enum report_input input,
                           const char *name)
{
    struct report *report = report_new();
    if (input == REPORT_INPUT_MAIL || is_mail(bytes, size)) {
        size_t skip = envelope_line(bytes, size);
        read_mail(report, (const char *)bytes + skip, size - skip);
        return report;
    }
    g_autoptr(GBytes) content = g_bytes_new_static(bytes, size);
    take_bytes(report, name, content);
    if (!refuse_too_many(report))
        report_conclude(report);
    return report;
}

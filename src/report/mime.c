/*
 * The only file that knows GMime (3.2). It hands over bytes that mime_scan() has passed, and takes
 * names, types and positions; it never lets GMime write a header again (its serialiser has an
 * endless loop in this version) and never lets it decode an attachment.
 *
 * The mail is read as a part, not as a message: GMime then leaves its address fields alone, whose
 * parser is the weak one. A forwarded mail's it does read; the scan has made them small.
 *
 * The stream persists, so that GMime keeps offsets instead of copies; the slices given out are
 * those offsets in the caller's own bytes. The tree is walked with a stack of our own: it is no
 * deeper than LIMIT_MAIL_DEPTH, which the scan has seen to.
 */
#include "report/mime.h"

#include "base/error.h"
#include "base/limits.h"
#include "report/mime_scan.h"

#include <gmime/gmime.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeStream, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParser, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeObject, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeDataWrapper, g_object_unref)

struct step {
    GMimeObject *object; /* borrowed from the whole */
    unsigned forwards;   /* mails around it but the outermost */
};

void mime_prepare(void)
{
    static gsize ready;
    if (g_once_init_enter(&ready)) {
        g_mime_init();
        g_once_init_leave(&ready, 1);
    }
}

static void part_free(gpointer data)
{
    struct mime_part *part = data;
    g_free(part->name);
    g_free(part->type);
    g_free(part->encoding_name);
    g_free(part->text);
    g_free(part);
}

void mime_mail_free(struct mime_mail *mail)
{
    if (mail == NULL)
        return;
    g_free(mail->subject);
    g_free(mail->message_id);
    g_free(mail->from);
    g_ptr_array_unref(mail->parts);
    g_free(mail);
}

/* Whatever GMime calls critical and is about parts means that it had to choose. */
static void on_warning(gint64 offset, GMimeParserWarning code, const gchar *item, gpointer data)
{
    const char **refused = data;
    (void)offset;
    (void)item;
    if (code == GMIME_CRIT_NESTING_OVERFLOW)
        *refused = "the parts of the mail are nested too deeply";
    else if (code == GMIME_CRIT_MULTIPART_WITHOUT_BOUNDARY)
        *refused = "a multipart has no boundary";
    else if (code == GMIME_CRIT_CONFLICTING_PARAMETER)
        *refused = "a header field has a parameter twice";
}

static GMimeObject *parse(const void *bytes, size_t size, const char **refused)
{
    GMimeParserOptions *options = g_mime_parser_options_new();
    g_mime_parser_options_set_address_compliance_mode(options, GMIME_RFC_COMPLIANCE_STRICT);
    g_mime_parser_options_set_parameter_compliance_mode(options, GMIME_RFC_COMPLIANCE_STRICT);
    g_mime_parser_options_set_rfc2047_compliance_mode(options, GMIME_RFC_COMPLIANCE_STRICT);
    g_mime_parser_options_set_warning_callback(options, on_warning, refused);

    g_autoptr(GMimeStream) stream = g_mime_stream_mem_new_with_buffer(bytes, size);
    g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(stream);
    g_mime_parser_set_persist_stream(parser, TRUE);
    GMimeObject *whole = g_mime_parser_construct_part(parser, options);
    g_mime_parser_options_free(options);
    return whole;
}

/* The first octets of a text, decoded and in UTF-8. Lenient: it is only searched for a link. */
static char *decode_text(GMimePart *leaf, const struct mime_part *part)
{
    size_t size = MIN(part->size, LIMIT_MAIL_TEXT);
    g_autoptr(GMimeStream) raw = g_mime_stream_mem_new_with_buffer(part->content, size);
    g_autoptr(GMimeDataWrapper) wrapper =
        g_mime_data_wrapper_new_with_stream(raw, g_mime_part_get_content_encoding(leaf));
    g_autoptr(GMimeStream) decoded = g_mime_stream_mem_new();
    if (g_mime_data_wrapper_write_to_stream(wrapper, decoded) < 0)
        return NULL;
    const GByteArray *octets = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(decoded));
    if (octets->len == 0)
        return NULL;
    const char *text = (const char *)octets->data;
    const char *charset = g_mime_object_get_content_type_parameter(GMIME_OBJECT(leaf), "charset");
    if (charset != NULL && g_ascii_strcasecmp(charset, "utf-8") != 0 &&
        g_ascii_strcasecmp(charset, "us-ascii") != 0) {
        char *converted =
            g_convert_with_fallback(text, octets->len, "UTF-8", charset, "?", NULL, NULL, NULL);
        if (converted != NULL)
            return converted;
    }
    return g_utf8_make_valid(text, (gssize)octets->len);
}

static enum mime_encoding encoding_of(const char *name)
{
    static const struct {
        const char *name;
        enum mime_encoding encoding;
    } encodings[] = {
        {"7bit", MIME_PLAIN},
        {"8bit", MIME_PLAIN},
        {"binary", MIME_PLAIN},
        {"base64", MIME_BASE64},
        {"quoted-printable", MIME_QUOTED_PRINTABLE},
    };
    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(encodings); i++) {
        if (g_ascii_strcasecmp(name, encodings[i].name) == 0)
            return encodings[i].encoding;
    }
    return name == NULL ? MIME_PLAIN : MIME_UNKNOWN_ENCODING;
}

/* Where the content lies in the caller's bytes. */
static void place(struct mime_part *part, GMimePart *leaf, const char *bytes, size_t size)
{
    GMimeDataWrapper *content = g_mime_part_get_content(leaf);
    GMimeStream *stream = content != NULL ? g_mime_data_wrapper_get_stream(content) : NULL;
    part->content = bytes;
    if (stream == NULL || stream->bound_start < 0)
        return;
    size_t start = (size_t)stream->bound_start;
    size_t end = stream->bound_end < 0 ? size : (size_t)stream->bound_end;
    if (start > end || end > size)
        return;
    part->content = bytes + start;
    part->size = end - start;
}

static void add_part(struct mime_mail *mail, GMimePart *leaf, const char *bytes, size_t size)
{
    GMimeObject *object = GMIME_OBJECT(leaf);
    struct mime_part *part = g_new0(struct mime_part, 1);
    g_ptr_array_add(mail->parts, part);
    GMimeContentType *type = g_mime_object_get_content_type(object);
    g_autofree char *given = type != NULL ? g_mime_content_type_get_mime_type(type) : NULL;
    part->type = g_ascii_strdown(given != NULL ? given : "text/plain", -1);
    const char *name = g_mime_part_get_filename(leaf);
    part->name = name != NULL ? g_utf8_make_valid(name, -1) : NULL;
    const char *encoding = g_mime_object_get_header(object, "Content-Transfer-Encoding");
    part->encoding_name = encoding != NULL ? g_strstrip(g_strdup(encoding)) : NULL;
    part->encoding = encoding_of(part->encoding_name);
    const char *disposition = g_mime_object_get_disposition(object);
    part->is_attachment = disposition != NULL && g_ascii_strcasecmp(disposition, "attachment") == 0;
    place(part, leaf, bytes, size);
    if (!part->is_attachment &&
        (strcmp(part->type, "text/plain") == 0 || strcmp(part->type, "text/html") == 0))
        part->text = decode_text(leaf, part);
}

static void push(GArray *steps, GMimeObject *object, unsigned forwards)
{
    struct step step = {object, forwards};
    if (object != NULL)
        g_array_append_val(steps, step);
}

static void walk(struct mime_mail *mail, GMimeObject *whole, const char *bytes, size_t size)
{
    g_autoptr(GArray) steps = g_array_new(FALSE, FALSE, sizeof(struct step));
    push(steps, whole, 0);
    while (steps->len > 0) {
        struct step step = g_array_index(steps, struct step, steps->len - 1);
        g_array_set_size(steps, steps->len - 1);
        if (GMIME_IS_MULTIPART(step.object)) {
            GMimeMultipart *multipart = GMIME_MULTIPART(step.object);
            for (int i = g_mime_multipart_get_count(multipart); i-- > 0;)
                push(steps, g_mime_multipart_get_part(multipart, i), step.forwards);
        } else if (GMIME_IS_MESSAGE_PART(step.object)) {
            GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(step.object));
            if (step.forwards > 0)
                mail->unopened++;
            else if (inner != NULL)
                push(steps, g_mime_message_get_mime_part(inner), 1);
        } else if (GMIME_IS_PART(step.object)) {
            add_part(mail, GMIME_PART(step.object), bytes, size);
        }
    }
}

static char *header_text(GMimeObject *whole, const char *name)
{
    GMimeHeader *header = g_mime_header_list_get_header(g_mime_object_get_header_list(whole), name);
    const char *raw = header != NULL ? g_mime_header_get_raw_value(header) : NULL;
    if (raw == NULL)
        return NULL;
    g_autofree char *unfolded = g_mime_utils_header_unfold(raw);
    g_autofree char *decoded = g_mime_utils_header_decode_text(NULL, unfolded);
    return g_strstrip(g_utf8_make_valid(decoded, -1));
}

struct mime_mail *mime_read(const void *bytes, size_t size, GError **error)
{
    if (!mime_scan(bytes, size, error))
        return NULL;
    mime_prepare();
    const char *refused = NULL;
    g_autoptr(GMimeObject) whole = parse(bytes, size, &refused);
    if (refused != NULL) {
        error_perm(error, "%s", refused);
        return NULL;
    }
    struct mime_mail *mail = g_new0(struct mime_mail, 1);
    mail->parts = g_ptr_array_new_with_free_func(part_free);
    if (whole == NULL) /* no byte at all */
        return mail;
    mail->subject = header_text(whole, "Subject");
    mail->message_id = header_text(whole, "Message-ID");
    mail->from = header_text(whole, "From");
    walk(mail, whole, bytes, size);
    return mail;
}

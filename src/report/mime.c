/*
 * The only file that knows GMime (3.2), and only its decoders of values: encoded words, parameters
 * that are odd (mime_fields.h), texts. GMime never gets to see the structure of a mail, an address
 * field or an attachment: its parser descends once per address group and overflows its stack, has
 * no limits, and chooses silently where a mail can be read in two ways.
 *
 * It costs more than all the rest of a mail's structure. So a value that is plain is taken as it
 * stands, and texts are decoded when they are asked for.
 */
#include "report/mime.h"

#include "base/error.h"
#include "base/limits.h"
#include "report/mime_scan.h"

#include <gmime/gmime.h>
#include <stdint.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeStream, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeDataWrapper, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeContentType, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeContentDisposition, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParserOptions, g_mime_parser_options_free)

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
    g_array_unref(mail->blocks);
    g_free(mail);
}

/* --- Values --- */

/* A value that a line holds, in ASCII and without an encoded word. */
static bool is_plain(struct mime_span value)
{
    for (size_t i = 0; i < value.length; i++) {
        char c = value.bytes[i];
        if ((c < ' ' && c != '\t') || c > '~' || (c == '?' && i > 0 && value.bytes[i - 1] == '='))
            return false;
    }
    return true;
}

static char *span_text(struct mime_span span)
{
    return span.bytes != NULL ? g_strndup(span.bytes, span.length) : NULL;
}

/* Unfolded; encoded words decoded, and 8 bit guessed at. */
static char *decoded(GMimeParserOptions *options, struct mime_span value)
{
    g_autofree char *raw = span_text(value);
    g_autofree char *line = g_mime_utils_header_unfold(raw);
    return g_mime_utils_header_decode_text(options, line);
}

/* A parameter that is there twice in RFC 2231's forms means that GMime had to choose. */
static void on_warning(gint64 offset, GMimeParserWarning code, const gchar *item, gpointer data)
{
    const char **refused = data;
    (void)offset;
    (void)item;
    if (code == GMIME_CRIT_CONFLICTING_PARAMETER)
        *refused = "a header field has a parameter twice";
}

static GMimeParserOptions *options_new(const char **refused)
{
    GMimeParserOptions *options = g_mime_parser_options_new();
    g_mime_parser_options_set_parameter_compliance_mode(options, GMIME_RFC_COMPLIANCE_STRICT);
    g_mime_parser_options_set_rfc2047_compliance_mode(options, GMIME_RFC_COMPLIANCE_STRICT);
    g_mime_parser_options_set_warning_callback(options, on_warning, refused);
    return options;
}

/* The value of a field without parameters. Encoded words within words count only where a person
 * reads them, and not where it `is_keyword`. */
static char *value_text(struct mime_span value, bool is_keyword)
{
    if (value.bytes == NULL)
        return NULL;
    struct mime_span trimmed = mime_span_trim(value);
    if (is_plain(trimmed))
        return span_text(trimmed);
    const char *refused;
    g_autoptr(GMimeParserOptions) options = is_keyword ? options_new(&refused) : NULL;
    g_autofree char *text = decoded(options, value);
    return g_strstrip(g_utf8_make_valid(text, -1));
}

static GMimeContentType *parse_type(const struct mime_fields *fields, const char **refused)
{
    g_autoptr(GMimeParserOptions) options = options_new(refused);
    g_autofree char *value = decoded(options, fields->type_value);
    return g_mime_content_type_parse(options, value);
}

static GMimeContentDisposition *parse_disposition(const struct mime_fields *fields,
                                                  const char **refused)
{
    g_autoptr(GMimeParserOptions) options = options_new(refused);
    g_autofree char *value = decoded(options, fields->disposition_value);
    return g_mime_content_disposition_parse(options, value);
}

/* --- Parts --- */

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

/* Content-Type: the type, and the name of the file if it has one. */
static void take_type(struct mime_part *part, const struct mime_fields *fields,
                      const char **refused)
{
    if (!fields->is_type_odd) {
        part->type = fields->type.length > 0
                         ? g_ascii_strdown(fields->type.bytes, (gssize)fields->type.length)
                         : g_strdup("text/plain");
        part->name = span_text(fields->name);
        return;
    }
    g_autoptr(GMimeContentType) type = parse_type(fields, refused);
    g_autofree char *given = g_mime_content_type_get_mime_type(type);
    const char *name = g_mime_content_type_get_parameter(type, "name");
    part->type = g_ascii_strdown(given, -1);
    part->name = name != NULL ? g_utf8_make_valid(name, -1) : NULL;
}

/* Content-Disposition: its name of the file goes before that of Content-Type. */
static void take_disposition(struct mime_part *part, const struct mime_fields *fields,
                             const char **refused)
{
    char *name;
    if (!fields->is_disposition_odd) {
        part->is_attachment = mime_span_is(fields->disposition, "attachment");
        name = span_text(fields->filename);
    } else {
        g_autoptr(GMimeContentDisposition) given = parse_disposition(fields, refused);
        const char *word = g_mime_content_disposition_get_disposition(given);
        const char *filename = g_mime_content_disposition_get_parameter(given, "filename");
        part->is_attachment = word != NULL && g_ascii_strcasecmp(word, "attachment") == 0;
        name = filename != NULL ? g_utf8_make_valid(filename, -1) : NULL;
    }
    if (name == NULL)
        return;
    g_free(part->name);
    part->name = name;
}

static void add_part(struct mime_mail *mail, const struct mime_block *block, const char **refused)
{
    struct mime_part *part = g_new0(struct mime_part, 1);
    g_ptr_array_add(mail->parts, part);
    part->block = block;
    part->content = block->content.bytes;
    part->size = block->content.length;
    take_type(part, &block->fields, refused);
    take_disposition(part, &block->fields, refused);
    part->encoding_name = value_text(block->fields.encoding_value, true);
    part->encoding = encoding_of(part->encoding_name);
    part->is_text = !part->is_attachment &&
                    (strcmp(part->type, "text/plain") == 0 || strcmp(part->type, "text/html") == 0);
}

/* An odd Content-Type of a multipart: does GMime find the boundary that the scan went by? */
static void check_boundary(const struct mime_fields *fields, GMimeContentType *type,
                           const char **refused)
{
    struct mime_span own = fields->boundary;
    const char *boundary = g_mime_content_type_get_parameter(type, "boundary");
    if (boundary == NULL)
        *refused = "a multipart has no boundary";
    else if (strlen(boundary) != own.length || memcmp(boundary, own.bytes, own.length) != 0)
        *refused = "the boundary of a multipart can be read in two ways";
}

/* The odd fields of what is no leaf of the mail, which are only asked whether they can be read. */
static void check_block(const struct mime_block *block, const char **refused)
{
    const struct mime_fields *fields = &block->fields;
    if (fields->is_type_odd) {
        g_autoptr(GMimeContentType) type = parse_type(fields, refused);
        if (fields->kind == MIME_MULTIPART || fields->kind == MIME_DIGEST)
            check_boundary(fields, type, refused);
    }
    if (fields->is_disposition_odd)
        g_object_unref(parse_disposition(fields, refused));
}

static void take_block(struct mime_mail *mail, const struct mime_block *block, const char **refused)
{
    if (block->fields.kind == MIME_LEAF && block->forwards <= 1)
        add_part(mail, block, refused);
    else
        check_block(block, refused);
    mail->unopened += block->fields.kind == MIME_MESSAGE && block->forwards == 1;
}

struct mime_mail *mime_read(const void *bytes, size_t size, GError **error)
{
    g_autoptr(GArray) blocks = g_array_sized_new(FALSE, FALSE, sizeof(struct mime_block), 8);
    if (!mime_scan(bytes, size, blocks, error))
        return NULL;
    mime_prepare();
    struct mime_mail *mail = g_new0(struct mime_mail, 1);
    mail->parts = g_ptr_array_new_with_free_func(part_free);
    mail->blocks = g_array_ref(blocks);
    if (blocks->len == 0) /* no byte at all */
        return mail;
    const struct mime_fields *head = &g_array_index(blocks, struct mime_block, 0).fields;
    mail->subject = value_text(head->subject_value, false);
    mail->message_id = value_text(head->message_id_value, false);
    mail->from = value_text(head->from_value, false);
    const char *refused = NULL;
    for (guint i = 0; i < blocks->len; i++)
        take_block(mail, &g_array_index(blocks, struct mime_block, i), &refused);
    if (refused == NULL)
        return mail;
    mime_mail_free(mail);
    error_perm(error, "%s", refused);
    return NULL;
}

/* --- Texts --- */

/* Quoted-printable, step by step as GMime has it; other encodings by way of its streams. */
static GByteArray *decode_quoted(const void *content, size_t size)
{
    GMimeEncoding state;
    g_mime_encoding_init_decode(&state, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    GByteArray *octets = g_byte_array_new();
    g_byte_array_set_size(octets, (guint)g_mime_encoding_outlen(&state, size));
    size_t length = g_mime_encoding_flush(&state, content, size, (char *)octets->data);
    g_byte_array_set_size(octets, (guint)length);
    return octets;
}

static GByteArray *decode(const void *content, size_t size, GMimeContentEncoding encoding)
{
    if (encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE)
        return decode_quoted(content, size);
    g_autoptr(GMimeStream) raw = g_mime_stream_mem_new_with_buffer(content, size);
    g_autoptr(GMimeDataWrapper) wrapper = g_mime_data_wrapper_new_with_stream(raw, encoding);
    GByteArray *octets = g_byte_array_new();
    g_autoptr(GMimeStream) decoded = g_mime_stream_mem_new_with_byte_array(octets);
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(decoded), FALSE);
    if (g_mime_data_wrapper_write_to_stream(wrapper, decoded) < 0)
        g_byte_array_set_size(octets, 0);
    return octets;
}

static char *charset_of(const struct mime_fields *fields)
{
    const char *refused;
    if (!fields->is_type_odd)
        return span_text(fields->charset);
    g_autoptr(GMimeContentType) type = parse_type(fields, &refused);
    return g_strdup(g_mime_content_type_get_parameter(type, "charset"));
}

/* Most texts are; a NUL is none. */
static bool is_ascii(const char *octets, size_t size)
{
    uint64_t word, all = 0;
    size_t i = 0;
    for (; i + sizeof word <= size; i += sizeof word) {
        memcpy(&word, octets + i, sizeof word);
        all |= word;
    }
    for (; i < size; i++)
        all |= (unsigned char)octets[i];
    return (all & 0x8080808080808080) == 0 && memchr(octets, '\0', size) == NULL;
}

static char *to_utf8(const void *octets, size_t size, const char *charset)
{
    if (size == 0)
        return NULL;
    if (charset != NULL && g_ascii_strcasecmp(charset, "utf-8") != 0 &&
        g_ascii_strcasecmp(charset, "us-ascii") != 0) {
        char *converted =
            g_convert_with_fallback(octets, (gssize)size, "UTF-8", charset, "?", NULL, NULL, NULL);
        if (converted != NULL)
            return converted;
    }
    return is_ascii(octets, size) ? g_strndup(octets, size)
                                  : g_utf8_make_valid(octets, (gssize)size);
}

char *mime_part_text(const struct mime_part *part)
{
    if (!part->is_text)
        return NULL;
    size_t size = MIN(part->size, LIMIT_MAIL_TEXT);
    g_autofree char *charset = charset_of(&part->block->fields);
    if (part->encoding == MIME_PLAIN)
        return to_utf8(part->content, size, charset);
    g_autoptr(GByteArray) octets =
        decode(part->content, size, g_mime_content_encoding_from_string(part->encoding_name));
    return to_utf8(octets->data, octets->len, charset);
}

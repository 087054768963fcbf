/*
 * GMime's parser over the whole mail, with offsets that persist, and its tree walked with a stack;
 * then everything is held against mime_read().
 */
#include "mime_oracle.h"

#include "base/error.h"
#include "base/limits.h"
#include "report/mime.h"
#include "report/mime_scan.h"

#include <gmime/gmime.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeStream, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParser, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeObject, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeDataWrapper, g_object_unref)

struct oracle_part {
    char *name, *type, *encoding_name, *text;
    enum mime_encoding encoding;
    bool is_attachment;
    const char *content;
    size_t size;
};

struct oracle {
    const char *refused; /* a sentence, or NULL */
    char *subject, *message_id, *from;
    GPtrArray *parts; /* of struct oracle_part * */
    size_t unopened;
};

struct step {
    GMimeObject *object; /* borrowed from the whole */
    unsigned forwards;   /* mails around it but the outermost */
};

static void part_free(gpointer data)
{
    struct oracle_part *part = data;
    g_free(part->name);
    g_free(part->type);
    g_free(part->encoding_name);
    g_free(part->text);
    g_free(part);
}

static void oracle_clear(struct oracle *oracle)
{
    g_free(oracle->subject);
    g_free(oracle->message_id);
    g_free(oracle->from);
    g_ptr_array_unref(oracle->parts);
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
static char *decode_text(GMimePart *leaf, const struct oracle_part *part)
{
    size_t size = MIN(part->size, LIMIT_MAIL_TEXT);
    g_autoptr(GMimeStream) raw = g_mime_stream_mem_new_with_buffer(part->content, size);
    /* By the name as it is told: GMime strips fewer blanks before it looks at it. */
    GMimeContentEncoding encoding = part->encoding_name != NULL
                                        ? g_mime_content_encoding_from_string(part->encoding_name)
                                        : GMIME_CONTENT_ENCODING_DEFAULT;
    g_autoptr(GMimeDataWrapper) wrapper = g_mime_data_wrapper_new_with_stream(raw, encoding);
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
static void place(struct oracle_part *part, GMimePart *leaf, const char *bytes, size_t size)
{
    GMimeDataWrapper *content = g_mime_part_get_content(leaf);
    GMimeStream *stream = content != NULL ? g_mime_data_wrapper_get_stream(content) : NULL;
    part->content = bytes;
    if (stream == NULL || stream->bound_start < 0)
        return;
    size_t start = MIN((size_t)stream->bound_start, size);
    size_t end = stream->bound_end < 0 ? size : MIN((size_t)stream->bound_end, size);
    if (start > end)
        return;
    part->content = bytes + start;
    part->size = end - start;
}

static void add_part(struct oracle *mail, GMimePart *leaf, const char *bytes, size_t size)
{
    GMimeObject *object = GMIME_OBJECT(leaf);
    struct oracle_part *part = g_new0(struct oracle_part, 1);
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

static void walk(struct oracle *mail, GMimeObject *whole, const char *bytes, size_t size)
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

static struct oracle oracle_read(const void *bytes, size_t size, size_t more)
{
    mime_prepare();
    struct oracle oracle = {.parts = g_ptr_array_new_with_free_func(part_free)};
    g_autoptr(GMimeObject) whole = parse(bytes, size + more, &oracle.refused);
    if (oracle.refused != NULL || whole == NULL) /* no byte at all */
        return oracle;
    oracle.subject = header_text(whole, "Subject");
    oracle.message_id = header_text(whole, "Message-ID");
    oracle.from = header_text(whole, "From");
    walk(&oracle, whole, bytes, size);
    return oracle;
}

static char *differ(const char *what, const char *ours, const char *gmime)
{
    if (g_strcmp0(ours, gmime) == 0)
        return NULL;
    g_autofree char *left = ours != NULL ? g_strescape(ours, NULL) : g_strdup("(null)");
    g_autofree char *right = gmime != NULL ? g_strescape(gmime, NULL) : g_strdup("(null)");
    return g_strdup_printf("%s: ours is \"%s\", GMime's \"%s\"", what, left, right);
}

/* GMime measures the end of the line before a boundary by the end of the boundary's own line: with
 * CRLF before and LF or nothing behind it leaves the CR to the content, and the other way round it
 * takes an octet away. Where the ends differ, what stands there counts. */
static size_t mended_size(const struct oracle_part *part, const char *end)
{
    for (size_t cut = 1; cut <= 2; cut++) {
        const char *line = part->content + part->size + cut;
        if (line > end - 2 || line[-1] != '\n' || memcmp(line, "--", 2) != 0)
            continue;
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        if ((((stop != NULL ? stop : end)[-1] == '\r') ? 2 : 1) != cut)
            continue;
        size_t size = part->size + cut - 1;
        return size - (size > 0 && part->content[size - 1] == '\r');
    }
    return part->size;
}

static char *compare_part(const struct mime_part *part, const struct oracle_part *oracle,
                          const char *end)
{
    size_t size = mended_size(oracle, end);
    char *said = differ("name", part->name, oracle->name);
    if (said == NULL)
        said = differ("type", part->type, oracle->type);
    if (said == NULL)
        said = differ("encoding", part->encoding_name, oracle->encoding_name);
    if (said == NULL && part->encoding != oracle->encoding)
        said = g_strdup("the kind of encoding differs");
    if (said == NULL && part->is_attachment != oracle->is_attachment)
        said = g_strdup("one of them is an attachment");
    /* GMime has no place for a content that does not begin. */
    bool is_elsewhere = size > 0 && part->content != oracle->content;
    if (said == NULL && (is_elsewhere || part->size != size))
        said = g_strdup_printf("content: ours is %zu octets, GMime's %zu, %td later", part->size,
                               size, oracle->content - (const char *)part->content);
    if (said != NULL)
        return said;
    if (size != oracle->size)
        return NULL; /* its text has the octet, too */
    g_autofree char *text = mime_part_text(part);
    return differ("text", text, oracle->text);
}

static char *compare(const struct mime_mail *mail, const struct oracle *oracle, const char *end)
{
    char *said = differ("subject", mail->subject, oracle->subject);
    if (said == NULL)
        said = differ("message_id", mail->message_id, oracle->message_id);
    if (said == NULL)
        said = differ("from", mail->from, oracle->from);
    if (said == NULL && mail->parts->len != oracle->parts->len)
        said =
            g_strdup_printf("ours has %u parts, GMime's %u", mail->parts->len, oracle->parts->len);
    if (said == NULL && mail->unopened != oracle->unopened)
        said =
            g_strdup_printf("ours has %zu unopened, GMime's %zu", mail->unopened, oracle->unopened);
    for (guint i = 0; said == NULL && i < mail->parts->len; i++)
        said = compare_part(g_ptr_array_index(mail->parts, i), g_ptr_array_index(oracle->parts, i),
                            end);
    return said;
}

/* A mail that ends in the middle of a boundary, right behind a header: GMime takes the line for a
 * field that is cut off, and gives up the part. It is given the end of that line. */
static bool ends_in_dashes(const char *bytes, size_t size)
{
    const char *line = memrchr(bytes, '\n', size);
    line = line != NULL ? line + 1 : bytes;
    return bytes + size - line >= 2 && memcmp(line, "--", 2) == 0;
}

char *mime_oracle_differs(const void *bytes, size_t size)
{
    g_autoptr(GError) error = NULL, refused = NULL;
    g_autofree char *whole = g_malloc(size + 1);
    memcpy(whole, bytes, size);
    whole[size] = '\n';
    AUTO(mime_mail) mail = mime_read(whole, size, &error);
    if (!mime_scan(whole, size, NULL, &refused))
        return differ("error", error != NULL ? error->message : NULL, refused->message);
    /* GMime decodes encoded words in a boundary, too, and nobody else does. */
    if (mail == NULL && strstr(error->message, "can be read in two ways") != NULL)
        return NULL;
    struct oracle oracle = oracle_read(whole, size, ends_in_dashes(whole, size));
    char *said = NULL;
    if (mail == NULL || oracle.refused != NULL)
        said = differ("error", error != NULL ? error->message : NULL, oracle.refused);
    else
        said = compare(mail, &oracle, whole + size);
    oracle_clear(&oracle);
    return said;
}

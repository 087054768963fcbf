/*
 * Content-Type, Content-Disposition and Content-Transfer-Encoding, strictly.
 *
 * The danger is not a field that cannot be read but one that can be read twice: two boundaries, a
 * boundary in RFC 2231 pieces, one that is folded in the middle, a comment between its letters.
 * Readers differ on each of them; here each is an error. File names and character sets decide
 * nothing: where they are more than plain ASCII the field is odd, and no error.
 */
#include "report/mime_fields.h"

#include "base/error.h"

#include <string.h>

struct parameter {
    struct mime_span name;
    struct mime_span value; /* without its quotes */
    bool is_quoted;
};

bool mime_span_is(struct mime_span span, const char *text)
{
    return span.length == strlen(text) && g_ascii_strncasecmp(span.bytes, text, span.length) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct mime_span mime_span_trim(struct mime_span span)
{
    while (span.length > 0 && is_blank(span.bytes[0])) {
        span.bytes++;
        span.length--;
    }
    while (span.length > 0 && is_blank(span.bytes[span.length - 1]))
        span.length--;
    return span;
}

static bool is_token_char(char c)
{
    switch (c) {
    case '(':
    case ')':
    case '<':
    case '>':
    case '@':
    case ',':
    case ';':
    case ':':
    case '\\':
    case '"':
    case '/':
    case '[':
    case ']':
    case '?':
    case '=':
        return false;
    default:
        return c > ' ' && c <= '~';
    }
}

/* RFC 2045, 5.1: what needs no quotes. */
static bool is_token(struct mime_span span)
{
    for (size_t i = 0; i < span.length; i++) {
        if (!is_token_char(span.bytes[i]))
            return false;
    }
    return span.length > 0;
}

/* Takes what stands before the next `;` outside quotes off the front of `rest`. */
static bool next_piece(struct mime_span *rest, struct mime_span *piece)
{
    bool quoted = false;
    size_t i = 0;
    for (; i < rest->length && (quoted || rest->bytes[i] != ';'); i++) {
        if (rest->bytes[i] == '"')
            quoted = !quoted;
        else if (quoted && rest->bytes[i] == '\\' && i + 1 < rest->length)
            i++;
    }
    *piece = mime_span_trim((struct mime_span){rest->bytes, i});
    size_t taken = i < rest->length ? i + 1 : i;
    rest->bytes += taken;
    rest->length -= taken;
    return !quoted;
}

/* A quote that neither opens nor closes the value hides a `;` from some readers. */
static bool has_loose_quote(struct mime_span value)
{
    for (size_t i = 0; i < value.length; i++) {
        if (value.bytes[i] == '\\')
            i++;
        else if (value.bytes[i] == '"')
            return true;
    }
    return false;
}

static bool split_parameter(struct mime_span piece, struct parameter *parameter)
{
    const char *equals = memchr(piece.bytes, '=', piece.length);
    if (equals == NULL)
        return false;
    size_t at = (size_t)(equals - piece.bytes);
    parameter->name = mime_span_trim((struct mime_span){piece.bytes, at});
    struct mime_span value = mime_span_trim((struct mime_span){equals + 1, piece.length - at - 1});
    parameter->is_quoted =
        value.length >= 2 && value.bytes[0] == '"' && value.bytes[value.length - 1] == '"';
    if (parameter->is_quoted) {
        value.bytes++;
        value.length -= 2;
    }
    parameter->value = value;
    return is_token(parameter->name) && !has_loose_quote(value);
}

static bool begins_with(struct mime_span span, const char *text)
{
    size_t length = strlen(text);
    return span.length >= length && g_ascii_strncasecmp(span.bytes, text, length) == 0;
}

/* Names of files may be folded; nothing else may. */
static bool is_file_name(struct mime_span name)
{
    return begins_with(name, "name") || begins_with(name, "filename");
}

static bool check_boundary(const struct parameter *boundary, GError **error)
{
    struct mime_span value = boundary->value;
    if (boundary->name.length != strlen("boundary"))
        return error_perm(error, "the boundary of a multipart is given in pieces");
    if (value.length == 0)
        return error_perm(error, "the boundary of a multipart is empty");
    if (value.length > LIMIT_MAIL_BOUNDARY)
        return error_perm(error, "a boundary has %zu octets: more than %d is refused", value.length,
                          LIMIT_MAIL_BOUNDARY);
    for (size_t i = 0; i < value.length; i++) {
        char c = value.bytes[i];
        if (c < ' ' || c > '~' || c == '"' || c == '\\')
            return error_perm(error, "a boundary has a character that must not stand in one");
    }
    if (!boundary->is_quoted && !is_token(value))
        return error_perm(error, "a boundary has a character that needs quotes around it");
    if (value.bytes[value.length - 1] == ' ')
        return error_perm(error, "a boundary ends in a blank");
    return true;
}

/* Whether no reader can take it for anything but the octets that stand there. */
static bool is_plain(const struct parameter *parameter)
{
    struct mime_span value = parameter->value;
    if (memchr(parameter->name.bytes, '*', parameter->name.length) != NULL)
        return false;
    if (!parameter->is_quoted)
        return is_token(value);
    for (size_t i = 0; i < value.length; i++) {
        char c = value.bytes[i];
        if (c < ' ' || c > '~' || c == '\\' || (c == '?' && i > 0 && value.bytes[i - 1] == '='))
            return false;
    }
    return true;
}

/* A parameter that is kept. */
struct wanted {
    const char *name;
    struct mime_span *value;
};

static void keep(const struct parameter *parameter, const struct wanted *wanted)
{
    for (; wanted->name != NULL; wanted++) {
        if (mime_span_is(parameter->name, wanted->name))
            *wanted->value = parameter->value;
    }
}

static bool check_parameter(const char *field, const struct parameter *now,
                            const struct parameter *seen, size_t count, GError **error)
{
    for (size_t i = 0; i < count; i++) {
        if (now->name.length == seen[i].name.length &&
            g_ascii_strncasecmp(now->name.bytes, seen[i].name.bytes, now->name.length) == 0)
            return error_perm(error, "the field %s has the parameter %.*s twice", field,
                              (int)now->name.length, now->name.bytes);
    }
    if (!is_file_name(now->name) && memchr(now->value.bytes, '\n', now->value.length) != NULL)
        return error_perm(error, "the parameter %.*s of the field %s is folded",
                          (int)now->name.length, now->name.bytes, field);
    return true;
}

/* Reads the parameters behind the first `;` and keeps the boundary, if there is one, and what is
 * wanted. *is_odd becomes true where they are more than plain ones. */
static bool take_parameters(const char *field, struct mime_span rest, struct mime_span *boundary,
                            const struct wanted *wanted, bool *is_odd, GError **error)
{
    struct parameter seen[LIMIT_MAIL_PARAMETERS];
    size_t count = 0;
    while (rest.length > 0) {
        struct mime_span piece;
        if (!next_piece(&rest, &piece))
            return error_perm(error, "a quote in the field %s stays open", field);
        if (piece.length == 0)
            continue;
        if (count == LIMIT_MAIL_PARAMETERS)
            return error_perm(error, "the field %s has more than %d parameters", field,
                              LIMIT_MAIL_PARAMETERS);
        struct parameter *now = &seen[count];
        if (!split_parameter(piece, now))
            return error_perm(error, "the field %s has a parameter that is not name=value", field);
        if (!check_parameter(field, now, seen, count, error))
            return false;
        count++;
        *is_odd = *is_odd || !is_plain(now);
        keep(now, wanted);
        if (!begins_with(now->name, "boundary"))
            continue;
        if (boundary->length > 0)
            return error_perm(error, "the field %s has two boundaries", field);
        if (!check_boundary(now, error))
            return false;
        *boundary = now->value;
    }
    return true;
}

/* RFC 2046: "multipart/" and a name, or nothing that begins like it. */
static bool take_multipart(struct mime_fields *fields, size_t major, struct mime_span subtype,
                           GError **error)
{
    fields->kind = mime_span_is(subtype, "digest") ? MIME_DIGEST : MIME_MULTIPART;
    if (fields->boundary.length == 0)
        return error_perm(error, "a multipart has no boundary");
    if (major != strlen("multipart") || subtype.length == 0)
        return error_perm(error, "a type begins like that of a multipart and is none");
    return true;
}

static bool take_type(struct mime_fields *fields, struct mime_span value, GError **error)
{
    static const char *const messages[] = {"message/rfc822", "message/rfc2822", "message/news",
                                           "message/global"};
    const struct wanted wanted[] = {
        {"name", &fields->name}, {"charset", &fields->charset}, {NULL, NULL}};
    struct mime_span rest = value, type;
    if (!next_piece(&rest, &type))
        return error_perm(error, "a quote in the field Content-Type stays open");
    const char *slash = memchr(type.bytes, '/', type.length);
    size_t major = slash != NULL ? (size_t)(slash - type.bytes) : type.length;
    struct mime_span subtype = {type.bytes + major, type.length - major};
    if (subtype.length > 0) {
        subtype.bytes++;
        subtype.length--;
    }
    if (!is_token((struct mime_span){type.bytes, major}) || (slash != NULL && !is_token(subtype)))
        return error_perm(error, "the field Content-Type does not name a type");
    fields->is_type_odd = slash == NULL;
    if (!take_parameters("Content-Type", rest, &fields->boundary, wanted, &fields->is_type_odd,
                         error))
        return false;
    if (begins_with(type, "multipart"))
        return take_multipart(fields, major, subtype, error);
    if (slash != NULL)
        fields->type = type;
    for (size_t i = 0; i < G_N_ELEMENTS(messages) && begins_with(type, "message/"); i++) {
        if (mime_span_is(type, messages[i]))
            fields->kind = MIME_MESSAGE;
    }
    return true;
}

static bool take_disposition(struct mime_fields *fields, struct mime_span value, GError **error)
{
    const struct wanted wanted[] = {{"filename", &fields->filename}, {NULL, NULL}};
    struct mime_span none = {"", 0};
    if (!next_piece(&value, &fields->disposition))
        return error_perm(error, "a quote in the field Content-Disposition stays open");
    fields->is_disposition_odd = !is_token(fields->disposition);
    return take_parameters("Content-Disposition", value, &none, wanted, &fields->is_disposition_odd,
                           error);
}

static bool take_once(struct mime_span *kept, struct mime_span value, const char *field,
                      GError **error)
{
    if (kept->bytes != NULL)
        return error_perm(error, "the field %s stands twice in one header", field);
    *kept = value;
    return true;
}

static void take_first(struct mime_span *kept, struct mime_span value)
{
    if (kept->bytes == NULL)
        *kept = value;
}

static bool take_content_field(struct mime_fields *fields, struct mime_span name,
                               struct mime_span value, GError **error)
{
    if (!begins_with(name, "Content-"))
        return true;
    struct mime_span trimmed = mime_span_trim(value);
    if (mime_span_is(name, "Content-Type"))
        return take_once(&fields->type_value, value, "Content-Type", error) &&
               take_type(fields, trimmed, error);
    if (mime_span_is(name, "Content-Disposition"))
        return take_once(&fields->disposition_value, value, "Content-Disposition", error) &&
               take_disposition(fields, trimmed, error);
    if (mime_span_is(name, "Content-Transfer-Encoding")) {
        fields->is_encoded = !mime_span_is(trimmed, "7bit") && !mime_span_is(trimmed, "8bit") &&
                             !mime_span_is(trimmed, "binary");
        return take_once(&fields->encoding_value, value, "Content-Transfer-Encoding", error);
    }
    return true;
}

bool mime_fields_take(struct mime_fields *fields, struct mime_span name, struct mime_span value,
                      GError **error)
{
    switch (g_ascii_tolower(name.bytes[0])) {
    case 'c':
        return take_content_field(fields, name, value, error);
    case 's':
        if (mime_span_is(name, "Subject"))
            take_first(&fields->subject_value, value);
        break;
    case 'm':
        if (mime_span_is(name, "Message-ID"))
            take_first(&fields->message_id_value, value);
        break;
    case 'f':
        if (mime_span_is(name, "From"))
            take_first(&fields->from_value, value);
        break;
    default:
        break;
    }
    return true;
}

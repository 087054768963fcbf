/*
 * Hardened expat, and what needs no expat read without it. What is hard about it:
 *
 * - expat's memory has no owner to ask: its allocator gets no context. The budget is therefore kept
 *   in a variable of the thread, set around every call into expat. It is what stops giant tokens:
 *   an attribute, comment or name of 90 MB is all in expat's buffer before any handler sees it.
 * - after XML_StopParser() expat may still call a handler or two: `stopped` holds them off.
 * - expat knows more encodings than we want and believes the declaration; so the bytes are looked
 *   at first, and the declaration is then held against them.
 *
 * - what a scanner takes must be what expat would have read: same encoding, same default namespace,
 *   whole elements. Then the rest is well-formed if and only if the whole is.
 * - a document begins without expat (xml_plain.h). Where that ends, expat is given all that was
 *   read so far, with the handler not listening, and goes on from there.
 *
 * It owns the parser of one document, and never resolves anything outside of it.
 */
#include "report/xml.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "report/xml_plain.h"
#include "report/xml_scan.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *uri;
    enum xml_namespace space;
} NAMESPACES[] = {
    {"http://schemas.openxmlformats.org/spreadsheetml/2006/main", XML_MAIN},
    {"http://purl.oclc.org/ooxml/spreadsheetml/main", XML_MAIN},
    {"http://schemas.openxmlformats.org/package/2006/relationships", XML_PACKAGE},
    {"http://schemas.openxmlformats.org/officeDocument/2006/relationships", XML_OFFICE},
    {"http://purl.oclc.org/ooxml/officeDocument/relationships", XML_OFFICE},
    {"http://schemas.openxmlformats.org/package/2006/content-types", XML_TYPES},
    {"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties", XML_PROPERTIES},
    {"http://purl.oclc.org/ooxml/officeDocument/customProperties", XML_PROPERTIES},
    {"http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes", XML_VARIANT},
    {"http://purl.oclc.org/ooxml/officeDocument/docPropsVTypes", XML_VARIANT},
};

struct xml {
    XML_Parser parser; /* NULL: it is not needed so far */
    const struct xml_handler *handler;
    void *context;
    const char *what;
    unsigned depth;
    bool in_cdata;    /* a CDATA section is open */
    unsigned foreign; /* depth of the foreign element we are in, or 0 */
    const char
        *last_uri; /* of the namespace met last, or NULL: the next is nearly always the same */
    size_t last_length;
    enum xml_namespace last_space;
    /* default namespaces and prefixes x14ac that were declared, and those whose scope has ended */
    unsigned defaults, defaults_ended, x14ac, x14ac_ended;
    enum xml_namespace last_default;
    const char *bytes; /* the document */
    size_t size;
    size_t scanned; /* octets of it that expat has not seen, all before those it sees now */
    size_t head;    /* octets before those that were scanned without it */
    bool utf16;
    bool muted; /* expat reads what the handler knows */
    bool stopped;
    GError *error;
};

struct budget {
    size_t used;
    bool exceeded;
};

/* Before each block: its size, in the room that keeps the block aligned. */
#define BLOCK_HEAD (sizeof(max_align_t))

static _Thread_local struct budget *budget;

static bool budget_allows(size_t size)
{
    if (size > LIMIT_XML_MEMORY || budget->used > LIMIT_XML_MEMORY - size) {
        budget->exceeded = true;
        return false;
    }
    return true;
}

static void *counted_malloc(size_t size)
{
    if (!budget_allows(size))
        return NULL;
    char *block = malloc(BLOCK_HEAD + size);
    if (block == NULL)
        return NULL;
    memcpy(block, &size, sizeof size);
    budget->used += size;
    return block + BLOCK_HEAD;
}

static size_t counted_size(const char *block)
{
    size_t size;
    memcpy(&size, block - BLOCK_HEAD, sizeof size);
    return size;
}

static void counted_free(void *pointer)
{
    if (pointer == NULL)
        return;
    char *block = pointer;
    budget->used -= counted_size(block);
    free(block - BLOCK_HEAD);
}

static void *counted_realloc(void *pointer, size_t size)
{
    if (pointer == NULL)
        return counted_malloc(size);
    char *block = pointer;
    size_t before = counted_size(block);
    if (size > before && !budget_allows(size - before))
        return NULL;
    char *moved = realloc(block - BLOCK_HEAD, BLOCK_HEAD + size);
    if (moved == NULL)
        return NULL;
    memcpy(moved, &size, sizeof size);
    budget->used = budget->used - before + size;
    return moved + BLOCK_HEAD;
}

void xml_stop(struct xml *xml)
{
    if (!xml->stopped) {
        xml->stopped = true;
        if (xml->parser != NULL)
            XML_StopParser(xml->parser, XML_FALSE);
    }
}

void xml_fail(struct xml *xml, const char *format, ...)
{
    if (xml->stopped)
        return;
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    error_perm(&xml->error, "%s", text);
    xml_stop(xml);
}

enum xml_namespace xml_namespace_of(const char *uri, size_t length)
{
    for (size_t i = 0; i < G_N_ELEMENTS(NAMESPACES); i++)
        if (strncmp(NAMESPACES[i].uri, uri, length) == 0 && NAMESPACES[i].uri[length] == '\0')
            return NAMESPACES[i].space;
    return XML_OTHER;
}

/* Splits expat's "uri|name". */
static enum xml_namespace split(const char *full, const char **name)
{
    const char *separator = strchr(full, XML_SEPARATOR);
    if (separator == NULL) {
        *name = full;
        return XML_NONE;
    }
    *name = separator + 1;
    return xml_namespace_of(full, (size_t)(separator - full));
}

static enum xml_namespace split_element(struct xml *xml, const char *full, const char **name)
{
    size_t length = xml->last_length;
    if (xml->last_uri != NULL && strncmp(full, xml->last_uri, length) == 0 &&
        full[length] == XML_SEPARATOR) {
        *name = full + length + 1;
        return xml->last_space;
    }
    enum xml_namespace space = split(full, name);
    for (size_t i = 0; i < G_N_ELEMENTS(NAMESPACES) && space != XML_OTHER && space != XML_NONE;
         i++) {
        length = strlen(NAMESPACES[i].uri);
        if (strncmp(full, NAMESPACES[i].uri, length) == 0 && full[length] == XML_SEPARATOR) {
            xml->last_uri = NAMESPACES[i].uri;
            xml->last_length = length;
            xml->last_space = space;
        }
    }
    return space;
}

const char *xml_attribute(xml_attributes attributes, enum xml_namespace space, const char *name)
{
    for (; attributes[0] != NULL; attributes += 2) {
        const char *local;
        if (space == XML_NONE) {
            if (strcmp(attributes[0], name) == 0)
                return attributes[1];
        } else if (split(attributes[0], &local) == space && strcmp(local, name) == 0) {
            return attributes[1];
        }
    }
    return NULL;
}

/* Whether the element that begins is one to be looked at. */
static bool enter(struct xml *xml)
{
    if (xml->stopped)
        return false;
    if (++xml->depth > LIMIT_XML_DEPTH)
        xml_fail(xml, "%s is nested more than %d levels deep: refused", xml->what, LIMIT_XML_DEPTH);
    return !xml->stopped && xml->foreign == 0;
}

static void start(struct xml *xml, enum xml_namespace space, const char *name,
                  xml_attributes attributes)
{
    if (space == XML_OTHER || space == XML_NONE)
        xml->foreign = xml->depth;
    else if (!xml->muted)
        xml->handler->start(xml->context, xml, space, name, attributes);
}

/* Whether the element that ends is one that was looked at. */
static bool leave(struct xml *xml)
{
    if (xml->stopped)
        return false;
    unsigned depth = xml->depth--, foreign = xml->foreign;
    if (depth == foreign)
        xml->foreign = 0;
    return foreign == 0 && !xml->muted;
}

static void text(struct xml *xml, const char *octets, size_t length)
{
    if (!xml->stopped && xml->foreign == 0 && !xml->muted)
        xml->handler->text(xml->context, xml, octets, length);
}

static void on_start(void *context, const XML_Char *full, const XML_Char **attributes)
{
    struct xml *xml = context;
    if (!enter(xml))
        return;
    if (XML_GetSpecifiedAttributeCount(xml->parser) > 2 * LIMIT_XML_ATTRIBUTES) {
        xml_fail(xml, "%s has an element with more than %d attributes: refused", xml->what,
                 LIMIT_XML_ATTRIBUTES);
        return;
    }
    const char *name;
    enum xml_namespace space = split_element(xml, full, &name);
    start(xml, space, name, (xml_attributes)attributes);
}

static void on_end(void *context, const XML_Char *full)
{
    struct xml *xml = context;
    if (!leave(xml))
        return;
    const char *name;
    enum xml_namespace space = split_element(xml, full, &name);
    xml->handler->end(xml->context, xml, space, name);
}

static void on_text(void *context, const XML_Char *octets, int length)
{
    text(context, octets, (size_t)length);
}

static void on_namespace(void *context, const XML_Char *prefix, const XML_Char *uri)
{
    struct xml *xml = context;
    if (prefix == NULL) {
        xml->defaults++;
        xml->last_default = uri == NULL ? XML_NONE : xml_namespace_of(uri, strlen(uri));
    } else if (strcmp(prefix, "x14ac") == 0) {
        xml->x14ac++;
    }
}

static void on_namespace_end(void *context, const XML_Char *prefix)
{
    struct xml *xml = context;
    if (prefix == NULL)
        xml->defaults_ended++;
    else if (strcmp(prefix, "x14ac") == 0)
        xml->x14ac_ended++;
}

/* What looks like an item in a CDATA section is text. */
static void on_cdata(void *context)
{
    ((struct xml *)context)->in_cdata = true;
}

static void on_cdata_end(void *context)
{
    ((struct xml *)context)->in_cdata = false;
}

bool xml_knows_x14ac(const struct xml *xml)
{
    return xml->x14ac > xml->x14ac_ended;
}

static void on_doctype(void *context, const XML_Char *name, const XML_Char *system_id,
                       const XML_Char *public_id, int has_subset)
{
    (void)name, (void)system_id, (void)public_id, (void)has_subset;
    struct xml *xml = context;
    xml_fail(xml, "%s has a DOCTYPE, which a workbook never has: refused", xml->what);
}

static void on_declaration(void *context, const XML_Char *version, const XML_Char *encoding,
                           int standalone)
{
    (void)version, (void)standalone;
    struct xml *xml = context;
    if (encoding == NULL)
        return;
    const char *allowed = xml->utf16 ? "UTF-16" : "UTF-8";
    if (g_ascii_strcasecmp(encoding, allowed) != 0 &&
        (xml->utf16 || g_ascii_strcasecmp(encoding, "US-ASCII") != 0))
        xml_fail(xml, "%s says it is written in another encoding than UTF-8 or UTF-16: refused",
                 xml->what);
}

/* The encoding by the first bytes; NULL if it is none of ours. */
static const char *sniff(const unsigned char *bytes, size_t size)
{
    if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
        return "UTF-8";
    if (size >= 4 && memcmp(bytes, "\xFF\xFE\0\0", 4) == 0)
        return NULL;
    if (size >= 2 && (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0))
        return "UTF-16";
    if (size >= 2 && (bytes[0] == 0 || bytes[1] == 0))
        return NULL;
    return "UTF-8";
}

static XML_Parser parser_new(struct xml *xml, const char *encoding)
{
    static const XML_Memory_Handling_Suite memory = {counted_malloc, counted_realloc, counted_free};
    const char separator[] = {XML_SEPARATOR, '\0'};
    XML_Parser parser = XML_ParserCreate_MM(encoding, &memory, separator);
    if (parser == NULL)
        return NULL;
    /* Its own salt costs a call of the system for each part; ours is as secret. */
    XML_SetHashSalt(parser, (unsigned long)hash_text("salt") << 32 | hash_text("of expat") | 1);
    XML_SetUserData(parser, xml);
    XML_SetElementHandler(parser, on_start, on_end);
    if (xml->handler->text != NULL)
        XML_SetCharacterDataHandler(parser, on_text);
    XML_SetNamespaceDeclHandler(parser, on_namespace, on_namespace_end);
    XML_SetCdataSectionHandler(parser, on_cdata, on_cdata_end);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    XML_SetXmlDeclHandler(parser, on_declaration);
    return parser;
}

/* The line of what expat is at, from 1. Its own count lacks what was scanned. */
static unsigned long line(const struct xml *xml)
{
    size_t index = (size_t)MAX(XML_GetCurrentByteIndex(xml->parser), 0) + xml->scanned;
    const char *p = xml->bytes, *end = p + MIN(index, xml->size);
    unsigned long lines = 1;
    for (; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
        lines++;
    return lines;
}

static bool parser_fault(const struct xml *xml, GError **error)
{
    enum XML_Error code = XML_GetErrorCode(xml->parser);
    if (budget->exceeded)
        return error_perm(error, "%s has a name, attribute or comment that is too large: refused",
                          xml->what);
    if (code == XML_ERROR_NO_MEMORY)
        return error_temp(error, "no memory to read %s", xml->what);
    return error_perm(error, "%s is damaged: %s in line %lu", xml->what, XML_ErrorString(code),
                      line(xml));
}

/* Octets of the document from..to, the last ones or not. */
static bool feed(struct xml *xml, size_t from, size_t to, bool is_last, GError **error)
{
    do {
        size_t piece = MIN(to - from, LIMIT_XML_PIECE);
        enum XML_Status status =
            XML_Parse(xml->parser, xml->bytes + from, (int)piece, is_last && from + piece == to);
        if (xml->error != NULL) {
            g_propagate_error(error, g_steal_pointer(&xml->error));
            return false;
        }
        if (xml->stopped)
            return true;
        if (status != XML_STATUS_OK)
            return parser_fault(xml, error);
        from += piece;
    } while (from < to);
    return true;
}

/* Whether a scanner reads the same as expat at this place: one where expat has nothing begun, no
 * tag, no comment, of which it has not seen the end. */
static bool is_scannable(const struct xml *xml, size_t at, const struct xml_scanner *scanner)
{
    XML_Index read = XML_GetCurrentByteIndex(xml->parser);
    return read >= 0 && (size_t)read == at - xml->scanned && xml->foreign == 0 && !xml->in_cdata &&
           xml->defaults == 1 && xml->defaults_ended == 0 && xml->last_default == scanner->space &&
           scanner->is_among(xml->context);
}

/* Feeds all of the document from there on but what the scanner takes. */
static bool feed_scanned(struct xml *xml, size_t at, size_t size, const struct xml_scanner *scanner,
                         GError **error)
{
    const char *next = memmem(xml->bytes + at, size - at, scanner->begin, strlen(scanner->begin));
    size_t to = next == NULL ? at : (size_t)(next - xml->bytes);
    while (next != NULL) {
        if (!feed(xml, at, to, false, error))
            return false;
        at = to;
        /* Once is enough: feeding a strange document piece by piece could take for ever. */
        if (xml->stopped || !is_scannable(xml, at, scanner))
            break;
        size_t taken = scanner->scan(xml->context, xml, xml->bytes + at, size - at);
        if (xml->error != NULL) {
            g_propagate_error(error, g_steal_pointer(&xml->error));
            return false;
        }
        at += taken;
        xml->scanned += taken;
        next = memmem(xml->bytes + at, size - at, scanner->end, strlen(scanner->end));
        to = next == NULL ? at : (size_t)(next - xml->bytes) + strlen(scanner->end);
    }
    return xml->stopped || feed(xml, at, size, true, error);
}

/* --- without expat --- */

/* Whether a scanner reads the same as expat behind the last tag. */
static bool is_at_items(const struct xml *xml, const struct xml_plain *plain,
                        const struct xml_scanner *scanner)
{
    const struct xml_plain_prefix *prefix = xml_plain_prefix(plain, "");
    return xml->foreign == 0 && prefix != NULL && prefix->space == scanner->space &&
           scanner->is_among(xml->context);
}

/* False: there is an item left that the scanner does not understand. */
static bool scan_plainly(struct xml *xml, struct xml_plain *plain,
                         const struct xml_scanner *scanner)
{
    const char *from = plain->at.at;
    xml->head = (size_t)(from - xml->bytes);
    xml->x14ac = xml_plain_prefix(plain, "x14ac") != NULL;
    xml->scanned = scanner->scan(xml->context, xml, from, xml->size - xml->head);
    xml_plain_go_on(plain, from + xml->scanned);
    struct xml_scan rest = plain->at;
    xml_scan_blanks(&rest);
    return xml_scan_take(&rest, "</");
}

/* Reads as far as that goes: to the end of the document, or to something that is not plain. */
static void read_plainly(struct xml *xml, struct xml_plain *plain,
                         const struct xml_scanner *scanner)
{
    while (!xml->stopped && xml_plain_next(plain)) {
        if (plain->text.length > 0 && xml->handler->text != NULL)
            text(xml, plain->text.text, plain->text.length);
        if (plain->starts && enter(xml))
            start(xml, plain->space, plain->name, plain->attributes);
        if (plain->ends && leave(xml))
            xml->handler->end(xml->context, xml, plain->space, plain->name);
        if (scanner == NULL || xml->stopped || !is_at_items(xml, plain, scanner))
            continue;
        if (!scan_plainly(xml, plain, scanner))
            return;
        scanner = NULL; /* once: each time the plain reader may take as much again */
    }
}

/* Brings expat to the place where the handler is. */
static bool catch_up(struct xml *xml, size_t at, GError **error)
{
    xml->depth = xml->foreign = xml->x14ac = 0;
    xml->muted = true;
    if (!feed(xml, 0, xml->head, false, error) ||
        !feed(xml, xml->head + xml->scanned, at, false, error))
        return false;
    xml->muted = false;
    return true;
}

/* --- the whole --- */

static bool parse(struct xml *xml, const char *encoding, bool by_expat,
                  const struct xml_scanner *scanner, GError **error)
{
    size_t at = 0;
    if (!xml->utf16 && !by_expat) {
        struct xml_plain plain;
        xml_plain_init(&plain, xml->bytes, xml->size);
        read_plainly(xml, &plain, scanner);
        if (xml->error != NULL) {
            g_propagate_error(error, g_steal_pointer(&xml->error));
            return false;
        }
        if (xml->stopped || xml_plain_is_done(&plain))
            return true;
        at = (size_t)(plain.at.at - xml->bytes);
    }
    xml->parser = parser_new(xml, encoding);
    if (xml->parser == NULL)
        return error_temp(error, "no memory to read %s", xml->what);
    bool ok = at == 0 || catch_up(xml, at, error);
    if (ok && scanner != NULL && !xml->utf16)
        ok = feed_scanned(xml, at, xml->size, scanner, error);
    else if (ok)
        ok = feed(xml, at, xml->size, true, error);
    XML_ParserFree(xml->parser);
    return ok;
}

static bool parse_some_way(struct xml *xml, bool by_expat, const struct xml_scanner *scanner,
                           GError **error)
{
    if (xml->size == 0)
        return error_perm(error, "%s is empty", xml->what);
    const char *encoding = sniff((const unsigned char *)xml->bytes, xml->size);
    if (encoding == NULL)
        return error_perm(error, "%s is written in another encoding than UTF-8 or UTF-16: refused",
                          xml->what);
    xml->utf16 = strcmp(encoding, "UTF-16") == 0;
    struct budget own = {0};
    struct budget *outer = budget;
    budget = &own;
    bool ok = parse(xml, encoding, by_expat, scanner, error);
    budget = outer;
    return ok;
}

bool xml_parse(const void *bytes, size_t size, const char *what, const struct xml_handler *handler,
               const struct xml_scanner *scanner, void *context, GError **error)
{
    struct xml xml = {
        .handler = handler, .context = context, .what = what, .bytes = bytes, .size = size};
    return parse_some_way(&xml, false, scanner, error);
}

bool xml_parse_by_expat(const void *bytes, size_t size, const char *what,
                        const struct xml_handler *handler, void *context, GError **error)
{
    struct xml xml = {
        .handler = handler, .context = context, .what = what, .bytes = bytes, .size = size};
    return parse_some_way(&xml, true, NULL, error);
}

/*
 * The slow half of a scan: attributes in full, and text. What is hard about it is to take no more
 * than expat would: not a control character, not U+FFFE, not `]]>`, and no CR, which becomes an LF.
 */
#include "report/xml_scan.h"

enum { PLAIN = 1, NAME = 2, VALUE = 4, NUMBER = 8 };

/* What an octet may be part of: text that needs no second look, a name, a value, a number. */
#define IS_PRINT(c) ((c) >= ' ' && (c) < 0x7f && (c) != '<' && (c) != '&')
#define IS_ALNUM(c)                                                                                \
    (((c) >= '0' && (c) <= '9') || ((c) >= 'A' && (c) <= 'Z') || ((c) >= 'a' && (c) <= 'z'))
#define IS_NUMBER(c)                                                                               \
    (((c) >= '0' && (c) <= '9') || (c) == '.' || (c) == 'E' || (c) == 'e' || (c) == '-' ||         \
     (c) == '+')
#define CLASS(c)                                                                                   \
    ((IS_PRINT(c) && (c) != ']' && (c) != '_' ? PLAIN : 0) |                                       \
     (IS_ALNUM(c) || (c) == ':' ? NAME : 0) |                                                      \
     (IS_PRINT(c) && (c) != '"' && (c) != '\'' ? VALUE : 0) | (IS_NUMBER(c) ? NUMBER : 0))
#define CLASS4(c)  CLASS(c), CLASS((c) + 1), CLASS((c) + 2), CLASS((c) + 3)
#define CLASS16(c) CLASS4(c), CLASS4((c) + 4), CLASS4((c) + 8), CLASS4((c) + 12)
#define CLASS64(c) CLASS16(c), CLASS16((c) + 16), CLASS16((c) + 32), CLASS16((c) + 48)

static const guint8 classes[256] = {CLASS64(0), CLASS64(64), CLASS64(128), CLASS64(192)};

/* Takes octets of that class; what they are. */
static inline struct xml_piece run(struct xml_scan *scan, guint8 class)
{
    const char *from = scan->at, *p = from;
    while (p < scan->end && (classes[(guchar)*p] & class) != 0)
        p++;
    scan->at = p;
    return (struct xml_piece){from, (size_t)(p - from)};
}

struct xml_piece xml_scan_name(struct xml_scan *scan)
{
    return run(scan, NAME);
}

struct xml_piece xml_scan_number(struct xml_scan *scan)
{
    return run(scan, NUMBER);
}

enum xml_scan_tag xml_scan_attribute(struct xml_scan *scan, struct xml_piece *name,
                                     struct xml_piece *value)
{
    bool is_apart = scan->at < scan->end && *scan->at == ' ';
    while (scan->at < scan->end && *scan->at == ' ')
        scan->at++;
    if (xml_scan_take(scan, ">"))
        return XML_SCAN_OPEN;
    if (xml_scan_take(scan, "/>"))
        return XML_SCAN_EMPTY;
    *name = run(scan, NAME);
    if (!is_apart || name->length == 0 || !g_ascii_isalpha(name->text[0]) ||
        !xml_scan_take(scan, "=") || scan->at == scan->end)
        return XML_SCAN_OTHER;
    char quote = *scan->at++;
    *value = run(scan, VALUE);
    if ((quote != '"' && quote != '\'') || scan->at == scan->end || *scan->at != quote)
        return XML_SCAN_OTHER;
    scan->at++;
    return XML_SCAN_ATTRIBUTE;
}

/* Decodes a named reference at *from; false if it is none of the five. */
static bool decode(const char **from, const char *end, char *to)
{
    static const struct {
        struct xml_piece name;
        char c;
    } references[] = {
        {{"&amp;", 5}, '&'},  {{"&lt;", 4}, '<'},    {{"&gt;", 4}, '>'},
        {{"&quot;", 6}, '"'}, {{"&apos;", 6}, '\''},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(references); i++) {
        struct xml_piece name = references[i].name;
        if ((size_t)(end - *from) < name.length || memcmp(*from, name.text, name.length) != 0)
            continue;
        *from += name.length;
        *to = references[i].c;
        return true;
    }
    return false;
}

/* Text that is not all plain: from..end. */
static bool take_special(const char *from, const char *end, struct xml_piece *text,
                         struct xml_room room)
{
    bool has_references = false, is_ascii = true;
    for (const char *p = from; p < end; p++) {
        guchar c = (guchar)*p;
        if ((c < ' ' && c != '\n' && c != '\t') ||
            (c == ']' && end - p > 2 && p[1] == ']' && p[2] == '>'))
            return false;
        if (c == '_' && end - p > 1 && p[1] == 'x')
            return false;
        /* U+FFFE and U+FFFF are no characters of XML. */
        if (c == 0xef && end - p > 2 && (guchar)p[1] == 0xbf && (guchar)p[2] >= 0xbe)
            return false;
        has_references = has_references || c == '&';
        is_ascii = is_ascii && c < 0x80;
    }
    *text = (struct xml_piece){from, (size_t)(end - from)};
    if (!is_ascii && !g_utf8_validate_len(from, text->length, NULL))
        return false;
    if (!has_references)
        return true;
    if (text->length > room.size)
        return false;
    char *to = room.octets;
    for (const char *p = from; p < end; to++) {
        if (*p != '&')
            *to = *p++;
        else if (!decode(&p, end, to))
            return false;
    }
    *text = (struct xml_piece){room.octets, (size_t)(to - room.octets)};
    return true;
}

bool xml_scan_text(struct xml_scan *scan, struct xml_piece *text, struct xml_room room)
{
    *text = run(scan, PLAIN);
    if (scan->at == scan->end)
        return false;
    if (*scan->at == '<')
        return true;
    const char *end = memchr(scan->at, '<', (size_t)(scan->end - scan->at));
    if (end == NULL || !take_special(text->text, end, text, room))
        return false;
    scan->at = end;
    return true;
}

/*
 * What is hard about it is all that expat asks of a tag without being told: that no attribute is
 * there twice, by its name or by its namespace, that prefixes are declared, that the names of
 * namespaces which XML keeps for itself are not used. Where asking would take long, or the answer
 * is hardly ever yes, the tag is left to expat.
 */
#include "report/xml_plain.h"

enum { NAME_MOST = 64, URI_MOST = 200 };

struct name {
    struct xml_piece prefix, local; /* prefix: empty if there is none */
};

struct attribute {
    struct name name;
    struct xml_piece value;
};

/* A start tag before its prefixes have been looked up. */
struct tag {
    struct xml_piece whole; /* the name with its prefix */
    struct name name;
    size_t count;
    struct attribute attributes[XML_PLAIN_ATTRIBUTES];
};

static bool is_equal(struct xml_piece a, struct xml_piece b)
{
    return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

static bool begins(struct xml_piece piece, const char *text)
{
    return piece.length >= strlen(text) && memcmp(piece.text, text, strlen(text)) == 0;
}

void xml_plain_init(struct xml_plain *plain, const char *bytes, size_t size)
{
    plain->end = bytes + size;
    plain->depth = 0;
    plain->has_root = false;
    plain->prefix_count = 0;
    xml_plain_go_on(plain, bytes);
}

void xml_plain_go_on(struct xml_plain *plain, const char *at)
{
    plain->at = (struct xml_scan){at, at + MIN((size_t)(plain->end - at), LIMIT_XML_PIECE)};
}

/* At a name of letters and digits; false if it is none of one or two parts. */
static bool split(struct xml_piece whole, struct name *name)
{
    const char *colon = memchr(whole.text, ':', whole.length);
    name->prefix = (struct xml_piece){whole.text, 0};
    name->local = whole;
    if (colon != NULL) {
        name->prefix.length = (size_t)(colon - whole.text);
        name->local = (struct xml_piece){colon + 1, whole.length - name->prefix.length - 1};
        if (name->prefix.length == 0 || memchr(colon + 1, ':', name->local.length) != NULL)
            return false;
    }
    return whole.length <= NAME_MOST && name->local.length > 0 && g_ascii_isalpha(whole.text[0]) &&
           g_ascii_isalpha(name->local.text[0]);
}

/* By the local name alone, which is more than XML asks: two prefixes may mean one namespace. */
static bool is_repeated(const struct tag *tag, const struct name *name)
{
    for (size_t i = 0; i < tag->count; i++)
        if ((tag->attributes[i].name.prefix.length > 0) == (name->prefix.length > 0) &&
            is_equal(tag->attributes[i].name.local, name->local))
            return true;
    return false;
}

/* Behind "<". */
static bool take_tag(struct xml_scan *scan, struct tag *tag, bool *is_empty)
{
    tag->whole = xml_scan_name(scan);
    tag->count = 0;
    if (!split(tag->whole, &tag->name))
        return false;
    for (;;) {
        struct xml_piece whole;
        struct attribute *attribute = &tag->attributes[tag->count];
        if (tag->count == XML_PLAIN_ATTRIBUTES)
            return false;
        enum xml_scan_tag what = xml_scan_attribute(scan, &whole, &attribute->value);
        *is_empty = what == XML_SCAN_EMPTY;
        if (what != XML_SCAN_ATTRIBUTE)
            return what != XML_SCAN_OTHER;
        if (!split(whole, &attribute->name) || is_repeated(tag, &attribute->name))
            return false;
        tag->count++;
    }
}

/* --- namespaces --- */

static const struct xml_plain_prefix *find(const struct xml_plain *plain, struct xml_piece name)
{
    for (size_t i = 0; i < plain->prefix_count; i++)
        if (is_equal(plain->prefixes[i].name, name))
            return &plain->prefixes[i];
    return NULL;
}

const struct xml_plain_prefix *xml_plain_prefix(const struct xml_plain *plain, const char *name)
{
    return find(plain, (struct xml_piece){name, strlen(name)});
}

static bool is_declaration(const struct attribute *attribute)
{
    return xml_is(attribute->name.prefix, "xmlns") ||
           (attribute->name.prefix.length == 0 && xml_is(attribute->name.local, "xmlns"));
}

static bool declare(struct xml_plain *plain, const struct attribute *attribute)
{
    struct xml_piece uri = attribute->value, name = attribute->name.local;
    if (attribute->name.prefix.length == 0)
        name.length = 0;
    if (plain->prefix_count == XML_PLAIN_PREFIXES || begins(name, "xml") || uri.length == 0 ||
        uri.length > URI_MOST || begins(uri, "http://www.w3.org/") ||
        memchr(uri.text, '|', uri.length) != NULL)
        return false;
    plain->prefixes[plain->prefix_count++] =
        (struct xml_plain_prefix){name, uri, xml_namespace_of(uri.text, uri.length)};
    return true;
}

/* --- what the handlers get --- */

/* Appends to the room; false if there is none left. */
static bool put(struct xml_plain *plain, struct xml_piece piece, char end)
{
    if (sizeof plain->room - plain->used <= piece.length)
        return false;
    memcpy(plain->room + plain->used, piece.text, piece.length);
    plain->room[plain->used + piece.length] = end;
    plain->used += piece.length + 1;
    return true;
}

static bool give_name(struct xml_plain *plain, const struct name *name)
{
    const struct xml_plain_prefix *prefix = find(plain, name->prefix);
    if (prefix == NULL && name->prefix.length > 0)
        return false;
    plain->space = prefix != NULL ? prefix->space : XML_NONE;
    plain->name = plain->room + plain->used;
    return put(plain, name->local, '\0');
}

static bool give_attributes(struct xml_plain *plain, const struct tag *tag)
{
    size_t count = 0;
    for (size_t i = 0; i < tag->count; i++) {
        const struct attribute *attribute = &tag->attributes[i];
        struct xml_piece prefix = attribute->name.prefix;
        if (is_declaration(attribute))
            continue;
        plain->attributes[count++] = plain->room + plain->used;
        if (prefix.length > 0) {
            const struct xml_plain_prefix *found = find(plain, prefix);
            if (found == NULL || !put(plain, found->uri, XML_SEPARATOR))
                return false;
        }
        if (!put(plain, attribute->name.local, '\0'))
            return false;
        plain->attributes[count++] = plain->room + plain->used;
        if (!put(plain, attribute->value, '\0'))
            return false;
    }
    plain->attributes[count] = NULL;
    return true;
}

static bool start(struct xml_plain *plain, struct xml_scan *scan)
{
    struct tag tag;
    if (plain->depth == LIMIT_XML_DEPTH || (plain->depth == 0 && plain->has_root) ||
        !take_tag(scan, &tag, &plain->ends))
        return false;
    for (size_t i = 0; i < tag.count; i++)
        if (is_declaration(&tag.attributes[i]) &&
            (plain->has_root || !declare(plain, &tag.attributes[i])))
            return false;
    if (!give_name(plain, &tag.name) || !give_attributes(plain, &tag))
        return false;
    plain->starts = true;
    plain->has_root = true;
    if (!plain->ends)
        plain->open[plain->depth++] = tag.whole;
    return true;
}

/* Behind "</". */
static bool end(struct xml_plain *plain, struct xml_scan *scan)
{
    if (plain->depth == 0)
        return false;
    struct xml_piece whole = plain->open[plain->depth - 1];
    struct name name;
    if (!xml_scan_octets(scan, whole.text, whole.length) || !xml_scan_take(scan, ">") ||
        !split(whole, &name) || !give_name(plain, &name))
        return false;
    plain->starts = false;
    plain->ends = true;
    plain->depth--;
    return true;
}

/* --- the document --- */

/* One that xml.c would not look at twice. */
static void take_declaration(struct xml_scan *scan)
{
    struct xml_scan at = *scan;
    if (!xml_scan_take(&at, "<?xml version=\"1.0\""))
        return;
    if (!xml_scan_take(&at, " encoding=\"UTF-8\""))
        (void)xml_scan_take(&at, " encoding=\"utf-8\"");
    if (!xml_scan_take(&at, " standalone=\"yes\""))
        (void)xml_scan_take(&at, " standalone=\"no\"");
    if (xml_scan_take(&at, "?>"))
        *scan = at;
}

bool xml_plain_next(struct xml_plain *plain)
{
    struct xml_scan scan = plain->at;
    plain->text = (struct xml_piece){scan.at, 0};
    if (!plain->has_root)
        take_declaration(&scan);
    if (plain->depth == 0)
        xml_scan_blanks(&scan);
    else if (!xml_scan_text(&scan, &plain->text,
                            (struct xml_room){plain->room, sizeof plain->room}))
        return false;
    plain->used = plain->text.text == plain->room ? plain->text.length : 0;
    bool is_taken = xml_scan_take(&scan, "</")  ? end(plain, &scan)
                    : xml_scan_take(&scan, "<") ? start(plain, &scan)
                                                : false;
    if (is_taken)
        plain->at = scan;
    return is_taken;
}

bool xml_plain_is_done(const struct xml_plain *plain)
{
    struct xml_scan scan = plain->at;
    xml_scan_blanks(&scan);
    return plain->has_root && plain->depth == 0 && scan.at == plain->end;
}

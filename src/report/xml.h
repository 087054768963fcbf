/*
 * XML from strangers, as a small SAX. The only user of expat, which reads what is not spelled as
 * programs spell it (xml_plain.h).
 *
 * Refused: a DOCTYPE of any kind, more than LIMIT_XML_DEPTH levels, LIMIT_XML_ATTRIBUTES, or
 * LIMIT_XML_MEMORY in the parser, and any encoding but UTF-8 and UTF-16 with its byte order mark.
 *
 * Elements are told by namespace and local name, never by prefix; transitional and strict forms are
 * one. An element of a namespace that is not in the list is not reported, nor anything within it.
 */
#ifndef CALLMX_REPORT_XML_H
#define CALLMX_REPORT_XML_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

enum xml_namespace {
    XML_NONE,       /* no namespace: most attributes */
    XML_MAIN,       /* SpreadsheetML: workbook, worksheet, sst */
    XML_PACKAGE,    /* Relationships of a package */
    XML_OFFICE,     /* r:id */
    XML_TYPES,      /* [Content_Types].xml */
    XML_PROPERTIES, /* docProps/custom.xml */
    XML_VARIANT,    /* vt:lpwstr */
    XML_OTHER,
};

/* Stands between a namespace and a name; not a character of a URI, so no URI can fake it. */
#define XML_SEPARATOR '|'

/* The namespace of that URI. */
enum xml_namespace xml_namespace_of(const char *uri, size_t length);

struct xml;

/* The attributes of one element: names and values in turn, as expat gives them. */
typedef const char *const *xml_attributes;

struct xml_handler {
    void (*start)(void *context, struct xml *xml, enum xml_namespace space, const char *name,
                  xml_attributes attributes);
    void (*end)(void *context, struct xml *xml, enum xml_namespace space, const char *name);
    void (*text)(void *context, struct xml *xml, const char *text, size_t length); /* may be NULL */
};

/* What takes long runs of equal items, rows or strings, out of the document before expat sees them:
 * to expat, and to the handler, it is as if they had never been there. It gets UTF-8 only, at a
 * place where the default namespace is the items' and the handler is among items. */
struct xml_scanner {
    enum xml_namespace space;
    const char *begin; /* of an item: "<row" */
    const char *end;   /* of an item: "</row>" */
    /* Whether the handler has seen the parent of the items and nothing that is open in it. */
    bool (*is_among)(void *context);
    /* Takes items from the start of the bytes; returns how many octets they had, 0 if the first is
     * none, or one that it does not understand. The item there goes to expat, and it is asked again
     * behind it. It may call xml_stop(). */
    size_t (*scan)(void *context, struct xml *xml, const char *bytes, size_t size);
};

/* Parses a document. `what` names it in errors: "xl/workbook.xml"; `scanner` may be NULL. False on
 * an error (PERM; TEMP for lack of memory only); true at the end, or when a handler called
 * xml_stop(). */
bool xml_parse(const void *bytes, size_t size, const char *what, const struct xml_handler *handler,
               const struct xml_scanner *scanner, void *context, GError **error);

/* The same by expat alone: slower, and what tests hold against it. */
bool xml_parse_by_expat(const void *bytes, size_t size, const char *what,
                        const struct xml_handler *handler, void *context, GError **error);

/* For scanners: whether the prefix x14ac, which spreadsheet programs use in rows, is declared. */
bool xml_knows_x14ac(const struct xml *xml);

/* For handlers: ends the parse without an error. No handler is called after it. */
void xml_stop(struct xml *xml);
/* For handlers: ends the parse with a PERM error. Only the first counts. */
void xml_fail(struct xml *xml, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The value of an attribute, or NULL. Borrowed until the handler returns. */
const char *xml_attribute(xml_attributes attributes, enum xml_namespace space, const char *name);

#endif

/*
 * XML from strangers, as a small SAX. The only user of expat.
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

struct xml;

/* The attributes of one element: names and values in turn, as expat gives them. */
typedef const char *const *xml_attributes;

struct xml_handler {
    void (*start)(void *context, struct xml *xml, enum xml_namespace space, const char *name,
                  xml_attributes attributes);
    void (*end)(void *context, struct xml *xml, enum xml_namespace space, const char *name);
    void (*text)(void *context, struct xml *xml, const char *text, size_t length); /* may be NULL */
};

/* Parses a document. `what` names it in errors: "xl/workbook.xml". False on an error (PERM; TEMP
 * for lack of memory only); true at the end, or when a handler called xml_stop(). */
bool xml_parse(const void *bytes, size_t size, const char *what, const struct xml_handler *handler,
               void *context, GError **error);

/* For handlers: ends the parse without an error. No handler is called after it. */
void xml_stop(struct xml *xml);
/* For handlers: ends the parse with a PERM error. Only the first counts. */
void xml_fail(struct xml *xml, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The value of an attribute, or NULL. Borrowed until the handler returns. */
const char *xml_attribute(xml_attributes attributes, enum xml_namespace space, const char *name);

#endif

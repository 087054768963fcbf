/*
 * Documents as programs spell them, told tag by tag without expat: UTF-8, a declaration or none,
 * all namespaces declared by the root, attributes of printable ASCII without references. Nearly all
 * small parts of workbooks are such from end to end, and so is what stands before and behind the
 * rows of a sheet. For xml.c only, which says how it shares a document with expat.
 *
 * As with xml_scan.h, it never says that something is wrong, and takes nothing that expat would
 * refuse or read otherwise. It holds no more than what stands here, and takes no more of a document
 * than LIMIT_XML_PIECE octets: which budgets of xml.h a document breaks is for expat to say.
 */
#ifndef CALLMX_REPORT_XML_PLAIN_H
#define CALLMX_REPORT_XML_PLAIN_H

#include "base/limits.h"
#include "report/xml.h"
#include "report/xml_scan.h"

enum { XML_PLAIN_PREFIXES = 16, XML_PLAIN_ATTRIBUTES = 32, XML_PLAIN_ROOM = 4 * KIB };

struct xml_plain_prefix {
    struct xml_piece name; /* empty: the default */
    struct xml_piece uri;
    enum xml_namespace space;
};

struct xml_plain {
    struct xml_scan at; /* behind the last tag that was taken, or at the document's start */
    const char *end;    /* of the document */
    size_t depth;
    bool has_root;
    struct xml_piece
        open[LIMIT_XML_DEPTH]; /* the names of the open elements, with their prefixes */
    size_t prefix_count;
    struct xml_plain_prefix prefixes[XML_PLAIN_PREFIXES];
    /* What was taken last: a tag and the text before it. */
    struct xml_piece text;
    bool starts, ends; /* both: <a/> */
    enum xml_namespace space;
    const char *name;                                     /* the local one */
    const char *attributes[2 * XML_PLAIN_ATTRIBUTES + 1]; /* if it starts; as expat gives them */
    char room[XML_PLAIN_ROOM]; /* where name and attributes lie, and a text with references */
    size_t used;
};

/* Sets up what the next function needs; the bytes are borrowed. */
void xml_plain_init(struct xml_plain *plain, const char *bytes, size_t size);

/* Goes on at another place in the document, before which nothing is half taken. */
void xml_plain_go_on(struct xml_plain *plain, const char *at);

/* Takes the next tag and the text before it. False: the rest is not for it, and `at` is left where
 * it was. */
bool xml_plain_next(struct xml_plain *plain);

/* Whether the document has been taken to its end. */
bool xml_plain_is_done(const struct xml_plain *plain);

/* What the root has declared for this prefix ("" is the default); NULL: nothing. */
const struct xml_plain_prefix *xml_plain_prefix(const struct xml_plain *plain, const char *name);

#endif

/*
 * Takes XML apart where it is spelled as programs spell it: no comments, no CDATA, no character
 * numbers, no blanks around =. For the scanners of sheets and shared strings, which see a document
 * of 100 MB of such elements; xml.h says how they share it with expat.
 *
 * A scan never says that something is wrong. What it does not take (false) is expat's, which may
 * find it right or say what is wrong with it; so a scan must not take anything that expat would
 * refuse, nor read it otherwise.
 */
#ifndef CALLMX_REPORT_XML_SCAN_H
#define CALLMX_REPORT_XML_SCAN_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* At a place in the document. Nothing is taken from `end` on. */
struct xml_scan {
    const char *at;
    const char *end;
};

/* A piece of the document, or of the room that was given for it; not NUL-terminated. */
struct xml_piece {
    const char *text;
    size_t length;
};

struct xml_room {
    char *octets;
    size_t size;
};

enum xml_scan_tag {
    XML_SCAN_ATTRIBUTE, /* one more */
    XML_SCAN_OPEN,      /* > */
    XML_SCAN_EMPTY,     /* /> */
    XML_SCAN_OTHER,     /* not for a scan */
};

/* Takes `word`, which is a literal. */
#define xml_scan_take(scan, word) xml_scan_octets(scan, word, sizeof(word) - 1)

static inline bool xml_scan_octets(struct xml_scan *scan, const char *octets, size_t count)
{
    if ((size_t)(scan->end - scan->at) < count || memcmp(scan->at, octets, count) != 0)
        return false;
    scan->at += count;
    return true;
}

static inline bool xml_is(struct xml_piece piece, const char *text)
{
    return strlen(text) == piece.length && memcmp(piece.text, text, piece.length) == 0;
}

/* Blanks between elements. */
static inline void xml_scan_blanks(struct xml_scan *scan)
{
    while (scan->at < scan->end && *scan->at <= ' ' &&
           (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' || *scan->at == '\t'))
        scan->at++;
}

/* Behind a tag's name or an attribute: the next attribute, whose value is printable ASCII without
 * references, or the end of the tag. Whether a name is there twice is for the caller to ask. */
enum xml_scan_tag xml_scan_attribute(struct xml_scan *scan, struct xml_piece *name,
                                     struct xml_piece *value);

/* A name of letters, digits and colons, which may be empty. */
struct xml_piece xml_scan_name(struct xml_scan *scan);

/* Digits, and what else a number may have: . E e - +; it may be empty. */
struct xml_piece xml_scan_number(struct xml_scan *scan);

/* Character data up to the next <, as expat would report it: valid UTF-8, the five named references
 * decoded; no text in which an escape of workbooks (_xHHHH_) may stand. Text with references is put
 * into `room`, of which it then takes length octets; other text is pointed at. */
bool xml_scan_text(struct xml_scan *scan, struct xml_piece *text, struct xml_room room);

#endif

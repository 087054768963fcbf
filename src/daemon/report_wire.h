/*
 * A report on its way out of a parser process, as a stream of frames. The reader of it trusts
 * nobody: every length, enum, count and text is checked before it becomes part of a report, as if
 * it had come from a stranger, because after a successful attack on the parser it does.
 *
 * A frame is its payload's length (4 octets, little endian, at most LIMIT_FRAME_BYTES), its type
 * (1 octet) and the payload: numbers of 8 octets, little endian; texts as a length of 4 octets
 * (UINT32_MAX: NULL) and their bytes, or, those that come again and again, as 0x80000000 and the
 * number of the text among those that were sent in full. The order: one HEAD; for each file one
 * FILE, then its LEG, USER and NOTE frames; one END. Both ends are the same build: there is no
 * version.
 */
#ifndef CALLMX_DAEMON_REPORT_WIRE_H
#define CALLMX_DAEMON_REPORT_WIRE_H

#include "report/report.h"

#include <stdbool.h>
#include <stddef.h>

/* Takes bytes of the stream; false ends the writing. */
typedef bool report_wire_sink(void *context, const void *bytes, size_t size);

/* Writes the whole report in pieces; false if the sink said so. */
bool report_wire_write(const struct report *report, report_wire_sink *sink, void *context);

enum report_wire_state {
    REPORT_WIRE_MORE, /* needs more bytes */
    REPORT_WIRE_DONE, /* the report is whole */
    REPORT_WIRE_BAD,  /* never valid; the reader is of no more use */
};

struct report_wire_reader;

struct report_wire_reader *report_wire_reader_new(void);
void report_wire_reader_free(struct report_wire_reader *reader);
AUTO_DEFINE(report_wire_reader, report_wire_reader_free)

enum report_wire_state report_wire_feed(struct report_wire_reader *reader, const void *bytes,
                                        size_t size);

/* After DONE: the report, which is the caller's now. */
struct report *report_wire_take(struct report_wire_reader *reader);

#endif

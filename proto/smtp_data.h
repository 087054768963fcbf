/*
 * The octets behind DATA: RFC 5321, 4.1.1.4 and 4.5.2. They end at CRLF.CRLF and at nothing else,
 * however much it looks like it; the dot in front of a line is taken away. Nothing is copied: the
 * message comes out as slices of what goes in.
 *
 * With `normalize` a bare CR or LF becomes CRLF, and the line behind it is one in which a dot means
 * nothing, so that it can be no end. Without it a CR or an LF alone, too many octets, and a mail
 * that went round in a loop are faults of the wire: the rest, up to the true end, is read and
 * thrown away.
 */
#ifndef CALLMX_PROTO_SMTP_DATA_H
#define CALLMX_PROTO_SMTP_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The worst comes last: a later fault takes the place of a lesser one. */
enum smtp_data_fault {
    SMTP_DATA_GOOD,
    SMTP_DATA_LOOP,      /* LIMIT_SMTP_RECEIVED trace fields in the header */
    SMTP_DATA_TOO_LARGE, /* more octets than the maximum: CRLFs count, stuffed dots do not */
    SMTP_DATA_NEWLINE,   /* a bare CR or a bare LF: the peer may be smuggling */
};

enum smtp_data_state {
    SMTP_DATA_LINE_START, /* after CRLF, and at the very beginning */
    SMTP_DATA_TEXT,       /* within a line */
    SMTP_DATA_CR,         /* after a CR within a line: LF must follow */
    SMTP_DATA_DOT,        /* after a dot at the start of a line; it is not part of the message */
    SMTP_DATA_DOT_CR,     /* after such a dot and CR: LF is the end */
    SMTP_DATA_ENDED,
};

struct smtp_data {
    uint64_t maximum;
    uint64_t octets;    /* of the message so far, while there is no fault */
    uint64_t discarded; /* since there is one */
    unsigned received;  /* trace fields in the header block */
    enum smtp_data_state state;
    enum smtp_data_fault fault;
    bool normalize; /* newlines */
    bool in_header;
    bool is_cut;           /* ended at LIMIT_SMTP_DISCARD, not at CRLF.CRLF: out of step, close */
    unsigned char matched; /* how far this line of the header has the name of a trace field */
};

enum smtp_data_event {
    SMTP_DATA_EVENT_MORE,  /* all was taken */
    SMTP_DATA_EVENT_SLICE, /* *slice .. *slice_length is the next part of the message */
    SMTP_DATA_EVENT_FAULT, /* said once, for the first: forget the message, feed on */
    SMTP_DATA_EVENT_END,   /* look at `fault`; the octets not taken are no part of this */
};

void smtp_data_init(struct smtp_data *data, uint64_t maximum, bool normalize);

/* The same for octets whose number was told (BDAT, RFC 3030): there is no end to be found and no
 * dot to be taken away, and newlines are nobody's business. Only octets and trace fields are
 * counted. How many of them come before the fault that `fault` then tells; all, if there is none.
 */
size_t smtp_data_count(struct smtp_data *data, const char *bytes, size_t size);

/* Takes octets up to the next event; *taken says how many, perhaps none with FAULT. Not to be
 * called after END. A fault is found at the same octet however the input is split, and the slices
 * before it are the same when joined. */
enum smtp_data_event smtp_data_next(struct smtp_data *data, const char *bytes, size_t size,
                                    size_t *taken, const char **slice, size_t *slice_length);

#endif

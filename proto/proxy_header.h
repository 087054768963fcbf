/*
 * The header by which a balancer says whom it speaks for: the PROXY protocol, version 1 (a line of
 * text) and version 2 (binary), as its author describes them. Pure: octets in, an address out.
 *
 * It is believed only where a setting says who may send it; that is the caller's business.
 */
#ifndef CALLMX_PROTO_PROXY_HEADER_H
#define CALLMX_PROTO_PROXY_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct proxy_header {
    bool is_local;             /* the balancer speaks for itself: a check of our health */
    int family;                /* 4 or 6; 0: it does not know, or it is no TCP */
    unsigned char address[16]; /* of the peer, in network order; 4 octets of it, or 16 */
    uint16_t port;
};

enum proxy_header_result {
    PROXY_HEADER_MORE, /* so far it may become one: offer all of it again, with what comes next */
    PROXY_HEADER_READY,
    PROXY_HEADER_BAD, /* it never will */
};

/* Looks at bytes[0 .. size). READY: *taken is the length of the header, LIMIT_PROXY_HEADER octets
 * at most, and what lies behind is the peer's. *header is set with READY alone. */
enum proxy_header_result proxy_header_parse(const char *bytes, size_t size, size_t *taken,
                                            struct proxy_header *header);

#endif

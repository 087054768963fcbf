/*
 * Addresses of peers, and ranges of them: what a peer is called in the log, which network it counts
 * for, and whether it is one of those that a setting lists.
 */
#ifndef CALLMX_DAEMON_ADDRESS_H
#define CALLMX_DAEMON_ADDRESS_H

#include <glib.h>
#include <stdbool.h>
#include <sys/socket.h>

enum { ADDRESS_TEXT_SIZE = 64 };

struct address {
    int family; /* 4 or 6; 0: none */
    unsigned char octets[16];
};

/* An IPv4 address that came through an IPv6 socket is one of IPv4. */
struct address address_of_socket(const struct sockaddr *name);

/* `family` 4 or 6 with 4 or 16 octets. */
struct address address_make(int family, const unsigned char *octets);

/* "192.0.2.1", "2001:db8::1"; "unknown" for none. */
void address_text(const struct address *address, char text[ADDRESS_TEXT_SIZE]);

/* The network that the address counts for: the /32 of IPv4, the /64 of IPv6. */
struct address address_network(const struct address *address);

struct address_range {
    struct address address;
    unsigned bits;
};

/* "192.0.2.0/24", "2001:db8::/32", or one address. Bits set behind the prefix are an error. */
bool address_range_parse(const char *text, struct address_range *range, GError **error);

bool address_range_has(const struct address_range *range, const struct address *address);

#endif

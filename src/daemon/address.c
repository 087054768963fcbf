/*
 * Octets in network order, as the socket layer has them. It owns nothing and asks nobody: a name is
 * never looked up.
 */
#include "daemon/address.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

enum { V4_OCTETS = 4, V6_OCTETS = 16, MAPPED_AT = 12, NETWORK_OCTETS = 8 };

struct address address_make(int family, const unsigned char *octets)
{
    static const unsigned char mapped[MAPPED_AT] = {[10] = 0xff, [11] = 0xff};
    struct address address = {.family = family};
    if (family == 6 && memcmp(octets, mapped, sizeof mapped) == 0) {
        address.family = 4;
        memcpy(address.octets, octets + MAPPED_AT, V4_OCTETS);
    } else {
        memcpy(address.octets, octets, family == 4 ? V4_OCTETS : V6_OCTETS);
    }
    return address;
}

struct address address_of_socket(const struct sockaddr *name)
{
    if (name->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, name, sizeof v6);
        return address_make(6, v6.sin6_addr.s6_addr);
    }
    if (name->sa_family != AF_INET)
        return (struct address){0};
    struct sockaddr_in v4;
    unsigned char octets[V4_OCTETS];
    memcpy(&v4, name, sizeof v4);
    memcpy(octets, &v4.sin_addr, sizeof octets);
    return address_make(4, octets);
}

void address_text(const struct address *address, char text[ADDRESS_TEXT_SIZE])
{
    if (address->family == 0)
        g_strlcpy(text, "unknown", ADDRESS_TEXT_SIZE);
    else
        inet_ntop(address->family == 4 ? AF_INET : AF_INET6, address->octets, text,
                  ADDRESS_TEXT_SIZE);
}

struct address address_network(const struct address *address)
{
    struct address network = *address;
    if (network.family == 6)
        memset(network.octets + NETWORK_OCTETS, 0, V6_OCTETS - NETWORK_OCTETS);
    return network;
}

/* Whether all bits from `first` on are zero. */
static bool is_zero_from(const struct address *address, unsigned first)
{
    for (unsigned bit = first; bit < V6_OCTETS * 8; bit++)
        if ((address->octets[bit / 8] >> (7 - bit % 8) & 1) != 0)
            return false;
    return true;
}

bool address_range_parse(const char *text, struct address_range *range, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, "/", 2);
    unsigned char octets[V6_OCTETS];
    int family = 0;
    if (parts[0] != NULL && inet_pton(AF_INET, parts[0], octets) == 1)
        family = 4;
    else if (parts[0] != NULL && inet_pton(AF_INET6, parts[0], octets) == 1)
        family = 6;
    if (family == 0)
        return error_perm(error, "\"%s\" is neither an address nor a range like 192.0.2.0/24",
                          text);
    *range = (struct address_range){.address = {.family = family}};
    memcpy(range->address.octets, octets, family == 4 ? V4_OCTETS : V6_OCTETS);
    unsigned most = family == 4 ? V4_OCTETS * 8 : V6_OCTETS * 8;
    range->bits = most;
    if (parts[1] != NULL) {
        char *end = NULL;
        guint64 bits = g_ascii_strtoull(parts[1], &end, 10);
        if (!g_ascii_isdigit(parts[1][0]) || *end != '\0' || bits > most)
            return error_perm(error, "\"%s\": the prefix must be from 0 to %u bits", text, most);
        range->bits = (unsigned)bits;
    }
    if (!is_zero_from(&range->address, range->bits))
        return error_perm(error, "\"%s\" has bits set behind its prefix of %u", text, range->bits);
    return true;
}

bool address_range_has(const struct address_range *range, const struct address *address)
{
    if (range->address.family != address->family)
        return false;
    unsigned whole = range->bits / 8, rest = range->bits % 8;
    if (memcmp(range->address.octets, address->octets, whole) != 0)
        return false;
    if (rest == 0)
        return true;
    unsigned char mask = (unsigned char)(0xff << (8 - rest));
    return ((range->address.octets[whole] ^ address->octets[whole]) & mask) == 0;
}

/*
 * Both versions begin in a way in which the other cannot, so the first octets decide. It owns
 * nothing and keeps nothing: a header that is not whole is looked at again from its beginning.
 *
 * What is hard: everything that follows in the session hangs on this address, so a header that is
 * good in part is bad as a whole. Version 1 is read octet by octet, without the library's help,
 * which would take " 1", "+1" and "01" for a number.
 */
#include "proto/proxy_header.h"

#include <string.h>

#include "base/limits.h"
#include "proto/ascii.h"

/* Version 1: 107 octets with CRLF are the longest line that can be. */
enum { V1_LONGEST = 107, V1_FIELDS = 6 };

/* Version 2: the signature, then version and command, family, and the length of the rest. */
enum {
    V2_HEAD = 16,
    V2_VERSION = 0x20,
    V2_LOCAL = 0,
    V2_PROXY = 1,
    V2_TCP4 = 0x11,
    V2_TCP6 = 0x21
};
enum { TCP4_OCTETS = 12, TCP6_OCTETS = 36 };

static const char v1_signature[] = "PROXY ";
static const char v2_signature[] = "\r\n\r\n\0\r\nQUIT\n";
#define V2_SIGNATURE (sizeof v2_signature - 1)

struct field {
    const char *at;
    size_t length;
};

static bool is_word(const struct field *field, const char *word)
{
    return field->length == strlen(word) && memcmp(field->at, word, field->length) == 0;
}

/* A number without sign, blank or leading zero, `most` at most. */
static bool read_number(const char *at, size_t length, unsigned most, unsigned *number)
{
    if (length == 0 || length > 5 || (length > 1 && at[0] == '0'))
        return false;
    *number = 0;
    for (size_t i = 0; i < length; i++) {
        if (!ascii_is_digit(at[i]))
            return false;
        *number = *number * 10 + (unsigned)(at[i] - '0');
    }
    return *number <= most;
}

static bool read_v4(const struct field *field, unsigned char *address)
{
    const char *at = field->at;
    const char *end = field->at + field->length;

    for (size_t i = 0; i < 4; i++) {
        const char *start = at;
        unsigned number;

        while (at < end && *at != '.')
            at++;
        if (!read_number(start, (size_t)(at - start), 255, &number))
            return false;
        address[i] = (unsigned char)number;
        if (i < 3 && at++ == end)
            return false;
    }
    return at == end;
}

static int hex_value(char octet)
{
    if (ascii_is_digit(octet))
        return octet - '0';
    octet = ascii_lower(octet);
    return octet >= 'a' && octet <= 'f' ? octet - 'a' + 10 : -1;
}

/* Groups of hex digits up to the end or to `::`; the number of octets, -1 if it is wrong. */
static int read_groups(const char **at, const char *end, unsigned char *octets)
{
    int count = 0;

    while (*at < end && **at != ':') {
        unsigned group = 0;
        size_t digits = 0;

        for (; *at < end && hex_value(**at) >= 0; ++*at, digits++)
            group = group << 4 | (unsigned)hex_value(**at);
        if (digits == 0 || digits > 4 || count == 16)
            return -1;
        octets[count++] = (unsigned char)(group >> 8 & 0xff);
        octets[count++] = (unsigned char)(group & 0xff);
        if (*at == end)
            break;
        if (*(*at)++ != ':' || *at == end)
            return -1;
    }
    return count;
}

/* RFC 4291, 2.2, forms 1 and 2. */
static bool read_v6(const struct field *field, unsigned char *address)
{
    const char *at = field->at;
    const char *end = field->at + field->length;
    unsigned char behind[16];
    int before, after;

    memset(address, 0, 16);
    if (end - at >= 2 && at[0] == ':' && at[1] != ':')
        return false;
    if (at < end && *at == ':')
        at++;
    before = at == field->at ? read_groups(&at, end, address) : 0;
    if (before < 0)
        return false;
    if (at == end)
        return before == 16;
    at++; /* the second colon of `::` */
    after = read_groups(&at, end, behind);
    if (after < 0 || at != end || before + after > 14)
        return false;
    memcpy(address + 16 - after, behind, (size_t)after);
    return true;
}

static size_t split(const char *line, size_t length, struct field *fields)
{
    size_t count = 0;
    size_t start = 0;

    for (size_t i = 0; i <= length; i++) {
        if (i < length && line[i] != ' ')
            continue;
        if (count == V1_FIELDS || i == start)
            return 0;
        fields[count++] = (struct field){line + start, i - start};
        start = i + 1;
    }
    return count;
}

/* "PROXY TCP4 192.0.2.1 192.0.2.2 1025 25" */
static bool read_v1(const char *line, size_t length, struct proxy_header *header)
{
    struct field fields[V1_FIELDS];
    unsigned char ignored[16];
    unsigned port, other;
    size_t count = split(line, length, fields);
    bool good;

    /* Whatever follows is to be ignored. */
    if (length >= 13 && memcmp(line, "PROXY UNKNOWN", 13) == 0)
        return length == 13 || line[13] == ' ';
    if (count != V1_FIELDS)
        return false;
    if (is_word(&fields[1], "TCP4")) {
        header->family = 4;
        good = read_v4(&fields[2], header->address) && read_v4(&fields[3], ignored);
    } else {
        header->family = 6;
        good = is_word(&fields[1], "TCP6") && read_v6(&fields[2], header->address) &&
               read_v6(&fields[3], ignored);
    }
    good = good && read_number(fields[4].at, fields[4].length, 65535, &port) &&
           read_number(fields[5].at, fields[5].length, 65535, &other);
    if (good)
        header->port = (uint16_t)port;
    return good;
}

static enum proxy_header_result parse_v1(const char *bytes, size_t size, size_t *taken,
                                         struct proxy_header *header)
{
    size_t most = size < V1_LONGEST ? size : V1_LONGEST;

    for (size_t i = 0; i + 1 < most; i++) {
        if (bytes[i] != '\r' && bytes[i] != '\n')
            continue;
        *taken = i + 2;
        return bytes[i] == '\r' && bytes[i + 1] == '\n' && read_v1(bytes, i, header)
                   ? PROXY_HEADER_READY
                   : PROXY_HEADER_BAD;
    }
    return size >= V1_LONGEST ? PROXY_HEADER_BAD : PROXY_HEADER_MORE;
}

static uint16_t read_u16(const char *at)
{
    return (uint16_t)((unsigned char)at[0] << 8 | (unsigned char)at[1]);
}

static enum proxy_header_result parse_v2(const char *bytes, size_t size, size_t *taken,
                                         struct proxy_header *header)
{
    unsigned command, family;
    size_t length;

    if (size < V2_HEAD)
        return PROXY_HEADER_MORE;
    command = (unsigned char)bytes[12];
    family = (unsigned char)bytes[13];
    length = read_u16(bytes + 14);
    if ((command & 0xf0) != V2_VERSION || (command & 0x0f) > V2_PROXY ||
        length > LIMIT_PROXY_HEADER - V2_HEAD || (family == V2_TCP4 && length < TCP4_OCTETS) ||
        (family == V2_TCP6 && length < TCP6_OCTETS))
        return PROXY_HEADER_BAD;
    if (size < V2_HEAD + length)
        return PROXY_HEADER_MORE;
    *taken = V2_HEAD + length;
    header->is_local = (command & 0x0f) == V2_LOCAL;
    if (header->is_local)
        return PROXY_HEADER_READY;
    if (family == V2_TCP4) {
        header->family = 4;
        memcpy(header->address, bytes + V2_HEAD, 4);
        header->port = read_u16(bytes + V2_HEAD + 8);
    } else if (family == V2_TCP6) {
        header->family = 6;
        memcpy(header->address, bytes + V2_HEAD, 16);
        header->port = read_u16(bytes + V2_HEAD + 32);
    }
    return PROXY_HEADER_READY;
}

static bool begins_with(const char *bytes, size_t size, const char *signature, size_t length)
{
    return memcmp(bytes, signature, size < length ? size : length) == 0;
}

enum proxy_header_result proxy_header_parse(const char *bytes, size_t size, size_t *taken,
                                            struct proxy_header *header)
{
    struct proxy_header read = {0};
    enum proxy_header_result result = PROXY_HEADER_BAD;

    if (size == 0)
        return PROXY_HEADER_MORE;
    if (begins_with(bytes, size, v2_signature, V2_SIGNATURE))
        result = parse_v2(bytes, size, taken, &read);
    else if (begins_with(bytes, size, v1_signature, sizeof v1_signature - 1))
        result = parse_v1(bytes, size, taken, &read);
    if (result == PROXY_HEADER_READY)
        *header = read;
    return result;
}

/*
 * One descent over the grammar of RFC 5321, 4.1.2, with no step back. It owns nothing: the result
 * has room for the longest path that is allowed.
 *
 * Looser than the RFC in one point: a domain may contain `_`, as names of hosts in the field do.
 */
#include "proto/smtp_address.h"

#include <string.h>

#include "proto/ascii.h"

struct cursor {
    const char *at;
    const char *end;
    bool is_utf8;
};

static bool is_next(const struct cursor *cursor, char octet)
{
    return cursor->at < cursor->end && *cursor->at == octet;
}

static bool take(struct cursor *cursor, char octet)
{
    if (!is_next(cursor, octet))
        return false;
    cursor->at++;
    return true;
}

/* What stands at the cursor may not stand there. */
static enum smtp_address_result fault(const struct cursor *cursor)
{
    if (cursor->at < cursor->end && ascii_is_8bit(*cursor->at))
        return SMTP_ADDRESS_NOT_ASCII;
    return SMTP_ADDRESS_BAD;
}

/* The length of the character beyond ASCII at the cursor; 0 if it is none, or a control character,
 * or not in its shortest form (RFC 3629). */
static size_t utf8_length(const struct cursor *cursor)
{
    const unsigned char *at = (const unsigned char *)cursor->at;
    size_t size = (size_t)(cursor->end - cursor->at);
    size_t length = size == 0 ? 0 : at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : at[0] >= 0xc2 ? 2 : 0;

    if (length == 0 || length > size || at[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((at[0] == 0xc2 && at[1] < 0xa0) || (at[0] == 0xe0 && at[1] < 0xa0) ||
        (at[0] == 0xed && at[1] > 0x9f) || (at[0] == 0xf0 && at[1] < 0x90) ||
        (at[0] == 0xf4 && at[1] > 0x8f))
        return 0;
    return length;
}

/* Takes a character beyond ASCII, copied to `copy` if there is one. */
static size_t take_utf8(struct cursor *cursor, char *copy)
{
    size_t length = utf8_length(cursor);

    if (copy != NULL)
        memcpy(copy, cursor->at, length);
    cursor->at += length;
    cursor->is_utf8 = cursor->is_utf8 || length > 0;
    return length;
}

/* RFC 5322, 3.2.3. */
static bool is_atext(char octet)
{
    return ascii_is_alnum(octet) ||
           (ascii_is_graph(octet) && strchr("!#$%&'*+-/=?^_`{|}~", octet) != NULL);
}

static enum smtp_address_result read_dot_string(struct cursor *cursor, char *local_part)
{
    size_t length = 0;
    bool atom = false;

    while (cursor->at < cursor->end) {
        char octet = *cursor->at;
        size_t wide = take_utf8(cursor, local_part + length);

        if (wide > 0) {
            length += wide;
            atom = true;
            continue;
        }
        if (octet == '.' ? !atom : !is_atext(octet))
            break;
        atom = octet != '.';
        local_part[length++] = octet;
        cursor->at++;
    }
    local_part[length] = '\0';
    return atom ? SMTP_ADDRESS_OK : fault(cursor);
}

static enum smtp_address_result read_quoted_string(struct cursor *cursor, char *local_part)
{
    size_t length = 0;

    while (!take(cursor, '"')) {
        size_t wide = take_utf8(cursor, local_part + length);

        if (wide > 0) {
            length += wide;
            continue;
        }
        take(cursor, '\\');
        if (cursor->at == cursor->end || (*cursor->at != ' ' && !ascii_is_graph(*cursor->at)))
            return fault(cursor);
        local_part[length++] = *cursor->at++;
    }
    local_part[length] = '\0';
    return length > 0 ? SMTP_ADDRESS_OK : SMTP_ADDRESS_BAD;
}

/* [192.0.2.1], [IPv6:2001:db8::1]: what stands inside is not looked at, but for its octets. */
static enum smtp_address_result read_literal(struct cursor *cursor)
{
    const char *start = cursor->at;

    while (cursor->at < cursor->end && ascii_is_graph(*cursor->at) &&
           strchr("[]\\<>", *cursor->at) == NULL)
        cursor->at++;
    return cursor->at > start && take(cursor, ']') ? SMTP_ADDRESS_OK : fault(cursor);
}

static enum smtp_address_result read_name(struct cursor *cursor)
{
    char before = '.';

    while (cursor->at < cursor->end) {
        char octet = *cursor->at;

        if (take_utf8(cursor, NULL) > 0) {
            before = 'a';
            continue;
        }
        if (octet == '.'
                ? before == '.' || before == '-'
                : !ascii_is_alnum(octet) && octet != '_' && (octet != '-' || before == '.'))
            break;
        before = octet;
        cursor->at++;
    }
    return before == '.' || before == '-' ? fault(cursor) : SMTP_ADDRESS_OK;
}

/* `domain` may be NULL: a host of a source route. */
static enum smtp_address_result read_domain(struct cursor *cursor, char *domain)
{
    const char *start = cursor->at;
    enum smtp_address_result result = take(cursor, '[') ? read_literal(cursor) : read_name(cursor);
    size_t length = (size_t)(cursor->at - start);

    if (result != SMTP_ADDRESS_OK)
        return result;
    if (length > LIMIT_SMTP_DOMAIN)
        return SMTP_ADDRESS_BAD;
    if (domain == NULL)
        return SMTP_ADDRESS_OK;
    for (size_t i = 0; i < length; i++)
        domain[i] = ascii_lower(start[i]);
    domain[length] = '\0';
    return SMTP_ADDRESS_OK;
}

/* `@one,@two:` */
static enum smtp_address_result skip_route(struct cursor *cursor)
{
    do {
        enum smtp_address_result result =
            take(cursor, '@') ? read_domain(cursor, NULL) : fault(cursor);

        if (result != SMTP_ADDRESS_OK)
            return result;
    } while (take(cursor, ','));
    return take(cursor, ':') ? SMTP_ADDRESS_OK : fault(cursor);
}

static enum smtp_address_result read_mailbox(struct cursor *cursor, struct smtp_address *address)
{
    enum smtp_address_result result = take(cursor, '"')
                                          ? read_quoted_string(cursor, address->local_part)
                                          : read_dot_string(cursor, address->local_part);

    if (result != SMTP_ADDRESS_OK)
        return result;
    if (take(cursor, '@'))
        return read_domain(cursor, address->domain);
    if (is_next(cursor, '>') &&
        ascii_is_word(address->local_part, strlen(address->local_part), "postmaster"))
        return SMTP_ADDRESS_OK;
    return fault(cursor);
}

enum smtp_address_result smtp_address_parse(const char *text, size_t size, size_t *used,
                                            struct smtp_address *address)
{
    struct cursor cursor = {text, text + (size < LIMIT_SMTP_PATH ? size : LIMIT_SMTP_PATH), false};
    enum smtp_address_result result = SMTP_ADDRESS_OK;

    *address = (struct smtp_address){.mailbox = text};
    if (!take(&cursor, '<'))
        return fault(&cursor);
    if (is_next(&cursor, '@'))
        result = skip_route(&cursor);
    address->mailbox = cursor.at;
    if (result == SMTP_ADDRESS_OK && (cursor.at != text + 1 || !is_next(&cursor, '>')))
        result = read_mailbox(&cursor, address);
    if (result != SMTP_ADDRESS_OK)
        return result;
    address->mailbox_length = (size_t)(cursor.at - address->mailbox);
    if (!take(&cursor, '>'))
        return fault(&cursor);
    address->is_utf8 = cursor.is_utf8;
    *used = (size_t)(cursor.at - text);
    return SMTP_ADDRESS_OK;
}

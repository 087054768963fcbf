/*
 * The strict decoders for an attachment's content. GMime's are not used for it: they stop at the
 * first `=`, drop a tail without padding and skip what they do not know, all without a word.
 *
 * Positions in errors are counted in lines from 1, which is what a person can find in a mail.
 */
#include "report/base64.h"

#include "base/error.h"

#include <stdint.h>
#include <string.h>

enum { FOREIGN = 64, BLANK = 65, PADDING = 66 };
enum { ALIEN = 1, PIECE = 3072 };

static uint8_t classify(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return (uint8_t)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (uint8_t)(c - 'a' + 26);
    if (c >= '0' && c <= '9')
        return (uint8_t)(c - '0' + 52);
    switch (c) {
    case '+':
        return 62;
    case '/':
        return 63;
    case '=':
        return PADDING;
    case '\r':
    case '\n':
    case ' ':
    case '\t':
        return BLANK;
    default:
        return FOREIGN;
    }
}

static size_t line_of(const uint8_t *bytes, size_t position)
{
    size_t line = 1;
    for (size_t i = 0; i < position; i++)
        line += bytes[i] == '\n';
    return line;
}

/* The last group, with `digits` sextets in `group`: two give one octet, three give two. */
static bool decode_tail(uint32_t group, unsigned digits, unsigned padding, GByteArray *out,
                        GError **error)
{
    if (digits == 0 && padding == 0)
        return true;
    if (digits == 0)
        return error_perm(error, "the base64 content ends in padding that belongs to nothing");
    if (digits == 1 || digits + padding != 4)
        return error_perm(error, "the base64 content ends in the middle: it was cut off or its "
                                 "padding is wrong");
    uint32_t spare = digits == 2 ? group & 0xf : group & 0x3;
    if (spare != 0)
        return error_perm(error, "the base64 content ends in bits that belong to nothing");
    uint8_t octets[2] = {(uint8_t)(digits == 2 ? group >> 4 : group >> 10), (uint8_t)(group >> 2)};
    g_byte_array_append(out, octets, digits - 1);
    return true;
}

struct tables {
    uint8_t class_of[256];
    uint32_t shifted[4][256]; /* by place in the group: the sextet where it belongs, or ALIEN */
};

static const struct tables *tables(void)
{
    static struct tables tables;
    static gsize filled;
    if (g_once_init_enter(&filled)) {
        for (unsigned c = 0; c < 256; c++) {
            uint8_t class = classify((uint8_t)c);
            tables.class_of[c] = class;
            for (unsigned place = 0; place < 4; place++)
                tables.shifted[place][c] =
                    class >= FOREIGN ? ALIEN : (uint32_t) class << (26 - 6 * place);
        }
        g_once_init_leave(&filled, 1);
    }
    return &tables;
}

/* Takes whole groups of four digits from the start, as many as there are without anything between
 * them and as there is room for, one octet more than they need; returns how many groups. */
static size_t decode_groups(const struct tables *by, const uint8_t *in, size_t size, uint8_t *out,
                            size_t room)
{
    size_t count = 0, most = MIN(size / 4, room / 3);
    for (; count < most; count++, in += 4, out += 3) {
        uint32_t group = by->shifted[0][in[0]] | by->shifted[1][in[1]] | by->shifted[2][in[2]] |
                         by->shifted[3][in[3]];
        if ((group & ALIEN) != 0)
            break;
        group = GUINT32_TO_BE(group);
        memcpy(out, &group, sizeof group);
    }
    return count;
}

bool base64_decode(const void *bytes, size_t size, GByteArray *out, GError **error)
{
    const struct tables *by = tables();
    const uint8_t *in = bytes;
    uint8_t piece[PIECE + 1];
    size_t filled_to = 0;
    uint32_t group = 0;
    unsigned digits = 0, padding = 0;
    for (size_t i = 0; i < size; i++) {
        if (digits == 0 && padding == 0) {
            size_t groups =
                decode_groups(by, in + i, size - i, piece + filled_to, PIECE - filled_to);
            filled_to += 3 * groups;
            i += 4 * groups;
            if (filled_to == PIECE) {
                g_byte_array_append(out, piece, (guint)filled_to);
                filled_to = 0;
            }
            if (i == size)
                break;
        }
        uint8_t class = by->class_of[in[i]];
        if (class == BLANK)
            continue;
        if (class == PADDING && digits + padding < 4 && padding < 2) {
            padding++;
            continue;
        }
        if (class >= FOREIGN || padding > 0) {
            g_byte_array_append(out, piece, (guint)filled_to);
            if (class == FOREIGN)
                return error_perm(error,
                                  "the base64 content has the byte 0x%02X in its line %zu, which "
                                  "is not of the base64 alphabet",
                                  in[i], line_of(in, i));
            return error_perm(error, "the base64 content goes on behind its padding in line %zu",
                              line_of(in, i));
        }
        group = group << 6 | class;
        if (++digits < 4)
            continue;
        piece[filled_to++] = (uint8_t)(group >> 16);
        piece[filled_to++] = (uint8_t)(group >> 8);
        piece[filled_to++] = (uint8_t)group;
        group = digits = 0;
        if (filled_to == PIECE) {
            g_byte_array_append(out, piece, (guint)filled_to);
            filled_to = 0;
        }
    }
    g_byte_array_append(out, piece, (guint)filled_to);
    return decode_tail(group, digits, padding, out, error);
}

/* One line without its end: appends its content; *soft says that the next line continues it. */
static bool decode_line(const uint8_t *line, size_t length, size_t number, GByteArray *out,
                        bool *soft, GError **error)
{
    while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\t'))
        length--;
    *soft = false;
    for (size_t i = 0; i < length; i++) {
        uint8_t c = line[i];
        if (c == '=' && i + 1 == length) {
            *soft = true;
            return true;
        }
        if (c == '=') {
            bool is_whole = i + 2 < length;
            int high = is_whole ? g_ascii_xdigit_value((char)line[i + 1]) : -1;
            int low = is_whole ? g_ascii_xdigit_value((char)line[i + 2]) : -1;
            if (high < 0 || low < 0)
                return error_perm(error,
                                  "the quoted-printable content has a `=` in its line %zu that is "
                                  "not followed by two hexadecimal digits",
                                  number);
            c = (uint8_t)(high << 4 | low);
            i += 2;
        } else if ((c < ' ' && c != '\t') || c > '~') {
            return error_perm(error,
                              "the quoted-printable content has the byte 0x%02X in its line %zu, "
                              "which must not stand there as it is",
                              c, number);
        }
        g_byte_array_append(out, &c, 1);
    }
    return true;
}

bool quoted_printable_decode(const void *bytes, size_t size, GByteArray *out, GError **error)
{
    const uint8_t *in = bytes;
    size_t start = 0;
    for (size_t number = 1; start < size; number++) {
        size_t end = start;
        while (end < size && in[end] != '\n')
            end++;
        bool is_last = end == size;
        size_t length = end - start;
        bool has_cr = length > 0 && in[end - 1] == '\r';
        bool soft;
        if (!decode_line(in + start, length - has_cr, number, out, &soft, error))
            return false;
        if (!soft && !is_last)
            g_byte_array_append(out, (const guint8 *)(has_cr ? "\r\n" : "\n"), has_cr ? 2 : 1);
        start = is_last ? end : end + 1;
    }
    return true;
}

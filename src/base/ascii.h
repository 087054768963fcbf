/*
 * What nearly all texts of a report are: printable ASCII. For what is done to each cell of a month,
 * where a call of a library costs more than the work.
 */
#ifndef CALLMX_BASE_ASCII_H
#define CALLMX_BASE_ASCII_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Whether all octets are from ' ' to '~'. */
static inline bool ascii_is_printable(const char *text, size_t length)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    size_t i = 0;
    for (; length - i >= sizeof ones; i += sizeof ones) {
        uint64_t word;
        memcpy(&word, text + i, sizeof word);
        /* What is carried from one octet to the next comes from one that is none of these. */
        if (((word | (word - ones * ' ') | (word + ones)) & high) != 0)
            return false;
    }
    for (; i < length; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    return true;
}

/* A letter's small form; any other octet as it is. */
static inline char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

enum { ASCII_DECIMAL_SIZE = 21 }; /* octets: a sign, the 19 digits of an int64_t, the NUL */

/* The number in decimal digits, somewhere in `room`. */
static inline const char *ascii_decimal(int64_t number, char room[ASCII_DECIMAL_SIZE])
{
    char *at = room + ASCII_DECIMAL_SIZE;
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
    *--at = '\0';
    do
        *--at = (char)('0' + rest % 10);
    while ((rest /= 10) != 0);
    if (number < 0)
        *--at = '-';
    return at;
}

#endif

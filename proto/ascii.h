/*
 * What kind of octet it is, by ASCII and nothing else: no locale, and any octet may be asked.
 */
#ifndef CALLMX_PROTO_ASCII_H
#define CALLMX_PROTO_ASCII_H

#include <stdbool.h>
#include <stddef.h>

static inline char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline bool ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool ascii_is_alnum(char c)
{
    char lower = ascii_lower(c);

    return ascii_is_digit(c) || (lower >= 'a' && lower <= 'z');
}

static inline bool ascii_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Printable, and not a blank. */
static inline bool ascii_is_graph(char c)
{
    return c > ' ' && c < 0x7f;
}

static inline bool ascii_is_8bit(char c)
{
    return ((unsigned char)c & 0x80) != 0;
}

/* The value of a hexadecimal digit; -1 for any other octet. */
static inline int ascii_hex(char c)
{
    char lower = ascii_lower(c);
    if (ascii_is_digit(c))
        return c - '0';
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Whether text[0 .. length) is the word, in any case. */
static inline bool ascii_is_word(const char *text, size_t length, const char *word)
{
    for (size_t i = 0; i < length; i++) {
        if (word[i] == '\0' || ascii_lower(text[i]) != ascii_lower(word[i]))
            return false;
    }
    return word[length] == '\0';
}

#endif

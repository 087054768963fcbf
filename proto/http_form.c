/* See http_form.h. */
#include "proto/http_form.h"

#include "proto/ascii.h"
#include "proto/memory.h"

#include <stdlib.h>
#include <string.h>

/* In place. False for `%` without two digits, and for %00. */
static bool decode(char *text, bool has_plus)
{
    char *to = text;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '%') {
            int high = ascii_hex(c[1]);
            int low = high < 0 ? -1 : ascii_hex(c[2]);
            if (low < 0 || high + low == 0)
                return false;
            *to++ = (char)(high * 16 + low);
            c += 2;
        } else {
            *to++ = has_plus && *c == '+' ? ' ' : *c;
        }
    }
    *to = '\0';
    return true;
}

/* How many octets the character has that begins here; 0 if it is none (RFC 3629, 4). */
static size_t character(const unsigned char *c)
{
    if (c[0] < 0x80)
        return 1;
    size_t length = c[0] >= 0xf0 ? 4 : c[0] >= 0xe0 ? 3 : 2;
    if (c[0] < 0xc2 || c[0] > 0xf4 || (c[0] == 0xe0 && c[1] < 0xa0) ||
        (c[0] == 0xed && c[1] > 0x9f) || (c[0] == 0xf0 && c[1] < 0x90) ||
        (c[0] == 0xf4 && c[1] > 0x8f))
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

static bool is_utf8(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    while (*c != '\0') {
        size_t length = character(c);
        if (length == 0)
            return false;
        c += length;
    }
    return true;
}

bool http_form_decode_part(char *part)
{
    if (!decode(part, false) || !is_utf8(part))
        return false;
    for (const char *c = part; *c != '\0'; c++)
        if (*c == '/' || (!ascii_is_graph(*c) && *c != ' ' && !ascii_is_8bit(*c)))
            return false;
    return true;
}

static bool read_field(struct http_form *form, char *text)
{
    char *value = strchr(text, '=');
    if (value != NULL)
        *value++ = '\0';
    else
        value = text + strlen(text);
    if (form->count == LIMIT_HTTP_FORM_FIELDS || !decode(text, true) || !decode(value, true) ||
        !is_utf8(text) || !is_utf8(value))
        return false;
    form->fields[form->count++] = (struct http_form_field){.name = text, .value = value};
    return true;
}

bool http_form_read(struct http_form *form, const char *text, size_t length)
{
    memset(form, 0, sizeof *form);
    if (memchr(text, '\0', length) != NULL)
        return false;
    form->text = memory_string(text, length);
    char *field = form->text;
    while (field != NULL) {
        char *next = strchr(field, '&');
        if (next != NULL)
            *next++ = '\0';
        if (field[0] != '\0' && !read_field(form, field))
            return false;
        field = next;
    }
    return true;
}

void http_form_clear(struct http_form *form)
{
    free(form->text);
    form->text = NULL;
    form->count = 0;
}

const char *http_form_value(const struct http_form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++)
        if (strcmp(form->fields[i].name, name) == 0)
            return form->fields[i].value;
    return NULL;
}

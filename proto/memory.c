/*
 * The one place where proto/ asks for memory. A failure is not reported: it aborts, as GLib does
 * in the rest of callmx, so that no caller has a path for it that is never tried.
 */
#include "proto/memory.h"

#include <stdlib.h>
#include <string.h>

void *memory_new(size_t size)
{
    void *memory = calloc(1, size);

    if (memory == NULL)
        abort();
    return memory;
}

void *memory_resize(void *memory, size_t size)
{
    void *resized = realloc(memory, size);

    if (resized == NULL)
        abort();
    return resized;
}

char *memory_string(const char *text, size_t length)
{
    char *string = memory_new(length + 1);

    memcpy(string, text, length);
    return string;
}

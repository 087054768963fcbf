/*
 * Memory for proto/: as malloc(3) and its kin, but out of memory aborts. What a stranger can make
 * large is refused by a ceiling before it comes here.
 */
#ifndef CALLMX_PROTO_MEMORY_H
#define CALLMX_PROTO_MEMORY_H

#include <stddef.h>

/* Zeroed. */
void *memory_new(size_t size);

void *memory_resize(void *memory, size_t size);

/* text[0 .. length) as a string of its own. */
char *memory_string(const char *text, size_t length);

#endif

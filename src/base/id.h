/* Ids are random (version 4) UUIDs as lower-case text. The only user of libuuid. */
#ifndef CALLMX_BASE_ID_H
#define CALLMX_BASE_ID_H

#include <stdbool.h>

enum { ID_SIZE = 37 }; /* 36 characters and the NUL */

/* Writes a new id, from the system's random source. */
void id_new(char id[ID_SIZE]);

/* Whether text has the form of an id, in either case. */
bool id_is_valid(const char *text);

#endif

/*
 * The only user of libuuid. Ids are random and carry no time and no machine, so that one of them
 * tells nothing about another; they are text everywhere, because that is what logs, replies and the
 * database show.
 */
#include "base/id.h"

#include <string.h>
#include <uuid/uuid.h>

void id_new(char id[ID_SIZE])
{
    uuid_t raw;
    uuid_generate_random(raw);
    uuid_unparse_lower(raw, id);
}

bool id_is_valid(const char *text)
{
    uuid_t raw;
    return strlen(text) == ID_SIZE - 1 && uuid_parse(text, raw) == 0;
}

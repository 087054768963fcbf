/* The PROXY header: a prefix never says otherwise than the whole, and no octet is read behind it.
 */
#include "proto/proxy_header.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct proxy_header whole, part;
    size_t taken = 0, taken_early = 0, cut = size / 2;
    enum proxy_header_result result = proxy_header_parse((const char *)data, size, &taken, &whole);
    char *copy = malloc(cut + 1);

    memcpy(copy, data, cut);
    enum proxy_header_result early = proxy_header_parse(copy, cut, &taken_early, &part);
    assert(result != PROXY_HEADER_READY || (taken > 0 && taken <= size));
    assert(early == PROXY_HEADER_MORE || early == result);
    assert(early != PROXY_HEADER_READY || taken_early == taken);
    free(copy);
    return 0;
}

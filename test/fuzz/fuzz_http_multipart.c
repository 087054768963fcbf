/* A form in parts, of any boundary and body: each part lies in the body, behind the one before. */
#include "proto/http_multipart.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t cut = size > 0 ? data[0] % 100u : 0;
    if (size < cut + 2)
        return 0;
    static const char kind[] = "multipart/form-data;boundary=";
    char *type = calloc(sizeof kind + cut, 1), *body = malloc(size - cut - 1);
    struct http_multipart multipart;
    struct http_part part;
    memcpy(type, kind, sizeof kind - 1);
    memcpy(type + sizeof kind - 1, data + 1, cut);
    memcpy(body, data + 1 + cut, size - cut - 1);
    const char *at = body;
    if (http_multipart_init(&multipart, type, body, size - cut - 1)) {
        while (http_multipart_next(&multipart, &part) == HTTP_PART) {
            assert(part.content >= at && part.content + part.length <= body + size - cut - 1);
            assert(part.name[0] != '\0' && memchr(part.name, '\0', sizeof part.name) != NULL);
            at = part.content + part.length;
        }
    }
    free(type);
    free(body);
    return 0;
}

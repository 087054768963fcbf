/*
 * A chunk for the bytes and a table for finding them again. It owns both, and frees nothing before
 * its own end: that is what makes it cheap for a report of 188,000 rows that names 40 people.
 *
 * The table is open (a place that is taken sends on to the next) and never more than half full; it
 * holds hash and length beside each text, so that a look-up compares the octets of one text alone.
 */
#include "base/texts.h"

#include "base/hash.h"

#include <stdint.h>
#include <string.h>

enum { BLOCK_BYTES = 16384, PLACES = 64 };

struct place {
    const char *text; /* in `bytes`; NULL: free */
    uint32_t hash;
    uint32_t length;
};

struct texts {
    GStringChunk *bytes;
    struct place *places;
    size_t capacity; /* a power of two */
    size_t count;
};

struct texts *texts_new(void)
{
    struct texts *texts = g_new0(struct texts, 1);
    texts->bytes = g_string_chunk_new(BLOCK_BYTES);
    texts->places = g_new0(struct place, PLACES);
    texts->capacity = PLACES;
    return texts;
}

void texts_free(struct texts *texts)
{
    if (texts == NULL)
        return;
    g_string_chunk_free(texts->bytes);
    g_free(texts->places);
    g_free(texts);
}

/* The place of the text, or the free one where it belongs. */
static struct place *find(const struct texts *texts, uint32_t hash, const char *text, size_t length)
{
    size_t mask = texts->capacity - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct place *place = &texts->places[i];
        if (place->text == NULL || (place->hash == hash && place->length == length &&
                                    memcmp(place->text, text, length) == 0))
            return place;
    }
}

static void grow(struct texts *texts)
{
    struct place *before = texts->places;
    size_t count = texts->capacity;
    texts->capacity *= 2;
    texts->places = g_new0(struct place, texts->capacity);
    for (size_t i = 0; i < count; i++)
        if (before[i].text != NULL)
            *find(texts, before[i].hash, before[i].text, before[i].length) = before[i];
    g_free(before);
}

const char *texts_keep_octets(struct texts *texts, const char *text, size_t length)
{
    uint32_t hash = hash_octets(text, length);
    struct place *place = find(texts, hash, text, length);
    if (place->text != NULL)
        return place->text;
    *place = (struct place){texts_add(texts, text, length), hash, (uint32_t)length};
    const char *kept = place->text;
    if (++texts->count > texts->capacity / 2)
        grow(texts);
    return kept;
}

const char *texts_keep(struct texts *texts, const char *text)
{
    return text == NULL ? NULL : texts_keep_octets(texts, text, strlen(text));
}

const char *texts_add(struct texts *texts, const char *text, size_t length)
{
    return g_string_chunk_insert_len(texts->bytes, text, (gssize)length);
}

/*
 * SipHash-1-3 over the octets of a text without its NUL. It owns the key of the process, which is
 * drawn once, at the first use, and never shown to anybody.
 *
 * Two rounds less than the form for signatures: the result is seen by nobody, and a table only
 * needs collisions to be unforeseeable.
 */
#include "base/hash.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

enum { BLOCK = 8, FINAL_ROUNDS = 3 };

struct state {
    uint64_t v0, v1, v2, v3;
};

static uint64_t key[2];

static void draw_key(void)
{
    static gsize drawn;
    if (!g_once_init_enter(&drawn))
        return;
    ssize_t got = getrandom(key, sizeof key, 0);
    g_assert(got == (ssize_t)sizeof key);
    g_once_init_leave(&drawn, 1);
}

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static void mix(struct state *s)
{
    s->v0 += s->v1;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v2 = rotate(s->v2, 32);
}

static void absorb(struct state *s, uint64_t word)
{
    s->v3 ^= word;
    mix(s);
    s->v0 ^= word;
}

guint hash_octets(const void *octets, size_t size)
{
    draw_key();
    const char *at = octets;
    struct state s = {
        key[0] ^ UINT64_C(0x736f6d6570736575),
        key[1] ^ UINT64_C(0x646f72616e646f6d),
        key[0] ^ UINT64_C(0x6c7967656e657261),
        key[1] ^ UINT64_C(0x7465646279746573),
    };
    size_t left = size;
    for (; left >= BLOCK; left -= BLOCK, at += BLOCK) {
        uint64_t word;
        memcpy(&word, at, BLOCK);
        absorb(&s, GUINT64_FROM_LE(word));
    }
    uint64_t last = 0;
    memcpy(&last, at, left);
    absorb(&s, GUINT64_FROM_LE(last) | (uint64_t)size << 56);
    s.v2 ^= 0xff;
    for (int i = 0; i < FINAL_ROUNDS; i++)
        mix(&s);
    uint64_t sum = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
    return (guint)(sum ^ sum >> 32);
}

guint hash_text(gconstpointer text)
{
    return hash_octets(text, strlen(text));
}

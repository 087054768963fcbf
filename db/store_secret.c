/* See store_secret.h. */
#include "db/store_secret.h"

#include "base/error.h"
#include "base/sha256.h"

#include <stdint.h>
#include <string.h>
#include <sys/random.h>

bool store_secret_new(char secret[STORE_SECRET_SIZE], GError **error)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
    uint8_t random[STORE_SECRET_LENGTH];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return error_temp(error, "the system gives no random bytes for a secret");
    for (size_t i = 0; i < sizeof random; i++)
        secret[i] = alphabet[random[i] % 32]; /* 256 is a multiple of 32: no letter is likelier */
    secret[STORE_SECRET_LENGTH] = '\0';
    explicit_bzero(random, sizeof random);
    return true;
}

char *store_secret_hash(const char *secret)
{
    g_autofree char *lower = g_ascii_strdown(secret, -1);
    return sha256_text(lower, strlen(lower));
}

/*
 * A table of networks by name. A peer with a /48 of IPv6 has 65,536 of them, so the table has a
 * ceiling, and its hash is one that strangers cannot foresee.
 *
 * It decides nothing: what is too much is a setting, and what is said then is the server's.
 */
#include "daemon/admission.h"

#include "base/hash.h"
#include "base/limits.h"

enum { HOUR_MS = 3600 * 1000, MINUTE_MS = 60 * 1000 };

struct admission {
    GHashTable *networks; /* name -> struct network */
};

struct network {
    char name[ADDRESS_TEXT_SIZE];
    unsigned connections;
    int64_t spent; /* of the bucket, in parts: see SHARE */
    int64_t drained_at;
    int64_t minute;            /* when the first line of this minute was logged */
    unsigned logged, left_out; /* lines since then */
};

/* A token is so many parts, that filling goes on between two looks at the clock. */
#define SHARE ((int64_t)HOUR_MS)

static void refill(struct network *network, int64_t per_hour, int64_t now)
{
    int64_t elapsed = CLAMP(now - network->drained_at, 0, HOUR_MS);
    network->spent = MAX(network->spent - elapsed * per_hour, 0);
    network->drained_at = now;
}

bool network_may_guess(struct network *network, int64_t per_hour, int64_t now)
{
    refill(network, per_hour, now);
    return network->spent + SHARE <= per_hour * SHARE;
}

void network_has_guessed(struct network *network, int64_t per_hour, int64_t now)
{
    refill(network, per_hour, now);
    network->spent = MIN(network->spent + SHARE, per_hour * SHARE);
}

bool network_may_log(struct network *network, int64_t now, unsigned *left_out)
{
    *left_out = 0;
    if (now - network->minute >= MINUTE_MS) {
        *left_out = network->left_out;
        network->minute = now;
        network->logged = network->left_out = 0;
    }
    if (network->logged == LIMIT_SMTP_REFUSALS_LOGGED) {
        network->left_out++;
        return false;
    }
    network->logged++;
    return true;
}

/* Whether forgetting it loses nothing. A bucket that is an hour old is full again. */
static bool is_idle(const struct network *network, int64_t now)
{
    return network->connections == 0 && network->left_out == 0 &&
           (network->logged == 0 || now - network->minute >= MINUTE_MS) &&
           (network->spent == 0 || now - network->drained_at >= HOUR_MS);
}

static gboolean drop_idle(gpointer name, gpointer network, gpointer now)
{
    (void)name;
    return is_idle(network, *(int64_t *)now);
}

static gboolean drop_absent(gpointer name, gpointer network, gpointer unused)
{
    (void)name;
    (void)unused;
    return ((struct network *)network)->connections == 0;
}

struct admission *admission_new(void)
{
    struct admission *admission = g_new0(struct admission, 1);
    admission->networks = g_hash_table_new_full(hash_text, g_str_equal, NULL, g_free);
    return admission;
}

void admission_free(struct admission *admission)
{
    if (admission == NULL)
        return;
    g_hash_table_unref(admission->networks);
    g_free(admission);
}

struct network *admission_enter(struct admission *admission, const struct address *peer,
                                int64_t now)
{
    char name[ADDRESS_TEXT_SIZE];
    struct address of = address_network(peer);
    address_text(&of, name);
    struct network *network = g_hash_table_lookup(admission->networks, name);
    if (network == NULL) {
        if (g_hash_table_size(admission->networks) >= LIMIT_SMTP_NETWORKS)
            g_hash_table_foreach_remove(admission->networks, drop_idle, &now);
        if (g_hash_table_size(admission->networks) >= LIMIT_SMTP_NETWORKS)
            g_hash_table_foreach_remove(admission->networks, drop_absent, NULL);
        network = g_new0(struct network, 1);
        g_strlcpy(network->name, name, sizeof network->name);
        network->drained_at = now;
        network->minute = now;
        g_hash_table_insert(admission->networks, network->name, network);
    }
    network->connections++;
    return network;
}

void admission_leave(struct admission *admission, struct network *network, int64_t now)
{
    network->connections--;
    if (is_idle(network, now))
        g_hash_table_remove(admission->networks, network->name);
}

void admission_sweep(struct admission *admission, int64_t now, admission_fn *report)
{
    GHashTableIter iter;
    gpointer item;
    g_hash_table_iter_init(&iter, admission->networks);
    while (g_hash_table_iter_next(&iter, NULL, &item)) {
        struct network *network = item;
        if (network->left_out > 0 && now - network->minute >= MINUTE_MS) {
            report(network->name, network->left_out);
            network->left_out = 0;
        }
        if (is_idle(network, now))
            g_hash_table_iter_remove(&iter);
    }
}

size_t admission_size(const struct admission *admission)
{
    return g_hash_table_size(admission->networks);
}

const char *network_name(const struct network *network)
{
    return network->name;
}

unsigned network_connections(const struct network *network)
{
    return network->connections;
}

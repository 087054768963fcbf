/* See listeners.h. */
#include "daemon/listeners.h"

struct listeners {
    struct loop *loop; /* borrowed */
    const char *busy;
    listener_fn *on_accept;
    void *context;
    GHashTable *open;     /* address -> struct listener */
    GHashTable *prepared; /* the same */
    bool is_inherited;
    bool is_started;
};

static GHashTable *table_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)listener_free);
}

struct listeners *listeners_new(struct loop *loop, const char *busy, listener_fn *on_accept,
                                void *context)
{
    struct listeners *listeners = g_new0(struct listeners, 1);
    listeners->loop = loop;
    listeners->busy = busy;
    listeners->on_accept = on_accept;
    listeners->context = context;
    listeners->open = table_new();
    listeners->prepared = table_new();
    return listeners;
}

void listeners_free(struct listeners *listeners)
{
    if (listeners == NULL)
        return;
    g_hash_table_unref(listeners->open);
    g_hash_table_unref(listeners->prepared);
    g_free(listeners);
}

bool listeners_take(struct listeners *listeners, const int *sockets, size_t count, GError **error)
{
    for (size_t i = 0; i < count; i++) {
        struct listener *listener =
            listener_new_fd(listeners->loop, sockets[i], listeners->busy, listeners->on_accept,
                            listeners->context, error);
        if (listener == NULL)
            return false;
        g_hash_table_insert(listeners->open, g_strdup_printf("inherited %d", sockets[i]), listener);
    }
    listeners->is_inherited = true;
    return true;
}

bool listeners_are_inherited(const struct listeners *listeners)
{
    return listeners->is_inherited;
}

bool listeners_prepare(struct listeners *listeners, char *const *addresses, GError **error)
{
    listeners_abandon(listeners);
    for (; !listeners->is_inherited && addresses != NULL && *addresses != NULL; addresses++) {
        if (g_hash_table_contains(listeners->open, *addresses) ||
            g_hash_table_contains(listeners->prepared, *addresses))
            continue;
        struct listener *listener = listener_new(listeners->loop, *addresses, listeners->busy,
                                                 listeners->on_accept, listeners->context, error);
        if (listener == NULL) {
            listeners_abandon(listeners);
            return false;
        }
        g_hash_table_insert(listeners->prepared, g_strdup(*addresses), listener);
    }
    return true;
}

void listeners_abandon(struct listeners *listeners)
{
    g_hash_table_remove_all(listeners->prepared);
}

static gboolean is_unwanted(gpointer address, gpointer listener, gpointer wanted)
{
    (void)listener;
    return wanted == NULL || !g_strv_contains(wanted, address);
}

static gboolean move_one(gpointer address, gpointer listener, gpointer context)
{
    struct listeners *listeners = context;
    if (listeners->is_started)
        listener_start(listener);
    g_hash_table_insert(listeners->open, address, listener);
    return TRUE;
}

void listeners_settle(struct listeners *listeners, char *const *addresses)
{
    if (listeners->is_inherited)
        return;
    g_hash_table_foreach_remove(listeners->open, is_unwanted, (gpointer)(uintptr_t)addresses);
    g_hash_table_foreach_steal(listeners->prepared, move_one, listeners);
}

void listeners_start(struct listeners *listeners)
{
    GHashTableIter iter;
    gpointer listener;
    listeners->is_started = true;
    g_hash_table_iter_init(&iter, listeners->open);
    while (g_hash_table_iter_next(&iter, NULL, &listener))
        listener_start(listener);
}

void listeners_close(struct listeners *listeners)
{
    listeners_abandon(listeners);
    g_hash_table_remove_all(listeners->open);
}

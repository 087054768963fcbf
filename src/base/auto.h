/*
 * g_autoptr() for our own structs, which have tags and no typedef:
 *
 *     AUTO_DEFINE(json, json_free)          once, in json.h
 *     AUTO(json) files = json_array_new();  freed at the end of the block, however it ends
 */
#ifndef CALLMX_BASE_AUTO_H
#define CALLMX_BASE_AUTO_H

#include <glib.h>

#define AUTO(tag) __attribute__((cleanup(tag##_auto_cleanup))) struct tag *

/* `destroy` takes a struct tag *, NULL too. */
#define AUTO_DEFINE(tag, destroy)                                                                  \
    static inline void G_GNUC_UNUSED tag##_auto_cleanup(struct tag **place)                        \
    {                                                                                              \
        destroy(*place);                                                                           \
    }

#endif

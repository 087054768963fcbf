/*
 * What people and gateways put around a workbook: base64 that was left undone once, or a zip file
 * with workbooks in it. One level of it is opened, never two.
 */
#ifndef CALLMX_REPORT_UNPACK_H
#define CALLMX_REPORT_UNPACK_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* One file that was inside; both borrowed. `name` is as it stands in the zip file, without its
 * folders; NULL: it had none. False: no more of them. */
typedef bool unpack_fn(void *context, const char *name, GBytes *bytes);

enum unpacked {
    UNPACK_NOTHING, /* there is nothing around it, or nothing in it that might be a report */
    UNPACK_DONE,
    UNPACK_BAD, /* *error (PERM) says why; files before the bad one may have been given */
};

/* Gives the files in `bytes` to on_file, one after the other. `inflated` as in container.h. */
enum unpacked unpack(const void *bytes, size_t size, size_t *inflated, unpack_fn *on_file,
                     void *context, GError **error);

#endif

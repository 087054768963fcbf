/*
 * A zip container (PKWARE APPNOTE) over bytes in memory, read by its central directory. The only
 * user of libdeflate.
 *
 * It writes no file and trusts no local header: those of the streaming writers hold zeros. Nothing
 * is inflated before it is asked for, and never more than the directory declared and the caller
 * allows. A part that is damaged, encrypted, ambiguous or overlaps another harms only who asks for
 * it; a directory that is damaged is refused as a whole.
 */
#ifndef CALLMX_REPORT_CONTAINER_H
#define CALLMX_REPORT_CONTAINER_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct container;

/* Reads the directory. The bytes stay the caller's and must outlive the container. `inflated` (may
 * be NULL) is what has been inflated for the message so far, in bytes; the container adds to it.
 * NULL on error (PERM). */
struct container *container_open(const void *bytes, size_t size, size_t *inflated, GError **error);
void container_free(struct container *container);
AUTO_DEFINE(container, container_free)

/* Names as they stand in the directory, in its order; not always UTF-8. */
size_t container_count(const struct container *container);
const char *container_name(const struct container *container, size_t index);

/* Whether there is a part of this name. Names are compared without the case of ASCII letters, with
 * \ as /, and without a / at the start. */
bool container_has(const struct container *container, const char *name);

/* Inflates the part `name` and checks its length and checksum. More than `limit` bytes are refused,
 * and so is what would bring the sum of all parts read over LIMIT_PARTS_TOTAL, or *inflated over
 * LIMIT_REPORT_INFLATED; a part read twice counts twice. NULL on error: PERM; TEMP for lack of
 * memory only. Unref the result before the caller's bytes go: a part that was stored is not copied.
 */
GBytes *container_read(struct container *container, const char *name, size_t limit, GError **error);

#endif

/*
 * The relationships of a part (ECMA-376-2, 9.3): which parts it points at, and as what.
 */
#ifndef CALLMX_REPORT_RELATIONSHIPS_H
#define CALLMX_REPORT_RELATIONSHIPS_H

#include "base/auto.h"
#include "report/container.h"

#include <glib.h>
#include <stdbool.h>

struct relationships;

struct relationship {
    char *type; /* what stands behind the last / of the type's URI: "worksheet" */
    char *part; /* the target's name in the package; NULL if it lies outside or has no name */
};

/* Reads those of the part `source`, "" for the package. NULL on error, also if there are none. */
struct relationships *relationships_read(struct container *container, const char *source,
                                         GError **error);
void relationships_free(struct relationships *relationships);
AUTO_DEFINE(relationships, relationships_free)

/* NULL if there is none. Borrowed. Of several with one id the first counts. */
const struct relationship *relationships_by_id(const struct relationships *relationships,
                                               const char *id);
/* The first of this type. */
const struct relationship *relationships_by_type(const struct relationships *relationships,
                                                 const char *type);

#endif

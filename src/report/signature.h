/*
 * What a file is when it is no workbook: told by its first bytes or by its parts, never by its
 * name, with a sentence that a person can act on.
 */
#ifndef CALLMX_REPORT_SIGNATURE_H
#define CALLMX_REPORT_SIGNATURE_H

#include "report/container.h"

#include <stdbool.h>
#include <stddef.h>

struct signature {
    const char
        *kind; /* "workbook" for any zip file, else "old .xls", "html", "csv", "unknown", … */
    const char *sentence; /* what it is and what to do about it; NULL for "workbook" */
};

/* Never NULL; static. */
const struct signature *signature_of_bytes(const void *bytes, size_t size);

/* For a package whose main part has this name: what it is, NULL if it may be a workbook. */
const struct signature *signature_of_main_part(const char *part);

/* For a package: what it is by its parts, NULL if it may be a workbook. */
const struct signature *signature_of_package(const struct container *container);

/* For a zip file without a workbook in it: what else it is. Never NULL; static. */
const struct signature *signature_of_container(const struct container *container);

#endif

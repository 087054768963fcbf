/*
 * Importing a CSV file with a header: what member import, contact import and sales import share.
 *
 * One transaction, all or nothing: a file that is half imported is harder to mend than one that is
 * not. So every line is tried, all that is wrong is told with its line number, and the commit
 * happens only if nothing was.
 */
#ifndef CALLMX_CTL_CTL_IMPORT_H
#define CALLMX_CTL_CTL_IMPORT_H

#include "ctl/ctl.h"

#include "base/json.h"

enum ctl_imported { CTL_ADDED, CTL_CHANGED, CTL_UNCHANGED };

struct ctl_import {
    const char *const *columns; /* that a header may name, ended by NULL */
    unsigned required;          /* bits: those that it must */
    const char *example;        /* of a header */

    /* Takes one line: its fields in the order of `columns`, trimmed; NULL: empty, or no such
     * column. The fields are borrowed. */
    bool (*take)(void *context, struct ctl *ctl, size_t line, char *const *fields,
                 enum ctl_imported *what, GError **error);
    /* After the last line, in the same transaction. `counts` by enum ctl_imported; it may set
     * them. */
    bool (*finish)(void *context, struct ctl *ctl, int64_t *counts, GError **error);
    /* What is to be told besides the counts. */
    void (*tell_json)(void *context, struct json *object);
    void (*tell)(void *context);
};

/* Opens the agency for writing, imports the file and tells what came of it. */
int ctl_import(struct ctl *ctl, const char *agency, const char *path,
               const struct ctl_import *import, void *context);

#endif

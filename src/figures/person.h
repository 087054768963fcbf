/*
 * Who is meant: from the spellings of a report to a team member of the agency.
 *
 * The order is extension, e-mail, exact name, alias; a name is compared after folding case, white
 * space and Unicode form, with a leading extension (`101 - Name`, `775-Name`) and a trailing phone
 * number taken off. Never by a part of a name. A spelling that fits two members fits nobody: it is
 * as if it had not been given, and the next in the order is asked. So an alias is what tells two
 * members of one name apart.
 */
#ifndef CALLMX_FIGURES_PERSON_H
#define CALLMX_FIGURES_PERSON_H

#include "base/auto.h"

#include <stdbool.h>

struct person_index;

struct person_index *person_index_new(void);
void person_index_free(struct person_index *index);
AUTO_DEFINE(person_index, person_index_free)

/* Texts are copied; email, extension may be NULL. Inactive members are matched like others.
 * Extensions are compared as trimmed digits: one that is not 2 to 8 of them is never met. */
void person_index_add(struct person_index *index, const char *member_id, const char *name,
                      const char *email, const char *extension);
void person_index_add_alias(struct person_index *index, const char *name, const char *member_id);

/* The member's id, borrowed from the index, or NULL. Any argument may be NULL. `extension` may be
 * anything that stood where an extension can stand: only 2 to 8 bare digits count as one.
 *
 * Made to be asked for each leg of a long report: what came of a name is kept in a memo inside the
 * index, so that even this is not to be called from two threads at a time. */
const char *person_index_find(const struct person_index *index, const char *name,
                              const char *extension, const char *email);

/* The same of a row in a report, in which the leading extension of a name counts, too: behind the
 * one that stands beside the name, because names drift, and before the e-mail. */
const char *person_index_find_reported(const struct person_index *index, const char *name,
                                       const char *extension, const char *email);

/* person_fold() of a name that is likely to be met again; borrowed until the index is next asked or
 * changed. */
const char *person_index_fold(const struct person_index *index, const char *name);

/* The form in which names are compared; g_free it. "" for a blank name or NULL. A name that is
 * nothing but an extension or a phone number keeps it. Folding what is folded changes nothing. */
char *person_fold(const char *name);

/* The leading extension of a name, `101` of `101 - Name`; g_free it. NULL if there is none. */
char *person_extension(const char *name);

#endif

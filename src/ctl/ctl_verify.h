/* Figures that differ, as verify and replay tell of them. */
#ifndef CALLMX_CTL_CTL_VERIFY_H
#define CALLMX_CTL_CTL_VERIFY_H

#include "base/json.h"

#include <glib.h>

/* An array of {"date","team_member_id","name","figure","stored","computed"}. */
struct json *ctl_differences_json(const GArray *differences);

/* A table; the titles of its last two columns are given. */
void ctl_differences_print(const GArray *differences, const char *stored, const char *computed);

#endif

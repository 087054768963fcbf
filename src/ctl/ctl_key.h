/* How keys are shown, for key list and agency show. */
#ifndef CALLMX_CTL_CTL_KEY_H
#define CALLMX_CTL_CTL_KEY_H

#include "base/json.h"
#include "ctl/ctl.h"

/* Of an array of struct store_key: an array of {"key","address","state","created_at",
 * "expires_at","disabled_at"}, and the same as a table. */
struct json *ctl_key_json(const struct ctl *ctl, const GArray *keys);
void ctl_key_print(const struct ctl *ctl, const GArray *keys);

#endif

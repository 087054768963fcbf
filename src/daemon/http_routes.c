/* Which routes there are. Those of the metrics' door stand at the end. */
#include "daemon/http_server_impl.h"

const struct http_entry http_entries[] = {
    {.route = {"POST", "/ricochet/{secret}"},
     .begin = http_ricochet_begin,
     .end = http_ricochet_end},
    {.route = {"POST", "/ricochet"}, .begin = http_ricochet_begin, .end = http_ricochet_end},
    {.route = {"GET", "/healthz"}, .begin = http_health_begin},
    {.route = {"GET", "/readyz"}, .begin = http_ready_begin},
};

const size_t http_entry_count = G_N_ELEMENTS(http_entries);

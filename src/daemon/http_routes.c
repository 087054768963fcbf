/* Which routes there are. Those of the metrics' door stand at the end. */
#include "daemon/http_server_impl.h"

const struct http_entry http_entries[] = {
    {.route = {"POST", "/ricochet/{secret}"},
     .begin = http_ricochet_begin,
     .end = http_ricochet_end},
    {.route = {"POST", "/ricochet"}, .begin = http_ricochet_begin, .end = http_ricochet_end},
    {.route = {"POST", "/mailgun"},
     .begin = http_mailgun_begin,
     .take = http_mailgun_take,
     .end = http_mailgun_end},
    {.route = {"POST", "/api/v1/agencies/{agency}/reports"},
     .begin = http_upload_begin,
     .take = http_upload_take,
     .end = http_upload_end},
    {.route = {"GET", "/api/v1/openapi.json"}, .begin = http_openapi_begin},
    {.route = {"GET", "/healthz"}, .begin = http_health_begin},
    {.route = {"GET", "/readyz"}, .begin = http_ready_begin},
    {.route = {"GET", "/metrics"}, .door = HTTP_DOOR_METRICS, .begin = http_metrics_begin},
};

const size_t http_entry_count = G_N_ELEMENTS(http_entries);

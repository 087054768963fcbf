/* Which routes there are, besides those of the API. */
#include "daemon/http_server_impl.h"

static const struct http_entry entries[] = {
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
};

/* On a listener of their own. */
static const struct http_entry metrics_entries[] = {
    {.route = {"GET", "/metrics"}, .begin = http_metrics_begin},
};

const struct http_entry *http_entries(enum http_door door, size_t *count)
{
    bool is_metrics = door == HTTP_DOOR_METRICS;
    *count = is_metrics ? G_N_ELEMENTS(metrics_entries) : G_N_ELEMENTS(entries);
    return is_metrics ? metrics_entries : entries;
}

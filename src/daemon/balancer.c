/* See balancer.h. */
#include "daemon/balancer.h"

#include "base/limits.h"
#include "daemon/log.h"
#include "proto/proxy_header.h"

#include <string.h>

bool balancer_is_one(const GArray *ranges, const struct address *address)
{
    for (guint i = 0; i < ranges->len; i++)
        if (address_range_has(&g_array_index(ranges, struct address_range, i), address))
            return true;
    return false;
}

enum balancer_header balancer_read_header(struct connection *connection)
{
    const char *bytes = "";
    size_t size = connection_peek_all(connection, LIMIT_SMTP_INPUT_BUFFER, &bytes), taken;
    struct proxy_header header;
    switch (proxy_header_parse(bytes, size, &taken, &header)) {
    case PROXY_HEADER_MORE:
        return BALANCER_MORE;
    case PROXY_HEADER_BAD:
        log_event(LOG_LEVEL_WARNING, "proxy-header-bad",
                  LOG_TEXT("peer", connection_peer(connection)));
        return BALANCER_BAD;
    case PROXY_HEADER_READY:
        break;
    }
    connection_consume(connection, taken);
    if (!header.is_local && header.family != 0) {
        struct address address = address_make(header.family, header.address);
        connection_set_address(connection, &address);
    }
    return BALANCER_DONE;
}

struct address balancer_forwarded(const GArray *ranges, const struct address *from,
                                  const char *forwarded_for)
{
    struct address peer = *from;
    g_auto(GStrv) list = g_strsplit(forwarded_for, ",", -1);
    for (guint i = g_strv_length(list); i > 0 && balancer_is_one(ranges, &peer); i--) {
        struct address_range one;
        const char *text = g_strstrip(list[i - 1]);
        if (strchr(text, '/') != NULL || !address_range_parse(text, &one, NULL))
            break;
        peer = one.address;
    }
    return peer;
}

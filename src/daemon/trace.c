/*
 * RFC 5321, 4.4 in two fields. Dates are written in UTC: the offset is always +0000.
 *
 * What is hard: the fields are the first thing in a message that others will parse, and half of
 * what stands in them was said by the client. The reverse-path has been checked by the session; the
 * name in EHLO has not, and one that could end a comment or a field is replaced.
 */
#include "daemon/trace.h"

#include <glib.h>
#include <string.h>
#include <time.h>

static const char *harmless(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789.-:[]_";
    size_t length = strlen(name);
    return length > 0 && strspn(name, allowed) == length ? name : "unknown";
}

static const char *protocol_of(const struct smtp_envelope *envelope)
{
    if (envelope->smtputf8)
        return envelope->tls ? "UTF8SMTPS" : "UTF8SMTP";
    if (envelope->tls)
        return "ESMTPS";
    return envelope->esmtp ? "ESMTP" : "SMTP";
}

char *trace_fields(const struct smtp_envelope *envelope, const char *id,
                   const struct trace_hop *hop, int64_t now)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    g_autofree char *tls = NULL;
    if (hop->tls_version != NULL)
        tls = g_strdup_printf(" (%s cipher %s)\r\n\t", hop->tls_version, hop->tls_cipher);
    time_t seconds = (time_t)now;
    struct tm at;
    gmtime_r(&seconds, &at);
    return g_strdup_printf("Return-Path: <%s>\r\n"
                           "Received: from %s ([%s%s])\r\n"
                           "\tby %s with %s%sid %s;\r\n"
                           "\t%s, %02d %s %d %02d:%02d:%02d +0000\r\n",
                           envelope->reverse_path, harmless(envelope->helo),
                           strchr(hop->peer, ':') != NULL ? "IPv6:" : "", hop->peer, hop->hostname,
                           protocol_of(envelope), tls != NULL ? tls : " ", id, days[at.tm_wday],
                           at.tm_mday, months[at.tm_mon], at.tm_year + 1900, at.tm_hour, at.tm_min,
                           at.tm_sec);
}

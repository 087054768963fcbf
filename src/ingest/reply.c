/*
 * The reply to DATA: what an admin with a mail client in a terminal sees of the whole path. Its
 * form is an interface that programs rely on: verdict first, then key=value pairs or the reason.
 *
 * It only puts words together. Making them fit into a reply line, and keeping out what may not
 * stand in one, is the session's business.
 */
#include "ingest/ingest.h"

#include "figures/day.h"

static void append_figures(GString *text, const struct ingest_result *result)
{
    char first[DAY_DATE_SIZE], last[DAY_DATE_SIZE];
    if (result->calls >= 0)
        g_string_append_printf(text, " calls=%" G_GINT64_FORMAT " new=%" G_GINT64_FORMAT,
                               result->calls, result->new_calls);
    g_string_append_printf(text, " people=%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT,
                           result->people_matched, result->people_seen);
    if (result->has_dates) {
        day_date_text(result->first_date, first);
        day_date_text(result->last_date, last);
        g_string_append_printf(text, " date=%s", first);
        if (result->first_date != result->last_date)
            g_string_append_printf(text, "..%s", last);
    }
    if (result->note != NULL)
        g_string_append_printf(text, " note=%s", result->note);
}

char *ingest_reply(const char *id, const struct ingest_result *result, bool reject_bad,
                   unsigned *code)
{
    bool bad = result->verdict == REPORT_NO_REPORT || result->verdict == REPORT_FAILED;
    bool unread = bad || result->verdict == REPORT_LINK_ONLY;
    *code = bad && reject_bad ? 554 : 250;
    GString *text = g_string_new(*code == 554 ? "5.6.0" : unread ? "2.6.0" : "2.0.0");
    g_string_append_printf(text, " %s %s", id, report_verdict_name(result->verdict));
    if (unread && result->reason != NULL)
        g_string_append_printf(text, " %s", result->reason);
    else if (!unread && result->verdict != REPORT_KEPT)
        append_figures(text, result);
    return g_string_free(text, FALSE);
}

/*
 * What the text of RingCentral's mail says: where the report is to be fetched when it is not
 * attached, and the name of the subscription.
 */
#ifndef CALLMX_REPORT_MAIL_TEXT_H
#define CALLMX_REPORT_MAIL_TEXT_H

#include <stdbool.h>

/* The first link https://analytics.ringcentral.com/reports/… in a text or HTML, also inside the
 * link of a mail filter that rewrote it. g_free it; NULL if there is none. */
char *mail_text_link(const char *text, bool is_html);

/* What stands behind `Subscription name:`; g_free it; NULL if it is not there. */
char *mail_text_subscription(const char *text, bool is_html);

#endif

#include "report/mail_text.h"

#include <glib.h>

#define REPORTS "https://analytics.ringcentral.com/reports/"

static const struct link {
    const char *name;
    const char *text;
    bool is_html;
    const char *link;
} links[] = {
    {"plain", "See " REPORTS "abc.\nBye", false, REPORTS "abc"},
    {"html", "<a href=\"" REPORTS "a?b=1&amp;c=2\">x</a>", true, REPORTS "a?b=1&c=2"},
    {"plain-ampersand", REPORTS "a?b=1&amp;c=2", false, REPORTS "a?b=1&amp;c=2"},
    {"upper", "HTTPS://Analytics.RingCentral.com/Reports/7", false,
     "HTTPS://Analytics.RingCentral.com/Reports/7"},
    {"rewritten",
     "https://filter.example.com/?url=https%3A%2F%2Fanalytics.ringcentral.com%2Freports%2Fa%3Fb"
     "&amp;data=1",
     true, REPORTS "a?b"},
    {"other-host", "https://analytics.ringcentral.com.example.com/reports/a", false, NULL},
    {"host-in-path", "https://example.com/analytics.ringcentral.com/reports/a", false, NULL},
    {"not-https", "http://analytics.ringcentral.com/reports/a", false, NULL},
    {"other-path", "https://analytics.ringcentral.com/help", false, NULL},
    {"none", "", false, NULL},
    {"escaped-control", "https%3A%2F%2Fanalytics.ringcentral.com%2Freports%2Fa%ff", false, NULL},
};

static void test_link(gconstpointer data)
{
    const struct link *example = data;
    g_autofree char *link = mail_text_link(example->text, example->is_html);
    g_assert_cmpstr(link, ==, example->link);
}

static const struct subscription {
    const char *name;
    const char *text;
    bool is_html;
    const char *subscription;
} subscriptions[] = {
    {"plain", "x\r\nSubscription name: Daily calls\r\nmore", false, "Daily calls"},
    {"html", "<p><b>Subscription name:</b> Daily &amp; more<br>next</p>", true, "Daily & more"},
    {"table", "<tr><td>Subscription Name:</td>\n<td> Daily</td></tr><tr>x", true, "Daily"},
    {"next-line", "Subscription name:<div>Daily</div>", true, "Daily"},
    {"last", "Subscription name: Daily", true, "Daily"},
    {"open-tag", "Subscription name: Daily <a", true, "Daily"},
    {"empty", "Subscription name: ", false, NULL},
    {"none", "Subscription", false, NULL},
};

static void test_subscription(gconstpointer data)
{
    const struct subscription *example = data;
    g_autofree char *name = mail_text_subscription(example->text, example->is_html);
    g_assert_cmpstr(name, ==, example->subscription);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(links); i++) {
        g_autofree char *path = g_strconcat("/mail-text/link/", links[i].name, NULL);
        g_test_add_data_func(path, &links[i], test_link);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(subscriptions); i++) {
        g_autofree char *path =
            g_strconcat("/mail-text/subscription/", subscriptions[i].name, NULL);
        g_test_add_data_func(path, &subscriptions[i], test_subscription);
    }
    return g_test_run();
}

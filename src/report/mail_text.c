/*
 * HTML of a stranger, only searched, never shown: tags are dropped, the handful of entities that
 * occur in mails are decoded, and that is all.
 *
 * The link is handed to a person, so that it must be what it seems: exactly this host behind
 * https://, and no other part of the address can take its place.
 */
#include "report/mail_text.h"

#include <glib.h>
#include <string.h>

#define LINK         "https://analytics.ringcentral.com/reports/"
#define LINK_ESCAPED "https%3A%2F%2Fanalytics.ringcentral.com%2Freports%2F"
#define NAME_LABEL   "subscription name:"

/* strcasestr() for a needle with a mark at `at` that is no letter, which is looked for first. */
static const char *find(const char *text, const char *needle, size_t at)
{
    const char *mark = text;
    while ((mark = strchr(mark, needle[at])) != NULL) {
        if ((size_t)(mark - text) >= at &&
            g_ascii_strncasecmp(mark - at, needle, strlen(needle)) == 0)
            return mark - at;
        mark++;
    }
    return NULL;
}

static bool is_url_char(char c)
{
    return g_ascii_isalnum(c) || (c != '\0' && strchr("-._~:/?#[]@!$&()*+,;=%", c) != NULL);
}

static void decode_entity(const char **at, GString *out)
{
    static const struct {
        const char *entity;
        const char *text;
    } entities[] = {
        {"&amp;", "&"}, {"&lt;", "<"},   {"&gt;", ">"},   {"&quot;", "\""},
        {"&#39;", "'"}, {"&apos;", "'"}, {"&nbsp;", " "}, {"&#160;", " "},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(entities); i++) {
        size_t length = strlen(entities[i].entity);
        if (g_ascii_strncasecmp(*at, entities[i].entity, length) == 0) {
            g_string_append(out, entities[i].text);
            *at += length;
            return;
        }
    }
    g_string_append_c(out, '&');
    (*at)++;
}

char *mail_text_link(const char *text, bool is_html)
{
    const char *plain = find(text, LINK, strlen("https"));
    const char *escaped = plain == NULL ? find(text, LINK_ESCAPED, strlen("https")) : NULL;
    const char *at = plain != NULL ? plain : escaped;
    if (at == NULL)
        return NULL;
    g_autoptr(GString) link = g_string_new(NULL);
    while (is_url_char(*at) && !(escaped != NULL && *at == '&')) {
        if (is_html && *at == '&')
            decode_entity(&at, link);
        else
            g_string_append_c(link, *at++);
    }
    if (escaped != NULL) {
        g_autofree char *whole = g_uri_unescape_string(link->str, NULL);
        return whole != NULL && g_str_is_ascii(whole) ? g_steal_pointer(&whole) : NULL;
    }
    while (link->len > 0 && strchr(".,;)", link->str[link->len - 1]) != NULL)
        g_string_truncate(link, link->len - 1);
    return g_string_free(g_steal_pointer(&link), FALSE);
}

/* Whether the tag at `<` begins a new line where it is shown. */
static bool breaks_line(const char *tag)
{
    static const char *const names[] = {"br", "p", "div", "tr", "li", "table", "h1", "h2", "h3"};
    tag += tag[1] == '/' ? 2 : 1;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        size_t length = strlen(names[i]);
        if (g_ascii_strncasecmp(tag, names[i], length) == 0 && !g_ascii_isalnum(tag[length]))
            return true;
    }
    return false;
}

/* Up to the second line that is not empty: the label, and the name if it stands below. */
static char *strip_tags(const char *html)
{
    GString *out = g_string_new(NULL);
    size_t lines = 0;
    while (*html != '\0' && lines < 16 && out->len < 4096) {
        if (*html == '<') {
            bool breaks = breaks_line(html);
            const char *end = strchr(html, '>');
            g_string_append_c(out, breaks ? '\n' : ' ');
            lines += breaks;
            if (end == NULL)
                break;
            html = end + 1;
        } else if (*html == '&') {
            decode_entity(&html, out);
        } else {
            g_string_append_c(out, *html == '\n' || *html == '\r' ? ' ' : *html);
            html++;
        }
    }
    return g_string_free(out, FALSE);
}

char *mail_text_subscription(const char *text, bool is_html)
{
    const char *label = find(text, NAME_LABEL, strlen(NAME_LABEL) - 1);
    if (label == NULL)
        return NULL;
    const char *rest = label + strlen(NAME_LABEL);
    g_autofree char *plain = is_html ? strip_tags(rest) : g_strndup(rest, 4096);
    char *name = plain;
    while (g_ascii_isspace(*name))
        name++;
    name[strcspn(name, "\r\n")] = '\0';
    g_strchomp(name);
    return name[0] != '\0' ? g_utf8_make_valid(name, -1) : NULL;
}

/* A document as it is read and by expat alone: what the handler is told must not differ, nor what
 * is wrong with it. The handler stops at an element named stop. */
#include "report/xml.h"

#include <stdint.h>
#include <string.h>

static void on_start(void *context, struct xml *xml, enum xml_namespace space, const char *name,
                     xml_attributes attributes)
{
    GString *seen = context;
    g_string_append_printf(seen, "<%d:%s", (int)space, name);
    for (size_t i = 0; attributes[i] != NULL; i++)
        g_string_append_printf(seen, " %s", attributes[i]);
    g_string_append_c(seen, '>');
    if (strcmp(name, "stop") == 0)
        xml_stop(xml);
}

static void on_end(void *context, struct xml *xml, enum xml_namespace space, const char *name)
{
    (void)xml;
    g_string_append_printf(context, "</%d:%s>", (int)space, name);
}

static void on_text(void *context, struct xml *xml, const char *text, size_t length)
{
    (void)xml;
    g_string_append_len(context, text, (gssize)length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct xml_handler handler = {on_start, on_end, on_text};
    g_autoptr(GString) seen = g_string_new(NULL), parsed = g_string_new(NULL);
    g_autoptr(GError) error = NULL, other = NULL;
    if (!xml_parse(data, size, "it", &handler, NULL, seen, &error))
        g_string_append(seen, error->message);
    if (!xml_parse_by_expat(data, size, "it", &handler, parsed, &other))
        g_string_append(parsed, other->message);
    g_assert_cmpstr(seen->str, ==, parsed->str);
    return 0;
}

#include "report/xml.h"

#include "base/error.h"
#include "base/limits.h"

#include <string.h>

#define MAIN    "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define STRICT  "http://purl.oclc.org/ooxml/spreadsheetml/main"
#define OFFICE  "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define OFFICE2 "http://purl.oclc.org/ooxml/officeDocument/relationships"

/* What the handlers saw, as one line: <space:name> for start, </> for end, text as it is. */
struct trace {
    GString *seen;
    const char *stop_at; /* name of an element at which it stops */
    const char *fail_at;
    unsigned after_stop;
    bool stopped;
};

static void on_start(void *context, struct xml *xml, enum xml_namespace space, const char *name,
                     xml_attributes attributes)
{
    struct trace *trace = context;
    trace->after_stop += trace->stopped;
    g_string_append_printf(trace->seen, "<%d:%s", (int)space, name);
    const char *r = xml_attribute(attributes, XML_NONE, "r");
    const char *id = xml_attribute(attributes, XML_OFFICE, "id");
    if (r != NULL)
        g_string_append_printf(trace->seen, " r=%s", r);
    if (id != NULL)
        g_string_append_printf(trace->seen, " id=%s", id);
    g_string_append_c(trace->seen, '>');
    trace->stopped = trace->stopped || g_strcmp0(trace->stop_at, name) == 0;
    if (g_strcmp0(trace->stop_at, name) == 0)
        xml_stop(xml);
    if (g_strcmp0(trace->fail_at, name) == 0)
        xml_fail(xml, "no %s here", name);
}

static void on_end(void *context, struct xml *xml, enum xml_namespace space, const char *name)
{
    (void)xml, (void)space, (void)name;
    struct trace *trace = context;
    trace->after_stop += trace->stopped;
    g_string_append(trace->seen, "</>");
}

static void on_text(void *context, struct xml *xml, const char *text, size_t length)
{
    (void)xml;
    struct trace *trace = context;
    trace->after_stop += trace->stopped;
    g_string_append_len(trace->seen, text, (gssize)length);
}

static const struct xml_handler HANDLER = {on_start, on_end, on_text};

/* As it is read, and by expat alone, which must not differ. */
static char *parse(const char *document, size_t size, struct trace *trace, GError **error)
{
    g_autoptr(GString) seen = g_string_new(NULL);
    g_autoptr(GString) parsed = g_string_new(NULL);
    g_autoptr(GError) other = NULL, own = NULL;
    struct trace again = *trace;
    trace->seen = seen;
    again.seen = parsed;
    bool ok = xml_parse(document, size, "the part", &HANDLER, NULL, trace, &own);
    g_assert_cmpint(xml_parse_by_expat(document, size, "the part", &HANDLER, &again, &other), ==,
                    ok);
    g_assert_cmpstr(seen->str, ==, parsed->str);
    if (!ok)
        g_assert_cmpstr(own->message, ==, other->message);
    g_assert_cmpuint(again.after_stop, ==, trace->after_stop);
    if (own != NULL)
        g_propagate_error(error, g_steal_pointer(&own));
    return ok ? g_strdup(seen->str) : NULL;
}

static void test_events(void)
{
    static const struct {
        const char *document, *seen;
    } CASES[] = {
        {"<a xmlns='" MAIN "'>x<b/>y</a>", "<1:a>x<1:b></>y</>"},
        {"<x:a xmlns:x='" MAIN "' r='1'/>", "<1:a r=1></>"},
        {"<a xmlns='" STRICT "'>&lt;&#x41;<![CDATA[<b>]]></a>", "<1:a><A<b></>"},
        {"<a xmlns='" MAIN "' xmlns:r='" OFFICE "' r:id='7'/>", "<1:a id=7></>"},
        {"<a xmlns='" MAIN "' xmlns:q='" OFFICE2 "' q:id='7' id='8'/>", "<1:a id=7></>"},
        {"<a xmlns='" MAIN "' xmlns:r='urn:r' r:id='7' x:r='1' xmlns:x='urn:x'/>", "<1:a></>"},
        /* Elements that are not ours vanish with all that is in them, ours too. */
        {"<a xmlns='" MAIN "'>x<e xmlns='urn:e'>y<b xmlns='" MAIN "'>z</b></e>w</a>", "<1:a>xw</>"},
        {"<a xmlns='" MAIN "'><b xmlns=''>z</b></a>", "<1:a></>"},
        {"<a>z</a>", ""},
        {"<a xmlns='" MAIN "x'>z</a>", ""},
        {"<a xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006'>z</a>", ""},
        {"\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?><a xmlns='" MAIN "'>\xC3\xA9</a>",
         "<1:a>\xC3\xA9</>"},
        {"<?xml version='1.0' encoding='us-ascii'?><a xmlns='" MAIN "'/>", "<1:a></>"},
        {"<!-- c --><?pi x?><a xmlns='" MAIN "'>x<!-- c -->y</a><!-- c -->", "<1:a>xy</>"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GError) error = NULL;
        struct trace trace = {0};
        g_autofree char *seen = parse(CASES[i].document, strlen(CASES[i].document), &trace, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(seen, ==, CASES[i].seen);
    }
}

static void test_refused(void)
{
    static const struct {
        const char *document, *piece;
    } CASES[] = {
        {"", "is empty"},
        {"<a xmlns='" MAIN "'>", "damaged"},
        {"<a xmlns='" MAIN "'/><b/>", "damaged"},
        {"<a xmlns='" MAIN "'><b></a>", "damaged"},
        {"<a xmlns='" MAIN "'>\xFF</a>", "damaged"},
        {"<a xmlns='" MAIN "'>&e;</a>", "damaged"},
        {"<a xmlns='" MAIN "'>&#0;</a>", "damaged"},
        {"<x:a/>", "damaged"},
        {"<!DOCTYPE a><a/>", "DOCTYPE"},
        {"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "DOCTYPE"},
        {"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "DOCTYPE"},
        {"<?xml version='1.0' encoding='iso-8859-1'?><a/>", "encoding"},
        {"<?xml version='1.0' encoding='utf-7'?><a/>", "encoding"},
        {"<?xml version='1.0' encoding='utf-16'?><a/>", "encoding"},
        {"\x4C\x6F\xA7\x94", "damaged"}, /* EBCDIC */
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GError) error = NULL;
        struct trace trace = {0};
        g_autofree char *seen = parse(CASES[i].document, strlen(CASES[i].document), &trace, &error);
        g_assert_null(seen);
        g_assert_error(error, CALLMX_ERROR, ERROR_PERM);
        if (strstr(error->message, CASES[i].piece) == NULL ||
            strstr(error->message, "the part") == NULL)
            g_error("case %zu: '%s' does not say '%s'", i, error->message, CASES[i].piece);
    }
}

/* What is not plain stands behind, between and in what is: nothing of it comes twice or is lost. */
static void test_hand_over(void)
{
    static const struct {
        const char *document, *seen;
    } CASES[] = {
        {"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n<a xmlns='" MAIN
         "' xmlns:x='" STRICT "' xmlns:q='" OFFICE "'><x:b r='1' q:id='2'/>x &amp; y</a>\r\n",
         "<1:a><1:b r=1 id=2></>x & y</>"},
        {"<a xmlns='" MAIN "'><b>x</b>y<!-- --><c/></a>", "<1:a><1:b>x</>y<1:c></></>"},
        {"<a xmlns='" MAIN "'><b>x</b>y<![CDATA[z]]></a>", "<1:a><1:b>x</>yz</>"},
        {"<a xmlns='" MAIN "'><b/><b r='&lt;'/><b/></a>", "<1:a><1:b></><1:b r=<></><1:b></></>"},
        {"<a xmlns='" MAIN "'><b/><b xmlns:r='" OFFICE "' r:id='1'/></a>",
         "<1:a><1:b></><1:b id=1></></>"},
        {"<a xmlns='" MAIN "'><b/><e xmlns='urn:e'><b>z</b></e><c/></a>",
         "<1:a><1:b></><1:c></></>"},
        {"<a xmlns='" MAIN "' xmlns:e='urn:e'><e:e>z<b/></e:e><b ></b ><c/></a>",
         "<1:a><1:b></><1:c></></>"},
        {"<a xmlns='" MAIN "' xmlns:e='urn:e'><e:e>z<!-- --><b/></e:e><c/></a>",
         "<1:a><1:c></></>"},
        {"<a xmlns='" MAIN "'><b/></a><!-- -->", "<1:a><1:b></></>"},
        {"<a xmlns='" MAIN "'><b/>\r</a>", "<1:a><1:b></>\n</>"},
        {"<a xmlns='" MAIN "'><b xml:space='preserve' r='2'/></a>", "<1:a><1:b r=2></></>"},
        {"<x:a xmlns:x='" MAIN "' r='1'><x:b/><b/><x:c/></x:a>", "<1:a r=1><1:b></><1:c></></>"},
        /* Refused, and by expat. */
        {"<a xmlns='" MAIN "'><b/><b r='1' r='1'/></a>", NULL},
        {"<a xmlns='" MAIN "' xmlns:p='" OFFICE "' xmlns:q='" OFFICE "'><b p:id='1' q:id='2'/></a>",
         NULL},
        {"<a xmlns='" MAIN "'>\n<b/>\n<q:b/></a>", NULL},
        {"<a xmlns='" MAIN "'><b q:id='1'/></a>", NULL},
        {"<a xmlns='" MAIN "'><b/></c></a>", NULL},
        {"<a xmlns='" MAIN "'><b/></a>x", NULL},
        {"<a xmlns='" MAIN "'><b/></a></a>", NULL},
        {"<a xmlns='" MAIN "'><b/></a><a/>", NULL},
        {"x<a xmlns='" MAIN "'/>", NULL},
        {"<a xmlns='" MAIN "'><b/>]]></a>", NULL},
        {"<a xmlns='" MAIN "'><b/>&c;</a>", NULL},
        {"<a xmlns='" MAIN "'><b/>\n<b", NULL},
        {"<a xmlns='" MAIN "' xmlns:p=''><b/></a>", NULL},
        {"<a xmlns='" MAIN "' xmlns:p='http://www.w3.org/2000/xmlns/'><b/></a>", NULL},
        {"<a xmlns='" MAIN "' xmlns:xml='" MAIN "'><b/></a>", NULL},
        {"<a xmlns='" MAIN "' xmlns:p='urn:|'><b/></a>", NULL},
        {"<a:b:c xmlns:a='" MAIN "'/>", NULL},
        {" <?xml version=\"1.0\"?><a xmlns='" MAIN "'/>", NULL},
        {"<?xml version=\"1.0\" encoding=\"UTF-8\"?><?xml version=\"1.0\"?><a/>", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        struct trace trace = {0};
        g_autofree char *seen = parse(CASES[i].document, strlen(CASES[i].document), &trace, NULL);
        g_assert_cmpstr(seen, ==, CASES[i].seen);
    }
}

/* What stands behind LIMIT_XML_PIECE octets, up to which nothing else is there. */
static void test_far_behind(void)
{
    g_autofree char *blanks = g_strnfill(2 * LIMIT_XML_PIECE, ' ');
    g_autofree char *right = g_strconcat("<a xmlns='" MAIN "'/>", blanks, NULL);
    g_autofree char *wrong = g_strconcat(right, "x", NULL);
    struct trace trace = {0};
    g_autofree char *seen = parse(right, strlen(right), &trace, NULL);
    g_assert_cmpstr(seen, ==, "<1:a></>");
    g_assert_null(parse(wrong, strlen(wrong), &trace, NULL));
}

/* Cut off after each octet, and each octet in its turn another. */
static void test_damage(void)
{
    static const char DOCUMENT[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a xmlns='" MAIN "' xmlns:x='" OFFICE
        "'><b r='1' x:id='2'/>x&lt;\n<x:c>\xC3\xA9</x:c></a> ";
    for (size_t at = 0; at < strlen(DOCUMENT); at++) {
        struct trace trace = {0};
        g_free(parse(DOCUMENT, at, &trace, NULL));
        for (int octet = 0; octet < 256; octet++) {
            g_autofree char *other = g_strdup(DOCUMENT);
            other[at] = (char)octet;
            g_free(parse(other, strlen(DOCUMENT), &trace, NULL));
        }
    }
}

static void test_utf16(void)
{
    static const char DOCUMENT[] =
        "\xEF\xBB\xBF<?xml version='1.0' encoding='UTF-16'?><a xmlns='" MAIN "'>\xE2\x82\xAC</a>";
    static const char *const FORMS[] = {"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"};
    for (size_t i = 0; i < G_N_ELEMENTS(FORMS); i++) {
        gsize size;
        g_autofree char *wide = g_convert(DOCUMENT, -1, FORMS[i], "UTF-8", NULL, &size, NULL);
        g_assert_nonnull(wide);
        struct trace trace = {0};
        g_autofree char *seen = parse(wide, size, &trace, NULL);
        g_assert_cmpstr(seen, ==, i < 2 ? "<1:a>\xE2\x82\xAC</>" : NULL);
    }
    /* Without its byte order mark nobody says which of the two it is. */
    gsize size;
    g_autofree char *bare = g_convert(DOCUMENT + 3, -1, "UTF-16LE", "UTF-8", NULL, &size, NULL);
    struct trace trace = {0};
    g_assert_null(parse(bare, size, &trace, NULL));
}

static char *repeat(const char *head, const char *piece, size_t times, const char *tail)
{
    GString *out = g_string_new(head);
    for (size_t i = 0; i < times; i++)
        g_string_append(out, piece);
    g_string_append(out, tail);
    return g_string_free(out, FALSE);
}

static void assert_budget(const char *document, const char *piece)
{
    g_autoptr(GError) error = NULL;
    struct trace trace = {0};
    g_autofree char *seen = parse(document, strlen(document), &trace, &error);
    g_assert_true((seen == NULL) == (piece != NULL));
    if (piece == NULL)
        return;
    g_assert_error(error, CALLMX_ERROR, ERROR_PERM);
    if (strstr(error->message, piece) == NULL)
        g_error("'%s' does not say '%s'", error->message, piece);
}

static void test_budgets(void)
{
    g_autofree char *deep = repeat("<a xmlns='" MAIN "'>", "<b>", LIMIT_XML_DEPTH, "");
    assert_budget(deep, "levels deep");
    g_autofree char *foreign = repeat("<a>", "<b>", 100000, "");
    assert_budget(foreign, "levels deep");
    g_autofree char *level = repeat("<a xmlns='" MAIN "'>", "<b>", LIMIT_XML_DEPTH - 1, "");
    g_autofree char *closed = repeat(level, "</b>", LIMIT_XML_DEPTH - 1, "</a>");
    assert_budget(closed, NULL);

    GString *many = g_string_new("<a xmlns='" MAIN "'");
    for (int i = 0; i < LIMIT_XML_ATTRIBUTES; i++)
        g_string_append_printf(many, " a%d=''", i);
    g_autofree char *most = g_strdup_printf("%s/>", many->str);
    assert_budget(most, NULL);
    g_string_append(many, " more=''/>");
    g_autofree char *more = g_string_free(many, FALSE);
    assert_budget(more, "attributes");

    g_autofree char *attribute = repeat("<a b='", "xxxxxxxxxxxxxxxx", 3 << 20, "'/>");
    assert_budget(attribute, "too large");
    g_autofree char *comment = repeat("<!--", "xxxxxxxxxxxxxxxx", 3 << 20, "--><a/>");
    assert_budget(comment, "too large");
    g_autofree char *name = repeat("<", "xxxxxxxxxxxxxxxx", 3 << 20, "/>");
    assert_budget(name, "too large");
    /* Text comes in pieces and costs nothing. */
    g_autofree char *text = repeat("<a>", "xxxxxxxxxxxxxxxx", 3 << 20, "</a>");
    assert_budget(text, NULL);
}

static void test_stop(void)
{
    static const char DOCUMENT[] = "<a xmlns='" MAIN "'>x<b/>y<c>z</c></a>";
    struct trace trace = {.stop_at = "b"};
    g_autoptr(GError) error = NULL;
    g_autofree char *seen = parse(DOCUMENT, strlen(DOCUMENT), &trace, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(seen, ==, "<1:a>x<1:b>");
    g_assert_cmpuint(trace.after_stop, ==, 0);

    struct trace failing = {.fail_at = "b"};
    g_assert_null(parse(DOCUMENT, strlen(DOCUMENT), &failing, &error));
    g_assert_error(error, CALLMX_ERROR, ERROR_PERM);
    g_assert_cmpstr(error->message, ==, "no b here");
}

/* The seam between two pieces falls on every byte of the document once. */
static void test_pieces(void)
{
    static const char DOCUMENT[] = "<x:a xmlns:x='" MAIN "' r='1&amp;2'>\xE2\x82\xAC&#65;<x:b/>"
                                   "<![CDATA[]]]>t<!-- c --></x:a>";
    for (size_t at = 0; at <= strlen(DOCUMENT); at++) {
        g_autofree char *blanks = g_strnfill(LIMIT_XML_PIECE - at, ' ');
        g_autofree char *whole = g_strconcat(blanks, DOCUMENT, NULL);
        g_autoptr(GError) error = NULL;
        struct trace trace = {0};
        g_autofree char *seen = parse(whole, strlen(whole), &trace, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(seen, ==,
                        "<1:a r=1&2>\xE2\x82\xAC"
                        "A<1:b></>]t</>");
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xml/events", test_events);
    g_test_add_func("/xml/refused", test_refused);
    g_test_add_func("/xml/hand-over", test_hand_over);
    g_test_add_func("/xml/far-behind", test_far_behind);
    g_test_add_func("/xml/damage", test_damage);
    g_test_add_func("/xml/utf16", test_utf16);
    g_test_add_func("/xml/budgets", test_budgets);
    g_test_add_func("/xml/stop", test_stop);
    g_test_add_func("/xml/pieces", test_pieces);
    return g_test_run();
}

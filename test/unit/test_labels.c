/* The dictionary of a report's language: its form, its words, and what of it is no dictionary. */
#include "report/labels.h"

#include <string.h>

/* A dictionary of 51 elements, of which `count` are given: place, text. */
struct given {
    int place;
    const char *text;
};

static struct labels *make(const struct given *given, size_t count)
{
    g_autoptr(GString) text = g_string_new("Locale(");
    for (int i = 0; i < 51; i++) {
        const char *element = i == 0 ? "de_DE" : "Other(a,b(c,d),e)";
        for (size_t g = 0; g < count; g++)
            if (given[g].place == i)
                element = given[g].text;
        g_string_append_printf(text, "%s%s", i > 0 ? "," : "", element);
    }
    g_string_append_c(text, ')');
    return labels_new(text->str);
}

static enum field field_of(const struct labels *labels, enum sheet_kind kind, const char *folded)
{
    size_t count;
    const struct label *all = labels_headers(labels, &count);
    for (size_t i = 0; i < count; i++)
        if (all[i].kind == kind && strcmp(all[i].folded, folded) == 0)
            return all[i].field;
    return FIELD_COUNT;
}

static void test_headers(void)
{
    static const struct given given[] = {
        {1, "Filters(Suche,Benutzer,G,W,A,WA,von,bis,Startzeit,Endzeit,kein Ende)"},
        {4, "HashMap(Symbol(EXTENSION_NAME) -> Name, Symbol(GROUP_NAME) -> Name, "
            "Symbol(TOTAL_HANDLE_TIME) -> Zeit, gesamt (ein, aus), Symbol(X) -> Ganz  Anderes)"},
        {7, "HashMap(Symbol(CALL_LENGTH) -> Dauer, Symbol(HANDLE_TIME) -> Dauer,Symbol(CALL_QUEUE)"
            "->\u00c4ste, Symbol(SESSION_ID) -> , Symbol(CALL_START_TIME) -> \u200b)"},
    };
    AUTO(labels) labels = make(given, G_N_ELEMENTS(given));
    g_assert_nonnull(labels);
    g_assert_cmpint(field_of(labels, SHEET_FILTERS, "startzeit"), ==, FIELD_FROM_TIME);
    g_assert_cmpint(field_of(labels, SHEET_FILTERS, "endzeit"), ==, FIELD_TO_TIME);
    g_assert_cmpint(field_of(labels, SHEET_FILTERS, "kein ende"), ==, FIELD_NONE);
    g_assert_cmpint(field_of(labels, SHEET_USERS, "name"), ==, FIELD_NAME);
    g_assert_cmpint(field_of(labels, SHEET_USERS, "zeit, gesamt (ein, aus)"), ==,
                    FIELD_HANDLE_TIME);
    g_assert_cmpint(field_of(labels, SHEET_USERS, "ganz anderes"), ==, FIELD_NONE);
    g_assert_cmpint(field_of(labels, SHEET_CALLS, "\u00e4ste"), ==, FIELD_QUEUE);
    /* What stands for two columns stands for none. */
    g_assert_cmpint(field_of(labels, SHEET_CALLS, "dauer"), ==, FIELD_NONE);
    g_assert_cmpint(field_of(labels, SHEET_CALLS, "startzeit"), ==, FIELD_COUNT);
    g_assert_cmpint(field_of(labels, SHEET_CALLS, ""), ==, FIELD_COUNT);
}

static void test_words(void)
{
    static const struct given given[] = {
        {42, "HashMap(Symbol(OUTBOUND) -> Ausgehend, Symbol(INBOUND) -> Eingehend)"},
        {43,
         "HashMap(Symbol(ANSWERED) -> Angenommen, Symbol(MISSED) -> Verpasst, Symbol(NEW) -> Neu,"
         " Symbol(VOICEMAIL) -> \u200b, Symbol(IVR) -> )"},
        {44, "HashMap(Symbol(ANSWERED) -> Angenommen, Symbol(MISSED) -> Aufgelegt)"},
        {45, "ExtensionStatus(Aktiv,Gel\u00f6scht)"},
    };
    AUTO(labels) labels = make(given, G_N_ELEMENTS(given));
    g_assert_cmpstr(labels_direction(labels, "AUSGEHEND "), ==, "Outbound");
    g_assert_cmpstr(labels_direction(labels, "Inbound"), ==, "Inbound");
    g_assert_cmpstr(labels_result(labels, "Angenommen"), ==, "Answered");
    g_assert_cmpstr(labels_result(labels, "Verpasst"), ==, "Missed");
    g_assert_cmpstr(labels_result(labels, "Aufgelegt"), ==, "Abandoned");
    g_assert_cmpstr(labels_result(labels, "Neu"), ==, "Neu");
    g_assert_null(labels_result(labels, NULL));
    g_assert_cmpstr(labels_result(labels, ""), ==, "");
    g_assert_cmpstr(labels_direction(labels, " "), ==, " ");
    g_assert_cmpstr(labels_status(labels, "gel\u00f6scht"), ==, "Deleted");
    g_assert_cmpstr(labels_result(NULL, "x"), ==, "x");
}

static void test_sheets(void)
{
    static const struct given given[] = {
        {40,
         "Pages(UserActivity(Filter,KPIs,Benutzer,Gruppen),QueueActivity(Filter,KPIs,Schleifen),"
         "CompanyNumberActivity(Filter,KPIs,Nummern),CallDetails(Filter,Anrufe,Abschnitte),X)"},
    };
    AUTO(labels) labels = make(given, G_N_ELEMENTS(given));
    g_assert_cmpint(labels_kind_by_name(labels, "schleifen"), ==, SHEET_QUEUES);
    g_assert_cmpint(labels_kind_by_name(labels, "nummern"), ==, SHEET_COMPANY_NUMBERS);
    g_assert_cmpint(labels_kind_by_name(labels, "gruppen"), ==, SHEET_GROUP_USERS);
    g_assert_cmpint(labels_kind_by_name(labels, "benutzer"), ==, SHEET_UNKNOWN);
    g_assert_cmpint(labels_kind_by_name(labels, "anrufe"), ==, SHEET_UNKNOWN);
}

static void test_dates(void)
{
    static const struct {
        const char *pattern;
        const char *text;
        bool is_read;
    } cases[] = {
        {"DateFormat(dd.MM.yyyy,HH:mm)", "08.12.2025 17:33:27", true},
        {"DateFormat(d.M.yyyy,HH:mm)", "8.12.2025 17:33:27", true},
        {"DateFormat(dd/MM/yyyy,HH:mm)", "08/12/2025 5:33:27 p. m.", true},
        {"DateFormat(yyyy/MM/dd,HH:mm)", "2025/12/08 17:33:27", true},
        {"DateFormat(dd-MM-yyyy,HH:mm)", "08-12-2025 17:33:27", true},
        {"DateFormat(MM/dd/yyyy,HH:mm)", "12/08/2025 17:33:27", true},
        {"DateFormat(dd.MM.yyyy,HH:mm)", "2025-12-08 17:33:27", true},
        {"DateFormat(dd.MM.yyyy,HH:mm)", "12/08/2025 17:33:27", false},
        {"DateFormat(MMM d yyyy,HH:mm)", "12/08/2025 17:33:27", true},
        {"DateFormat(MM/dd/yyyy,HH:mm)", "08.12.2025 17:33:27", false},
        {"DateFormat(dd.MM/yyyy,HH:mm)", "08.12.2025 17:33:27", false},
        {"nothing", "12/08/2025 17:33:27", true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct given given = {41, cases[i].pattern};
        AUTO(labels) labels = make(&given, 1);
        struct cell_calendar calendar = {0};
        labels_dates(labels, &calendar);
        struct cell cell = {
            .kind = CELL_TEXT, .text = cases[i].text, .length = strlen(cases[i].text)};
        int64_t civil = 0;
        g_test_message("%s %s", cases[i].pattern, cases[i].text);
        g_assert_cmpint(cell_datetime(&cell, &calendar, &civil, NULL) == CELL_OK, ==,
                        cases[i].is_read);
        if (cases[i].is_read)
            g_assert_cmpint(civil, ==, 1765215207);
    }
}

/* One element more or less, and nobody can say which place is which. */
static void test_places(void)
{
    for (int count = 50; count <= 52; count++) {
        g_autoptr(GString) text = g_string_new("Locale(");
        for (int i = 0; i < count; i++)
            g_string_append(text, i > 0 ? ",x" : "en_US");
        g_string_append_c(text, ')');
        AUTO(labels) labels = labels_new(text->str);
        g_assert_cmpint(labels != NULL, ==, count == 51);
    }
}

static void test_none(void)
{
    static const char *const texts[] = {
        "", "Locale", "Locale(", "Locale()", "Locale(a,b)", "locale(en_US)", "Locale(a))("};
    g_assert_null(labels_new(NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_assert_null(labels_new(texts[i]));
    static const struct given open = {4, "HashMap(Symbol(EXTENSION_NAME) -> Name (open)"};
    AUTO(labels) labels = make(&open, 1);
    g_assert_null(labels);
    static const struct given odd[] = {
        {1, "Filters"}, {4, "HashMap(Symbol)"}, {7, "HashMap(Symbol(X"}, {40, "()"}, {41, ""},
        {45, "a"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(odd); i++) {
        AUTO(labels) one = make(&odd[i], 1);
        size_t count;
        if (one != NULL)
            labels_headers(one, &count);
    }
}

/* No beginning of a dictionary is one. */
static void test_cut(void)
{
    g_autoptr(GString) text = g_string_new("Locale(");
    for (int i = 0; i < 51; i++)
        g_string_append_printf(text, "%sHashMap(Symbol(CALL_QUEUE) -> Q (%d))", i > 0 ? "," : "",
                               i);
    g_string_append_c(text, ')');
    AUTO(labels) whole = labels_new(text->str);
    g_assert_nonnull(whole);
    for (size_t length = text->len - 1; length > 0; length--) {
        g_autofree char *cut = g_strndup(text->str, length);
        g_assert_null(labels_new(cut));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/labels/headers", test_headers);
    g_test_add_func("/labels/words", test_words);
    g_test_add_func("/labels/sheets", test_sheets);
    g_test_add_func("/labels/dates", test_dates);
    g_test_add_func("/labels/places", test_places);
    g_test_add_func("/labels/none", test_none);
    g_test_add_func("/labels/cut", test_cut);
    return g_test_run();
}

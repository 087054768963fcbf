/*
 * The dictionary taken apart. What is hard about it: nothing in it is escaped. A label may hold
 * brackets (`Total Handle Time (in)`), which are counted, and commas, so that a pair of a map ends
 * where the next `Symbol(` begins, and not at a comma.
 *
 * Words of a report that is in English already are not translated: its own dictionary would give
 * each of them back.
 */
#include "report/labels.h"

#include "base/limits.h"

#include <glib.h>
#include <string.h>

enum { /* places of the elements */
       ELEMENT_FILTERS = 1,
       ELEMENT_USERS = 4,
       ELEMENT_CALLS = 7,
       ELEMENT_PAGES = 40,
       ELEMENT_DATES = 41,
       ELEMENT_DIRECTIONS = 42,
       ELEMENT_RESULTS = 43,
       ELEMENT_QUEUE_RESULTS = 44,
       ELEMENT_STATUS = 45,
       ELEMENT_COUNT = 51,
};

enum { /* places within Filters(…) */
       FILTERS_FROM_TIME = 8,
       FILTERS_TO_TIME = 9,
};

struct labels {
    GArray *headers;        /* of struct label */
    GHashTable *results;    /* folded word → English, static */
    GHashTable *directions; /* the same */
    GHashTable *status;     /* the same */
    GHashTable *pages;      /* folded name of a sheet → enum sheet_kind */
    struct cell_calendar calendar;
    bool has_dates;
};

/* A piece of the dictionary's text. */
struct piece {
    const char *text;
    size_t length;
};

static const struct {
    int element;
    enum sheet_kind kind;
    const char *symbol;
    enum field field;
} HEADERS[] = {
    {ELEMENT_CALLS, SHEET_CALLS, "SESSION_ID", FIELD_SESSION_ID},
    {ELEMENT_CALLS, SHEET_CALLS, "CALLER_NAME", FIELD_FROM_NAME},
    {ELEMENT_CALLS, SHEET_CALLS, "CALLER_NUMBER", FIELD_FROM_NUMBER},
    {ELEMENT_CALLS, SHEET_CALLS, "RECEIVER_NAME", FIELD_TO_NAME},
    {ELEMENT_CALLS, SHEET_CALLS, "RECEIVER_NUMBER", FIELD_TO_NUMBER},
    {ELEMENT_CALLS, SHEET_CALLS, "CALL_RESULT", FIELD_RESULT},
    {ELEMENT_CALLS, SHEET_CALLS, "CALL_LENGTH", FIELD_CALL_LENGTH},
    {ELEMENT_CALLS, SHEET_CALLS, "HANDLE_TIME", FIELD_HANDLE_TIME},
    {ELEMENT_CALLS, SHEET_CALLS, "CALL_START_TIME", FIELD_CALL_START},
    {ELEMENT_CALLS, SHEET_CALLS, "CALL_DIRECTION", FIELD_DIRECTION},
    {ELEMENT_CALLS, SHEET_CALLS, "CALL_QUEUE", FIELD_QUEUE},
    {ELEMENT_USERS, SHEET_USERS, "EXTENSION_NAME", FIELD_NAME},
    {ELEMENT_USERS, SHEET_USERS, "EXTENSION_STATUS", FIELD_STATUS},
    {ELEMENT_USERS, SHEET_USERS, "EXTENSION_PIN", FIELD_EXTENSION},
    {ELEMENT_USERS, SHEET_USERS, "TOTAL_CALLS", FIELD_TOTAL_CALLS},
    {ELEMENT_USERS, SHEET_USERS, "INBOUND_CALLS", FIELD_INBOUND},
    {ELEMENT_USERS, SHEET_USERS, "OUTBOUND_CALLS", FIELD_OUTBOUND},
    {ELEMENT_USERS, SHEET_USERS, "TOTAL_HANDLE_TIME", FIELD_HANDLE_TIME},
    {ELEMENT_USERS, SHEET_USERS, "INBOUND_HANDLE_TIME", FIELD_HANDLE_IN},
    {ELEMENT_USERS, SHEET_USERS, "OUTBOUND_HANDLE_TIME", FIELD_HANDLE_OUT},
    {ELEMENT_USERS, SHEET_USERS, "INBOUND_ANSWERED", FIELD_ANSWERED_IN},
    {ELEMENT_USERS, SHEET_USERS, "OUTBOUND_CONNECTED", FIELD_ANSWERED_OUT},
    {ELEMENT_USERS, SHEET_USERS, "INBOUND_MISSED_CALLS", FIELD_MISSED},
};

struct word {
    const char *symbol;
    const char *english;
};

static const struct word DIRECTIONS[] = {
    {"OUTBOUND", "Outbound"}, {"INBOUND", "Inbound"},   {"RING_OUT", "Ring out"},
    {"INTERNAL", "Internal"}, {"CALL_OUT", "Call out"}, {NULL, NULL},
};
static const struct word RESULTS[] = {
    {"ANSWERED", "Answered"}, {"CONNECTED", "Connected"}, {"NOT_CONNECTED", "Not Connected"},
    {"MISSED", "Missed"},     {"VOICEMAIL", "VM/Missed"}, {"IVR", "IVR/Answered"},
    {"IVA", "AIR/Answered"},  {"PARK_OFF", "Park Off"},   {NULL, NULL},
};
static const struct word QUEUE_RESULTS[] = {
    {"ANSWERED", "Answered"}, {"CONNECTED", "Connected"},    {"NOT_CONNECTED", "Not Connected"},
    {"MISSED", "Abandoned"},  {"VOICEMAIL", "VM/Abandoned"}, {"IVR", "IVR/Answered"},
    {"IVA", "AIR/Answered"},  {"PARK_OFF", "Park Off"},      {NULL, NULL},
};

/* --- the form --- */

static struct piece trimmed(const char *from, const char *to)
{
    while (from < to && g_ascii_isspace(*from))
        from++;
    while (to > from && g_ascii_isspace(to[-1]))
        to--;
    return (struct piece){from, (size_t)(to - from)};
}

static bool piece_is(struct piece piece, const char *text)
{
    return piece.length > 0 && piece.text[0] == text[0] && strlen(text) == piece.length &&
           memcmp(piece.text, text, piece.length) == 0;
}

/* What stands between the first bracket and the last, in pieces at commas outside of further
 * brackets. Array of struct piece, or NULL if the brackets do not fit. */
static GArray *split(struct piece whole)
{
    const char *open = memchr(whole.text, '(', whole.length);
    const char *end = whole.text + whole.length;
    if (open == NULL || end[-1] != ')')
        return NULL;
    GArray *pieces = g_array_new(FALSE, FALSE, sizeof(struct piece));
    const char *from = open + 1;
    size_t depth = 0;
    for (const char *p = from; p < end; p++) {
        if (*p == '(')
            depth++;
        bool is_last = p == end - 1;
        if ((*p == ',' && depth == 0) || is_last) {
            struct piece piece = trimmed(from, p);
            g_array_append_val(pieces, piece);
            from = p + 1;
        } else if (*p == ')' && depth-- == 0) {
            g_array_unref(pieces);
            return NULL;
        }
    }
    if (depth != 0)
        g_clear_pointer(&pieces, g_array_unref);
    return pieces;
}

typedef void pair_fn(void *context, struct piece symbol, struct piece label);

/* Each `Symbol(X) -> label` of a map. */
static void each_pair(struct piece map, pair_fn *on_pair, void *context)
{
    static const char BEGIN[] = "Symbol(", ARROW[] = "->";
    const char *end = map.text + map.length;
    const char *at = memmem(map.text, map.length, BEGIN, strlen(BEGIN));
    if (at == NULL || end[-1] != ')')
        return;
    end--;
    while (at != NULL) {
        const char *name = at + strlen(BEGIN);
        const char *close = memchr(name, ')', (size_t)(end - name));
        if (close == NULL)
            return;
        struct piece rest = trimmed(close + 1, end);
        const char *next = memmem(rest.text, rest.length, BEGIN, strlen(BEGIN));
        const char *stop = next != NULL ? next : end;
        while (next != NULL && stop > rest.text && (stop[-1] == ' ' || stop[-1] == ','))
            stop--;
        at = next;
        if (rest.length < strlen(ARROW) || memcmp(rest.text, ARROW, strlen(ARROW)) != 0)
            continue;
        if (stop < rest.text + strlen(ARROW))
            stop = rest.text + strlen(ARROW);
        on_pair(context, trimmed(name, close), trimmed(rest.text + strlen(ARROW), stop));
    }
}

/* NULL if nothing of it can be seen: a blank cell is not the word for anything. */
static char *fold(struct piece piece)
{
    g_autofree char *text = g_strndup(piece.text, piece.length);
    g_autofree char *folded = columns_fold(text);
    return folded[0] == '\0' ? NULL : g_steal_pointer(&folded);
}

/* --- headers --- */

static void add_header(struct labels *labels, enum sheet_kind kind, enum field field,
                       struct piece text)
{
    if (labels->headers->len == LIMIT_LABELS)
        return;
    struct label label = {.kind = kind, .field = field, .folded = fold(text)};
    if (label.folded == NULL)
        return;
    for (guint i = 0; i < labels->headers->len; i++) {
        struct label *other = &g_array_index(labels->headers, struct label, i);
        if (other->kind != kind || strcmp(other->folded, label.folded) != 0)
            continue;
        /* Two columns of one name: nobody can say which is which. */
        if (other->field == FIELD_NONE)
            other->field = field;
        else if (field != FIELD_NONE && other->field != field)
            other->field = FIELD_NONE;
        g_free(label.folded);
        return;
    }
    g_array_append_val(labels->headers, label);
}

struct map {
    struct labels *labels;
    int element;
    enum sheet_kind kind;
    const struct word *words;
    GHashTable *table;
};

static void on_header(void *context, struct piece symbol, struct piece label)
{
    struct map *map = context;
    enum field field = FIELD_NONE;
    for (size_t i = 0; i < G_N_ELEMENTS(HEADERS); i++)
        if (HEADERS[i].element == map->element && piece_is(symbol, HEADERS[i].symbol))
            field = HEADERS[i].field;
    add_header(map->labels, map->kind, field, label);
}

static void take_headers(struct labels *labels, const GArray *elements)
{
    static const struct {
        int element;
        enum sheet_kind kind;
    } MAPS[] = {{ELEMENT_CALLS, SHEET_CALLS}, {ELEMENT_USERS, SHEET_USERS}};
    for (size_t i = 0; i < G_N_ELEMENTS(MAPS); i++) {
        struct map map = {.labels = labels, .element = MAPS[i].element, .kind = MAPS[i].kind};
        each_pair(g_array_index(elements, struct piece, MAPS[i].element), on_header, &map);
    }
    g_autoptr(GArray) filters = split(g_array_index(elements, struct piece, ELEMENT_FILTERS));
    for (guint i = 0; filters != NULL && i < filters->len; i++)
        add_header(labels, SHEET_FILTERS,
                   i == FILTERS_FROM_TIME ? FIELD_FROM_TIME
                   : i == FILTERS_TO_TIME ? FIELD_TO_TIME
                                          : FIELD_NONE,
                   g_array_index(filters, struct piece, i));
}

/* --- words --- */

static void add_word(GHashTable *table, struct piece text, const char *english)
{
    if (g_hash_table_size(table) == LIMIT_LABELS)
        return;
    char *folded = fold(text);
    if (folded == NULL || g_hash_table_contains(table, folded))
        g_free(folded);
    else
        g_hash_table_insert(table, folded, (gpointer)(uintptr_t)english);
}

static void on_word(void *context, struct piece symbol, struct piece label)
{
    struct map *map = context;
    for (const struct word *word = map->words; word->symbol != NULL; word++)
        if (piece_is(symbol, word->symbol))
            add_word(map->table, label, word->english);
}

static void take_words(const GArray *elements, int element, const struct word *words,
                       GHashTable *table)
{
    struct map map = {.words = words, .table = table};
    each_pair(g_array_index(elements, struct piece, element), on_word, &map);
}

static void take_status(struct labels *labels, const GArray *elements)
{
    static const char *const ENGLISH[] = {"Active", "Deleted"};
    g_autoptr(GArray) words = split(g_array_index(elements, struct piece, ELEMENT_STATUS));
    for (guint i = 0; words != NULL && i < MIN(words->len, G_N_ELEMENTS(ENGLISH)); i++)
        add_word(labels->status, g_array_index(words, struct piece, i), ENGLISH[i]);
}

/* A table in which each word stands for itself is none. */
static void drop_if_english(GHashTable *table)
{
    GHashTableIter all;
    gpointer word, english;
    bool differs = false;
    g_hash_table_iter_init(&all, table);
    while (g_hash_table_iter_next(&all, &word, &english))
        differs = differs || g_ascii_strcasecmp(word, english) != 0;
    if (!differs)
        g_hash_table_remove_all(table);
}

/* --- sheets and dates --- */

/* The names of the sheets of one report: `UserActivityMetric(Filters,KPIs,Users,Group Users)`. What
 * a report is about stands behind Filters and KPIs. */
static void take_pages_of(struct labels *labels, struct piece report)
{
    static const struct {
        const char *report;
        guint place;
        enum sheet_kind kind;
    } PAGES[] = {
        {"Queue", 2, SHEET_QUEUES},
        {"CompanyNumber", 2, SHEET_COMPANY_NUMBERS},
        {"User", 3, SHEET_GROUP_USERS},
    };
    g_autoptr(GArray) names = split(report);
    if (names == NULL)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(PAGES); i++) {
        size_t length = strlen(PAGES[i].report);
        if (report.length < length || memcmp(report.text, PAGES[i].report, length) != 0 ||
            names->len <= PAGES[i].place)
            continue;
        char *folded = fold(g_array_index(names, struct piece, PAGES[i].place));
        if (folded != NULL)
            g_hash_table_insert(labels->pages, folded, GINT_TO_POINTER(PAGES[i].kind));
    }
}

static void take_pages(struct labels *labels, const GArray *elements)
{
    g_autoptr(GArray) reports = split(g_array_index(elements, struct piece, ELEMENT_PAGES));
    for (guint i = 0; reports != NULL && i < reports->len && i < LIMIT_LABELS; i++)
        take_pages_of(labels, g_array_index(reports, struct piece, i));
}

/* Takes letters of one kind: `dd`, `MM`, `yyyy`. */
static bool take_letters(const char **p, const char *end, char letter)
{
    const char *from = *p;
    while (*p < end && **p == letter)
        (*p)++;
    return *p > from;
}

/* `dd.MM.yyyy`: the pattern of a date in numbers, with one separator. */
static bool take_pattern(struct piece pattern, struct cell_calendar *calendar)
{
    static const struct {
        char letters[4];
        enum cell_date_order order;
    } ORDERS[] = {
        {"Mdy", CELL_MONTH_FIRST},
        {"dMy", CELL_DAY_FIRST},
        {"yMd", CELL_YEAR_FIRST},
    };
    const char *end = pattern.text + pattern.length;
    for (size_t i = 0; i < G_N_ELEMENTS(ORDERS); i++) {
        const char *p = pattern.text;
        const char *letters = ORDERS[i].letters;
        if (!take_letters(&p, end, letters[0]) || p == end)
            continue;
        char separator = *p++;
        if (strchr("/.-", separator) == NULL || !take_letters(&p, end, letters[1]) || p == end ||
            *p++ != separator || !take_letters(&p, end, letters[2]) || p != end)
            continue;
        calendar->order = ORDERS[i].order;
        calendar->separator = separator;
        return true;
    }
    return false;
}

static void take_dates(struct labels *labels, const GArray *elements)
{
    g_autoptr(GArray) patterns = split(g_array_index(elements, struct piece, ELEMENT_DATES));
    if (patterns != NULL && patterns->len > 0)
        labels->has_dates =
            take_pattern(g_array_index(patterns, struct piece, 0), &labels->calendar);
}

/* --- the whole --- */

static void clear_label(gpointer data)
{
    struct label *label = data;
    g_free(label->folded);
}

static GHashTable *new_table(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

struct labels *labels_new(const char *user_locale)
{
    if (user_locale == NULL || !g_str_has_prefix(user_locale, "Locale("))
        return NULL;
    g_autoptr(GArray) elements = split(trimmed(user_locale, user_locale + strlen(user_locale)));
    if (elements == NULL || elements->len != ELEMENT_COUNT)
        return NULL;
    struct labels *labels = g_new0(struct labels, 1);
    labels->headers = g_array_new(FALSE, FALSE, sizeof(struct label));
    g_array_set_clear_func(labels->headers, clear_label);
    labels->results = new_table();
    labels->directions = new_table();
    labels->status = new_table();
    labels->pages = new_table();
    take_headers(labels, elements);
    take_words(elements, ELEMENT_RESULTS, RESULTS, labels->results);
    take_words(elements, ELEMENT_QUEUE_RESULTS, QUEUE_RESULTS, labels->results);
    take_words(elements, ELEMENT_DIRECTIONS, DIRECTIONS, labels->directions);
    take_status(labels, elements);
    drop_if_english(labels->results);
    drop_if_english(labels->directions);
    drop_if_english(labels->status);
    take_pages(labels, elements);
    take_dates(labels, elements);
    return labels;
}

void labels_free(struct labels *labels)
{
    if (labels == NULL)
        return;
    g_array_unref(labels->headers);
    g_hash_table_unref(labels->results);
    g_hash_table_unref(labels->directions);
    g_hash_table_unref(labels->status);
    g_hash_table_unref(labels->pages);
    g_free(labels);
}

const struct label *labels_headers(const struct labels *labels, size_t *count)
{
    *count = labels != NULL ? labels->headers->len : 0;
    return labels != NULL ? (const struct label *)(const void *)labels->headers->data : NULL;
}

enum sheet_kind labels_kind_by_name(const struct labels *labels, const char *folded)
{
    if (labels == NULL)
        return SHEET_UNKNOWN;
    return (enum sheet_kind)GPOINTER_TO_INT(g_hash_table_lookup(labels->pages, folded));
}

static const char *translate(GHashTable *table, const char *word)
{
    if (word == NULL || g_hash_table_size(table) == 0)
        return word;
    g_autofree char *folded = columns_fold(word);
    const char *english = g_hash_table_lookup(table, folded);
    return english != NULL ? english : word;
}

const char *labels_result(const struct labels *labels, const char *word)
{
    return labels != NULL ? translate(labels->results, word) : word;
}

const char *labels_direction(const struct labels *labels, const char *word)
{
    return labels != NULL ? translate(labels->directions, word) : word;
}

const char *labels_status(const struct labels *labels, const char *word)
{
    return labels != NULL ? translate(labels->status, word) : word;
}

void labels_dates(const struct labels *labels, struct cell_calendar *calendar)
{
    if (labels == NULL || !labels->has_dates)
        return;
    calendar->order = labels->calendar.order;
    calendar->separator = labels->calendar.separator;
}

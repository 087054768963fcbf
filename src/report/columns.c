/*
 * The known headers, kind by kind, and the rules by which a row is taken for one of them.
 *
 * The tables also list headers that have no field, because a prefix is only unambiguous among all
 * headers that can stand there: `Total Call` would otherwise be `Total Calls` in a sheet that has
 * `Total Call Length`.
 */
#include "report/columns.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "report/labels.h"

#include <string.h>

enum { PREFIX_MIN = 6 }; /* characters of a header that was cut off */

struct known {
    const char *header; /* folded */
    enum field field;
};

static const struct known calls_headers[] = {
    {"session id", FIELD_SESSION_ID},
    {"from name", FIELD_FROM_NAME},
    {"from number", FIELD_FROM_NUMBER},
    {"to name", FIELD_TO_NAME},
    {"to number", FIELD_TO_NUMBER},
    {"result", FIELD_RESULT},
    {"call length", FIELD_CALL_LENGTH},
    {"handle time", FIELD_HANDLE_TIME},
    {"queue", FIELD_QUEUE},
    {"call start time", FIELD_CALL_START},
    {"call end time", FIELD_NONE},
    {"call direction", FIELD_DIRECTION},
    {NULL, FIELD_NONE},
};

static const struct known users_headers[] = {
    {"name", FIELD_NAME},
    {"user status", FIELD_STATUS},
    {"ext", FIELD_EXTENSION},
    {"ext.", FIELD_EXTENSION},
    {"extension", FIELD_EXTENSION},
    {"email", FIELD_EMAIL},
    {"e-mail", FIELD_EMAIL},
    {"user email", FIELD_EMAIL},
    {"email address", FIELD_EMAIL},
    {"total calls", FIELD_TOTAL_CALLS},
    {"# inbound", FIELD_INBOUND},
    {"# outbound", FIELD_OUTBOUND},
    {"% inbound", FIELD_NONE},
    {"% outbound", FIELD_NONE},
    {"# answered", FIELD_NONE},
    {"# answered (in)", FIELD_ANSWERED_IN},
    {"# answered (out)", FIELD_ANSWERED_OUT},
    {"% answered (in)", FIELD_NONE},
    {"% answered (out)", FIELD_NONE},
    {"# missed (w/vm)", FIELD_MISSED},
    {"# missed (out)", FIELD_NONE},
    {"% missed (w/vm)", FIELD_NONE},
    {"% missed (out)", FIELD_NONE},
    {"# voicemail", FIELD_NONE},
    {"# refused", FIELD_NONE},
    {"total handle time", FIELD_HANDLE_TIME},
    {"total handle time (in)", FIELD_HANDLE_IN},
    {"total handle time (out)", FIELD_HANDLE_OUT},
    {"avg. handle time", FIELD_NONE},
    {"avg. handle time (in)", FIELD_NONE},
    {"avg. handle time (out)", FIELD_NONE},
    {"total call length", FIELD_NONE},
    {"total hold time", FIELD_NONE},
    {NULL, FIELD_NONE},
};

static const struct known filters_headers[] = {
    {"from time", FIELD_FROM_TIME},        {"to time", FIELD_TO_TIME}, {"call type", FIELD_NONE},
    {"call length from", FIELD_NONE},      {"sites", FIELD_NONE},      {"users", FIELD_NONE},
    {"call length to", FIELD_NONE},        {"groups", FIELD_NONE},     {"queues", FIELD_NONE},
    {"queue/non_queue calls", FIELD_NONE}, {NULL, FIELD_NONE},
};

/* Live Talk is what a Calls report calls Handle Time: two people talk, nobody is on hold. */
static const struct known records_headers[] = {
    {"from name", FIELD_FROM_NAME},
    {"from number", FIELD_FROM_NUMBER},
    {"to name", FIELD_TO_NAME},
    {"to number", FIELD_TO_NUMBER},
    {"date-time", FIELD_CALL_START},
    {"length", FIELD_CALL_LENGTH},
    {"direction", FIELD_DIRECTION},
    {"call type", FIELD_NONE},
    {"call response", FIELD_NONE},
    {"result", FIELD_RESULT},
    {"ringing", FIELD_NONE},
    {"ivr prompt", FIELD_NONE},
    {"live talk", FIELD_HANDLE_TIME},
    {"hold", FIELD_NONE},
    {"park", FIELD_NONE},
    {"transfer", FIELD_NONE},
    {"vm greeting", FIELD_NONE},
    {"voicemail", FIELD_NONE},
    {"setup", FIELD_NONE},
    {"forwarding", FIELD_NONE},
    {"origin", FIELD_NONE},
    {"call id", FIELD_SESSION_ID},
    {"hop id", FIELD_HOP_ID},
    {NULL, FIELD_NONE},
};

/* Name is that of the other side. */
static const struct known log_headers[] = {
    {"type", FIELD_TYPE},
    {"direction", FIELD_DIRECTION},
    {"from", FIELD_FROM_NUMBER},
    {"to", FIELD_TO_NUMBER},
    {"extension", FIELD_EXTENSION},
    {"forwarded to", FIELD_NONE},
    {"name", FIELD_NAME},
    {"date", FIELD_DATE},
    {"time", FIELD_TIME},
    {"action", FIELD_NONE},
    {"action result", FIELD_RESULT},
    {"result description", FIELD_NONE},
    {"duration", FIELD_CALL_LENGTH},
    {NULL, FIELD_NONE},
};

static const struct known qos_headers[] = {
    {"mos", FIELD_MOS},     {"mos score", FIELD_MOS},   {"jitter", FIELD_MOS},
    {"latency", FIELD_MOS}, {"packet loss", FIELD_MOS}, {"call quality", FIELD_MOS},
    {"codec", FIELD_MOS},   {"quality", FIELD_MOS},     {NULL, FIELD_NONE},
};

/* In the order in which they are asked: the richer set before the poorer one. */
static const struct rule {
    enum sheet_kind kind;
    const struct known *headers;
    enum field required[6]; /* up to FIELD_NONE */
} rules[] = {
    {SHEET_CALLS, calls_headers, {FIELD_SESSION_ID, FIELD_CALL_START, FIELD_DIRECTION, FIELD_NONE}},
    {SHEET_USERS, users_headers, {FIELD_NAME, FIELD_TOTAL_CALLS, FIELD_EXTENSION, FIELD_NONE}},
    {SHEET_CALLS_RECORDS,
     records_headers,
     {FIELD_SESSION_ID, FIELD_HOP_ID, FIELD_CALL_START, FIELD_NONE}},
    {SHEET_CALL_LOG,
     log_headers,
     {FIELD_DIRECTION, FIELD_DATE, FIELD_TIME, FIELD_RESULT, FIELD_CALL_LENGTH, FIELD_NONE}},
    {SHEET_FILTERS, filters_headers, {FIELD_FROM_TIME, FIELD_TO_TIME, FIELD_NONE}},
    {SHEET_QOS, qos_headers, {FIELD_MOS, FIELD_NONE}},
    {SHEET_KPIS, users_headers, {FIELD_TOTAL_CALLS, FIELD_INBOUND, FIELD_NONE}},
};

const char *field_name(enum field field)
{
    static const char *const names[FIELD_COUNT] = {
        [FIELD_SESSION_ID] = "Session Id",
        [FIELD_FROM_NAME] = "From Name",
        [FIELD_FROM_NUMBER] = "From Number",
        [FIELD_TO_NAME] = "To Name",
        [FIELD_TO_NUMBER] = "To Number",
        [FIELD_RESULT] = "Result",
        [FIELD_CALL_LENGTH] = "Call Length",
        [FIELD_CALL_START] = "Call Start Time",
        [FIELD_DIRECTION] = "Call Direction",
        [FIELD_QUEUE] = "Queue",
        [FIELD_HANDLE_TIME] = "Handle Time",
        [FIELD_NAME] = "Name",
        [FIELD_STATUS] = "User Status",
        [FIELD_EXTENSION] = "Ext",
        [FIELD_EMAIL] = "Email",
        [FIELD_TOTAL_CALLS] = "Total Calls",
        [FIELD_INBOUND] = "# Inbound",
        [FIELD_OUTBOUND] = "# Outbound",
        [FIELD_ANSWERED_IN] = "# Answered (in)",
        [FIELD_ANSWERED_OUT] = "# Answered (out)",
        [FIELD_MISSED] = "# Missed (w/VM)",
        [FIELD_HANDLE_IN] = "Total Handle Time (in)",
        [FIELD_HANDLE_OUT] = "Total Handle Time (out)",
        [FIELD_FROM_TIME] = "From Time",
        [FIELD_TO_TIME] = "To Time",
        [FIELD_HOP_ID] = "Hop Id",
        [FIELD_TYPE] = "Type",
        [FIELD_DATE] = "Date",
        [FIELD_TIME] = "Time",
        [FIELD_MOS] = "MOS",
    };
    g_assert(field < FIELD_COUNT && names[field] != NULL);
    return names[field];
}

const char *sheet_kind_name(enum sheet_kind kind)
{
    static const char *const names[] = {
        [SHEET_UNKNOWN] = NULL,
        [SHEET_CALLS] = "calls",
        [SHEET_USERS] = "users",
        [SHEET_FILTERS] = "filters",
        [SHEET_KPIS] = "kpis",
        [SHEET_CALLS_RECORDS] = "calls-records",
        [SHEET_CALL_LOG] = "call-log",
        [SHEET_QOS] = "qos",
        [SHEET_QUEUES] = "queues",
        [SHEET_COMPANY_NUMBERS] = "company-numbers",
        [SHEET_GROUP_USERS] = "group-users",
    };
    g_assert((size_t)kind < G_N_ELEMENTS(names));
    return names[kind];
}

struct columns *columns_new(const struct labels *labels)
{
    struct columns *columns = g_new0(struct columns, 1);
    columns->labels = labels;
    columns->fields = g_array_new(FALSE, TRUE, sizeof(enum field));
    columns->names = g_ptr_array_new_with_free_func(g_free);
    return columns;
}

void columns_free(struct columns *columns)
{
    if (columns == NULL)
        return;
    g_array_unref(columns->fields);
    g_ptr_array_unref(columns->names);
    g_free(columns->repeated);
    g_free(columns);
}

static bool is_invisible(gunichar c)
{
    return c == 0xad || (c >= 0x200b && c <= 0x200f) || c == 0x2060 || c == 0xfeff;
}

/* As columns_fold(), of what needs no tables. */
static char *fold_ascii(const char *header)
{
    char *folded = g_malloc(strlen(header) + 1), *to = folded;
    bool blank = false;
    for (const char *p = header; *p != '\0'; p++) {
        if (!g_ascii_isgraph(*p)) {
            blank = to > folded;
            continue;
        }
        if (blank)
            *to++ = ' ';
        blank = false;
        *to++ = ascii_lower(*p);
    }
    *to = '\0';
    return folded;
}

char *columns_fold(const char *header)
{
    if (g_str_is_ascii(header))
        return fold_ascii(header);
    g_autofree char *valid = g_utf8_make_valid(header, -1);
    g_autofree char *normal = g_utf8_normalize(valid, -1, G_NORMALIZE_ALL_COMPOSE);
    g_autoptr(GString) folded = g_string_new(NULL);
    bool blank = false;
    for (char *p = normal; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (is_invisible(c))
            continue;
        if (g_unichar_isspace(c) || g_unichar_iscntrl(c)) {
            blank = folded->len > 0;
            continue;
        }
        if (blank)
            g_string_append_c(folded, ' ');
        blank = false;
        g_string_append_unichar(folded, g_unichar_tolower(c));
    }
    return g_string_free(g_steal_pointer(&folded), FALSE);
}

/* What is known so far of a header that may be cut off. */
struct search {
    const char *folded;
    size_t length;
    const char *found; /* the last known header that begins with it */
    size_t beginnings;
    enum field field;
    bool is_exact;
};

static void look_at(struct search *search, const char *header, enum field field)
{
    if (search->is_exact || header[0] != search->folded[0] ||
        strncmp(header, search->folded, search->length) != 0)
        return;
    search->is_exact = header[search->length] == '\0';
    if (search->found == NULL || strcmp(search->found, header) != 0)
        search->beginnings++;
    search->found = header;
    search->field = field;
}

/* The workbook's own words go before the English ones. */
static bool match(const struct columns *columns, const struct rule *rule, const char *folded,
                  enum field *field)
{
    struct search search = {.folded = folded, .length = strlen(folded)};
    enum sheet_kind kind = rule->kind == SHEET_KPIS ? SHEET_USERS : rule->kind;
    size_t count;
    const struct label *labels = labels_headers(columns->labels, &count);
    for (size_t i = 0; i < count; i++)
        if (labels[i].kind == kind)
            look_at(&search, labels[i].folded, labels[i].field);
    for (const struct known *known = rule->headers; known->header != NULL; known++)
        look_at(&search, known->header, known->field);
    if (!search.is_exact && (search.beginnings != 1 || g_utf8_strlen(folded, -1) < PREFIX_MIN))
        return false;
    *field = search.field;
    return true;
}

bool columns_match(const struct columns *columns, enum sheet_kind kind, const char *folded,
                   enum field *field)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
        if (rules[i].kind == kind)
            return match(columns, &rules[i], folded, field);
    }
    return false;
}

enum sheet_kind columns_kind_by_name(const struct columns *columns, const char *sheet_name)
{
    static const struct {
        const char *name;
        enum sheet_kind kind;
    } names[] = {
        {"queues", SHEET_QUEUES},
        {"company numbers", SHEET_COMPANY_NUMBERS},
        {"group users", SHEET_GROUP_USERS},
    };
    g_autofree char *folded = columns_fold(sheet_name);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(folded, names[i].name) == 0)
            return names[i].kind;
    }
    return labels_kind_by_name(columns->labels, folded);
}

/* Where the headers of other reports differ from those of Calls. */
static const struct {
    enum sheet_kind kind;
    enum field field;
    const char *name;
} other_names[] = {
    {SHEET_CALLS_RECORDS, FIELD_SESSION_ID, "Call Id"},
    {SHEET_CALLS_RECORDS, FIELD_CALL_START, "Date-Time"},
    {SHEET_CALLS_RECORDS, FIELD_CALL_LENGTH, "Length"},
    {SHEET_CALLS_RECORDS, FIELD_DIRECTION, "Direction"},
    {SHEET_CALLS_RECORDS, FIELD_HANDLE_TIME, "Live Talk"},
    {SHEET_CALL_LOG, FIELD_DIRECTION, "Direction"},
    {SHEET_CALL_LOG, FIELD_FROM_NUMBER, "From"},
    {SHEET_CALL_LOG, FIELD_TO_NUMBER, "To"},
    {SHEET_CALL_LOG, FIELD_EXTENSION, "Extension"},
    {SHEET_CALL_LOG, FIELD_RESULT, "Action Result"},
    {SHEET_CALL_LOG, FIELD_CALL_LENGTH, "Duration"},
    {SHEET_USERS, FIELD_HANDLE_TIME, "Total Handle Time"},
    {SHEET_KPIS, FIELD_HANDLE_TIME, "Total Handle Time"},
};

const char *columns_name(const struct columns *columns, enum field field)
{
    for (guint i = 0; columns->has[field] && i < columns->fields->len; i++) {
        const char *name = g_ptr_array_index(columns->names, i);
        if (g_array_index(columns->fields, enum field, i) == field && name != NULL)
            return name;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(other_names); i++)
        if (other_names[i].kind == columns->kind && other_names[i].field == field)
            return other_names[i].name;
    return field_name(field);
}

/* How many of the rule's required fields the row has; *missing is one that it has not. */
static size_t count_required(const struct columns *columns, const struct rule *rule,
                             GPtrArray *folded, enum field *missing)
{
    bool has[FIELD_COUNT] = {false};
    for (guint i = 0; i < folded->len; i++) {
        enum field field;
        if (match(columns, rule, g_ptr_array_index(folded, i), &field))
            has[field] = true;
    }
    size_t found = 0;
    *missing = FIELD_NONE;
    for (size_t r = 0; rule->required[r] != FIELD_NONE; r++) {
        if (has[rule->required[r]])
            found++;
        else
            *missing = rule->required[r];
    }
    return found;
}

static bool is_name_taken(const struct columns *columns, const char *name)
{
    for (guint i = 0; i < columns->names->len; i++) {
        const char *other = g_ptr_array_index(columns->names, i);
        if (other != NULL && strcmp(other, name) == 0)
            return true;
    }
    return false;
}

/* "A" for 0, as in a spreadsheet's margin. */
static void append_letters(GString *text, uint32_t column)
{
    if (column >= 26)
        append_letters(text, column / 26 - 1);
    g_string_append_c(text, (char)('A' + column % 26));
}

/* What the column is called: its header, cut, and no other's name if it has no field. */
static char *name_of(const struct columns *columns, enum field field, const struct cell *cell)
{
    g_autofree char *name = g_strndup(cell->text, cell->length);
    g_strstrip(name);
    if (strlen(name) > LIMIT_REPORT_TEXT / 4)
        name[LIMIT_REPORT_TEXT / 4] = '\0';
    if (field != FIELD_NONE || !is_name_taken(columns, name))
        return g_utf8_make_valid(name, -1);
    g_autoptr(GString) other = g_string_new(name);
    g_string_append(other, " (column ");
    append_letters(other, cell->column);
    g_string_append_c(other, ')');
    return g_utf8_make_valid(other->str, -1);
}

static void set_columns(struct columns *columns, const struct rule *rule, const struct cell *cells,
                        size_t count, GPtrArray *folded)
{
    uint32_t width = cells[count - 1].column + 1;
    g_array_set_size(columns->fields, width);
    g_ptr_array_set_size(columns->names, (gint)width);
    for (size_t i = 0; i < count; i++) {
        enum field field = FIELD_NONE;
        bool is_known = match(columns, rule, g_ptr_array_index(folded, i), &field);
        if (is_known && field != FIELD_NONE && columns->has[field]) {
            if (columns->repeated == NULL)
                columns->repeated = g_strdup(columns_name(columns, field));
            field = FIELD_NONE;
        }
        columns->has[field] = true;
        g_array_index(columns->fields, enum field, cells[i].column) = field;
        columns->names->pdata[cells[i].column] = name_of(columns, field, &cells[i]);
    }
}

static bool may_be_header(const struct cell *cell)
{
    return cell->kind == CELL_TEXT && cell->length <= LIMIT_REPORT_TEXT / 4;
}

bool columns_take_header(struct columns *columns, const char *sheet_name, const struct cell *cells,
                         size_t count)
{
    /* No report has more; a row of sixteen thousand cells is not worth comparing. */
    if (count == 0 || count > LIMIT_HEADER_COLUMNS)
        return false;
    g_autoptr(GPtrArray) folded = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < count; i++) {
        g_autofree char *header =
            g_strndup(cells[i].text, may_be_header(&cells[i]) ? cells[i].length : 0);
        g_ptr_array_add(folded, columns_fold(header));
    }

    enum sheet_kind named = columns_kind_by_name(columns, sheet_name);
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
        enum field missing;
        size_t found = count_required(columns, &rules[i], folded, &missing);
        if (missing == FIELD_NONE) {
            columns->kind = rules[i].kind;
            /* Queues are listed under the headers of Users: their rows are not people. */
            if (named != SHEET_UNKNOWN && columns->kind == SHEET_USERS)
                columns->kind = named;
            set_columns(columns, &rules[i], cells, count, folded);
            return true;
        }
        bool is_read = rules[i].kind == SHEET_CALLS || rules[i].kind == SHEET_USERS;
        if (is_read && named == SHEET_UNKNOWN && found == 2 && columns->near == SHEET_UNKNOWN) {
            columns->near = rules[i].kind;
            columns->missing = missing;
        }
    }
    return false;
}

enum field columns_field(const struct columns *columns, uint32_t column)
{
    return column < columns->fields->len ? g_array_index(columns->fields, enum field, column)
                                         : FIELD_NONE;
}

/*
 * See ricochet.h. One table has the fields with their names in the known forms; a map of the agency
 * goes before it.
 */
#include "ingest/ricochet.h"

#include "base/error.h"
#include "base/limits.h"
#include "report/cell.h"

#include <string.h>

enum field {
    FIELD_ID,
    FIELD_PHONE,
    FIELD_TO,
    FIELD_OUTBOUND,
    FIELD_CALL_TYPE,
    FIELD_DURATION,
    FIELD_CREATED_AT,
    FIELD_ANSWERED_AT,
    FIELD_CURRENT_DATE,
    FIELD_CURRENT_TIME,
    FIELD_USER_NAME,
    FIELD_USER_EMAIL,
    FIELD_EXTENSION,
    FIELD_COUNT,
};

static const struct {
    const char *name; /* ours, in a map */
    const char *forms[2];
} fields[FIELD_COUNT] = {
    [FIELD_ID] = {"id", {"id", "call_id"}},
    [FIELD_PHONE] = {"phone", {"phone", NULL}},
    [FIELD_TO] = {"to", {"to", NULL}},
    [FIELD_OUTBOUND] = {"outbound", {"outbound", NULL}},
    [FIELD_CALL_TYPE] = {"call_type", {NULL, "call_type"}},
    [FIELD_DURATION] = {"duration", {"Duration", "call_duration"}},
    [FIELD_CREATED_AT] = {"created_at", {"created_at", NULL}},
    [FIELD_ANSWERED_AT] = {"answered_at", {"answered_at", NULL}},
    [FIELD_CURRENT_DATE] = {"current_date", {NULL, "current_date"}},
    [FIELD_CURRENT_TIME] = {"current_time", {NULL, "current_time"}},
    [FIELD_USER_NAME] = {"user_name", {"User's name", NULL}},
    [FIELD_USER_EMAIL] = {"user_email", {"User's email", NULL}},
    [FIELD_EXTENSION] = {"extension", {"extension", "extension"}},
};

bool ricochet_is_field(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        if (strcmp(fields[i].name, name) == 0)
            return true;
    return false;
}

void ricochet_call_clear(struct ricochet_call *call)
{
    g_free(call->id);
    g_free(call->call_type);
    g_free(call->phone);
    g_free(call->to);
    g_free(call->user_name);
    g_free(call->user_email);
    g_free(call->extension);
    memset(call, 0, sizeof *call);
}

/* The name under which the event has the field: the map's; else that of a form, the first that says
 * something. Borrowed; *word (may be NULL) is what it says, g_free it. */
static const char *find(const struct json *event, const struct json *map, enum field field,
                        char **word)
{
    const char *mapped = map != NULL ? json_member_text(map, fields[field].name) : NULL;
    const char *const names[] = {mapped, fields[field].forms[0], fields[field].forms[1]};
    const char *name = NULL;
    *word = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(names) && *word == NULL; i++) {
        if (names[i] == NULL)
            continue;
        *word = json_member_word(event, names[i]);
        if (*word != NULL || name == NULL)
            name = names[i];
    }
    return name;
}

static char *word_of(const struct json *event, const struct json *map, enum field field)
{
    char *word;
    find(event, map, field, &word);
    return word;
}

bool ricochet_is_lead(const struct json *event, const struct json *map)
{
    g_autofree char *id = word_of(event, map, FIELD_ID);
    bool looks_so = json_member(event, "uniqueIdentifier") != NULL ||
                    json_holds_object(json_member(event, "customer"));
    return looks_so && id == NULL;
}

/* --- text --- */

/* Plain and bounded, as names in reports are. */
static char *plain(char *word)
{
    if (word == NULL)
        return NULL;
    struct cell cell = {.kind = CELL_TEXT, .text = word, .length = strlen(word)};
    g_autoptr(GString) text = g_string_new(NULL);
    bool has_text = cell_text(&cell, text, NULL) == CELL_OK;
    g_free(word);
    if (!has_text || text->len == 0)
        return NULL;
    if (text->len > LIMIT_REPORT_TEXT) {
        const char *end = g_utf8_find_prev_char(text->str, text->str + LIMIT_REPORT_TEXT + 1);
        g_string_truncate(text, (gsize)(end - text->str));
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static bool read_id(const struct json *event, const struct json *map, char **id, GError **error)
{
    char *word;
    const char *name = find(event, map, FIELD_ID, &word);
    *id = plain(word);
    if (*id == NULL)
        return error_perm(error, "%s: the id of the call is missing", name);
    if (strlen(*id) > LIMIT_SESSION_ID)
        return error_perm(error, "%s: it has more than %d octets", name, LIMIT_SESSION_ID);
    return true;
}

/* --- direction --- */

static bool read_outbound(const char *name, const char *word, enum report_direction *direction,
                          GError **error)
{
    static const char *const yes[] = {"true", "1", "yes", "outbound", NULL};
    static const char *const no[] = {"false", "0", "no", "inbound", NULL};
    g_autofree char *lower = g_ascii_strdown(word, -1);
    if (g_strv_contains(yes, lower))
        *direction = REPORT_OUTBOUND;
    else if (g_strv_contains(no, lower))
        *direction = REPORT_INBOUND;
    else
        return error_perm(error, "%s: it is neither true nor false", name);
    return true;
}

/* Kinds that nobody has told us of have no direction. */
static bool read_call_type(const char *name, const char *word, enum report_direction *direction,
                           GError **error)
{
    enum { OUTBOUND_TO = 6, INBOUND = 7, INBOUND_TOO = 10, MOST = 1000 };
    guint64 type;
    if (!g_ascii_string_to_unsigned(word, 10, 0, MOST, &type, NULL))
        return error_perm(error, "%s: it is no number", name);
    if (type >= 1 && type <= OUTBOUND_TO)
        *direction = REPORT_OUTBOUND;
    else if (type == INBOUND || type == INBOUND_TOO)
        *direction = REPORT_INBOUND;
    return true;
}

static bool read_direction(const struct json *event, const struct json *map,
                           struct ricochet_call *call, GError **error)
{
    g_autofree char *outbound = NULL, *type = NULL;
    const char *outbound_name = find(event, map, FIELD_OUTBOUND, &outbound);
    const char *type_name = find(event, map, FIELD_CALL_TYPE, &type);
    call->direction = REPORT_DIRECTION_UNKNOWN;
    call->call_type = plain(g_strdup(type));
    if (outbound != NULL)
        return read_outbound(outbound_name, outbound, &call->direction, error);
    return type == NULL || read_call_type(type_name, type, &call->direction, error);
}

/* --- times --- */

static bool read_duration(const struct json *event, const struct json *map, int64_t *seconds,
                          GError **error)
{
    char *text;
    const char *name = find(event, map, FIELD_DURATION, &text);
    g_autofree char *word = text;
    char *end = NULL;
    *seconds = REPORT_UNKNOWN;
    if (word == NULL)
        return true;
    if (word[0] == '-')
        return error_perm(error, "%s: it is below zero", name);
    struct cell cell = {.kind = CELL_TEXT, .text = word, .length = strlen(word)};
    if (strchr(word, ':') != NULL && cell_duration(&cell, LIMIT_DURATION, seconds, NULL) == CELL_OK)
        return true;
    double number = g_ascii_strtod(word, &end);
    if (!g_ascii_isdigit(word[0]) || *end != '\0' || strpbrk(word, "xXpP") != NULL)
        return error_perm(error, "%s: it is no number of seconds", name);
    if (!(number <= LIMIT_DURATION))
        return error_perm(error, "%s: no call lasts more than %d seconds", name, LIMIT_DURATION);
    *seconds = (int64_t)number;
    return true;
}

static int64_t in_range(int64_t utc)
{
    const int64_t first = INT64_C(946684800), last = INT64_C(4133980800); /* 2000, 2101 */
    return utc >= first && utc < last ? utc : REPORT_UNKNOWN;
}

/* With an offset, or on the wall of the zone; unknown if it cannot be read. */
static int64_t read_time(const char *word, const struct day_zone *zone)
{
    g_autoptr(GDateTime) moment = g_date_time_new_from_iso8601(word, NULL);
    if (moment != NULL)
        return in_range(g_date_time_to_unix(moment));
    struct cell cell = {.kind = CELL_TEXT, .text = word, .length = strlen(word)};
    struct cell_calendar calendar = {.order = CELL_MONTH_FIRST};
    int64_t civil;
    if (cell_datetime(&cell, &calendar, &civil, NULL) != CELL_OK)
        return REPORT_UNKNOWN;
    return in_range(day_zone_utc(zone, civil));
}

/* YYYYMMDD, or a date with dashes, and a clock, or HHMMSS. */
static int64_t read_date_and_time(const char *date, const char *clock, const struct day_zone *zone)
{
    enum { DIGITS = 8, CLOCK_DIGITS = 6 };
    g_autoptr(GString) text = g_string_new(date);
    if (text->len == DIGITS && strspn(date, "0123456789") == DIGITS) {
        g_string_insert_c(text, 6, '-');
        g_string_insert_c(text, 4, '-');
    }
    g_string_append_printf(text, " %s", clock);
    if (strlen(clock) == CLOCK_DIGITS && strspn(clock, "0123456789") == CLOCK_DIGITS) {
        g_string_insert_c(text, (gssize)text->len - 2, ':');
        g_string_insert_c(text, (gssize)text->len - 5, ':');
    }
    return read_time(text->str, zone);
}

static int64_t read_start(const struct json *event, const struct json *map,
                          const struct day_zone *zone)
{
    g_autofree char *created = word_of(event, map, FIELD_CREATED_AT);
    g_autofree char *date = word_of(event, map, FIELD_CURRENT_DATE);
    g_autofree char *clock = word_of(event, map, FIELD_CURRENT_TIME);
    if (created != NULL)
        return read_time(created, zone);
    return date != NULL && clock != NULL ? read_date_and_time(date, clock, zone) : REPORT_UNKNOWN;
}

/* --- the event --- */

bool ricochet_read(const struct json *event, const struct json *map, const struct day_zone *zone,
                   struct ricochet_call *call, GError **error)
{
    memset(call, 0, sizeof *call);
    if (!read_id(event, map, &call->id, error) || !read_direction(event, map, call, error) ||
        !read_duration(event, map, &call->duration, error))
        return false;
    g_autofree char *answered_at = word_of(event, map, FIELD_ANSWERED_AT);
    call->answered = answered_at != NULL || call->duration > 0;
    call->start = read_start(event, map, zone);
    call->phone = plain(word_of(event, map, FIELD_PHONE));
    call->to = plain(word_of(event, map, FIELD_TO));
    call->user_name = plain(word_of(event, map, FIELD_USER_NAME));
    call->user_email = plain(word_of(event, map, FIELD_USER_EMAIL));
    call->extension = plain(word_of(event, map, FIELD_EXTENSION));
    return true;
}

struct merge {
    struct json *to;
    const struct json *from, *map;
    bool keeps_start;
};

static bool tells_start(const struct merge *merge, const char *name)
{
    static const enum field times[] = {FIELD_CREATED_AT, FIELD_CURRENT_DATE, FIELD_CURRENT_TIME};
    for (size_t i = 0; i < G_N_ELEMENTS(times); i++) {
        g_autofree char *word = NULL;
        if (g_strcmp0(find(merge->from, merge->map, times[i], &word), name) == 0)
            return true;
    }
    return false;
}

/* The first that says something stays. */
static void add_member(void *context, const char *name, const struct json *value)
{
    struct merge *merge = context;
    (void)value;
    g_autofree char *word = json_member_word(merge->from, name);
    if (word != NULL && json_member(merge->to, name) == NULL &&
        !(merge->keeps_start && tells_start(merge, name)))
        json_set_text(merge->to, name, word);
}

struct json *ricochet_merge(const struct json *before, const struct json *event,
                            const struct json *map, bool keeps_start)
{
    struct merge merge = {
        .to = json_object_new(), .from = event, .map = map, .keeps_start = keeps_start};
    json_each_member(event, add_member, &merge);
    if (before != NULL) {
        merge.from = before;
        merge.keeps_start = false;
        json_each_member(before, add_member, &merge);
    }
    return merge.to;
}

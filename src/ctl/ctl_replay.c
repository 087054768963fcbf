/*
 * replay: kept messages read again with the code of today.
 *
 * The bytes are read in child processes, as those of the daemon are, and all of them before the
 * transaction begins: a daemon beside us waits for the writing alone.
 */
#include "ctl/command.h"
#include "ctl/ctl.h"

#include "ctl/ctl_verify.h"
#include "ctl/output.h"
#include "ingest/replay.h"

#include <string.h>

static void clear_item(void *data)
{
    struct replay_item *item = data;
    g_clear_pointer(&item->logs, g_array_unref);
    report_free(item->report);
}

static int read_since(const struct ctl *ctl, int64_t *since)
{
    const char *text = ctl->option[CTL_SINCE];
    int32_t date;
    *since = 0;
    if (text == NULL || day_time_parse(text, since))
        return EX_OK;
    if (!day_date_parse(text, &date))
        return ctl_complain(
            EX_USAGE, "--since %s is no time: write 2026-01-05 or 2026-01-05T06:00:00Z", text);
    *since = (int64_t)date * DAY_SECONDS;
    return EX_OK;
}

static int check_arguments(const struct ctl *ctl, const char *id, int64_t *since)
{
    const char *verdict = ctl->option[CTL_VERDICT];
    bool has_choice = verdict != NULL || ctl->option[CTL_SINCE] != NULL;
    enum report_verdict known;
    if ((id != NULL) == has_choice)
        return ctl_complain(EX_USAGE, "replay wants the ID of one message, or --verdict V, --since "
                                      "TIME or both");
    if (verdict != NULL && !report_verdict_parse(verdict, &known))
        return ctl_complain(EX_USAGE, "--verdict %s is none: see callmxctl log", verdict);
    return read_since(ctl, since);
}

/* Which messages: one by its id, or those of a verdict and time. */
static int choose(struct ctl *ctl, const char *id, int64_t since, GPtrArray **ids)
{
    g_autoptr(GError) error = NULL;
    if (id != NULL) {
        *ids = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(*ids, g_strdup(id));
        return EX_OK;
    }
    *ids = store_log_select(ctl->db, ctl->option[CTL_VERDICT], since, &error);
    return *ids != NULL ? EX_OK : ctl_fail(error, EX_UNAVAILABLE);
}

static int read_again(struct ctl *ctl, const char *id, const void *bytes, size_t size,
                      struct replay_item *item)
{
    const struct store_log *log = &g_array_index(item->logs, struct store_log, 0);
    bool is_mail = log->sender != NULL && strcmp(log->channel, "upload") != 0;
    struct parser_limits limits;
    int64_t most;
    int code = ctl_parser_limits(ctl, &limits, &most);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    const struct parser_input input = {
        .bytes = bytes, .size = size, .kind = is_mail ? REPORT_INPUT_MAIL : REPORT_INPUT_GUESS};
    item->report = parser_process_read(&limits, &input, &error);
    return item->report != NULL ? EX_OK
                                : ctl_complain(EX_SOFTWARE, "message %s: %s", id, error->message);
}

static int load(struct ctl *ctl, const char *id, GArray *items)
{
    g_autoptr(GError) error = NULL;
    struct replay_item item = {.logs = store_log_of_message(ctl->db, id, &error)};
    g_autofree char *trace = NULL;
    g_autofree void *bytes = NULL;
    size_t size = 0;
    int code = EX_OK;
    if (item.logs == NULL)
        return ctl_fail(error, EX_UNAVAILABLE);
    if (item.logs->len == 0)
        code = ctl_complain(EX_NOUSER, "there is no message %s: see callmxctl log", id);
    else if (g_array_index(item.logs, struct store_log, 0).replay_of != NULL)
        code = ctl_complain(EX_DATAERR, "%s is a replay itself: name the message, %s", id,
                            g_array_index(item.logs, struct store_log, 0).replay_of);
    else if (!store_raw_find(ctl->db, id, &trace, &bytes, &size, &error))
        code = ctl_fail(error, EX_UNAVAILABLE);
    else if (bytes == NULL)
        code = ctl_complain(EX_NOINPUT, "the bytes of message %s are not kept any more", id);
    else
        code = read_again(ctl, id, bytes, size, &item);
    if (code == EX_OK)
        g_array_append_val(items, item);
    else
        clear_item(&item);
    return code;
}

static void tell_json(const struct replay *replay, bool dry)
{
    struct json *object = json_object_new();
    struct json *messages = json_array_new();
    for (guint i = 0; i < replay->results->len; i++) {
        const struct replay_result *result =
            &g_array_index(replay->results, struct replay_result, i);
        struct json *one = json_object_new();
        json_set_text(one, "id", result->id);
        json_set_text(one, "agency_id", result->agency_id);
        json_set_text(one, "before", result->before);
        json_set_text(one, "after", result->after);
        json_append(messages, one);
    }
    json_set_bool(object, "dry_run", dry);
    json_set(object, "messages", messages);
    json_set(object, "differences", ctl_differences_json(replay->differences));
    output_json(object);
}

static void tell(const struct replay *replay, bool dry)
{
    struct output_table *table =
        output_table_new((const char *const[]){"MESSAGE", "BEFORE", "NOW", NULL});
    for (guint i = 0; i < replay->results->len; i++) {
        const struct replay_result *result =
            &g_array_index(replay->results, struct replay_result, i);
        output_table_text(table, result->id);
        output_table_text(table, result->before);
        output_table_text(table, result->after);
    }
    output_table_print(table, "no such message is kept");
    if (replay->differences->len == 0) {
        output_line("%s", dry ? "no figure would change" : "no figure has changed");
        return;
    }
    output_line("%u figures %s", replay->differences->len, dry ? "would change" : "have changed");
    ctl_differences_print(replay->differences, ">BEFORE", ">NOW");
}

static int run(struct ctl *ctl, const GArray *items)
{
    g_autoptr(GError) error = NULL;
    bool dry = ctl->option[CTL_DRY_RUN] != NULL;
    struct replay replay;
    int code = EX_OK;
    if (!replay_run(ctl->db, (const struct replay_item *)(const void *)items->data, items->len, dry,
                    &replay, &error))
        code = ctl_fail(error, EX_UNAVAILABLE);
    else if (ctl->option[CTL_JSON] != NULL)
        tell_json(&replay, dry);
    else
        tell(&replay, dry);
    replay_clear(&replay);
    return code;
}

int ctl_replay(struct ctl *ctl, char **words)
{
    int64_t since = 0;
    int code = check_arguments(ctl, words[0], &since);
    if (code == EX_OK)
        code = ctl_open(ctl, DB_WRITE);
    g_autoptr(GPtrArray) ids = NULL;
    if (code == EX_OK)
        code = choose(ctl, words[0], since, &ids);
    g_autoptr(GArray) items = g_array_new(FALSE, FALSE, sizeof(struct replay_item));
    g_array_set_clear_func(items, clear_item);
    for (guint i = 0; code == EX_OK && i < ids->len; i++)
        code = load(ctl, g_ptr_array_index(ids, i), items);
    return code == EX_OK ? run(ctl, items) : code;
}

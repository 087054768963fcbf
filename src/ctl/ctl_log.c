/*
 * log and show: what was received.
 *
 * All of it was written by strangers; text for people is escaped on its way (output.h). Addresses
 * hold keys, which are secrets, and are shortened. Only show --raw gives bytes as they came, and
 * never to a terminal.
 */
#include "ctl/command.h"
#include "ctl/ctl.h"

#include "ctl/ctl_file.h"
#include "ctl/output.h"
#include "db/store_message.h"
#include "view/view.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void print_log(const GArray *entries)
{
    struct output_table *table = output_table_new((const char *const[]){
        "RECEIVED", "VERDICT", "CHANNEL", ">BYTES", "ID", "SENDER", "REASON", NULL});
    for (guint i = 0; i < entries->len; i++) {
        const struct store_log *log = &g_array_index(entries, struct store_log, i);
        output_table_time(table, log->received_at);
        output_table_text(table, log->verdict);
        output_table_text(table, log->channel);
        output_table_count(table, log->bytes);
        output_table_text(table, log->id);
        output_table_text(table, g_strcmp0(log->sender, "") == 0 ? "<>" : log->sender);
        output_table_text(table, log->error_message);
    }
    output_table_print(table, "nothing was received yet");
}

int ctl_log(struct ctl *ctl, char **words)
{
    int64_t limit = 0;
    bool has_agency = words[0] != NULL;
    int code = ctl_limit(ctl, &limit);
    if (code == EX_OK)
        code =
            has_agency ? ctl_open_agency(ctl, DB_READONLY, words[0]) : ctl_open(ctl, DB_READONLY);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) entries = store_log_list(ctl->db, ctl->agency.id, limit, &error);
    if (entries == NULL)
        return ctl_fail(error, EX_UNAVAILABLE);
    if (ctl->option[CTL_JSON] == NULL) {
        print_log(entries);
        return EX_OK;
    }
    struct json *array = json_array_new();
    for (guint i = 0; i < entries->len; i++) {
        const struct store_log *log = &g_array_index(entries, struct store_log, i);
        struct json *object = json_object_new();
        view_log(object, log);
        if (!has_agency)
            json_set_text(object, "agency_id", log->agency_id);
        json_append(array, object);
    }
    output_json(array);
    return EX_OK;
}

/* Name of the agency of an entry, "-" for postmaster's mail; g_free it. */
static char *agency_name(struct ctl *ctl, const char *agency_id)
{
    struct store_agency agency = {0};
    if (agency_id == NULL || !store_agency_find(ctl->db, agency_id, ctl->now, &agency, NULL))
        return NULL;
    char *name = g_strdup(agency.name);
    store_agency_clear(&agency);
    return name;
}

static struct json *show_json(struct ctl *ctl, const GArray *entries, bool has_raw)
{
    struct json *array = json_array_new();
    for (guint i = 0; i < entries->len; i++) {
        const struct store_log *log = &g_array_index(entries, struct store_log, i);
        g_autofree char *recipient = output_short_address(log->recipient);
        g_autofree char *agency = agency_name(ctl, log->agency_id);
        struct json *object = json_object_new();
        view_log(object, log);
        json_set_text(object, "agency_id", log->agency_id);
        json_set_text(object, "agency", agency);
        json_set_text(object, "recipient", recipient);
        json_set_bool(object, "has_raw", has_raw);
        json_append(array, object);
    }
    return array;
}

static void show_text(struct ctl *ctl, const struct store_log *log, bool has_raw)
{
    g_autofree char *recipient = output_short_address(log->recipient);
    g_autofree char *agency = agency_name(ctl, log->agency_id);
    output_field("id", log->id);
    output_field_time("received", log->received_at);
    output_field("agency", agency);
    output_field("channel", log->channel);
    output_field("sender", g_strcmp0(log->sender, "") == 0 ? "<>" : log->sender);
    output_field("recipient", recipient);
    output_field("subject", log->subject);
    output_field("message-id", log->message_id);
    output_field("verdict", log->verdict);
    if (log->error_message != NULL)
        output_field("reason", log->error_message);
    if (log->link != NULL)
        output_field("link", log->link);
    if (log->subscription != NULL)
        output_field("subscription", log->subscription);
    if (log->replay_of != NULL)
        output_field("replay of", log->replay_of);
    output_field_count("bytes", log->bytes);
    output_field("sha256", log->sha256);
    output_field_count("took (ms)", log->took_ms);
    output_field("raw", has_raw ? "kept" : "not kept any more");
    AUTO(json) files = view_log_files(log);
    for (size_t i = 0; i < json_length(files); i++)
        ctl_file_print(json_item(files, i));
}

int ctl_show(struct ctl *ctl, char **words)
{
    bool wants_raw = ctl->option[CTL_RAW] != NULL;
    if (wants_raw && ctl->option[CTL_JSON] != NULL)
        return ctl_complain(EX_USAGE, "--raw gives bytes and --json a document: take one of them");
    if (wants_raw && isatty(STDOUT_FILENO))
        return ctl_complain(EX_USAGE, "bytes of strangers do not go to a terminal: write them to "
                                      "a file with > FILE");
    int code = ctl_open(ctl, DB_READONLY);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) entries = store_log_of_message(ctl->db, words[0], &error);
    if (entries == NULL)
        return ctl_fail(error, EX_UNAVAILABLE);
    if (entries->len == 0)
        return ctl_complain(EX_NOUSER, "there is no message %s: callmxctl log lists them",
                            words[0]);
    g_autofree char *trace = NULL;
    g_autofree void *bytes = NULL;
    size_t size = 0;
    if (!store_raw_find(ctl->db, words[0], &trace, &bytes, &size, &error))
        return ctl_fail(error, EX_UNAVAILABLE);
    bool has_raw = bytes != NULL;
    if (wants_raw && !has_raw)
        return ctl_complain(EX_NOINPUT,
                            "the bytes of %s are not kept any more: see raw in [retention] of the "
                            "configuration",
                            words[0]);
    if (wants_raw) {
        fputs(trace != NULL ? trace : "", stdout);
        fwrite(bytes, 1, size, stdout);
    } else if (ctl->option[CTL_JSON] != NULL) {
        output_json(show_json(ctl, entries, has_raw));
    } else {
        for (guint i = 0; i < entries->len; i++) {
            fputs(i > 0 ? "\n\n" : "", stdout);
            show_text(ctl, &g_array_index(entries, struct store_log, i), has_raw);
        }
    }
    return EX_OK;
}

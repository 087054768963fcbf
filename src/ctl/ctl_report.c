/*
 * report explain, ingest: a workbook or a mail from a file instead of from the wire.
 *
 * The bytes are read in a child process (parser_process.h), never in this one: a hostile file does
 * no more harm here than in the daemon. Ingest goes through the same corridor as a mail
 * (ingest_apply), one transaction for each file, so that a file that was mailed before changes
 * nothing, and a daemon beside us waits no longer than for one of its own.
 */
#include "base/sha256.h"
#include "ctl/command.h"
#include "ctl/ctl.h"

#include "ctl/ctl_file.h"
#include "ctl/ctl_rows.h"
#include "ctl/output.h"
#include "ingest/ingest.h"
#include "ingest/summary.h"

#include <string.h>

static int code_of_verdict(enum report_verdict verdict)
{
    switch (verdict) {
    case REPORT_STORED:
    case REPORT_PARTIAL:
    case REPORT_DUPLICATE:
    case REPORT_KEPT:
        return EX_OK;
    case REPORT_LINK_ONLY:
    case REPORT_NO_REPORT:
    case REPORT_FAILED:
        return EX_DATAERR;
    }
    g_assert_not_reached();
}

/* The file's bytes, and the report that a child made of them. */
static int read_report(struct ctl *ctl, const char *path, GByteArray **bytes,
                       struct report **report)
{
    struct parser_limits limits;
    int64_t most = 0;
    int code = ctl_parser_limits(ctl, &limits, &most);
    if (code == EX_OK)
        code = ctl_read_file(path, most, bytes);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    g_autofree char *name = g_path_get_basename(path);
    const struct parser_input input = {.bytes = (*bytes)->data,
                                       .size = (*bytes)->len,
                                       .kind = REPORT_INPUT_GUESS,
                                       .name = strcmp(path, "-") == 0 ? NULL : name};
    *report = parser_process_read(&limits, &input, &error);
    return *report != NULL ? EX_OK : ctl_fail(error, EX_SOFTWARE);
}

/* `rows` is the report whose rows are printed, too; NULL: none. */
static void print_summary(const struct json *summary, const struct report *rows)
{
    static const char *const members[] = {"subject", "message_id", "subscription", "link"};
    const char *reason = json_member_text(summary, "reason");
    output_field("verdict", json_member_text(summary, "verdict"));
    if (reason != NULL)
        output_field("reason", reason);
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
        const char *text = json_member_text(summary, members[i]);
        if (text != NULL)
            output_field(members[i], text);
    }
    const struct json *files = json_member(summary, "files");
    for (size_t i = 0; i < json_length(files); i++) {
        ctl_file_print(json_item(files, i));
        if (rows != NULL)
            ctl_rows_print(g_ptr_array_index(rows->files, i));
    }
}

int ctl_report_explain(struct ctl *ctl, char **words)
{
    g_autoptr(GByteArray) bytes = NULL;
    AUTO(report) report = NULL;
    int code = read_report(ctl, words[0], &bytes, &report);
    if (code != EX_OK)
        return code;
    AUTO(json) summary = summary_of_report(report);
    bool wants_json = ctl->option[CTL_JSON] != NULL;
    const struct report *rows = ctl->option[CTL_ROWS] != NULL ? report : NULL;
    if (wants_json && rows != NULL)
        json_set(summary, "rows", ctl_rows_json(rows));
    if (wants_json)
        output_json(g_steal_pointer(&summary));
    else
        print_summary(summary, rows);
    return code_of_verdict(report->verdict);
}

static struct json *result_json(const char *path, const char *id,
                                const struct ingest_result *result)
{
    char date[DAY_DATE_SIZE];
    struct json *object = json_object_new();
    json_set_text(object, "file", path);
    json_set_text(object, "id", id);
    json_set_text(object, "verdict", report_verdict_name(result->verdict));
    json_set_text(object, "reason", result->reason);
    json_set_count(object, "calls", result->calls);
    json_set_count(object, "new", result->calls < 0 ? -1 : result->new_calls);
    json_set_int(object, "people_matched", result->people_matched);
    json_set_int(object, "people_seen", result->people_seen);
    if (result->has_dates)
        day_date_text(result->first_date, date);
    json_set_text(object, "first_date", result->has_dates ? date : NULL);
    if (result->has_dates)
        day_date_text(result->last_date, date);
    json_set_text(object, "last_date", result->has_dates ? date : NULL);
    json_set_text(object, "note", result->note);
    return object;
}

/* The verdict as the reply to DATA would give it, without the enhanced status code. */
static void print_result(const char *path, const char *id, const struct ingest_result *result)
{
    unsigned code = 0;
    g_autofree char *reply = ingest_reply(id, result, false, &code);
    const char *blank = strchr(reply, ' ');
    output_line("%s: %s", path, blank != NULL ? blank + 1 : reply);
}

static int store(struct ctl *ctl, const char *path, const GByteArray *bytes,
                 const struct report *report, struct json *array)
{
    g_autofree char *sha256 = sha256_text(bytes->data, bytes->len);
    const struct ingest_recipient recipient = {.agency_id = ctl->agency.id};
    struct ingest_message message = {.channel = "upload",
                                     .recipients = &recipient,
                                     .recipient_count = 1,
                                     .bytes = bytes->data,
                                     .size = bytes->len,
                                     .sha256 = sha256,
                                     .received_at = g_get_real_time() / G_USEC_PER_SEC,
                                     .received_monotonic = g_get_monotonic_time(),
                                     .report = report};
    id_new(message.id);
    struct ingest_result result = {0};
    g_autoptr(GError) error = NULL;
    AUTO(ingest) ingest = ingest_new(ctl->db);
    bool is_done = ingest_begin(ingest, &error) &&
                   ingest_apply(ingest, &message, &result, &error) && ingest_commit(ingest, &error);
    int code;
    if (!is_done) {
        ingest_rollback(ingest);
        code = ctl_fail(error, EX_UNAVAILABLE);
    } else {
        code = code_of_verdict(result.verdict);
        if (ctl->option[CTL_JSON] != NULL)
            json_append(array, result_json(path, message.id, &result));
        else
            print_result(path, message.id, &result);
    }
    ingest_result_clear(&result);
    return code;
}

static int ingest_file(struct ctl *ctl, const char *path, struct json *array)
{
    g_autoptr(GByteArray) bytes = NULL;
    AUTO(report) report = NULL;
    int code = read_report(ctl, path, &bytes, &report);
    return code != EX_OK ? code : store(ctl, path, bytes, report, array);
}

int ctl_report_ingest(struct ctl *ctl, char **words)
{
    int worst = ctl_open_agency(ctl, DB_WRITE, words[0]);
    if (worst != EX_OK)
        return worst;
    struct json *array = json_array_new();
    for (char **path = words + 1; *path != NULL; path++) {
        int code = ingest_file(ctl, *path, array);
        /* A file that is bad or absent says nothing of the next; a busy database does. */
        if (code != EX_OK)
            worst = code;
        if (code == EX_TEMPFAIL || code == EX_UNAVAILABLE || code == EX_SOFTWARE)
            break;
    }
    if (ctl->option[CTL_JSON] != NULL)
        output_json(array);
    else
        json_free(array);
    return worst;
}

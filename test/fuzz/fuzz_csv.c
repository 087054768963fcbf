/* The rows of a Call Log, and any CSV file; and the dictionary of a workbook, any text. */
#include "report/labels.h"
#include "report/report.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char head[] =
        "Direction,From,To,Extension,Name,Date,Time,Action Result,Duration\n";
    g_autoptr(GString) log = g_string_new(head);
    g_string_append_len(log, (const char *)data, (gssize)size);
    AUTO(report) whole = report_read(log->str, log->len, REPORT_INPUT_GUESS, "a.csv");
    AUTO(report) bare = report_read(data, size, REPORT_INPUT_GUESS, "a.csv");
    g_assert_true(bare->verdict == REPORT_STORED || bare->reason != NULL);
    for (guint i = 0; i < whole->files->len; i++) {
        const struct report_file *file = g_ptr_array_index(whole->files, i);
        for (guint j = 0; j < file->legs->len; j++)
            g_assert_nonnull(g_array_index(file->legs, struct report_leg, j).session_id);
    }
    g_autofree char *text = g_strndup((const char *)data, size);
    AUTO(labels) labels = labels_new(text);
    size_t count;
    const struct label *headers = labels_headers(labels, &count);
    for (size_t i = 0; i < count; i++)
        g_assert_true(headers[i].folded[0] != '\0' && headers[i].field < FIELD_COUNT);
    struct cell_calendar calendar = {0};
    labels_dates(labels, &calendar);
    g_assert_cmpstr(labels_result(labels, ""), !=, NULL);
    return 0;
}

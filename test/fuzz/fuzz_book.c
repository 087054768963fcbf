/* A workbook by its parts (package.h): the scanners and expat give the same cells, and the report
 * made of it holds together, twice the same. */
#include "../report/cells.h"
#include "package.h"
#include "report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t check(const struct report *report)
{
    uint64_t sum = report->verdict;
    g_assert_true(report->verdict == REPORT_STORED || report->reason != NULL);
    for (guint f = 0; f < report->files->len; f++) {
        const struct report_file *file = g_ptr_array_index(report->files, f);
        g_assert_true(file->verdict == REPORT_STORED ||
                      (file->reason != NULL && file->legs->len == 0));
        g_assert_cmpint(file->call_rows, ==,
                        file->legs->len + file->duplicate_rows + file->skipped_rows);
        for (guint i = 0; i < file->legs->len; i++) {
            const struct report_leg *leg = &g_array_index(file->legs, struct report_leg, i);
            g_assert_true(leg->session_id != NULL && leg->start > 0 && leg->length >= -1);
            g_assert_true(leg->from_name == NULL || g_utf8_validate(leg->from_name, -1, NULL));
            sum = sum * 31 + (uint64_t)(leg->start + leg->length + leg->handle_time) + leg->row;
        }
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) zip = package_zip((const char *)data, size);
    gsize length;
    const void *bytes = g_bytes_get_data(zip, &length);
    g_autofree char *by_scan = cells_text(bytes, length, false);
    g_autofree char *by_expat = cells_text(bytes, length, true);
    g_assert_cmpstr(by_scan, ==, by_expat);
    AUTO(report) report = report_read(bytes, length, REPORT_INPUT_GUESS, NULL);
    AUTO(report) again = report_read(bytes, length, REPORT_INPUT_GUESS, NULL);
    g_assert_true(check(report) == check(again));
    return 0;
}

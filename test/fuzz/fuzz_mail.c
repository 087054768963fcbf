/* A mail around a workbook: `<<1>>` is the workbook in base64. Whatever the mail is made into, the
 * workbook is read as it is, or not at all. */
#include "../report/mime_oracle.h"
#include "package.h"
#include "report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GString) mail = g_string_new_len((const char *)data, (gssize)size);
    g_autofree char *parts = package_of_calls(3);
    g_autoptr(GBytes) zip = package_zip(parts, strlen(parts));
    g_autofree char *digits = g_base64_encode(g_bytes_get_data(zip, NULL), g_bytes_get_size(zip));
    char *mark = g_strstr_len(mail->str, (gssize)mail->len, "<<1>>");
    if (mark != NULL) {
        gssize at = mark - mail->str;
        g_string_erase(mail, at, 5);
        g_string_insert(mail, at, digits);
    }
    g_autofree char *difference = mime_oracle_differs(mail->str, mail->len);
    g_assert_cmpstr(difference, ==, NULL);
    AUTO(report) report = report_read(mail->str, mail->len, REPORT_INPUT_MAIL, NULL);
    for (guint i = 0; i < report->files->len; i++) {
        const struct report_file *file = g_ptr_array_index(report->files, i);
        g_assert_true(file->verdict != REPORT_STORED || !file->has_calls ||
                      g_strcmp0(file->kind, "calls") != 0 || file->legs->len == 3);
    }
    return 0;
}

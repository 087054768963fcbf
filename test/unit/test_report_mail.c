/* Whole mails into reports: which of their parts are workbooks, and what they are without one. */
#include "report_fixture.h"

#include "base/limits.h"

static void test_bundle_mail(void)
{
    g_autoptr(GBytes) calls = make("calls()");
    g_autoptr(GBytes) users = make("users()");
    g_autofree char *first = attach("Content-Type: application/octet-stream\r\n", calls);
    g_autofree char *second =
        attach("Content-Type: application/x;\r\n name*=utf-8''%C3%BC.xlsx\r\n", users);
    g_autofree char *third = attach("Content-Type: a/b; name=\"copy.xlsx\"\r\n", calls);
    g_autofree char *mail = g_strconcat(HEAD MIXED BODY, first, second, third, END, NULL);
    AUTO(report) report = read_text(mail);
    g_assert_cmpint(report->verdict, ==, REPORT_STORED);
    g_assert_null(report->reason);
    g_assert_cmpstr(report->subject, ==, "Scheduled Reports from RingCentral");
    g_assert_cmpstr(report->message_id, ==, "<1@example.com>");
    g_assert_cmpstr(report->mail_from, ==, "analytics.portal@ringcentral.com");
    g_assert_cmpstr(report->subscription, ==, "Daily & more");
    g_assert_cmpuint(report->files->len, ==, 2);
    const struct report_file *file = file_at(report, 0);
    g_assert_cmpstr(file->name, ==, "report.xlsx");
    g_assert_cmpuint(file->notes->len, ==, 1);
    assert_says(g_array_index(file->notes, struct report_note, 0).text, "*\"copy.xlsx\"*");
    g_assert_cmpuint(file->bytes, ==, g_bytes_get_size(calls));
    g_autofree char *sha256 = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, calls);
    g_assert_cmpstr(file->sha256, ==, sha256);
    g_assert_cmpstr(file_at(report, 1)->name, ==, "\xc3\xbc.xlsx");
    g_assert_cmpstr(file_at(report, 1)->kind, ==, "users");
}

static void test_forwarded(void)
{
    g_autoptr(GBytes) calls = make("calls()");
    g_autofree char *part = attach("Content-Type: image/png; name=photo.png\r\n", calls);
    g_autofree char *once = g_strconcat(
        "Subject: FW: report\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\nsee"
        "\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n" HEAD MIXED BODY,
        part, END "--o--\r\n", NULL);
    AUTO(report) report = read_text(once);
    g_assert_cmpint(report->verdict, ==, REPORT_STORED);
    g_assert_cmpstr(report->subject, ==, "FW: report");
    g_assert_cmpstr(report->subscription, ==, "Daily & more");
    g_assert_cmpstr(file_at(report, 0)->name, ==, "photo.png");
    assert_calls(file_at(report, 0));

    g_autofree char *twice =
        g_strconcat("Subject: FW: FW\r\nContent-Type: message/rfc822\r\n\r\n", once, NULL);
    AUTO(report) deep = read_text(twice);
    g_assert_cmpint(deep->verdict, ==, REPORT_NO_REPORT);
    assert_says(deep->reason, "A mail was forwarded within a forwarded mail*");

    /* A .eml file, out of a mail box. */
    g_autofree char *saved = g_strconcat("From x Mon Jan  5 2026\n", once, NULL);
    AUTO(report) guessed = report_read(saved, strlen(saved), REPORT_INPUT_GUESS, "x.eml");
    g_assert_cmpint(guessed->verdict, ==, REPORT_STORED);
    assert_calls(file_at(guessed, 0));
}

static void test_raw_octets(void)
{
    g_autoptr(GBytes) calls = make("calls()");
    g_autoptr(GByteArray) mail = g_byte_array_new();
    static const char head[] = HEAD MIXED "--b\r\nContent-Type: application/x\r\n"
                                          "Content-Transfer-Encoding: binary\r\n\r\n";
    gsize size;
    const guint8 *bytes = g_bytes_get_data(calls, &size);
    g_byte_array_append(mail, (const guint8 *)head, sizeof head - 1);
    g_byte_array_append(mail, bytes, (guint)size);
    g_byte_array_append(mail, (const guint8 *)"\r\n" END, strlen("\r\n" END));
    AUTO(report) report = report_read(mail->data, mail->len, REPORT_INPUT_MAIL, NULL);
    g_assert_cmpint(report->verdict, ==, REPORT_STORED);
    assert_calls(file_at(report, 0));
}

static const struct mail {
    const char *name;
    const char *mail;
    enum report_verdict verdict;
    const char *reason; /* a pattern */
    size_t files;
} mails[] = {
    {"empty", "", REPORT_NO_REPORT, "The mail has no attachment*", 0},
    {"text", HEAD "\r\nhello\r\n", REPORT_NO_REPORT, "The mail has no attachment*", 0},
    {"picture",
     HEAD MIXED "--b\r\nContent-Disposition: attachment; filename=cat.png\r\n\r\nGIF89\r\n" END,
     REPORT_NO_REPORT, "The mail has 1 attachment, but no workbook*\"cat.png\"*", 0},
    {"tnef", HEAD MIXED "--b\r\nContent-Type: application/ms-tnef\r\n\r\nx\r\n" END,
     REPORT_NO_REPORT, "*winmail.dat*", 0},
    {"csv", HEAD MIXED "--b\r\nContent-Type: text/csv; name=x.csv\r\n\r\na,b\r\n" END,
     REPORT_NO_REPORT, "This is a text file (CSV)*", 1},
    {"document",
     HEAD MIXED "--b\r\nContent-Type: a/b; name=x.docx\r\n"
                "Content-Transfer-Encoding: base64\r\n\r\nUEsDBAAA\r\n" END,
     REPORT_NO_REPORT, "This is a document*", 1},
    {"link",
     HEAD "Content-Type: text/html\r\n\r\n<p>Subscription name: Daily</p>"
          "<a href=\"https://analytics.ringcentral.com/reports/7?a=1&amp;b=2\">x</a>",
     REPORT_LINK_ONLY, "The mail has a link*", 0},
    {"damaged",
     HEAD MIXED "--b\r\nContent-Type: a/b; name=x.xlsx\r\n"
                "Content-Transfer-Encoding: base64\r\n\r\nUEsDBA!A\r\n" END,
     REPORT_FAILED, "The attachment was damaged on its way: *0x21 in its line 1*", 1},
    {"cut",
     HEAD MIXED "--b\r\nContent-Type: application/octet-stream\r\n"
                "Content-Transfer-Encoding: base64\r\n\r\nUEsDBBQACA\r\n" END,
     REPORT_FAILED, "The attachment was damaged on its way: *cut off*", 1},
    {"more-behind",
     HEAD MIXED "--b\r\nContent-Type: a/b; name=x.xlsx\r\n"
                "Content-Transfer-Encoding: base64\r\n\r\nUEsDBA==\r\nUEsDBA==\r\n" END,
     REPORT_FAILED, "*behind its padding in line 2*", 1},
    {"unknown-encoding",
     HEAD MIXED "--b\r\nContent-Type: a/b; name=x.xlsx\r\n"
                "Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin\r\n" END,
     REPORT_FAILED, "*\"x-uuencode\" is not known*", 1},
    {"text-as-workbook",
     HEAD MIXED "--b\r\nContent-Type: application/vnd.ms-excel\r\n\r\n<html><table>\r\n" END,
     REPORT_FAILED, "*", 1},
    {"type-twice", "Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n", REPORT_FAILED,
     "The mail was not read: the field Content-Type stands twice in one header.", 0},
};

static void test_mail(gconstpointer data)
{
    const struct mail *mail = data;
    AUTO(report) report = read_text(mail->mail);
    g_assert_cmpint(report->verdict, ==, mail->verdict);
    assert_says(report->reason, mail->reason);
    g_assert_cmpuint(report->files->len, ==, mail->files);
    if (mail->verdict == REPORT_LINK_ONLY) {
        g_assert_cmpstr(report->link, ==, "https://analytics.ringcentral.com/reports/7?a=1&b=2");
        g_assert_cmpstr(report->subscription, ==, "Daily");
    }
}

static void assert_refused(const GString *mail, const char *pattern)
{
    AUTO(report) report = report_read(mail->str, mail->len, REPORT_INPUT_MAIL, NULL);
    g_assert_cmpint(report->verdict, ==, REPORT_FAILED);
    assert_says(report->reason, pattern);
    g_assert_cmpuint(report->files->len, ==, 0);
}

static void test_hostile(void)
{
    g_autoptr(GString) mail = g_string_new(HEAD "To: ");
    for (int i = 0; i < 100000; i++)
        g_string_append(mail, "a:");
    g_string_append(mail, "\r\n\r\nbody\r\n");
    assert_refused(mail, "The mail was not read: the field To has 100000 address groups: *");

    g_string_assign(mail, HEAD MIXED);
    for (int i = 0; i < 1000000; i++)
        g_string_append(mail, "--b\r\n");
    assert_refused(mail, "*more than 100 parts.");

    g_string_assign(mail, HEAD);
    for (int i = 0; i < 1000; i++)
        g_string_append_printf(mail, "Content-Type: a/%s; boundary=x%d\r\n\r\n--x%d\r\n", "b", i,
                               i);
    AUTO(report) flat = report_read(mail->str, mail->len, REPORT_INPUT_MAIL, NULL);
    g_assert_cmpint(flat->verdict, ==, REPORT_NO_REPORT);

    g_string_assign(mail, HEAD);
    for (int i = 0; i < 1000; i++)
        g_string_append_printf(mail, "Content-Type: multipart/x; boundary=x%dx\r\n\r\n--x%dx\r\n",
                               i, i);
    assert_refused(mail, "*nested deeper than 10 levels.");
}

static void test_many_attachments(void)
{
    for (int count = LIMIT_MAIL_ATTACHMENTS; count <= LIMIT_MAIL_ATTACHMENTS + 1; count++) {
        g_autoptr(GString) mail = g_string_new(HEAD MIXED);
        for (int i = 0; i < count; i++)
            g_string_append_printf(mail, "--b\r\nContent-Type: a/b; name=\"%d.xlsx\"\r\n\r\n%d\r\n",
                                   i, i);
        g_string_append(mail, END);
        if (count > LIMIT_MAIL_ATTACHMENTS) {
            assert_refused(mail, "*it has 21 attachments, more than 20*");
            continue;
        }
        AUTO(report) report = report_read(mail->str, mail->len, REPORT_INPUT_MAIL, NULL);
        g_assert_cmpuint(report->files->len, ==, LIMIT_MAIL_ATTACHMENTS);
    }
}

/* The same bytes, the same report; and a cut mail is still only a mail. */
static void test_cut(void)
{
    g_autoptr(GBytes) calls = make("calls()");
    g_autofree char *part = attach("Content-Type: a/b; name=x.xlsx\r\n", calls);
    g_autofree char *mail = g_strconcat(HEAD MIXED BODY, part, END, NULL);
    size_t whole = strlen(mail);
    for (size_t size = 0; size < whole; size += whole / 50 + 1) {
        g_autofree char *piece = g_memdup2(mail, size);
        AUTO(report)
        report = report_read(piece != NULL ? piece : "", size, REPORT_INPUT_MAIL, NULL);
        g_assert_cmpint(report->verdict, !=, REPORT_STORED);
        g_assert_nonnull(report->reason);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    made = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
    g_test_add_func("/report/mail/bundle", test_bundle_mail);
    g_test_add_func("/report/mail/forwarded", test_forwarded);
    g_test_add_func("/report/mail/raw-octets", test_raw_octets);
    for (size_t i = 0; i < G_N_ELEMENTS(mails); i++) {
        g_autofree char *path = g_strconcat("/report/mail/", mails[i].name, NULL);
        g_test_add_data_func(path, &mails[i], test_mail);
    }
    g_test_add_func("/report/mail/hostile", test_hostile);
    g_test_add_func("/report/mail/many-attachments", test_many_attachments);
    g_test_add_func("/report/mail/cut-anywhere", test_cut);
    int status = g_test_run();
    g_hash_table_unref(made);
    return status;
}

#include "report/mime.h"

#include <string.h>

#define HEAD                                                                                       \
    "From: =?utf-8?q?J=C3=B6?= <a@example.com>\r\n"                                                \
    "Subject: FW: x\r\n =?utf-8?b?w7Y=?=\r\n"                                                      \
    "Message-ID: <1@example.com>\r\n"
#define MIXED "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n"

static struct mime_mail *read_mail(const char *text)
{
    g_autoptr(GError) error = NULL;
    struct mime_mail *mail = mime_read(text, strlen(text), &error);
    g_assert_no_error(error);
    g_assert_nonnull(mail);
    return mail;
}

static const struct mime_part *part_at(const struct mime_mail *mail, guint index)
{
    g_assert_cmpuint(mail->parts->len, >, index);
    return g_ptr_array_index(mail->parts, index);
}

static void assert_text(const struct mime_part *part, const char *text)
{
    g_autofree char *found = mime_part_text(part);
    g_assert_cmpstr(found, ==, text);
}

static void assert_content(const struct mime_part *part, const char *content)
{
    g_assert_cmpuint(part->size, ==, strlen(content));
    g_assert_true(memcmp(part->content, content, part->size) == 0);
}

static void test_header(void)
{
    AUTO(mime_mail) mail = read_mail(HEAD "\r\nhello\r\n");
    g_assert_cmpstr(mail->from, ==, "J\xc3\xb6 <a@example.com>");
    g_assert_cmpstr(mail->subject, ==, "FW: x \xc3\xb6");
    g_assert_cmpstr(mail->message_id, ==, "<1@example.com>");
    g_assert_cmpuint(mail->parts->len, ==, 1);
    g_assert_cmpstr(part_at(mail, 0)->type, ==, "text/plain");
    assert_text(part_at(mail, 0), "hello\r\n");
    assert_content(part_at(mail, 0), "hello\r\n");
}

static void test_empty(void)
{
    AUTO(mime_mail) mail = read_mail("");
    g_assert_cmpuint(mail->parts->len, ==, 0);
    g_assert_null(mail->subject);
}

static void test_parts(void)
{
    static const char text[] =
        HEAD MIXED "preamble\r\n--b\r\n"
                   "Content-Type: text/html; charset=iso-8859-1\r\n"
                   "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                   "x=3Dy=F6\r\n--b\r\n"
                   "Content-Type: APPLICATION/Octet-Stream\r\n"
                   "Content-Disposition: ATTACHMENT;\r\n filename*0*=utf-8''a%C3%B6;\r\n"
                   " filename*1=\"b.xlsx\"\r\n"
                   "Content-Transfer-Encoding: Base64\r\n\r\n"
                   "UEsD\r\nBA==\r\n--b\r\n"
                   "Content-Type: image/png; name=\"=?utf-8?q?r=C3=B6.png?=\"\r\n"
                   "Content-Transfer-Encoding: x-mine\r\n\r\n"
                   "\r\n--b--\r\nepilogue\r\n";
    AUTO(mime_mail) mail = read_mail(text);
    g_assert_cmpuint(mail->parts->len, ==, 3);
    const struct mime_part *part = part_at(mail, 0);
    assert_text(part, "x=y\xc3\xb6");
    g_assert_cmpint(part->encoding, ==, MIME_QUOTED_PRINTABLE);
    g_assert_null(part->name);
    part = part_at(mail, 1);
    g_assert_cmpstr(part->type, ==, "application/octet-stream");
    g_assert_cmpstr(part->name, ==,
                    "a\xc3\xb6"
                    "b.xlsx");
    g_assert_cmpint(part->encoding, ==, MIME_BASE64);
    g_assert_true(part->is_attachment);
    assert_text(part, NULL);
    assert_content(part, "UEsD\r\nBA==");
    g_assert_true((const char *)part->content > text &&
                  (const char *)part->content < text + sizeof text);
    part = part_at(mail, 2);
    g_assert_cmpstr(part->name, ==, "r\xc3\xb6.png");
    g_assert_cmpint(part->encoding, ==, MIME_UNKNOWN_ENCODING);
    g_assert_cmpstr(part->encoding_name, ==, "x-mine");
    g_assert_false(part->is_attachment);
    assert_content(part, "");
}

static void test_text_attachment(void)
{
    AUTO(mime_mail)
    mail = read_mail("Content-Disposition: attachment\r\n\r\nhttps://example.com\r\n");
    assert_text(part_at(mail, 0), NULL);
}

static void test_forwarded(void)
{
    AUTO(mime_mail)
    mail = read_mail(HEAD MIXED "--b\r\n\r\nlook:\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
                                "Subject: inner\r\n"
                                "Content-Type: multipart/mixed; boundary=c\r\n\r\n"
                                "--c\r\n\r\ninner\r\n"
                                "--c\r\nContent-Type: message/rfc822\r\n\r\n"
                                "Subject: innermost\r\n\r\nnot read\r\n--c--\r\n--b--\r\n");
    g_assert_cmpuint(mail->parts->len, ==, 2);
    assert_text(part_at(mail, 0), "look:");
    assert_text(part_at(mail, 1), "inner");
    g_assert_cmpuint(mail->unopened, ==, 1);
    g_assert_cmpstr(mail->subject, ==, "FW: x \xc3\xb6");
}

static void test_refused(void)
{
    static const char *const mails[] = {
        "Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n",
        "Content-Type: multipart/mixed\r\n\r\n",
        "Content-Type: multipart/mixed; x=a b; boundary=b\r\n\r\n--b--\r\n",
        "Content-Type: multipart/mixed; boundary=\"=?us-ascii?q?b?=\"\r\n\r\n--b--\r\n",
        "Content-Type: multipart; boundary=b\r\n\r\n--b--\r\n",
        "Content-Disposition: attachment; filename=a; filename*=us-ascii''b\r\n\r\n",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(mails); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(mime_read(mails[i], strlen(mails[i]), &error));
        g_assert_nonnull(error);
    }
}

/* Without one byte behind its end, wherever that is. */
static void test_cut_anywhere(void)
{
    static const char text[] =
        HEAD MIXED "--b\r\nContent-Type: application/x; name*=utf-8''%C3%B6\r\n"
                   "Content-Transfer-Encoding: base64\r\n\r\nUEsDBA==\r\n--b\r\n"
                   "Content-Type: message/rfc822\r\n\r\nTo: a:b;\r\n\r\nx\r\n--b--\r\n";
    for (size_t size = 1; size <= strlen(text); size++) {
        g_autofree char *piece = g_memdup2(text, size);
        AUTO(mime_mail) mail = mime_read(piece, size, NULL);
        for (guint i = 0; mail != NULL && i < mail->parts->len; i++) {
            const struct mime_part *part = part_at(mail, i);
            const char *content = part->content;
            g_assert_true(content >= piece && content + part->size <= piece + size);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mime/header", test_header);
    g_test_add_func("/mime/empty", test_empty);
    g_test_add_func("/mime/parts", test_parts);
    g_test_add_func("/mime/text-attachment", test_text_attachment);
    g_test_add_func("/mime/forwarded", test_forwarded);
    g_test_add_func("/mime/refused", test_refused);
    g_test_add_func("/mime/cut-anywhere", test_cut_anywhere);
    return g_test_run();
}

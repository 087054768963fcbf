#include "report/mime_scan.h"

#include "base/error.h"
#include "base/limits.h"

#include <string.h>

#define MIXED "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n"

/* Refused where `says` is a pattern, else passed. Lines end in CRLF; the test also tries LF. */
static const struct example {
    const char *name;
    const char *mail;
    const char *says;
} examples[] = {
    {"empty", "", NULL},
    {"no-header", "\r\nbody\r\n", NULL},
    {"plain", "Subject: x\r\n\r\nbody\r\n", NULL},
    {"header-alone", "Subject: x", NULL},
    {"folded", "Subject: x\r\n y\r\n\tz\r\n\r\n", NULL},
    {"colons-in-subject", "Subject: Re: Fwd: a:b:c\r\n\r\n", NULL},
    {"no-field", "Subject: x\r\nhello\r\n\r\n", "*no header field*"},
    {"blank-before-colon", "Content-Type : text/plain\r\n\r\n", "*no header field*"},
    {"mixed", MIXED "--b\r\n\r\nx\r\n--b--\r\n", NULL},
    {"no-close", MIXED "--b\r\n\r\nx\r\n", NULL},
    {"no-blank-line", MIXED "--b\r\nContent-Type: text/plain\r\n--b--\r\n", NULL},
    {"comment", "Content-Type: text/plain; charset=us-ascii (plain)\r\n\r\n", NULL},
    {"file-name-folded", "Content-Disposition: attachment; filename=\"a\r\n b.xlsx\"\r\n\r\n",
     NULL},
    {"file-name-in-pieces",
     "Content-Disposition: attachment; filename*0=\"a\"; filename*1=\"b\"; filename=x\r\n\r\n",
     NULL},
    {"boundary-in-quoted-name",
     "Content-Type: multipart/mixed; boundary=b; name=\"; boundary=c\"\r\n\r\n--b\r\n\r\n", NULL},

    {"type-twice", "Content-Type: text/plain\r\ncontent-type: text/html\r\n\r\n",
     "*Content-Type stands twice*"},
    {"disposition-twice", "Content-Disposition: inline\r\nContent-Disposition: attachment\r\n\r\n",
     "*Content-Disposition stands twice*"},
    {"encoding-twice",
     "Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n\r\n",
     "*Content-Transfer-Encoding stands twice*"},
    {"inner-type-twice",
     MIXED "--b\r\nContent-Type: text/plain\r\nContent-Type: text/html\r\n\r\nx\r\n--b--\r\n",
     "*Content-Type stands twice*"},
    {"forwarded-type-twice",
     "Content-Type: message/rfc822\r\n\r\nContent-Type: a/b\r\nContent-Type: a/b\r\n\r\n",
     "*Content-Type stands twice*"},
    {"digest-type-twice",
     "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n"
     "Content-Type: a/b\r\nContent-Type: a/b\r\n\r\n",
     "*Content-Type stands twice*"},
    {"type-twice-in-a-body", MIXED "--b\r\n\r\nContent-Type: a/b\r\nContent-Type: a/b\r\n", NULL},
    {"two-boundaries", "Content-Type: multipart/mixed; boundary=a; boundary=b\r\n\r\n",
     "*boundary twice*"},
    {"boundary-in-pieces", "Content-Type: multipart/mixed; boundary*0=a; boundary*1=b\r\n\r\n",
     "*in pieces*"},
    {"no-boundary", "Content-Type: multipart/mixed\r\n\r\n", "*no boundary*"},
    {"empty-boundary", "Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n", "*is empty*"},
    {"folded-boundary", "Content-Type: multipart/mixed; boundary=\"a\r\n b\"\r\n\r\n",
     "*boundary*is folded*"},
    {"fold-before-boundary", "Content-Type: multipart/mixed;\r\n\tboundary=\"b\"\r\n\r\n", NULL},
    {"boundary-ends-in-blank", "Content-Type: multipart/mixed; boundary=\"b \"\r\n\r\n",
     "*ends in a blank*"},
    {"boundary-with-backslash", "Content-Type: multipart/mixed; boundary=\"a\\b\"\r\n\r\n",
     "*must not stand*"},
    {"boundary-needs-quotes", "Content-Type: multipart/mixed; boundary=a=b\r\n\r\n",
     "*needs quotes*"},
    {"boundary-with-comment", "Content-Type: multipart/mixed; boundary=a(b)\r\n\r\n",
     "*needs quotes*"},
    {"open-quote", "Content-Type: multipart/mixed; boundary=\"b\r\n\r\n", "*stays open*"},
    {"loose-quote", "Content-Type: multipart/mixed; x=a\"; boundary=a; y=\"; boundary=b\r\n\r\n",
     "*not name=value*"},
    {"no-type", "Content-Type: ; boundary=b\r\n\r\n", "*does not name a type*"},
    {"comment-in-type", "Content-Type: multipart/mixed (x); boundary=b\r\n\r\n",
     "*does not name a type*"},
    {"multipart-without-subtype", "Content-Type: multipart; boundary=b\r\n\r\n",
     "*begins like that of a multipart*"},
    {"almost-multipart", "Content-Type: multipartx/mixed; boundary=b\r\n\r\n",
     "*begins like that of a multipart*"},
    {"almost-multipart-no-boundary", "Content-Type: multipartx/mixed\r\n\r\n", "*no boundary*"},
    {"type-twice-behind-the-end",
     MIXED "--b--\r\n--b\r\nContent-Type: a/b\r\nContent-Type: a/b\r\n\r\n",
     "*Content-Type stands twice*"},
    {"encoded-multipart",
     "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\n",
     "a multipart has a Content-Transfer-Encoding*"},
    {"8bit-multipart",
     "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 8BIT\r\n\r\n", NULL},
    {"encoded-forward", "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n",
     "a forwarded mail has a Content-Transfer-Encoding*"},
    {"same-boundary-within",
     MIXED "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n",
     "*same boundary*"},
    {"same-boundary-behind",
     MIXED "--b\r\nContent-Type: multipart/x; boundary=c\r\n\r\n--c--\r\n"
           "--b\r\nContent-Type: multipart/x; boundary=c\r\n\r\n--c--\r\n--b--\r\n",
     NULL},
    {"boundary-begins-with-boundary",
     MIXED
     "--b\r\nContent-Type: multipart/mixed; boundary=bb\r\n\r\n--bb\r\n\r\n--bb--\r\n--b--\r\n",
     NULL},
};

static void check(const char *mail, size_t size, const char *says)
{
    g_autoptr(GError) error = NULL;
    bool is_good = mime_scan(mail, size, NULL, &error);
    if (says == NULL) {
        g_assert_no_error(error);
        g_assert_true(is_good);
        return;
    }
    g_assert_false(is_good);
    g_assert_error(error, CALLMX_ERROR, ERROR_PERM);
    g_test_message("%s", error->message);
    g_assert_true(g_pattern_match_simple(says, error->message));
}

static void test_example(gconstpointer data)
{
    const struct example *example = data;
    check(example->mail, strlen(example->mail), example->says);
    g_auto(GStrv) pieces = g_strsplit(example->mail, "\r\n", -1);
    g_autofree char *with_lf = g_strjoinv("\n", pieces);
    check(with_lf, strlen(with_lf), example->says);
    /* Cut anywhere, on the heap and exactly as long: no byte behind the end is looked at. */
    for (size_t size = 0; size < strlen(example->mail); size++) {
        g_autofree char *piece = g_memdup2(example->mail, size);
        mime_scan(piece != NULL ? piece : "", size, NULL, NULL);
    }
}

static void append_times(GString *text, const char *piece, size_t times)
{
    for (size_t i = 0; i < times; i++)
        g_string_append(text, piece);
}

static void test_address_groups(void)
{
    static const char *const fields[] = {"To", "from", "CC", "Reply-To", "Resent-Bcc", "Sender"};
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        g_autoptr(GString) mail = g_string_new("Subject: x\r\n");
        g_string_append_printf(mail, "%s: ", fields[i]);
        append_times(mail, "a:", 100000);
        g_autofree char *says =
            g_strdup_printf("the field %s has 100000 address groups: more than 64*", fields[i]);
        check(mail->str, mail->len, says);
        g_string_append(mail, "\r\n\r\nbody");
        check(mail->str, mail->len, says);
    }
    g_autoptr(GString) mail = g_string_new("To: ");
    append_times(mail, "a:", LIMIT_MAIL_ADDRESS_GROUPS);
    check(mail->str, mail->len, NULL);
    append_times(mail, "a:", 1);
    check(mail->str, mail->len, "*65 address groups*");
}

/* Groups within a forwarded mail are as deadly. */
static void test_inner_address_groups(void)
{
    g_autoptr(GString) mail = g_string_new(MIXED "--b\r\nContent-Type: message/rfc822\r\n\r\nTo: ");
    append_times(mail, "a:", 65);
    check(mail->str, mail->len, "*65 address groups*");
}

static void test_header_sizes(void)
{
    g_autoptr(GString) mail = g_string_new("To: ");
    append_times(mail, "a@example.com, ", 1200);
    check(mail->str, mail->len, "the field To has 18001 octets*");

    g_string_assign(mail, "");
    append_times(mail, "X: y\r\n", LIMIT_MAIL_HEADER_FIELDS);
    check(mail->str, mail->len, NULL);
    g_string_append(mail, "X: y\r\n");
    check(mail->str, mail->len, "a header has more than 500 fields");

    g_string_assign(mail, "Subject: ");
    append_times(mail, "a longer line\r\n ", 5000);
    check(mail->str, mail->len, "a header has more than 65536 octets");

    check("Subject: a\0b\r\n\r\n", 16, "*NUL*");
    check("Subject: a\r\n\r\na\0b\r\n", 19, NULL);
}

static void test_boundary_length(void)
{
    for (size_t length = 69; length <= 71; length++) {
        g_autofree char *boundary = g_strnfill(length, 'x');
        g_autofree char *mail =
            g_strdup_printf("Content-Type: multipart/mixed; boundary=%s\r\n\r\n", boundary);
        check(mail, strlen(mail), length > 70 ? "a boundary has 71 octets*" : NULL);
    }
}

static void test_parameters(void)
{
    g_autoptr(GString) mail = g_string_new("Content-Type: text/plain");
    for (int i = 0; i < LIMIT_MAIL_PARAMETERS; i++)
        g_string_append_printf(mail, "; p%d=x", i);
    check(mail->str, mail->len, NULL);
    g_string_append(mail, "; last=x");
    check(mail->str, mail->len, "*more than 32 parameters");
}

static void test_parts(void)
{
    static const char *const lines[] = {"--b\r\n\r\n", "--b--\r\n", "--bzzz\r\n"};
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autoptr(GString) mail = g_string_new(MIXED);
        append_times(mail, lines[i], LIMIT_MAIL_PARTS);
        check(mail->str, mail->len, NULL);
        g_string_append(mail, lines[i]);
        check(mail->str, mail->len, "the mail has more than 100 parts");
    }
}

/* Lines of dashes that are no boundary are text. */
static void test_dashes(void)
{
    g_autoptr(GString) mail = g_string_new(
        "Content-Type: multipart/mixed; boundary=\"----=_Part_1\"\r\n\r\n------=_Part_1\r\n\r\n");
    append_times(mail, "-----Original Message-----\r\n-- \r\nme\r\n--------\r\n", 1000);
    g_string_append(mail, "------=_Part_1--\r\n");
    check(mail->str, mail->len, NULL);
}

static void append_levels(GString *mail, size_t levels)
{
    for (size_t i = 0; i < levels; i++)
        g_string_append_printf(
            mail, "Content-Type: multipart/mixed; boundary=\"x%zux\"\r\n\r\n--x%zux\r\n", i, i);
}

static void test_depth(void)
{
    g_autoptr(GString) mail = g_string_new(NULL);
    append_levels(mail, LIMIT_MAIL_DEPTH);
    check(mail->str, mail->len, NULL);
    g_string_assign(mail, "");
    append_levels(mail, LIMIT_MAIL_DEPTH + 1);
    check(mail->str, mail->len, "*nested deeper than 10 levels");
    g_string_assign(mail, "");
    append_times(mail, "Content-Type: message/rfc822\r\n\r\n", LIMIT_MAIL_DEPTH);
    check(mail->str, mail->len, NULL);
    append_times(mail, "Content-Type: message/rfc822\r\n\r\n", 1);
    check(mail->str, mail->len, "*nested deeper than 10 levels");
}

/* Siblings are not deep. */
static void test_siblings(void)
{
    g_autoptr(GString) mail = g_string_new(MIXED);
    append_times(mail, "--b\r\nContent-Type: multipart/mixed; boundary=\"c\"\r\n\r\n--c--\r\n", 30);
    check(mail->str, mail->len, NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(examples); i++) {
        g_autofree char *path = g_strconcat("/mime-scan/example/", examples[i].name, NULL);
        g_test_add_data_func(path, &examples[i], test_example);
    }
    g_test_add_func("/mime-scan/address-groups", test_address_groups);
    g_test_add_func("/mime-scan/inner-address-groups", test_inner_address_groups);
    g_test_add_func("/mime-scan/header-sizes", test_header_sizes);
    g_test_add_func("/mime-scan/boundary-length", test_boundary_length);
    g_test_add_func("/mime-scan/parameters", test_parameters);
    g_test_add_func("/mime-scan/parts", test_parts);
    g_test_add_func("/mime-scan/dashes", test_dashes);
    g_test_add_func("/mime-scan/depth", test_depth);
    g_test_add_func("/mime-scan/siblings", test_siblings);
    return g_test_run();
}

/* mime_read() against a tree of GMime's: odd mails, one after the other, as they are, with LF for
 * CRLF, and cut off anywhere. */
#include "../report/mime_oracle.h"

#include "report/mime.h"

#include <string.h>

#define MIXED "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n"
#define INNER "Content-Type: multipart/alternative; boundary=c\r\n\r\n"
#define MAIL  "Content-Type: message/rfc822\r\n\r\n"
#define TYPE  "Content-Type: "
#define FILE  "Content-Disposition: attachment; "

static const struct example {
    const char *name;
    const char *mail;
} examples[] = {
    /* --- Headers --- */
    {"empty", ""},
    {"newline", "\r\n"},
    {"no-header", "\r\nbody\r\n"},
    {"header-alone", "Subject: x"},
    {"header-and-empty-line", "Subject: x\r\n\r\n"},
    {"body-is-empty-line", "Subject: x\r\n\r\n\r\n"},
    {"subject-twice", "Subject: first\r\nSubject: second\r\nFrom: a\r\nfrom: b\r\n\r\nx\r\n"},
    {"subject-empty", "Subject:\r\nFrom: \r\nMessage-ID:\t\r\n\r\n"},
    {"subject-folded", "Subject: a\r\n b\r\n\tc \r\n\r\n"},
    {"subject-folded-empty", "Subject:\r\n \r\n x\r\n\r\n"},
    {"subject-blanks", "Subject:   a  b\t c   \r\n\r\n"},
    {"subject-8bit", "Subject: J\xc3\xb6rg \xff\r\nFrom: J\xf6rg <a@example.com>\r\n\r\n"},
    {"subject-control", "Subject: \x01 a\x0b\x0c\x7f\r\n\r\n"},
    {"subject-words",
     "Subject: =?utf-8?q?a_=C3=B6?= =?utf-8?b?w7Y=?= x =?iso-8859-1?q?=F6?=\r\n\r\n"},
    {"subject-broken-words", "Subject: =?utf-8?q?a b?= =?x?q?y?= =?utf-8?z?a?= =? ?=\r\n\r\n"},
    {"subject-bare-cr", "Subject: a\rb\r\n\r\nx"},
    {"from-quoted", "From: \"A \\\" B\" <a@example.com> (c)\r\n\r\n"},
    {"message-id-odd", "Message-Id: <1@x> <2@x> (c)\r\n\r\n"},

    /* --- Types --- */
    {"type-without-slash", TYPE "text\r\n\r\nx\r\n"},
    {"type-without-slash-named", TYPE "text; name=a.csv; charset=utf-8\r\n\r\nx\r\n"},
    {"type-case", TYPE "TEXT/Html; Charset=\"UTF-8\"\r\n\r\n<p>x\r\n"},
    {"type-unknown", TYPE "x-a.b/c+d!#$\r\n\r\nx\r\n"},
    {"type-empty", TYPE "\r\n\r\nx\r\n"},
    {"type-star", TYPE "*/*\r\n\r\nx\r\n"},
    {"type-apostrophe", TYPE "a'b/c%d; na'me=x; name=y\r\n\r\nx\r\n"},
    {"message-other", TYPE "message/delivery-status\r\n\r\nx: y\r\n\r\nz: w\r\n"},
    {"message-partial", TYPE "message/partial; id=x; number=1\r\n\r\nx\r\n"},
    {"message-external", TYPE "message/external-body; access-type=x\r\n\r\nContent-ID: x\r\n\r\ny"},
    {"message-global", TYPE "message/global\r\n\r\nSubject: x\r\n\r\ny\r\n"},
    {"message-news", TYPE "Message/News\r\n\r\nSubject: x\r\n\r\ny\r\n"},
    {"message-rfc2822", TYPE "message/rfc2822\r\n\r\nSubject: x\r\n\r\ny\r\n"},
    {"message-rfc822-parameters", TYPE "message/rfc822; name=x.eml\r\n\r\nSubject: x\r\n\r\ny\r\n"},
    {"pkcs7", TYPE "application/pkcs7-mime; smime-type=x; name=a.p7m\r\n\r\nx\r\n"},
    {"signed",
     TYPE "multipart/signed; boundary=b; micalg=x; protocol=\"a/b\"\r\n\r\n--b\r\n\r\nx\r\n"
          "--b\r\nContent-Type: application/pgp-signature\r\n\r\ny\r\n--b--\r\n"},
    {"encrypted", TYPE "multipart/encrypted; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n"},
    {"pgp-inline", MIXED "--b\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nx\r\n"
                         "-----END PGP MESSAGE-----\r\n--b--\r\n"},
    {"multipart-case",
     TYPE "Multipart/MIXED; BOUNDARY=B\r\n\r\n--b\r\n\r\n--B\r\n\r\nx\r\n--B--\r\n"},

    /* --- Parameters and names --- */
    {"name-plain", TYPE "a/b; name=x.xlsx\r\n\r\n"},
    {"name-quoted", TYPE "a/b; name=\"a; b (c), =d.xlsx\"\r\n\r\n"},
    {"name-empty", TYPE "a/b; name=\"\"\r\n" FILE "filename=\r\n\r\n"},
    {"name-empty-quoted", TYPE "a/b; name=x\r\n" FILE "filename=\"\"\r\n\r\n"},
    {"name-blanks", TYPE "a/b; name = \" x \" ; y = z ;\r\n\r\n"},
    {"name-two", TYPE "a/b; name=x\r\n" FILE "filename=y\r\n\r\n"},
    {"name-in-disposition", FILE "name=x; filename=y\r\n\r\n"},
    {"filename-in-type", TYPE "a/b; filename=y\r\n\r\n"},
    {"name-escaped", FILE "filename=\"a\\\"b\\\\c\"\r\n\r\n"},
    {"name-8bit", FILE "filename=\"\xc3\xb6.xlsx\"; x=y\r\n" TYPE "a/b; name=\xf6\r\n\r\n"},
    {"name-latin", FILE "filename=\"\xc6\xf6.xlsx\"\r\n\r\n"},
    {"name-latin-bare", TYPE "a/b; name=\xc6\xf6.xlsx\r\n\r\n"},
    {"name-two-words", FILE "filename=\"=?utf-8?q?a?= =?utf-8?q?b?=\"\r\n\r\n"},
    {"name-word-with-quote", FILE "filename=\"=?utf-8?q?a=22;_b?=\"; x=y\r\n\r\n"},
    {"parameter-in-a-word", FILE "=?utf-8?q?filename=3Da?=\r\n" TYPE "=?x?q?a?=\r\n\r\n"},
    {"disposition-in-a-word", "Content-Disposition: =?utf-8?q?attachment?=; filename=a\r\n\r\n"},
    {"disposition-word-behind", FILE "x=\"=?\"; y= =?utf-8?q?;filename=a?=\r\n\r\n"},
    {"name-control", FILE "filename=\"a\tb\x01\"\r\n\r\n"},
    {"name-folded", FILE "filename=\"a\r\n b.xlsx\"\r\n\r\n"},
    {"name-not-token", FILE "filename=a b.xlsx; size=1\r\n\r\n"},
    {"name-behind-not-token", FILE "size=1 2; filename=b.xlsx\r\n\r\n"},
    {"name-behind-empty", FILE "size=; filename=b.xlsx\r\n\r\n"},
    {"name-behind-nothing", FILE ";; ; filename=b.xlsx;;\r\n\r\n"},
    {"name-comment", FILE "filename=(c)x.xlsx; y=z\r\n\r\n"},
    {"name-comment-behind", FILE "filename=x.xlsx (c); y=z\r\n\r\n"},
    {"name-brackets", FILE "filename=<x.xlsx>\r\n\r\n"},
    {"name-slash", FILE "filename=a/b.xlsx\r\n\r\n"},
    {"name-2047", FILE "filename=\"=?utf-8?q?r=C3=B6.xlsx?=\"\r\n\r\n"},
    {"name-2047-bare", TYPE "a/b; name==?utf-8?q?r=C3=B6.xlsx?=\r\n\r\n"},
    {"name-2047-broken", FILE "filename=\"=?utf-8?q?r\"\r\n\r\n"},
    {"name-2231", FILE "filename*=utf-8''%C3%B6.xlsx\r\n\r\n"},
    {"name-2231-latin", FILE "filename*=iso-8859-1'de'%F6.xlsx\r\n\r\n"},
    {"name-2231-pieces", FILE "filename*0*=utf-8''%C3%B6; filename*1=\"b.xlsx\"\r\n\r\n"},
    {"name-2231-order", FILE "filename*1=b; filename*0=a; filename*10=c\r\n\r\n"},
    {"name-2231-broken", FILE "filename*=x; y=z\r\n" TYPE "a/b; name*0*=%zz\r\n\r\n"},
    {"name-2231-no-charset", FILE "filename*=''a%20b\r\n\r\n"},
    {"name-both-forms", FILE "filename=a.xlsx; filename*=utf-8''%C3%B6.xlsx\r\n\r\n"},
    {"name-both-forms-same", FILE "filename=a.xlsx; filename*=utf-8''a.xlsx\r\n\r\n"},
    {"name-both-forms-pieces", FILE "filename*0=a; filename*1=b; filename=x\r\n\r\n"},
    {"type-both-forms", TYPE "a/b; name=a; name*=utf-8''b\r\n\r\n"},
    {"multipart-both-forms",
     TYPE "multipart/mixed; boundary=b; name=a; name*=''b\r\n\r\n--b--\r\n"},
    {"unopened-both-forms", MAIL MAIL FILE "filename=a; filename*=''b\r\n\r\nx\r\n"},
    {"closed-both-forms", MIXED "--b--\r\n--b\r\n" FILE "filename=a; filename*=''b\r\n\r\nx\r\n"},
    {"boundary-behind-not-token", TYPE "multipart/mixed; x=a b; boundary=b\r\n\r\n--b--\r\n"},
    {"boundary-behind-empty",
     TYPE "multipart/mixed; x=; boundary=b\r\n\r\n--b\r\n\r\ny\r\n--b--\r\n"},
    {"boundary-behind-star",
     TYPE "multipart/mixed; x*=a; boundary=b\r\n\r\n--b\r\n\r\ny\r\n--b--\r\n"},
    {"boundary-with-blank",
     TYPE "multipart/mixed; boundary=\"a b\"\r\n\r\n--a b\r\n\r\ny\r\n--a b--\r\n"},
    {"message-with-boundary",
     TYPE "message/rfc822; x*=a; boundary*=b\r\n\r\nSubject: x\r\n\r\ny\r\n"},
    {"message-with-odd-boundary",
     TYPE "message/rfc822; x=a b; boundary=b\r\n\r\nSubject: x\r\n\r\n--b\r\n"},
    {"leaf-with-odd-boundary", MAIL MAIL TYPE "a/b; x=a b; boundary=b\r\n\r\n--b\r\n"},
    {"charset-odd", TYPE "text/plain; charset=\"iso-8859-1\" (x)\r\n\r\n\xf6\r\n"},

    /* --- Dispositions and encodings --- */
    {"disposition-case", "Content-Disposition: ATTACHMENT\r\n\r\nx\r\n"},
    {"disposition-comment", "Content-Disposition: attachment (c); filename=x\r\n\r\nx\r\n"},
    {"disposition-quoted", "Content-Disposition: \"attachment\"; filename=x\r\n\r\nx\r\n"},
    {"disposition-quoted-semicolon", "Content-Disposition: \"a;filename=x\"\r\n\r\nx\r\n"},
    {"disposition-empty", "Content-Disposition:\r\n\r\nx\r\n"},
    {"disposition-only-name", "Content-Disposition: ; filename=x\r\n\r\nx\r\n"},
    {"disposition-folded", "Content-Disposition:\r\n attachment\r\n ;\r\n filename=x\r\n\r\nx\r\n"},
    {"disposition-8bit", "Content-Disposition: attachment\xc3\xb6; filename=x\r\n\r\nx\r\n"},
    {"encoding-case", "Content-Transfer-Encoding: BASE64 \r\n\r\neA==\r\n"},
    {"encoding-comment", "Content-Transfer-Encoding: base64 (c)\r\n\r\neA==\r\n"},
    {"encoding-folded", "Content-Transfer-Encoding:\r\n base64\r\n\r\neA==\r\n"},
    {"encoding-empty", "Content-Transfer-Encoding:\r\n\r\neA==\r\n"},
    {"encoding-word", "Content-Transfer-Encoding: =?us-ascii?q?base64?=\r\n\r\neA==\r\n"},
    {"encoding-word-within", "Content-Transfer-Encoding: base=?utf-8?q?64?=x\r\n\r\neA==\r\n"},
    {"encoding-8bit", "Content-Transfer-Encoding: b\xe4se64\r\n\r\neA==\r\n"},
    {"subject-word-within", "Subject: base=?utf-8?q?64?=x\r\n\r\n"},
    {"encoding-7-bit", "Content-Transfer-Encoding: 7-bit\r\n\r\neA==\r\n"},
    {"encoding-uu",
     "Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a\r\n#0V%T\r\n`\r\nend\r\n"},
    {"text-base64", "Content-Transfer-Encoding: base64\r\n\r\naGVs\r\nbG8=\r\nbW9yZQ==\r\n"},
    {"text-base64-cut", "Content-Transfer-Encoding: base64\r\n\r\naGVsbG\r\n"},
    {"text-quoted", TYPE "text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: "
                         "quoted-printable\r\n\r\na=3Db=F6 \t\r\n=\r\n=zz=4\r\nc=\r\n"},
    {"text-quoted-cut", "Content-Transfer-Encoding: quoted-printable\r\n\r\na=4"},
    {"text-quoted-equals", "Content-Transfer-Encoding: quoted-printable\r\n\r\na="},
    {"text-charset-unknown", TYPE "text/plain; charset=x-none\r\n\r\n\xf6\r\n"},
    {"text-utf16", TYPE "text/plain; charset=utf-16le\r\n\r\na"},
    {"text-8bit", TYPE "text/plain\r\n\r\n\xf6\xc3\xb6\r\n"},

    /* --- Structure --- */
    {"mixed", MIXED "--b\r\n\r\nx\r\n--b--\r\n"},
    {"no-close", MIXED "--b\r\n\r\nx\r\n"},
    {"no-close-no-newline", MIXED "--b\r\n\r\nx"},
    {"no-part", MIXED "preamble\r\n"},
    {"no-body", "Content-Type: multipart/mixed; boundary=b\r\n"},
    {"closed-at-once", MIXED "--b--\r\nx\r\n"},
    {"preamble-and-epilogue",
     MIXED "pre\r\n--b\r\n\r\nx\r\n--b--\r\npost\r\n--b\r\n\r\ny\r\n--b--\r\n"},
    {"empty-part", MIXED "--b\r\n\r\n--b\r\n\r\n\r\n--b\r\n\r\n\r\n\r\n--b--\r\n"},
    {"no-blank-line", MIXED "--b\r\nContent-Type: text/html\r\n--b--\r\n"},
    {"no-blank-line-then-part", MIXED
     "--b\r\nContent-Type: text/html\r\n--b\r\nContent-Disposition: inline\r\n\r\nx\r\n--b--\r\n"},
    {"no-header-no-blank-line", MIXED "--b\r\n--b\r\n\r\nx\r\n--b\r\n--b--\r\n"},
    {"no-blank-line-then-epilogue",
     MIXED "--b\r\nContent-Type: text/html\r\n--b--\r\n\r\npost\r\n"},
    {"blanks-behind-boundary", MIXED "--b \t \r\n\r\nx\r\n--b-- \t\r\n"},
    {"more-behind-boundary", MIXED "--b\r\n\r\nx\r\n--bx\r\n--b x\r\n--b-\r\n--b--x\r\n--b--\r\n"},
    {"boundary-within-line", MIXED "--b\r\n\r\nx--b\r\n --b\r\n- -b\r\n--b--\r\n"},
    {"boundary-prefix",
     TYPE "multipart/mixed; boundary=b\r\n\r\n--b\r\n" TYPE
          "multipart/mixed; boundary=bb\r\n\r\n--bb\r\n\r\nx\r\n--bb--\r\n--b--\r\n"},
    {"boundary-with-dashes", MIXED "--b\r\n" TYPE "multipart/mixed; boundary=\"b--\"\r\n\r\n"
                                   "--b--\r\n\r\nx\r\n--b----\r\n--b--\r\n"},
    {"boundary-with-dashes-outside",
     TYPE "multipart/mixed; boundary=\"b--\"\r\n\r\n--b--\r\n" TYPE "multipart/mixed; "
          "boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\ny\r\n--b--\r\n\r\nz\r\n--b----\r\n"},
    {"nested", MIXED "--b\r\n" INNER
                     "--c\r\n\r\nx\r\n--c\r\n\r\ny\r\n--c--\r\npost\r\n--b\r\n\r\nz\r\n--b--\r\n"},
    {"nested-not-closed",
     MIXED "--b\r\n" INNER "--c\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--\r\n--c\r\n\r\nz\r\n"},
    {"nested-closed-by-outer", MIXED "--b\r\n" INNER "--c\r\n\r\nx\r\n--b--\r\n\r\npost\r\n"},
    {"nested-without-parts", MIXED "--b\r\n" INNER "--b\r\n\r\ny\r\n--b--\r\n"},
    {"nested-reopened",
     MIXED "--b\r\n" INNER "--c\r\n\r\nx\r\n--c--\r\n--c\r\n\r\ny\r\n--b\r\n\r\nz\r\n--b--\r\n"},
    {"nested-in-closed",
     MIXED "--b--\r\n--b\r\n" INNER "--c\r\n\r\nx\r\n--b\r\n\r\ny\r\n--c--\r\n--b--\r\n"},
    {"closed-boundary-again",
     MIXED "--b\r\n" INNER "--c--\r\n--b\r\n" INNER "--c\r\n\r\nx\r\n--c--\r\n--b--\r\n"},
    {"last-boundary-cut", MIXED "--b\r\n\r\nx\r\n--b"},
    {"last-boundary-alone", MIXED "--b\r\n\r\nx\r\n--b\r\n"},
    {"close-without-newline", MIXED "--b\r\n\r\nx\r\n--b--"},
    {"close-without-newline-empty", MIXED "--b\r\n\r\n--b--"},
    {"mixed-line-ends",
     "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\r\n\r\ny\n\n--b--\r\n"},
    {"mixed-line-ends-back", MIXED "--b\r\n\r\nx\r\n--b\n\ny\r\n\r\n--b--\n"},
    {"content-is-line-feed", MIXED "--b\n\n\n--b--\r\n"},
    {"content-ends-in-cr", MIXED "--b\r\n\r\nx\r\r\n--b--\r\n"},

    /* --- Mails within mails --- */
    {"forward", MIXED "--b\r\n" MAIL "Subject: x\r\n\r\nbody\r\n--b--\r\n"},
    {"forward-alone", MAIL "Subject: x\r\n\r\nbody\r\n"},
    {"forward-of-nothing", MAIL},
    {"forward-of-an-empty-line", MAIL "\r\n"},
    {"forward-empty", MIXED "--b\r\n" MAIL "--b\r\n\r\nx\r\n--b--\r\n"},
    {"forward-empty-at-end", MIXED "--b\r\n" MAIL},
    {"forward-no-blank-line",
     MIXED "--b\r\nContent-Type: message/rfc822\r\n--b\r\n\r\nx\r\n--b--\r\n"},
    {"forward-header-alone", MIXED "--b\r\n" MAIL "Subject: x\r\n--b--\r\n"},
    {"forward-without-header", MIXED "--b\r\n" MAIL "\r\nbody\r\n--b--\r\n"},
    {"forward-of-mixed",
     MIXED "--b\r\n" MAIL INNER "--c\r\n\r\nx\r\n--c--\r\n--b\r\n\r\ny\r\n--b--\r\n"},
    {"forward-of-forward", MIXED "--b\r\n" MAIL MAIL "Subject: x\r\n\r\nbody\r\n--b--\r\n"},
    {"forward-of-forwards", MIXED "--b\r\n" MAIL INNER "--c\r\n" MAIL MAIL "\r\nx\r\n--c\r\n" MAIL
                                  "--c\r\n" MAIL "\r\n--c--\r\n--b--\r\n"},
    {"forward-of-forward-empty", MIXED "--b\r\n" MAIL MAIL "--b--\r\n"},
    {"forward-8bit", "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                     "Subject: x\r\n\r\n\xf6\r\n"},
    {"forward-headers", MAIL "Subject: x\r\n" FILE "filename=y\r\nContent-Type: a/b; name=z\r\n"
                             "Content-Transfer-Encoding: base64\r\n\r\neA==\r\n"},
    {"digest", TYPE "multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: x\r\n\r\ny\r\n--b\r\n"
                    "Content-Type: text/plain\r\n\r\nz\r\n--b--\r\n"},
    {"digest-empty", TYPE "multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n--b\r\n--b--\r\n"},
    {"digest-no-slash", TYPE "multipart/digest; boundary=b\r\n\r\n--b\r\nContent-Type: text\r\n\r\n"
                             "Subject: x\r\n\r\ny\r\n--b--\r\n"},
    {"digest-named", TYPE "multipart/digest; boundary=b\r\n\r\n--b\r\n" FILE "filename=x\r\n\r\n"
                          "Subject: x\r\n\r\ny\r\n--b--\r\n"},
    {"digest-of-mixed", TYPE "multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n" INNER
                             "--c\r\n\r\nx\r\n--c--\r\n--b--\r\n"},
};

/* On the heap and exactly as long: no byte behind the end is looked at. */
static void check(const char *mail, size_t size)
{
    g_autofree char *piece = g_memdup2(mail, size);
    g_autofree char *difference = mime_oracle_differs(piece != NULL ? piece : "", size);
    if (difference == NULL)
        return;
    g_autofree char *shown = g_strescape(mail, NULL);
    g_test_message("the first %zu octets of \"%s\": %s", size, shown, difference);
    g_test_fail();
}

static void check_cut(const char *mail)
{
    for (size_t size = 0; size <= strlen(mail); size++)
        check(mail, size);
}

static void test_example(gconstpointer data)
{
    const struct example *example = data;
    check_cut(example->mail);
    g_auto(GStrv) pieces = g_strsplit(example->mail, "\r\n", -1);
    g_autofree char *with_lf = g_strjoinv("\n", pieces);
    check_cut(with_lf);
}

/* GMime reads 4,096 octets at a time. */
static void test_long(void)
{
    for (size_t length = 3900; length < 4300; length++) {
        g_autofree char *line = g_strnfill(length, 'x');
        g_autofree char *lines = g_strnfill(length, '\n');
        g_autofree char *mail =
            g_strdup_printf("Subject: %s\r\n" MIXED "%s\r\n--b\r\n\r\n%s\r\n--b\r\n"
                            "Content-Type: a/b\r\n\r\n%s\r\n--b--\r\n",
                            line, lines, lines, lines);
        check(mail, strlen(mail));
        g_autofree char *body =
            g_strdup_printf(MIXED "%s\r\n--b\r\n\r\n%s%s%s\r\n--b\r\n\r\n%s\r\n--b--\r\n", line,
                            line, line, line, line);
        check(body, strlen(body));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(examples); i++) {
        g_autofree char *path = g_strconcat("/mime-oracle/", examples[i].name, NULL);
        g_test_add_data_func(path, &examples[i], test_example);
    }
    g_test_add_func("/mime-oracle/long", test_long);
    return g_test_run();
}

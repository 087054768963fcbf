#include "report/base64.h"

#include "base/error.h"

#include <string.h>

struct example {
    const char *name;
    const char *encoded;
    const char *decoded; /* NULL: refused */
    const char *says;    /* a piece of the error */
};

static const struct example base64_examples[] = {
    {"none", "", "", NULL},
    {"one", "Zg==", "f", NULL},
    {"two", "Zm8=", "fo", NULL},
    {"three", "Zm9v", "foo", NULL},
    {"lines", "Zm9v\r\nYmFy\r\n", "foobar", NULL},
    {"blanks", " Zm\t9v\n", "foo", NULL},
    {"blank-in-padding", "Zg=\r\n=\r\n", "f", NULL},
    {"high-digits", "+/+/", "\xfb\xff\xbf", NULL},
    {"no-padding", "Zg", NULL, "cut off"},
    {"half-padding", "Zg=", NULL, "cut off"},
    {"too-much-padding", "Zg===", NULL, "behind its padding"},
    {"padding-alone", "=", NULL, "belongs to nothing"},
    {"padding-after-whole", "Zm9v=", NULL, "belongs to nothing"},
    {"one-digit", "Zm9vZ", NULL, "cut off"},
    {"goes-on", "Zg==\r\nZm9v", NULL, "line 2"},
    {"spare-bits", "Zh==", NULL, "bits"},
    {"foreign", "Zm9v\r\nZm!v", NULL, "0x21 in its line 2"},
    {"nul", "Zm9v\r\nZm9v\r\n\x01", NULL, "0x01 in its line 3"},
    {"url-alphabet", "-_-_", NULL, "0x2D"},
};

static const struct example quoted_examples[] = {
    {"none", "", "", NULL},
    {"plain", "foo", "foo", NULL},
    {"lines", "a\r\nb\nc", "a\r\nb\nc", NULL},
    {"hex", "PK=03=04=3D", "PK\3\4=", NULL},
    {"lower", "=c3=b6", "\xc3\xb6", NULL},
    {"soft", "foo=\r\nbar", "foobar", NULL},
    {"soft-with-blanks", "foo=  \r\nbar", "foobar", NULL},
    {"blank-at-end", "foo \t\r\nbar", "foo\r\nbar", NULL},
    {"bad-hex", "ok\r\n=G1", NULL, "line 2"},
    {"cut", "foo=4", NULL, "line 1"},
    {"eight-bit", "\xc3\xb6", NULL, "0xC3"},
};

static void run(const struct example *example,
                bool (*decode)(const void *, size_t, GByteArray *, GError **))
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    bool is_good = decode(example->encoded, strlen(example->encoded), out, &error);
    if (example->decoded == NULL) {
        g_assert_false(is_good);
        g_assert_error(error, CALLMX_ERROR, ERROR_PERM);
        g_assert_nonnull(strstr(error->message, example->says));
    } else {
        g_assert_no_error(error);
        g_assert_true(is_good);
        g_assert_cmpuint(out->len, ==, strlen(example->decoded));
        g_assert_true(out->len == 0 || memcmp(out->data, example->decoded, out->len) == 0);
    }
}

static void test_base64(gconstpointer data)
{
    run(data, base64_decode);
}

static void test_quoted(gconstpointer data)
{
    run(data, quoted_printable_decode);
}

/* All lengths over more than one of the decoder's inner pieces, against GLib's encoder. */
static void test_lengths(void)
{
    g_autofree guchar *octets = g_malloc(10000);
    for (size_t i = 0; i < 10000; i++)
        octets[i] = (guchar)(i * 7 + i / 256);
    for (size_t size = 0; size < 10000; size = size < 70 ? size + 1 : size + 997) {
        g_autofree char *text = g_base64_encode(octets, size);
        g_autoptr(GByteArray) out = g_byte_array_new();
        g_assert_true(base64_decode(text, strlen(text), out, NULL));
        g_assert_cmpuint(out->len, ==, size);
        g_assert_true(size == 0 || memcmp(out->data, octets, size) == 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(base64_examples); i++) {
        g_autofree char *path = g_strconcat("/base64/", base64_examples[i].name, NULL);
        g_test_add_data_func(path, &base64_examples[i], test_base64);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(quoted_examples); i++) {
        g_autofree char *path = g_strconcat("/quoted-printable/", quoted_examples[i].name, NULL);
        g_test_add_data_func(path, &quoted_examples[i], test_quoted);
    }
    g_test_add_func("/base64/lengths", test_lengths);
    return g_test_run();
}

#include "report/container.h"

#include "base/error.h"
#include "base/limits.h"
#include "report/part_name.h"
#include "report/signature.h"
#include "sample.h"

/* Three parts in the writer's way, with knobs of poi_container.write(). */
#define PARTS "[('a/one.xml', b'first'), ('two.xml', b'second ' * 3000), ('empty.xml', b'')]"

static struct container *open_sample(const char *knobs, GBytes **bytes)
{
    g_autofree char *expression = g_strdup_printf("poi_container.write(%s%s)", PARTS, knobs);
    *bytes = sample(expression);
    size_t size;
    const void *data = g_bytes_get_data(*bytes, &size);
    g_autoptr(GError) error = NULL;
    struct container *container = container_open(data, size, NULL, &error);
    g_assert_no_error(error);
    return container;
}

static void assert_reads(struct container *container, const char *name, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = container_read(container, name, MIB, &error);
    g_assert_no_error(error);
    g_assert_true(sample_is(bytes, text));
}

static void assert_refused(struct container *container, const char *name, size_t limit,
                           const char *piece)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = container_read(container, name, limit, &error);
    g_assert_null(bytes);
    g_assert_error(error, CALLMX_ERROR, ERROR_PERM);
    if (strstr(error->message, piece) == NULL)
        g_error("'%s' does not say '%s'", error->message, piece);
}

/* All these are whole: every part can be read. */
static void test_whole(gconstpointer knobs)
{
    g_autoptr(GBytes) bytes = NULL;
    AUTO(container) container = open_sample(knobs, &bytes);
    g_assert_cmpuint(container_count(container), >=, 3);
    g_assert_cmpstr(container_name(container, 0), ==, "a/one.xml");
    assert_reads(container, "a/one.xml", "first");
    assert_reads(container, "empty.xml", "");
    g_autoptr(GBytes) second = container_read(container, "two.xml", 21000, NULL);
    g_assert_nonnull(second);
    g_assert_cmpuint(g_bytes_get_size(second), ==, 21000);
    assert_refused(container, "two.xml", 20999, "zip bomb");
}

static void test_names(void)
{
    g_autoptr(GBytes) bytes = sample("poi_container.write([('xl\\\\Shared.XML', b'one'),"
                                     "('/two.xml', b'two'), ('DIR/', b''),"
                                     "('twice.xml', b'a'), ('Twice.xml', b'b')])");
    AUTO(container)
    container = container_open(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), NULL, NULL);
    g_assert_nonnull(container);
    assert_reads(container, "xl/shared.xml", "one");
    assert_reads(container, "\\XL\\SHARED.xml", "one");
    assert_reads(container, "Two.xml", "two");
    g_assert_true(container_has(container, "dir/"));
    g_assert_false(container_has(container, "xl/shared"));
    assert_refused(container, "three.xml", MIB, "three.xml is missing");
    assert_refused(container, "twice.xml", MIB, "is there twice");
    assert_refused(container, "TWICE.XML", MIB, "is there twice");
    assert_refused(container, "bad\n\xFFname", MIB, "bad?");
}

/* A damaged part harms nobody but who asks for it. */
static void test_part_refused(void)
{
    static const struct {
        const char *knobs, *name, *piece, *other;
    } CASES[] = {
        {", wrong_crc='a/one.xml'", "a/one.xml", "its checksum does not match", "empty.xml"},
        {", wrong_crc='a/one.xml', stored=['a/one.xml']", "a/one.xml", "its checksum", "empty.xml"},
        {", encrypted='a/one.xml'", "a/one.xml", "is encrypted", "empty.xml"},
        {", method={'a/one.xml': 12}", "a/one.xml", "packed in a way", "empty.xml"},
        {", lying_size={'a/one.xml': 4}", "a/one.xml", "does not have the size", "empty.xml"},
        {", lying_size={'a/one.xml': 6}", "a/one.xml", "does not have the size", "empty.xml"},
        {", lying_size={'a/one.xml': 6}, stored=['a/one.xml']", "a/one.xml", "its size is wrong",
         "empty.xml"},
        {", lying_size={'a/one.xml': 1 << 19}", "a/one.xml", "cannot inflate", "empty.xml"},
        {", overlap=('a/one.xml', 'two.xml')", "a/one.xml", "shares its bytes", "empty.xml"},
        {", overlap=('a/one.xml', 'two.xml')", "two.xml", "shares its bytes", "empty.xml"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GBytes) bytes = NULL;
        AUTO(container) container = open_sample(CASES[i].knobs, &bytes);
        assert_refused(container, CASES[i].name, MIB, CASES[i].piece);
        assert_reads(container, CASES[i].other, "");
    }
}

static void test_open_refused(void)
{
    static const struct {
        const char *expression, *piece;
    } CASES[] = {
        {"b''", "cut off"},
        {"b'PK\\3\\4' * 10", "cut off"},
        {"poi_container.write(" PARTS ", truncate=0.5)", "cut off"},
        {"poi_container.write(" PARTS ", truncate=-1)", "cut off"},
        {"poi_container.write(" PARTS ", disk=1)", "several disks"},
        {"poi_container.write(" PARTS ")[5:]", "damaged"},
        {"poi_container.write([('x' * 513, b'')])", "513 bytes"},
        {"poi_container.write([('x\\0y', b'')])", "NUL"},
        {"poi_container.write([(str(n), b'') for n in range(10001)])", "10001 parts"},
        {"poi_container.write(" PARTS ", zip64=True).replace(b'PK\\6\\6', b'PK\\6\\0')", "ZIP64"},
        {"poi_container.write(" PARTS ", zip64=True).replace(b'\\1\\0\\x18\\0', b'\\2\\0\\x18\\0')",
         "ZIP64 sizes"},
        {"b'PK\\5\\6' + bytes(4) + b'\\1\\0\\1\\0' + b'\\xfe\\xff\\xff\\xff' * 2 + bytes(2)",
         "outside"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GBytes) bytes = sample(CASES[i].expression);
        g_autoptr(GError) error = NULL;
        size_t size;
        const void *data = g_bytes_get_data(bytes, &size);
        g_assert_null(container_open(data, size, NULL, &error));
        g_assert_error(error, CALLMX_ERROR, ERROR_PERM);
        if (strstr(error->message, CASES[i].piece) == NULL)
            g_error("case %zu: '%s' does not say '%s'", i, error->message, CASES[i].piece);
    }
}

/* Cut at every byte: an error each time, or parts that are right. */
static void test_truncated(void)
{
    g_autoptr(GBytes) bytes = sample("poi_container.write([('a', b'abcabcabc'), ('b', b'1')])");
    size_t size;
    const char *data = g_bytes_get_data(bytes, &size);
    for (size_t cut = 0; cut < size; cut++) {
        g_autofree char *copy = g_memdup2(data, cut);
        g_autoptr(GError) error = NULL;
        g_assert_null(container_open(copy == NULL ? "" : copy, cut, NULL, &error));
        g_assert_nonnull(error);
    }
}

/* Each bit of the directory and the headers turned once: never a wrong content. */
static void test_flipped(void)
{
    g_autoptr(GBytes) bytes = sample("poi_container.write([('a', b'abcabcabc'), ('b', b'1')])");
    size_t size;
    const char *data = g_bytes_get_data(bytes, &size);
    for (size_t bit = 0; bit < size * 8; bit++) {
        g_autofree char *copy = g_memdup2(data, size);
        copy[bit / 8] = (char)(copy[bit / 8] ^ (1 << bit % 8));
        AUTO(container) container = container_open(copy, size, NULL, NULL);
        if (container == NULL)
            continue;
        g_autoptr(GBytes) part = container_read(container, "a", MIB, NULL);
        if (part != NULL)
            g_assert_true(sample_is(part, "abcabcabc"));
    }
}

/* The lengths of a local header that lead out of the file. */
static void test_data_outside(void)
{
    static const char *const EDITS[] = {"b[:26] + b'\\xff\\xff' + b[28:]",
                                        "b[:28] + b'\\xff\\xff' + b[30:]", "b'P' * 4 + b[4:]"};
    for (size_t i = 0; i < G_N_ELEMENTS(EDITS); i++) {
        g_autofree char *expression = g_strdup_printf(
            "(lambda b: %s)(poi_container.write([('a', b'abc'), ('b', b'')]))", EDITS[i]);
        g_autoptr(GBytes) bytes = sample(expression);
        AUTO(container)
        container =
            container_open(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), NULL, NULL);
        g_assert_nonnull(container);
        assert_refused(container, "a", MIB, "lies outside of the file");
        assert_reads(container, "b", "");
    }
}

/* What all containers of a message inflate is counted together. */
static void test_together(void)
{
    g_autoptr(GBytes) bytes = sample("poi_container.write([('a', b'abc' * 1000)])");
    size_t inflated = LIMIT_REPORT_INFLATED - 7000;
    for (int i = 0; i < 3; i++) {
        AUTO(container)
        container =
            container_open(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), &inflated, NULL);
        g_autoptr(GBytes) part = i < 2 ? container_read(container, "a", MIB, NULL) : NULL;
        g_assert_cmpint(part != NULL, ==, i < 2);
        if (i == 2)
            assert_refused(container, "a", MIB, "in the message would inflate to more than 384 MB");
    }
    g_assert_cmpuint(inflated, ==, LIMIT_REPORT_INFLATED - 1000);
}

static void test_bomb(void)
{
    g_autoptr(GBytes) bytes =
        sample("poi_container.write([('big', bytes(300 << 20)), ('ratio', bytes(9 << 20)),"
               "('small', bytes(8 << 20))] + [('n%d' % n, bytes(8 << 20)) for n in range(24)])");
    AUTO(container)
    container = container_open(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), NULL, NULL);
    g_assert_nonnull(container);
    assert_refused(container, "big", LIMIT_PART_SHEET, "300 MB: more than 128 MB");
    assert_refused(container, "ratio", LIMIT_PART_SHEET, "200 times");
    for (size_t i = 0; i < 24; i++) {
        g_autofree char *name = g_strdup_printf("n%zu", i % 12);
        g_autoptr(GBytes) part = container_read(container, name, LIMIT_PART_SHEET, NULL);
        g_assert_nonnull(part);
    }
    assert_refused(container, "small", LIMIT_PART_SHEET, "more than 192 MB");
}

static void test_part_names(void)
{
    static const struct {
        const char *source, *target, *part;
    } CASES[] = {
        {"", "xl/workbook.xml", "xl/workbook.xml"},
        {"", "/xl/workbook.xml", "xl/workbook.xml"},
        {"xl/workbook.xml", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"},
        {"xl/workbook.xml", "/xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"},
        {"xl/workbook.xml", "./worksheets/../worksheets/s.xml", "xl/worksheets/s.xml"},
        {"xl/workbook.xml", "../other/s.xml", "other/s.xml"},
        {"xl/workbook.xml", "worksheets\\sheet1.xml", "xl/worksheets/sheet1.xml"},
        {"xl/workbook.xml", "work%20sheets/s%31.xml", "xl/work sheets/s1.xml"},
        {"xl/workbook.xml", "s%zz%4.xml", "xl/s%zz%4.xml"},
        {"xl/workbook.xml", "s.xml#Sheet!A1", "xl/s.xml"},
        {"xl/workbook.xml", "../../s.xml", NULL},
        {"xl/workbook.xml", "%2e%2e/%2e%2e/s.xml", NULL},
        {"xl/workbook.xml", "/..", NULL},
        {"xl/workbook.xml", "", NULL},
        {"xl/workbook.xml", "#A1", NULL},
        {"xl/workbook.xml", "/", NULL},
        {"xl/workbook.xml", "a%00b", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *part = part_name_resolve(CASES[i].source, CASES[i].target);
        g_assert_cmpstr(part, ==, CASES[i].part);
    }
    g_autofree char *root = part_name_relationships("");
    g_assert_cmpstr(root, ==, "_rels/.rels");
    g_autofree char *deep = part_name_relationships("xl/a/workbook.xml");
    g_assert_cmpstr(deep, ==, "xl/a/_rels/workbook.xml.rels");
}

#define BYTES(text) text, sizeof(text) - 1

static void test_signature(void)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *kind;
    } CASES[] = {
        {BYTES(""), "empty"},
        {BYTES("PK\3\4 and more"), "workbook"},
        {BYTES("PK\5\6"), "empty zip"},
        {BYTES("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 W\0o\0r\0k\0b\0o\0o\0k\0"), "old .xls"},
        {BYTES("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"),
         "protected workbook"},
        {BYTES("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 W\0o\0r\0d\0"), "old office file"},
        {BYTES("\xEF\xBB\xBF\r\n <HTML><body>"), "html"},
        {BYTES("<table border=1>"), "html"},
        {BYTES("<?xml version='1.0'?><Workbook "
               "xmlns='urn:schemas-microsoft-com:office:spreadsheet'>"),
         "xml 2003"},
        {BYTES("<?xml version='1.0'?><a/>"), "xml"},
        {BYTES("%PDF-1.7"), "pdf"},
        {BYTES("\x1F\x8B\x08"), "gzip"},
        {BYTES("\xEF\xBB\xBF"
               "Direction,From,To\r\n"),
         "csv"},
        {BYTES("a;b\n"), "csv"},
        {BYTES("UEsDBC0ACAAIAAAA"), "base64"},
        {BYTES("Rar!\x1A\x07"), "rar"},
        {BYTES("hello"), "unknown"},
        {BYTES("\0\0\0\0,"), "unknown"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const struct signature *found = signature_of_bytes(CASES[i].bytes, CASES[i].size);
        g_assert_cmpstr(found->kind, ==, CASES[i].kind);
        g_assert_true((found->sentence == NULL) == (strcmp(found->kind, "workbook") == 0));
    }
}

static void test_signature_of_container(void)
{
    static const struct {
        const char *part, *kind;
    } CASES[] = {
        {"word/document.xml", "docx"}, {"XL/workbook.bin", "xlsb"},
        {"content.xml", "ods"},        {"reports/Calls_01.XLSX", "zip of a workbook"},
        {"holiday.jpg", "zip"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *expression =
            g_strdup_printf("poi_container.write([('%s', b'')])", CASES[i].part);
        g_autoptr(GBytes) bytes = sample(expression);
        AUTO(container)
        container =
            container_open(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), NULL, NULL);
        g_assert_cmpstr(signature_of_container(container)->kind, ==, CASES[i].kind);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/container/whole/streaming-writer", "", test_whole);
    g_test_add_data_func("/container/whole/re-saved", ", sizes_in_local=True", test_whole);
    g_test_add_data_func("/container/whole/zip64", ", zip64=True", test_whole);
    g_test_add_data_func("/container/whole/stored", ", stored=['a/one.xml', 'empty.xml']",
                         test_whole);
    g_test_add_data_func("/container/whole/comment", ", comment=b'PK' * 30000", test_whole);
    g_test_add_data_func("/container/whole/trailing", ") + (b'\\r\\n'", test_whole);
    g_test_add_func("/container/names", test_names);
    g_test_add_func("/container/part-refused", test_part_refused);
    g_test_add_func("/container/open-refused", test_open_refused);
    g_test_add_func("/container/truncated", test_truncated);
    g_test_add_func("/container/flipped", test_flipped);
    g_test_add_func("/container/data-outside", test_data_outside);
    g_test_add_func("/container/bomb", test_bomb);
    g_test_add_func("/container/together", test_together);
    g_test_add_func("/container/part-names", test_part_names);
    g_test_add_func("/container/signature", test_signature);
    g_test_add_func("/container/signature-of-container", test_signature_of_container);
    return g_test_run();
}

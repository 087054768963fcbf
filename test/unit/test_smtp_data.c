/*
 * The octets of DATA: each stream whole, split at every octet and byte by byte must give the same
 * message, the same fault at the same octet, and the same end.
 */
#include <glib.h>

#include <string.h>

#include "base/limits.h"
#include "proto/smtp_data.h"

struct sample {
    const char *name;
    const char *stream;
    gsize size;
    const char *expected; /* the message; `!` and its octet where a fault is told; then the end */
};

#define STREAM(text) text, sizeof text - 1

/* The maximum is 40 octets. "|n" is an end that took n octets of the stream. */
static const struct sample samples[] = {
    {"simple", STREAM("a\r\nb\r\n.\r\nQUIT\r\n"), "a\r\nb\r\n|good 9"},
    {"at-once", STREAM(".\r\n.\r\n"), "|good 3"},
    {"unfinished", STREAM("a\r\n.\r"), "a\r\n"},
    {"stuffed", STREAM("..\r\n..a\r\n.b\r\n.\r\n"), ".\r\n.a\r\nb\r\n|good 16"},
    {"dots-within", STREAM("a.\r\nb.c\r\n.\r\n"), "a.\r\nb.c\r\n|good 12"},
    {"octets", STREAM("\x01\xff\r\n.\r\n"), "\x01\xff\r\n|good 7"},
    {"lf", STREAM("ab\nc\r\n.\r\n"), "ab!2|newline 9"},
    {"lf-at-start", STREAM("\n.\r\n\r\n.\r\n"), "!0|newline 9"},
    {"lf-after-dot", STREAM("a\r\n.\n\r\n.\r\n"), "a\r\n!4|newline 10"},
    {"cr", STREAM("a\rb\r\n.\r\n"), "a\r!2|newline 8"},
    {"cr-cr", STREAM("a\r\r\n.\r\n"), "a\r!2|newline 7"},
    {"cr-after-dot-cr", STREAM("a\r\n.\r\r\n.\r\n"), "a\r\n!5|newline 10"},
    {"dot-cr-x", STREAM("a\r\n.\rx\r\n.\r\n"), "a\r\n!5|newline 11"},
    {"lf-dot-lf", STREAM("a\n.\nb\r\n.\r\n"), "a!1|newline 10"},
    {"lf-dot-crlf", STREAM("a\n.\r\nb\r\n.\r\n"), "a!1|newline 11"},
    {"crlf-dot-lf", STREAM("a\r\n.\nb\r\n.\r\n"), "a\r\n!4|newline 11"},
    {"bad-never-ends", STREAM("a\n.\r\nb\n.\r\n"), "a!1"},
    {"exact", STREAM("1234567890123456789012345678901234567\r\n\r\n.\r\n"),
     "1234567890123456789012345678901234567\r\n\r!40|large 44"},
    {"exact-fits", STREAM("12345678901234567890123456789012345678\r\n.\r\n"),
     "12345678901234567890123456789012345678\r\n|good 43"},
    {"stuffed-fits", STREAM(".12345678901234567890123456789012345678\r\n.\r\n"),
     "12345678901234567890123456789012345678\r\n|good 44"},
    {"too-large", STREAM("1234567890123456789012345678901234567890 \r\n.\r\n"),
     "1234567890123456789012345678901234567890!40|large 46"},
    {"too-large-then-lf", STREAM("1234567890123456789012345678901234567890 \n\r\n.\r\n"),
     "1234567890123456789012345678901234567890!40|newline 47"},
    {"lf-where-too-large", STREAM("1234567890123456789012345678901234567890\n\r\n.\r\n"),
     "1234567890123456789012345678901234567890!40|newline 46"},
};

struct player {
    struct smtp_data data;
    GString *trace;
    gsize total;
    gboolean ended;
};

static void feed(struct player *player, const char *bytes, gsize size)
{
    static const char *const faults[] = {
        [SMTP_DATA_GOOD] = "good",
        [SMTP_DATA_LOOP] = "loop",
        [SMTP_DATA_TOO_LARGE] = "large",
        [SMTP_DATA_NEWLINE] = "newline",
    };
    g_autofree char *piece = g_memdup2(bytes, size);
    const char *at = piece;

    while (size > 0 && !player->ended) {
        const char *slice;
        gsize length, taken;

        switch (smtp_data_next(&player->data, at, size, &taken, &slice, &length)) {
        case SMTP_DATA_EVENT_MORE:
            g_assert_cmpuint(taken, ==, size);
            break;
        case SMTP_DATA_EVENT_SLICE:
            g_assert_true(length > 0 && (player->data.normalize ||
                                         (slice >= at && slice + length <= at + taken)));
            g_string_append_len(player->trace, slice, (gssize)length);
            break;
        case SMTP_DATA_EVENT_FAULT:
            g_string_append_printf(player->trace, "!%" G_GSIZE_FORMAT, player->total + taken);
            break;
        case SMTP_DATA_EVENT_END:
            g_string_append_printf(player->trace, "|%s %" G_GSIZE_FORMAT,
                                   faults[player->data.fault], player->total + taken);
            player->ended = TRUE;
            break;
        }
        player->total += taken;
        at += taken;
        size -= taken;
    }
}

static void player_init(struct player *player, guint64 maximum)
{
    *player = (struct player){.trace = g_string_new(NULL)};
    smtp_data_init(&player->data, maximum, false);
}

static void check(const char *stream, gsize size, guint64 maximum, const char *expected)
{
    struct player player;

    player_init(&player, maximum);
    for (gsize i = 0; i < size; i++)
        feed(&player, stream + i, 1);
    g_assert_cmpstr(player.trace->str, ==, expected);
    g_string_free(player.trace, TRUE);
    for (gsize at = 0; at < size; at++) {
        player_init(&player, maximum);
        feed(&player, stream, at);
        feed(&player, stream + at, size - at);
        g_assert_cmpstr(player.trace->str, ==, expected);
        g_string_free(player.trace, TRUE);
    }
}

static void test_sample(gconstpointer data)
{
    const struct sample *sample = data;

    check(sample->stream, sample->size, 40, sample->expected);
}

/* How many trace fields this line, said `count` times, is taken for. */
static void check_received(const char *line, guint count, guint expected)
{
    struct player player;

    player_init(&player, 1000000);
    for (guint i = 0; i < count; i++)
        feed(&player, line, strlen(line));
    g_assert_cmpuint(player.data.received, ==, expected);
    g_string_free(player.trace, TRUE);
}

static void test_received(void)
{
    check_received("Received: x\r\n", 99, 99);
    check_received("rECEIVED:x\r\n", 3, 3);
    check_received("Received \t: x\r\n", 3, 3);
    check_received("X-Received: x\r\n", 3, 0);
    check_received("Received-SPF: x\r\n", 3, 0);
    check_received("Received\r\n", 3, 0);
    check_received("Receive: x\r\n", 3, 0);
    check_received(" Received: x\r\n", 3, 0);
    check_received("A: Received: x\r\n", 3, 0);
    check_received("Received: Received: x\r\n", 3, 3);
    /* After the empty line it is text. */
    check_received("Received: x\r\n\r\n", 3, 1);
    /* What is counted is the message, without the stuffing. */
    check_received(".Received: x\r\n", 3, 3);
    check_received("..Received: x\r\n", 3, 0);
}

static void test_loop(void)
{
    GString *stream = g_string_new(NULL);
    g_autofree char *expected = NULL;

    for (int i = 0; i < LIMIT_SMTP_RECEIVED; i++)
        g_string_append(stream, "Received:\r\n");
    expected = g_strdup_printf("%.*s!%d|loop %d", (int)stream->len - 2, stream->str,
                               (int)stream->len - 2, (int)stream->len + 5);
    g_string_append(stream, "\r\n.\r\n");
    check(stream->str, stream->len, 1000000, expected);
    g_string_free(stream, TRUE);
}

/* The rest of a refused message is not read for ever. */
static void test_discard(void)
{
    gsize size = 1024 * 1024;
    g_autofree char *fill = g_strnfill(size, 'x');
    struct player player;

    player_init(&player, 10);
    while (!player.ended && player.total < 2 * LIMIT_SMTP_DISCARD)
        feed(&player, fill, size);
    g_assert_true(player.ended && player.data.is_cut);
    g_assert_cmpuint(player.total, ==, 10 + LIMIT_SMTP_DISCARD);
    g_assert_cmpstr(player.trace->str, ==, "xxxxxxxxxx!10|large 268435466");
    g_string_free(player.trace, TRUE);
}

/* A megabyte of lines is one slice, not one for each. */
static void test_zero_copy(void)
{
    GString *stream = g_string_new(NULL);
    struct smtp_data data;
    const char *slice;
    gsize length, taken;

    while (stream->len < 1024 * 1024)
        g_string_append(stream, "UEsDBBQACAgIAAAAIQAAAAAAAAAAAAAAAAAYAAAA\r\n");
    smtp_data_init(&data, 10000000, false);
    g_assert_cmpint(smtp_data_next(&data, stream->str, stream->len, &taken, &slice, &length), ==,
                    SMTP_DATA_EVENT_SLICE);
    g_assert_true(slice == stream->str);
    g_assert_cmpuint(length, ==, stream->len);
    g_assert_cmpuint(data.octets, ==, stream->len);
    g_string_free(stream, TRUE);
}

static void check_whole(const char *stream, gsize size, guint64 maximum, bool normalize)
{
    struct player whole, octets;

    player_init(&whole, maximum);
    player_init(&octets, maximum);
    whole.data.normalize = octets.data.normalize = normalize;
    feed(&whole, stream, size);
    for (gsize i = 0; i < size && !octets.ended; i++)
        feed(&octets, stream + i, 1);
    g_assert_cmpstr(whole.trace->str, ==, octets.trace->str);
    g_assert_cmpuint(whole.total, ==, octets.total);
    g_assert_cmpuint(whole.data.octets, ==, octets.data.octets);
    g_assert_true(whole.ended && octets.ended);
    g_string_free(whole.trace, TRUE);
    g_string_free(octets.trace, TRUE);
}

/* All there can be around newlines of a body: whole lines are taken at a time, and must come to the
 * same as octet by octet. */
static void test_every_body(void)
{
    enum { LENGTH = 7, STREAMS = 1 << (2 * LENGTH) };

    for (guint number = 0; number < STREAMS; number++) {
        char stream[] = "\r\n.......\r\n.\r\n";
        for (guint i = 0; i < LENGTH; i++)
            stream[2 + i] = "a.\r\n"[number >> (2 * i) & 3];
        for (guint64 maximum = 5; maximum <= 11; maximum += 2) {
            check_whole(stream, sizeof stream - 1, maximum, false);
            check_whole(stream, sizeof stream - 1, maximum, true);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
        g_autofree char *name = g_strdup_printf("/smtp_data/sample/%s", samples[i].name);

        g_test_add_data_func(name, &samples[i], test_sample);
    }
    g_test_add_func("/smtp_data/received", test_received);
    g_test_add_func("/smtp_data/loop", test_loop);
    g_test_add_func("/smtp_data/discard", test_discard);
    g_test_add_func("/smtp_data/zero_copy", test_zero_copy);
    g_test_add_func("/smtp_data/every_body", test_every_body);
    return g_test_run();
}

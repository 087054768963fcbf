/*
 * struct report itself: making, freeing, its words and its text. What fills it is in report_mail.c
 * (mails), report_workbook.c (files), calls.c and users.c (rows).
 *
 * All text goes with the report at once. Equal texts are kept once, which is what makes a month of
 * 188,000 legs small: names, queues and results repeat. Where a workbook has done that already, in
 * its shared texts, its block of them is kept instead.
 */
#include "report/report.h"

#include "base/ascii.h"
#include "base/limits.h"

#include <string.h>

enum { LEGS = 64 }; /* of a file, to begin with */

static const char *const verdict_names[] = {
    [REPORT_STORED] = "stored", [REPORT_PARTIAL] = "partial",     [REPORT_DUPLICATE] = "duplicate",
    [REPORT_KEPT] = "kept",     [REPORT_LINK_ONLY] = "link-only", [REPORT_NO_REPORT] = "no-report",
    [REPORT_FAILED] = "failed",
};

const char *report_verdict_name(enum report_verdict verdict)
{
    g_assert((size_t)verdict < G_N_ELEMENTS(verdict_names));
    return verdict_names[verdict];
}

bool report_verdict_parse(const char *name, enum report_verdict *verdict)
{
    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(verdict_names); i++) {
        if (strcmp(name, verdict_names[i]) == 0) {
            *verdict = (enum report_verdict)i;
            return true;
        }
    }
    return false;
}

const char *report_direction_name(enum report_direction direction)
{
    static const char *const names[] = {
        [REPORT_DIRECTION_UNKNOWN] = NULL,
        [REPORT_INBOUND] = "Inbound",
        [REPORT_OUTBOUND] = "Outbound",
        [REPORT_INTERNAL] = "Internal",
    };
    g_assert((size_t)direction < G_N_ELEMENTS(names));
    return names[direction];
}

enum report_direction report_direction_parse(const char *name)
{
    static const struct {
        const char *word;
        enum report_direction direction;
    } words[] = {
        {"Inbound", REPORT_INBOUND},   {"Outbound", REPORT_OUTBOUND}, {"Internal", REPORT_INTERNAL},
        {"Ring out", REPORT_OUTBOUND}, {"Call out", REPORT_OUTBOUND}, {"Incoming", REPORT_INBOUND},
        {"Outgoing", REPORT_OUTBOUND},
    };
    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(words); i++) {
        /* As it is spelled nearly always, or in any case. */
        if (strcmp(name, words[i].word) == 0)
            return words[i].direction;
    }
    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(words); i++) {
        if (g_ascii_strcasecmp(name, words[i].word) == 0)
            return words[i].direction;
    }
    return REPORT_DIRECTION_UNKNOWN;
}

static void file_free(gpointer data)
{
    struct report_file *file = data;
    g_ptr_array_unref(file->sheets);
    g_array_unref(file->legs);
    g_array_unref(file->users);
    g_array_unref(file->notes);
    g_free(file);
}

struct report *report_new(void)
{
    struct report *report = g_new0(struct report, 1);
    report->verdict = REPORT_FAILED;
    report->files = g_ptr_array_new_with_free_func(file_free);
    report->strings = texts_new();
    report->blocks = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    return report;
}

struct report_file *report_file_new(struct report *report)
{
    struct report_file *file = g_new0(struct report_file, 1);
    file->verdict = REPORT_FAILED;
    file->from = REPORT_UNKNOWN;
    file->to = REPORT_UNKNOWN;
    file->sheets = g_ptr_array_new();
    file->legs = g_array_sized_new(FALSE, FALSE, sizeof(struct report_leg), LEGS);
    file->users = g_array_new(FALSE, FALSE, sizeof(struct report_user));
    file->notes = g_array_new(FALSE, FALSE, sizeof(struct report_note));
    g_ptr_array_add(report->files, file);
    return file;
}

void report_free(struct report *report)
{
    if (report == NULL)
        return;
    g_ptr_array_unref(report->files);
    texts_free(report->strings);
    g_ptr_array_unref(report->blocks);
    g_free(report);
}

const char *report_text(struct report *report, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return NULL;
    return texts_keep(report->strings, text);
}

/* Marks that make a name read otherwise than it is: embeddings, overrides, isolates. */
static bool is_direction_mark(gunichar c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e ||
           c == 0x200f;
}

static bool is_blank(gunichar c)
{
    return g_unichar_isspace(c) || c == 0xa0 || c == 0x200b || c == 0xfeff;
}

static bool is_plain(const char *text, size_t limit)
{
    size_t length = strlen(text);
    return length > 0 && length <= limit && text[0] != ' ' && text[length - 1] != ' ' &&
           ascii_is_printable(text, length);
}

const char *report_text_cut(struct report *report, const char *text, size_t limit)
{
    if (text == NULL || is_plain(text, limit))
        return report_text(report, text);
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_autoptr(GString) kept = g_string_new(NULL);
    size_t end = 0; /* behind the last character that is no blank */
    for (char *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
        /* Most of any text: needs no tables. */
        if (g_ascii_isgraph(*p)) {
            if (kept->len >= limit)
                break;
            g_string_append_c(kept, *p);
            end = kept->len;
            continue;
        }
        gunichar c = g_utf8_get_char(p);
        if (is_direction_mark(c) || (kept->len == 0 && is_blank(c)))
            continue;
        if (g_unichar_iscntrl(c) || c == 0x2028 || c == 0x2029)
            c = ' ';
        size_t before = kept->len;
        g_string_append_unichar(kept, c);
        if (kept->len > limit) {
            g_string_truncate(kept, before);
            break;
        }
        if (!is_blank(c))
            end = kept->len;
    }
    g_string_truncate(kept, end);
    return report_text(report, kept->str);
}

enum report_series report_series_of(const struct report_file *file)
{
    return g_strcmp0(file->kind, "calls-records") == 0 ? REPORT_SERIES_RECORDS
           : g_strcmp0(file->kind, "call-log") == 0    ? REPORT_SERIES_LOG
                                                       : REPORT_SERIES_CALLS;
}

void report_note(struct report *report, struct report_file *file, const char *sheet, uint32_t row,
                 const char *format, ...)
{
    if (file->notes->len >= LIMIT_REPORT_NOTES) {
        file->notes_left_out++;
        return;
    }
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    struct report_note note = {
        .sheet = report_text_cut(report, sheet, LIMIT_REPORT_TEXT),
        .row = row,
        .text = report_text_cut(report, text, LIMIT_REPORT_TEXT),
    };
    g_array_append_val(file->notes, note);
}

void report_conclude(struct report *report)
{
    if (report->files->len == 0)
        return;
    size_t stored = 0, failed = 0;
    for (guint i = 0; i < report->files->len; i++) {
        const struct report_file *file = g_ptr_array_index(report->files, i);
        stored += file->verdict == REPORT_STORED;
        failed += file->verdict == REPORT_FAILED;
    }
    report->reason = NULL;
    if (stored > 0)
        report->verdict = failed > 0 ? REPORT_PARTIAL : REPORT_STORED;
    else
        report->verdict = failed > 0 ? REPORT_FAILED : REPORT_NO_REPORT;
    if (report->verdict == REPORT_STORED)
        return;

    enum report_verdict told = failed > 0 ? REPORT_FAILED : REPORT_NO_REPORT;
    g_autoptr(GString) reason = g_string_new(NULL);
    for (guint i = 0; i < report->files->len; i++) {
        const struct report_file *file = g_ptr_array_index(report->files, i);
        if (file->verdict != told)
            continue;
        if (reason->len > 0)
            g_string_append_c(reason, ' ');
        if (report->files->len > 1 && file->name != NULL)
            g_string_append_printf(reason, "%s: ", file->name);
        g_string_append(reason, file->reason != NULL ? file->reason : "It could not be read.");
    }
    report->reason = report_text_cut(report, reason->str, LIMIT_REPORT_TEXT);
}

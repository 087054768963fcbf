/*
 * Comma-separated values, RFC 4180: one record after the other, out of a text in memory.
 *
 * Lines end with CRLF, LF or CR; a field in double quotes may hold commas, line ends and doubled
 * quotes; a byte order mark is skipped, and so are empty lines. Strict in the rest: a quote inside
 * a field without quotes, or text behind a closing quote, makes the record bad, because guessing
 * would put a value into the wrong column. A bad record is one line; reading goes on behind it.
 */
#ifndef CALLMX_BASE_CSV_H
#define CALLMX_BASE_CSV_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct csv {
    const char *at; /* borrowed from the caller of csv_open() */
    const char *end;
    size_t line;    /* of `at`, from 1 */
    char separator; /* of fields: a comma after csv_open() */
};

/* PERM for what is not UTF-8 text or larger than LIMIT_CSV_BYTES. `text` must outlive the csv. */
bool csv_open(struct csv *csv, const char *text, size_t size, GError **error);

/* Takes for the separator the comma, semicolon or tab that is most frequent in the first lines: a
 * spreadsheet program writes that of its country. */
void csv_guess_separator(struct csv *csv);

enum csv_answer {
    CSV_RECORD,
    CSV_END,
    CSV_BAD, /* *error says why; the next call goes on with the next line */
};

/* Replaces the content of `fields`, an array of char * that frees them: csv_fields_new(). *line is
 * where the record begins. */
enum csv_answer csv_next(struct csv *csv, GPtrArray *fields, size_t *line, GError **error);

GPtrArray *csv_fields_new(void);

#endif

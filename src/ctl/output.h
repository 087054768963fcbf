/*
 * How callmxctl writes: tables and fields for people, JSON for programs, all of it to standard
 * output. What is unknown is `-` for people and null for programs.
 *
 * Whatever a stranger may have written (names, subjects, notes) passes output_escape() on its way
 * to a terminal; the functions that take text for people do that themselves.
 */
#ifndef CALLMX_CTL_OUTPUT_H
#define CALLMX_CTL_OUTPUT_H

#include "base/auto.h"
#include "base/json.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* The text with control characters, marks of writing direction, line separators and bytes that
 * are not UTF-8 as \xNN or \u{NNNN}, and a backslash doubled; g_free it. NULL is "-". */
char *output_escape(const char *text);

/* Seconds as 1:23:45, "-" if below zero; g_free it. */
char *output_duration(int64_t seconds);

/* The first 4 characters of a key and `…`: keys are secrets. g_free it; NULL gives NULL. */
char *output_short_key(const char *key);
/* The same inside an address calls-<key>@domain; other addresses stay whole. */
char *output_short_address(const char *address);

/* Prints the document and frees it. */
void output_json(struct json *document);

/* Lines of text, and `name  value` under each other. */
void output_line(const char *format, ...) G_GNUC_PRINTF(1, 2);
void output_field(const char *name, const char *value);
void output_field_count(const char *name, int64_t count);
void output_field_time(const char *name, int64_t utc);

/* A table: titles first (ended by NULL; one that begins with `>` stands over numbers, flush
 * right), then cell after cell, row by row. Printing it frees it; a table without a row prints
 * `if_empty` instead. */
struct output_table;
struct output_table *output_table_new(const char *const *titles);
void output_table_text(struct output_table *table, const char *text);
void output_table_count(struct output_table *table, int64_t count);
void output_table_duration(struct output_table *table, int64_t seconds);
void output_table_time(struct output_table *table, int64_t utc);
void output_table_date(struct output_table *table, int32_t date);
void output_table_print(struct output_table *table, const char *if_empty);
void output_table_free(struct output_table *table);
AUTO_DEFINE(output_table, output_table_free)

#endif

/*
 * JSON documents, as callmx writes them: members in the order in which they were set, UTF-8, and
 * null for what is not known. The only user of jansson.
 *
 * A struct json is one value (object, array). json_object() and json_array() make one;
 * json_free() drops it. Putting a value into another gives it away. Strings are copied; one that
 * is not UTF-8 is repaired (U+FFFD) rather than lost.
 */
#ifndef CALLMX_BASE_JSON_H
#define CALLMX_BASE_JSON_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct json;

struct json *json_object_new(void);
struct json *json_array_new(void);
void json_free(struct json *value);
AUTO_DEFINE(json, json_free)

/* Members of an object. A text of NULL is null. */
void json_set_text(struct json *object, const char *name, const char *text);
void json_set_int(struct json *object, const char *name, int64_t number);
void json_set_bool(struct json *object, const char *name, bool value);
void json_set_null(struct json *object, const char *name);
/* A number, or null where it is below zero: how unknown counts and seconds are kept in memory. */
void json_set_count(struct json *object, const char *name, int64_t number);
/* Gives `value` away to the object; value NULL is null. */
void json_set(struct json *object, const char *name, struct json *value);

/* Gives `value` away to the end of the array. */
void json_append(struct json *array, struct json *value);
void json_append_text(struct json *array, const char *text);

/* The document as text without a newline; g_free it. Pretty: for eyes, indented by two. */
char *json_text(const struct json *value);
char *json_text_pretty(const struct json *value);

/* The value that a text holds (an object or an array), or NULL if it is not JSON. For what callmx
 * itself wrote earlier. */
struct json *json_parse(const char *text);
bool json_text_is_object(const char *text);

/* The same of octets that a stranger sent: strict (RFC 8259), no name twice in an object, no NUL.
 * NULL with a PERM error that says where it goes wrong. */
struct json *json_read(const char *octets, size_t size, GError **error);
bool json_holds_object(const struct json *value);
bool json_holds_array(const struct json *value);

/* Whether it is NULL (there is no such member) or null; a boolean, into *flag. */
bool json_is_absent(const struct json *value);
bool json_read_bool(const struct json *value, bool *flag);

/* A member that is text, a number or a boolean, as trimmed text; g_free it. NULL if it is absent,
 * null, blank, or neither of these. */
char *json_member_word(const struct json *object, const char *name);

/* The members of an object in their order; `fn` may not change it. */
typedef void json_member_fn(void *context, const char *name, const struct json *value);
void json_each_member(const struct json *object, json_member_fn *fn, void *context);

/* Reading what json_parse() gave. A member that is absent or of another type is NULL or -1. The
 * results are borrowed from the value. */
const char *json_member_text(const struct json *object, const char *name);
int64_t json_member_int(const struct json *object, const char *name);
const struct json *json_member(const struct json *object, const char *name);
size_t json_length(const struct json *array);
const struct json *json_item(const struct json *array, size_t index);

#endif

/*
 * The only user of jansson. It owns no document: a value belongs to whoever made it, or to the
 * value that it was put into. It never fails: what cannot be made means that memory has run out,
 * and that ends the program; text that is no UTF-8 is repaired, because a name in a report is no
 * reason to lose the report.
 */
#include "base/json.h"

#include "base/error.h"

#include <jansson.h>

/* struct json is never defined: a value is jansson's json_t under another name, so that no other
 * file sees the library. */
static json_t *raw(const struct json *value)
{
    return (json_t *)(uintptr_t)value;
}

static struct json *cooked(json_t *value)
{
    g_assert(value != NULL);
    return (struct json *)value;
}

static json_t *text_value(const char *text)
{
    if (text == NULL)
        return json_null();
    json_t *value = json_string(text);
    if (value == NULL) {
        g_autofree char *repaired = g_utf8_make_valid(text, -1);
        value = json_string(repaired);
    }
    g_assert(value != NULL);
    return value;
}

struct json *json_object_new(void)
{
    return cooked(json_object());
}

struct json *json_array_new(void)
{
    return cooked(json_array());
}

void json_free(struct json *value)
{
    if (value != NULL)
        json_decref(raw(value));
}

static void set(struct json *object, const char *name, json_t *value)
{
    int rc = json_object_set_new(raw(object), name, value);
    g_assert(rc == 0);
}

void json_set_text(struct json *object, const char *name, const char *text)
{
    set(object, name, text_value(text));
}

void json_set_int(struct json *object, const char *name, int64_t number)
{
    set(object, name, json_integer(number));
}

void json_set_bool(struct json *object, const char *name, bool value)
{
    set(object, name, json_boolean(value));
}

void json_set_null(struct json *object, const char *name)
{
    set(object, name, json_null());
}

void json_set_count(struct json *object, const char *name, int64_t number)
{
    set(object, name, number < 0 ? json_null() : json_integer(number));
}

void json_set(struct json *object, const char *name, struct json *value)
{
    set(object, name, value == NULL ? json_null() : raw(value));
}

void json_append(struct json *array, struct json *value)
{
    int rc = json_array_append_new(raw(array), value == NULL ? json_null() : raw(value));
    g_assert(rc == 0);
}

void json_append_text(struct json *array, const char *text)
{
    int rc = json_array_append_new(raw(array), text_value(text));
    g_assert(rc == 0);
}

static char *dump(const struct json *value, size_t flags)
{
    char *text = json_dumps(raw(value), flags);
    g_assert(text != NULL);
    char *copy = g_strdup(text);
    free(text);
    return copy;
}

char *json_text(const struct json *value)
{
    return dump(value, JSON_COMPACT);
}

char *json_text_pretty(const struct json *value)
{
    return dump(value, JSON_INDENT(2));
}

struct json *json_parse(const char *text)
{
    return (struct json *)json_loads(text, 0, NULL);
}

bool json_text_is_object(const char *text)
{
    AUTO(json) value = json_parse(text);
    return value != NULL && raw(value)->type == JSON_OBJECT;
}

const struct json *json_member(const struct json *object, const char *name)
{
    return (const struct json *)json_object_get(raw(object), name);
}

const char *json_member_text(const struct json *object, const char *name)
{
    return json_string_value(json_object_get(raw(object), name));
}

int64_t json_member_int(const struct json *object, const char *name)
{
    const json_t *member = json_object_get(raw(object), name);
    return json_is_integer(member) ? json_integer_value(member) : -1;
}

size_t json_length(const struct json *array)
{
    return json_array_size(raw(array));
}

const struct json *json_item(const struct json *array, size_t index)
{
    return (const struct json *)json_array_get(raw(array), index);
}

struct json *json_read(const char *octets, size_t size, GError **error)
{
    json_error_t where;
    json_t *value = json_loadb(octets, size, JSON_REJECT_DUPLICATES, &where);
    if (value == NULL)
        error_perm(error, "it is no JSON: %s (line %d, column %d)", where.text, where.line,
                   where.column);
    return (struct json *)value;
}

bool json_holds_object(const struct json *value)
{
    return value != NULL && raw(value)->type == JSON_OBJECT;
}

bool json_holds_array(const struct json *value)
{
    return value != NULL && raw(value)->type == JSON_ARRAY;
}

char *json_member_word(const struct json *object, const char *name)
{
    const json_t *member = json_object_get(raw(object), name);
    g_autofree char *text = NULL;
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    if (json_is_string(member))
        text = g_strstrip(g_strdup(json_string_value(member)));
    else if (json_is_integer(member))
        text = g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(member));
    else if (json_is_real(member))
        text = g_strdup(g_ascii_dtostr(number, sizeof number, json_real_value(member)));
    else if (json_is_boolean(member))
        text = g_strdup(json_is_true(member) ? "true" : "false");
    return text != NULL && text[0] != '\0' ? g_steal_pointer(&text) : NULL;
}

void json_each_member(const struct json *object, json_member_fn *fn, void *context)
{
    const char *name;
    json_t *value;
    json_object_foreach(raw(object), name, value) fn(context, name, (const struct json *)value);
}

bool json_is_absent(const struct json *value)
{
    return value == NULL || raw(value)->type == JSON_NULL;
}

bool json_read_bool(const struct json *value, bool *flag)
{
    const json_t *read = raw(value);
    *flag = json_is_true(read);
    return json_is_boolean(read);
}

/*
 * See leg_key.h. Names are folded and numbers normalised before they are compared, so that a
 * workbook saved again by a spreadsheet program gives the same identities. Texts of a report are
 * kept once each, so what is folded can be remembered by its address.
 */
#include "ingest/leg_key.h"

#include "base/ascii.h"
#include "base/sha256.h"
#include "figures/outcome.h"
#include "figures/phone.h"

#include <string.h>

enum { DIGITS = 16 };

/* Folded forms by the address of the text, and how names fold. */
struct forms {
    const struct person_index *people;
    GHashTable *names, *others;
};

static const char *folded_name(struct forms *forms, const char *text)
{
    if (text == NULL)
        return "";
    char *form = g_hash_table_lookup(forms->names, text);
    if (form == NULL) {
        form = g_strdup(person_index_fold(forms->people, text));
        g_hash_table_insert(forms->names, (gpointer)(uintptr_t)text, form);
    }
    return form;
}

static const char *normal_number(struct forms *forms, const char *text, char room[PHONE_SIZE])
{
    if (text == NULL)
        return "";
    const char *number = phone_normalize(text, room);
    if (number != NULL)
        return number;
    char *form = g_hash_table_lookup(forms->others, text);
    if (form == NULL) {
        form = person_fold(text);
        g_hash_table_insert(forms->others, (gpointer)(uintptr_t)text, form);
    }
    return form;
}

/* All texts with their NULs, so that no two lists of texts are the same octets. */
static void join(GString *content, const char *const *texts, size_t count)
{
    g_string_truncate(content, 0);
    for (size_t i = 0; i < count; i++) {
        size_t at = content->len, size = strlen(texts[i]) + 1;
        g_string_set_size(content, at + size);
        memcpy(content->str + at, texts[i], size);
    }
}

static void digest(GString *content, struct forms *forms, struct keyed_leg *keyed)
{
    const struct report_leg *leg = keyed->leg;
    const char *direction = report_direction_name(leg->direction);
    char start[ASCII_DECIMAL_SIZE], from[PHONE_SIZE], to[PHONE_SIZE];
    const char *const texts[] = {
        ascii_decimal(keyed->start, start),           direction != NULL ? direction : "",
        normal_number(forms, leg->from_number, from), normal_number(forms, leg->to_number, to),
        folded_name(forms, outcome_agent(leg)),       folded_name(forms, leg->queue),
    };
    join(content, texts, G_N_ELEMENTS(texts));
    sha256_digits(content->str, content->len, DIGITS, keyed->key);
}

/* What all ids of a report begin with is long: ids of one day have half of their digits in common.
 * So `order` is taken from behind it, and sorts as the ids do, as far as it goes. */
static void set_orders(struct keyed_leg *legs, guint count)
{
    size_t common = count > 0 ? strlen(legs[0].leg->session_id) : 0;
    for (guint i = 1; i < count; i++) {
        const char *first = legs[0].leg->session_id, *id = legs[i].leg->session_id;
        size_t length = 0;
        while (length < common && id[length] == first[length])
            length++;
        common = length;
    }
    for (guint i = 0; i < count; i++) {
        const unsigned char *at = (const unsigned char *)legs[i].leg->session_id + common;
        for (size_t j = 0; j < sizeof legs[i].order; j++) {
            legs[i].order = legs[i].order << 8 | *at;
            at += *at != '\0';
        }
    }
}

static int compare(const void *left, const void *right)
{
    const struct keyed_leg *a = left, *b = right;
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    int order = strcmp(a->leg->session_id, b->leg->session_id);
    if (order == 0)
        order = strncmp(a->key, b->key, DIGITS);
    if (order == 0)
        order = (a->leg->length > b->leg->length) - (a->leg->length < b->leg->length);
    if (order == 0)
        order = g_strcmp0(a->leg->result, b->leg->result);
    /* Rows that differ only in what has no part in the order keep that of the sheet. */
    if (order == 0)
        order = (a->leg->row > b->leg->row) - (a->leg->row < b->leg->row);
    return order;
}

static bool is_same(const struct keyed_leg *a, const struct keyed_leg *b)
{
    return strcmp(a->leg->session_id, b->leg->session_id) == 0 &&
           strncmp(a->key, b->key, DIGITS) == 0;
}

GArray *leg_key_all(const struct report_file *file, const int64_t *starts,
                    const struct person_index *people)
{
    guint count = file->legs->len;
    GArray *keyed = g_array_sized_new(FALSE, TRUE, sizeof(struct keyed_leg), count);
    g_array_set_size(keyed, count);
    g_autoptr(GString) content = g_string_sized_new(256);
    g_autoptr(GHashTable) names = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    g_autoptr(GHashTable) others = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    struct forms forms = {.people = people, .names = names, .others = others};
    for (guint i = 0; i < count; i++) {
        struct keyed_leg *one = &g_array_index(keyed, struct keyed_leg, i);
        one->leg = &g_array_index(file->legs, struct report_leg, i);
        one->start = starts[i];
        digest(content, &forms, one);
    }
    set_orders((struct keyed_leg *)(void *)keyed->data, count);
    g_array_sort(keyed, compare);
    unsigned number = 0;
    for (guint i = 0; i < count; i++) {
        struct keyed_leg *one = &g_array_index(keyed, struct keyed_leg, i);
        number = i > 0 && is_same(one, one - 1) ? number + 1 : 1;
        if (number == 1) /* nearly all of them */
            memcpy(one->key + DIGITS, ".1", sizeof ".1");
        else
            g_snprintf(one->key + DIGITS, LEG_KEY_SIZE - DIGITS, ".%u", number);
    }
    return keyed;
}

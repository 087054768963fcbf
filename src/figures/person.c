/*
 * Members and aliases in hash tables, one for each kind of key.
 *
 * The index owns copies of all ids and keys. A key that two members share is kept with the mark
 * `ambiguous`, which answers for nobody: a call on the wrong person is worse than one on none.
 * It never compares by a part of a name, by sound or by distance.
 *
 * Hard about it is folding: reports decorate names, in ways that admins choose. What is taken off
 * must leave a name behind, and must be told from names that hold digits (`24-7 Support`).
 */
#include "figures/person.h"

#include "base/hash.h"
#include "base/limits.h"
#include "figures/phone.h"

#include <string.h>

struct person_index {
    GStringChunk *ids;
    GHashTable *extensions; /* key to id; keys are owned by the table, ids by the chunk */
    GHashTable *emails;
    GHashTable *names;
    GHashTable *aliases;
    GHashTable *memo; /* name as spelled -> struct spelling */
};

/* What came of a name. */
struct spelling {
    char *folded;
    const char *by_extension; /* member of the leading extension, or NULL */
    const char *by_name;      /* member of the rest, or NULL */
};

enum { EXTENSION_SIZE = 9 }; /* 8 digits and the NUL */

static const char ambiguous[] = "";

/* Inside brackets: hyphen-minus, and what Unicode has for it. */
#define DASHES "\\x{2010}\\x{2012}-\\x{2015}\\x{2212}-"

/* `name (555) 010-0001`, `name +1 555 010 0001`, `name - 555-0100`: where a word or a bracket
 * begins, a number in the international form, in that of +1, or a local one. */
#define PHONE_PATTERN                                                                              \
    "^(?>.*\\p{L}).*?(?:(?<= )|(?=[(+]))"                                                          \
    "(\\+[0-9](?:[ ()./" DASHES "]*[0-9]){6,14}"                                                   \
    "|(?:1[." DASHES "]?)?\\(?[0-9]{3}\\)?[ ." DASHES "]?[0-9]{3}[ ." DASHES "]?[0-9]{4}"          \
    "|[0-9]{3}[." DASHES "][0-9]{4})$"

static const GRegex *regex(const char *pattern, gsize *once)
{
    if (g_once_init_enter(once)) {
        GRegex *made = g_regex_new(pattern, G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT, NULL);
        g_assert(made != NULL);
        g_once_init_leave(once, (gsize)made);
    }
    return (const GRegex *)*once; /* NOLINT(performance-no-int-to-ptr): how GLib keeps it */
}

/* Where the pattern's group 1 and the whole of it begin and end; false if it is not there. */
static bool match(const char *pattern, gsize *once, const char *text, gint *begin, gint *end,
                  gint *whole_end)
{
    g_autoptr(GMatchInfo) info = NULL;
    if (!g_regex_match(regex(pattern, once), text, G_REGEX_MATCH_DEFAULT, &info))
        return false;
    gint whole_begin;
    return g_match_info_fetch_pos(info, 1, begin, end) &&
           g_match_info_fetch_pos(info, 0, &whole_begin, whole_end);
}

static bool is_dash(gunichar c)
{
    return c == '-' || c == 0x2010 || (c >= 0x2012 && c <= 0x2015) || c == 0x2212;
}

static bool has_letter(const char *text)
{
    for (; *text != '\0'; text = g_utf8_find_next_char(text, NULL))
        if (g_unichar_isalpha(g_utf8_get_char(text)))
            return true;
    return false;
}

/* `101 - name`, `775-name`; not `24-7 name`. A letter must be left. Asked for each name, so it is
 * read by hand. */
static bool match_extension(const char *text, size_t *digits_end, size_t *whole_end)
{
    size_t count = strspn(text, "0123456789");
    if (count < 2 || count >= EXTENSION_SIZE)
        return false;
    bool is_spaced = text[count] == ' ';
    const char *dash = text + count + is_spaced;
    if (!is_dash(g_utf8_get_char(dash)))
        return false;
    const char *rest = g_utf8_find_next_char(dash, NULL);
    if (*rest == ' ')
        rest++;
    else if (!is_spaced && g_ascii_isdigit(*rest))
        return false;
    *digits_end = count;
    *whole_end = (size_t)(rest - text);
    return has_letter(rest);
}

static bool match_phone(const char *text, gint *begin)
{
    static gsize once;
    gint end, whole_end;
    size_t length = strlen(text);
    if (length == 0 || !g_ascii_isdigit(text[length - 1])) /* nearly all: no need to search */
        return false;
    return match(PHONE_PATTERN, &once, text, begin, &end, &whole_end);
}

/* Without what cannot be seen, and with one blank for each run of white space, none at the ends. */
static char *collapse(const char *text)
{
    GString *out = g_string_sized_new(strlen(text));
    bool blank = false;
    for (const char *p = text; *p != '\0'; p = g_utf8_find_next_char(p, NULL)) {
        gunichar c = g_utf8_get_char(p);
        if (g_unichar_type(c) == G_UNICODE_FORMAT)
            continue;
        if (g_unichar_isspace(c) || g_unichar_iscntrl(c)) {
            blank = out->len > 0;
            continue;
        }
        if (blank)
            g_string_append_c(out, ' ');
        blank = false;
        g_string_append_unichar(out, c);
    }
    return g_string_free(out, FALSE);
}

/* What plain() gives for plain ASCII, in which most names are; NULL for anything else. */
static char *plain_ascii(const char *text)
{
    char *out = g_malloc(strlen(text) + 1);
    size_t length = 0;
    bool blank = false;
    for (const char *p = text; *p != '\0'; p++) {
        if ((unsigned char)*p >= 0x80) {
            g_free(out);
            return NULL;
        }
        if (*p <= ' ' || *p == 0x7f) {
            blank = length > 0;
            continue;
        }
        if (blank)
            out[length++] = ' ';
        blank = false;
        out[length++] = g_ascii_tolower(*p);
    }
    out[length] = '\0';
    return out;
}

/* One Unicode form, one case, one kind of white space. */
static char *plain(const char *text)
{
    char *simple = plain_ascii(text != NULL ? text : "");
    if (simple != NULL)
        return simple;
    g_autofree char *valid = g_utf8_make_valid(text != NULL ? text : "", -1);
    g_autofree char *composed = g_utf8_normalize(valid, -1, G_NORMALIZE_NFKC);
    g_autofree char *folded = g_utf8_casefold(composed, -1);
    g_autofree char *again = g_utf8_normalize(folded, -1, G_NORMALIZE_NFKC);
    return collapse(again);
}

char *person_fold(const char *name)
{
    char *text = plain(name);
    size_t digits, end;
    gint place;
    while (match_extension(text, &digits, &end)) {
        memmove(text, text + end, strlen(text + end) + 1);
        g_strchug(text);
    }
    while (match_phone(text, &place)) {
        do
            text[place--] = '\0';
        while (place >= 0 && strchr(" -,:;|/", text[place]) != NULL);
    }
    return text;
}

char *person_extension(const char *name)
{
    if (name == NULL || g_ascii_isalpha(name[0])) /* nearly all, for whom it need not be folded */
        return NULL;
    g_autofree char *text = plain(name);
    size_t end, whole_end;
    return match_extension(text, &end, &whole_end) ? g_strndup(text, end) : NULL;
}

static const char *skip_blanks(const char *text)
{
    while (*text != '\0' && g_unichar_isspace(g_utf8_get_char_validated(text, -1)))
        text = g_utf8_find_next_char(text, NULL);
    return text;
}

/* The extension in a text that may be one. Asked for each leg, and most numbers are none. */
static bool read_extension(const char *text, char digits[EXTENSION_SIZE])
{
    if (text == NULL)
        return false;
    text = skip_blanks(text);
    size_t count = strspn(text, "0123456789");
    if (count >= EXTENSION_SIZE || *skip_blanks(text + count) != '\0')
        return false;
    memcpy(digits, text, count);
    digits[count] = '\0';
    return phone_is_extension(digits);
}

static void spelling_free(void *data)
{
    struct spelling *spelling = data;
    g_free(spelling->folded);
    g_free(spelling);
}

struct person_index *person_index_new(void)
{
    struct person_index *index = g_new0(struct person_index, 1);
    index->ids = g_string_chunk_new(1024);
    index->extensions = g_hash_table_new_full(hash_text, g_str_equal, g_free, NULL);
    index->emails = g_hash_table_new_full(hash_text, g_str_equal, g_free, NULL);
    index->names = g_hash_table_new_full(hash_text, g_str_equal, g_free, NULL);
    index->aliases = g_hash_table_new_full(hash_text, g_str_equal, g_free, NULL);
    index->memo = g_hash_table_new_full(hash_text, g_str_equal, g_free, spelling_free);
    return index;
}

void person_index_free(struct person_index *index)
{
    if (index == NULL)
        return;
    g_hash_table_unref(index->extensions);
    g_hash_table_unref(index->emails);
    g_hash_table_unref(index->names);
    g_hash_table_unref(index->aliases);
    g_hash_table_unref(index->memo);
    g_string_chunk_free(index->ids);
    g_free(index);
}

/* Takes `key`; "" is none. `id` stands in the chunk, once for each member. */
static void add_key(GHashTable *table, char *key, const char *id)
{
    if (key[0] == '\0') {
        g_free(key);
        return;
    }
    const char *known = g_hash_table_lookup(table, key);
    const char *value = known == NULL || known == id ? id : ambiguous;
    g_hash_table_replace(table, key, (gpointer)(guintptr)value);
}

static const char *lookup(GHashTable *table, const char *key)
{
    const char *id = g_hash_table_lookup(table, key);
    return id == ambiguous ? NULL : id;
}

void person_index_add(struct person_index *index, const char *member_id, const char *name,
                      const char *email, const char *extension)
{
    const char *id = g_string_chunk_insert_const(index->ids, member_id);
    char digits[EXTENSION_SIZE];
    if (read_extension(extension, digits))
        add_key(index->extensions, g_strdup(digits), id);
    add_key(index->emails, plain(email), id);
    add_key(index->names, person_fold(name), id);
    g_hash_table_remove_all(index->memo);
}

void person_index_add_alias(struct person_index *index, const char *name, const char *member_id)
{
    const char *id = g_string_chunk_insert_const(index->ids, member_id);
    add_key(index->aliases, person_fold(name), id);
    g_hash_table_remove_all(index->memo);
}

static const char *find_extension(const struct person_index *index, const char *text)
{
    char digits[EXTENSION_SIZE];
    return read_extension(text, digits) ? lookup(index->extensions, digits) : NULL;
}

static const char *find_email(const struct person_index *index, const char *email)
{
    g_autofree char *key = email != NULL ? plain(email) : NULL;
    return key != NULL ? lookup(index->emails, key) : NULL;
}

static struct spelling *spelling_of(const struct person_index *index, const char *name)
{
    struct spelling *spelling = g_hash_table_lookup(index->memo, name);
    if (spelling != NULL)
        return spelling;
    g_autofree char *extension = person_extension(name);
    spelling = g_new0(struct spelling, 1);
    spelling->folded = person_fold(name);
    spelling->by_extension = find_extension(index, extension);
    spelling->by_name = lookup(index->names, spelling->folded);
    if (spelling->by_name == NULL)
        spelling->by_name = lookup(index->aliases, spelling->folded);
    if (g_hash_table_size(index->memo) >= LIMIT_PERSON_MEMO)
        g_hash_table_remove_all(index->memo);
    g_hash_table_insert(index->memo, g_strdup(name), spelling);
    return spelling;
}

const char *person_index_find(const struct person_index *index, const char *name,
                              const char *extension, const char *email)
{
    const char *id = find_extension(index, extension);
    if (id == NULL)
        id = find_email(index, email);
    return id == NULL && name != NULL ? spelling_of(index, name)->by_name : id;
}

const char *person_index_find_reported(const struct person_index *index, const char *name,
                                       const char *extension, const char *email)
{
    const char *id = find_extension(index, extension);
    if (id == NULL && name != NULL)
        id = spelling_of(index, name)->by_extension;
    return id != NULL ? id : person_index_find(index, name, NULL, email);
}

const char *person_index_fold(const struct person_index *index, const char *name)
{
    return spelling_of(index, name)->folded;
}

#include "db/store_numbers.h"

#include "base/error.h"
#include "base/id.h"
#include "db/store_impl.h"

struct numbered {
    char *id;
    int64_t number;
};

static void clear_numbered(void *data)
{
    g_free(((struct numbered *)data)->id);
}

static void read_numbered(struct db_rows *rows, void *item)
{
    struct numbered *numbered = item;
    numbered->number = db_column_int(rows, 0);
    numbered->id = store_column_copy(rows, 1);
}

static bool read_members(struct store_numbers *numbers, struct db *db, GError **error)
{
    static const char sql[] = "SELECT number, id FROM team_members WHERE agency_number = $1";
    g_autoptr(GArray) members = g_array_new(FALSE, FALSE, sizeof(struct numbered));
    g_array_set_clear_func(members, clear_numbered);
    if (!store_all(db, sql, DB_VALUES(db_int(numbers->agency)), read_numbered, members, error))
        return false;
    for (guint i = 0; i < members->len; i++) {
        struct numbered *member = &g_array_index(members, struct numbered, i);
        g_hash_table_insert(numbers->members, g_steal_pointer(&member->id),
                            GINT_TO_POINTER(member->number));
    }
    return true;
}

struct store_numbers *store_numbers_new(struct db *db, const char *agency_id, GError **error)
{
    static const char sql[] = "SELECT number FROM agencies WHERE id = $1";
    AUTO(store_numbers) numbers = g_new0(struct store_numbers, 1);
    numbers->agency_id = g_strdup(agency_id);
    numbers->members = g_hash_table_new_full(id_hash, g_str_equal, g_free, NULL);
    bool found = false;
    if (!store_one(db, sql, DB_VALUES(db_text(agency_id)), store_read_int, &numbers->agency, &found,
                   error))
        return NULL;
    if (!found) {
        error_perm(error, "there is no agency %s", agency_id);
        return NULL;
    }
    return read_members(numbers, db, error) ? g_steal_pointer(&numbers) : NULL;
}

void store_numbers_free(struct store_numbers *numbers)
{
    if (numbers == NULL)
        return;
    g_free(numbers->agency_id);
    g_clear_pointer(&numbers->members, g_hash_table_unref);
    g_free(numbers);
}

bool store_numbers_member(const struct store_numbers *numbers, const char *member_id,
                          int64_t *number, GError **error)
{
    *number = -1;
    if (member_id == NULL)
        return true;
    gpointer found = g_hash_table_lookup(numbers->members, member_id);
    if (found == NULL)
        return error_perm(error, "there is no member %s of the agency %s", member_id,
                          numbers->agency_id);
    *number = GPOINTER_TO_INT(found);
    return true;
}

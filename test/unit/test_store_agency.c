#include "db_fixture.h"

#include "db/store_secret.h"

static void test_add_and_find(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    const char *const names[] = {fixture.first.id, "First Agency"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        struct store_agency found = {0};
        g_assert_true(store_agency_find(fixture.db, names[i], FIXTURE_NOW, &found, &error));
        g_assert_cmpstr(found.id, ==, fixture.first.id);
        g_assert_cmpstr(found.name, ==, "First Agency");
        g_assert_cmpstr(found.timezone, ==, "America/Chicago");
        g_assert_cmpint(found.created_at, ==, FIXTURE_NOW);
        g_assert_cmpstr(found.key, ==, fixture.first.key);
        store_agency_clear(&found);
    }
    static const char *const strangers[] = {"first agency", "First", "", "First Agency "};
    for (gsize i = 0; i < G_N_ELEMENTS(strangers); i++) {
        struct store_agency found = {0};
        g_assert_false(store_agency_find(fixture.db, strangers[i], FIXTURE_NOW, &found, &error));
        fixture_expect(&error, ERROR_PERM, "there is no agency");
    }
    g_autoptr(GArray) all = store_agency_list(fixture.db, FIXTURE_NOW, &error);
    g_assert_cmpuint(all->len, ==, 2);
    g_assert_cmpstr(g_array_index(all, struct store_agency, 1).name, ==, "Second Agency");
    fixture_clear(&fixture);
}

static void test_refused(void)
{
    static const struct {
        const char *name;
        const char *zone;
        const char *words;
    } cases[] = {
        {"", "America/Chicago", "the name of the agency is empty"},
        {" \t ", "America/Chicago", "is empty"},
        {"a\nb", "America/Chicago", "control characters"},
        {"a\xc2\x85z", "America/Chicago", "control characters"},
        {"a\xe2\x80\xa8z", "America/Chicago", "control characters"},
        {"\xff", "America/Chicago", "not UTF-8"},
        {"First Agency", "America/Chicago", "there is an agency named First Agency already"},
        {"  FIRST agency ", "America/Chicago", "there is an agency named First Agency already"},
        {"0a0b0c0d-0000-4000-8000-000000000000", "America/Chicago", "form of an id"},
        {"Third", "Mars/Olympus", "Mars/Olympus"},
        {"Third", "../../etc/passwd", "passwd"},
    };
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct store_agency agency = {0};
        g_assert_false(store_agency_add(fixture.db, cases[i].name, cases[i].zone, FIXTURE_NOW,
                                        &agency, &error));
        fixture_expect(&error, ERROR_PERM, cases[i].words);
        g_assert_null(agency.id);
    }
    g_autofree char *longest = g_strnfill(200, 'n');
    g_autofree char *longer = g_strnfill(201, 'n');
    struct store_agency agency = {0};
    g_assert_false(store_agency_add(fixture.db, longer, "UTC", FIXTURE_NOW, &agency, &error));
    fixture_expect(&error, ERROR_PERM, "longer than 200");
    g_assert_true(store_agency_add(fixture.db, longest, "UTC", FIXTURE_NOW, &agency, &error));
    store_agency_clear(&agency);
    g_assert_cmpint(fixture_number(fixture.db, "SELECT count(*) FROM agencies"), ==, 3);
    g_assert_cmpint(fixture_number(fixture.db, "SELECT count(*) FROM ingest_keys"), ==, 3);
    fixture_clear(&fixture);
}

static char *owner_of(struct db *db, const char *key, int64_t now)
{
    g_autoptr(GError) error = NULL;
    char *agency_id = NULL;
    store_key_agency(db, key, now, &agency_id, &error);
    g_assert_no_error(error);
    return agency_id;
}

static void expect_owner(struct db *db, const char *key, int64_t now, const char *expected)
{
    g_autofree char *owner = owner_of(db, key, now);
    g_assert_cmpstr(owner, ==, expected);
}

static void test_key_form(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (int i = 0; i < 200; i++) {
        struct store_key key = {0};
        g_assert_true(store_key_add(fixture.db, fixture.first.id, FIXTURE_NOW, &key, &error));
        g_assert_cmpuint(strlen(key.key), ==, STORE_SECRET_LENGTH);
        g_assert_cmpuint(strspn(key.key, "abcdefghijklmnopqrstuvwxyz234567"), ==,
                         STORE_SECRET_LENGTH);
        g_assert_cmpint(key.expires_at, ==, -1);
        g_assert_true(g_hash_table_add(seen, g_strdup(key.key)));
        store_key_clear(&key);
    }
    /* Found by its hash alone, however the address spelt it. */
    g_autofree char *upper = g_ascii_strup(fixture.first.key, -1);
    expect_owner(fixture.db, upper, FIXTURE_NOW, fixture.first.id);
    g_autofree char *hash = fixture_text(fixture.db, "SELECT key_hash FROM ingest_keys "
                                                     "ORDER BY serial LIMIT 1");
    g_autofree char *expected =
        g_compute_checksum_for_string(G_CHECKSUM_SHA256, fixture.first.key, -1);
    g_assert_cmpstr(hash, ==, expected);
    fixture_clear(&fixture);
}

static void test_key_owner(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    expect_owner(fixture.db, fixture.first.key, FIXTURE_NOW, fixture.first.id);
    expect_owner(fixture.db, fixture.second.key, FIXTURE_NOW, fixture.second.id);
    expect_owner(fixture.db, "", FIXTURE_NOW, NULL);
    expect_owner(fixture.db, "abcdefghijklmnopqrstuvwxyz", FIXTURE_NOW, NULL);
    fixture_clear(&fixture);
}

static void test_rotate(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    struct store_key new_key = {0};
    g_assert_true(store_key_add(fixture.db, fixture.first.id, FIXTURE_NOW, &new_key, &error));
    int64_t end = FIXTURE_NOW + 100;
    g_assert_true(store_key_expire_others(fixture.db, fixture.first.id, new_key.key, FIXTURE_NOW,
                                          end, &error));
    expect_owner(fixture.db, fixture.first.key, end - 1, fixture.first.id);
    expect_owner(fixture.db, fixture.first.key, end, NULL);
    expect_owner(fixture.db, new_key.key, end, fixture.first.id);
    expect_owner(fixture.db, fixture.second.key, end, fixture.second.id);

    /* A key that ends sooner is not made to live longer, nor one that has ended to live again. */
    g_assert_true(store_key_expire_others(fixture.db, fixture.first.id, new_key.key, FIXTURE_NOW,
                                          end + 500, &error));
    expect_owner(fixture.db, fixture.first.key, end, NULL);
    g_assert_true(store_key_expire_others(fixture.db, fixture.first.id, new_key.key, end + 10,
                                          end + 5, &error));
    g_autoptr(GArray) keys = store_key_list(fixture.db, fixture.first.id, &error);
    g_assert_cmpuint(keys->len, ==, 2);
    g_assert_cmpstr(g_array_index(keys, struct store_key, 0).key, ==, new_key.key);
    g_assert_cmpint(g_array_index(keys, struct store_key, 0).expires_at, ==, -1);
    g_assert_cmpint(g_array_index(keys, struct store_key, 1).expires_at, ==, end);

    /* The agency shows its newest live key. */
    struct store_agency agency = {0};
    g_assert_true(store_agency_find(fixture.db, fixture.first.id, FIXTURE_NOW, &agency, &error));
    g_assert_cmpstr(agency.key, ==, new_key.key);
    store_agency_clear(&agency);
    store_key_clear(&new_key);
    fixture_clear(&fixture);
}

static void test_disable(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    g_assert_false(store_key_disable(fixture.db, NULL, "abcdefghijkl", FIXTURE_NOW, &error));
    fixture_expect(&error, ERROR_PERM, "there is no key abcdef…");
    g_assert_true(store_key_disable(fixture.db, NULL, fixture.first.key, FIXTURE_NOW + 1, &error));
    g_assert_true(store_key_disable(fixture.db, NULL, fixture.first.key, FIXTURE_NOW + 9, &error));
    expect_owner(fixture.db, fixture.first.key, FIXTURE_NOW, NULL);
    expect_owner(fixture.db, fixture.second.key, FIXTURE_NOW, fixture.second.id);
    g_autoptr(GArray) keys = store_key_list(fixture.db, fixture.first.id, &error);
    g_assert_cmpint(g_array_index(keys, struct store_key, 0).disabled_at, ==, FIXTURE_NOW + 1);
    struct store_agency agency = {0};
    g_assert_true(store_agency_find(fixture.db, fixture.first.id, FIXTURE_NOW, &agency, &error));
    g_assert_null(agency.key);
    store_agency_clear(&agency);
    fixture_clear(&fixture);
}

/* In the caller's transaction: it goes when that goes. */
static void test_in_transaction(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    struct store_agency third = {0};
    g_assert_true(db_begin(fixture.db, &error));
    g_assert_true(store_agency_add(fixture.db, "Third", "UTC", FIXTURE_NOW, &third, &error));
    db_rollback(fixture.db);
    expect_owner(fixture.db, third.key, FIXTURE_NOW, NULL);
    g_assert_cmpint(fixture_number(fixture.db, "SELECT count(*) FROM agencies"), ==, 2);
    store_agency_clear(&third);
    struct store_key key = {0};
    g_assert_false(store_key_add(fixture.db, "nobody", FIXTURE_NOW, &key, &error));
    fixture_expect(&error, ERROR_PERM, "FOREIGN KEY");
    fixture_clear(&fixture);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-agency/add-and-find", test_add_and_find);
    g_test_add_func("/store-agency/refused", test_refused);
    g_test_add_func("/store-agency/key-form", test_key_form);
    g_test_add_func("/store-agency/key-owner", test_key_owner);
    g_test_add_func("/store-agency/rotate", test_rotate);
    g_test_add_func("/store-agency/disable", test_disable);
    g_test_add_func("/store-agency/in-transaction", test_in_transaction);
    return g_test_run();
}

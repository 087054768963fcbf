#include "db_fixture.h"

#include "db/store_member.h"

/* A member whose fields are copies; NULL stays NULL. */
static struct store_member member(const char *name, const char *email, const char *extension)
{
    return (struct store_member){
        .name = g_strdup(name), .email = g_strdup(email), .extension = g_strdup(extension)};
}

/* Adds one and gives its id; g_free it. */
static char *add(struct db *db, const char *agency_id, const char *name, const char *email,
                 const char *extension)
{
    g_autoptr(GError) error = NULL;
    struct store_member new_member = member(name, email, extension);
    store_member_add(db, agency_id, &new_member, &error);
    g_assert_no_error(error);
    char *id = g_steal_pointer(&new_member.id);
    store_member_clear(&new_member);
    return id;
}

static void test_add(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    g_autofree char *ann =
        add(fixture.db, fixture.first.id, "  Ann Agent ", "Ann@Example.com", "101");
    g_autofree char *bob = add(fixture.db, fixture.first.id, "bob Agent", NULL, "");
    /* The other agency may have the same. */
    g_free(add(fixture.db, fixture.second.id, "Ann Agent", "ann@example.com", "101"));
    g_autoptr(GArray) list = store_member_list(fixture.db, fixture.first.id, &error);
    g_assert_cmpuint(list->len, ==, 2);
    const struct store_member *first = &g_array_index(list, struct store_member, 0);
    g_assert_cmpstr(first->id, ==, ann);
    g_assert_cmpstr(first->name, ==, "Ann Agent");
    g_assert_cmpstr(first->email, ==, "Ann@Example.com");
    g_assert_cmpstr(first->extension, ==, "101");
    g_assert_cmpstr(first->role, ==, "staff");
    g_assert_cmpstr(first->status, ==, "active");
    const struct store_member *second = &g_array_index(list, struct store_member, 1);
    g_assert_cmpstr(second->id, ==, bob);
    g_assert_null(second->email);
    g_assert_null(second->extension);
    fixture_clear(&fixture);
}

static void test_refused(void)
{
    static const struct {
        const char *name, *email, *extension, *role, *status;
        const char *words;
    } cases[] = {
        {NULL, NULL, NULL, NULL, NULL, "the name of the member is empty"},
        {" ", NULL, NULL, NULL, NULL, "the name of the member is empty"},
        {"A\x01", NULL, NULL, NULL, NULL, "control characters"},
        {"A", "nowhere", NULL, NULL, NULL, "the e-mail `nowhere`"},
        {"A", "a@b@c", NULL, NULL, NULL, "is not an address"},
        {"A", "a b@c", NULL, NULL, NULL, "is not an address"},
        {"A", NULL, "1", NULL, NULL, "the extension `1` of A"},
        {"A", NULL, "x101", NULL, NULL, "2 to 8 digits"},
        {"A", NULL, "123456789", NULL, NULL, "2 to 8 digits"},
        {"A", NULL, NULL, "boss", NULL, "the role of A"},
        {"A", NULL, NULL, NULL, "gone", "the status of A"},
        {"A", NULL, "101", NULL, NULL, "the extension 101 of A belongs to Ann Agent already"},
        {"A", "ANN@example.COM", NULL, NULL, NULL,
         "the e-mail ANN@example.COM of A belongs to Ann Agent already"},
    };
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    g_free(add(fixture.db, fixture.first.id, "Ann Agent", "ann@example.com", "101"));
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct store_member given = member(cases[i].name, cases[i].email, cases[i].extension);
        given.role = g_strdup(cases[i].role);
        given.status = g_strdup(cases[i].status);
        g_assert_false(store_member_add(fixture.db, fixture.first.id, &given, &error));
        fixture_expect(&error, ERROR_PERM, cases[i].words);
        g_assert_null(given.id);
        store_member_clear(&given);
    }
    g_assert_cmpint(fixture_number(fixture.db, "SELECT count(*) FROM team_members"), ==, 1);
    fixture_clear(&fixture);
}

static void test_put(void)
{
    static const struct {
        const char *name, *email, *extension, *role;
        bool added, changed;
        const char *result; /* name|email|extension|role of the one it means */
    } steps[] = {
        {"Ann Agent", "ann@example.com", "101", NULL, true, true,
         "Ann Agent|ann@example.com|101|staff"},
        {"Ann Agent", "ann@example.com", "101", NULL, false, false,
         "Ann Agent|ann@example.com|101|staff"},
        {"Ann Agent", NULL, NULL, NULL, false, false, "Ann Agent|ann@example.com|101|staff"},
        {"Ann Agent", NULL, "", "owner", false, true, "Ann Agent|ann@example.com|101|owner"},
        {"Ann Married", "ANN@example.com", NULL, NULL, false, true,
         "Ann Married|ANN@example.com|101|owner"},
        {"Ann B", NULL, "101", NULL, false, true, "Ann B|ANN@example.com|101|owner"},
        {"ann b", NULL, NULL, NULL, true, true, "ann b|-|-|staff"},
        {"Bob", "bob@example.com", NULL, "manager", true, true, "Bob|bob@example.com|-|manager"},
        {"Bob", NULL, "102", NULL, false, true, "Bob|bob@example.com|102|manager"},
    };
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
        struct store_member given = member(steps[i].name, steps[i].email, steps[i].extension);
        given.role = g_strdup(steps[i].role);
        bool added = !steps[i].added;
        bool changed = !steps[i].changed;
        store_member_put(fixture.db, fixture.first.id, &given, &added, &changed, &error);
        g_assert_no_error(error);
        g_assert_cmpint(added, ==, steps[i].added);
        g_assert_cmpint(changed, ==, steps[i].changed);
        g_autofree char *sql = g_strdup_printf(
            "SELECT name || '|' || coalesce(email, '-') || '|' || coalesce(extension, '-') || '|' "
            "|| role FROM team_members WHERE id = '%s'",
            given.id);
        g_autofree char *result = fixture_text(fixture.db, g_intern_string(sql));
        g_assert_cmpstr(result, ==, steps[i].result);
        store_member_clear(&given);
    }
    g_assert_cmpint(fixture_number(fixture.db, "SELECT count(*) FROM team_members"), ==, 3);
    fixture_clear(&fixture);
}

static void test_put_refused(void)
{
    static const struct {
        const char *name, *email, *extension;
        const char *words;
    } cases[] = {
        {"Ann Agent", "ann@example.com", "102", "the extension 102 of Ann Agent belongs to Bob"},
        {"Twin", NULL, NULL, "2 members are named Twin"},
        {"", "ann@example.com", NULL, "is empty"},
    };
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    g_free(add(fixture.db, fixture.first.id, "Ann Agent", "ann@example.com", "101"));
    g_free(add(fixture.db, fixture.first.id, "Bob", NULL, "102"));
    g_free(add(fixture.db, fixture.first.id, "Twin", NULL, "103"));
    g_free(add(fixture.db, fixture.first.id, "Twin", NULL, "104"));
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct store_member given = member(cases[i].name, cases[i].email, cases[i].extension);
        bool added = false;
        bool changed = false;
        g_assert_false(
            store_member_put(fixture.db, fixture.first.id, &given, &added, &changed, &error));
        fixture_expect(&error, ERROR_PERM, cases[i].words);
        store_member_clear(&given);
    }
    g_assert_cmpint(fixture_number(fixture.db, "SELECT count(*) FROM team_members WHERE "
                                               "name = 'Ann Agent' AND extension = '101'"),
                    ==, 1);
    fixture_clear(&fixture);
}

static void test_index(void)
{
    struct fixture fixture;
    fixture_init(&fixture);
    g_autoptr(GError) error = NULL;
    g_autofree char *ann = add(fixture.db, fixture.first.id, "Ann Agent", "ann@example.com", "101");
    g_autofree char *foreign = add(fixture.db, fixture.second.id, "Zoe", NULL, "909");
    g_autofree char *alias = g_strdup_printf(
        "INSERT INTO member_aliases VALUES ('%s', 'Front Desk', '%s')", fixture.first.id, ann);
    fixture_script(fixture.db, alias);
    AUTO(person_index) people = store_member_index(fixture.db, fixture.first.id, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(person_index_find(people, NULL, "101", NULL), ==, ann);
    g_assert_cmpstr(person_index_find(people, "ann  AGENT", NULL, NULL), ==, ann);
    g_assert_cmpstr(person_index_find(people, NULL, NULL, "ANN@example.com"), ==, ann);
    g_assert_cmpstr(person_index_find(people, "front desk", NULL, NULL), ==, ann);
    g_assert_null(person_index_find(people, "Zoe", "909", NULL));

    /* The database itself refuses an alias for a member of another agency. */
    g_autofree char *bad = g_strdup_printf("INSERT INTO member_aliases VALUES ('%s', 'Zoe', '%s')",
                                           fixture.first.id, foreign);
    g_assert_false(db_run_script(fixture.db, bad, &error));
    fixture_expect(&error, ERROR_PERM, "FOREIGN KEY");
    fixture_clear(&fixture);
}

static void test_words(void)
{
    g_assert_true(store_member_role_is_valid("key_employee"));
    g_assert_false(store_member_role_is_valid("Owner"));
    g_assert_false(store_member_role_is_valid(""));
    g_assert_true(store_member_status_is_valid("inactive"));
    g_assert_false(store_member_status_is_valid("deleted"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-member/add", test_add);
    g_test_add_func("/store-member/refused", test_refused);
    g_test_add_func("/store-member/put", test_put);
    g_test_add_func("/store-member/put-refused", test_put_refused);
    g_test_add_func("/store-member/index", test_index);
    g_test_add_func("/store-member/words", test_words);
    return g_test_run();
}

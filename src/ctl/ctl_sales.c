/*
 * sales import, target set, drop, and rings: what was sold, what was aimed at, and both beside the
 * calls.
 *
 * A file of sales tells all that a member sold on the days it names: its lines of one member and
 * day are added up and take the place of what was stored for them, so that the same file twice
 * changes nothing.
 */
#include "ctl/command.h"
#include "ctl/ctl_import.h"

#include "base/error.h"
#include "base/hash.h"
#include "ctl/output.h"
#include "db/store_member.h"
#include "db/store_sales.h"
#include "view/view.h"

#include <string.h>

/* --- sales import --- */

enum column { DATE, MEMBER, ITEMS, POLICIES, PREMIUM };

static const char *const columns[] = {"date", "member", "items", "policies", "premium", NULL};

enum { MOST_COUNT = 1000000 };

struct sales {
    GHashTable *sums; /* "<date> <member's id>" -> struct store_sale, which borrows the id */
};

static bool read_count(const char *what, const char *text, int64_t *count, GError **error)
{
    guint64 number = 0;
    *count = -1;
    if (text == NULL)
        return true;
    if (!g_ascii_string_to_unsigned(text, 10, 0, MOST_COUNT, &number, NULL))
        return error_perm(error, "%s `%s` is not a number from 0 to %d", what, text, MOST_COUNT);
    *count = (int64_t)number;
    return true;
}

/* 1234, 1234.5, $1,234.50: in cents. */
static bool read_premium(const char *text, int64_t *cents, GError **error)
{
    *cents = -1;
    if (text == NULL)
        return true;
    int64_t value = 0;
    int digits = 0, decimals = -1;
    bool is_good = true;
    for (const char *p = text + (text[0] == '$'); *p != '\0' && is_good; p++) {
        if (g_ascii_isdigit(*p)) {
            value = value * 10 + (*p - '0');
            digits++;
            decimals += decimals >= 0;
        } else if (*p == '.' && decimals < 0) {
            decimals = 0;
        } else {
            is_good = *p == ',' && decimals < 0 && digits > 0;
        }
        is_good &= digits <= 14 && decimals <= 2;
    }
    if (!is_good || digits == 0)
        return error_perm(error, "the premium `%s` is not an amount such as 1234.50", text);
    for (; decimals < 2; decimals = MAX(decimals, 0) + 1)
        value *= 10;
    *cents = value;
    return true;
}

static int64_t add_known(int64_t sum, int64_t more)
{
    return more < 0 ? sum : MAX(sum, 0) + more;
}

static bool take(void *context, struct ctl *ctl, size_t line, char *const *fields,
                 enum ctl_imported *what, GError **error)
{
    (void)line;
    (void)what;
    struct sales *sales = context;
    struct store_sale sale;
    if (fields[DATE] == NULL || !day_date_parse(fields[DATE], &sale.date))
        return error_perm(error, "`%s` is not a date: write it as 2026-01-05",
                          fields[DATE] != NULL ? fields[DATE] : "");
    if (fields[MEMBER] == NULL)
        return error_perm(error, "the member is missing");
    if (!read_count("the number of items", fields[ITEMS], &sale.items, error) ||
        !read_count("the number of policies", fields[POLICIES], &sale.policies, error) ||
        !read_premium(fields[PREMIUM], &sale.premium_cents, error))
        return false;
    struct store_member member = {0};
    if (!store_member_find(ctl->db, ctl->agency.id, fields[MEMBER], &member, error))
        return false;
    char *key = g_strdup_printf("%d %s", sale.date, member.id);
    store_member_clear(&member);
    struct store_sale *sum = g_hash_table_lookup(sales->sums, key);
    if (sum == NULL) {
        sum = g_new(struct store_sale, 1);
        *sum = sale;
        sum->member_id = strchr(key, ' ') + 1;
        g_hash_table_insert(sales->sums, key, sum);
        return true;
    }
    g_free(key);
    sum->items = add_known(sum->items, sale.items);
    sum->policies = add_known(sum->policies, sale.policies);
    sum->premium_cents = add_known(sum->premium_cents, sale.premium_cents);
    return true;
}

static bool finish(void *context, struct ctl *ctl, int64_t *counts, GError **error)
{
    const struct sales *sales = context;
    memset(counts, 0, (CTL_UNCHANGED + 1) * sizeof *counts);
    GHashTableIter iter;
    gpointer sale;
    g_hash_table_iter_init(&iter, sales->sums);
    while (g_hash_table_iter_next(&iter, NULL, &sale)) {
        bool is_added = false, is_changed = false;
        if (!store_sale_put(ctl->db, ctl->agency.id, sale, &is_added, &is_changed, error))
            return false;
        counts[is_added ? CTL_ADDED : is_changed ? CTL_CHANGED : CTL_UNCHANGED]++;
    }
    return true;
}

int ctl_sales_import(struct ctl *ctl, char **words)
{
    static const struct ctl_import form = {
        .columns = columns,
        .required = 1u << DATE | 1u << MEMBER,
        .example = "date,member,items,policies,premium",
        .take = take,
        .finish = finish,
    };
    g_autoptr(GHashTable) sums = g_hash_table_new_full(hash_text, g_str_equal, g_free, g_free);
    struct sales sales = {.sums = sums};
    return ctl_import(ctl, words[0], words[1], &form, &sales);
}

/* --- targets --- */

static int read_target(const struct ctl *ctl, enum ctl_option option, int64_t *target)
{
    const char *text = ctl->option[option];
    guint64 number = 0;
    *target = -1;
    if (text == NULL)
        return EX_OK;
    if (!g_ascii_string_to_unsigned(text, 10, 1, MOST_COUNT, &number, NULL))
        return ctl_complain(EX_USAGE, "the target %s is not a number from 1 to %d", text,
                            MOST_COUNT);
    *target = (int64_t)number;
    return EX_OK;
}

/* The member that a word names; none if there is no word. */
static int find_member(struct ctl *ctl, const char *word, struct store_member *member)
{
    g_autoptr(GError) error = NULL;
    if (word == NULL || store_member_find(ctl->db, ctl->agency.id, word, member, &error))
        return EX_OK;
    return ctl_fail(error, EX_NOUSER);
}

static void print_target(const char *whose, const struct store_target *target)
{
    if (target->outbound_calls > 0)
        output_line("%s: %" G_GINT64_FORMAT " outbound calls a day", whose, target->outbound_calls);
    if (target->talk_minutes > 0)
        output_line("%s: %" G_GINT64_FORMAT " minutes of talk a day", whose, target->talk_minutes);
    if (target->sold_items > 0)
        output_line("%s: %" G_GINT64_FORMAT " items sold a day", whose, target->sold_items);
}

static int set_target(struct ctl *ctl, const struct store_member *member,
                      const struct store_target *target)
{
    g_autoptr(GError) error = NULL;
    if (!store_target_put(ctl->db, ctl->agency.id, member->id, target, &error))
        return ctl_fail(error, EX_UNAVAILABLE);
    const char *whose = member->name != NULL ? member->name : ctl->agency.name;
    if (ctl->option[CTL_JSON] != NULL)
        output_json(view_target(target));
    else
        print_target(whose, target);
    return EX_OK;
}

int ctl_target_set(struct ctl *ctl, char **words)
{
    struct store_target target;
    int code = read_target(ctl, CTL_CALLS, &target.outbound_calls);
    if (code == EX_OK)
        code = read_target(ctl, CTL_TALK, &target.talk_minutes);
    if (code == EX_OK)
        code = read_target(ctl, CTL_ITEMS, &target.sold_items);
    if (code == EX_OK &&
        MAX(target.outbound_calls, MAX(target.talk_minutes, target.sold_items)) < 0)
        code = ctl_complain(EX_USAGE, "target set wants --calls N, --talk MINUTES or --items N");
    if (code == EX_OK)
        code = ctl_open_agency(ctl, DB_WRITE, words[0]);
    struct store_member member = {0};
    if (code == EX_OK)
        code = find_member(ctl, words[1], &member);
    if (code == EX_OK)
        code = set_target(ctl, &member, &target);
    store_member_clear(&member);
    return code;
}

int ctl_target_drop(struct ctl *ctl, char **words)
{
    int code = ctl_open_agency(ctl, DB_WRITE, words[0]);
    struct store_member member = {0};
    if (code == EX_OK)
        code = find_member(ctl, words[1], &member);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    bool dropped = false;
    if (!store_target_drop(ctl->db, ctl->agency.id, member.id, &dropped, &error))
        code = ctl_fail(error, EX_UNAVAILABLE);
    else if (!dropped)
        code = ctl_complain(EX_DATAERR, "%s has no target of its own",
                            member.name != NULL ? member.name : ctl->agency.name);
    else if (ctl->option[CTL_JSON] != NULL)
        output_json(view_target(&(struct store_target){-1, -1, -1}));
    store_member_clear(&member);
    return code;
}

/* --- rings --- */

static void add_cell(struct output_table *table, int64_t figure, int64_t target)
{
    g_autofree char *text =
        figure >= 0 ? g_strdup_printf("%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT, figure, target)
                    : g_strdup_printf("- of %" G_GINT64_FORMAT, target);
    output_table_text(table, text);
}

static void print_rings(const struct ctl *ctl, int32_t date, const GArray *rings)
{
    char day[DAY_DATE_SIZE];
    day_date_text(date, day);
    output_line("%s, %s (%s)", ctl->agency.name, day, ctl->agency.timezone);
    struct output_table *table = output_table_new(
        (const char *const[]){"NAME", ">OUTBOUND CALLS", ">TALK MINUTES", ">ITEMS SOLD", NULL});
    for (guint i = 0; i < rings->len; i++) {
        const struct store_ring *ring = &g_array_index(rings, struct store_ring, i);
        output_table_text(table, ring->name);
        add_cell(table, ring->outbound_calls, ring->target.outbound_calls);
        add_cell(table, ring->talk_minutes, ring->target.talk_minutes);
        add_cell(table, ring->sold_items, ring->target.sold_items);
    }
    output_table_print(table, "no members yet: callmxctl member add AGENCY NAME");
}

int ctl_rings(struct ctl *ctl, char **words)
{
    int32_t date = 0;
    int code = ctl_open_agency(ctl, DB_READONLY, words[0]);
    if (code == EX_OK)
        code = ctl_date(ctl, &date);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) rings = store_ring_list(ctl->db, ctl->agency.id, date, &error);
    if (rings == NULL)
        return ctl_fail(error, EX_UNAVAILABLE);
    if (ctl->option[CTL_JSON] == NULL) {
        print_rings(ctl, date, rings);
        return EX_OK;
    }
    char day[DAY_DATE_SIZE];
    day_date_text(date, day);
    struct json *object = json_object_new();
    struct json *array = json_array_new();
    for (guint i = 0; i < rings->len; i++)
        json_append(array, view_ring(&g_array_index(rings, struct store_ring, i)));
    json_set_text(object, "date", day);
    json_set(object, "members", array);
    output_json(object);
    return EX_OK;
}

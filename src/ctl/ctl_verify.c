/*
 * verify: whether the stored figures are what calls and Users reports come to. The exit code is 1
 * if they are not, so that a timer can ask every night.
 */
#include "ctl/command.h"
#include "ctl/ctl.h"

#include "ctl/ctl_verify.h"
#include "ctl/output.h"
#include "ingest/verify.h"
#include "view/view.h"

static struct json *difference_json(const struct verify_difference *difference)
{
    char date[DAY_DATE_SIZE];
    day_date_text(difference->date, date);
    struct json *object = json_object_new();
    json_set_text(object, "date", date);
    json_set_text(object, "team_member_id", difference->member_id);
    json_set_text(object, "name", difference->name);
    json_set_text(object, "figure", difference->figure);
    json_set_text(object, "stored", difference->stored);
    json_set_text(object, "computed", difference->computed);
    return object;
}

struct json *ctl_differences_json(const GArray *differences)
{
    struct json *array = json_array_new();
    for (guint i = 0; i < differences->len; i++)
        json_append(array,
                    difference_json(&g_array_index(differences, struct verify_difference, i)));
    return array;
}

void ctl_differences_print(const GArray *differences, const char *stored, const char *computed)
{
    struct output_table *table =
        output_table_new((const char *const[]){"DATE", "WHOSE", "FIGURE", stored, computed, NULL});
    for (guint i = 0; i < differences->len; i++) {
        const struct verify_difference *difference =
            &g_array_index(differences, struct verify_difference, i);
        output_table_date(table, difference->date);
        output_table_text(table, difference->member_id != NULL ? difference->name : "= agency");
        output_table_text(table, difference->figure);
        output_table_text(table, difference->stored);
        output_table_text(table, difference->computed);
    }
    output_table_print(table, "");
}

static struct json *agency_json(const struct store_agency *agency, const struct verify *verify)
{
    struct json *object = json_object_new();
    json_set_text(object, "agency_id", agency->id);
    json_set_text(object, "name", agency->name);
    json_set_int(object, "days", verify->days);
    json_set(object, "other_owner", view_relink(&verify->relink));
    json_set(object, "differences", ctl_differences_json(verify->differences));
    return object;
}

static void print(const struct store_agency *agency, const struct verify *verify)
{
    const char *name = agency->name;
    if (verify_is_clean(verify)) {
        output_line("%s: %" G_GINT64_FORMAT " days, all figures are what they should be", name,
                    verify->days);
        return;
    }
    output_line("%s: %" G_GINT64_FORMAT " days, %u figures differ", name, verify->days,
                verify->differences->len);
    if (verify->relink.legs + verify->relink.users > 0)
        output_line("%" G_GINT64_FORMAT " stored legs and %" G_GINT64_FORMAT
                    " rows of Users reports would have another owner today",
                    verify->relink.legs, verify->relink.users);
    if (verify->differences->len > 0)
        ctl_differences_print(verify->differences, ">STORED", ">COMPUTED");
}

/* One agency; `array` is NULL for people. */
static int verify_one(struct ctl *ctl, const struct store_agency *agency, struct json *array)
{
    g_autoptr(GError) error = NULL;
    struct verify verify;
    int code = EX_OK;
    if (!verify_agency(ctl->db, agency->id, ctl->now, &verify, &error)) {
        code = ctl_fail(error, EX_UNAVAILABLE);
    } else {
        if (array != NULL)
            json_append(array, agency_json(agency, &verify));
        else
            print(agency, &verify);
        code = verify_is_clean(&verify) ? EX_OK : CTL_NOT_AS_WANTED;
    }
    verify_clear(&verify);
    return code;
}

static int verify_every(struct ctl *ctl, struct json *array)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) agencies = store_agency_list(ctl->db, ctl->now, &error);
    if (agencies == NULL)
        return ctl_fail(error, EX_UNAVAILABLE);
    int worst = EX_OK;
    for (guint i = 0; i < agencies->len; i++) {
        int code = verify_one(ctl, &g_array_index(agencies, struct store_agency, i), array);
        worst = MAX(worst, code);
    }
    return worst;
}

int ctl_verify(struct ctl *ctl, char **words)
{
    int code =
        words[0] != NULL ? ctl_open_agency(ctl, DB_READONLY, words[0]) : ctl_open(ctl, DB_READONLY);
    if (code != EX_OK)
        return code;
    AUTO(json) array = ctl->option[CTL_JSON] != NULL ? json_array_new() : NULL;
    code = words[0] != NULL ? verify_one(ctl, &ctl->agency, array) : verify_every(ctl, array);
    if (array != NULL && code <= CTL_NOT_AS_WANTED)
        output_json(g_steal_pointer(&array));
    return code;
}

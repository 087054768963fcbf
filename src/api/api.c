/*
 * See api.h. The order of the checks is that of what they tell: without a good token nobody learns
 * whether an agency or a path is there.
 */
#include "api/api.h"

#include "api/api_impl.h"
#include "base/error.h"
#include "base/limits.h"

#include <string.h>

#define AGENCY "/api/v1/agencies/{agency}"

const struct api_route api_routes[] = {
    {{"GET", AGENCY}, API_READ, false, api_get_agency},
    {{"GET", AGENCY "/metrics"}, API_READ, false, api_get_metrics},
    {{"GET", AGENCY "/members/{member}/metrics"}, API_READ, false, api_get_member_metrics},
    {{"GET", AGENCY "/rings"}, API_READ, false, api_get_rings},
    {{"GET", AGENCY "/calls"}, API_READ, false, api_get_calls},
    {{"GET", AGENCY "/unmatched"}, API_READ, false, api_get_unmatched},
    {{"GET", AGENCY "/contacts"}, API_READ, false, api_get_contacts},
    {{"GET", AGENCY "/contacts/{contact}/activities"}, API_READ, false, api_get_activities},
    {{"GET", AGENCY "/coverage"}, API_READ, false, api_get_coverage},
    {{"GET", AGENCY "/log"}, API_READ, false, api_get_log},
    {{"GET", AGENCY "/log/{id}"}, API_READ, false, api_get_log_entry},
    {{"GET", AGENCY "/connection"}, API_READ, false, api_get_connection},
    {{"GET", AGENCY "/members"}, API_READ, false, api_get_members},
    {{"POST", AGENCY "/members"}, API_OWN, true, api_add_member},
    {{"PUT", AGENCY "/members/{member}"}, API_OWN, true, api_change_member},
    {{"GET", AGENCY "/aliases"}, API_READ, false, api_get_aliases},
    {{"PUT", AGENCY "/aliases/{name}"}, API_OWN, true, api_put_alias},
    {{"DELETE", AGENCY "/aliases/{name}"}, API_OWN, true, api_drop_alias},
    {{"PUT", AGENCY "/targets"}, API_OWN, true, api_put_target},
    {{"DELETE", AGENCY "/targets"}, API_OWN, true, api_drop_target},
    {{"PUT", AGENCY "/members/{member}/targets"}, API_OWN, true, api_put_target},
    {{"DELETE", AGENCY "/members/{member}/targets"}, API_OWN, true, api_drop_target},
    {{"PUT", AGENCY "/sales"}, API_OWN, true, api_put_sales},
    {{"GET", AGENCY "/expectation"}, API_READ, false, api_get_expectation},
    {{"PUT", AGENCY "/expectation"}, API_OWN, true, api_put_expectation},
    {{"GET", AGENCY "/keys"}, API_OWN, false, api_get_keys},
    {{"POST", AGENCY "/keys"}, API_OWN, true, api_add_key},
    {{"POST", AGENCY "/keys/disable"}, API_OWN, true, api_disable_key},
    {{"GET", AGENCY "/tokens"}, API_OWN, false, api_get_tokens},
    {{"POST", AGENCY "/tokens"}, API_OWN, true, api_add_token},
    {{"DELETE", AGENCY "/tokens/{id}"}, API_OWN, true, api_revoke_token},
    {{"GET", AGENCY "/voip"}, API_OWN, false, api_get_voip},
    {{"POST", AGENCY "/voip"}, API_OWN, true, api_add_voip},
    {{"POST", AGENCY "/voip/{provider}/rotate"}, API_OWN, true, api_rotate_voip},
    {{"PUT", AGENCY "/voip/{provider}/field_map"}, API_OWN, true, api_map_voip},
    {{"DELETE", AGENCY "/voip/{provider}"}, API_OWN, true, api_disable_voip},
};

static bool may_upload(struct api_call *call, struct db *db, GError **error)
{
    (void)db;
    (void)error;
    return api_reply(call, 204, NULL);
}

const struct api_route api_upload_route = {{"POST", AGENCY "/reports"}, API_OWN, false, may_upload};

const size_t api_route_count = G_N_ELEMENTS(api_routes);

void api_call_clear(struct api_call *call)
{
    store_token_clear(&call->token);
    store_agency_clear(&call->agency);
    day_zone_free(call->zone);
    http_form_clear(&call->form);
    json_free(call->document);
}

/* --- answers --- */

bool api_reply(struct api_call *call, unsigned status, struct json *document)
{
    json_free(call->document);
    call->status = status;
    call->document = document;
    return true;
}

bool api_refuse(struct api_call *call, unsigned status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *why = g_strdup_vprintf(format, args);
    va_end(args);
    struct json *document = json_object_new();
    json_set_text(document, "error", why);
    return api_reply(call, status, document);
}

bool api_is_missing(struct api_call *call, const char *what, GError *why, GError **error)
{
    if (error_is_temp(why)) {
        g_propagate_error(error, why);
        return false;
    }
    g_error_free(why);
    return api_refuse(call, 404, "there is no such %s", what);
}

bool api_is_guess(const struct api_call *call)
{
    return call->status == 401;
}

/* --- the query --- */

static bool is_one_of(const char *name, const char *const *names)
{
    return g_strv_contains(names, name);
}

bool api_takes(struct api_call *call, const char *const *names)
{
    for (size_t i = 0; i < call->form.count; i++)
        if (!is_one_of(call->form.fields[i].name, names)) {
            api_refuse(call, 400, "%s: there is no such parameter here", call->form.fields[i].name);
            return false;
        }
    return true;
}

const char *api_parameter(const struct api_call *call, const char *name)
{
    return http_form_value(&call->form, name);
}

bool api_date(struct api_call *call, const char *name, int32_t *date)
{
    const char *text = api_parameter(call, name);
    if (text == NULL || day_date_parse(text, date))
        return true;
    api_refuse(call, 422, "%s: it is not a date such as 2026-01-05", name);
    return false;
}

bool api_limit(struct api_call *call, int64_t *limit)
{
    const char *text = api_parameter(call, "limit");
    guint64 number;
    *limit = DEFAULT_API_PAGE;
    if (text == NULL)
        return true;
    if (!g_ascii_string_to_unsigned(text, 10, 1, LIMIT_API_PAGE, &number, NULL)) {
        api_refuse(call, 422, "limit: it is not a number from 1 to %d", LIMIT_API_PAGE);
        return false;
    }
    *limit = (int64_t)number;
    return true;
}

/* --- the body --- */

struct look {
    struct api_call *call;
    const char *const *names;
    bool is_good;
};

static void look_at_member(void *context, const char *name, const struct json *value)
{
    struct look *look = context;
    (void)value;
    if (look->is_good && !is_one_of(name, look->names)) {
        api_refuse(look->call, 422, "%s: there is no such member here", name);
        look->is_good = false;
    }
}

bool api_takes_body(struct api_call *call, const char *const *names)
{
    struct look look = {.call = call, .names = names, .is_good = true};
    if (!json_holds_object(call->body)) {
        api_refuse(call, 422, "the body must be a JSON object");
        return false;
    }
    json_each_member(call->body, look_at_member, &look);
    return look.is_good;
}

bool api_text(struct api_call *call, const char *name, const char **text)
{
    const struct json *member = json_member(call->body, name);
    *text = json_member_text(call->body, name);
    if (*text != NULL || json_is_absent(member))
        return true;
    api_refuse(call, 422, "%s: it must be text", name);
    return false;
}

bool api_number(struct api_call *call, const char *name, int64_t least, int64_t most,
                int64_t *number)
{
    const struct json *member = json_member(call->body, name);
    *number = json_member_int(call->body, name);
    if (json_is_absent(member) || (*number >= least && *number <= most))
        return true;
    api_refuse(call, 422,
               "%s: it must be a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, name,
               least, most);
    return false;
}

bool api_flag(struct api_call *call, const char *name, bool *flag)
{
    const struct json *member = json_member(call->body, name);
    *flag = false;
    if (json_is_absent(member) || json_read_bool(member, flag))
        return true;
    api_refuse(call, 422, "%s: it must be true or false", name);
    return false;
}

/* --- who may what --- */

static bool may(const struct api_call *call)
{
    return call->route->right == API_READ || strcmp(call->token.role, "owner") == 0;
}

/* Fills in what the token stands for. False: it was refused, or there was an error. */
static bool admit(struct api_call *call, struct db *db, const char *token, GError **error)
{
    bool found = false;
    if (token != NULL && !store_token_find(db, token, call->now, &call->token, &found, error))
        return false;
    if (!found) {
        api_refuse(call, 401,
                   token == NULL ? "Authorization: a token is missing"
                                 : "Authorization: the token is not good");
        return false;
    }
    /* The one place where a request meets an agency. */
    if (g_ascii_strcasecmp(call->values[0], call->token.agency_id) != 0) {
        api_refuse(call, 404, "there is no such agency");
        return false;
    }
    if (!may(call)) {
        api_refuse(call, 403, "a token of role %s may not do this", call->token.role);
        return false;
    }
    if (call->query != NULL && !http_form_read(&call->form, call->query, strlen(call->query))) {
        api_refuse(call, 400, "the query is not well-formed");
        return false;
    }
    return store_agency_find(db, call->token.agency_id, call->now, &call->agency, error) &&
           (call->zone = day_zone_new(call->agency.timezone, error)) != NULL;
}

void api_run(struct api_call *call, struct db *db, const char *token)
{
    g_autoptr(GError) error = NULL;
    bool is_alone = !db_is_in_transaction(db);
    bool is_done = (!is_alone || db_begin_snapshot(db, &error)) && admit(call, db, token, &error) &&
                   call->route->run(call, db, &error);
    if (is_alone)
        db_rollback(db);
    if (is_done || error == NULL)
        return;
    if (error_is_temp(error))
        api_refuse(call, 503, "it could not be done now: try again later");
    else
        api_refuse(call, 422, "%s", error->message);
}

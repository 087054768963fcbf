/*
 * token add, list, revoke: who may ask the API.
 *
 * A token is shown once, when it is made: only its hash is stored.
 */
#include "ctl/command.h"
#include "ctl/ctl.h"

#include "ctl/output.h"
#include "db/store_member.h"
#include "view/view.h"

#include <string.h>

static bool add(struct ctl *ctl, int64_t lives, struct store_token *token, char **secret,
                GError **error)
{
    struct store_member member = {0};
    const char *word = ctl->option[CTL_MEMBER];
    bool is_done =
        (word == NULL || store_member_find(ctl->db, ctl->agency.id, word, &member, error)) &&
        store_token_add(ctl->db, ctl->agency.id, ctl->option[CTL_ROLE], member.id, ctl->now,
                        lives >= 0 ? ctl->now + lives : -1, token, secret, error);
    store_member_clear(&member);
    return is_done;
}

int ctl_token_add(struct ctl *ctl, char **words)
{
    int64_t lives;
    if (ctl->option[CTL_ROLE] == NULL)
        return ctl_complain(EX_USAGE,
                            "token add wants --role: owner, key_employee, manager or staff");
    int code = ctl_time_option(ctl, CTL_EXPIRES, "--expires", -1, &lives);
    if (code == EX_OK)
        code = ctl_open_agency(ctl, DB_WRITE, words[0]);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    struct store_token token = {0};
    char *secret = NULL;
    if (!add(ctl, lives, &token, &secret, &error)) {
        code = ctl_fail(error, EX_DATAERR);
    } else if (ctl->option[CTL_JSON] != NULL) {
        struct json *object = view_token(&token, ctl->now);
        json_set_text(object, "token", secret);
        output_json(object);
    } else {
        output_field("id", token.id);
        output_field("role", token.role);
        output_field_time("expires", token.expires_at);
        output_field("token", secret);
        output_line("this is the only time that the token is shown");
    }
    if (secret != NULL)
        explicit_bzero(secret, strlen(secret));
    g_free(secret);
    store_token_clear(&token);
    return code;
}

int ctl_token_list(struct ctl *ctl, char **words)
{
    int code = ctl_open_agency(ctl, DB_READONLY, words[0]);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) tokens = store_token_list(ctl->db, ctl->agency.id, &error);
    g_autoptr(GArray) members =
        tokens != NULL ? store_member_list(ctl->db, ctl->agency.id, &error) : NULL;
    if (members == NULL)
        return ctl_fail(error, EX_UNAVAILABLE);
    AUTO(json) array = json_array_new();
    AUTO(output_table)
    table = output_table_new(
        (const char *const[]){"STATE", "ROLE", "MEMBER", "CREATED", "EXPIRES", "ID", NULL});
    for (guint i = 0; i < tokens->len; i++) {
        const struct store_token *token = &g_array_index(tokens, struct store_token, i);
        json_append(array, view_token(token, ctl->now));
        output_table_text(table, view_token_state(token, ctl->now));
        output_table_text(table, token->role);
        output_table_text(table, store_member_name(members, token->team_member_id));
        output_table_time(table, token->created_at);
        output_table_time(table, token->expires_at);
        output_table_text(table, token->id);
    }
    if (ctl->option[CTL_JSON] != NULL)
        output_json(g_steal_pointer(&array));
    else
        output_table_print(g_steal_pointer(&table),
                           "no tokens: callmxctl token add AGENCY --role R makes one");
    return EX_OK;
}

int ctl_token_revoke(struct ctl *ctl, char **words)
{
    int code = ctl_open_agency(ctl, DB_WRITE, words[0]);
    if (code != EX_OK)
        return code;
    g_autoptr(GError) error = NULL;
    if (!store_token_revoke(ctl->db, ctl->agency.id, words[1], ctl->now, &error))
        return ctl_fail(error, EX_NOUSER);
    if (ctl->option[CTL_JSON] != NULL) {
        struct json *object = json_object_new();
        json_set_text(object, "id", words[1]);
        json_set_text(object, "state", "revoked");
        output_json(object);
    } else {
        output_line("%s is revoked", words[1]);
    }
    return EX_OK;
}

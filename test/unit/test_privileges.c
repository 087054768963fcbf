/* Becoming another user, which cannot be undone and so is done in processes of their own. Without
 * root only what is refused can be tried. */
#include "in_child.h"

#include "base/error.h"
#include "daemon/privileges.h"

#include <glib/gstdio.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define OTHER "nobody"

static bool skip_without_root(void)
{
    if (geteuid() != 0)
        g_test_skip("only root can become another user");
    return geteuid() != 0;
}

/* The number of the first thing that is not as it should be; 0 if all is. */
static int become(const void *context)
{
    const char *group = context;
    struct identity identity;
    if (!identity_find(OTHER, group, &identity, NULL) || !identity.change)
        return 1;
    uid_t user = identity.user, ids[3];
    gid_t wanted = identity.group, groups[3];
    if (!privileges_drop(&identity, NULL))
        return 2;
    identity_clear(&identity);
    if (getresuid(&ids[0], &ids[1], &ids[2]) != 0 || ids[0] != user || ids[1] != user ||
        ids[2] != user)
        return 3;
    if (getresgid(&groups[0], &groups[1], &groups[2]) != 0 || groups[0] != wanted ||
        groups[1] != wanted || groups[2] != wanted)
        return 4;
    if (setuid(0) == 0 || setgid(0) == 0 || setgroups(0, NULL) == 0)
        return 5;
    g_autofree char *status = NULL;
    if (!g_file_get_contents("/proc/self/status", &status, NULL, NULL))
        return 6;
    static const char *const lines[] = {"CapEff:\t0000000000000000\n",
                                        "CapPrm:\t0000000000000000\n",
                                        "CapAmb:\t0000000000000000\n", "NoNewPrivs:\t1\n"};
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
        if (strstr(status, lines[i]) == NULL)
            return 7 + (int)i;
    return prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0) != 0 ? 20 : 0;
}

static void test_become(void)
{
    if (skip_without_root())
        return;
    g_assert_cmpint(in_child(become, NULL), ==, 0);
    g_assert_cmpint(in_child(become, "daemon"), ==, 0);
}

static int stay(const void *context)
{
    (void)context;
    struct identity identity;
    uid_t user = geteuid();
    if (!identity_find(NULL, NULL, &identity, NULL) || identity.change ||
        !privileges_drop(&identity, NULL))
        return 1;
    identity_clear(&identity);
    return geteuid() == user ? 0 : 2;
}

static void test_stay(void)
{
    g_assert_cmpint(in_child(stay, NULL), ==, 0);
}

/* 0 if the error says `context`. */
static int refused_to_others(const void *context)
{
    struct identity identity;
    g_autoptr(GError) error = NULL;
    if (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0)
        return 1;
    if (identity_find("root", NULL, &identity, &error))
        return 2;
    return strstr(error->message, context) != NULL && !error_is_temp(error) ? 0 : 3;
}

static void test_refused(void)
{
    struct identity identity;
    g_autoptr(GError) error = NULL;
    g_assert_false(identity_find("no-such-user-here", NULL, &identity, &error));
    g_assert_nonnull(strstr(error->message, "no-such-user-here"));
    g_assert_false(error_is_temp(error));
    g_clear_error(&error);
    g_assert_false(identity_find(OTHER, "no-such-group", &identity, &error));
    g_assert_nonnull(strstr(error->message, "no-such-group"));
    if (geteuid() == 0)
        g_assert_cmpint(in_child(refused_to_others, "only root can become"), ==, 0);
}

static int check_as_other(const void *context)
{
    const char *const *words = context; /* path, and what the error says; NULL: none */
    struct identity identity;
    g_autoptr(GError) error = NULL;
    if (!identity_find(OTHER, NULL, &identity, NULL) || !privileges_drop(&identity, NULL))
        return 1;
    identity_clear(&identity);
    if (privileges_check_database(words[0], &error) != (words[1] == NULL))
        return 2;
    return words[1] == NULL || (strstr(error->message, words[1]) != NULL &&
                                strstr(error->message, OTHER) != NULL)
               ? 0
               : 3;
}

static void test_database(void)
{
    if (skip_without_root())
        return;
    const struct passwd *other = getpwnam(OTHER);
    g_autofree char *folder = g_dir_make_tmp("callmx-privileges-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "callmx.db", NULL);
    const char *case_[] = {file, folder};
    g_assert_cmpint(chmod(folder, 0755), ==, 0);
    g_assert_cmpint(in_child(check_as_other, case_), ==, 0);
    g_assert_cmpint(chown(folder, other->pw_uid, other->pw_gid), ==, 0);
    case_[1] = NULL;
    g_assert_cmpint(in_child(check_as_other, case_), ==, 0);
    g_assert_true(g_file_set_contents(file, "", 0, NULL));
    g_assert_cmpint(chmod(file, 0600), ==, 0);
    case_[1] = "callmx.db";
    g_assert_cmpint(in_child(check_as_other, case_), ==, 0);
    case_[0] = "/nonexistent/folder/callmx.db";
    case_[1] = NULL;
    g_assert_cmpint(in_child(check_as_other, case_), ==, 0);
    g_assert_cmpint(g_remove(file) + g_remove(folder), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/privileges/become", test_become);
    g_test_add_func("/privileges/stay", test_stay);
    g_test_add_func("/privileges/refused", test_refused);
    g_test_add_func("/privileges/database", test_database);
    return g_test_run();
}

/* What systemd would hear: a real socket, by path and by abstract name. */

#include "base/error.h"
#include "daemon/notify.h"

#include <glib/gstdio.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { SIZE = 512 };

/* A datagram socket there. `name` is as in NOTIFY_SOCKET. */
static int listener(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_strlcpy(address.sun_path, name, sizeof address.sun_path);
    size_t size = offsetof(struct sockaddr_un, sun_path) + strlen(name) + (name[0] == '/');
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, (socklen_t)size), ==, 0);
    return fd;
}

static char *heard(int fd)
{
    char text[SIZE];
    ssize_t got = recv(fd, text, sizeof text, 0);
    return g_strndup(text, got > 0 ? (gsize)got : 0);
}

static void check(int fd, const char *pattern)
{
    g_autofree char *text = heard(fd);
    if (!g_regex_match_simple(pattern, text, G_REGEX_DOLLAR_ENDONLY, 0))
        g_error("\"%s\" is not like \"%s\"", text, pattern);
}

static void test_messages(const void *context)
{
    const char *name = context;
    int fd = listener(name);
    g_setenv("NOTIFY_SOCKET", name, TRUE);
    g_autoptr(GError) error = NULL;
    AUTO(notify) notify = notify_new(&error);
    g_assert_no_error(error);
    g_assert_null(g_getenv("NOTIFY_SOCKET"));
    notify_ready(notify, "all is well");
    check(fd, "^READY=1\nSTATUS=all is well$");
    notify_reloading(notify);
    check(fd, "^RELOADING=1\nMONOTONIC_USEC=[0-9]+\nSTATUS=.+$");
    notify_stopping(notify, 60);
    check(fd, "^STOPPING=1\nEXTEND_TIMEOUT_USEC=60000000\nSTATUS=.+$");
    check(fd, "^$");
    close(fd);
    notify_ready(notify, "nobody hears it");
    if (name[0] == '/')
        g_assert_cmpint(g_remove(name), ==, 0);
}

static void test_nobody(void)
{
    g_unsetenv("NOTIFY_SOCKET");
    AUTO(notify) notify = notify_new(NULL);
    g_assert_nonnull(notify);
    notify_ready(notify, "x");
    notify_stopping(notify, 1);
}

static void test_no_address(void)
{
    static const char *const names[] = {"relative", "@", "/", "vsock:2:1234", NULL};
    g_autofree char *too_long = g_strnfill(200, '/');
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GError) error = NULL;
        g_setenv("NOTIFY_SOCKET", names[i] != NULL ? names[i] : too_long, TRUE);
        g_assert_null(notify_new(&error));
        g_assert_false(error_is_temp(error));
        g_assert_nonnull(strstr(error->message, "NOTIFY_SOCKET"));
    }
}

static void stop(void *context)
{
    loop_stop(context);
}

/* How many signs of life come in 250 ms. */
static unsigned signs(const char *usec, const char *pid)
{
    g_autofree char *name = g_strdup_printf("@callmx-test-%d", (int)getpid());
    int fd = listener(name);
    g_setenv("NOTIFY_SOCKET", name, TRUE);
    g_setenv("WATCHDOG_USEC", usec, TRUE);
    if (pid != NULL)
        g_setenv("WATCHDOG_PID", pid, TRUE);
    unsigned count = 0;
    {
        AUTO(loop) loop = loop_new();
        AUTO(notify) notify = notify_new(NULL);
        AUTO(loop_source) timer = loop_timer_new(loop, stop, loop);
        g_assert_null(g_getenv("WATCHDOG_USEC"));
        g_assert_null(g_getenv("WATCHDOG_PID"));
        loop_timer_set(timer, 250);
        notify_watchdog(notify, loop);
        loop_run(loop);
    }
    for (;; count++) {
        g_autofree char *text = heard(fd);
        if (text[0] == '\0')
            break;
        g_assert_cmpstr(text, ==, "WATCHDOG=1");
    }
    close(fd);
    return count;
}

static void test_watchdog(void)
{
    g_autofree char *own = g_strdup_printf("%d", (int)getpid());
    g_autofree char *other = g_strdup_printf("%d", (int)getppid());
    unsigned count = signs("100000", own);
    g_assert_cmpuint(count, >=, 3);
    g_assert_cmpuint(count, <=, 7);
    g_assert_cmpuint(signs("100000", NULL), >=, 3);
    g_assert_cmpuint(signs("100000", other), ==, 0);
    g_assert_cmpuint(signs("0", own), ==, 0);
    g_assert_cmpuint(signs("soon", own), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autofree char *path = g_strdup_printf("%s/callmx-notify-%d", g_get_tmp_dir(), (int)getpid());
    g_autofree char *name = g_strdup_printf("@callmx-notify-%d", (int)getpid());
    g_test_add_data_func("/notify/path", path, test_messages);
    g_test_add_data_func("/notify/abstract", name, test_messages);
    g_test_add_func("/notify/nobody", test_nobody);
    g_test_add_func("/notify/no-address", test_no_address);
    g_test_add_func("/notify/watchdog", test_watchdog);
    return g_test_run();
}

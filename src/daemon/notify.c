/*
 * A socket without a peer, and the peer's address: whoever listens there may be started anew
 * between two messages, so nothing is connected. It owns that socket and the timer of the watchdog.
 *
 * Nothing of a stranger's ever goes into a message: a line break would be another key.
 */
#include "daemon/notify.h"

#include "base/error.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct notify {
    int socket;
    struct sockaddr_un address;
    socklen_t address_size;
    int64_t watchdog_ms; /* between two signs of life; 0: none are wanted */
    struct loop_source *timer;
};

static bool parse_number(const char *text, guint64 most, guint64 *number)
{
    return text != NULL && g_ascii_string_to_unsigned(text, 10, 1, most, number, NULL);
}

/* Half of what systemd waits for, as sd_watchdog_enabled(3) advises. */
static int64_t watchdog_interval(void)
{
    guint64 usec, pid;
    const char *whose = g_getenv("WATCHDOG_PID");
    if (!parse_number(g_getenv("WATCHDOG_USEC"), G_MAXINT64, &usec))
        return 0;
    if (whose != NULL && (!parse_number(whose, G_MAXINT32, &pid) || (pid_t)pid != getpid()))
        return 0;
    return MAX((int64_t)usec / 2000, 1);
}

static bool set_address(struct notify *notify, const char *text, GError **error)
{
    size_t length = strlen(text);
    if ((text[0] != '/' && text[0] != '@') || length < 2 ||
        length >= sizeof notify->address.sun_path)
        return error_perm(error, "NOTIFY_SOCKET is \"%s\", which is no path and no abstract name",
                          text);
    notify->address.sun_family = AF_UNIX;
    memcpy(notify->address.sun_path, text, length);
    notify->address_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    if (text[0] == '@')
        notify->address.sun_path[0] = '\0';
    else
        notify->address_size++;
    return true;
}

struct notify *notify_new(GError **error)
{
    AUTO(notify) notify = g_new0(struct notify, 1);
    notify->socket = -1;
    const char *where = g_getenv("NOTIFY_SOCKET");
    if (where != NULL && where[0] != '\0') {
        if (!set_address(notify, where, error))
            return NULL;
        notify->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (notify->socket < 0) {
            error_temp(error, "no socket for NOTIFY_SOCKET: %s", g_strerror(errno));
            return NULL;
        }
        notify->watchdog_ms = watchdog_interval();
    }
    static const char *const names[] = {"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        g_unsetenv(names[i]);
    return g_steal_pointer(&notify);
}

void notify_free(struct notify *notify)
{
    if (notify == NULL)
        return;
    loop_source_free(notify->timer);
    if (notify->socket >= 0)
        close(notify->socket);
    g_free(notify);
}

static void say(struct notify *notify, const char *text)
{
    if (notify->socket < 0)
        return;
    ssize_t sent;
    do
        sent = sendto(notify->socket, text, strlen(text), MSG_NOSIGNAL,
                      (const struct sockaddr *)&notify->address, notify->address_size);
    while (sent < 0 && errno == EINTR);
}

static void on_timer(void *context)
{
    struct notify *notify = context;
    say(notify, "WATCHDOG=1");
    loop_timer_set(notify->timer, notify->watchdog_ms);
}

void notify_watchdog(struct notify *notify, struct loop *loop)
{
    if (notify->watchdog_ms == 0)
        return;
    notify->timer = loop_timer_new(loop, on_timer, notify);
    on_timer(notify);
}

void notify_ready(struct notify *notify, const char *status)
{
    g_autofree char *text = g_strdup_printf("READY=1\nSTATUS=%s", status);
    say(notify, text);
}

void notify_reloading(struct notify *notify)
{
    g_autofree char *text = g_strdup_printf("RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT
                                            "\nSTATUS=reading the configuration",
                                            g_get_monotonic_time());
    say(notify, text);
}

void notify_stopping(struct notify *notify, int64_t seconds)
{
    g_autofree char *text = g_strdup_printf("STOPPING=1\nEXTEND_TIMEOUT_USEC=%" G_GINT64_FORMAT
                                            "\nSTATUS=finishing what is under way",
                                            seconds * G_USEC_PER_SEC);
    say(notify, text);
}

/* LISTEN_FDS: what is taken, what is refused, what is left alone. Each case is a process of its
 * own, because the descriptors have to be those from 3 on. */
#include "in_child.h"

#include "daemon/inherited.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

enum kind { CLOSED, A_FILE, UDP, TCP, TCP_LISTENING, UNIX_LISTENING };

static const struct given {
    const char *name;
    const char *fds; /* LISTEN_FDS */
    bool for_us;     /* LISTEN_PID */
    enum kind first, second;
    int count; /* expected; -1: an error */
} cases[] = {
    {"none", NULL, true, TCP_LISTENING, CLOSED, 0},
    {"one", "1", true, TCP_LISTENING, CLOSED, 1},
    {"two", "2", true, TCP_LISTENING, TCP_LISTENING, 2},
    {"another-process", "1", false, TCP_LISTENING, CLOSED, 0},
    {"closed", "2", true, TCP_LISTENING, CLOSED, -1},
    {"file", "1", true, A_FILE, CLOSED, -1},
    {"udp", "1", true, UDP, CLOSED, -1},
    {"not-listening", "1", true, TCP, CLOSED, -1},
    {"unix", "1", true, UNIX_LISTENING, CLOSED, -1},
    {"zero", "0", true, TCP_LISTENING, CLOSED, -1},
    {"negative", "-1", true, TCP_LISTENING, CLOSED, -1},
    {"too-many", "65", true, TCP_LISTENING, CLOSED, -1},
    {"word", "1x", true, TCP_LISTENING, CLOSED, -1},
    {"empty", "", true, TCP_LISTENING, CLOSED, -1},
};

static void put(int fd, enum kind kind)
{
    int made = -1;
    if (kind == A_FILE)
        made = open("/dev/null", O_RDWR);
    else if (kind == UNIX_LISTENING)
        made = socket(AF_UNIX, SOCK_STREAM, 0);
    else if (kind != CLOSED)
        made = socket(AF_INET, kind == UDP ? SOCK_DGRAM : SOCK_STREAM, 0);
    if (kind == UNIX_LISTENING) {
        struct sockaddr_un any = {.sun_family = AF_UNIX};
        bind(made, (struct sockaddr *)&any, sizeof any.sun_family);
    }
    if (kind == TCP_LISTENING || kind == UNIX_LISTENING)
        listen(made, 1);
    if (made >= 0 && made != fd) {
        dup2(made, fd);
        close(made);
    }
}

/* 0 if all was as it should be. */
static int take(const void *context)
{
    const struct given *given = context;
    for (int fd = INHERITED_FIRST; fd < 64; fd++)
        close(fd);
    put(INHERITED_FIRST, given->first);
    put(INHERITED_FIRST + 1, given->second);
    g_autofree char *pid = g_strdup_printf("%d", (int)(given->for_us ? getpid() : getppid()));
    g_setenv("LISTEN_PID", pid, TRUE);
    g_setenv("LISTEN_FDNAMES", "smtp", TRUE);
    if (given->fds != NULL)
        g_setenv("LISTEN_FDS", given->fds, TRUE);
    else
        g_unsetenv("LISTEN_FDS");
    int sockets[INHERITED_MOST];
    size_t count = 99;
    g_autoptr(GError) error = NULL;
    bool good = inherited_sockets(sockets, &count, &error);
    if (g_getenv("LISTEN_PID") != NULL || g_getenv("LISTEN_FDS") != NULL ||
        g_getenv("LISTEN_FDNAMES") != NULL)
        return 1;
    if (good != (given->count >= 0) || good != (error == NULL))
        return 2;
    if (!good)
        return strstr(error->message, "LISTEN_FDS") != NULL ? 0 : 3;
    if (count != (size_t)given->count)
        return 4;
    for (size_t i = 0; i < count; i++)
        if (sockets[i] != INHERITED_FIRST + (int)i || fcntl(sockets[i], F_GETFD) != FD_CLOEXEC ||
            (fcntl(sockets[i], F_GETFL) & O_NONBLOCK) == 0)
            return 5;
    return 0;
}

static void test_case(const void *context)
{
    g_assert_cmpint(in_child(take, context), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/inherited/", cases[i].name, NULL);
        g_test_add_data_func(path, &cases[i], test_case);
    }
    return g_test_run();
}

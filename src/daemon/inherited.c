/*
 * Believes nothing: what stands in the environment may be left over from somebody else, and a
 * descriptor may be anything. What is meant for us and is not as it should be ends the start,
 * because the alternative would be to listen somewhere else than was wanted.
 */
#include "daemon/inherited.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static bool check(int fd, GError **error)
{
    int listens = 0, type = 0;
    socklen_t size = sizeof listens;
    struct sockaddr_storage address = {0};
    socklen_t address_size = sizeof address;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0)
        return error_perm(error, "descriptor %d of LISTEN_FDS is no socket: %s", fd,
                          g_strerror(errno));
    size = sizeof listens;
    if (type != SOCK_STREAM || getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 ||
        listens == 0)
        return error_perm(
            error,
            "descriptor %d of LISTEN_FDS is no socket that listens: use ListenStream= "
            "and Accept=no",
            fd);
    if (getsockname(fd, (struct sockaddr *)&address, &address_size) != 0 ||
        (address.ss_family != AF_INET && address.ss_family != AF_INET6))
        return error_perm(error, "descriptor %d of LISTEN_FDS is no TCP socket", fd);
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
        return error_temp(error, "descriptor %d of LISTEN_FDS cannot be used: %s", fd,
                          g_strerror(errno));
    return true;
}

bool inherited_sockets(int sockets[INHERITED_MOST], size_t *count, GError **error)
{
    g_autofree char *whose = g_strdup(g_getenv("LISTEN_PID"));
    g_autofree char *many = g_strdup(g_getenv("LISTEN_FDS"));
    g_unsetenv("LISTEN_PID");
    g_unsetenv("LISTEN_FDS");
    g_unsetenv("LISTEN_FDNAMES");
    guint64 pid, found;
    *count = 0;
    if (whose == NULL || many == NULL)
        return true;
    if (!g_ascii_string_to_unsigned(whose, 10, 1, G_MAXINT32, &pid, NULL))
        return error_perm(error, "LISTEN_PID is \"%s\", which is no process", whose);
    if ((pid_t)pid != getpid())
        return true;
    if (!g_ascii_string_to_unsigned(many, 10, 1, INHERITED_MOST, &found, NULL))
        return error_perm(error, "LISTEN_FDS is \"%s\", which is no number from 1 to %d", many,
                          INHERITED_MOST);
    for (size_t i = 0; i < found; i++) {
        sockets[i] = INHERITED_FIRST + (int)i;
        if (!check(sockets[i], error))
            return false;
    }
    *count = (size_t)found;
    return true;
}

/*
 * Both ends of a parser process. The parent executes this program anew instead of forking, because
 * the daemon has threads, and because what was never in a process cannot be stolen from it.
 *
 * The child is a loop around report_read(): a job comes in, frames go out. It ends when the parent
 * closes the socket, and dies with the parent.
 */
#include "daemon/parser_process.h"

#include "base/error.h"
#include "base/limits.h"
#include "daemon/report_wire.h"
#include "daemon/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum { NICE = 5 };

enum {
    CHILD_SOCKET = 3,
    NAME_SIZE = 256,
    MEMORY_SIZE = 24,
    GRACE_SECONDS = 2, /* what is used is rounded down, and the limit may be a second old */
    TRIM_FROM = 1048576
};

/* What goes before the bytes of a job, or with the descriptor that has them. */
struct head {
    uint64_t size;
    uint32_t kind; /* enum report_input */
    char name[NAME_SIZE];
};

#define MEMORY_VARIABLE "CALLMX_PARSER_MEMORY"

/* All that a child gets of our environment: what tells the sanitizers how to report. */
static const char *const inherited[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"};

/* --- the child --- */

/* Who waits in recvmsg(2) is woken for nothing when the parent has read the answer before: room to
 * write is news of the same socket. Whatever is the news here, receive() finds it. */
static void await_job(void)
{
    struct pollfd waiting = {.fd = CHILD_SOCKET, .events = POLLIN};
    poll(&waiting, 1, -1);
}

/* Of the socket: exactly so much, and a descriptor if there is one (*fd, else -1). */
static bool receive(void *bytes, size_t size, int *fd)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec piece = {.iov_base = bytes, .iov_len = size};
    struct msghdr message = {.msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof control.room};
    ssize_t got;
    *fd = -1;
    do
        got = recvmsg(CHILD_SOCKET, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
    while (got < 0 && errno == EINTR);
    if (got != (ssize_t)size)
        return false;
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header != NULL && header->cmsg_type == SCM_RIGHTS)
        memcpy(fd, CMSG_DATA(header), sizeof *fd);
    return true;
}

static bool send_all(void *context, const void *bytes, size_t size)
{
    (void)context;
    const char *at = bytes;
    while (size > 0) {
        ssize_t sent = send(CHILD_SOCKET, at, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return false;
        at += sent;
        size -= (size_t)sent;
    }
    return true;
}

static bool read_and_answer(const struct head *head, const void *bytes)
{
    AUTO(report)
    report = report_read(bytes, head->size, (enum report_input)head->kind,
                         head->name[0] == '\0' ? NULL : head->name);
    return report_wire_write(report, send_all, NULL);
}

static bool serve_small(const struct head *head)
{
    static char bytes[LIMIT_MESSAGE_SMALL];
    int none;
    return head->size <= sizeof bytes && (head->size == 0 || receive(bytes, head->size, &none)) &&
           read_and_answer(head, bytes);
}

static bool serve_mapped(const struct head *head, int fd)
{
    void *bytes = mmap(NULL, head->size, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (bytes == MAP_FAILED)
        return false;
    bool sent = read_and_answer(head, bytes);
    munmap(bytes, head->size);
    /* What a smaller message needed is needed again by the next. */
    if (head->size >= TRIM_FROM)
        malloc_trim(0);
    return sent;
}

int parser_process_main(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    /* Who commits and answers goes first: there is one of them, and reading can wait for it. */
    setpriority(PRIO_PROCESS, 0, NICE);
    const char *memory = getenv(MEMORY_VARIABLE);
    g_autoptr(GError) error = NULL;
    report_prepare();
    sandbox_prepare();
    if (memory == NULL || !sandbox_enter(g_ascii_strtoll(memory, NULL, 10), CHILD_SOCKET, &error)) {
        fprintf(stderr, "callmx-parser: %s\n",
                error != NULL ? error->message : "not a job of yours");
        return EX_OSERR;
    }
    struct head head;
    int fd;
    for (;;) {
        await_job();
        if (!receive(&head, sizeof head, &fd))
            return EX_OK;
        head.name[NAME_SIZE - 1] = '\0';
        if (fd < 0 ? !serve_small(&head) : !serve_mapped(&head, fd))
            return EX_IOERR;
    }
}

/* --- the parent --- */

static bool spawn_with_socket(const struct parser_limits *limits, int child_end, pid_t *pid,
                              GError **error)
{
    char memory[MEMORY_SIZE];
    g_snprintf(memory, sizeof memory, "%" G_GINT64_FORMAT, limits->memory);
    g_auto(GStrv) environment = g_environ_setenv(NULL, MEMORY_VARIABLE, memory, TRUE);
    for (size_t i = 0; i < G_N_ELEMENTS(inherited); i++)
        if (getenv(inherited[i]) != NULL)
            environment = g_environ_setenv(environment, inherited[i], getenv(inherited[i]), TRUE);
    char *const arguments[] = {(char[]){"callmx-parser"}, (char[]){PARSER_PROCESS_ARGUMENT}, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!SANDBOX_HAS_SANITIZER) {
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    }
    posix_spawn_file_actions_adddup2(&actions, child_end, CHILD_SOCKET);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    int rc = posix_spawn(pid, "/proc/self/exe", &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (rc != 0)
        return error_temp(error, "no parser process can be started: %s", g_strerror(rc));
    return true;
}

/* The kernel counts what it needs itself as well, which is less than as much again. */
static size_t room_of(int socket)
{
    int buffer = 0;
    socklen_t size = sizeof buffer;
    getsockopt(socket, SOL_SOCKET, SO_SNDBUF, &buffer, &size);
    return MIN((size_t)buffer / 2, LIMIT_MESSAGE_SMALL);
}

bool parser_process_spawn(const struct parser_limits *limits, struct parser_process *process,
                          GError **error)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return error_temp(error, "no socket for a parser process: %s", g_strerror(errno));
    if (ends[1] == CHILD_SOCKET) {
        /* dup2() onto itself would leave close-on-exec set. */
        int other = fcntl(ends[1], F_DUPFD_CLOEXEC, CHILD_SOCKET + 1);
        close(ends[1]);
        ends[1] = other;
    }
    pid_t pid;
    bool spawned = ends[1] >= 0 && spawn_with_socket(limits, ends[1], &pid, error);
    close(ends[1]);
    if (!spawned) {
        close(ends[0]);
        return false;
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *process = (struct parser_process){.pid = pid, .socket = ends[0], .room = room_of(ends[0])};
    return true;
}

/* CPU time is counted over the life of a process, so the limit moves on with its jobs: not with
 * each, because in a second nobody uses more of it than a second. The clock on the wall, which the
 * parent watches, is the one that cannot be ignored. */
static void limit_cpu(struct parser_process *process, int64_t deadline)
{
    clockid_t clock;
    struct timespec used;
    int64_t now = g_get_monotonic_time();
    bool is_limited = process->limited_at != 0 && process->limited_for == deadline &&
                      now - process->limited_at < G_USEC_PER_SEC;
    if (is_limited || clock_getcpuclockid(process->pid, &clock) != 0 ||
        clock_gettime(clock, &used) != 0)
        return;
    struct rlimit limit = {.rlim_cur = (rlim_t)(used.tv_sec + deadline + GRACE_SECONDS),
                           .rlim_max = RLIM_INFINITY};
    if (prlimit(process->pid, RLIMIT_CPU, &limit, NULL) != 0)
        return;
    process->limited_at = now;
    process->limited_for = deadline;
}

static bool send_whole(const struct parser_process *process, struct msghdr *message, GError **error)
{
    size_t size = 0;
    for (size_t i = 0; i < message->msg_iovlen; i++)
        size += message->msg_iov[i].iov_len;
    if (sendmsg(process->socket, message, MSG_NOSIGNAL) == (ssize_t)size)
        return true;
    return error_temp(error, "a parser process takes no job: %s", g_strerror(errno));
}

static bool send_small(const struct parser_process *process, struct head *head, const void *bytes,
                       GError **error)
{
    struct iovec pieces[] = {{.iov_base = head, .iov_len = sizeof *head},
                             {.iov_base = (void *)(uintptr_t)bytes, .iov_len = head->size}};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = G_N_ELEMENTS(pieces)};
    return send_whole(process, &message, error);
}

static bool send_descriptor(const struct parser_process *process, struct head *head, int fd,
                            GError **error)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    memset(&control, 0, sizeof control);
    struct iovec piece = {.iov_base = head, .iov_len = sizeof *head};
    struct msghdr message = {.msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof control.room};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    return send_whole(process, &message, error);
}

static int sealed_copy(const void *bytes, size_t size, GError **error)
{
    int fd = memfd_create("report", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    size_t done = 0;
    while (fd >= 0 && done < size) {
        ssize_t written = write(fd, (const char *)bytes + done, size - done);
        if (written < 0 && errno != EINTR) {
            close(fd);
            fd = -1;
        }
        done += written > 0 ? (size_t)written : 0;
    }
    if (fd < 0) {
        error_temp(error, "no memory for a message: %s", g_strerror(errno));
        return -1;
    }
    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
    return fd;
}

bool parser_process_send(struct parser_process *process, const struct parser_limits *limits,
                         const struct parser_input *input, GError **error)
{
    struct head head = {.size = input->size, .kind = (uint32_t)input->kind};
    if (input->name != NULL)
        g_strlcpy(head.name, input->name, sizeof head.name);
    limit_cpu(process, limits->deadline);
    if (input->bytes == NULL && input->size > 0)
        return send_descriptor(process, &head, input->fd, error);
    if (input->size <= process->room)
        return send_small(process, &head, input->bytes, error);
    int fd = sealed_copy(input->bytes, input->size, error);
    bool sent = fd >= 0 && send_descriptor(process, &head, fd, error);
    if (fd >= 0)
        close(fd);
    return sent;
}

char *parser_process_epitaph(int status)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        return g_strdup("the parser used more processor time than the deadline allows");
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        return g_strdup("the parser process made a system call it may not make");
    if (WIFSIGNALED(status))
        return g_strdup_printf("the parser process died of signal %d (%s)", WTERMSIG(status),
                               g_strsignal(WTERMSIG(status)));
    return g_strdup_printf("the parser process ended with code %d", WEXITSTATUS(status));
}

struct report *parser_process_failure(const char *reason)
{
    struct report *report = report_new();
    report->verdict = REPORT_FAILED;
    report->reason = report_text(report, reason);
    return report;
}

/* Reads frames until the report is whole, the child is gone (NULL) or the deadline is over (NULL,
 * *late). */
static struct report *await_report(int socket, int64_t deadline, bool *late)
{
    AUTO(report_wire_reader) reader = report_wire_reader_new();
    int64_t until = g_get_monotonic_time() + deadline * G_USEC_PER_SEC;
    g_autofree char *bytes = g_malloc(LIMIT_FRAME_BYTES);
    for (;;) {
        int64_t left = (until - g_get_monotonic_time()) / 1000;
        struct pollfd waiting = {.fd = socket, .events = POLLIN};
        if (left <= 0 || (poll(&waiting, 1, (int)left) == 0)) {
            *late = true;
            return NULL;
        }
        ssize_t got = recv(socket, bytes, LIMIT_FRAME_BYTES, 0);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0)
            return NULL;
        enum report_wire_state state = report_wire_feed(reader, bytes, (size_t)got);
        if (state == REPORT_WIRE_BAD)
            return parser_process_failure("the parser process gave an answer that is no report");
        if (state == REPORT_WIRE_DONE)
            return report_wire_take(reader);
    }
}

struct report *parser_process_read(const struct parser_limits *limits,
                                   const struct parser_input *input, GError **error)
{
    struct parser_process process;
    if (!parser_process_spawn(limits, &process, error))
        return NULL;
    bool late = false;
    AUTO(report) report = NULL;
    bool sent = parser_process_send(&process, limits, input, error);
    if (sent)
        report = await_report(process.socket, limits->deadline, &late);
    close(process.socket);
    if (report == NULL && late)
        kill(process.pid, SIGKILL);
    int status = 0;
    while (waitpid(process.pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!sent)
        return NULL;
    if (report != NULL)
        return g_steal_pointer(&report);
    g_autofree char *why = late ? parser_process_lateness(limits) : parser_process_epitaph(status);
    return parser_process_failure(why);
}

char *parser_process_lateness(const struct parser_limits *limits)
{
    return g_strdup_printf("it was not read within the deadline of %" G_GINT64_FORMAT " seconds",
                           limits->deadline);
}

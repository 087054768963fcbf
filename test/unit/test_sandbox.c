/*
 * The sandbox from the inside: what a process in it tries, and what comes of it. Each attempt is a
 * process of its own. Under AddressSanitizer the parser's list is looser; the table says how.
 */
#include "in_child.h"

#include "daemon/landlock.h"
#include "daemon/sandbox.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <malloc.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum { MEMORY = 768 * 1024 * 1024, GOOD = 0, BAD = 99 };

/* Sockets and a file, open before the sandbox was entered, and who must not be harmed. */
static int own, other, file;
static pid_t parent;

/* An errno, or GOOD; other than 0 is not what was tried for. */
static int outcome(long result)
{
    return result >= 0 ? GOOD : errno;
}

static int try_socket(void)
{
    return outcome(socket(AF_INET, SOCK_STREAM, 0));
}

static int try_connect(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(25)};
    return outcome(connect(own, (struct sockaddr *)&to, sizeof to));
}

static int try_exec(void)
{
    char *const arguments[] = {(char[]){"true"}, NULL};
    execv("/bin/true", arguments);
    return errno;
}

static int try_fork(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return outcome(pid);
}

static int try_clone3(void)
{
    return outcome(syscall(SYS_clone3, NULL, 0));
}

static int try_thread(void)
{
    return outcome(syscall(SYS_clone, CLONE_VM, NULL, NULL, NULL, 0));
}

static int try_ptrace(void)
{
    return outcome(ptrace(PTRACE_ATTACH, parent, NULL, NULL));
}

static int try_kill(void)
{
    return outcome(kill(parent, SIGCONT));
}

static int try_signal_to_parent(void)
{
    return outcome(syscall(SYS_tgkill, parent, parent, SIGCONT));
}

static int try_read_file(void)
{
    return outcome(open("/etc/passwd", O_RDONLY));
}

static int try_write_file(void)
{
    return outcome(open("/dev/null", O_WRONLY));
}

static int try_make_file(void)
{
    return outcome(open("/tmp/callmx-sandbox", O_RDWR | O_CREAT, 0600));
}

static int try_read_open_file(void)
{
    char byte;
    return outcome(read(file, &byte, 1));
}

static int try_write_open_file(void)
{
    return outcome(write(file, "x", 1));
}

static int try_unlink(void)
{
    return outcome(unlink("/nowhere/at/all"));
}

static int try_send_elsewhere(void)
{
    return outcome(send(other, "x", 1, MSG_NOSIGNAL));
}

static int try_receive_elsewhere(void)
{
    struct msghdr message = {0};
    return outcome(recvmsg(other, &message, MSG_DONTWAIT));
}

static int try_executable_memory(void)
{
    void *place = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return place != MAP_FAILED ? GOOD : errno;
}

static int try_to_make_memory_executable(void)
{
    void *place = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return place == MAP_FAILED ? BAD : outcome(mprotect(place, 4096, PROT_READ | PROT_EXEC));
}

static int try_more_limits(void)
{
    struct rlimit limit = {100, 100};
    return outcome(setrlimit(RLIMIT_NOFILE, &limit));
}

static int try_prctl(void)
{
    return outcome(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static int try_memfd(void)
{
    return outcome(memfd_create("x", 0));
}

#ifdef __x86_64__
/* getpid() by the numbers of another architecture. */
static int try_other_numbers(void)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory");
    return result > 0 ? GOOD : BAD;
}
#endif

static int do_answer(void)
{
    return outcome(send(own, "x", 1, MSG_NOSIGNAL));
}

static int compare(const void *one, const void *two)
{
    int a = *(const int *)one, b = *(const int *)two;
    return (a > b) - (a < b);
}

static int do_memory(void)
{
    size_t size = 4096 * sizeof(int);
    int *numbers = NULL;
    for (; size < 64 * 1024 * 1024; size *= 2) {
        numbers = g_realloc(numbers, size);
        memset(numbers, 1, size);
    }
    qsort(numbers, 1024 * 1024, sizeof *numbers, compare);
    g_free(numbers);
    malloc_trim(0);
    return GOOD;
}

static int do_charsets(void)
{
    static const struct {
        const char *name, *bytes, *text;
    } cases[] = {
        {"ISO-8859-1", "M\xfcller", "Müller"},
        {"windows-1252", "\x80", "€"},
        {"Shift_JIS", "\x93\xfa\x96\x7b", "日本"},
        {"KOI8-R", "\xf0\xd2\xc9", "При"},
        {"iso-2022-jp", "\x1b$BF|K\\\x1b(B", "日本"},
        {"GB18030", "\xc4\xe3", "你"},
        {"utf-7", "+ZeU-", "日"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text =
            g_convert(cases[i].bytes, -1, "UTF-8", cases[i].name, NULL, NULL, NULL);
        if (g_strcmp0(text, cases[i].text) != 0)
            return BAD;
    }
    /* One that is not loaded fails and harms nothing. */
    g_autofree char *text = g_convert("x", -1, "UTF-8", "IBM1047", NULL, NULL, NULL);
    return text == NULL || SANDBOX_HAS_SANITIZER ? GOOD : BAD;
}

static int do_log(void)
{
    return fprintf(stderr, "last words\n") > 0 ? GOOD : BAD;
}

static int do_abort(void)
{
    abort();
}

static int do_run_out_of_memory(void)
{
    for (size_t i = 0; i < 1024; i++) {
        char *much = g_malloc(16 * 1024 * 1024);
        memset(much, 1, 4096);
    }
    return GOOD;
}

/* An expectation above 0 is an errno; the others, of which the last means that the list of a
 * sanitized build allows it: */
enum { DONE = 0, KILLED = -1, ABORTED = -2, TRAPPED = -3, UNTRIED = -4 };

static const struct attempt {
    const char *name;
    int (*run)(void);
    int plain, sanitized;
} attempts[] = {
    {"socket", try_socket, KILLED, KILLED},
    {"connect", try_connect, KILLED, KILLED},
    {"exec", try_exec, KILLED, KILLED},
    {"fork", try_fork, KILLED, KILLED},
    {"clone3", try_clone3, KILLED, ENOSYS},
    {"thread", try_thread, KILLED, UNTRIED},
    {"ptrace", try_ptrace, KILLED, UNTRIED},
    {"kill", try_kill, KILLED, KILLED},
    {"signal-to-parent", try_signal_to_parent, KILLED, UNTRIED},
    {"read-file", try_read_file, EACCES, DONE},
    {"write-file", try_write_file, EACCES, KILLED},
    {"make-file", try_make_file, EACCES, KILLED},
    {"read-open-file", try_read_open_file, KILLED, UNTRIED},
    {"write-open-file", try_write_open_file, KILLED, UNTRIED},
    {"unlink", try_unlink, KILLED, KILLED},
    {"send-elsewhere", try_send_elsewhere, KILLED, UNTRIED},
    {"receive-elsewhere", try_receive_elsewhere, KILLED, UNTRIED},
    {"executable-memory", try_executable_memory, KILLED, UNTRIED},
    {"make-memory-executable", try_to_make_memory_executable, KILLED, UNTRIED},
    {"more-limits", try_more_limits, KILLED, UNTRIED},
    {"prctl", try_prctl, KILLED, UNTRIED},
    {"memfd", try_memfd, KILLED, UNTRIED},
#ifdef __x86_64__
    {"other-numbers", try_other_numbers, KILLED, KILLED},
#endif
    {"answer", do_answer, DONE, DONE},
    {"memory", do_memory, DONE, DONE},
    {"charsets", do_charsets, DONE, DONE},
    {"log", do_log, DONE, DONE},
    {"abort", do_abort, ABORTED, ABORTED},
    {"out-of-memory", do_run_out_of_memory, TRAPPED, UNTRIED},
};

static int in_parser_sandbox(const void *context)
{
    const struct attempt *attempt = context;
    int ends[2], more[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 ||
        socketpair(AF_UNIX, SOCK_STREAM, 0, more) != 0)
        return BAD;
    own = ends[0];
    other = more[0];
    file = open("/dev/zero", O_RDWR);
    /* What GLib says of its end is no line of ours. */
    int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    sandbox_prepare();
    return sandbox_enter(MEMORY, own, NULL) ? attempt->run() : BAD;
}

static void test_parser(const void *context)
{
    const struct attempt *attempt = context;
    int expected = SANDBOX_HAS_SANITIZER ? attempt->sanitized : attempt->plain;
    int status = in_child(in_parser_sandbox, context);
    int signal = expected == KILLED ? SIGSYS : expected == ABORTED ? SIGABRT : SIGTRAP;
    if (expected >= DONE) {
        g_assert_true(WIFEXITED(status));
        g_assert_cmpint(WEXITSTATUS(status), ==, expected);
    } else {
        g_assert_true(WIFSIGNALED(status));
        g_assert_cmpint(WTERMSIG(status), ==, signal);
    }
}

/* Limits hold for what a process has, list or no list. */
static int look_at_limits(const void *context)
{
    (void)context;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 || !sandbox_enter(MEMORY, ends[0], NULL))
        return BAD;
    return outcome(send(ends[0], "x", 1, 0));
}

static void test_limits(void)
{
    int ready[2];
    g_assert_cmpint(pipe(ready), ==, 0);
    pid_t pid = fork();
    if (pid == 0) {
        int ends[2];
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 || !sandbox_enter(MEMORY, ends[0], NULL))
            _exit(BAD);
        close(ready[1]);
        struct msghdr message = {0};
        recvmsg(ends[0], &message, 0);
        _exit(GOOD);
    }
    char byte;
    close(ready[1]);
    g_assert_cmpint(read(ready[0], &byte, 1), ==, 0);
    static const struct {
        int resource;
        rlim_t most;
    } limits[] = {{RLIMIT_CORE, 0}, {RLIMIT_FSIZE, 0}, {RLIMIT_NPROC, 0}, {RLIMIT_NOFILE, 16}};
    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        struct rlimit limit;
        g_assert_cmpint(prlimit(pid, (__rlimit_resource_t)limits[i].resource, NULL, &limit), ==, 0);
        g_assert_cmpuint(limit.rlim_cur, ==, limits[i].most);
        g_assert_cmpuint(limit.rlim_max, ==, limits[i].most);
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(ready[0]);
    g_assert_cmpint(in_child(look_at_limits, NULL), ==, GOOD);
}

/* --- The daemon's --- */

struct place {
    const char *database, *config, *outside;
};

static int try_open(const char *path, int flags)
{
    int fd = open(path, flags, 0600);
    if (fd < 0)
        return errno;
    close(fd);
    return GOOD;
}

static int spawn_self(void)
{
    char *const arguments[] = {(char[]){"self"}, (char[]){"--version-of-nothing"}, NULL};
    char *const environment[] = {(char[]){"CALLMX_TEST_CHILD=1"}, NULL};
    pid_t pid;
    int status = 0, code = posix_spawn(&pid, "/proc/self/exe", NULL, NULL, arguments, environment);
    if (code != 0)
        return code;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : BAD;
}

/* The number of the first step that did not go as it should. */
static int in_daemon_sandbox(const void *context)
{
    const struct place *place = context;
    g_autofree char *neighbour = g_strconcat(place->database, "-wal", NULL);
    const char *readable[] = {place->config, NULL};
    int version = 0;
    if (!sandbox_enter_daemon(place->database, readable, &version, NULL))
        return 1;
    if (outcome(unshare(CLONE_NEWUSER)) != EPERM || outcome(syscall(SYS_keyctl, 0, 0)) != EPERM)
        return 2;
    if (!SANDBOX_HAS_SANITIZER && try_ptrace() != EPERM)
        return 3;
    if (try_open(place->database, O_RDWR | O_CREAT) != GOOD ||
        try_open(neighbour, O_RDWR | O_CREAT) != GOOD || outcome(unlink(neighbour)) != GOOD)
        return 4;
    if (try_open(place->config, O_RDONLY) != GOOD || try_open("/dev/null", O_RDWR) != GOOD)
        return 5;
    if (spawn_self() != GOOD)
        return 6;
    if (version == 0)
        return GOOD;
    if (try_open(place->outside, O_RDONLY) != (SANDBOX_HAS_SANITIZER ? GOOD : EACCES) ||
        try_open(place->outside, O_WRONLY) != EACCES || outcome(unlink(place->outside)) != EACCES)
        return 7;
    if (try_open(place->config, O_WRONLY) != EACCES || try_exec() != EACCES)
        return 8;
    if (version >= 4 && (own = socket(AF_INET, SOCK_STREAM, 0)) >= 0 && try_connect() != EACCES)
        return 9;
    return version >= 6 && try_kill() != EPERM ? 10 : GOOD;
}

static void test_daemon(void)
{
    g_autofree char *folder = g_dir_make_tmp("callmx-sandbox-XXXXXX", NULL);
    g_autofree char *data = g_build_filename(folder, "data", NULL);
    g_autofree char *etc = g_build_filename(folder, "etc", NULL);
    g_autofree char *database = g_build_filename(data, "callmx.db", NULL);
    g_autofree char *config = g_build_filename(etc, "callmx.conf", NULL);
    g_autofree char *outside = g_build_filename(folder, "outside", NULL);
    g_assert_cmpint(g_mkdir(data, 0700) + g_mkdir(etc, 0700), ==, 0);
    g_assert_true(g_file_set_contents(config, "", 0, NULL));
    g_assert_true(g_file_set_contents(outside, "", 0, NULL));
    struct place place = {database, config, outside};
    int status = in_child(in_daemon_sandbox, &place);
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, GOOD);
    const char *paths[] = {database, config, outside, data, etc, folder};
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
        g_assert_cmpint(g_remove(paths[i]), ==, 0);
    AUTO(landlock) landlock = landlock_new();
    if (landlock == NULL)
        g_test_skip("this kernel has no Landlock: its part was not tried");
}

int main(int argc, char **argv)
{
    if (getenv("CALLMX_TEST_CHILD") != NULL)
        return GOOD;
    g_test_init(&argc, &argv, NULL);
    parent = getpid();
    for (size_t i = 0; i < G_N_ELEMENTS(attempts); i++) {
        g_autofree char *path = g_strconcat("/sandbox/parser/", attempts[i].name, NULL);
        if (!SANDBOX_HAS_SANITIZER || attempts[i].sanitized != UNTRIED)
            g_test_add_data_func(path, &attempts[i], test_parser);
    }
    g_test_add_func("/sandbox/limits", test_limits);
    g_test_add_func("/sandbox/daemon", test_daemon);
    return g_test_run();
}

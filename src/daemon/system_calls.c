/*
 * Two lists. The parser's says what may be done, the daemon's what may not: a parser is a function
 * with a socket, while the daemon uses libraries whose next version may need one call more.
 *
 * What is hard: nobody tells which calls a C library makes, and when. So each entry of the parser's
 * list says who needs it, and the system tests read every kind of mail under it. Arguments are
 * looked at where the number alone would allow too much: memory is never made executable, signals
 * go only to the process itself, text only to the standard descriptors.
 *
 * The kernel refuses calls of another architecture, x32 included, by killing the process.
 */
#include "daemon/system_calls.h"

#include "base/error.h"
#include "daemon/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

static void list_clear(scmp_filter_ctx *list)
{
    if (*list != NULL)
        seccomp_release(*list);
}

#define AUTO_LIST __attribute__((cleanup(list_clear))) scmp_filter_ctx

/* Calls that say nothing to anybody: memory, time, and the end. */
static const int harmless[] = {
    SCMP_SYS(brk),             /* malloc */
    SCMP_SYS(clock_gettime),   /* g_get_monotonic_time, where the vDSO cannot */
    SCMP_SYS(close),           /* the memfd of a large job */
    SCMP_SYS(exit),            /* the end */
    SCMP_SYS(exit_group),      /* the end */
    SCMP_SYS(futex),           /* locks of GLib */
    SCMP_SYS(getpid),          /* abort */
    SCMP_SYS(getrandom),       /* seeds of hash tables */
    SCMP_SYS(gettid),          /* abort */
    SCMP_SYS(gettimeofday),    /* time, where the vDSO cannot */
    SCMP_SYS(madvise),         /* malloc_trim */
    SCMP_SYS(mremap),          /* realloc of what is large; it cannot make it executable */
    SCMP_SYS(munmap),          /* free of what is large */
    SCMP_SYS(poll),            /* waiting for a job */
    SCMP_SYS(restart_syscall), /* after a stop */
    SCMP_SYS(rt_sigprocmask),  /* abort */
    SCMP_SYS(rt_sigreturn),    /* end of a signal handler */
    SCMP_SYS(sched_yield),     /* locks of GLib */
    SCMP_SYS(sigaltstack),     /* end of a signal handler */
    SCMP_SYS(sysinfo),         /* qsort asks how much memory there is */
    SCMP_SYS(time),            /* time, where the vDSO cannot */
};

/* What libraries try without need, and how it fails: they go on without. */
static const struct {
    int number, error;
} refused[] = {
    {SCMP_SYS(access), EACCES},        {SCMP_SYS(faccessat), EACCES},
    {SCMP_SYS(faccessat2), EACCES},    {SCMP_SYS(fstat), EACCES},
    {SCMP_SYS(getpeername), ENOTSOCK}, {SCMP_SYS(ioctl), ENOTTY},
    {SCMP_SYS(lstat), EACCES},         {SCMP_SYS(newfstatat), EACCES},
    {SCMP_SYS(open), EACCES},          {SCMP_SYS(openat), EACCES},
    {SCMP_SYS(readlink), EACCES},      {SCMP_SYS(readlinkat), EACCES},
    {SCMP_SYS(rt_sigaction), EINVAL},  {SCMP_SYS(stat), EACCES},
    {SCMP_SYS(statx), EACCES},
};

/* What kills a parser process of a sanitized build. */
static const int never_in_parser[] = {
    SCMP_SYS(accept),     SCMP_SYS(accept4),   SCMP_SYS(bind),      SCMP_SYS(connect),
    SCMP_SYS(creat),      SCMP_SYS(execve),    SCMP_SYS(execveat),  SCMP_SYS(fork),
    SCMP_SYS(kill),       SCMP_SYS(link),      SCMP_SYS(linkat),    SCMP_SYS(listen),
    SCMP_SYS(mkdir),      SCMP_SYS(mkdirat),   SCMP_SYS(openat2),   SCMP_SYS(rename),
    SCMP_SYS(renameat),   SCMP_SYS(renameat2), SCMP_SYS(rmdir),     SCMP_SYS(socket),
    SCMP_SYS(socketpair), SCMP_SYS(symlink),   SCMP_SYS(symlinkat), SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),   SCMP_SYS(vfork),
};

/* What the daemon has no use for, and whoever got into it would. */
static const int never_in_daemon[] = {
    SCMP_SYS(acct),
    SCMP_SYS(add_key),
    SCMP_SYS(adjtimex),
    SCMP_SYS(bpf),
    SCMP_SYS(chroot),
    SCMP_SYS(clock_adjtime),
    SCMP_SYS(clock_settime),
    SCMP_SYS(delete_module),
    SCMP_SYS(fanotify_init),
    SCMP_SYS(finit_module),
    SCMP_SYS(fsconfig),
    SCMP_SYS(fsmount),
    SCMP_SYS(fsopen),
    SCMP_SYS(fspick),
    SCMP_SYS(init_module),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(ioperm),
    SCMP_SYS(iopl),
    SCMP_SYS(kcmp),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(kexec_load),
    SCMP_SYS(keyctl),
    SCMP_SYS(lookup_dcookie),
    SCMP_SYS(mknod),
    SCMP_SYS(mknodat),
    SCMP_SYS(mount),
    SCMP_SYS(mount_setattr),
    SCMP_SYS(move_mount),
    SCMP_SYS(name_to_handle_at),
    SCMP_SYS(nfsservctl),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(open_tree),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(personality),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(pivot_root),
    SCMP_SYS(process_madvise),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(quotactl),
    SCMP_SYS(reboot),
    SCMP_SYS(request_key),
    SCMP_SYS(setdomainname),
    SCMP_SYS(sethostname),
    SCMP_SYS(setns),
    SCMP_SYS(settimeofday),
    SCMP_SYS(swapoff),
    SCMP_SYS(swapon),
    SCMP_SYS(syslog),
    SCMP_SYS(umount),
    SCMP_SYS(umount2),
    SCMP_SYS(unshare),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(vhangup),
};

static int add_all(scmp_filter_ctx list, uint32_t action, const int *numbers, size_t count)
{
    int failed = 0;
    for (size_t i = 0; i < count && failed == 0; i++)
        failed = seccomp_rule_add(list, action, numbers[i], 0);
    return failed;
}

static int allow(scmp_filter_ctx list, int number, struct scmp_arg_cmp condition)
{
    return seccomp_rule_add(list, SCMP_ACT_ALLOW, number, 1, condition);
}

/* Conditions on an argument, counted from 0. */
static struct scmp_arg_cmp is(unsigned argument, uint64_t value)
{
    return (struct scmp_arg_cmp){.arg = argument, .op = SCMP_CMP_EQ, .datum_a = value};
}

static struct scmp_arg_cmp has_not(unsigned argument, uint64_t bits)
{
    return (struct scmp_arg_cmp){
        .arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = bits, .datum_b = 0};
}

static int list_for_parser(scmp_filter_ctx list, int socket)
{
    uint64_t end = (uint64_t)socket, self = (uint64_t)getpid();
    int failed = add_all(list, SCMP_ACT_ALLOW, harmless, G_N_ELEMENTS(harmless));
    for (size_t i = 0; i < G_N_ELEMENTS(refused) && failed == 0; i++)
        failed = seccomp_rule_add(list, SCMP_ACT_ERRNO((uint32_t)refused[i].error),
                                  refused[i].number, 0);
    if (failed != 0)
        return failed;
    /* Jobs and answers. The address of sendto() is none: the socket has its peer. */
    if ((failed = allow(list, SCMP_SYS(recvmsg), is(0, end))) != 0 ||
        (failed = seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 2, is(0, end),
                                   is(4, 0))) != 0 ||
        (failed = allow(list, SCMP_SYS(send), is(0, end))) != 0)
        return failed;
    /* Memory, never executable. */
    static const int maps[] = {SCMP_SYS(mmap), SCMP_SYS(mmap2), SCMP_SYS(mprotect)};
    for (size_t i = 0; i < G_N_ELEMENTS(maps) && failed == 0; i++)
        failed = allow(list, maps[i], has_not(2, PROT_EXEC));
    /* Last words, and abort(). */
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO && failed == 0; fd++)
        if ((failed = allow(list, SCMP_SYS(write), is(0, (uint64_t)fd))) == 0)
            failed = allow(list, SCMP_SYS(writev), is(0, (uint64_t)fd));
    return failed != 0 ? failed : allow(list, SCMP_SYS(tgkill), is(0, self));
}

static int list_for_sanitized_parser(scmp_filter_ctx list)
{
    const uint32_t end = SCMP_ACT_KILL_PROCESS;
    static const int writing[] = {O_WRONLY, O_RDWR};
    int failed = add_all(list, end, never_in_parser, G_N_ELEMENTS(never_in_parser));
    for (size_t i = 0; i < G_N_ELEMENTS(writing) && failed == 0; i++) {
        uint64_t mode = (uint64_t)writing[i];
        failed = seccomp_rule_add(list, end, SCMP_SYS(openat), 1,
                                  SCMP_A2_64(SCMP_CMP_MASKED_EQ, O_ACCMODE, mode));
        if (failed == 0)
            failed = seccomp_rule_add(list, end, SCMP_SYS(open), 1,
                                      SCMP_A1_64(SCMP_CMP_MASKED_EQ, O_ACCMODE, mode));
    }
    /* The leak checker's helper shares our memory; clone3() hides its flags behind a pointer. */
    if (failed == 0)
        failed = seccomp_rule_add(list, end, SCMP_SYS(clone), 1,
                                  SCMP_A0_64(SCMP_CMP_MASKED_EQ, CLONE_VM, 0));
    return failed != 0 ? failed
                       : seccomp_rule_add(list, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static bool fail(int code, GError **error)
{
    return error_temp(error, "the list of system calls cannot be set (seccomp): %s",
                      g_strerror(code < 0 ? -code : ENOMEM));
}

bool system_calls_for_parser(int socket, GError **error)
{
    AUTO_LIST list = seccomp_init(SANDBOX_HAS_SANITIZER ? SCMP_ACT_ALLOW : SCMP_ACT_KILL_PROCESS);
    if (list == NULL)
        return fail(0, error);
    int failed = seccomp_attr_set(list, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (failed == 0)
        failed =
            SANDBOX_HAS_SANITIZER ? list_for_sanitized_parser(list) : list_for_parser(list, socket);
    if (failed == 0)
        failed = seccomp_load(list);
    return failed == 0 || fail(failed, error);
}

bool system_calls_for_daemon(GError **error)
{
    AUTO_LIST list = seccomp_init(SCMP_ACT_ALLOW);
    if (list == NULL)
        return fail(0, error);
    const uint32_t no = SCMP_ACT_ERRNO(EPERM);
    int failed = add_all(list, no, never_in_daemon, G_N_ELEMENTS(never_in_daemon));
    /* The leak checker traces its own process. */
    if (failed == 0 && !SANDBOX_HAS_SANITIZER)
        failed = seccomp_rule_add(list, no, SCMP_SYS(ptrace), 0);
    if (failed == 0)
        failed = seccomp_load(list);
    return failed == 0 || fail(failed, error);
}

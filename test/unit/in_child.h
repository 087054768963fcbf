/* Runs a function in a process of its own, because what it does cannot be undone. */
#ifndef CALLMX_TEST_IN_CHILD_H
#define CALLMX_TEST_IN_CHILD_H

#include <errno.h>
#include <glib.h>
#include <sys/wait.h>
#include <unistd.h>

typedef int in_child_fn(const void *context);

/* What waitpid() says of it: its exit code is what the function gives. */
static inline int in_child(in_child_fn *run, const void *context)
{
    pid_t pid = fork();
    g_assert_cmpint(pid, >=, 0);
    if (pid == 0)
        _exit(run(context));
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        g_assert_cmpint(errno, ==, EINTR);
    return status;
}

#endif

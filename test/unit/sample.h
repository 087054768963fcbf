/*
 * Workbooks for tests, made on the spot by the generator in test/report (Python, standard library).
 */
#ifndef CALLMX_TEST_SAMPLE_H
#define CALLMX_TEST_SAMPLE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

/* The folder test/report. The compiler ran in the root of the build, two folders above the program,
 * and knew this file by a path from there. */
static inline char *sample_folder(void)
{
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    g_assert_nonnull(program);
    g_autofree char *unit = g_path_get_dirname(program);
    g_autofree char *here = g_path_get_dirname(__FILE__);
    if (g_path_is_absolute(here))
        return g_build_filename(here, "..", "report", NULL);
    return g_build_filename(unit, "..", "..", here, "..", "report", NULL);
}

/* Runs a Python program, which sees the generator's modules and writes to `out`; its output. A
 * program that ends with exit(77) says that it lacks something: NULL. */
static inline GBytes *sample_run(const char *program)
{
    g_autofree char *folder = sample_folder();
    g_autofree char *script = g_strdup_printf(
        "import sys, io\nsys.dont_write_bytecode = True\nsys.path.insert(0, %s%s%s)\n"
        "from ringcentral import *\nimport poi_container\n"
        "out = sys.stdout.buffer\n%s\n",
        "'", folder, "'", program);
    const char *python =
        g_file_test("/usr/bin/python3", G_FILE_TEST_IS_EXECUTABLE) ? "/usr/bin/python3" : "python3";
    const char *arguments[] = {python, "-c", script, NULL};
    g_autoptr(GError) error = NULL;
    int input, output;
    GPid child;
    g_spawn_async_with_pipes(NULL, (char **)(uintptr_t)arguments, NULL,
                             G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &child,
                             &input, &output, NULL, &error);
    g_assert_no_error(error);
    close(input);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    guint8 piece[65536];
    ssize_t got;
    while ((got = read(output, piece, sizeof piece)) > 0)
        g_byte_array_append(bytes, piece, (guint)got);
    close(output);
    int status;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        return NULL;
    g_assert_cmpint(status, ==, 0);
    return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}

/* The bytes of a Python expression. */
static inline GBytes *sample(const char *expression)
{
    g_autofree char *program = g_strdup_printf("out.write(%s)", expression);
    return sample_run(program);
}

/* Whether the bytes are this text. */
static inline bool sample_is(GBytes *bytes, const char *text)
{
    size_t size;
    const void *data = g_bytes_get_data(bytes, &size);
    return size == strlen(text) && (size == 0 || memcmp(data, text, size) == 0);
}

#endif

/*
 * How long the report core takes for a workbook or a mail, from bytes in memory to the finished
 * struct report, so many times over.
 *
 *     report_bench FILE REPS
 *
 * Prints one line of JSON: rows of Calls read, the sum of Call Length over them in seconds, the
 * first, best and median time in seconds, the passes, and the most memory that was resident, in
 * kilobytes. With 1 if the file is no report.
 */
#include "report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sysexits.h>

enum { MOST_REPS = 100000 };

struct sums {
    int64_t rows, length;
};

static struct sums sums_of(const struct report *report)
{
    struct sums sums = {0};
    for (guint i = 0; i < report->files->len; i++) {
        const struct report_file *file = g_ptr_array_index(report->files, i);
        sums.rows += file->legs->len + file->duplicate_rows;
        for (guint j = 0; j < file->legs->len; j++)
            sums.length += MAX(g_array_index(file->legs, struct report_leg, j).length, 0);
    }
    return sums;
}

static int compare(const void *left, const void *right)
{
    const double *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

int main(int argc, char **argv)
{
    long reps = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    if (reps < 1 || reps > MOST_REPS) {
        fprintf(stderr, "usage: report_bench FILE REPS\n");
        return EX_USAGE;
    }
    g_autoptr(GError) error = NULL;
    g_autofree char *bytes = NULL;
    gsize size;
    if (!g_file_get_contents(argv[1], &bytes, &size, &error)) {
        fprintf(stderr, "report_bench: %s\n", error->message);
        return EX_NOINPUT;
    }
    report_prepare();
    g_autofree double *times = g_new(double, reps);
    struct sums sums = {0};
    for (long i = 0; i < reps; i++) {
        gint64 began = g_get_monotonic_time();
        AUTO(report) report = report_read(bytes, size, REPORT_INPUT_GUESS, NULL);
        times[i] = (double)(g_get_monotonic_time() - began) / G_USEC_PER_SEC;
        sums = sums_of(report);
        if (report->verdict != REPORT_STORED) {
            fprintf(stderr, "report_bench: %s: %s\n", argv[1], report->reason);
            return EXIT_FAILURE;
        }
    }
    double first = times[0];
    qsort(times, (size_t)reps, sizeof *times, compare);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"rows\": %lld, \"sum_len\": %lld, \"first_s\": %.6f, \"best_s\": %.6f, "
           "\"med_s\": %.6f, \"reps\": %ld, \"rss_kb\": %ld}\n",
           (long long)sums.rows, (long long)sums.length, first, times[0], times[reps / 2], reps,
           usage.ru_maxrss);
    return EXIT_SUCCESS;
}

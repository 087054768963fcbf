/*
 * two_readers FILE...: reads the cells of workbooks by the scanners and by expat alone, and says of
 * each whether they are the same. Exit code 1 if one is not.
 */
#include "cells.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

int main(int argc, char **argv)
{
    int code = argc > 1 ? EXIT_SUCCESS : EX_USAGE;
    for (int i = 1; i < argc; i++) {
        g_autofree char *bytes = NULL;
        gsize size;
        if (!g_file_get_contents(argv[i], &bytes, &size, NULL))
            return EX_NOINPUT;
        g_autofree char *by_scan = cells_text(bytes, size, false);
        g_autofree char *by_expat = cells_text(bytes, size, true);
        bool is_same = strcmp(by_scan, by_expat) == 0;
        printf("%s: %s, %zu octets of cells\n", argv[i], is_same ? "the same" : "NOT THE SAME",
               strlen(by_scan));
        code = is_same ? code : EXIT_FAILURE;
    }
    return code;
}

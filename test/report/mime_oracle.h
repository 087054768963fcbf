/*
 * A second reader of mails, for tests only: GMime builds the tree of the whole mail, which the
 * product never lets it do. mime_read() must find in every mail what this one finds.
 */
#ifndef CALLMX_TEST_MIME_ORACLE_H
#define CALLMX_TEST_MIME_ORACLE_H

#include <stddef.h>

/* NULL where both readers say the same of the mail, else what is first different; g_free it. */
char *mime_oracle_differs(const void *bytes, size_t size);

#endif

/* Addresses: what is accepted fits, is told in full, and is accepted again as it was told. */
#include "proto/smtp_address.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct smtp_address address, again;
    char path[LIMIT_SMTP_PATH + 3];
    size_t used = 0, other = 0;

    if (smtp_address_parse((const char *)data, size, &used, &address) != SMTP_ADDRESS_OK)
        return 0;
    assert(used > 1 && used <= size && used <= LIMIT_SMTP_PATH && data[used - 1] == '>');
    assert(strlen(address.domain) <= LIMIT_SMTP_DOMAIN);
    snprintf(path, sizeof path, "<%.*s>", (int)address.mailbox_length, address.mailbox);
    assert(smtp_address_parse(path, strlen(path), &other, &again) == SMTP_ADDRESS_OK);
    assert(other == strlen(path) && strcmp(address.local_part, again.local_part) == 0);
    assert(strcmp(address.domain, again.domain) == 0);
    return 0;
}

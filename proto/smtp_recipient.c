/*
 * Classifies recipients and keeps the accepted ones. It does not know which keys live: for every
 * key it looks the same.
 */
#include "proto/smtp_recipient.h"

#include <stdlib.h>
#include <string.h>

#include "proto/ascii.h"
#include "proto/memory.h"

static const char key_prefix[] = "calls-";

static bool classify(const char *local_part, enum smtp_recipient_kind *kind)
{
    size_t length = strlen(local_part);
    size_t prefix = sizeof key_prefix - 1;

    if (ascii_is_word(local_part, length, "postmaster"))
        *kind = SMTP_RECIPIENT_POSTMASTER;
    else if (ascii_is_word(local_part, length, "abuse"))
        *kind = SMTP_RECIPIENT_ABUSE;
    else if (length > prefix && ascii_is_word(local_part, prefix, key_prefix))
        *kind = SMTP_RECIPIENT_KEY;
    else
        return false;
    return true;
}

bool smtp_recipient_init(struct smtp_recipient *recipient, const char *local_part,
                         const char *domain)
{
    size_t local_length = strlen(local_part);
    size_t domain_length = strlen(domain);
    enum smtp_recipient_kind kind;
    char *address;

    if (!classify(local_part, &kind))
        return false;
    address = memory_new(local_length + 1 + domain_length + 1);
    for (size_t i = 0; i < local_length; i++)
        address[i] = ascii_lower(local_part[i]);
    address[local_length] = '@';
    memcpy(address + local_length + 1, domain, domain_length);
    *recipient = (struct smtp_recipient){.kind = kind, .address = address};
    if (kind == SMTP_RECIPIENT_KEY) {
        size_t prefix = sizeof key_prefix - 1;

        recipient->key = memory_string(address + prefix, local_length - prefix);
    }
    return true;
}

void smtp_recipient_clear(struct smtp_recipient *recipient)
{
    free(recipient->address);
    free(recipient->key);
    *recipient = (struct smtp_recipient){0};
}

bool smtp_recipient_list_has(const struct smtp_recipient_list *list, const char *address)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->recipients[i].address, address) == 0)
            return true;
    }
    return false;
}

void smtp_recipient_list_add(struct smtp_recipient_list *list, struct smtp_recipient *recipient)
{
    /* Nearly every mail has one recipient: grow by doubling from there. */
    if ((list->count & (list->count - 1)) == 0) {
        size_t room = list->count == 0 ? 1 : 2 * list->count;

        list->recipients = memory_resize(list->recipients, room * sizeof *list->recipients);
    }
    list->recipients[list->count++] = *recipient;
    *recipient = (struct smtp_recipient){0};
}

void smtp_recipient_list_clear(struct smtp_recipient_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        smtp_recipient_clear(&list->recipients[i]);
    free(list->recipients);
    *list = (struct smtp_recipient_list){0};
}

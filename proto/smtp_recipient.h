/*
 * The recipients of one transaction: which addresses are ours, and each of them once.
 */
#ifndef CALLMX_PROTO_SMTP_RECIPIENT_H
#define CALLMX_PROTO_SMTP_RECIPIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/smtp_session.h"

/* Makes what address `local_part`, in any case, and `domain`, one that is served, stand for. False:
 * nothing; *recipient is untouched. */
bool smtp_recipient_init(struct smtp_recipient *recipient, const char *local_part,
                         const char *domain);
void smtp_recipient_clear(struct smtp_recipient *recipient);

struct smtp_recipient_list {
    struct smtp_recipient *recipients; /* owned */
    size_t count;
};

bool smtp_recipient_list_has(const struct smtp_recipient_list *list, const char *address);

/* Takes over what *recipient owns. */
void smtp_recipient_list_add(struct smtp_recipient_list *list, struct smtp_recipient *recipient);

void smtp_recipient_list_clear(struct smtp_recipient_list *list);

#endif

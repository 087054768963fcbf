/*
 * A region of texts that live and die together: each kept once, found again by hash.h's hash, so
 * that a stranger cannot make it slow. For the texts of one message or one day.
 */
#ifndef CALLMX_BASE_TEXTS_H
#define CALLMX_BASE_TEXTS_H

#include "base/auto.h"

#include <stddef.h>

struct texts;

struct texts *texts_new(void);
void texts_free(struct texts *texts);
AUTO_DEFINE(texts, texts_free)

/* A copy that lives as long as the region. Equal texts have the same address; NULL gives NULL. */
const char *texts_keep(struct texts *texts, const char *text);

/* The same for text of `length` octets, without a NUL in it. */
const char *texts_keep_octets(struct texts *texts, const char *text, size_t length);

/* The same without a look whether it is there already. */
const char *texts_add(struct texts *texts, const char *text, size_t length);

#endif

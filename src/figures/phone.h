/*
 * Phone numbers in one form: 10 digits for +1, else E.164 with its plus. What is too short for a
 * phone number is an extension and stays as bare digits.
 *
 *   (555) 010-0001, +1 555 010 0001, 15550100001   5550100001
 *   +44 (0)20 7946 0000, 011 44 20 7946 0000       +442079460000
 *   00 44 20 7946 0000, 442079460000               +442079460000
 *   101, 7750001                                   101, 7750001
 */
#ifndef CALLMX_FIGURES_PHONE_H
#define CALLMX_FIGURES_PHONE_H

#include <stdbool.h>

enum { PHONE_SIZE = 17 }; /* a plus, 15 digits (ITU-T E.164, 6.1) and the NUL */

/* Writes the normal form into `room` and returns it; NULL if there is no digit in it, more than 15
 * of them, or a letter among them (`Anonymous`, `1-800-FLOWERS`). What follows `x`, `ext` or `#`
 * behind a number is the extension of the other side and is left off. NULL gives NULL. */
const char *phone_normalize(const char *number, char room[PHONE_SIZE]);

/* Whether the text is nothing but 2 to 8 digits. */
bool phone_is_extension(const char *number);

#endif

/*
 * One run of callmxctl: what the command line said, and what the command then opened. Commands
 * are functions int f(struct ctl *ctl, char **words): `words` are the arguments after the name of
 * the command, ended by NULL and as many as the command's table entry allows. What a command
 * returns is the exit code, from sysexits(3).
 *
 * An error is told once, on standard error, by ctl_complain() or ctl_fail(), which give the exit
 * code back: `return ctl_fail(error, EX_DATAERR);`. The other functions that return a code have
 * told it already when it is not EX_OK.
 */
#ifndef CALLMX_CTL_CTL_H
#define CALLMX_CTL_CTL_H

#include "daemon/parser_process.h"
#include "daemon/settings.h"
#include "db/store.h"
#include "db/store_agency.h"
#include "figures/day.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sysexits.h>

enum ctl_option {
    CTL_BY,
    CTL_CALLS,
    CTL_CONFIG,
    CTL_DATE,
    CTL_DAYS,
    CTL_DRY_RUN,
    CTL_EMAIL,
    CTL_EXPIRES,
    CTL_EXTENSION,
    CTL_FROM,
    CTL_GRACE,
    CTL_HEADER_TOKEN,
    CTL_HELP,
    CTL_ITEMS,
    CTL_JSON,
    CTL_LIMIT,
    CTL_MEMBER,
    CTL_RAW,
    CTL_ROLE,
    CTL_ROWS,
    CTL_SINCE,
    CTL_TALK,
    CTL_TIMEZONE,
    CTL_TO,
    CTL_VERDICT,
    CTL_VERSION,
    CTL_OPTION_COUNT,
};

/* Nothing went wrong, but what was asked for is not so: figures differ, a report is overdue. */
enum { CTL_NOT_AS_WANTED = 1 };

struct ctl {
    const char *option[CTL_OPTION_COUNT]; /* NULL: not given; "" for one without a value */
    int64_t now;                          /* utc, the same for the whole run */
    struct settings *settings;            /* NULL until ctl_settings() */
    struct db *db;                        /* NULL until ctl_open() */
    struct store_agency agency;           /* all NULL until ctl_open_agency() */
    struct day_zone *zone;                /* of that agency */
};

void ctl_clear(struct ctl *ctl);

/* `callmxctl: …` on standard error, hostile bytes escaped. Gives `code` back. */
int ctl_complain(int code, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The same for an error: EX_TEMPFAIL for one of class TEMP, else `perm`. */
int ctl_fail(const GError *error, int perm);

/* Reads the configuration, once. */
int ctl_settings(struct ctl *ctl);

/* For what needs no database: the limits of a parser and the size of a message, from the
 * configuration; the defaults if none is named and there is none at the usual place. */
int ctl_parser_limits(struct ctl *ctl, struct parser_limits *limits, int64_t *max_size);

/* Reads the configuration and opens the database. */
int ctl_open(struct ctl *ctl, enum db_mode mode);

/* And finds the agency, by id or name: ctl->agency and ctl->zone. */
int ctl_open_agency(struct ctl *ctl, enum db_mode mode, const char *agency);

/* The address of a key at the first served domain, or NULL for a key of NULL; g_free it. */
char *ctl_address(const struct ctl *ctl, const char *key);

/* The day of --date, or the last with figures, or today where there are none. */
int ctl_date(struct ctl *ctl, int32_t *date);
/* The value of --date, --from or --to, which must be given. */
int ctl_date_option(const struct ctl *ctl, enum ctl_option option, int32_t *date);

/* The value of an option that is a time, in seconds: 7d, 12h, 30m, 90s, 0; at most ten years. */
int ctl_time_option(const struct ctl *ctl, enum ctl_option option, const char *name,
                    int64_t otherwise, int64_t *seconds);

/* How many entries at most: of --limit, else 20. */
int ctl_limit(const struct ctl *ctl, int64_t *limit);

/* A line for people about what the stored calls have come to after people have changed; nothing
 * where nothing did. */
struct relink;
void ctl_relink_print(const struct relink *relink);

/* Reads a file, or standard input for "-", of at most `limit` bytes. */
int ctl_read_file(const char *path, int64_t limit, GByteArray **bytes);

#endif

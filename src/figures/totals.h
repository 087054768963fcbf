/*
 * What the sessions of one day add up to, in a form to which a session can be added and from which
 * it can be taken away: so that taking a mail costs what is in the mail, not what is stored of its
 * day. The figures of outcome.h come out of it at any time.
 */
#ifndef CALLMX_FIGURES_TOTALS_H
#define CALLMX_FIGURES_TOTALS_H

#include "figures/outcome.h"

/* Sessions of the agency, or those of one member. */
struct totals {
    int64_t total, inbound, outbound, answered, missed;
    int64_t talk_seconds; /* the sum of what is known */
    int64_t talk_known;   /* sessions with a known talk time */
};

struct day_totals {
    int64_t legs;         /* of any kind, members' or not */
    struct totals agency; /* without talk times: they are the members' */
    int64_t unmatched;    /* sessions */
    int64_t internal;     /* sessions */
    GHashTable *members;  /* id (owned) -> struct totals (owned) */
};

void day_totals_init(struct day_totals *totals);
void day_totals_clear(struct day_totals *totals);

/* The totals of a member, made if there are none; borrowed. */
struct totals *day_totals_member(struct day_totals *totals, const char *member_id);

/* Adds the sessions of these legs, which are put in another order: all of a day, each session with
 * all its legs. Rows that say the same leg twice are not looked for. */
void day_totals_count_all(struct day_totals *totals, struct call_leg *legs, size_t count);

/* Adds one session, or with a `sign` of -1 takes it away. `legs` are all legs of the session that
 * are stored; they are put in another order. */
void day_totals_count(struct day_totals *totals, struct call_leg *legs, size_t count, int sign);

/* Adds `from`, which may be negative in parts. */
void day_totals_add(struct day_totals *totals, const struct day_totals *from);

struct member_figures {
    const char *member_id; /* borrowed from the totals */
    struct figures figures;
};

struct session_figures {
    struct figures agency; /* talk_seconds is unknown: it is the members' sum */
    int64_t unmatched;     /* sessions of people who are not members; none internal */
    int64_t internal;      /* internal sessions */
    GArray *members; /* of struct member_figures: those with a leg that is not internal, by id */
};

/* Clear with session_figures_clear(). */
void day_totals_figures(const struct day_totals *totals, struct session_figures *figures);
void session_figures_clear(struct session_figures *figures);

#endif

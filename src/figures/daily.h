/*
 * The figures of one agency and one local day, from the sources that there are.
 *
 * Each source keeps its own figures; this is the only place that combines them. Of the series of
 * calls (report.h) one counts on a day, and ingest/agency_day.c says which. For RingCentral the
 * source that covers more of the day gives a member's total, inbound, outbound and talk time; at
 * equal coverage Users goes before Calls. Answered and missed come from Users where it has the
 * columns, else from the calls of that day, else they are unknown. Ricochet's events are added
 * beside it, never over it: where RingCentral's figure of a member is unknown and others of the day
 * are not, the sum is unknown, too. The agency's figures come from sessions where that day's Calls
 * are there, however much of it they cover, else from the sum over the members; its talk time is
 * the members' sum.
 *
 * Unknown is not zero: on a day whose Calls are covered a member without calls has 0; where the
 * covered range is unknown, or nobody reported, -1. What the source that covers more does not tell
 * (a column that is not switched on) comes from the other only if that covers as much: half a day
 * must not stand for the whole. A sum of one member's rows is unknown if one of them is; a sum over
 * members leaves out those who are unknown, and is unknown if all are.
 */
#ifndef CALLMX_FIGURES_DAILY_H
#define CALLMX_FIGURES_DAILY_H

#include "figures/totals.h"

enum daily_basis {
    DAILY_USERS = 1,
    DAILY_CALLS = 2,
    DAILY_RICOCHET = 4,
};

/* "users", "calls", joined with "+"; NULL for 0. */
const char *daily_basis_name(unsigned basis);

/* One row of a Users report that is booked on this day. Rows of one member in one file are added
 * up; of several files the one that covers more of the day counts, at equal coverage the one
 * received later (the higher `order`). */
struct daily_user {
    const char *member_id;
    const char *file_id;
    int64_t covered_seconds; /* of the file; the same in all its rows, as the next two are */
    int64_t covered_until;   /* utc */
    int64_t order;
    int64_t total, inbound, outbound;
    int64_t answered_inbound, answered_outbound, missed;
    int64_t handle_time;
};

struct daily_input {
    const char *const *members; /* ids of all members to whom legs or users belong, each once */
    size_t member_count;
    bool has_calls;                    /* a Calls report covers this day, or has calls on it */
    int64_t calls_covered;             /* seconds; 0: the range is unknown */
    int64_t calls_covered_until;       /* utc, or unknown */
    const struct day_totals *sessions; /* of this day; NULL: there are none */
    const struct daily_user *users;
    size_t user_count;
    const struct day_totals *events; /* Ricochet's; NULL: there are none */
};

struct daily_member {
    const char *member_id; /* borrowed from the input */
    struct figures figures;
    unsigned basis;        /* of the sources that gave a figure; 0: nothing is known */
    int64_t covered_until; /* utc; of the source that gave the total; unknown: -1 */
};

struct daily_result {
    struct figures agency;
    int64_t unmatched; /* sessions; unknown without Calls, as is the next */
    int64_t internal;
    int64_t covered_until; /* of Calls; without them the earliest of the members' */
    unsigned basis;        /* of all sources that a figure of the agency came from */
    GArray *members;       /* of struct daily_member, in the order of input->members */
};

/* What each source says of a member's day, before they are combined. */
struct daily_pair {
    const char *member_id;                /* borrowed from the input */
    struct figures users, calls;          /* all unknown where the source tells nothing */
    int64_t users_covered, calls_covered; /* seconds; 0: nothing, or unknown */
};

/* Of all members of the input, in its order: a new array of struct daily_pair. */
GArray *daily_pairs(const struct daily_input *input);

/* The order of users plays no part. Clear with daily_result_clear(). */
void daily_compute(const struct daily_input *input, struct daily_result *result);
void daily_result_clear(struct daily_result *result);

#endif

/*
 * From legs to sessions: what became of a call, for the agency and for each member.
 *
 *   answered   Answered, Connected, Accepted, Call connected, Completed, or a talk time > 0;
 *              inbound and outbound alike
 *   missed     inbound only: Missed, VM/Missed, Voicemail, No Answer, Refused, Rejected,
 *              Abandoned, VM/Abandoned, Missed with VM, Missed without VM, and not answered
 *
 * A session is inbound if any of its legs is, else outbound if any is, else internal; for a member
 * the same over that member's legs. Internal legs count in no figure but their own. For a member
 * that member's own legs decide (a queue call that rang three is answered for one and missed for
 * two); for the agency the best leg of the session.
 *
 * A leg whose direction the report does not tell is not internal: a session of which nothing else
 * is known counts in total and, if so, in answered, but is neither inbound nor outbound, and never
 * missed. So total may be more than inbound and outbound together.
 *
 * Whose call: a session counts for the agency if it has a leg of a member (an internal one is
 * enough), or if its legs name nobody at all. One that names only people who are not members is
 * unmatched and counts apart. A member counts the sessions in which one of that member's legs
 * appears that is not internal.
 *
 * Talk time is the sum of what is known over the member's answered legs: unknown if calls were
 * answered and none has a known one, 0 if none was answered.
 */
#ifndef CALLMX_FIGURES_OUTCOME_H
#define CALLMX_FIGURES_OUTCOME_H

#include "report/report.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A leg as the figures see it. All pointers are borrowed. */
struct call_leg {
    const char *session_id;
    const char *member_id; /* NULL: not a member */
    const char *agent;     /* the name that the leg gives to our side; NULL: nobody */
    const char *result;    /* NULL: blank */
    int64_t talk_seconds;  /* REPORT_UNKNOWN if not known: see outcome_talk_seconds() */
    enum report_direction direction;
};

enum outcome {
    OUTCOME_NEITHER,
    OUTCOME_MISSED,
    OUTCOME_ANSWERED,
};

/* Of an internal leg: neither. The result is compared after folding case and white space. */
enum outcome outcome_of_leg(const struct call_leg *leg);

/* False for a result that callmx does not know: to be counted on the log entry. Blank is known. */
bool outcome_is_known(const char *result);

/* Handle Time where it is given, else Call Length of an outbound leg with an answered result, else
 * unknown. Internal legs have none. */
int64_t outcome_talk_seconds(enum report_direction direction, const char *result, int64_t length,
                             int64_t handle_time);

/* The name that a leg gives to our side: From Name when it is outbound, To Name otherwise; NULL
 * if it is empty or the name of the queue. And the number that stands beside it, also if the name
 * is empty; NULL where that side is the queue. */
const char *outcome_agent(const struct report_leg *leg);
const char *outcome_agent_number(const struct report_leg *leg);

/* The number of the other side, as reported: to of an outbound leg, from of another. NULL for an
 * internal leg, and for what is no phone number but an extension. */
const char *outcome_other_number(enum report_direction direction, const char *from, const char *to);

/* Counts; -1 (REPORT_UNKNOWN) where unknown. */
struct figures {
    int64_t total;
    int64_t inbound;
    int64_t outbound;
    int64_t answered;
    int64_t missed;
    int64_t talk_seconds;
};

#endif

/*
 * The table of commands, sorted by name, and the help that is made from it. One file per group of
 * commands (ctl_agency.c, …) holds the functions; each is named after its command.
 */
#ifndef CALLMX_CTL_COMMAND_H
#define CALLMX_CTL_COMMAND_H

#include "ctl/ctl.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>

enum { COMMAND_ANY_NUMBER = 10000 };

typedef int command_fn(struct ctl *ctl, char **words);

struct command {
    const char *name;      /* one word or two: "agency add" */
    const char *arguments; /* what follows it */
    const char *help;
    unsigned options; /* bits 1 << enum ctl_option, besides those that all commands take */
    int least, most;  /* number of words */
    command_fn *run;
};

/* The command that the words name; *length is how many of them do. NULL if there is none. */
const struct command *command_find(char **words, int *length);

/* The options for getopt_long(); `val` is 256 + enum ctl_option. */
enum { COMMAND_OPTION_BASE = 256 };
const struct option *command_options(void);

/* Whether the command takes the option. */
bool command_takes(const struct command *command, enum ctl_option option);

/* Help on all commands, or on those that begin with `group` (NULL: all); on one command. */
void command_help(FILE *stream, const char *group);
void command_help_one(FILE *stream, const struct command *command);
bool command_is_group(const char *word);

/* The name of a command that is nearly `name`, or NULL. */
const char *command_like(const char *name);

/* The commands, in the order of the table. */
command_fn ctl_agency_add, ctl_agency_expect, ctl_agency_list, ctl_agency_show;
command_fn ctl_calls;
command_fn ctl_contact_import, ctl_contact_list, ctl_contact_show;
command_fn ctl_coverage;
command_fn ctl_key_disable, ctl_key_list, ctl_key_rotate;
command_fn ctl_log;
command_fn ctl_member_add, ctl_member_alias, ctl_member_aliases, ctl_member_import;
command_fn ctl_member_list, ctl_member_unalias;
command_fn ctl_metrics;
command_fn ctl_overdue;
command_fn ctl_reconcile;
command_fn ctl_replay;
command_fn ctl_report_explain, ctl_report_ingest;
command_fn ctl_rings;
command_fn ctl_sales_import;
command_fn ctl_show;
command_fn ctl_target_drop, ctl_target_set;
command_fn ctl_token_add, ctl_token_list, ctl_token_revoke;
command_fn ctl_unmatched;
command_fn ctl_verify;
command_fn ctl_voip_add, ctl_voip_disable, ctl_voip_list, ctl_voip_map, ctl_voip_rotate;
command_fn ctl_why;

#endif

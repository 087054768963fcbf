/*
 * Which commands there are, what they take, and what --help says of them: all from two tables, so
 * that help cannot drift from what is done.
 */
#include "ctl/command.h"

#include "ctl/output.h"

#include <string.h>

#define BIT(option) (1u << (option))

/* clang-format off */
/* Sorted by name. */
static const struct command commands[] = {
    {"agency add", "NAME --timezone ZONE",
     "make an agency with its first key, and the database if there is none yet",
     BIT(CTL_TIMEZONE), 1, 1, ctl_agency_add},
    {"agency expect", "AGENCY --days DAYS [--by TIME] [--from D]",
     "of which days a report must come, and until when", BIT(CTL_DAYS) | BIT(CTL_BY) | BIT(CTL_FROM),
     1, 1, ctl_agency_expect},
    {"agency list", "", "all agencies with their addresses", 0, 0, 0, ctl_agency_list},
    {"agency show", "AGENCY", "one agency with its keys", 0, 1, 1, ctl_agency_show},
    {"calls", "AGENCY [--date D]", "the calls of a day, leg by leg", BIT(CTL_DATE), 1, 1,
     ctl_calls},
    {"contact import", "AGENCY FILE.csv", "add and change contacts from a CSV file", 0, 2, 2,
     ctl_contact_import},
    {"contact list", "AGENCY", "the contacts of an agency with their numbers", 0, 1, 1,
     ctl_contact_list},
    {"contact show", "AGENCY CONTACT [--limit N]", "the calls with a contact, newest first",
     BIT(CTL_LIMIT), 2, 2, ctl_contact_show},
    {"coverage", "AGENCY [--from D] [--to D]", "which days are reported: the last four weeks",
     BIT(CTL_FROM) | BIT(CTL_TO), 1, 1, ctl_coverage},
    {"key disable", "KEY", "let a key receive nothing any more, at once", 0, 1, 1,
     ctl_key_disable},
    {"key list", "AGENCY", "all keys of an agency, dead ones too", 0, 1, 1, ctl_key_list},
    {"key rotate", "AGENCY [--grace TIME]", "make a new key; the others live on for the grace time",
     BIT(CTL_GRACE), 1, 1, ctl_key_rotate},
    {"log", "[AGENCY] [--limit N]", "what was received, newest first", BIT(CTL_LIMIT), 0, 1,
     ctl_log},
    {"member add", "AGENCY NAME [--email E] [--extension X] [--role R]", "add a team member",
     BIT(CTL_EMAIL) | BIT(CTL_EXTENSION) | BIT(CTL_ROLE), 2, 2, ctl_member_add},
    {"member alias", "AGENCY \"NAME AS REPORTED\" MEMBER",
     "let a spelling mean a member; calls stored under it become that member's", 0, 3, 3,
     ctl_member_alias},
    {"member aliases", "AGENCY", "all aliases of an agency", 0, 1, 1, ctl_member_aliases},
    {"member import", "AGENCY FILE.csv", "add and change team members from a CSV file", 0, 2, 2,
     ctl_member_import},
    {"member list", "AGENCY", "the team members of an agency", 0, 1, 1, ctl_member_list},
    {"member unalias", "AGENCY \"NAME AS REPORTED\"", "take an alias away", 0, 2, 2,
     ctl_member_unalias},
    {"metrics", "AGENCY [--date D | --from D --to D]", "the figures of a day, or of a range",
     BIT(CTL_DATE) | BIT(CTL_FROM) | BIT(CTL_TO), 1, 1, ctl_metrics},
    {"overdue", "[AGENCY]", "reports that have not come in time: exit code 1 if there are any", 0, 0,
     1, ctl_overdue},
    {"reconcile", "AGENCY [--date D]", "Calls against Users of a day, member by member", BIT(CTL_DATE),
     1, 1, ctl_reconcile},
    {"replay", "[ID] [--verdict V] [--since TIME] [--dry-run]",
     "read kept messages again, and let what is read now take the place of what was",
     BIT(CTL_VERDICT) | BIT(CTL_SINCE) | BIT(CTL_DRY_RUN), 0, 1, ctl_replay},
    {"report explain", "FILE [--rows]", "what callmx reads in a workbook or mail; stores nothing",
     BIT(CTL_ROWS), 1, 1, ctl_report_explain},
    {"report ingest", "AGENCY FILE...", "store workbooks or mails as if they had been mailed", 0,
     2, COMMAND_ANY_NUMBER, ctl_report_ingest},
    {"rings", "AGENCY [--date D]", "calls, talk and items sold of a day, against their targets",
     BIT(CTL_DATE), 1, 1, ctl_rings},
    {"sales import", "AGENCY FILE.csv", "what members sold, from a CSV file", 0, 2, 2,
     ctl_sales_import},
    {"show", "ID [--raw]", "one message, or its bytes as received", BIT(CTL_RAW), 1, 1, ctl_show},
    {"target drop", "AGENCY [MEMBER]", "let the agency's or the default targets hold again", 0, 1,
     2, ctl_target_drop},
    {"target set", "AGENCY [MEMBER] [--calls N] [--talk MINUTES] [--items N]",
     "what the rings of a member, or of all, are measured against",
     BIT(CTL_CALLS) | BIT(CTL_TALK) | BIT(CTL_ITEMS), 1, 2, ctl_target_set},
    {"token add", "AGENCY --role R [--member M] [--expires TIME]",
     "make a token of the API, which is shown once",
     BIT(CTL_ROLE) | BIT(CTL_MEMBER) | BIT(CTL_EXPIRES), 1, 1, ctl_token_add},
    {"token list", "AGENCY", "the tokens of an agency, dead ones too", 0, 1, 1, ctl_token_list},
    {"token revoke", "AGENCY ID", "let a token be good for nothing any more, at once", 0, 2, 2,
     ctl_token_revoke},
    {"unmatched", "AGENCY", "names in reports that are no member's", 0, 1, 1, ctl_unmatched},
    {"verify", "[AGENCY]", "count all figures again and compare: exit code 1 if they differ", 0, 0,
     1, ctl_verify},
    {"voip add", "AGENCY PROVIDER [--header-token]",
     "let a dialer (ricochet) post its calls: shows its URL once", BIT(CTL_HEADER_TOKEN), 2, 2,
     ctl_voip_add},
    {"voip disable", "AGENCY PROVIDER", "take no call of that dialer any more, at once", 0, 2, 2,
     ctl_voip_disable},
    {"voip list", "AGENCY", "the dialers of an agency, and when they last told of a call", 0, 1, 1,
     ctl_voip_list},
    {"voip map", "AGENCY PROVIDER [FIELD=NAME...]",
     "what the agency calls the fields of an event; none: the usual names", 0, 2,
     COMMAND_ANY_NUMBER, ctl_voip_map},
    {"voip rotate", "AGENCY PROVIDER [--grace TIME]",
     "make a new URL; the old one lives on for the grace time", BIT(CTL_GRACE), 2, 2,
     ctl_voip_rotate},
    {"why", "AGENCY MEMBER [--date D]", "where the figures of a member's day come from",
     BIT(CTL_DATE), 2, 2, ctl_why},
};

#define OPTION(word, argument, id) {word, argument, NULL, COMMAND_OPTION_BASE + (id)}
static const struct option options[] = {
    OPTION("by", required_argument, CTL_BY),
    OPTION("calls", required_argument, CTL_CALLS),
    OPTION("config", required_argument, CTL_CONFIG),
    OPTION("date", required_argument, CTL_DATE),
    OPTION("days", required_argument, CTL_DAYS),
    OPTION("dry-run", no_argument, CTL_DRY_RUN),
    OPTION("email", required_argument, CTL_EMAIL),
    OPTION("expires", required_argument, CTL_EXPIRES),
    OPTION("extension", required_argument, CTL_EXTENSION),
    OPTION("from", required_argument, CTL_FROM),
    OPTION("grace", required_argument, CTL_GRACE),
    OPTION("header-token", no_argument, CTL_HEADER_TOKEN),
    OPTION("help", no_argument, CTL_HELP),
    OPTION("items", required_argument, CTL_ITEMS),
    OPTION("json", no_argument, CTL_JSON),
    OPTION("limit", required_argument, CTL_LIMIT),
    OPTION("member", required_argument, CTL_MEMBER),
    OPTION("raw", no_argument, CTL_RAW),
    OPTION("role", required_argument, CTL_ROLE),
    OPTION("rows", no_argument, CTL_ROWS),
    OPTION("since", required_argument, CTL_SINCE),
    OPTION("talk", required_argument, CTL_TALK),
    OPTION("timezone", required_argument, CTL_TIMEZONE),
    OPTION("to", required_argument, CTL_TO),
    OPTION("verdict", required_argument, CTL_VERDICT),
    OPTION("version", no_argument, CTL_VERSION),
    {NULL, 0, NULL, 0},
};

static const char *const option_help[CTL_OPTION_COUNT] = {
    [CTL_BY] = "--by TIME           of the day after, on the agency's wall: 09:00 (default)",
    [CTL_CALLS] = "--calls N           outbound calls a day (100)",
    [CTL_CONFIG] = "-c, --config FILE   configuration of callmxd (" SETTINGS_DEFAULT_FILE ")",
    [CTL_DATE] = "--date D            a day, 2026-01-05; without it the last one with figures",
    [CTL_DAYS] = "--days DAYS         mon-fri, mon,wed,fri, all or none",
    [CTL_DRY_RUN] = "--dry-run           tell what would change, and change nothing",
    [CTL_EMAIL] = "--email E           e-mail address, as in the reports",
    [CTL_EXPIRES] = "--expires TIME      after which it is good for nothing: 365d, 12h; never (default)",
    [CTL_EXTENSION] = "--extension X       extension, 2 to 8 digits",
    [CTL_FROM] = "--from D            first day of a range",
    [CTL_GRACE] = "--grace TIME        how long the others live on: 7d (default), 12h, 30m, 0",
    [CTL_HEADER_TOKEN] = "--header-token      ask for a token in a header, too, and show it once",
    [CTL_HELP] = "-h, --help          this text",
    [CTL_ITEMS] = "--items N           items sold a day (2)",
    [CTL_JSON] = "--json              one JSON document instead of text",
    [CTL_LIMIT] = "--limit N           at most N entries (20)",
    [CTL_MEMBER] = "--member M          whose it is: id, e-mail or exact name",
    [CTL_RAW] = "--raw               the bytes as received, to a file or a pipe",
    [CTL_ROLE] = "--role R            owner, key_employee, manager or staff (default)",
    [CTL_ROWS] = "--rows              every row of it, too",
    [CTL_SINCE] = "--since TIME        received then or later, in UTC: 2026-01-05 or 2026-01-05T06:00:00Z",
    [CTL_TALK] = "--talk MINUTES      minutes of talk a day (180)",
    [CTL_TIMEZONE] = "--timezone ZONE     IANA name, America/Chicago",
    [CTL_TO] = "--to D              last day of a range",
    [CTL_VERDICT] = "--verdict V         that had this verdict: failed, no-report, stored",
    [CTL_VERSION] = "-V, --version       version",
};
/* clang-format on */

const struct option *command_options(void)
{
    return options;
}

bool command_takes(const struct command *command, enum ctl_option option)
{
    const unsigned always = BIT(CTL_CONFIG) | BIT(CTL_HELP) | BIT(CTL_JSON) | BIT(CTL_VERSION);
    return ((command->options | always) & BIT(option)) != 0;
}

const struct command *command_find(char **words, int *length)
{
    g_autofree char *two = g_strjoin(" ", words[0], words[0] != NULL ? words[1] : NULL, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        bool has_two = strchr(commands[i].name, ' ') != NULL;
        if (g_strcmp0(commands[i].name, has_two ? two : words[0]) == 0) {
            *length = has_two ? 2 : 1;
            return &commands[i];
        }
    }
    return NULL;
}

static bool is_in_group(const struct command *command, const char *group)
{
    size_t length = strlen(group);
    return strncmp(command->name, group, length) == 0 && command->name[length] == ' ';
}

bool command_is_group(const char *word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        if (is_in_group(&commands[i], word))
            return true;
    return false;
}

void command_help(FILE *stream, const char *group)
{
    fputs("usage: callmxctl [-c FILE] [--json] COMMAND ...\n\n", stream);
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        if (group == NULL || is_in_group(&commands[i], group))
            fprintf(stream, "  %s%s%s\n      %s\n", commands[i].name,
                    *commands[i].arguments != '\0' ? " " : "", commands[i].arguments,
                    commands[i].help);
    fputs("\nAGENCY is an id or a name. callmxctl COMMAND --help tells the options of a command,\n"
          "callmxctl(8) all about it.\n",
          stream);
}

void command_help_one(FILE *stream, const struct command *command)
{
    fprintf(stream, "usage: callmxctl [-c FILE] [--json] %s%s%s\n\n  %s\n\n", command->name,
            *command->arguments != '\0' ? " " : "", command->arguments, command->help);
    for (enum ctl_option option = 0; option < CTL_OPTION_COUNT; option++)
        if (command_takes(command, option))
            fprintf(stream, "  %s\n", option_help[option]);
}

/* Levenshtein's distance, over one row of its table. */
static size_t distance(const char *a, const char *b)
{
    enum { MOST = 32 };
    size_t row[MOST + 1];
    size_t length = strlen(b);
    if (length > MOST)
        return SIZE_MAX;
    for (size_t i = 0; i <= length; i++)
        row[i] = i;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t swap = corner + (a[i - 1] != b[j - 1]);
            corner = row[j];
            row[j] = MIN(swap, MIN(row[j], row[j - 1]) + 1);
        }
    }
    return row[length];
}

const char *command_like(const char *name)
{
    const char *best = NULL;
    size_t best_distance = 3;
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        size_t far = distance(name, commands[i].name);
        if (far < best_distance) {
            best = commands[i].name;
            best_distance = far;
        }
    }
    return best;
}

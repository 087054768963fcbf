/*
 * callmxctl: the administrator's side of callmx.
 *
 * This file reads the command line and calls one function of the table in command.c. Options may
 * stand before and behind the command; a command gets just those that it takes. Started with
 * --parser as its first argument the program is a parser process instead (parser_process.h), and
 * must be that before it does anything else.
 */
#include "ctl/command.h"
#include "ctl/ctl.h"

#include "daemon/parser_process.h"
#include "daemon/sandbox.h"

#include <stdio.h>
#include <string.h>

static int wrong_option(int answer, char **argv)
{
    const char *word = argv[optind - 1];
    if (answer == ':')
        return ctl_complain(EX_USAGE, "%s wants a value: see callmxctl --help", word);
    if (optopt > 0 && optopt < COMMAND_OPTION_BASE)
        return ctl_complain(EX_USAGE, "there is no option -%c: see callmxctl --help", optopt);
    if (optopt >= COMMAND_OPTION_BASE)
        return ctl_complain(EX_USAGE, "%s: this option takes no value", word);
    return ctl_complain(EX_USAGE, "there is no option %s: see callmxctl --help", word);
}

static int read_options(struct ctl *ctl, int argc, char **argv)
{
    opterr = 0;
    for (;;) {
        int answer = getopt_long(argc, argv, ":c:hV", command_options(), NULL);
        if (answer == -1)
            return EX_OK;
        if (answer == '?' || answer == ':')
            return wrong_option(answer, argv);
        if (answer == 'c')
            answer = COMMAND_OPTION_BASE + CTL_CONFIG;
        else if (answer == 'h')
            answer = COMMAND_OPTION_BASE + CTL_HELP;
        else if (answer == 'V')
            answer = COMMAND_OPTION_BASE + CTL_VERSION;
        const char **place = &ctl->option[answer - COMMAND_OPTION_BASE];
        if (*place != NULL && optarg != NULL)
            return ctl_complain(EX_USAGE, "%s: this option was given before", argv[optind - 1]);
        *place = optarg != NULL ? optarg : "";
    }
}

static int unknown_command(char **words)
{
    if (command_is_group(words[0]) && words[1] == NULL) {
        command_help(stderr, words[0]);
        return EX_USAGE;
    }
    g_autofree char *two = g_strjoin(" ", words[0], words[1], NULL);
    const char *like = command_like(two);
    if (like == NULL)
        like = command_like(words[0]);
    g_autofree char *hint =
        like != NULL ? g_strdup_printf("did you mean %s?", like) : g_strdup("see callmxctl --help");
    return ctl_complain(EX_USAGE, "there is no command %s: %s",
                        command_is_group(words[0]) ? two : words[0], hint);
}

static int check_usage(const struct ctl *ctl, const struct command *command, int count)
{
    for (const struct option *option = command_options(); option->name != NULL; option++) {
        enum ctl_option id = (enum ctl_option)(option->val - COMMAND_OPTION_BASE);
        if (ctl->option[id] != NULL && !command_takes(command, id))
            return ctl_complain(EX_USAGE, "%s takes no --%s: usage: callmxctl %s %s", command->name,
                                option->name, command->name, command->arguments);
    }
    if (count < command->least || count > command->most)
        return ctl_complain(EX_USAGE, "%s arguments: usage: callmxctl %s %s",
                            count < command->least ? "missing" : "too many", command->name,
                            command->arguments);
    return EX_OK;
}

static int run(struct ctl *ctl, int argc, char **argv)
{
    int code = read_options(ctl, argc, argv);
    if (code != EX_OK)
        return code;
    if (ctl->option[CTL_VERSION] != NULL) {
        puts("callmxctl " CALLMX_VERSION);
        return EX_OK;
    }
    char **words = argv + optind;
    bool wants_help = ctl->option[CTL_HELP] != NULL;
    if (words[0] == NULL || (wants_help && command_is_group(words[0]) && words[1] == NULL)) {
        command_help(wants_help ? stdout : stderr, words[0]);
        return wants_help ? EX_OK : EX_USAGE;
    }
    int length = 0;
    const struct command *command = command_find(words, &length);
    if (command == NULL)
        return unknown_command(words);
    if (wants_help) {
        command_help_one(stdout, command);
        return EX_OK;
    }
    words += length;
    code = check_usage(ctl, command, argc - optind - length);
    return code != EX_OK ? code : command->run(ctl, words);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], PARSER_PROCESS_ARGUMENT) == 0)
        return parser_process_main();
    sandbox_no_core();
    struct ctl ctl = {.now = g_get_real_time() / G_USEC_PER_SEC};
    int code = run(&ctl, argc, argv);
    ctl_clear(&ctl);
    if (fflush(stdout) != 0 || ferror(stdout) != 0)
        return ctl_complain(EX_IOERR, "the output could not be written");
    return code;
}

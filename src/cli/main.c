/* The program: reads the command line, runs one command, prints its errors and ends. The only file
 * that ends the process; the exit status is an ExitStatus. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"

/* NO_COLOR (no-color.org) and dumb terminals are respected unless the command line says more. */
static bool use_color(ColorWhen when, int file) {
    if (when != COLOR_AUTO)
        return when == COLOR_ALWAYS;
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(file) && !(no_color && *no_color) && !(terminal && !strcmp(terminal, "dumb"));
}

static ExitStatus run(Program *program) {
    switch (program->options->command) {
    case COMMAND_FIX:
        return command_fix(program);
    case COMMAND_LIST:
        return command_list(program);
    case COMMAND_EXPLAIN:
        return command_explain(program);
    case COMMAND_SETTINGS:
        return command_settings(program);
    case COMMAND_CHECK_MODEL:
        return command_check_model(program);
    case COMMAND_CHECK_CACHE:
        return command_check_cache(program);
    case COMMAND_VERSION:
        return command_version(program);
    case COMMAND_HELP: {
        Str help = options_help(program->arena);
        fwrite(help.p, 1, (size_t)help.n, stdout);
        return EXIT_DONE;
    }
    }
    return EXIT_TROUBLE;
}

int main(int argc, char **argv) {
    /* A reader of stdout that has seen enough (`hffix . | head`) is no trouble: writing then fails
     * with EPIPE instead of ending the process between two files. */
    signal(SIGPIPE, SIG_IGN);
    Arena arena = {0};
    Diagnostics diagnostics = {.arena = &arena};
    Options options;
    Program program = {.arena = &arena, .options = &options, .diagnostics = &diagnostics};
    ExitStatus status = EXIT_TROUBLE;
    bool understood = options_parse(&arena, argc, argv, &options, &diagnostics);
    program.style = (ReportStyle){.color_out = use_color(options.color, STDOUT_FILENO),
                                  .color_err = use_color(options.color, STDERR_FILENO),
                                  .verbosity = options.verbosity};
    if (understood)
        status = run(&program);
    if (!program.out_failed && fflush(stdout) != 0 && errno != EPIPE) {
        diag_add(&diagnostics, SEVERITY_ERROR, (Str){0}, 0, 0, "standard output: %s",
                 strerror(errno));
        status = EXIT_TROUBLE;
    }
    tell_diagnostics(&program);
    arena_close(&arena);
    exit(status);
}

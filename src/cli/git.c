/* git is run as a program, never through a shell: paths need no quotes. */
#include "cli/git.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static bool output_of(char *const *argv, Buf *out) {
    int ends[2];
    if (pipe(ends) != 0)
        return false;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    pid_t child;
    bool started = posix_spawnp(&child, argv[0], &actions, NULL, argv, environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    char block[8192];
    ssize_t n;
    while (started && (n = read(ends[0], block, sizeof block)) > 0)
        buf_add(out, (Str){block, n});
    close(ends[0]);
    int status = 1;
    return started && waitpid(child, &status, 0) == child && status == 0;
}

bool git_ask(Arena *arena, const char *const *words, const Str *paths, ptrdiff_t n, Str *answer) {
    ptrdiff_t n_words = 0;
    while (words[n_words])
        n_words++;
    char **argv = new (arena, char *, n_words + n + 2);
    argv[0] = str_c(arena, S("git"));
    for (ptrdiff_t i = 0; i < n_words; i++)
        argv[i + 1] = str_c(arena, str_from(words[i]));
    for (ptrdiff_t i = 0; i < n; i++)
        argv[n_words + 1 + i] = str_c(arena, paths[i]);
    Buf out = {.arena = arena};
    bool good = output_of(argv, &out);
    *answer = buf_str(&out);
    return good;
}

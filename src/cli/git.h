/* Questions to the git program. */
#ifndef HFFIX_CLI_GIT_H
#define HFFIX_CLI_GIT_H

#include "base/str.h"

/* Runs git with words, ended by NULL, and paths behind them. What it prints; false when there is no
 * git, or it fails. Its own messages go nowhere. */
bool git_ask(Arena *arena, const char *const *words, const Str *paths, ptrdiff_t n, Str *answer);

#endif

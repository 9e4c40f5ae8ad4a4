/* The rules with `in:` of all transforms on one text: commands, and names of environment
 * variables. */
#ifndef HFFIX_TRANSFORM_SHELL_RUN_H
#define HFFIX_TRANSFORM_SHELL_RUN_H

#include "shell/shell.h"
#include "transform/engine.h"

/* Runs the candidates (by registry index) over what `cut` finds in the source. The outcome lies in
 * `arena`. */
Outcome *shell_run(const Engine *engine, Parser *parser, Arena *arena, const Source *source,
                   ShellCut *cut, const bool *candidates, Diagnostics *diagnostics);

/* As engine_explain(). Empty when nothing on the line can be meant. */
Str shell_explain(const Engine *engine, Parser *parser, Arena *arena, const Source *source,
                  ShellCut *cut, ptrdiff_t transform, uint32_t line);

/* What `second` did to the text that `first` left, told as one. Lines must not have moved in
 * between. */
Outcome *outcome_join(Arena *arena, const Outcome *first, const Outcome *second);

#endif

/* From a match to what changes: a rule's actions carried out on a plan. */
#ifndef HFFIX_TRANSFORM_REWRITE_H
#define HFFIX_TRANSFORM_REWRITE_H

#include "edit/plan.h"
#include "transform/engine.h"
#include "transform/match.h"

/* Adds a group with all edits of the match to the plan and returns it. */
int rewrite_match(Plan *plan, Arena *arena, const Module *module, const Match *match);

/* '+' or '!' text with its holes filled and qualified names as they stand in the patch. */
Str rewrite_fill(Arena *arena, const Module *module, const Match *match, const Template *template);

/* The notes of a rule ('!' lines, filled), or its transform's title at the site when it has
 * none. */
void rewrite_notes(Arena *arena, const Module *module, const Match *match, Note **notes,
                   ptrdiff_t *n);

#endif

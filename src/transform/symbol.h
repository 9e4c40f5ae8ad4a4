/* Private to src/transform: rules that are about a symbol, wherever a file names it.
 *
 * A symbol is what a qualified name stands for: a class, a function, a constant, a module. It
 * stands in imports (`from M import X`, `from M.X import …`, `import M.X`), in attributes of
 * modules
 * (`M.X`), and in strings that are read as names (`mock.patch("M.X")`, `getattr(M, "X")`). */
#ifndef HFFIX_TRANSFORM_SYMBOL_H
#define HFFIX_TRANSFORM_SYMBOL_H

#include "edit/plan.h"
#include "transform/match.h"

/* Whether a symbol may stand at the node at all: a name of an import list, the module of an import,
 * an attribute, a string that a call reads as a name. */
bool symbol_is_site(const Module *module, Node node);

/* What an import list's name or an import's module is called; empty for other nodes. */
Str symbol_of_import(const Module *module, Node site);

/* The import_statement or import_from_statement that the site is a part of, 0: none. */
Node symbol_import(const Module *module, Node site);

/* Of a string that a call reads as a name: the name, and whether a module in front of it in the
 * call
 * (`getattr(M, "X")`) is part of it; then `*written` is what the string holds of it. */
Str symbol_of_string(const Module *module, Node string, Str *written);

/* The binding that a name of an import list makes; NULL: none. */
const Binding *symbol_binding(const Module *module, Node name);

/* The name that takes the symbol's place: the action's text with its holes filled. */
Str symbol_target(Arena *arena, const Match *match, const Action *action);

/* Whether the file says itself that the symbol may be missing: another import of the name beside
 * this one, `hasattr(M, "X")`, `getattr(M, "X", None)`, a test of a version around it. Then its
 * author has dealt with the change. `why` gets a few words. */
bool symbol_is_handled(const Module *module, Node site, Str symbol, const char **why);

/* Places besides the site that renaming would touch: other bindings and uses of the imported name.
 * The list lies in the module's arena. */
const Node *symbol_places(const Module *module, Node site, ptrdiff_t *n);

/* Adds the edits to the group that make the match's symbol the `target`, or fails it. */
void symbol_move(Plan *plan, int group, const Module *module, const Match *match, Str target);

#endif

/* Lines of a text and the statements on them. Private to this room. */
#ifndef HFFIX_EDIT_LINES_H
#define HFFIX_EDIT_LINES_H

#include "python/module.h"

ptrdiff_t start_of_line(Str text, ptrdiff_t at);
ptrdiff_t end_of_line(Str text, ptrdiff_t at);  /* before its newline */
ptrdiff_t past_newline(Str text, ptrdiff_t at); /* behind the newline at `at`, if there is one */

/* Whether the statement is alone on its lines but for a comment behind it, so that others can be
 * put on lines of their own beside it. */
bool statement_has_own_line(const Module *module, Node statement);

/* The lines of such a statement, and those blank ones beside it that would be too many without
 * it. */
Span lines_of_statement(const Module *module, Node statement);

#endif

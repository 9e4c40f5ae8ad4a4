/* Shell text in pages: blocks, sessions with prompts, and code between backticks. */
#ifndef HFFIX_DOCUMENT_PAGE_SHELL_H
#define HFFIX_DOCUMENT_PAGE_SHELL_H

#include "shell/shell.h"

/* How the commands in a block of that language are found; NULL: it is no shell. */
ShellCut *page_cut_of(Str language);
/* Code between backticks in lines of prose. */
void page_inline_cut(ShellReader *reader);
/* Whether a page tells of the past, by its name: what it quotes was so. */
bool page_is_history(Str path);

#endif

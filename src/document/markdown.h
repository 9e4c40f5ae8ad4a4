/* Fenced blocks of Python in Markdown, MDX and their dialects. */
#ifndef HFFIX_DOCUMENT_MARKDOWN_H
#define HFFIX_DOCUMENT_MARKDOWN_H

#include "document/blocks.h"

/* Adds every block that a fence names Python for: ```python, ~~~py, ``` {.python}, ```{code-block}
 * python and their like, inside lists and quotations too. What has no closing fence is left out. */
void markdown_find(Blocks *blocks);

/* Whether a word names Python in any of its letter cases: python, py, python3, py3, ipython. */
bool markdown_names_python(Str word);

#endif

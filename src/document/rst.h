/* Blocks of Python in reStructuredText. */
#ifndef HFFIX_DOCUMENT_RST_H
#define HFFIX_DOCUMENT_RST_H

#include "document/blocks.h"

/* Adds the content of `.. code-block:: python` and its like, and literal blocks (behind `::`),
 * which may hold anything. */
void rst_find(Blocks *blocks);

#endif

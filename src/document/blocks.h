/* Blocks of Python or shell text that stand on lines of their own in a page of text, each behind
 * the same prefix: an indentation, marks of a quotation, or nothing. */
#ifndef HFFIX_DOCUMENT_BLOCKS_H
#define HFFIX_DOCUMENT_BLOCKS_H

#include "base/list.h"
#include "python/source.h"
#include "shell/shell.h"

typedef struct Block {
    Span bytes;    /* of whole lines of the page */
    uint32_t line; /* the page's line on which it begins, from 1 */
    Str prefix;
    bool session; /* its code stands behind prompts, with what it prints between */
    Source *piece;
    ShellCut *cut; /* NULL: Python */
} Block;

typedef struct Blocks {
    Arena *arena;
    Str path, bytes;
    List(Block) list;
} Blocks;

enum { PROMPT_LENGTH = 4 }; /* ">>> ", "... " */

/* Adds the lines of `bytes` without their prefix, unless one lacks it (an empty line may), or they
 * are no text or hold nothing. A session's lines of Python lose their prompts too, and what it
 * prints is a comment in the piece; one that does not begin with a prompt is left out. */
void blocks_add(Blocks *blocks, Span bytes, uint32_t line, Str prefix, ShellCut *cut);

/* The same for a block of which nothing says that it is Python: only a session is added. */
void blocks_add_session(Blocks *blocks, Span bytes, uint32_t line, Str prefix);

/* Lets each block know what the others import; once all are added. */
void blocks_share_names(Blocks *blocks);

/* The page's bytes with new texts for the blocks. Lines that stay keep all their bytes. */
Str blocks_render(const Blocks *blocks, Arena *arena, const Str *texts);

#endif

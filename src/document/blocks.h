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
    Source *piece;
    ShellCut *cut; /* NULL: Python */
} Block;

typedef struct Blocks {
    Arena *arena;
    Str path, bytes;
    List(Block) list;
} Blocks;

/* Adds the lines of `bytes` without their prefix, unless one lacks it (an empty line may), or they
 * are no text, hold nothing, or, as Python, have the prompts of a session (`>>>`). */
void blocks_add(Blocks *blocks, Span bytes, uint32_t line, Str prefix, ShellCut *cut);

/* The page's bytes with new texts for the blocks. Lines that stay keep all their bytes. */
Str blocks_render(const Blocks *blocks, Arena *arena, const Str *texts);

#endif

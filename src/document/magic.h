/* Lines of a notebook that IPython reads and Python does not, and stand-ins that Python reads. */
#ifndef HFFIX_DOCUMENT_MAGIC_H
#define HFFIX_DOCUMENT_MAGIC_H

#include "base/list.h"
#include "base/str.h"
#include "shell/shell.h"

typedef struct Magic {
    Str text;      /* the whole line, or what stands behind the `=` */
    bool whole;    /* a line: its indentation is in `text` */
    uint32_t line; /* of the text in which they are hidden; set by who joins the cells */
} Magic;

typedef struct Magics {
    Arena *arena;
    Str word; /* stand-ins are this word and a number; it stands nowhere in the notebook */
    List(Magic) list;
} Magics;

/* Adds the text of a cell, of as many lines, with a name in place of every line that is not
 * Python's: magics, shell commands, requests for help; what `x = !ls` and `x = %magic` assign; all
 * lines of a cell in another language, and of one that cannot be joined to others (it begins
 * indented, or ends within a bracket, a string or a continued line). */
void magics_hide(Magics *magics, Str cell, Buf *out);

/* Adds the text with what the stand-ins stand for. They must come once each, in order: `*next` is
 * the number of the first, and moves on. False when they do not. */
bool magics_restore(const Magics *magics, Str text, ptrdiff_t *next, Buf *out);

/* The shell text in lines that were hidden: a source of these alone, each on its line, all other
 * lines empty, and a line MAGIC_CELL_END behind each cell. Nothing in it can go. */
#define MAGIC_CELL_END "%%end"
void magics_cut(ShellReader *reader);

/* Whether the cell magic of that name runs its cell as Python. */
bool magic_runs_python(Str name);

#endif

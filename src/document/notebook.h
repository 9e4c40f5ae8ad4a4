/* A Jupyter notebook (nbformat 4): its code cells are one program, in order. */
#ifndef HFFIX_DOCUMENT_NOTEBOOK_H
#define HFFIX_DOCUMENT_NOTEBOOK_H

#include "edit/diff.h"
#include "python/source.h"

typedef struct Notebook Notebook;

/* NULL after adding an error: not JSON, not a notebook. */
Notebook *notebook_read(Arena *arena, Str path, Str bytes, Diagnostics *diagnostics);

/* The program; NULL when there is none: no code cells, or a kernel for another language. */
Source *notebook_piece(const Notebook *notebook);

/* The lines that magics.h hides in the program, each on the line that it has there, with a cut for
 * them; NULL when there are none. */
Source *notebook_shell_piece(const Notebook *notebook);

/* The notebook's bytes with new texts for its program and, unless empty, for those lines: only
 * sources of cells whose text has changed differ, and in them only what stands for other lines.
 * False after adding an error. */
bool notebook_render(const Notebook *notebook, Arena *arena, Str text, Str shell, Str *bytes,
                     Diagnostics *diagnostics);

/* The cell that holds a line of the program, counted from 1 among all cells of the notebook, and
 * the line in it. */
uint32_t notebook_cell(const Notebook *notebook, uint32_t line, uint32_t *line_in_cell);
/* The other way round; 0: there is no such line. */
uint32_t notebook_line(const Notebook *notebook, uint32_t cell, uint32_t line_in_cell);
/* The line of the notebook's bytes on which a line of the program stands. */
uint32_t notebook_raw_line(const Notebook *notebook, Arena *arena, uint32_t line);
/* The same for its first n lines. */
void notebook_raw_lines(const Notebook *notebook, Arena *arena, uint32_t *lines, uint32_t n);

/* Adds what changes cell by cell, for people: the hunks of a unified diff, each with the cell's
 * number, `@@ cell 3, -1,4 +1,6 @@ NAMES`. Marks are of lines of the program; `text` and
 * `shell` are what notebook_render() took. */
void notebook_diff(const Notebook *notebook, Buf *out, Str path, Str text, Str shell,
                   const DiffMark *marks, ptrdiff_t n_marks);

#endif

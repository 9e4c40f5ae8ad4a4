/* A file on disk and the Python or shell text in it. A Python file is one piece, a notebook's cells
 * are one, what IPython alone reads in them is another, each block of a Markdown or
 * reStructuredText page is one, a script or a Dockerfile is one; new texts of pieces go back into
 * the bytes that they came from, so that the rooms in the middle never know. */
#ifndef HFFIX_DOCUMENT_DOCUMENT_H
#define HFFIX_DOCUMENT_DOCUMENT_H

#include "edit/diff.h"
#include "python/source.h"
#include "shell/shell.h"

typedef enum DocumentKind {
    DOCUMENT_PYTHON,
    DOCUMENT_NOTEBOOK,
    DOCUMENT_PAGE,
    DOCUMENT_SHELL /* commands and settings, no Python: scripts, Dockerfiles, YAML, … */
} DocumentKind;

/* What a piece holds. */
typedef struct DocumentPiece {
    bool python;
    ShellCut *cut; /* finds the shell text in it; NULL: there can be none */
} DocumentPiece;

typedef struct Document {
    DocumentKind kind;
    Str path;
    Str bytes;            /* as on disk */
    Source **pieces;      /* texts, in order; possibly none */
    DocumentPiece *holds; /* by piece */
    ptrdiff_t n;
    bool doubtful; /* a piece that does not parse is no Python, and nothing is said of it */
    const struct Notebook *notebook;
    const struct Blocks *blocks;
} Document;

/* By the path's name, or by the first line of the bytes; what is not known is Python. */
DocumentKind document_kind(Str path, Str bytes);

/* Whether a file is one piece as it stands, and what the piece holds. */
bool document_is_one_piece(Str path, Str bytes, DocumentPiece *holds);

/* Reads the whole file into the arena. False after adding an error with the system's reason. "-" is
 * standard input. */
bool document_load(Arena *arena, Str path, Str *bytes, Diagnostics *diagnostics);

/* Decodes and cuts the bytes into pieces. NULL after adding an error. */
Document *document_read(Arena *arena, Str path, Str bytes, Diagnostics *diagnostics);

/* The document's bytes with new texts for its pieces (`texts[i]` for pieces[i]). False after adding
 * an error. */
bool document_render(const Document *document, Arena *arena, const Str *texts, Str *bytes,
                     Diagnostics *diagnostics);

/* Where a line of a piece stands for the reader: in a notebook "cell 3" (counted from 1 among all
 * cells, as a reader counts them) and the line in it, else the line of the file; `before`
 * characters of that line stand in front of the piece's. */
typedef struct DocumentPlace {
    Str part; /* empty: the file itself */
    uint32_t line;
    uint32_t before;
} DocumentPlace;

DocumentPlace document_place(const Document *document, Arena *arena, ptrdiff_t piece,
                             uint32_t line);
/* The line of the file on which each line of a piece stands; `lines` has a place for each. */
void document_file_lines(const Document *document, Arena *arena, ptrdiff_t piece, uint32_t *lines);
/* The other way round. False when no piece has that line. */
bool document_find(const Document *document, Str part, uint32_t line, ptrdiff_t *piece,
                   uint32_t *piece_line);
/* Splits "a.ipynb:cell 3" into path and part. */
void document_split_path(Str given, Str *path, Str *part);
/* The other way round, in a text of its own; without a part just the path. */
Str document_join_path(Arena *arena, Str path, Str part);

/* Marks of one piece's lines. */
typedef struct PieceMarks {
    const DiffMark *v;
    ptrdiff_t n;
} PieceMarks;

/* Adds the diff to `bytes`, which document_render() made of `texts`; `marks` by piece. `raw`: one
 * that `git apply` takes, also for a notebook; else a notebook's is for people, cell by cell
 * (document/notebook.h). */
void document_diff(const Document *document, Buf *out, Str path, const Str *texts, Str bytes,
                   const PieceMarks *marks, bool raw);

/* Replaces the file by the new bytes: a temporary file in the same folder, fsync, rename; mode and,
 * where allowed, owner kept; through a symlink its target is replaced and the link stays. If
 * `old_bytes` are no longer what the file holds, nothing is written. False after adding an error;
 * the file then has its old bytes. */
bool document_write(Str path, Str old_bytes, Str bytes, Diagnostics *diagnostics);

#endif

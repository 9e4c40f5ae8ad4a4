/* A file on disk and the Python in it. A Python file is one piece; other kinds (notebook, Markdown)
 * map several pieces and the edits back to their own bytes, so that the rooms in the middle never
 * know. */
#ifndef HFFIX_DOCUMENT_DOCUMENT_H
#define HFFIX_DOCUMENT_DOCUMENT_H

#include "python/source.h"

typedef struct Document {
    Str path;
    Str bytes;       /* as on disk */
    Source **pieces; /* Python texts, in order */
    ptrdiff_t n;
} Document;

/* Reads the whole file into the arena. False after adding an error with the system's reason. "-" is
 * standard input. */
bool document_load(Arena *arena, Str path, Str *bytes, Diagnostics *diagnostics);

/* Decodes and cuts the bytes into pieces. NULL after adding an error. */
Document *document_read(Arena *arena, Str path, Str bytes, Diagnostics *diagnostics);

/* The document's bytes with new texts for its pieces (`texts[i]` for pieces[i]). False after adding
 * an error. */
bool document_render(const Document *document, Arena *arena, const Str *texts, Str *bytes,
                     Diagnostics *diagnostics);

/* Replaces the file by the new bytes: a temporary file in the same folder, fsync, rename; mode and,
 * where allowed, owner kept; through a symlink its target is replaced and the link stays. If
 * `old_bytes` are no longer what the file holds, nothing is written. False after adding an error;
 * the file then has its old bytes. */
bool document_write(Str path, Str old_bytes, Str bytes, Diagnostics *diagnostics);

#endif

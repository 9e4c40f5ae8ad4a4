/* Memory that is given back all at once.
 *
 * Whatever belongs to one file of the user's lives in that file's arena, which is reset after the
 * file's report; what belongs to the program (transforms, settings) lives in the program's. Nothing
 * is freed alone. Chunks grow, so no input is too big for a buffer.
 *
 * arena_alloc() never returns NULL. When memory, or the limit set for the arena, runs out, it
 * longjmps to `on_exhausted`, which the arena's owner has set with setjmp (engine_run_file() and
 * tests do); with none set, the process aborts with a message. The jump never crosses a frame of
 * tree-sitter or PCRE2, because no callback of theirs allocates here. */
#ifndef HFFIX_BASE_ARENA_H
#define HFFIX_BASE_ARENA_H

#include <setjmp.h>
#include <stddef.h>

typedef struct ArenaChunk ArenaChunk;

typedef struct Arena {
    ArenaChunk *chunk; /* newest first */
    size_t used;       /* bytes handed out since the last full reset */
    size_t limit;      /* 0: none; otherwise allocation beyond it counts as exhausted */
    jmp_buf *on_exhausted;
} Arena;

typedef struct ArenaMark {
    ArenaChunk *chunk;
    size_t at, used;
} ArenaMark;

/* Zeroed memory for n objects of `size` bytes; overflow of n * size counts as exhausted. */
void *arena_alloc(Arena *arena, ptrdiff_t n, size_t size, size_t align);
ArenaMark arena_mark(Arena *arena);
void arena_reset(Arena *arena, ArenaMark mark); /* gives back what was allocated since the mark */
void arena_clear(Arena *arena);                 /* gives back all but keeps one chunk for reuse */
void arena_close(Arena *arena);                 /* gives back all; the arena is as new */

#define new(arena, T, n) ((T *)arena_alloc((arena), (n), sizeof(T), _Alignof(T)))

#endif

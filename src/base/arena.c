/* Chunks in a chain, newest first. A chunk is at least as big as the one before it, so that the
 * number of system calls stays logarithmic in what a file needs; each object is zeroed when it is
 * handed out, because chunks are used again. */
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CHUNK = 64 * 1024, LARGEST_STEP = 8 * 1024 * 1024 };

struct ArenaChunk {
    ArenaChunk *older;
    size_t size, at; /* bytes behind the header, and how many of them are taken */
};

static char *chunk_bytes(ArenaChunk *chunk) {
    return (char *)(chunk + 1);
}

static _Noreturn void exhausted(Arena *arena) {
    if (arena->on_exhausted)
        longjmp(*arena->on_exhausted, 1);
    fputs("hffix: out of memory\n", stderr);
    abort();
}

static size_t aligned(const ArenaChunk *chunk, size_t align) {
    uintptr_t at = (uintptr_t)(chunk + 1) + chunk->at;
    return chunk->at + ((align - at % align) % align);
}

static ArenaChunk *add_chunk(Arena *arena, size_t bytes) {
    size_t size = arena->chunk ? arena->chunk->size : FIRST_CHUNK / 2;
    size = size < LARGEST_STEP ? size * 2 : size;
    if (size < bytes)
        size = bytes;
    ArenaChunk *chunk = malloc(sizeof *chunk + size);
    if (!chunk)
        exhausted(arena);
    *chunk = (ArenaChunk){.older = arena->chunk, .size = size};
    arena->chunk = chunk;
    return chunk;
}

void *arena_alloc(Arena *arena, ptrdiff_t n, size_t size, size_t align) {
    if (n < 0 || (size && (size_t)n > (SIZE_MAX / 2) / size))
        exhausted(arena);
    size_t bytes = (size_t)n * size;
    if (arena->limit && (bytes > arena->limit || arena->used > arena->limit - bytes))
        exhausted(arena);
    ArenaChunk *chunk = arena->chunk;
    if (!chunk || aligned(chunk, align) > chunk->size ||
        chunk->size - aligned(chunk, align) < bytes)
        chunk = add_chunk(arena, bytes + align);
    size_t at = aligned(chunk, align);
    chunk->at = at + bytes;
    arena->used += bytes;
    return bytes ? memset(chunk_bytes(chunk) + at, 0, bytes) : chunk_bytes(chunk) + at;
}

ArenaMark arena_mark(Arena *arena) {
    return (ArenaMark){arena->chunk, arena->chunk ? arena->chunk->at : 0, arena->used};
}

void arena_reset(Arena *arena, ArenaMark mark) {
    while (arena->chunk != mark.chunk) {
        ArenaChunk *older = arena->chunk->older;
        free(arena->chunk);
        arena->chunk = older;
    }
    if (arena->chunk)
        arena->chunk->at = mark.at;
    arena->used = mark.used;
}

void arena_clear(Arena *arena) {
    ArenaChunk *keep = arena->chunk; /* the newest is the largest */
    if (!keep)
        return;
    for (ArenaChunk *chunk = keep->older; chunk;) {
        ArenaChunk *older = chunk->older;
        free(chunk);
        chunk = older;
    }
    keep->older = NULL;
    keep->at = 0;
    arena->used = 0;
}

void arena_close(Arena *arena) {
    arena_reset(arena, (ArenaMark){0});
}

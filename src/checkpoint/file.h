/* The files of a checkpoint's folder: found without leaving it, read whole or mapped.
 *
 * A name may be a symbolic link, as all names in the hub's cache are, but what it leads to must lie
 * in the folder itself, or in the cache entry that the folder is a snapshot of. */
#ifndef HFFIX_CHECKPOINT_FILE_H
#define HFFIX_CHECKPOINT_FILE_H

#include "checkpoint/reason.h"

typedef enum FileStatus {
    FILE_OK,
    FILE_MISSING,
    FILE_OUTSIDE, /* leads out of the folder */
    FILE_BAD      /* no regular file, or not readable */
} FileStatus;

typedef struct File {
    int descriptor; /* -1: closed */
    uint64_t size;
} File;

FileStatus file_open(Arena *arena, Str folder, Str name, File *out);
void file_close(File *file);
bool file_read_at(const File *file, uint64_t at, void *to, size_t n); /* false: not that many */

/* The whole of a file, in the arena. Anything but FILE_OK and FILE_MISSING has added a reject. */
FileStatus file_read(Arena *arena, Str folder, Str name, Str *out, Reasons *reasons);

/* Bytes of a file, mapped for reading. A file that gets shorter while it is mapped reads as zeros
 * from there on and `file_shrank` says so (see file.c). */
typedef struct Mapping {
    const unsigned char *p;
    size_t n;
} Mapping;

bool file_map(const File *file, Mapping *out); /* false: the system refused */
void file_unmap(Mapping *mapping);
/* Mapped bytes that are not wanted again soon: the process holds no memory for them any more.
 * Nothing happens to bytes that are not mapped. */
void file_release(const void *p, size_t n);
bool file_shrank(void); /* some mapped file did, since the process began */

#endif

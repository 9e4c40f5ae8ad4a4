/* What lies in the hub's cache and serves nobody. Nothing is removed: each finding comes with the
 * command that would. */
#ifndef HFFIX_CACHE_AUDIT_H
#define HFFIX_CACHE_AUDIT_H

#include "base/list.h"
#include "base/str.h"

typedef enum CacheFault {
    CACHE_OLD_LAYOUT,    /* a file of transformers before 4.22, which nothing reads any more */
    CACHE_UNFINISHED,    /* a download that has not ended, or never will */
    CACHE_BLOB,          /* no snapshot links to it */
    CACHE_SNAPSHOT,      /* no branch or tag names it; it may have been asked for by its hash */
    CACHE_DANGLING_LINK, /* a file of a snapshot whose blob is gone */
    CACHE_DANGLING_REF,  /* a branch or tag whose snapshot is gone */
    CACHE_FAULTS
} CacheFault;

typedef struct CacheFinding {
    CacheFault fault;
    Str what; /* "org/name", or the address that an old file came from */
    Str path;
    uint64_t bytes; /* that removing it frees */
    Str command;    /* for a shell, quoted */
} CacheFinding;

typedef struct CacheAudit {
    Str folder;
    List(CacheFinding) findings;
    ptrdiff_t entries; /* models, datasets, spaces, files of the old layout */
    uint64_t bytes;    /* of all files */
} CacheAudit;

/* False when the folder can't be read. */
bool cache_audit(Arena *arena, Str folder, CacheAudit *out);

const char *cache_fault_name(CacheFault fault); /* "unfinished" */
const char *cache_fault_text(CacheFault fault); /* what it means */

#endif

/* Replacing a file so that at every moment it holds either its old bytes or its new ones.
 *
 * The new bytes go to a temporary file in the same folder, reach the disk, and take the old file's
 * name by rename(2). A file that is not writable is left alone, although rename would not mind. Of
 * several hard links only the one that was named is replaced: installers link packages to their
 * caches, and those must keep their bytes.
 *
 * Everything here is POSIX.1-2008 with its X/Open part. Memory is asked for before a file is opened
 * and diagnostics are added after all are closed, because both may leave this file by longjmp. */
#define _XOPEN_SOURCE 700 /* realpath() */

#include "document/document.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct Replacement {
    const char *target, *folder;
    char *temporary;  /* ends in XXXXXX until it is made */
    int old, fresh;   /* open files, -1: none */
    bool made;        /* the temporary file exists */
    const char *what; /* failed; NULL: nothing did */
    int reason;       /* errno, 0: `what` says all */
} Replacement;

static bool fails(Replacement *r, const char *what, int reason) {
    r->what = what;
    r->reason = reason;
    return false;
}

static bool write_all(int file, Str bytes) {
    for (ptrdiff_t n = 0; n < bytes.n;) {
        ssize_t put = write(file, bytes.p + n, (size_t)(bytes.n - n));
        if (put < 0 && errno != EINTR)
            return false;
        n += put > 0 ? put : 0;
    }
    return true;
}

/* Owner before mode, because a change of owner clears the set-user-id bit. Only root may give files
 * away; for others the owner is theirs already, or cannot be kept. */
static bool keep_status(int file, const struct stat *status) {
    if (fchown(file, status->st_uid, status->st_gid) != 0 &&
        fchown(file, (uid_t)-1, status->st_gid) != 0)
        errno = 0;
    return fchmod(file, status->st_mode & 07777) == 0;
}

/* Whether the open file holds exactly these bytes. */
static bool holds(int file, Str bytes) {
    char block[16 << 10];
    for (ptrdiff_t at = 0;;) {
        ssize_t n = pread(file, block, sizeof block, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 && at == bytes.n;
        if (n > bytes.n - at || memcmp(block, bytes.p + at, (size_t)n) != 0)
            return false;
        at += n;
    }
}

/* A folder's entries reach the disk only when it is synced itself. Some file systems cannot; the
 * rename is done in any case. */
static void sync_folder(const char *folder) {
    int file = open(folder, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return;
    fsync(file);
    close(file);
}

static bool replace(Replacement *r, Str old_bytes, Str bytes) {
    struct stat status, now;
    if ((r->old = open(r->target, O_RDWR | O_CLOEXEC)) < 0 || fstat(r->old, &status) != 0)
        return fails(r, "cannot be written", errno);
    if (!S_ISREG(status.st_mode))
        return fails(r, "is not a regular file; nothing is written", 0);
    if ((r->fresh = mkstemp(r->temporary)) < 0)
        return fails(r, "no file can be made beside it", errno);
    r->made = true;
    if (!write_all(r->fresh, bytes) || !keep_status(r->fresh, &status) || fsync(r->fresh) != 0)
        return fails(r, "the file beside it cannot be written", errno);
    /* As late as possible: another program may have written, or put another file in its place. */
    if (!holds(r->old, old_bytes) || stat(r->target, &now) != 0 || now.st_dev != status.st_dev ||
        now.st_ino != status.st_ino)
        return fails(r, "has changed since it was read; nothing is written", 0);
    if (rename(r->temporary, r->target) != 0)
        return fails(r, "cannot be replaced", errno);
    r->made = false;
    sync_folder(r->folder);
    return true;
}

bool document_write(Str path, Str old_bytes, Str bytes, Diagnostics *diagnostics) {
    Arena *arena = diagnostics->arena;
    char *resolved = realpath(str_c(arena, path), NULL);
    if (!resolved) {
        diag_add(diagnostics, SEVERITY_ERROR, path, 0, 0, "cannot be written: %s", strerror(errno));
        return false;
    }
    Str target = str_copy(arena, str_from(resolved));
    free(resolved);
    ptrdiff_t slash = str_rfind_byte(target, '/');
    Str folder = slash > 0 ? str_slice(target, 0, slash) : S("/");
    Replacement r = {
        .target = str_c(arena, target),
        .folder = str_c(arena, folder),
        .temporary = str_c(arena, str_format(arena, "%.*s/.hffix-XXXXXX", STR_ARG(folder))),
        .old = -1,
        .fresh = -1,
    };
    bool done = replace(&r, old_bytes, bytes);
    if (r.made)
        unlink(r.temporary);
    if (r.old >= 0)
        close(r.old);
    if (r.fresh >= 0)
        close(r.fresh);
    if (!done)
        diag_add(diagnostics, SEVERITY_ERROR, path, 0, 0, "%s%s%s", r.what, r.reason ? ": " : "",
                 r.reason ? strerror(r.reason) : "");
    return done;
}

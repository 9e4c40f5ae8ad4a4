/* Reading past the new end of a mapped file that was cut raises SIGBUS, which would end the
 * process. The one handler for it is here: when the address lies in one of our mappings, it lays a
 * page of zeros over the place, notes that this happened, and returns; reading goes on with zeros
 * and the verdict, which asks file_shrank(), is a reject. Any other SIGBUS gets the default action.
 * This is the only mutable state of the process outside arenas: a signal handler has no argument.
 * mmap() is not on POSIX's list of async-signal-safe functions; on Linux and macOS it is a plain
 * system call that takes no lock of the process. */
#define _XOPEN_SOURCE   700 /* realpath() */
#define _DEFAULT_SOURCE     /* madvise(); posix_madvise() does nothing in glibc */
#define _DARWIN_C_SOURCE
#include "checkpoint/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_MAPPINGS = 4096 };
static const size_t LARGEST_WHOLE = (size_t)1 << 30; /* of a file that is read whole */

static struct {
    pthread_mutex_t lock;
    atomic_uintptr_t from[MOST_MAPPINGS], end[MOST_MAPPINGS]; /* 0: free */
    atomic_bool shrank;
    bool handling;
    int zero; /* /dev/zero */
    uintptr_t page;
} mapped = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void on_bus_error(int signal, siginfo_t *info, void *context) {
    (void)context;
    uintptr_t at = (uintptr_t)info->si_addr;
    for (int i = 0; i < MOST_MAPPINGS; i++)
        if (at >= atomic_load(&mapped.from[i]) && at < atomic_load(&mapped.end[i])) {
            void *page = (char *)info->si_addr - at % mapped.page;
            if (mmap(page, mapped.page, PROT_READ, MAP_PRIVATE | MAP_FIXED, mapped.zero, 0) != page)
                break;
            atomic_store(&mapped.shrank, true);
            return;
        }
    struct sigaction original = {.sa_handler = SIG_DFL};
    sigaction(signal, &original, NULL); /* the access is tried again, and ends the process */
}

static bool handle_bus_errors(void) {
    if (mapped.handling)
        return true;
    mapped.page = (uintptr_t)sysconf(_SC_PAGESIZE);
    mapped.zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO};
    mapped.handling = mapped.zero >= 0 && sigaction(SIGBUS, &action, NULL) == 0;
    return mapped.handling;
}

/* ---- finding ---- */

static bool within(Str path, Str folder) {
    return str_starts(path, folder) && path.n > folder.n && path.p[folder.n] == '/';
}

/* A snapshot's files are links to CACHE/models--…/blobs/HASH. */
static bool in_cache_entry(Arena *arena, Str path, Str folder) {
    ptrdiff_t slash = str_rfind_byte(folder, '/');
    Str snapshots = str_slice(folder, 0, slash);
    if (slash < 0 || !str_ends(snapshots, S("/snapshots")))
        return false;
    Str entry = str_slice(snapshots, 0, snapshots.n - S("/snapshots").n);
    return within(path, str_format(arena, "%.*s/blobs", STR_ARG(entry)));
}

static FileStatus find(Arena *arena, Str folder, Str name, char **path) {
    char *base = realpath(str_c(arena, folder), NULL);
    if (!base)
        return FILE_MISSING;
    Str real_folder = str_copy(arena, str_from(base));
    free(base);
    if (memchr(name.p, 0, (size_t)name.n))
        return FILE_MISSING;
    char *found = realpath(
        str_c(arena, str_format(arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(name))), NULL);
    if (!found)
        return errno == ELOOP ? FILE_BAD : FILE_MISSING;
    Str real = str_copy(arena, str_from(found));
    free(found);
    *path = str_c(arena, real);
    if (within(real, real_folder) || in_cache_entry(arena, real, real_folder))
        return FILE_OK;
    return FILE_OUTSIDE;
}

FileStatus file_open(Arena *arena, Str folder, Str name, File *out) {
    char *path = NULL;
    *out = (File){.descriptor = -1};
    FileStatus status = name.n ? find(arena, folder, name, &path) : FILE_MISSING;
    if (status != FILE_OK)
        return status;
    struct stat info; /* O_NONBLOCK: opening a pipe would wait for its writer */
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0)
        return FILE_BAD;
    if (fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size < 0) {
        close(descriptor);
        return FILE_BAD;
    }
    *out = (File){descriptor, (uint64_t)info.st_size};
    return FILE_OK;
}

void file_close(File *file) {
    if (file->descriptor >= 0)
        close(file->descriptor);
    file->descriptor = -1;
}

/* ---- reading ---- */

bool file_read_at(const File *file, uint64_t at, void *to, size_t n) {
    char *p = to;
    while (n > 0) {
        ssize_t got = pread(file->descriptor, p, n, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        p += got;
        at += (uint64_t)got;
        n -= (size_t)got;
    }
    return true;
}

FileStatus file_read(Arena *arena, Str folder, Str name, Str *out, Reasons *reasons) {
    File file;
    *out = (Str){0};
    FileStatus status = file_open(arena, folder, name, &file);
    if (status == FILE_OUTSIDE)
        reject(reasons, name, (Str){0}, "the link leaves the directory of the checkpoint");
    if (status == FILE_BAD)
        reject(reasons, name, (Str){0}, "no regular file, or not readable");
    if (status != FILE_OK)
        return status;
    size_t limit = arena->limit && arena->limit < LARGEST_WHOLE ? arena->limit : LARGEST_WHOLE;
    if (file.size > limit || (arena->limit && file.size > arena->limit - arena->used)) {
        file_close(&file);
        reason_uncovered(reasons, name, (Str){0}, "%llu bytes are more than --memory allows",
                         (unsigned long long)file.size);
        return FILE_BAD;
    }
    char *p = new (arena, char, (ptrdiff_t)file.size + 1);
    bool whole = file_read_at(&file, 0, p, (size_t)file.size);
    *out = (Str){p, (ptrdiff_t)file.size};
    file_close(&file);
    if (!whole) {
        reject(reasons, name, (Str){0}, "the file became shorter while it was read");
        return FILE_BAD;
    }
    return FILE_OK;
}

bool file_map(const File *file, Mapping *out) {
    *out = (Mapping){0};
    if (file->size == 0)
        return true;
    if (file->size > SIZE_MAX / 2)
        return false;
    pthread_mutex_lock(&mapped.lock);
    int slot = 0;
    while (slot < MOST_MAPPINGS && atomic_load(&mapped.from[slot]))
        slot++;
    void *p = MAP_FAILED;
    if (slot < MOST_MAPPINGS && handle_bus_errors())
        p = mmap(NULL, (size_t)file->size, PROT_READ, MAP_PRIVATE, file->descriptor, 0);
    if (p != MAP_FAILED) {
        *out = (Mapping){p, (size_t)file->size};
        atomic_store(&mapped.end[slot], (uintptr_t)p + out->n);
        atomic_store(&mapped.from[slot], (uintptr_t)p);
    }
    pthread_mutex_unlock(&mapped.lock);
    return p != MAP_FAILED;
}

void file_unmap(Mapping *mapping) {
    if (!mapping->p)
        return;
    pthread_mutex_lock(&mapped.lock);
    for (int i = 0; i < MOST_MAPPINGS; i++)
        if (atomic_load(&mapped.from[i]) == (uintptr_t)mapping->p) {
            atomic_store(&mapped.from[i], 0);
            atomic_store(&mapped.end[i], 0);
        }
    munmap((void *)(uintptr_t)mapping->p, mapping->n);
    pthread_mutex_unlock(&mapped.lock);
    *mapping = (Mapping){0};
}

void file_release(const void *p, size_t n) {
    uintptr_t from = (uintptr_t)p;
    for (int i = 0; i < MOST_MAPPINGS; i++)
        if (from >= atomic_load(&mapped.from[i]) && from + n <= atomic_load(&mapped.end[i])) {
            uintptr_t before = from % mapped.page;
            (void)madvise((char *)(uintptr_t)p - before, n + before, MADV_DONTNEED);
            return;
        }
}

bool file_shrank(void) {
    return atomic_load(&mapped.shrank);
}

/* Reading a file whole, and the Python in it. A Python file is one piece as long as the file. */
#include "document/document.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "document/package.h"

enum {
    FIRST_READ = 32 << 10, /* most Python files fit */
    MAX_BYTES = 64 << 20   /* as source_read() */
};

static bool load_fails(Diagnostics *diagnostics, Str path, int reason) {
    diag_add(diagnostics, SEVERITY_ERROR, path, 0, 0, "cannot be read: %s", strerror(reason));
    return false;
}

static bool load_too_big(Diagnostics *diagnostics, Str path) {
    diag_add(diagnostics, SEVERITY_ERROR, path, 0, 0,
             "larger than 64 MiB; such files are not read");
    return false;
}

/* Reads until `size` bytes are there or the file ends. -1 with errno set. */
static ptrdiff_t read_full(int file, char *into, ptrdiff_t size) {
    ptrdiff_t n = 0;
    while (n < size) {
        ssize_t got = read(file, into + n, (size_t)(size - n));
        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            return -1;
        n += got > 0 ? got : 0;
    }
    return n;
}

/* What a pipe still holds, behind the bytes that were read already. */
static bool load_stream(int file, Buf *buf, Str path, Diagnostics *diagnostics) {
    char block[FIRST_READ];
    ptrdiff_t n;
    while ((n = read_full(file, block, sizeof block)) > 0) {
        if (buf->n + n > MAX_BYTES)
            return load_too_big(diagnostics, path);
        buf_add(buf, (Str){block, n});
    }
    return n == 0 || load_fails(diagnostics, path, errno);
}

/* A file that is larger than the first read. It is opened anew once the memory is there, so that no
 * open file is lost when the arena is exhausted. */
static bool load_large(Arena *arena, const char *name, Str path, off_t size, Str *bytes,
                       Diagnostics *diagnostics) {
    if (size > MAX_BYTES)
        return load_too_big(diagnostics, path);
    char *into = new (arena, char, (ptrdiff_t)size + 1);
    int file = open(name, O_RDONLY | O_CLOEXEC);
    ptrdiff_t n = file < 0 ? -1 : read_full(file, into, (ptrdiff_t)size + 1);
    int reason = errno;
    if (file >= 0)
        close(file);
    if (n < 0)
        return load_fails(diagnostics, path, reason);
    if (n > size) {
        diag_add(diagnostics, SEVERITY_ERROR, path, 0, 0, "changed while it was read");
        return false;
    }
    *bytes = (Str){into, n};
    return true;
}

bool document_load(Arena *arena, Str path, Str *bytes, Diagnostics *diagnostics) {
    bool standard_input = str_eq(path, S("-"));
    char *name = str_c(arena, path);
    int file = standard_input ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return load_fails(diagnostics, path, errno);
    /* The stack first: a small file costs no fstat, and its memory is asked for at its true size.
     */
    char block[FIRST_READ];
    ptrdiff_t n = read_full(file, block, sizeof block);
    int reason = errno;
    struct stat status = {0};
    bool whole = n < FIRST_READ, regular = !whole && !standard_input && fstat(file, &status) == 0 &&
                                           S_ISREG(status.st_mode);
    Buf buf = {.arena = arena};
    bool ok = true;
    if (!whole && !regular) {
        buf_add(&buf, (Str){block, n});
        ok = load_stream(file, &buf, path, diagnostics);
    }
    if (!standard_input)
        close(file);
    if (n < 0)
        return load_fails(diagnostics, path, reason);
    if (regular)
        return load_large(arena, name, path, status.st_size, bytes, diagnostics);
    *bytes = whole ? str_copy(arena, (Str){block, n}) : buf_str(&buf);
    return ok;
}

Document *document_read(Arena *arena, Str path, Str bytes, Diagnostics *diagnostics) {
    Source *source = source_read(arena, path, bytes, diagnostics);
    if (!source)
        return NULL;
    source->package = package_of(arena, path);
    Document *document = new (arena, Document, 1);
    *document = (Document){.path = path, .bytes = bytes, .n = 1};
    document->pieces = new (arena, Source *, 1);
    document->pieces[0] = source;
    return document;
}

bool document_render(const Document *document, Arena *arena, const Str *texts, Str *bytes,
                     Diagnostics *diagnostics) {
    return source_encode(document->pieces[0], arena, texts[0], bytes, diagnostics);
}

/* Reading without a look at the size first: most of these files fit the first buffer, and what is
 * below /proc and the like has none. O_NONBLOCK keeps a pipe of the name from stopping the run. */
#include "project/small_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST = 16 << 20, FIRST = 4096 };

static bool read_all(Arena *arena, int fd, ptrdiff_t limit, Str *text) {
    struct stat info;
    if (fstat(fd, &info) != 0)
        return false;
    if (!S_ISREG(info.st_mode)) {
        errno = S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
        return false;
    }
    Buf buf = {.arena = arena};
    char chunk[FIRST];
    while (limit < 0 || buf.n < limit) {
        size_t want = sizeof chunk;
        if (limit >= 0 && limit - buf.n < (ptrdiff_t)want)
            want = (size_t)(limit - buf.n);
        ssize_t n = read(fd, chunk, want);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (n == 0)
            break;
        buf_add(&buf, (Str){chunk, n});
        if (buf.n > LARGEST) {
            errno = EFBIG;
            return false;
        }
    }
    *text = buf_str(&buf);
    return true;
}

bool small_file_read(Arena *arena, int folder, const char *path, ptrdiff_t limit, Str *text) {
    *text = (Str){0};
    int fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool ok = read_all(arena, fd, limit, text);
    int reason = errno;
    close(fd);
    errno = reason;
    return ok;
}

/* A temporary folder for unit tests that need files: folder_open() makes it and goes there,
 * folder_close() removes it with all that is in it. */
#ifndef HFFIX_TESTS_UNIT_FOLDER_H
#define HFFIX_TESTS_UNIT_FOLDER_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder_path[PATH_MAX];

static inline void folder_must(bool ok, const char *what) {
    if (ok)
        return;
    perror(what);
    exit(2);
}

static inline void folder_open(void) {
    const char *base = getenv("TMPDIR");
    snprintf(folder_path, sizeof folder_path, "%s/hffix-unit-XXXXXX",
             base && *base ? base : "/tmp");
    folder_must(mkdtemp(folder_path) && chdir(folder_path) == 0, folder_path);
}

/* Writes a file, making the folders above it; a path that ends in a slash is a folder alone. */
static inline void folder_write(const char *path, const char *text) {
    char part[PATH_MAX];
    for (size_t i = 0; path[i]; i++) {
        if (path[i] != '/')
            continue;
        memcpy(part, path, i);
        part[i] = 0;
        folder_must(mkdir(part, 0777) == 0 || errno == EEXIST, part);
    }
    if (path[strlen(path) - 1] == '/')
        return;
    FILE *file = fopen(path, "wb");
    folder_must(file && fputs(text, file) >= 0 && fclose(file) == 0, path);
}

static inline void folder_remove(int parent, const char *name) {
    if (unlinkat(parent, name, 0) == 0)
        return;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    folder_must(stream != NULL, name);
    for (struct dirent *entry; (entry = readdir(stream));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            folder_remove(fd, entry->d_name);
    closedir(stream);
    folder_must(unlinkat(parent, name, AT_REMOVEDIR) == 0, name);
}

static inline void folder_close(void) {
    folder_must(chdir("/") == 0, "/");
    folder_remove(AT_FDCWD, folder_path);
}

#endif

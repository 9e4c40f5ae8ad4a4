/* Folders near the root come first, up to a limit: what lies deeper than that is not looked at,
 * which costs evidence and no time. Ignore files do not hold, because a launch script that is not
 * committed launches all the same. */
#if defined(__linux__)
#define _DEFAULT_SOURCE /* DT_REG and its like */
#elif defined(__APPLE__)
#define _DARWIN_C_SOURCE
#endif

#include "project/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/list.h"
#include "project/folders.h"
#include "project/ignore_files.h"
#include "project/walk.h"

/* Of a folder that is no repository and declares nothing less is looked at: it may hold anything.
 */
enum { MOST_ENTRIES = 50000, MOST_ENTRIES_GUESSED = 2000, MOST_FOLDERS = 5000 };

typedef struct Listing {
    Arena *scratch;
    TreeFile *found;
    void *context;
    List(Str) folders;
    ptrdiff_t entries;
} Listing;

/* Hidden folders are tools' own, but for those that hold commands people write. */
static bool is_looked_into(Str name) {
    static const char *const hidden[] = {".github",    ".gitlab",       ".circleci", ".vscode",
                                         ".buildkite", ".devcontainer", ".ci",       ".slurm"};
    if (name.p[0] != '.')
        return !walk_is_outside(name);
    for (ptrdiff_t i = 0; i < COUNT(hidden); i++)
        if (str_eq(name, str_from(hidden[i])))
            return true;
    return false;
}

static bool is_folder(int folder, const struct dirent *entry, bool *file) {
#ifdef DT_UNKNOWN
    *file = entry->d_type == DT_REG;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
#endif
    struct stat info;
    bool known = fstatat(folder, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0;
    *file = known && S_ISREG(info.st_mode);
    return known && S_ISDIR(info.st_mode);
}

static void list_entry(Listing *listing, Str folder, int descriptor, const struct dirent *entry) {
    Arena *scratch = listing->scratch;
    Str name = str_from(entry->d_name);
    bool file;
    listing->entries++;
    if (is_folder(descriptor, entry, &file)) {
        if (is_looked_into(name) && listing->folders.n < MOST_FOLDERS)
            *list_push(scratch, &listing->folders) =
                str_format(scratch, "%.*s%.*s/", STR_ARG(folder), STR_ARG(name));
        return;
    }
    if (file)
        listing->found(listing->context, folder, name);
}

bool tree_visit(Arena *scratch, int root, bool guessed, TreeFile *found, void *context) {
    Listing listing = {.scratch = scratch, .found = found, .context = context};
    ptrdiff_t most = guessed ? MOST_ENTRIES_GUESSED : MOST_ENTRIES;
    *list_push(scratch, &listing.folders) = S("");
    ptrdiff_t i = 0;
    for (; i < listing.folders.n && listing.entries < most; i++) {
        Str folder = listing.folders.v[i];
        const char *path = folder.n ? str_c(scratch, folder) : ".";
        int fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *stream = fd < 0 ? NULL : fdopendir(fd);
        if (!stream) {
            if (fd >= 0)
                close(fd);
            continue;
        }
        for (struct dirent *entry; (entry = readdir(stream));)
            list_entry(&listing, folder, fd, entry);
        closedir(stream);
    }
    return i == listing.folders.n && i < MOST_FOLDERS;
}

static bool is_at_or_below(Str folder, Str root) {
    return str_starts(folder, root) &&
           (folder.n == root.n || str_ends(root, S("/")) || folder.p[root.n] == '/');
}

/* A home folder or the file system's root is nobody's project. */
static bool is_too_wide(Str folder) {
    return folder.n <= 1 || str_eq(folder, str_from(getenv("HOME")));
}

Str tree_root(Arena *arena, Str working, const Project *project, Str folder, bool *guessed) {
    *guessed = false;
    Str repository = ignore_repository(arena, folder);
    if (repository.n)
        return repository;
    while (project->outer)
        project = project->outer;
    if (project->folder.n) {
        Str inside = str_format(arena, "%.*s/x", STR_ARG(project->folder));
        Str declaring = folder_of_file(arena, working, inside);
        if (is_at_or_below(folder, declaring) && !is_too_wide(declaring))
            return declaring;
    }
    *guessed = true;
    if (is_at_or_below(folder, working) && !is_too_wide(working))
        return working;
    return folder;
}

/* The layout (huggingface_hub 2.4, file_download.py): CACHE/TYPEs--ORG--NAME/ holds blobs/HASH with
 * the bytes, snapshots/COMMIT/… with links to them, refs/NAME with a commit. Where the system has
 * no links, snapshots hold the files themselves and blobs/ is empty. Before 4.22 transformers kept
 * HASH.ETAG, HASH.ETAG.json (which says where it came from) and HASH.ETAG.lock side by side in one
 * folder. An entry's blobs are listed first, with a mark for what links to each; then its refs,
 * then its snapshots. Links are looked at, never followed into folders: a loop has no end. */
#define _XOPEN_SOURCE 700 /* lstat(), readlink() */
#include "cache/audit.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "checkpoint/file.h"
#include "checkpoint/json.h"

enum { DEEPEST = 32 };

typedef struct Blob {
    Str name;
    uint64_t bytes;
    bool linked, kept; /* by any snapshot; by one that a ref names */
} Blob;

typedef struct Audit {
    Arena *arena;
    CacheAudit *out;
    Str entry, what; /* the folder of what is looked at; its id */
    List(Blob) blobs;
    Str *refs; /* commits */
    ptrdiff_t n_refs;
    /* of the snapshot that is walked */
    bool named;
    uint64_t frees;
} Audit;

const char *cache_fault_name(CacheFault fault) {
    static const char *const names[] = {"old layout", "unfinished",    "orphaned blob",
                                        "no ref",     "dangling link", "dangling ref"};
    return names[fault];
}

const char *cache_fault_text(CacheFault fault) {
    static const char *const texts[] = {
        "from before transformers 4.22; nothing reads it",
        "a download that has not ended; unless one is running",
        "no snapshot has it",
        "no branch or tag names this snapshot; keep it if its hash is what you ask for",
        "its blob is gone",
        "its snapshot is gone",
    };
    return texts[fault];
}

/* ---- small things ---- */

static Str join(Arena *arena, Str folder, Str name) {
    return str_format(arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(name));
}

static Str quoted(Arena *arena, Str text) {
    Buf out = {.arena = arena};
    buf_add_byte(&out, '\'');
    for (ptrdiff_t i = 0; i < text.n; i++)
        buf_add(&out, text.p[i] == '\'' ? S("'\\''") : str_slice(text, i, i + 1));
    buf_add_byte(&out, '\'');
    return buf_str(&out);
}

static void find(Audit *a, CacheFault fault, Str what, Str path, uint64_t bytes, Str command) {
    *list_push(a->arena, &a->out->findings) = (CacheFinding){fault, what, path, bytes, command};
}

static void find_file(Audit *a, CacheFault fault, Str path, uint64_t bytes) {
    find(a, fault, a->what, path, bytes,
         str_format(a->arena, "rm -- %.*s", STR_ARG(quoted(a->arena, path))));
}

static int by_name(const void *a, const void *b) {
    const Str *x = a, *y = b;
    int order = memcmp(x->p, y->p, (size_t)(x->n < y->n ? x->n : y->n));
    return order ? order : (x->n > y->n) - (x->n < y->n);
}

typedef struct Names {
    Str *v;
    ptrdiff_t n, capacity;
} Names;

/* Sorted, so that a report does not depend on the file system. False: no such folder. */
static bool list_folder(Arena *arena, Str path, Names *out) {
    *out = (Names){0};
    DIR *folder = opendir(str_c(arena, path));
    if (!folder)
        return false;
    for (struct dirent *entry; (entry = readdir(folder));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            *list_push(arena, out) = str_copy(arena, str_from(entry->d_name));
    closedir(folder);
    if (out->n)
        qsort(out->v, (size_t)out->n, sizeof *out->v, by_name);
    return true;
}

/* ---- an entry of the hub ---- */

static void read_blobs(Audit *a) {
    Names names;
    Str folder = join(a->arena, a->entry, S("blobs"));
    a->blobs.n = a->blobs.capacity = 0;
    list_folder(a->arena, folder, &names);
    for (ptrdiff_t i = 0; i < names.n; i++) {
        struct stat info;
        Str path = join(a->arena, folder, names.v[i]);
        if (lstat(str_c(a->arena, path), &info) != 0 || !S_ISREG(info.st_mode))
            continue;
        uint64_t bytes = (uint64_t)info.st_size;
        a->out->bytes += bytes;
        if (str_ends(names.v[i], S(".incomplete")))
            find_file(a, CACHE_UNFINISHED, path, bytes);
        else
            *list_push(a->arena, &a->blobs) = (Blob){.name = names.v[i], .bytes = bytes};
    }
}

/* refs/main, and refs/refs/pr/1. */
static void read_refs(Audit *a, Str folder, int depth, Names *commits) {
    Names names;
    list_folder(a->arena, folder, &names);
    for (ptrdiff_t i = 0; i < names.n; i++) {
        struct stat info;
        Str path = join(a->arena, folder, names.v[i]), text;
        if (lstat(str_c(a->arena, path), &info) != 0)
            continue;
        if (S_ISDIR(info.st_mode) && depth < DEEPEST)
            read_refs(a, path, depth + 1, commits);
        Reasons unread = {.arena = a->arena};
        if (!S_ISREG(info.st_mode) || info.st_size > 4096 ||
            file_read(a->arena, folder, names.v[i], &text, &unread) != FILE_OK)
            continue;
        Str commit = str_trim(text),
            snapshot = join(a->arena, join(a->arena, a->entry, S("snapshots")), commit);
        *list_push(a->arena, commits) = commit;
        if (!commit.n || str_find_byte(commit, '/') >= 0 ||
            lstat(str_c(a->arena, snapshot), &info) != 0)
            find_file(a, CACHE_DANGLING_REF, path, (uint64_t)text.n);
    }
}

static Blob *blob_of(Audit *a, Str name) {
    ptrdiff_t low = 0, high = a->blobs.n;
    while (low < high) {
        ptrdiff_t middle = (low + high) / 2;
        int order = by_name(&name, &a->blobs.v[middle].name);
        if (order == 0)
            return &a->blobs.v[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static void walk_link(Audit *a, Str path) {
    char target[4096];
    struct stat info;
    ssize_t n = readlink(str_c(a->arena, path), target, sizeof target);
    if (n <= 0)
        return;
    Str to = {target, (ptrdiff_t)n};
    Blob *blob = blob_of(a, path_name(to));
    if (stat(str_c(a->arena, path), &info) != 0 && (errno == ENOENT || errno == ELOOP)) {
        find_file(a, CACHE_DANGLING_LINK, path, 0);
        return;
    }
    if (!blob)
        return;
    if (!a->named && !blob->linked) /* else another one has it, too */
        a->frees += blob->bytes;
    blob->linked = true;
    blob->kept |= a->named;
}

static void walk_snapshot(Audit *a, Str folder, int depth) {
    Names names;
    list_folder(a->arena, folder, &names);
    for (ptrdiff_t i = 0; i < names.n; i++) {
        struct stat info;
        Str path = join(a->arena, folder, names.v[i]);
        if (lstat(str_c(a->arena, path), &info) != 0)
            continue;
        if (S_ISLNK(info.st_mode)) {
            walk_link(a, path);
        } else if (S_ISDIR(info.st_mode) && depth < DEEPEST) {
            walk_snapshot(a, path, depth + 1);
        } else if (S_ISREG(info.st_mode)) { /* a system without links */
            a->out->bytes += (uint64_t)info.st_size;
            a->frees += (uint64_t)info.st_size;
        }
    }
}

/* Those that a ref names first, so that what they hold counts for none of the others. */
static void read_snapshots(Audit *a) {
    Names names;
    Str folder = join(a->arena, a->entry, S("snapshots"));
    list_folder(a->arena, folder, &names);
    for (int named = 1; named >= 0; named--)
        for (ptrdiff_t i = 0; i < names.n; i++) {
            bool found = false;
            for (ptrdiff_t k = 0; k < a->n_refs; k++)
                found |= str_eq(a->refs[k], names.v[i]);
            if (found != (named == 1))
                continue;
            a->named = found;
            a->frees = 0;
            Str path = join(a->arena, folder, names.v[i]);
            walk_snapshot(a, path, 0);
            if (!found)
                find(a, CACHE_SNAPSHOT, a->what, path, a->frees,
                     str_format(a->arena, "hf cache rm %.*s --cache-dir %.*s",
                                STR_ARG(quoted(a->arena, names.v[i])),
                                STR_ARG(quoted(a->arena, a->out->folder))));
        }
}

/* "models--org--name" is "org/name"; of what is no model the kind stays in front. */
static Str id_of(Arena *arena, Str name) {
    Buf out = {.arena = arena};
    Str rest = str_starts(name, S("models--")) ? str_slice(name, S("models--").n, name.n) : name;
    for (ptrdiff_t i = 0; i < rest.n; i++) {
        bool dashes = str_starts(str_slice(rest, i, rest.n), S("--"));
        buf_add(&out, dashes ? S("/") : str_slice(rest, i, i + 1));
        i += dashes;
    }
    return buf_str(&out);
}

static void audit_entry(Audit *a, Str name) {
    Names commits = {0};
    a->entry = join(a->arena, a->out->folder, name);
    a->what = id_of(a->arena, name);
    a->out->entries++;
    read_blobs(a);
    read_refs(a, join(a->arena, a->entry, S("refs")), 0, &commits);
    a->refs = commits.v;
    a->n_refs = commits.n;
    read_snapshots(a);
    for (ptrdiff_t i = 0; i < a->blobs.n; i++)
        if (!a->blobs.v[i].linked)
            find_file(a, CACHE_BLOB,
                      join(a->arena, join(a->arena, a->entry, S("blobs")), a->blobs.v[i].name),
                      a->blobs.v[i].bytes);
}

/* ---- the old layout ---- */

/* SHA-256 of the address, and of the etag: "HASH.HASH", or "HASH" alone, or with ".h5" behind. */
static bool is_old_name(Str name) {
    ptrdiff_t parts = 0;
    if (str_ends(name, S(".h5")))
        name.n -= S(".h5").n;
    for (Str part, rest = name; rest.n; parts++) {
        str_cut(rest, '.', &part, &rest);
        if (part.n != 64)
            return false;
        for (ptrdiff_t i = 0; i < part.n; i++)
            if (!(part.p[i] >= '0' && part.p[i] <= '9') && !(part.p[i] >= 'a' && part.p[i] <= 'f'))
                return false;
    }
    return parts == 1 || parts == 2;
}

static Str address(Audit *a, Str name) {
    Str text;
    Reasons unread = {.arena = a->arena};
    Str beside = str_format(a->arena, "%.*s.json", STR_ARG(name));
    if (file_read(a->arena, a->out->folder, beside, &text, &unread) != FILE_OK || text.n > 65536)
        return name;
    JsonDoc *doc = json_parse(a->arena, text, JSON_DEPTH_PYTHON, beside, &unread);
    Str url = str_copy(a->arena, json_str(json_get(json_root(doc), "url")));
    json_close(doc);
    return url.n ? url : name;
}

static void audit_old_file(Audit *a, Str name) {
    static const char *const beside[] = {"", ".json", ".lock"};
    Buf command = {.arena = a->arena};
    uint64_t bytes = 0;
    buf_add(&command, S("rm --"));
    for (int i = 0; i < COUNT(beside); i++) {
        struct stat info;
        Str path =
            str_format(a->arena, "%.*s/%.*s%s", STR_ARG(a->out->folder), STR_ARG(name), beside[i]);
        if (lstat(str_c(a->arena, path), &info) != 0)
            continue;
        bytes += S_ISREG(info.st_mode) ? (uint64_t)info.st_size : 0;
        buf_format(&command, " %.*s", STR_ARG(quoted(a->arena, path)));
    }
    a->out->entries++;
    a->out->bytes += bytes;
    find(a, CACHE_OLD_LAYOUT, address(a, name), join(a->arena, a->out->folder, name), bytes,
         buf_str(&command));
}

bool cache_audit(Arena *arena, Str folder, CacheAudit *out) {
    Names names;
    *out = (CacheAudit){.folder = folder};
    Audit audit = {.arena = arena, .out = out};
    if (!list_folder(arena, folder, &names))
        return false;
    for (ptrdiff_t i = 0; i < names.n; i++) {
        static const char *const kinds[] = {"models--", "datasets--", "spaces--"};
        struct stat info;
        Str path = join(arena, folder, names.v[i]);
        if (lstat(str_c(arena, path), &info) != 0)
            continue;
        bool entry = false;
        for (int k = 0; k < COUNT(kinds); k++)
            entry |= S_ISDIR(info.st_mode) && str_starts(names.v[i], str_from(kinds[k]));
        if (entry)
            audit_entry(&audit, names.v[i]);
        else if (S_ISREG(info.st_mode) && is_old_name(names.v[i]))
            audit_old_file(&audit, names.v[i]);
        else if (S_ISREG(info.st_mode) && str_starts(names.v[i], S("tmp")) &&
                 names.v[i].n == 11) /* tempfile's name: where 4.x downloaded to */
            audit.what = names.v[i],
            find_file(&audit, CACHE_UNFINISHED, path, (uint64_t)info.st_size);
    }
    return true;
}

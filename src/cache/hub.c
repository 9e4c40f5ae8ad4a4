/* The cache's layout (huggingface_hub, "Understand caching"): CACHE/models--ORG--NAME/ holds
 * refs/REVISION, a file with a commit's hash, and snapshots/HASH/, a folder of links. A revision
 * may also be a hash itself. */
#include "cache/hub.h"

#include <stdlib.h>

#include "base/byte.h"
#include "base/path.h"
#include "checkpoint/file.h"

static Str variable(const char *name) {
    return str_from(getenv(name));
}

Str hub_cache(Arena *arena) {
    Str cache = variable("HF_HUB_CACHE");
    if (!cache.n)
        cache = variable("HUGGINGFACE_HUB_CACHE");
    if (cache.n)
        return cache;
    Str home = variable("HF_HOME");
    if (home.n)
        return str_format(arena, "%.*s/hub", STR_ARG(home));
    Str xdg = variable("XDG_CACHE_HOME");
    if (xdg.n)
        return str_format(arena, "%.*s/huggingface/hub", STR_ARG(xdg));
    return str_format(arena, "%.*s/.cache/huggingface/hub", STR_ARG(variable("HOME")));
}

/* An id is NAME or ORG/NAME of letters, digits, '-', '_' and '.', without "..". */
static bool is_id(Str name) {
    int slashes = 0;
    for (ptrdiff_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool word = byte_is_letter(c) || byte_is_digit(c) || c == '-' || c == '_' || c == '.';
        slashes += c == '/';
        if (!word && c != '/')
            return false;
    }
    return name.n > 0 && name.n < 200 && slashes <= 1 && name.p[0] != '/' &&
           name.p[name.n - 1] != '/' && str_find(name, S("..")) < 0;
}

static bool find_snapshot(Arena *arena, Str name, Str revision, Str *folder) {
    Buf entry = {.arena = arena};
    buf_format(&entry, "%.*s/models--", STR_ARG(hub_cache(arena)));
    for (ptrdiff_t i = 0; i < name.n; i++)
        buf_add(&entry, name.p[i] == '/' ? S("--") : str_slice(name, i, i + 1));
    Str at = str_copy(arena, buf_str(&entry)), hash;
    Reasons unread = {.arena = arena};
    Str ref = str_format(arena, "refs/%.*s", STR_ARG(revision));
    if (str_find(revision, S("..")) >= 0)
        return false;
    if (file_read(arena, at, ref, &hash, &unread) != FILE_OK)
        hash = revision;
    hash = str_trim(hash);
    *folder = str_format(arena, "%.*s/snapshots/%.*s", STR_ARG(at), STR_ARG(hash));
    return hash.n > 0 && str_find_byte(hash, '/') < 0 && str_find(hash, S("..")) < 0 &&
           path_is_folder(arena, *folder);
}

static bool find_below(Arena *arena, Str models, Str name, Str *folder) {
    Str owner, rest, last = path_name(name);
    str_cut(name, '/', &owner, &rest);
    const Str spellings[] = {name, str_format(arena, "%.*s--%.*s", STR_ARG(owner), STR_ARG(rest)),
                             last};
    for (ptrdiff_t i = 0; i < COUNT(spellings); i++) {
        *folder = str_format(arena, "%.*s/%.*s", STR_ARG(models), STR_ARG(spellings[i]));
        if (path_is_folder(arena, *folder))
            return true;
    }
    return false;
}

bool hub_find(Arena *arena, Str name, Str revision, Str models, Str *folder) {
    *folder = name;
    if (path_is_folder(arena, name))
        return true;
    if (!is_id(name))
        return false;
    if (models.n && find_below(arena, models, name, folder))
        return true;
    return find_snapshot(arena, name, revision.n ? revision : S("main"), folder);
}

bool hub_find_near(Arena *arena, Str name, Str base, Str *folder) {
    if (!name.n || name.p[0] == '/' || !base.n)
        return false;
    *folder = str_format(arena, "%.*s/%.*s", STR_ARG(base), STR_ARG(name));
    return path_is_folder(arena, *folder);
}

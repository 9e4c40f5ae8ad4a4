/* The module is looked for in the file's folder and in those above it, up to the repository's root
 * or the working directory, in each also below src/; where two of them have it, which one Python
 * means depends on how the program is started, so the answer is none.
 *
 * In the module, one import at its top level must bring the name, with nothing else that could bind
 * it: the name may be called there, and attributes of it read, but it stands nowhere else, and no
 * `import *` is in the module. */
#define _XOPEN_SOURCE 700 /* faccessat */

#include "project/reexports.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/list.h"
#include "project/folders.h"
#include "project/ignore_files.h"
#include "project/small_file.h"
#include "syntax/syntax.h"

enum { BUCKETS = 1024, MOST_BYTES = 256 * 1024, MOST_FOLDERS = 32 };

typedef struct Answered {
    Str folder, qualified, answer;
    struct Answered *next;
} Answered;

/* What a folder holds that can be imported, by name; and the repository that it is in. */
typedef struct Listing {
    Str folder, repository;
    List(Str) names;
    struct Listing *next;
} Listing;

/* A module of a project; no tree where it can't be parsed. */
typedef struct ModuleFile {
    Str path, text;
    bool is_parsed;
    const Tree *tree;
} ModuleFile;

struct Reexports {
    pthread_mutex_t lock;
    Arena arena;
    Parser *parser;
    Str working;
    Answered *bucket[BUCKETS];
    Listing *listings[BUCKETS];
    List(ModuleFile) files;
};

Reexports *reexports_open(Arena *arena) {
    Reexports *reexports = new (arena, Reexports, 1);
    pthread_mutex_init(&reexports->lock, NULL);
    reexports->working = folder_working(&reexports->arena);
    return reexports;
}

void reexports_close(Reexports *reexports) {
    if (reexports->parser)
        parser_close(reexports->parser);
    pthread_mutex_destroy(&reexports->lock);
    arena_close(&reexports->arena);
}

/* ---- the file ---- */

static int compare_names(const void *a, const void *b) {
    return str_compare(*(const Str *)a, *(const Str *)b);
}

static void read_names(Reexports *reexports, Listing *listing) {
    DIR *stream = opendir(str_c(&reexports->arena, listing->folder));
    for (struct dirent *entry; stream && (entry = readdir(stream));) {
        Str name = str_from(entry->d_name);
        if (str_ends(name, S(".py")))
            name = str_slice(name, 0, name.n - 3);
        if (name.n && str_find_byte(name, '.') < 0)
            *list_push(&reexports->arena, &listing->names) = str_copy(&reexports->arena, name);
    }
    if (stream)
        closedir(stream);
    if (listing->names.n)
        qsort(listing->names.v, (size_t)listing->names.n, sizeof(Str), compare_names);
}

/* Every folder is read once: most names that files import are in none of them. */
static const Listing *listing_of(Reexports *reexports, Str folder) {
    Listing **bucket = &reexports->listings[str_hash(folder) % BUCKETS];
    for (Listing *listing = *bucket; listing; listing = listing->next)
        if (str_eq(listing->folder, folder))
            return listing;
    Listing *listing = new (&reexports->arena, Listing, 1);
    *listing = (Listing){.folder = str_copy(&reexports->arena, folder), .next = *bucket};
    listing->repository = ignore_repository(&reexports->arena, listing->folder);
    read_names(reexports, listing);
    *bucket = listing;
    return listing;
}

/* Whether "a" of "a.b" may be there. */
static bool may_hold(Reexports *reexports, Str folder, Str module) {
    Str top, rest;
    str_cut(module, '.', &top, &rest);
    const Listing *listing = listing_of(reexports, folder);
    return listing->names.n && bsearch(&top, listing->names.v, (size_t)listing->names.n,
                                       sizeof(Str), compare_names) != NULL;
}

static bool is_file(Arena *arena, Str path) {
    struct stat info;
    return stat(str_c(arena, path), &info) == 0 && S_ISREG(info.st_mode);
}

/* FOLDER/a/b.py or FOLDER/a/b/__init__.py for "a.b"; false: neither, or both. */
static bool module_below(Arena *arena, Str folder, Str module, Str *path) {
    char *slashed = str_c(arena, module);
    for (ptrdiff_t i = 0; i < module.n; i++)
        if (slashed[i] == '.')
            slashed[i] = '/';
    Str file = str_format(arena, "%.*s/%s.py", STR_ARG(folder), slashed);
    Str package = str_format(arena, "%.*s/%s/__init__.py", STR_ARG(folder), slashed);
    bool is_module = module.n && is_file(arena, file);
    if (!module.n) /* `from . import X` */
        package = str_format(arena, "%.*s/__init__.py", STR_ARG(folder));
    bool is_package = is_file(arena, package);
    *path = is_module ? file : package;
    return is_module != is_package;
}

static Str above(Str folder) {
    ptrdiff_t slash = str_rfind_byte(folder, '/');
    return slash < 0 ? (Str){0} : str_slice(folder, 0, slash);
}

static bool find_absolute(Reexports *reexports, Str folder, Str module, Str *path) {
    Arena *arena = &reexports->arena;
    Str top = listing_of(reexports, folder)->repository;
    if (!top.n)
        top = str_starts(folder, reexports->working) ? reexports->working : folder;
    int found = 0;
    for (int i = 0; i < MOST_FOLDERS && folder.n >= top.n && folder.n; i++) {
        Str at[] = {folder, str_format(arena, "%.*s/src", STR_ARG(folder))}, one;
        for (int k = 0; k < 2; k++)
            if (may_hold(reexports, at[k], module) && module_below(arena, at[k], module, &one)) {
                found += !found || !str_eq(*path, one);
                *path = one;
            }
        folder = above(folder);
    }
    return found == 1;
}

static bool find_module(Reexports *reexports, Str folder, Str module, Str *path) {
    if (!str_starts(module, S(".")))
        return module.n && find_absolute(reexports, folder, module, path);
    module = str_slice(module, 1, module.n);
    for (; str_starts(module, S(".")); module = str_slice(module, 1, module.n))
        folder = above(folder);
    return folder.n && module_below(&reexports->arena, folder, module, path);
}

/* ---- the module ---- */

static ModuleFile *read_module(Reexports *reexports, Str path) {
    for (ptrdiff_t i = 0; i < reexports->files.n; i++)
        if (str_eq(reexports->files.v[i].path, path))
            return &reexports->files.v[i];
    ModuleFile *file = list_push(&reexports->arena, &reexports->files);
    *file = (ModuleFile){.path = path};
    if (!small_file_read(&reexports->arena, AT_FDCWD, str_c(&reexports->arena, path),
                         MOST_BYTES + 1, &file->text) ||
        file->text.n > MOST_BYTES)
        file->text = (Str){0};
    return file;
}

/* Whether a line at the module's top level defines the name, as most modules do with what others
 * import from them: they need not be parsed. */
static bool defines(Str text, Str name) {
    static const Str before[] = {S(""), S("class "), S("def "), S("async def ")};
    for (ptrdiff_t from = 0, at; (at = str_find(str_slice(text, from, text.n), name)) >= 0;) {
        at += from;
        from = at + name.n;
        char next = from < text.n ? text.p[from] : '\n';
        for (ptrdiff_t i = 0; i < COUNT(before); i++) {
            ptrdiff_t start = at - before[i].n;
            bool line = start == 0 || (start > 0 && text.p[start - 1] == '\n');
            if (line && str_eq(str_slice(text, start, at), before[i]) &&
                str_find_byte(S("(:= "), next) >= 0)
                return true;
        }
    }
    return false;
}

static const Tree *parsed(Reexports *reexports, ModuleFile *file) {
    if (!reexports->parser)
        reexports->parser = parser_open();
    if (file->tree || file->is_parsed || !reexports->parser)
        return file->tree;
    file->is_parsed = true;
    Tree *tree = syntax_parse(reexports->parser, &reexports->arena, GRAMMAR_PYTHON, file->text);
    file->tree = tree && tree->n > 1 && tree->rows[1].has_error ? NULL : tree;
    return file->tree;
}

/* What the element of a from-import brings under that name; empty: it brings another. */
static Str brought(Arena *arena, const Tree *tree, Node module, Node element, Str name) {
    bool renamed = node_kind(tree, element) == NODE_ALIASED_IMPORT;
    Node own = renamed ? node_field(tree, element, FIELD_NAME) : element;
    Node local = renamed ? node_field(tree, element, FIELD_ALIAS) : element;
    if (!str_eq(node_text(tree, local), name))
        return (Str){0};
    return str_format(arena, "%.*s.%.*s", STR_ARG(node_text(tree, module)),
                      STR_ARG(node_text(tree, own)));
}

/* Called, or read for an attribute. */
static bool only_reads(const Tree *tree, Node identifier) {
    Node parent = node_parent(tree, identifier);
    Kind kind = node_kind(tree, parent);
    return (kind == NODE_CALL && node_field(tree, parent, FIELD_FUNCTION) == identifier) ||
           (kind == NODE_ATTRIBUTE && node_field(tree, parent, FIELD_OBJECT) == identifier);
}

static Str find_import(Arena *arena, const Tree *tree, Str name) {
    Str found = {0};
    Node holder = 0;
    int n = 0;
    for (Node node = 1; node < tree->n; node++) {
        Kind kind = node_kind(tree, node);
        if (kind == NODE_WILDCARD_IMPORT)
            return (Str){0};
        if (kind != NODE_IMPORT_FROM_STATEMENT)
            continue;
        Node module = node_field(tree, node, FIELD_MODULE_NAME);
        for (Node child = node_next_named(tree, module); child;
             child = node_next_named(tree, child)) {
            Str one = brought(arena, tree, module, child, name);
            if (!one.n)
                continue;
            n++;
            found = node_kind(tree, module) == NODE_DOTTED_NAME ? one : (Str){0};
            holder = node;
        }
    }
    if (n != 1 || node_parent(tree, holder) != 1)
        return (Str){0};
    for (Node node = 1; node < tree->n; node++)
        if (node_kind(tree, node) == NODE_IDENTIFIER && str_eq(node_text(tree, node), name) &&
            !node_within(tree, node, holder) && !only_reads(tree, node))
            return (Str){0};
    return found;
}

static Str look_up(Reexports *reexports, Str folder, Str qualified) {
    ptrdiff_t dot = str_rfind_byte(qualified, '.');
    Str name = str_slice(qualified, dot + 1, qualified.n), path;
    Str module = str_slice(qualified, 0, dot);
    /* The dots of `from . import X` are the level, none of them a separator. */
    if (dot >= 0 && (dot == 0 || qualified.p[dot - 1] == '.'))
        module = str_slice(qualified, 0, dot + 1);
    if (!name.n || !find_module(reexports, folder, module, &path))
        return (Str){0};
    ModuleFile *file = read_module(reexports, path);
    if (str_find(file->text, name) < 0 || defines(file->text, name))
        return (Str){0};
    const Tree *tree = parsed(reexports, file);
    return tree ? find_import(&reexports->arena, tree, name) : (Str){0};
}

/* ---- public ---- */

Str reexport_of(const Project *project, Str path, Str qualified) {
    Reexports *reexports = project->reexports;
    if (!reexports)
        return (Str){0};
    pthread_mutex_lock(&reexports->lock);
    Arena *arena = &reexports->arena;
    ArenaMark mark = arena_mark(arena);
    Str folder = folder_of_file(arena, reexports->working, path);
    Answered **bucket = &reexports->bucket[(str_hash(folder) ^ str_hash(qualified)) % BUCKETS];
    Answered *answered = *bucket;
    while (answered &&
           !(str_eq(answered->qualified, qualified) && str_eq(answered->folder, folder)))
        answered = answered->next;
    if (answered) {
        arena_reset(arena, mark);
    } else {
        answered = new (arena, Answered, 1);
        *answered = (Answered){.folder = str_copy(arena, folder),
                               .qualified = str_copy(arena, qualified),
                               .next = *bucket};
        answered->answer = look_up(reexports, answered->folder, answered->qualified);
        *bucket = answered;
    }
    Str answer = answered->answer;
    pthread_mutex_unlock(&reexports->lock);
    return answer;
}

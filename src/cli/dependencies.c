/* Needs come file by file and are settled when the last file is done, because a list is edited once
 * for all of them. Where no list can be edited, a note stands where the first edit needs the
 * library. */
#include "cli/dependencies.h"

#include <stdlib.h>

#include "transform/needs.h"

/* ---- collecting ---- */

/* https://peps.python.org/pep-0723/ */
static bool lists_its_own(Str text) {
    return str_starts(text, S("# /// script")) || str_find(text, S("\n# /// script")) >= 0;
}

static Str folder_of(const DependencySite *site) {
    return site->project ? site->project->folder : (Str){0};
}

static bool is_known(const Dependencies *dependencies, const Project *project,
                     const NewNeed *need) {
    for (ptrdiff_t i = 0; i < dependencies->sites.n; i++) {
        const DependencySite *site = &dependencies->sites.v[i];
        if (!site->project == !project && (!project || str_eq(folder_of(site), project->folder)) &&
            str_eq(site->need.transform, need->transform) &&
            str_eq(site->need.need.library, need->need.library))
            return true;
    }
    return false;
}

void dependencies_collect(Dependencies *dependencies, Projects *projects, const Document *document,
                          ptrdiff_t piece, const Outcome *outcome) {
    if (document->kind == DOCUMENT_PAGE || !outcome->n_needs)
        return;
    Arena *arena = dependencies->arena;
    bool own = lists_its_own(document->pieces[piece]->text);
    const Project *project = own ? NULL : project_of(projects, document->path);
    for (ptrdiff_t i = 0; i < outcome->n_needs; i++) {
        NewNeed need = outcome->needs[i];
        /* Magic lines of a notebook stand in its bytes alone. */
        bool installed = document->kind == DOCUMENT_NOTEBOOK &&
                         text_installs(document->bytes, need.need.library);
        if (installed || is_known(dependencies, project, &need))
            continue;
        DocumentPlace place = document_place(document, arena, piece, need.line);
        need.line = place.line;
        need.column += place.before;
        need.transform = str_copy(arena, need.transform);
        Str path = document_join_path(arena, document->path, place.part);
        *list_push(arena, &dependencies->sites) = (DependencySite){project, path, need};
    }
}

/* ---- settling ---- */

typedef List(const DependencySite *) Sites;
typedef List(NewDependency) Needed;

static int by_library(const void *a, const void *b) {
    return str_compare(((const NewDependency *)a)->library, ((const NewDependency *)b)->library);
}

/* Each library once, with the highest floor. */
static Needed needed_of(Arena *arena, const Sites *sites) {
    Needed needed = {0};
    for (ptrdiff_t i = 0; i < sites->n; i++) {
        Need need = sites->v[i]->need.need;
        NewDependency *same = NULL;
        for (ptrdiff_t k = 0; k < needed.n; k++)
            if (str_eq(needed.v[k].library, need.library))
                same = &needed.v[k];
        Version floor, other;
        if (!same)
            *list_push(arena, &needed) =
                (NewDependency){.library = need.library, .floor = need.floor};
        else if (version_parse(need.floor, &floor) &&
                 (!version_parse(same->floor, &other) || version_compare(floor, other) > 0))
            same->floor = need.floor;
    }
    if (needed.n)
        qsort(needed.v, (size_t)needed.n, sizeof *needed.v, by_library);
    return needed;
}

static const NewDependency *find(const Needed *needed, const DependencySite *site) {
    for (ptrdiff_t i = 0; i < needed->n; i++)
        if (str_eq(needed->v[i].library, site->need.need.library))
            return &needed->v[i];
    return NULL;
}

static void add_mark(Arena *arena, DependencyChange *change, const NewDependency *added,
                     const DependencySite *site) {
    change->marks[change->n_marks++] =
        (DiffMark){added->line, str_copy(arena, site->need.transform)};
}

static void add_note(Arena *arena, DependencyChange *change, Str path, uint32_t line,
                     uint32_t column, Str transform, Str text) {
    *list_push(arena, &change->notes) = (DependencyNote){
        path, {.transform = transform, .line = line, .column = column, .text = text}};
}

/* "accelerate>=0.26 and bitsandbytes>=0.39": what the transform needs of what is missing. */
static Str said(Arena *arena, const Sites *sites, const Needed *needed, Str transform) {
    Buf out = {.arena = arena};
    for (ptrdiff_t i = 0; i < sites->n; i++) {
        const NewDependency *one = find(needed, sites->v[i]);
        if (!one || !str_eq(sites->v[i]->need.transform, transform))
            continue;
        buf_format(&out, "%s%.*s%s%.*s", out.n ? " and " : "", STR_ARG(one->library),
                   one->floor.n ? ">=" : "", STR_ARG(one->floor));
    }
    return buf_str(&out);
}

/* Why nothing is edited, behind "this needs accelerate>=0.26". */
static Str reason(Arena *arena, const DependencySite *site, const DependencyEdit *edit) {
    if (!site->project)
        return S(": add it to the script's own list of dependencies");
    if (!edit->path.n)
        return S(", and there is no dependency list to add it to");
    return edit->frozen ? str_format(arena, ": %.*s %s, so add it where that file is made from",
                                     STR_ARG(edit->path), edit->frozen)
                        : str_format(arena, ": add it to %.*s", STR_ARG(edit->path));
}

/* One note for each transform, at its first edit. */
static void note_needs(Arena *arena, DependencyChange *change, const Sites *sites,
                       const Needed *needed) {
    const DependencyEdit *edit = &change->edit;
    for (ptrdiff_t i = 0; i < sites->n; i++) {
        const DependencySite *site = sites->v[i];
        bool first = find(needed, site) != NULL;
        for (ptrdiff_t k = 0; k < i && first; k++)
            first = !find(needed, sites->v[k]) ||
                    !str_eq(sites->v[k]->need.transform, site->need.transform);
        if (!first)
            continue;
        Str what = said(arena, sites, needed, site->need.transform);
        Str why = reason(arena, site, edit);
        Str text = str_format(arena, "this needs %.*s%.*s", STR_ARG(what), STR_ARG(why));
        add_note(arena, change, site->path, site->need.line, site->need.column,
                 site->need.transform, text);
    }
}

static void mark_additions(Arena *arena, DependencyChange *change, const Sites *sites,
                           const Needed *needed) {
    change->marks = new (arena, DiffMark, sites->n);
    const DependencySite *first = NULL;
    uint32_t line = 0;
    for (ptrdiff_t i = 0; i < sites->n; i++) {
        const NewDependency *added = find(needed, sites->v[i]);
        if (!added)
            continue;
        add_mark(arena, change, added, sites->v[i]);
        if (!first) {
            first = sites->v[i];
            line = added->line;
        }
    }
    if (first && change->edit.stale.n)
        add_note(arena, change, change->edit.path, line, 1, first->need.transform,
                 str_format(arena, "%.*s is made from this file: make it again",
                            STR_ARG(change->edit.stale)));
}

static DependencyChange settle(Arena *arena, Parser *parser, const Sites *sites, bool told) {
    DependencyChange change = {0};
    Needed needed = needed_of(arena, sites);
    const Project *project = sites->v[0]->project;
    if (project)
        change.edit = dependencies_add(arena, parser, project, needed.v, &needed.n);
    if (told || !change.edit.text.n) {
        change.edit.text = (Str){0};
        note_needs(arena, &change, sites, &needed);
    } else {
        mark_additions(arena, &change, sites, &needed);
    }
    return change;
}

DependencyChanges dependencies_settle(Dependencies *dependencies, bool told) {
    Arena *arena = dependencies->arena;
    ptrdiff_t n = dependencies->sites.n;
    DependencyChanges changes = {.v = new (arena, DependencyChange, n)};
    bool *done = new (arena, bool, n);
    Parser *parser = n ? parser_open() : NULL;
    for (ptrdiff_t i = 0; i < n && parser; i++) {
        const DependencySite *first = &dependencies->sites.v[i];
        Sites sites = {0};
        for (ptrdiff_t k = i; k < n && !done[i]; k++) {
            const DependencySite *site = &dependencies->sites.v[k];
            if (!site->project == !first->project && str_eq(folder_of(site), folder_of(first)))
                *list_push(arena, &sites) = site;
        }
        for (ptrdiff_t k = 0; k < sites.n; k++)
            done[sites.v[k] - dependencies->sites.v] = true;
        if (sites.n)
            changes.v[changes.n++] = settle(arena, parser, &sites, told);
    }
    if (parser)
        parser_close(parser);
    return changes;
}

/* A project is looked at once, however many files it has. An outer project counts too: its lists
 * are those of the inner one that declares nothing of a library. */
#include "cli/bump.h"

static const Str MARK = {"--bump", 6};

typedef List(const Project *) ProjectList;

static void add_project(Arena *arena, ProjectList *list, const Project *project) {
    for (; project && project->folder.n; project = project->outer) {
        for (ptrdiff_t i = 0; i < list->n; i++)
            if (str_eq(list->v[i]->folder, project->folder))
                return;
        *list_push(arena, list) = project;
    }
}

ListBumps list_bumps(Arena *arena, Parser *parser, Projects *projects, const Jobs *jobs,
                     const Target *targets, ptrdiff_t n) {
    ProjectList list = {0};
    ListBumps bumps = {0};
    const Project *last = NULL;
    for (ptrdiff_t i = 0; i < jobs->n; i++) {
        const Project *project = project_of(projects, jobs->v[i].path);
        if (project != last)
            add_project(arena, &list, project);
        last = project;
    }
    for (ptrdiff_t i = 0; i < list.n; i++) {
        ListFiles files = list_files(arena, parser, list.v[i]);
        for (ptrdiff_t k = 0; k < files.n; k++) {
            ListBump bump = {.list = files.v[k]};
            bump.text = requirements_bump(&files.v[k].file, targets, n, &bump.bumps);
            if (bump.bumps.n)
                *list_push(arena, &bumps) = bump;
        }
    }
    return bumps;
}

/* ---- changes ---- */

static void add_note(Arena *arena, DependencyChange *change, Str path, uint32_t line, Str text) {
    *list_push(arena, &change->notes) =
        (DependencyNote){path, {.transform = MARK, .line = line, .column = 1, .text = text}};
}

static void add_lines(Arena *arena, const ListBump *bump, DependencyChange *change) {
    DiffMark *marks = new (arena, DiffMark, change->n_marks + bump->bumps.n);
    for (ptrdiff_t i = 0; i < change->n_marks; i++)
        marks[i] = change->marks[i];
    change->marks = marks;
    for (ptrdiff_t i = 0; i < bump->bumps.n; i++) {
        const Bump *one = &bump->bumps.v[i];
        if (one->after.n)
            marks[change->n_marks++] = (DiffMark){one->line, MARK};
        else
            add_note(arena, change, bump->list.path, one->line,
                     str_format(arena, "%.*s leaves out the target, and %.*s", STR_ARG(one->before),
                                STR_ARG(one->why)));
    }
}

/* Moves what the edit of the same file left as it was. */
static void merge(Arena *arena, Parser *parser, const ListBump *bump, const Target *targets,
                  ptrdiff_t n, DependencyChange *change) {
    Bumps again = {0};
    RequirementFile file = requirement_file(arena, parser, bump->list.file.file, change->edit.text);
    change->edit.text = requirements_bump(&file, targets, n, &again);
    add_lines(arena, bump, change);
}

static DependencyChange change_of(Arena *arena, const ListBump *bump) {
    DependencyChange change = {0};
    bool moved = !str_eq(bump->text, bump->list.file.text);
    add_lines(arena, bump, &change);
    if (!moved)
        return change;
    change.edit = (DependencyEdit){
        .path = bump->list.path, .bytes = bump->list.file.text, .text = bump->text};
    if (bump->list.stale.n)
        add_note(arena, &change, bump->list.path, bump->bumps.v[0].line,
                 str_format(arena, "%.*s is made from this file: make it again",
                            STR_ARG(bump->list.stale)));
    return change;
}

void list_bumps_add(Arena *arena, Parser *parser, const ListBumps *bumps, const Target *targets,
                    ptrdiff_t n, DependencyChanges *changes) {
    DependencyChange *all = new (arena, DependencyChange, changes->n + bumps->n);
    for (ptrdiff_t i = 0; i < changes->n; i++)
        all[i] = changes->v[i];
    changes->v = all;
    ptrdiff_t edited = changes->n;
    for (ptrdiff_t i = 0; i < bumps->n; i++) {
        const ListBump *bump = &bumps->v[i];
        DependencyChange *same = NULL;
        for (ptrdiff_t k = 0; k < edited; k++)
            if (all[k].edit.text.n && str_eq(all[k].edit.path, bump->list.path))
                same = &all[k];
        if (same)
            merge(arena, parser, bump, targets, n, same);
        else
            all[changes->n++] = change_of(arena, bump);
    }
}

/* A plan is about versions, so it leaves out transforms that would have their say whatever the
 * versions are, unless they were asked for by name. */
#include "cli/migration.h"

typedef List(Str) Strs;

/* "5.*" and the like are kept as the user wrote them. */
static Str shown_targets(Arena *arena, const Options *options) {
    Buf out = {.arena = arena};
    for (ptrdiff_t i = 0; i < options->n_targets; i++)
        buf_format(&out, "%s%.*s", i ? ", " : "", STR_ARG(options->targets[i].said));
    return buf_str(&out);
}

static bool holds(const Strs *words, Str word) {
    for (ptrdiff_t i = 0; i < words->n; i++)
        if (str_eq(words->v[i], word))
            return true;
    return false;
}

/* What has to be selected for the rows: what the user selected, else "migrate" for all that lie
 * there, and the others by name. */
static Strs selection_of(Arena *arena, const Migration *migration, const Options *options) {
    Strs words = {0};
    for (ptrdiff_t i = 0; i < options->selection.n_select; i++)
        *list_push(arena, &words) = options->selection.select[i];
    for (ptrdiff_t i = 0; i < migration->rows.n && !options->selection.n_select; i++) {
        Str name = migration->rows.v[i].entry->name;
        name = str_starts(name, S("migrate/")) ? S("migrate") : name;
        if (!holds(&words, name))
            *list_push(arena, &words) = name;
    }
    return words;
}

/* What was typed, with --write in the place of --plan. */
static Str command_of(const Migration *migration, const Options *options) {
    Arena *arena = migration->arena;
    Buf out = {.arena = arena};
    buf_add(&out, S("hffix --write"));
    for (ptrdiff_t i = 0; i < options->n_targets; i++)
        buf_format(&out, " --target '%.*s'", STR_ARG(options->targets[i].said));
    Strs words = selection_of(arena, migration, options);
    for (ptrdiff_t i = 0; i < words.n; i++)
        buf_format(&out, "%s%.*s", i ? "," : " --select ", STR_ARG(words.v[i]));
    if (options->docs)
        buf_add(&out, S(" --docs"));
    for (ptrdiff_t i = 0; i < options->n_paths; i++)
        buf_format(&out, " %.*s", STR_ARG(options->paths[i]));
    return buf_str(&out);
}

Migration *migration_open(Program *program) {
    Migration *migration = new (program->arena, Migration, 1);
    migration->arena = program->arena;
    migration->targets = shown_targets(migration->arena, program->options);
    return migration;
}

/* "transformers 5.0" of `removed:` or `since:`, against the targets. */
static const Target *target_of(const Options *options, Str setting, Version *version) {
    Str rest = setting, one, library, text;
    while (rest.n) {
        str_cut(rest, ',', &one, &rest);
        str_cut(str_trim(one), ' ', &library, &text);
        for (ptrdiff_t i = 0; i < options->n_targets; i++)
            if (str_eq(options->targets[i].library, library) &&
                version_parse(str_trim(text), version))
                return &options->targets[i];
    }
    return NULL;
}

/* Whether an entry is about a version of the targets, and whether the target's newest lacks the old
 * form. */
static bool is_due(const Options *options, const Entry *entry, bool *must) {
    Version version;
    const Target *since = target_of(options, entry->since, &version);
    const Target *removed = target_of(options, entry->removed, &version);
    *must = removed && version_compare(version, removed->range.ceiling) < 0;
    return since || removed || options->selection.n_select;
}

static MigrationRow *row_of(Migration *migration, const Entry *entry) {
    for (ptrdiff_t i = 0; i < migration->rows.n; i++)
        if (str_eq(migration->rows.v[i].entry->name, entry->name))
            return &migration->rows.v[i];
    MigrationRow *row = list_push(migration->arena, &migration->rows);
    *row = (MigrationRow){.entry = entry};
    return row;
}

static const Entry *entry_of(const Registry *registry, Str transform) {
    ptrdiff_t n, index = registry_find(registry, transform);
    return index < 0 ? NULL : &registry_entries(registry, &n)[index];
}

static void add_place(Migration *migration, const Document *document, ptrdiff_t piece,
                      const Note *note) {
    Arena *arena = migration->arena;
    DocumentPlace place = document_place(document, arena, piece, note->line);
    Note kept = *note;
    kept.line = place.line;
    kept.column += place.before;
    Str text = note->text;
    if (str_starts(text, S("not changed: ")))
        text = str_slice(text, 13, text.n);
    kept.text = str_copy(arena, text);
    kept.transform = str_copy(arena, note->transform);
    Str path = document_join_path(arena, document->path, place.part);
    *list_push(arena, &migration->places) = (MigrationPlace){path, kept};
}

void migration_collect(Migration *migration, const Options *options, const Registry *registry,
                       const Document *document, ptrdiff_t piece, const Outcome *outcome,
                       bool changed) {
    bool must;
    for (ptrdiff_t i = 0; i < outcome->n_fixes && changed; i++) {
        const Entry *entry = entry_of(registry, outcome->fixes[i].transform);
        if (!entry || !is_due(options, entry, &must))
            continue;
        MigrationRow *row = row_of(migration, entry);
        row->must = must;
        row->places += outcome->fixes[i].n;
        row->files++;
    }
    for (ptrdiff_t i = 0; i < outcome->n_notes; i++) {
        const Note *note = &outcome->notes[i];
        const Entry *entry = entry_of(registry, note->transform);
        /* What may not be due at all is for those who ask for it. */
        bool doubtful = note->withheld && str_find(note->text, S(" is unknown")) >= 0;
        if (entry && is_due(options, entry, &must) && (!doubtful || options->verbosity > 0))
            add_place(migration, document, piece, &outcome->notes[i]);
    }
}

void migration_close(Migration *migration, const Options *options, const ListBumps *bumps) {
    migration->command = command_of(migration, options);
    for (ptrdiff_t i = 0; i < bumps->n; i++) {
        const ListBump *bump = &bumps->v[i];
        for (ptrdiff_t k = 0; k < bump->bumps.n; k++) {
            const Bump *one = &bump->bumps.v[k];
            *list_push(migration->arena, &migration->requirements) = (MigrationRequirement){
                bump->list.path, one->before, one->after, one->why, one->line};
        }
    }
}

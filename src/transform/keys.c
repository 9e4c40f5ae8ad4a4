/* A key is taken for an argument where three more of its table are such, and the project's Python
 * does not read it by its own name: what says config["evaluation_strategy"] would look in vain for
 * the new one. Where a module hands files or `**` to the class one of the three has to be telling
 * (fields.def); where no module reads files at all, two, and the key must be one that other
 * programs do not have. Tables that belong to another program, and values that come together from
 * several files, show in keys beside them or at the document's top.
 *
 * A key goes only where a module is known to hand it to the class, and no code names it. */
#include "transform/keys.h"

#include "project/key_use.h"

enum { FEWEST_FIELDS = 3 };

/* What a training has written beside its weights says what was, and is read by nobody. */
static bool is_written_by_training(Str path) {
    for (Str part, rest = path; rest.n;) {
        str_cut(rest, '/', &part, &rest);
        if (rest.n && (str_starts(part, S("checkpoint-")) || str_eq(part, S("wandb"))))
            return true;
    }
    return false;
}

static bool has_foreign(const Table *table) {
    for (ptrdiff_t i = 0; i < table->keys.n; i++)
        if (field_is_foreign(table->keys.v[i].name))
            return true;
    return false;
}

/* Whether a rule of one class is about this file: of several that the project reads files for, the
 * path says which. */
static bool is_of_class(const Project *project, Str path, const FieldRule *field) {
    ptrdiff_t n;
    const Str *classes = field_all_classes(&n);
    FieldPath says = field_path(field, path);
    for (ptrdiff_t i = 0; says == FIELD_PATH_SILENT && i < n; i++) {
        KeyUse use = key_use_of(project, path, field->parts[field->at].name, &classes[i], 1);
        if ((use.parsed || use.spread) && !str_eq(classes[i], field->class))
            return false;
    }
    return says != FIELD_PATH_OTHER;
}

/* Whether what the rule says of one argument is true of the key, as far as the project tells. */
static bool is_certain(const FieldRule *field, const FieldPart *part, FieldCount count, KeyUse use,
                       bool general) {
    if (use.taken)
        return false;
    if (use.parsed || use.spread)
        return !part->goes || !use.named;
    return general && !use.loads && !part->goes && count.telling >= 2 &&
           !field_is_common(part->name) && field->rule->tier != TIER_ADVICE;
}

/* Whether what the rule changes is handed to the class. */
static bool is_handed_on(const Project *project, Str path, const FieldRule *field,
                         FieldCount count) {
    ptrdiff_t n;
    const Str *classes = field_classes(field, &n);
    for (ptrdiff_t i = 0; i < field->n; i++) {
        const FieldPart *part = &field->parts[i];
        if (field_changes(field, i) &&
            !is_certain(field, part, count, key_use_of(project, path, part->name, classes, n),
                        n > 1))
            return false;
    }
    return n > 1 || is_of_class(project, path, field);
}

/* LLaMA-Factory has arguments of its own under names of old ones. */
static bool has_own_reader(const Table *table) {
    static const Str keys[] = {S("finetuning_type"), S("template"), S("stage")};
    for (ptrdiff_t i = 0; i < table->keys.n; i++)
        for (ptrdiff_t k = 0; k < COUNT(keys); k++)
            if (str_eq(table->keys.v[i].name, keys[k]))
                return true;
    return false;
}

static bool takes_away(const FieldRule *field) {
    for (ptrdiff_t i = 0; i < field->n; i++)
        if (field->parts[i].goes)
            return true;
    return false;
}

bool key_match(Arena *arena, const ShellReader *text, const Project *project, Str path,
               const FieldRule *field, const Table *table, ShellMatch *match) {
    if (!field_match(arena, field, text, table, match))
        return false;
    FieldCount count = field_count(field, table);
    return count.fields >= FEWEST_FIELDS && count.telling && !is_written_by_training(path) &&
           !(takes_away(field) && has_own_reader(table)) && !has_foreign(table) &&
           !has_foreign(&text->tables.v[table->root]) && is_handed_on(project, path, field, count);
}

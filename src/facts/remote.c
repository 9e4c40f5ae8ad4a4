/* Code of the checkpoint's own repository: whether a load needs it. */
#include "facts/checkpoints.h"
#include "facts/words.h"

typedef struct NativeRow {
    const char *id;
    uint32_t major, minor;
} NativeRow;

static const NativeRow native_rows[] = {
#define NATIVE(id, major, minor) {id, major, minor},
#include "facts/native.def"
};

static const NativeRow type_rows[] = {
#define MODEL_TYPE(name, major, minor) {name, major, minor},
#include "facts/model_types.def"
};

static const NativeRow *row_of(const NativeRow *rows, ptrdiff_t n, Str name) {
    for (ptrdiff_t i = 0; i < n; i++)
        if (str_eq_fold(name, str_from(rows[i].id)))
            return &rows[i];
    return NULL;
}

/* The checkpoint's files, where they are at hand and no other id may come. */
static const Checkpoint *files_of(const FactContext *context, FactArg arg) {
    StringValue id;
    bool known = id_of(context, arg, &id) && !id.is_default;
    return known ? checkpoint_of(context, id.text) : NULL;
}

/* The row of the id that an argument names, or of the architecture that its config.json names, as
 * long as no code comes with it that could be another; NULL: none, or another id may come. */
static const NativeRow *native_row(const FactContext *context, FactArg arg) {
    StringValue id = {.text = arg.text};
    if (arg.node && (!value_string(context->module, arg.node, &id) || id.is_default))
        return NULL;
    const NativeRow *row = row_of(native_rows, COUNT(native_rows), id.text);
    const Checkpoint *files = row ? NULL : files_of(context, arg);
    if (files && !files->files.auto_map)
        row = row_of(type_rows, COUNT(type_rows), files->files.model_type);
    return row;
}

/* A project that declares nothing gets the newest version, which has them all. */
ASK(ask_native) {
    (void)n;
    const NativeRow *row = native_row(context, args[0]);
    if (!row)
        return answer_unknown("not among the ids that are known to need no code of their own");
    Range range = project_range(context->project, S("transformers"));
    Version since = {{row->major, row->minor}};
    if (range.known && version_compare(range.floor, since) < 0)
        return answer_unknown("the project supports versions that do not have it");
    return answer_yes("transformers has the architecture itself");
}

ASK(ask_native_since) {
    (void)n;
    const NativeRow *row = native_row(context, args[0]);
    if (!row)
        return answer_unknown("not among the ids that are known to need no code of their own");
    return (Answer){
        .tri = TRI_YES,
        .text =
            str_format(context->module->arena, "%u.%u", (unsigned)row->major, (unsigned)row->minor),
        .why = "the first version that has the architecture",
    };
}

ASK(ask_needs_remote_code) {
    (void)n;
    const Checkpoint *files = files_of(context, args[0]);
    if (!files)
        return answer_unknown("the checkpoint's files are not at hand");
    if (!files->files.auto_map)
        return answer_no("no code comes with the checkpoint");
    return row_of(type_rows, COUNT(type_rows), files->files.model_type)
               ? answer_no("transformers has its model_type itself")
               : answer_yes("its config.json has auto_map and a model_type of its own");
}

ASK(ask_commit) {
    (void)n;
    const Checkpoint *files = files_of(context, args[0]);
    if (!files || !files->commit.n)
        return answer_unknown("the hub's cache does not have it");
    return (Answer){
        .tri = TRI_YES,
        .text = str_format(context->module->arena, "\"%.*s\"", STR_ARG(files->commit)),
        .why = "what refs/main of the hub's cache names",
    };
}

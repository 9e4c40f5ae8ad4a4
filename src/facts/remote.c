/* Code of the checkpoint's own repository: whether a load needs it. */
#include "facts/words.h"

typedef struct NativeRow {
    const char *id;
    uint32_t major, minor;
} NativeRow;

static const NativeRow native_rows[] = {
#define NATIVE(id, major, minor) {id, major, minor},
#include "facts/native.def"
};

/* The row of the id that an argument names; NULL: none, or another id may come. */
static const NativeRow *native_row(const FactContext *context, FactArg arg) {
    StringValue id = {.text = arg.text};
    if (arg.node && (!value_string(context->module, arg.node, &id) || id.is_default))
        return NULL;
    for (ptrdiff_t i = 0; i < COUNT(native_rows); i++)
        if (equals_fold(id.text, str_from(native_rows[i].id)))
            return &native_rows[i];
    return NULL;
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

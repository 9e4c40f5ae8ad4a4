/* The transforms of this run: those that are built in and the user's own. */
#ifndef HFFIX_TRANSFORM_REGISTRY_H
#define HFFIX_TRANSFORM_REGISTRY_H

#include "transform/probe.h"

/* What the build writes for every transforms/AREA/NAME.patch (generated C, sorted by name): enough
 * to list it, to select it and to tell which files it may match, without parsing it. */
typedef struct Builtin {
    const char *name, *title, *link, *since, *removed, *preview;
    Tier tier;
    const char *text; /* the file */
    ptrdiff_t n;
    const char *const *words; /* conjunctions, each ended by NULL, the list by a second NULL; an
                                 empty list (NULL alone): any file may match */
    const char *const *shell_words; /* of the rules with `in:`, likewise */
    bool has_python, has_shell;     /* which rules there are */
    bool has_keys;                  /* as of Transform */
    const Probe *probes;
    ptrdiff_t n_probes;
    Tape tape; /* of reading it */
} Builtin;

extern const Builtin builtin_transforms[];
extern const ptrdiff_t builtin_count;

typedef struct Entry {
    Str name, title, link, since, removed;
    Str preview; /* since when it is under trial; empty: it is not */
    Tier tier;
    Str text;
    const char *const *words; /* as in Builtin */
    const char *const *shell_words;
    bool has_python, has_shell, has_keys;
    const Probe *probes; /* likewise */
    ptrdiff_t n_probes;
    Tape tape; /* likewise; empty: it is parsed */
    bool selected;
    bool held_back;      /* selected but for being under trial */
    bool applied_advice; /* named by --apply: its shown lines become edits */
    bool own;            /* a patch of the user's */
    bool tried;          /* given with --patch */
    Str path;            /* of a patch file; else "transforms/NAME.patch" */
} Entry;

typedef struct Registry Registry;

typedef struct Selection {
    const Str *select; /* areas, names or prefixes at a '/' ("load", "load/bf16",
                          "migrate/transformers"); none: all */
    ptrdiff_t n_select;
    const Str *ignore;
    ptrdiff_t n_ignore;
    const Str *apply; /* advice to apply; selects it */
    ptrdiff_t n_apply;
    const Str *advice; /* advice to apply where it is selected */
    ptrdiff_t n_advice;
    const Str *transforms; /* paths of patches that are beside those built in */
    ptrdiff_t n_transforms;
    bool and_own;   /* those are selected whatever `select` names */
    bool preview;   /* what is under trial runs too; else only what is named whole */
    bool safe_only; /* a matter of rules: the engine leaves out those of tier review */
} Selection;

/* A patch takes the place of a built-in transform of its name. With `patch_paths` and nothing
 * selected, only those are; with a selection, those and that. NULL after adding errors: an unknown
 * name (with the nearest), a patch that can't be read or does not parse, two patches of one name, a
 * cycle of `fires`. */
Registry *registry_open(Arena *arena, const Selection *selection, const Str *patch_paths,
                        ptrdiff_t n_patches, Diagnostics *diagnostics);
void registry_close(Registry *registry); /* parsed transforms; NULL is fine */

/* Marks other entries than before; before the registry is used. False after adding errors. */
bool registry_select(Registry *registry, const Selection *selection, Diagnostics *diagnostics);
/* Whether a name, an area or a prefix is one of an entry; if not, `nearest` is the likeliest. */
bool registry_knows(const Registry *registry, Str word, Str *nearest);

/* Whether some selected transform has rules for text that is no Python. */
bool registry_has_shell(const Registry *registry);
bool registry_has_keys(const Registry *registry);

const Entry *registry_entries(const Registry *registry, ptrdiff_t *n); /* sorted by name */
ptrdiff_t registry_find(const Registry *registry, Str name);           /* index, -1: none */

/* The parsed transform; built-in ones are parsed when first asked for. Thread-safe. */
const Transform *registry_transform(Registry *registry, ptrdiff_t index);

#endif

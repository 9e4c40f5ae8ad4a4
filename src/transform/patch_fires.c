/* What `fires(NAME)` ties together: a name must exist, and no transform may come to ask about
 * itself. */
#include "transform/patch.h"

typedef struct Search {
    Arena *arena;
    FindTransform *find;
    void *context;
    Str goal;
    List(Str) seen;
} Search;

typedef struct Ask {
    Str name;
    const Condition *condition;
} Ask;

/* The i-th `fires` of a transform; false when there are no more. */
static bool ask_number(const Transform *transform, ptrdiff_t i, Ask *ask) {
    for (ptrdiff_t r = 0; r < transform->n_rules; r++) {
        const Rule *rule = &transform->rules[r];
        for (ptrdiff_t c = 0; c < rule->n_conditions; c++) {
            const Condition *condition = &rule->conditions[c];
            for (ptrdiff_t t = 0; t < condition->n; t++) {
                if (condition->tests[t].kind != TEST_FIRES || i-- > 0)
                    continue;
                *ask = (Ask){condition->tests[t].transform, condition};
                return true;
            }
        }
    }
    return false;
}

/* The way from `name` to the goal (" -> a -> b"); empty when there is none. */
static Str way_from(Search *search, Str name) {
    if (str_eq(name, search->goal))
        return str_format(search->arena, " -> %.*s", STR_ARG(name));
    for (ptrdiff_t i = 0; i < search->seen.n; i++) {
        if (str_eq(search->seen.v[i], name))
            return (Str){0};
    }
    *list_push(search->arena, &search->seen) = name;
    const Transform *transform = search->find(search->context, name);
    Ask ask;
    for (ptrdiff_t i = 0; transform && ask_number(transform, i, &ask); i++) {
        Str way = way_from(search, ask.name);
        if (way.n)
            return str_format(search->arena, " -> %.*s%.*s", STR_ARG(name), STR_ARG(way));
    }
    return (Str){0};
}

static Span condition_span(const Transform *transform, const Condition *condition) {
    uint32_t at = (uint32_t)(condition->text.p - transform->text.p);
    return (Span){at, at + (uint32_t)condition->text.n};
}

bool patch_check_fires(const Transform *transform, FindTransform *find, void *context,
                       Diagnostics *diagnostics) {
    bool good = true;
    Ask ask;
    for (ptrdiff_t i = 0; ask_number(transform, i, &ask); i++) {
        Span at = condition_span(transform, ask.condition);
        if (!str_eq(ask.name, transform->name) && !find(context, ask.name)) {
            diag_at(diagnostics, transform->path, transform->text, at,
                    "there is no transform '%.*s'", STR_ARG(ask.name));
            good = false;
            continue;
        }
        Search search = {diagnostics->arena, find, context, transform->name, {0}};
        Str way = way_from(&search, ask.name);
        if (!way.n)
            continue;
        diag_at(diagnostics, transform->path, transform->text, at, "cycle of 'fires': %.*s%.*s",
                STR_ARG(transform->name), STR_ARG(way));
        good = false;
    }
    return good;
}

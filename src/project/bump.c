/* A range is moved clause by clause, so that what its author wrote (the operators, their order, the
 * blanks, how many numbers a version has) stays: only the numbers are new. Two forms cannot keep
 * theirs. A pin names one version, and which one of the target's is newest is not known here; and
 * `~=4.40.1` would, with the target's numbers, leave most of the target out. */
#include "project/bump.h"

#include <stdlib.h>

#include "project/declared.h"

enum { PARTS = 4 };

/* A clause such as ">=4.40" of a range. */
typedef struct Clause {
    Str operator, blanks, version; /* as written, one behind the other */
    Range range;                   /* what it allows by itself */
    int parts;                     /* numbers that are written, without ".*" */
} Clause;

/* ---- versions ---- */

/* How many numbers a version needs to be written. */
static int significant(Version version) {
    int n = PARTS;
    while (n > 1 && version.part[n - 1] == 0)
        n--;
    return n;
}

/* At least `parts` numbers. */
static Str version_text(Arena *arena, Version version, int parts) {
    Buf out = {.arena = arena};
    parts = parts > significant(version) ? parts : significant(version);
    for (int i = 0; i < parts && i < PARTS; i++)
        buf_format(&out, i ? ".%u" : "%u", version.part[i]);
    return buf_str(&out);
}

static bool is_single(Range range) {
    Version above = range.floor;
    above.part[PARTS - 1]++;
    return version_compare(range.ceiling, above) == 0;
}

/* The number of parts that all versions of the range share: 1 of 5.*, 2 of 4.57.*; 0: none. */
static int series_of(Range range) {
    for (int n = significant(range.floor); n < PARTS; n++) {
        Version next = range.floor;
        next.part[n - 1]++;
        if (version_compare(next, range.ceiling) == 0)
            return n;
    }
    return 0;
}

static bool is_bounded(Range range) {
    return range.ceiling.part[0] != UINT32_MAX;
}

/* ---- clauses ---- */

static bool is_gap(char c) {
    return c == ' ' || c == '\t' || c == ',' || c == '(' || c == ')';
}

static bool next_clause(Str text, ptrdiff_t *at, Clause *clause) {
    ptrdiff_t start = *at, i = start;
    while (i < text.n && str_find_byte(S("<>=!~^"), text.p[i]) >= 0)
        i++;
    clause->operator= str_slice(text, start, i);
    ptrdiff_t blanks = i;
    while (i < text.n && (text.p[i] == ' ' || text.p[i] == '\t'))
        i++;
    clause->blanks = str_slice(text, blanks, i);
    ptrdiff_t version = i;
    while (i < text.n && !is_gap(text.p[i]) && str_find_byte(S("<>=!~^|"), text.p[i]) < 0)
        i++;
    clause->version = str_slice(text, version, i);
    clause->parts = 1;
    for (ptrdiff_t k = 0; k + 1 < clause->version.n; k++)
        clause->parts += clause->version.p[k] == '.' && clause->version.p[k + 1] != '*';
    *at = i;
    return clause->version.n && range_parse(str_slice(text, start, i), &clause->range);
}

static void add_clause(Buf *out, const Clause *like, Str operator, Str version) {
    buf_format(out, "%.*s%.*s%.*s", STR_ARG(operator), STR_ARG(like->blanks), STR_ARG(version));
}

static void add_floor(Buf *out, const Clause *like, Range target, int parts) {
    add_clause(out, like, S(">="), version_text(out->arena, target.floor, parts));
}

static void add_ceiling(Buf *out, const Clause *like, Range target, int parts) {
    add_clause(out, like, S("<"), version_text(out->arena, target.ceiling, parts));
}

/* In place of a pin. */
static void add_stretch(Buf *out, const Clause *like, Range target) {
    if (is_single(target)) {
        add_clause(out, like, like->operator, version_text(out->arena, target.floor, like->parts));
        return;
    }
    if (str_ends(like->version, S(".*")) && series_of(target)) {
        Str series = version_text(out->arena, target.floor, series_of(target));
        add_clause(out, like, like->operator, str_format(out->arena, "%.*s.*", STR_ARG(series)));
        return;
    }
    add_floor(out, like, target, 2);
    if (!is_bounded(target))
        return;
    buf_add_byte(out, ',');
    add_ceiling(out, like, target, 1);
}

/* Writes a clause that allows no version of the target from its floor on. */
static void move_clause(Buf *out, const Clause *clause, Range target) {
    Str operator= clause->operator;
    int parts = clause->parts;
    if (str_starts(operator, S(">"))) {
        add_floor(out, clause, target, parts);
    } else if (str_starts(operator, S("<"))) {
        add_ceiling(out, clause, target, parts);
    } else if (str_eq(operator, S("~=")) || str_eq(operator, S("~")) || str_eq(operator, S("^"))) {
        bool compatible = str_eq(operator, S("~="));
        int kept = compatible ? 2 : parts < 2 ? parts : 2;
        add_clause(out, clause, compatible ? operator: S("^"),
                   version_text(out->arena, target.floor, kept));
    } else {
        add_stretch(out, clause, target);
    }
}

static bool holds_floor(Range range, Range target) {
    return version_compare(range.floor, target.floor) <= 0 &&
           version_compare(target.floor, range.ceiling) < 0;
}

static bool is_inside(Range range, Range target) {
    Range both = range_intersect(range, target);
    return version_compare(both.floor, range.floor) == 0 &&
           version_compare(both.ceiling, range.ceiling) == 0;
}

static bool bounds_below(const Clause *clause) {
    return !str_starts(clause->operator, S("<")) && !str_eq(clause->operator, S("!="));
}

/* Whether a clause stays: a floor within the target, a ceiling above its floor, any hole. */
static bool clause_stays(const Clause *clause, Range target) {
    if (str_eq(clause->operator, S("!=")))
        return true;
    if (str_starts(clause->operator, S("<")))
        return holds_floor(clause->range, target);
    return version_compare(clause->range.floor, target.floor) >= 0;
}

/* A ceiling below a target that has none. */
static bool clause_goes(const Clause *clause, Range target) {
    return str_starts(clause->operator, S("<")) && !is_bounded(target) &&
           !clause_stays(clause, target);
}

bool range_bump(Arena *arena, Str text, Range target, Str *moved) {
    *moved = text;
    Range declared;
    Str bare = str_trim(text);
    if (str_starts(bare, S("(")) && str_ends(bare, S(")")))
        bare = str_slice(bare, 1, bare.n - 1);
    if (!bare.n || str_eq(bare, S("*")))
        return true;
    if (str_find_byte(text, '|') >= 0 || !range_parse(bare, &declared))
        return false;
    if (is_inside(declared, target))
        return true;
    if (version_compare(declared.floor, target.ceiling) >= 0)
        return false;
    Buf out = {.arena = arena};
    Clause clause, like = {0};
    Str gap = {0};               /* between the clause before and the next one */
    Buf lead = {.arena = arena}; /* before the first */
    bool floor = false;
    for (ptrdiff_t at = 0; at < text.n;) {
        if (is_gap(text.p[at])) {
            ptrdiff_t from = at;
            while (at < text.n && is_gap(text.p[at]))
                at++;
            gap = str_slice(text, from, at);
            continue;
        }
        if (!next_clause(text, &at, &clause))
            return false;
        if (!like.version.n) {
            like = clause;
            buf_add(&lead, gap);
            gap = (Str){0};
        }
        if (clause_goes(&clause, target))
            continue;
        buf_add(&out, out.n ? gap : (Str){0});
        gap = (Str){0};
        floor |= bounds_below(&clause);
        if (clause_stays(&clause, target))
            add_clause(&out, &clause, clause.operator, clause.version);
        else
            move_clause(&out, &clause, target);
    }
    if (!floor) {
        add_floor(&lead, &like, target, like.parts);
        buf_add(&lead, out.n ? S(",") : (Str){0});
    }
    buf_add(&lead, buf_str(&out));
    buf_add(&lead, str_ends(gap, S(")")) ? gap : (Str){0});
    *moved = buf_str(&lead);
    return true;
}

/* ---- files ---- */

/* The range in a poetry value: a string, or the `version` of an inline table. */
static Str range_of_value(Str value) {
    if (str_starts(value, S("{"))) {
        ptrdiff_t at = str_find(value, S("version"));
        value = at < 0 ? (Str){0} : str_slice(value, at + 7, value.n);
    }
    for (ptrdiff_t i = 0; i < value.n; i++) {
        char quote = value.p[i];
        if (quote != '"' && quote != '\'')
            continue;
        Str rest = str_slice(value, i + 1, value.n);
        ptrdiff_t end = str_find_byte(rest, quote);
        return end < 0 ? (Str){0} : str_slice(rest, 0, end);
    }
    return (Str){0};
}

/* ` --hash=…` may follow the range on a line of requirements. */
static Str before_options(Str range) {
    ptrdiff_t at = str_find(range, S(" --"));
    return at < 0 ? range : str_slice(range, 0, at);
}

static const Target *target_of(const Target *targets, ptrdiff_t n, Str library) {
    for (ptrdiff_t i = 0; i < n && library.n; i++)
        if (targets[i].range.known && str_eq(targets[i].library, library))
            return &targets[i];
    return NULL;
}

/* New bytes in the place of old ones. */
typedef struct Move {
    Str old, new; /* `old` is a view of the file's text */
} Move;

typedef List(Move) Moves;

static void bump_item(const RequirementFile *file, const RequirementList *list,
                      const RequirementItem *item, Range target, Moves *moves, Bumps *bumps) {
    bool table = list->form == FORM_TABLE;
    Str range = table ? range_of_value(item->range) : str_trim(before_options(item->range));
    Str moved;
    bool understood = range_bump(file->arena, range, target, &moved);
    if (understood && str_eq(moved, range))
        return;
    Str name = table ? str_format(file->arena, "%.*s ", STR_ARG(item->name)) : item->name;
    Bump bump = {.library = item->library,
                 .before = str_format(file->arena, "%.*s%.*s", STR_ARG(name), STR_ARG(range)),
                 .line = line_of(file->text, item->span.at)};
    if (file->frozen) {
        bump.why = str_format(file->arena, "the file %s", file->frozen);
    } else if (!understood) {
        bump.why = S("its range can't be moved");
    } else {
        bump.after = str_format(file->arena, "%.*s%.*s", STR_ARG(name), STR_ARG(moved));
        *list_push(file->arena, moves) = (Move){range, moved};
    }
    *list_push(file->arena, bumps) = bump;
}

static int by_place(const void *a, const void *b) {
    const Move *x = a, *y = b;
    return (x->old.p > y->old.p) - (x->old.p < y->old.p);
}

Str requirements_bump(const RequirementFile *file, const Target *targets, ptrdiff_t n,
                      Bumps *bumps) {
    Moves moves = {0};
    for (ptrdiff_t i = 0; i < file->lists.n; i++) {
        const RequirementList *list = &file->lists.v[i];
        for (ptrdiff_t k = 0; k < list->items.n; k++) {
            const RequirementItem *item = &list->items.v[k];
            const Target *target = target_of(targets, n, item->library);
            if (target && item->range.n)
                bump_item(file, list, item, target->range, &moves, bumps);
        }
    }
    if (moves.n)
        qsort(moves.v, (size_t)moves.n, sizeof *moves.v, by_place);
    Buf out = {.arena = file->arena};
    ptrdiff_t at = 0;
    for (ptrdiff_t i = 0; i < moves.n; i++) {
        ptrdiff_t from = moves.v[i].old.p - file->text.p;
        if (from < at) /* one list under two keywords of setup.py */
            continue;
        buf_add(&out, str_slice(file->text, at, from));
        buf_add(&out, moves.v[i].new);
        at = from + moves.v[i].old.n;
    }
    buf_add(&out, str_slice(file->text, at, file->text.n));
    return buf_str(&out);
}

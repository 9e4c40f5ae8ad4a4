/* Rules with `in:`: one line before, at most one after, and notes.
 *
 * A line of `in: shell` is a command, cut at blanks; `$hole` is a word and `...` any number of
 * words. A line of `in: env` is the name of an environment variable, alone or as `NAME=$v`. No
 * grammar is asked: what a word can be in a pattern needs no more than this. */
#include "transform/draft.h"

#include <string.h>

#include "base/byte.h"

enum { MAX_HOLES = 32 };

/* ---- body ---- */

/* The line with one of the marks; NULL when there is none. `*many` tells of a second. */
static const BodyLine *only_line(const RuleDraft *rule, const char *marks, bool *many) {
    const BodyLine *found = NULL;
    for (ptrdiff_t i = 0; i < rule->body.n; i++) {
        if (!strchr(marks, rule->body.v[i].mark))
            continue;
        *many |= found != NULL;
        found = found ? found : &rule->body.v[i];
    }
    return found;
}

/* A hole of the pattern, by its name behind `$`; false after an error. */
static bool hole_part(RuleDraft *rule, Span word, bool binds, bool *bound, ShellPart *part) {
    Draft *draft = rule->draft;
    Str name = str_span(draft->text, (Span){word.at + 1, word.end});
    part->kind = PART_HOLE;
    part->hole = rule_hole_used(rule, name, word, binds);
    if (part->hole < 0 || part->hole >= MAX_HOLES)
        return false;
    if (binds) {
        bound[part->hole] = true;
        return true;
    }
    if (bound[part->hole])
        return true;
    draft_error(draft, word, "hole '$%.*s' is not bound: it stands on no line marked ' ' or '-'",
                STR_ARG(name));
    return false;
}

typedef List(ShellPart) PartList;

static bool read_parts(RuleDraft *rule, const BodyLine *line, bool binds, bool *bound,
                       PartList *parts) {
    Draft *draft = rule->draft;
    bool good = true;
    uint32_t at = line->at.at;
    while (at < line->at.end) {
        if (draft->text.p[at] == ' ') {
            at++;
            continue;
        }
        Span word = {at, at};
        while (word.end < line->at.end && draft->text.p[word.end] != ' ')
            word.end++;
        ShellPart part = {.kind = PART_WORD, .text = str_span(draft->text, word), .hole = -1};
        if (str_eq(part.text, S("...")))
            part.kind = PART_REST;
        else if (part.text.p[0] == '$')
            good &= hole_part(rule, word, binds, bound, &part);
        *list_push(draft->arena, parts) = part;
        at = word.end;
    }
    return good;
}

static ptrdiff_t count_rests(const PartList *parts) {
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < parts->n; i++)
        n += parts->v[i].kind == PART_REST;
    return n;
}

/* `NAME`, `NAME=$v`, `NAME=...` */
static bool read_variable(RuleDraft *rule, const BodyLine *line, bool binds, bool *bound,
                          ShellRule *out, Str *name) {
    Draft *draft = rule->draft;
    Str text = str_trim(str_span(draft->text, line->at)), value;
    out->sets |= str_cut(text, '=', name, &value);
    ptrdiff_t n = 0;
    while (n < name->n && byte_is_word(name->p[n]))
        n++;
    if (!name->n || n < name->n) {
        draft_error(draft, line->at,
                    "the name of an environment variable must stand here, alone, "
                    "or as NAME=$v");
        return false;
    }
    if (!value.n || str_eq(value, S("...")))
        return true;
    uint32_t at = (uint32_t)(value.p - draft->text.p);
    ShellPart part;
    if (value.p[0] == '$' &&
        hole_part(rule, (Span){at, at + (uint32_t)value.n}, binds, bound, &part)) {
        out->value = part.hole;
        return true;
    }
    if (value.p[0] != '$')
        draft_error(draft, line->at, "a hole or '...' must follow '='");
    return false;
}

static ShellPart *one_name(Draft *draft, Str name, ptrdiff_t *n) {
    ShellPart *part = new (draft->arena, ShellPart, 1);
    *part = (ShellPart){.kind = PART_WORD, .text = name, .hole = -1};
    *n = 1;
    return part;
}

static bool compile_variable(RuleDraft *rule, const BodyLine *before, const BodyLine *after,
                             bool *bound, ShellRule *out) {
    Str name, other;
    if (!read_variable(rule, before, true, bound, out, &name))
        return false;
    out->before = one_name(rule->draft, name, &out->n_before);
    if (!after)
        return true;
    int value = out->value;
    bool sets = out->sets;
    if (!read_variable(rule, after, false, bound, out, &other))
        return false;
    out->after = one_name(rule->draft, other, &out->n_after);
    if (sets == out->sets && value == out->value)
        return true;
    draft_error(rule->draft, after->at, "only the name of a variable can change");
    return false;
}

static bool compile_command(RuleDraft *rule, const BodyLine *before, const BodyLine *after,
                            bool *bound, ShellRule *out) {
    PartList from = {0}, to = {0};
    bool good = read_parts(rule, before, true, bound, &from);
    if (after)
        good = read_parts(rule, after, false, bound, &to) && good;
    if (good && from.n && from.v[0].kind == PART_REST) {
        draft_error(rule->draft, before->at, "a command starts with its program, not with '...'");
        return false;
    }
    if (good && after && count_rests(&from) != count_rests(&to)) {
        draft_error(rule->draft, after->at, "'...' must stand as often as on the line before");
        return false;
    }
    out->before = from.v, out->n_before = from.n;
    out->after = to.v, out->n_after = to.n;
    return good;
}

/* ---- notes ---- */

/* Lines marked '!' are one text. */
static bool compile_notes(RuleDraft *rule) {
    Arena *arena = rule->draft->arena;
    List(Piece) pieces = {0};
    bool good = true;
    uint32_t line = 0;
    for (ptrdiff_t i = 0; i < rule->body.n; i++) {
        Template text = {0};
        if (rule->body.v[i].mark != '!')
            continue;
        good &= template_of_text(rule, rule->body.v[i].at, &text);
        if (pieces.n)
            *list_push(arena, &pieces) = (Piece){.kind = PIECE_TEXT, .text = S(" "), .hole = -1};
        for (ptrdiff_t k = 0; k < text.n; k++)
            *list_push(arena, &pieces) = text.v[k];
        line = line ? line : rule->body.v[i].line;
    }
    if (!pieces.n)
        return good;
    rule->rule->actions = new (arena, Action, 1);
    rule->rule->n_actions = 1;
    rule->rule->actions[0] =
        (Action){.kind = ACTION_NOTE, .text = {pieces.v, pieces.n}, .line = line};
    return good;
}

/* ---- conditions ---- */

/* `ever NAME`, `never NAME`; facts that ask about versions alone. */
static bool check_condition(RuleDraft *rule, const Condition *condition) {
    for (ptrdiff_t i = 0; i < condition->n; i++) {
        const Test *test = &condition->tests[i];
        bool named = test->kind == TEST_EVER || test->kind == TEST_NEVER;
        Str text = named ? str_trim(test->statement->text) : (Str){0};
        for (ptrdiff_t k = 0; k < text.n; k++)
            named &= byte_is_word(text.p[k]);
        Str word = test->kind == TEST_FACT ? str_from(test->fact.fact->word) : (Str){0};
        if (named || str_eq(word, S("floor")) || str_eq(word, S("ceiling")))
            continue;
        Draft *draft = rule->draft;
        uint32_t at = (uint32_t)(condition->text.p - draft->text.p);
        draft_error(draft, ((Span){at, at + (uint32_t)condition->text.n}),
                    "outside Python a condition is 'ever NAME', 'never NAME', floor(LIBRARY) or "
                    "ceiling(LIBRARY)");
        return false;
    }
    return true;
}

static bool read_conditions(RuleDraft *rule) {
    bool good = conditions_read(rule);
    for (ptrdiff_t i = 0; good && i < rule->rule->n_conditions; i++)
        good = check_condition(rule, &rule->rule->conditions[i]);
    return good;
}

/* ---- rules ---- */

static bool check_bound(RuleDraft *rule, const bool *bound) {
    for (ptrdiff_t i = 0; i < rule->holes.n; i++) {
        const Hole *hole = &rule->holes.v[i];
        if (bound[i] && !hole->computed && !hole->type.n)
            continue;
        draft_error(rule->draft, hole->at,
                    bound[i] ? "outside Python a hole has no type and no fact"
                             : "nothing binds this hole: it stands on no line marked ' ' or '-'");
        return false;
    }
    return true;
}

bool shell_rule_compile(RuleDraft *rule) {
    Draft *draft = rule->draft;
    bool bound[MAX_HOLES] = {false}, many = false;
    const BodyLine *before = only_line(rule, " -", &many), *after = only_line(rule, "+", &many);
    if (many || only_line(rule, "?", &many) || rule->holes.n > MAX_HOLES / 2) {
        draft_error(draft, rule->header,
                    "a rule outside Python has one line before and at most one '+' line");
        return false;
    }
    ShellRule *out = new (draft->arena, ShellRule, 1);
    out->value = -1;
    out->variable = str_eq(rule->rule->in, S("env"));
    out->goes = before->mark == '-' && !after;
    bool good = out->variable ? compile_variable(rule, before, after, bound, out)
                              : compile_command(rule, before, after, bound, out);
    if (good && out->goes && !(out->variable && out->sets)) {
        draft_error(draft, rule->header, "only a variable that is set (NAME=$v) can go");
        good = false;
    }
    rule->rule->shell = out;
    good = good && check_bound(rule, bound);
    good = compile_notes(rule) && good;
    return read_conditions(rule) && good;
}

void shell_rule_words(RuleDraft *rule, WordLists *lists) {
    Arena *arena = rule->draft->arena;
    const ShellRule *shell = rule->rule->shell;
    List(Str) words = {0};
    for (ptrdiff_t i = 0; i < shell->n_before; i++) {
        Str text = shell->before[i].kind == PART_WORD ? shell->before[i].text : (Str){0};
        for (ptrdiff_t at = 0, end; at < text.n; at = end + 1) {
            for (end = at; end < text.n && byte_is_word(text.p[end]); end++)
                continue;
            if (end - at >= 4)
                *list_push(arena, &words) = str_slice(text, at, end);
        }
    }
    *list_push(arena, lists) = (struct WordList){words.v, words.n};
}

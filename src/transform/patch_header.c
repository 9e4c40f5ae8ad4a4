/* Declarations of holes: `kind NAME [: TYPE] [~ PCRE]` and `kind NAME = fact`. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "transform/draft.h"

#include <pcre2.h>

static const Str kinds[] = {{"expr", 4}, {"name", 4},   {"str", 3},
                            {"num", 3},  {"kwargs", 6}, {"stmt", 4}};
static const Str words[] = {{"expr", 4},   {"name", 4}, {"str", 3}, {"num", 3},
                            {"kwargs", 6}, {"stmt", 4}, {"when", 4}};

int rule_hole(const RuleDraft *rule, Str name) {
    for (ptrdiff_t i = 0; i < rule->holes.n; i++) {
        if (str_eq(rule->holes.v[i].name, name))
            return (int)i;
    }
    return -1;
}

static int hole_unknown(RuleDraft *rule, Str name, Span at) {
    Draft *draft = rule->draft;
    Str *names = new (draft->arena, Str, rule->holes.n + 1);
    for (ptrdiff_t i = 0; i < rule->holes.n; i++)
        names[i] = rule->holes.v[i].name;
    Str hint = draft_suggestion(draft, name, names, rule->holes.n);
    draft_error(draft, at, "hole '$%.*s' is not declared%.*s", STR_ARG(name), STR_ARG(hint));
    return -1;
}

int rule_hole_used(RuleDraft *rule, Str name, Span at, bool binds) {
    int index = rule_hole(rule, name);
    if (index >= 0)
        return index;
    if (!name.n || (name.p[0] >= '0' && name.p[0] <= '9')) {
        draft_error(rule->draft, at, "the name of a hole must follow '$'");
        return -1;
    }
    if (!is_capitalised(name))
        return hole_unknown(rule, name, at);
    if (!binds) {
        draft_error(rule->draft, at,
                    "hole '$%.*s' is not bound: it stands on no line marked ' ' or '-'",
                    STR_ARG(name));
        return -1;
    }
    *list_push(rule->draft->arena, &rule->holes) =
        (Hole){.name = name, .kind = HOLE_NAME, .at = at};
    return (int)rule->holes.n - 1;
}

static bool hole_type(Cursor *cursor, Hole *hole) {
    Span type = cursor_run(cursor, ".");
    hole->type = cursor_text(cursor, type);
    if (hole->type.n && str_find_byte(hole->type, '.') > 0)
        return true;
    draft_error(cursor->draft, type.end > type.at ? type : cursor_here(cursor),
                "a qualified class must follow ':', as in 'transformers.TrainingArguments'");
    return false;
}

static bool hole_regex(Cursor *cursor, Hole *hole) {
    cursor_skip(cursor);
    hole->regex = str_trim(cursor_text(cursor, (Span){cursor->at, cursor->end}));
    int code;
    size_t offset;
    hole->code = pcre2_compile((PCRE2_SPTR)hole->regex.p, (size_t)hole->regex.n,
                               PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &code, &offset, NULL);
    if (hole->code && hole->regex.n)
        return true;
    if (!hole->regex.n) {
        draft_error(cursor->draft, cursor_here(cursor), "a regular expression must follow '~'");
        return false;
    }
    char message[160] = "";
    pcre2_get_error_message(code, (PCRE2_UCHAR *)message, sizeof message);
    uint32_t at = cursor->at + (uint32_t)offset;
    draft_error(cursor->draft, ((Span){at, at + 1}), "bad regular expression: %s", message);
    return false;
}

/* What follows the hole's name. */
static bool hole_rest(RuleDraft *rule, Cursor *cursor, Hole *hole, uint32_t number) {
    if (cursor_take(cursor, "=")) {
        hole->computed = true;
        *list_push(rule->draft->arena, &rule->pending) =
            (Pending){{cursor->at, cursor->end}, number, (int)rule->holes.n};
        return true;
    }
    if (cursor_take(cursor, ":") && !hole_type(cursor, hole))
        return false;
    if (cursor_take(cursor, "~"))
        return hole_regex(cursor, hole);
    if (cursor_done(cursor))
        return true;
    draft_error(rule->draft, ((Span){cursor->at, cursor->end}),
                "only ': TYPE', '~ PCRE' or '= fact' can follow the name of a hole");
    return false;
}

static bool hole_read(RuleDraft *rule, Cursor *cursor, HoleKind kind, uint32_t number) {
    Draft *draft = rule->draft;
    if (cursor_take(cursor, "$")) {
        draft_error(draft, ((Span){cursor->at - 1, cursor->at}),
                    "a declaration names the hole without '$'");
        return false;
    }
    Span at = cursor_identifier(cursor);
    Hole hole = {.name = cursor_text(cursor, at), .kind = kind, .declared = true, .at = at};
    if (!hole.name.n) {
        draft_error(draft, cursor_here(cursor), "the name of a hole must stand here");
        return false;
    }
    if (rule_hole(rule, hole.name) >= 0) {
        draft_error(draft, at, "hole '%.*s' is declared twice", STR_ARG(hole.name));
        return false;
    }
    bool good = hole_rest(rule, cursor, &hole, number);
    /* Declared all the same after an error, so that its uses bring no further ones. */
    *list_push(draft->arena, &rule->holes) = hole;
    return good;
}

bool header_read(RuleDraft *rule, Span line, uint32_t number) {
    Draft *draft = rule->draft;
    Cursor cursor = {draft, line.at, line.end};
    Span at = cursor_run(&cursor, "");
    Str word = cursor_text(&cursor, at);
    if (str_eq(word, S("when"))) {
        *list_push(draft->arena, &rule->pending) = (Pending){{at.end, line.end}, number, -1};
        return true;
    }
    for (int i = 0; i < COUNT(kinds); i++) {
        if (str_eq(word, kinds[i]))
            return hole_read(rule, &cursor, (HoleKind)i, number);
    }
    if (!word.n) {
        draft_error(draft, cursor_here(&cursor),
                    "a declaration (expr, name, str, num, kwargs, stmt) or 'when' must stand here");
        return false;
    }
    Str hint = draft_suggestion(draft, word, words, COUNT(words));
    if (hint.n)
        draft_error(draft, at, "unknown word '%.*s'%.*s", STR_ARG(word), STR_ARG(hint));
    else
        draft_error(draft, at,
                    "unknown word '%.*s': a line of the header starts with expr, name, str, num, "
                    "kwargs, stmt, when or a setting",
                    STR_ARG(word));
    Span name = cursor_identifier(&cursor);
    if (name.end > name.at && rule_hole(rule, cursor_text(&cursor, name)) < 0)
        *list_push(draft->arena, &rule->holes) =
            (Hole){.name = cursor_text(&cursor, name), .declared = true, .at = name};
    return false;
}

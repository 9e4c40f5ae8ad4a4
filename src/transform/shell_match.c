/* A pattern's words against a command's, with `...` tried shortest first; and from the words that
 * stay on both lines the smallest edits.
 *
 * Edits are of whole words and touch nothing between those that stay, so that line breaks, comments
 * and quotes in a long command are as they were. */
#include "transform/shell_match.h"

#include "transform/matcher.h"

/* The words of the command that each part of the pattern took: [from, to). */
typedef struct Taken {
    ptrdiff_t from, to;
} Taken;

typedef struct Matching {
    Arena *arena;
    const Rule *rule;
    const ShellCommand *command;
    Str source;
    Taken *taken; /* by part */
    Str *holes;   /* by hole, as written; p is NULL: not bound yet */
} Matching;

static bool match_word(Matching *matching, int index, const ShellWord *word) {
    const Hole *hole = &matching->rule->holes[index];
    Str bound = matching->holes[index], written = str_span(matching->source, word->span);
    if (bound.p)
        return str_eq(bound, written);
    if (!match_regex(hole, word->text))
        return false;
    matching->holes[index] = written;
    return true;
}

static bool match_parts(Matching *matching, ptrdiff_t part, ptrdiff_t at) {
    const ShellRule *shell = matching->rule->shell;
    const ShellCommand *command = matching->command;
    if (part == shell->n_before)
        return at == command->n;
    const ShellPart *wanted = &shell->before[part];
    if (wanted->kind == PART_REST) {
        for (ptrdiff_t to = at; to <= command->n; to++) {
            matching->taken[part] = (Taken){at, to};
            if (match_parts(matching, part + 1, to))
                return true;
        }
        return false;
    }
    if (at == command->n)
        return false;
    const ShellWord *word = &command->words[at];
    matching->taken[part] = (Taken){at, at + 1};
    if (wanted->kind == PART_WORD)
        return word->known && str_eq(word->text, wanted->text) &&
               match_parts(matching, part + 1, at + 1);
    Str before = matching->holes[wanted->hole];
    if (match_word(matching, wanted->hole, word) && match_parts(matching, part + 1, at + 1))
        return true;
    matching->holes[wanted->hole] = before;
    return false;
}

/* ---- notes ---- */

Str shell_fill(Arena *arena, const Template *template, const Str *holes) {
    Buf text = {.arena = arena};
    for (ptrdiff_t i = 0; i < template->n; i++) {
        const Piece *piece = &template->v[i];
        buf_add(&text, piece->kind == PIECE_HOLE ? holes[piece->hole] : piece->text);
    }
    return buf_str(&text);
}

static void add_note(Arena *arena, const Rule *rule, const Str *holes, ShellMatch *match) {
    if (rule->n_actions)
        match->note = shell_fill(arena, &rule->actions[0].text, holes);
}

/* ---- edits ---- */

static bool parts_equal(const ShellPart *a, const ShellPart *b) {
    return a->kind == b->kind && a->hole == b->hole &&
           (a->kind != PART_WORD || str_eq(a->text, b->text));
}

/* For each part before the one after that it stays, or -1: a longest common subsequence. */
static ptrdiff_t *align(Arena *arena, const ShellRule *shell) {
    ptrdiff_t n = shell->n_before, m = shell->n_after;
    ptrdiff_t *best = new (arena, ptrdiff_t, (n + 1) * (m + 1));
    for (ptrdiff_t i = n - 1; i >= 0; i--)
        for (ptrdiff_t k = m - 1; k >= 0; k--) {
            ptrdiff_t down = best[(i + 1) * (m + 1) + k], right = best[i * (m + 1) + k + 1];
            best[i * (m + 1) + k] = parts_equal(&shell->before[i], &shell->after[k])
                                        ? best[(i + 1) * (m + 1) + k + 1] + 1
                                    : down > right ? down
                                                   : right;
        }
    ptrdiff_t *stays = new (arena, ptrdiff_t, n + 1);
    ptrdiff_t k = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        ptrdiff_t here = best[i * (m + 1) + k];
        stays[i] = -1;
        if (here == best[(i + 1) * (m + 1) + k])
            continue;
        while (best[i * (m + 1) + k + 1] == here)
            k++;
        stays[i] = k++;
    }
    stays[n] = m;
    return stays;
}

/* A run of parts that change: before [from, to), after [after, after_to). */
typedef struct Run {
    ptrdiff_t from, to, after, after_to;
} Run;

static Str run_text(const Matching *matching, Run run) {
    Buf text = {.arena = matching->arena};
    const ShellPart *after = matching->rule->shell->after;
    for (ptrdiff_t i = run.after; i < run.after_to; i++) {
        if (i > run.after)
            buf_add(&text, matching->command->between);
        buf_add(&text, after[i].kind == PART_HOLE ? matching->holes[after[i].hole] : after[i].text);
    }
    return buf_str(&text);
}

/* False when the run can't be written: it would pull lines together. */
static bool edit_run(const Matching *matching, Run run, Edit *edit) {
    bool in_list = !str_eq(matching->command->between, S(" "));
    const ShellCommand *command = matching->command;
    const ShellWord *words = command->words;
    const Taken *taken = matching->taken;
    ptrdiff_t first = run.from ? taken[run.from - 1].to : taken[0].from;
    ptrdiff_t past = run.to > run.from ? taken[run.to - 1].to : first;
    Str text = run_text(matching, run);
    if (past > first && text.n) {
        edit->span = (Span){words[first].span.at, words[past - 1].span.end};
        edit->text = text;
        return str_find_byte(str_span(matching->source, edit->span), '\n') < 0;
    }
    if (past > first) { /* the command's first word never goes alone */
        if (first == 0 || (in_list && !words[first - 1].known))
            return false;
        edit->span = (Span){words[first - 1].span.end, words[past - 1].span.end};
        return true;
    }
    uint32_t at = first ? words[first - 1].span.end : words[0].span.at;
    edit->span = (Span){at, at};
    edit->text = str_format(matching->arena, "%.*s%.*s", STR_ARG(first ? command->between : text),
                            STR_ARG(first ? text : command->between));
    return !in_list || words[first ? first - 1 : 0].known;
}

static bool make_edits(const Matching *matching, ShellMatch *match) {
    const ShellRule *shell = matching->rule->shell;
    ptrdiff_t *stays = align(matching->arena, shell);
    match->edits = new (matching->arena, Edit, shell->n_before + 1);
    Run run = {0};
    for (ptrdiff_t i = 0; i <= shell->n_before; i++) {
        if (stays[i] < 0)
            continue;
        run.to = i;
        run.after_to = stays[i];
        bool changes = run.to > run.from || run.after_to > run.after;
        if (changes && !edit_run(matching, run, &match->edits[match->n++]))
            return false;
        run = (Run){.from = i + 1, .after = stays[i] + 1};
    }
    return true;
}

/* ---- rules ---- */

bool shell_match_command(Arena *arena, const ShellReader *text, const Rule *rule,
                         const ShellCommand *command, ShellMatch *match) {
    const ShellRule *shell = rule->shell;
    *match = (ShellMatch){0};
    const ShellWord *first = &command->words[command->program];
    if (shell->variable || (shell->before[0].kind == PART_WORD &&
                            !(first->known && str_eq(first->text, shell->before[0].text))))
        return false;
    Matching matching = {arena,
                         rule,
                         command,
                         text->source,
                         new (arena, Taken, shell->n_before + 1),
                         new (arena, Str, rule->n_holes + 1)};
    if (!match_parts(&matching, 0, command->program))
        return false;
    match->site = (Span){first->span.at, command->words[command->n - 1].span.end};
    add_note(arena, rule, matching.holes, match);
    if (shell->n_after && !make_edits(&matching, match))
        match->withheld = S("what changes stands on several lines");
    return true;
}

static bool is_read(const ShellReader *text, Str name) {
    for (ptrdiff_t i = 0; i < text->variables.n; i++)
        if (text->variables.v[i].use != VARIABLE_SET &&
            str_eq(str_span(text->source, text->variables.v[i].name), name))
            return true;
    return false;
}

bool shell_match_variable(Arena *arena, const ShellReader *text, const Rule *rule,
                          const ShellVariable *variable, ShellMatch *match) {
    const ShellRule *shell = rule->shell;
    *match = (ShellMatch){.site = variable->name};
    if (!shell->variable ||
        !str_eq(str_span(text->source, variable->name), shell->before[0].text) ||
        (shell->sets && variable->use != VARIABLE_SET))
        return false;
    Str *holes = new (arena, Str, rule->n_holes + 1);
    if (shell->value >= 0) {
        if (!match_regex(&rule->holes[shell->value], variable->value))
            return false;
        holes[shell->value] = variable->value;
    }
    add_note(arena, rule, holes, match);
    if (!shell->n_after && !shell->goes)
        return true;
    match->edits = new (arena, Edit, 1);
    match->n = 1;
    match->edits[0] = shell->goes ? (Edit){.span = variable->whole}
                                  : (Edit){.span = variable->name, .text = shell->after[0].text};
    if (shell->goes && variable->whole.end == variable->whole.at)
        match->withheld = S("the setting is part of more than it alone");
    else if (shell->goes && is_read(text, shell->before[0].text))
        match->withheld = S("the file reads the variable");
    return true;
}

bool shell_test_holds(const ShellReader *text, const Test *test, const ShellVariable *setting) {
    Str name = str_trim(test->statement->text);
    int scope = setting && setting->use == VARIABLE_SET ? setting->scope : 0;
    bool set = false;
    for (ptrdiff_t i = 0; i < text->variables.n && !set; i++) {
        const ShellVariable *variable = &text->variables.v[i];
        set = variable->use == VARIABLE_SET && (!scope || variable->scope == scope) &&
              str_eq(str_span(text->source, variable->name), name);
    }
    bool holds = set == (test->kind == TEST_EVER);
    return holds != test->negated;
}

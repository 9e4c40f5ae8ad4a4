/* Conditions and computed holes: words of the table of facts with their arguments.
 *
 * `never`, `ever`, `before` and `after` take the rest of their line as a statement; everything else
 * can be joined by `or`. A word among a fact's arguments that names a hole is that hole, any other
 * is itself; one that nearly names a hole is taken for a slip. */
#include "transform/draft.h"

typedef struct Reading {
    RuleDraft *rule;
    Cursor cursor;
} Reading;

/* ---- facts ---- */

static const Fact *fact_read_word(Reading *reading) {
    Draft *draft = reading->rule->draft;
    Span at = cursor_identifier(&reading->cursor);
    Str word = cursor_text(&reading->cursor, at);
    if (!word.n) {
        draft_error(draft, cursor_here(&reading->cursor), "a condition must stand here");
        return NULL;
    }
    const Fact *fact = fact_find(word);
    if (fact)
        return fact;
    static const Str tests[] = {{"absent", 6}, {"never", 5}, {"ever", 4}, {"before", 6},
                                {"after", 5},  {"fires", 5}, {"not", 3}};
    Str *names = new (draft->arena, Str, fact_count + COUNT(tests));
    for (ptrdiff_t i = 0; i < fact_count; i++)
        names[i] = str_from(fact_table[i].word);
    for (ptrdiff_t i = 0; i < COUNT(tests); i++)
        names[fact_count + i] = tests[i];
    Str hint = draft_suggestion(draft, word, names, fact_count + COUNT(tests));
    if (hint.n)
        draft_error(draft, at, "unknown fact '%.*s'%.*s", STR_ARG(word), STR_ARG(hint));
    else
        draft_error(draft, at, "unknown fact '%.*s': the table of facts has no such word",
                    STR_ARG(word));
    return NULL;
}

/* A hole that has a value when conditions are asked; `limit`: index of the computed hole that asks
 * (it sees those above it), or the number of holes. */
static bool hole_has_value(Reading *reading, int hole, Span at, int limit) {
    const Hole *of = &reading->rule->holes.v[hole];
    if (hole < limit || !of->computed)
        return true;
    draft_error(reading->rule->draft, at, "hole '%.*s' gets its value only below",
                STR_ARG(of->name));
    return false;
}

/* A word that stands for a hole or for itself. */
static bool argument_word(Reading *reading, Span at, bool dollar, int limit,
                          struct FactTermArg *arg) {
    RuleDraft *rule = reading->rule;
    Str word = cursor_text(&reading->cursor, at);
    arg->hole = rule_hole(rule, word);
    if (arg->hole >= 0)
        return hole_has_value(reading, arg->hole, at, limit);
    Str *names = new (rule->draft->arena, Str, rule->holes.n + 1);
    for (ptrdiff_t i = 0; i < rule->holes.n; i++)
        names[i] = rule->holes.v[i].name;
    Str hint = draft_suggestion(rule->draft, word, names, rule->holes.n);
    if (dollar || hint.n) {
        draft_error(rule->draft, at, "hole '%.*s' is not declared%.*s", STR_ARG(word),
                    STR_ARG(hint));
        return false;
    }
    arg->literal = word;
    return true;
}

static bool argument_read(Reading *reading, int limit, struct FactTermArg *arg) {
    Cursor *cursor = &reading->cursor;
    *arg = (struct FactTermArg){.hole = -1};
    if (cursor_take(cursor, "\"")) {
        Str rest = cursor_text(cursor, (Span){cursor->at, cursor->end});
        ptrdiff_t end = str_find_byte(rest, '"');
        if (end < 0) {
            draft_error(cursor->draft, ((Span){cursor->at - 1, cursor->at}),
                        "this string is not closed");
            return false;
        }
        arg->literal = str_slice(rest, 0, end);
        cursor->at += (uint32_t)end + 1;
        return true;
    }
    bool dollar = cursor_take(cursor, "$");
    Span at = cursor_run(cursor, ".-/");
    if (at.end > at.at)
        return argument_word(reading, at, dollar, limit, arg);
    draft_error(cursor->draft, cursor_here(cursor), "an argument of the fact must stand here");
    return false;
}

/* Whether a setting has that name; an error at `at` if none does. */
static bool setting_known(Draft *draft, Str name, Span at) {
    double number;
    if (settings_number(&settings_default, name, &number))
        return true;
    static const Str names[] = {
        {"device-map-above", 16}, {"gpu-memory", 10}, {"batch-size", 10}, {"max-new-tokens", 14}};
    Str hint = draft_suggestion(draft, name, names, COUNT(names));
    draft_error(draft, at, "no setting has the name '%.*s'%.*s", STR_ARG(name), STR_ARG(hint));
    return false;
}

static bool fact_read(Reading *reading, int limit, FactTerm *term, Span *word) {
    Draft *draft = reading->rule->draft;
    Cursor *cursor = &reading->cursor;
    cursor_skip(cursor);
    word->at = cursor->at;
    term->fact = fact_read_word(reading);
    word->end = cursor->at;
    if (!term->fact)
        return false;
    if (cursor_take(cursor, "(")) {
        do {
            if (term->n == COUNT(term->args)) {
                draft_error(draft, cursor_here(cursor), "a fact has at most %d arguments",
                            (int)COUNT(term->args));
                return false;
            }
            if (!argument_read(reading, limit, &term->args[term->n]))
                return false;
            term->n++;
        } while (cursor_take(cursor, ","));
        if (!cursor_take(cursor, ")")) {
            draft_error(draft, cursor_here(cursor), "',' or ')' must stand here");
            return false;
        }
        word->end = cursor->at;
    }
    const Fact *fact = term->fact;
    if (term->n >= fact->min_args && term->n <= fact->max_args)
        return !str_eq(str_from(fact->word), S("setting")) ||
               setting_known(draft, term->args[0].literal, *word);
    Str wanted = fact->min_args == fact->max_args
                     ? str_format(draft->arena, "%d", fact->min_args)
                     : str_format(draft->arena, "%d to %d", fact->min_args, fact->max_args);
    draft_error(draft, *word, "fact '%s' takes %.*s argument%s, not %d", fact->word,
                STR_ARG(wanted), fact->max_args == 1 ? "" : "s", term->n);
    return false;
}

/* ---- tests ---- */

static Compare compare_read(Cursor *cursor) {
    static const struct {
        const char *token;
        Compare compare;
    } tokens[] = {{"<=", COMPARE_LESS_EQUAL},
                  {">=", COMPARE_GREATER_EQUAL},
                  {"<", COMPARE_LESS},
                  {">", COMPARE_GREATER},
                  {"=", COMPARE_EQUAL}};
    for (int i = 0; i < COUNT(tokens); i++) {
        if (cursor_take(cursor, tokens[i].token))
            return tokens[i].compare;
    }
    return COMPARE_NONE;
}

/* A number, a version, or for facts with a number a setting's name. */
static bool value_read(Reading *reading, Test *test) {
    Cursor *cursor = &reading->cursor;
    Span at = cursor_run(cursor, ".-");
    test->value = cursor_text(cursor, at);
    if (!test->value.n) {
        draft_error(cursor->draft, cursor_here(cursor),
                    "a number, a version or a setting must stand here");
        return false;
    }
    bool digit = test->value.p[0] >= '0' && test->value.p[0] <= '9';
    Version version;
    if (digit && !version_parse(test->value, &version)) {
        draft_error(cursor->draft, at, "'%.*s' is neither a number nor a version",
                    STR_ARG(test->value));
        return false;
    }
    return digit || test->fact.fact->kind != FACT_NUMBER ||
           setting_known(cursor->draft, test->value, at);
}

static bool test_fact(Reading *reading, Test *test) {
    Draft *draft = reading->rule->draft;
    Span word;
    if (!fact_read(reading, (int)reading->rule->holes.n, &test->fact, &word))
        return false;
    test->compare = compare_read(&reading->cursor);
    const Fact *fact = test->fact.fact;
    if (test->compare == COMPARE_NONE) {
        if (fact->kind != FACT_NUMBER && fact->kind != FACT_VERSION)
            return true;
        draft_error(draft, word, "fact '%s' is a number: compare it, as in '%s > 7'", fact->word,
                    fact->word);
        return false;
    }
    if (fact->kind == FACT_CONDITION) {
        draft_error(draft, word, "fact '%s' is yes or no and cannot be compared", fact->word);
        return false;
    }
    if (fact->kind == FACT_VALUE && test->compare != COMPARE_EQUAL) {
        draft_error(draft, word, "fact '%s' is a text: only '=' can follow", fact->word);
        return false;
    }
    return value_read(reading, test);
}

static bool test_absent(Reading *reading, Test *test) {
    Draft *draft = reading->rule->draft;
    List(Str) keywords = {0};
    do {
        Span at = cursor_identifier(&reading->cursor);
        if (at.at == at.end) {
            draft_error(draft, cursor_here(&reading->cursor),
                        "the name of an argument must follow 'absent'");
            return false;
        }
        *list_push(draft->arena, &keywords) = cursor_text(&reading->cursor, at);
    } while (cursor_take(&reading->cursor, ","));
    test->keywords = keywords.v;
    test->n_keywords = keywords.n;
    return true;
}

static bool test_statement(Reading *reading, Test *test, const char *word) {
    RuleDraft *rule = reading->rule;
    Draft *draft = rule->draft;
    Cursor *cursor = &reading->cursor;
    if (cursor_done(cursor)) {
        draft_error(draft, ((Span){cursor->end, cursor->end}), "a statement must follow '%s'",
                    word);
        return false;
    }
    Sheet *sheet = new (draft->arena, Sheet, 1);
    Span at = {cursor->at, cursor->end};
    cursor->at = cursor->end;
    sheet_of_span(draft, sheet, at);
    if (!sheet_parse(rule, sheet, "the statement", false))
        return false;
    test->statement = new (draft->arena, Pattern, 1);
    pattern_fill(draft, test->statement, sheet);
    if (test->statement->n == 1)
        return true;
    draft_error(draft, at, "one statement must follow '%s'", word);
    return false;
}

static bool test_fires(Reading *reading, Test *test) {
    Draft *draft = reading->rule->draft;
    Cursor *cursor = &reading->cursor;
    test->hole = -1;
    bool open = cursor_take(cursor, "(");
    Span name = cursor_run(cursor, "/-.");
    test->transform = cursor_text(cursor, name);
    if (!open || !test->transform.n) {
        draft_error(draft, cursor_here(cursor),
                    "the name of a transform must follow 'fires', as in 'fires(load/device-map)'");
        return false;
    }
    if (cursor_take(cursor, ",")) {
        cursor_take(cursor, "$");
        Span at = cursor_identifier(cursor);
        test->hole = rule_hole(reading->rule, cursor_text(cursor, at));
        if (test->hole < 0) {
            draft_error(draft, at, "hole '%.*s' is not declared", STR_ARG(cursor_text(cursor, at)));
            return false;
        }
    }
    if (cursor_take(cursor, ")"))
        return true;
    draft_error(draft, cursor_here(cursor), "')' must stand here");
    return false;
}

static bool test_read(Reading *reading, Test *test) {
    static const struct {
        const char *word;
        TestKind kind;
    } statements[] = {
        {"never", TEST_NEVER}, {"ever", TEST_EVER}, {"before", TEST_BEFORE}, {"after", TEST_AFTER}};
    test->negated = cursor_take(&reading->cursor, "not");
    test->hole = -1;
    for (int i = 0; i < COUNT(statements); i++) {
        if (!cursor_take(&reading->cursor, statements[i].word))
            continue;
        test->kind = statements[i].kind;
        return test_statement(reading, test, statements[i].word);
    }
    if (cursor_take(&reading->cursor, "absent")) {
        test->kind = TEST_ABSENT;
        return test_absent(reading, test);
    }
    if (cursor_take(&reading->cursor, "fires")) {
        test->kind = TEST_FIRES;
        return test_fires(reading, test);
    }
    test->kind = TEST_FACT;
    return test_fact(reading, test);
}

static bool condition_read(Reading *reading, Condition *condition) {
    Draft *draft = reading->rule->draft;
    List(Test) tests = {0};
    do {
        Test test = {0};
        if (!test_read(reading, &test))
            return false;
        *list_push(draft->arena, &tests) = test;
    } while (cursor_take(&reading->cursor, "or"));
    condition->tests = tests.v;
    condition->n = tests.n;
    return true;
}

/* Nothing but blanks may be left. */
static bool line_ends(Reading *reading) {
    if (cursor_done(&reading->cursor))
        return true;
    draft_error(reading->rule->draft, ((Span){reading->cursor.at, reading->cursor.end}),
                "the condition should end here, or go on with 'or'");
    return false;
}

/* ---- what waits ---- */

static bool computed_read(RuleDraft *rule, Pending pending) {
    Reading reading = {rule, {rule->draft, pending.at.at, pending.at.end}};
    FactTerm term = {0};
    Span word;
    if (!fact_read(&reading, pending.hole, &term, &word) || !line_ends(&reading))
        return false;
    rule->holes.v[pending.hole].fact = term;
    if (term.fact->kind == FACT_VALUE)
        return true;
    draft_error(rule->draft, word, "fact '%s' gives no text that a hole could take",
                term.fact->word);
    return false;
}

bool conditions_read(RuleDraft *rule) {
    Draft *draft = rule->draft;
    List(Condition) conditions = {0};
    bool good = true;
    for (ptrdiff_t i = 0; i < rule->pending.n; i++) {
        Pending pending = rule->pending.v[i];
        if (pending.hole >= 0) {
            good &= computed_read(rule, pending);
            continue;
        }
        Reading reading = {rule, {draft, pending.at.at, pending.at.end}};
        Condition condition = {.text = str_trim(str_span(draft->text, pending.at)),
                               .line = pending.line};
        good &= condition_read(&reading, &condition) && line_ends(&reading);
        *list_push(draft->arena, &conditions) = condition;
    }
    rule->rule->conditions = conditions.v;
    rule->rule->n_conditions = conditions.n;
    return good;
}

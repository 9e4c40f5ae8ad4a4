/* Which words a simple regular expression stands for. */
#include "tests/unit.h"
#include "transform/literals.h"

static Arena arena;

/* The words, joined by a blank; "-" when they can't be told. */
static Str words(const char *regex) {
    Literals literals = {0};
    Buf out = {.arena = &arena};
    if (!regex_literals(&arena, str_from(regex), &literals))
        return S("-");
    for (ptrdiff_t i = 0; i < literals.n; i++)
        buf_format(&out, "%s%.*s", i ? " " : "", STR_ARG(literals.v[i]));
    return buf_str(&out);
}

static void test_words(void) {
    CHECK_STR(words("^Trainer$"), S("Trainer"));
    CHECK_STR(words("^(Seq2Seq)?Trainer$"), S("Seq2SeqTrainer Trainer"));
    CHECK_STR(words("^(a|b|)c?$"), S("ac a bc b c "));
    CHECK_STR(words("^(?:a(b|c)|d)$"), S("ab ac d"));
    CHECK_STR(words("^(encode|encode_plus)$"), S("encode encode_plus"));
}

static void test_not_told(void) {
    CHECK_STR(words(""), S("-"));
    CHECK_STR(words("Trainer"), S("-"));
    CHECK_STR(words("^Trainer"), S("-"));
    CHECK_STR(words("^a|b$"), S("-"));
    CHECK_STR(words("^a.*$"), S("-"));
    CHECK_STR(words("^a+$"), S("-"));
    CHECK_STR(words("^[ab]$"), S("-"));
    CHECK_STR(words("^(a$"), S("-"));
    CHECK_STR(words("^(?!a)b$"), S("-"));
    CHECK_STR(words("^a\\d$"), S("-"));
    CHECK_STR(words("^a??$"), S("-"));
    CHECK_STR(words("^(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)$"), S("-"));
    CHECK_STR(words("^((((((((((a))))))))))$"), S("-"));
}

static void close_arena(void) {
    arena_close(&arena);
}

UNIT_MAIN(test_words, test_not_told, close_arena)

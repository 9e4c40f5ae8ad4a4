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
    CHECK_STR(regex_of_words(&arena, S("^TF[A-Z]")), S("(?<![A-Za-z0-9_])(?:TF[A-Z])"));
    CHECK_STR(regex_of_words(&arena, S("^(a|b)$")),
              S("(?<![A-Za-z0-9_])(?:(a|b))(?![A-Za-z0-9_])"));
    CHECK_STR(regex_of_words(&arena, S("^a|b")), S(""));
    CHECK_STR(regex_of_words(&arena, S("Fast$")), S("(?:Fast)(?![A-Za-z0-9_])"));
    CHECK_STR(regex_of_words(&arena, S("^\\w+_x")), S("(?<![A-Za-z0-9_])(?:\\w+_x)"));
    CHECK_STR(regex_of_words(&arena, S("^a\\b")), S(""));
    CHECK_STR(regex_of_words(&arena, S("^(?!a)b")), S(""));
    CHECK_STR(words("^a|b$"), S("-"));
    CHECK_STR(words("^a.*$"), S("-"));
    CHECK_STR(words("^a+$"), S("-"));
    CHECK_STR(words("^[ab]$"), S("-"));
    CHECK_STR(words("^(a$"), S("-"));
    CHECK_STR(words("^(?!a)b$"), S("-"));
    CHECK_STR(words("^a\\d$"), S("-"));
    CHECK_STR(words("^a??$"), S("-"));
    CHECK_STR(words("^(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)$"), S("-"));
    CHECK_STR(words("^((((((((((a))))))))))$"), S("-"));
}

static Str fixed(const char *regex) {
    return regex_fixed(&arena, str_from(regex));
}

static void test_fixed(void) {
    CHECK_STR(fixed(""), S(""));
    CHECK_STR(fixed("abc"), S("abc"));
    CHECK_STR(fixed("^abc$"), S("abc"));
    CHECK_STR(fixed("\\.cache/hub/?[\"']$"), S(".cache/hub"));
    CHECK_STR(fixed("ab?cd"), S("cd"));
    CHECK_STR(fixed("abc*"), S("ab"));
    CHECK_STR(fixed("abc{0,2}de"), S("ab"));
    CHECK_STR(fixed("ab+c"), S("ab"));
    CHECK_STR(fixed("a|b"), S(""));
    CHECK_STR(fixed("(a|b)cde"), S("cde"));
    CHECK_STR(fixed("(?i)abc"), S(""));
    CHECK_STR(fixed("(abc)?de"), S("de"));
    CHECK_STR(fixed("[)(]ab[\\]]c"), S("ab"));
    CHECK_STR(fixed("\\dabc\\w"), S("abc"));
    CHECK_STR(fixed("^(?!None$)"), S(""));
    CHECK_STR(fixed("a{2"), S(""));
    CHECK_STR(fixed("\\x41bcd"), S(""));
    CHECK_STR(fixed("(?x) a b"), S(""));
    CHECK_STR(fixed("(?!x)ab(c)\\2"), S(""));
    CHECK_STR(fixed("(?<=x)abc"), S("abc"));
}

static void close_arena(void) {
    arena_close(&arena);
}

UNIT_MAIN(test_words, test_not_told, test_fixed, close_arena)

/* Logical lines, joined by '|', against what Python's tokenizer makes of the same text. */
#include "python/lines.h"
#include "tests/unit.h"

static Arena arena;

static Str lines(Str text) {
    LineScan scan = {.text = text};
    Buf out = {.arena = &arena};
    for (Span line; lines_next(&scan, &line);) {
        if (out.n)
            buf_add_byte(&out, '|');
        buf_add(&out, str_span(text, line));
    }
    if (scan.unsure)
        buf_add(&out, S("|?"));
    return buf_str(&out);
}

static bool is_one_line(Str text) {
    if (str_eq(lines(text), text))
        return true;
    fprintf(stderr, "%.*s -> %.*s\n", STR_ARG(text), STR_ARG(lines(text)));
    return false;
}

static bool is_unsure(Str text) {
    return str_ends(lines(text), S("|?"));
}

static void test_plain(void) {
    CHECK_STR(lines(S("")), S(""));
    CHECK_STR(lines(S("\n  # c\n\n")), S(""));
    CHECK_STR(lines(S("a = 1\nif b:\n    c\n\n\td; e\n")), S("a = 1|if b:|c|d; e"));
    CHECK_STR(lines(S("a  # b (\n# c\nd")), S("a  # b (|d"));
    CHECK_STR(lines(S("a\r\n  b\r\n")), S("a|b"));
    CHECK_STR(lines(S("\xEF\xBB\xBF"
                      "a\n")),
              S("a"));
    CHECK_STR(lines(S("\fa\n")), S("a"));
}

static void test_joined(void) {
    CHECK_STR(lines(S("f(a,\n  b)\nc")), S("f(a,\n  b)|c"));
    CHECK(is_one_line(S("x = [{'a': (1,\n # it's)\n 2)},\n]")));
    CHECK(is_one_line(S("a = b + \\\n  c")));
    CHECK_STR(lines(S("a = b + \\\r\n  c\r\nd")), S("a = b + \\\r\n  c|d"));
    CHECK_STR(lines(S("a  # not joined \\\nb")), S("a  # not joined \\|b"));
}

static void test_strings(void) {
    CHECK_STR(lines(S("'a # b'\n\"(\"\n'\\''\nr'\\'x'\n")), S("'a # b'|\"(\"|'\\''|r'\\'x'"));
    CHECK(is_one_line(S("'''a\n'b' \"\"\"\n\\'''(\n'''")));
    CHECK(is_one_line(S("x = '''\\\\''' + \"\"\"\n\"\"\"")));
    CHECK_STR(lines(S("''''a'''\n''\nb")), S("''''a'''|''|b"));
    CHECK(is_one_line(S("'a\\\nb'")));
    CHECK(is_one_line(S("'a\\\r\nb'")));
    CHECK_STR(lines(S("x = b'(' if'{'else u'['\ny")), S("x = b'(' if'{'else u'['|y"));
    CHECK_STR(lines(S("rb'{'\nBR'{'\n_f'{'\n")), S("rb'{'|BR'{'|_f'{'"));
}

static void test_f_strings(void) {
    CHECK_STR(lines(S("f'{a}' # (\nb")), S("f'{a}' # (|b"));
    CHECK_STR(lines(S("f'{{'\nf'}}'\nRF\"{{{a}}}\"\nb")), S("f'{{'|f'}}'|RF\"{{{a}}}\"|b"));
    CHECK(is_one_line(S("f\"{d[\"(\"]}\"")));
    CHECK(is_one_line(S("f\"{f\"{f\"{x}\"}\"}\"")));
    CHECK_STR(lines(S("f'{a:>{w}}'\nf'{a!r:^{w}.{p}}'\nb")), S("f'{a:>{w}}'|f'{a!r:^{w}.{p}}'|b"));
    CHECK_STR(lines(S("f'{a:\"^10}'\nb")), S("f'{a:\"^10}'|b"));
    CHECK_STR(lines(S("f'{d[1:2]:(}'\nb")), S("f'{d[1:2]:(}'|b"));
    CHECK_STR(lines(S("f'{(lambda x: 1)}'\nb")), S("f'{(lambda x: 1)}'|b"));
    CHECK_STR(lines(S("f'\\N{LEFT PARENTHESIS}('\nb")), S("f'\\N{LEFT PARENTHESIS}('|b"));
    CHECK_STR(lines(S("rf'\\{a}\\N{b[\"}\"]}'\nb")), S("rf'\\{a}\\N{b[\"}\"]}'|b"));
    CHECK(is_one_line(S("f'''{\na}\n'(' {b:\n}'''")));
    CHECK(is_one_line(S("f'{a\n}'")));
    CHECK_STR(lines(S("f'\\'{a}'\nb")), S("f'\\'{a}'|b"));
}

static void test_unsure(void) {
    CHECK(is_unsure(S("a = 'b\nc")));
    CHECK(is_unsure(S("a = '''b\nc''")));
    CHECK(is_unsure(S("f(a\nb")));
    CHECK(is_unsure(S("f(a]\n")));
    CHECK(is_unsure(S("a)\n")));
    CHECK(is_unsure(S("`a`\n")));
    CHECK(is_unsure(S("a\rb\n")));
    CHECK(is_unsure(S("# a\rb\n")));
    CHECK(is_unsure(S("a $ b\n")));
    CHECK(is_unsure(S("f'{a'\n")));
    CHECK(is_unsure(S("f'a}'\n")));
    CHECK(is_unsure(S("a \\ b\n")));
    CHECK(is_unsure(S("a \\")));
    CHECK(is_unsure(S("'a\\")));
    CHECK(is_unsure(S("f'a\\")));
    CHECK(is_unsure(S("f'\\N{")));
    CHECK_STR(lines(S("a\nb)\nc")), S("a|?"));
    Buf deep = {.arena = &arena};
    for (int i = 0; i <= LINES_MAX_DEPTH; i++)
        buf_add_byte(&deep, '(');
    for (int i = 0; i <= LINES_MAX_DEPTH; i++)
        buf_add_byte(&deep, ')');
    CHECK(is_unsure(buf_str(&deep)));
    CHECK(is_one_line(str_slice(buf_str(&deep), 1, deep.n - 1)));
}

static void test_holding(void) {
    Str text = S("a\nf(b,\n  c)  # d\n  # e\ng\n");
    LineScan scan = {.text = text};
    Span line = {0};
    CHECK(lines_holding(&scan, 0, &line) && line.at == 0 && line.end == 1);
    CHECK(!lines_holding(&scan, 1, &line));
    CHECK(lines_holding(&scan, (uint32_t)str_find(text, S("b")), &line));
    CHECK_STR(str_span(text, line), S("f(b,\n  c)  # d"));
    CHECK(lines_holding(&scan, (uint32_t)str_find(text, S("c")), &line));
    CHECK_STR(str_span(text, line), S("f(b,\n  c)  # d"));
    CHECK(!lines_holding(&scan, (uint32_t)str_find(text, S("e")), &line));
    CHECK(lines_holding(&scan, (uint32_t)str_find(text, S("g")), &line));
    CHECK_STR(str_span(text, line), S("g"));
    CHECK(!lines_holding(&scan, (uint32_t)text.n, &line) && !scan.unsure);
}

/* The text with every `x` that is no code as `-`. */
static Str seen(const char *code) {
    Str text = str_from(code);
    LineScan scan = {.text = text};
    char *out = new (&arena, char, text.n);
    for (ptrdiff_t i = 0; i < text.n; i++)
        out[i] = text.p[i] != 'x' || lines_in_code(&scan, (uint32_t)i) ? text.p[i] : '-';
    return (Str){out, text.n};
}

static void test_in_code(void) {
    CHECK_STR(seen("x(x, 'x', x) # x x"), S("x(x, '-', x) # - -"));
    CHECK_STR(seen("a = '''x\nx''' + x"), S("a = '''-\n-''' + x"));
    CHECK_STR(seen("f(b'x' x r\"x\\\"x\" x)"), S("f(b'-' x r\"-\\\"-\" x)"));
    CHECK_STR(seen("f'x{x}{\"x\"}x' x"), S("f'x{x}{\"-\"}x' x"));
    CHECK_STR(seen("(x, # x\n x, 'x'\n)"), S("(x, # -\n x, '-'\n)"));
}

/* Every prefix of a text ends in some way. */
static void test_cut_off(void) {
    Str text =
        S("def f(a, *, b='c'):\n    '''d\\''''''\n    return f\"{a:{'x'}>{b!r}}\" + r'\\' \\\n"
          "  [1, {2: 3}] # e\r\n");
    for (ptrdiff_t n = 0; n <= text.n; n++) {
        char *exact = new (&arena, char, n);
        for (ptrdiff_t i = 0; i < n; i++)
            exact[i] = text.p[i];
        Str got = lines((Str){exact, n});
        CHECK(got.n <= n + 2);
    }
    arena_close(&arena);
}

UNIT_MAIN(test_plain, test_joined, test_strings, test_f_strings, test_unsure, test_holding,
          test_in_code, test_cut_off)

/* Notebooks: the program in the cells, and new text back into the bytes that it came from. */
#include "document/document.h"

#include <string.h>

#include "unit.h"

static Arena arena;
static Diagnostics diagnostics;

static Document *read(Str bytes) {
    diagnostics = (Diagnostics){.arena = &arena};
    return document_read(&arena, S("a.ipynb"), bytes, &diagnostics);
}

/* A notebook of cells that are given as JSON. */
static Str with_cells(const char *cells) {
    return str_format(&arena, "{\"cells\": [%s], \"metadata\": {}}", cells);
}

/* A notebook with one code cell, whose source is given as JSON. */
static Str with_source(const char *source) {
    return with_cells(
        str_c(&arena, str_format(&arena, "{\"cell_type\": \"code\", \"source\": %s}", source)));
}

static Str replaced(Str text, const char *from, const char *to) {
    Buf out = {.arena = &arena};
    ptrdiff_t at = str_find(text, str_from(from));
    CHECK(at >= 0);
    if (at < 0)
        return text;
    buf_add(&out, str_slice(text, 0, at));
    buf_add(&out, str_from(to));
    buf_add(&out, str_slice(text, at + (ptrdiff_t)strlen(from), text.n));
    return buf_str(&out);
}

/* The pieces' texts, with a new one for the program. */
static Str *texts_of(const Document *document, Str program) {
    Str *texts = new (&arena, Str, document->n + 1);
    for (ptrdiff_t i = 1; i < document->n; i++)
        texts[i] = document->pieces[i]->text;
    texts[0] = program;
    return texts;
}

/* The notebook's bytes with `from` changed in its program. */
static Str edited(Str bytes, const char *from, const char *to) {
    const Document *document = read(bytes);
    CHECK(document && document->n);
    if (!document || !document->n)
        return (Str){0};
    Str result = {0};
    CHECK(document_render(document, &arena,
                          texts_of(document, replaced(document->pieces[0]->text, from, to)),
                          &result, &diagnostics));
    return result;
}

/* What `source` becomes when the program changes so. */
static Str edited_source(const char *source, const char *from, const char *to) {
    Str before = with_source(""), after = edited(with_source(source), from, to);
    ptrdiff_t head = str_find(before, S("}], \"metadata\"")), tail = before.n - head;
    return str_slice(after, head, after.n - tail);
}

/* The program, with `|` for the lines between cells. */
static Str program(Str bytes) {
    const Document *document = read(bytes);
    if (!document || !document->n)
        return S("none");
    Buf out = {.arena = &arena};
    for (Str rest = document->pieces[0]->text; rest.n;) {
        Str line;
        bool ended = str_cut(rest, '\n', &line, &rest);
        if (str_starts(line, S("hffix_cell")))
            line = S("|");
        buf_add(&out, line);
        buf_add(&out, ended ? S("\n") : S(""));
    }
    return buf_str(&out);
}

static Str program_of(const char *source) {
    return program(with_source(source));
}

/* ---- writing ---- */

static const char indented[] = "{\n"
                               " \"nbformat\": 4,\n"
                               " \"cells\": [\n"
                               "  {\n"
                               "   \"source\": [\n"
                               "    \"import a\\n\",\n"
                               "    \"f(1)\"\n"
                               "   ],\n"
                               "   \"outputs\": [{\"data\": 1.50e+0, \"text\": [\"f(1)\"]}],\n"
                               "   \"cell_type\": \"code\"\n"
                               "  },\n"
                               "  {\n"
                               "   \"cell_type\": \"markdown\",\n"
                               "   \"source\": [\"f(2)\"]\n"
                               "  },\n"
                               "  {\n"
                               "   \"cell_type\": \"code\",\n"
                               "   \"id\": \"caf\xC3\xA9\",\n"
                               "   \"source\": [\n"
                               "    \"f(2)\\n\",\n"
                               "    \"g()\"\n"
                               "   ]\n"
                               "  }\n"
                               " ],\n"
                               " \"metadata\": {\"widgets\": {\"state\": {\"source\": \"f(2)\"}}}\n"
                               "}";

static void test_only_the_source_changes(void) {
    Str bytes = str_from(indented);
    CHECK_STR(edited(bytes, "f(1)", "f(1)"), bytes);
    CHECK_STR(edited(bytes, "f(1)", "f(3)"), replaced(bytes, "    \"f(1)\"", "    \"f(3)\""));
    CHECK_STR(edited(bytes, "f(1)\n", "f(\n    1,\n)\n"),
              replaced(bytes, "    \"f(1)\"", "    \"f(\\n\",\n    \"    1,\\n\",\n    \")\""));
    CHECK_STR(edited(bytes, "g()", "g(\"\\n\")"),
              replaced(bytes, "\"g()\"", "\"g(\\\"\\\\n\\\")\""));
    CHECK_STR(edited(bytes, "import a\n", ""), replaced(bytes, "    \"import a\\n\",\n", ""));
    CHECK_STR(edited(bytes, "import a\nf(1)\n", ""),
              replaced(bytes, "\n    \"import a\\n\",\n    \"f(1)\"\n   ", "\n    \n   "));
}

static void test_lists(void) {
    CHECK_STR(edited_source("[\"a\\n\",\"b\"]", "a\n", "c\na\n"), S("[\"c\\n\",\"a\\n\",\"b\"]"));
    CHECK_STR(edited_source("[ \"a\\n\", \"b\" ]", "b\n", "b\nc\n"),
              S("[ \"a\\n\", \"b\\n\", \"c\" ]"));
    CHECK_STR(edited_source("[\"a\"]", "a", "a\nb"), S("[\"a\\n\", \"b\"]"));
    CHECK_STR(edited_source("[\n  \"a\"\n ]", "a", "b\nc"), S("[\n  \"b\\n\",\n  \"c\"\n ]"));
    CHECK_STR(edited_source("[]", "\nhffix_cell", "a\nb\nhffix_cell"), S("[\"a\\n\", \"b\"]"));
    /* A last line with its end, uneven gaps, a line in two strings, an empty string. */
    CHECK_STR(edited_source("[\"a\\n\",   \"b\\n\"]", "a", "c"), S("[\"c\\n\",   \"b\\n\"]"));
    CHECK_STR(edited_source("[\"a\\n\",\"b\\n\" , \"c\"]", "a\n", "x\na\n"),
              S("[\"x\\n\",\"a\\n\",\"b\\n\" , \"c\"]"));
    CHECK_STR(edited_source("[\"a\", \"=1\\n\", \"\", \"b\"]", "b\n", "c\n"),
              S("[\"a\", \"=1\\n\", \"c\"]"));
    CHECK_STR(edited_source("[\"a\\n\", \"b\\n\", \"\"]", "a\n", "c\n"),
              S("[\"c\\n\", \"b\\n\", \"\"]"));
    CHECK_STR(edited_source("[\"a\\nb\\n\", \"c\"]", "c\n", "d\n"), S("[\"a\\nb\\n\", \"d\"]"));
    CHECK_STR(edited_source("[\"a\\nb\\n\", \"c\"]", "a\n", "d\n"),
              S("[\"d\\n\", \"b\\n\", \"c\"]"));
    /* One string that holds all lines stays one. */
    CHECK_STR(edited_source("[\"a\\nb\"]", "a\n", "a\nc\n"), S("[\"a\\nc\\nb\"]"));
}

static void test_strings(void) {
    CHECK_STR(edited_source("\"a\\nb\\n\"", "a", "c"), S("\"c\\nb\\n\""));
    CHECK_STR(edited_source("\"a\\u000ab\"", "b", "c"), S("\"a\\u000ac\""));
    CHECK_STR(edited_source("\"\"", "\nhffix_cell", "a\nhffix_cell"), S("\"a\""));
    CHECK_STR(edited_source("\"a\"", "a\n", ""), S("\"\""));
    CHECK_STR(edited_source("\"a = '\\\\\\\\n'\\nb\"", "b", "c"), S("\"a = '\\\\\\\\n'\\nc\""));
}

static void test_carriage_returns(void) {
    CHECK_STR(edited_source("[\"a\\r\\n\", \"b\"]", "b\r\n", "b\r\nc\r\n"),
              S("[\"a\\r\\n\", \"b\\r\\n\", \"c\"]"));
    const Document *document = read(with_source("[\"a\\r\\n\", \"b\"]"));
    CHECK_STR(document->pieces[0]->newline, S("\r\n"));
    Str bytes = S("{\r\n \"cells\": [\r\n  {\r\n   \"cell_type\": \"code\",\r\n   \"source\": [\r\n"
                  "    \"a\\n\",\r\n    \"b\"\r\n   ]\r\n  }\r\n ]\r\n}\r\n");
    CHECK_STR(edited(bytes, "b\n", "b\nc\n"), replaced(bytes, "\"b\"", "\"b\\n\",\r\n    \"c\""));
}

/* New text is escaped as the old one is; lines that stay keep their spelling in any case. */
static void test_escapes(void) {
    CHECK_STR(edited_source("\"'\xC3\xA9'\"", "'\n", "\xE2\x82\xAC'\n"),
              S("\"'\xC3\xA9\xE2\x82\xAC'\""));
    CHECK_STR(edited_source("\"'\\u00e9'\"", "'\n", "\xF0\x9F\x98\x80'\n"),
              S("\"'\\u00e9\\ud83d\\ude00'\""));
    CHECK_STR(edited_source("\"'\\u00E9'\"", "'\n", "\xC3\xBC'\n"), S("\"'\\u00E9\\u00FC'\""));
    CHECK_STR(edited_source("[\"a\\u003d1\\n\", \"b\"]", "b\n", "b=2\n"),
              S("[\"a\\u003d1\\n\", \"b\\u003d2\"]"));
    CHECK_STR(edited_source("[\"'a\\/b'\\n\", \"b\"]", "b\n", "b/2\n"),
              S("[\"'a\\/b'\\n\", \"b\\/2\"]"));
    CHECK_STR(edited_source("[\"'\\u00e9'\\n\", \"'\xC3\xA9'\\n\", \"b\"]", "b\n", "c\n"),
              S("[\"'\\u00e9'\\n\", \"'\xC3\xA9'\\n\", \"c\"]"));
    CHECK_STR(edited_source("\"a\"", "a\n", "'\x01\x7F\xC3\xA9'\n"),
              S("\"'\\u0001\x7F\xC3\xA9'\""));
    /* Nothing in the cell tells, but another cell does. */
    Str bytes = with_cells("{\"cell_type\": \"markdown\", \"source\": \"\\u00fc\"}, "
                           "{\"cell_type\": \"code\", \"source\": \"a\"}");
    CHECK_STR(edited(bytes, "a\n", "'\xC3\xA9'\n"), replaced(bytes, "\"a\"", "\"'\\u00e9'\""));
}

/* ---- reading ---- */

static void test_cells(void) {
    CHECK_STR(program(str_from(indented)), S("import a\nf(1)\n|\nf(2)\ng()\n|\n"));
    CHECK_STR(program(S("")), S("none"));
    CHECK_STR(program(S("{\"cells\": []}")), S("none"));
    CHECK_STR(program(with_cells("{\"cell_type\": \"raw\", \"source\": \"a\"}")), S("none"));
    CHECK_STR(program(S("{\"worksheets\": [], \"nbformat\": 3}")), S("none"));
    CHECK_STR(program_of("[\"a\", 1]"), S("none"));
    CHECK_STR(program_of("\"\\ud83d\""), S("none"));
    CHECK_STR(program_of("\"a\\u0000\""), S("none"));
    CHECK_STR(program_of("\"# coding: latin-1\\nx = '\xC3\xA9'\""),
              S("# coding: latin-1\nx = '\xC3\xA9'\n|\n"));
    CHECK_STR(program(with_cells("{\"cell_type\": \"code\", \"source\": \"a\","
                                 " \"metadata\": {\"vscode\": {\"languageId\": \"sql\"}}},"
                                 "{\"cell_type\": \"code\", \"source\": \"b\"}")),
              S("b\n|\n"));
    /* The names of stand-ins give way. */
    CHECK(str_find(read(with_source("\"hffix_cell0\\n!a\\nhffix_magic\""))->pieces[0]->text,
                   S("\nhffix_magicx0\n")) > 0);
    CHECK_STR(edited_source("\"hffix_cell0\\n!a\\nhffix_magic\\nb\"", "b", "c"),
              S("\"hffix_cell0\\n!a\\nhffix_magic\\nc\""));
}

static Str with_language(const char *metadata) {
    return str_format(
        &arena, "{\"cells\": [{\"cell_type\": \"code\", \"source\": \"a\"}], \"metadata\": %s}",
        metadata);
}

static void test_languages(void) {
    const char *python[] = {"{}",
                            "{\"kernelspec\": {\"name\": \"my-env\"}}",
                            "{\"kernelspec\": {\"language\": \"python\", \"name\": \"x\"}}",
                            "{\"language_info\": {\"name\": \"Python\"}}",
                            "{\"language_info\": {\"name\": \"python\", \"version\": \"3.1\"}}",
                            "{\"kernelspec\": null}"};
    for (ptrdiff_t i = 0; i < COUNT(python); i++)
        CHECK_STR(program(with_language(python[i])), S("a\n|\n"));
    const char *others[] = {"{\"kernelspec\": {\"language\": \"R\"}}",
                            "{\"language_info\": {\"name\": \"julia\"}}",
                            "{\"kernelspec\": {\"language\": \"javascript or typescript\"}}"};
    for (ptrdiff_t i = 0; i < COUNT(others); i++)
        CHECK_STR(program(with_language(others[i])), S("none"));
}

static void check_error(Str bytes, uint32_t line, uint32_t column) {
    CHECK(!read(bytes));
    CHECK_INT(diagnostics.errors, 1);
    if (diagnostics.errors != 1)
        return;
    CHECK_INT(diagnostics.list.v[0].line, line);
    CHECK_INT(diagnostics.list.v[0].column, column);
}

static void test_errors(void) {
    check_error(S("{\n \"cells\": [\n  \"\xC3\xA9\", ]}"), 3, 8);
    check_error(S("<<<<<<< HEAD\n{\"cells\": []}"), 1, 1);
    check_error(S("[]"), 1, 1);
    check_error(S("{\"cells\": 1}"), 1, 1);
    check_error(S("import a\n"), 1, 1);
}

/* A new text that has lost a mark is refused. */
static void test_lost_marks(void) {
    Str bytes = with_source("\"!a\\nb\\n!c\"");
    const char *lost[] = {"hffix_cell0\n", "hffix_magic0", "hffix_magic1\n"};
    for (ptrdiff_t i = 0; i < COUNT(lost); i++) {
        const Document *document = read(bytes);
        Str text = replaced(document->pieces[0]->text, lost[i], ""), result = {0};
        CHECK(!document_render(document, &arena, texts_of(document, text), &result, &diagnostics));
        CHECK_INT(diagnostics.errors, 1);
    }
    const Document *document = read(bytes);
    Str text = S("hffix_magic1\nb\nhffix_magic0\nhffix_cell0\n"), result = {0};
    CHECK(!document_render(document, &arena, texts_of(document, text), &result, &diagnostics));
}

/* ---- magics ---- */

/* Checks what Python sees of a source, and that an edit beside leaves the rest as it is. */
static void check_magic(const char *source, const char *seen) {
    CHECK_STR(program_of(source), str_format(&arena, "%s\n|\n", seen));
    Str both = str_format(&arena,
                          "{\"cell_type\": \"code\", \"source\": %s}, "
                          "{\"cell_type\": \"code\", \"source\": \"edited\"}",
                          source);
    Str bytes = with_cells(str_c(&arena, both));
    CHECK_STR(edited(bytes, "edited", "done"), replaced(bytes, "edited", "done"));
    const char *newline = strstr(source, "\\r\\n") ? "\\r\\n" : "\\n";
    Str longer = str_format(&arena, "%.*s%sadded\"", (int)strlen(source) - 1, source, newline);
    CHECK_STR(edited(bytes, "hffix_cell0", "added\nhffix_cell0"),
              replaced(bytes, source, str_c(&arena, longer)));
}

static void test_magics(void) {
    check_magic("\"!pip install x\\nf()\"", "hffix_magic0\nf()");
    check_magic("\"%matplotlib inline\\n%load_ext a\"", "hffix_magic0\nhffix_magic1");
    check_magic("\"?f\\nf?\\nf.g??\\nnp.*load*?\"",
                "hffix_magic0\nhffix_magic1\nhffix_magic2\nhffix_magic3");
    check_magic("\"for a in b:\\n    !echo \\\"it's {a}\\\"\\n    f(a)\"",
                "for a in b:\n    hffix_magic0\n    f(a)");
    check_magic("\"if a:\\n\\t%cd b\\nelse:\\n\\t!c\"",
                "if a:\n\thffix_magic0\nelse:\n\thffix_magic1");
    check_magic("\"a = !ls\\nb, c = %time f()\\nd['x']=!ls \\\\\\n  -l\\ne\"",
                "a = hffix_magic0\nb, c = hffix_magic1\nd['x']=hffix_magic2\nhffix_magic3\ne");
    check_magic("\"!pip install \\\\\\n    a \\\\\\n    b\\nf()\"",
                "hffix_magic0\nhffix_magic1\nhffix_magic2\nf()");
    check_magic("\"pip install a\\nls -l\\ncd ..\\nf()\"",
                "hffix_magic0\nhffix_magic1\nhffix_magic2\nf()");
    check_magic("\"!a  \\r\\n%b\\r\\nf()\"", "hffix_magic0\r\nhffix_magic1\r\nf()\r");
}

static void test_cell_magics(void) {
    check_magic("\"%%time\\nf()\"", "hffix_magic0\nf()");
    check_magic("\"\\n# a\\n%%capture out\\n!a\\nf()\"", "\n# a\nhffix_magic0\nhffix_magic1\nf()");
    check_magic("\"%%bash\\nfor a in *; do\\n\\n  echo \\\"\\ndone\"",
                "hffix_magic0\nhffix_magic1\n\nhffix_magic2\nhffix_magic3");
    check_magic("\"%%writefile a.py\\nimport a\"", "hffix_magic0\nhffix_magic1");
}

/* Cells that would draw others into them. */
static void test_cells_that_cannot_be_joined(void) {
    check_magic("\"f(\\n  a\"", "hffix_magic0\nhffix_magic1");
    check_magic("\"a = '''\\nb\"", "hffix_magic0\nhffix_magic1");
    check_magic("\"a = 1 + \\\\\"", "hffix_magic0");
    check_magic("\"    f()\\n    g()\"", "hffix_magic0\nhffix_magic1");
    check_magic("\"f(a))\"", "hffix_magic0");
}

static void test_no_magics(void) {
    const char *sources[] = {"a = b % c",
                             "a = (b\n     % c)",
                             "a = '''\n!x\n%y\n?z\n'''",
                             "a != b",
                             "time = 3",
                             "ls in a",
                             "run(a)",
                             "pip.main()",
                             "a = '%s' % b",
                             "f('why?')",
                             "a = 1  # why?",
                             "# !pip install a\n# %cd\nf()",
                             "\"\"\"why?\n\"\"\"",
                             "time - a",
                             "# only a comment",
                             "a %= b",
                             "d = {'a': 1 if b else 2}",
                             "env if a else b",
                             "a[b] = c",
                             "cat = dog",
                             "@a\ndef f():\n    pass"};
    for (ptrdiff_t i = 0; i < COUNT(sources); i++) {
        Buf json = {.arena = &arena};
        buf_add_byte(&json, '"');
        for (const char *c = sources[i]; *c; c++)
            buf_add(&json, *c == '\n' ? S("\\n") : *c == '"' ? S("\\\"") : (Str){c, 1});
        buf_add_byte(&json, '"');
        check_magic(str_c(&arena, buf_str(&json)), sources[i]);
    }
}

/* ---- places and diffs ---- */

static void test_places(void) {
    const Document *document = read(str_from(indented));
    /* import a, f(1), |, f(2), g(), | */
    DocumentPlace place = document_place(document, &arena, 0, 2);
    CHECK_STR(place.part, S("cell 1"));
    CHECK_INT(place.line, 2);
    place = document_place(document, &arena, 0, 5);
    CHECK_STR(place.part, S("cell 3"));
    CHECK_INT(place.line, 2);
    ptrdiff_t piece;
    uint32_t line;
    CHECK(document_find(document, S("cell 3"), 2, &piece, &line));
    CHECK_INT(line, 5);
    CHECK(!document_find(document, S("cell 3"), 3, &piece, &line));
    CHECK(!document_find(document, S("cell 2"), 1, &piece, &line));
    CHECK(!document_find(document, S(""), 1, &piece, &line));
    Str path, part;
    document_split_path(S("a.ipynb:cell 3"), &path, &part);
    CHECK_STR(path, S("a.ipynb"));
    CHECK_STR(part, S("cell 3"));
    document_split_path(S("a:cell x"), &path, &part);
    CHECK_STR(path, S("a:cell x"));
}

static Str diff_of(Str bytes, const char *from, const char *to, uint32_t marked, bool raw) {
    const Document *document = read(bytes);
    Str text = replaced(document->pieces[0]->text, from, to), result;
    CHECK(document_render(document, &arena, texts_of(document, text), &result, &diagnostics));
    DiffMark mark = {marked, S("area/name")};
    PieceMarks marks = {&mark, 1};
    Buf out = {.arena = &arena};
    PieceMarks both[] = {marks, {0}};
    document_diff(document, &out, S("a.ipynb"), texts_of(document, text), result, both, raw);
    return buf_str(&out);
}

static void test_diffs(void) {
    CHECK_STR(diff_of(str_from(indented), "f(2)", "f(3)", 4, false),
              S("--- a/a.ipynb\n+++ b/a.ipynb\n@@ cell 3, -1,2 +1,2 @@ area/name\n-f(2)\n+f(3)\n"
                " g()\n"));
    CHECK_STR(diff_of(str_from(indented), "g()", "g(3)", 5, true),
              S("--- a/a.ipynb\n+++ b/a.ipynb\n@@ -18,7 +18,7 @@ area/name\n"
                "    \"id\": \"caf\xC3\xA9\",\n    \"source\": [\n     \"f(2)\\n\",\n"
                "-    \"g()\"\n+    \"g(3)\"\n    ]\n   }\n  ],\n"));
    /* Two cells change: one header, and a removed line that looks like one. */
    CHECK_STR(
        diff_of(str_from(indented), "f(1)\nhffix_cell0\nf(2)", "-- a\nhffix_cell0\nf(3)", 2, false),
        S("--- a/a.ipynb\n+++ b/a.ipynb\n@@ cell 1, -1,2 +1,2 @@ area/name\n import a\n"
          "-f(1)\n+-- a\n@@ cell 3, -1,2 +1,2 @@\n-f(2)\n+f(3)\n g()\n"));
    CHECK_STR(diff_of(with_source("\"!a\\nb\""), "b", "c", 2, false),
              S("--- a/a.ipynb\n+++ b/a.ipynb\n@@ cell 1, -1,2 +1,2 @@ area/name\n !a\n-b\n+c\n"));
}

/* The programs of the commands in the hidden lines, and the variables. */
static Str commands_of(const char *source) {
    const Document *document = read(with_source(source));
    Buf out = {.arena = &arena};
    if (document->n < 2)
        return S("none");
    CHECK(document->pieces[1]->lines <= document->pieces[0]->lines);
    ShellReader reader = {
        .arena = &arena, .parser = parser_open(), .source = document->pieces[1]->text};
    document->holds[1].cut(&reader);
    parser_close(reader.parser);
    for (ptrdiff_t i = 0; i < reader.commands.n; i++) {
        Span span = reader.commands.v[i].words[0].span;
        buf_format(&out, "%.*s ", STR_ARG(str_span(reader.source, span)));
    }
    for (ptrdiff_t i = 0; i < reader.variables.n; i++)
        buf_format(&out, "=%.*s ", STR_ARG(str_span(reader.source, reader.variables.v[i].name)));
    return str_trim(buf_str(&out));
}

static void test_shell(void) {
    CHECK_STR(commands_of("\"f()\""), S("none"));
    CHECK_STR(commands_of("\"f()\\n!a b {c} | d\\nif x:\\n    !e\\ny = !g\""), S("a d e g"));
    CHECK_STR(commands_of("\"!a \\\\\\n  b\\n!c\""), S("a c"));
    CHECK_STR(commands_of("\"%%bash\\na\\nb\""), S("a b"));
    CHECK_STR(commands_of("\"%%writefile x\\n!a\\nb\""), S(""));
    CHECK_STR(commands_of("\"%%time\\n!a\""), S("a"));
    CHECK_STR(commands_of("\"%env A=1\\n%set_env B 2\\n%env\\n%cd c\""), S("=A =B"));
    CHECK_STR(commands_of("\"!a \\\"b\""), S(""));
    Document *document = read(with_source("\"!a b\\nx = !d\\nf()\""));
    Str *texts = texts_of(document, document->pieces[0]->text), result;
    texts[1] = replaced(replaced(texts[1], "!a", "!cc"), "!d", "!ee");
    CHECK(document_render(document, &arena, texts, &result, &diagnostics));
    CHECK_STR(result, with_source("\"!cc b\\nx = !ee\\nf()\""));
}

UNIT_MAIN(test_only_the_source_changes, test_lists, test_strings, test_carriage_returns,
          test_escapes, test_cells, test_languages, test_errors, test_lost_marks, test_magics,
          test_cell_magics, test_cells_that_cannot_be_joined, test_no_magics, test_places,
          test_diffs, test_shell)

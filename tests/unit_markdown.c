/* Pages of text: which blocks are Python, and new text back into the lines that it came from. */
#include "document/document.h"

#include <string.h>

#include "unit.h"

static Arena arena;
static Diagnostics diagnostics;

static Document *read(const char *path, Str bytes) {
    diagnostics = (Diagnostics){.arena = &arena};
    Document *document = document_read(&arena, str_from(path), bytes, &diagnostics);
    CHECK(document && document->kind == DOCUMENT_PAGE && document->doubtful);
    CHECK_INT(diagnostics.errors, 0);
    return document;
}

/* The texts of Python's blocks, or of shell's and of prose, each with `|` behind it. */
static Str blocks_of(const char *path, const char *bytes, bool python) {
    const Document *document = read(path, str_from(bytes));
    Buf out = {.arena = &arena};
    for (ptrdiff_t i = 0; i < document->n; i++)
        if (document->holds[i].python == python)
            buf_format(&out, "%.*s|", STR_ARG(document->pieces[i]->text));
    return buf_str(&out);
}

static Str blocks(const char *path, const char *bytes) {
    return blocks_of(path, bytes, true);
}

/* What is found in them: the commands' programs. */
static Str programs(const char *path, const char *bytes) {
    const Document *document = read(path, str_from(bytes));
    Buf out = {.arena = &arena};
    for (ptrdiff_t i = 0; i < document->n; i++) {
        ShellReader reader = {
            .arena = &arena, .parser = parser_open(), .source = document->pieces[i]->text};
        if (document->holds[i].cut)
            document->holds[i].cut(&reader);
        parser_close(reader.parser);
        for (ptrdiff_t k = 0; k < reader.commands.n; k++) {
            const ShellCommand *command = &reader.commands.v[k];
            buf_format(&out, "%.*s ", STR_ARG(command->words[command->program].text));
        }
    }
    return str_trim(buf_str(&out));
}

static Str replaced(Str text, const char *from, const char *to) {
    Buf out = {.arena = &arena};
    for (ptrdiff_t at; (at = str_find(text, str_from(from))) >= 0;) {
        buf_add(&out, str_slice(text, 0, at));
        buf_add(&out, str_from(to));
        text = str_slice(text, at + (ptrdiff_t)strlen(from), text.n);
    }
    buf_add(&out, text);
    return buf_str(&out);
}

/* The page with `from` changed in its blocks. */
static Str edited(const char *path, const char *bytes, const char *from, const char *to) {
    const Document *document = read(path, str_from(bytes));
    Str *texts = new (&arena, Str, document->n), result = {0};
    for (ptrdiff_t i = 0; i < document->n; i++)
        texts[i] = replaced(document->pieces[i]->text, from, to);
    CHECK(document_render(document, &arena, texts, &result, &diagnostics));
    return result;
}

static Str md(const char *bytes) {
    return blocks("a.md", bytes);
}

static void test_fences(void) {
    CHECK_STR(md("```python\na\n```\n"), S("a\n|"));
    CHECK_STR(md("x\n\n```py\na\n\nb\n```\ny\n~~~ Python3\nc\n~~~"), S("a\n\nb\n|c\n|"));
    CHECK_STR(md("````python\na\n```\nb\n`````  \n"), S("a\n```\nb\n|"));
    CHECK_STR(md("~~~py `x`\na\n```\n~~~\n"), S("a\n```\n|"));
    CHECK_STR(md("``` {.python .numberLines}\na\n```\n```{python, echo=FALSE}\nb\n```\n"),
              S("a\n|b\n|"));
    CHECK_STR(md("```{code-block} python\na\n```\n```{code-cell} ipython3\nb\n```\n"),
              S("a\n|b\n|"));
    CHECK_STR(md("```python title=\"a.py\" {1,3}\na\n```\n```py:a.py\nb\n```\n"), S("a\n|b\n|"));
    CHECK_STR(blocks("a.mdx", "<Tip>\n\n```py\na\n```\n\n</Tip>\n"), S("a\n|"));
    CHECK_STR(md("```python\r\na\r\n```\r\n"), S("a\r\n|"));
}

static void test_sessions(void) {
    CHECK_STR(md("```pycon\n>>> a\n```\n```\n>>> b\n```\n"), S("a\n|b\n|"));
    CHECK_STR(md("```python\n>>> f(\n...   a)\n3\n\n>>>\n... \n```\n"), S("f(\n  a)\n#3\n\n\n\n|"));
    CHECK_STR(edited("a.md", "> ```py\n> >>> a\n> 3\n> >>> b\n> ```\n", "a\n", "c(\n    d\n)\n"),
              S("> ```py\n> >>> c(\n> ...     d\n> ... )\n> 3\n> >>> b\n> ```\n"));
    CHECK_STR(edited("a.rst", "So::\n\n    >>> a\n    a\n", "a\n#", "b\n#"),
              S("So::\n\n    >>> b\n    a\n"));
}

static void test_no_fences(void) {
    const char *pages[] = {"```\na\n```\n",
                           "```bash\na\n```\n",
                           "```python\nb\n>>> a\n```\n",
                           "```bash\n>>> a\n```\n",
                           "```python\na\n",
                           "```python\n```\n",
                           "```python\n\n\n```\n",
                           "``python\na\n``\n",
                           "    a\n",
                           "```python `x`\na\n```x\n",
                           "```pythonic\na\n```\n",
                           "````md\n```python\na\n```\n````\n",
                           "```python\n\xFF\n```\n",
                           "- ```python\na\n```\n",
                           "> ```python\na\n> ```\n",
                           ""};
    for (ptrdiff_t i = 0; i < COUNT(pages); i++)
        CHECK_STR(md(pages[i]), S(""));
}

static void test_containers(void) {
    CHECK_STR(md("1. x\n\n   ```python\n   a\n\n     b\n   ```\n"), S("a\n\n  b\n|"));
    CHECK_STR(md("- ```python\n  a\n  ```\n10) ```py\n    b\n    ```\n"), S("a\n|b\n|"));
    CHECK_STR(md("> ```python\n> a\n>\n> b\n> ```\n> > ```py\n> > c\n> > ```\n"),
              S("a\n\nb\n|c\n|"));
    CHECK_STR(md("\t```python\n\ta\n\t```\n"), S("a\n|"));
    /* A quotation ends, and with it the block; the next fence opens a new one. */
    CHECK_STR(md("> ```bash\n```python\na\n```\n"), S("a\n|"));
}

static void test_new_text(void) {
    CHECK_STR(edited("a.md", "x\n```python\na\nb\n```\ny", "a\n", "c\na\n\n"),
              S("x\n```python\nc\na\n\nb\n```\ny"));
    CHECK_STR(edited("a.md", "- x\n  ```py\n  a\n \n  b\n  ```\n", "b\n", "b(\n    1\n)\n\nc\n"),
              S("- x\n  ```py\n  a\n \n  b(\n      1\n  )\n\n  c\n  ```\n"));
    CHECK_STR(edited("a.md", "> ```py\n> a\n>\n> b\n> ```\n", "b\n", "c\n\nb\n"),
              S("> ```py\n> a\n>\n> c\n>\n> b\n> ```\n"));
    CHECK_STR(edited("a.md", "```py\r\na\r\n```\r\n", "a\r\n", "a\r\nb\r\n"),
              S("```py\r\na\r\nb\r\n```\r\n"));
    CHECK_STR(edited("a.md", "```py\na\n```\n\xFF a\n```py\nb\n```\n```py\na = 1\n```\n", "a", "c"),
              S("```py\nc\n```\n\xFF a\n```py\nb\n```\n```py\nc = 1\n```\n"));
    CHECK_STR(edited("a.md", "```py\n# coding: latin-1\n'\xC3\xA9'\n```\n", "'\n", "\xC3\xBC'\n"),
              S("```py\n# coding: latin-1\n'\xC3\xA9\xC3\xBC'\n```\n"));
}

static Str rst(const char *bytes) {
    return blocks("a.rst", bytes);
}

static void test_rst(void) {
    CHECK_STR(rst(".. code-block:: python\n\n   a\n\n     b\n\nx\n"), S("a\n\n  b\n|"));
    CHECK_STR(rst(".. code-block:: Python3\n   :linenos:\n   :name: x\n\n    a\n"), S("a\n|"));
    CHECK_STR(rst("  .. code:: py\n\n    a\n  b\n"), S("a\n|"));
    CHECK_STR(rst(".. sourcecode:: ipython\n\n\ta\n"), S("a\n|"));
    CHECK_STR(rst("So::\n\n    a\n\n    b\nx\n\nThen ::\n\n  c"), S("a\n\nb\n|c|"));
    CHECK_STR(rst("* So::\n\n    a\n\n* Then\n"), S("a\n|"));
    CHECK_STR(rst(".. code::\n\n  a\n"), S("a\n|"));
    CHECK_STR(rst("x\r\n::\r\n\r\n  a\r\n"), S("a\r\n|"));
    CHECK_STR(edited("a.rst", "So::\n\n  a\n\n  b\n\nx\n", "b\n", "b\nc\n"),
              S("So::\n\n  a\n\n  b\n  c\n\nx\n"));
}

static void test_no_rst(void) {
    const char *pages[] = {".. code-block:: bash\n\n   a\n",
                           ".. note::\n\n   a\n",
                           ".. code-block:: python\n   a\n",
                           ".. code-block:: python\n\na\n",
                           "So::\n    a\n",
                           "So:\n\n    a\n",
                           "So::\n\n    a\n  b\n",
                           "So::\n",
                           "So::\n\n"};
    for (ptrdiff_t i = 0; i < COUNT(pages); i++)
        CHECK_STR(rst(pages[i]), S(""));
}

static void test_shell_blocks(void) {
    CHECK_STR(blocks_of("a.md", "x\n```bash\na b\n```\n```\nc\n```\n~~~sh\nd\n~~~\n", false),
              S("a b\n|d\n|"));
    CHECK_STR(programs("a.md", "```bash\na b\nc <your token> | d\n```\n"), S("a c d"));
    CHECK_STR(programs("a.md", "```console\n$ a b \\\n  c\nout put\n$ d\n```\n"), S("a d"));
    CHECK_STR(programs("a.md", "```sh\na (\nb c\n```\n"), S("b"));
    CHECK_STR(programs("a.md", "```text\na\n```\n```yaml\nrun: a\n```\n"), S(""));
    CHECK_STR(programs("a.rst", ".. code-block:: console\n\n   $ a b\n   c\n"), S("a"));
    CHECK_STR(programs("a.rst", "So::\n\n   $ a b\n"), S(""));
    CHECK_STR(
        edited("a.md", "1. x `a`\n\n   ```bash\n   a \\\n     b\n   ```\n   `a`\n", "a", "cd"),
        S("1. x `cd`\n\n   ```bash\n   cd \\\n     b\n   ```\n   `cd`\n"));
}

static void test_inline_code(void) {
    CHECK_STR(programs("a.md", "Run `a b` or ``c `d` ``; not e.\n| `f` |\n"), S("a c d f"));
    CHECK_STR(programs("a.md", "```python\nx\n```\nRun `a`.\n```bash\nb\n```\nRun `c`."),
              S("a b c"));
    CHECK_STR(programs("a.md", "`a` is deprecated\nuse `b` Instead\n    `c`\n`d\n"), S(""));
    CHECK_STR(programs("CHANGELOG.md", "Run `a`\n"), S(""));
    CHECK_STR(programs("a.rst", "Run ``a``\n"), S(""));
}

static void test_places(void) {
    Str bytes = S("x\n```py\na\nb\n```\n> ```py\n> c\n> ```\n");
    const Document *document = read("a.md", bytes);
    DocumentPlace place = document_place(document, &arena, 0, 2);
    CHECK_INT(place.line, 4);
    CHECK_INT(place.before, 0);
    CHECK_INT(place.part.n, 0);
    place = document_place(document, &arena, 1, 1);
    CHECK_INT(place.line, 7);
    CHECK_INT(place.before, 2);
    ptrdiff_t piece;
    uint32_t line;
    CHECK(document_find(document, S(""), 7, &piece, &line));
    CHECK_INT(piece, 1);
    CHECK_INT(line, 1);
    CHECK(!document_find(document, S(""), 5, &piece, &line));
    CHECK(!document_find(document, S("cell 1"), 7, &piece, &line));

    Str texts[] = {S("a\nd\n"), S("e\n")}, result;
    CHECK(document_render(document, &arena, texts, &result, &diagnostics));
    DiffMark marks[] = {{2, S("one")}, {1, S("two")}};
    PieceMarks by_piece[] = {{&marks[0], 1}, {&marks[1], 1}};
    Buf out = {.arena = &arena};
    document_diff(document, &out, S("a.md"), texts, result, by_piece, false);
    CHECK_STR(buf_str(&out),
              S("--- a/a.md\n+++ b/a.md\n@@ -1,8 +1,8 @@ one, two\n x\n ```py\n a\n-b\n+d\n ```\n"
                " > ```py\n-> c\n+> e\n > ```\n"));
}

static void test_kinds(void) {
    CHECK_INT(document_kind(S("a/b.md"), (Str){0}), DOCUMENT_PAGE);
    CHECK_INT(document_kind(S("b.rst"), (Str){0}), DOCUMENT_PAGE);
    CHECK_INT(document_kind(S("b.ipynb"), (Str){0}), DOCUMENT_NOTEBOOK);
    CHECK_INT(document_kind(S("md"), (Str){0}), DOCUMENT_PYTHON);
    CHECK_INT(document_kind(S("-"), (Str){0}), DOCUMENT_PYTHON);
    CHECK_INT(document_kind(S("a.md.py"), (Str){0}), DOCUMENT_PYTHON);
}

UNIT_MAIN(test_fences, test_sessions, test_no_fences, test_containers, test_new_text, test_rst,
          test_no_rst, test_shell_blocks, test_inline_code, test_places, test_kinds)

/* Diffs, byte for byte: places of hunks, marks, ends of lines, names of files. */
#include "edit/diff.h"

#include "unit.h"

static Arena arena;

static Str diff_of(Str path, Str old_text, Str new_text) {
    Buf out = {.arena = &arena};
    diff_print(&out, path, old_text, new_text, NULL, 0);
    return buf_str(&out);
}

#define HEAD "--- a/m.py\n+++ b/m.py\n"

static void equal_texts(void) {
    CHECK_STR(diff_of(S("m.py"), S("a\n"), S("a\n")), S(""));
    CHECK_STR(diff_of(S("m.py"), S(""), (Str){0}), S(""));
}

static void one_change(void) {
    CHECK_STR(
        diff_of(S("m.py"), S("1\n2\n3\n4\n5\n6\n7\n8\n9\n"), S("1\n2\n3\n4\nX\n6\n7\n8\n9\n")),
        S(HEAD "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+X\n 6\n 7\n 8\n"));
    CHECK_STR(diff_of(S("m.py"), S("1\n"), S("1\n2\n")), S(HEAD "@@ -1 +1,2 @@\n 1\n+2\n"));
}

static void hunks_meet(void) {
    /* Six equal lines between two changes are one hunk, seven are two. */
    CHECK_STR(diff_of(S("m.py"), S("a\n1\n2\n3\n4\n5\n6\nb\n"), S("A\n1\n2\n3\n4\n5\n6\nB\n")),
              S(HEAD "@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n"));
    CHECK_STR(
        diff_of(S("m.py"), S("a\n1\n2\n3\n4\n5\n6\n7\nb\n"), S("A\n1\n2\n3\n4\n5\n6\n7\nB\n")),
        S(HEAD "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n"));
}

static void line_ends(void) {
    CHECK_STR(diff_of(S("m.py"), S("a\r\nb\r\n"), S("a\r\nc\r\n")),
              S(HEAD "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n"));
    CHECK_STR(diff_of(S("m.py"), S("a\nb"), S("a\nc")),
              S(HEAD "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n"
                     "+c\n\\ No newline at end of file\n"));
    CHECK_STR(diff_of(S("m.py"), S("a\nb"), S("x\na\nb")),
              S(HEAD "@@ -1,2 +1,3 @@\n+x\n a\n b\n\\ No newline at end of file\n"));
    CHECK_STR(diff_of(S("m.py"), S("a"), S("a\n")),
              S(HEAD "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"));
    CHECK_STR(diff_of(S("m.py"), S(""), S("a\n")), S(HEAD "@@ -0,0 +1 @@\n+a\n"));
    CHECK_STR(diff_of(S("m.py"), S("a\nb\n"), S("")), S(HEAD "@@ -1,2 +0,0 @@\n-a\n-b\n"));
    CHECK_STR(diff_of(S("m.py"), S("a\rb\r"), S("a\rc\r")),
              S(HEAD "@@ -1 +1 @@\n-a\rb\r\n\\ No newline at end of file\n"
                     "+a\rc\r\n\\ No newline at end of file\n"));
}

static void changes_settle(void) {
    /* A function between functions starts at its own line, not at the blank one before it. */
    CHECK_STR(
        diff_of(S("m.py"), S("def a():\n    x\n\n\ndef b():\n    z\n"),
                S("def a():\n    x\n\n\ndef n():\n    y\n\n\ndef b():\n    z\n")),
        S(HEAD "@@ -2,5 +2,9 @@\n     x\n \n \n+def n():\n+    y\n+\n+\n def b():\n     z\n"));
    /* One of several equal lines: the last. */
    CHECK_STR(diff_of(S("m.py"), S("x\nx\n"), S("x\nx\nx\n")),
              S(HEAD "@@ -1,2 +1,3 @@\n x\n x\n+x\n"));
    /* A deletion beside an insertion stays one change. */
    CHECK_STR(diff_of(S("m.py"), S("a\nb\nb\nc\n"), S("a\nb\nX\nc\n")),
              S(HEAD "@@ -1,4 +1,4 @@\n a\n b\n-b\n+X\n c\n"));
    /* Both ends at the smaller indentation. */
    CHECK_STR(diff_of(S("m.py"), S("if a:\n    p()\nif b:\n    p()\n"),
                      S("if a:\n    p()\nif n:\n    p()\nif b:\n    p()\n")),
              S(HEAD "@@ -1,4 +1,6 @@\n if a:\n     p()\n+if n:\n+    p()\n if b:\n     p()\n"));
}

static void marks(void) {
    Str old_text = S("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n");
    Str new_text = S("1\nB\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n");
    DiffMark list[] = {
        {2, S("load/dtype")}, {2, S("load/bf16")}, {3, S("load/bf16")}, {13, S("tokenize/pad")}};
    Buf out = {.arena = &arena};
    diff_print(&out, S("m.py"), old_text, new_text, list, COUNT(list));
    CHECK_STR(buf_str(&out),
              S(HEAD "@@ -1,5 +1,5 @@ load/bf16, load/dtype\n 1\n-2\n+B\n 3\n 4\n 5\n"
                     "@@ -10,3 +10,4 @@ tokenize/pad\n 10\n 11\n 12\n+13\n"));
}

static void names(void) {
    CHECK_STR(diff_of(S("a b/c.py"), S("a\n"), S("b\n")),
              S("--- a/a b/c.py\t\n+++ b/a b/c.py\t\n@@ -1 +1 @@\n-a\n+b\n"));
    CHECK_STR(diff_of(S("q\"\t\x01.py"), S("a\n"), S("b\n")),
              S("--- \"a/q\\\"\\t\\001.py\"\n+++ \"b/q\\\"\\t\\001.py\"\n@@ -1 +1 @@\n-a\n+b\n"));
    CHECK_STR(diff_of(S("/srv/m\xc3\xa9.py"), S("a\n"), S("b\n")),
              S("--- a/srv/m\xc3\xa9.py\n+++ b/srv/m\xc3\xa9.py\n@@ -1 +1 @@\n-a\n+b\n"));
}

/* Applies a diff whose hunks fit exactly. */
static Str applied(Str text, Str diff) {
    Buf out = {.arena = &arena};
    Str line, rest = diff;
    long at = 0;
    while (rest.n) {
        ptrdiff_t end = str_find_byte(rest, '\n') + 1;
        line = str_slice(rest, 0, end);
        rest = str_slice(rest, end, rest.n);
        bool cut = str_starts(rest, S("\\"));
        Str body = str_slice(line, 1, line.n - cut);
        if (str_starts(line, S("@@"))) {
            char *number;
            long start = strtol(line.p + 4, &number, 10);
            if (*number == ',' && number[1] == '0')
                start++;
            for (; at < start - 1; at++) {
                ptrdiff_t lf = str_find_byte(text, '\n') + 1;
                buf_add(&out, str_slice(text, 0, lf));
                text = str_slice(text, lf, text.n);
            }
        } else if (line.p[0] == ' ' || (line.p[0] == '-' && !str_starts(line, S("--- a/")))) {
            CHECK(str_starts(text, body));
            text = str_slice(text, body.n, text.n);
            at++;
        }
        if (line.p[0] == ' ' || (line.p[0] == '+' && !str_starts(line, S("+++ b/"))))
            buf_add(&out, body);
    }
    buf_add(&out, text);
    return buf_str(&out);
}

static void random_pairs(void) {
    uint32_t seed = 7;
    for (int round = 0; round < 600; round++) {
        Buf sides[2] = {{.arena = &arena}, {.arena = &arena}};
        /* The last rounds are far apart enough for the search to give up. */
        int lines = round < 597 ? round % 40 : 6000, words = 1 + round % 7 + (round > 596) * 900;
        for (int s = 0; s < 2; s++)
            for (int i = 0; i < lines; i++) {
                seed = seed * 1664525 + 1013904223;
                buf_format(&sides[s], "%*s%u%s", (int)(seed >> 28) % 3 * 4, "",
                           (seed >> 8) % (uint32_t)words,
                           i + 1 == lines && seed & (1U << 30) ? "" : "\n");
            }
        Str old_text = buf_str(&sides[0]), new_text = buf_str(&sides[1]);
        CHECK_STR(applied(old_text, diff_of(S("m.py"), old_text, new_text)), new_text);
        arena_clear(&arena);
    }
}

UNIT_MAIN(equal_texts, one_change, hunks_meet, line_ends, changes_settle, marks, names,
          random_pairs)

/* Ignore patterns; every answer here is what `git check-ignore` gives. */
#include "project/ignore.h"

#include "unit.h"

static Arena arena;

static bool out(const char *rules, const char *path) {
    Str shown = str_from(path);
    bool folder = str_ends(shown, S("/"));
    IgnoreRules parsed = ignore_parse(&arena, str_from(rules));
    return ignore_verdict(&parsed, str_slice(shown, 0, shown.n - folder), folder) == IGNORE_OUT;
}

static void names_and_paths(void) {
    CHECK(out("foo", "foo"));
    CHECK(out("foo", "a/b/foo/"));
    CHECK(!out("foo", "foo.py"));
    CHECK(!out("foo", "Foo"));
    CHECK(out("/foo", "foo"));
    CHECK(!out("/foo", "a/foo"));
    CHECK(out("a/foo", "a/foo"));
    CHECK(!out("a/foo", "b/a/foo"));
    CHECK(out("foo/", "a/foo/"));
    CHECK(!out("foo/", "a/foo"));
    CHECK(!out("foo//", "foo/"));
    CHECK(!out("/", "foo/"));
}

static void lines(void) {
    CHECK(!out("# foo\n", "# foo"));
    CHECK(out("\\# foo\n", "# foo"));
    CHECK(out("foo  \r\nbar\r\n", "foo  \r") == false);
    CHECK(out("foo\r\nbar\r\n", "foo"));
    CHECK(out("foo   \n", "foo"));
    CHECK(out("foo\\ \n", "foo "));
    CHECK(!out("foo\\ \n", "foo"));
    CHECK(out("\xef\xbb\xbf"
              "foo\n",
              "foo"));
    CHECK(!out("\n\n  \n", ""));
    CHECK(!out("foo\\", "foo"));
}

static void negation(void) {
    CHECK(!out("*.py\n!keep.py\n", "keep.py"));
    CHECK(out("*.py\n!keep.py\n", "other.py"));
    CHECK(out("!keep.py\n*.py\n", "keep.py"));
    CHECK(out("\\!a", "!a"));
    CHECK(!out("!", "!"));
}

static void stars(void) {
    CHECK(out("*.py", "a/b.py"));
    CHECK(!out("*.py", "b.pyc"));
    CHECK(out("a/*", "a/b"));
    CHECK(!out("a/*", "a/b/c"));
    CHECK(out("**/b", "b"));
    CHECK(out("**/b", "a/c/b"));
    CHECK(!out("**/b", "a/cb"));
    CHECK(out("a/**", "a/b/c"));
    CHECK(!out("a/**", "a/"));
    CHECK(out("a/**/b", "a/b"));
    CHECK(out("a/**/b", "a/x/y/b"));
    CHECK(!out("a/**/b", "a/xb"));
    CHECK(out("a/**/b*d/**/e", "a/bd/x/bcd/y/e"));
    CHECK(out("a**b", "axxb"));
    CHECK(!out("x/a**b", "x/a/b/c"));
    CHECK(out("a?c", "abc"));
    CHECK(!out("x/a?c", "x/a/c"));
    CHECK(out("*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaab"));
    CHECK(!out("*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaac"));
}

static void brackets(void) {
    CHECK(out("[ab].py", "a.py"));
    CHECK(!out("[ab].py", "c.py"));
    CHECK(out("[!ab]", "c"));
    CHECK(out("[^ab]", "c"));
    CHECK(!out("[^ab]", "a"));
    CHECK(out("[a-c]", "b"));
    CHECK(!out("[a-c]", "-"));
    CHECK(out("[a-]", "-"));
    CHECK(out("[]a]", "]"));
    CHECK(out("[\\]]", "]"));
    CHECK(out("[[:digit:]_]", "7"));
    CHECK(out("[[:digit:]_]", "_"));
    CHECK(!out("[[:digit:]_]", "a"));
    CHECK(!out("[[:nope:]]", "n"));
    CHECK(!out("[a", "[a"));
    CHECK(!out("x/[!a]y", "x//y"));
}

static void levels(void) {
    IgnoreLevel root = {.repository = true,
                        .base = S("/r/").n,
                        .gitignore = ignore_parse(&arena, S("*.py\n/top\n")),
                        .exclude = ignore_parse(&arena, S("data\nsub/left\n"))};
    IgnoreLevel sub = {.outer = &root,
                       .base = S("/r/sub/").n,
                       .gitignore = ignore_parse(&arena, S("!in.py\nout\n!data\n")),
                       .ignore = ignore_parse(&arena, S("deep.py\n"))};
    CHECK(ignore_excludes(&root, S("/r/in.py"), false));
    CHECK(ignore_excludes(&sub, S("/r/sub/other.py"), false));
    CHECK(!ignore_excludes(&sub, S("/r/sub/in.py"), false));
    CHECK(ignore_excludes(&sub, S("/r/sub/out"), true));
    CHECK(!ignore_excludes(&root, S("/r/out"), true));
    CHECK(ignore_excludes(&root, S("/r/top"), true));
    CHECK(!ignore_excludes(&sub, S("/r/sub/top"), true));
    CHECK(ignore_excludes(&root, S("/r/data"), true));
    CHECK(!ignore_excludes(&sub, S("/r/sub/data"), true));
    CHECK(ignore_excludes(&sub, S("/r/sub/left"), true));

    /* .ignore speaks before any .gitignore, also from further out. */
    root.ignore = ignore_parse(&arena, S("in.py\n!kept.py\n"));
    CHECK(ignore_excludes(&sub, S("/r/sub/in.py"), false));
    CHECK(!ignore_excludes(&sub, S("/r/sub/kept.py"), false));

    /* A repository inside another does not hear the outer one's rules. */
    sub.repository = true;
    CHECK(!ignore_excludes(&sub, S("/r/sub/other.py"), false));
    CHECK(!ignore_excludes(&sub, S("/r/sub/left"), true));
    CHECK(ignore_excludes(&sub, S("/r/sub/out"), true));
}

UNIT_MAIN(names_and_paths, lines, negation, stars, brackets, levels)

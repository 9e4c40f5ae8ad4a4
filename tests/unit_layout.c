/* Layout of calls whose arguments change: that of formatters where it was theirs, else the
 * author's.
 *
 * A case is a text before and after, and what happens to the arguments of the first call of f:
 * "+a=1 -b" adds a=1 and removes b. Expected texts in the formatters' layout are what ruff format
 * 0.17 gives. */
#include "edit/layout.h"

#include "edit/plan.h"
#include "tests/snippet.h"

static Node call_of_f(const Module *module) {
    for (Node node = 1; node < module->tree->n; node++) {
        Node function = node_field(module->tree, node, FIELD_FUNCTION);
        Str name =
            node_kind(module->tree, node) == NODE_CALL ? module_text(module, function) : (Str){0};
        if (str_eq(name, S("f")) || str_ends(name, S(".f")))
            return node;
    }
    fprintf(stderr, "no call of f\n");
    exit(1);
}

static Str changed(const char *text, const char *changes, int line_length) {
    const Module *module = snippet(text);
    Plan *plan = plan_open(module, snippet_parser, (Style){line_length, true, '"'});
    const CallView *call = call_view(module, call_of_f(module));
    int group = plan_group(plan, S("test"));
    Str rest = str_from(changes), change, keyword, value;
    while (rest.n) {
        str_cut(rest, ' ', &change, &rest);
        bool adds = change.p[0] == '+';
        str_cut(str_slice(change, 1, change.n), '=', &keyword, &value);
        if (adds)
            plan_add_argument(plan, group, call, keyword, value);
        else if (call_keyword(call, keyword))
            plan_remove_argument(plan, group, call_keyword(call, keyword));
        else
            CHECK(call_keyword(call, keyword) != NULL);
    }
    EditList edits = plan_edits(plan);
    ptrdiff_t first, second;
    CHECK(edits_sort(&edits, &first, &second));
    return edits_apply(&snippet_arena, module->source->text, &edits);
}

static void check(const char *before, const char *changes, const char *after, int line) {
    unit_check_str(changed(before, changes, 40), str_from(after), __FILE__, line);
}

#define CHANGES(before, changes, after) check(before, changes, after, __LINE__)

/* ---- formatters' layout; lines of 40 columns ---- */

static void test_three_forms(void) {
    CHANGES("x = f(aaaaaaaa, bbbbbbbb)\n", "+c=1", "x = f(aaaaaaaa, bbbbbbbb, c=1)\n");
    CHANGES("x = f(aaaaaaaaaaaaaaaa, bbbbbbbb)\n", "+cccccc=1",
            "x = f(\n    aaaaaaaaaaaaaaaa, bbbbbbbb, cccccc=1\n)\n");
    CHANGES("x = f(aaaaaaaaaaaaaaaa, bbbbbbbbbbbb)\n", "+cccccc=1",
            "x = f(\n    aaaaaaaaaaaaaaaa,\n    bbbbbbbbbbbb,\n    cccccc=1,\n)\n");
    CHANGES("x = f(\n    aaaaaaaaaaaaaaaa, bbbbbbbb, cccccc=1\n)\n", "+d=1",
            "x = f(\n    aaaaaaaaaaaaaaaa,\n    bbbbbbbb,\n    cccccc=1,\n    d=1,\n)\n");
    CHANGES("xxxxx = f(\n    aaaaaaaaaaaaaaaa, bbbbbbbbbbbb\n)\n", "+c=1",
            "xxxxx = f(\n    aaaaaaaaaaaaaaaa, bbbbbbbbbbbb, c=1\n)\n");
    CHANGES(
        "x = f(\n    aaaaaaaaaaaaaaaaa, bbbbbbbbbb\n)\n", "+c=1",
        "x = f(\n    aaaaaaaaaaaaaaaaa, bbbbbbbbbb, c=1\n)\n"); /* the author's: it fits on one */
    CHANGES("x = f(\n    a,\n    b,\n)\n", "+c=1", "x = f(\n    a,\n    b,\n    c=1,\n)\n");
    CHANGES("x = f(\n    a,\n    b=1,\n)\n", "-b", "x = f(\n    a,\n)\n");
    CHANGES("x = f(\n    aaaaaaaaaaaaaaaa, bbbbbbbb, cccccc=1\n)\n", "-cccccc",
            "x = f(aaaaaaaaaaaaaaaa, bbbbbbbb)\n");
    CHANGES("x = f(\n    b=1,\n)\n", "-b", "x = f()\n");
}

static void test_limits(void) {
    /* Exactly 40 columns, and one more. */
    CHANGES("x = f(aaaaaaaaaaaaaaaaaaaa, bbbb)\n", "+c=123",
            "x = f(aaaaaaaaaaaaaaaaaaaa, bbbb, c=123)\n");
    CHANGES("x = f(aaaaaaaaaaaaaaaaaaaa, bbbb)\n", "+c=1234",
            "x = f(\n    aaaaaaaaaaaaaaaaaaaa, bbbb, c=1234\n)\n");
    /* A comment counts, but not one for tools; wide characters are two columns. */
    CHANGES("x = f(aaaaaaaaaaaaaaaa)  # comment\n", "+c=123",
            "x = f(\n    aaaaaaaaaaaaaaaa, c=123\n)  # comment\n");
    CHANGES("x = f(aaaaaaaaaaaaaa)  # noqa: E501\n", "+c=123",
            "x = f(aaaaaaaaaaaaaa, c=123)  # noqa: E501\n");
    CHANGES("x = f(\"\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\", bbbbbbbbbbbbbbbb)\n", "+c=1",
            "x = f(\"\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\", bbbbbbbbbbbbbbbb, c=1)\n");
    CHANGES("x = f(\"\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\", bbbbbbbbbbbbbbbb)\n", "+c=1234",
            "x = f(\n    \"\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\", bbbbbbbbbbbbbbbb, c=1234\n)\n");
}

static void test_nested(void) {
    CHANGES("x = f(aaaaaaaaaaaaaaaaaaaa)\n", "+b=g(cccc,ddddddddddddddddddddddd)",
            "x = f(\n    aaaaaaaaaaaaaaaaaaaa,\n    b=g(cccc, ddddddddddddddddddddddd),\n)\n");
    CHANGES("x = f(a)\n", "+b=g(cccccccccccc,ddddddddddddddddddddddd,eeeee)",
            "x = f(\n    a,\n    b=g(\n        cccccccccccc,\n        ddddddddddddddddddddddd,\n"
            "        eeeee,\n    ),\n)\n");
    CHANGES("x = g(f(aaaaaaaaaaaaaa), bbbbbbbbbb)\n", "+c=12",
            "x = g(\n    f(aaaaaaaaaaaaaa, c=12), bbbbbbbbbb\n)\n");
    CHANGES("x = g(f(aaaaaaaaaaaaaa), bbbbbbbbbb)\n", "+c=123456789",
            "x = g(\n    f(aaaaaaaaaaaaaa, c=123456789),\n    bbbbbbbbbb,\n)\n");
    CHANGES("x = [f(aaaaaaaaaaaaaaa), bbbbbbbbb]\n", "+c=12",
            "x = [\n    f(aaaaaaaaaaaaaaa, c=12),\n    bbbbbbbbb,\n]\n");
    CHANGES("x = {\"k\": f(aaaaaaaaaaaaaaa), \"l\": b}\n", "+c=12",
            "x = {\n    \"k\": f(aaaaaaaaaaaaaaa, c=12),\n    \"l\": b,\n}\n");
}

static void test_around(void) {
    CHANGES("self.a.b = X.f(\"aaaaaaaaaaaaaaaaa\")\n", "+c=123",
            "self.a.b = X.f(\n    \"aaaaaaaaaaaaaaaaa\", c=123\n)\n");
    CHANGES("x = f(aaaaaaaaaaaaaaa).to(\"cuda\")\n", "+c=1234567",
            "x = f(aaaaaaaaaaaaaaa, c=1234567).to(\n    \"cuda\"\n)\n");
    CHANGES("x = f(aaaaaaaaaaa).to(\"cuda\").eval()\n", "+c=1234567",
            "x = (\n    f(aaaaaaaaaaa, c=1234567)\n    .to(\"cuda\")\n    .eval()\n)\n");
    CHANGES("def g():\n    return f(aaaaaaaaaaaaaaaaaaaa)\n", "+c=1234",
            "def g():\n    return f(\n        aaaaaaaaaaaaaaaaaaaa, c=1234\n    )\n");
    CHANGES("async def g():\n    x = await f(aaaaaaaaaaaaaaaa)\n", "+c=1234",
            "async def g():\n    x = await f(\n        aaaaaaaaaaaaaaaa, c=1234\n    )\n");
    CHANGES("if f(aaaaaaaaaaaaaaaaaaaaaaaaaa):\n    pass\n", "+c=1234",
            "if f(\n    aaaaaaaaaaaaaaaaaaaaaaaaaa, c=1234\n):\n    pass\n");
    CHANGES("if f(aaaaaaaaaaaaaa) and bbbbbbbbbbbb:\n    pass\n", "+c=1234",
            "if (\n    f(aaaaaaaaaaaaaa, c=1234)\n    and bbbbbbbbbbbb\n):\n    pass\n");
    CHANGES("if y:\n    pass\nelif f(aaaaaaaaaaaaaaaaaaaaaaaaaa):\n    pass\n", "+c=1234",
            "if y:\n    pass\nelif f(\n    aaaaaaaaaaaaaaaaaaaaaaaaaa, c=1234\n):\n    pass\n");
    CHANGES("for i in f(aaaaaaaaaaaaaaaaaaaa):\n    pass\n", "+c=1234",
            "for i in f(\n    aaaaaaaaaaaaaaaaaaaa, c=1234\n):\n    pass\n");
    CHANGES("with f(aaaaaaaaaaaaaaaaaaaa) as x:\n    pass\n", "+c=1234",
            "with f(\n    aaaaaaaaaaaaaaaaaaaa, c=1234\n) as x:\n    pass\n");
    CHANGES("@f(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)\ndef g():\n    pass\n", "+c=1234",
            "@f(\n    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,\n    c=1234,\n)\ndef g():\n    pass\n");
    CHANGES("xs = [f(aaaaaaaaaaa, i) for i in yyyy]\n", "+c=1",
            "xs = [\n    f(aaaaaaaaaaa, i, c=1) for i in yyyy\n]\n");
    CHANGES("x: Dict[str, int] = f(aaaaaaaaaaaaaaa)\n", "+c=1234",
            "x: Dict[str, int] = f(\n    aaaaaaaaaaaaaaa, c=1234\n)\n");
    CHANGES("x = f(aaaaaaaa) if bbbbbbbbbbb else ccc\n", "+c=1234",
            "x = (\n    f(aaaaaaaa, c=1234)\n    if bbbbbbbbbbb\n    else ccc\n)\n");
    CHANGES("aaaaaaaaaaaaaaaaaaaaaaaaaaaa = bbbbb.f()\n", "+c=1",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaa = bbbbb.f(\n    c=1\n)\n");
    CHANGES("x = y[\"aaaaaaaaa\"] = f(bbbbbbbbbbbbbb)\n", "+c=1234",
            "x = y[\"aaaaaaaaa\"] = f(\n    bbbbbbbbbbbbbb, c=1234\n)\n");
    CHANGES("x += f(aaaaaaaaaaaaaaaaaaaaaaaaa)\n", "+c=1234",
            "x += f(\n    aaaaaaaaaaaaaaaaaaaaaaaaa, c=1234\n)\n");
    CHANGES("class A:\n\tdef g(self):\n\t\tx = f(aaaaaaaaaaaaaaaaaaaa)\n", "+c=1234",
            "class A:\n\tdef g(self):\n\t\tx = f(\n\t\t\taaaaaaaaaaaaaaaaaaaa, c=1234\n\t\t)\n");
    CHANGES("x = f(aaaaaaaaaaaaaaaaaaaaaaaaaa)\r\ny\r\n", "+c=1234",
            "x = f(\r\n    aaaaaaaaaaaaaaaaaaaaaaaaaa, c=1234\r\n)\r\ny\r\n");
}

static void test_comments_between(void) {
    CHANGES("x = f(\n    a,  # first\n    # second\n    b=1,\n    # the end\n)\n", "+c=1",
            "x = f(\n    a,  # first\n    # second\n    b=1,\n    c=1,\n    # the end\n)\n");
    CHANGES("x = f(\n    a,  # first\n    b=1,  # second\n)\n", "-b",
            "x = f(\n    a,  # first\n)\n");
    CHANGES("x = f(\n    a=1,  # first\n    b=1,  # second\n)\n", "-a",
            "x = f(\n    b=1,  # second\n)\n");
    CHANGES("x = f(\n    a=1,  # first\n    # second\n    b=1,\n)\n", "-a",
            "x = f(\n    # second\n    b=1,\n)\n");
    CHANGES("x = f(\n    c, a=1,  # both\n    b=1,\n)\n", "-a",
            "x = f(\n    c,  # both\n    b=1,\n)\n");
    CHANGES("x = f(\n    a,\n    # about b\n    b=1,\n    c=1,\n)\n", "-b",
            "x = f(\n    a,\n    # about b\n    c=1,\n)\n");
    CHANGES("x = f(  # why\n    a,\n    b=1,\n)\n", "-b +c=1",
            "x = f(  # why\n    a,\n    c=1,\n)\n");
}

static void test_long_text(void) {
    CHANGES("x = f(\n    \"\"\"a\nb\"\"\",\n    c=1,\n)\n", "+d=1",
            "x = f(\n    \"\"\"a\nb\"\"\",\n    c=1,\n    d=1,\n)\n");
    CHANGES("x = f(\"\"\"a\nb\"\"\")\n", "+d=1", "x = f(\n    \"\"\"a\nb\"\"\",\n    d=1,\n)\n");
    CHANGES("x = f(\n    \"aaaa\"\n    \"bbbb\",\n    c=1,\n)\n", "+d=1",
            "x = f(\n    \"aaaa\"\n    \"bbbb\",\n    c=1,\n    d=1,\n)\n");
}

static void test_skipped_magic_comma(void) {
    const Module *module = snippet("x = f(a, b)\n");
    Plan *plan = plan_open(module, snippet_parser, (Style){40, false, '"'});
    plan_add_argument(plan, plan_group(plan, S("t")), call_view(module, call_of_f(module)), S("c"),
                      S("g(1,)"));
    EditList edits = plan_edits(plan);
    CHECK_STR(edits_apply(&snippet_arena, module->source->text, &edits),
              S("x = f(a, b, c=g(1))\n"));
}

/* ---- the author's layout ---- */

static void test_inline(void) {
    CHANGES("x=f(a,b)\n", "+c=1", "x=f(a,b, c=1)\n");
    CHANGES("x=f(a,)\n", "+c=1", "x=f(a, c=1,)\n");
    CHANGES("x=f( a )\n", "+c=1", "x=f( a, c=1 )\n");
    CHANGES("x=f( )\n", "+c=1", "x=f(c=1)\n");
    CHANGES("x=f(a,**kw)\n", "+c=1", "x=f(a,c=1, **kw)\n");
    CHANGES("x=f(a,b=1)\n", "-b", "x=f(a)\n");
    CHANGES("x=f(a=1,b=1)\n", "-a", "x=f(b=1)\n");
    CHANGES("x=f(a , b=1 , c)\n", "-b", "x=f(a , c)\n");
    CHANGES("x=f(a,b=1,)\n", "-b", "x=f(a,)\n");
    CHANGES("x=f(b=1,)\n", "-b", "x=f()\n");
    CHANGES("x=1; y=f(a)\n", "+c=1", "x=1; y=f(a, c=1)\n");
    CHANGES("if x: f(a)\n", "+c=1", "if x: f(a, c=1)\n");
}

static void test_inline_too_long(void) {
    CHANGES("x=f(aaaaaaaaaaaaaaaaaaaaaaaaaa,b)\n", "+ccccc=1",
            "x=f(\n    aaaaaaaaaaaaaaaaaaaaaaaaaa,\n    b,\n    ccccc=1,\n)\n");
    CHANGES("def g():\n  x=f(aaaaaaaaaaaaaaaaaaaaaaaa,**b)\n", "+ccccc=1",
            "def g():\n  x=f(\n    aaaaaaaaaaaaaaaaaaaaaaaa,\n    ccccc=1,\n    **b,\n  )\n");
    CHANGES("x=f(aaaaaaaaaaaaaaaaaaaaaaaa,b=g(1))\n",
            "-b +ddd=g(1111111111111111,22222222222222222)",
            "x=f(\n    aaaaaaaaaaaaaaaaaaaaaaaa,\n    ddd=g(\n        1111111111111111,\n"
            "        22222222222222222,\n    ),\n)\n");
    /* What was too long before and does not get longer stays. */
    CHANGES("x=f(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,bbbb=1)\n", "-bbbb +c=1",
            "x=f(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, c=1)\n");
}

static void test_lines(void) {
    CHANGES("x = f(a,\n      b)\n", "+c=1", "x = f(a,\n      b,\n      c=1)\n");
    CHANGES("x = f(a,\n      b=1)\n", "-b", "x = f(a)\n");
    CHANGES("x = f(a=1,\n      b=1)\n", "-a", "x = f(b=1)\n");
    CHANGES("x = f(\n  a,\n  b)\n", "+c=1", "x = f(\n  a,\n  b,\n  c=1)\n");
    CHANGES("x = f(\n        a,\n        b\n        )\n", "+c=1",
            "x = f(\n        a,\n        b,\n        c=1\n        )\n");
    CHANGES("x = f(\n        a,\n        b,\n        )\n", "+c=1 +d=1",
            "x = f(\n        a,\n        b,\n        c=1,\n        d=1,\n        )\n");
    CHANGES("x = f(\n        a # first\n        )\n", "+c=1",
            "x = f(\n        a, # first\n        c=1,\n        )\n");
    CHANGES("x = f(\n    a\n    , b)\n", "+c=1", "x = f(\n    a\n    , b, c=1)\n");
    CHANGES("x = f(\n        a,\n        **kw)\n", "+c=1",
            "x = f(\n        a,\n        c=1,\n        **kw)\n");
    CHANGES("x = f(a,\n      b=1,\n      c=1)\n", "-b", "x = f(a,\n      c=1)\n");
    CHANGES("x = f(a,\n      b=1,  # why\n      c=1)\n", "-b", "x = f(a,\n      c=1)\n");
    CHANGES("x = f(a,  # first\n      b=1)\n", "-b", "x = f(a  # first\n)\n");
    CHANGES("x = f(a,\n      b=1,  # why\n      )\n", "-b", "x = f(a,\n      )\n");
    CHANGES("x = f(\n    # only\n)\n", "+c=1", "x = f(\n    # only\n    c=1,\n)\n");
    CHANGES("x = f(\r\n  a,\r\n  b)\r\n", "+c=1", "x = f(\r\n  a,\r\n  b,\r\n  c=1)\r\n");
}

static void test_hanging(void) {
    CHANGES("x = f(aaaaaaaa, bbbbbbbb,\n      cc, dd)\n", "+e=1",
            "x = f(aaaaaaaa, bbbbbbbb,\n      cc, dd, e=1)\n");
    CHANGES("x = f(aaaaaaaa, bbbbbbbb,\n      cccccccccccc, dddddddddddd)\n", "+eeeeeee=1",
            "x = f(aaaaaaaa, bbbbbbbb,\n      cccccccccccc, dddddddddddd,\n      eeeeeee=1)\n");
    CHANGES("x = f(aaaaaaaa, bbbbbbbb,\n      cc, dd  # end\n      )\n", "+e=1",
            "x = f(aaaaaaaa, bbbbbbbb,\n      cc, dd,  # end\n      e=1\n      )\n");
    CHANGES("x = f(aaaaaaaa, bbbbbbbb,\n      cc=1, dd)\n", "-cc",
            "x = f(aaaaaaaa, bbbbbbbb,\n      dd)\n");
    CHANGES("x = f(aaaaaaaa, bb=1,\n      cc, dd)\n", "-bb", "x = f(aaaaaaaa,\n      cc, dd)\n");
    CHANGES("x = f(\n  a, b)\n", "+c=1", "x = f(\n  a, b, c=1)\n");
    CHANGES("x = f( \\\n  a)\n", "+c=1", "x = f( \\\n  a,\n  c=1)\n");
    CHANGES("x = y + \\\n  f(a)\n", "+c=1", "x = y + \\\n  f(a, c=1)\n");
}

UNIT_MAIN(test_three_forms, test_limits, test_nested, test_around, test_comments_between,
          test_long_text, test_skipped_magic_comma, test_inline, test_inline_too_long, test_lines,
          test_hanging, snippet_close)

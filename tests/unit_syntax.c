/* Trees as rows: shape, kinds, fields, and the questions asked of them. */
#include "syntax/syntax.h"
#include "tests/unit.h"

#include <string.h>

static Arena arena;

static Tree *parse(Grammar grammar, Str text) {
    static Parser *parser;
    if (!parser)
        parser = parser_open();
    Tree *tree = text.p ? syntax_parse(parser, &arena, grammar, text) : NULL;
    if (!tree) {
        parser_close(parser);
        parser = NULL;
    }
    return tree;
}

/* First node of the kind whose text is `text`. */
static Node find(const Tree *tree, Kind kind, Str text) {
    for (Node node = 1; node < tree->n; node++) {
        if (node_kind(tree, node) == kind && str_eq(node_text(tree, node), text))
            return node;
    }
    return 0;
}

/* What must hold of any tree. */
static void check_rows(const Tree *tree) {
    for (Node node = 1; node < tree->n; node++) {
        const NodeRow *row = &tree->rows[node];
        CHECK(row->at <= row->end && row->end <= tree->text.n);
        CHECK(row->past > node && row->past <= tree->n);
        CHECK(row->kind != NODE_NONE);
        CHECK(node == 1 || (row->parent && row->parent < node));
        CHECK(node == 1 || row->at >= tree->rows[node - 1].at);
        CHECK(row->past <= tree->rows[row->parent ? row->parent : 1].past);
        Node before = 0;
        for (Node child = node_child(tree, node); child; child = node_next(tree, child)) {
            CHECK(node_parent(tree, child) == node);
            CHECK(node_previous(tree, child) == before);
            before = child;
        }
        CHECK(node_last_child(tree, node) == before);
    }
}

static void test_shape(void) {
    Tree *tree = parse(GRAMMAR_PYTHON, S("model = load(name, dtype=x)  # why\n"));
    check_rows(tree);
    CHECK_INT(node_kind(tree, 1), NODE_MODULE);
    Node call = find(tree, NODE_CALL, S("load(name, dtype=x)"));
    CHECK(call);
    CHECK_STR(node_text(tree, node_field(tree, call, FIELD_FUNCTION)), S("load"));
    Node arguments = node_field(tree, call, FIELD_ARGUMENTS);
    CHECK_INT(node_kind(tree, arguments), NODE_ARGUMENT_LIST);
    CHECK(node_is_token(tree, node_child(tree, arguments), S("(")));
    CHECK(!node_is_token(tree, node_child(tree, arguments), S("[")));
    CHECK(node_is_token(tree, node_last_child(tree, arguments), S(")")));
    CHECK_INT(node_count_named(tree, arguments), 2);
    Node first = node_child_named(tree, arguments), second = node_next_named(tree, first);
    CHECK_STR(node_text(tree, first), S("name"));
    CHECK_INT(node_kind(tree, second), NODE_KEYWORD_ARGUMENT);
    CHECK_STR(node_text(tree, node_field(tree, second, FIELD_VALUE)), S("x"));
    CHECK_INT(node_next_named(tree, second), 0);
    CHECK_INT(node_field(tree, second, FIELD_ALIAS), 0);
    CHECK_INT(node_field(tree, second, FIELD_NONE), 0);
    CHECK_INT(node_ancestor(tree, second, NODE_CALL), call);
    CHECK_INT(node_ancestor(tree, call, NODE_CALL), 0);
    CHECK(node_within(tree, second, call) && node_within(tree, call, call));
    CHECK(!node_within(tree, call, second));
    Node comment = find(tree, NODE_COMMENT, S("# why"));
    CHECK(comment && tree->rows[comment].extra && !tree->rows[call].extra);
    CHECK_INT(node_count_named(tree, 1), 1);
    CHECK(!node_is_token(tree, first, S("name")));
}

static void test_no_node(void) {
    Tree *tree = parse(GRAMMAR_PYTHON, S("x\n"));
    CHECK_INT(node_kind(tree, 0), NODE_NONE);
    CHECK_STR(node_text(tree, 0), S(""));
    CHECK(!node_is_token(tree, 0, S("")));
    CHECK(!node_parent(tree, 0) && !node_child(tree, 0) && !node_next(tree, 0));
    CHECK(!node_previous(tree, 0) && !node_last_child(tree, 0) && !node_child_named(tree, 0));
    CHECK(!node_next_named(tree, 0) && !node_count_named(tree, 0) && !node_at(tree, 99));
    CHECK(!node_field(tree, 0, FIELD_NAME) && !node_next_field(tree, 0));
    CHECK(!node_ancestor(tree, 0, NODE_MODULE) && !node_within(tree, 0, 0));
    CHECK(!node_parent(tree, 1) && !node_next(tree, 1) && !node_previous(tree, 1));
    CHECK(!node_child(tree, 123456));
    tree = parse(GRAMMAR_PYTHON, (Str){"", 0});
    CHECK_INT(tree->n, 2);
    CHECK(!tree->rows[1].has_error);
}

static void test_fields_repeat(void) {
    Tree *tree = parse(GRAMMAR_PYTHON, S("from a import b, c as d, e\nx[1, 2]\n"
                                         "if p:\n    pass\nelif q:\n    pass\nelse:\n    pass\n"));
    Node import = node_child(tree, 1);
    CHECK_STR(node_text(tree, node_field(tree, import, FIELD_MODULE_NAME)), S("a"));
    Node name = node_field(tree, import, FIELD_NAME);
    CHECK_STR(node_text(tree, name), S("b"));
    name = node_next_field(tree, name);
    CHECK_INT(node_kind(tree, name), NODE_ALIASED_IMPORT);
    name = node_next_field(tree, name);
    CHECK_STR(node_text(tree, name), S("e"));
    CHECK_INT(node_next_field(tree, name), 0);
    Node subscript = find(tree, NODE_SUBSCRIPT, S("x[1, 2]"));
    Node part = node_field(tree, subscript, FIELD_SUBSCRIPT);
    CHECK_STR(node_text(tree, part), S("1"));
    CHECK_STR(node_text(tree, node_next_field(tree, part)), S("2"));
    Node branch = node_field(tree, node_last_child(tree, 1), FIELD_ALTERNATIVE);
    CHECK_INT(node_kind(tree, branch), NODE_ELIF_CLAUSE);
    CHECK_INT(node_kind(tree, node_next_field(tree, branch)), NODE_ELSE_CLAUSE);
}

/* Grammars have several symbols of one name, for `as` patterns as for tuples. */
static void test_symbols(void) {
    Tree *tree =
        parse(GRAMMAR_PYTHON, S("with a as b:\n    lambda: 0\nmatch c:\n    case d as e:\n"
                                "        [z for z in lambda: 1]\nfor (i, j) in k:\n    pass\n"
                                "match v:\n    case (1, 2):\n        pass\n"
                                "x = [lambda: 2]\ntype T = int\ny = type(q)\nz = a * b\n"
                                "def f(a, /, *, b): pass\n"));
    check_rows(tree);
    CHECK(!tree->rows[1].has_error);
    Kind kinds[] = {NODE_AS_PATTERN, NODE_LAMBDA, NODE_TUPLE_PATTERN};
    for (int k = 0; k < 3; k++) {
        uint16_t symbol = 0;
        int n = 0;
        for (Node node = 1; node < tree->n; node++) {
            if (node_kind(tree, node) != kinds[k])
                continue;
            CHECK(!symbol || tree->rows[node].symbol == symbol);
            symbol = tree->rows[node].symbol;
            n++;
        }
        CHECK(n >= 2 || kinds[k] == NODE_TUPLE_PATTERN);
    }
    Node keyword = find(tree, NODE_TOKEN, S("lambda")), lambda = node_parent(tree, keyword);
    CHECK_INT(node_kind(tree, lambda), NODE_LAMBDA);
    CHECK(tree->rows[keyword].symbol != tree->rows[lambda].symbol);
    CHECK(find(tree, NODE_IDENTIFIER, S("type")) && find(tree, NODE_TOKEN, S("type")));
    CHECK(find(tree, NODE_POSITIONAL_SEPARATOR, S("/")));
    CHECK(find(tree, NODE_KEYWORD_SEPARATOR, S("*")));
}

static void test_errors(void) {
    Tree *tree = parse(GRAMMAR_PYTHON, S("a = f(1\nb = 2\n"));
    check_rows(tree);
    CHECK(tree->rows[1].has_error);
    tree = parse(GRAMMAR_PYTHON, S("x = 1\ny = $ 2\n"));
    bool error = false;
    for (Node node = 1; node < tree->n; node++)
        error = error || node_kind(tree, node) == NODE_ERROR;
    CHECK(error && tree->rows[1].has_error && !tree->rows[2].has_error);
    tree = parse(GRAMMAR_PYTHON, S("print(1)\n"));
    CHECK(!tree->rows[1].has_error);
}

static void test_at(void) {
    Str text = S("\n\nx = f(a.b)\n");
    Tree *tree = parse(GRAMMAR_PYTHON, text);
    CHECK_STR(node_text(tree, node_at(tree, (uint32_t)str_find(text, S("b")))), S("b"));
    CHECK_STR(node_text(tree, node_at(tree, (uint32_t)str_find(text, S(" =")))), S("x = f(a.b)"));
    CHECK_STR(node_text(tree, node_at(tree, (uint32_t)str_find(text, S(")")))), S(")"));
    CHECK_INT(node_at(tree, (uint32_t)text.n), 0);
    for (uint32_t offset = 0; offset < text.n; offset++) {
        Node slow = 0;
        for (Node node = 1; node < tree->n; node++) {
            if (tree->rows[node].at <= offset && offset < tree->rows[node].end)
                slow = node;
        }
        CHECK_INT(node_at(tree, offset), slow);
    }
}

static void test_deep(void) {
    enum { DEPTH = 20000 };
    Buf buf = {.arena = &arena};
    for (int i = 0; i < DEPTH; i++)
        buf_add_byte(&buf, '(');
    buf_add_byte(&buf, 'x');
    for (int i = 0; i < DEPTH; i++)
        buf_add_byte(&buf, ')');
    Tree *tree = parse(GRAMMAR_PYTHON, buf_str(&buf));
    CHECK(!tree->rows[1].has_error);
    Node x = find(tree, NODE_IDENTIFIER, S("x"));
    int depth = 0;
    for (Node node = node_parent(tree, x); node; node = node_parent(tree, node))
        depth += node_kind(tree, node) == NODE_PARENTHESIZED_EXPRESSION;
    CHECK_INT(depth, DEPTH);
}

static const char shell[] =
    "#!/bin/sh\n# c\nexport A=\"x $B\"\nunset A\nC=1 run 'a b' d$E/${F:-g} 2 >log\necho $(pwd)\n"
    "cat <<EOF\nbody\nEOF\n";

static void test_shell(void) {
    Tree *tree = parse(GRAMMAR_BASH, str_from(shell));
    check_rows(tree);
    CHECK(!tree->rows[1].has_error);
    CHECK_INT(node_kind(tree, 1), NODE_SHELL_PROGRAM);
    CHECK(find(tree, NODE_SHELL_DECLARATION_COMMAND, S("export A=\"x $B\"")));
    CHECK(find(tree, NODE_SHELL_COMMAND, S("C=1 run 'a b' d$E/${F:-g} 2")));
    CHECK(find(tree, NODE_SHELL_VARIABLE_ASSIGNMENT, S("C=1")));
    CHECK(find(tree, NODE_SHELL_HEREDOC_BODY, S("body\n")));
}

static void test_toml(void) {
    Tree *tree = parse(GRAMMAR_TOML, S("# c\n[tool.hffix]\nselect = [\"load\", 'x']\non = true\n"));
    check_rows(tree);
    CHECK(!tree->rows[1].has_error);
    CHECK_INT(node_kind(tree, 1), NODE_TOML_DOCUMENT);
    CHECK(find(tree, NODE_TOML_DOTTED_KEY, S("tool.hffix")));
    CHECK(find(tree, NODE_PAIR, S("on = true")));
    CHECK(find(tree, NODE_STRING, S("\"load\"")));
    CHECK(find(tree, NODE_TOML_BOOLEAN, S("true")));
    CHECK(find(tree, NODE_COMMENT, S("# c")));
}

/* A row that no grammar has would never be met. */
static void test_every_kind_exists(void) {
    static const struct {
        Grammar grammar;
        const char *text;
    } texts[] = {
        {GRAMMAR_PYTHON,
         "# comment\nfrom __future__ import annotations\nimport a.b as c\nfrom .x import *\nfrom y "
         "import z\n"
         "x: int = -1.5\nx += 1\nf(1, *a, **b, k=2)\nf(*(a), ((*b), c))\na.b[1:2, 3]\n"
         "g = f'{a!r:>{w}} {{ }} \\n' 'b'\nt = True, False, None, ...\n"
         "d = {**a, 'k': 1}\nl = [1]; s = {1}; u = (1,)\n"
         "[i for i in j if k]; {i: j for i in k}; {i for i in j}; (i for i in j)\n"
         "lambda q, r=1: q if r else 0\na and b; a < b; not a; a + b; (n := 1)\n"
         "async def h(): await x; yield\n"
         "for p, q in r: pass\nfor (p, q), [r, *s] in t: continue\n"
         "with open(a) as b: pass\n"
         "match v:\n"
         "    case 1 | -2 + 3j: pass\n"
         "    case {'k': w, **rest}: pass\n"
         "    case C(1, k=2): pass\n"
         "    case [a, *rest] | (b, c) as e: pass\n"
         "@deco\nclass K(Base): pass\n"
         "def f(a, /, b=1, *args, c: int, d: str = 's', **kw) -> list[int]: return a\n"
         "def g(a, *, b): pass\ndef h(*args: *Ts): pass\n"
         "def o[T: int](x: list[int] | str, y: a[b].c) -> (int, str): pass\ntype X = a.b[c] | d\n"
         "if a: pass\nelif b: pass\nelse: pass\nwhile a: break\n"
         "try: pass\nexcept E as e: raise\nfinally: pass\n"
         "del a, b\nassert a\nglobal g\nnonlocal h\na = \\\n    b\nprint >>f, 1\nexec 'a' in b\n"
         "for i in *a, b: pass\nexcept_ = a[b][c]\nx: list[int].y = 1\nx: int | str\n"
         "def f(x: list[int | str].z, **kw: P.kwargs, y: A[B].C = 1): pass\n"
         "return a, b\n"},
        {GRAMMAR_TOML,
         "a = 1\nb.c = 1.5\n\"d\" = 'e\\n'\nf = \"e\\n\"\n[[g]]\nh = [1]\ni = {j = true}\n"
         "[k]\nl = 1979-05-27T07:32:00Z\nm = 1979-05-27T07:32:00\nn = 1979-05-27\no = 07:32:00\n"},
        {GRAMMAR_BASH, shell},
    };
    bool seen[NODE_KIND_COUNT] = {0};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        Tree *tree = parse(texts[i].grammar, str_from(texts[i].text));
        check_rows(tree);
        for (Node node = 1; node < tree->n; node++) {
            seen[node_kind(tree, node)] = true;
            /* Only of a shell are most kinds not asked for. */
            CHECK(texts[i].grammar == GRAMMAR_BASH || node_kind(tree, node) != NODE_OTHER);
        }
    }
    for (int kind = NODE_ERROR + 1; kind < NODE_KIND_COUNT; kind++) {
        if (!seen[kind])
            fprintf(stderr, "no node of kind %s\n", kind_name((Kind)kind));
        CHECK(seen[kind]);
    }
}

static void test_versions(void) {
    CHECK(strstr(syntax_library_version(), "tree-sitter ") == syntax_library_version());
    CHECK(strstr(syntax_library_version(), "(ABI 1"));
    CHECK(strstr(syntax_grammar_version(GRAMMAR_PYTHON), "tree-sitter-python "));
    CHECK(strstr(syntax_grammar_version(GRAMMAR_TOML), "tree-sitter-toml "));
    CHECK(strstr(syntax_grammar_version(GRAMMAR_BASH), "tree-sitter-bash "));
}

static void test_close(void) {
    parse(GRAMMAR_PYTHON, (Str){0});
    arena_close(&arena);
    parser_close(NULL);
}

UNIT_MAIN(test_shape, test_no_node, test_fields_repeat, test_symbols, test_errors, test_at,
          test_deep, test_toml, test_shell, test_every_kind_exists, test_versions, test_close)

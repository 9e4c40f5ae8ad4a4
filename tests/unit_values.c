/* Values of expressions: names, strings with their defaults, other literals, what may be moved.
 * A string is compared as `text`, with `?` behind it when it is only a default and `~` when no one
 * literal holds it; `-` stands for one that is not known. */
#include "python/values.h"

#include "tests/snippet.h"

#define STRING(want, code) CHECK_STR(string(code), S(want))
#define VALUE(want, code)  CHECK_STR(value(code), S(want))

static Str string(const char *code) {
    Node node;
    StringValue value;
    const Module *module = snippet_marked(code, &node);
    if (!node)
        return S("no mark");
    if (!value_string(module, node, &value))
        return S("-");
    return str_format(&snippet_arena, "%.*s%s%s", STR_ARG(value.text), value.is_default ? "?" : "",
                      value.literal ? "" : "~");
}

static Str value(const char *code) {
    Node node;
    const Module *module = snippet_marked(code, &node);
    return module_text(module, value_of(module, node));
}

static void test_value(void) {
    VALUE("1", "a = 1\nb = (a)\n$b$");
    VALUE("f()", "a = f()\n$a$");
    VALUE("f()", "with f() as a:\n  $a$");
    VALUE("f()", "if (a := f()): $a$");
    VALUE("f()", "$(a := f())$");
    VALUE("a", "a = 1\nif x: a = 2\n$a$");
    VALUE("a", "for a in x: $a$");
    VALUE("a", "def f(a=1): $a$");
    VALUE("a", "$a$");
    VALUE("x.y", "$x.y$");
    VALUE("f()", "from typing import cast\na = cast(str, f())\n$a$");
    VALUE("f()", "import typing as t\n$t.cast(str, f())$");
    VALUE("cast(str, f())", "from other import cast\n$cast(str, f())$");
    VALUE("1", "class A:\n  def __init__(self): self.x = 1\n  def f(self): $self.x$");
    VALUE("1", "class A:\n  X = 1\n  def f(self): $self.X$");
    VALUE("1", "class A:\n  X = 1\n$A.X$");
    VALUE("A.X", "class A:\n  X = 1\nA.X = 2\n$A.X$");
    VALUE("self.X", "class A:\n  X = 1\n  def f(self): $self.X$\nclass B(A):\n  X = 2");
    VALUE("2", "class A:\n  X = 1\nclass B(A):\n  X = 2\n  def f(self): $self.X$");
    VALUE("1", "class A:\n  X = 1\nclass B(A):\n  def f(self): $self.X$");
    VALUE("f()", "class A:\n  def __init__(self): self.x = f()\nclass B(A):\n"
                 "  def g(self): $self.x$");
    VALUE("2", "class A:\n  x = None\n  def f(self): self.x = 2\n  def g(self): $self.x$");
    VALUE("self.x", "class A:\n  x = 1\n  def f(self): self.x = 2\n  def g(self): $self.x$");
    VALUE("self.x", "@dataclass\nclass A:\n  x: int = 1\n  def g(self): $self.x$");
    VALUE("b", "a = b\nb = a\n$a$");
    VALUE("b", "def f():\n  global a, b\n  a = b\n  b = a\ndef g(): $a$");
}

static void test_literals(void) {
    STRING("a", "$'a'$");
    STRING("a", "x = ('a')\n$x$");
    STRING("ab", "$'a' \"b\"$");
    STRING("a\nb\\", "$'a\\nb\\\\'$");
    STRING("a\\nb", "$r'a\\nb'$");
    STRING("é€😀A\x01", "$'\\xe9\\u20ac\\U0001F600\\x41\\1'$");
    STRING("a\\qb", "$'a\\qb'$");
    STRING("ab", "$'a\\\nb'$");
    STRING("a\nb", "$'''a\r\nb'''$");
    STRING("", "$''$");
    STRING("-", "$'\\N{DASH}'$");
    STRING("-", "$'\\ud800'$");
    STRING("-", "$b'a'$");
    STRING("-", "$Rb'a'$");
    STRING("{a}", "$f'{{a}}'$");
    STRING("{a", "$'{a'$");
    STRING("-", "$f'{x}'$");
    STRING("org/m~", "O = 'org'\n$f'{O}/m'$");
    STRING("org/m", "$'org' f'/m'$");
    STRING("-", "O = 'org'\n$f'{O!r}/m'$");
    STRING("-", "O = 'org'\n$f'{O:>9}/m'$");
    STRING("-", "O = 'org'\n$f'{O=}'$");
    STRING("org/m~", "O = 'org'\n$O + '/m'$");
    STRING("-", "$'a' * 2$");
    STRING("-", "$1$");
    STRING("-", "$None$");
}

static void test_constants(void) {
    STRING("m", "M = 'm'\n$M$");
    STRING("m", "M: str = 'm'\ndef f(): $M$");
    STRING("-", "from x import M\n$M$");
    STRING("-", "M = 'm'\nM = g()\n$M$");
    STRING("n", "M = 'm'\nM = 'n'\n$M$");
    STRING("-", "if x: M = 'm'\nelse: M = 'n'\n$M$");
    STRING("m", "if x: M = 'm'\nelse: M = 'm'\n$M$");
    STRING("-", "for M in ['m', 'n']: $M$");
    STRING("m", "class A:\n  M = 'm'\n  def f(self): $self.M$");
    STRING("m", "class A:\n  M = 'm'\n$A.M$");
    STRING("m", "class A:\n  def __init__(self): self.m = 'm'\n  def f(self): $self.m$");
    STRING("-", "class A:\n  def __init__(self, m): self.m = m\n  def f(self): $self.m$");
    STRING("m", "D = {'a': 'm', 'b': 'n'}\n$D['a']$");
    STRING("-", "D = {'a': 'm', 'b': 'n'}\n$D[x]$");
    STRING("-", "D = {'a': 'm', 'b': 'n'}\n$D['c']$");
    STRING("-", "D = {'a': 'm'}\nD['a'] = 'n'\n$D['a']$");
    STRING("-", "D = {'a': 'm', **o}\n$D['a']$");
    STRING("m", "D = {'a': 'm'}\n$D.get('a')$");
    STRING("m", "D = {'a': 'm'}\ndef f():\n  $D['a']$\n  D['a']");
    STRING("-", "D = {'a': 'm'}\ng(D)\n$D['a']$");
    STRING("m", "L = ['m', 'n']\n$L[0]$");
    STRING("-", "L = ['m', 'n']\n$L[2]$");
    STRING("-", "L = [*x, 'n']\n$L[1]$");
    STRING("m", "def f(): return 'm'\n$f()$");
    STRING("-", "def f():\n  if x: return 'n'\n  return 'm'\n$f()$");
    STRING("m", "$str('m')$");
    STRING("m~", "$'m' if x else 'm'$");
    STRING("-", "$'m' if x else 'n'$");
    STRING("m", "$'m' if True else 'n'$");
    STRING("m", "m = 'm'\nif m is None: raise E\n$m$");
}

static void test_defaults(void) {
    STRING("m?", "$x or 'm'$");
    STRING("n", "x = 'n'\n$x or 'm'$");
    STRING("m", "x = None\n$x or 'm'$");
    STRING("m", "$'' or 'm'$");
    STRING("-", "$x and 'm'$");
    STRING("m?", "$x if x else 'm'$");
    STRING("m?", "$x if x is not None else 'm'$");
    STRING("m?", "import os\n$os.environ.get('M', 'm')$");
    STRING("m?", "import os\n$os.getenv('M', default='m')$");
    STRING("m?", "from os import environ as e\n$e.get('M', 'm')$");
    STRING("m?", "import os\n$os.environ.get('M') or 'm'$");
    STRING("-", "import os\n$os.environ.get('M')$");
    STRING("-", "import os\n$os.environ['M']$");
    STRING("m?", "import os\nM = os.getenv('M', 'm')\ndef f(): $M$");
    STRING("m?", "$cfg.get('model', 'm')$");
    STRING("-", "$cfg.get(k, 'm')$");
    STRING("m?", "$getattr(cfg, 'model', 'm')$");
}

static void test_parameters(void) {
    STRING("m?", "def f(a='m'): $a$");
    STRING("m?", "def f(x, *, a: str = 'm'): $a$");
    STRING("-", "def f(a): $a$");
    STRING("-", "def f(a=None): $a$");
    STRING("m?", "def f(a=None):\n  a = a or 'm'\n  $a$");
    STRING("m?", "def f(a=None):\n  if a is None:\n    a = 'm'\n  $a$");
    STRING("m", "def f(a): $a$\nf('m')");
    STRING("m", "def f(x, a): $a$\nf(1, 'm')\nf(2, a='m')");
    STRING("-", "def f(a): $a$\nf('m')\nf('n')");
    STRING("-", "def f(a): $a$\nf('m')\nf(g())");
    STRING("-", "def f(a): $a$\nf('m')\nf(*x)");
    STRING("m", "def f(a='n'): $a$\nf('m')");
    STRING("-", "def f(a='n'): $a$\nf('m')\nf()");
    STRING("m?", "def f(a='m'): $a$\nf()");
    STRING("m?", "def f(a): $a$\nf('m')\nrun(f)");
    STRING("m", "class A:\n  def f(self, a): $a$\n  def g(self): self.f('m')");
    STRING("m", "class A:\n  def __init__(self, a):\n    self.a = a\n  def g(self): $self.a$\n"
                "A('m')");
    STRING("-", "def f(*, a): $a$\nf('m')");
    STRING("m", "def f(x, *r, a): $a$\nf(1, 'n', 'o', a='m')");
    STRING("-", "def f(x, *a): $a$\nf(1, 'n')");
    STRING("-", "def f(x, **a): $a$\nf(1, a='n')");
    STRING("m", "def f(x, /, a): $a$\nf(1, 'm')");
    STRING("-", "def f(n, a):\n  f(n, a)\n  $a$");
}

static const char parser[] = "import argparse\np = argparse.ArgumentParser()\n";

static Str argued(const char *rest) {
    Buf code = {.arena = &snippet_arena};
    buf_add(&code, str_from(parser));
    buf_add(&code, str_from(rest));
    return string(str_c(&snippet_arena, buf_str(&code)));
}

#define ARGUED(want, code) CHECK_STR(argued(code), S(want))

static void test_argparse(void) {
    ARGUED("m?", "p.add_argument('--model', default='m')\nargs = p.parse_args()\n$args.model$");
    ARGUED("m?", "p.add_argument('--model-name', default='m')\na = p.parse_args()\n$a.model_name$");
    ARGUED("m?", "p.add_argument('-m', '--model', type=str, default='m', help='x')\n"
                 "args = p.parse_args()\n$args.model$");
    ARGUED("m?", "p.add_argument('-m', default='m')\nargs = p.parse_args()\n$args.m$");
    ARGUED("m?", "p.add_argument('--x', dest='y', default='m')\nargs = p.parse_args()\n$args.y$");
    ARGUED("-", "p.add_argument('--x', dest='y', default='m')\nargs = p.parse_args()\n$args.x$");
    ARGUED("m?", "p.add_argument('--x', default='m')\nargs, _ = p.parse_known_args()\n$args.x$");
    ARGUED("m?", "p.add_argument('--x', default='m')\nargs = p.parse_known_args()[0]\n$args.x$");
    ARGUED("-", "p.add_argument('--x', default='m')\n_, args = p.parse_known_args()\n$args.x$");
    ARGUED("-", "p.add_argument('--x', default='m', required=True)\na = p.parse_args()\n$a.x$");
    ARGUED("-", "p.add_argument('x', default='m')\na = p.parse_args()\n$a.x$");
    ARGUED("m?", "p.add_argument('x', nargs='?', default='m')\na = p.parse_args()\n$a.x$");
    ARGUED("-", "p.add_argument('--x')\na = p.parse_args()\n$a.x$");
    ARGUED("-", "p.add_argument('--x', type=Path, default='m')\na = p.parse_args()\n$a.x$");
    ARGUED("-", "p.add_argument('--x', default='m')\nq.add_argument('--x', default='n')\n"
                "a = p.parse_args()\n$a.x$");
    ARGUED("-", "p.add_argument('--x', default='m')\np.set_defaults(x='n')\n"
                "a = p.parse_args()\n$a.x$");
    ARGUED("-", "p.add_argument('--x', default='m')\na = p.parse_args()\na.x = 'n'\n$a.x$");
    ARGUED("m?", "p.add_argument('--x', default='m')\n"
                 "def main(args): $args.x$\nmain(p.parse_args())");
    ARGUED("m?", "p.add_argument('--x', default='m')\n"
                 "def get(): return p.parse_args()\ndef main(): \n  a = get()\n  $a.x$");
    ARGUED("m?", "p.add_argument('--x', default='m')\ndef main(args): $args.x$");
    ARGUED("-", "p.add_argument('--x', default='m')\ndef main(batch): $batch.x$");
    ARGUED("m?", "D = 'm'\np.add_argument('--x', default=D)\na = p.parse_args()\n$a.x$");
    ARGUED("m?", "p.add_argument('--x', default='m')\nclass T:\n  def __init__(self, args):\n"
                 "    self.args = args\n  def f(self): $self.args.x$\nT(p.parse_args())");
    ARGUED("m?", "p.add_argument('--x', default='m')\na = p.parse_args()\nm = a.x or 'n'\n$m$");
    ARGUED("n", "a = argparse.Namespace(x='n')\n$a.x$");
}

static void test_fields(void) {
    const char *head = "from dataclasses import dataclass, field\nfrom transformers import "
                       "HfArgumentParser\n@dataclass\nclass A:\n  m: str = 'x'\n"
                       "  n: str = field(default='y', metadata={})\n  o: str = None\n"
                       "  p: str = field(default_factory=lambda: 'z')\n"
                       "@dataclass\nclass B(A):\n  q: str = 'w'\n";
    static const struct {
        const char *code;
        Str want;
    } cases[] = {
        {"p = HfArgumentParser((A, B))\na, b = p.parse_args_into_dataclasses()\n$a.m$", S("x?")},
        {"p = HfArgumentParser((A, B))\na, b = p.parse_args_into_dataclasses()\n$a.n$", S("y?")},
        {"p = HfArgumentParser((A, B))\na, b = p.parse_args_into_dataclasses()\n$b.q$", S("w?")},
        {"p = HfArgumentParser((A, B))\na, b = p.parse_args_into_dataclasses()\n$b.p$", S("z?")},
        {"p = HfArgumentParser((A, B))\na, b = p.parse_args_into_dataclasses()\n$a.o$", S("-")},
        {"p = HfArgumentParser((A, B))\na, b = p.parse_args_into_dataclasses()\n$a.q$", S("-")},
        {"p = HfArgumentParser(A)\n(a,) = p.parse_args_into_dataclasses()\n$a.m$", S("x?")},
        {"p = HfArgumentParser(A)\na = p.parse_args_into_dataclasses()[0]\n$a.m$", S("x?")},
        {"p = HfArgumentParser((A, B))\nif j:\n  a, b = p.parse_json_file(j)\nelse:\n"
         "  a, b = p.parse_args_into_dataclasses()\n$a.m$",
         S("x?")},
        {"def main(a: A): $a.m$", S("x?")},
        {"def main(a: 'A'): $a.m$", S("x?")},
        {"def main(a: list[A]): $a.m$", S("-")},
        {"a = A()\n$a.m$", S("x?")},
        {"a = A(m='k')\n$a.m$", S("k")},
        {"a = A(**kw)\n$a.m$", S("x?")},
        {"a = A('k')\n$a.m$", S("-")},
        {"a = A()\na.m = 'k'\n$a.m$", S("-")},
        {"a = C()\n$a.m$", S("-")},
        {"import tyro\na = tyro.cli(A)\n$a.m$", S("x?")},
    };
    for (ptrdiff_t i = 0; i < COUNT(cases); i++) {
        Str code = str_format(&snippet_arena, "%s%s", head, cases[i].code);
        Str found = string(str_c(&snippet_arena, code));
        if (!str_eq(found, cases[i].want))
            fprintf(stderr, "%s\n", cases[i].code);
        CHECK_STR(found, cases[i].want);
    }
    STRING("x?", "class A(BaseModel):\n  m: str = Field('x', description='')\n"
                 "def f(a: A): $a.m$");
    STRING("x?", "@dataclass\nclass A:\n  m: str = 'x'\n  def f(self): $self.m$");
}

static void test_commands(void) {
    STRING("m?", "@click.command()\n@click.option('--model', default='m')\ndef f(model): $model$");
    STRING("m?", "@click.option('--model-name', '-m', default='m')\ndef f(model_name): "
                 "$model_name$");
    STRING("m?", "@click.option('-m', '--model', 'name', default='m')\ndef f(name): $name$");
    STRING("-", "@click.option('--other', default='m')\ndef f(model): $model$");
    STRING("-", "@click.option('--model')\ndef f(model): $model$");
    STRING("m?", "@click.option('--model', default='m')\ndef f(model): $model$\nf()");
    STRING("m?", "@app.command()\ndef f(model: str = typer.Option('m', '--model')): $model$");
    STRING("-", "@app.command()\ndef f(model: str = typer.Option(...)): $model$");
    STRING("m?", "def f(model: Annotated[str, typer.Option()] = 'm'): $model$\ntyper.run(f)");
}

static Truth truth(const char *code) {
    Node node;
    const Module *module = snippet_marked(code, &node);
    return value_truth(module, node);
}

static double number(const char *code) {
    Node node;
    double number = -99;
    const Module *module = snippet_marked(code, &node);
    return value_number(module, node, &number) ? number : -99;
}

static void test_other(void) {
    CHECK_INT(truth("$True$"), TRUTH_TRUE);
    CHECK_INT(truth("x = False\n$x$"), TRUTH_FALSE);
    CHECK_INT(truth("$None$"), TRUTH_FALSE);
    CHECK_INT(truth("$x$"), TRUTH_UNKNOWN);
    CHECK_INT(truth("def f(x=True): $x$"), TRUTH_UNKNOWN);
    CHECK_INT(truth("$0$"), TRUTH_FALSE);
    CHECK_INT(truth("$0.5$"), TRUTH_TRUE);
    CHECK_INT(truth("$''$"), TRUTH_FALSE);
    CHECK_INT(truth("$not ''$"), TRUTH_TRUE);
    CHECK_INT(truth("$[]$"), TRUTH_FALSE);
    CHECK_INT(truth("x = []\n$x$"), TRUTH_UNKNOWN);
    CHECK_INT(truth("$[1]$"), TRUTH_TRUE);
    CHECK_INT(truth("$[*a]$"), TRUTH_UNKNOWN);
    CHECK_INT(truth("$x or True$"), TRUTH_TRUE);
    CHECK_INT(truth("$x and False$"), TRUTH_FALSE);
    CHECK_INT(truth("$x and True$"), TRUTH_UNKNOWN);
    CHECK_INT(truth("$f()$"), TRUTH_UNKNOWN);
    CHECK(number("$4_096$") == 4096);
    CHECK(number("$0x10$") == 16 && number("$0b101$") == 5 && number("$0o17$") == 15);
    CHECK(number("x = -1.5e3\n$x$") == -1500);
    CHECK(number("$1j$") == -99 && number("$'1'$") == -99 && number("$2 * 3$") == -99);
    CHECK(number("$1e999$") == -99);
    Node node;
    const Module *module = snippet_marked("x = None\n$x$", &node);
    CHECK(value_is_none(module, node) && !value_is_none(module, 0));
}

/* Whether the marked expression may stand at the last `HERE`. */
static bool moves(const char *code) {
    Node node;
    const Module *module = snippet_marked(code, &node);
    Node place = nth(module, "HERE", -1);
    return node && place && value_is_movable(module, node, place);
}

static void test_movable(void) {
    CHECK(moves("f($1$)\nHERE"));
    CHECK(moves("x = 1\nf($x + y$)\nHERE"));
    CHECK(moves("x = 1\nHERE\nf($x$)"));
    CHECK(!moves("HERE\nx = 1\nf($x$)"));
    CHECK(!moves("x = 1\nf($x$)\nx = 2\nHERE"));
    CHECK(!moves("f($g()$)\nHERE"));
    CHECK(!moves("async def f():\n  f($await x$)\n  HERE"));
    CHECK(!moves("f($(x := 1)$)\nHERE"));
    CHECK(!moves("f($[i for i in x]$)\nHERE"));
    CHECK(moves("f($a.b.c$)\nHERE"));
    CHECK(!moves("f($a.b$)\na.b = 1\nHERE"));
    CHECK(moves("f($a.b$)\nHERE\na.b = 1"));
    CHECK(moves("f($a[0]$)\nHERE"));
    CHECK(!moves("f($a[0]$)\na[0] = 1\nHERE"));
    CHECK(!moves("if c:\n  x = 1\n  f($x$)\nHERE"));
    CHECK(moves("x = 1\nif c:\n  f($x$)\nHERE"));
    CHECK(moves("x = 1\nif c:\n  HERE\nf($x$)"));
    CHECK(!moves("x = 1\nHERE\nfor i in y:\n  f($x$)\n  x = 2"));
    CHECK(!moves("for i in y:\n  f($i$)\nHERE"));
    CHECK(moves("for i in y:\n  f($i$)\n  HERE"));
    CHECK(moves("def f(x):\n  g($x$)\n  HERE"));
    CHECK(!moves("def f(x):\n  g($x$)\ndef h(x):\n  HERE"));
    CHECK(!moves("def f(x):\n  g($x$)\nHERE"));
    CHECK(moves("X = 1\ndef f():\n  g($X$)\ndef h():\n  HERE"));
    CHECK(!moves("X = 1\nX = 2\ndef f():\n  g($X$)\ndef h():\n  HERE"));
    CHECK(!moves("X = 1\ndef f():\n  g($X$)\ndef h(X):\n  HERE"));
    CHECK(!moves("HERE\nX = 1\ndef f():\n  g($X$)"));
    CHECK(moves("import torch\nf($torch.float16$)\nHERE"));
    CHECK(moves("import torch\nf(g(x=$torch.float16$), HERE)"));
    CHECK(moves("f($dict[\"a\"]$)\nHERE"));
}

static void test_limits(void) {
    STRING("-", "def f(a): return g(a)\ndef g(a): return f(a)\n$f(g('m'))$");
    STRING("-", "a = a or b\nb = a or b\n$b$");
    STRING("-", "class A:\n  def f(self): self.x = self.y\n  def g(self): self.y = self.x\n"
                "  def h(self): $self.x$");
    Buf deep = {.arena = &snippet_arena};
    for (int i = 0; i < 200; i++)
        buf_format(&deep, "def f%d(a):\n  f%d(a)\n  f%d(a)\n", i, i + 1, i + 1);
    buf_add(&deep, S("def f200(a): $a$\nf0('m')\n"));
    Str found = string(str_c(&snippet_arena, buf_str(&deep)));
    CHECK(str_eq(found, S("m")) || str_eq(found, S("-")));
}

/* Expressions that lie in each other as deep as somebody likes. */
static void test_nesting(void) {
    static const char *const parts[][3] = {
        {"", "x", " or x"}, {"", "x", ".x"},           {"", "'a'", " + 'a'"},     {"not ", "x", ""},
        {"-", "1", ""},     {"(", "'a'", ")"},         {"f(", "x", ")"},          {"", "x", "()"},
        {"", "x", "[0]"},   {"a if ", "b", " else c"}, {"{'a': ", "1", "}['a']"},
    };
    for (ptrdiff_t i = 0; i < COUNT(parts); i++) {
        Buf code = {.arena = &snippet_arena};
        for (int k = 0; k < 5000; k++)
            buf_add(&code, str_from(parts[i][0]));
        buf_add(&code, str_from(parts[i][1]));
        for (int k = 0; k < 5000; k++)
            buf_add(&code, str_from(parts[i][2]));
        const Module *module = snippet(str_c(&snippet_arena, buf_str(&code)));
        StringValue value;
        double number;
        for (Node n = 1; n < module->tree->n; n += 97) {
            value_string(module, n, &value);
            value_truth(module, n);
            value_number(module, n, &number);
            CHECK(value_of(module, n) != 0);
        }
    }
}

static void test_end(void) {
    snippet_close();
}

UNIT_MAIN(test_value, test_literals, test_constants, test_defaults, test_parameters, test_argparse,
          test_fields, test_commands, test_other, test_movable, test_limits, test_nesting, test_end)

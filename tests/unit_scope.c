/* Scopes, bindings and which of them an expression reads. */
#include "python/scope.h"

#include "tests/snippet.h"

#define REACHES(line, code) CHECK_INT(reached(code), line)

/* Kind of the only binding of the last expression of that text; -1 for none, -2 for several. */
static int bound_as(const char *code, const char *expression) {
    const Module *module = snippet(code);
    const Binding *binding = name_bindings(module, nth(module, expression, -1));
    return !binding ? -1 : binding->next ? -2 : (int)binding->kind;
}

static Str value_text(const char *code, const char *expression) {
    const Module *module = snippet(code);
    const Binding *binding = binding_reaching(module, nth(module, expression, -1));
    return binding ? module_text(module, binding->value) : S("?");
}

static void test_kinds(void) {
    CHECK_INT(bound_as("import a\na", "a"), BIND_IMPORT);
    CHECK_INT(bound_as("a = 1\na", "a"), BIND_ASSIGN);
    CHECK_INT(bound_as("a: int = 1\na", "a"), BIND_ASSIGN);
    CHECK_INT(bound_as("a: int\na", "a"), BIND_ANNOTATION);
    CHECK_INT(bound_as("a, b = f()\na", "a"), BIND_UNPACK);
    CHECK_INT(bound_as("[a, *b] = f()\nb", "b"), BIND_UNPACK);
    CHECK_INT(bound_as("a, b = 1, 2\nb", "b"), BIND_ASSIGN);
    CHECK_INT(bound_as("(a) = f()\na", "a"), BIND_ASSIGN);
    CHECK_INT(bound_as("(a,) = f()\na", "a"), BIND_UNPACK);
    CHECK_INT(bound_as("a += 1\nf(a)", "a"), BIND_AUGMENT);
    CHECK_INT(bound_as("for a in x: pass\na", "a"), BIND_FOR);
    CHECK_INT(bound_as("for i, (a, b) in x: pass\na", "a"), BIND_FOR);
    CHECK_INT(bound_as("with x as a: pass\na", "a"), BIND_WITH);
    CHECK_INT(bound_as("with (x as a): pass\na", "a"), BIND_WITH);
    CHECK_INT(bound_as("with x as (a, b), y as c: pass\nb", "b"), BIND_WITH);
    CHECK_INT(bound_as("try: pass\nexcept E as a: a", "a"), BIND_EXCEPT);
    CHECK_INT(bound_as("try: pass\nexcept* E as a: a", "a"), BIND_EXCEPT);
    CHECK_INT(bound_as("try:\n  pass\nexcept E, a:\n  a", "a"), BIND_EXCEPT);
    CHECK_INT(bound_as("def f(a): a", "a"), BIND_PARAMETER);
    CHECK_INT(bound_as("def f(*a: int): a", "a"), BIND_PARAMETER);
    CHECK_INT(bound_as("def f(x, **a): a", "a"), BIND_PARAMETER);
    CHECK_INT(bound_as("def f((x, a), y): a", "a"), BIND_PARAMETER);
    CHECK_INT(bound_as("lambda a: a", "a"), BIND_PARAMETER);
    CHECK_INT(bound_as("@d\nasync def a(): pass\na", "a"), BIND_FUNCTION);
    CHECK_INT(bound_as("@d\nclass a: pass\na", "a"), BIND_CLASS);
    CHECK_INT(bound_as("del a\na", "a"), BIND_DELETE);
    CHECK_INT(bound_as("del (a), b\na", "a"), BIND_DELETE);
    CHECK_INT(bound_as("if (a := 1): a", "a"), BIND_ASSIGN);
    CHECK_INT(bound_as("type a = int\na", "a"), BIND_ASSIGN);
    CHECK_INT(bound_as("def f[T](x: T): return T", "T"), BIND_TYPE_PARAMETER);
    CHECK_INT(bound_as("class C[T](B[T]):\n  def f(self, x: T): pass", "T"), BIND_TYPE_PARAMETER);
    CHECK_INT(bound_as("a[0] = 1\na.b = 2\na", "a"), -1);
    CHECK_INT(bound_as("f(a=1)\nx.a\na", "a"), -1);
    CHECK_INT(bound_as("print a", "a"), -1);
    CHECK_INT(bound_as("a = 1\nprint 'x', a", "a"), BIND_ASSIGN);
    CHECK_INT(bound_as("class C[T]: pass\nT", "T"), -1);
}

static void test_match(void) {
    const char *code = "match x:\n"
                       "  case Point(px=0, py=yy): yy\n"
                       "  case [first, *rest]: rest\n"
                       "  case {'k': v, **more}: more\n"
                       "  case str() as s: s\n"
                       "  case Color.RED | None: pass\n"
                       "  case _: pass\n"
                       "Point, px, first, Color, RED, _, str\n"
                       "yy, v, rest, more, s";
    CHECK_INT(bound_as(code, "yy"), BIND_MATCH);
    CHECK_INT(bound_as(code, "first"), BIND_MATCH);
    CHECK_INT(bound_as(code, "rest"), BIND_MATCH);
    CHECK_INT(bound_as(code, "v"), BIND_MATCH);
    CHECK_INT(bound_as(code, "more"), BIND_MATCH);
    CHECK_INT(bound_as(code, "s"), BIND_MATCH);
    CHECK_INT(bound_as(code, "Point"), -1);
    CHECK_INT(bound_as(code, "px"), -1);
    CHECK_INT(bound_as(code, "Color"), -1);
    CHECK_INT(bound_as(code, "RED"), -1);
    CHECK_INT(bound_as(code, "_"), -1);
    CHECK_INT(bound_as(code, "str"), -1);
}

static void test_values(void) {
    CHECK_STR(value_text("a = b = f(1)\na", "a"), S("f(1)"));
    CHECK_STR(value_text("a, (b, c) = 1, (2, 3)\nc", "c"), S("3"));
    CHECK_STR(value_text("(a, b) = [g(), h()]\nb", "b"), S("h()"));
    CHECK_STR(value_text("a, b = 1, 2, 3\nb", "b"), S("1, 2, 3"));
    CHECK_STR(value_text("a, b = *x, 2\nb", "b"), S("*x, 2"));
    CHECK_STR(value_text("for a in f(x): a", "a"), S("f(x)"));
    CHECK_STR(value_text("with open(f) as g: g", "g"), S("open(f)"));
    CHECK_STR(value_text("def f(a=3): a", "a"), S("3"));
    CHECK_STR(value_text("def f(a: int = 3): a", "a"), S("3"));
    CHECK_STR(value_text("a += 2\nf(a)", "a"), S("2"));
    CHECK_STR(value_text("[(y := f(x)) for x in z]\ny", "y"), S("f(x)"));
    CHECK_STR(value_text("[x for x in z]", "x"), S("z"));

    const Module *module = snippet("def f(self, a, /, b: int, *args, c, **kw): return self, a, b, "
                                   "args, c, kw\n"
                                   "x, (y, z), *w, v = g()\n"
                                   "for i, j in k: pass\n");
    const struct {
        const char *name;
        int index;
    } wanted[] = {{"self", 0}, {"a", 1},  {"b", 2},  {"args", -1}, {"c", -1}, {"kw", -1},
                  {"x", 0},    {"y", -1}, {"w", -1}, {"v", -1},    {"i", 0},  {"j", 1}};
    for (ptrdiff_t i = 0; i < COUNT(wanted); i++) {
        const Binding *binding = name_bindings(module, nth(module, wanted[i].name, 1));
        CHECK(binding);
        if (binding)
            CHECK_INT(binding->index, wanted[i].index);
    }
    const Binding *b = name_bindings(module, nth(module, "b", 1));
    CHECK_STR(module_text(module, b->annotation), S("int"));
    CHECK_INT(b->statement, statement_of(module, nth(module, "b", 1)));
}

static void test_scopes(void) {
    /* A class's names are not seen from its methods. */
    REACHES(0, "class C:\n x = 1\n def f(self): return $x$");
    REACHES(1, "x = 0\nclass C:\n x = 1\n def f(self): return $x$");
    REACHES(2, "class C:\n x = 1\n y = $x$");
    REACHES(1, "x = 0\nclass C:\n y = $x$\n x = 1");
    REACHES(1, "x = 0\nclass C:\n x = 1\n z = [$x$ for _ in y]");
    REACHES(1, "x = 0\nclass C:\n x = $x$");
    REACHES(1, "x = []\nclass C:\n z = [a for a in $x$]");
    REACHES(2, "class C:\n x = []\n z = [a for a in $x$]");
    /* Comprehensions hide their variables. */
    REACHES(1, "x = 1\n[x for x in y]\n$x$");
    REACHES(2, "x = 1\n[$x$ for x in y]");
    REACHES(2, "x = 1\n[z for x in y for z in $x$]");
    REACHES(1, "x = 1\n[0 for x in $x$]");
    REACHES(0, "[x for x in y]\n$x$");
    REACHES(2, "x = 1\n{x: 1 for x in y if $x$}");
    /* Defaults, annotations and decorators are read outside. */
    REACHES(1, "a = 1\ndef f(a=$a$): pass");
    REACHES(1, "a = 1\ndef f(a: $a$): pass");
    REACHES(1, "a = 1\ndef f(a: $a$ = 2): pass");
    REACHES(1, "a = 1\ndef f(*a: $a$): pass");
    REACHES(1, "a = 1\ndef f(a) -> $a$: pass");
    REACHES(1, "a = 1\n@$a$\ndef a(): pass");
    REACHES(1, "a = 1\nclass a($a$): pass");
    REACHES(1, "a = 1\nf(lambda a=$a$: 0)");
    REACHES(2, "a = 1\ndef f(b, a=lambda a: $a$): pass");
    /* Parameters and locals shadow. */
    REACHES(2, "a = 1\ndef f(a): return $a$");
    REACHES(2, "a = 1\nf(lambda a: $a$)");
    REACHES(1, "a = 1\nf(lambda: $a$)");
    REACHES(3, "a = 1\ndef f():\n a = 2\n return $a$");
    REACHES(0, "a = 1\ndef f():\n g($a$)\n a = 2");
    REACHES(3, "a = 1\ndef f():\n for a in b: return $a$");
    REACHES(2, "def f():\n import a\n $a$");
    /* Closures see the outer name when it is bound once. */
    REACHES(2, "def f():\n a = 1\n def g(): return $a$");
    REACHES(3, "def f():\n def g(): return $a$\n a = 1");
    REACHES(0, "def f():\n a = 1\n def g(): return $a$\n a = 2");
    REACHES(0, "def f(a):\n a = 1\n return lambda: $a$");
    REACHES(2, "a = 1\na += 1\ndef f(): $a$");
    REACHES(0, "def f(): $a$\na = 1\nf()\na += 1");
    REACHES(0, "a = 1\ndel a\ndef f(): $a$");
    REACHES(2, "a: int\na = 1\ndef f(): $a$");
    REACHES(2, "from x import a\nfrom x import a\ndef f(): $a$");
    REACHES(2, "from x import a\nfrom y import a\ndef f(): $a$");
    REACHES(0, "if c:\n from x import a\nelse:\n from y import a\ndef f(): $a$");
}

static void test_global(void) {
    REACHES(4, "m = None\ndef load():\n global m\n m = f()\ndef run():\n $m$()");
    REACHES(4, "m = None\ndef load():\n global m\n m = f()\nload()\n$m$");
    REACHES(0, "m = g()\ndef load():\n global m\n m = f()\ndef run():\n $m$()");
    REACHES(0, "m = g()\ndef load():\n global m\n m = f()\nload()\n$m$");
    REACHES(4, "m = g()\ndef load():\n global m\n m = f()\n $m$()");
    REACHES(0, "m = g()\ndef load():\n global m\n if c: m = f()\n $m$()");
    REACHES(1, "m = g()\ndef load():\n m = f()\ndef run():\n $m$()");
    REACHES(4, "def o():\n def i():\n  nonlocal m\n  m = f()\n m = None\n def u(): $m$()");
    REACHES(0, "def o():\n def i():\n  nonlocal m\n  m = f()\n m = 1\n def u(): $m$()");
    REACHES(2, "def o():\n m = 1\n class C:\n  def i(self):\n   m = f()\n  def u(): $m$()");
    const Module *module = snippet("def f():\n global m\n m = 1\nm");
    const Binding *binding = name_bindings(module, nth(module, "m", -1));
    CHECK(binding && binding->scope == module->scope);
    CHECK(scope_bindings(module, module->scope, S("m")) == binding);
    CHECK(!scope_bindings(module, scope_of(module, nth(module, "m = 1", 1)), S("m")));
}

static void test_straight(void) {
    REACHES(2, "x = 1\nx = 2\n$x$");
    REACHES(1, "x = 1\nf($x$)\nx = 2");
    REACHES(0, "f($x$)\nx = 1");
    REACHES(1, "x = 1\nx = $x$");
    REACHES(1, "x = 1\nx: int = $x$");
    REACHES(1, "x = 1\nx, y = $x$, 1");
    REACHES(1, "x = 1\nx = y = $x$");
    REACHES(1, "x = 1\nx += $x$");
    REACHES(1, "x = 1\n$x$ += 1");
    REACHES(2, "x = 1\nx += 1\n$x$");
    REACHES(2, "x = 1\n$x$ = 2");
    REACHES(0, "x = 1\ndel x\n$x$");
    REACHES(1, "x = 1\ndel y\n$x$");
    REACHES(3, "x = 1\nif c:\n x = 2\n f($x$)");
    REACHES(1, "x = 1\nif c:\n f($x$)");
    REACHES(2, "def f(x):\n x = g(1)\n if c:\n  h($x$)");
    REACHES(1, "def f(x):\n x = g($x$)");
    REACHES(1, "x = 1; f($x$); x = 2");
    REACHES(2, "with y as x:\n x = 1\n $x$");
    REACHES(2, "x = 1\nwith y as x:\n $x$");
    REACHES(2, "x = 1\nwith y as x, f($x$): pass");
    REACHES(2, "x = 1\nwith y as x: pass\n$x$");
    REACHES(2, "with y:\n x = 1\n$x$");
    REACHES(2, "x = 1\nclass x: pass\n$x$");
    REACHES(2, "class C:\n x = 1\n x = $x$ + 1");
}

static void test_branches(void) {
    REACHES(0, "x = 1\nif c:\n x = 2\n$x$");
    REACHES(0, "if c:\n x = 1\nelse:\n x = 2\n$x$");
    REACHES(2, "if c:\n x = 1\n$x$");
    REACHES(4, "x = 1\nif c:\n x = 2\nx = 3\n$x$");
    REACHES(1, "x = 1\nif c:\n x = 2\nelse:\n f($x$)");
    REACHES(1, "x = 1\nif c:\n x = 2\nelif f($x$):\n pass");
    REACHES(1, "def f(x):\n if c:\n  x = 2\n  return\n $x$");
    REACHES(1, "x = 1\nif c:\n x = 2\n sys.exit(1)\n$x$");
    REACHES(0, "x = 1\nif c:\n x = 2\n parser.exit\n$x$");
    REACHES(5, "x = 1\nif c:\n raise E\nelse:\n x = 2\n$x$");
    REACHES(0, "x = 1\nif c:\n pass\nelif d:\n x = 2\n$x$");
    REACHES(2, "if c:\n x = 1\nelif d:\n pass\n$x$");
    REACHES(1, "if (x := f()):\n $x$");
    REACHES(3, "x = 1\nif c: pass\nelif (x := f()):\n $x$");
    REACHES(0, "x = 1\nif c: pass\nelif (x := f()): pass\n$x$");
    REACHES(1, "x = 1\nif c: $x$\nelif (x := f()): pass");
    REACHES(0, "x = 1\nif c and (x := f()): pass\n$x$");
    REACHES(2, "x = 1\nif (x := f()) and c: pass\n$x$");
    REACHES(2, "x = 1\nif (x := f()) and $x$: pass");
    REACHES(2, "x = 1\ny = $x$ if (x := f()) else 0");
    REACHES(0, "x = 1\ny = 0 if c else (x := f())\n$x$");
    REACHES(4, "x = 1\nmatch c:\n case 1:\n  x = 2\n  f($x$)");
    REACHES(0, "x = 1\nmatch c:\n case 1:\n  x = 2\n$x$");
    REACHES(1, "x = 1\nmatch c:\n case 1:\n  x = 2\n case 2:\n  f($x$)");
    REACHES(3, "x = 1\nmatch c:\n case [x]:\n  f($x$)");
    REACHES(3, "x = 1\nmatch c:\n case [x] if $x$: pass");
    REACHES(0, "x = 1\nmatch c:\n case 1: x = 2\n case _: x = 3\n$x$");
    REACHES(3, "x = 1\nmatch c:\n case 1: x = 2\n case _: exit()\n$x$");
    REACHES(0, "x = 1\nmatch c:\n case 1: x = 2\n case 2: exit()\n$x$");
}

static void test_loops(void) {
    REACHES(0, "x = 1\nfor i in y:\n f($x$)\n x = 2");
    REACHES(3, "x = 1\nfor i in y:\n x = 2\n f($x$)");
    REACHES(3, "x = 1\nfor i in y:\n x = 2\n f($x$)\n x = 3");
    REACHES(0, "x = 1\nfor i in y:\n if c: x = 2\n f($x$)");
    REACHES(1, "x = 1\nfor i in y:\n f($x$)\nx = 2");
    REACHES(0, "x = 1\nfor i in y:\n x = 2\n$x$");
    REACHES(2, "x = 1\nfor x in y:\n $x$");
    REACHES(1, "x = 1\nfor x in $x$: pass");
    REACHES(0, "x = 1\nfor x in y: pass\n$x$");
    REACHES(1, "for x in y:\n f($x$)\n x = 2");
    REACHES(0, "x = 1\nwhile f($x$):\n x = 2");
    REACHES(2, "x = 1\nwhile (x := f()):\n $x$\n x = 2");
    REACHES(2, "x = 1\nwhile (x := f()): pass\n$x$");
    REACHES(0, "x = 1\nfor i in y:\n break\nelse:\n x = 2\n$x$");
    REACHES(0, "x = 1\nfor i in y:\n x = 2\nelse:\n $x$");
    REACHES(0, "while 1:\n x = 1\n if c: break\n x = 2\n$x$");
    REACHES(0, "x = 1\nfor i in y:\n for j in z:\n  f($x$)\n x = 2");
    REACHES(2, "for i in y:\n x = 1\n for j in z:\n  f($x$)\n x = 2");
    REACHES(0, "x = 1\nfor i in y:\n def f(): return $x$\n x = 2");
    REACHES(2, "x = 1\n[$y$ for z in x if (y := z)]");
    REACHES(0, "y = 1\n[$y$ for z in x if (y := z)]");
}

static void test_try(void) {
    REACHES(2, "try:\n x = 1\n f($x$)\nexcept E: pass");
    REACHES(2, "try:\n x = 1\nexcept E: pass\n$x$");
    REACHES(0, "x = 0\ntry:\n x = 1\nexcept E: pass\n$x$");
    REACHES(3, "x = 0\ntry:\n x = 1\nexcept E: raise\n$x$");
    REACHES(3, "x = 0\ntry:\n x = 1\nexcept E:\n sys.exit(1)\n$x$");
    REACHES(0, "x = 0\ntry:\n x = 1\nexcept E: x = 2\n$x$");
    REACHES(0, "x = 0\ntry:\n x = 1\nexcept E:\n f($x$)");
    REACHES(3, "x = 0\ntry:\n x = 1\nexcept E: pass\nelse:\n f($x$)");
    REACHES(0, "x = 0\ntry:\n x = 1\nfinally:\n f($x$)");
    REACHES(5, "x = 0\ntry:\n x = 1\nfinally:\n x = 2\n$x$");
    REACHES(3, "e = 0\ntry: pass\nexcept E as e:\n $e$");
}

static void test_self(void) {
    REACHES(3, "class C:\n def __init__(self):\n  self.m = f()\n def g(self): $self.m$()");
    REACHES(3, "class C:\n def __init__(this):\n  this.m = f()\n def g(me): $me.m$()");
    REACHES(4, "class C:\n m = None\n def __init__(self):\n  self.m = f()\n def g(self): $self.m$");
    REACHES(4, "class C:\n def __init__(self):\n  self.m = None\n  self.m = f()\n"
               " def g(self): $self.m$");
    REACHES(5, "class C:\n def __init__(self):\n  self.m = None\n def s(self):\n  self.m = f()\n"
               " def g(self): $self.m$");
    REACHES(0, "class C:\n def __init__(self):\n  self.m = g()\n def s(self):\n  self.m = f()\n"
               " def g(self): $self.m$");
    REACHES(5, "class C:\n def __init__(self):\n  self.m = g()\n def s(self):\n  self.m = f()\n"
               "  $self.m$()");
    REACHES(0, "class C:\n def __init__(self):\n  self.m = g()\n def s(self):\n"
               "  if c: self.m = f()\n  $self.m$()");
    REACHES(4, "class C:\n def s(self):\n  self.m = None\n  self.m = f()\n  $self.m$()");
    REACHES(3, "class C:\n def s(self):\n  self.m = None\n  $self.m$()");
    REACHES(4, "class C:\n def s(self):\n  self.m = None\n  if c: self.m = f()\n  $self.m$()");
    REACHES(3, "class C:\n def s(self):\n  self.m = f()\n  self.m = $self.m$.to(d)");
    REACHES(3, "class C:\n def s(self):\n  self.m = f()\n  return lambda: $self.m$");
    REACHES(3, "class C:\n def s(self):\n  self.m, self.n = f(), g()\n  return $self.n$");
    REACHES(4, "class C:\n @classmethod\n def s(cls):\n  cls.m = f()\n def g(self): $self.m$");
    REACHES(4, "class C:\n @d\n async def s(self):\n  self.m = f()\n def g(self): $self.m$");
    REACHES(3, "class C[T]:\n def s[U](self):\n  self.m = f()\n def g(self): $self.m$");
    REACHES(2, "class C:\n m = f()\n def g(self): $self.m$");
    REACHES(0, "class C:\n m = f()\n def s(self): self.m = g()\n def g(self): $self.m$");
    REACHES(2, "class C:\n def h(self): pass\n def g(self): $self.h$()");
    REACHES(3, "class C:\n def s(self):\n  with f() as self.m: pass\n def g(self): $self.m$");
    REACHES(3, "class C:\n def s(self):\n  self.m: T = f()\n def g(self): $self.m$");
    REACHES(2, "class C:\n m: T\n def g(self): $self.m$");
    REACHES(3, "class B:\n def s(self):\n  self.m = f()\nclass C(B):\n def g(self): $self.m$");
    REACHES(2, "class A:\n m = 1\nclass B(A): pass\nclass C(x, B):\n def g(self): $self.m$");
    REACHES(5, "class B:\n def s(self):\n  self.m = f()\nclass C(B):\n m = g()\n"
               " def g(self): $self.m$");
    /* Not the same attribute. */
    REACHES(0, "class C(C):\n def g(self): $self.m$");
    REACHES(0, "class B:\n def s(self):\n  self.m = f()\nclass C(x.B):\n def g(self): $self.m$");
    REACHES(0, "class C:\n @staticmethod\n def s(x):\n  x.m = f()\n def g(self): $self.m$");
    REACHES(0, "class C:\n def s(self, o):\n  o.m = f()\n def g(self): $self.m$");
    REACHES(0, "class C:\n def s(self):\n  self.o.m = f()\n def g(self): $self.m$");
    REACHES(0, "class C:\n def s(self):\n  self.m = f()\nclass D:\n def g(self): $self.m$");
    REACHES(0, "class C:\n def s(self):\n  self.m = f()\ndef g(self): $self.m$");
    REACHES(0, "class C:\n def s(self):\n  self = o\n  self.m = f()\n def g(self): $self.m$");
    REACHES(0, "class C:\n def s(self):\n  self.m[0] = f()\n def g(self): $self.m$");
    REACHES(0, "class C:\n def s(self):\n  def i(self): self.m = f()\n def g(self): $self.m$");
    REACHES(0, "class C:\n def s(self):\n  self.m = f()\n def d(self): del self.m\n"
               " def g(self): $self.m$");
    REACHES(0, "class C:\n def s(self):\n  self.m = f()\n  self.m += 1\n def g(self): $self.m$");
    const Module *module = snippet("class C:\n def s(this): this.m = 1");
    const Binding *binding = name_bindings(module, nth(module, "this.m", 1));
    CHECK(binding && binding->scope->kind == SCOPE_CLASS);
    CHECK_STR(binding->name, S("self.m"));
    CHECK(scope_bindings(module, binding->scope, S("self.m")) == binding);
    CHECK(!scope_bindings(module, binding->scope, S("m")));
}

static void test_stand_ins(void) {
    REACHES(2, "try:\n import x\nexcept ImportError:\n x = None\n$x$");
    REACHES(2, "try:\n import x\nexcept ImportError:\n x = None\ndef f(): $x$");
    REACHES(2, "try:\n from a import x\nexcept (ModuleNotFoundError, OSError):\n"
               " from b import x\n$x$");
    REACHES(2, "try:\n from a import x\nexcept:\n class x: pass\n$x$");
    REACHES(2, "try:\n from a import x\nexcept Exception as e:\n def x(): pass\ndef f(): $x$()");
    REACHES(2, "try: \n from a import x\nexcept ImportError:\n try: from b import x\n"
               " except ImportError: x = None\n$x$");
    REACHES(2, "if is_torch_available():\n import x\nelse:\n x = None\n$x$");
    REACHES(4, "if not is_torch_available():\n x = None\nelse:\n import x\n$x$");
    REACHES(2, "if u.is_a_available() and _is_b_available():\n import x\nelse:\n x = 1\n$x$");
    REACHES(4, "try:\n import x\nexcept ImportError:\n x = None\n $x$");
    /* No stand-ins. */
    REACHES(0, "try:\n import x\nexcept ValueError:\n x = None\n$x$");
    REACHES(0, "try:\n import x\n has = True\nexcept ImportError:\n has = False\n$has$");
    REACHES(0, "if version > 3:\n from a import x\nelse:\n from b import x\n$x$");
    REACHES(0, "if is_torch_available() or c:\n from a import x\nelse:\n from b import x\n$x$");
    REACHES(6, "try:\n import x\nexcept ImportError:\n import y\n\nx = 1\n$x$");
    REACHES(0, "from a import x\ntry:\n import z\nexcept ImportError:\n from b import x\n$x$");
    const Module *module = snippet("try:\n import x\nexcept ImportError:\n x = None\n"
                                   "if TYPE_CHECKING:\n import y\n"
                                   "if not t.TYPE_CHECKING:\n import z\n");
    const Binding *x = scope_bindings(module, module->scope, S("x"));
    CHECK(x && !x->guarded && x->next && x->next->guarded);
    CHECK(scope_bindings(module, module->scope, S("y"))->type_checking);
    CHECK(!scope_bindings(module, module->scope, S("z"))->type_checking);
}

/* The bindings, by line, that may reach the marked use; each line one decimal digit. */
static long may_reach(const char *code) {
    Node use;
    const Module *module = snippet_marked(code, &use);
    long lines = 0;
    for (const Binding *b = name_bindings(module, use); b; b = b->next)
        if (binding_may_reach(module, b, use))
            lines = 10 * lines + line_of(module, b->at);
    return lines;
}

/* A function meets what a global is when it runs, or at the end. */
static void test_alive(void) {
    CHECK_INT(may_reach("def f(): $x$\nx = 2\nx = 3\nf()"), 3);
    CHECK_INT(may_reach("def f(): $x$\nx = 2\nf()\nx = 4\nf()"), 24);
    CHECK_INT(may_reach("def f(): $x$\nx = 2\nf()\nx = 4"), 24);
    CHECK_INT(may_reach("def f(): $x$\nx = 2\nif c:\n x = 4\nf()"), 24);
    CHECK_INT(may_reach("def f(): $x$\nx = 2\nfor i in y:\n f()\n x = 5\nx = 6"), 256);
    CHECK_INT(may_reach("def f(): $x$\ndef g(): f()\nx = 3\ng()\nx = 5\nx = 6"), 36);
    CHECK_INT(may_reach("def f(): f(); $x$\nx = 2\nx = 3\nf()"), 3);
    REACHES(3, "def f(): $x$\nx = 2\nx = 3\nf()");
    /* Handed on, it runs at any time from there. */
    CHECK_INT(may_reach("def f(): $x$\nx = 2\nx = 3\non(f)\nx = 5\nx = 6"), 356);
    CHECK_INT(may_reach("x = 1\nx = 2\n@on\ndef f(): $x$\nx = 5\nx = 6"), 256);
    CHECK_INT(may_reach("x = 1\nx = 2\non(lambda: $x$)\nx = 4\nx = 5"), 245);
    CHECK_INT(may_reach("class C:\n def f(self): $x$\nx = 3\nx = 4\nc = C()\nx = 6\nx = 7"), 467);
    CHECK_INT(may_reach("def f(): $x$\ndef g(): on(f)\nx = 3\nx = 4\ng()\nx = 6\nx = 7"), 467);
    /* What functions store counts at any time. */
    CHECK_INT(may_reach("def f(): $x$\ndef g():\n global x\n x = 4\nx = 5\nx = 6\nf()"), 46);
    /* Of a closure's outer function nothing is taken away. */
    CHECK_INT(may_reach("def o():\n x = 2\n def f(): $x$\n x = 4\n f()"), 24);
}

static void test_may_reach(void) {
    CHECK_INT(may_reach("x = 1\nx = 2\n$x$\nx = 3"), 2);
    CHECK_INT(may_reach("x = 1\nif c:\n x = 2\n$x$"), 13);
    CHECK_INT(may_reach("x = 1\nif c:\n x = 2\nelse:\n x = 3\n$x$"), 35);
    CHECK_INT(may_reach("x = 1\nif c:\n x = 2\nelse:\n $x$\n x = 3"), 1);
    CHECK_INT(may_reach("x = 1\nfor i in y:\n $x$\n x = 2\nx = 3"), 14);
    CHECK_INT(may_reach("x = 1\nx = 2\ndef f(): $x$\nx = 4"), 4);
    CHECK_INT(may_reach("try:\n import x\nexcept ImportError:\n x = None\n$x$"), 24);
    CHECK_INT(may_reach("x = 1\n$x$ = 2"), 2);
    CHECK_INT(may_reach("x: int\nx = 2\n$x$"), 2);
    CHECK_INT(may_reach("x = 1\ndel x\n$x$"), 0);
    CHECK_INT(may_reach("class C:\n def a(self): self.x = 1\n def b(self):\n  self.x = 2\n"
                        "  $self.x$\n  self.x = 3"),
              4);
    CHECK_INT(may_reach("class C:\n def a(self): self.x = 1\n def b(self):\n  $self.x$\n"
                        "  self.x = 3"),
              25);
    CHECK_INT(may_reach("m = 1\ndef f():\n global m\n m = 2\nm = 3\nf()\n$m$"), 45);
    const Module *module = snippet("x = 1\ndef f(x): x");
    CHECK(!binding_may_reach(
        module, module->scope->names ? name_bindings(module, nth(module, "x", 1)) : NULL,
        nth(module, "x", -1)));
}

/* The lines of the uses of the first binding of the name in the module, a digit each. */
static long uses(const char *code, const char *name, const char *owner) {
    const Module *module = snippet(code);
    const Scope *scope = module->scope;
    if (owner) {
        Node definition = node_parent(module->tree, nth(module, owner, 1));
        scope = scope_of(module, node_field(module->tree, definition, FIELD_BODY));
    }
    const Binding *binding = scope_bindings(module, scope, str_from(name));
    CHECK(binding);
    if (!binding)
        return -1;
    ptrdiff_t n;
    const Node *nodes = binding_uses(module, binding, &n);
    long lines = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        lines = 10 * lines + line_of(module, nodes[i]);
    ptrdiff_t again;
    CHECK(binding_uses(module, binding, &again) == nodes && again == n);
    return lines;
}

static void test_uses(void) {
    CHECK_INT(uses("x = 1\nf(x, x)\nx = 2\nx.y = x", "x", NULL), 2244);
    CHECK_INT(
        uses("x = 1\ndef f(): x\ndef g(x): x\nclass C:\n x = x\n y = x\n def h(): x", "x", NULL),
        257);
    CHECK_INT(uses("x = 1\n[x for x in x]\nlambda x: x\nlambda: x", "x", NULL), 24);
    CHECK_INT(uses("x = 1\nf(x=2)\ny.x\nimport x.z\nx += 1\ndel x", "x", NULL), 5);
    CHECK_INT(uses("import x\ndef f(a: x.T = x.d) -> x: pass\n@x.w\nclass C(x): pass", "x", NULL),
              22234);
    CHECK_INT(uses("x = 1\nf'{x} {y:{x}}'", "x", NULL), 22);
    CHECK_INT(uses("class C:\n def a(self): self.x = 1\n def b(me):\n  me.x\n  me.y.x\n"
                   " @staticmethod\n def c(self): self.x",
                   "self.x", "C"),
              4);
    CHECK_INT(uses("class C:\n x = 1\n y = x\n def b(self): self.x", "x", "C"), 34);
    CHECK_INT(uses("x = 1\nif c\n  f(x)\n", "x", NULL) > 0, 1); /* in what does not parse */
    CHECK_INT(uses("def f():\n global x\n x = 1\nx", "x", NULL), 4);
}

/* Whether the arguments of the two calls of here() are the same place. */
static bool same(const char *code) {
    const Module *module = snippet(code);
    Node calls[2];
    int n = 0;
    for (Node node = 1; node < module->tree->n && n < 2; node++)
        if (node_kind(module->tree, node) == NODE_CALL &&
            str_starts(module_text(module, node), S("here(")))
            calls[n++] =
                node_child_named(module->tree, node_field(module->tree, node, FIELD_ARGUMENTS));
    CHECK_INT(n, 2);
    return n == 2 && same_place(module, calls[0], calls[1]);
}

static void test_same_place(void) {
    CHECK(same("x = 1\nhere(x)\nhere((x))"));
    CHECK(same("x = 1\nif c: x = 2\nhere(x)\nhere(x)"));
    CHECK(same("x = 1\nhere(x.a.b)\nhere(x . a.b)"));
    CHECK(same("here(y)\nhere(y)"));
    CHECK(same("x = 1\nhere(x)\ndef f(): here(x)"));
    CHECK(same("class C:\n def f(self): here(self.x)\n def g(self): here(self.x)"));
    CHECK(!same("x = 1\nhere(x)\nx = 2\nhere(x)"));
    CHECK(!same("x = 1\nhere(x)\nif c: x = 2\nhere(x)"));
    CHECK(!same("x = 1\nhere(x)\nhere(y)"));
    CHECK(!same("x = 1\nhere(x)\ndef f(x): here(x)"));
    CHECK(!same("x = 1\nhere(x.a)\nhere(x.b)"));
    CHECK(!same("x = 1\nhere(x.a)\nx = 2\nhere(x.a)"));
    CHECK(!same("here(f())\nhere(f())"));
    CHECK(same("x = 1\nx = 2\nhere(x)\ndef f(): here(x)"));
    CHECK(!same("x = 1\nhere(x)\nx = 2\ndef f(): here(x)"));
    CHECK(!same("class C:\n def f(self): here(self.x)\n def g(self, a): here(a.x)"));
}

static void test_free(void) {
    const Module *module = snippet("import a\ndef f(b):\n c = max(1)\n print(here)\n"
                                   "def g(): d = 1\nclass C:\n e = 1\n");
    Node here = nth(module, "here", 1);
    CHECK(!name_is_free(module, here, S("a")));
    CHECK(!name_is_free(module, here, S("b")));
    CHECK(!name_is_free(module, here, S("c")));
    CHECK(!name_is_free(module, here, S("max")));
    CHECK(!name_is_free(module, here, S("f")));
    CHECK(name_is_free(module, here, S("d")));
    CHECK(name_is_free(module, here, S("e")));
    CHECK(name_is_free(module, here, S("min")));
}

static void test_errors(void) {
    /* What lies in an ERROR node binds nothing; what stands beside it still does. */
    const Module *module = snippet("x = 1\nif x ==\nfor y in = 3 z:\ny\n");
    CHECK(scope_bindings(module, module->scope, S("x")));
    module = snippet("");
    CHECK(!scope_bindings(module, module->scope, S("x")));
    CHECK(!name_bindings(module, 0));
    CHECK(!binding_reaching(module, 0));
    module = snippet("def (:\n  pass\nclass\nlambda\nimport\nfrom import x\nwith as: pass\n"
                     "x = \ndel\nglobal\nmatch x:\n  case\n[for in]\n(:=)\ntry:\nexcept\n");
    for (Node node = 1; node < module->tree->n; node++) {
        binding_reaching(module, node);
        CHECK(scope_of(module, node));
    }
}

/* More bindings of one name than are looked at together. */
static void test_many(void) {
    Buf text = {.arena = &snippet_arena};
    for (int i = 0; i < 200; i++)
        buf_add(&text, S("x = f()\n"));
    buf_add(&text, S("if c:\n x\n"));
    for (int i = 0; i < 200; i++)
        buf_add(&text, S("if c: x = f()\n"));
    buf_add(&text, S("(x)\nwhile c:\n [x]\n"));
    for (int i = 0; i < 30; i++)
        buf_add(&text, S(" x = f()\n"));
    const Module *module = snippet(str_c(&snippet_arena, buf_str(&text)));
    const Binding *binding = binding_reaching(module, nth(module, "x", 201));
    CHECK(binding && line_of(module, binding->at) == 200);
    CHECK(!binding_reaching(module, nth(module, "x", 402)));
    CHECK(!binding_reaching(module, nth(module, "x", 403)));
    CHECK(binding_may_reach(module, name_bindings(module, nth(module, "x", 1)),
                            nth(module, "x", 402)));
}

static void test_places(void) {
    const Module *module =
        snippet("@d\ndef f(a):\n if a: g(a); h(a)\n for b in c:\n  return [k for "
                "k in b]\nmatch m:\n case 1: n\nclass C:\n def o(self): (p)\n");
    Node a = nth(module, "a", 3);
    CHECK_STR(module_text(module, statement_of(module, a)), S("g(a)"));
    CHECK_INT(node_kind(module->tree, block_of(module, statement_of(module, a))), NODE_BLOCK);
    Node f = nth(module, "f", 1);
    CHECK_INT(node_kind(module->tree, statement_of(module, f)), NODE_DECORATED_DEFINITION);
    CHECK_INT(block_of(module, statement_of(module, f)), 1);
    CHECK_INT(statement_of(module, 1), 0);
    CHECK_STR(module_text(module, statement_of(module, nth(module, "n", 1))), S("n"));
    CHECK_INT(node_kind(module->tree, statement_of(module, nth(module, "1", 1))),
              NODE_MATCH_STATEMENT);
    CHECK(!in_loop(module, a));
    CHECK(in_loop(module, nth(module, "k", 1)));
    CHECK(!in_loop(module, nth(module, "c", 1)));
    CHECK_INT(node_kind(module->tree, function_of(module, a)), NODE_FUNCTION_DEFINITION);
    CHECK_INT(function_of(module, nth(module, "m", 1)), 0);
    Node p = nth(module, "(p)", 1);
    CHECK_INT(node_kind(module->tree, class_of(module, p)), NODE_CLASS_DEFINITION);
    CHECK_STR(module_text(module, strip_parentheses(module, p)), S("p"));
}

UNIT_MAIN(test_kinds, test_match, test_values, test_scopes, test_global, test_straight,
          test_branches, test_loops, test_try, test_self, test_stand_ins, test_may_reach,
          test_alive, test_uses, test_same_place, test_free, test_errors, test_many, test_places,
          snippet_close)

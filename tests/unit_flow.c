/* Where values go and where they come from. The uses of the marked expression are compared as text,
 * in source order, one word each: `call`, `.name()` for a method, `.name` for an attribute,
 * `.name=` for a store, `f(name)` for an argument of f, `[]`, `for`, `read`, `returned` and
 * `escaped`, with the line. */
#include "python/flow.h"

#include "tests/snippet.h"

#define USES(want, code)    CHECK_STR(uses(code), S(want))
#define ORIGINS(want, code) CHECK_STR(origins(code), S(want))

static bool passes(const Module *module, Str method) {
    (void)module;
    return str_eq(method, S("to")) || str_eq(method, S("eval"));
}

static void show_use(Buf *out, const Module *module, const Use *use) {
    static const char *const plain[] = {
        [USE_CALLED] = "call", [USE_SUBSCRIPT] = "[]",      [USE_ITERATED] = "for",
        [USE_OTHER] = "read",  [USE_RETURNED] = "returned", [USE_ESCAPED] = "escaped"};
    switch (use->kind) {
    case USE_METHOD:
        buf_format(out, ".%.*s()", STR_ARG(use->name));
        break;
    case USE_ATTRIBUTE:
        buf_format(out, ".%.*s", STR_ARG(use->name));
        break;
    case USE_STORE:
        buf_format(out, ".%.*s=", STR_ARG(use->name));
        break;
    case USE_ARGUMENT:
        buf_format(out, "%.*s(%.*s)", STR_ARG(call_last_name(module, use->node)),
                   STR_ARG(use->name));
        break;
    case USE_CALLED:
    case USE_SUBSCRIPT:
    case USE_ITERATED:
    case USE_OTHER:
    case USE_RETURNED:
    case USE_ESCAPED:
        buf_format(out, "%s", plain[use->kind]);
        break;
    }
    buf_format(out, ":%u", line_of(module, use->value));
}

static Str uses(const char *code) {
    Node node;
    Buf out = {.arena = &snippet_arena};
    const Module *module = snippet_marked(code, &node);
    if (!node)
        return S("no mark");
    const Uses *found = value_uses(module, node, passes);
    for (ptrdiff_t i = 0; i < found->n; i++) {
        if (i)
            buf_add_byte(&out, ' ');
        show_use(&out, module, &found->v[i]);
    }
    return buf_str(&out);
}

/* Texts of the origins, with `...` where a way was lost. */
static Str origins(const char *code) {
    Node node;
    Buf out = {.arena = &snippet_arena};
    const Module *module = snippet_marked(code, &node);
    if (!node)
        return S("no mark");
    const Origins *found = value_origins(module, node, passes);
    for (ptrdiff_t i = 0; i < found->n; i++)
        buf_format(&out, "%s%.*s", i ? " | " : "", STR_ARG(module_text(module, found->v[i])));
    if (!found->complete)
        buf_add(&out, S(" ..."));
    return buf_str(&out);
}

static void test_kinds(void) {
    USES("", "$load()$");
    USES(".generate():1", "$load()$.generate(x)");
    USES("call:2", "m = $load()$\nm(x)");
    USES(".generate():2", "m = $load()$\nm.generate(**x)");
    USES(".config:2", "m = $load()$\nprint(m.config)");
    USES(".config:2", "m = $load()$\nm.config.use_cache = False");
    USES(".pad=:2", "m = $load()$\nm.pad = 1");
    USES(".pad=:2", "m = $load()$\nm.pad += 1");
    USES("print():2", "m = $load()$\nprint(m)");
    USES("Trainer(model):2", "m = $load()$\nTrainer(model=m)");
    USES("f():2", "m = $load()$\nf(**m)");
    USES("f(m):2", "m = $load()$\nf(**{'m': m})");
    USES("[]:2", "m = $load()$\nm['x']");
    USES("read:2", "m = $load()$\na[m]");
    USES("for:2", "m = $load()$\nfor x in m: pass");
    USES("for:2", "m = $load()$\na = [x for x in m]");
    USES("for:1", "a, b = $load()$");
    USES("read:2", "m = $load()$\nif m is None: pass");
    USES("read:2", "m = $load()$\nif not m: pass");
    USES("read:2", "m = $load()$\nprint(f'{m}')");
    USES("", "m = $load()$\ndel m");
    USES("escaped:2", "m = $load()$\nx = [m]");
    USES("escaped:2", "m = $load()$\nx = {'m': m}");
    USES("escaped:2", "m = $load()$\nx = dict(m=m)");
    USES("escaped:2", "m = $load()$\no.m = m");
    USES("escaped:2", "m = $load()$\nx['m'] = m");
    USES("escaped:3", "m = $load()$\nx = (m, 1)\ng(x)");
    USES("escaped:3", "def f():\n  m = $load()$\n  yield m");
    USES("escaped:2", "m = $load()$\ng(lambda: m)");
    USES(".x:2", "f = lambda: $load()$\nf().x");
    USES(".x:1", "f = lambda m: m.x\nf($load()$)");
    USES(".x:2", "m = $load()$\ng(lambda: m.x)");
    USES("call:3", "m = $load()$\nwith torch.no_grad():\n  m(x)");
}

static void test_names(void) {
    USES("", "m = $load()$\nm = other()\nm.x");
    USES(".x:2", "m = $load()$\nm.x\nm = other()\nm.y");
    USES(".x:3", "if c: m = $load()$\nelse: m = other()\nm.x");
    USES(".x:2 .y:3", "a = b = $load()$\na.x\nb.y");
    USES(".x:2", "a, b = $load()$, other()\na.x\nb.y");
    USES(".y:3", "a, b = other(), $load()$\na.x\nb.y");
    USES("read:1 .x:2", "if (m := $load()$): pass\nm.x");
    USES(".x:2", "m = $load()$ if c else other()\nm.x");
    USES(".x:2", "m = cache or $load()$\nm.x");
    USES(".x:3", "async def f():\n  m = await $load()$\n  m.x");
    USES(".x:2", "m = ($load()$)\nm.x");
    USES("read:1 .x:2", "with $load()$ as m:\n  m.x");
    USES(".x:3", "m = $load()$\nn = m\nn.x");
    USES(".x:5", "def init():\n  global m\n  m = $load()$\ndef f():\n  m.x");
    USES(".x:4", "try:\n  m = $load()$\nexcept E: raise\nm.x");
    USES(".x:3", "m = $load()$\ndef f():\n  m.x");
    USES("", "m = $load()$\ndef f(m):\n  m.x");
    USES(".to():1 .x:2", "m = $load()$.to('cuda')\nm.x");
    USES(".to():2 .x:3", "m = $load()$\nm = m.to('cuda')\nm.x");
    USES(".half():1", "m = $load()$.half()\nm.x");
    USES(".x:3", "p = $load()$, 1\nm, n = p\nm.x");
    USES(".x:2", "p = ($load()$, 1)\np[0].x\np[1].y");
    USES("escaped:2", "p = ($load()$, 1)\np[i].x");
}

static void test_functions(void) {
    USES(".x:4", "def get():\n  return $load()$\nm = get()\nm.x");
    USES(".x:5", "def get():\n  m = $load()$\n  return m\nm = get()\nm.x");
    USES("returned:2", "def get():\n  return $load()$");
    USES("escaped:2", "def get():\n  return $load()$\nrun(get)");
    USES("escaped:2 .x:3", "def get():\n  return $load()$\nget().x\nrun(get)");
    USES("escaped:3", "@pytest.fixture\ndef get():\n  return $load()$");
    USES(".x:4", "@lru_cache\ndef get():\n  return $load()$\nget().x");
    USES(".x:4", "def get():\n  return $load()$, tok()\nm, t = get()\nm.x\nt.y");
    USES(".y:5", "def get():\n  return tok(), $load()$\nr = get()\nm, t = r\nt.y\nm.x");
    USES(".y:4", "def get():\n  return tok(), $load()$\nr = get()\nr[1].y\nr[0].x");
    USES("escaped:3", "def get():\n  return tok(), $load()$\nkeep(get())");
    USES(".x:5", "async def get():\n  return $load()$\nasync def f():\n  m = await get()\n  m.x");
    USES(".x:2", "def use(m):\n  m.x\nuse($load()$)");
    USES(".x:2", "def use(a, *, m=None):\n  m.x\nuse(1, m=$load()$)");
    USES(".x:2", "def use(a, m):\n  m.x\n  a.y\nuse(b, $load()$)");
    USES("escaped:3", "def use(*m):\n  m.x\nuse($load()$)");
    USES("escaped:3", "def use(**m):\n  m.x\nuse(m=$load()$)");
    USES("escaped:3", "def use(a, m):\n  m.x\nuse(*a, $load()$)");
    USES(".x:2 .x:4", "def use(m):\n  m.x\n  if c:\n    m.x\n    use(m)\nuse($load()$)");
    USES(".x:3", "def use(x=1): pass\ndef use2(m=$load()$):\n  m.x");
    USES(".x:4", "def outer():\n  m = $load()$\n  def inner():\n    return m.x\n  return inner");
    USES("use():2", "from a import use\nuse($load()$)");
    USES(".x:2", "def use(m):\n  return m.x\nf = use\nf($load()$)");
}

static void test_classes(void) {
    USES(".x:5", "class A:\n  def __init__(self):\n    self.m = $load()$\n  def f(self):\n"
                 "    self.m.x");
    USES(".x:6", "class A:\n  def __init__(self):\n    self.m = $load()$\n  def f(self):\n"
                 "    def g():\n      self.m.x\n    g()");
    USES(".x:6", "class A:\n  def __init__(self):\n    self.m = $load()$\nclass B(A):\n"
                 "  def f(self):\n    self.m.x");
    USES("", "class A:\n  def __init__(self):\n    self.m = $load()$\nclass B:\n"
             "  def f(self):\n    self.m.x");
    USES(".x:5", "class A:\n  def __init__(self):\n    self.m = $load()$\na = A()\na.m.x");
    USES("", "class A:\n  def __init__(self):\n    self.m = $load()$\na = other()\na.m.x");
    USES(".x:3", "class A:\n  def __init__(self, m):\n    self.m = m; self.m.x\nA($load()$)");
    USES(".x:6", "class A:\n  def __init__(self, m):\n    self.m = m\n"
                 "  def f(self):\n    # why\n    self.m.x\nA(m=$load()$)");
    USES(".x:5", "class A:\n  def get(self):\n    return $load()$\n  def f(self):\n"
                 "    self.get().x");
    USES(".x:6", "class A:\n  @property\n  def m(self):\n    return $load()$\n  def f(self):\n"
                 "    self.m.x");
    USES(".x:5", "class A:\n  @staticmethod\n  def get():\n    return $load()$\nA.get().x");
    USES(".x:6", "class A:\n  @classmethod\n  def get(cls, n):\n    return $load()$\na = 1\n"
                 "A.get(2).x");
    USES(".x:3", "class A:\n  def use(self, m):\n    m.x\n  def f(self):\n    self.use($load()$)");
    USES(".x:4", "class A:\n  @staticmethod\n  def use(m):\n    m.x\nA.use($load()$)");
    USES(".x:3", "class A:\n  def use(self, m):\n    m.x\nA().use($load()$)");
    USES(".x:3", "class A:\n  def use(self, m):\n    m.x\na = A()\na.use(m=$load()$)");
    USES("use():5", "class A:\n  def use(self, m):\n    m.x\n\nb.use($load()$)");
    USES("escaped:4", "@dataclass\nclass A:\n  m: Any\nA($load()$)");
    USES(".x:3", "class A:\n  def __init__(self, m):\n    m.x\nclass B(A):\n  def __init__(self):\n"
                 "    super().__init__($load()$)");
    USES(".x:4 .y:5", "class A:\n  m = $load()$\n  def f(self):\n    self.m.x\nA.m.y");
    USES(".x:5", "@dataclass\nclass A:\n  m: Any\n  def f(self):\n    self.m.x\nA(m=$load()$)");
    USES(".x:5", "@dataclass\nclass A:\n  m: Any\na = A(m=$load()$)\na.m.x");
    USES("returned:3", "class A:\n  def get(self):\n    return $load()$");
}

static void test_bindings(void) {
    Node node;
    const Module *module = snippet_marked("m = $load()$\nn = m\nn.x", &node);
    const Uses *found = value_uses(module, node, passes);
    CHECK_INT(found->n_bindings, 2);
    CHECK_STR(found->bindings[0]->name, S("m"));
    CHECK_STR(found->bindings[1]->name, S("n"));
    CHECK(value_uses(module, node, passes) == found);
    CHECK(value_uses(module, node, NULL) != found);
    module = snippet_marked("m = load()\nf(a, k=$m$)", &node);
    found = value_uses(module, node, NULL);
    CHECK_INT(found->n, 1);
    CHECK_STR(module_text(module, found->v[0].argument), S("k=m"));
    CHECK_STR(module_text(module, found->v[0].node), S("f(a, k=m)"));
}

static void test_origins(void) {
    ORIGINS("load()", "$load()$");
    ORIGINS("load()", "m = load()\n$m$");
    ORIGINS("load()", "m = load().to('x').eval()\n$m$");
    ORIGINS("load().half()", "m = load().half()\n$m$");
    ORIGINS("a() | b()", "if c: m = a()\nelse: m = b()\n$m$");
    ORIGINS("a() | b()", "m = a() if c else b()\n$m$");
    ORIGINS("b()", "m = a()\nm = b()\n$m$");
    ORIGINS("a() | b()", "m = a()\nif c: m = b()\n$m$");
    ORIGINS("load()", "def get(): return load()\nm = get()\n$m$");
    ORIGINS("load()", "def get(): return tok(), load()\nt, m = get()\n$m$");
    ORIGINS("load()", "def get(): return tok(), load()\nt = get()[1]\n$t$");
    ORIGINS("m", "m, t = load()\n$m$");
    ORIGINS("a()", "m, t = a(), b()\n$m$");
    ORIGINS("x ...", "$x$");
    ORIGINS("m ...", "for m in x: $m$");
    ORIGINS("m ...", "def f(m): $m$");
    ORIGINS("m | 1 ...", "def f(m=1): $m$");
    ORIGINS("load()", "def f(m): $m$\nf(load())");
    ORIGINS("load() | other()", "def f(m): $m$\nf(load())\nf(m=other())");
    ORIGINS("m ...", "def f(m): $m$\nf(*x)");
    ORIGINS("m | load() ...", "def f(m): $m$\nf(load())\nrun(f)");
    ORIGINS("load()", "class A:\n  def __init__(self, m): self.m = m\n  def f(self): $self.m$\n"
                      "A(load())");
    ORIGINS("load()", "class A:\n  def __init__(self): self.m = load()\nclass B(A):\n"
                      "  def f(self): $self.m$");
    ORIGINS("load()", "class A:\n  def __init__(self): self.m = load()\na = A()\n$a.m$");
    ORIGINS("load()", "class A:\n  @property\n  def m(self): return load()\n"
                      "  def f(self): $self.m$");
    ORIGINS("load()", "class A:\n  def get(self): return load()\n  def f(self): $self.get()$");
    ORIGINS("load()", "@dataclass\nclass A:\n  m: Any\na = A(m=load())\n$a.m$");
    ORIGINS("load() ...", "@dataclass\nclass A:\n  m: Any\na = A(m=load())\nb = A(*c)\n$a.m$");
    ORIGINS("load()", "f = lambda: load()\n$f()$");
    ORIGINS("A()", "class A: pass\na = A()\n$a$");
    ORIGINS("a.m ...", "$a.m$");
    ORIGINS("a[0] ...", "$a[0]$");
    ORIGINS("None | load()", "class A:\n  def __init__(self): self.m = None\n"
                             "  def g(self): self.m = load()\n  def f(self): $self.m$");
    ORIGINS("load()", "async def get(): return load()\nasync def f():\n  $(await get())$");
    ORIGINS("get()", "def get(): pass\n$get()$");
    ORIGINS("get() ...", "def get(): yield 1\n$get()$");
    ORIGINS("torch", "import torch\n$torch$");
    ORIGINS("load()", "import typing\n$typing.cast(int, load())$");
    ORIGINS("self", "class A:\n  def f(self): $self$");
}

static void test_limits(void) {
    USES("", "a = $load()$\nb = a\na = b\n");
    ORIGINS(" ...", "def f(a): return g(a)\ndef g(a): return f(a)\n$f(1)$");
    Buf big = {.arena = &snippet_arena};
    buf_add(&big, S("m = $load()$\n"));
    for (int i = 0; i < 12000; i++)
        buf_add(&big, S("m.x\n"));
    Node node;
    const Module *module = snippet_marked(str_c(&snippet_arena, buf_str(&big)), &node);
    const Uses *found = value_uses(module, node, passes);
    bool escaped = false;
    for (ptrdiff_t i = 0; i < found->n; i++)
        escaped |= found->v[i].kind == USE_ESCAPED;
    CHECK(escaped);
}

static void test_end(void) {
    snippet_close();
}

UNIT_MAIN(test_kinds, test_names, test_functions, test_classes, test_bindings, test_origins,
          test_limits, test_end)

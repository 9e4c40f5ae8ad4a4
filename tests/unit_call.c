/* Arguments of calls wherever they are written. A view is compared as text: each argument as
 * `name=value`, with `@d` for a pair of a display, `@c` for dict(…), `@s` for a store, `@u` for an
 * update, `@p` for a partial, `!` when it is shared, `&` when other calls get it too, `?` when it
 * is conditional; a splat that may bring more is `**value` or `*value`. */
#include "python/call.h"

#include "tests/snippet.h"

#define VIEW(code, want) CHECK_STR(view(code), S(want))

static Str show(const Module *module, const CallView *view) {
    static const char *const from[] = {"", "@d", "@c", "@s", "@u", "@p"};
    Buf out = {.arena = &snippet_arena};
    for (ptrdiff_t i = 0; i < view->n; i++) {
        const Arg *arg = &view->args[i];
        if (out.n)
            buf_add_byte(&out, ' ');
        if (arg->name.n)
            buf_format(&out, "%.*s=", STR_ARG(arg->name));
        else
            buf_format(&out, "%d=", arg->position);
        Str value = module_text(module, arg->value);
        buf_format(&out, "%.*s%s%s%s%s", STR_ARG(value), from[arg->from], arg->shared ? "!" : "",
                   arg->n_also ? "&" : "", arg->conditional ? "?" : "");
    }
    for (ptrdiff_t i = 0; i < view->n_splats; i++) {
        const Splat *splat = &view->splats[i];
        bool list = node_kind(module->tree, splat->node) == NODE_LIST_SPLAT;
        if (!splat->known)
            buf_format(&out, "%s%s%.*s", out.n ? " " : "", list ? "*" : "**",
                       STR_ARG(module_text(module, splat->value)));
    }
    return buf_str(&out);
}

/* View of the marked call. */
static Str view(const char *code) {
    Node call;
    const Module *module = snippet_marked(code, &call);
    if (node_kind(module->tree, call) != NODE_CALL)
        return S("no call");
    return show(module, call_view(module, call));
}

static void test_direct(void) {
    VIEW("$f()$", "");
    VIEW("$f(a, b=1)$", "0=a b=1");
    VIEW("$f((a), # why\n  (b), c = 2,)$", "0=(a) 1=(b) c=2");
    VIEW("$f(i for i in x)$", "0=(i for i in x)");
    VIEW("$f(*a)$", "*a");
    VIEW("$f(x, *a, y, z=1)$", "0=x -1=y z=1 *a");
    VIEW("$m.f(x)$", "0=x");
}

static void test_display(void) {
    VIEW("$f(**{'a': 1, \"b\": 2})$", "a=1@d b=2@d");
    VIEW("$f(**({'a': 1}))$", "a=1@d");
    VIEW("$f(**dict(a=1, b=2))$", "a=1@c b=2@c");
    VIEW("$f(**{'a': 1, k: 2})$", "a=1@d **{'a': 1, k: 2}");
    VIEW("$f(**{'a': 1, **o})$", "a=1@d **o");
    VIEW("$f(**{**{'a': 1}, 'b': 2})$", "a=1@d b=2@d");
    VIEW("$f(**dict(o, a=1))$", "a=1@c **o");
    VIEW("$f(**dict([('a', 1)]))$", "**[('a', 1)]");
    VIEW("$f(**dict({'b': 1}, a=1))$", "b=1@d a=1@c");
    VIEW("def dict(**k): pass\n$f(**dict(a=1))$", "**dict(a=1)");
    VIEW("$f(**({'a': 1} if x else {}))$", "**({'a': 1} if x else {})");
    VIEW("$f(**(k or {}))$", "**(k or {})");
    VIEW("$f(**{k: v for k in x})$", "**{k: v for k in x}");
    VIEW("$f(**g())$", "**g()");
    VIEW("$f(**{'a' 'b': 1})$", "ab=1@d");
    VIEW("$f(**{f'a{x}': 1})$", "**{f'a{x}': 1}");
}

static void test_name(void) {
    VIEW("k = {'a': 1}\n$f(**k)$", "a=1@d");
    VIEW("k: dict = {'a': 1}\n$f(**k)$", "a=1@d");
    VIEW("k = dict(a=1)\n$f(x, **k)$", "0=x a=1@c");
    VIEW("o = dict(b=2)\nk = dict(a=1, **o)\n$f(**k)$", "a=1@c b=2@c");
    VIEW("o = {'b': 2}\nk = {**o, 'a': 1}\n$f(**k)$", "b=2@d a=1@d");
    VIEW("o = {'b': 2}\nk = {**o, 'a': 1}\ng(**o)\n$f(**k)$", "b=2@d& a=1@d");
    VIEW("o = {'b': 2}\nk = o.copy()\nk['a'] = 1\n$f(**k)$", "b=2@d a=1@s");
    VIEW("import copy\no = {'b': 2}\nk = copy.deepcopy(o)\ng(**o)\n$f(**k)$", "b=2@d&");
    VIEW("k = {'a': 1}\nk = g(k)\n$f(**k)$", "**k");
    VIEW("k = {'a': 1}\nk = {'b': 1}\n$f(**k)$", "b=1@d");
    VIEW("if x:\n  k = {'a': 1}\nelse:\n  k = {'b': 1}\n$f(**k)$", "**k");
    VIEW("k = {'a': 1}\nif x:\n  k = {'b': 1}\n$f(**k)$", "**k");
    VIEW("o = {'a': 1}\nk = o\n$f(**k)$", "**k");
    VIEW("k = o = {'a': 1}\n$f(**k)$", "**k");
    VIEW("def g(**k):\n  $f(**k)$", "**k");
    VIEW("def g(**k):\n  k['a'] = 1\n  $f(**k)$", "a=1@s **k");
    VIEW("def g(k={'a': 1}):\n  $f(**k)$", "**k");
    VIEW("k = get()\nk['a'] = 1\n$f(**k)$", "a=1@s **k");
    VIEW("from m import k\n$f(**k)$", "**k");
}

static void test_stores(void) {
    VIEW("k = {}\nk['a'] = 1\n$f(**k)$", "a=1@s");
    VIEW("k = {}\n$f(**k)$\nk['a'] = 1", "");
    VIEW("k = {'a': 0}\n$f(**k)$\nk['a'] = 1", "a=0@d!");
    VIEW("k = {}\nk[n] = 1\n$f(**k)$", "**k");
    VIEW("k = {}\n$f(**k)$\nk[n] = 1", "");
    VIEW("k = {}\nif x:\n  k['a'] = 1\n$f(**k)$", "a=1@s?");
    VIEW("k = {}\nif x:\n  k['a'] = 1\n  $f(**k)$", "a=1@s");
    VIEW("k = {}\nif x:\n  k['a'] = 1\nelse:\n  $f(**k)$", "");
    VIEW("k = {}\nif x:\n  k['a'] = 1\nelif y:\n  k['b'] = 1\nelse:\n  k['c'] = 1\n$f(**k)$",
         "a=1@s? b=1@s? c=1@s?");
    VIEW("k = {}\nwith x:\n  k['a'] = 1\n$f(**k)$", "a=1@s");
    VIEW("k = {}\ntry:\n  k['a'] = 1\nexcept E:\n  pass\n$f(**k)$", "a=1@s?");
    VIEW("k = {}\nfor i in x:\n  $f(**k)$\n  k['a'] = 1", "a=1@s?");
    VIEW("for i in x:\n  k = {}\n  $f(**k)$\n  k['a'] = 1", "");
    VIEW("k = {}\nk['a'] = x = 1\n$f(**k)$", "a=1@s!");
    VIEW("k = {}\nk['a'] += 1\n$f(**k)$", "");
    VIEW("k = {'a': 1}\nk['a'] += 1\n$f(**k)$", "a=1@d!?");
    VIEW("k = {}\nk['a'], b = g()\n$f(**k)$", "");
    VIEW("k = {}\nk.update(a=1, b=2)\n$f(**k)$", "a=1@u b=2@u");
    VIEW("k = {}\nk.update({'a': 1})\n$f(**k)$", "a=1@u");
    VIEW("k = {}\nk.update({'a': 1, n: 2})\n$f(**k)$", "a=1@u **{'a': 1, n: 2}");
    VIEW("k = {}\nk.update(o)\n$f(**k)$", "**o");
    VIEW("k = {}\nk.update(**o)\n$f(**k)$", "**o");
    VIEW("o = dict(a=1)\nk = {}\nk.update(o)\n$f(**k)$", "a=1@c");
    VIEW("k = {}\nif x: k.update(a=1)\n$f(**k)$", "a=1@u?");
    VIEW("k = {}\nk.setdefault('a', 1)\n$f(**k)$", "a=1@u");
    VIEW("k = {'a': 0}\nk.setdefault('a', 1)\n$f(**k)$", "a=0@d a=1@u?");
    VIEW("k = {}\ny = k.setdefault('a', 1)\n$f(**k)$", "a=1@u!");
    VIEW("k = {}\nk |= {'a': 1}\n$f(**k)$", "**k");
    VIEW("def g(x):\n  k = {}\n  match x:\n    case 1:\n      k['a'] = 1\n    case 2:\n"
         "      $f(**k)$",
         "");
}

static void test_shared(void) {
    VIEW("k = {'a': 1}\n$f(**k)$\ng(**k)", "a=1@d&");
    VIEW("k = {'a': 1}\n$f(**k)$\ng(k)", "a=1@d!");
    VIEW("k = {'a': 1}\ng(k)\n$f(**k)$", "a=1@d! **k");
    VIEW("k = {'a': 1}\ng(x=k)\n$f(**k)$", "a=1@d! **k");
    VIEW("k = {'a': 1}\nprint(k)\n$f(**k)$", "a=1@d!");
    VIEW("k = {'a': 1}\nlogger.info('%s', k)\n$f(**k)$", "a=1@d!");
    VIEW("k = {'a': 1}\nif len(k): pass\n$f(**k)$", "a=1@d");
    VIEW("k = {'a': 1}\nif k: pass\n$f(**k)$", "a=1@d");
    VIEW("def g():\n  k = {'a': 1}\n  $f(**k)$\n  return k", "a=1@d!");
    VIEW("k = {'a': 1}\no.k = k\n$f(**k)$", "a=1@d!");
    VIEW("k = {'a': 1}\no = k\n$f(**k)$", "a=1@d! **k");
    VIEW("k = {'a': 1}\n$f(**k)$\no.k = k", "a=1@d!");
    VIEW("k = {'a': 1}\ng([k])\n$f(**k)$", "a=1@d!");
    VIEW("k = {'a': 1, 'b': 2}\nprint(k['a'])\n$f(**k)$", "a=1@d! b=2@d");
    VIEW("k = {'a': 1, 'b': 2}\nk.get('b')\n$f(**k)$", "a=1@d b=2@d!");
    VIEW("k = {'a': 1, 'b': 2}\nif 'a' in k: pass\n$f(**k)$", "a=1@d! b=2@d");
    VIEW("k = {'a': 1, 'b': 2}\nk.pop('a')\n$f(**k)$", "a=1@d!? b=2@d");
    VIEW("k = {'a': 1, 'b': 2}\ndel k['b']\n$f(**k)$", "a=1@d b=2@d!?");
    VIEW("k = {'a': 1, 'b': 2}\n$f(k.pop('a'), **k)$", "0=k.pop('a') a=1@d!? b=2@d");
    VIEW("k = {'a': 1}\nk.clear()\n$f(**k)$", "a=1@d!?");
    VIEW("k = {'a': 1}\nfor n, v in k.items(): pass\n$f(**k)$", "a=1@d!");
    VIEW("k = {'a': 1}\nprint(f'{k}')\n$f(**k)$", "a=1@d!");
    /* the same name, another dict */
    VIEW("k = {'a': 1}\n$f(**k)$\nk = {'b': 1}\ng(**k)", "a=1@d");
    VIEW("def g():\n  k = {'a': 1}\n  $f(**k)$\ndef h():\n  k = {}\n  g(**k)", "a=1@d");
}

static void test_constants(void) {
    VIEW("K = {'a': 1}\ndef g():\n  $f(**K)$", "a=1@d");
    VIEW("K = {'a': 1}\ndef g():\n  $f(**K)$\ndef h():\n  f(**K)", "a=1@d&");
    VIEW("K = {}\nK['a'] = 1\ndef g():\n  $f(**K)$", "**K");
    VIEW("K = {'a': 1}\ndef g():\n  $f(**K)$\ndef h():\n  K['b'] = 1", "a=1@d **K");
    VIEW("K = {'a': 1}\ndef g():\n  global K\n  K = {}\ndef h():\n  $f(**K)$", "**K");
    VIEW("class C:\n  K = {'a': 1}\n  def g(self):\n    $f(**self.K)$", "a=1@d");
    VIEW("class C:\n  K = {'a': 1}\n  def g(self):\n    $f(**self.K)$\n    g(**self.K)", "a=1@d&");
    VIEW("class C:\n  K = {'a': 1}\n  def g(self):\n    $f(**C.K)$\n    self.K['b'] = 1",
         "a=1@d **C.K");
    VIEW("class C:\n  K = {'a': 1}\nclass D(C):\n  K = {}\nclass E(C):\n  def g(self):\n"
         "    $f(**self.K)$",
         "a=1@d");
    VIEW("class C:\n  K = {'a': 1}\n  def g(self):\n    $f(**self.K)$\nclass D(C):\n  K = {}",
         "**self.K");
    VIEW("class C:\n  def __init__(self):\n    self.k = {'a': 1}\n  def g(self):\n"
         "    $f(**self.k)$",
         "a=1@d");
    VIEW("class C:\n  def __init__(self):\n    self.k = {'a': 1}\n  def g(self):\n"
         "    $f(**self.k)$\n  def h(self):\n    self.k['b'] = 2",
         "a=1@d **self.k");
    VIEW("class C:\n  def __init__(self):\n    self.k = {'a': 1}\n    self.k['b'] = 2\n"
         "    $f(**self.k)$",
         "a=1@d b=2@s");
    VIEW("class C:\n  def __init__(self, k):\n    self.k = k\n  def g(self):\n    $f(**self.k)$",
         "**self.k");
}

static void test_partial(void) {
    VIEW("from functools import partial\nload = partial(f, 'x', a=1)\n$load(2, b=3)$",
         "0='x'@p a=1@p 1=2 b=3");
    VIEW("import functools\n$functools.partial(f, a=1)(b=2)$", "a=1@p b=2");
    VIEW("import functools\nl = functools.partial(f, a=1)\n$l()$\nl()", "a=1@p!");
    VIEW("import functools\nk = {'b': 2}\nl = functools.partial(f, **k)\n$l()$", "b=2@d");
    VIEW("from other import partial\nl = partial(f, a=1)\n$l(b=2)$", "b=2");
    VIEW("from functools import partial\n$partial(f, a=1)$", "0=f a=1");
    VIEW("from functools import partial\nl = l(partial(l, a=1))\n$l(a=2)$", "a=2");
    Node call;
    const Module *module = snippet_marked(
        "from functools import partial\nl = partial(partial(m.f, a=1), b=2)\n$l(c=3)$", &call);
    CHECK_STR(show(module, call_view(module, call)), S("a=1@p b=2@p c=3"));
    CHECK_STR(module_text(module, call_target(module, call)), S("m.f"));
}

static void test_places(void) {
    Node call;
    const Module *module = snippet_marked("k = {'a': 1}\nk['b'] = 2\n$f(x, c=3, **k)$", &call);
    const CallView *v = call_view(module, call);
    const Arg *a = call_keyword(v, S("a")), *b = call_keyword(v, S("b"));
    CHECK(a && b && call_view(module, call) == v);
    CHECK_STR(str_span(module->source->text, a->name_at), S("'a'"));
    CHECK_STR(module_text(module, a->whole), S("'a': 1"));
    CHECK_INT(node_kind(module->tree, a->holder), NODE_DICTIONARY);
    CHECK_STR(module_text(module, b->whole), S("k['b'] = 2"));
    CHECK_INT(node_kind(module->tree, b->whole), NODE_EXPRESSION_STATEMENT);
    CHECK_INT(b->holder, 1);
    CHECK_STR(str_span(module->source->text, b->name_at), S("'b'"));
    const Arg *c = call_keyword(v, S("c"));
    CHECK_STR(module_text(module, c->whole), S("c=3"));
    CHECK_STR(str_span(module->source->text, c->name_at), S("c"));
    CHECK(!call_keyword(v, S("d")) && !call_keyword(v, S("")));
    CHECK_STR(module_text(module, call_positional(v, 0)->value), S("x"));
    CHECK(!call_positional(v, 1) && !call_positional(v, -1));
    CHECK(!call_is_opaque(v, module, NULL, NULL));
    /* of two the later one counts, unless it may not have come */
    module = snippet_marked("k = {'a': 1, 'a': 2}\nif x: k['a'] = 3\n$f(**k)$", &call);
    v = call_view(module, call);
    CHECK_STR(module_text(module, call_keyword(v, S("a"))->value), S("2"));
    module = snippet_marked("k = {'a': 1}\nk['a'] = 3\n$f(**k)$", &call);
    v = call_view(module, call);
    CHECK_STR(module_text(module, call_keyword(v, S("a"))->value), S("3"));
}

static bool is_batch(void *context, const Module *module, Node value) {
    return str_eq(module_text(module, value), *(Str *)context);
}

static void test_opaque(void) {
    Node call;
    Str batch = S("batch");
    const Module *module = snippet_marked("$f(**batch)$", &call);
    CHECK(call_is_opaque(call_view(module, call), module, NULL, NULL));
    CHECK(!call_is_opaque(call_view(module, call), module, is_batch, &batch));
    module = snippet_marked("$f(*a, **batch)$", &call);
    CHECK(call_is_opaque(call_view(module, call), module, is_batch, &batch));
    module = snippet_marked("k = {'x': 1, **batch}\n$f(**k)$", &call);
    CHECK(call_is_opaque(call_view(module, call), module, NULL, NULL));
    CHECK(!call_is_opaque(call_view(module, call), module, is_batch, &batch));
}

static void test_limits(void) {
    VIEW("k = dict(**k)\n$f(**k)$", "**k");
    VIEW("k = {**k}\nk.update(k)\n$f(**k)$", "**k **k");
    VIEW("a = {}\nb = {}\na.update(b)\nb.update(a)\n$f(**b)$", "**b");
    Buf deep = {.arena = &snippet_arena};
    for (int i = 0; i < 50; i++)
        buf_format(&deep, "k%d = {**k%d, 'a%d': 1}\n", i + 1, i, i);
    buf_add(&deep, S("$f(**k50)$"));
    CHECK(view(str_c(&snippet_arena, buf_str(&deep))).n > 0);
    Buf wide = {.arena = &snippet_arena};
    buf_add(&wide, S("k = {'a': 1}\n"));
    for (int i = 0; i < 2000; i++)
        buf_add(&wide, S("f(**k)\n"));
    buf_add(&wide, S("$f(**k)$"));
    VIEW(str_c(&snippet_arena, buf_str(&wide)), "a=1@d! **k");
}

static void test_end(void) {
    snippet_close();
}

UNIT_MAIN(test_direct, test_display, test_name, test_stores, test_shared, test_constants,
          test_partial, test_places, test_opaque, test_limits, test_end)

/* Qualified names, their matching, names as written, base classes. */
#include "python/names.h"

#include "tests/snippet.h"

/* Qualified name of the marked expression, in a file of the package. */
static Str name_in(const char *package, const char *code) {
    Node use;
    const Module *module = snippet_marked(code, &use);
    ((Source *)module->source)->package = str_from(package);
    /* Imports read the package, so read the scopes again with it. */
    module = module_read(&snippet_arena, module->source, module->tree);
    CHECK(use);
    return qualified_name(module, use);
}

#define NAMED(wanted, code)             CHECK_STR(name_in("", code), S(wanted))
#define NAMED_IN(package, wanted, code) CHECK_STR(name_in(package, code), S(wanted))

static void test_imports(void) {
    NAMED("transformers", "import transformers\n$transformers$");
    NAMED("transformers.AutoModel", "import transformers\n$transformers.AutoModel$");
    NAMED("transformers.AutoModel", "import transformers as tf\n$tf.AutoModel$");
    NAMED("transformers.AutoModel.from_pretrained",
          "import transformers as tf\n$tf . AutoModel . \\\n  from_pretrained$");
    NAMED("a.b.c.X", "import a.b.c\n$a.b.c.X$");
    NAMED("a.b.c.X", "import a.b\nimport a.b.c, a.d\n$a.b.c.X$");
    NAMED("a.b.X", "import a.b as c\n$c.X$");
    NAMED("", "import a.b as c\n$a.b.X$");
    NAMED("transformers.AutoModel", "from transformers import AutoModel\n$AutoModel$");
    NAMED("transformers.AutoModel", "from transformers import (Other, AutoModel as M,)\n$M$");
    NAMED("", "from transformers import (Other, AutoModel as M,)\n$AutoModel$");
    NAMED("a.b.X.y", "from a.b import X\n$(X).y$");
    NAMED("a.b.X", "from a import b\n$b.X$");
    NAMED("a.X", "def f():\n from a import X\n return $X$");
    NAMED("", "def f():\n from a import X\n$X$");
    NAMED("a.X", "if TYPE_CHECKING:\n from a import X\ndef f(x: $X$): pass");
    NAMED("a.X", "try:\n from a import X\nexcept ImportError:\n X = None\n$X$");
    NAMED("a.X", "try:\n from a import X\nexcept ImportError:\n from b import X\n$X$");
    NAMED("a.X", "if c:\n from a import X\nelse:\n from a import X\n$X$");
    NAMED("", "if c:\n from a import X\nelse:\n from b import X\n$X$");
    NAMED("", "from a import *\n$X$");
    NAMED("a", "from __future__ import annotations\nimport a\nprint $a$");
    NAMED("", "$X$");
    NAMED("", "$max$");
}

static void test_relative(void) {
    NAMED_IN("trl.trainer", "trl.trainer.models.A", "from .models import A\n$A$");
    NAMED_IN("trl.trainer", "trl.models.A", "from ..models import A\n$A$");
    NAMED_IN("trl.trainer", "trl.trainer.x", "from . import x\n$x$");
    NAMED_IN("trl.trainer", "trl.x.Y", "from .. import x\n$x.Y$");
    NAMED_IN("trl", "trl.x", "from . import x\n$x$");
    NAMED_IN("trl.trainer", "a.b.A", "from a.b import A\n$A$");
    NAMED_IN("trl", "..x.A", "from ..x import A\n$A$");
    NAMED(".models.A", "from .models import A\n$A$");
    NAMED("..x", "from .. import x\n$x$");
    NAMED("...a.b", "from ...a import b\n$b$");
}

static void test_shadowed(void) {
    NAMED("", "from a import X\nX = f()\n$X$");
    NAMED("", "from a import X\ndef f(X): return $X$");
    NAMED("", "from a import X\nfor X in y: $X$");
    NAMED("", "from a import X\n[$X$ for X in y]");
    NAMED("", "from a import X\ndel X\n$X$");
    NAMED("", "from a import X\nwith y as X: $X$");
    NAMED("", "from a import X\nif c: X = 1\n$X$");
    NAMED("", "from a import X\ndef f():\n X = 1\n return $X$.y");
    NAMED("", "import a\na = f()\n$a.b$");
    NAMED(".X", "from a import X\nclass X: pass\n$X$");
    NAMED("a.X", "from a import X\nclass C:\n X = 1\n def f(self): $X$");
    NAMED("a.X", "from a import X\nf(X=1)\n$X$");
}

static void test_followed(void) {
    NAMED("t.A", "import t\nM = t.A\n$M$");
    NAMED("t.A.load", "from t import A\nload = A.load\n$load$");
    NAMED("t.A.load", "from t import A\nM = A\nN = (M)\n$N.load$");
    NAMED("t.A", "import t\nM, N = t.A, t.B\n$M$");
    NAMED("t.A", "import t\nif (M := t.A): $M$");
    NAMED("t.A", "import t\n$getattr(t, 'A')$");
    NAMED("t.A", "import t\nM = getattr(t, \"A\", None)\n$M$");
    NAMED("t.A", "import t\nclass C:\n def __init__(self): self.k = t.A\n def f(self): $self.k$");
    NAMED("t.A.load", "import t\nclass C:\n k = t.A\n def f(self): $self.k.load$()");
    NAMED("", "import t\nM = t.A()\n$M$");
    NAMED("", "import t\nM = t.A\nif c: M = t.B\n$M$");
    NAMED("", "import t\n$getattr(t, name)$");
    NAMED("", "import t\n$getattr(t, f'A{x}')$");
    NAMED("", "import t\n$getattr(t, b'A')$");
    NAMED("", "import t\ndef getattr(a, b): pass\n$getattr(t, 'A')$");
    NAMED("", "import t\n$setattr(t, 'A')$");
    NAMED("", "import t\n$t.A()$");
    NAMED("", "import t\n$t.A().b$");
    NAMED("", "import t\n$t.A[0].b$");
    NAMED("", "a = b\nb = a\nwhile 1:\n a = b\n b = a\n $a$");
    NAMED("", "def f():\n global a, b\n a = b\n b = a\ndef g(): $a$");
}

static void test_local(void) {
    NAMED(".f", "def f(): pass\n$f$");
    NAMED(".C", "class C: pass\n$C$");
    NAMED(".C.m", "class C:\n def m(self): pass\n$C.m$");
    NAMED(".C.m", "class C:\n def m(self): pass\n def n(self): $self.m$()");
    NAMED(".C.D", "class C:\n class D: pass\n x = $D$");
    NAMED(".f.g", "def f():\n def g(): pass\n $g$()");
    NAMED(".C", "class C: pass\nD = C\n$D$");
    NAMED(".f", "@d\ndef f(): pass\n$f$");
}

static void test_matches(void) {
    static const struct {
        const char *name, *pattern;
        bool matches;
    } rows[] = {
        {"transformers.AutoModel", "transformers.AutoModel", true},
        {"transformers.models.auto.modeling_auto.AutoModel", "transformers.AutoModel", true},
        {"trl.trainer.sft_trainer.SFTTrainer", "trl.SFTTrainer", true},
        {"transformers.models.auto.AutoModel.from_pretrained",
         "transformers.AutoModel.from_pretrained", true},
        {"peft.mapping.get_peft_model", "peft.get_peft_model", true},
        {"transformers.pipelines.pipeline", "transformers.pipeline", true},
        {"huggingface_hub._login.login", "huggingface_hub.login", true},
        {"torch.nn.functional.pad", "torch.nn.functional.pad", true},
        {"transformers", "transformers", true},
        /* Look-alikes. */
        {"transformers.AutoModelForCausalLM", "transformers.AutoModel", false},
        {"mytransformers.AutoModel", "transformers.AutoModel", false},
        {"transformers.models.MyAutoModel", "transformers.AutoModel", false},
        {"transformers.Wrapper.AutoModel", "transformers.AutoModel", false},
        {"transformers.AutoModel", "transformers.models.auto.AutoModel", false},
        {"peft.tuners.lora.layer.Linear", "peft.lora.Linear", false},
        {"torch.hub.load", "torch.load", false},
        {"torch.cuda.device", "torch.device", false},
        {"trl.SFTTrainer", "transformers.SFTTrainer", false},
        {".SFTTrainer", "trl.SFTTrainer", false},
        {".trainer.SFTTrainer", "trl.SFTTrainer", false},
        {"..SFTTrainer", "trl.SFTTrainer", false},
        {"", "trl.SFTTrainer", false},
        {"", "", false},
        {"trl", "trl.SFTTrainer", false},
        {"trl.", "trl.", true},
        {"transformers.AutoModel.from_pretrained", "transformers.AutoModel", false},
    };
    for (ptrdiff_t i = 0; i < COUNT(rows); i++) {
        bool got = qualified_matches(str_from(rows[i].name), str_from(rows[i].pattern));
        CHECK_INT(got, rows[i].matches);
        if (got != rows[i].matches)
            fprintf(stderr, "  %s against %s\n", rows[i].name, rows[i].pattern);
    }
}

static void test_written(void) {
    const Module *module = snippet("self . model.\\\n  generate(x)\n(f)(x)\na.b[0].c(x)\ng()(x)\n"
                                   "(a.b).c(y)\n(lambda: 0)()\n");
    Node call[7];
    int n = 0;
    for (Node node = 1; node < module->tree->n && n < 7; node++)
        if (node_kind(module->tree, node) == NODE_CALL)
            call[n++] = node;
    CHECK_INT(n, 7);
    CHECK_STR(dotted_name(module, call_function(module, call[0])), S("self.model.generate"));
    CHECK_STR(call_last_name(module, call[0]), S("generate"));
    CHECK_STR(dotted_name(module, call_receiver(module, call[0])), S("self.model"));
    CHECK_STR(dotted_name(module, call_function(module, call[1])), S("f"));
    CHECK_STR(call_last_name(module, call[1]), S("f"));
    CHECK_INT(call_receiver(module, call[1]), 0);
    CHECK_STR(dotted_name(module, call_function(module, call[2])), S(""));
    CHECK_STR(call_last_name(module, call[2]), S("c"));
    CHECK_STR(module_text(module, call_receiver(module, call[2])), S("a.b[0]"));
    CHECK_STR(call_last_name(module, call[3]), S(""));
    CHECK_STR(dotted_name(module, call_function(module, call[5])), S("a.b.c"));
    CHECK_STR(call_last_name(module, call[6]), S(""));
    CHECK_INT(call_function(module, 1), 0);
}

/* Names of the bases of the last class, joined by spaces. */
static Str bases(const char *code) {
    const Module *module = snippet(code);
    Node last = 0;
    for (Node node = 1; node < module->tree->n; node++)
        if (node_kind(module->tree, node) == NODE_CLASS_DEFINITION)
            last = node;
    ptrdiff_t n;
    const Str *names = class_bases(module, last, &n);
    Buf joined = {.arena = &snippet_arena};
    for (ptrdiff_t i = 0; i < n; i++)
        buf_format(&joined, "%s%.*s", i ? " " : "", STR_ARG(names[i]));
    return buf_str(&joined);
}

static void test_bases(void) {
    CHECK_STR(bases("from t import A\nclass C(A): pass"), S("t.A"));
    CHECK_STR(bases("import t\nclass C(t.A, t.B[int], metaclass=t.M): pass"), S("t.A t.B"));
    CHECK_STR(bases("import t\nclass B(t.A): pass\nclass C(B): pass"), S(".B t.A"));
    CHECK_STR(bases("import t\nclass B(t.A): pass\nX = B\nclass C(X, t.D): pass"), S(".B t.A t.D"));
    CHECK_STR(bases("class C: pass"), S(""));
    CHECK_STR(bases("class C(f(), x, *y): pass"), S(""));
    CHECK_STR(bases("class C(C): pass"), S(""));
    CHECK_STR(bases("def f():\n global A, B\n class A(B): pass\n class B(A): pass"), S(".A"));
}

/* Nesting that no one writes must not cost the stack. */
static void test_deep(void) {
    Buf text = {.arena = &snippet_arena};
    enum { DEPTH = 20000 };
    for (int i = 0; i < DEPTH; i++)
        buf_add(&text, S("a."));
    buf_add(&text, S("b\n"));
    for (int i = 0; i < 400; i++)
        buf_add(&text, S("("));
    buf_add(&text, S("x"));
    for (int i = 0; i < 400; i++)
        buf_add(&text, S(",)"));
    buf_add(&text, S(" = y\nif f()"));
    for (int i = 0; i < DEPTH; i++)
        buf_add(&text, S(" and f()"));
    buf_add(&text, S(":\n import z\n"));
    for (int i = 1; i < 400; i++)
        buf_format(&text, "%*sif c:\n", i, "");
    buf_format(&text, "%*sw = 1\nw\n", 400, "");
    const Module *module = snippet(str_c(&snippet_arena, buf_str(&text)));
    for (Node node = 1; node < module->tree->n; node += node < 300 ? 1 : 50)
        qualified_name(module, node);
    Node chain = nth(module, "a", 1);
    while (node_kind(module->tree, node_parent(module->tree, chain)) == NODE_ATTRIBUTE)
        chain = node_parent(module->tree, chain);
    CHECK_STR(dotted_name(module, chain), S(""));
    CHECK(same_place(module, chain, chain));
    binding_reaching(module, nth(module, "w", -1));
    Str last;
    const Module *local = snippet("import a.b.c.d.e.f.g.h.i.j as k\nk.l.m.n.o.p.q.r.s.t.u.v.w");
    last = qualified_name(local, nth(local, "k.l.m.n.o.p.q.r.s.t.u.v.w", 1));
    CHECK_STR(last, S("a.b.c.d.e.f.g.h.i.j.l.m.n.o.p.q.r.s.t.u.v.w"));
}

UNIT_MAIN(test_imports, test_relative, test_shadowed, test_followed, test_local, test_matches,
          test_written, test_bases, test_deep, snippet_close)

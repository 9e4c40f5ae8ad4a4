/* Plans: arguments, statements and imports that change together. */
#include "edit/plan.h"

#include "tests/snippet.h"

static const Module *module;
static Plan *plan;

static void start_with(const char *text, int line_length) {
    module = snippet(text);
    plan = plan_open(module, snippet_parser, (Style){line_length, true, '"'});
}

static void start(const char *text) {
    start_with(text, 88);
}

/* The first call of a function whose text is `function`. */
static Node call_of(const char *function) {
    for (Node node = 1; node < module->tree->n; node++)
        if (node_kind(module->tree, node) == NODE_CALL &&
            str_eq(module_text(module, node_field(module->tree, node, FIELD_FUNCTION)),
                   str_from(function)))
            return node;
    fprintf(stderr, "no call of %s\n", function);
    exit(1);
}

static const CallView *view_of(const char *function) {
    return call_view(module, call_of(function));
}

static const Arg *arg_of(const char *function, const char *keyword) {
    const Arg *arg = call_keyword(view_of(function), str_from(keyword));
    if (!arg) {
        fprintf(stderr, "no argument %s of %s\n", keyword, function);
        exit(1);
    }
    return arg;
}

static int group(const char *transform) {
    return plan_group(plan, str_from(transform));
}

static void add(const char *function, const char *keyword, const char *value) {
    plan_add_argument(plan, group("test/add"), view_of(function), str_from(keyword),
                      str_from(value));
}

static void replace(const char *function, const char *keyword, const char *by, const char *value) {
    plan_replace_argument(plan, group("test/replace"), arg_of(function, keyword), str_from(by),
                          str_from(value));
}

static void take(const char *function, const char *keyword) {
    plan_remove_argument(plan, group("test/take"), arg_of(function, keyword));
}

static Str result(void) {
    EditList edits = plan_edits(plan);
    ptrdiff_t first, second;
    CHECK(edits_sort(&edits, &first, &second));
    return edits_apply(&snippet_arena, module->source->text, &edits);
}

#define CHECK_RESULT(want) CHECK_STR(result(), S(want))

/* ---- arguments ---- */

static void test_combination(void) {
    start("from transformers import AutoModelForCausalLM\n\n"
          "model = AutoModelForCausalLM.from_pretrained(\"meta-llama/Llama-3.1-70B-Instruct\")\n");
    const CallView *call = view_of("AutoModelForCausalLM.from_pretrained");
    int dtype = group("load/bf16"), map = group("load/device-map"), four = group("load/4bit");
    Str torch = plan_import(plan, dtype, S("torch.bfloat16"), call->call);
    plan_add_argument(plan, dtype, call, S("torch_dtype"), torch);
    plan_add_argument(plan, map, call, S("device_map"), S("\"auto\""));
    Str config = plan_import(plan, four, S("transformers.BitsAndBytesConfig"), call->call);
    torch = plan_import(plan, four, S("torch.bfloat16"), call->call);
    plan_add_argument(plan, four, call, S("quantization_config"),
                      str_format(&snippet_arena,
                                 "%.*s(load_in_4bit=True, bnb_4bit_quant_type=\"nf4\", "
                                 "bnb_4bit_compute_dtype=%.*s)",
                                 STR_ARG(config), STR_ARG(torch)));
    CHECK_RESULT("import torch\n"
                 "from transformers import AutoModelForCausalLM, BitsAndBytesConfig\n\n"
                 "model = AutoModelForCausalLM.from_pretrained(\n"
                 "    \"meta-llama/Llama-3.1-70B-Instruct\",\n"
                 "    quantization_config=BitsAndBytesConfig(\n"
                 "        load_in_4bit=True,\n"
                 "        bnb_4bit_quant_type=\"nf4\",\n"
                 "        bnb_4bit_compute_dtype=torch.bfloat16,\n"
                 "    ),\n"
                 "    device_map=\"auto\",\n"
                 "    torch_dtype=torch.bfloat16,\n"
                 ")\n");
    bool seen[3] = {false};
    EditList edits = plan_edits(plan);
    for (ptrdiff_t i = 0; i < edits.n; i++)
        seen[edits.v[i].group] = true;
    CHECK(seen[0] && seen[1] && seen[2]);
}

static void test_add(void) {
    start("m = f()\n");
    add("f", "a", "1");
    CHECK_RESULT("m = f(a=1)\n");
    start("m = f(x)\n");
    add("f", "a", "1");
    CHECK_RESULT("m = f(x, a=1)\n");
    start("m = f(x, **kw)\n");
    add("f", "a", "1");
    CHECK_RESULT("m = f(x, a=1, **kw)\n");
    start("m = f(**kw)\n");
    add("f", "a", "1");
    CHECK_RESULT("m = f(**kw, a=1)\n");
    start("m = f(**kw, x=1)\n");
    add("f", "a", "1");
    CHECK_RESULT("m = f(**kw, x=1, a=1)\n");
    start("m = f(*xs)\n");
    add("f", "a", "1");
    CHECK_RESULT("m = f(*xs, a=1)\n");
    start("m = f(g(x), h[0]).to('cuda').eval()\n");
    add("f", "a", "1");
    CHECK_RESULT("m = f(g(x), h[0], a=1).to('cuda').eval()\n");
    start("m = f(x for x in y)\n");
    add("f", "a", "1");
    CHECK_RESULT("m = f(x for x in y)\n");
    const char *reason = NULL;
    CHECK_INT(plan_group_state(plan, 0, &reason), GROUP_FAILED);
    CHECK(reason != NULL);
}

static void test_add_order(void) {
    start("t(the_prompt, return_tensors=\"pt\")\n");
    add("t", "max_length", "5");
    add("t", "zeta", "1");
    add("t", "padding", "True");
    add("t", "alpha", "1");
    add("t", "truncation", "True");
    CHECK_RESULT(
        "t(\n    the_prompt,\n    return_tensors=\"pt\",\n    padding=True,\n    truncation=True,\n"
        "    max_length=5,\n    alpha=1,\n    zeta=1,\n)\n");
    start("p = pipeline(\"x\")\n");
    add("pipeline", "batch_size", "8");
    add("pipeline", "dtype", "d");
    add("pipeline", "device_map", "m");
    CHECK_RESULT("p = pipeline(\"x\", device_map=m, dtype=d, batch_size=8)\n");
}

static void test_replace(void) {
    start("f(a=1, b=2)\n");
    replace("f", "a", "c", "");
    CHECK_RESULT("f(c=1, b=2)\n");
    start("f(a = 1,b=2)\n");
    replace("f", "a", "c", "");
    CHECK_RESULT("f(c = 1,b=2)\n");
    start("f(a=1, b=2)\n");
    replace("f", "b", "b", "3");
    CHECK_RESULT("f(a=1, b=3)\n");
    start("kw = {'a': 1, r\"b\": 2}\nf(**kw)\n");
    replace("f", "a", "c", "");
    CHECK_RESULT("kw = {'c': 1, r\"b\": 2}\nf(**kw)\n");
    start("kw = {'a': 1}\nf(**kw)\n");
    replace("f", "a", "c", "g(2)");
    CHECK_RESULT("kw = {'c': g(2)}\nf(**kw)\n");
    start("kw = dict(a=1)\nf(**kw)\n");
    replace("f", "a", "c", "2");
    CHECK_RESULT("kw = dict(c=2)\nf(**kw)\n");
    start("kw = {}\nkw['a'] = 1\nf(**kw)\n");
    replace("f", "a", "c", "2");
    CHECK_RESULT("kw = {}\nkw['c'] = 2\nf(**kw)\n");
    start("kw = {}\nkw.update(a=1)\nf(**kw)\n");
    replace("f", "a", "c", "");
    CHECK_RESULT("kw = {}\nkw.update(c=1)\nf(**kw)\n");
    start("f(x)\n");
    plan_replace_argument(plan, group("t"), call_positional(view_of("f"), 0), S("name"), S(""));
    CHECK_RESULT("f(name=x)\n");
    start("f(x, 2)\n");
    plan_replace_argument(plan, group("t"), call_positional(view_of("f"), 1), S("n"), S("3"));
    CHECK_RESULT("f(x, n=3)\n");
}

static void test_take(void) {
    start("f(a=1)\n");
    take("f", "a");
    CHECK_RESULT("f()\n");
    start("f(a=1,)\n");
    take("f", "a");
    CHECK_RESULT("f()\n");
    start("f(a=1, b=2, c=3)\n");
    take("f", "a");
    CHECK_RESULT("f(b=2, c=3)\n");
    start("f(a=1, b=2, c=3)\n");
    take("f", "b");
    CHECK_RESULT("f(a=1, c=3)\n");
    start("f(a=1, b=2, c=3)\n");
    take("f", "c");
    CHECK_RESULT("f(a=1, b=2)\n");
    start("f(a=1, b=2, c=3)\n");
    take("f", "a");
    take("f", "c");
    CHECK_RESULT("f(b=2)\n");
    start("f(a=1, b=2, c=3)\n");
    take("f", "b");
    take("f", "c");
    take("f", "a");
    CHECK_RESULT("f()\n");
    start("kw = {\"a\": 1}\nf(**kw)\n");
    take("f", "a");
    CHECK_RESULT("kw = {}\nf(**kw)\n");
    start("kw = {\n    \"a\": 1,\n}\nf(**kw)\n");
    take("f", "a");
    CHECK_RESULT("kw = {}\nf(**kw)\n");
    start("kw = dict(a=1, b=2)\nf(**kw)\n");
    take("f", "b");
    CHECK_RESULT("kw = dict(a=1)\nf(**kw)\n");
    start("kw = {}\nkw[\"a\"] = 1\nf(**kw)\n");
    take("f", "a");
    CHECK_RESULT("kw = {}\nf(**kw)\n");
    start("kw = {}\nkw.setdefault(\"a\", 1)\nf(**kw)\n");
    take("f", "a");
    CHECK_RESULT("kw = {}\nf(**kw)\n");
    start("kw = {}\nkw.update(a=1, b=2)\nf(**kw)\n");
    take("f", "a");
    CHECK_RESULT("kw = {}\nkw.update(b=2)\nf(**kw)\n");
    start("kw = {}\nkw.update(a=1)\nf(**kw)\n");
    take("f", "a");
    CHECK_RESULT("kw = {}\nf(**kw)\n");
}

/* `- a=…` and `+ b=…` of one group, and of two that meet. */
static void test_take_and_add(void) {
    start("f(x, a=1)\n");
    take("f", "a");
    add("f", "b", "2");
    CHECK_RESULT("f(x, b=2)\n");
    start("f(a=1)\n");
    take("f", "a");
    add("f", "b", "2");
    CHECK_RESULT("f(b=2)\n");
    start("f(\n    a=1,  # why\n)\n");
    take("f", "a");
    add("f", "b", "2");
    CHECK_RESULT("f(\n    # why\n    b=2,\n)\n");
    start("f(a=1, **kw)\n");
    take("f", "a");
    add("f", "b", "2");
    CHECK_RESULT("f(b=2, **kw)\n");
}

/* ---- groups ---- */

static GroupState state_of(int number) {
    const char *reason;
    return plan_group_state(plan, number, &reason);
}

static void test_merge(void) {
    start("f(x)\n");
    add("f", "a", "1");
    add("f", "a", "1");
    CHECK_RESULT("f(x, a=1)\n");
    CHECK_INT(state_of(0), GROUP_APPLIED);
    CHECK_INT(state_of(1), GROUP_APPLIED);
    plan_fail(plan, 0, "no");
    CHECK_RESULT("f(x, a=1)\n");
    CHECK_INT(state_of(0), GROUP_FAILED);
    plan_fail(plan, 1, "no");
    CHECK_RESULT("f(x)\n");
}

static void test_conflict(void) {
    start("f(x)\n");
    int late = group("b/late"), other = group("c/other"), early = group("a/early");
    plan_add_argument(plan, late, view_of("f"), S("a"), S("1"));
    plan_add_argument(plan, other, view_of("f"), S("c"), S("3"));
    plan_add_argument(plan, early, view_of("f"), S("a"), S("2"));
    plan_join(plan, late, other);
    CHECK_RESULT("f(x, a=2)\n");
    CHECK_INT(state_of(late), GROUP_WAITS);
    CHECK_INT(state_of(other), GROUP_WAITS);
    CHECK_INT(state_of(early), GROUP_APPLIED);
    plan_fail(plan, early, "its result did not parse");
    CHECK_RESULT("f(x, a=1, c=3)\n");
    CHECK_INT(state_of(other), GROUP_APPLIED);
}

static void test_overlap(void) {
    start("f(a=g(1), b=2)\n");
    int outer = group("b/outer"), inner = group("a/inner");
    plan_remove_argument(plan, outer, arg_of("f", "a"));
    plan_replace(plan, inner, (Span){4, 5}, S("h"));
    CHECK_RESULT("f(a=h(1), b=2)\n");
    CHECK_INT(state_of(outer), GROUP_WAITS);
    /* In one group what goes takes with it what would have changed in it. */
    start("f(a=g(1), b=2)\n");
    int both = group("both");
    plan_remove_argument(plan, both, arg_of("f", "a"));
    plan_replace(plan, both, (Span){4, 5}, S("h"));
    CHECK_RESULT("f(b=2)\n");
    CHECK_INT(state_of(both), GROUP_APPLIED);
    start("g(1)\n");
    both = group("both");
    plan_remove_statement(plan, both, call_of("g"));
    plan_replace(plan, both, (Span){0, 1}, S("h"));
    CHECK_RESULT("");
    /* Insertions at one point do not meet. */
    start("g(1)\n");
    plan_replace(plan, group("a"), (Span){4, 4}, S(".x"));
    plan_replace(plan, group("b"), (Span){4, 4}, S(".y"));
    CHECK_RESULT("g(1).x.y\n");
}

static void test_nested_calls(void) {
    start("t = Trainer(model, args=Config(lr=1, max_seq_length=512), max_seq_length=512)\n");
    int both = group("trl/length");
    plan_add_argument(plan, both, view_of("Config"), S("max_length"), S("512"));
    plan_remove_argument(plan, both, arg_of("Trainer", "max_seq_length"));
    plan_remove_argument(plan, both, arg_of("Config", "max_seq_length"));
    CHECK_RESULT("t = Trainer(model, args=Config(lr=1, max_length=512))\n");
}

/* ---- statements ---- */

static void insert(const char *function, bool after, const char *text) {
    plan_insert_statements(plan, group("test/insert"), call_of(function), after, str_from(text));
}

static void test_insert(void) {
    start("tok = f(x)  # why\nnext()\n");
    insert("f", true, "if tok.pad_token is None:\n    tok.pad_token = tok.eos_token");
    CHECK_RESULT("tok = f(x)  # why\nif tok.pad_token is None:\n"
                 "    tok.pad_token = tok.eos_token\nnext()\n");
    start("class A:\n\tdef g(self):\n\t\tself.tok = f(x)\n");
    insert("f", true, "if self.tok:\n    pass\n");
    CHECK_RESULT("class A:\n\tdef g(self):\n\t\tself.tok = f(x)\n\t\tif self.tok:\n\t\t\tpass\n");
    start("def g():\r\n  tok = f(x)\r\n  return tok\r\n");
    insert("f", true, "if tok:\n    pass");
    CHECK_RESULT("def g():\r\n  tok = f(x)\r\n  if tok:\r\n    pass\r\n  return tok\r\n");
    start("tok = f(x)");
    insert("f", true, "tok.a = 1");
    CHECK_RESULT("tok = f(x)\ntok.a = 1");
    start("if x:\n    # about f\n    tok = f(x)\n");
    insert("f", false, "tok.a = 1");
    CHECK_RESULT("if x:\n    # about f\n    tok.a = 1\n    tok = f(x)\n");
    start("tok = f(\n    x\n)\n");
    insert("f", true, "tok.a = 1");
    CHECK_RESULT("tok = f(\n    x\n)\ntok.a = 1\n");
    start("f(1)\ng(2)\n");
    insert("g", false, "before()");
    insert("f", true, "after()");
    insert("f", true, "after()");
    CHECK_RESULT("f(1)\nafter()\nbefore()\ng(2)\n");
    start("f(1)\n");
    insert("f", true,
           "self.tokenizer.pad_token_id = self.tokenizer.convert_tokens_to_ids(self.a_token, bos, "
           "eos)");
    CHECK_RESULT("f(1)\nself.tokenizer.pad_token_id = self.tokenizer.convert_tokens_to_ids(\n"
                 "    self.a_token, bos, eos\n)\n");
}

static void test_no_line_of_its_own(void) {
    static const char *const texts[] = {"a = f(x); b = 1\n", "a = 1; f(x)\n", "if a: f(x)\n",
                                        "g = lambda x: f(x)\n", "y = [f(x) for x in z]\n"};
    for (ptrdiff_t i = 0; i < COUNT(texts); i++) {
        start(texts[i]);
        insert("f", true, "b = 2");
        CHECK_STR(result(), str_from(texts[i]));
        CHECK_INT(state_of(0), GROUP_FAILED);
    }
}

static void delete(const char *function) {
    plan_remove_statement(plan, group("test/delete"), call_of(function));
}

static void test_delete(void) {
    start("a()\nf()\nb()\n");
    delete ("f");
    CHECK_RESULT("a()\nb()\n");
    start("if x:\n    f()\n");
    delete ("f");
    CHECK_RESULT("if x:\n    pass\n");
    start("if x:\n    f()\n    g()\n");
    delete ("f");
    delete ("g");
    CHECK_RESULT("if x:\n    pass\n");
    start("if x:\n    f()  # moves it\nelse:\n    g()\n");
    delete ("f");
    CHECK_RESULT("if x:\n    pass  # moves it\nelse:\n    g()\n");
    start("a()\nf()  # moves it\nb()\n");
    delete ("f");
    CHECK_RESULT("a()\n# moves it\nb()\n");
    start("a(); f(); b()\n");
    delete ("f");
    CHECK_RESULT("a(); b()\n");
    start("a(); f()\n");
    delete ("f");
    CHECK_RESULT("a()\n");
    start("if x: f()\n");
    delete ("f");
    CHECK_RESULT("if x: pass\n");
    start("a()\n\nf()\n\nb()\n");
    delete ("f");
    CHECK_RESULT("a()\n\nb()\n");
    start("a()\r\n\r\nf()\r\n\r\nb()\r\n");
    delete ("f");
    CHECK_RESULT("a()\r\n\r\nb()\r\n");
    start("a()\n\nf()\n\n\ndef g():\n    pass\n");
    delete ("f");
    CHECK_RESULT("a()\n\n\ndef g():\n    pass\n");
    start("a()\n\nf()\n");
    delete ("f");
    CHECK_RESULT("a()\n");
    start("a()\nf(\n    1,\n)\n");
    delete ("f");
    CHECK_RESULT("a()\n");
    start("def g():\n    f()\n\n    a()\n");
    delete ("f");
    CHECK_RESULT("def g():\n    a()\n");
    start("def g():\n    a()\n\n    f()\n\n\nb()\n");
    delete ("f");
    CHECK_RESULT("def g():\n    a()\n\n\nb()\n");
    start("if x:\n    f()\n");
    delete ("f");
    insert("f", true, "g()");
    CHECK_RESULT("if x:\n    g()\n");
}

static void test_chain(void) {
    start("m = X.from_pretrained(\n    \"id\", a=1\n).to(\"cuda\")\n");
    Node call = call_of("X.from_pretrained");
    uint32_t end = node_span(module->tree, call).end;
    plan_replace(plan, group("t"), (Span){end, end + 11}, S(""));
    CHECK_RESULT("m = X.from_pretrained(\n    \"id\", a=1\n)\n");
    start("inputs = tok(x)\n");
    end = node_span(module->tree, call_of("tok")).end;
    plan_replace(plan, group("t"), (Span){end, end}, S(".to(model.device)"));
    CHECK_RESULT("inputs = tok(x).to(model.device)\n");
}

/* ---- imports ---- */

static void test_drop_use(void) {
    start("import torch\nfrom a import B, C\n\nx = f(C, dtype=torch.float16)\ny = B\n");
    int one = group("one");
    const Arg *arg = arg_of("f", "dtype");
    plan_remove_argument(plan, one, arg);
    plan_drop_use(plan, one, arg->value);
    CHECK_RESULT("from a import B, C\n\nx = f(C)\ny = B\n");
    plan_fail(plan, one, "no");
    CHECK_RESULT("import torch\nfrom a import B, C\n\nx = f(C, dtype=torch.float16)\ny = B\n");
    /* Another use stays. */
    start("import torch\n\nx = f(dtype=torch.float16)\ny = torch.ones\n");
    one = group("one");
    plan_remove_argument(plan, one, arg_of("f", "dtype"));
    plan_drop_use(plan, one, arg_of("f", "dtype")->value);
    CHECK_RESULT("import torch\n\nx = f()\ny = torch.ones\n");
    /* Another group writes one. */
    start("import torch\n\nx = f(dtype=torch.float16)\n");
    one = group("one");
    plan_remove_argument(plan, one, arg_of("f", "dtype"));
    plan_drop_use(plan, one, arg_of("f", "dtype")->value);
    plan_add_argument(plan, group("two"), view_of("f"), S("d"),
                      plan_import(plan, 1, S("torch.bfloat16"), call_of("f")));
    CHECK_RESULT("import torch\n\nx = f(d=torch.bfloat16)\n");
}

static void test_taken_name(void) {
    start("BitsAndBytesConfig = 1\nx = f(y)\n");
    int one = group("one");
    Str name = plan_import(plan, one, S("transformers.BitsAndBytesConfig"), call_of("f"));
    CHECK_STR(name, S(""));
    plan_add_argument(plan, one, view_of("f"), S("c"), name);
    CHECK_RESULT("BitsAndBytesConfig = 1\nx = f(y)\n");
    CHECK_INT(state_of(one), GROUP_FAILED);
}

UNIT_MAIN(test_combination, test_add, test_add_order, test_replace, test_take, test_take_and_add,
          test_merge, test_conflict, test_overlap, test_nested_calls, test_insert,
          test_no_line_of_its_own, test_delete, test_chain, test_drop_use, test_taken_name,
          snippet_close)

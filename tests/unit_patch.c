/* The language of transforms: what is read, and which actions come out. */
#include "tests/unit.h"
#include "transform/patch.h"

static Arena arena;
static Parser *parser;
static Diagnostics diagnostics;

static Transform *read_patch(const char *text) {
    if (!parser)
        parser = parser_open();
    diagnostics = (Diagnostics){.arena = &arena};
    return patch_parse(&arena, parser, S("t"), S("t.patch"), str_from(text), &diagnostics);
}

/* ---- actions, as text ---- */

static void add_template(Buf *out, const Rule *rule, const Template *text) {
    for (ptrdiff_t i = 0; i < text->n; i++) {
        const Piece *piece = &text->v[i];
        switch (piece->kind) {
        case PIECE_TEXT:
            buf_add(out, piece->text);
            break;
        case PIECE_NAME:
            buf_format(out, "<%.*s>", STR_ARG(piece->text));
            break;
        case PIECE_HOLE:
            buf_format(out, "{%.*s}", STR_ARG(rule->holes[piece->hole].name));
            break;
        case PIECE_SPLICE:
            buf_format(out, "{**%.*s}", STR_ARG(rule->holes[piece->hole].name));
            break;
        }
    }
}

static void add_node(Buf *out, const Rule *rule, const char *label, Node node) {
    if (node)
        buf_format(out, " %s[%.*s]", label, STR_ARG(node_text(rule->before.tree, node)));
}

static Str actions_of(const Rule *rule) {
    static const char *const names[] = {
        "add",    "replace", "remove",        "insert before", "insert after", "remove statement",
        "tokens", "rename",  "add parameter", "note"};
    Buf out = {.arena = &arena};
    for (ptrdiff_t i = 0; i < rule->n_actions; i++) {
        const Action *action = &rule->actions[i];
        buf_format(&out, "%s", names[action->kind]);
        add_node(&out, rule, "", action->argument);
        add_node(&out, rule, "", action->statement);
        add_node(&out, rule, "from ", action->from);
        add_node(&out, rule, "to ", action->to);
        if (action->kind == ACTION_ADD_ARGUMENT)
            add_node(&out, rule, "", node_field(rule->before.tree, action->call, FIELD_FUNCTION));
        if (action->keyword.n)
            buf_format(&out, " %.*s=", STR_ARG(action->keyword));
        buf_add(&out, action->keeps_value ? S(" kept ") : S(" "));
        add_template(&out, rule, &action->text);
        buf_add(&out, S("\n"));
    }
    return buf_str(&out);
}

/* A transform of one rule: declarations, and lines of the diff. */
static Rule *rule_of(const char *header, const char *body) {
    Str text = str_format(&arena, "# Title.\ntier: safe\n@@\n%s@@\n%s", header, body);
    Transform *transform = read_patch(str_c(&arena, text));
    if (transform)
        return &transform->rules[0];
    Buf out = {.arena = &arena};
    for (ptrdiff_t i = 0; i < diagnostics.list.n; i++)
        diag_print(&out, &diagnostics.list.v[i]);
    fprintf(stderr, "%.*s", STR_ARG(buf_str(&out)));
    return NULL;
}

static void check_actions(int line, const char *header, const char *body, const char *want) {
    Rule *rule = rule_of(header, body);
    unit_check_str(rule ? actions_of(rule) : S("(an error)"), str_from(want), __FILE__, line);
}

#define CHECK_ACTIONS(...) check_actions(__LINE__, __VA_ARGS__)

static void arguments(void) {
    CHECK_ACTIONS("expr v\n",
                  "  transformers.TrainingArguments(\n"
                  "      ...,\n"
                  "-     evaluation_strategy=$v,\n"
                  "+     eval_strategy=$v,\n"
                  "      ...)\n",
                  "replace [evaluation_strategy=_v] eval_strategy= kept {v}\n");
    CHECK_ACTIONS("kwargs rest ~ ^bnb_4bit_\n",
                  "  transformers.$Class.from_pretrained(\n"
                  "      ...,\n"
                  "-     load_in_4bit=True,\n"
                  "-     **$rest,\n"
                  "+     quantization_config=transformers.BitsAndBytesConfig(\n"
                  "+         load_in_4bit=True,\n"
                  "+         **$rest,\n"
                  "+     ),\n"
                  "      ...)\n",
                  "replace [load_in_4bit=True] quantization_config= "
                  "<transformers.BitsAndBytesConfig>(load_in_4bit=True, {**rest})\n"
                  "remove [**_rest] \n");
    /* The call in an argument, and the value of one that goes. */
    CHECK_ACTIONS("expr n\n",
                  "  trl.SFTTrainer(\n"
                  "      ...,\n"
                  "      args=trl.SFTConfig(\n"
                  "          ...,\n"
                  "+         max_length=$n,\n"
                  "      ),\n"
                  "-     max_seq_length=$n,\n"
                  "      ...)\n",
                  "remove [max_seq_length=_n] \nadd [trl.SFTConfig] max_length= {n}\n");
    CHECK_ACTIONS("expr c\n",
                  "  f(\n"
                  "-     $c,\n"
                  "+     config=$c,\n"
                  "      ...)\n",
                  "replace [_c] config= kept {c}\n");
    /* Runs that a context line parts do not pair. */
    CHECK_ACTIONS("expr a\nexpr b\n",
                  "  f(\n"
                  "-     old=$a,\n"
                  "      b=$b,\n"
                  "+     new=$a,\n"
                  "      ...)\n",
                  "remove [old=_a] \nadd [f] new= {a}\n");
    CHECK_ACTIONS("expr a\n",
                  "  f(\n"
                  "-     k=$a,\n"
                  "      ...,\n"
                  "+     k=[$a],\n"
                  "  )\n",
                  "replace [k=_a] k= [{a}]\n");
    CHECK_ACTIONS("kwargs rest\n",
                  "  f(\n"
                  "      g(\n"
                  "          ...,\n"
                  "+         **$rest,\n"
                  "      ),\n"
                  "-     **$rest,\n"
                  "  )\n",
                  "remove [**_rest] \nadd [g] {**rest}\n");
    CHECK_ACTIONS("expr a\n",
                  "  f(\n"
                  "-?     off=False,\n"
                  "-     old=$a,\n"
                  "+     new=$a,\n"
                  "      ...)\n",
                  "remove [off=False] \nreplace [old=_a] new= kept {a}\n");
    /* A positional argument that becomes another is a matter of tokens. */
    CHECK_ACTIONS("expr a\n", "  f(\n-     $a,\n+     g($a),\n      ...)\n",
                  "tokens from [_a] g(\ntokens to [_a] )\n");
}

static void replaced_calls(void) {
    CHECK_ACTIONS("expr x\n", "- f($x, gone=1)\n+ f($x)\n", "remove [gone=1] \n");
    CHECK_ACTIONS("expr x\nname m\n", "- $m = f($x, b=2, a=1)\n+ $m = g($x, a=1, c=2)\n",
                  "replace [b=2] c= kept \ntokens from [f] to [f] g\n");
    CHECK_ACTIONS("expr x\nname m\n", "- $m = f($x)\n+ $m = list(f($x, z=3))\n",
                  "add [f] z= 3\ntokens from [f] list(\ntokens to [)] )\n");
    CHECK_ACTIONS("expr x\n", "- g(f($x, a=1))\n+ f($x)\n",
                  "remove [a=1] \ntokens from [g] to [(] \ntokens from [)] to [)] \n");
}

static void tokens(void) {
    CHECK_ACTIONS("expr tok\n", "- $tok.encode_plus(\n+ $tok(\n      ...)\n",
                  "tokens from [.] to [encode_plus] \n");
    CHECK_ACTIONS("expr a : transformers.TrainingArguments\n",
                  "- $a.evaluation_strategy\n+ $a.eval_strategy\n",
                  "tokens from [evaluation_strategy] to [evaluation_strategy] eval_strategy\n");
    CHECK_ACTIONS("name x\nexpr call\nname m\n", "  $m\n- $x = $call\n+ $x = $call.to($m.device)\n",
                  "tokens to [_call] .to({m}.device)\n");
    CHECK_ACTIONS("expr m\n", "- $m.half()\n+ $m.to(torch.float16)\n",
                  "tokens from [half] to [half] to\ntokens to [(] <torch.float16>\n");
    /* A qualified name is one token, whatever its parts have in common with another. */
    CHECK_ACTIONS("", "- transformers.AdamW(...)\n+ torch.optim.AdamW(...)\n",
                  "tokens from [transformers.AdamW] to [transformers.AdamW] <torch.optim.AdamW>\n");
    CHECK_ACTIONS("", "- f()\n+ transformers.AutoConfig.from_pretrained()\n",
                  "tokens from [f] to [f] <transformers.AutoConfig>.from_pretrained\n");
    CHECK_ACTIONS("", "- f()\n+ self.model.f()\n", "tokens from [f] self.model.\n");
    CHECK_ACTIONS("expr x\nname y\n", "- $y = not $x\n+ $y = $x\n",
                  "tokens from [not] to [_x] {x}\n");
    CHECK_ACTIONS("expr x\nname y\n", "- $y = $x\n+ $y = f($x)\n",
                  "tokens from [_x] f(\ntokens to [_x] )\n");
    CHECK_ACTIONS("expr k\n", "- f(\"$HOME\", $k, \"x\")\n+ f(\"$HOME\", $k, \"y\")\n",
                  "tokens from [\"x\"] to [\"x\"] \"y\"\n");
}

static void statements(void) {
    CHECK_ACTIONS("name tok\n",
                  "  $tok = transformers.$Class.from_pretrained(...)\n"
                  "+ # Batches need one.\n"
                  "+ if $tok.pad_token is None:\n"
                  "+     $tok.pad_token = $tok.eos_token  # as in training\n",
                  "insert after [_tok = transformers._Class.from_pretrained(...)] "
                  "# Batches need one.\n"
                  "if {tok}.pad_token is None:\n"
                  "    {tok}.pad_token = {tok}.eos_token  # as in training\n");
    CHECK_ACTIONS("name m\nname p\n",
                  "+ $m = peft.prepare_model_for_kbit_training($m)\n"
                  "  $p = peft.get_peft_model($m, ...)\n",
                  "insert before [_p = peft.get_peft_model(_m, ...)] "
                  "{m} = <peft.prepare_model_for_kbit_training>({m})\n");
    CHECK_ACTIONS("name m\n",
                  "  $m = load(...)\n"
                  "  ...\n"
                  "-? $m = $m.to(\"cuda\")\n"
                  "-? $m.cuda()\n",
                  "remove statement [_m = _m.to(\"cuda\")] \nremove statement [_m.cuda()] \n");
    CHECK_ACTIONS("expr m\n", "- $m.tie(...)\n", "remove statement [_m.tie(...)] \n");
    CHECK_ACTIONS("expr m\n", "- prepare($m)\n+ $m = prepare($m)\n",
                  "tokens from [prepare] {m} = \n");
    CHECK_ACTIONS("expr m\n", "- f($m)\n- g($m)\n+ h($m)\n",
                  "remove statement [g(_m)] \ntokens from [f] to [f] h\n");
    CHECK_ACTIONS("expr m\n", "- f($m)\n+ if $m:\n+     f($m)\n",
                  "insert before [f(_m)] if {m}:\n    f({m})\nremove statement [f(_m)] \n");
    CHECK_ACTIONS("name out\nname x\nexpr xs\n",
                  "- $out = []\n"
                  "  for $x in $xs:\n"
                  "-     $out.append($x)\n"
                  "+     $out.extend($x)\n"
                  "+     print($x)\n",
                  "remove statement [_out = []] \n"
                  "insert after [_out.append(_x)] print({x})\n"
                  "tokens from [append] to [append] extend\n");
    /* What comes inside of parentheses that stay is not taken for what comes behind them. */
    CHECK_ACTIONS("expr m\n", "- f($m, ...)\n+ f(g($m), ...)\n",
                  "tokens to [(] g(\ntokens to [_m] )\n");
    CHECK_ACTIONS("name x\nexpr xs\n", "- [f($x) for $x in $xs]\n+ f($xs, n=8)\n",
                  "add [f] n= 8\ntokens from [[] to [[] \ntokens from [_x] to [_x] {xs}\n"
                  "tokens from [for] to []] \n");
    CHECK_ACTIONS("name x\nexpr xs\nkwargs k\n",
                  "- [f($x, **$k)[0] for $x in $xs]\n+ [y for y in f($xs, **$k, n=8)]\n",
                  "add [f] n= 8\ntokens from [f] y for y in \ntokens from [_x] to [_x] {xs}\n"
                  "tokens from [[] to [0] \ntokens from [for] to []] \n");
    /* An expression is matched anywhere, so actions name it and not its statement. */
    Rule *rule = rule_of("expr m\n", "  f($m)\n+ g($m)\n");
    CHECK(rule && rule->before.is_expression);
    CHECK(rule && rule->actions[0].statement == rule->before.statements[0]);
    CHECK(rule && node_kind(rule->before.tree, rule->before.statements[0]) == NODE_CALL);
    rule = rule_of("expr m\n", "- f($m)\n+ $m = g($m)\n");
    CHECK(rule && !rule->before.is_expression);
    rule = rule_of("expr m\n", "  f($m)\n  ...\n! no\n");
    CHECK(rule && !rule->before.is_expression && rule->before.n == 2);
}

static void notes(void) {
    CHECK_ACTIONS("expr m\n",
                  "  f(\n      $m,\n      old=1,\n! do not use `old` with $m,\n! or $$5\n  )\n",
                  "note [old=1] do not use `old` with {m}, or $$5\n");
    CHECK_ACTIONS("expr m\n", "! first\n  f($m)\n", "note first\n");
    CHECK_ACTIONS("expr m\n", "  f($m, ...\n  )\n! last\n", "note [f(_m, ...\n)] last\n");
}

static void symbols(void) {
    /* Whatever $x is: the module moves. */
    CHECK_ACTIONS("name x\n", "- transformers.deepspeed.$x\n+ transformers.integrations.$x\n",
                  "rename transformers.integrations= transformers.integrations\n");
    CHECK_ACTIONS("name x ~ ^is_\n", "- lib.a.$x\n+ lib.b.$x\n", "rename lib.b.$x= lib.b.{x}\n");
    CHECK_ACTIONS("", "- old_lib\n+ lib\n", "rename lib= lib\n");
    Transform *transform =
        read_patch("# Title.\ntier: advice\n@@\n@@\n  lib.$Class\n! $Class is gone\n");
    CHECK(transform && transform->rules[0].symbol);
    CHECK(transform && transform->n_words == 0);
    transform = read_patch("# Title.\ntier: safe\n@@\n@@\n- lib.module.Class\n+ other.Class\n");
    CHECK(transform && transform->n_words == 1 && transform->words[0].n == 1);
    /* A name that is called is no symbol rule. */
    transform =
        read_patch("# Title.\ntier: safe\n@@\n@@\n- transformers.A()\n+ transformers.B()\n");
    CHECK(transform && !transform->rules[0].symbol);
}

/* ---- what else is read ---- */

static void heads(void) {
    Transform *transform = read_patch("# Title.\n"
                                      "# First line of prose.\n"
                                      "#\n"
                                      "# Last.\n"
                                      "\n"
                                      "tier: review\r\n"
                                      "since: transformers 4.56\n"
                                      "needs: accelerate >= 0.26, huggingface-hub\n"
                                      "link: https://example.org\n"
                                      "signature: trl.SFTTrainer(model, args)\n"
                                      "@@\n"
                                      "tier: advice\n"
                                      "removed: transformers 5\n"
                                      "needs: peft>=0.4\n"
                                      "name m ~ ^mo|^x\n"
                                      "expr call : transformers.BatchEncoding ~ \\(\n"
                                      "@@\n"
                                      "  $m = $call\n"
                                      "  f($call)\n"
                                      "\n"
                                      "! note\n"
                                      "@@\n"
                                      "@@\n"
                                      "- f(a=1)\n");
    CHECK(transform != NULL);
    if (!transform)
        return;
    CHECK_STR(transform->title, S("Title."));
    CHECK_STR(transform->prose, S("First line of prose.\n\nLast."));
    CHECK_STR(transform->since, S("transformers 4.56"));
    CHECK_STR(transform->link, S("https://example.org"));
    CHECK_INT(transform->tier, TIER_REVIEW);
    CHECK_INT(transform->n_rules, 2);
    const Rule *rule = &transform->rules[0];
    CHECK_INT(rule->tier, TIER_ADVICE);
    CHECK_INT(transform->rules[1].tier, TIER_REVIEW);
    CHECK_STR(rule->since, S("transformers 4.56"));
    CHECK_STR(rule->removed, S("transformers 5"));
    CHECK_INT(transform->rules[1].removed.n, 0);
    CHECK_STR(transform->rules[1].signature, S("trl.SFTTrainer(model, args)"));
    CHECK_INT(rule->needs.n, 1);
    CHECK_STR(rule->needs.v[0].library, S("peft"));
    CHECK_STR(rule->needs.v[0].floor, S("0.4"));
    Needs needs = transform->rules[1].needs;
    CHECK_INT(needs.n, 2);
    CHECK_STR(needs.v[0].floor, S("0.26"));
    CHECK_STR(needs.v[1].library, S("huggingface-hub"));
    CHECK_STR(needs.v[1].floor, S(""));
    CHECK_INT(rule->n_holes, 2);
    CHECK_STR(rule->holes[0].regex, S("^mo|^x"));
    CHECK(rule->holes[0].code != NULL);
    CHECK_STR(rule->holes[1].type, S("transformers.BatchEncoding"));
    CHECK_STR(rule->holes[1].regex, S("\\("));
    CHECK_INT(rule->n_lines, 3);
    CHECK_STR(rule->lines[1].text, S("f($call)"));
    CHECK_INT(rule->lines[2].mark, '!');
    CHECK_INT(rule->lines[2].line, 21);
    patch_close(transform);
    CHECK(rule->holes[0].code == NULL);
}

static void holes(void) {
    Rule *rule = rule_of("name m\nstr d\nname c = consumer(m)\nwhen cuda_device(d)\n",
                         "  $m = transformers.$Auto.from_pretrained(...)\n"
                         "-? $m.to($d)\n"
                         "+ $c.f()\n");
    CHECK(rule != NULL);
    if (!rule)
        return;
    CHECK_INT(rule->n_holes, 4);
    CHECK(!rule->holes[0].optional && rule->holes[1].optional && !rule->holes[2].optional);
    CHECK(rule->holes[2].computed && rule->holes[2].fact.args[0].hole == 0);
    CHECK_STR(rule->holes[3].name, S("Auto"));
    CHECK(!rule->holes[3].declared && rule->holes[3].kind == HOLE_NAME);
    const Pattern *before = &rule->before;
    CHECK_INT(before->n, 2);
    CHECK_INT(before->mark[before->statements[0]], ' ');
    CHECK_INT(before->mark[before->statements[1]], '?');
    /* A name that happens to look like a hole is none. */
    rule = rule_of("expr v\n", "- f($v, _v)\n");
    int n = 0;
    for (Node node = 1; rule && node < rule->before.tree->n; node++)
        n += rule->before.hole[node] >= 0;
    CHECK_INT(n, 1);
}

static void conditions(void) {
    Rule *rule = rule_of("str id\nname m\n"
                         "when billions(id) > device-map-above or not training\n"
                         "when never $m.pad(..., \"or\") or $m.x\n"
                         "when not absent a, b\n"
                         "when floor(transformers) >= 4.56\n"
                         "when fires(load/bf16, m) or fires(a)\n"
                         "when ever class $Class(Trainer): ...\n",
                         "- $m = $Class($id)\n");
    CHECK(rule != NULL);
    if (!rule)
        return;
    CHECK_INT(rule->n_conditions, 6);
    const Condition *condition = rule->conditions;
    CHECK_INT(condition[0].n, 2);
    CHECK_STR(condition[0].text, S("billions(id) > device-map-above or not training"));
    CHECK_INT(condition[0].line, 6);
    CHECK_INT(condition[0].tests[0].compare, COMPARE_GREATER);
    CHECK_STR(condition[0].tests[0].value, S("device-map-above"));
    CHECK_INT(condition[0].tests[0].fact.args[0].hole, 0);
    CHECK(condition[0].tests[1].negated && !condition[0].tests[0].negated);
    CHECK_INT(condition[1].tests[0].kind, TEST_NEVER);
    CHECK_STR(node_text(condition[1].tests[0].statement->tree, 1),
              S("_m.pad(..., \"or\") or _m.x\n"));
    CHECK(condition[1].tests[0].statement->is_expression);
    CHECK_INT(condition[2].tests[0].kind, TEST_ABSENT);
    CHECK_INT(condition[2].tests[0].n_keywords, 2);
    CHECK_STR(condition[2].tests[0].keywords[1], S("b"));
    CHECK_INT(condition[3].tests[0].compare, COMPARE_GREATER_EQUAL);
    CHECK_STR(condition[3].tests[0].value, S("4.56"));
    CHECK_INT(condition[3].tests[0].fact.args[0].hole, -1);
    CHECK_STR(condition[3].tests[0].fact.args[0].literal, S("transformers"));
    CHECK_STR(condition[4].tests[0].transform, S("load/bf16"));
    CHECK_INT(condition[4].tests[0].hole, 1);
    CHECK_INT(condition[4].tests[1].hole, -1);
    CHECK_INT(condition[5].tests[0].kind, TEST_EVER);
    CHECK(!condition[5].tests[0].statement->is_expression);
}

static Str words_of(const char *text) {
    Transform *transform = read_patch(text);
    Buf out = {.arena = &arena};
    for (ptrdiff_t i = 0; transform && i < transform->n_words; i++) {
        buf_add(&out, i ? S(" |") : S(""));
        for (ptrdiff_t k = 0; k < transform->words[i].n; k++)
            buf_format(&out, " %.*s", STR_ARG(transform->words[i].v[k]));
    }
    return transform ? buf_str(&out) : S("(an error)");
}

static void words(void) {
    CHECK_STR(words_of("# T.\ntier: safe\n@@\nexpr v\nwhen never $v.other_word\n@@\n"
                       "  transformers.TrainingArguments(..., old_name=$v, a=self.thing, b=True)\n"
                       "-? $v.elsewhere()\n"
                       "+ new_word()\n"
                       "@@\nexpr a\n@@\n- $a.attribute\n"),
              S(" TrainingArguments old_name thing transformers | attribute"));
    CHECK_STR(words_of("# T.\ntier: safe\n@@\n@@\n- os.environ[\"TRANSFORMERS_CACHE\"]\n+ f()\n"),
              S(" environ TRANSFORMERS_CACHE"));
    /* An argument that may come by its place need not stand there by its name. */
    CHECK_STR(words_of("# T.\ntier: safe\nsignature: trl.SFTTrainer(model, args)\n@@\nexpr v\n@@\n"
                       "  trl.SFTTrainer(..., args=$v, other=1)\n+ f()\n"),
              S(" SFTTrainer other trl"));
    /* One rule without words: any file. */
    CHECK_STR(words_of("# T.\ntier: safe\n@@\nname x\nexpr y\n@@\n- $x = $y\n+ $x = [$y]\n"
                       "@@\n@@\n- something()\n"),
              S(""));
}

static Str anchor_of(const char *header, const char *body) {
    Rule *rule = rule_of(header, body);
    return rule ? str_format(&arena, "%.*s: %.*s", STR_ARG(rule->anchor_word),
                             STR_ARG(node_text(rule->before.tree, rule->anchor)))
                : S("(an error)");
}

static void anchors(void) {
    CHECK_STR(anchor_of("name m\n", "  $m = transformers.$C.load(...)\n+ f()\n"),
              S("load: transformers._C.load(...)"));
    CHECK_STR(anchor_of("name m\n", "-? $m.to(1)\n  ...\n  use($m)\n"), S("use: use(_m)"));
    CHECK_STR(anchor_of("name x\nexpr y\n", "- $x = $y\n+ $x = [$y]\n"), S(": _x = _y"));
    CHECK_STR(anchor_of("expr t\n", "- $t(...)\n+ $t.f(...)\n"), S(": _t(...)"));
    CHECK_STR(anchor_of("name x\nexpr p\nname o\n",
                        "  for $x in $p:\n-     $o.append($p($x))\n+     pass\n"),
              S("append: _o.append(_p(_x))"));
    CHECK_STR(anchor_of("name x\n", "- a.deepspeed.$x()\n+ f()\n"), S(": a.deepspeed._x()"));
}

UNIT_MAIN(arguments, replaced_calls, tokens, statements, notes, symbols, heads, holes, conditions,
          words, anchors)

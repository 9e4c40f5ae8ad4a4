/* The language of transforms: what is read, what actions come out, and every error with its caret.
 */
#include <string.h>

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
    static const char *const names[] = {"add",           "replace",      "remove",
                                        "insert before", "insert after", "remove statement",
                                        "tokens",        "rename",       "note"};
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
    CHECK_ACTIONS("name x\n", "- transformers.deepspeed.$x\n+ transformers.integrations.$x\n",
                  "rename transformers.integrations.$x= transformers.integrations.{x}\n");
    Transform *transform =
        read_patch("# Title.\ntier: safe\n@@\n@@\n- transformers.A\n+ transformers.B\n");
    uint32_t line = 0;
    CHECK(transform != NULL);
    if (transform)
        CHECK_STR(patch_unsupported(transform, &line),
                  S("a rule that moves or renames a symbol is not supported yet"));
    CHECK_INT(line, 6);
    transform = read_patch("# Title.\ntier: safe\nin: yaml\n@@\n@@\n- a: 1\n+ a: 2\n");
    CHECK(transform != NULL);
    if (transform)
        CHECK_STR(patch_unsupported(transform, &line), S("'in: yaml' is not supported yet"));
    /* A name that is called is no symbol rule. */
    transform =
        read_patch("# Title.\ntier: safe\n@@\n@@\n- transformers.A()\n+ transformers.B()\n");
    CHECK(transform != NULL);
    if (transform)
        CHECK_INT(patch_unsupported(transform, &line).n, 0);
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
                                      "link: https://example.org\n"
                                      "signature: trl.SFTTrainer(model, args)\n"
                                      "@@\n"
                                      "tier: advice\n"
                                      "removed: transformers 5\n"
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
    CHECK_INT(rule->n_holes, 2);
    CHECK_STR(rule->holes[0].regex, S("^mo|^x"));
    CHECK(rule->holes[0].code != NULL);
    CHECK_STR(rule->holes[1].type, S("transformers.BatchEncoding"));
    CHECK_STR(rule->holes[1].regex, S("\\("));
    CHECK_INT(rule->n_lines, 3);
    CHECK_STR(rule->lines[1].text, S("f($call)"));
    CHECK_INT(rule->lines[2].mark, '!');
    CHECK_INT(rule->lines[2].line, 19);
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
              S(" TrainingArguments old_name thing | attribute"));
    CHECK_STR(words_of("# T.\ntier: safe\n@@\n@@\n- os.environ[\"TRANSFORMERS_CACHE\"]\n+ f()\n"),
              S(" environ TRANSFORMERS_CACHE"));
    /* An argument that may come by its place need not stand there by its name. */
    CHECK_STR(words_of("# T.\ntier: safe\nsignature: trl.SFTTrainer(model, args)\n@@\nexpr v\n@@\n"
                       "  trl.SFTTrainer(..., args=$v, other=1)\n+ f()\n"),
              S(" SFTTrainer other"));
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

/* ---- errors ---- */

static void check_error(int line, const char *text, const char *want) {
    Transform *transform = read_patch(text);
    Buf out = {.arena = &arena};
    for (ptrdiff_t i = 0; i < diagnostics.list.n; i++)
        diag_print(&out, &diagnostics.list.v[i]);
    unit_check_str(buf_str(&out), str_from(want), __FILE__, line);
    unit_check_int(transform == NULL, 1, __FILE__, line);
}

#define HEAD                    "# Title.\ntier: safe\n@@\n"
#define CHECK_ERROR(text, want) check_error(__LINE__, text, want)
#define CHECK_IN_HEADER(header, want) \
    check_error(__LINE__, HEAD header "\n@@\n  f($v)\n+ g()\n", want)
#define CHECK_IN_BODY(body, want) check_error(__LINE__, HEAD "expr v\n@@\n" body, want)

static void errors_in_heads(void) {
    CHECK_ERROR("tier: safe\n@@\n@@\n- f()\n",
                "t.patch:1:1: error: the first line must be the title: '# TITLE'\n"
                "    tier: safe\n"
                "    ^^^^^^^^^^\n");
    CHECK_ERROR("# Title.\ntier: bold\n@@\n@@\n- f()\n",
                "t.patch:2:7: error: unknown tier 'bold': write safe, review or advice\n"
                "    tier: bold\n"
                "          ^^^^\n");
    CHECK_ERROR("# Title.\ntier: reveiw\n@@\n@@\n- f()\n",
                "t.patch:2:7: error: unknown tier 'reveiw' (did you mean 'review'?)\n"
                "    tier: reveiw\n"
                "          ^^^^^^\n");
    CHECK_ERROR("# Title.\ntier: safe\nremovd: transformers 5\n@@\n@@\n- f()\n",
                "t.patch:3:1: error: unknown setting 'removd' (did you mean 'removed'?)\n"
                "    removd: transformers 5\n"
                "    ^^^^^^\n");
    CHECK_ERROR(
        "# Title.\ntier: safe\ncolour: red\n@@\n@@\n- f()\n",
        "t.patch:3:1: error: unknown setting 'colour': write tier, since, removed, link, in "
        "or signature\n"
        "    colour: red\n"
        "    ^^^^^^\n");
    CHECK_ERROR("# Title.\ntier: safe\nsince: 4.41\n@@\n@@\n- f()\n",
                "t.patch:3:8: error: a library and a version must stand here, as in 'transformers "
                "4.41'\n"
                "    since: 4.41\n"
                "           ^^^^\n");
    CHECK_ERROR("# Title.\ntier: safe\nlink:\n@@\n@@\n- f()\n",
                "t.patch:3:1: error: 'link:' has no text\n"
                "    link:\n"
                "    ^^^^\n");
    CHECK_ERROR("# Title.\ntier: safe\nsignature: f(a b)\n@@\n@@\n- f()\n",
                "t.patch:3:12: error: a callable with its parameters must stand here, as in "
                "'trl.SFTTrainer(model, args)'\n"
                "    signature: f(a b)\n"
                "               ^^^^^^\n");
    CHECK_ERROR(
        "# Title.\n@@\n@@\n- f()\n",
        "t.patch:2:1: error: the head has no 'tier:': write 'tier: safe', 'tier: review' or "
        "'tier: advice' above\n"
        "    @@\n"
        "    ^^\n");
    CHECK_ERROR("# Title.\ntier: safe\nexpr v\n@@\n@@\n- f()\n",
                "t.patch:3:1: error: a setting such as 'tier: safe', or '@@', must stand here\n"
                "    expr v\n"
                "    ^^^^^^\n");
    CHECK_ERROR("# Title.\ntier: safe\n",
                "t.patch: error: no rule: '@@', declarations, '@@' and lines of a diff are "
                "missing\n");
    CHECK_ERROR("", "t.patch: error: no rule: '@@', declarations, '@@' and lines of a diff are "
                    "missing\n");
    CHECK_ERROR(HEAD "link: x\n@@\n- f()\n",
                "t.patch:4:1: error: 'link:' stands in the head, above the first '@@'\n"
                "    link: x\n"
                "    ^^^^\n");
    CHECK_ERROR(HEAD "expr v\n",
                "t.patch:3:1: error: the header of this rule is not closed by '@@'\n"
                "    @@\n"
                "    ^^\n"
                "t.patch:3:1: error: this rule changes nothing: it has no '-', '+' or '!' line\n"
                "    @@\n"
                "    ^^\n");
}

static void errors_in_headers(void) {
    CHECK_IN_HEADER("exprs v", "t.patch:4:1: error: unknown word 'exprs' (did you mean 'expr'?)\n"
                               "    exprs v\n"
                               "    ^^^^^\n");
    CHECK_IN_HEADER("wherever v",
                    "t.patch:4:1: error: unknown word 'wherever': a line of the header starts with "
                    "expr, name, str, num, kwargs, stmt, when or a setting\n"
                    "    wherever v\n"
                    "    ^^^^^^^^\n");
    CHECK_IN_HEADER("expr $v\nexpr v",
                    "t.patch:4:6: error: a declaration names the hole without '$'\n"
                    "    expr $v\n"
                    "         ^\n");
    CHECK_IN_HEADER("expr v\nname v", "t.patch:5:6: error: hole 'v' is declared twice\n"
                                      "    name v\n"
                                      "         ^\n");
    CHECK_IN_HEADER(
        "expr v, w",
        "t.patch:4:7: error: only ': TYPE', '~ PCRE' or '= fact' can follow the name of "
        "a hole\n"
        "    expr v, w\n"
        "          ^^^\n");
    CHECK_IN_HEADER("expr v : Trainer",
                    "t.patch:4:10: error: a qualified class must follow ':', as in "
                    "'transformers.TrainingArguments'\n"
                    "    expr v : Trainer\n"
                    "             ^^^^^^^\n");
    CHECK_IN_HEADER("expr v ~ ^a(b",
                    "t.patch:4:14: error: bad regular expression: missing closing parenthesis\n"
                    "    expr v ~ ^a(b\n"
                    "                 ^\n");
    CHECK_IN_HEADER("expr v ~ a**+*b",
                    "t.patch:4:12: error: bad regular expression: quantifier does not follow a "
                    "repeatable item\n"
                    "    expr v ~ a**+*b\n"
                    "               ^\n");
    CHECK_IN_HEADER(
        "expr v\nexpr w",
        "t.patch:5:6: error: nothing binds hole 'w': it stands on no line marked ' ' or "
        "'-'\n"
        "    expr w\n"
        "         ^\n");
    CHECK_IN_HEADER("name w", "t.patch:6:5: error: hole '$v' is not declared\n"
                              "      f($v)\n"
                              "        ^^\n");
}

static void errors_in_conditions(void) {
    CHECK_IN_HEADER("expr v\nwhen decoder_onyl(v)",
                    "t.patch:5:6: error: unknown fact 'decoder_onyl' (did you mean "
                    "'decoder_only'?)\n"
                    "    when decoder_onyl(v)\n"
                    "         ^^^^^^^^^^^^\n");
    CHECK_IN_HEADER("expr v\nwhen qqqqqqqqqq",
                    "t.patch:5:6: error: unknown fact 'qqqqqqqqqq': the table of facts has no such "
                    "word\n"
                    "    when qqqqqqqqqq\n"
                    "         ^^^^^^^^^^\n");
    CHECK_IN_HEADER("expr v\nwhen decoder_only(v, v)",
                    "t.patch:5:6: error: fact 'decoder_only' takes 0 to 1 argument, not 2\n"
                    "    when decoder_only(v, v)\n"
                    "         ^^^^^^^^^^^^^^^^^^\n");
    CHECK_IN_HEADER("expr v\nwhen bound_before",
                    "t.patch:5:6: error: fact 'bound_before' takes 2 arguments, not 0\n"
                    "    when bound_before\n"
                    "         ^^^^^^^^^^^^\n");
    CHECK_IN_HEADER("expr v\nwhen cuda_device",
                    "t.patch:5:6: error: fact 'cuda_device' takes 1 argument, not 0\n"
                    "    when cuda_device\n"
                    "         ^^^^^^^^^^^\n");
    CHECK_IN_HEADER(
        "expr v\nwhen billions(v)",
        "t.patch:5:6: error: fact 'billions' is a number: compare it, as in 'billions > "
        "7'\n"
        "    when billions(v)\n"
        "         ^^^^^^^^^^^\n");
    CHECK_IN_HEADER("expr v\nwhen training > 3",
                    "t.patch:5:6: error: fact 'training' is yes or no and cannot be compared\n"
                    "    when training > 3\n"
                    "         ^^^^^^^^\n");
    CHECK_IN_HEADER("expr v\nwhen billions(v) > device-map-abov",
                    "t.patch:5:20: error: no setting has the name 'device-map-abov' (did you mean "
                    "'device-map-above'?)\n"
                    "    when billions(v) > device-map-abov\n"
                    "                       ^^^^^^^^^^^^^^^\n");
    CHECK_IN_HEADER("expr v\nwhen billions(v) >",
                    "t.patch:5:19: error: a number, a version or a setting must stand here\n"
                    "    when billions(v) >\n"
                    "                      ^\n");
    CHECK_IN_HEADER("expr v\nwhen decoder_only(v) and training",
                    "t.patch:5:22: error: the condition should end here, or go on with 'or'\n"
                    "    when decoder_only(v) and training\n"
                    "                         ^^^^^^^^^^^^\n");
    CHECK_IN_HEADER("expr v\nwhen decoder_only(v",
                    "t.patch:5:20: error: ',' or ')' must stand here\n"
                    "    when decoder_only(v\n"
                    "                       ^\n");
    CHECK_IN_HEADER(
        "expr v\nexpr value\nwhen decoder_only(valu)",
        "t.patch:5:6: error: nothing binds hole 'value': it stands on no line marked ' ' "
        "or '-'\n"
        "    expr value\n"
        "         ^^^^^\n"
        "t.patch:6:19: error: hole 'valu' is not declared (did you mean 'value'?)\n"
        "    when decoder_only(valu)\n"
        "                      ^^^^\n");
    CHECK_IN_HEADER("expr v\nwhen never", "t.patch:5:11: error: a statement must follow 'never'\n"
                                          "    when never\n"
                                          "              ^\n");
    CHECK_IN_HEADER("expr v\nwhen never $w.pad = ...",
                    "t.patch:5:12: error: hole '$w' is not declared\n"
                    "    when never $w.pad = ...\n"
                    "               ^^\n");
    CHECK_IN_HEADER("expr v\nwhen ever $v.f(",
                    "t.patch:5:15: error: the statement is no Python: '(' is never closed\n"
                    "    when ever $v.f(\n"
                    "                  ^\n");
    CHECK_IN_HEADER("expr v\nwhen never f(); g()",
                    "t.patch:5:12: error: one statement must follow 'never'\n"
                    "    when never f(); g()\n"
                    "               ^^^^^^^^\n");
    CHECK_IN_HEADER("expr v\nwhen absent",
                    "t.patch:5:12: error: the name of an argument must follow 'absent'\n"
                    "    when absent\n"
                    "               ^\n");
    CHECK_IN_HEADER("expr v\nwhen fires",
                    "t.patch:5:11: error: the name of a transform must follow 'fires', as in "
                    "'fires(load/device-map)'\n"
                    "    when fires\n"
                    "              ^\n");
    CHECK_IN_HEADER("expr v\nname c = training",
                    "t.patch:5:10: error: fact 'training' gives no text that a hole could take\n"
                    "    name c = training\n"
                    "             ^^^^^^^^\n");
    CHECK_IN_HEADER("expr v\nname a = consumer(b)\nname b = consumer(v)",
                    "t.patch:5:19: error: hole 'b' gets its value only below\n"
                    "    name a = consumer(b)\n"
                    "                      ^\n");
}

static void errors_in_bodies(void) {
    CHECK_IN_BODY("  f($v)\n",
                  "t.patch:3:1: error: this rule changes nothing: it has no '-', '+' or '!' line\n"
                  "    @@\n"
                  "    ^^\n");
    CHECK_IN_BODY(
        "+ f($v)\n",
        "t.patch:3:1: error: this rule matches nothing: it has no line that is marked ' ' "
        "or '-'\n"
        "    @@\n"
        "    ^^\n");
    CHECK_IN_BODY("- f($v)\n* g()\n",
                  "t.patch:7:1: error: a line of a rule starts with ' ', '-', '-?', '+' or '!'\n"
                  "    * g()\n"
                  "    ^\n");
    CHECK_IN_BODY("- f($v\n+ g()\n",
                  "t.patch:6:4: error: the pattern is no Python: '(' is never closed\n"
                  "    - f($v\n"
                  "       ^\n");
    CHECK_IN_BODY("- f($v) = = 3\n", "t.patch:6:3: error: the pattern is no Python\n"
                                     "    - f($v) = = 3\n"
                                     "      ^^^^^^^^^\n");
    CHECK_IN_BODY(
        "  f(\n-     $v,\n+     $v))\n  )\n",
        "t.patch:8:10: error: the text after the change is no Python: ')' closes nothing\n"
        "    +     $v))\n"
        "             ^\n");
    CHECK_IN_BODY("- f($v)\n+ class: $v\n",
                  "t.patch:7:3: error: the text after the change is no Python\n"
                  "    + class: $v\n"
                  "      ^^^^^^^^^\n");
    CHECK_IN_BODY("- f($v, $ )\n", "t.patch:6:9: error: the name of a hole must follow '$'\n"
                                   "    - f($v, $ )\n"
                                   "            ^\n");
    CHECK_IN_BODY("- f($v)\n+ $Class()\n",
                  "t.patch:7:3: error: hole '$Class' is not bound: it stands on no line marked ' ' "
                  "or '-'\n"
                  "    + $Class()\n"
                  "      ^^^^^^\n");
    CHECK_IN_BODY("  f($v)\n! $w\n", "t.patch:7:3: error: hole '$w' is not declared\n"
                                     "    ! $w\n"
                                     "      ^^\n");
    CHECK_IN_BODY("  f(1)\n-? g($v)\n+ h($v)\n",
                  "t.patch:8:5: error: this hole stands on '-?' lines only and may have no value\n"
                  "    + h($v)\n"
                  "        ^^\n");
    CHECK_IN_BODY("  f(\n-?     $v,\n  )\n",
                  "t.patch:7:8: error: '-?' must mark whole statements or keyword arguments\n"
                  "    -?     $v,\n"
                  "           ^^\n");
    CHECK_IN_BODY("- $v\n",
                  "t.patch:3:1: error: this rule has nothing to look for: only holes, '...' and "
                  "'-?' lines\n"
                  "    @@\n"
                  "    ^^\n");
    CHECK_IN_BODY("  f($v)\n- ...\n",
                  "t.patch:7:3: error: '...' stands for any statements and cannot go\n"
                  "    - ...\n"
                  "      ^^^\n");
    CHECK_IN_BODY("  f($v)\n  ...\n+ g()\n",
                  "t.patch:8:3: error: a new statement needs a line beside it that is no '...'\n"
                  "    + g()\n"
                  "      ^^^\n");
}

static void errors_in_changes(void) {
    CHECK_IN_BODY("  f($v,\n-     ...\n  )\n",
                  "t.patch:7:7: error: '...' stands for any arguments and cannot go\n"
                  "    -     ...\n"
                  "          ^^^\n");
    CHECK_IN_BODY("  f($v)\n+ g(...)\n",
                  "t.patch:7:5: error: '...' on a '+' line must stand where it stands on the '-' "
                  "lines\n"
                  "    + g(...)\n"
                  "        ^^^\n");
    CHECK_IN_BODY("  f(\n      a=$v,\n+     $v,\n  )\n",
                  "t.patch:8:7: error: a new argument needs a keyword\n"
                  "    +     $v,\n"
                  "          ^^\n");
    CHECK_IN_BODY("  f(\n-     a=$v,\n+     $v,\n  )\n",
                  "t.patch:8:7: error: an argument with a keyword cannot become one without\n"
                  "    +     $v,\n"
                  "          ^^\n");
    CHECK_IN_BODY("- f($v, $Name)\n+ transformers.$Name($v)\n",
                  "t.patch:7:3: error: a qualified name that a change brings cannot hold a hole\n"
                  "    + transformers.$Name($v)\n"
                  "      ^^^^^^^^^^^^^^^^^^\n");
    CHECK_IN_BODY("  f(\n-     1)\n- g(\n      $v)\n",
                  "t.patch:8:3: error: these context lines are part of another statement after the "
                  "change: write the statements on '-' and '+' lines\n"
                  "    - g(\n"
                  "      ^^\n");
    CHECK_ERROR(HEAD "kwargs v\n@@\n- f($v)\n",
                "t.patch:6:5: error: a kwargs hole stands for a set of arguments: write '**$name'\n"
                "    - f($v)\n"
                "        ^^\n");
    CHECK_IN_BODY("  f($v)\n  ...\n+ g()\n  ...\n  h()\n",
                  "t.patch:8:3: error: a new statement needs a line beside it that is no '...'\n"
                  "    + g()\n"
                  "      ^^^\n");
}

/* ---- fires ---- */

static Transform *ring[3];

static const Transform *find_in_ring(void *context, Str name) {
    (void)context;
    for (int i = 0; i < COUNT(ring); i++) {
        if (ring[i] && str_eq(ring[i]->name, name))
            return ring[i];
    }
    return NULL;
}

static void cycles(void) {
    static const char *const asks[] = {"fires(b)", "not fires(c)", "fires(a)"};
    static const char *const names[] = {"a", "b", "c"};
    for (int i = 0; i < 3; i++) {
        read_patch(""); /* opens the parser */
        diagnostics = (Diagnostics){.arena = &arena};
        Str text = str_format(&arena, HEAD "when %s\n@@\n- f()\n", asks[i]);
        ring[i] = patch_parse(&arena, parser, str_from(names[i]), S("t.patch"), text, &diagnostics);
        CHECK(ring[i] != NULL);
    }
    CHECK(!patch_check_fires(ring[0], find_in_ring, NULL, &diagnostics));
    Buf out = {.arena = &arena};
    for (ptrdiff_t i = 0; i < diagnostics.list.n; i++)
        diag_print(&out, &diagnostics.list.v[i]);
    CHECK_STR(buf_str(&out), S("t.patch:4:6: error: cycle of 'fires': a -> b -> c -> a\n"
                               "    when fires(b)\n"
                               "         ^^^^^^^^\n"));
    diagnostics = (Diagnostics){.arena = &arena};
    Transform *last = ring[2];
    ring[2] = NULL;
    CHECK(patch_check_fires(ring[0], find_in_ring, NULL, &diagnostics));
    CHECK(!patch_check_fires(ring[1], find_in_ring, NULL, &diagnostics));
    CHECK_STR(diagnostics.list.v[0].text, S("there is no transform 'c'"));
    /* Who asks about a cycle without being in it is no part of it. */
    ring[2] = last;
    Transform *outside = read_patch(HEAD "when fires(b)\n@@\n- f()\n");
    diagnostics = (Diagnostics){.arena = &arena};
    CHECK(outside && patch_check_fires(outside, find_in_ring, NULL, &diagnostics));
}

/* Any bytes at all: an error or a transform, never a crash. */
static void mangled(void) {
    static const char text[] =
        "# Title.\ntier: safe\nsince: transformers 4.1\n@@\nkwargs rest ~ ^(a|b)\nname m\n"
        "when billions(m) > 7 or not fires(x/y, m)\nwhen never $m.f(...)\n@@\n"
        "  $m = transformers.$C.load(\n      ...,\n-     a=True,\n-     **$rest,\n"
        "+     b=t.C(a=True, **$rest),\n      ...)\n  ...\n-? $m.to(\"x\")\n+ if $m:\n+     g()\n! "
        "$m\n";
    uint64_t seed = 1;
    for (int round = 0; round < 3000; round++) {
        char bytes[sizeof text];
        memcpy(bytes, text, sizeof text);
        for (int i = 0; i < 1 + round % 4; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            size_t at = (seed >> 33) % (sizeof text - 1);
            bytes[at] = "\n$@-+ ().*=?!\"'#,:_a1[]{}\\\0\x80"[(seed >> 20) % 29];
        }
        Arena own = {0};
        Diagnostics found = {.arena = &own};
        Str cut = {bytes, (ptrdiff_t)(round % 7 ? sizeof text - 1 : (seed >> 40) % sizeof text)};
        Transform *transform = patch_parse(&own, parser, S("t"), S("t.patch"), cut, &found);
        CHECK((transform == NULL) == (found.errors > 0));
        patch_close(transform);
        arena_close(&own);
    }
}

UNIT_MAIN(arguments, replaced_calls, tokens, statements, notes, symbols, heads, holes, conditions,
          words, anchors, errors_in_heads, errors_in_headers, errors_in_conditions,
          errors_in_bodies, errors_in_changes, cycles, mangled)

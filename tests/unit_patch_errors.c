/* Every error that a transform can have, with its text and its caret. */
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
    CHECK_ERROR("# Title.\ntier: safe\ncolour: red\n@@\n@@\n- f()\n",
                "t.patch:3:1: error: unknown setting 'colour': write tier, since, removed, needs, "
                "link, in, signature or preview\n"
                "    colour: red\n"
                "    ^^^^^^\n");
    CHECK_ERROR("# Title.\ntier: safe\nneeds: peft, > 4\n@@\n@@\n- f()\n",
                "t.patch:3:8: error: libraries must stand here, each perhaps with the oldest "
                "version that will do, as in 'accelerate >= 0.26, peft'\n"
                "    needs: peft, > 4\n"
                "           ^^^^^^^^^\n");
    CHECK_ERROR("# Title.\ntier: safe\nneeds: peft >= new\n@@\n@@\n- f()\n",
                "t.patch:3:8: error: libraries must stand here, each perhaps with the oldest "
                "version that will do, as in 'accelerate >= 0.26, peft'\n"
                "    needs: peft >= new\n"
                "           ^^^^^^^^^^^\n");
    CHECK_ERROR("# Title.\ntier: safe\nsince: 4.41\n@@\n@@\n- f()\n",
                "t.patch:3:8: error: a library and a version must stand here, as in 'transformers "
                "4.41'\n"
                "    since: 4.41\n"
                "           ^^^^\n");
    CHECK_ERROR("# Title.\ntier: safe\npreview: soon\n@@\n@@\n- f()\n",
                "t.patch:3:10: error: the version of hffix that tries it first must stand here, as "
                "in '0.3'\n"
                "    preview: soon\n"
                "             ^^^^\n");
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
    CHECK_IN_HEADER("expr v ~ ^[ab",
                    "t.patch:4:14: error: bad regular expression: missing terminating ] for "
                    "character class\n"
                    "    expr v ~ ^[ab\n"
                    "                 ^\n");
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
    CHECK_IN_HEADER("expr v\nnum n = setting(batch-siz)",
                    "t.patch:5:9: error: no setting has the name 'batch-siz' (did you mean "
                    "'batch-size'?)\n"
                    "    num n = setting(batch-siz)\n"
                    "            ^^^^^^^^^^^^^^^^^^\n");
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

UNIT_MAIN(errors_in_heads, errors_in_headers, errors_in_conditions, errors_in_bodies,
          errors_in_changes, cycles, mangled)

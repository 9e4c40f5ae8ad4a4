/* Rules with `in:` on small texts: what words, holes and `...` match, and which bytes change. Every
 * case gives a patch, a text, and the text that must come out; most have a look-alike beside
 * them. */
#define _XOPEN_SOURCE 700 /* mkdtemp() */
#include "tests/unit.h"
#include "tests/unit_folder.h"

#include "tests/shell_run.h"

#define SHELL    "# T.\ntier: safe\nin: shell\n@@\n"
#define ENV      "# T.\ntier: safe\nin: env\n@@\n"
#define ENV_NEXT "@@\nin: env\n"

static void test_words(void) {
    PATCH(SHELL "@@\n- old go ...\n+ new run go ...\n");
    GIVES("old go\n", "new run go\n");
    GIVES("sudo old  go   -x 'y z' # c\n", "sudo new run  go   -x 'y z' # c\n");
    GIVES("a | old go && \"old\" 'go' $X", "a | new run go && new run 'go' $X");
    GIVES("old \\\n  go \\\n  -x\n", "new run \\\n  go \\\n  -x\n");
    GIVES("old go; old go\r\n", "new run go; new run go\r\n");
    STAYS("old\n");
    STAYS("old went\n");
    STAYS("older go\n");
    STAYS("./old go\n");
    STAYS("echo old go; echo \"old go\"; # old go\n");
    STAYS("$OLD go; old $GO; old g*\n");
    STAYS("x=old; old() { :; }\n");
}

static void test_exact(void) {
    PATCH(SHELL "@@\n- old go\n+ new\n");
    GIVES("old go && b\n", "new && b\n");
    STAYS("old go on\n");
    GIVES("old go > log 2>&1\n", "new > log 2>&1\n");
    STAYS("old \\\n  go\n");
    CHECK_INT(outcome->n_notes, 1);
    CHECK(outcome->notes[0].withheld);
}

static void test_flags(void) {
    PATCH(SHELL "name v\n@@\n- old ... --gone ...\n+ old ... ...\n");
    CHECK(str_find(run_with(script, "x\n"), S("nothing binds this hole")) >= 0);
    PATCH(SHELL "@@\n- old ... --gone ...\n+ old ... ...\n");
    GIVES("old --gone\n", "old\n");
    GIVES("old a --gone b\n", "old a b\n");
    GIVES("old a \\\n  --gone \\\n  b\n", "old a \\\n  b\n");
    GIVES("old --gone a --gone\n", "old a\n");
    PATCH(SHELL "name v\n@@\n- old ... --type $v ...\n+ old ... --repo-type $v ...\n");
    GIVES("old c --type \"$T\" d\n", "old c --repo-type \"$T\" d\n");
    STAYS("old c --type\n");
}

static void test_holes(void) {
    PATCH(SHELL "name a ~ ^(x|y)$\nname b\n@@\n- old $a $b\n+ new $b $a\n");
    GIVES("old x \"$Q\"\n", "new \"$Q\" x\n");
    STAYS("old z q\n");
    PATCH(SHELL "name a\n@@\n- old $a $a\n+ new $a\n");
    GIVES("old x x\n", "new x\n");
    STAYS("old x y\n");
}

static void test_lists_of_strings(void) {
    PATCH(SHELL "@@\n- old go ...\n+ new run go ...\n");
    DOCKER("CMD [\"old\", \"go\", \"-x\"]\n", "CMD [\"new\", \"run\", \"go\", \"-x\"]\n");
    DOCKER("CMD [\"older\", \"go\"]\n", "CMD [\"older\", \"go\"]\n");
    PATCH(SHELL "@@\n- old ... --gone ...\n+ old ... ...\n");
    DOCKER("CMD [\"old\", \\\n  \"--gone\", \"b\"]\n", "CMD [\"old\", \"b\"]\n");
    DOCKER("CMD [\"old\", \"--gone\"]\n", "CMD [\"old\"]\n");
}

static void test_variables(void) {
    PATCH(ENV "@@\n- OLD\n+ NEW\n");
    GIVES("export OLD=/x OLDER=1\necho $OLD ${OLD:-y} \"${OLD}/z\"\nunset OLD\n",
          "export NEW=/x OLDER=1\necho $NEW ${NEW:-y} \"${NEW}/z\"\nunset NEW\n");
    GIVES("OLD=1 a; env OLD=1 a; docker run -e OLD=1 a\n",
          "NEW=1 a; env NEW=1 a; docker run -e NEW=1 a\n");
    STAYS("echo OLD '$OLD' # $OLD\n");
    YAML("env:\n  OLD: /x # OLD\nOLD: 1\n", "env:\n  NEW: /x # OLD\nOLD: 1\n");
    DOCKER("ENV OLD=/x\nRUN ls $OLD\n", "ENV NEW=/x\nRUN ls $NEW\n");
}

static void test_conditions(void) {
    PATCH(ENV "when ever NEW\n@@\n- OLD=...\n" ENV_NEXT "when ever OLD\nwhen never NEW\n@@\n"
              "- OLD\n+ NEW\n");
    GIVES("export OLD=1\na\n", "export NEW=1\na\n");
    GIVES("export OLD=1\nexport NEW=2\n", "export NEW=2\n");
    STAYS("echo $OLD\n");
    STAYS("export OLD=1 B=2\nexport NEW=2\n");
    CHECK_INT(outcome->n_notes, 1);
    YAML("env:\n  OLD: 1\n  NEW: 2\n", "env:\n  NEW: 2\n");
    YAML("a:\n  env:\n    OLD: 1\n    B: 2\nb:\n  env:\n    NEW: 2\n    C: 3\n",
         "a:\n  env:\n    NEW: 1\n    B: 2\nb:\n  env:\n    NEW: 2\n    C: 3\n");
    STAYS("export OLD=1\nexport NEW=2\necho $OLD\n");
    DOCKER("FROM a\nENV NEW=1\nFROM b\nENV OLD=2\n", "FROM a\nENV NEW=1\nFROM b\nENV NEW=2\n");
    DOCKER("ENV NEW=1 \\\n    OLD=2 \\\n    C=3\n", "ENV NEW=1 \\\n    C=3\n");
}

static void test_values(void) {
    PATCH(ENV "expr v ~ ^/cache\n@@\n- OLD=$v\n+ NEW=$v\n");
    GIVES("OLD=/cache/x\n", "NEW=/cache/x\n");
    STAYS("OLD=/data\n");
    STAYS("echo $OLD\n");
}

static void test_notes(void) {
    PATCH("# T.\ntier: advice\nin: shell\n@@\nname v\n@@\n  old $v ...\n! look at $v\n");
    STAYS("a\n  old \"x\" y\n");
    CHECK_INT(outcome->n_notes, 1);
    CHECK_STR(outcome->notes[0].text, S("look at \"x\""));
    CHECK_INT(outcome->notes[0].line, 2);
    CHECK_INT(outcome->notes[0].column, 3);
}

static void test_first_rule(void) {
    PATCH(SHELL "@@\n- old a ...\n+ one ...\n@@\n@@\n- old ...\n+ two ...\n");
    GIVES("old a b\nold b\n", "one b\ntwo b\n");
    CHECK_INT(outcome->n_fixes, 1);
    CHECK_INT(outcome->fixes[0].n, 2);
}

static void test_suppressed(void) {
    PATCH(SHELL "@@\n- old\n+ new\n");
    GIVES("old  # hffix: ignore\n# hffix: ignore[a]\nold\nold\n",
          "old  # hffix: ignore\n# hffix: ignore[a]\nold\nnew\n");
    STAYS("# hffix: ignore-file\nold\n");
    GIVES("# hffix: off\nold\n# hffix: on\nold\n", "# hffix: off\nold\n# hffix: on\nnew\n");
    GIVES("old # hffix: ignore[other]\n", "new # hffix: ignore[other]\n");
}

static void test_broken(void) {
    PATCH(SHELL "@@\n- old\n+ new\n");
    STAYS("old\necho \"\n");
    STAYS("old\ncat <<EOF\n");
    STAYS("old )\n");
    DOCKER("RUN old \"\nRUN old\n", "RUN old \"\nRUN new\n");
}

static void test_explain(void) {
    PATCH(SHELL "when ever X\n@@\n- old ...\n+ new ...\n");
    STAYS("old a\n");
    CHECK_STR(explained, S("run.sh:1:1: rule of line 4 at `old a`\n    line 5: when ever X: no\n"));
}

/* Two that want the same word: the first by name has it, and the other finds nothing left. */
static void test_conflict(void) {
    PATCH(SHELL "@@\n- old\n+ new\n", SHELL "@@\n- old\n+ other\n");
    GIVES("old\n", "new\n");
}

#define RENAME "# T.\ntier: safe\n@@\nexpr v\nwhen absent new_name\n@@\n"

/* A renamed argument of TrainingArguments is renamed where it is a flag. */
static void test_flags_of_arguments(void) {
    PATCH(RENAME "  transformers.TrainingArguments(\n      ...,\n-     old_name=$v,\n"
                 "+     new_name=$v,\n      ...)\n");
    folder_write("hf.py", "p = HfArgumentParser((Mine, TrainingArguments))\n");
    folder_write("own.py", "p = argparse.ArgumentParser()\n");
    folder_write("thin.py", "from pkg.train import train\ntrain()\n");
    folder_write("pkg/mod.py", "p = TrlParser(SFTConfig)\n");
    GIVES("python hf.py --old_name a --old_name_b c\n",
          "python hf.py --new_name a --old_name_b c\n");
    GIVES("torchrun --nproc 2 hf.py --old-name=$A\n", "torchrun --nproc 2 hf.py --new-name=$A\n");
    GIVES("accelerate launch -m pkg.mod \\\n  --old_name a\n",
          "accelerate launch -m pkg.mod \\\n  --new_name a\n");
    STAYS("python own.py --old_name a --save_strategy b --report_to c\n");
    STAYS("python thin.py --old_name a --save_strategy b\n");
    GIVES("python thin.py --old_name a --save_strategy b --report_to c\n",
          "python thin.py --new_name a --save_strategy b --report_to c\n");
    GIVES("deepspeed $S --old_name a --save_strategy b --report_to=c\n",
          "deepspeed $S --new_name a --save_strategy b --report_to=c\n");
    STAYS("deepspeed $S --old_name a\n");
    STAYS("python hf.py --old_name a --new_name b\n");
    STAYS("./run --old_name a --save_strategy b --report_to c\n");
    STAYS("echo python hf.py --old_name a\n");
    PATCH(RENAME "  transformers.GenerationConfig(\n      ...,\n-     old_name=$v,\n"
                 "+     new_name=$v,\n      ...)\n");
    STAYS("python hf.py --old_name a\n");
    PATCH(RENAME "  transformers.TrainingArguments(\n      ...,\n-     old_name=$v,\n"
                 "+     new_name=[$v],\n      ...)\n");
    STAYS("python hf.py --old_name a\n");
}

static void test_errors(void) {
    PATCH(SHELL "@@\n- a\n- b\n+ c\n");
    CHECK(str_find(run_with(script, ""), S("one line before")) >= 0);
    PATCH(SHELL "@@\n- a ...\n+ b\n");
    CHECK(str_find(run_with(script, ""), S("must stand as often")) >= 0);
    PATCH(SHELL "@@\n- a\n+ b $c\n");
    CHECK(str_find(run_with(script, ""), S("'$c' is not declared")) >= 0);
    PATCH(SHELL "@@\n- a\n");
    CHECK(str_find(run_with(script, ""), S("can go")) >= 0);
    PATCH(SHELL "when training\n@@\n- a\n+ b\n");
    CHECK(str_find(run_with(script, ""), S("outside Python a condition")) >= 0);
    PATCH(ENV "@@\n- A-B\n+ C\n");
    CHECK(str_find(run_with(script, ""), S("the name of an environment variable")) >= 0);
    PATCH("# T.\ntier: safe\nin: yaml\n@@\n@@\n- a\n+ b\n");
    CHECK(str_find(run_with(script, ""), S("write shell or env")) >= 0);
}

static void test_close(void) {
    folder_close();
    arena_close(&arena);
}

UNIT_MAIN(folder_open, test_words, test_exact, test_flags, test_holes, test_lists_of_strings,
          test_variables, test_conditions, test_values, test_notes, test_first_rule,
          test_suppressed, test_broken, test_explain, test_conflict, test_flags_of_arguments,
          test_errors, test_close)

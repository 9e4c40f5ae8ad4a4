/* Rules about arguments of TrainingArguments, at flags and at keys of files of settings. Every case
 * gives a patch, a text, and the text that must come out; look-alikes stand beside them. */
#define _XOPEN_SOURCE 700 /* mkdtemp() */
#include "tests/unit.h"
#include "tests/unit_folder.h"

#include "tests/shell_run.h"

#define HEAD             "# T.\ntier: safe\n"
#define FLAG(text, want) CHECK_STR(run_with(script, text), S(want))
#define JSON(text, want) CHECK_STR(run_with(json_cut, text), S(want))
#define TOML(text, want) CHECK_STR(run_with(toml_cut, text), S(want))
#define KEEPS(cut, text) CHECK_STR(run_with(cut, text), S(text))
/* Three arguments that few other programs have. */
#define YAML_3 "save_strategy: no\nreport_to: none\nnum_train_epochs: 1\n"
#define FLAGS  " --save_strategy no --report_to none"

#define RULE(before, lines) \
    "@@\n" before "@@\n  transformers.TrainingArguments(\n      ...,\n" lines "      ...)\n"
#define RENAME RULE("expr v\n", "-     old_name=$v,\n+     new_name=$v,\n")
#define REMOVE RULE("expr v\n", "-     old_name=$v,\n")

static void at(const char *path) {
    source_path = str_from(path);
}

static void test_yaml(void) {
    at("c.yaml");
    PATCH(HEAD RENAME);
    YAML(YAML_3 "old_name: x  # why\n", YAML_3 "new_name: x  # why\n");
    YAML(YAML_3 "\"old_name\": x\r\n", YAML_3 "\"new_name\": x\r\n");
    YAML(YAML_3 "old_name:\n  a: b\n", YAML_3 "new_name:\n  a: b\n");
    YAML("a:\n- b:\n    save_strategy: no\n    report_to: none\n    seed: 1\n    old_name: 2\n",
         "a:\n- b:\n    save_strategy: no\n    report_to: none\n    seed: 1\n    new_name: 2\n");
    YAML("- old_name: 1\n  save_strategy: no\n  report_to: none\n  seed: 1\n",
         "- new_name: 1\n  save_strategy: no\n  report_to: none\n  seed: 1\n");
    KEEPS(yaml_cut, YAML_3 "new_name: y\nold_name: x\n");
    KEEPS(yaml_cut, YAML_3 "old_name: y\nold_name: x\n");
    KEEPS(yaml_cut, YAML_3 "a:\n  old_name: x\n");
    KEEPS(yaml_cut, "old_name: x\n---\n" YAML_3);
    KEEPS(yaml_cut, YAML_3 "run: |\n  old_name: x\n");
    KEEPS(yaml_cut, YAML_3 "text: first\n  old_name: x\n");
    KEEPS(yaml_cut, YAML_3 "# old_name: x\n");
    KEEPS(yaml_cut, "save_strategy: no\nreport_to: none\nold_name: x\n");
    KEEPS(yaml_cut, "learning_rate: 1\noutput_dir: a\nfp16: true\nseed: 1\nold_name: x\n");
}

static void test_json(void) {
    at("c.json");
    PATCH(HEAD RENAME);
    JSON("{\"save_strategy\": 1, \"report_to\": [], \"seed\": {}, \"old_name\" : \"\\u00e9\"}",
         "{\"save_strategy\": 1, \"report_to\": [], \"seed\": {}, \"new_name\" : \"\\u00e9\"}");
    JSON("{\"a\": {\"save_strategy\": 1, \"report_to\": 2,\n \"seed\": 3, \"old_name\": 4}}\n",
         "{\"a\": {\"save_strategy\": 1, \"report_to\": 2,\n \"seed\": 3, \"new_name\": 4}}\n");
    KEEPS(json_cut, "{\"save_strategy\": 1, \"report_to\": 2, \"seed\": 3, \"old_name\": 4,}");
    KEEPS(json_cut, "[{\"save_strategy\": 1, \"report_to\": 2, \"seed\": 3, \"old_name\": 4}]");
    KEEPS(json_cut, "{\"save_strategy\": 1, \"report_to\": 2, \"seed\": \"old_name\"}");
}

static void test_toml(void) {
    at("c.toml");
    PATCH(HEAD RENAME);
    TOML("[t]\nsave_strategy = 1\nreport_to = 2\nseed = 3\nold_name = 'x' # why\n",
         "[t]\nsave_strategy = 1\nreport_to = 2\nseed = 3\nnew_name = 'x' # why\n");
    TOML("t = {save_strategy = 1, report_to = 2, seed = 3, \"old_name\" = 4}\n",
         "t = {save_strategy = 1, report_to = 2, seed = 3, \"new_name\" = 4}\n");
    KEEPS(toml_cut, "save_strategy = 1\nreport_to = 2\nseed = 3\n[t]\nold_name = 4\n");
    KEEPS(toml_cut, "save_strategy = 1\nreport_to = 2\nseed = 3\nt.old_name = 4\n");
    KEEPS(toml_cut, "save_strategy = 1\nreport_to = 2\nseed = 3\nold_name = \n");
}

static void test_foreign(void) {
    at("c.yaml");
    PATCH(HEAD RENAME);
    KEEPS(yaml_cut, "base_model: a\n" YAML_3 "old_name: x\n");
    KEEPS(yaml_cut,
          "defaults: [a]\nt:\n  save_strategy: 1\n  report_to: 2\n  seed: 3\n  old_name: 4\n");
    KEEPS(yaml_cut, "<<: *base\n" YAML_3 "old_name: x\n");
    at("out/checkpoint-500/args.yaml");
    KEEPS(yaml_cut, YAML_3 "old_name: x\n");
    at("wandb/run-1/c.yaml");
    KEEPS(yaml_cut, YAML_3 "old_name: x\n");
}

static void test_suppressed_keys(void) {
    at("c.yaml");
    PATCH(HEAD RENAME);
    KEEPS(yaml_cut, YAML_3 "old_name: x  # hffix: ignore\n");
    KEEPS(yaml_cut, YAML_3 "# hffix: ignore[a]\nold_name: x\n");
    at("c.toml");
    KEEPS(toml_cut,
          "# hffix: ignore-file\nsave_strategy = 1\nreport_to = 2\nseed = 3\nold_name = 1\n");
}

/* What the project's Python does with the key. */
static void test_readers(void) {
    at("c.yaml");
    PATCH(HEAD RENAME);
    static const char text[] = YAML_3 "old_name: x\n", changed[] = YAML_3 "new_name: x\n";
    static const struct {
        const char *python;
        bool changes;
    } cases[] = {
        {"import yaml\nTrainingArguments(**yaml.safe_load(open('c.yaml')))\n", true},
        {"p = HfArgumentParser(TrainingArguments)\nprint(training_args.old_name)\n", true},
        {"p = HfArgumentParser(TrainingArguments)  # cfg['old_name']\n", true},
        {"p = HfArgumentParser(TrainingArguments)\nprint(args.old_name)\n", true},
        {"p = TrlParser(SFTConfig)\n", true},
        {"class Mine(TrainingArguments):\n    pass\np = HfArgumentParser(Mine)\n", true},
        {"TrainingArguments(old_name=1)\n", true},
        {"import yaml\nc = yaml.safe_load(open('c.yaml'))\nTrainingArguments(old_name=c['x'])\n",
         false},
        {"TrainingArguments(**c['t'])\nprint(c['old_name'])\n", false},
        {"TrainingArguments(**c)\nprint(c.old_name)\n", false},
        {"TrainingArguments(**c)\np.add_argument('--old_name')\n", false},
        {"TrainingArguments(**c)\np.add_argument(\n    \"--old_name\", type=int)\n", false},
        {"p = HfArgumentParser(TrainingArguments)\n@dataclass\nclass A:\n    old_name: str = ''\n",
         false},
        {"from deep import TrainingArguments\np = HfArgumentParser(TrainingArguments)\n", false},
    };
    for (ptrdiff_t i = 0; i < COUNT(cases); i++) {
        folder_write("src/train.py", cases[i].python);
        CHECK_STR(run_with(yaml_cut, text), str_from(cases[i].changes ? changed : text));
    }
    folder_write("src/train.py", "");
}

/* What goes needs a reader that surely hands it on, and does not ask for it. */
static void test_going(void) {
    at("c.yaml");
    PATCH(HEAD REMOVE);
    KEEPS(yaml_cut, YAML_3 "old_name: x\n");
    folder_write("src/train.py", "p = HfArgumentParser(TrainingArguments)\n");
    YAML(YAML_3 "old_name: x # why\na: 1\n", YAML_3 "a: 1\n");
    YAML("old_name: x\r\n" YAML_3, YAML_3);
    KEEPS(yaml_cut, YAML_3 "old_name:\n  - x\n");
    KEEPS(yaml_cut, YAML_3 "stage: sft\nold_name: x\n");
    KEEPS(yaml_cut, "- old_name: 1\n  save_strategy: no\n  report_to: none\n  seed: 1\n");
    JSON("{\n  \"old_name\": 1,\n  \"save_strategy\": 1,\n  \"report_to\": 2,\n  \"seed\": 3\n}\n",
         "{\n  \"save_strategy\": 1,\n  \"report_to\": 2,\n  \"seed\": 3\n}\n");
    JSON("{\n  \"save_strategy\": 1,\n  \"report_to\": 2,\n  \"seed\": 3,\n  \"old_name\": 1\n}\n",
         "{\n  \"save_strategy\": 1,\n  \"report_to\": 2,\n  \"seed\": 3\n}\n");
    TOML("save_strategy = 1\nreport_to = 2\nold_name = 1\nseed = 3\n",
         "save_strategy = 1\nreport_to = 2\nseed = 3\n");
    folder_write("src/train.py", "p = HfArgumentParser(TrainingArguments)\nif a.old_name: pass\n");
    KEEPS(yaml_cut, YAML_3 "old_name: x\n");
    folder_write("src/train.py", "");
}

/* A rule of one class holds for its files alone. */
static void test_class(void) {
    at("c.yaml");
    PATCH(HEAD "@@\nexpr v\n@@\n  trl.DPOConfig(\n      ...,\n-     old_name=$v,\n"
               "+     new_name=$v,\n      ...)\n");
    KEEPS(yaml_cut, YAML_3 "old_name: x\n");
    folder_write("src/dpo.py", "p = TrlParser(DPOConfig)\n");
    YAML(YAML_3 "old_name: x\n", YAML_3 "new_name: x\n");
    folder_write("src/orpo.py", "p = TrlParser(ORPOConfig)\n");
    KEEPS(yaml_cut, YAML_3 "old_name: x\n");
    at("recipes/dpo/full.yaml");
    YAML(YAML_3 "old_name: x\n", YAML_3 "new_name: x\n");
    at("recipes/orpo/full.yaml");
    KEEPS(yaml_cut, YAML_3 "old_name: x\n");
    at("run.sh");
    FLAG("trl dpo --old_name x\n", "trl dpo --new_name x\n");
    KEEPS(script, "trl sft --old_name x" FLAGS "\n");
    KEEPS(script, "python $X --old_name x" FLAGS "\n");
    folder_write("src/dpo.py", "");
    folder_write("src/orpo.py", "");
}

static void test_values(void) {
    PATCH(HEAD RULE("", "-     old_name=True,\n+     new_name=\"some_text\",\n")
              RULE("expr v ~ ^(False|None)$\n", "-     old_name=$v,\n") RULE(
                  "expr v ~ ^[\"']a[\"']$\n", "-     old_name=$v,\n+     new_name=[\"b\"],\n"));
    folder_write("hf.py", "p = HfArgumentParser(TrainingArguments)\n");
    at("c.yaml");
    YAML(YAML_3 "old_name: true # c\n", YAML_3 "new_name: some_text # c\n");
    YAML(YAML_3 "old_name: null\n", YAML_3);
    YAML(YAML_3 "old_name: 'a'\n", YAML_3 "new_name: [\"b\"]\n");
    KEEPS(yaml_cut, YAML_3 "old_name: \"True\"\n");
    KEEPS(yaml_cut, YAML_3 "old_name: ${x}\n");
    JSON("{\"save_strategy\": 1, \"report_to\": 2, \"seed\": 3, \"old_name\": true}",
         "{\"save_strategy\": 1, \"report_to\": 2, \"seed\": 3, \"new_name\": \"some_text\"}");
    TOML("save_strategy = 1\nreport_to = 2\nseed = 3\nold_name = true\n",
         "save_strategy = 1\nreport_to = 2\nseed = 3\nnew_name = \"some_text\"\n");
    at("run.sh");
    FLAG("python hf.py --old_name --b\n", "python hf.py --new_name some_text --b\n");
    FLAG("python hf.py --old-name=True\n", "python hf.py --new-name=some_text\n");
    FLAG("python hf.py \\\n  --old_name false \\\n  --b\n", "python hf.py \\\n  --b\n");
    FLAG("python hf.py --old_name a --b\n", "python hf.py --new_name b --b\n");
    KEEPS(script, "python hf.py --old_name $X\n");
    KEEPS(script, "python hf.py --old_name $X False\n");
}

static void test_flags_that_go(void) {
    PATCH(HEAD REMOVE);
    at("run.sh");
    FLAG("python hf.py --old_name --b\n", "python hf.py --b\n");
    FLAG("python hf.py --b 1 \\\n    --old_name x y\n", "python hf.py --b 1\n");
    FLAG("python hf.py --old_name -1 --b\n", "python hf.py --b\n");
    KEEPS(script, "python hf.py --old_name $MORE\n");
    KEEPS(script, "python hf.py > log --old_name\n");
    KEEPS(script, "python $S --old_name" FLAGS "\n");
    folder_write("asks.py", "p = HfArgumentParser(TrainingArguments)\nif a.old_name: pass\n");
    KEEPS(script, "python asks.py --old_name\n");
    folder_write("asks.py", "");
    folder_write("helper.py", "def check(args):\n    return args.old_name\n");
    KEEPS(script, "python hf.py --old_name --b\n");
    folder_write("helper.py", "");
}

static void test_two_arguments(void) {
    PATCH(
        HEAD RULE("expr v\nnum n ~ ^0$\n", "-     steps=$n,\n-     ratio=$v,\n+     steps=$v,\n"));
    at("c.yaml");
    YAML(YAML_3 "ratio: 0.1\nsteps: 0\n", YAML_3 "steps: 0.1\n");
    KEEPS(yaml_cut, YAML_3 "ratio: 0.1\nsteps: 5\n");
    KEEPS(yaml_cut, YAML_3 "ratio: 0.1\n");
}

static void test_notes_on_keys(void) {
    at("c.yaml");
    PATCH("# T.\ntier: advice\n" RULE("expr v\n", "      old_name=$v,\n!     gone: was $v\n"));
    KEEPS(yaml_cut, YAML_3 "a: 1\nold_name: x\n");
    CHECK_INT(outcome->n_notes, 1);
    CHECK_INT(outcome->notes[0].line, 5);
    CHECK_STR(outcome->notes[0].text, S("gone: was \"x\""));
    KEEPS(yaml_cut, "a: 1\nold_name: x\n");
    CHECK_INT(outcome->n_notes, 0);
}

/* Of a folder that is nobody's root only a part is looked at, and the rest may read the key. */
static void test_large_folder(void) {
    char path[32];
    at("c.yaml");
    PATCH(HEAD RENAME);
    YAML(YAML_3 "old_name: x\n", YAML_3 "new_name: x\n");
    for (int i = 0; i < 2001; i++) {
        snprintf(path, sizeof path, "many/%d", i);
        folder_write(path, "");
    }
    folder_write("many/deeper/a.py", "print(c['old_name'])\n");
    KEEPS(yaml_cut, YAML_3 "old_name: x\n");
}

static void test_names(void) {
    CHECK(script_is_settings(S("sft.json")) && script_is_settings(S("a.toml")));
    CHECK(!script_is_settings(S("a.yaml")) && script_is_named(S("a.yaml")));
    CHECK(!script_is_named(S("package.json")) && !script_is_named(S("pyproject.toml")));
    CHECK(!script_is_named(S("tokenizer_config.json")) &&
          !script_is_named(S("trainer_state.json")));
}

static void test_close(void) {
    folder_close();
    arena_close(&arena);
}

UNIT_MAIN(folder_open, test_yaml, test_json, test_toml, test_foreign, test_suppressed_keys,
          test_readers, test_going, test_class, test_values, test_flags_that_go, test_two_arguments,
          test_notes_on_keys, test_large_folder, test_names, test_close)

/* The words about pipelines, prompts, and code of a repository. */
#include "tests/facts.h"

static Tri of_id(const char *word, const char *id) {
    return ask(word, "pass", str_from(id)).tri;
}

static void remote_code(void) {
    CHECK_INT(of_id("native", "meta-llama/Llama-3.1-8B-Instruct"), TRI_YES);
    CHECK_INT(of_id("native", "qwen/QWEN2.5-7b"), TRI_YES);
    CHECK_STR(ask("native_since", "pass", S("microsoft/phi-2")).text, S("4.37"));
    CHECK_STR(ask("native_since", "ID = 'gpt2'\nf($ID$)", (Str){0}).text, S("4.0"));
    /* Look-alikes: other checkpoints of a family, folders, ids that are only a default. */
    CHECK_INT(of_id("native", "Qwen/Qwen-7B"), TRI_UNKNOWN);
    CHECK_INT(of_id("native", "someone/Llama-3.1-8B-Instruct"), TRI_UNKNOWN);
    CHECK_INT(of_id("native", "phi-2"), TRI_UNKNOWN);
    CHECK_INT(of_id("native", "./phi-2"), TRI_UNKNOWN);
    ASKED("native", 'u', "def f(i='gpt2'):\n  g($i$)");

    Target targets[1] = {{.library = S("transformers")}};
    project = (Project){.targets = targets, .n_targets = 1};
    CHECK(range_parse(S(">=4.37"), &targets[0].range));
    CHECK_INT(of_id("native", "microsoft/phi-2"), TRI_YES);
    CHECK_INT(of_id("native", "meta-llama/Llama-3.1-8B"), TRI_UNKNOWN);
    CHECK(range_parse(S("<4.40"), &targets[0].range));
    CHECK_INT(of_id("native", "microsoft/phi-2"), TRI_UNKNOWN);
    project = (Project){0};
}

#define BOTH                                               \
    CAUSAL "tok = AutoTokenizer.from_pretrained('gpt2')\n" \
           "m = AutoModelForCausalLM.from_pretrained('gpt2')\n"

static void prompts(void) {
    ASKED("mask_kept", 'y', BOTH "x = tok('a', return_tensors='pt')\nm.generate($x$.input_ids)");
    ASKED("mask_kept", 'y', BOTH "x = tok('a').to('cuda')\nm.generate($x$.input_ids)");
    ASKED("mask_kept", 'n', BOTH "x = tok('a', return_attention_mask=False)\nf($x$.input_ids)");
    ASKED("mask_kept", 'n', BOTH "x = tok('a')\nx['input_ids'] = y\nf($x$.input_ids)");
    ASKED("mask_kept", 'n', BOTH "x = tok('a')\nx.input_ids = y\nf($x$.input_ids)");
    ASKED("mask_kept", 'n', BOTH "x = tok('a')\ndel x['attention_mask']\nf($x$.input_ids)");
    ASKED("mask_kept", 'n', BOTH "x = tok('a')\nx.pop('attention_mask')\nf($x$.input_ids)");
    ASKED("mask_kept", 'u', BOTH "x = tok('a', **kw)\nf($x$.input_ids)");
    ASKED("mask_kept", 'u', "def f(x):\n  g($x$.input_ids)");

    ASKED("ships_no_sampling", 'y', BOTH "$m$.generate(x)");
    ASKED("ships_no_sampling", 'u',
          CAUSAL "m = AutoModelForCausalLM.from_pretrained('o/x')\n$m$.generate(x)");
    ASKED("ships_no_sampling", 'u', "$m$.generate(x)");
}

static void close_all(void) {
    snippet_close();
}

UNIT_MAIN(remote_code, prompts, close_all)

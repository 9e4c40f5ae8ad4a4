/* The words about pipelines, prompts, chats, pipelines, and code of a repository. */
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

#define CHAT                                                               \
    CAUSAL "tok = AutoTokenizer.from_pretrained('google/gemma-2-2b-it')\n" \
           "m = AutoModelForCausalLM.from_pretrained('google/gemma-2-2b-it')\n"

static void chats(void) {
    ASKED("chat_begins", 'y', CHAT "$tok$('a')");
    ASKED("chat_begins", 'u', BOTH "$tok$('a')");
    ASKED("chat_begins", 'u', "$tok$('a')");
    ASKED("chat_rendered", 'y', CHAT "t = tok.apply_chat_template(c, tokenize=False)\n$tok(t)$");
    ASKED("chat_rendered", 'y', CHAT "t = tok.apply_chat_template(c)\n$tok([t], padding=True)$");
    ASKED("chat_rendered", 'y', CHAT "$tok(tok.apply_chat_template(c))$");
    ASKED("chat_rendered", 'n', CHAT "t = tok.apply_chat_template(c)\n$tok('a')$");
    ASKED("chat_rendered", 'n', CHAT "$tok(t)$");

    ASKED("chat_continued", 'y', CHAT "x = $tok.apply_chat_template(c)$\nm.generate(x)");
    ASKED("chat_continued", 'y',
          CHAT "t = $tok.apply_chat_template(c)$\nx = tok([t])\nm.generate(**x)");
    ASKED("chat_continued", 'y',
          CHAT "p = pipeline('text-generation')\np($tok.apply_chat_template(c)$)");
    ASKED("chat_continued", 'n', CHAT "x = $tok.apply_chat_template(c)$\nm(x)");
    ASKED("chat_continued", 'n', CHAT "t = $tok.apply_chat_template(c)$\nx = tok(t)\nm(**x)");
    ASKED("chat_continued", 'n', CHAT "t = $tok.apply_chat_template(c)$\nprint(t)");

    ASKED("answered", 'y', "c = [{'role': 'user'}, {'role': 'assistant'}]\nf($c$)");
    ASKED("answered", 'n', "c = [{'role': 'assistant'}, {'role': 'user'}]\nf($c$)");
    ASKED("answered", 'n', "f($[[{'role': 'user'}], [{'role': 'user'}]]$)");
    ASKED("answered", 'u', "f($c$)");
    ASKED("answered", 'u', "c = []\nc.append(d)\nf($c$)");
    ASKED("answered", 'u', "f($[a, b]$)");
}

#define PIPE(task) "from transformers import pipeline\np = pipeline(" task ")\n"

static void pipelines(void) {
    ASKED("pipe_flat", 'y', PIPE("'summarization', device=0") "$p$(x)");
    ASKED("pipe_flat", 'y', PIPE("task='translation_en_to_fr'") "$p$(x)");
    ASKED("pipe_flat", 'n', PIPE("'ner'") "$p$(x)");
    ASKED("pipe_flat", 'u', PIPE("'text-classification', top_k=None") "$p$(x)");
    ASKED("pipe_flat", 'u', PIPE("'text-classification', **kw") "$p$(x)");
    ASKED("pipe_flat", 'u', PIPE("model='a/b'") "$p$(x)");
    ASKED("pipe_flat", 'u', "$p$(x)");
    ASKED("pipe_even", 'y', PIPE("'ner'") "$p$(x)");
    ASKED("pipe_even", 'n', PIPE("'text-generation'") "$p$(x)");
    ASKED("pipe_even", 'n', PIPE("'fill-mask'") "$p$(x)");
    ASKED("pipe_batches", 'y', PIPE("'ner', batch_size=4") "$p$(x)");
    ASKED("pipe_batches", 'n', PIPE("'ner'") "$p$(x)");
    ASKED("pipe_batches", 'u', PIPE("'ner', **kw") "$p$(x)");

    ASKED("a_list", 'y', "a = ['x', 'y']\nf($a$)");
    ASKED("a_list", 'y', "a = []\na.append(b)\nf($a$)");
    ASKED("a_list", 'y', "f($[g(x) for x in y]$)");
    ASKED("a_list", 'y', "f($list(a)$)");
    ASKED("a_list", 'y', "f($a.tolist()$)");
    ASKED("a_list", 'y', "a = [b, c, d]\nf($a[1:]$)");
    ASKED("a_list", 'y', "def g(a: list[str]):\n  f($a$)");
    ASKED("a_list", 'n', "f($['x']$)");
    ASKED("a_list", 'n', "f($'x'$)");
    ASKED("a_list", 'u', "def g(a):\n  f($a$)");
    ASKED("a_list", 'u', "def g(a: str):\n  f($a$)");
    ASKED("a_list", 'u', "f($a[1:]$)");
    ASKED("a_list", 'u', "f($(g(x) for x in y)$)");
    ASKED("a_list", 'u', "a = frame['text']\nf($a$)");
    ASKED("a_column", 'y', "import pandas as pd\nd = pd.read_csv(p)\nf($d['text']$)");
    ASKED("a_column", 'y', "from datasets import load_dataset\nf($load_dataset('a')['text']$)");
    ASKED("a_column", 'y', "a = ('x', 'y')\nf($a$)");
    ASKED("a_column", 'u', "f($d['text']$)");
    ASKED("a_column", 'u', "import pandas as pd\nd = pd.read_csv(p)\nf($d[0]$)");

    ASKED("only_in_loop", 'y', "for $x$ in y:\n  f(x)\nfor x in z:\n  g(x)");
    ASKED("only_in_loop", 'n', "for $x$ in y:\n  f(x)\ng(x)");
    ASKED("loop_item", 'y', "for x in y:\n  f($x$)");
    ASKED("loop_item", 'y', "for i, x in enumerate(y):\n  f($x['text']$)");
    ASKED("loop_item", 'y', "for x in y:\n  z.append(f($x$))");
    ASKED("loop_item", 'u', "for x in ['a', 'b']:\n  z.append(f($x$))");
    ASKED("loop_item", 'u', "for x in DataLoader(y):\n  f($x$)");
    ASKED("loop_item", 'u', "for x in batches:\n  f($x$)");
    ASKED("loop_item", 'u', "while True:\n  x = input()\n  f($x$)");
}

static void close_all(void) {
    snippet_close();
}

UNIT_MAIN(remote_code, prompts, chats, pipelines, close_all)

/* Loads of a file as configurations: what is read, and what is said not to be. */
#include "sites/load_site.h"

#include "tests/snippet.h"

static Project project;

#define IMPORTS                                                                           \
    "import os, sys, torch\n"                                                             \
    "from transformers import (AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, " \
    "GPTQConfig,\n"                                                                       \
    "    GenerationConfig, pipeline)\n"

static LoadSites read(const char *code) {
    const Module *module =
        snippet(str_c(&snippet_arena, str_format(&snippet_arena, "%s%s", IMPORTS, code)));
    const FactContext context = {.module = module, .project = &project};
    return load_sites(&context);
}

static LoadSite only(const char *code) {
    LoadSites sites = read(code);
    CHECK(sites.n == 1);
    return sites.n ? sites.v[0] : (LoadSite){0};
}

/* The arguments of the one load. */
#define LOADS(code, json) CHECK(str_eq(only(code).load, S(json)))

static bool leaves_open(const LoadSite *site, const char *name) {
    for (ptrdiff_t i = 0; i < site->open.n; i++)
        if (str_eq(site->open.v[i], str_from(name)))
            return true;
    return false;
}

#define OPEN(code, name)                          \
    do {                                          \
        LoadSite site_ = only(code);              \
        CHECK(leaves_open(&site_, name));         \
        CHECK(str_find(site_.load, S(name)) < 0); \
    } while (0)

#define FROM "AutoModelForCausalLM.from_pretrained('org/m', "

static void arguments(void) {
    LOADS(FROM "dtype=torch.bfloat16)\n", "{\"dtype\": \"torch.bfloat16\"}");
    LOADS(FROM "torch_dtype='auto', device_map={'': 0, 'lm_head': 'cpu'})\n",
          "{\"torch_dtype\": \"auto\", \"device_map\": {\"\": 0, \"lm_head\": \"cpu\"}}");
    LOADS(FROM "max_memory={0: '20GiB', 'cpu': '64GiB'}, trust_remote_code=True)\n",
          "{\"max_memory\": {\"0\": \"20GiB\", \"cpu\": \"64GiB\"}, \"trust_remote_code\": true}");
    LOADS(FROM "dtype=None, num_labels=3)\n", "{}");
    LOADS(FROM "dtype=getattr(torch, 'float16'))\n", "{\"dtype\": \"torch.float16\"}");
    LOADS("kw = dict(dtype='float16')\nkw['attn_implementation'] = 'sdpa'\n" FROM "**kw)\n",
          "{\"dtype\": \"float16\", \"attn_implementation\": \"sdpa\"}");
    LoadSite site =
        only("AutoModelForCausalLM.from_pretrained('org/m', revision='v1', subfolder='sub')\n");
    CHECK(str_eq(site.id, S("org/m")) && str_eq(site.revision, S("v1")));
    CHECK(str_eq(site.subfolder, S("sub")) && str_eq(site.load, S("{}")) && !site.opaque);
    CHECK(site.line == 4 && str_eq(site.class_name, S("transformers.AutoModelForCausalLM")));
}

static void quantization(void) {
    LOADS(FROM "quantization_config=BitsAndBytesConfig(load_in_8bit=True, "
               "llm_int8_skip_modules=['lm_head']))\n",
          "{\"quantization_config\": {\"load_in_8bit\": true, \"llm_int8_skip_modules\": "
          "[\"lm_head\"]}}");
    LOADS("kw = {'load_in_4bit': True, 'bnb_4bit_compute_dtype': torch.bfloat16}\n"
          "c = BitsAndBytesConfig(**kw)\n" FROM "quantization_config=c)\n",
          "{\"quantization_config\": {\"load_in_4bit\": true, \"bnb_4bit_compute_dtype\": "
          "\"torch.bfloat16\"}}");
    /* Those of transformers 4, in the terms of 5. */
    LOADS(FROM "load_in_4bit=True, bnb_4bit_quant_type='nf4')\n",
          "{\"quantization_config\": {\"load_in_4bit\": true, \"bnb_4bit_quant_type\": \"nf4\"}}");
    LOADS(FROM "load_in_8bit=False)\n", "{}");
    CHECK(only(FROM "load_in_4bit=True, quantization_config=BitsAndBytesConfig())\n").problems.n ==
          1);
    CHECK(only(FROM "quantization_config=GPTQConfig(bits=4))\n").form_open);
}

static void versions(void) {
    Target target = {.library = S("transformers")};
    CHECK(range_parse_target(S("4.57"), &target.range));
    project = (Project){.targets = &target, .n_targets = 1};
    LOADS(FROM ")\n", "{\"dtype\": \"float32\"}");
    LOADS(FROM "load_in_8bit=True)\n",
          "{\"quantization_config\": {\"load_in_8bit\": true}, \"dtype\": \"float16\"}");
    CHECK(range_parse_target(S("4.50"), &target.range));
    CHECK(only(FROM "dtype=torch.float16)\n").problems.n == 1);
    CHECK(range_parse_target(S("5"), &target.range));
    LOADS(FROM "load_in_8bit=True)\n", "{\"load_in_8bit\": true}");
    project = (Project){0};
}

static void not_followed(void) {
    OPEN("d = torch.float16 if len(sys.argv) else torch.bfloat16\n" FROM "dtype=d)\n", "dtype");
    OPEN("d = 'float16'\nif sys.argv:\n    d = 'bfloat16'\n" FROM "dtype=d)\n", "dtype");
    OPEN(FROM "dtype=os.environ.get('DTYPE', 'float16'))\n", "dtype");
    OPEN("def f(d=torch.float16):\n    return " FROM "dtype=d)\n", "dtype");
    OPEN("def f(d):\n    return " FROM "dtype=d)\nf(torch.float16)\nf(torch.float32)\n", "dtype");
    OPEN("kw = {}\nif sys.argv:\n    kw['device_map'] = 'auto'\n" FROM "**kw)\n", "device_map");
    OPEN("m = {0: '1GiB'}\nm[1] = '2GiB'\n" FROM "max_memory=m)\n", "max_memory");
    OPEN("c = BitsAndBytesConfig(load_in_4bit=True)\nc.load_in_4bit = False\n" FROM
         "quantization_config=c)\n",
         "quantization_config");
    CHECK(only("def f(**kw):\n    return " FROM "**kw)\n").opaque);
    LoadSite site = only("m = AutoModelForCausalLM.from_pretrained(sys.argv[1])\n");
    CHECK(!site.id.n && str_eq(site.id_text, S("sys.argv[1]")));
}

static void followed(void) {
    LOADS("def f(d):\n    return " FROM "dtype=d)\nf(torch.float16)\nf(d=torch.float16)\n",
          "{\"dtype\": \"torch.float16\"}");
    LOADS("def f(d=torch.float16):\n    return " FROM "dtype=d)\nf()\n",
          "{\"dtype\": \"torch.float16\"}");
    LOADS("class A:\n    def __init__(self):\n        self.d = torch.float16\n"
          "        self.m = " FROM "dtype=self.d)\n",
          "{\"dtype\": \"torch.float16\"}");
}

static void which_calls(void) {
    CHECK(read("AutoTokenizer.from_pretrained('a/b')\n").n == 0);
    CHECK(read("class T:\n    pass\nT.from_pretrained('a/b')\n").n == 0);
    CHECK(read("m = AutoModelForCausalLM.from_pretrained('a/b')\n"
               "p = pipeline('text-generation', model=m)\n")
              .n == 1);
    CHECK(read("p = pipeline('text-generation')\n").n == 0);
    LoadSite site =
        only("p = pipeline('text-generation', 'a/b', model_kwargs={'dtype': 'float16'})\n"
             "p('x', max_new_tokens=5)\n");
    CHECK(site.pipeline && str_eq(site.task, S("text-generation")) && site.new_tokens == 5);
    CHECK(str_eq(site.id, S("a/b")) && str_eq(site.load, S("{\"dtype\": \"float16\"}")));
    CHECK(
        only("p = pipeline('text-generation', 'a/b', device=0, device_map='auto')\n").problems.n ==
        1);
}

#define PAIR                                       \
    "t = AutoTokenizer.from_pretrained('org/m')\n" \
    "m = AutoModelForCausalLM.from_pretrained('org/m')\n"

static void tokenizers(void) {
    SiteTokenizer t = only(PAIR "t.pad_token = t.eos_token\nt.padding_side = 'left'\n"
                                "b = t(['a', 'b'], padding=True, return_tensors='pt')\n"
                                "m.generate(**b, max_new_tokens=7)\n")
                          .tokenizer;
    CHECK(t.found && t.pads && t.side == PAD_SIDE_LEFT && !t.pad_if_missing && !t.id.n);
    CHECK(str_eq(t.pad_from, S("eos_token")) && !t.pad_token.n && t.pad_id < 0);
    t = only(PAIR "if t.pad_token is None:\n    t.pad_token = '<pad>'\nb = t('a')\n").tokenizer;
    CHECK(t.pad_if_missing && str_eq(t.pad_token, S("<pad>")) && !t.pads);
    t = only(PAIR "t.add_special_tokens({'pad_token': '[PAD]'})\n"
                  "m.resize_token_embeddings(len(t))\n")
            .tokenizer;
    CHECK(t.adds_token && t.resizes && str_eq(t.pad_token, S("[PAD]")));
    t = only(PAIR "t.pad_token_id = 7\n").tokenizer;
    CHECK(t.pad_id == 7);
    t = only("t = AutoTokenizer.from_pretrained('org/t', padding_side='right')\n"
             "m = AutoModelForCausalLM.from_pretrained('org/m')\n"
             "m.generate(**t('a', return_tensors='pt'))\n")
            .tokenizer;
    CHECK(t.found && str_eq(t.id, S("org/t")) && t.side == PAD_SIDE_RIGHT);
    /* Another model's tokenizer is not this one's. */
    LoadSites two = read("t = AutoTokenizer.from_pretrained('a/one')\n"
                         "one = AutoModelForCausalLM.from_pretrained('a/one')\n"
                         "two = AutoModelForCausalLM.from_pretrained('a/two')\n");
    CHECK(two.n == 2 && two.v[0].tokenizer.found && !two.v[1].tokenizer.found);
}

static void uses(void) {
    CHECK(only(PAIR "m.generate(max_new_tokens=9)\nm.generate(max_new_tokens=4)\n").new_tokens ==
          4);
    CHECK(only(PAIR "g = GenerationConfig(max_new_tokens=3)\nm.generate(generation_config=g)\n")
              .new_tokens == 3);
    CHECK(only(PAIR "m.generate(max_new_tokens=int(sys.argv[1]))\n").new_tokens < 0);
#define EIGHT "m = " FROM "quantization_config=BitsAndBytesConfig(load_in_8bit=True))\n"
    LoadSite half = only(EIGHT "m.half()\n");
    CHECK(half.problems.n == 1 && half.problems.v[0].fatal);
    CHECK(only(EIGHT "m.to(torch.float16)\n").problems.n == 1);
    CHECK(only(EIGHT "m.eval()\n").problems.n == 0);
    CHECK(only("m = " FROM "dtype=torch.float16)\nm.half()\n").problems.n == 0);
    LoadSite moved = only("m = " FROM "device_map='auto')\nm.to('cuda:1')\n");
    CHECK(moved.problems.n == 1 && !moved.problems.v[0].fatal);
    CHECK(only("m = " FROM "dtype='auto')\nm.to('cuda:1')\n").problems.n == 0);
    CHECK(only("m = " FROM "device_map='cuda:0')\nm.to('cuda:1')\n").problems.n == 0);
    CHECK(only("m = " FROM "device_map='auto')\nm.to('cpu')\n").problems.n == 0);
    CHECK(only("import pytest\ndef test_it():\n    m = " FROM
               "quantization_config=BitsAndBytesConfig(load_in_8bit=True))\n"
               "    with pytest.raises(ValueError):\n        m.half()\n")
              .problems.n == 0);
}

/* Two forms differ exactly when something that was read does. */
static void forms(void) {
    LoadSite a = only(FROM "dtype='float16')\n"), b = only("x = 1\n\n" FROM "dtype='float16')\n"),
             c = only(FROM "dtype='bfloat16')\n");
    CHECK(str_eq(load_site_form(&snippet_arena, &a), load_site_form(&snippet_arena, &b)));
    CHECK(!str_eq(load_site_form(&snippet_arena, &a), load_site_form(&snippet_arena, &c)));
}

UNIT_MAIN(arguments, quantization, versions, not_followed, followed, which_calls, tokenizers, uses,
          forms, snippet_close)

/* The words after `when`: each with code that it says yes to, and with look-alikes that must
 * not. */
#include "tests/facts.h"

/* One model, loaded on a line of its own; the load is marked. */
#define LOAD CAUSAL "m = $AutoModelForCausalLM.from_pretrained('o/x-7b')$\n"
#define TOK  CAUSAL "tok = $AutoTokenizer.from_pretrained('gpt2')$\n"
#define BOTH                                               \
    CAUSAL "tok = AutoTokenizer.from_pretrained('gpt2')\n" \
           "m = AutoModelForCausalLM.from_pretrained('gpt2')\n"

static double billions(const char *id) {
    return ask("billions", "pass", str_from(id)).number;
}

#define SIZE_IS(id, want) CHECK(billions(id) > (want) - 1e-6 && billions(id) < (want) + 1e-6)

static void sizes(void) {
    SIZE_IS("meta-llama/Llama-3.1-70B-Instruct", 70);
    SIZE_IS("meta-llama/Llama-2-7b-hf", 7);
    SIZE_IS("Qwen/Qwen2.5-1.5B", 1.5);
    SIZE_IS("mistralai/Mixtral-8x7B-v0.1", 46.7);
    SIZE_IS("mistralai/Mixtral-8x22B-v0.1", 141);
    SIZE_IS("Qwen/Qwen3-30B-A3B", 30);
    SIZE_IS("Qwen/Qwen3-235B-A22B", 235);
    SIZE_IS("facebook/opt-350m", 0.35);
    SIZE_IS("EleutherAI/pythia-410m", 0.41);
    SIZE_IS("bigscience/bloomz-7b1", 7.1);
    SIZE_IS("bigscience/bloom", 176.2);
    SIZE_IS("stabilityai/stablelm-2-1_6b", 1.6);
    SIZE_IS("google/flan-t5-xxl", 11.3);
    SIZE_IS("google-t5/t5-11b", 11.3);
    SIZE_IS("tiiuae/falcon-40b", 40);
    SIZE_IS("deepseek-ai/DeepSeek-V3", 671);
    SIZE_IS("deepseek-ai/DeepSeek-V2-Lite", 15.7);
    SIZE_IS("deepseek-ai/DeepSeek-R1-Distill-Llama-70B", 70);
    SIZE_IS("EleutherAI/gpt-neox-20b", 20);
    SIZE_IS("meta-llama/Llama-4-Scout-17B-16E-Instruct", 109);
    SIZE_IS("microsoft/phi-2", 2.78);
    SIZE_IS("TinyLlama/TinyLlama-1.1B-intermediate-step-240k-503b", 1.1);
    SIZE_IS("gpt2", 0.124);
    SIZE_IS("HuggingFaceH4/zephyr-7b-beta", 7);
    /* Look-alikes: bits, tokens, versions, active parameters, unknown expert layouts, paths. */
    SIZE_IS("o/model-4bit", 0);
    SIZE_IS("o/model-v2b", 0);
    SIZE_IS("o/model-A3B", 0);
    SIZE_IS("o/moe-4x7b", 0);
    SIZE_IS("o/model-3T", 0);
    SIZE_IS("o/model-q4_0", 0);
    SIZE_IS("o/vit-b-16", 0);
    SIZE_IS("./llama-70b", 0);
    SIZE_IS("/data/llama-70b", 0);
    SIZE_IS("outputs/llama-70b", 0);
    SIZE_IS("my-llama-70b", 0);
    ASKED("billions", 'y', CAUSAL "ID = 'o/x-70b'\nm = $AutoModelForCausalLM.from_pretrained(ID)$");
    ASKED("billions", 'u',
          CAUSAL "def f(n='o/x-70b'):\n  return AutoModelForCausalLM.from_pretrained($n$)");
    ASKED("billions", 'u', CAUSAL "m = $AutoModelForCausalLM.from_pretrained(name)$");
}

static Tri of_id(const char *word, const char *id) {
    return ask(word, "pass", str_from(id)).tri;
}

static void checkpoints(void) {
    CHECK_INT(of_id("quantized_checkpoint", "TheBloke/Llama-2-7B-GPTQ"), TRI_YES);
    CHECK_INT(of_id("quantized_checkpoint", "Qwen/Qwen2.5-72B-Instruct-AWQ"), TRI_YES);
    CHECK_INT(of_id("quantized_checkpoint", "openai/gpt-oss-20b"), TRI_YES);
    CHECK_INT(of_id("quantized_checkpoint", "unsloth/llama-3-8b-bnb-4bit"), TRI_YES);
    CHECK_INT(of_id("quantized_checkpoint", "deepseek-ai/DeepSeek-V3"), TRI_YES);
    CHECK_INT(of_id("quantized_checkpoint", "meta-llama/Llama-3.1-70B"), TRI_NO);
    CHECK_INT(of_id("quantized_checkpoint", "gpt2"), TRI_NO);
    CHECK_INT(of_id("quantized_checkpoint", "./model"), TRI_UNKNOWN);
    CHECK_INT(of_id("quantized_checkpoint", "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B"), TRI_NO);

    CHECK_INT(of_id("ships_generation_length", "meta-llama/Llama-2-7b-chat-hf"), TRI_YES);
    CHECK_INT(of_id("ships_generation_length", "01-ai/Yi-6B"), TRI_YES);
    CHECK_INT(of_id("ships_generation_length", "01-ai/Yi-1.5-9B-Chat"), TRI_NO);
    CHECK_INT(of_id("ships_generation_length", "microsoft/phi-2"), TRI_NO);
    CHECK_INT(of_id("ships_generation_length", "tiiuae/falcon-7b"), TRI_NO);
    CHECK_INT(of_id("ships_generation_length", "gpt2"), TRI_NO);
    CHECK_INT(of_id("ships_generation_length", "facebook/opt-1.3b"), TRI_NO);
    CHECK_INT(of_id("ships_generation_length", "results"), TRI_UNKNOWN);
    CHECK_INT(of_id("ships_generation_length", "./results"), TRI_UNKNOWN);

    CHECK_INT(of_id("decoder_only", "gpt2"), TRI_YES);
    CHECK_INT(of_id("decoder_only", "meta-llama/Llama-3.1-8B"), TRI_YES);
    CHECK_INT(of_id("decoder_only", "bert-base-uncased"), TRI_NO);
    CHECK_INT(of_id("decoder_only", "FacebookAI/xlm-roberta-large"), TRI_NO);
    CHECK_INT(of_id("decoder_only", "google/flan-t5-base"), TRI_NO);
    CHECK_INT(of_id("decoder_only", "o/strange"), TRI_UNKNOWN);
    CHECK_INT(of_id("encoder_decoder", "google/flan-t5-base"), TRI_YES);
    CHECK_INT(of_id("encoder_decoder", "facebook/bart-large-cnn"), TRI_YES);
    CHECK_INT(of_id("encoder_decoder", "gpt2"), TRI_NO);
    CHECK_INT(of_id("encoder", "sentence-transformers/all-mpnet-base-v2"), TRI_YES);
    CHECK_INT(of_id("encoder", "distilbert-base-uncased"), TRI_YES);
    CHECK_INT(of_id("encoder", "gpt2"), TRI_NO);
    CHECK_INT(of_id("decoder_only", "Qwen/Qwen2.5-Omni-7B"), TRI_UNKNOWN);
    CHECK_INT(of_id("decoder_only", "Qwen/Qwen2-VL-7B-Instruct"), TRI_UNKNOWN);
}

static void families(void) {
    ASKED("decoder_only", 'y', TOK);
    ASKED("decoder_only", 'y', LOAD);
    ASKED("decoder_only", 'y',
          CAUSAL "$tok$ = AutoTokenizer.from_pretrained('o/x')\n"
                 "m = AutoModelForCausalLM.from_pretrained('o/x')");
    ASKED("decoder_only", 'y',
          CAUSAL "name = get()\n$tok$ = AutoTokenizer.from_pretrained(name)\n"
                 "m = AutoModelForCausalLM.from_pretrained(name)");
    ASKED("decoder_only", 'y',
          CAUSAL "tok = $AutoTokenizer.from_pretrained('o/t')$\n"
                 "m = AutoModelForCausalLM.from_pretrained('o/m')\n"
                 "x = tok('a', return_tensors='pt')\nm.generate(**x)");
    ASKED("decoder_only", 'u',
          CAUSAL "tok = $AutoTokenizer.from_pretrained('o/t')$\n"
                 "m = AutoModelForCausalLM.from_pretrained('o/m')");
    ASKED("decoder_only", 'n',
          "from transformers import AutoTokenizer, AutoModelForSeq2SeqLM\n"
          "tok = $AutoTokenizer.from_pretrained('o/x')$\n"
          "m = AutoModelForSeq2SeqLM.from_pretrained('o/x')");
    ASKED("decoder_only", 'n',
          "from transformers import BertTokenizer\n"
          "t = $BertTokenizer.from_pretrained(p)$");
    ASKED("decoder_only", 'y',
          "from transformers import GPT2Tokenizer\n"
          "t = $GPT2Tokenizer.from_pretrained(p)$");
    ASKED("decoder_only", 'y',
          "from transformers import LlamaForSequenceClassification as L\n"
          "t = $L.from_pretrained(p)$");
    ASKED("decoder_only", 'u',
          "from transformers import AutoModelForSequenceClassification as L\n"
          "t = $L.from_pretrained(p)$");
    ASKED("decoder_only", 'u', "t = $load()$");

    ASKED("sequence_classifier", 'y',
          "from transformers import AutoModelForSequenceClassification as A\n"
          "m = A.from_pretrained('gpt2')\n");
    ASKED("sequence_classifier", 'n', LOAD);
    ASKED("sequence_classifier", 'n',
          "from other import AutoModelForSequenceClassification as A\n"
          "m = A.from_pretrained('gpt2')\n");
    ASKED("generative_class", 'y', LOAD);
    ASKED("generative_class", 'y',
          "from transformers import pipeline\np = $pipeline('text-generation', model='o/x-7b')$");
    ASKED("generative_class", 'n', "from transformers import pipeline\np = $pipeline('ner')$");
    ASKED("generative_class", 'y',
          "import transformers\nm = $transformers.LlamaForCausalLM.from_pretrained(p)$");
    ASKED("generative_class", 'n',
          "from transformers import AutoModel\nm = $AutoModel.from_pretrained(p)$");
    ASKED("generative_class", 'n',
          "from transformers import AutoTokenizer\nm = $AutoTokenizer.from_pretrained(p)$");
    ASKED(
        "generative_class", 'n',
        "from auto_gptq import AutoGPTQForCausalLM\nm = $AutoGPTQForCausalLM.from_pretrained(p)$");
    ASKED("generative_class", 'n',
          "from transformers import TFGPT2LMHeadModel\nm = $TFGPT2LMHeadModel.from_pretrained(p)$");
}

static void inference(void) {
    ASKED("inference", 'y', LOAD "m.generate(x)");
    ASKED("inference", 'y', LOAD "m = m.to('cuda')\nm.eval()\nprint(m)\ny = m(x)");
    ASKED("inference", 'y', LOAD "p = pipeline('text-generation', model=m)");
    ASKED("inference", 'y',
          CAUSAL "def load():\n    m = $AutoModelForCausalLM.from_pretrained(p)$\n    return m\n"
                 "k = load()\nk.generate(x)");
    ASKED(
        "inference", 'y',
        CAUSAL
        "class A:\n  def __init__(self):\n    self.m = $AutoModelForCausalLM.from_pretrained(p)$\n"
        "  def go(self, x):\n    return self.m.generate(x)");
    ASKED("inference", 'y',
          CAUSAL "from peft import PeftModel\nb = $AutoModelForCausalLM.from_pretrained(p)$\n"
                 "m = PeftModel.from_pretrained(b, q)\nm.generate(x)");
    ASKED("inference", 'u', LOAD);
    ASKED("inference", 'u', LOAD "evaluate(m)\nm.generate(x)");
    ASKED("inference", 'u', LOAD "m.lm_head = head\nm.generate(x)");
    ASKED("inference", 'u',
          CAUSAL "def load():\n    m = $AutoModelForCausalLM.from_pretrained(p)$\n    return m");
    ASKED("inference", 'u',
          CAUSAL "from torch import nn\nclass A(nn.Module):\n  def __init__(self):\n"
                 "    self.m = $AutoModelForCausalLM.from_pretrained(p)$\n"
                 "  def forward(self, x):\n    return self.m(x)");
    ASKED("inference", 'n', LOAD "m.generate(x)\nm.save_pretrained('d')");
    ASKED("inference", 'n',
          LOAD "from transformers import Trainer\nt = Trainer(model=m)\nt.train()");
    ASKED("inference", 'n', LOAD "out = m(x)\nout.loss.backward()");
    ASKED("inference", 'n', LOAD "opt = torch.optim.AdamW(m.parameters())\nm.generate(x)");
    ASKED("inference", 'n', LOAD "m.train()\nm.generate(x)");
    ASKED("inference", 'y', LOAD "m.train(False)\nm.generate(x)");
    ASKED("inference", 'n', LOAD "import deepspeed\nm.generate(x)");
    ASKED("inference", 'n',
          LOAD "from peft import get_peft_model\nm = get_peft_model(m, c)\nm.generate(x)");
    ASKED("inference", 'n', LOAD "m = torch.nn.DataParallel(m)\nm(x)");

    ASKED("training", 'y', LOAD "from trl import SFTTrainer\nt = SFTTrainer(m, args=a)");
    ASKED("training", 'n', LOAD "m.generate(x)");
    ASKED("training", 'u', LOAD "f(m)");
    ASKED("training", 'y', TOK "from transformers import Trainer\n");
    ASKED("training", 'n', TOK "tok('a')");
    ASKED("copied_only", 'y', LOAD "m.save_pretrained('d')");
    ASKED("copied_only", 'n', LOAD "m.generate(x)\nm.save_pretrained('d')");
    ASKED("copied_only", 'n', LOAD);
    ASKED("lora", 'y', LOAD "from peft import get_peft_model\nm = get_peft_model(m, c)");
    ASKED("lora", 'n', LOAD "m.generate(x)");
    ASKED("wrapped", 'y', LOAD "w = torch.nn.DataParallel(m)");
    ASKED("wrapped", 'y', LOAD "a = accelerator.prepare(m)");
    ASKED("wrapped", 'n', LOAD "m.generate(x)");
}

static void whole_file(void) {
    ASKED("distributed", 'y', "from accelerate import Accelerator\n$x$");
    ASKED("distributed", 'y', "import os\nos.environ['CUDA_VISIBLE_DEVICES'] = '0'\n$x$");
    ASKED("distributed", 'y', "import torch.distributed as dist\n$x$");
    ASKED("distributed", 'y', "# torchrun --nproc_per_node 8 a.py\n$x$");
    ASKED("distributed", 'y', "def f(local_rank):\n  $x$");
    ASKED("distributed", 'y', "from multiprocessing import Pool\n$x$");
    ASKED("distributed", 'n', "import accelerate\n$x$");
    ASKED("distributed", 'n', "import threading\n$x$");
    ASKED("distributed", 'n', "import array\n$x$");
    ASKED("trl", 'y', "from trl import SFTTrainer\n$x$");
    ASKED("trl", 'y', "import trl\n$x$");
    ASKED("trl", 'n', "import trlx\n$x$");
    ASKED("training_file", 'y', "from transformers import TrainingArguments\n$x$");
    ASKED("training_file", 'n', "from transformers import AutoModel\n$x$");
    ASKED("collator", 'y', "from transformers import DataCollatorWithPadding\n$x$");
    ASKED("collator", 'n', "collate(a)\n$x$");
    ASKED("lm_collator", 'y', "from transformers import DataCollatorForLanguageModeling\n$x$");
    ASKED("lm_collator", 'n', "from transformers import DataCollatorWithPadding\n$x$");
    ASKED("masks_pad_labels", 'y', "l[l == tok.pad_token_id] = -100\n$x$");
    ASKED("masks_pad_labels", 'y', "l = [-100 if pad_token_id == i else i for i in l]\n$x$");
    ASKED("masks_pad_labels", 'n', "l[mask == 0] = -100\n$x$");
    ASKED("masks_pad_labels", 'n', "l[l == tok.pad_token_id] = 100\n$x$");
    ASKED("float16_evidence", 'y', "a = torch.float16\n$x$");
    ASKED("float16_evidence", 'y', "# runs on a T4\n$x$");
    ASKED("float16_evidence", 'n', "a = torch.bfloat16\nT4x = 1\n$x$");
    ASKED("float_inputs", 'y', "m(pixel_values=a)\n$x$");
    ASKED("float_inputs", 'n', "m(input_ids=a)\n$x$");
    ASKED("serves_requests", 'y', "from fastapi import FastAPI\n$x$");
    ASKED("serves_requests", 'n', "import fast\n$x$");
    ASKED("in_handler", 'y', "@app.post('/a')\ndef f(q):\n  return $q$");
    ASKED("in_handler", 'n', "@cache\ndef f(q):\n  return $q$");
    ASKED("in_test", 'y', "def test_f(q):\n  assert $q$");
    ASKED("in_test", 'n', "def test_f(q):\n  return $q$");
    ASKED("in_test", 'y', "import unittest\nclass A(unittest.TestCase):\n  def f(self):\n    $q$");
    ASKED("in_test", 'n', "class Tester:\n  def contest(self, q):\n    return $q$");
    ASKED("in_test", 'n', "$latest$");
    ASKED("outputs_numpy", 'y', "a = b.cpu().numpy()\n$x$");
    ASKED("outputs_numpy", 'u', "import numpy as np\na = np.array(b)\n$x$");
    ASKED("outputs_numpy", 'n', "import numpy as np\nnp.random.seed(1)\n$x$");
}

static void placement(void) {
    ASKED("gpu", 'y', LOAD "m.cuda()");
    ASKED("gpu", 'y', LOAD "d = 'cuda' if torch.cuda.is_available() else 'cpu'\nm = m.to(d)");
    ASKED("gpu", 'y',
          LOAD "d = torch.device('cuda' if torch.cuda.is_available() else 'cpu')\nm.to(d)");
    ASKED("gpu", 'y', LOAD "d = 'cpu'\nif torch.cuda.is_available():\n  d = 'cuda'\nm.to(d)");
    ASKED("gpu", 'y', CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, device_map='auto')$");
    ASKED("gpu", 'y', LOAD "x = tok('a').to('cuda')");
    ASKED("gpu", 'y', CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p).to('cuda')$");
    ASKED("gpu", 'y', "from transformers import pipeline\np = $pipeline('ner', device=0)$");
    ASKED("gpu", 'n', "from transformers import pipeline\np = $pipeline('ner', device=-1)$");
    ASKED("gpu", 'n', LOAD "m.to('cpu')");
    ASKED("gpu", 'n', CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, device_map='cpu')$");
    ASKED("gpu", 'u', LOAD);
    ASKED("gpu", 'u', LOAD "m.to(device)");
    ASKED("gpu", 'u', LOAD "m.to(torch.float16)");
    ASKED("gpu", 'u', LOAD "k = AutoModelForCausalLM.from_pretrained(q)\nk.cuda()");

    ASKED("placed", 'n', LOAD "m.cuda()");
    ASKED("placed", 'n', LOAD "m = m.to('cuda')");
    ASKED("placed", 'n', LOAD "d = 'cuda' if torch.cuda.is_available() else 'cpu'\nm = m.to(d)");
    ASKED("placed", 'n', CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p)$.to('cuda').eval()");
    ASKED("placed", 'n', LOAD "m.to(torch.bfloat16)");
    ASKED("placed", 'y', LOAD "m.to('cuda:1')");
    ASKED("placed", 'y', LOAD "m.to(f'cuda:{rank}')");
    ASKED("placed", 'y', LOAD "m.to(args.device)");
    ASKED("placed", 'y', LOAD "m.cuda(1)");
    ASKED("placed", 'y', LOAD "m.to('mps')");
    ASKED("placed", 'y', LOAD "use(m.to('cuda'))");
    ASKED("placed", 'y', CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, device_map='auto')$");
    ASKED("placed", 'y',
          CAUSAL "kw = {'max_memory': a}\nm = $AutoModelForCausalLM.from_pretrained(p, **kw)$");
    ASKED("placed", 'u', CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, **kw)$");

    ASKED("moved", 'y', LOAD "m.cuda()");
    ASKED("moved", 'y', LOAD "m.to(device)");
    ASKED("moved", 'y', CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, device_map='auto')$");
    ASKED("moved", 'y',
          CAUSAL "from peft import PeftModel\nb = AutoModelForCausalLM.from_pretrained(p, "
                 "device_map='auto')\n"
                 "m = $PeftModel.from_pretrained(b, q)$");
    ASKED("moved", 'n',
          CAUSAL "from peft import PeftModel\nb = AutoModelForCausalLM.from_pretrained(p)\n"
                 "m = $PeftModel.from_pretrained(b, q)$");
    ASKED("placed", 'y',
          LOAD "from peft import PeftModel\nm = PeftModel.from_pretrained(m, q)\nm.to('cuda:1')");
    ASKED("placed", 'y', LOAD "d = 'cuda' if a else 'mps' if b else 'cpu'\nm.to(d)");
    ASKED("moved", 'n', LOAD "m.eval()");
    ASKED("moved", 'n', LOAD "m.to('cpu')");
    ASKED("moved", 'n', LOAD "m.to(torch.float16)");
    ASKED("moved", 'n', LOAD "m.to(dtype=torch.float16)");
    ASKED("cpu_only", 'y', LOAD "m.to('cpu')");
    ASKED("cpu_only", 'y', LOAD "d = 'cpu'\nx.to(d)");
    ASKED("cpu_only", 'n', LOAD "m.to('cuda')");
    ASKED("cpu_only", 'n', LOAD);
    ASKED("cuda_device", 'y', "m.to($'cuda'$)");
    ASKED("cuda_device", 'y', "d = 'cuda' if a else 'cpu'\nm.to($d$)");
    ASKED("cuda_device", 'n', "m.to($'cuda:0'$)");
    ASKED("cuda_device", 'n', "import torch\nm.to($torch.float16$)");
    ASKED("cuda_device", 'u', "m.to($d$)");

    ASKED("quantized", 'y',
          CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, load_in_4bit=True)$");
    ASKED("quantized", 'n',
          CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, load_in_4bit=False)$");
    ASKED("quantized", 'u', CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, load_in_4bit=a)$");
    ASKED("quantized", 'u', CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, **kw)$");
    ASKED("quantized", 'n', LOAD);
    ASKED("bitsandbytes", 'y',
          "from transformers import AutoModel, BitsAndBytesConfig\nc = BitsAndBytesConfig()\n"
          "m = $AutoModel.from_pretrained(p, quantization_config=c)$");
    ASKED("bitsandbytes", 'n',
          "from transformers import AutoModel, GPTQConfig\nc = GPTQConfig()\n"
          "m = $AutoModel.from_pretrained(p, quantization_config=c)$");
    ASKED("bitsandbytes", 'u',
          CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, quantization_config=c)$");
    ASKED("dtype_written", 'y',
          CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, torch_dtype='auto')$");
    ASKED("dtype_written", 'y', LOAD "m.half()");
    ASKED("dtype_written", 'y', LOAD "m = m.to(torch.bfloat16)");
    ASKED("dtype_written", 'y', LOAD "m = m.to('cuda', dtype=d)");
    ASKED("dtype_written", 'n', LOAD "m.to('cuda')");
    ASKED("dtype_written", 'n', LOAD "x.half()");
    ASKED("dtype_written", 'u', CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, **kw)$");
}

static void texts(void) {
    ASKED("one_text", 'y', BOTH "$tok('a', return_tensors='pt')$");
    ASKED("one_text", 'y', BOTH "$tok(f'a {b}')$");
    ASKED("one_text", 'y', BOTH "t = input()\n$tok(t)$");
    ASKED("one_text", 'y', BOTH "def f(t: str):\n  return $tok(t)$");
    ASKED("one_text", 'y', BOTH "$tok('a' + b)$");
    ASKED("one_text", 'y', BOTH "$tok('a {}'.format(b))$");
    ASKED("one_text", 'y', BOTH "$tok([b])$");
    ASKED("one_text", 'y', BOTH "$tok(b, is_split_into_words=True)$");
    ASKED("one_text", 'y',
          BOTH "c = [{'role': 'user'}, {'role': 'a'}]\n"
               "t = tok.apply_chat_template(c, tokenize=False)\n$tok(t)$");
    ASKED("one_text", 'y', BOTH "ts = ['a', 'b']\nfor t in ts:\n  $tok(t)$");
    ASKED("one_text", 'n', BOTH "$tok(['a', 'b'])$");
    ASKED("one_text", 'n', BOTH "$tok([f(x) for x in y])$");
    ASKED("one_text", 'n', BOTH "def f(t: list[str]):\n  return $tok(t)$");
    ASKED("one_text", 'n', BOTH "$tok(a[i:i + 8])$");
    ASKED("one_text", 'n', BOTH "$tok(list(a))$");
    ASKED("one_text", 'y', BOTH "$tok([b] * n)$");
    ASKED("one_text", 'y', BOTH "$tok([b for _ in range(3)])$");
    ASKED("one_text", 'y', BOTH "$tok(['a', 'a'])$");
    ASKED("one_text", 'y', BOTH "ts = [b] * 3\n$tok(ts[:2])$");
    ASKED("one_text", 'n', BOTH "ts = [b] * 3\nts.append(c)\n$tok(ts)$");
    ASKED("one_text", 'n', BOTH "$tok([f() for _ in range(3)])$");
    ASKED("one_text", 'n', BOTH "$tok([b] * n, [f(x) for x in y])$");
    ASKED("one_text", 'u', BOTH "$tok([b] * n, answers)$");
    ASKED("one_text", 'y', BOTH "def f(t):\n  return $tok(t)$\nf('a')\nf(t='b')");
    ASKED("one_text", 'n', BOTH "def f(t):\n  return $tok(t)$\nf(['a', 'b'])\nf(t=list(b))");
    ASKED("one_text", 'u', BOTH "def f(t):\n  return $tok(t)$\nf(['a', 'b'])\nf('b')");
    ASKED("one_text", 'u', BOTH "def f(t):\n  return $tok(t)$\nf(['a', 'b'])\nf(b)");
    ASKED("one_text", 'u', BOTH "def f(t):\n  return $tok(t)$\nf(['a', 'b'])\ng(f)");
    ASKED("one_text", 'n', BOTH "def c(t):\n  yield t[0:8]\nfor b in c(ts):\n  $tok(b)$");
    ASKED("one_text", 'u', BOTH "def c(t):\n  yield t[0]\nfor b in c(ts):\n  $tok(b)$");
    ASKED("one_text", 'u', BOTH "$tok(t)$");
    ASKED("one_text", 'u', BOTH "def f(t):\n  return $tok(t)$");
    ASKED("one_text", 'u', BOTH "$tok(batch['text'])$");
    ASKED("one_text", 'u', BOTH "for t in data:\n  $tok(t)$");
    ASKED("many_texts", 'y', BOTH "ts = ['a', 'b']\n$tok(ts, return_tensors='pt')$");
    ASKED("many_texts", 'y', BOTH "$tok(['a', 'b c'] * 2)$");
    ASKED("many_texts", 'n', BOTH "$tok(['a'] * 2)$");
    ASKED("many_texts", 'y', BOTH "$tok(['a'] * 2, ['b', 'c d'])$");
    ASKED("many_texts", 'y', BOTH "def f(t):\n  return $tok(t)$\nf(['a', 'b c'])");
    ASKED("many_texts", 'n', BOTH "$tok('a')$");
    ASKED("many_texts", 'n', BOTH "$tok(['a'])$");
    ASKED("many_texts", 'u', BOTH "$tok([*a, *b])$");
    ASKED("many_texts", 'u', BOTH "$tok([f(x) for x in y])$");
    ASKED("many_texts", 'u', BOTH "ts = ['a', 'b']\nts.pop()\n$tok(ts)$");
}

static void padding(void) {
    ASKED("pads", 'y', TOK "tok('a', padding=True)");
    ASKED("pads", 'y', TOK "tok('a', padding='max_length')");
    ASKED("pads", 'y', TOK "tok.pad(x)");
    ASKED("pads", 'y',
          TOK "from transformers import DataCollatorWithPadding\nDataCollatorWithPadding(tok)");
    ASKED("pads", 'y',
          TOK "m = AutoModelForCausalLM.from_pretrained('gpt2')\n"
              "x = tok(['a', 'b'], return_tensors='pt')\nm.generate(**x)");
    ASKED("pads", 'n', TOK "tok('a', padding=False)");
    ASKED("pads", 'n', TOK "tok('a')");
    ASKED("pads", 'n', TOK "other('a', padding=True)");
    ASKED("pads", 'u', TOK "tok('a', padding=p)");
    ASKED("pads", 'u', TOK "tok('a', **kw)");
    ASKED("padded", 'y', BOTH "$tok(a, padding=True)$");
    ASKED("padded", 'n', BOTH "$tok(a)$");
    ASKED("padded", 'u', BOTH "$tok(a, padding=p)$");
    ASKED("batch_generated", 'y',
          TOK "m = AutoModelForCausalLM.from_pretrained('gpt2')\n"
              "x = tok(['a', 'b'], padding=True, return_tensors='pt')\nm.generate(**x)");
    ASKED("batch_generated", 'n',
          TOK "m = AutoModelForCausalLM.from_pretrained('gpt2')\n"
              "x = tok('a', padding=True, return_tensors='pt')\nm.generate(**x)");
    ASKED("batch_generated", 'n', TOK "x = tok(['a', 'b'], padding=True, return_tensors='pt')");
    ASKED("batch_generated", 'u',
          TOK "m = AutoModelForCausalLM.from_pretrained('gpt2')\n"
              "x = tok(b, padding=True, return_tensors='pt')\nm.generate(**x)");

    ASKED("pad_token_set", 'y', "tok.pad_token = tok.eos_token\n$x$");
    ASKED("pad_token_set", 'y', "m.config.pad_token_id = 1\n$x$");
    ASKED("pad_token_set", 'y', "d = {'pad_token': '[PAD]'}\n$x$");
    ASKED("pad_token_set", 'y', "tok.add_special_tokens(d)\n$x$");
    ASKED("pad_token_set", 'y', "tok = T.from_pretrained(p, pad_token='<pad>')\n$x$");
    ASKED("pad_token_set", 'n', "print(tok.pad_token)\n$x$");
    ASKED("pad_token_set", 'n', "m.generate(pad_token_id=1)\n$x$");
    ASKED("pad_token_set", 'n', "tok(a, add_special_tokens=False)\n$x$");
    ASKED("pad_token_set", 'n', "tok.eos_token = tok.pad_token\n$x$");
    ASKED("padding_side_set", 'y', "tok.padding_side = 'left'\n$x$");
    ASKED("padding_side_set", 'y', "T.from_pretrained(p, padding_side='left')\n$x$");
    ASKED("padding_side_set", 'n', "a = tok.padding_side\n$x$");
    ASKED("in_map", 'y', BOTH "def f(e):\n  return $tok(e['text'])$\nds.map(f, batched=True)");
    ASKED("in_map", 'y', BOTH "ds.map(lambda e: $tok(e['text'])$)");
    ASKED("in_map", 'n', BOTH "def f(e):\n  return $tok(e['text'])$\nf(ds)");
    ASKED("in_map", 'n', BOTH "$tok(a)$\nds.map(g)");
}

static Str consumer(const char *code) {
    return ask("consumer", code, (Str){0}).text;
}

static void feeds(void) {
    ASKED("feeds_generate", 'y', BOTH "x = $tok('a', return_tensors='pt')$\nm.generate(**x)");
    ASKED("feeds_generate", 'y',
          BOTH "x = $tok('a', return_tensors='pt')$.to('cuda')\nm.generate(x.input_ids)");
    ASKED("feeds_generate", 'y',
          BOTH "x = $tok('a', return_tensors='pt')$['input_ids']\nm.generate(x)");
    ASKED("feeds_generate", 'n', BOTH "x = $tok('a', return_tensors='pt')$\nm(**x)");
    ASKED("feeds_generate", 'n', BOTH "x = $tok('a', return_tensors='pt')$\nprint(x)");
    ASKED("feeds_generate", 'u', BOTH "x = $tok('a', return_tensors='pt')$\nrun(x)");
    ASKED("feeds_model", 'y', BOTH "x = $tok('a')$\nm(**x)");
    ASKED("feeds_model", 'n', BOTH "x = $tok('a')$\nlen(x)");
    ASKED("feeds_forward", 'y', BOTH "x = $tok('a')$\nm(**x)");
    ASKED("feeds_forward", 'n', BOTH "x = $tok('a')$\nm.generate(**x)");
    ASKED("feeds_forward", 'u', BOTH "x = $tok('a')$\nrun(x)");
    ASKED("chat_text", 'y', BOTH "t = tok.apply_chat_template(c, tokenize=False)\n$tok(t)$");
    ASKED("chat_text", 'y', BOTH "$tok([tok.apply_chat_template(c, tokenize=False) for c in cs])$");
    ASKED("chat_text", 'n', BOTH "t = 'a'\n$tok(t)$");
    ASKED("chat_text", 'u', BOTH "def f(t):\n  $tok(t)$");
    ASKED("max_length_known", 'y', BOTH "$tok(t, max_length=5)$");
    ASKED("max_length_known", 'y',
          "from transformers import BertTokenizer as T\nt = T.from_pretrained(p)\n$t(a)$");
    ASKED("max_length_known", 'u', BOTH "$tok(t)$");
    ASKED("max_length_known", 'u', BOTH "$tok(t, padding='max_length')$");
    ASKED("feeds_loss", 'y', BOTH "x = $tok('a')$\nm(**x, labels=x['input_ids'])");
    ASKED("feeds_loss", 'n', BOTH "x = $tok('a')$\nm(**x)");
    ASKED("feeds_encoder", 'y',
          "from transformers import AutoTokenizer, AutoModelForSequenceClassification as M\n"
          "t = AutoTokenizer.from_pretrained(p)\nm = M.from_pretrained(p)\nx = $t(a)$\nm(**x)");
    ASKED("feeds_encoder", 'n', BOTH "x = $tok('a')$\nm.generate(**x)");
    ASKED("labels_from", 'y', BOTH "x = $tok('a')$\nx['labels'] = x['input_ids'].clone()\nm(**x)");
    ASKED("labels_from", 'y', BOTH "x = $tok('a')$\nlabels = x.input_ids\nm(**x)");
    ASKED("labels_from", 'n', BOTH "x = $tok('a')$\nm(**x)");
    ASKED("only_input_ids", 'y', BOTH "ids = $tok('a')$.input_ids\nm.generate(ids)");
    ASKED("only_input_ids", 'n', BOTH "x = $tok('a')$\nm.generate(**x)");
    ASKED("only_input_ids", 'n',
          BOTH "x = $tok('a')$\nm.generate(x.input_ids, attention_mask=x.attention_mask)");
    ASKED("already_moved", 'y', BOTH "x = $tok('a')$.to('cuda')\nm(**x)");
    ASKED("already_moved", 'y', BOTH "x = $tok('a')$\nx.to('cuda')\nm(**x)");
    ASKED("already_moved", 'y', BOTH "x = $tok('a')$\nm(**x.to(d))");
    ASKED("already_moved", 'y',
          BOTH "x = $tok('a')$\nx = {k: v.to(d) for k, v in x.items()}\nm(**x)");
    ASKED("already_moved", 'y', BOTH "x = $tok('a')$\nfor k in x:\n  x[k] = x[k].to(d)\nm(**x)");
    ASKED("already_moved", 'y', BOTH "ids = $tok('a')$.input_ids.cuda()\nm(ids)");
    ASKED("already_moved", 'n', BOTH "x = $tok('a')$\nm(**x)");
    ASKED("already_moved", 'n', BOTH "x = $tok('a')$\nm.to('cuda')\nm(**x)");
    ASKED("already_moved", 'n', BOTH "x = $tok('a')$\nn = x.input_ids.shape[1]\nm(**x)");
    ASKED("reads_numpy", 'y', BOTH "x = $tok('a')$\na = x['input_ids'].numpy()\nm(**x)");
    ASKED("reads_numpy", 'n', BOTH "x = $tok('a')$\nm(**x)");

    CHECK_STR(consumer(BOTH "$x$ = tok('a', return_tensors='pt')\nm(**x)"), S("m"));
    CHECK_STR(consumer(BOTH "$x$ = tok('a', return_tensors='pt')\nm.generate(**x)\nm(**x)"),
              S("m"));
    CHECK_STR(consumer(BOTH "$x$ = tok('a', return_tensors='pt')\nm.generate(x['input_ids'], "
                            "attention_mask=x['attention_mask'])"),
              S("m"));
    CHECK_STR(consumer(BOTH "k = AutoModelForCausalLM.from_pretrained(p)\n$x$ = tok('a', "
                            "return_tensors='pt')\nm(**x)\nk(**x)"),
              S(""));
    CHECK_STR(consumer(BOTH "$x$ = tok('a', return_tensors='pt')\nother(**x)"), S(""));
    CHECK_STR(consumer(BOTH "$x$ = tok('a', return_tensors='pt')\nprint(x)"), S(""));
    CHECK_STR(consumer(BOTH "$x$ = tok('a')\nm(**x)"), S(""));
    CHECK_STR(consumer(BOTH "$x$ = tok('a', return_tensors='np')\nm(**x)"), S(""));
    CHECK_STR(consumer(BOTH "$x$ = tok('a', return_tensors='pt')\n"
                            "m.generate(y, eos_token_id=x.input_ids[-1])"),
              S(""));
    CHECK_STR(consumer(CAUSAL "class A:\n  def __init__(self):\n"
                              "    self.tok = AutoTokenizer.from_pretrained(p)\n"
                              "    self.m = AutoModelForCausalLM.from_pretrained(p)\n"
                              "  def go(self, t):\n    $x$ = self.tok(t, return_tensors='pt')\n    "
                              "return self.m.generate(**x)"),
              S("self.m"));
}

static Tri bound(const char *code, const char *name, const char *place) {
    const Module *module = snippet(code);
    FactContext context = {.module = module, .project = &project};
    FactArg args[2] = {{.node = nth(module, name, -1)}, {.node = nth(module, place, 1)}};
    return fact_find(S("bound_before"))->ask(&context, args, 2).tri;
}

/* The last m and the last x of the code. */
static Tri bound_when_made(const char *code) {
    const Module *module = snippet(code);
    FactContext context = {.module = module, .project = &project};
    FactArg args[2] = {{.node = nth(module, "m", -1)}, {.node = nth(module, "x", -1)}};
    return fact_find(S("bound_when_made"))->ask(&context, args, 2).tri;
}

static void generation(void) {
    CHECK_INT(bound("m = f()\nx = t(a)\nm(x)", "m", "t(a)"), TRI_YES);
    CHECK_INT(bound("m = f()\ndef g():\n  x = t(a)\n  m(x)", "m", "t(a)"), TRI_YES);
    CHECK_INT(bound("def g(m):\n  x = t(a)\n  m(x)", "m", "t(a)"), TRI_YES);
    CHECK_INT(bound("x = t(a)\nm = f()\nm(x)", "m", "t(a)"), TRI_NO);
    CHECK_INT(bound("if c:\n  m = f()\nx = t(a)\nm(x)", "m", "t(a)"), TRI_NO);
    CHECK_INT(bound("def g():\n  x = t(a)\n  m = f()\n  m(x)", "m", "t(a)"), TRI_NO);
    CHECK_INT(bound_when_made("m = f()\nx = t(a)\nm(x)"), TRI_YES);
    CHECK_INT(bound_when_made("x = t(a)\nm = f()\nm(x)"), TRI_NO);
    CHECK_INT(bound_when_made("def g(x):\n  m = f()\n  m(x)"), TRI_UNKNOWN);

    ASKED("length_given", 'y', BOTH "$m.generate(x, max_new_tokens=5)$");
    ASKED("length_given", 'y', BOTH "$m.generate(x, c)$");
    ASKED("length_given", 'y', BOTH "kw = dict(max_length=5)\n$m.generate(x, **kw)$");
    ASKED("length_given", 'y', BOTH "$m.generate(x, stopping_criteria=s)$");
    ASKED("length_given", 'n', BOTH "$m.generate(x)$");
    ASKED("length_given", 'n', BOTH "x = tok('a')\n$m.generate(**x, do_sample=True)$");
    ASKED("length_given", 'u', BOTH "$m.generate(x, **kw)$");
    ASKED("generation_config_elsewhere", 'y', "m.generation_config.max_length = 5\n$x$");
    ASKED("generation_config_elsewhere", 'y', "m.generation_config = c\n$x$");
    ASKED("generation_config_elsewhere", 'n', "c = m.generation_config\n$x$");
    ASKED("first_token_only", 'y', BOTH "o = $m.generate(x)$\nl = o.scores[0]");
    ASKED("first_token_only", 'n', BOTH "o = $m.generate(x)$\nprint(o[0])");
    ASKED("first_token_only", 'u', BOTH "o = $m.generate(x)$\nl = o.scores[0]\nt = o.sequences");
    ASKED("first_token_only", 'n', BOTH "o = $m.generate(x)$\nl = o.scores[1]");
}

static void expressions(void) {
    CHECK_STR(ask("literal", "f($True$)", (Str){0}).text, S("True"));
    CHECK_STR(ask("literal", "f($False$)", (Str){0}).text, S("False"));
    CHECK_STR(ask("literal", "f($'auto'$)", (Str){0}).text, S("auto"));
    ASKED("literal", 'n', "f($a$)");
    ASKED("literal", 'n', "f($not a$)");
    ASKED("literal", 'n', "f($f'{a}'$)");
    ASKED("simple", 'y', "f($a$)");
    ASKED("simple", 'y', "f($a.b['c']$)");
    ASKED("simple", 'n', "f($a()$)");
    ASKED("simple", 'n', "f($a().b$)");
    ASKED("simple", 'n', "f($a[i + 1]$)");
    ASKED("simple", 'n', "f($a and b$)");
    ASKED("in_loop", 'y', "for i in a:\n  f($i$)");
    ASKED("in_loop", 'n', "for i in $a$:\n  f(i)");
}

static Tri is_a(const char *code, const char *type) {
    Node node;
    const Module *module = snippet_marked(code, &node);
    return type_is(&(FactContext){.module = module, .project = &project}, node, str_from(type));
}

#define TOKENIZER "transformers.PreTrainedTokenizerBase"
#define MODEL     "transformers.PreTrainedModel"
#define ENCODING  "transformers.BatchEncoding"

static void types(void) {
    CHECK_INT(is_a(BOTH "$tok$.encode_plus(a)", TOKENIZER), TRI_YES);
    CHECK_INT(is_a(BOTH "$tok(a)$", ENCODING), TRI_YES);
    CHECK_INT(is_a(BOTH "$tok.encode_plus(a)$", ENCODING), TRI_YES);
    CHECK_INT(is_a(BOTH "x = tok(a).to('cuda')\nf($x$)", ENCODING), TRI_YES);
    CHECK_INT(is_a(BOTH "$m$.generate(x)", MODEL), TRI_YES);
    CHECK_INT(is_a("def f($t$: 'x'): pass", TOKENIZER), TRI_UNKNOWN);
    CHECK_INT(is_a("from transformers import PreTrainedTokenizer as P\ndef f(t: P):\n  $t$(a)",
                   TOKENIZER),
              TRI_YES);
    CHECK_INT(
        is_a("from typing import Optional\nfrom transformers import PreTrainedTokenizer as P\n"
             "def f(t: Optional[P] = None):\n  $t$(a)",
             TOKENIZER),
        TRI_YES);
    CHECK_INT(
        is_a("from transformers import Trainer\nclass T(Trainer):\n  def f(self):\n    $self$.x",
             "transformers.Trainer"),
        TRI_YES);
    CHECK_INT(is_a("from transformers import Trainer\nclass T(Trainer): pass\nt = T()\n$t$.x",
                   "transformers.Trainer"),
              TRI_YES);
    CHECK_INT(is_a("from transformers import Seq2SeqTrainingArguments as A\na = A('d')\n$a$.x",
                   "transformers.TrainingArguments"),
              TRI_YES);
    CHECK_INT(is_a("from trl import SFTConfig\na = SFTConfig('d')\n$a$.x",
                   "transformers.TrainingArguments"),
              TRI_YES);
    CHECK_INT(is_a("from transformers import AutoProcessor\np = "
                   "AutoProcessor.from_pretrained(i)\n$p.tokenizer$.x",
                   TOKENIZER),
              TRI_YES);
    CHECK_INT(is_a("from transformers import pipeline\np = pipeline('ner')\n$p$(a)",
                   "transformers.Pipeline"),
              TRI_YES);
    CHECK_INT(
        is_a("from peft import PeftModel\np = PeftModel.from_pretrained(a, b)\n$p$(a)", MODEL),
        TRI_YES);
    CHECK_INT(is_a("from transformers.models.auto.tokenization_auto import AutoTokenizer as "
                   "A\n$A.from_pretrained(p)$",
                   TOKENIZER),
              TRI_YES);
    CHECK_INT(is_a("from transformers import HfArgumentParser, TrainingArguments\n"
                   "p = HfArgumentParser((M, TrainingArguments))\n"
                   "m, t = p.parse_args_into_dataclasses()\n$t$.x",
                   "transformers.TrainingArguments"),
              TRI_YES);
    CHECK_INT(is_a("from transformers import HfArgumentParser, TrainingArguments\n"
                   "p = HfArgumentParser((M, TrainingArguments))\n"
                   "m, t = p.parse_args_into_dataclasses()\n$m$.x",
                   "transformers.TrainingArguments"),
              TRI_UNKNOWN);
    CHECK_INT(is_a("from transformers import HfArgumentParser, TrainingArguments\n"
                   "p = HfArgumentParser((M, TrainingArguments))\n"
                   "if c:\n  m, t = p.parse_json_file(f)\nelse:\n  m, t = "
                   "p.parse_args_into_dataclasses()\n$t$.x",
                   "transformers.TrainingArguments"),
              TRI_YES);
    CHECK_INT(is_a("from argparse import ArgumentParser\np = ArgumentParser()\n"
                   "m, t = p.parse_known_args()\n$t$.x",
                   "transformers.TrainingArguments"),
              TRI_UNKNOWN);
    /* Look-alikes. */
    CHECK_INT(is_a(BOTH "x = tok.apply_chat_template(c)\nf($x$)", ENCODING), TRI_UNKNOWN);
    CHECK_INT(is_a(BOTH "$tok$(a)", MODEL), TRI_NO);
    CHECK_INT(is_a(BOTH "$m$(a)", TOKENIZER), TRI_NO);
    CHECK_INT(is_a("from tokenizers import Tokenizer\nt = Tokenizer.from_pretrained(p)\n$t$(a)",
                   TOKENIZER),
              TRI_NO);
    CHECK_INT(is_a("class Tokenizer:\n  pass\nt = Tokenizer()\n$t$(a)", TOKENIZER), TRI_NO);
    CHECK_INT(is_a("t = 'a'\n$t$.x", TOKENIZER), TRI_NO);
    CHECK_INT(
        is_a("from transformers import TFAutoModel\nm = TFAutoModel.from_pretrained(p)\n$m$(a)",
             MODEL),
        TRI_NO);
    CHECK_INT(is_a("from transformers import BertConfig\nm = BertConfig.from_pretrained(p)\n$m$.a",
                   MODEL),
              TRI_NO);
    CHECK_INT(is_a("from transformers import LogitsProcessor\nm = LogitsProcessor()\n$m$.a",
                   "transformers.ProcessorMixin"),
              TRI_NO);
    CHECK_INT(is_a(BOTH "if c:\n  t = tok\nelse:\n  t = other\n$t$(a)", TOKENIZER), TRI_UNKNOWN);
    CHECK(!library_returns_self(NULL, S("generate")));
    CHECK(library_returns_self(NULL, S("cuda")));
    CHECK(fact_find(S("decoder_only")) && !fact_find(S("decoder_onl")));
}

static double floor_of(const char *library) {
    return ask("floor", "pass", str_from(library)).number;
}

static void versions(void) {
    Target targets[2] = {{.library = S("huggingface-hub")},
                         {.library = S("transformers")}}; /* sorted */
    CHECK(range_parse(S(">=4.56.1,<5"), &targets[1].range));
    CHECK(range_parse(S(""), &targets[0].range));
    project = (Project){.targets = targets, .n_targets = 2};
    CHECK(floor_of("transformers") == 4056001);
    CHECK(ask("ceiling", "pass", S("transformers")).number == 5000000);
    CHECK(floor_of("huggingface_hub") == 0);
    CHECK(floor_of("trl") == 0);
    CHECK_INT(ask("floor", "pass", S("trl")).tri, TRI_YES);
    CHECK(ask("ceiling", "pass", S("trl")).number > 1e12);
    project = (Project){0};
}

/* What stands in every file that has such a value. */
static void makers(void) {
    CHECK_STR(type_needs(&snippet_arena, S("huggingface_hub.HfApi")), S("HfApi"));
    CHECK_STR(type_needs(&snippet_arena, S("huggingface_hub.ModelInfo")),
              S("ModelInfo|model_info|HfApi"));
    CHECK_STR(type_needs(&snippet_arena, S("sentence_transformers.SentenceTransformer")),
              S("SentenceTransformer|SparseEncoder"));
    Str datasets = type_needs(&snippet_arena, S("datasets.Dataset"));
    CHECK(str_find(datasets, S("load_dataset")) >= 0 && str_find(datasets, S("from_dict")) >= 0);
    CHECK(str_find(type_needs(&snippet_arena, S("peft.PeftModel")), S("peft")) >= 0);
    CHECK_STR(type_needs(&snippet_arena, S("transformers.PreTrainedModel")), S(""));
}

static void close_all(void) {
    snippet_close();
}

UNIT_MAIN(sizes, checkpoints, families, inference, whole_file, placement, texts, padding, feeds,
          generation, expressions, types, versions, makers, close_all)

/* The words about how a model is trained. */
#include "tests/facts.h"

#define LOAD CAUSAL "m = $AutoModelForCausalLM.from_pretrained('o/x-7b')$\n"
#define TRAIN                                                                     \
    "from transformers import AutoModelForCausalLM, Trainer, TrainingArguments\n" \
    "m = AutoModelForCausalLM.from_pretrained('o/x-7b')\n"

static Str text(const char *word, const char *code) {
    return ask(word, code, (Str){0}).text;
}

static void trained_models(void) {
    CHECK_STR(text("trained_model", TRAIN "a = $TrainingArguments('d')$\nt = Trainer(m, a)\n"
                                          "t.train()"),
              S("m"));
    CHECK_STR(text("trained_model",
                   TRAIN "t = Trainer(args=$TrainingArguments('d')$, model=m)\nt.train()"),
              S("m"));
    CHECK_STR(text("trained_model", TRAIN "class T(Trainer):\n  pass\n"
                                          "T(model=m, args=$TrainingArguments('d')$).train()"),
              S("m"));
    /* Only evaluated, another trainer, another set of arguments, several models. */
    CHECK_STR(text("trained_model", TRAIN "t = Trainer(m, $TrainingArguments('d')$)\nt.evaluate()"),
              S(""));
    CHECK_STR(text("trained_model", TRAIN "a = $TrainingArguments('d')$\nt = Train(m, a)\n"
                                          "t.train()"),
              S(""));
    CHECK_STR(text("trained_model",
                   TRAIN "a = $TrainingArguments('d')$\nb = TrainingArguments('e')\n"
                         "t = Trainer(m, b)\nt.train()"),
              S(""));
    CHECK_STR(text("trained_model", TRAIN "a = $TrainingArguments('d')$\nTrainer(m, a).train()\n"
                                          "k = AutoModelForCausalLM.from_pretrained('o/y')\n"
                                          "Trainer(k, a).train()"),
              S(""));

    CHECK_STR(text("base_model", TRAIN "from peft import get_peft_model\n"
                                       "p = get_peft_model(m, c)\nf($p$)"),
              S("AutoModelForCausalLM.from_pretrained('o/x-7b')"));
    CHECK_STR(text("base_model",
                   TRAIN "from peft import get_peft_model as g, prepare_model_for_kbit_training as "
                         "q\np = g(peft_config=c, model=q(m))\nf($p$)"),
              S("AutoModelForCausalLM.from_pretrained('o/x-7b')"));
    CHECK_STR(text("base_model", TRAIN "p = wrap(m)\nf($p$)"), S(""));
    CHECK_STR(text("base_model", "def f($m$): pass"), S(""));
}

static void preparation(void) {
    ASKED("kbit_prepared", 'y', "from peft import prepare_model_for_kbit_training as p\n$x$");
    ASKED("kbit_prepared", 'y', "m = peft.prepare_model_for_int8_training(m)\n$x$");
    ASKED("kbit_prepared", 'n', "m = prepare_model(m)\n$x$");
    ASKED("prepared_by_hand", 'y',
          "for p in m.parameters():\n  p.requires_grad = False\n  p.data = p.data.to(t.float32)\n"
          "$x$");
    ASKED("prepared_by_hand", 'y',
          "for p in m.parameters():\n  p.requires_grad = False\n  p.data = p.float()\n$x$");
    ASKED("prepared_by_hand", 'n',
          "for p in m.parameters():\n  p.requires_grad = True\n  p.data = p.float()\n$x$");
    ASKED("prepared_by_hand", 'n', "for p in m.parameters():\n  p.requires_grad = False\n$x$");
    ASKED("fsdp", 'y', "a = TrainingArguments('d', fsdp='full_shard')\n$x$");
    ASKED("fsdp", 'n', "a = TrainingArguments('d', deepspeed='z.json')\n$x$");
    ASKED("checkpointing_set", 'y', "m.gradient_checkpointing_enable()\n$x$");
    ASKED("checkpointing_set", 'y', "a = dict(gradient_checkpointing=False)\n$x$");
    ASKED("checkpointing_set", 'y', "import unsloth\n$x$");
    ASKED("checkpointing_set", 'n', "a = dict(save_checkpoint=1)\n$x$");
    ASKED("input_grads", 'y', "m.enable_input_require_grads()\n$x$");
    ASKED("input_grads", 'n', "m.requires_grad_(True)\n$x$");
}

static void loads(void) {
    ASKED("bitsandbytes", 'u',
          "from transformers import AutoModel, BitsAndBytesConfig\n"
          "c = BitsAndBytesConfig() if a else None\n"
          "m = $AutoModel.from_pretrained(p, quantization_config=c)$");
    ASKED("bitsandbytes", 'u',
          "from transformers import AutoModel, BitsAndBytesConfig\nc = None\nif a:\n"
          "  c = BitsAndBytesConfig()\n"
          "m = $AutoModel.from_pretrained(p, quantization_config=c)$");
    ASKED("bitsandbytes", 'y',
          CAUSAL "from peft import get_peft_model\nclass A:\n  def __init__(self):\n"
                 "    self.m = AutoModelForCausalLM.from_pretrained(p, load_in_8bit=True)\n"
                 "  def go(self):\n    self.m = get_peft_model($self.m$, c)\n");
    ASKED("bitsandbytes", 'u',
          CAUSAL "from peft import get_peft_model\nclass A:\n  def __init__(self):\n"
                 "    self.m = AutoModelForCausalLM.from_pretrained(p, load_in_8bit=True)\n"
                 "  def go(self):\n    self.m = get_peft_model(other, c)\n    f($self.m$)\n");
    ASKED("dispatched", 'y',
          CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, device_map='auto')$");
    ASKED("dispatched", 'y',
          CAUSAL "from peft import PeftModel\n"
                 "m = AutoModelForCausalLM.from_pretrained(p, device_map='balanced')\n"
                 "m = PeftModel.from_pretrained(m, q)\nf($m$)");
    ASKED("dispatched", 'n', LOAD);
    ASKED("dispatched", 'n',
          CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, device_map='cuda')$");
    ASKED("dispatched", 'n',
          CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, device_map={'': 0})$");
    ASKED("dispatched", 'n',
          CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, device_map=None)$");
    ASKED("dispatched", 'u', CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, device_map=d)$");
    ASKED("dispatched", 'u', CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, **kw)$");
    ASKED("dispatched", 'u',
          CAUSAL "if a:\n  m = AutoModelForCausalLM.from_pretrained(p, device_map='auto')\n"
                 "else:\n  m = AutoModelForCausalLM.from_pretrained(p)\nf($m$)");
    ASKED("dispatched", 'u',
          CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, device_map='auto')$\nm.to('cpu')");
    ASKED("dispatched", 'u',
          "from diffusers import DiffusionPipeline as D\n"
          "m = $D.from_pretrained(p, device_map='balanced')$");
    ASKED("gpu_device", 'y', "m.to($'cuda'$)");
    ASKED("gpu_device", 'y', "m.to($'cuda:1'$)");
    ASKED("gpu_device", 'y', "d = 'cuda' if a else 'cpu'\nm.to($d$)");
    ASKED("gpu_device", 'n', "m.to($'cpu'$)");
    ASKED("gpu_device", 'n', "m.to($'mps'$)");
    ASKED("gpu_device", 'n', "import torch\nm.to($torch.float16$)");
    ASKED("gpu_device", 'u', "m.to($d$)");
    ASKED("loads_float16", 'y',
          CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, torch_dtype=torch.float16)$");
    ASKED("loads_float16", 'y',
          CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, dtype='float16')$");
    ASKED("loads_float16", 'y', LOAD "m.half()");
    ASKED("loads_float16", 'n', LOAD "x.half()");
    ASKED("loads_float16", 'n',
          CAUSAL "m = $AutoModelForCausalLM.from_pretrained(p, torch_dtype=torch.bfloat16)$");
    ASKED("training", 'y',
          LOAD "from transformers import Trainer\nclass T(Trainer):\n  pass\nt = T(m, a)");
}

static void close_all(void) {
    snippet_close();
}

UNIT_MAIN(trained_models, preparation, loads, close_all)

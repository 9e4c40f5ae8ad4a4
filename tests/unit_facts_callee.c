/* Where a call's keywords get to: by subclasses, super(), cls, partials and wrappers; and the code
 * that only looks so. The rule is about the keyword `old`. */
#include "tests/facts.h"

static Tri calls(const char *callable, const char *code) {
    Node site = 0;
    const Module *module = snippet_marked(code, &site);
    Str keywords[] = {S("old"), S("new")};
    FactContext context = {.module = module,
                           .project = &project,
                           .site = site,
                           .keywords = keywords,
                           .n_keywords = COUNT(keywords)};
    FactArg arg = {.text = str_from(callable)};
    return fact_find(S("calls"))->ask(&context, &arg, 1).tri;
}

#define CALLS(callable, want, code) CHECK_INT(calls(callable, code), TRI_##want)
#define LOAD                        "transformers.PreTrainedModel.from_pretrained"
#define ARGS                        "transformers.TrainingArguments"
#define AUTO                        "from transformers import AutoModel\n"
#define TRAIN                       "from transformers import Trainer, TrainingArguments\n"

static void names(void) {
    CALLS(LOAD, YES, AUTO "$AutoModel.from_pretrained(x, old=1)$");
    CALLS(LOAD, YES, "import transformers as t\n$t.BertModel.from_pretrained(x, old=1)$");
    CALLS(LOAD, YES, "from peft import AutoPeftModel\n$AutoPeftModel.from_pretrained(x, old=1)$");
    CALLS(LOAD, NO, "from transformers import AutoTokenizer\n$AutoTokenizer.from_pretrained(x)$");
    CALLS(LOAD, NO, AUTO "$AutoModel.from_config(x, old=1)$");
    CALLS(LOAD, UNKNOWN, "from a import M\n$M.from_pretrained(x, old=1)$");
    CALLS(LOAD, UNKNOWN, "$model.from_pretrained(x, old=1)$");
    CALLS("transformers.*.from_pretrained", YES,
          "from transformers import AutoTokenizer\n$AutoTokenizer.from_pretrained(x, old=1)$");
    CALLS("transformers.pipeline", YES, "import transformers\n$transformers.pipeline(old=1)$");
    CALLS("transformers.pipeline", NO, AUTO "$AutoModel(old=1)$");
    CALLS(ARGS, YES, "from trl import SFTConfig\n$SFTConfig(old=1)$");
    CALLS(ARGS, NO, TRAIN "$Trainer(old=1)$");
}

static void objects(void) {
    CALLS("huggingface_hub.HfApi.*", YES,
          "from huggingface_hub import HfApi\na = HfApi()\n$a.model_info(old=1)$");
    CALLS("huggingface_hub.HfApi.*", YES,
          "from huggingface_hub import HfApi\n$HfApi().model_info(old=1)$");
    CALLS("huggingface_hub.HfApi.*", UNKNOWN, "def f(a):\n  $a.model_info(old=1)$");
}

static void classes(void) {
    CALLS(ARGS, YES, TRAIN "class A(TrainingArguments): pass\n$A(old=1)$");
    CALLS(ARGS, NO, TRAIN "class A(TrainingArguments):\n  old: int = 1\n$A(old=1)$");
    CALLS(ARGS, UNKNOWN, TRAIN "from a import B\nclass A(B): pass\n$A(old=1)$");
    CALLS(ARGS, YES,
          TRAIN "class A(TrainingArguments):\n  def __init__(self, a, **k):\n"
                "    super().__init__(a, **k)\n$A(1, old=1)$");
    CALLS(ARGS, YES,
          TRAIN
          "class A(TrainingArguments):\n  def __init__(self):\n    $super().__init__(old=1)$");
    CALLS(ARGS, YES,
          TRAIN "class A(TrainingArguments):\n  def __init__(self):\n"
                "    $TrainingArguments.__init__(self, old=1)$");
    CALLS(ARGS, NO,
          TRAIN "class A(TrainingArguments):\n  def __init__(self, old):\n"
                "    super().__init__()\n$A(old=1)$");
    CALLS(ARGS, NO,
          TRAIN "class A(TrainingArguments):\n  def __init__(self, old, **k):\n"
                "    super().__init__(**k)\n$A(old=1)$");
    CALLS(ARGS, YES,
          TRAIN "class A(TrainingArguments): pass\nclass B(A):\n  def __init__(self, **k):\n"
                "    super().__init__(**k)\n$B(old=1)$");
    CALLS(LOAD, YES,
          AUTO "from transformers import BertModel\nclass M(BertModel):\n  @classmethod\n"
               "  def f(cls):\n    return $cls.from_pretrained(x, old=1)$");
    CALLS(LOAD, YES,
          "from transformers import BertModel\nclass M(BertModel):\n  def f(self):\n"
          "    return $self.__class__.from_pretrained(x, old=1)$");
    CALLS(ARGS, YES,
          TRAIN "class A(TrainingArguments):\n  def f(self):\n    return $type(self)(old=1)$");
}

static void wrappers(void) {
    CALLS(LOAD, YES,
          AUTO "def f(n, **k):\n  return AutoModel.from_pretrained(n, **k)\n$f(x, old=1)$");
    CALLS(LOAD, YES,
          AUTO "def f(n, **k):\n  k.setdefault('a', 1)\n  b = k.pop('b', 2)\n"
               "  return AutoModel.from_pretrained(n, **k)\n$f(x, old=1)$");
    CALLS(LOAD, UNKNOWN,
          AUTO "def f(n, **k):\n  print(k['old'])\n  return AutoModel.from_pretrained(n, **k)\n"
               "$f(x, old=1)$");
    CALLS(LOAD, UNKNOWN,
          AUTO "def f(n, **k):\n  g(k)\n  return AutoModel.from_pretrained(n, **k)\n$f(x, old=1)$");
    CALLS(LOAD, UNKNOWN,
          AUTO
          "def f(n, **k):\n  g(**k)\n  return AutoModel.from_pretrained(n, **k)\n$f(x, old=1)$");
    CALLS(LOAD, NO,
          AUTO "def f(n, old=1, **k):\n  return AutoModel.from_pretrained(n, **k)\n$f(x, old=1)$");
    CALLS(LOAD, NO, AUTO "def f(n, **k):\n  return AutoModel.from_pretrained(n)\n$f(x, old=1)$");
    CALLS(LOAD, UNKNOWN, "def f(n, **k):\n  return f(n, **k)\n$f(x, old=1)$");
    CALLS(LOAD, YES,
          AUTO "import functools\n$functools.partial(AutoModel.from_pretrained, old=1)$");
    CALLS(LOAD, YES,
          AUTO "from functools import partial\nload = partial(AutoModel.from_pretrained, x)\n"
               "$load(old=1)$");
}

static void of_the_file(void) {
    const char *code =
        "import sentence_transformers.models\nclass A:\n  def own(self): pass\nf($x$)";
    Node node;
    FactContext context = {.module = snippet_marked(code, &node), .project = &project};
    FactArg arg = {.text = S("sentence_transformers")};
    CHECK_INT(fact_find(S("imported"))->ask(&context, &arg, 1).tri, TRI_YES);
    arg.text = S("transformers");
    CHECK_INT(fact_find(S("imported"))->ask(&context, &arg, 1).tri, TRI_NO);
    CHECK_INT(fact_find(S("class_binds"))->ask(&context, &arg, 1).tri, TRI_NO);
    arg.text = S("own");
    CHECK_INT(fact_find(S("class_binds"))->ask(&context, &arg, 1).tri, TRI_YES);
}

UNIT_MAIN(names, objects, classes, wrappers, of_the_file)

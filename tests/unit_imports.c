/* Imports: how names are spelled, where imports are added, and when they go. */
#include "edit/imports.h"

#include "edit/plan.h"
#include "python/scope.h"
#include "tests/snippet.h"

static const Module *module;
static Plan *plan;

static void start(const char *text) {
    module = snippet(text);
    plan = plan_open(module, snippet_parser, (Style){88, true, '"'});
}

/* The last `here` in the file: where names are used. */
static Node here(void) {
    Node node = nth(module, "here", -1);
    CHECK(node != 0);
    return node;
}

static Str result(void) {
    EditList edits = plan_edits(plan);
    ptrdiff_t first, second;
    CHECK(edits_sort(&edits, &first, &second));
    return edits_apply(&snippet_arena, module->source->text, &edits);
}

static Str spell(const char *text, const char *qualified) {
    start(text);
    ImportNeed need;
    bool needed;
    if (!import_spelling(module, here(), str_from(qualified), &need, &needed))
        return S("taken");
    return needed ? str_format(&snippet_arena, "+%.*s", STR_ARG(need.local)) : need.local;
}

#define CONFIG "transformers.BitsAndBytesConfig"

static void check_spelling(const char *text, const char *qualified, const char *want, int line) {
    Str got = spell(text, qualified);
    unit_check_str(got, str_from(want), __FILE__, line);
}

#define CHECK_SPELLING(text, qualified, want) check_spelling(text, qualified, want, __LINE__)

static void test_spelling(void) {
    CHECK_SPELLING("here\n", CONFIG, "+BitsAndBytesConfig");
    CHECK_SPELLING("here\n", "torch.bfloat16", "+torch.bfloat16");
    CHECK_SPELLING("here\n", "os.environ", "+os.environ");
    CHECK_SPELLING("from os import path\nhere\n", "os.environ", "+environ");
    CHECK_SPELLING("from transformers import BitsAndBytesConfig\nhere\n", CONFIG,
                   "BitsAndBytesConfig");
    CHECK_SPELLING("from transformers import BitsAndBytesConfig as B\nhere\n", CONFIG, "B");
    CHECK_SPELLING("import transformers\nhere\n", CONFIG, "transformers.BitsAndBytesConfig");
    CHECK_SPELLING("import transformers as tf\nhere\n", CONFIG, "tf.BitsAndBytesConfig");
    CHECK_SPELLING("import transformers\nfrom transformers import BitsAndBytesConfig\nhere\n",
                   CONFIG, "BitsAndBytesConfig");
    CHECK_SPELLING("from transformers.utils.quantization_config import BitsAndBytesConfig\nhere\n",
                   CONFIG, "BitsAndBytesConfig");
    CHECK_SPELLING("import torch as t\nhere\n", "torch.bfloat16", "t.bfloat16");
    CHECK_SPELLING("from torch import bfloat16\nhere\n", "torch.bfloat16", "bfloat16");
    CHECK_SPELLING("import torch.nn as nn\nhere\n", "torch.bfloat16", "+torch.bfloat16");
    CHECK_SPELLING("from torch import nn\nhere\n", "torch.bfloat16", "+torch.bfloat16");
    CHECK_SPELLING("from transformers import *\nhere\n", CONFIG, "BitsAndBytesConfig");
}

static void test_not_in_reach(void) {
    /* In another function, under TYPE_CHECKING, behind the use, as a stand-in, in a branch. */
    CHECK_SPELLING("def f():\n    import torch\ndef g():\n    here\n", "torch.bfloat16",
                   "+torch.bfloat16");
    CHECK_SPELLING("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch\nhere\n",
                   "torch.bfloat16", "+torch.bfloat16");
    CHECK_SPELLING("here\nimport torch\n", "torch.bfloat16", "taken");
    CHECK_SPELLING("if x:\n    import torch\nhere\n", "torch.bfloat16", "taken");
    CHECK_SPELLING("if x:\n    import torch\n    here\n", "torch.bfloat16", "torch.bfloat16");
    CHECK_SPELLING("torch = None\nhere\n", "torch.bfloat16", "taken");
    CHECK_SPELLING("import torch\ntorch = 1\nhere\n", "torch.bfloat16", "taken");
    CHECK_SPELLING("import torch\ndef f(torch):\n    here\n", "torch.bfloat16", "taken");
    CHECK_SPELLING("from mine import BitsAndBytesConfig\nhere\n", CONFIG, "taken");
    CHECK_SPELLING("def BitsAndBytesConfig(): pass\nhere\n", CONFIG, "taken");
    CHECK_SPELLING("try:\n    import torch\nexcept ImportError:\n    torch = None\nhere\n",
                   "torch.bfloat16", "torch.bfloat16");
    CHECK_SPELLING("import torch\ndef f():\n    here\n", "torch.bfloat16", "torch.bfloat16");
}

/* ---- adding ---- */

static void check_added(const char *text, const char *names, const char *want, int line) {
    start(text);
    Str rest = str_from(names), name;
    int group = plan_group(plan, S("test"));
    while (rest.n) {
        str_cut(rest, ' ', &name, &rest);
        plan_import(plan, group, name, here());
    }
    unit_check_str(result(), str_from(want), __FILE__, line);
}

#define CHECK_ADDED(text, names, want) check_added(text, names, want, __LINE__)

static void test_into_statement(void) {
    CHECK_ADDED("from transformers import AutoModel, Trainer\n\nhere\n", CONFIG,
                "from transformers import AutoModel, BitsAndBytesConfig, Trainer\n\nhere\n");
    CHECK_ADDED("from transformers import AutoModel\n\nhere\n", CONFIG,
                "from transformers import AutoModel, BitsAndBytesConfig\n\nhere\n");
    CHECK_ADDED("from transformers import Trainer\n\nhere\n", CONFIG,
                "from transformers import BitsAndBytesConfig, Trainer\n\nhere\n");
    CHECK_ADDED("from transformers import Trainer, AutoModel\n\nhere\n", CONFIG,
                "from transformers import Trainer, AutoModel, BitsAndBytesConfig\n\nhere\n");
    CHECK_ADDED("from transformers import WEIGHTS_NAME, AutoModel, pipeline\nhere\n", CONFIG,
                "from transformers import WEIGHTS_NAME, AutoModel, BitsAndBytesConfig, pipeline\n"
                "here\n");
    CHECK_ADDED("from transformers import AutoModel, pipeline, Trainer\nhere\n", CONFIG,
                "from transformers import AutoModel, BitsAndBytesConfig, pipeline, Trainer\n"
                "here\n");
    CHECK_ADDED("from transformers import AutoModel as M, Trainer  # noqa: F401\nhere\n", CONFIG,
                "from transformers import AutoModel as M, BitsAndBytesConfig, Trainer"
                "  # noqa: F401\nhere\n");
    CHECK_ADDED("from transformers import A, C\nfrom x import y\nhere\n",
                "transformers.D transformers.B",
                "from transformers import A, B, C, D\nfrom x import y\nhere\n");
}

static void test_too_long(void) {
    CHECK_ADDED("from transformers import AutoModelForCausalLM, AutoTokenizer, TrainingArguments\n"
                "\nhere\n",
                CONFIG,
                "from transformers import (\n    AutoModelForCausalLM,\n    AutoTokenizer,\n"
                "    BitsAndBytesConfig,\n    TrainingArguments,\n)\n\nhere\n");
}

static void test_in_parentheses(void) {
    CHECK_ADDED(
        "from transformers import (\n    AutoModel,\n    Trainer,\n)\nhere\n", CONFIG,
        "from transformers import (\n    AutoModel,\n    BitsAndBytesConfig,\n    Trainer,\n"
        ")\nhere\n");
    CHECK_ADDED("from transformers import (\n    AutoModel,\n    AutoTokenizer\n)\nhere\n", CONFIG,
                "from transformers import (\n    AutoModel,\n    AutoTokenizer,\n"
                "    BitsAndBytesConfig\n)\nhere\n");
    CHECK_ADDED("from transformers import (\n    AutoModel,  # loads\n    # trains\n    Trainer,\n"
                ")\nhere\n",
                CONFIG,
                "from transformers import (\n    AutoModel,  # loads\n    # trains\n"
                "    BitsAndBytesConfig,\n    Trainer,\n)\nhere\n");
    CHECK_ADDED("from transformers import (AutoModel,\n                          AutoTokenizer)\n"
                "here\n",
                CONFIG,
                "from transformers import (AutoModel,\n                          AutoTokenizer,\n"
                "                          BitsAndBytesConfig)\nhere\n");
    CHECK_ADDED("from transformers import AutoModel, \\\n    AutoTokenizer\nhere\n", CONFIG,
                "from transformers import AutoModel, \\\n    AutoTokenizer, BitsAndBytesConfig\n"
                "here\n");
    CHECK_ADDED("from transformers import (\r\n    AutoModel,\r\n)\r\nhere\r\n", CONFIG,
                "from transformers import (\r\n    AutoModel,\r\n    BitsAndBytesConfig,\r\n)\r\n"
                "here\r\n");
}

static void test_several_statements(void) {
    CHECK_ADDED("from transformers import AutoModel\nfrom transformers import Trainer\nhere\n",
                CONFIG,
                "from transformers import AutoModel, BitsAndBytesConfig\n"
                "from transformers import Trainer\nhere\n");
    CHECK_ADDED("from transformers.trainer import X\nhere\n", CONFIG,
                "from transformers import BitsAndBytesConfig\nfrom transformers.trainer import X\n"
                "here\n");
}

static void test_new_line(void) {
    CHECK_ADDED("from transformers import AutoModel\n\nhere\n", "torch.bfloat16",
                "import torch\nfrom transformers import AutoModel\n\nhere\n");
    CHECK_ADDED("import os\n\nfrom transformers import AutoModel\n\nhere\n", "torch.bfloat16",
                "import os\n\nimport torch\nfrom transformers import AutoModel\n\nhere\n");
    CHECK_ADDED("import numpy as np\nimport tqdm\nfrom transformers import A\nhere\n",
                "torch.bfloat16",
                "import numpy as np\nimport torch\nimport tqdm\nfrom transformers import A\n"
                "here\n");
    CHECK_ADDED("import torch\nfrom transformers import A\nfrom trl import X\nhere\n",
                "peft.LoraConfig",
                "import torch\nfrom peft import LoraConfig\nfrom transformers import A\n"
                "from trl import X\nhere\n");
    /* Sorted by module alone, and not at all. */
    CHECK_ADDED("from datasets import D\nimport numpy\nfrom transformers import A\nhere\n",
                "torch.bfloat16",
                "from datasets import D\nimport numpy\nimport torch\nfrom transformers import A\n"
                "here\n");
    CHECK_ADDED("from trl import X\nimport tqdm\nfrom transformers import A\nimport numpy\nhere\n",
                "torch.bfloat16",
                "from trl import X\nimport tqdm\nfrom transformers import A\nimport numpy\n"
                "import torch\nhere\n");
    CHECK_ADDED("from trl import X\nfrom transformers import A\nfrom a import b\nhere\n",
                "peft.LoraConfig",
                "from trl import X\nfrom transformers import A\nfrom a import b\n"
                "from peft import LoraConfig\nhere\n");
    CHECK_ADDED("import torch\n\nfrom .mine import x\n\nhere\n", "peft.LoraConfig",
                "import torch\nfrom peft import LoraConfig\n\nfrom .mine import x\n\nhere\n");
    CHECK_ADDED("import os\n\nhere\n", "torch.bfloat16", "import os\n\nimport torch\n\nhere\n");
    CHECK_ADDED("from .mine import x\n\nhere\n", "torch.bfloat16",
                "import torch\n\nfrom .mine import x\n\nhere\n");
    CHECK_ADDED("import torch\n\nhere\n", "os.environ", "import os\n\nimport torch\n\nhere\n");
    CHECK_ADDED("from __future__ import annotations\n\nhere\n", "torch.bfloat16",
                "from __future__ import annotations\n\nimport torch\n\nhere\n");
    CHECK_ADDED("from transformers import A\r\n\r\nhere\r\n", "torch.bfloat16",
                "import torch\r\nfrom transformers import A\r\n\r\nhere\r\n");
}

static void test_several_lines(void) {
    CHECK_ADDED("here\n", "typing.Optional torch.bfloat16 functools.partial",
                "import functools\nimport typing\n\nimport torch\n\nhere\n");
    CHECK_ADDED("import os\n\nhere\n", "torch.bfloat16 peft.LoraConfig",
                "import os\n\nimport torch\nfrom peft import LoraConfig\n\nhere\n");
    CHECK_ADDED("\"\"\"Doc.\"\"\"\nhere\n", "torch.bfloat16 os.environ",
                "\"\"\"Doc.\"\"\"\n\nimport os\n\nimport torch\n\nhere\n");
    CHECK_ADDED("def f():\n    here\n", "torch.bfloat16 os.environ",
                "import os\n\nimport torch\n\n\ndef f():\n    here\n");
}

static void test_no_imports(void) {
    CHECK_ADDED("here\n", "torch.bfloat16", "import torch\n\nhere\n");
    CHECK_ADDED("here\n", "torch.bfloat16 " CONFIG " transformers.A",
                "import torch\nfrom transformers import A, BitsAndBytesConfig\n\nhere\n");
    CHECK_ADDED("\"\"\"Loads.\"\"\"\n\nhere\n", "torch.bfloat16",
                "\"\"\"Loads.\"\"\"\n\nimport torch\n\nhere\n");
    CHECK_ADDED("\"\"\"Loads.\"\"\"\nhere\n", "torch.bfloat16",
                "\"\"\"Loads.\"\"\"\n\nimport torch\n\nhere\n");
    CHECK_ADDED("#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n\nhere\n", "torch.bfloat16",
                "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n\nimport torch\n\nhere\n");
    CHECK_ADDED("#!/usr/bin/env python\nhere\n", "torch.bfloat16",
                "#!/usr/bin/env python\nimport torch\n\nhere\n");
    CHECK_ADDED("# Copyright\n# License\n\n# Load it.\nhere\n", "torch.bfloat16",
                "# Copyright\n# License\n\nimport torch\n\n# Load it.\nhere\n");
    CHECK_ADDED("def f():\n    here\n", "torch.bfloat16", "import torch\n\n\ndef f():\n    here\n");
}

static void test_in_functions(void) {
    CHECK_ADDED("def f():\n    from transformers import A\n\n    here\n", CONFIG,
                "def f():\n    from transformers import A, BitsAndBytesConfig\n\n    here\n");
    CHECK_ADDED("def f():\n\tfrom transformers import A\n\there\n", "torch.bfloat16",
                "def f():\n\timport torch\n\tfrom transformers import A\n\there\n");
    CHECK_ADDED("import os\n\n\ndef f():\n    from transformers import A\n\n    here\n",
                "torch.bfloat16",
                "import os\n\n\ndef f():\n    import torch\n    from transformers import A\n\n"
                "    here\n");
    /* The module imports them too: there. */
    CHECK_ADDED("from transformers import A\n\n\ndef f():\n    from transformers import B\n"
                "    here\n",
                CONFIG,
                "from transformers import A, BitsAndBytesConfig\n\n\ndef f():\n"
                "    from transformers import B\n    here\n");
    CHECK_ADDED("def f():\n    from transformers import A\n\n    here\n",
                "typing.Optional torch.bfloat16 functools.partial",
                "def f():\n    import functools\n    import typing\n\n    import torch\n"
                "    from transformers import A\n\n    here\n");
    /* Behind the use, or in another function: not there. */
    CHECK_ADDED("def f():\n    here\n    from transformers import B\n", CONFIG,
                "from transformers import BitsAndBytesConfig\n\n\ndef f():\n    here\n"
                "    from transformers import B\n");
    CHECK_ADDED("def g():\n    from transformers import B\n\n\ndef f():\n    here\n", CONFIG,
                "from transformers import BitsAndBytesConfig\n\n\ndef g():\n"
                "    from transformers import B\n\n\ndef f():\n    here\n");
}

static void test_in_try(void) {
    CHECK_ADDED("import torch\n\ntry:\n    from transformers import A\nexcept ImportError:\n"
                "    A = None\n\nhere\n",
                CONFIG,
                "import torch\n\ntry:\n    from transformers import A, BitsAndBytesConfig\n"
                "except ImportError:\n    A = None\n\nhere\n");
    CHECK_ADDED("from transformers import B\n\ntry:\n    from transformers import A\n"
                "except ImportError:\n    A = None\n\nhere\n",
                CONFIG,
                "from transformers import B, BitsAndBytesConfig\n\ntry:\n"
                "    from transformers import A\nexcept ImportError:\n    A = None\n\nhere\n");
    CHECK_ADDED("try:\n    import x\nexcept ImportError:\n    from transformers import A\nhere\n",
                CONFIG,
                "from transformers import BitsAndBytesConfig\n\ntry:\n    import x\n"
                "except ImportError:\n    from transformers import A\nhere\n");
    CHECK_ADDED("from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n"
                "    from transformers import A\n\nhere\n",
                CONFIG,
                "from typing import TYPE_CHECKING\n\nfrom transformers import BitsAndBytesConfig\n"
                "\nif TYPE_CHECKING:\n    from transformers import A\n\nhere\n");
}

/* ---- taking out ---- */

static void check_dropped(const char *text, const char *want, int line) {
    start(text);
    int group = plan_group(plan, S("test"));
    plan_replace(plan, group, node_span(module->tree, nth(module, "here", -1)), S("there"));
    plan_drop_use(plan, group, nth(module, "here", -1));
    unit_check_str(result(), str_from(want), __FILE__, line);
}

#define CHECK_DROPPED(text, want) check_dropped(text, want, __LINE__)

static void test_dropped(void) {
    CHECK_DROPPED("from a import here\nhere\n", "there\n");
    CHECK_DROPPED("from a import b, here\nhere\n", "from a import b\nthere\n");
    CHECK_DROPPED("from a import here, b\nhere\n", "from a import b\nthere\n");
    CHECK_DROPPED("import here\nhere\n", "there\n");
    CHECK_DROPPED("import here, b\nhere\n", "import b\nthere\n");
    CHECK_DROPPED("from a import x as here, b\nhere\n", "from a import b\nthere\n");
    CHECK_DROPPED("from a import (\n    b,\n    here,\n)\nhere\n",
                  "from a import (\n    b,\n)\nthere\n");
    CHECK_DROPPED("import b\n\nfrom a import here\n\nhere\n", "import b\n\nthere\n");
    CHECK_DROPPED("def f():\n    from a import here\n    x = here\n", "def f():\n    x = there\n");
}

static void test_not_dropped(void) {
    CHECK_DROPPED("from a import here\nx(here)\nhere\n", "from a import here\nx(here)\nthere\n");
    CHECK_DROPPED("from a import here  # noqa\nhere\n", "from a import here  # noqa\nthere\n");
    CHECK_DROPPED("from a import (\n    # re-exported\n    here,\n)\nhere\n",
                  "from a import (\n    # re-exported\n    here,\n)\nthere\n");
    CHECK_DROPPED("from a import here\n__all__ = [\"here\"]\nhere\n",
                  "from a import here\n__all__ = [\"here\"]\nthere\n");
    CHECK_DROPPED("try:\n    from a import here\nexcept ImportError:\n    here = None\nhere\n",
                  "try:\n    from a import here\nexcept ImportError:\n    here = None\nthere\n");
    CHECK_DROPPED("def f():\n    x = here\nhere = 1\n", "def f():\n    x = here\nthere = 1\n");
}

/* A name comes into the statement that another leaves. */
static void test_exchanged(void) {
    start("from transformers import here, Trainer\n\nx(here)\n");
    int group = plan_group(plan, S("test"));
    Node use = nth(module, "here", -1);
    plan_replace(plan, group, node_span(module->tree, use),
                 plan_import(plan, group, S("transformers.AutoModel"), use));
    plan_drop_use(plan, group, use);
    CHECK_STR(result(), S("from transformers import AutoModel, Trainer\n\nx(AutoModel)\n"));
}

UNIT_MAIN(test_spelling, test_not_in_reach, test_into_statement, test_too_long, test_in_parentheses,
          test_several_statements, test_new_line, test_several_lines, test_no_imports,
          test_in_functions, test_in_try, test_dropped, test_not_dropped, test_exchanged,
          snippet_close)

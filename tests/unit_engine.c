/* The engine on small patches and small files: what holes, arguments, chains, `-?`, notes and
 * groups mean. Every case gives a patch (or several), a text, and the text that must come out; most
 * have a look-alike beside them. */
#define _XOPEN_SOURCE 700 /* mkdtemp() */
#include "tests/engine.h"

#define IMPORT "from lib import f, g, Model\n"

static void holes(void) {
    PATCH("# T.\ntier: safe\n@@\nexpr a\n@@\n- lib.f($a, $a)\n+ lib.f($a)\n");
    GIVES(IMPORT "f(x.y, x.y)\n", IMPORT "f(x.y)\n");
    STAYS(IMPORT "f(x.y, x.z)\n");
    STAYS("from other import f\nf(x, x)\n");
    PATCH("# T.\ntier: safe\n@@\nname n ~ ^tok\n@@\n- $n.old()\n+ $n.new()\n");
    GIVES("tok.old()\n", "tok.new()\n");
    GIVES("token.bag.old()\n", "token.bag.new()\n");
    STAYS("a.old()\n");
    STAYS("tok[0].old()\n");
    PATCH("# T.\ntier: safe\n@@\nstr s ~ 7b$\n@@\n  lib.f($s, ..., \n+     big=True,\n  )\n");
    GIVES(IMPORT "f('llama-7b')\n", IMPORT "f('llama-7b', big=True)\n");
    GIVES(IMPORT "ID = 'llama-7b'\nf(ID)\n", IMPORT "ID = 'llama-7b'\nf(ID, big=True)\n");
    STAYS(IMPORT "f(unknown)\n");
    STAYS(IMPORT "f('llama-70')\n");
    PATCH("# T.\ntier: safe\n@@\nnum n\n@@\n- lib.f($n)\n+ lib.f(size=$n)\n");
    GIVES(IMPORT "f(3)\n", IMPORT "f(size=3)\n");
    STAYS(IMPORT "f(n)\n");
    PATCH("# T.\ntier: safe\n@@\nname Class ~ ^Auto\n@@\n  lib.$Class.load(\n      ...,\n+     "
          "k=1,\n      )\n");
    GIVES("import lib as l\nl.AutoX.load()\n", "import lib as l\nl.AutoX.load(k=1)\n");
    GIVES("from lib.deep.part import AutoX as A\nA.load()\n",
          "from lib.deep.part import AutoX as A\nA.load(k=1)\n");
    STAYS("import lib\nlib.X.load()\n");
}

static void arguments(void) {
    PATCH("# T.\ntier: safe\n@@\nexpr v\nwhen absent new\n@@\n"
          "  lib.f(\n      ...,\n-     old=$v,\n+     new=$v,\n      ...)\n");
    GIVES(IMPORT "f(1, old=2, b=3)\n", IMPORT "f(1, new=2, b=3)\n");
    GIVES(IMPORT "f(**{'old': 2})\n", IMPORT "f(**{'new': 2})\n");
    GIVES(IMPORT "k = dict(old=2)\nf(**k)\n", IMPORT "k = dict(new=2)\nf(**k)\n");
    GIVES(IMPORT "k = {}\nk['old'] = 2\nf(**k)\n", IMPORT "k = {}\nk['new'] = 2\nf(**k)\n");
    STAYS(IMPORT "f(old=1, new=2)\n");
    STAYS(IMPORT "def h(**k):\n    f(old=1, **k)\n");
    STAYS(IMPORT "k = {'old': 1}\nf(**k)\ng(**k)\n");
    CHECK(outcome->n_notes == 1 && outcome->notes[0].withheld && outcome->notes[0].line == 3);
    GIVES(IMPORT "k = {}\nif c:\n    k['old'] = 1\nelse:\n    k['old'] = 2\nf(**k)\n",
          IMPORT "k = {}\nif c:\n    k['new'] = 1\nelse:\n    k['new'] = 2\nf(**k)\n");
    GIVES(IMPORT "k = {'old': 1}\nf(**k)\nf(2, **k)\n",
          IMPORT "k = {'new': 1}\nf(**k)\nf(2, **k)\n");
    STAYS(IMPORT "k = {'old': 1}\nf(**k)\nf(new=2, **k)\n");
    STAYS(IMPORT "k = {}\nif c:\n    k['old'] = 1\nprint(k['old'])\nf(**k)\n");
    STAYS(IMPORT "g(old=1)\n");
    PATCH("# T.\ntier: safe\n@@\n@@\n"
          "  lib.f(\n      ...,\n-     old=1,\n+     new=2,\n      ...)\n");
    STAYS(IMPORT "k = {}\nif c:\n    k['old'] = 1\nelse:\n    k['old'] = 3\nf(**k)\n");
    PATCH("# T.\ntier: safe\n@@\nexpr v\n@@\n"
          "  lib.f(\n      ...,\n-     old=$v,\n+     new=$v,\n+     more=1,\n      ...)\n");
    STAYS(IMPORT "k = {}\nif c:\n    k['old'] = 1\nf(**k)\n");
    STAYS(IMPORT "k = {'old': 1}\nf(**k)\nf(**k)\n");
    PATCH("# T.\ntier: safe\n@@\nexpr v\n@@\n"
          "  lib.f(\n      ...,\n-     old=$v,\n      ...)\n");
    GIVES(IMPORT "k = {}\nif c:\n    k['old'] = 1\nf(**k)\n",
          IMPORT "k = {}\nif c:\n    pass\nf(**k)\n");
    PATCH("# T.\ntier: safe\nsignature: lib.f(path, mode)\n@@\nexpr p\nexpr m\n@@\n"
          "  lib.f(\n      $p,\n-     mode=$m,\n+     how=$m,\n      )\n");
    GIVES(IMPORT "f('a', 'r')\n", IMPORT "f('a', how='r')\n");
    GIVES(IMPORT "f(path='a', mode='r')\n", IMPORT "f(path='a', how='r')\n");
    STAYS(IMPORT "f('a', 'r', 3)\n");
}

static void sets_of_arguments(void) {
    PATCH("# T.\ntier: safe\n@@\nkwargs rest ~ ^q_\nwhen absent config\n@@\n"
          "  lib.f(\n      ...,\n-     fast=True,\n-     **$rest,\n"
          "+     config=lib.Config(fast=True, **$rest),\n      ...)\n");
    GIVES("import lib\nlib.f(a, fast=True, q_b=1, c=2, q_d=3)\n",
          "import lib\nlib.f(a, config=lib.Config(fast=True, q_b=1, q_d=3), c=2)\n");
    GIVES("import lib\nlib.f(a, fast=True)\n",
          "import lib\nlib.f(a, config=lib.Config(fast=True))\n");
    STAYS("import lib\nlib.f(a, fast=False, q_b=1)\n");
    GIVES("from lib import f\nf(fast=True)\n",
          "from lib import Config, f\nf(config=Config(fast=True))\n");
    STAYS("from lib import f\nConfig = 1\nf(fast=True)\n");
}

static void nested_calls(void) {
    PATCH("# T.\ntier: safe\n@@\nexpr n\n@@\n  lib.f(\n      ...,\n      args=lib.Model(\n         "
          " ...,\n"
          "+         size=$n,\n      ),\n-     size=$n,\n      ...)\n");
    GIVES(IMPORT "f(args=Model(a=1), size=3)\n", IMPORT "f(args=Model(a=1, size=3))\n");
    GIVES(IMPORT "m = Model(a=1)\nf(args=m, size=3)\n",
          IMPORT "m = Model(a=1, size=3)\nf(args=m)\n");
    STAYS(IMPORT "m = Model(a=1)\nf(args=m, size=3)\nuse(m)\n");
    STAYS(IMPORT "f(args=other(a=1), size=3)\n");
}

#define LOAD                                                                                      \
    "# T.\ntier: safe\n@@\nname m\nexpr d ~ cuda\n@@\n  $m = lib.Model.load(\n      ...,\n+     " \
    "map=1,\n"                                                                                    \
    "      )\n  ...\n-? $m.to($d)\n"

static void statements(void) {
    PATCH(LOAD);
    GIVES(IMPORT "m = Model.load(1)\nm.eval()\nm.to('cuda')\n",
          IMPORT "m = Model.load(1, map=1)\nm.eval()\n");
    GIVES(IMPORT "m = Model.load(1)\nm = m.to('cuda')\n", IMPORT "m = Model.load(1, map=1)\n");
    GIVES(IMPORT "m = Model.load(1).to('cuda').eval()\n",
          IMPORT "m = Model.load(1, map=1).eval()\n");
    GIVES(IMPORT "m = Model.load(1)\nm.to('cpu')\n",
          IMPORT "m = Model.load(1, map=1)\nm.to('cpu')\n");
    GIVES(IMPORT "m = Model.load(1)\nx = m.to('cuda').go()\n",
          IMPORT "m = Model.load(1, map=1)\nx = m.go()\n");
    GIVES(IMPORT "m = Model.load(1)\nother.to('cuda')\n",
          IMPORT "m = Model.load(1, map=1)\nother.to('cuda')\n");
    GIVES(
        IMPORT "def a():\n    m = Model.load(1)\n    return m\n\n\ndef b(m):\n    m.to('cuda')\n",
        IMPORT
        "def a():\n    m = Model.load(1, map=1)\n    return m\n\n\ndef b(m):\n    m.to('cuda')\n");
    GIVES(IMPORT "class C:\n    def a(self):\n        self.m = Model.load(1)\n\n    def b(self):\n"
                 "        self.m.to('cuda')\n        self.m.go()\n",
          IMPORT
          "class C:\n    def a(self):\n        self.m = Model.load(1, map=1)\n\n    def b(self):\n"
          "        self.m.go()\n");
    GIVES(IMPORT "a, m = 1, Model.load(1)\nif c:\n    m.to('cuda')\n",
          IMPORT "a, m = 1, Model.load(1, map=1)\nif c:\n    pass\n");
    STAYS(IMPORT "return_value(Model.load(1))\n");
    STAYS(IMPORT "m = wrap(Model.load(1))\n");
    PATCH("# T.\ntier: safe\n@@\nname t\nwhen never $t.pad = ...\n@@\n  $t = lib.Model.load(...)\n"
          "+ if $t.pad is None:\n+     $t.pad = $t.eos\n");
    GIVES(IMPORT "def a():\n\tt = Model.load(1)  # here\n\treturn t\n",
          IMPORT "def a():\n\tt = Model.load(1)  # here\n\tif t.pad is None:\n\t\tt.pad = "
                 "t.eos\n\treturn t\n");
    STAYS(IMPORT "t = Model.load(1)\nt.pad = 0\n");
    STAYS(IMPORT "if x: t = Model.load(1)\n");
    PATCH("# T.\ntier: safe\n@@\nname a\nname b\n@@\n  $a = lib.f(...)\n  ...\n  $b = lib.g($a)\n+ "
          "$b.join($a)\n");
    GIVES(IMPORT "x = f()\nprint(x)\ny = g(x)\nz = 1\n",
          IMPORT "x = f()\nprint(x)\ny = g(x)\ny.join(x)\nz = 1\n");
    STAYS(IMPORT "x = f()\ny = g(z)\n");
    STAYS(IMPORT "x = f()\nif c:\n    y = g(x)\n");
}

/* What only goes is a statement: no part of a larger expression. */
static void removals(void) {
    PATCH("# T.\ntier: safe\n@@\nname m\n@@\n- $m.tie()\n");
    GIVES("m.tie()\nn.go()\n", "n.go()\n");
    STAYS("go(m.tie())\n");
    STAYS("m.tie().go()\n");
    STAYS("x = m.tie()\n");
    STAYS("return_value = [m.tie() for m in ms]\n");
}

static void stores(void) {
    PATCH("# T.\ntier: safe\n@@\nexpr v\n@@\n- os.environ[\"OLD\"] = $v\n");
    GIVES("import os\nos.environ['OLD'] = a\nprint(os.environ['OLD'])\n",
          "import os\nprint(os.environ['OLD'])\n");
    STAYS("import os\nx = os.environ['OLD']\n");
    STAYS("import os\nos.environ['OLDER'] = a\n");
    PATCH("# T.\ntier: safe\n@@\nexpr m : transformers.PreTrainedModel\nexpr c\n@@\n"
          "- $m.config.size = $c\n+ $m.config.width = $c\n");
    STAYS("m.config.size = 3\n");
    STAYS("from transformers import AutoModel\nm = AutoModel.from_pretrained(p)\n"
          "x = m.config.size\n");
}

static void blocks(void) {
    PATCH("# T.\ntier: safe\n@@\nname x\nname out\nexpr xs\n@@\n- $out = []\n- for $x in $xs:\n"
          "-     $out.append(lib.f($x))\n+ $out = lib.f($xs)\n");
    GIVES(IMPORT "y = []\nfor a in b.c:\n    y.append(f(a))\nprint(y)\n",
          IMPORT "y = f(b.c)\nprint(y)\n");
    GIVES(IMPORT "if c:\n    y = []\n    for a in b:\n        y.append(f(a))\n",
          IMPORT "if c:\n    y = f(b)\n");
    STAYS(IMPORT "y = []\nfor a in b:\n    y.append(f(a))\n    print(a)\n");
    STAYS(IMPORT "y = []\nfor a in b:\n    if a:\n        y.append(f(a))\n");
    STAYS(IMPORT "y = []\nfor a in b:\n    # why\n    y.append(f(a))\n");
    STAYS(IMPORT "y = []\nfor a in b:\n    y.append(f(a))\nelse:\n    print(y)\n");
    STAYS(IMPORT "y = []\nfor a in b:\n    z.append(f(a))\n");
    STAYS(IMPORT "y = []\nprint(y)\nfor a in b:\n    y.append(f(a))\n");
    STAYS(IMPORT "y = []\ny.append(f(a))\n");
}

static void tokens(void) {
    PATCH("# T.\ntier: safe\n@@\nname x\nexpr c\n@@\n- $x = lib.f($c)\n+ $x = lib.f($c).also(1)\n");
    GIVES(IMPORT "y = f(a,\n      # why\n      )\n",
          IMPORT "y = f(a,\n      # why\n      ).also(1)\n");
    PATCH("# T.\ntier: safe\n@@\nexpr t\n@@\n- $t.encode_plus(\n+ $t(\n      ...)\n");
    GIVES("a.b.encode_plus(x, **y)\n", "a.b(x, **y)\n");
    STAYS("encode_plus(x)\n");
}

static void quotes(void) {
    PATCH("# T.\ntier: safe\n@@\n@@\n  lib.f(\n      ...,\n+     k=[\"a\", \"it's\"],\n      )\n");
    GIVES(IMPORT "f('x')\n", IMPORT "f('x', k=['a', \"it's\"])\n");
    GIVES(IMPORT "f(\"x\", 'y')\n", IMPORT "f(\"x\", 'y', k=[\"a\", \"it's\"])\n");
}

static void notes(void) {
    PATCH("# T.\ntier: advice\n@@\nexpr v\n@@\n  lib.f(\n      old=$v,\n!     tell $v from here\n  "
          "    ...)\n");
    STAYS(IMPORT "f(b=1,\n  old=2)\n");
    CHECK_INT(outcome->n_notes, 1);
    CHECK_STR(outcome->notes[0].text, S("tell 2 from here"));
    CHECK_INT(outcome->notes[0].line, 3);
    CHECK(!outcome->notes[0].withheld);
    PATCH("# Title.\ntier: advice\n@@\n@@\n- lib.f()\n+ lib.g()\n");
    STAYS(IMPORT "f()\n");
    CHECK_STR(outcome->notes[0].text, S("Title."));
}

static void several(void) {
    PATCH("# A.\ntier: safe\n@@\nwhen absent k\n@@\n  lib.f(\n      ...,\n+     k=1,\n      )\n",
          "# B.\ntier: safe\n@@\nwhen absent k\n@@\n  lib.f(\n      ...,\n+     k=2,\n      )\n",
          "# C.\ntier: safe\n@@\nwhen fires(a)\n@@\n  lib.f(\n      ...,\n+     z=3,\n      )\n");
    GIVES(IMPORT "f()\n", IMPORT "f(k=1, z=3)\n");
    CHECK_INT(outcome->n_fixes, 2);
    STAYS(IMPORT "f(k=9)\n");
    PATCH("# A.\ntier: safe\n@@\nexpr v\n@@\n  lib.f(\n-     a=$v,\n+     b=$v,\n      ...)\n",
          "# B.\ntier: safe\n@@\nexpr v\n@@\n  lib.f(\n-     b=$v,\n+     c=$v,\n      ...)\n");
    GIVES(IMPORT "f(a=1)\n", IMPORT "f(c=1)\n");
    PATCH("# A.\ntier: safe\n@@\n@@\n- lib.f()\n+ lib.g()\n",
          "# B.\ntier: safe\n@@\n@@\n- lib.f\n+ lib.h\n");
    GIVES("import lib\nlib.f(lib.f)\n", "import lib\nlib.h(lib.h)\n");
}

/* What binds less than its place asks for gets parentheses; nothing else does. */
static void precedence(void) {
    PATCH("# A.\ntier: safe\n@@\nexpr x\n@@\n- lib.f($x)\n+ $x.n == 1\n");
    GIVES("import lib\nlib.k\ny = lib.f(a)\n", "import lib\nlib.k\ny = a.n == 1\n");
    GIVES("import lib\nlib.k\ny = lib.f(a + b)\n", "import lib\nlib.k\ny = (a + b).n == 1\n");
    GIVES("import lib\nlib.k\ny = lib.f(a if b else c)\n",
          "import lib\nlib.k\ny = (a if b else c).n == 1\n");
    GIVES("import lib\nlib.k\nif not lib.f(a[0]):\n    pass\n",
          "import lib\nlib.k\nif not a[0].n == 1:\n    pass\n");
    GIVES("import lib\nlib.k\ny = lib.f(a) is True\n",
          "import lib\nlib.k\ny = (a.n == 1) is True\n");
    GIVES("import lib\nlib.k\ny = [-lib.f(a), lib.f(a).real]\n",
          "import lib\nlib.k\ny = [-(a.n == 1), (a.n == 1).real]\n");
    GIVES("import lib\nlib.k\ny = (lib.f(a)).real\n", "import lib\nlib.k\ny = (a.n == 1).real\n");
    GIVES("import lib\nlib.k\nprint(*lib.f(a), k=lib.f(a))\n",
          "import lib\nlib.k\nprint(*(a.n == 1), k=a.n == 1)\n");
    PATCH("# A.\ntier: safe\n@@\nexpr v\n@@\n  lib.f(\n-     a=$v,\n+     b=1 if $v else 2,\n      "
          ")\n");
    GIVES("import lib\nlib.k\nlib.f(a=x or not y)\n",
          "import lib\nlib.k\nlib.f(b=1 if x or not y else 2)\n");
    GIVES("import lib\nlib.k\nlib.f(a=lambda: 1)\n",
          "import lib\nlib.k\nlib.f(b=1 if (lambda: 1) else 2)\n");
}

/* A patch that finds itself due on its own result writes nothing; the others do. */
static void restless(void) {
    PATCH("# A.\ntier: safe\n@@\nexpr c\n@@\n- lib.f($c)\n+ lib.f([$c])\n",
          "# B.\ntier: safe\n@@\nexpr v\n@@\n  lib.g(\n-     a=$v,\n+     b=$v,\n      ...)\n");
    GIVES(IMPORT "f(1)\ng(a=1)\n", IMPORT "f(1)\ng(b=1)\n");
    CHECK(outcome->dropped);
}

static void broken_files(void) {
    PATCH("# A.\ntier: safe\n@@\nexpr v\n@@\n  lib.f(\n-     a=$v,\n+     b=$v,\n      ...)\n");
    GIVES(IMPORT "f(a=1)\n\n\ndef broken(:\n    pass\n\n\nf(a=2)\n",
          IMPORT "f(b=1)\n\n\ndef broken(:\n    pass\n\n\nf(b=2)\n");
    CHECK_INT(outcome->error_line, 5);
    STAYS(IMPORT "f(a=1)\ndef broken(:\n    pass\n");
    CHECK(outcome->n_notes == 1 && outcome->notes[0].withheld);
    GIVES("# \xC3\xA4\r\nfrom lib import f\r\nf(a=1)\r\n",
          "# \xC3\xA4\r\nfrom lib import f\r\nf(b=1)\r\n");
}

#define CALL  "f(a=1)"
#define FIXED "f(b=1)"

static void suppressed(void) {
    PATCH("# A.\ntier: safe\n@@\nexpr v\n@@\n  lib.f(\n-     a=$v,\n+     b=$v,\n      ...)\n");
    GIVES(IMPORT CALL "  # hffix: ignore\n" CALL "\n",
          IMPORT CALL "  # hffix: ignore\n" FIXED "\n");
    GIVES(IMPORT "# hffix: ignore[a]\n" CALL "\n" CALL "\n",
          IMPORT "# hffix: ignore[a]\n" CALL "\n" FIXED "\n");
    GIVES(IMPORT CALL "  # hffix: ignore[b, load]\n", IMPORT FIXED "  # hffix: ignore[b, load]\n");
    STAYS(IMPORT CALL "  # noqa: E501  # hffix: ignore[b, a]  # why\n");
    GIVES(IMPORT CALL "  # see hffix: ignore\n", IMPORT FIXED "  # see hffix: ignore\n");
    STAYS(IMPORT "x = f(\n    a=1,  # hffix: ignore\n    b=2,\n)\n");
    GIVES(IMPORT "# hffix: off\n" CALL "\n# hffix: on\n" CALL "\n",
          IMPORT "# hffix: off\n" CALL "\n# hffix: on\n" FIXED "\n");
    STAYS("# hffix: off\n" IMPORT CALL "\n" CALL "\n");
    STAYS(IMPORT CALL "\n# hffix: ignore-file[a]\n");
    GIVES(IMPORT CALL "\n# hffix: ignore-file[b]\n", IMPORT FIXED "\n# hffix: ignore-file[b]\n");
    GIVES(IMPORT "if x:  # hffix: ignore\n    " CALL "\n",
          IMPORT "if x:  # hffix: ignore\n    " FIXED "\n");
    STAYS(IMPORT "k = {'a': 1}  # hffix: ignore\nf(**k)\n");
    GIVES(IMPORT "s = '# hffix: off'\n" CALL "\n", IMPORT "s = '# hffix: off'\n" FIXED "\n");
}

/* The names that the marks of the last run have, in their order, each once in a row. */
static Str marked(void) {
    Buf names = {.arena = &arena};
    for (ptrdiff_t i = 0; i < outcome->n_marks; i++)
        if (i == 0 || !str_eq(outcome->marks[i].name, outcome->marks[i - 1].name))
            buf_format(&names, "%.*s ", STR_ARG(outcome->marks[i].name));
    return buf_str(&names);
}

static void merged_marks(void) {
    PATCH("# A.\ntier: safe\n@@\n@@\n  lib.f(\n      ...,\n+     k=1,\n      )\n",
          "# B.\ntier: safe\n@@\nexpr v\n@@\n  lib.f(\n-     old=$v,\n      ...)\n");
    GIVES(IMPORT "f(1, old=2)\n", IMPORT "f(1, k=1)\n");
    CHECK(str_find(marked(), S("a")) >= 0 && str_find(marked(), S("b")) >= 0);
}

static void own_attributes(void) {
    PATCH("# T.\ntier: safe\n@@\nexpr a : transformers.TrainingArguments\n@@\n- $a.old_name\n+ "
          "$a.new_name\n");
    GIVES("from transformers import TrainingArguments as T\nt = T('x')\nt.old_name\n",
          "from transformers import TrainingArguments as T\nt = T('x')\nt.new_name\n");
    STAYS("from transformers import TrainingArguments as T\nclass U(T):\n    old_name: str = 'x'\n"
          "    def f(self):\n        return self.old_name\n");
    STAYS(
        "from transformers import TrainingArguments as T\ndef f(*t: T):\n    return t.old_name\n");
}

static void marks(void) {
    PATCH("# A.\ntier: safe\n@@\nexpr v\n@@\n  lib.f(\n-     a=$v,\n+     b=$v,\n      ...)\n");
    run(IMPORT "x = 1\nf(a=1)\n");
    CHECK_INT(outcome->n_marks, 1);
    CHECK_INT(outcome->marks[0].line, 3);
    CHECK_STR(outcome->marks[0].name, S("a"));
}

static void needs(void) {
    PATCH("# A.\ntier: safe\nneeds: accelerate >= 0.26, peft\n@@\nexpr v\n@@\n  lib.f(\n"
          "-     a=$v,\n+     b=$v,\n      ...)\n",
          "# B.\ntier: advice\nneeds: torch\n@@\n@@\n  lib.g(\n+     b=1,\n  )\n! no\n");
    run(IMPORT "x = 1\nf(a=1)\nf(a=2)\ng()\n");
    CHECK_INT(outcome->n_needs, 2);
    CHECK_STR(outcome->needs[0].need.library, S("accelerate"));
    CHECK_STR(outcome->needs[0].need.floor, S("0.26"));
    CHECK_STR(outcome->needs[0].transform, S("a"));
    CHECK_INT(outcome->needs[0].line, 3);
    CHECK_STR(outcome->needs[1].need.library, S("peft"));
    run(IMPORT "x = 1\nf(b=1)\n");
    CHECK_INT(outcome->n_needs, 0);
    /* Needed before: imported, installed, or asked for by an argument. */
    run(IMPORT "import peft.utils as p\nf(a=1)\n");
    CHECK_INT(outcome->n_needs, 1);
    run(IMPORT "try:\n    from accelerate import x\nexcept ImportError:\n    pass\nf(a=1)\n");
    CHECK_STR(outcome->needs[0].need.library, S("peft"));
    run(IMPORT "# pip install peft\nh({'device_map': 0})\nf(a=1)\n");
    CHECK_INT(outcome->n_needs, 0);
    run(IMPORT "import accelerated, my.peft\ns = 'peft'  # accelerate\nf(a=1)\n");
    CHECK_INT(outcome->n_needs, 2);
}

/* What one transform writes may be what another looks for. */
static void words_of_a_result(void) {
    by_words = true;
    PATCH("# A.\ntier: safe\n@@\nexpr v\n@@\n  transformers.f(\n      ...,\n-     old_words=$v,\n"
          "+     new_words=$v,\n      ...)\n",
          "# B.\ntier: safe\n@@\n@@\n  transformers.f(\n      ...,\n-     new_words=1,\n"
          "+     newest_words=2,\n      ...)\n");
    GIVES("import transformers\ntransformers.f(old_words=1)\n",
          "import transformers\ntransformers.f(newest_words=2)\n");
    GIVES("import transformers\ntransformers.f(old_words=2)\n",
          "import transformers\ntransformers.f(new_words=2)\n");
    by_words = false;
}

static void open_folder(void) {
    folder_open();
}

static void close_folder(void) {
    folder_close();
    arena_close(&arena);
}

UNIT_MAIN(open_folder, precedence, holes, arguments, sets_of_arguments, nested_calls, statements,
          removals, stores, blocks, tokens, quotes, notes, several, restless, broken_files,
          suppressed, marks, merged_marks, own_attributes, needs, words_of_a_result, close_folder)

/* Rules about a symbol: where it is met, what its new name does to a file, and the many ways in
 * which a file can hold the same word and mean something else. */
#define _XOPEN_SOURCE 700 /* mkdtemp() */
#include "tests/engine.h"

#define HEAD   "# T.\ntier: safe\n@@\n@@\n"
#define RENAME HEAD "- lib.Old\n+ lib.New\n"
#define MOVE   HEAD "- lib.part.func\n+ lib.other.func\n"
#define BOTH   HEAD "- lib.Old\n+ other.deep.New\n"
#define MODULE HEAD "- lib.old_part\n+ lib.new_part\n"

static void names(void) {
    PATCH(RENAME);
    GIVES("from lib import Old\nOld()\n", "from lib import New\nNew()\n");
    GIVES("from lib import Old as O\nO()\n", "from lib import New as O\nO()\n");
    GIVES("from lib import Old as New\nNew()\n", "from lib import New\nNew()\n");
    GIVES("from lib import (\n    A,\n    Old,  # why\n)\nOld(Old)\n",
          "from lib import (\n    A,\n    New,  # why\n)\nNew(New)\n");
    GIVES("from lib import Old, Other\nOld()\n", "from lib import New, Other\nNew()\n");
    GIVES("from lib import Middle, Old\nOld()\n", "from lib import Middle, New\nNew()\n");
    GIVES("from lib import Nothing, Old\nOld()\n", "from lib import New, Nothing\nNew()\n");
    GIVES("from lib.sub.part import Old\nOld()\n", "from lib import New\nNew()\n");
    GIVES("def f():\n    from lib import Old\n    return Old\n\n\ndef g():\n    Old = 1\n    "
          "return Old\n",
          "def f():\n    from lib import New\n    return New\n\n\ndef g():\n    Old = 1\n    "
          "return Old\n");
    GIVES("from lib import Old, New\nOld(New)\n", "from lib import New\nNew(New)\n");
    GIVES("import lib\nlib.Old.load(lib.Old)\n", "import lib\nlib.New.load(lib.New)\n");
    GIVES("import lib as l\nclass A(l.Old):\n    pass\n",
          "import lib as l\nclass A(l.New):\n    pass\n");
    GIVES("if TYPE_CHECKING:\n    from lib import Old\ndef f(x: 'Old', y: \"List[Old]\"): ...\n",
          "if TYPE_CHECKING:\n    from lib import New\ndef f(x: 'New', y: \"List[New]\"): ...\n");
    GIVES("from lib import Old\nx = f()  # type: Old\nprint(f'{Old} Old')\n",
          "from lib import New\nx = f()  # type: New\nprint(f'{New} Old')\n");
    GIVES("try:\n    from lib import Old\nexcept ImportError:\n    Old = None\nOld()\n",
          "try:\n    from lib import New\nexcept ImportError:\n    New = None\nNew()\n");
}

static void look_alikes(void) {
    PATCH(RENAME);
    STAYS("from other import Old\nOld()\n");
    STAYS("import other as lib\nlib.Old()\n");
    STAYS("class Old: ...\nOld()\n");
    STAYS("import lib\nx.Old()\nself.lib.Old\n'lib.Old'\nf('lib.Old')\n");
    STAYS("import lib\ndef f(lib):\n    return lib.Old\n");
    STAYS("from lib import Older, MyOld\nOlder(Old=1)\n");
    /* Taken, bound in another way, not to be followed. */
    STAYS("from lib import Old\nNew = 1\nOld()\n");
    STAYS("from lib import Old\ndef f(New):\n    return Old\n");
    STAYS("from lib import Old\nOld = wrap(Old)\n");
    STAYS("from lib import Old\nOld()\ndel Old\n");
    STAYS("from lib import Old\ndef f():\n    global Old\n    Old = 1\n");
    STAYS("from lib import Old\nglobals()['Old']\n");
    STAYS("from lib import Old\ndef f(x: \"Literal['Old']\"): ...\n");
    STAYS("from lib import *\nOld()\n");
    STAYS("import lib\nlib.Old = 1\ndel lib.Old\n");
    STAYS("import lib\nlib.Old()\nfor lib.Old in x: pass\n");
    STAYS("import lib\n(lib.Old, z) = 1, lib.Old\n");
    STAYS("import lib\nwith y as lib.Old: lib.Old()\n");
    /* The file has an answer for both cases. */
    STAYS("try:\n    from lib import Old\nexcept ImportError:\n    from lib import New as Old\n");
    STAYS("try:\n    from lib import New\nexcept ImportError:\n    from lib import Old as New\n");
    STAYS("try:\n    from lib import New as N\nexcept Exception:\n    from lib import Old\n");
    STAYS("if lib.__version__ > '2':\n    from lib import New\nelse:\n    from lib import Old\n");
    STAYS("import lib\nif hasattr(lib, 'Old'):\n    x = 1\nlib.Old()\n");
    STAYS("import lib\nx = getattr(lib, 'Old', None)\nlib.Old()\n");
    STAYS("import lib\nx = lib.Old if VERSION < 2 else lib.New\n");
    STAYS("import lib\ntry:\n    lib.Old\nexcept AttributeError:\n    pass\n");
    /* Once the name is there, nothing is left to do. */
    STAYS("from lib import New\nNew()\n");
}

static void modules(void) {
    PATCH(MOVE);
    GIVES("from lib.part import func\nfunc()\n", "from lib.other import func\nfunc()\n");
    GIVES("from lib.part import a, func\nfunc(a)\n",
          "from lib.other import func\nfrom lib.part import a\nfunc(a)\n");
    GIVES("from lib.part import (\n    a,  # one\n    func,\n)\nfunc(a)\n",
          "from lib.other import func\nfrom lib.part import (\n    a,  # one\n)\nfunc(a)\n");
    GIVES("from lib.other import a\nfrom lib.part import func\n",
          "from lib.other import a, func\n");
    GIVES("from lib.other import a\nfrom lib.part import func  # noqa\n",
          "from lib.other import a\nfrom lib.other import func  # noqa\n");
    GIVES("from lib.part import func; x = 1\nfunc()\n",
          "from lib.other import func; x = 1\nfunc()\n");
    GIVES("import lib.part as p\np.func(p.a)\n",
          "import lib.part as p\nfrom lib.other import func\nfunc(p.a)\n");
    GIVES("import lib\nlib.part.func()\n", "import lib\nlib.other.func()\n");
    STAYS("from lib.parts.func import x\nfrom lib.particle import func\n");
    STAYS("from .part import func\n");
    PATCH(BOTH);
    GIVES("import os\n\nfrom lib import A, Old\n\nOld(A)\n",
          "import os\n\nfrom lib import A\nfrom other.deep import New\n\nNew(A)\n");
    GIVES("from lib import Old\nimport zlib\nOld()\n",
          "from other.deep import New\nimport zlib\nNew()\n");
    GIVES("import lib\nlib.Old()\n", "from other.deep import New\nNew()\n");
    GIVES("def f():\n    from lib import Old\n    Old()\n",
          "def f():\n    from other.deep import New\n    New()\n");
}

static void whole_modules(void) {
    PATCH(MODULE);
    GIVES("from lib.old_part import a, b as c\nfrom lib.old_part.deep import d\n",
          "from lib.new_part import a, b as c\nfrom lib.new_part.deep import d\n");
    GIVES("import lib.old_part\nlib.old_part.f(lib.old_part, lib.x)\n",
          "import lib.new_part\nlib.new_part.f(lib.new_part, lib.x)\n");
    GIVES("import lib.old_part as o\no.f()\n", "import lib.new_part as o\no.f()\n");
    GIVES("from lib import old_part\nold_part.f()\n", "from lib import new_part\nnew_part.f()\n");
    GIVES("import lib.old_part\nimport lib.new_part\nlib.old_part.f()\n",
          "import lib.new_part\nlib.new_part.f()\n");
    STAYS("from lib.old_part import *\nf()\n");
    STAYS("from lib.old_parts import a\nimport lib.old_parts\n");
    PATCH(HEAD "- old_lib\n+ lib\n");
    GIVES("import old_lib\nfrom old_lib.sub import A\nold_lib.B(A)\n",
          "import lib\nfrom lib.sub import A\nlib.B(A)\n");
    GIVES("import old_lib as lib\nlib.B()\n", "import lib as lib\nlib.B()\n");
    STAYS("import old_lib\nlib = 1\nold_lib.B()\n");
    STAYS("import old_lib2, my.old_lib\nold_lib = 1\n");
    PATCH("# T.\ntier: safe\n@@\nname x ~ ^(f|g)$\n@@\n- lib.a.$x\n+ lib.b.$x\n");
    GIVES("from lib.a import f, g, h\n", "from lib.a import h\nfrom lib.b import f, g\n");
}

/* Statements that can't be taken out, and names that go to several modules. */
static void crowded(void) {
    PATCH(HEAD "- lib.part.a\n+ lib.one.a\n@@\n@@\n- lib.part.b\n+ other.two.c\n");
    GIVES("from lib.part import a, b  # noqa\nprint(a, b)\n",
          "from lib.one import a  # noqa\nfrom other.two import c\nprint(a, c)\n");
    GIVES("from lib.part import a, b\nprint(a, b)\n",
          "from lib.one import a\nfrom other.two import c\nprint(a, c)\n");
    GIVES("try:\n    from lib.part import b\nexcept ImportError:\n    b = None\nb\n",
          "try:\n    from other.two import c\nexcept ImportError:\n    c = None\nc\n");
    GIVES("from lib.part import a; import x\n", "from lib.one import a; import x\n");
    GIVES("from lib.part import a\r\n\r\na()\r\n", "from lib.one import a\r\n\r\na()\r\n");
}

static void strings(void) {
    PATCH(RENAME, MODULE);
    GIVES("@mock.patch('lib.Old.load')\ndef f(): ...\n",
          "@mock.patch('lib.New.load')\ndef f(): ...\n");
    GIVES("import_module('lib.old_part')\n", "import_module('lib.new_part')\n");
    GIVES("import lib\ngetattr(lib, 'Old')\n", "import lib\ngetattr(lib, 'New')\n");
    GIVES("import lib\nwith patch.object(lib, \"Old\"):\n    pass\n",
          "import lib\nwith patch.object(lib, \"New\"):\n    pass\n");
    STAYS("f('lib.Old')\n'lib.old_part'\nd = {'lib.Old': 'Old'}\n");
    STAYS("mock.patch('lib.Older')\nmock.patch(f'lib.Old{x}')\ngetattr(other, 'Old')\n");
}

static void exports(void) {
    PATCH(RENAME);
    GIVES("from lib import Old\n__all__ = ['Old']\n",
          "from lib import New as Old\n__all__ = ['Old']\n");
    CHECK_STR(run_in("pkg/__init__.py", "from lib import Old\n"),
              S("from lib import New as Old\n"));
    PATCH(MOVE);
    CHECK_STR(run_in("pkg/__init__.py", "from lib.part import func\n"),
              S("from lib.other import func\n"));
}

static void notes(void) {
    PATCH("# T.\ntier: advice\n@@\nname Class ~ ^TF[A-Z]\n@@\n  lib.$Class\n! $Class is gone\n");
    STAYS("from lib import A, TFAuto, TFBert\nTFAuto()\n");
    CHECK_INT(outcome->n_notes, 2);
    CHECK_STR(outcome->notes[0].text, S("TFAuto is gone"));
    CHECK_INT(outcome->notes[0].column, 20);
    STAYS("import lib\nlib.TFAuto()\nlib.TFAuto()\nlib.TFBert()\n");
    CHECK_INT(outcome->n_notes, 2);
    CHECK_INT(outcome->notes[1].line, 4);
    STAYS("from lib import TFx, A as TFAuto\nx.TFAuto\nmock.patch('lib.TFAuto')\n");
    CHECK_INT(outcome->n_notes, 0);
    STAYS("try:\n    from lib import TFA\nexcept ImportError:\n    from lib import B as TFA\n");
    CHECK_INT(outcome->n_notes, 0);
    PATCH("# T.\ntier: advice\n@@\n@@\n- lib.old\n! write it yourself\n");
    STAYS("from lib import old\nold()\n");
    CHECK_INT(outcome->n_notes, 1);
}

/* A symbol and a call of it in one patch; the first rule that matches a place wins. */
static void with_calls(void) {
    PATCH("# T.\ntier: safe\n@@\nexpr x\n@@\n- lib.load_metric($x, old=True)\n+ "
          "other.load($x)\n@@\n@@\n- lib.load_metric\n+ other.load_plain\n");
    GIVES("import lib\nlib.load_metric(1, old=True)\nlib.load_metric(2)\n",
          "from other import load, load_plain\nload(1)\nload_plain(2)\n");
    GIVES("from lib import load_metric\nload_metric(1)\n",
          "from other import load_plain\nload_plain(1)\n");
}

static void kept_out(void) {
    PATCH(RENAME);
    STAYS("from lib import Old  # hffix: ignore\nOld()\n");
    STAYS("from lib import Old\nOld()  # hffix: ignore\n");
    GIVES("import lib\nlib.Old(1)  # hffix: ignore\nlib.Old(2)\n",
          "import lib\nlib.Old(1)  # hffix: ignore\nlib.New(2)\n");
}

static void open_folder(void) {
    folder_open();
}

static void close_folder(void) {
    folder_close();
    arena_close(&arena);
}

UNIT_MAIN(open_folder, names, look_alikes, modules, whole_modules, crowded, strings, exports, notes,
          with_calls, kept_out, close_folder)

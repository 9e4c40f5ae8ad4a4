/* Names that modules of a project import from libraries and others import from them. */
#include "project/reexports.h"

#include "unit.h"
#include "unit_folder.h"

static Arena arena;
static Projects *projects;

static Str behind(const char *path, const char *qualified) {
    const Project *project = project_of(projects, str_from(path));
    return reexport_of(project, str_from(path), str_from(qualified));
}

static void begin(void) {
    folder_open();
    projects = projects_open(&arena, NULL, 0, settings_default);
}

static void end(void) {
    projects_close(projects);
    folder_close();
}

static void places(void) {
    begin();
    folder_write("lib/hf.py", "from transformers import AutoModel, pipeline as pipe\n");
    folder_write("lib/__init__.py", "from peft import PeftModel\n");
    folder_write("src/pkg/models.py", "from transformers import AutoTokenizer\n");
    folder_write("src/pkg/deep/__init__.py", "");
    CHECK_STR(behind("a.py", "lib.hf.AutoModel"), S("transformers.AutoModel"));
    CHECK_STR(behind("lib/a.py", "lib.hf.AutoModel"), S("transformers.AutoModel"));
    CHECK_STR(behind("lib/a.py", "hf.pipe"), S("transformers.pipeline"));
    CHECK_STR(behind("lib/a.py", "hf.pipeline"), S(""));
    CHECK_STR(behind("a.py", "lib.PeftModel"), S("peft.PeftModel"));
    CHECK_STR(behind("lib/a.py", ".hf.AutoModel"), S("transformers.AutoModel"));
    CHECK_STR(behind("lib/a.py", ".PeftModel"), S("peft.PeftModel"));
    CHECK_STR(behind("src/pkg/deep/a.py", "..models.AutoTokenizer"),
              S("transformers.AutoTokenizer"));
    CHECK_STR(behind("a.py", "pkg.models.AutoTokenizer"), S("transformers.AutoTokenizer"));
    CHECK_STR(behind("a.py", "none.AutoTokenizer"), S(""));
    CHECK_STR(behind("a.py", "AutoTokenizer"), S(""));
    CHECK_STR(behind("a.py", ""), S(""));
    CHECK_STR(behind("a.py", "..."), S(""));
    end();
}

static void not_only_imported(void) {
    begin();
    folder_write("a.py", "from transformers import X\nX = wrap(X)\n");
    folder_write("b.py", "if fast:\n    from transformers import X\n");
    folder_write("c.py", "from transformers import X\nfrom other import *\n");
    folder_write("d.py", "from transformers import X\nfrom other import X\n");
    folder_write("e.py", "from .other import X\n");
    folder_write("f.py", "from transformers import X\nx = X.from_pretrained(X())\n");
    folder_write("g.py", "from transformers import X\nfor X in (1, 2):\n    pass\n");
    folder_write("h.py", "from transformers import X\ndef (:\n");
    folder_write("i.py", "from transformers import X\n");
    folder_write("i/__init__.py", "from other import X\n");
    folder_write("sub/a.py", "from transformers import X\n");
    for (const char *name = "abcdeghi"; *name; name++)
        CHECK_STR(behind("use.py", str_c(&arena, str_format(&arena, "%c.X", *name))), S(""));
    CHECK_STR(behind("use.py", "f.X"), S("transformers.X"));
    CHECK_STR(behind("sub/use.py", "a.X"), S("")); /* which a depends on how it is started */
    end();
    arena_close(&arena);
}

UNIT_MAIN(places, not_only_imported)

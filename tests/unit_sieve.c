/* The sieve: what its probes say about lines, and that it never says no where the engine finds
 * something. `unit_sieve FOLDER…` asks the second about every file of the folders, which are
 * fixtures/ unless given. */
#define _XOPEN_SOURCE 700 /* mkdtemp() */
#include <string.h>
#include <unistd.h>

#include "document/document.h"
#include "project/walk.h"
#include "tests/unit.h"
#include "transform/run.h"
#include "transform/sieve.h"

static const char load_patch[] = "# Load.\n"
                                 "tier: safe\n"
                                 "@@\n"
                                 "name Auto ~ ForCausalLM$\n"
                                 "when absent dtype, torch_dtype\n"
                                 "@@\n"
                                 "  transformers.$Auto.from_pretrained(\n"
                                 "      ...,\n"
                                 "+     dtype=torch.bfloat16,\n"
                                 "      )\n"
                                 "@@\n"
                                 "expr v\n"
                                 "@@\n"
                                 "  transformers.TrainingArguments(\n"
                                 "      ...,\n"
                                 "-     evaluation_strategy=$v,\n"
                                 "+     eval_strategy=$v,\n"
                                 "      ...)\n"
                                 "@@\n"
                                 "expr a : transformers.TrainingArguments\n"
                                 "@@\n"
                                 "- $a.evaluation_steps\n"
                                 "+ $a.eval_steps\n";

static const char call_patch[] = "# Call.\n"
                                 "tier: safe\n"
                                 "@@\n"
                                 "expr tok : transformers.PreTrainedTokenizerBase\n"
                                 "when absent padding\n"
                                 "@@\n"
                                 "  $tok(\n"
                                 "      ...,\n"
                                 "      return_tensors=...,\n"
                                 "+     padding=True,\n"
                                 "      )\n";

static const char assign_patch[] = "# Assign.\n"
                                   "tier: review\n"
                                   "@@\n"
                                   "name tok\n"
                                   "@@\n"
                                   "  $tok = transformers.AutoTokenizer.from_pretrained(...)\n"
                                   "+ $tok.pad_token = 1\n";

static Arena arena, file_arena;
static Parser *parser;
static Diagnostics diagnostics;

/* ---- probes ---- */

static char folder[] = "/tmp/hffix-unit-XXXXXX";

static Str patch_file(const char *name, const char *text) {
    Str path = str_format(&arena, "%s/%s.patch", folder, name);
    FILE *file = fopen(str_c(&arena, path), "wb");
    if (!file)
        abort();
    fwrite(text, 1, strlen(text), file);
    fclose(file);
    return path;
}

static Engine engine;

static void open_patches(void) {
    if (!mkdtemp(folder))
        abort();
    Str paths[] = {patch_file("load", load_patch), patch_file("call", call_patch),
                   patch_file("assign", assign_patch)};
    Registry *registry = registry_open(&arena, &(Selection){0}, paths, COUNT(paths), &diagnostics);
    if (!registry)
        abort();
    engine = (Engine){.registry = registry,
                      .projects = projects_open(&arena, NULL, 0, settings_default),
                      .sieve = sieve_open(&arena, registry)};
    for (ptrdiff_t i = 0; i < COUNT(paths); i++)
        unlink(str_c(&arena, paths[i]));
    rmdir(folder);
}

static void close_engine(void) {
    sieve_close(engine.sieve);
    registry_close(engine.registry);
    projects_close(engine.projects);
}

/* The letters of what stays: Load, Call, Assign. */
static Str passes(const char *text) {
    ptrdiff_t n;
    registry_entries(engine.registry, &n);
    bool *candidates = new (&arena, bool, n);
    static const char *const names[] = {"load", "call", "assign"};
    for (ptrdiff_t i = 0; i < COUNT(names); i++)
        candidates[registry_find(engine.registry, str_from(names[i]))] = true;
    const Source *source = source_read(&arena, S("snippet.py"), str_from(text), &diagnostics);
    bool any = sieve_pass(&engine, engine.sieve, parser, &arena, source, candidates);
    Buf letters = {.arena = &arena};
    for (ptrdiff_t i = 0; i < COUNT(names); i++)
        if (candidates[registry_find(engine.registry, str_from(names[i]))])
            buf_add_byte(&letters, "LCA"[i]);
    CHECK_INT(any, letters.n > 0);
    return buf_str(&letters);
}

#define IMPORT "from transformers import AutoModelForCausalLM, AutoTokenizer\n"

static void test_calls(void) {
    CHECK_STR(passes(IMPORT), S(""));
    CHECK_STR(passes(IMPORT "AutoModelForCausalLM.from_pretrained(x)\n"), S("L"));
    CHECK_STR(passes(IMPORT "AutoModelForCausalLM.from_pretrained(x, dtype=1)\n"), S(""));
    CHECK_STR(passes(IMPORT "f(AutoModelForCausalLM.from_pretrained(dtype(x)))\n"), S("L"));
    CHECK_STR(passes(IMPORT "# AutoModelForCausalLM.from_pretrained(x)\n"), S(""));
    CHECK_STR(passes(IMPORT "'''AutoModelForCausalLM.from_pretrained(x)'''\n"), S(""));
    CHECK_STR(passes(IMPORT "f(a, 'from_pretrained(x)', # from_pretrained(x)\n  b)\n"), S(""));
    CHECK_STR(passes(IMPORT "f('of from_pretrained', AutoModelForCausalLM.from_pretrained(x))\n"),
              S("L"));
    CHECK_STR(passes(IMPORT "m = ('''x''' + f'''{AutoModelForCausalLM.from_pretrained(x)}''')\n"),
              S("LA"));
    CHECK_STR(passes(IMPORT "x.from_pretrained\n"), S(""));
    CHECK_STR(passes(IMPORT "TrainingArguments(a, eval_strategy=1)\n"), S(""));
    CHECK_STR(passes(IMPORT "TrainingArguments(a, evaluation_strategy=1)\n"), S("L"));
    CHECK_STR(passes(IMPORT "TrainingArguments(a, **more)\n"), S("L"));
    CHECK_STR(passes(IMPORT "TrainingArguments(a, *more)\n"), S(""));
    CHECK_STR(passes("print(args.evaluation_steps)\n"), S("L"));
    CHECK_STR(passes("print(evaluation_steps)\n"), S(""));
}

static void test_receivers(void) {
    CHECK_STR(passes(IMPORT "AutoTokenizer.from_pretrained(x)\n"), S(""));
    CHECK_STR(passes(IMPORT "t = AutoTokenizer.from_pretrained(x)\n"), S("A"));
    CHECK_STR(passes(IMPORT "def f(cls, x):\n    cls.from_pretrained(x)\n"), S(""));
    CHECK_STR(passes(IMPORT "c = AutoModelForCausalLM\nc.from_pretrained(x)\n"), S("L"));
    CHECK_STR(passes(IMPORT "b, c = A, B\nc.from_pretrained(x)\n"), S("L"));
    CHECK_STR(passes(IMPORT "(\n    b,\n    c,\n) = A, B\nb.from_pretrained(x)\n"), S("L"));
    CHECK_STR(passes("from transformers import (\n    AutoModelForCausalLM as M,\n)\n"
                     "M.from_pretrained(x)\n"),
              S("L"));
    CHECK_STR(passes("from transformers import (\n    AutoModelForCausalLM,\n    Other,\n)\n"
                     "AutoModelForCausalLM.from_pretrained(x)\nOther.from_pretrained(y)\n"),
              S("L"));
    CHECK_STR(passes("from transformers import (\n    Other,\n)\nOther.from_pretrained(y)\n"),
              S(""));
    CHECK_STR(passes("import transformers\ntransformers.AutoModel.from_pretrained(y)\n"), S(""));
    CHECK_STR(passes("import transformers\ntransformers.GPTForCausalLM.from_pretrained(y)\n"),
              S("L"));
    CHECK_STR(
        passes("import transformers.models\ntransformers.GPTForCausalLM.from_pretrained(y)\n"),
        S("L"));
    CHECK_STR(passes("import transformers.models.gpt2\n"
                     "transformers.models.gpt2.GPTForCausalLM.from_pretrained(y)\n"),
              S("L"));
    CHECK_STR(passes("import a.models\na.GPT.from_pretrained(y)\n"), S(""));
    CHECK_STR(passes("transformers.GPTForCausalLM.from_pretrained(y)\n"), S(""));
    CHECK_STR(passes("import transformers as t\nt.AutoModel.from_pretrained(y)\n"), S("L"));
    CHECK_STR(passes(IMPORT "class A:\n    def f(self):\n        self.c = X\n    def g(self):\n"
                            "        self.c.from_pretrained(x)\n"),
              S("L"));
    CHECK_STR(passes("super().from_pretrained(x)\n"), S(""));
    CHECK_STR(passes("getattr(transformers, 'GPTForCausalLM').from_pretrained(x)\n"), S("L"));
}

static void test_other_names(void) {
    CHECK_STR(passes(IMPORT "load = AutoModelForCausalLM.from_pretrained\nload(x)\n"), S("LA"));
    CHECK_STR(passes(IMPORT "a, load = 1, (AutoModelForCausalLM.from_pretrained)\n"), S("LA"));
    CHECK_STR(passes(IMPORT "f(AutoModelForCausalLM.from_pretrained)\n"), S(""));
    CHECK_STR(passes(IMPORT "load = getattr(AutoModelForCausalLM, 'from_pretrained')\n"), S("LA"));
    CHECK_STR(passes("f('from_pretrained')\n"), S(""));
    CHECK_STR(passes("from transformers import TrainingArguments as T\n"), S("L"));
    CHECK_STR(passes("from transformers import TrainingArguments\n"), S(""));
}

static void test_keywords(void) {
    CHECK_STR(passes("tok(x, return_tensors='pt')\n"), S("C"));
    CHECK_STR(passes("tok(x, return_tensors='pt', padding=True)\n"), S(""));
    CHECK_STR(passes("tok(x, '''return_tensors''')\n"), S("C"));
    CHECK_STR(passes("kw = dict(return_tensors='pt', padding=True)\n"), S("C"));
    CHECK_STR(passes("kw['return_tensors'] = 'pt'\n"), S("C"));
    CHECK_STR(passes("kw = {'return_tensors': 'pt'}\n"), S("C"));
    CHECK_STR(passes("def f(return_tensors=None): pass\n"), S(""));
    CHECK_STR(passes("f('the option return_tensors')\n"), S(""));
}

static void test_lines(void) {
    CHECK_STR(passes("if tok(x, return_tensors=1):  # why\n    pass\n"), S("C"));
    CHECK_STR(passes("if a:\n    pass\nelif tok(x, return_tensors=1):\n    pass\n"), S("C"));
    CHECK_STR(passes("if a:\n    pass\nelse: tok(x, return_tensors=1)\n"), S("C"));
    CHECK_STR(passes("try: tok(x, return_tensors=1)\nfinally: pass\n"), S("C"));
    CHECK_STR(passes("@tok(x, return_tensors=1)\ndef f():\n    pass\n"), S("C"));
    CHECK_STR(passes("with a(b,\n       tok(x, return_tensors=1)) as c:\n    pass\n"), S("C"));
    CHECK_STR(passes("with a(b,\n       tok(x, padding=2, return_tensors=1)) as c:\n    pass\n"),
              S(""));
    CHECK_STR(passes("x = tok(x, padding=1, return_tensors=1); y = tok(return_tensors=1)\n"),
              S("C"));
    /* What can't be read is for the whole parse. */
    CHECK_STR(passes("x = (tok(x, padding=1, return_tensors=1)\n"), S("LCA"));
    CHECK_STR(passes("x = tok(x, padding=1, return_tensors=1) y\n"), S("LCA"));
    CHECK_STR(passes("match x:\n    case tok(return_tensors=1): pass\n"), S("LCA"));
}

/* ---- against the whole file ---- */

static ptrdiff_t with_something, spared;

/* Whether what the transform only withholds has to pass, too: not where conditions need something,
 * for without that they are at most unknown. */
static bool tells_withheld(const Entry *entry) {
    for (ptrdiff_t i = 0; i < entry->n_probes; i++)
        if (*entry->probes[i].needs)
            return false;
    return true;
}

static void check_source(const Source *source) {
    ptrdiff_t n;
    const Entry *entries = registry_entries(engine.registry, &n);
    bool *all = new (&file_arena, bool, n), *left = new (&file_arena, bool, n);
    for (ptrdiff_t i = 0; i < n; i++)
        all[i] = left[i] = true;
    sieve_pass(&engine, engine.sieve, parser, &file_arena, source, left);
    Tree *tree = syntax_parse(parser, &file_arena, GRAMMAR_PYTHON, source->parse_text);
    if (!tree)
        return;
    Run *run = run_open(&engine, &file_arena, module_read(&file_arena, source, tree), all);
    bool something = false;
    for (ptrdiff_t i = 0; i < n; i++) {
        const TransformRun *transform = run_transform(run, i);
        bool found = transform->matches.n || (transform->withheld.n && tells_withheld(&entries[i]));
        something |= found;
        spared += !left[i];
        if (found && !left[i])
            fprintf(stderr, "%.*s: %.*s\n", STR_ARG(source->path),
                    STR_ARG(registry_entries(engine.registry, &n)[i].name));
        CHECK(!found || left[i]);
    }
    with_something += something;
}

/* A rule about which nothing can be asked would have every file parsed. */
static void check_probes(void) {
    ptrdiff_t n;
    const Entry *entries = registry_entries(engine.registry, &n);
    for (ptrdiff_t i = 0; i < n; i++) {
        bool asks = !entries[i].has_python || (entries[i].words && *entries[i].words);
        for (ptrdiff_t k = 0; k < entries[i].n_probes; k++)
            asks &= entries[i].probes[k].kind != PROBE_ANYTHING || *entries[i].probes[k].needs;
        if (!asks)
            fprintf(stderr, "%.*s has a rule without a word to look for\n",
                    STR_ARG(entries[i].name));
        CHECK(asks);
    }
}

static void check_folders(const Str *folders, ptrdiff_t n_folders) {
    Registry *registry = registry_open(&arena, &(Selection){0}, NULL, 0, &diagnostics);
    engine = (Engine){.registry = registry,
                      .projects = projects_open(&arena, NULL, 0, settings_default),
                      .sieve = sieve_open(&arena, registry)};
    check_probes();
    WalkResult files = walk(&arena, folders, n_folders, &(WalkOptions){.threads = 1}, &diagnostics);
    for (ptrdiff_t i = 0; i < files.n; i++) {
        Str bytes;
        Diagnostics unheard = {.arena = &file_arena};
        Document *document = NULL;
        if (document_load(&file_arena, files.files[i].path, &bytes, &unheard))
            document = document_read(&file_arena, files.files[i].path, bytes, &unheard);
        for (ptrdiff_t k = 0; document && k < document->n; k++) {
            document->pieces[k]->package = (Str){0}; /* a library's own files are read, too */
            check_source(document->pieces[k]);
        }
        arena_clear(&file_arena);
    }
    CHECK(files.n > 0);
    printf("%td files: %td with something to find, %td transforms spared\n", files.n,
           with_something, spared);
    close_engine();
}

int main(int argc, char **argv) {
    parser = parser_open();
    diagnostics.arena = &arena;
    open_patches();
    test_calls();
    test_receivers();
    test_other_names();
    test_keywords();
    test_lines();
    close_engine();
    Str folders[64] = {S("fixtures")};
    ptrdiff_t n = argc > 1 ? 0 : 1;
    for (int i = 1; i < argc && n < COUNT(folders); i++)
        folders[n++] = str_from(argv[i]);
    check_folders(folders, n);
    CHECK(argc > 1 || (with_something > 10 && spared > 10));
    parser_close(parser);
    arena_close(&file_arena);
    arena_close(&arena);
    printf("%d checks, %d failed\n", unit_checks, unit_failures);
    return unit_failures != 0;
}

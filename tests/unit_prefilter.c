/* Which entries pass for which bytes. */
#include "tests/unit.h"
#include "transform/prefilter.h"

static Arena arena;

static const char *const dtype[] = {"from_pretrained", "torch_dtype", NULL, NULL};
static const char *const either[] = {"SFTTrainer", "max_seq_length", NULL, "SFTConfig", NULL, NULL};
static const char *const any[] = {NULL};
static const char *const generate[] = {"generate", NULL, NULL};

static Entry entries[] = {
    {.name = {"load/dtype", 10},
     .path = {"transforms/load/dtype.patch", 27},
     .words = dtype,
     .selected = true},
    {.name = {"trl/x", 5},
     .path = {"transforms/trl/x.patch", 22},
     .words = either,
     .selected = true},
    {.name = {"gen", 3}, .path = {"transforms/gen.patch", 20}, .words = generate},
};

/* The gate's letter and then one letter for each entry: + for a candidate. */
static Str scan(const Prefilter *prefilter, Str bytes) {
    bool candidates[4] = {true, true, true, true};
    Gate gate = prefilter_scan(prefilter, bytes, candidates);
    return str_format(&arena, "%c%c%c%c", "LWO"[gate], "-+"[candidates[0]], "-+"[candidates[1]],
                      "-+"[candidates[2]]);
}

static void test_gate(void) {
    Prefilter *p = prefilter_build(&arena, entries, 3);
    CHECK_STR(scan(p, S("")), S("L---"));
    CHECK_STR(scan(p, S("generate(torch_dtype)")), S("L---"));
    CHECK_STR(scan(p, S("import mytransformers\nfrom_pretrained2(torch_dtype)")), S("L---"));
    /* Its class may come from a module of the project that imports it from a library. */
    CHECK_STR(scan(p, S("from_pretrained(torch_dtype)")), S("O+--"));
    CHECK_STR(scan(p, S("import transformers\n")), S("W---"));
    CHECK_STR(scan(p, S("import transformers\nfrom_pretrained(torch_dtype)")), S("O+--"));
    CHECK_STR(scan(p, S("from_pretrained(torch_dtype)\nimport peft")), S("O+--"));
}

static void test_conjunctions(void) {
    Prefilter *p = prefilter_build(&arena, entries, 3);
    CHECK_STR(scan(p, S("trl torch_dtype")), S("W---"));
    CHECK_STR(scan(p, S("trl torch_dtype from_pretrained2")), S("W---"));
    CHECK_STR(scan(p, S("trl SFTTrainer")), S("W---"));
    CHECK_STR(scan(p, S("trl max_seq_length SFTTrainer")), S("O-+-"));
    CHECK_STR(scan(p, S("trl SFTConfig")), S("O-+-"));
    CHECK_STR(scan(p, S("trl generate")), S("W---"));
    CHECK_STR(scan(p, S("trl SFTConfig torch_dtype SFTTrainer max_seq_length from_pretrained")),
              S("O++-"));
}

static void test_selection(void) {
    entries[0].selected = false;
    entries[2].selected = true;
    Prefilter *p = prefilter_build(&arena, entries, 3);
    CHECK_STR(scan(p, S("trl generate torch_dtype from_pretrained")), S("O--+"));
    CHECK_STR(scan(prefilter_build(&arena, entries, 0), S("trl generate")), S("W+++"));
    entries[0].selected = true;
    entries[2].selected = false;
}

static void test_any_file(void) {
    entries[2].words = any;
    entries[2].selected = true;
    Prefilter *p = prefilter_build(&arena, entries, 3);
    CHECK_STR(scan(p, S("trl")), S("O--+"));
    CHECK_STR(scan(p, S("x")), S("L---"));
    entries[2].words = generate;
}

/* A patch of the user's may be about any library. */
static void test_own_patch(void) {
    entries[2].own = true;
    Prefilter *p = prefilter_build(&arena, entries, 3);
    CHECK_STR(scan(p, S("x.generate()")), S("O--+"));
    CHECK_STR(scan(p, S("x.generator()")), S("W---"));
    arena_close(&arena);
}

UNIT_MAIN(test_gate, test_conjunctions, test_selection, test_any_file, test_own_patch)

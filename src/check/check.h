/* The native check: does this checkpoint load with these arguments, and what does it generate? */
#ifndef HFFIX_CHECK_CHECK_H
#define HFFIX_CHECK_CHECK_H

#include "check/generate.h"
#include "check/plan.h"

typedef enum CheckLevel { CHECK_CONFIG, CHECK_WEIGHTS, CHECK_GENERATE } CheckLevel;

/* What a program does with the tokenizer; all zero: nothing, and texts are padded on the
 * left, as generating wants it. */
typedef struct CheckTokenizer {
    Str folder;     /* empty: the checkpoint's own */
    bool sets_side; /* the program says where to pad */
    bool left;      /* … there */
    bool pads;      /* some call pads, so that what nobody has set is as the library has it */
    Str pad_token;  /* that it sets; empty: none */
    Str pad_from;   /* "eos_token": it sets that one's */
    bool sets_pad_id;
    int64_t pad_id;      /* that it sets */
    bool pad_if_missing; /* only where the tokenizer has none */
    bool adds_token;     /* a pad_token that is not in the vocabulary gets a new id */
    bool resizes;        /* … and a row in the embedding */
} CheckTokenizer;

typedef struct CheckRequest {
    Str folder;
    const Json *load; /* the arguments of from_pretrained; NULL: none */
    const Str *texts;
    ptrdiff_t n_texts, max_new_tokens;
    CheckLevel level;
    CheckTokenizer tokenizer;
    bool headless; /* the class has no head of its own here: no lm_head is looked for, none run */
    bool logits, hashes;
    uint64_t memory; /* bytes that the check may take; 0: no limit */
    const uint64_t *gpus;
    ptrdiff_t n_gpus;
    int threads;
} CheckRequest;

/* What is run where nobody gives texts: two of different lengths, so that padding is tried. */
extern const Str check_texts[];
extern const ptrdiff_t check_n_texts;

typedef struct CheckText {
    Ids ids;
    Generated generated; /* of the text alone; no ids when it could not be run */
} CheckText;

typedef struct CheckReport {
    Reasons reasons;
    Str architecture; /* "LlamaForCausalLM"; empty: not known */
    uint64_t tensors;
    Plan plan;
    Str form; /* of the weights as loaded: "bf16", "nf4", "int8"; empty: not known */
    bool has_plan, has_tokenizer;
    TokenizerFacts tokenizer;
    CheckText *texts;
    ptrdiff_t n_texts;
    int padded_equals_alone; /* 1, 0; -1: nothing to compare */
    bool generated;
    bool partly; /* not all fit into memory: the first `layers_run` layers were run */
    int64_t layers, layers_run;
    bool finite;
    Str modules; /* with hashes: the quantized modules, as JSON */
    int64_t vocab;
    double seconds;
    uint64_t peak_bytes;
} CheckReport;

/* Everything that the report points to lies in `arena`. Runs out of `memory` only with a reject. */
CheckReport check_run(Arena *arena, const CheckRequest *request);

/* "loads", "warns" or "rejects". */
const char *check_verdict(const CheckReport *report);
void check_print_modules(Buf *out, const Model *model); /* hashes, while the files are open */
void check_print_json(Buf *out, const CheckReport *report, const CheckRequest *request);

#endif

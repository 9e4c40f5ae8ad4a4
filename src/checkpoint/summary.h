/* What the files of a checkpoint's folder say about the model, in a few values. Weights are not
 * read, only what lies beside them and the header of a single file. */
#ifndef HFFIX_CHECKPOINT_SUMMARY_H
#define HFFIX_CHECKPOINT_SUMMARY_H

#include "checkpoint/reason.h"

typedef struct CheckpointSummary {
    Str folder;
    Str model_type, architecture; /* "llama", "LlamaForCausalLM"; empty: not said */
    Str dtype;                    /* "bfloat16"; empty: not said */
    Str quantized;                /* the method; empty: the weights are not quantized */
    bool encoder_decoder;
    bool auto_map;   /* code comes with it, for the model or the tokenizer */
    bool length;     /* its generation config gives max_new_tokens or max_length */
    bool samples;    /* … and says do_sample */
    double billions; /* parameters in 10^9 by the weights or, where these are not there, by the
                        config; 0: not known */
    double longest;  /* of the tokenizer, in tokens; 0: not said, or none that means anything */
} CheckpointSummary;

/* False when the folder has no config.json that can be read. */
bool checkpoint_summarize(Arena *arena, Str folder, CheckpointSummary *summary);

#endif

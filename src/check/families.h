/* The architectures: a row of data each, and what a config makes of it.
 *
 * A decoder is, for every row: embedding, layers of attention and MLP with norms around them, a
 * last norm, a head. `Arch` says which of the parts are there and what numbers they take; `weights`
 * lists every tensor that has to be in the checkpoint. Nothing outside families.c asks for a
 * name. */
#ifndef HFFIX_CHECK_FAMILIES_H
#define HFFIX_CHECK_FAMILIES_H

#include "checkpoint/config.h"

/* What a module is for. Those of a layer lie between SLOT_NORM_ATTENTION and SLOT_EXPERT_DOWN. */
typedef enum Slot {
    SLOT_EMBED,
    SLOT_POSITION,   /* learned positions */
    SLOT_EMBED_NORM, /* Bloom */
    SLOT_PROJECT_IN, /* OPT, when its embedding is narrower */
    SLOT_NORM_ATTENTION,
    SLOT_Q,
    SLOT_K,
    SLOT_V,
    SLOT_QKV,
    SLOT_Q_NORM,
    SLOT_K_NORM,
    SLOT_O,
    SLOT_NORM_AFTER_ATTENTION, /* of the branch, before it is added */
    SLOT_NORM_MLP,
    SLOT_GATE,
    SLOT_UP,
    SLOT_GATE_UP, /* rows: gate, then up */
    SLOT_DOWN,
    SLOT_NORM_AFTER_MLP,
    SLOT_ROUTER,
    SLOT_EXPERT_GATE,
    SLOT_EXPERT_UP,
    SLOT_EXPERT_DOWN,
    SLOT_FINAL_NORM,
    SLOT_PROJECT_OUT,
    SLOT_HEAD,
    SLOTS
} Slot;

typedef enum NormKind {
    NORM_RMS,          /* w * (x/rms in the load type): Llama */
    NORM_RMS_FLOAT,    /* (w * x/rms) rounded once: OLMo 2 */
    NORM_RMS_PLUS_ONE, /* ((1 + w) * x/rms) rounded once: Gemma */
    NORM_LAYER         /* mean and variance, w and b */
} NormKind;

typedef enum Activation {
    ACT_SILU,
    ACT_GELU,      /* erf */
    ACT_GELU_TANH, /* gelu_new, gelu_pytorch_tanh, gelu_fast, Bloom's */
    ACT_RELU,
    ACT_QUICK_GELU
} Activation;

typedef enum PositionKind {
    POSITION_ROPE,
    POSITION_LEARNED,
    POSITION_ALIBI,       /* Bloom */
    POSITION_ALIBI_FALCON /* in bfloat16 whatever the load type, and scaled like the scores */
} PositionKind;

typedef struct Family Family;

typedef struct Arch {
    const Family *family;
    Str class_name; /* "LlamaForCausalLM" */
    int64_t hidden, layers, heads, kv_heads, head_dim, intermediate, vocab, positions;
    int64_t experts, experts_used; /* 0: no experts */
    int64_t embed_dim;             /* = hidden but in OPT */
    NormKind norm;
    double eps;
    Activation activation;
    PositionKind position;
    int64_t position_offset; /* OPT: 2 */
    Rope rope, sliding_rope;
    const unsigned char *sliding;  /* per layer */
    const unsigned char *no_rope;  /* per layer */
    int64_t window;                /* 0: none */
    double scale;                  /* of the scores */
    double softcap, final_softcap; /* 0: none */
    double embed_scale;            /* 0: none */
    double residual_scale, logit_divisor;
    bool inverse_layer_scale; /* scores / (layer + 1): GPT-2, on request */
    bool grouped_qkv; /* fused rows lie by kv group [q… k v]; otherwise all q, all k, all v */
    bool transposed;  /* linear weights are stored [in, out]: GPT-2's Conv1D */
    bool parallel;    /* x + attention + mlp, both of x */
    bool shared_norm; /* parallel, and the MLP reads the attention's norm */
    bool post_norm;   /* OPT: norms behind the additions */
    bool residual_from_norm; /* Bloom: the residual is the norm's output */
    bool qk_norm_whole;      /* OLMo 2: over all heads at once */
    bool qk_norm_per_head;   /* StableLM: a norm of its own for each head */
    bool tied;
    bool quantizes;      /* false: bitsandbytes leaves its layers alone (FalconLinear) */
    bool rebuilds_cache; /* Phi-3: longrope starts over when the text crosses the original length */
    uint32_t has, biased; /* bits of Slot: the module is there; it has a bias */
} Arch;

typedef struct WeightSpec {
    Slot slot;
    int layer;  /* -1: of no layer */
    int expert; /* -1: of no expert */
    Str module; /* "model.layers.0.self_attn.q_proj" */
    Str suffix; /* "weight", "bias" */
    uint64_t shape[2];
    int rank;
    bool linear; /* a module that bitsandbytes can quantize */
} WeightSpec;
typedef List(WeightSpec) WeightSpecs;

/* Fills `out` from the config. False after rejects: an unknown architecture, impossible numbers. */
bool arch_read(Arena *arena, const Config *config, Arch *out);
WeightSpecs arch_weights(Arena *arena, const Arch *arch);

/* Names under which a tensor may lie in a file: as it is called, and without the prefix that older
 * files lack ("transformer."). `n` of them in `out`. */
int arch_spellings(Arena *arena, const Arch *arch, Str name, Str out[3]);
bool arch_ignores(Str name); /* buffers that old files carry */
/* A tensor of a part that is not the language model: what makes vectors of pictures. */
bool arch_other_part(const Arch *arch, Str name);

#endif

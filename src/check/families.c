/* To add an architecture: a row in `families`, with the names of its modules and what it has; where
 * its config says something of its own, an adjust function. Facts are from transformers 5.23,
 * models/NAME/modeling_NAME.py and configuration_NAME.py. */
#include "check/families.h"

#include <math.h>

#define BIT(slot) (1u << (slot))
#define ATTENTION (BIT(SLOT_Q) | BIT(SLOT_K) | BIT(SLOT_V) | BIT(SLOT_O) | BIT(SLOT_QKV))
#define MLP       (BIT(SLOT_GATE) | BIT(SLOT_UP) | BIT(SLOT_DOWN))
#define CONFIG    S("config.json")
enum { MOST_MODULES = 1 << 17 }; /* layers with their experts */

typedef struct Sizes {
    int64_t hidden, layers, heads, kv_heads, head_dim, inner, vocab, positions;
} Sizes;

struct Family {
    const char *model_type, *class_name;
    const char *prefix; /* that files may lack */
    const char *layer;  /* before the names of a layer's modules */
    const char *names[SLOTS];
    NormKind norm;
    PositionKind position;
    const char *activation; /* default */
    double theta, partial;  /* defaults; 0: 10000 and 1 */
    double local_theta;     /* of sliding layers, which have no scaling; 0: as the others */
    const char *inner;      /* its names for intermediate_size; NULL: that; "": always 4 x hidden */
    bool tied;              /* tie_word_embeddings when the config does not say */
    bool qk_norm;
    uint32_t biased;
    bool (*adjust)(const Config *config, Arch *arch); /* NULL: nothing of its own */
    const Sizes *sizes; /* for a part of a config, which leaves out what is the default */
};

/* ---- what configs of one family say ---- */

static void drop(Arch *arch, uint32_t slots) {
    arch->has &= ~slots;
}

static bool layer_list(const Config *config, Arch *arch, const char *key, const unsigned char **out,
                       bool (*chosen)(const Json *)) {
    const Json *list = config_get(config, key);
    if (!list)
        return true;
    if (json_count(list) < arch->layers)
        return reject(config->reasons, CONFIG, str_from(key), "%s has %td entries for %lld layers",
                      key, json_count(list), (long long)arch->layers);
    unsigned char *flags = new (config->arena, unsigned char, arch->layers);
    int64_t i = 0;
    for (JsonIter it = json_iter(list); json_next(&it) && i < arch->layers; i++)
        flags[i] = chosen(it.value);
    *out = flags;
    return true;
}

static bool is_sliding(const Json *value) {
    return json_is(value, S("sliding_attention"));
}

static bool is_zero(const Json *value) {
    return json_number(value, 1) == 0;
}

/* Layers for which rule(i) holds slide, unless layer_types says which do. */
static bool sliding_layers(const Config *config, Arch *arch, int64_t first, int64_t period) {
    unsigned char *flags = new (config->arena, unsigned char, arch->layers);
    for (int64_t i = 0; i < arch->layers; i++)
        flags[i] = (unsigned char)(period > 0 ? (i + 1) % period != 0 : i >= first);
    arch->sliding = flags;
    return layer_list(config, arch, "layer_types", &arch->sliding, is_sliding);
}

static bool all_slide(const Config *config, Arch *arch, int64_t otherwise) {
    arch->window = config_int(config, "sliding_window", otherwise);
    unsigned char *flags = new (config->arena, unsigned char, arch->layers);
    for (int64_t i = 0; i < arch->layers; i++)
        flags[i] = arch->window > 0;
    arch->sliding = flags;
    return true;
}

static bool adjust_llama(const Config *config, Arch *arch) {
    if (config_bool(config, "attention_bias", false))
        arch->biased |= ATTENTION;
    if (config_bool(config, "mlp_bias", false))
        arch->biased |= MLP;
    return true;
}

static bool adjust_mistral(const Config *config, Arch *arch) {
    /* MistralConfig's default is 4096; a config that has the key as null has no window. */
    bool silent = json_kind(json_get(config->root, "sliding_window")) == JSON_MISSING;
    return all_slide(config, arch, silent && str_eq(config->model_type, S("mistral")) ? 4096 : 0);
}

static bool adjust_mixtral(const Config *config, Arch *arch) {
    arch->experts = config_int(config, "num_local_experts", 8);
    arch->experts_used = config_int(config, "num_experts_per_tok", 2);
    if (arch->experts < 1 || arch->experts > 4096 || arch->experts_used < 1 ||
        arch->experts_used > arch->experts)
        return reject(config->reasons, CONFIG, S("num_local_experts"),
                      "%lld of %lld experts cannot be used", (long long)arch->experts_used,
                      (long long)arch->experts);
    return adjust_mistral(config, arch);
}

static bool adjust_qwen(const Config *config, Arch *arch) {
    bool sliding = config_bool(config, "use_sliding_window", false);
    arch->window = sliding ? config_int(config, "sliding_window", 4096) : 0;
    if (config_bool(config, "attention_bias", false) && str_eq(config->model_type, S("qwen3")))
        arch->biased |= ATTENTION;
    return sliding_layers(config, arch,
                          sliding ? config_int(config, "max_window_layers", 28) : arch->layers, 0);
}

static bool adjust_gemma(const Config *config, Arch *arch) {
    arch->embed_scale = sqrt((double)arch->hidden);
    if (config_bool(config, "attention_bias", false))
        arch->biased |= ATTENTION;
    Str act = config_str(config, "hidden_activation|hidden_act", "gelu_pytorch_tanh");
    if (str_eq(act, S("gelu"))) /* what the first Gemma's files say, and did not mean */
        arch->activation = ACT_GELU_TANH;
    return true;
}

static bool adjust_gemma2(const Config *config, Arch *arch) {
    bool third = str_eq(config->model_type, S("gemma3_text"));
    arch->softcap = config_number(config, "attn_logit_softcapping", third ? 0 : 50);
    arch->final_softcap = config_number(config, "final_logit_softcapping", third ? 0 : 30);
    if (json_kind(json_get(config->root, "attn_logit_softcapping")) == JSON_NULL)
        arch->softcap = 0;
    if (json_kind(json_get(config->root, "final_logit_softcapping")) == JSON_NULL)
        arch->final_softcap = 0;
    if (config_bool(config, "use_bidirectional_attention", false))
        return reason_uncovered(config->reasons, CONFIG, S("use_bidirectional_attention"),
                                "attention to both sides is not covered by this check");
    double scalar = config_number(config, "query_pre_attn_scalar", 256);
    if (!(scalar > 0))
        return reject(config->reasons, CONFIG, S("query_pre_attn_scalar"), "it has to be above 0");
    arch->scale = 1 / sqrt(scalar);
    arch->window = config_int(config, "sliding_window", 4096);
    int64_t period =
        third ? config_int(config, "sliding_window_pattern|_sliding_window_pattern", 6) : 2;
    return adjust_gemma(config, arch) && sliding_layers(config, arch, 0, period > 0 ? period : 6);
}

static bool adjust_phi3(const Config *config, Arch *arch) {
    if (arch->rope.type == ROPE_YARN) /* what early files call it */
        arch->rope.type = ROPE_LONGROPE;
    arch->rebuilds_cache = arch->rope.type == ROPE_LONGROPE;
    return all_slide(config, arch, 0);
}

static bool adjust_gpt2(const Config *config, Arch *arch) {
    if (!config_bool(config, "scale_attn_weights", true))
        arch->scale = 1;
    arch->inverse_layer_scale = config_bool(config, "scale_attn_by_inverse_layer_idx", false);
    arch->transposed = true;
    return true;
}

static bool adjust_neox(const Config *config, Arch *arch) {
    arch->grouped_qkv = true;
    arch->parallel = config_bool(config, "use_parallel_residual", true);
    if (!config_bool(config, "attention_bias", true))
        arch->biased &= ~ATTENTION;
    return true;
}

static bool adjust_opt(const Config *config, Arch *arch) {
    arch->position_offset = 2;
    arch->post_norm = !config_bool(config, "do_layer_norm_before", true);
    arch->embed_dim = config_int(config, "word_embed_proj_dim", arch->hidden);
    if (!config_bool(config, "enable_bias", true))
        arch->biased &= ~(ATTENTION | MLP);
    if (arch->post_norm || config_bool(config, "_remove_final_layer_norm", false))
        drop(arch, BIT(SLOT_FINAL_NORM));
    if (arch->embed_dim == arch->hidden)
        drop(arch, BIT(SLOT_PROJECT_IN) | BIT(SLOT_PROJECT_OUT));
    return true;
}

static bool adjust_bloom(const Config *config, Arch *arch) {
    arch->grouped_qkv = true;
    arch->residual_from_norm =
        config_bool(config, "apply_residual_connection_post_layernorm", false);
    return true;
}

static const char *const falcon_two_norms[] = {"ln_attn", "ln_mlp"};

static bool adjust_falcon(const Config *config, Arch *arch) {
    bool newer = config_bool(config, "new_decoder_architecture", false);
    bool parallel = config_bool(config, "parallel_attn", true),
         multi = config_bool(config, "multi_query", true);
    int64_t norms = config_int(config, "num_ln_in_parallel_attn", newer ? 2 : 1);
    arch->grouped_qkv = true;
    arch->quantizes = false;
    arch->kv_heads = newer   ? config_int(config, "num_kv_heads|n_head_kv", arch->heads)
                     : multi ? 1
                             : arch->heads;
    arch->parallel = newer || parallel;
    arch->shared_norm = parallel && norms != 2;
    if (arch->shared_norm)
        drop(arch, BIT(SLOT_NORM_MLP));
    if (config_bool(config, "bias", false))
        arch->biased |= ATTENTION | MLP;
    if (config_bool(config, "alibi", false)) {
        arch->position = POSITION_ALIBI_FALCON;
        return true;
    }
    return true;
}

static bool adjust_stablelm(const Config *config, Arch *arch) {
    arch->parallel = arch->shared_norm = config_bool(config, "use_parallel_residual", false);
    if (arch->shared_norm)
        drop(arch, BIT(SLOT_NORM_MLP));
    if (config_bool(config, "use_qkv_bias", false))
        arch->biased |= BIT(SLOT_Q) | BIT(SLOT_K) | BIT(SLOT_V);
    if ((int64_t)((double)arch->head_dim * arch->rope.partial) % 2)
        return reject(config->reasons, CONFIG, S("partial_rotary_factor"),
                      "it has %lld of %lld values turned, which is odd: the model fails on it",
                      (long long)((double)arch->head_dim * arch->rope.partial),
                      (long long)arch->head_dim);
    arch->qk_norm_per_head = config_bool(config, "qk_layernorm", false);
    if (!arch->qk_norm_per_head)
        drop(arch, BIT(SLOT_Q_NORM) | BIT(SLOT_K_NORM));
    return true;
}

static bool adjust_olmo2(const Config *config, Arch *arch) {
    arch->qk_norm_whole = true;
    return adjust_llama(config, arch);
}

static bool adjust_smollm3(const Config *config, Arch *arch) {
    unsigned char *no_rope = new (config->arena, unsigned char, arch->layers);
    int64_t interval = config_int(config, "no_rope_layer_interval", 4);
    for (int64_t i = 0; i < arch->layers; i++)
        no_rope[i] = interval > 0 && (i + 1) % interval == 0;
    arch->no_rope = no_rope;
    if (!layer_list(config, arch, "no_rope_layers", &arch->no_rope, is_zero))
        return false;
    bool slides = config_bool(config, "use_sliding_window", false);
    arch->window = slides ? config_int(config, "sliding_window", 0) : 0;
    if (arch->window > 0)
        arch->sliding = arch->no_rope;
    return adjust_llama(config, arch) &&
           layer_list(config, arch, "layer_types", &arch->sliding, is_sliding);
}

static bool adjust_granite(const Config *config, Arch *arch) {
    arch->scale = config_number(config, "attention_multiplier", 1);
    arch->embed_scale = config_number(config, "embedding_multiplier", 1);
    arch->residual_scale = config_number(config, "residual_multiplier", 1);
    arch->logit_divisor = config_number(config, "logits_scaling", 1);
    if (arch->logit_divisor == 0)
        return reject(config->reasons, CONFIG, S("logits_scaling"),
                      "logits cannot be divided by 0");
    return adjust_llama(config, arch);
}

/* ---- the table ---- */

/* A family is a paragraph: its type and class; the prefix that files may lack; where its layers
 * are; the names of its modules; what else it has. Packed by hand, so that they fit on a page or
 * two. */
/* clang-format off */
#define EMBED_AND_HEAD   [SLOT_EMBED] = "model.embed_tokens", [SLOT_FINAL_NORM] = "model.norm", \
        [SLOT_HEAD] = "lm_head"
#define Q_K_V            [SLOT_Q] = "self_attn.q_proj", [SLOT_K] = "self_attn.k_proj", \
        [SLOT_V] = "self_attn.v_proj"
#define ATTENTION_NAMES  Q_K_V, [SLOT_O] = "self_attn.o_proj"
#define QK_NORMS         [SLOT_Q_NORM] = "self_attn.q_norm", [SLOT_K_NORM] = "self_attn.k_norm"
#define GATED_MLP        [SLOT_GATE] = "mlp.gate_proj", [SLOT_UP] = "mlp.up_proj", \
        [SLOT_DOWN] = "mlp.down_proj"
#define PLAIN_MLP        [SLOT_UP] = "mlp.dense_h_to_4h", [SLOT_DOWN] = "mlp.dense_4h_to_h"
#define TWO_NORMS        [SLOT_NORM_ATTENTION] = "input_layernorm", \
        [SLOT_NORM_MLP] = "post_attention_layernorm"
#define FOUR_NORMS       [SLOT_NORM_ATTENTION] = "input_layernorm", \
        [SLOT_NORM_AFTER_ATTENTION] = "post_attention_layernorm", \
                         [SLOT_NORM_MLP] = "pre_feedforward_layernorm", \
        [SLOT_NORM_AFTER_MLP] = "post_feedforward_layernorm"
#define LLAMA_NAMES      EMBED_AND_HEAD, ATTENTION_NAMES, GATED_MLP, TWO_NORMS
#define GEMMA2_NAMES     EMBED_AND_HEAD, ATTENTION_NAMES, GATED_MLP, FOUR_NORMS
#define LLAMA_PLACES     "model.", "model.layers.%d."
#define BLOOM_PLACES     "transformer.", "transformer.h.%d."
#define QKV_BIASED       (BIT(SLOT_Q) | BIT(SLOT_K) | BIT(SLOT_V))

static const Family families[] = {
    {"llama", "LlamaForCausalLM", LLAMA_PLACES, {LLAMA_NAMES}, .activation = "silu",
     .adjust = adjust_llama},
    {"mistral", "MistralForCausalLM", LLAMA_PLACES, {LLAMA_NAMES}, .activation = "silu",
     .adjust = adjust_mistral},
    {"qwen2", "Qwen2ForCausalLM", LLAMA_PLACES, {LLAMA_NAMES}, .activation = "silu",
     .biased = QKV_BIASED, .adjust = adjust_qwen},
    {"qwen3", "Qwen3ForCausalLM", LLAMA_PLACES, {LLAMA_NAMES, QK_NORMS}, .activation = "silu",
     .adjust = adjust_qwen},
    {"gemma", "GemmaForCausalLM", LLAMA_PLACES, {LLAMA_NAMES},
     .norm = NORM_RMS_PLUS_ONE, .activation = "gelu_pytorch_tanh", .tied = true,
     .adjust = adjust_gemma},
    {"gemma2", "Gemma2ForCausalLM", LLAMA_PLACES, {GEMMA2_NAMES},
     .norm = NORM_RMS_PLUS_ONE, .activation = "gelu_pytorch_tanh", .tied = true,
     .adjust = adjust_gemma2},
    {"gemma3_text", "Gemma3ForCausalLM", LLAMA_PLACES, {GEMMA2_NAMES, QK_NORMS},
     .norm = NORM_RMS_PLUS_ONE, .activation = "gelu_pytorch_tanh", .theta = 1e6,
     .local_theta = 1e4, .tied = true, .adjust = adjust_gemma2,
     .sizes = &(const Sizes){2304, 26, 8, 4, 256, 9216, 262208, 131072}},
    {"phi3", "Phi3ForCausalLM", LLAMA_PLACES,
     {EMBED_AND_HEAD, TWO_NORMS, [SLOT_QKV] = "self_attn.qkv_proj", [SLOT_O] = "self_attn.o_proj",
      [SLOT_GATE_UP] = "mlp.gate_up_proj", [SLOT_DOWN] = "mlp.down_proj"}, .activation = "silu",
      .adjust = adjust_phi3},
    {"mixtral", "MixtralForCausalLM", LLAMA_PLACES,
     {EMBED_AND_HEAD, TWO_NORMS, ATTENTION_NAMES, [SLOT_ROUTER] = "block_sparse_moe.gate",
      [SLOT_EXPERT_GATE] = "block_sparse_moe.experts.%d.w1",
      [SLOT_EXPERT_UP] = "block_sparse_moe.experts.%d.w3",
      [SLOT_EXPERT_DOWN] = "block_sparse_moe.experts.%d.w2"}, .activation = "silu",
      .theta = 1e6, .adjust = adjust_mixtral},
    {"stablelm", "StableLmForCausalLM", LLAMA_PLACES,
     {LLAMA_NAMES, [SLOT_Q_NORM] = "self_attn.q_layernorm.norms.%d",
     [SLOT_K_NORM] = "self_attn.k_layernorm.norms.%d"},
     .norm = NORM_LAYER, .activation = "silu", .partial = 0.25, .adjust = adjust_stablelm},
    {"olmo2", "Olmo2ForCausalLM", LLAMA_PLACES,
     {EMBED_AND_HEAD, ATTENTION_NAMES, GATED_MLP, QK_NORMS,
     [SLOT_NORM_AFTER_ATTENTION] = "post_attention_layernorm",
      [SLOT_NORM_AFTER_MLP] = "post_feedforward_layernorm"}, .norm = NORM_RMS_FLOAT,
      .activation = "silu", .adjust = adjust_olmo2},
    {"smollm3", "SmolLM3ForCausalLM", LLAMA_PLACES, {LLAMA_NAMES},
     .activation = "silu", .theta = 2e6, .tied = true, .adjust = adjust_smollm3},
    {"granite", "GraniteForCausalLM", LLAMA_PLACES, {LLAMA_NAMES}, .activation = "silu",
     .adjust = adjust_granite},
    {"gpt2", "GPT2LMHeadModel", BLOOM_PLACES,
     {[SLOT_EMBED] = "transformer.wte", [SLOT_POSITION] = "transformer.wpe",
     [SLOT_FINAL_NORM] = "transformer.ln_f",
      [SLOT_HEAD] = "lm_head", [SLOT_NORM_ATTENTION] = "ln_1", [SLOT_QKV] = "attn.c_attn",
      [SLOT_O] = "attn.c_proj",
      [SLOT_NORM_MLP] = "ln_2", [SLOT_UP] = "mlp.c_fc", [SLOT_DOWN] = "mlp.c_proj"},
     .norm = NORM_LAYER, .position = POSITION_LEARNED, .inner = "n_inner",
     .activation = "gelu_new", .tied = true,
     .biased = ATTENTION | MLP, .adjust = adjust_gpt2},
    {"gpt_neox", "GPTNeoXForCausalLM", "gpt_neox.", "gpt_neox.layers.%d.",
     {[SLOT_EMBED] = "gpt_neox.embed_in", [SLOT_FINAL_NORM] = "gpt_neox.final_layer_norm",
     [SLOT_HEAD] = "embed_out",
      TWO_NORMS, [SLOT_QKV] = "attention.query_key_value", [SLOT_O] = "attention.dense", PLAIN_MLP},
     .norm = NORM_LAYER, .activation = "gelu", .partial = 0.25, .biased = ATTENTION | MLP,
     .adjust = adjust_neox},
    {"opt", "OPTForCausalLM", "model.", "model.decoder.layers.%d.",
     {[SLOT_EMBED] = "model.decoder.embed_tokens",
     [SLOT_POSITION] = "model.decoder.embed_positions",
      [SLOT_FINAL_NORM] = "model.decoder.final_layer_norm",
      [SLOT_PROJECT_IN] = "model.decoder.project_in",
      [SLOT_PROJECT_OUT] = "model.decoder.project_out", [SLOT_HEAD] = "lm_head", Q_K_V,
      [SLOT_O] = "self_attn.out_proj",
      [SLOT_NORM_ATTENTION] = "self_attn_layer_norm", [SLOT_NORM_MLP] = "final_layer_norm",
      [SLOT_UP] = "fc1", [SLOT_DOWN] = "fc2"},
     .norm = NORM_LAYER, .position = POSITION_LEARNED, .inner = "ffn_dim", .activation = "relu",
     .tied = true,
     .biased = ATTENTION | MLP, .adjust = adjust_opt},
    {"falcon", "FalconForCausalLM", BLOOM_PLACES,
     {[SLOT_EMBED] = "transformer.word_embeddings", [SLOT_FINAL_NORM] = "transformer.ln_f",
     [SLOT_HEAD] = "lm_head", TWO_NORMS,
      [SLOT_QKV] = "self_attention.query_key_value", [SLOT_O] = "self_attention.dense", PLAIN_MLP},
     .norm = NORM_LAYER, .inner = "ffn_hidden_size", .activation = "gelu", .tied = true,
     .adjust = adjust_falcon},
    {"bloom", "BloomForCausalLM", BLOOM_PLACES,
     {[SLOT_EMBED] = "transformer.word_embeddings",
     [SLOT_EMBED_NORM] = "transformer.word_embeddings_layernorm",
      [SLOT_FINAL_NORM] = "transformer.ln_f", [SLOT_HEAD] = "lm_head", TWO_NORMS,
      [SLOT_QKV] = "self_attention.query_key_value", [SLOT_O] = "self_attention.dense", PLAIN_MLP},
     .norm = NORM_LAYER, .position = POSITION_ALIBI, .inner = "", .activation = "gelu_new",
     .tied = true,
     .biased = ATTENTION | MLP, .adjust = adjust_bloom},
};
/* clang-format on */

/* ---- reading a config ---- */

static bool read_activation(const Config *config, Arch *arch) {
    static const struct {
        const char *name;
        Activation activation;
    } known[] = {{"silu", ACT_SILU},           {"swish", ACT_SILU},
                 {"gelu", ACT_GELU},           {"gelu_new", ACT_GELU_TANH},
                 {"relu", ACT_RELU},           {"gelu_pytorch_tanh", ACT_GELU_TANH},
                 {"gelu_fast", ACT_GELU_TANH}, {"quick_gelu", ACT_QUICK_GELU}};
    bool bloom = arch->position == POSITION_ALIBI;
    Str name =
        bloom ? S("gelu_new")
              : config_str(config, "hidden_activation|hidden_act|activation_function|activation",
                           arch->family->activation);
    for (ptrdiff_t i = 0; i < COUNT(known); i++)
        if (str_eq(name, str_from(known[i].name))) {
            arch->activation = known[i].activation;
            return true;
        }
    return reason_uncovered(config->reasons, CONFIG, S("hidden_act"),
                            "activation %.*s is not covered by this check", STR_ARG(name));
}

static bool possible(const Config *config, const char *name, int64_t number, int64_t most) {
    if (number >= 1 && number <= most)
        return true;
    return reject(config->reasons, CONFIG, str_from(name), "%s %lld is no possible size", name,
                  (long long)number);
}

static bool read_sizes(const Config *config, Arch *arch) {
    Sizes usual = {.positions = 2048};
    if (arch->family->sizes && config->root != config->top)
        usual = *arch->family->sizes;
    arch->hidden = config_int(config, "hidden_size|n_embd|n_embed", usual.hidden);
    arch->layers = config_int(config, "num_hidden_layers|n_layer", usual.layers);
    arch->heads = config_int(config, "num_attention_heads|n_head", usual.heads);
    arch->vocab = config_int(config, "vocab_size", usual.vocab);
    arch->positions =
        config_int(config, "max_position_embeddings|n_positions|n_ctx", usual.positions);
    if (!possible(config, "hidden_size", arch->hidden, 1 << 20) ||
        !possible(config, "num_hidden_layers", arch->layers, 1 << 14) ||
        !possible(config, "num_attention_heads", arch->heads, 1 << 14) ||
        !possible(config, "vocab_size", arch->vocab, 1 << 26) ||
        !possible(config, "max_position_embeddings", arch->positions, (int64_t)1 << 32))
        return false;
    /* The older classes do not read these keys, whatever a config has. */
    bool grouped =
        arch->position == POSITION_ROPE && !(arch->has & BIT(SLOT_QKV) && arch->norm == NORM_LAYER);
    const char *inner = arch->family->inner ? arch->family->inner : "intermediate_size";
    arch->kv_heads = arch->heads;
    if (grouped)
        arch->kv_heads = config_int(config, "num_key_value_heads",
                                    usual.kv_heads ? usual.kv_heads : arch->heads);
    arch->head_dim = usual.head_dim ? usual.head_dim : arch->hidden / arch->heads;
    if (arch->norm != NORM_LAYER)
        arch->head_dim = config_int(config, "head_dim", arch->head_dim);
    arch->intermediate = config_int(config, inner, usual.inner ? usual.inner : 4 * arch->hidden);
    arch->embed_dim = arch->hidden;
    return possible(config, "num_key_value_heads", arch->kv_heads, arch->heads) &&
           possible(config, "head_dim", arch->head_dim, 1 << 16) &&
           possible(config, "intermediate_size", arch->intermediate, 1 << 24);
}

static bool check_heads(const Config *config, const Arch *arch) {
    if (arch->kv_heads < 1 || arch->heads % arch->kv_heads)
        return reject(config->reasons, CONFIG, S("num_key_value_heads"),
                      "%lld heads cannot share %lld of keys and values", (long long)arch->heads,
                      (long long)arch->kv_heads);
    if (arch->norm == NORM_LAYER && arch->hidden % arch->heads)
        return reject(config->reasons, CONFIG, S("num_attention_heads"),
                      "hidden_size %lld is no multiple of %lld heads", (long long)arch->hidden,
                      (long long)arch->heads);
    if (arch->position == POSITION_ROPE && arch->head_dim % 2 && arch->rope.partial >= 1)
        return reject(config->reasons, CONFIG, S("head_dim"),
                      "rope turns pairs; head_dim %lld is odd", (long long)arch->head_dim);
    return arch->embed_dim >= 1 && arch->embed_dim <= 1 << 20;
}

static bool unknown_family(const Config *config) {
    if (json_kind(json_get(config->root, "text_config")) == JSON_OBJECT)
        return reason_uncovered(
            config->reasons, CONFIG, S("model_type"),
            "%.*s is a model of several parts; of those this check covers gemma3 alone",
            STR_ARG(config->model_type));
    if (config_get(config, "auto_map") && !config->trusted)
        return reject(
            config->reasons, CONFIG, S("auto_map"),
            "needs trust_remote_code: model_type %.*s comes with code of its own, which is not run",
            STR_ARG(config->model_type));
    return reason_uncovered(config->reasons, CONFIG, S("model_type"),
                            "%.*s is not an architecture that hffix runs",
                            STR_ARG(config->model_type));
}

bool arch_read(Arena *arena, const Config *config, Arch *out) {
    const Family *family = NULL;
    (void)arena;
    for (ptrdiff_t i = 0; i < COUNT(families); i++)
        if (str_eq(config->model_type, str_from(families[i].model_type)))
            family = &families[i];
    *out = (Arch){.family = family};
    if (!family)
        return unknown_family(config);
    out->class_name = config->root == config->top ? str_from(family->class_name)
                                                  : S("Gemma3ForConditionalGeneration");
    out->norm = family->norm;
    out->position = family->position;
    out->biased = family->biased;
    out->quantizes = true;
    out->residual_scale = out->logit_divisor = 1;
    for (int slot = 0; slot < SLOTS; slot++)
        out->has |= family->names[slot] ? BIT(slot) : 0;
    ptrdiff_t rejects = config->reasons->rejects;
    if (!read_sizes(config, out) || !read_activation(config, out))
        return false;
    out->scale = 1 / sqrt((double)out->head_dim);
    out->eps = config_number(config,
                             "rms_norm_eps|layer_norm_eps|layer_norm_epsilon|norm_eps|norm_epsilon",
                             out->norm == NORM_LAYER ? 1e-5 : 1e-6);
    out->tied = config_bool(config, "tie_word_embeddings", family->tied);
    double theta = family->theta > 0 ? family->theta : 10000,
           partial = family->partial > 0 ? family->partial : 1;
    if (out->position == POSITION_ROPE &&
        (!config_rope(config, "full_attention", theta, 0, partial, &out->rope) ||
         !config_rope(config, "sliding_attention", theta, family->local_theta, partial,
                      &out->sliding_rope)))
        return false;
    if (family->adjust && !family->adjust(config, out))
        return false;
    if (out->layers * (out->experts + 1) > MOST_MODULES)
        return reject(config->reasons, CONFIG, S("num_local_experts"),
                      "%lld layers of %lld experts are of no possible size", (long long)out->layers,
                      (long long)out->experts);
    return check_heads(config, out) && config->reasons->rejects == rejects;
}

/* ---- the weights ---- */

static Str module_name(Arena *arena, const Arch *arch, Slot slot, int layer, int number) {
    const char *name = arch->family->names[slot];
    if (arch->family->adjust == adjust_falcon && arch->parallel && !arch->shared_norm) {
        if (slot == SLOT_NORM_ATTENTION)
            name = falcon_two_norms[0];
        if (slot == SLOT_NORM_MLP)
            name = falcon_two_norms[1];
    }
    Str text = str_from(name), prefix = layer >= 0 ? str_from(arch->family->layer) : (Str){0};
    Buf out = {.arena = arena};
    for (int part = 0; part < 2; part++) {
        Str from = part ? text : prefix;
        ptrdiff_t at = str_find(from, S("%d"));
        buf_add(&out, str_slice(from, 0, at < 0 ? from.n : at));
        if (at >= 0) {
            buf_format(&out, "%d", part ? number : layer);
            buf_add(&out, str_slice(from, at + 2, from.n));
        }
    }
    return buf_str(&out);
}

static void slot_shape(const Arch *a, Slot slot, uint64_t *rows, uint64_t *columns) {
    uint64_t hidden = (uint64_t)a->hidden, inner = (uint64_t)a->intermediate;
    uint64_t q = (uint64_t)(a->heads * a->head_dim), kv = (uint64_t)(a->kv_heads * a->head_dim);
    *columns = hidden;
    switch (slot) {
    case SLOT_EMBED:
    case SLOT_HEAD:
        *rows = (uint64_t)a->vocab;
        *columns = (uint64_t)a->embed_dim;
        break;
    case SLOT_POSITION:
        *rows = (uint64_t)(a->positions + a->position_offset);
        break;
    case SLOT_PROJECT_IN:
        *rows = hidden;
        *columns = (uint64_t)a->embed_dim;
        break;
    case SLOT_PROJECT_OUT:
        *rows = (uint64_t)a->embed_dim;
        break;
    case SLOT_Q:
        *rows = q;
        break;
    case SLOT_K:
    case SLOT_V:
        *rows = kv;
        break;
    case SLOT_QKV:
        *rows = q + 2 * kv;
        break;
    case SLOT_O:
        *rows = hidden;
        *columns = q;
        break;
    case SLOT_GATE:
    case SLOT_UP:
    case SLOT_EXPERT_GATE:
    case SLOT_EXPERT_UP:
        *rows = inner;
        break;
    case SLOT_GATE_UP:
        *rows = 2 * inner;
        break;
    case SLOT_DOWN:
    case SLOT_EXPERT_DOWN:
        *rows = hidden;
        *columns = inner;
        break;
    case SLOT_ROUTER:
        *rows = (uint64_t)a->experts;
        break;
    case SLOT_Q_NORM:
    case SLOT_K_NORM:
        *rows = a->qk_norm_whole ? slot == SLOT_Q_NORM ? q : kv : (uint64_t)a->head_dim;
        *columns = 0;
        break;
    case SLOT_EMBED_NORM:
    case SLOT_NORM_ATTENTION:
    case SLOT_NORM_AFTER_ATTENTION:
    case SLOT_NORM_MLP:
    case SLOT_NORM_AFTER_MLP:
    case SLOT_FINAL_NORM:
        *rows = hidden;
        *columns = 0;
        break;
    case SLOTS:
        *rows = *columns = 0;
        break;
    }
}

static void add_module(Arena *arena, const Arch *arch, WeightSpecs *out, Slot slot, int layer,
                       int number) {
    uint64_t rows, columns;
    slot_shape(arch, slot, &rows, &columns);
    bool embedding = slot == SLOT_EMBED || slot == SLOT_POSITION, norm = columns == 0;
    WeightSpec spec = {
        slot,        layer,           number,       module_name(arena, arch, slot, layer, number),
        S("weight"), {rows, columns}, norm ? 1 : 2, !embedding && !norm};
    spec.linear = spec.linear && arch->quantizes && slot != SLOT_ROUTER && slot < SLOT_EXPERT_GATE;
    spec.linear |= slot == SLOT_HEAD || slot == SLOT_PROJECT_OUT;
    if (arch->transposed && spec.rank == 2 && layer >= 0) {
        spec.shape[0] = columns;
        spec.shape[1] = rows;
    }
    *list_push(arena, out) = spec;
    bool biased = norm ? arch->norm == NORM_LAYER && !arch->qk_norm_per_head
                       : (arch->biased & BIT(slot)) != 0;
    if (norm && arch->qk_norm_per_head)
        biased = slot != SLOT_Q_NORM && slot != SLOT_K_NORM;
    if (biased) {
        spec.suffix = S("bias");
        spec.shape[0] = rows;
        spec.rank = 1;
        spec.linear = false;
        *list_push(arena, out) = spec;
    }
}

WeightSpecs arch_weights(Arena *arena, const Arch *arch) {
    WeightSpecs out = {0};
    for (int slot = 0; slot < SLOT_NORM_ATTENTION; slot++)
        if (arch->has & BIT(slot))
            add_module(arena, arch, &out, (Slot)slot, -1, -1);
    for (int layer = 0; layer < arch->layers; layer++)
        for (int slot = SLOT_NORM_ATTENTION; slot <= SLOT_EXPERT_DOWN; slot++) {
            if (!(arch->has & BIT(slot)))
                continue;
            bool per_head = arch->qk_norm_per_head && (slot == SLOT_Q_NORM || slot == SLOT_K_NORM);
            int64_t copies = slot >= SLOT_EXPERT_GATE ? arch->experts
                             : !per_head              ? 1
                             : slot == SLOT_Q_NORM    ? arch->heads
                                                      : arch->kv_heads;
            for (int i = 0; i < copies; i++)
                add_module(arena, arch, &out, (Slot)slot, layer,
                           copies > 1 || per_head || slot >= SLOT_EXPERT_GATE ? i : -1);
        }
    for (int slot = SLOT_FINAL_NORM; slot < SLOTS; slot++)
        if (arch->has & BIT(slot))
            add_module(arena, arch, &out, (Slot)slot, -1, -1);
    return out;
}

int arch_spellings(Arena *arena, const Arch *arch, Str name, Str out[3]) {
    int n = 0;
    Str prefix = str_from(arch->family->prefix);
    out[n++] = name;
    if (arch->family->sizes) { /* inside a model of several parts, in v4 and in v5 */
        out[n++] = str_format(arena, "language_model.%.*s", STR_ARG(name));
        if (str_starts(name, prefix))
            out[n++] = str_format(arena, "%.*slanguage_model.%.*s", STR_ARG(prefix),
                                  STR_ARG(str_slice(name, prefix.n, name.n)));
    } else if (str_starts(name, prefix)) {
        out[n++] = str_slice(name, prefix.n, name.n);
    } else {
        out[n++] = str_format(arena, "%.*s%.*s", STR_ARG(prefix), STR_ARG(name));
    }
    return n;
}

bool arch_ignores(Str name) {
    static const Str ends[] = {{".attn.bias", sizeof ".attn.bias" - 1},
                               {".attn.masked_bias", sizeof ".attn.masked_bias" - 1},
                               {".attention.bias", sizeof ".attention.bias" - 1},
                               {".attention.masked_bias", sizeof ".attention.masked_bias" - 1},
                               {"rotary_emb.inv_freq", sizeof "rotary_emb.inv_freq" - 1},
                               {".rotary_emb.cos_cached", sizeof ".rotary_emb.cos_cached" - 1},
                               {".rotary_emb.sin_cached", sizeof ".rotary_emb.sin_cached" - 1}};
    for (ptrdiff_t i = 0; i < COUNT(ends); i++)
        if (str_ends(name, ends[i]))
            return true;
    return false;
}

bool arch_other_part(const Arch *arch, Str name) {
    static const char *const parts[] = {"vision_tower.", "multi_modal_projector."};
    name = str_starts(name, S("model.")) ? str_slice(name, 6, name.n) : name;
    for (ptrdiff_t i = 0; i < COUNT(parts) && arch->family->sizes; i++)
        if (str_starts(name, str_from(parts[i])))
            return true;
    return false;
}

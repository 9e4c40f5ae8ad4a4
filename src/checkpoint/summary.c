/* The size comes from the first of these that is there: the number that an index of shards gives,
 * the bytes that it gives divided by those of the config's dtype, the shapes in the header of a
 * single file, a formula over the config. The formula is for plain decoders of one layout and
 * counts neither biases nor norms, which are less than a thousandth. Packed integers are no
 * parameters, so quantized weights have no size here.
 *
 * What can't be read counts as not said: whoever asks only wants to know, and `--check-model` is
 * there to complain. */
#include "checkpoint/summary.h"

#include "checkpoint/config.h"
#include "checkpoint/tensors.h"

/* Of a dtype that weights are stored in; 0: another. */
static int bytes_of(Str dtype) {
    if (str_eq(dtype, S("bfloat16")) || str_eq(dtype, S("float16")) || str_eq(dtype, S("half")))
        return 2;
    return str_eq(dtype, S("float32")) || str_eq(dtype, S("float")) ? 4 : 0;
}

static JsonDoc *open_json(Arena *scratch, Str folder, Str name) {
    Str text;
    Reasons reasons = {.arena = scratch};
    if (file_read(scratch, folder, name, &text, &reasons) != FILE_OK)
        return NULL;
    return json_parse(scratch, text, JSON_DEPTH_PYTHON, name, &reasons);
}

/* What an index of shards says, in 10^9; 0: nothing. */
static double by_index(Arena *scratch, Str folder, Str name, Str dtype) {
    JsonDoc *doc = open_json(scratch, folder, name);
    const Json *metadata = json_get(json_root(doc), "metadata");
    double count = json_number(json_get(metadata, "total_parameters"), 0);
    double bytes = json_number(json_get(metadata, "total_size"), 0);
    json_close(doc);
    if (!(count > 0) && bytes > 0 && bytes_of(dtype))
        count = bytes / bytes_of(dtype);
    return count > 0 ? count / 1e9 : 0;
}

static double by_tensors(Arena *scratch, Str folder) {
    File single;
    if (file_open(scratch, folder, S("model.safetensors"), &single) != FILE_OK)
        return 0;
    file_close(&single);
    Tensors tensors;
    Reasons reasons = {.arena = scratch};
    double count = 0;
    if (tensors_open(scratch, folder, &tensors, &reasons))
        for (ptrdiff_t i = 0; i < tensors.list.n; i++)
            count += (double)tensors.list.v[i].count;
    tensors_close(&tensors);
    return count / 1e9;
}

static double by_config(const Config *config) {
    static const char *const plain[] = {"llama", "mistral", "qwen2", "qwen3",
                                        "gemma", "gemma2",  "olmo2", "granite"};
    bool known = false;
    for (ptrdiff_t i = 0; i < COUNT(plain); i++)
        known |= str_eq(config->model_type, str_from(plain[i]));
    if (!known)
        return 0;
    double hidden = config_number(config, "hidden_size", 0);
    double layers = config_number(config, "num_hidden_layers", 0);
    double inner = config_number(config, "intermediate_size", 0);
    double words = config_number(config, "vocab_size", 0);
    double heads = config_number(config, "num_attention_heads", 0);
    double groups = config_number(config, "num_key_value_heads", heads);
    if (!(hidden > 0 && layers > 0 && inner > 0 && words > 0 && heads > 0 && groups > 0))
        return 0;
    double width = config_number(config, "head_dim", hidden / heads);
    bool tied = config_bool(config, "tie_word_embeddings", false) ||
                str_starts(config->model_type, S("gemma"));
    double attention = 2 * hidden * width * (heads + groups);
    return (words * hidden * (tied ? 1 : 2) + layers * (attention + 3 * hidden * inner)) / 1e9;
}

static double size_of(Arena *scratch, Str folder, const Config *config) {
    if (config->quantization)
        return 0;
    double size = by_index(scratch, folder, S("model.safetensors.index.json"), config->dtype);
    if (!(size > 0))
        size = by_tensors(scratch, folder);
    if (!(size > 0))
        size = by_index(scratch, folder, S("pytorch_model.bin.index.json"), config->dtype);
    return size > 0 ? size : by_config(config);
}

/* Tokenizers without a maximum say 10^30. */
static void read_tokenizer(Arena *scratch, CheckpointSummary *summary) {
    JsonDoc *doc = open_json(scratch, summary->folder, S("tokenizer_config.json"));
    double longest = json_number(json_get(json_root(doc), "model_max_length"), 0);
    summary->longest = longest > 0 && longest < 1e9 ? longest : 0;
    summary->auto_map |= json_has(json_root(doc), "auto_map");
    json_close(doc);
}

/* A length that generation ends at: what transformers falls back to (max_length 20) is none. */
static bool has_length(const Json *generation) {
    double most = json_number(json_get(generation, "max_length"), 20);
    return json_has(generation, "max_new_tokens") || (most > 0 && (most < 20 || most > 20));
}

static void read_config(Arena *arena, Arena *scratch, const Config *config,
                        CheckpointSummary *summary) {
    JsonIter architectures = json_iter(json_get(config->root, "architectures"));
    summary->model_type = str_copy(arena, config->model_type);
    if (json_next(&architectures))
        summary->architecture = str_copy(arena, json_str(architectures.value));
    summary->dtype = str_copy(arena, config->dtype);
    summary->quantized = str_copy(arena, config->quant_method);
    summary->encoder_decoder = config_bool(config, "is_encoder_decoder", false);
    summary->auto_map = json_has(config->root, "auto_map");
    /* Old checkpoints keep it in config.json, where transformers still looks for it. */
    summary->length = has_length(config->generation ? config->generation : config->root);
    summary->samples =
        json_true(json_get(config->generation ? config->generation : config->root, "do_sample"));
    summary->billions = size_of(scratch, summary->folder, config);
    read_tokenizer(scratch, summary);
}

bool checkpoint_summarize(Arena *arena, Str folder, CheckpointSummary *summary) {
    Arena scratch = {0};
    Reasons reasons = {.arena = &scratch};
    Config config;
    *summary = (CheckpointSummary){.folder = str_copy(arena, folder)};
    config_open(&scratch, folder, true, &config, &reasons);
    bool known = config.root && config.model_type.n;
    if (known)
        read_config(arena, &scratch, &config, summary);
    config_close(&config);
    arena_close(&scratch);
    return known;
}

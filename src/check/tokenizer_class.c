/* AutoTokenizer picks a class, and some classes build normalizer and pre-tokenizer themselves and
 * take only vocabulary, merges and post-processor from tokenizer.json (transformers 5.23:
 * models/auto/tokenization_auto.py, tokenization_utils_tokenizers.py convert_to_native_format, and
 * models/NAME/tokenization_NAME.py). A class that is not listed here uses the file as it is, which
 * is what most do (TokenizersBackend, PreTrainedTokenizerFast). */
#include "check/tokenizer_private.h"
#include "check/unicode.h"

#define QWEN2_PATTERN                                                                          \
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[" \
    "\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

typedef enum Class {
    CLASS_FILE,
    CLASS_LLAMA,
    CLASS_GPT2,
    CLASS_QWEN2,
    CLASS_GEMMA,
    CLASS_NEOX
} Class;

/* "Fast" at the end of a name means nothing any more. Defaults: what the class takes for a token
 * that tokenizer_config.json does not name. */
static const struct {
    const char *name;
    Class class;
    const char *bos, *eos, *unk, *pad;
    bool pads_left;
} classes[] = {
    {"LlamaTokenizer", CLASS_LLAMA, "<s>", "</s>", "<unk>", "", true},
    {"GPT2Tokenizer", CLASS_GPT2, "<|endoftext|>", "<|endoftext|>", "<|endoftext|>", "", false},
    {"Qwen2Tokenizer", CLASS_QWEN2, "", "<|endoftext|>", "<|endoftext|>", "<|endoftext|>", false},
    {"GemmaTokenizer", CLASS_GEMMA, "<bos>", "<eos>", "<unk>", "<pad>", true},
    {"GPTNeoXTokenizer", CLASS_NEOX, "<|endoftext|>", "<|endoftext|>", "<|endoftext|>",
     "<|padding|>", false},
};

/* The class registered for a type of model; always: it counts even when the files name another. */
static const struct {
    const char *model_type, *name;
    bool always;
} registered[] = {
    {"gemma", "GemmaTokenizer", false},       {"gemma2", "GemmaTokenizer", false},
    {"gemma3_text", "GemmaTokenizer", false}, {"gpt2", "GPT2Tokenizer", false},
    {"gpt_neox", "GPTNeoXTokenizer", false},  {"opt", "GPT2Tokenizer", false},
    {"qwen2", "Qwen2Tokenizer", true},        {"qwen3", "Qwen2Tokenizer", false},
    {"phi3", "TokenizersBackend", true},      {"granite", "TokenizersBackend", true},
    {"olmo2", "TokenizersBackend", true},     {"stablelm", "TokenizersBackend", true},
    {"mistral", "TokenizersBackend", true},   {"mixtral", "TokenizersBackend", true},
};

static bool uses_byte_level(const Tokenizer *t) {
    for (ptrdiff_t i = 0; i < t->splitters.n; i++)
        if (t->splitters.v[i].kind == SPLITTER_BYTE_LEVEL)
            return true;
    return false;
}

static Str class_name(const Tokenizer *t, const Json *config, Str model_type) {
    Str name = json_str(json_get(config, "tokenizer_class"));
    if (str_ends(name, S("Fast")))
        name.n -= S("Fast").n;
    for (ptrdiff_t i = 0; i < COUNT(registered); i++)
        if (str_eq(model_type, str_from(registered[i].model_type)) &&
            (registered[i].always || !name.n))
            return str_from(registered[i].name);
    if (str_eq(name, S("LlamaTokenizer")) && uses_byte_level(t))
        return (Str){0};
    return name;
}

static Normalizer *normalizer_add(Tokenizer *t, NormalizerKind kind) {
    Normalizer *n = list_push(t->arena, &t->normalizers);
    n->kind = kind;
    return n;
}

static bool rebuild(Tokenizer *t, const Json *config, Class class) {
    bool prefix = json_bool(json_get(config, "add_prefix_space"), class == CLASS_LLAMA);
    t->normalizers.n = 0;
    t->splitters.n = 0;
    t->ignore_merges = false;
    t->word_prefix = t->word_suffix = (Str){0};
    t->fuse_unk = t->byte_fallback = class == CLASS_LLAMA || class == CLASS_GEMMA;
    t->unk_id = class == CLASS_GEMMA ? vocab_find(&t->vocab, t->named.unk) : -1;
    if (class == CLASS_LLAMA) {
        bool legacy = json_bool(json_get(config, "legacy"), false);
        Splitter *s = splitter_add(t, SPLITTER_METASPACE);
        *s = (Splitter){.kind = SPLITTER_METASPACE, .string = S("\xE2\x96\x81")};
        s->prepend = !prefix ? PREPEND_NEVER : legacy ? PREPEND_ALWAYS : PREPEND_FIRST;
        return true;
    }
    if (class == CLASS_GEMMA) {
        Normalizer *n = normalizer_add(t, NORMALIZE_REPLACE);
        *n = (Normalizer){.kind = NORMALIZE_REPLACE, .from = S(" "), .to = S("\xE2\x96\x81")};
        Splitter *s = splitter_add(t, SPLITTER_PATTERN);
        *s = (Splitter){
            .kind = SPLITTER_PATTERN, .behavior = SPLIT_MERGED_WITH_PREVIOUS, .string = S(" ")};
        return true;
    }
    if (class == CLASS_QWEN2 || class == CLASS_NEOX)
        *normalizer_add(t, NORMALIZE_FORM) = (Normalizer){.kind = NORMALIZE_FORM, .form = FORM_NFC};
    if (class == CLASS_QWEN2) {
        Regex *regex = regex_compile(t->arena, S(QWEN2_PATTERN), t->reasons);
        if (!regex)
            return false;
        *list_push(t->arena, &t->regexes) = regex;
        Splitter *s = splitter_add(t, SPLITTER_PATTERN);
        *s = (Splitter){.kind = SPLITTER_PATTERN, .behavior = SPLIT_ISOLATED, .regex = regex};
    }
    if (class == CLASS_NEOX) /* its post-processor is made anew, without special tokens */
        t->before.n = t->after.n = 0;
    return splitter_byte_level(t, prefix, class != CLASS_QWEN2) != NULL;
}

static Str token_name(const Json *config, const char *key, const char *otherwise) {
    const Json *value = json_get(config, key);
    if (json_kind(value) == JSON_OBJECT)
        value = json_get(value, "content");
    return json_kind(value) == JSON_STRING ? json_str(value)
           : value                         ? (Str){0}
                                           : str_from(otherwise);
}

bool class_apply(Tokenizer *t, const Json *config, const Json *file, Str model_type) {
    Str name = class_name(t, config, model_type);
    const char *bos = "", *eos = "", *unk = "", *pad = "";
    Class class = CLASS_FILE;
    for (ptrdiff_t i = 0; i < COUNT(classes); i++)
        if (str_eq(name, str_from(classes[i].name))) {
            class = classes[i].class;
            bos = classes[i].bos, eos = classes[i].eos, unk = classes[i].unk, pad = classes[i].pad;
            t->pads_left = classes[i].pads_left;
        }
    t->named.bos = token_name(config, "bos_token", bos);
    t->named.eos = token_name(config, "eos_token", eos);
    t->named.unk = token_name(config, "unk_token", unk);
    t->named.pad = token_name(config, "pad_token", pad);
    const Json *padding = json_get(file, "padding");
    if (!t->named.pad.n)
        t->named.pad = json_str(json_get(padding, "pad_token"));
    if (json_is(json_get(padding, "direction"), S("Left")))
        t->pads_left = true;
    const Json *side = json_get(config, "padding_side");
    if (json_kind(side) == JSON_STRING)
        t->pads_left = json_is(side, S("left"));
    if (class == CLASS_FILE || t->model != MODEL_BPE)
        return true;
    return rebuild(t, config, class);
}

/* The order in which spellings are looked for is transformers' (5.23): rope in
 * modeling_rope_utils.py (convert_rope_params_to_dict, standardize_rope_params), `dtype` before
 * `torch_dtype` in configuration_utils.py. A value of a wrong type is a reject rather than a
 * default: whoever wrote it meant something. */
#include "checkpoint/config.h"

#include <string.h>

#include "checkpoint/file.h"

#define CONFIG     S("config.json")
#define GENERATION S("generation_config.json")

/* ---- values by name ---- */

static const Json *find(const Json *object, const char *names, Str *name) {
    for (Str rest = str_from(names); rest.n;) {
        char key[64];
        str_cut(rest, '|', name, &rest);
        if (name->n >= (ptrdiff_t)sizeof key)
            continue;
        memcpy(key, name->p, (size_t)name->n);
        key[name->n] = 0;
        const Json *value = json_get(object, key);
        if (json_kind(value) > JSON_NULL)
            return value;
    }
    return NULL;
}

const Json *config_get(const Config *config, const char *names) {
    Str name;
    return find(config->root, names, &name);
}

int64_t config_int(const Config *config, const char *names, int64_t otherwise) {
    Str name;
    const Json *value = find(config->root, names, &name);
    int64_t number = otherwise;
    if (value && !json_int(value, &number))
        reject(config->reasons, CONFIG, name, "%.*s is not a whole number", STR_ARG(name));
    return number;
}

double config_number(const Config *config, const char *names, double otherwise) {
    Str name;
    const Json *value = find(config->root, names, &name);
    if (value && json_kind(value) != JSON_NUMBER)
        reject(config->reasons, CONFIG, name, "%.*s is not a number", STR_ARG(name));
    return json_number(value, otherwise);
}

bool config_bool(const Config *config, const char *names, bool otherwise) {
    Str name;
    const Json *value = find(config->root, names, &name);
    if (value && json_kind(value) != JSON_BOOL)
        reject(config->reasons, CONFIG, name, "%.*s is neither true nor false", STR_ARG(name));
    return json_bool(value, otherwise);
}

Str config_str(const Config *config, const char *names, const char *otherwise) {
    Str name;
    const Json *value = find(config->root, names, &name);
    if (value && json_kind(value) != JSON_STRING)
        reject(config->reasons, CONFIG, name, "%.*s is not a string", STR_ARG(name));
    return json_kind(value) == JSON_STRING ? json_str(value) : str_from(otherwise);
}

/* ---- the files ---- */

bool dtype_known(Str name) {
    static const char *const known[] = {
        "float32", "float",  "float16",       "half",        "bfloat16",
        "float64", "double", "float8_e4m3fn", "float8_e5m2", "int8",
        "uint8",   "int16",  "int32",         "int64",       "bool",
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_eq(name, str_from(known[i])))
            return true;
    return false;
}

static bool read_dtype(Config *config) {
    Str name;
    const Json *value = find(config->top, "dtype|torch_dtype", &name);
    if (!value)
        value = find(config->root, "dtype|torch_dtype", &name);
    if (!value || json_kind(value) == JSON_OBJECT) /* per part, in models of several parts */
        return true;
    Str dtype = json_str(value);
    if (str_starts(dtype, S("torch.")))
        dtype = str_slice(dtype, 6, dtype.n);
    if (!dtype_known(dtype))
        return reject(config->reasons, CONFIG, name, "%.*s %.*s is no type of torch", STR_ARG(name),
                      STR_ARG(dtype));
    config->dtype = dtype;
    return true;
}

static bool read_auto_map(Config *config, bool trust_remote_code) {
    const Json *map = json_get(config->top, "auto_map");
    if (!json_has(map, "AutoModelForCausalLM") && !json_has(map, "AutoConfig"))
        return true;
    if (trust_remote_code) {
        warn(config->reasons, CONFIG, S("auto_map"),
             "the model's code comes with it (trust_remote_code); that code is not checked");
        return true;
    }
    note(config->reasons, CONFIG, S("auto_map"),
         "code comes with the model, and is not used without trust_remote_code");
    return true;
}

static bool read_model_type(Config *config) {
    if (json_kind(config->root) != JSON_OBJECT)
        return reject(config->reasons, CONFIG, (Str){0}, "config.json is not a JSON object");
    config->model_type = json_str(json_get(config->root, "model_type"));
    if (!config->model_type.n)
        return reject(config->reasons, CONFIG, S("model_type"),
                      "config without model_type: nothing says which class to load");
    /* The parts that are not the language model are of no concern here; whether what is left is an
     * architecture that can be run is for others to say. */
    const Json *text = json_get(config->root, "text_config");
    if (str_eq(config->model_type, S("gemma3")) && json_kind(text) == JSON_OBJECT) {
        config->root = text;
        config->model_type = S("gemma3_text");
    }
    return true;
}

static void read_generation(Config *config, Str folder) {
    Str text;
    Reasons inner = {.arena = config->arena};
    FileStatus status = file_read(config->arena, folder, GENERATION, &text, &inner);
    if (status == FILE_MISSING)
        return;
    if (status == FILE_OK)
        config->generation_doc =
            json_parse(config->arena, text, JSON_DEPTH_PYTHON, GENERATION, &inner);
    config->generation = json_root(config->generation_doc);
    for (ptrdiff_t i = 0; i < inner.list.n; i++) {
        const Reason *r = &inner.list.v[i];
        warn(config->reasons, GENERATION, r->place,
             "%.*s; transformers goes on without it, silently", STR_ARG(r->text));
    }
    if (config->generation && json_kind(config->generation) != JSON_OBJECT) {
        warn(config->reasons, GENERATION, (Str){0}, "generation_config.json is not a JSON object");
        config->generation = NULL;
    }
}

bool config_open(Arena *arena, Str folder, bool trust_remote_code, Config *out, Reasons *reasons) {
    *out = (Config){.arena = arena, .reasons = reasons, .trusted = trust_remote_code};
    Str text;
    FileStatus status = file_read(arena, folder, CONFIG, &text, reasons);
    if (status == FILE_MISSING)
        return reject(reasons, CONFIG, (Str){0}, "no config.json in %.*s", STR_ARG(folder));
    if (status == FILE_OK)
        out->doc = json_parse(arena, text, JSON_DEPTH_PYTHON, CONFIG, reasons);
    out->root = out->top = json_root(out->doc);
    if (!out->root || !read_model_type(out))
        return false;
    out->quantization = json_get(out->top, "quantization_config");
    if (json_kind(out->quantization) <= JSON_NULL)
        out->quantization = NULL;
    if (out->quantization) {
        Str method = json_str(json_get(out->quantization, "quant_method"));
        bool bits = json_true(json_get(out->quantization, "load_in_4bit")) ||
                    json_true(json_get(out->quantization, "load_in_8bit"));
        out->quant_method = method.n ? method : bits ? S("bitsandbytes") : S("an unnamed method");
    }
    bool fine = read_auto_map(out, trust_remote_code);
    fine &= read_dtype(out);
    read_generation(out, folder);
    return fine;
}

void config_close(Config *config) {
    json_close(config->doc);
    json_close(config->generation_doc);
}

/* ---- rope ---- */

static const struct {
    const char *name;
    RopeType type;
} rope_types[] = {
    {"default", ROPE_DEFAULT}, {"linear", ROPE_LINEAR}, {"dynamic", ROPE_DYNAMIC},
    {"llama3", ROPE_LLAMA3},   {"yarn", ROPE_YARN},     {"longrope", ROPE_LONGROPE},
    {"su", ROPE_LONGROPE}, /* the name that Phi-3 had for it at first */
};

static bool rope_type(const Config *config, const Json *from, Rope *out) {
    Str key;
    const Json *value = find(from, "rope_type|type", &key);
    if (!value)
        return true;
    if (str_eq(key, S("type")))
        note(config->reasons, CONFIG, S("rope_scaling"),
             "rope_scaling uses the old key 'type'; rope_type is read as well");
    for (size_t i = 0; i < sizeof rope_types / sizeof *rope_types; i++)
        if (json_is(value, str_from(rope_types[i].name))) {
            out->type = rope_types[i].type;
            return true;
        }
    return reject(config->reasons, CONFIG, S("rope_scaling"), "rope type %.*s is not known",
                  STR_ARG(json_str(value)));
}

static bool rope_lists(const Config *config, const Rope *rope) {
    const Json *lists[] = {rope->long_factor, rope->short_factor};
    for (int i = 0; i < 2; i++)
        for (JsonIter it = json_iter(lists[i]); json_next(&it);)
            if (json_kind(it.value) != JSON_NUMBER)
                return reject(config->reasons, CONFIG, S("rope_scaling"),
                              "a longrope factor is no number");
    if (rope->type == ROPE_LONGROPE &&
        (json_kind(lists[0]) != JSON_ARRAY || json_kind(lists[1]) != JSON_ARRAY))
        return reject(config->reasons, CONFIG, S("rope_scaling"),
                      "longrope needs the lists long_factor and short_factor");
    return true;
}

bool config_rope(const Config *config, const char *layer_type, double theta, double local,
                 double partial, Rope *out) {
    bool sliding = !strcmp(layer_type, "sliding_attention");
    const Json *from =
        json_get(config->root, "rope_scaling"); /* v4, and the first to be asked in v5 */
    if (json_count(from) == 0)
        from = json_get(config->root, "rope_parameters");
    const Json *own = json_get(from, layer_type);
    bool nested = json_kind(own) == JSON_OBJECT;
    if (nested)
        from = own;
    double maximum = config_number(config, "max_position_embeddings|n_positions", 2048);
    *out = (Rope){.theta = theta, .partial = partial, .truncate = true, .original = maximum};
    /* Gemma 3 as v4 wrote it: sliding layers have a base of their own and no scaling. */
    if (sliding && !nested && local > 0) {
        out->theta = config_number(config, "rope_local_base_freq", local);
        return out->theta > 0 || reject(config->reasons, CONFIG, S("rope_local_base_freq"),
                                        "rope base has to be above 0");
    }
    out->theta = json_number(json_get(from, "rope_theta"),
                             config_number(config, "rope_theta|rotary_emb_base", theta));
    out->partial = json_number(json_get(from, "partial_rotary_factor"),
                               config_number(config, "partial_rotary_factor|rotary_pct", partial));
    out->factor = json_number(json_get(from, "factor"), 0);
    out->original = json_number(json_get(from, "original_max_position_embeddings"), maximum);
    if (!nested)
        out->original = config_number(config, "original_max_position_embeddings", out->original);
    out->low = json_number(json_get(from, "low_freq_factor"), 1);
    out->high = json_number(json_get(from, "high_freq_factor"), 4);
    out->beta_fast = json_number(json_get(from, "beta_fast"), 0);
    out->beta_slow = json_number(json_get(from, "beta_slow"), 0);
    out->attention_factor = json_number(json_get(from, "attention_factor"), 0);
    out->mscale = json_number(json_get(from, "mscale"), 0);
    out->mscale_all_dim = json_number(json_get(from, "mscale_all_dim"), 0);
    out->truncate = json_bool(json_get(from, "truncate"), true);
    out->long_factor = json_get(from, "long_factor");
    out->short_factor = json_get(from, "short_factor");
    if (!rope_type(config, from, out) || !rope_lists(config, out))
        return false;
    bool needs = out->type == ROPE_LINEAR || out->type == ROPE_DYNAMIC || out->type == ROPE_LLAMA3;
    if (needs && !(out->factor > 0))
        return reject(config->reasons, CONFIG, S("rope_scaling"),
                      "this rope type needs a factor above 0");
    if (!(out->theta > 0) || !(out->partial > 0 && out->partial <= 1) || !(out->original > 0))
        return reject(config->reasons, CONFIG, S("rope_theta"),
                      "rope base, share and length have to be above 0");
    return true;
}

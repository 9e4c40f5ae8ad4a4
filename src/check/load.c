/* transformers 5.23: modeling_utils.py (from_pretrained), utils/quantization_config.py
 * (BitsAndBytesConfig), quantizers/auto.py (merging with the checkpoint's own). */
#include "check/load.h"

#define LOAD S("load")

/* What people call the types. */
static Str meant(Str name) {
    static const char *const pairs[][2] = {{"bf16", "bfloat16"},    {"fp16", "float16"},
                                           {"f16", "float16"},      {"fp32", "float32"},
                                           {"f32", "float32"},      {"bfloat", "bfloat16"},
                                           {"float_16", "float16"}, {"bfloat_16", "bfloat16"}};
    for (ptrdiff_t i = 0; i < COUNT(pairs); i++)
        if (str_eq(name, str_from(pairs[i][0])))
            return str_from(pairs[i][1]);
    static const Str types[] = {{"bfloat16", 8}, {"float16", 7}, {"float32", 7}};
    return str_nearest(name, types, COUNT(types));
}

static bool read_precision(const Json *value, const char *key, Precision *out, bool *given,
                           Reasons *reasons) {
    Str name = json_str(value);
    *given = false;
    if (json_kind(value) <= JSON_NULL || str_eq(name, S("auto")))
        return true;
    if (str_starts(name, S("torch.")))
        name = str_slice(name, 6, name.n);
    if (!dtype_known(name)) {
        Str near = meant(name);
        return reject(reasons, LOAD, str_from(key), "%s %.*s is no type of torch%s%.*s", key,
                      STR_ARG(name), near.n ? "; did you mean " : "", STR_ARG(near));
    }
    *given = true;
    if (str_eq(name, S("bfloat16")))
        *out = BFLOAT16;
    else if (str_eq(name, S("float16")) || str_eq(name, S("half")))
        *out = FLOAT16;
    else if (str_eq(name, S("float32")) || str_eq(name, S("float")))
        *out = FLOAT32;
    else
        return reject(reasons, LOAD, str_from(key), "%s %.*s is no type that a model is loaded in",
                      key, STR_ARG(name));
    return true;
}

static bool read_quantization(const Json *from, Load *out, Reasons *reasons) {
    static const char known[] =
        "|load_in_4bit|load_in_8bit|bnb_4bit_quant_type|bnb_4bit_use_double_quant|"
        "bnb_4bit_compute_dtype|bnb_4bit_quant_storage|llm_int8_threshold|llm_int8_skip_modules|"
        "llm_int8_enable_fp32_cpu_offload|llm_int8_has_fp16_weight|quant_method|_load_in_4bit|"
        "_load_in_8bit|";
    for (JsonIter it = json_iter(from); json_next(&it);) {
        Str key = str_format(reasons->arena, "|%.*s|", STR_ARG(it.key));
        if (str_find(str_from(known), key) < 0)
            warn(reasons, LOAD, it.key, "BitsAndBytesConfig does not use %.*s", STR_ARG(it.key));
    }
    bool four = json_true(json_get(from, "load_in_4bit")),
         eight = json_true(json_get(from, "load_in_8bit"));
    if (four && eight)
        return reject(reasons, LOAD, S("quantization_config"),
                      "load_in_4bit and load_in_8bit both set; only one can be");
    const Json *type = json_get(from, "bnb_4bit_quant_type");
    out->fp4 =
        !json_has(from, "bnb_4bit_quant_type") || json_is(type, S("fp4")); /* the default is fp4 */
    if (!out->fp4 && !json_is(type, S("nf4")))
        return reject(reasons, LOAD, S("bnb_4bit_quant_type"),
                      "bnb_4bit_quant_type %.*s is neither nf4 nor fp4", STR_ARG(json_str(type)));
    if (four && out->fp4 && !json_has(from, "bnb_4bit_quant_type"))
        note(reasons, LOAD, S("bnb_4bit_quant_type"),
             "bnb_4bit_quant_type is not given: fp4 is the default, nf4 is more exact");
    out->twice = json_true(json_get(from, "bnb_4bit_use_double_quant"));
    out->skip =
        json_has(from, "llm_int8_skip_modules") ? json_get(from, "llm_int8_skip_modules") : NULL;
    out->quantization = four ? QUANTIZE_4BIT : eight ? QUANTIZE_8BIT : QUANTIZE_NONE;
    return read_precision(json_get(from, "bnb_4bit_compute_dtype"), "bnb_4bit_compute_dtype",
                          &out->compute, &out->compute_given, reasons);
}

/* A name of a device, as torch.device takes it, or a way to place modules (accelerate). */
static bool is_device_map(Str name) {
    static const char *const known[] = {
        "auto", "balanced", "balanced_low_0", "sequential", "cpu", "cuda", "mps", "xpu", "npu",
        "mlu",  "hpu",      "meta",           "disk",       "musa"};
    Str device, index;
    str_cut(name, ':', &device, &index);
    for (ptrdiff_t i = 0; i < index.n; i++)
        if (index.p[i] < '0' || index.p[i] > '9')
            return false;
    for (ptrdiff_t i = 0; i < COUNT(known); i++)
        if (str_eq(device, str_from(known[i])))
            return true;
    return false;
}

static bool read_device_map(const Json *map, Load *out, Reasons *reasons) {
    Str name = json_str(map);
    out->device_map = json_kind(map) == JSON_OBJECT ? map : NULL;
    out->device_map_auto = json_kind(map) == JSON_STRING;
    if (!out->device_map_auto || is_device_map(name))
        return true;
    return reject(reasons, LOAD, S("device_map"),
                  "device_map %.*s is neither a device nor one of auto, balanced, balanced_low_0, "
                  "sequential",
                  STR_ARG(name));
}

/* transformers 5.23, modeling_utils.py: AttentionInterface; a kernel of the hub has a '/', one of
 * paged attention a '|'. */
static bool read_attention(const Json *value, const Load *load, Reasons *reasons) {
    static const Str known[] = {{"eager", 5},
                                {"sdpa", 4},
                                {"flash_attention_2", 17},
                                {"flash_attention_3", 17},
                                {"flash_attention_4", 17},
                                {"flex_attention", 14},
                                {"eager_paged", 11}, /* transformers 4.5x */
                                {"sdpa_paged", 10}};
    Str name = json_str(value);
    if (json_kind(value) != JSON_STRING || str_find_byte(name, '/') >= 0 ||
        str_find_byte(name, '|') >= 0)
        return true;
    bool flash = str_starts(name, S("flash_attention"));
    for (ptrdiff_t i = 0; i < COUNT(known); i++) {
        if (!str_eq(name, known[i]))
            continue;
        if (flash && load->precision_given && load->precision == FLOAT32)
            warn(reasons, LOAD, S("attn_implementation"), "%.*s runs in float16 and bfloat16 only",
                 STR_ARG(name));
        return true;
    }
    Str near = str_nearest(name, known, COUNT(known));
    return reject(reasons, LOAD, S("attn_implementation"),
                  "attn_implementation %.*s is none of transformers'%s%.*s", STR_ARG(name),
                  near.n ? "; did you mean " : "", STR_ARG(near));
}

bool load_read(const Json *arguments, Load *out, Reasons *reasons) {
    *out = (Load){0};
    if (json_kind(arguments) > JSON_NULL && json_kind(arguments) != JSON_OBJECT)
        return reject(reasons, LOAD, (Str){0}, "the arguments are no JSON object");
    const Json *dtype = json_get(arguments, "dtype");
    bool old = !dtype && json_has(arguments, "torch_dtype");
    if (old) {
        dtype = json_get(arguments, "torch_dtype");
        note(reasons, LOAD, S("torch_dtype"), "torch_dtype is the old name of dtype, and warns");
    }
    bool fine = read_precision(dtype, old ? "torch_dtype" : "dtype", &out->precision,
                               &out->precision_given, reasons);
    out->trust_remote_code = json_true(json_get(arguments, "trust_remote_code"));
    static const char *const removed[] = {"load_in_4bit", "load_in_8bit"};
    for (int i = 0; i < 2; i++)
        if (json_has(arguments, removed[i]))
            fine = reject(reasons, LOAD, str_from(removed[i]),
                          "transformers 5 has no argument %s; it belongs into a BitsAndBytesConfig",
                          removed[i]);
    fine &= read_device_map(json_get(arguments, "device_map"), out, reasons);
    fine &= read_attention(json_get(arguments, "attn_implementation"), out, reasons);
    if (json_kind(json_get(arguments, "quantization_config")) == JSON_OBJECT)
        fine &= read_quantization(json_get(arguments, "quantization_config"), out, reasons);
    return fine;
}

bool load_against(Load *load, const Config *config, Reasons *reasons) {
    Precision own_precision =
        str_eq(config->dtype, S("bfloat16"))                                      ? BFLOAT16
        : str_eq(config->dtype, S("float16")) || str_eq(config->dtype, S("half")) ? FLOAT16
                                                                                  : FLOAT32;
    bool recast = load->precision_given && load->precision != own_precision;
    if (!load->precision_given) /* "auto", transformers 5's default */
        load->precision = own_precision;
    if (!config->quantization)
        return true;
    if (!str_eq(config->quant_method, S("bitsandbytes"))) {
        if (load->quantization)
            return reject(reasons, S("config.json"), S("quantization_config"),
                          "already quantized with %.*s; a BitsAndBytesConfig on top of it is "
                          "refused",
                          STR_ARG(config->quant_method));
        load->foreign = config->quant_method;
        warn(reasons, S("config.json"), S("quantization_config"),
             "quantized by %.*s: not run natively; config and headers are checked",
             STR_ARG(config->quant_method));
        return true;
    }
    Load own = {0};
    if (!read_quantization(config->quantization, &own, reasons))
        return false;
    if (load->quantization)
        warn(reasons, S("config.json"), S("quantization_config"),
             "the checkpoint is quantized already: its own config counts, and the call's is "
             "ignored%s",
             load->quantization != own.quantization || load->fp4 != own.fp4 ? " (it asks otherwise)"
                                                                            : "");
    /* Weights are left in the type that they were saved in (core_model_loading.py, get_new_dtype()
     * of the quantizer), also those that are not quantized; biases are not. */
    load->saved = own.quantization != QUANTIZE_NONE;
    load->recast = load->saved && recast;
    if (load->recast) {
        load->precision = own_precision;
        warn(reasons, S("load"), S("dtype"),
             "dtype does not change weights that are saved quantized: the model stays %.*s",
             STR_ARG(config->dtype));
    }
    load->quantization = own.quantization;
    load->fp4 = own.fp4;
    load->twice = own.twice;
    load->skip = own.skip;
    load->compute = own.compute;
    load->compute_given = own.compute_given;
    return true;
}

/* quantizers_utils.py, should_convert_module(): a prefix up to a dot, or a suffix. */
bool load_skips(const Load *load, Str module) {
    for (JsonIter it = json_iter(load->skip); json_next(&it);) {
        Str name = json_str(it.value);
        bool prefix = str_starts(module, name) && (module.n == name.n || module.p[name.n] == '.');
        if (name.n && (prefix || str_ends(module, name)))
            return true;
    }
    return false;
}

/* The arguments of from_pretrained, or of a pipeline and its model_kwargs, and what of them cannot
 * stand together.
 *
 * What an older transformers does otherwise is put into the terms of the newest (load_in_4bit=True
 * becomes a BitsAndBytesConfig, a missing dtype float32), so that the check knows one form. The
 * versions are those at which the arguments came and went: `dtype` in transformers 4.56,
 * load_in_4bit gone in 5.0, and with it float32 as the type where none is said. */
#include <stdarg.h>

#include "sites/read.h"

typedef struct Reading {
    const FactContext *context;
    LoadSite *site;
    SiteArguments quantization; /* that belong into a BitsAndBytesConfig */
} Reading;

typedef enum ArgumentKind { KIND_PLAIN, KIND_FORM, KIND_QUANTIZATION, KIND_PLACE } ArgumentKind;

static const struct {
    const char *name;
    ArgumentKind kind;
} arguments[] = {
    {"dtype", KIND_FORM},
    {"torch_dtype", KIND_FORM},
    {"quantization_config", KIND_FORM},
    {"load_in_4bit", KIND_QUANTIZATION},
    {"load_in_8bit", KIND_QUANTIZATION},
    {"bnb_4bit_quant_type", KIND_QUANTIZATION},
    {"bnb_4bit_use_double_quant", KIND_QUANTIZATION},
    {"bnb_4bit_compute_dtype", KIND_QUANTIZATION},
    {"bnb_4bit_quant_storage", KIND_QUANTIZATION},
    {"llm_int8_threshold", KIND_QUANTIZATION},
    {"llm_int8_skip_modules", KIND_QUANTIZATION},
    {"llm_int8_enable_fp32_cpu_offload", KIND_QUANTIZATION},
    {"device_map", KIND_PLAIN},
    {"max_memory", KIND_PLAIN},
    {"attn_implementation", KIND_PLAIN},
    {"trust_remote_code", KIND_PLAIN},
    {"revision", KIND_PLACE},
    {"subfolder", KIND_PLACE},
};

void add_problem(const FactContext *context, LoadSite *site, bool fatal, const char *format, ...) {
    va_list args;
    va_start(args, format);
    *list_push(context->module->arena, &site->problems) =
        (SiteProblem){fatal, str_formatv(context->module->arena, format, args)};
    va_end(args);
}

Str read_argument(const LoadSite *site, const char *name) {
    for (ptrdiff_t i = 0; i < site->arguments.n; i++)
        if (str_eq(site->arguments.v[i].name, str_from(name)))
            return site->arguments.v[i].json;
    return (Str){0};
}

static void leave_open(Reading *r, Str name, ArgumentKind kind) {
    *list_push(r->context->module->arena, &r->site->open) = name;
    r->site->form_open |= kind == KIND_FORM || kind == KIND_QUANTIZATION;
}

static void add_one(Reading *r, Str name, ArgumentKind kind, Node value) {
    Buf text = {.arena = r->context->module->arena};
    if (!add_value(r->context, value, &text))
        leave_open(r, name, kind);
    else if (!str_eq(buf_str(&text), S("null")))
        *list_push(text.arena, kind == KIND_QUANTIZATION ? &r->quantization : &r->site->arguments) =
            (SiteArgument){name, buf_str(&text)};
}

/* Attention of the file's own, under a name that only the file knows. */
static bool registers_attention(const FactContext *context) {
    static const char *const words[] = {"AttentionInterface", "ALL_ATTENTION_FUNCTIONS"};
    return file_mentions(context, words, COUNT(words)) != 0;
}

static void read_one(Reading *r, Str name, Node value, bool conditional) {
    LoadSite *site = r->site;
    for (ptrdiff_t i = 0; i < COUNT(arguments); i++) {
        if (!str_eq(name, str_from(arguments[i].name)))
            continue;
        Str *place = str_eq(name, S("revision")) ? &site->revision : &site->subfolder;
        bool own = str_eq(name, S("attn_implementation")) && registers_attention(r->context);
        if (conditional || own)
            leave_open(r, name, arguments[i].kind);
        else if (arguments[i].kind != KIND_PLACE)
            add_one(r, name, arguments[i].kind, value);
        else if (!value_is_none(r->context->module, value) &&
                 !known_string(r->context, value, place))
            leave_open(r, name, KIND_PLACE);
    }
}

/* pipeline(…, model_kwargs={…}) */
static void read_model_kwargs(Reading *r, Node value) {
    const Module *module = r->context->module;
    Node dict = resolve(r->context, value);
    bool display = node_kind(module->tree, dict) == NODE_DICTIONARY;
    Str key;
    if (!display && !value_is_none(module, dict))
        leave_open(r, S("model_kwargs"), KIND_FORM);
    for (Node pair = node_child_named(module->tree, dict); display && pair;
         pair = node_next_named(module->tree, pair)) {
        Node value_node = node_field(module->tree, pair, FIELD_VALUE);
        if (known_string(r->context, node_field(module->tree, pair, FIELD_KEY), &key))
            read_one(r, key, value_node, false);
        else
            leave_open(r, S("model_kwargs"), KIND_FORM);
    }
}

Generation generation_of(const FactContext *context) {
    Range range = project_range(context->project, S("transformers"));
    Version five = {{5, 0, 0, 0}};
    if (!range.known)
        return GENERATION_UNKNOWN;
    if (version_compare(range.ceiling, five) <= 0)
        return GENERATION_4;
    return version_compare(range.floor, five) >= 0 ? GENERATION_5 : GENERATION_UNKNOWN;
}

static Str object_of(Arena *arena, const SiteArguments *arguments_read) {
    Buf out = {.arena = arena};
    buf_add_byte(&out, '{');
    for (ptrdiff_t i = 0; i < arguments_read->n; i++) {
        buf_add(&out, i ? S(", ") : S(""));
        buf_add_json(&out, arguments_read->v[i].name);
        buf_format(&out, ": %.*s", STR_ARG(arguments_read->v[i].json));
    }
    buf_add_byte(&out, '}');
    return buf_str(&out);
}

static bool asks_for_bits(const SiteArguments *quantization) {
    for (ptrdiff_t i = 0; i < quantization->n; i++)
        if (str_starts(quantization->v[i].name, S("load_in_")) &&
            str_eq(quantization->v[i].json, S("true")))
            return true;
    return false;
}

static void add_older_arguments(Reading *r) {
    Arena *arena = r->context->module->arena;
    SiteArguments *arguments_read = &r->site->arguments;
    bool bits = asks_for_bits(&r->quantization);
    if (bits && read_argument(r->site, "quantization_config").n)
        add_problem(r->context, r->site, true,
                    "load_in_4bit or load_in_8bit beside quantization_config raises ValueError");
    else if (generation_of(r->context) == GENERATION_5)
        for (ptrdiff_t i = 0; i < r->quantization.n; i++) /* the check refuses them */
            *list_push(arena, arguments_read) = r->quantization.v[i];
    else if (bits)
        *list_push(arena, arguments_read) =
            (SiteArgument){S("quantization_config"), object_of(arena, &r->quantization)};
}

/* transformers 4: float32 where no type is said, float16 beside bitsandbytes
 * (quantizers/quantizer_bnb_4bit.py, update_torch_dtype). */
static void add_older_type(Reading *r) {
    LoadSite *site = r->site;
    bool said = read_argument(site, "dtype").n || read_argument(site, "torch_dtype").n;
    if (said || site->opaque || site->form_open || generation_of(r->context) != GENERATION_4)
        return;
    bool quantized = read_argument(site, "quantization_config").n > 0;
    *list_push(r->context->module->arena, &site->arguments) =
        (SiteArgument){S("dtype"), quantized ? S("\"float16\"") : S("\"float32\"")};
}

static void check_versions(const FactContext *context, LoadSite *site) {
    Range range = project_range(context->project, S("transformers"));
    Version since = {{4, 56, 0, 0}};
    if (range.known && version_compare(range.ceiling, since) <= 0 &&
        argument(context, site->call, S("dtype"), NULL))
        add_problem(context, site, true, "transformers before 4.56 has no argument dtype");
}

static void check_pipeline(const FactContext *context, LoadSite *site) {
    const Arg *device = argument(context, site->call, S("device"), NULL);
    if (site->pipeline && device && !value_is_none(context->module, device->value) &&
        read_argument(site, "device_map").n)
        add_problem(context, site, true,
                    "device beside device_map: a pipeline that accelerate has placed cannot be "
                    "moved, and raises ValueError");
}

void read_arguments(const FactContext *context, LoadSite *site) {
    Reading r = {.context = context, .site = site};
    const CallView *view = call_view(context->module, site->call);
    for (ptrdiff_t i = 0; i < view->n; i++) {
        const Arg *arg = &view->args[i];
        if (!arg->name.n || call_keyword(view, arg->name) != arg)
            continue;
        if (site->pipeline && str_eq(arg->name, S("model_kwargs")))
            read_model_kwargs(&r, arg->value);
        else
            read_one(&r, arg->name, arg->value, arg->conditional);
    }
    argument(context, site->call, S("dtype"), &site->opaque);
    add_older_arguments(&r);
    add_older_type(&r);
    site->load = object_of(context->module->arena, &site->arguments);
    check_versions(context, site);
    check_pipeline(context, site);
}

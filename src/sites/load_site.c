/* Walks over the calls of a file, and puts together what the other files of the room read.
 *
 * A site is a call of from_pretrained of a model class of transformers or peft, or a pipeline that
 * is given the name of a checkpoint. One that gets a model object loads nothing itself. */
#include "sites/load_site.h"

#include "facts/words.h"
#include "sites/read.h"

static bool is_model_load(const FactContext *context, Node call) {
    if (!str_eq(call_last_name(context->module, call), S("from_pretrained")))
        return false;
    Str name = class_of_call(context, call);
    return str_starts(name, S("peft.AutoPeft")) ||
           (class_is(context, name, S("transformers.PreTrainedModel")) == TRI_YES &&
            !str_starts(name, S("peft.")));
}

static bool is_pipeline(const FactContext *context, Node call) {
    Node id = load_id(context, call);
    return qualified_matches(callee_name(context, call), S("transformers.pipeline")) && id &&
           !value_is_none(context->module, id) && is_model(context, id) != TRI_YES;
}

static void read_id(const FactContext *context, LoadSite *site) {
    const Module *module = context->module;
    Node id = load_id(context, site->call);
    StringValue value;
    if (!id)
        return;
    site->id_text = module_text(module, strip_parentheses(module, id));
    if (value_string(module, id, &value)) /* a default is what runs when nobody says otherwise */
        site->id = value.text;
    else if (!known_string(context, id, &site->id))
        site->id = (Str){0};
}

static Str read_task(const FactContext *context, Node pipeline) {
    const CallView *view = call_view(context->module, pipeline);
    const Arg *task = call_keyword(view, S("task"));
    Str text = {0};
    if (!task)
        task = call_positional(view, 0);
    return task && known_string(context, task->value, &text) ? text : (Str){0};
}

/* ---- uses ---- */

static void read_generate(const FactContext *context, Node call, LoadSite *site) {
    const Arg *given = argument(context, call, S("max_new_tokens"), NULL);
    const Arg *config = argument(context, call, S("generation_config"), NULL);
    int64_t n;
    if (!given && config) {
        Node made = resolve(context, config->value);
        if (qualified_matches(callee_name(context, made), S("transformers.GenerationConfig")))
            given = argument(context, made, S("max_new_tokens"), NULL);
    }
    if (given && known_number(context, given->value, &n) && n > 0 &&
        (site->new_tokens < 0 || n < site->new_tokens))
        site->new_tokens = n;
}

static bool is_quantized(const LoadSite *site) {
    Str config = read_argument(site, "quantization_config");
    return str_find(config, S("\"load_in_4bit\": true")) >= 0 ||
           str_find(config, S("\"load_in_8bit\": true")) >= 0;
}

/* `model.half()`, `model.to(torch.float16)`, `model.to("cuda")` behind the load. */
static void read_move(const FactContext *context, const Use *use, LoadSite *site) {
    static const char *const casts[] = {"half", "float", "bfloat16"};
    const CallView *view = call_view(context->module, use->node);
    const Arg *first = call_positional(view, 0);
    first = first ? first : call_keyword(view, S("dtype"));
    uint32_t line =
        source_line(context->module->source, node_span(context->module->tree, use->node).end);
    bool to = str_eq(use->name, S("to"));
    bool casts_type = glob_any(use->name, casts, COUNT(casts)) ||
                      (to && first && device_of(context, first->value) == DEVICE_DTYPE);
    const Arg *map = argument(context, site->call, S("device_map"), NULL);
    Device device;
    if (ask_in_test(context, &(FactArg){.node = use->node}, 1).tri == TRI_YES)
        return; /* where the error may be what is wanted */
    if (casts_type && is_quantized(site))
        add_problem(context, site, true,
                    ".%.*s on line %u casts a model that bitsandbytes has quantized, and raises "
                    "ValueError",
                    STR_ARG(use->name), line);
    else if (!casts_type && map && device_of(context, map->value) == DEVICE_AUTO &&
             moves_to(context, use->node, use->name, &device) && device != DEVICE_CPU &&
             device != DEVICE_UNKNOWN)
        add_problem(context, site, false,
                    ".%.*s on line %u moves a model that device_map has laid over devices",
                    STR_ARG(use->name), line);
}

void read_uses(const FactContext *context, LoadSite *site) {
    site->new_tokens = -1;
    if (site->pipeline) {
        read_generate(context, site->call, site);
        const Uses *uses = value_uses(context->module, site->call, library_returns_self);
        for (ptrdiff_t i = 0; i < uses->n; i++)
            if (uses->v[i].kind == USE_CALLED)
                read_generate(context, uses->v[i].node, site);
        return;
    }
    UseList uses = model_uses(context, site->call);
    for (ptrdiff_t i = 0; i < uses.n; i++) {
        const Use *use = &uses.v[i];
        if (use->kind == USE_METHOD && str_eq(use->name, S("generate")))
            read_generate(context, use->node, site);
        else if (use->kind == USE_METHOD)
            read_move(context, use, site);
    }
}

/* ---- all ---- */

LoadSites load_sites(const FactContext *context) {
    const Module *module = context->module;
    List(LoadSite) list = {0};
    for (Node node = 1; node < module->tree->n; node++) {
        if (module->tree->rows[node].kind != NODE_CALL)
            continue;
        bool model = is_model_load(context, node), pipeline = !model && is_pipeline(context, node);
        if (!model && !pipeline)
            continue;
        LoadSite *site = list_push(module->arena, &list);
        *site = (LoadSite){.call = node, .pipeline = pipeline};
        site->line = source_line(module->source, node_span(module->tree, node).at);
        site->last_line = source_line(module->source, node_span(module->tree, node).end);
        site->class_name = pipeline ? S("transformers.pipeline") : class_of_call(context, node);
        if (pipeline)
            site->task = read_task(context, node);
        read_id(context, site);
        read_arguments(context, site);
        read_tokenizer(context, site);
        read_uses(context, site);
    }
    return (LoadSites){list.v, list.n};
}

Str load_site_form(Arena *arena, const LoadSite *site) {
    const SiteTokenizer *t = &site->tokenizer;
    Buf out = {.arena = arena};
    buf_format(&out, "%.*s %.*s %.*s %.*s %.*s %.*s %d", STR_ARG(site->class_name),
               STR_ARG(site->task), STR_ARG(site->id_text), STR_ARG(site->revision),
               STR_ARG(site->subfolder), STR_ARG(site->load), site->opaque);
    buf_format(&out, " %.*s %d %.*s %.*s %lld %d%d%d%d %lld", STR_ARG(t->id), (int)t->side,
               STR_ARG(t->pad_token), STR_ARG(t->pad_from), (long long)t->pad_id, t->pad_if_missing,
               t->adds_token, t->resizes, t->pads, (long long)site->new_tokens);
    for (ptrdiff_t i = 0; i < site->open.n; i++)
        buf_format(&out, " ?%.*s", STR_ARG(site->open.v[i]));
    for (ptrdiff_t i = 0; i < site->problems.n; i++)
        buf_format(&out, " !%.*s", STR_ARG(site->problems.v[i].text));
    return buf_str(&out);
}

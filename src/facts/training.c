/* How a model is trained: adapters, what prepares it for them, checkpointing, its trainer.
 *
 * What an author has set up by hand is looked for in the whole file, because a training script is
 * read as a whole: a setting in another function of it still counts. */
#include "facts/words.h"

Node base_load(const FactContext *context, Node expression) {
    const Module *module = context->module;
    Node origin = subject_origin(context, expression);
    for (int i = 0; i < 4 && origin && keeps_model(context, origin); i++) {
        const CallView *view = call_view(module, origin);
        const Arg *model = call_positional(view, 0);
        if (!model)
            model = call_keyword(view, S("model"));
        if (!model)
            return 0;
        origin = subject_origin(context, model->value);
    }
    return node_kind(module->tree, origin) == NODE_CALL ? origin : 0;
}

ASK(ask_base_model) {
    (void)n;
    Node load = base_load(context, args[0].node);
    if (!load || !is_load(context, load))
        return answer_unknown("where the model is loaded is not known");
    return (Answer){.tri = TRI_YES,
                    .text = module_text(context->module, load),
                    .node = load,
                    .why = "the load below its adapters"};
}

/* ---- quantized models and their adapters ---- */

static const char *const preparers[] = {"prepare_model_for_*"};

/* prepare_model(model), self.prepare_for_lora(self.model): by hand or in a helper of the project.
 */
static bool prepares_model(const FactContext *context, Node call, const void *data) {
    (void)data;
    const CallView *view = call_view(context->module, call);
    Str name = call_last_name(context->module, call);
    if (!glob_matches(name, S("*prepare_*")) || str_eq(name, S("prepare_model")))
        return false;
    for (int i = 0; i < view->n; i++)
        if (is_model(context, view->args[i].value) == TRI_YES)
            return true;
    return false;
}

ASK(ask_kbit_prepared) {
    (void)args, (void)n;
    if (file_find(context, NODE_CALL, prepares_model, NULL))
        return answer_yes("the file calls what prepares a model");
    if (file_calls(context, preparers, COUNT(preparers)) ||
        file_mentions(context, preparers, COUNT(preparers)))
        return answer_yes("the file prepares a model for training");
    return answer_no("nothing in the file prepares a model for training");
}

static bool is_filled(const FactContext *context, Node model) {
    static const char *const fills[] = {"load_state_dict", "load_adapter"};
    UseList uses = model_uses(context, model);
    for (ptrdiff_t i = 0; i < uses.n; i++)
        if (uses.v[i].kind == USE_METHOD && glob_any(uses.v[i].name, fills, COUNT(fills)))
            return true;
    return false;
}

/* What trains, by any name that the file calls. */
static bool has_steps(const FactContext *context) {
    static const char *const steps[] = {"*backward", "*Trainer",    "*TrainingArguments",
                                        "Adam*",     "*Optimizer*", "*optimizer*",
                                        "SGD",       "train",       "train_*",
                                        "*_train",   "fit",         "tune*",
                                        "*_tune*",   "finetune*"};
    return file_calls(context, steps, COUNT(steps)) != 0;
}

/* Adapters that are made to be filled from a file, for a model that only answers. */
ASK(ask_adapter_infers) {
    (void)n;
    const Module *module = context->module;
    Node call = subject_origin(context, args[0].node);
    if (node_kind(module->tree, call) != NODE_CALL)
        return answer_unknown("where the adapter is put on is not known");
    const CallView *view = call_view(module, call);
    const Arg *given = call_keyword(view, S("peft_config"));
    if (!given)
        given = call_positional(view, 1);
    Node config = given ? subject_origin(context, given->value) : 0;
    const Arg *mode = node_kind(module->tree, config) == NODE_CALL
                          ? argument(context, config, S("inference_mode"), NULL)
                          : NULL;
    if (mode && value_truth(module, mode->value) == TRUTH_TRUE)
        return answer_yes("its config is one for inference");
    ModelUse use = model_use(context, call);
    if (use.infers && !use.trains && !use.wrapped && !use.distributes &&
        (!use.unknown || is_filled(context, call) || !has_steps(context)))
        return answer_yes("nothing trains the adapter, and the model answers");
    return answer_no("the adapter is not known to be there for answers only");
}

static bool freezes(const FactContext *context, Node assignment, const void *data) {
    (void)data;
    const Module *module = context->module;
    return str_ends(module_text(module, node_field(module->tree, assignment, FIELD_LEFT)),
                    S(".requires_grad")) &&
           value_truth(module, node_field(module->tree, assignment, FIELD_RIGHT)) == TRUTH_FALSE;
}

static bool widens(const FactContext *context, Node call, const void *data) {
    (void)data;
    const Module *module = context->module;
    if (!call_receiver(module, call))
        return false;
    const Arg *first = call_positional(call_view(module, call), 0);
    Str method = call_last_name(module, call);
    return (str_eq(method, S("float")) && !first) ||
           (str_eq(method, S("to")) && first &&
            str_eq(last_part(dotted_name(module, first->value)), S("float32")));
}

/* Parameters are frozen and cast to float32: what prepare_model_for_kbit_training does. */
ASK(ask_prepared_by_hand) {
    (void)args, (void)n;
    if (file_find(context, NODE_ASSIGNMENT, freezes, NULL) &&
        file_find(context, NODE_CALL, widens, NULL))
        return answer_yes("the file freezes parameters and casts some to float32");
    return answer_no("nothing in the file does what prepares a quantized model");
}

ASK(ask_fsdp) {
    (void)args, (void)n;
    static const char *const words[] = {"fsdp", "fsdp_*", "FSDP*", "*FullySharded*"};
    if (file_mentions(context, words, COUNT(words)))
        return answer_yes("the file shards with FSDP");
    return answer_no("no sign of FSDP");
}

/* ---- checkpointing ---- */

ASK(ask_checkpointing_set) {
    (void)args, (void)n;
    static const char *const words[] = {"*gradient_checkpoint*", "*activation_checkpoint*",
                                        "*use_reentrant*", "unsloth*", "prepare_model_for_*"};
    if (file_mentions(context, words, COUNT(words)))
        return answer_yes("the file says something about checkpointing");
    return answer_no("nothing in the file is about checkpointing");
}

ASK(ask_input_grads) {
    (void)args, (void)n;
    static const char *const words[] = {"enable_input_require_grads", "*make_inputs_require_grad*"};
    if (file_mentions(context, words, COUNT(words)))
        return answer_yes("the file makes the inputs require gradients");
    return answer_no("the inputs need no gradients");
}

/* ---- training arguments and their trainer ---- */

static bool is_trainer(const FactContext *context, Node call) {
    static const char *const trainers[] = {"transformers.Trainer", "transformers.Seq2SeqTrainer"};
    Str name = callee_name(context, call);
    return glob_any(name, trainers, COUNT(trainers)) ||
           (str_starts(name, S(".")) &&
            class_is(context, name, S("transformers.Trainer")) == TRI_YES);
}

static bool runs_training(const FactContext *context, Node trainer) {
    const Uses *uses = value_uses(context->module, trainer, library_returns_self);
    for (ptrdiff_t i = 0; i < uses->n; i++)
        if (uses->v[i].kind == USE_METHOD && str_eq(uses->v[i].name, S("train")))
            return true;
    return false;
}

static const Arg *trainer_argument(const FactContext *context, Node trainer, Str name, int at) {
    const CallView *view = call_view(context->module, trainer);
    const Arg *arg = call_keyword(view, name);
    return arg ? arg : call_positional(view, at);
}

static bool is_any_trainer(const FactContext *context, Node call) {
    static const char *const others[] = {"trl.*Trainer"};
    return is_trainer(context, call) || glob_any(callee_name(context, call), others, COUNT(others));
}

/* `trainer.train()` of a trainer that got the model has run at the place: the trainer has put the
 * model on its device. */
ASK(ask_trained_above) {
    (void)n;
    const Module *module = context->module;
    const Tree *tree = module->tree;
    Node place = statement_of(module, args[1].node);
    Node load = base_load(context, args[0].node);
    if (!load || !place)
        return answer_unknown("where the model is loaded is not known");
    for (Node call = 1; call < place; call++) {
        Node receiver = node_kind(tree, call) == NODE_CALL ? call_receiver(module, call) : 0;
        if (!receiver || !str_eq(call_last_name(module, call), S("train")))
            continue;
        Node statement = statement_of(module, call), trainer = subject_origin(context, receiver);
        if (function_of(module, call) != function_of(module, place) ||
            !node_within(tree, place, block_of(module, statement)) ||
            node_span(tree, statement).end > node_span(tree, place).at ||
            node_kind(tree, trainer) != NODE_CALL || !is_any_trainer(context, trainer))
            continue;
        const Arg *model = trainer_argument(context, trainer, S("model"), 0);
        if (model && base_load(context, model->value) == load)
            return answer_yes("its trainer has run above");
    }
    return answer_no("no trainer of it has run above");
}

/* The one model that a trainer gets together with these training arguments. */
ASK(ask_trained_model) {
    (void)n;
    const Module *module = context->module;
    Node model = 0;
    for (Node call = 1; call < module->tree->n; call++) {
        if (node_kind(module->tree, call) != NODE_CALL || !is_trainer(context, call))
            continue;
        const Arg *with = trainer_argument(context, call, S("args"), 1);
        const Arg *arg = trainer_argument(context, call, S("model"), 0);
        if (!with || !arg || subject_origin(context, with->value) != args[0].node)
            continue;
        if (!runs_training(context, call))
            return answer_unknown("the trainer is not known to train");
        if (model && subject_origin(context, model) != subject_origin(context, arg->value))
            return answer_unknown("several models are trained with it");
        model = arg->value;
    }
    if (!model)
        return answer_unknown("no trainer of the file gets it");
    return (Answer){.tri = TRI_YES,
                    .text = module_text(module, model),
                    .node = model,
                    .why = "the model that is trained with it"};
}

/* What the name of a checkpoint and the class that loads it say about a model.
 *
 * Names are conventions, read as people read them: "Llama-3.1-70B-Instruct" has 70 billion
 * parameters, "Qwen3-30B-A3B" has 30 (three of them active), "bloomz-7b1" has 7.1. A number that
 * could mean something else (tokens, bits, a version) is not read. A path of the local disk is
 * never judged by its name, because a file there says more; that file is asked first, of a
 * checkpoint in the hub's cache as well (checkpoints.h). */
#include "base/byte.h"
#include "base/path.h"
#include "facts/checkpoints.h"
#include "facts/words.h"
#include "python/cache.h"

typedef struct SizeRow {
    const char *name;
    double billions;
} SizeRow;

static const SizeRow size_rows[] = {
#define SIZE(name, billions) {name, billions},
#include "facts/families.def"
};

typedef struct FamilyRow {
    const char *name;
    Family family;
} FamilyRow;

static const FamilyRow family_rows[] = {
#define FAMILY(name, family) {name, FAMILY_##family},
#include "facts/families.def"
};

static const char *const length_rows[] = {
#define LENGTH(id) id,
#include "facts/families.def"
};

static const char *const quantized_rows[] = {
#define QUANTIZED(name) name,
#include "facts/families.def"
};

static const struct {
    const char *id, *task;
} task_rows[] = {
#define TASK(id, task) {id, task},
#include "facts/families.def"
};

enum { ID_MAX = 256 };

/* A lower-case copy in a buffer of the caller; empty when the id is too long to be one. */
static Str lower_id(Str id, char *buffer) {
    if (id.n > ID_MAX)
        return (Str){0};
    for (ptrdiff_t i = 0; i < id.n; i++)
        buffer[i] = byte_lower(id.p[i]);
    return (Str){buffer, id.n};
}

static Str short_name(Str id) {
    return path_name(id);
}

/* A checkpoint of the local disk, as far as its name tells: hub ids are "owner/name". */
static bool is_local_path(Str id) {
    static const char *const folders[] = {
        "model",   "models", "*_models", "checkpoint*", "ckpt*",    "output*",     "out",
        "result*", "save*",  "weights",  "runs",        "exp*",     "logs",        "tmp",
        "cache",   "data",   "trained",  "*tuned*",     "*-models", "pretrained*", "adapter*"};
    Str owner, name;
    if (str_starts(id, S(".")) || str_starts(id, S("/")) || str_starts(id, S("~")) ||
        str_find_byte(id, '\\') >= 0)
        return true;
    if (!str_cut(id, '/', &owner, &name))
        return false;
    return str_find_byte(name, '/') >= 0 || glob_any(owner, folders, COUNT(folders));
}

/* Without an owner only the few oldest checkpoints are on the hub; other such names are folders. */
static bool may_be_local(Str lower) {
    if (is_local_path(lower))
        return true;
    if (str_find_byte(lower, '/') >= 0)
        return false;
    for (ptrdiff_t i = 0; i < COUNT(size_rows); i++)
        if (glob_matches(lower, str_from(size_rows[i].name)))
            return false;
    return true;
}

/* ---- size ---- */

/* Reads the number whose last digit stands at `last`: "70", "1.5", and "1_6" after '-'. */
static double number_before(Str name, ptrdiff_t last, ptrdiff_t *start) {
    ptrdiff_t at = last;
    while (at > 0 && byte_is_digit(name.p[at - 1]))
        at--;
    bool point = at > 1 && name.p[at - 1] == '.' && byte_is_digit(name.p[at - 2]);
    bool bar =
        at > 2 && name.p[at - 1] == '_' && byte_is_digit(name.p[at - 2]) && name.p[at - 3] == '-';
    ptrdiff_t fraction = at;
    if (point || bar) {
        at -= 2;
        while (at > 0 && byte_is_digit(name.p[at - 1]))
            at--;
    }
    *start = at;
    double number = 0, scale = 1;
    for (ptrdiff_t i = at; i <= last; i++) {
        if (!byte_is_digit(name.p[i]))
            continue;
        number = number * 10 + (name.p[i] - '0');
        if ((point || bar) && i >= fraction)
            scale *= 10;
    }
    return number / scale;
}

/* Experts: the only two layouts whose size is known. */
static double expert_size(double experts, double each) {
    if (experts == 8 && each == 7)
        return 46.7;
    return experts == 8 && each == 22 ? 141 : 0;
}

/* The size written at a 'b' or 'm' of the name; 0: none there. */
static double size_at(Str name, ptrdiff_t unit) {
    if (unit == 0 || !byte_is_digit(name.p[unit - 1]))
        return 0;
    ptrdiff_t start, after = unit + 1;
    double number = number_before(name, unit - 1, &start);
    bool billions = name.p[unit] == 'b';
    if (billions && after < name.n && byte_is_digit(name.p[after])) {
        number += (name.p[after] - '0') / 10.0; /* bloom-7b1 */
        after++;
    }
    if (after < name.n && (byte_is_letter(name.p[after]) || byte_is_digit(name.p[after])))
        return 0;
    char before = start ? name.p[start - 1] : '-';
    if (before == 'x' && start > 1 && byte_is_digit(name.p[start - 2])) {
        ptrdiff_t first;
        return billions ? expert_size(number_before(name, start - 2, &first), number) : 0;
    }
    if (before == '.' || before == 'a' || before == 'e' || before == 'v' || before == 'x')
        return 0; /* active or effective parameters, versions */
    return billions ? number : number / 1000;
}

/* Size in 10^9 parameters that the id names; 0: not known. */
static double size_of_id(Str id) {
    char buffer[ID_MAX];
    Str name = short_name(lower_id(id, buffer));
    for (ptrdiff_t i = 0; i < COUNT(size_rows); i++)
        if (glob_matches(name, str_from(size_rows[i].name)))
            return size_rows[i].billions;
    for (ptrdiff_t i = 0; i < name.n; i++) {
        if (name.p[i] != 'b' && name.p[i] != 'm')
            continue;
        double size = size_at(name, i);
        if (size > 0)
            return size;
    }
    return 0;
}

bool id_of(const FactContext *context, FactArg arg, StringValue *value) {
    if (!arg.node) {
        *value = (StringValue){.text = arg.text};
        return arg.text.n > 0;
    }
    Node expression = subject_expression(context, arg);
    if (value_string(context->module, expression, value))
        return true;
    Node origin = subject_origin(context, expression);
    if (!origin || node_kind(context->module->tree, origin) != NODE_CALL)
        return false;
    Node id = load_id(context, origin);
    return id && is_load(context, origin) && value_string(context->module, id, value);
}

ASK(ask_billions) {
    (void)n;
    StringValue id;
    if (!id_of(context, args[0], &id))
        return answer_unknown("the model's id is not known");
    if (id.is_default)
        return answer_unknown("the id is only a default; another may come");
    const Checkpoint *files = checkpoint_of(context, id.text);
    if (files && files->files.billions > 0)
        return (Answer){.tri = TRI_YES,
                        .number = files->files.billions,
                        .why = "billions of parameters by the checkpoint's files"};
    char buffer[ID_MAX];
    if (may_be_local(lower_id(id.text, buffer)))
        return answer_unknown("the size of a local checkpoint is in its own files");
    double size = size_of_id(id.text);
    if (size <= 0)
        return answer_unknown("the id does not tell the size");
    return (Answer){.tri = TRI_YES, .number = size, .why = "billions of parameters by the id"};
}

ASK(ask_weights_gb) {
    Answer answer = ask_billions(context, args, n);
    answer.number *= 2; /* two bytes for each parameter in 16 bits */
    return answer;
}

ASK(ask_quantized_checkpoint) {
    (void)n;
    StringValue id;
    if (!id_of(context, args[0], &id))
        return answer_unknown("the model's id is not known");
    char buffer[ID_MAX];
    Str name = lower_id(id.text, buffer);
    if (glob_any(name, quantized_rows, COUNT(quantized_rows)) ||
        glob_any(short_name(name), quantized_rows, COUNT(quantized_rows)))
        return answer_yes("the id names a quantization");
    const Checkpoint *files = id.is_default ? NULL : checkpoint_of(context, id.text);
    if (files)
        return files->files.quantized.n ? answer_yes("its config.json names a quantization")
                                        : answer_no("its config.json names no quantization");
    if (id.is_default || may_be_local(name))
        return answer_unknown("the checkpoint is not known from the file");
    return answer_no("the id names no quantization");
}

ASK(ask_ships_float16) {
    (void)n;
    StringValue id;
    bool known = id_of(context, args[0], &id) && !id.is_default;
    const Checkpoint *files = known ? checkpoint_of(context, id.text) : NULL;
    if (files &&
        (str_eq(files->files.dtype, S("float16")) || str_eq(files->files.dtype, S("half"))))
        return answer_yes("its config.json names float16");
    return answer_no("no config.json that is at hand names float16");
}

ASK(ask_ships_generation_length) {
    (void)n;
    StringValue id;
    if (!id_of(context, args[0], &id))
        return answer_unknown("the model's id is not known");
    const Checkpoint *files = id.is_default ? NULL : checkpoint_of(context, id.text);
    if (files)
        return files->files.length ? answer_yes("its files give a generation length")
                                   : answer_no("its files give no generation length");
    char buffer[ID_MAX];
    Str name = lower_id(id.text, buffer);
    if (glob_any(name, length_rows, COUNT(length_rows)))
        return answer_yes("its generation_config gives a length");
    if (id.is_default || may_be_local(name))
        return answer_unknown("the checkpoint's generation_config is not known from the file");
    return answer_no("not among those known to ship a length");
}

Str task_of_id(Str id) {
    char buffer[ID_MAX];
    Str name = lower_id(id, buffer);
    for (ptrdiff_t i = 0; i < COUNT(task_rows); i++)
        if (name.n && glob_matches(name, str_from(task_rows[i].id)))
            return str_from(task_rows[i].task);
    return (Str){0};
}

/* ---- family ---- */

static Family family_named(Str name) {
    for (ptrdiff_t i = 0; i < COUNT(family_rows); i++)
        if (glob_matches(short_name(name), str_from(family_rows[i].name)) ||
            glob_matches(name, str_from(family_rows[i].name)))
            return family_rows[i].family;
    return FAMILY_UNKNOWN;
}

Family family_of_id(Str id) {
    char buffer[ID_MAX];
    return id.n && !is_local_path(id) ? family_named(lower_id(id, buffer)) : FAMILY_UNKNOWN;
}

/* `known`: the family of the id, as far as it is known. */
static Family family_by_class(Str class_name, Family known) {
    char buffer[ID_MAX];
    Str name = last_part(class_name);
    bool automatic = str_starts(name, S("Auto"));
    Family named = automatic ? known : family_named(lower_id(name, buffer));
    if (str_ends(name, S("ForSeq2SeqLM")))
        return FAMILY_ENCODER_DECODER;
    if (str_ends(name, S("ForMaskedLM")))
        return FAMILY_ENCODER;
    if (str_ends(name, S("ForCausalLM")) || str_ends(name, S("LMHeadModel")))
        return named == FAMILY_UNKNOWN || named == FAMILY_DECODER ? FAMILY_DECODER : FAMILY_UNKNOWN;
    /* T5's and its like; a decoder's name there is a part of a model that also sees or hears. */
    if (str_ends(name, S("ForConditionalGeneration")) && named == FAMILY_DECODER)
        return FAMILY_UNKNOWN;
    return named != FAMILY_UNKNOWN || automatic ? named : known;
}

Family family_of_class(Str class_name, Str id) {
    return family_by_class(class_name, family_of_id(id));
}

/* By what the checkpoint's own config.json says; FAMILY_UNKNOWN: nothing. */
static Family family_of_files(const FactContext *context, Str id) {
    char buffer[ID_MAX];
    const Checkpoint *files = checkpoint_of(context, id);
    if (!files)
        return FAMILY_UNKNOWN;
    if (files->files.encoder_decoder)
        return FAMILY_ENCODER_DECODER;
    Family family = family_by_class(files->files.architecture, FAMILY_UNKNOWN);
    return family != FAMILY_UNKNOWN ? family
                                    : family_named(lower_id(files->files.model_type, buffer));
}

Family family_of_load(const FactContext *context, Node load) {
    StringValue id = {0};
    Node id_node = load_id(context, load);
    if (!id_node || !value_string(context->module, id_node, &id) || id.is_default)
        id.text = (Str){0};
    Str name = class_of_call(context, load);
    if (str_starts(name, S("trl.AutoModelForCausalLM")))
        return FAMILY_DECODER;
    if (!str_starts(name, S("transformers.")) && !str_starts(name, S("peft.")))
        return FAMILY_UNKNOWN;
    Family known = family_of_files(context, id.text);
    return family_by_class(name, known != FAMILY_UNKNOWN ? known : family_of_id(id.text));
}

bool same_id(const FactContext *context, Node a, Node b) {
    const Module *module = context->module;
    StringValue one, two;
    if (value_string(module, a, &one) && value_string(module, b, &two))
        return str_eq(one.text, two.text);
    return str_eq(module_text(module, a), module_text(module, b)) && same_place(module, a, b);
}

bool same_checkpoint(const FactContext *context, Node load, Node other) {
    Node a = load_id(context, load), b = load_id(context, other);
    return a && b && same_id(context, a, b);
}

typedef List(Node) LoadList;

/* Asked for again and again, so listed once for the module. */
static const LoadList *model_loads(const FactContext *context) {
    static const char owner = 0;
    const Module *module = context->module;
    void **slot = cache_slot(module, &owner, 0);
    if (*slot)
        return *slot;
    LoadList *loads = new (module->arena, LoadList, 1);
    for (Node node = 1; node < module->tree->n; node++)
        if (module->tree->rows[node].kind == NODE_CALL &&
            str_eq(call_last_name(module, node), S("from_pretrained")) &&
            class_is(context, class_of_call(context, node), S("transformers.PreTrainedModel")) ==
                TRI_YES)
            *list_push(module->arena, loads) = node;
    *slot = loads;
    return loads;
}

Node next_model_load(const FactContext *context, Node after) {
    const LoadList *loads = model_loads(context);
    for (ptrdiff_t i = 0; i < loads->n; i++)
        if (loads->v[i] > after)
            return loads->v[i];
    return 0;
}

/* Families of the models that go with a tokenizer: those of the same checkpoint, and those that its
 * results feed. FAMILY_UNKNOWN when there are none, or when they differ. */
static Family family_beside(const FactContext *context, Node load) {
    const Module *module = context->module;
    bool seen[4] = {false};
    for (Node m = next_model_load(context, 0); m; m = next_model_load(context, m))
        if (same_checkpoint(context, load, m))
            seen[family_of_load(context, m)] = true;
    const Uses *uses = value_uses(module, load, library_returns_self);
    for (ptrdiff_t i = 0; i < uses->n; i++) {
        if (uses->v[i].kind != USE_CALLED)
            continue;
        Feeds feeds = feeds_of(context, uses->v[i].node);
        for (ptrdiff_t k = 0; k < feeds.list.n; k++) {
            Node model = subject_origin(context, feeds.list.v[k].model);
            if (model && node_kind(module->tree, model) == NODE_CALL)
                seen[family_of_load(context, model)] = true;
        }
    }
    int families = seen[FAMILY_DECODER] + seen[FAMILY_ENCODER] + seen[FAMILY_ENCODER_DECODER];
    if (families != 1)
        return FAMILY_UNKNOWN;
    return seen[FAMILY_DECODER]   ? FAMILY_DECODER
           : seen[FAMILY_ENCODER] ? FAMILY_ENCODER
                                  : FAMILY_ENCODER_DECODER;
}

static Answer family_answer(Family family, Family wanted) {
    static const char *const why[] = {
        [FAMILY_UNKNOWN] = "the family of the model is not known",
        [FAMILY_DECODER] = "a decoder-only model",
        [FAMILY_ENCODER] = "an encoder",
        [FAMILY_ENCODER_DECODER] = "an encoder-decoder model",
    };
    if (family == FAMILY_UNKNOWN)
        return answer_unknown(why[family]);
    return answer_of(family == wanted ? TRI_YES : TRI_NO, why[family]);
}

static Family family_of_origin(const FactContext *context, Node origin) {
    if (node_kind(context->module->tree, origin) != NODE_CALL)
        return FAMILY_UNKNOWN;
    Node load = origin;
    Str name = callee_name(context, origin);
    if (!is_load(context, origin) && !class_of_call(context, origin).n) {
        /* get_peft_model(model) and PeftModel.from_pretrained(model, …) keep the family. */
        const CallView *view = call_view(context->module, origin);
        const Arg *first = call_positional(view, 0);
        if (!first || !str_starts(name, S("peft.")))
            return FAMILY_UNKNOWN;
        load = subject_origin(context, first->value);
    } else if (str_starts(name, S("peft.PeftModel"))) {
        load = subject_origin(context, load_id(context, origin));
    }
    if (!load || node_kind(context->module->tree, load) != NODE_CALL)
        return FAMILY_UNKNOWN;
    bool tokenizer = class_is(context, class_of_call(context, load),
                              S("transformers.PreTrainedTokenizerBase")) == TRI_YES;
    Family beside = tokenizer ? family_beside(context, load) : FAMILY_UNKNOWN;
    return beside != FAMILY_UNKNOWN ? beside : family_of_load(context, load);
}

static Answer ask_decoder(const FactContext *context, Node origin) {
    return family_answer(family_of_origin(context, origin), FAMILY_DECODER);
}
static Answer ask_encoder_of(const FactContext *context, Node origin) {
    return family_answer(family_of_origin(context, origin), FAMILY_ENCODER);
}
static Answer ask_both_of(const FactContext *context, Node origin) {
    return family_answer(family_of_origin(context, origin), FAMILY_ENCODER_DECODER);
}

static Answer ask_family(const FactContext *context, FactArg arg, Family wanted, OriginAsk *ask) {
    StringValue id = {.text = arg.text};
    Node expression = subject_expression(context, arg);
    if (!expression || value_string(context->module, expression, &id)) {
        if (id.is_default)
            return answer_unknown("the id is only a default; another may come");
        return family_answer(family_of_id(id.text), wanted);
    }
    return subject_each(context, arg, ask);
}

ASK(ask_decoder_only) {
    (void)n;
    return ask_family(context, args[0], FAMILY_DECODER, ask_decoder);
}

ASK(ask_encoder) {
    (void)n;
    return ask_family(context, args[0], FAMILY_ENCODER, ask_encoder_of);
}

ASK(ask_encoder_decoder) {
    (void)n;
    return ask_family(context, args[0], FAMILY_ENCODER_DECODER, ask_both_of);
}

/* ---- classes ---- */

/* A pipeline loads what it is given the id of; a model that it is given is loaded already. */
static Answer ask_generative_pipeline(const FactContext *context, Node load) {
    const CallView *view = call_view(context->module, load);
    const Arg *task = call_keyword(view, S("task"));
    Node model = load_id(context, load);
    StringValue value;
    if (!task)
        task = call_positional(view, 0);
    if (!task || !value_string(context->module, task->value, &value) || value.is_default)
        return answer_unknown("the pipeline's task is not known");
    if (!str_eq(value.text, S("text-generation")))
        return answer_no("a pipeline of another task");
    if (!model || value_string(context->module, model, &value))
        return answer_yes("a text-generation pipeline");
    return is_model(context, model) == TRI_YES
               ? answer_no("the pipeline gets a model that is loaded already")
               : answer_unknown("whether the pipeline loads the model is not known");
}

static Answer ask_generative_load(const FactContext *context, Node load) {
    static const char *const classes[] = {"transformers.*ForCausalLM",
                                          "transformers.*ForSeq2SeqLM",
                                          "transformers.*ForConditionalGeneration",
                                          "transformers.*LMHeadModel",
                                          "transformers.AutoModelForImageTextToText",
                                          "transformers.AutoModelForVision2Seq",
                                          "transformers.AutoModelForSpeechSeq2Seq",
                                          "transformers.AutoModelForMultimodalLM",
                                          "transformers.AutoModelWithLMHead",
                                          "peft.AutoPeftModelForCausalLM",
                                          "peft.AutoPeftModelForSeq2SeqLM"};
    Str name = callee_name(context, load);
    if (qualified_matches(name, S("transformers.pipeline")))
        return ask_generative_pipeline(context, load);
    Str loaded = class_of_call(context, load);
    if (!loaded.n)
        return answer_unknown("the class that loads it is not known");
    if (str_starts(last_part(loaded), S("TF")) || str_starts(last_part(loaded), S("Flax")))
        return answer_no("not a PyTorch class");
    if (glob_any(loaded, classes, COUNT(classes)))
        return answer_yes("a generative class");
    return loaded.p[0] == '.' ? answer_unknown("a class of the file")
                              : answer_no("not a generative class");
}

ASK(ask_generative_class) {
    (void)n;
    return subject_each(context, args[0], ask_generative_load);
}

ASK(ask_sequence_classifier) {
    (void)args, (void)n;
    for (Node load = next_model_load(context, 0); load; load = next_model_load(context, load))
        if (str_ends(class_of_call(context, load), S("ForSequenceClassification")))
            return answer_yes("the file loads a sequence classifier");
    return answer_no("the file loads no sequence classifier");
}

ASK(ask_model) {
    (void)n;
    Tri tri = is_model(context, subject_expression(context, args[0]));
    return answer_of(tri, tri == TRI_YES ? "a model" : "no model as far as the file tells");
}

ASK(ask_tokenizer) {
    (void)n;
    Tri tri = is_tokenizer(context, subject_expression(context, args[0]));
    return answer_of(tri, tri == TRI_YES ? "a tokenizer" : "no tokenizer as far as the file tells");
}

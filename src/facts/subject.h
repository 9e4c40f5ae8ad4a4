/* What the files of this room share: the value that a word asks about, walks over the whole file,
 * devices, and what becomes of a model. Of the other rooms only sites/ reads with it. */
#ifndef HFFIX_FACTS_SUBJECT_H
#define HFFIX_FACTS_SUBJECT_H

#include "facts/facts.h"

Answer answer_of(Tri tri, const char *why);
Answer answer_yes(const char *why);
Answer answer_no(const char *why);
Answer answer_unknown(const char *why);

/* The expression that an argument of a word stands for: of a name that is bound here (the left side
 * of `tok = load()`) the right side. 0 when there is none. */
Node subject_expression(const FactContext *context, FactArg arg);

/* Asks about each place that the value may come from; one answer when all agree, else unknown. */
typedef Answer OriginAsk(const FactContext *context, Node origin);
Answer subject_each(const FactContext *context, FactArg arg, OriginAsk *ask);

/* The one place that the value comes from; 0 when there are several or it is not known. */
Node subject_origin(const FactContext *context, Node expression);

/* ---- names ---- */

Str last_part(Str dotted);             /* "c" of "a.b.c" */
bool glob_matches(Str s, Str pattern); /* '*' is any bytes */
bool glob_any(Str s, const char *const *patterns, ptrdiff_t n);

/* Qualified name of what the call calls, with private modules between library and class taken out.
 * Empty when unknown. */
Str callee_name(const FactContext *context, Node call);
Str public_name(const FactContext *context, Str qualified);
/* "transformers.AutoModel" of a call of its from_pretrained or from_config, or of the class. */
Str class_of_call(const FactContext *context, Node call);
/* Whether the class (qualified, local ones with a leading dot) is the other or below it. */
Tri class_is(const FactContext *context, Str name, Str base);
/* The same of a class of the file, by what it is below. */
Tri class_definition_is(const FactContext *context, Node class_definition, Str base);
Node class_in_file(const FactContext *context, Str name); /* of ".Name"; 0: none */
bool is_torch_module(const FactContext *context, Node class_definition);

/* ---- calls ---- */

/* The string that an argument of a word is: the id itself, or the id that a load, or a name that
 * holds one, was loaded from. */
bool id_of(const FactContext *context, FactArg arg, StringValue *value);

bool is_load(const FactContext *context, Node call); /* from_pretrained or transformers.pipeline */
Node load_id(const FactContext *context, Node call); /* the argument that names the checkpoint */
/* Argument of that name; `opaque` (may be NULL) is set when a splat may hide one. Splats of what a
 * tokenizer, processor or chat template gives are data, not options. One that may have been stored
 * or not counts as hidden. */
const Arg *argument(const FactContext *context, Node call, Str name, bool *opaque);
bool is_data(const FactContext *context, Node value);

/* ---- the whole file ---- */

/* What `ask` answers about the module, asked once. `owner` is the address of something of the
 * asker's own. */
typedef Answer FileAsk(const FactContext *context);
Answer file_answer(const FactContext *context, const void *owner, FileAsk *ask);

typedef bool NodeTest(const FactContext *context, Node node, const void *data);
/* First node of the kind that the test accepts; 0: none. */
Node file_find(const FactContext *context, Kind kind, NodeTest *test, const void *data);
/* First call whose last name matches one of the patterns; 0: none. */
Node file_calls(const FactContext *context, const char *const *patterns, ptrdiff_t n);
/* Whether the file imports the module or something below it. */
bool file_imports(const FactContext *context, const char *module);
/* Whether an imported name matches one of the qualified patterns. */
bool file_imports_any(const FactContext *context, const char *const *patterns, ptrdiff_t n);
/* A string or identifier of the file that holds the word, comments left out; 0: none. */
Node file_mentions(const FactContext *context, const char *const *words, ptrdiff_t n);
/* Whether the bytes of the file, comments included, hold the word between non-letters. */
bool file_has_word(const FactContext *context, const char *word);

/* ---- devices ---- */

typedef enum Device {
    DEVICE_UNKNOWN, /* some device, or nothing that is known */
    DEVICE_DTYPE,   /* no device but a dtype: `.to(torch.float16)` */
    DEVICE_CUDA,    /* "cuda" */
    DEVICE_CUDA_OR_CPU,
    DEVICE_CUDA_INDEX, /* one GPU of several: "cuda:1", 0, f"cuda:{rank}" */
    DEVICE_CPU,
    DEVICE_MPS,
    DEVICE_AUTO /* "auto", "balanced", "sequential": of a device map */
} Device;
Device device_of(const FactContext *context, Node expression);
/* The device that `x.to(…)`, `x.cuda()`, `x.cpu()` moves to; false when the call moves nothing. */
bool moves_to(const FactContext *context, Node call, Str method, Device *device);

/* ---- models ---- */

/* What becomes of a model in the file. */
typedef struct ModelUse {
    bool infers, trains, copies, adapts; /* adapts: LoRA and its like */
    bool distributes;                    /* DataParallel and its like around it */
    bool wrapped;                        /* a part of a torch module of the file, or prepared */
    bool unknown;                        /* some use that the tables do not know */
    bool piped;                          /* given to transformers.pipeline */
    const char *why_unknown;
} ModelUse;
ModelUse model_use(const FactContext *context, Node load);

/* A call that keeps a model inside what it gives: PeftModel.from_pretrained, torch.compile. */
bool keeps_model(const FactContext *context, Node call);

/* The load below adapters and other calls that keep the model; 0: not known. */
Node base_load(const FactContext *context, Node expression);

/* Uses of the model, those of what keeps it inside included: PeftModel.from_pretrained(m, …),
 * torch.compile(m). In no order that counts. */
typedef List(Use) UseList;
UseList model_uses(const FactContext *context, Node load);

Tri is_model(const FactContext *context, Node expression);
Tri is_tokenizer(const FactContext *context, Node expression);
/* Models of the file: calls of from_pretrained of a model class, in source order. */
Node next_model_load(const FactContext *context, Node after);

typedef enum Family {
    FAMILY_UNKNOWN,
    FAMILY_DECODER,
    FAMILY_ENCODER,
    FAMILY_ENCODER_DECODER
} Family;
Family family_of_id(Str id);
/* The pipeline task of a checkpoint of the hub; empty when unknown. */
Str task_of_id(Str id);
Family family_of_class(Str class_name, Str id); /* id: empty when unknown */
Family family_of_load(const FactContext *context, Node load);
/* Whether two ids are the same: same string, or same name with the same value. */
bool same_id(const FactContext *context, Node a, Node b);
bool same_checkpoint(const FactContext *context, Node load, Node other);

/* The calls of models that a tokenizer's result feeds, followed through names, items and moves. */
typedef struct Feed {
    Node call;  /* model(…) or model.generate(…) */
    Node model; /* the expression that is called, or whose method is */
    bool generate;
    bool only_ids; /* the result comes as x.input_ids or x["input_ids"] alone */
    bool with_labels;
} Feed;
typedef struct Feeds {
    List(Feed) list;
    bool moved;     /* .to, .cuda on the result or its tensors, before a model gets them */
    bool numpy;     /* read through numpy */
    bool unknown;   /* some of it goes where it can't be followed */
    bool labels;    /* a tensor of it becomes labels */
    bool ids_read;  /* .input_ids is read */
    bool mask_read; /* .attention_mask is read, or everything is passed on by `**` */
    bool returned;
} Feeds;
Feeds feeds_of(const FactContext *context, Node encoding);

#define ASK(name) Answer name(const FactContext *context, const FactArg *args, int n)

#endif

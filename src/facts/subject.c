/* The value that a word asks about, names of the libraries, and walks over the whole file.
 *
 * Everything here reads. Words are asked of matched places only; but a place is asked by many
 * rules, so what a walk over all rows of the file has found is kept for the module
 * (file_answer()). */
#include "facts/subject.h"

#include <string.h>

#include "python/cache.h"

Answer answer_of(Tri tri, const char *why) {
    return (Answer){.tri = tri, .why = why};
}
Answer answer_yes(const char *why) {
    return answer_of(TRI_YES, why);
}
Answer answer_no(const char *why) {
    return answer_of(TRI_NO, why);
}
Answer answer_unknown(const char *why) {
    return answer_of(TRI_UNKNOWN, why);
}

/* ---- strings ---- */

Str last_part(Str dotted) {
    ptrdiff_t dot = str_rfind_byte(dotted, '.');
    return str_slice(dotted, dot + 1, dotted.n);
}

bool glob_matches(Str s, Str pattern) {
    ptrdiff_t at = 0, p = 0, star = -1, resume = 0;
    while (at < s.n) {
        if (p < pattern.n && pattern.p[p] == s.p[at] && s.p[at] != '*') {
            p++;
            at++;
            continue;
        }
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            resume = at;
        } else if (star >= 0) {
            p = star + 1;
            resume++;
        } else {
            return false;
        }
        /* Behind a star only the next byte of the pattern can go on. */
        if (p == pattern.n)
            return true;
        const char *next = pattern.p[p] == '*'
                               ? s.p + resume
                               : memchr(s.p + resume, pattern.p[p], (size_t)(s.n - resume));
        if (!next)
            return false;
        at = resume = next - s.p;
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

bool glob_any(Str s, const char *const *patterns, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++)
        if (glob_matches(s, str_from(patterns[i])))
            return true;
    return false;
}

/* ---- the value that is asked about ---- */

Node subject_expression(const FactContext *context, FactArg arg) {
    const Module *module = context->module;
    if (!arg.node)
        return 0;
    Node node = strip_parentheses(module, arg.node);
    for (const Binding *b = name_bindings(module, node); b; b = b->next)
        if (b->at == node && b->kind == BIND_ASSIGN && b->value)
            return b->value;
    return node;
}

static bool is_none(const Module *module, Node node) {
    return node_kind(module->tree, node) == NODE_NONE_LITERAL;
}

/* `self.model = get_peft_model(self.model)`: no origin of its own, but what the name held
 * before. */
static bool keeps_itself(const FactContext *context, Node origin) {
    const Module *module = context->module;
    const Tree *tree = module->tree;
    Node assignment = node_parent(tree, origin);
    if (node_kind(tree, assignment) != NODE_ASSIGNMENT || !keeps_model(context, origin))
        return false;
    const Arg *model = call_positional(call_view(module, origin), 0);
    Str name = dotted_name(module, node_field(tree, assignment, FIELD_LEFT));
    return model && name.n && str_eq(dotted_name(module, model->value), name);
}

static bool is_no_origin(const FactContext *context, const Origins *origins, Node origin) {
    return origins->n > 1 && (is_none(context->module, origin) || keeps_itself(context, origin));
}

Answer subject_each(const FactContext *context, FactArg arg, OriginAsk *ask) {
    const Module *module = context->module;
    Node expression = subject_expression(context, arg);
    if (!expression)
        return answer_unknown("asked about no value of the file");
    const Origins *origins = value_origins(module, expression, library_returns_self);
    Answer all = {0};
    bool any = false;
    for (ptrdiff_t i = 0; i < origins->n; i++) {
        if (is_no_origin(context, origins, origins->v[i]))
            continue;
        Answer one = ask(context, origins->v[i]);
        if (any && one.tri != all.tri)
            return answer_unknown("the value may come from places that differ");
        all = one;
        any = true;
    }
    if (!any)
        return answer_unknown("where the value comes from is not known");
    if (!origins->complete)
        return answer_unknown("the value may also come from elsewhere");
    return all;
}

Node subject_origin(const FactContext *context, Node expression) {
    const Module *module = context->module;
    Node node = subject_expression(context, (FactArg){.node = expression});
    if (!node)
        return 0;
    const Origins *origins = value_origins(module, node, library_returns_self);
    Node only = 0;
    for (ptrdiff_t i = 0; i < origins->n; i++) {
        if (is_no_origin(context, origins, origins->v[i]))
            continue;
        if (only)
            return 0;
        only = origins->v[i];
    }
    return origins->complete ? only : 0;
}

/* ---- names ---- */

/* Private modules between library and class go: classes move between them from version to version,
 * and the tables name what the library exports. */
Str public_name(const FactContext *context, Str qualified) {
    Str library, rest;
    if (!str_cut(qualified, '.', &library, &rest) || !library.n)
        return qualified;
    Str tail = rest;
    while (tail.n && tail.p[0] >= 'a' && tail.p[0] <= 'z') {
        Str head, after;
        if (!str_cut(tail, '.', &head, &after))
            return qualified;
        tail = after;
    }
    if (tail.n == rest.n || !tail.n || tail.p[0] < 'A' || tail.p[0] > 'Z')
        return qualified;
    static const char *const known[] = {
        "transformers", "peft",        "trl",       "huggingface_hub", "sentence_transformers",
        "datasets",     "optimum",     "diffusers", "accelerate",      "setfit",
        "adapters",     "liger_kernel"};
    if (!glob_any(library, known, COUNT(known)))
        return qualified;
    return str_format(context->module->arena, "%.*s.%.*s", STR_ARG(library), STR_ARG(tail));
}

Str callee_name(const FactContext *context, Node call) {
    const Module *module = context->module;
    if (node_kind(module->tree, call) != NODE_CALL)
        return (Str){0};
    return public_name(context, qualified_name(module, call_function(module, call)));
}

/* ---- calls ---- */

bool is_load(const FactContext *context, Node call) {
    Str name = callee_name(context, call);
    return str_eq(last_part(name), S("from_pretrained")) ||
           qualified_matches(name, S("transformers.pipeline"));
}

Node load_id(const FactContext *context, Node call) {
    if (node_kind(context->module->tree, call) != NODE_CALL)
        return 0;
    const CallView *view = call_view(context->module, call);
    bool pipeline = str_eq(call_last_name(context->module, call), S("pipeline"));
    const Arg *arg = call_keyword(view, pipeline ? S("model") : S("pretrained_model_name_or_path"));
    if (!arg)
        arg = call_positional(view, pipeline ? 1 : 0);
    return arg ? arg->value : 0;
}

bool is_data(const FactContext *context, Node value) {
    if (type_is(context, value, S("transformers.BatchEncoding")) == TRI_YES ||
        type_is(context, value, S("transformers.BatchFeature")) == TRI_YES)
        return true;
    Node origin = subject_origin(context, value);
    Str method = call_last_name(context->module, origin);
    /* A comprehension over such a result moves its tensors and stays data. */
    const Tree *tree = context->module->tree;
    if (node_kind(tree, origin) == NODE_DICTIONARY_COMPREHENSION)
        for (Node n = origin; n < tree->rows[origin].past; n++)
            if (node_kind(tree, n) == NODE_FOR_IN_CLAUSE) {
                Node items = strip_parentheses(context->module, node_field(tree, n, FIELD_RIGHT));
                return str_eq(call_last_name(context->module, items), S("items")) &&
                       is_data(context, call_receiver(context->module, items));
            }
    return node_kind(tree, origin) == NODE_CALL && str_eq(method, S("apply_chat_template"));
}

static bool skips_data(void *data, const Module *module, Node value) {
    (void)module;
    return is_data(data, value);
}

const Arg *argument(const FactContext *context, Node call, Str name, bool *opaque) {
    if (node_kind(context->module->tree, call) != NODE_CALL)
        return NULL;
    const CallView *view = call_view(context->module, call);
    FactContext copy = *context;
    if (opaque && call_is_opaque(view, context->module, skips_data, &copy))
        *opaque = true;
    const Arg *arg = call_keyword(view, name);
    if (arg && arg->conditional && opaque) { /* stored in a branch: there or not */
        *opaque = true;
        return NULL;
    }
    return arg;
}

/* ---- the whole file ---- */

Answer file_answer(const FactContext *context, const void *owner, FileAsk *ask) {
    void **slot = cache_slot(context->module, owner, 0);
    if (!*slot) {
        Answer *answer = new (context->module->arena, Answer, 1);
        *answer = ask(context);
        *slot = answer;
    }
    return *(const Answer *)*slot;
}

Node file_find(const FactContext *context, Kind kind, NodeTest *test, const void *data) {
    const Tree *tree = context->module->tree;
    for (Node node = 1; node < tree->n; node++)
        if (tree->rows[node].kind == kind && test(context, node, data))
            return node;
    return 0;
}

typedef struct Patterns {
    const char *const *v;
    ptrdiff_t n;
} Patterns;

static bool calls_one_of(const FactContext *context, Node call, const void *data) {
    const Patterns *patterns = data;
    return glob_any(call_last_name(context->module, call), patterns->v, patterns->n);
}

Node file_calls(const FactContext *context, const char *const *patterns, ptrdiff_t n) {
    return file_find(context, NODE_CALL, calls_one_of, &(Patterns){patterns, n});
}

/* Dotted module names and imported names of all import statements, as "a.b.c". */
static bool import_matches(const FactContext *context, Patterns patterns) {
    const Module *module = context->module;
    const Tree *tree = module->tree;
    for (Node node = 1; node < tree->n; node++) {
        Kind kind = tree->rows[node].kind;
        if (kind != NODE_IMPORT_STATEMENT && kind != NODE_IMPORT_FROM_STATEMENT)
            continue;
        Str from = module_text(module, node_field(tree, node, FIELD_MODULE_NAME));
        if (from.n && glob_any(from, patterns.v, patterns.n))
            return true;
        for (Node name = node_field(tree, node, FIELD_NAME); name;
             name = node_next_field(tree, name)) {
            Node plain = name;
            if (node_kind(tree, name) == NODE_ALIASED_IMPORT)
                plain = node_field(tree, name, FIELD_NAME);
            Str text = module_text(module, plain);
            if (from.n)
                text = str_format(module->arena, "%.*s.%.*s", STR_ARG(from), STR_ARG(text));
            if (glob_any(text, patterns.v, patterns.n))
                return true;
        }
    }
    return false;
}

bool file_imports(const FactContext *context, const char *module) {
    Str below = str_format(context->module->arena, "%s.*", module);
    const char *const names[] = {module, str_c(context->module->arena, below)};
    return import_matches(context, (Patterns){names, COUNT(names)});
}

bool file_imports_any(const FactContext *context, const char *const *patterns, ptrdiff_t n) {
    return import_matches(context, (Patterns){patterns, n});
}

Node file_mentions(const FactContext *context, const char *const *words, ptrdiff_t n) {
    const Tree *tree = context->module->tree;
    for (Node node = 1; node < tree->n; node++) {
        Kind kind = tree->rows[node].kind;
        if (kind != NODE_STRING_CONTENT && kind != NODE_IDENTIFIER)
            continue;
        if (glob_any(module_text(context->module, node), words, n))
            return node;
    }
    return 0;
}

bool file_has_word(const FactContext *context, const char *word) {
    return str_find_word(context->module->source->text, str_from(word), 0) >= 0;
}

/* One walk over the tree files calls and attributes under their last names; a rule then looks at
 * its own places only, however many rules there are. */
#include "transform/sites.h"

#include "transform/symbol.h"

enum { BUCKETS = 256 }; /* a power of two; names in one file are few */

typedef struct SiteName {
    Str word;
    List(Node) calls, attributes, functions;
    struct SiteName *next;
} SiteName;

struct Sites {
    const Module *module;
    SiteName *bucket[BUCKETS];
    List(Node) all_calls, expressions, assignments, symbols;
};

static SiteName *name_of(const Sites *sites, Str word) {
    SiteName *name = sites->bucket[str_hash(word) % BUCKETS];
    while (name && !str_eq(name->word, word))
        name = name->next;
    return name;
}

static SiteName *name_make(Sites *sites, Str word) {
    SiteName *name = name_of(sites, word);
    if (name)
        return name;
    name = new (sites->module->arena, SiteName, 1);
    SiteName **bucket = &sites->bucket[str_hash(word) % BUCKETS];
    *name = (SiteName){.word = word, .next = *bucket};
    *bucket = name;
    return name;
}

/* The last name of a callee: what an alias stands for where the callee is a plain name, or, in a
 * project with wrappers, any. */
static Str callee_word(const Module *module, Node call) {
    Node function = strip_parentheses(module, call_function(module, call));
    if (node_kind(module->tree, function) != NODE_IDENTIFIER && !module->n_wrappers)
        return call_last_name(module, call);
    Str qualified = qualified_name(module, function);
    ptrdiff_t dot = str_rfind_byte(qualified, '.');
    Str last = str_slice(qualified, dot + 1, qualified.n);
    return last.n ? last : call_last_name(module, call);
}

Sites *sites_read(const Module *module) {
    Sites *sites = new (module->arena, Sites, 1);
    sites->module = module;
    const Tree *tree = module->tree;
    for (Node node = 1; node < tree->n; node++) {
        Kind kind = node_kind(tree, node);
        if (symbol_is_site(module, node))
            *list_push(module->arena, &sites->symbols) = node;
        if (kind == NODE_CALL) {
            Str word = callee_word(module, node);
            *list_push(module->arena, &sites->all_calls) = node;
            if (word.n)
                *list_push(module->arena, &name_make(sites, word)->calls) = node;
        } else if (kind == NODE_ATTRIBUTE) {
            Str word = module_text(module, node_field(tree, node, FIELD_ATTRIBUTE));
            *list_push(module->arena, &name_make(sites, word)->attributes) = node;
        } else if (kind == NODE_FUNCTION_DEFINITION) {
            Str word = module_text(module, node_field(tree, node, FIELD_NAME));
            *list_push(module->arena, &name_make(sites, word)->functions) = node;
        } else if (kind == NODE_EXPRESSION_STATEMENT) {
            *list_push(module->arena, &sites->expressions) = node;
        } else if (kind == NODE_ASSIGNMENT) {
            *list_push(module->arena, &sites->assignments) = node;
        }
    }
    return sites;
}

const Node *sites_calls(const Sites *sites, Str word, ptrdiff_t *n) {
    if (!word.n) {
        *n = sites->all_calls.n;
        return sites->all_calls.v;
    }
    const SiteName *name = name_of(sites, word);
    *n = name ? name->calls.n : 0;
    return name ? name->calls.v : NULL;
}

const Node *sites_attributes(const Sites *sites, Str word, ptrdiff_t *n) {
    const SiteName *name = name_of(sites, word);
    *n = name ? name->attributes.n : 0;
    return name ? name->attributes.v : NULL;
}

const Node *sites_statements(const Sites *sites, Kind kind, ptrdiff_t *n) {
    bool assignments = kind == NODE_ASSIGNMENT;
    *n = assignments ? sites->assignments.n : sites->expressions.n;
    return assignments ? sites->assignments.v : sites->expressions.v;
}

const Node *sites_of_rule(const Sites *sites, const Rule *rule, ptrdiff_t *n) {
    Kind kind = node_kind(rule->before.tree, rule->anchor);
    if (rule->symbol) {
        *n = sites->symbols.n;
        return sites->symbols.v;
    }
    if (rule->header_of.n) {
        const SiteName *name = name_of(sites, rule->anchor_word);
        *n = name ? name->functions.n : 0;
        return name ? name->functions.v : NULL;
    }
    if (kind == NODE_CALL)
        return sites_calls(sites, rule->anchor_word, n);
    if (kind == NODE_ATTRIBUTE)
        return sites_attributes(sites, rule->anchor_word, n);
    return sites_statements(sites, kind, n);
}

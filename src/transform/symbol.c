/* Where a symbol is met, and where a rule keeps away from it.
 *
 * Names that the file gives to the symbol are followed through the bindings of its imports only; an
 * attribute counts when it is a plain chain that starts with an imported module. What looks like
 * the symbol but is an object's attribute, another module's name or a string of no such call is
 * never a site.
 *
 * A file that asks whether the symbol is there has an answer for both cases. Nothing is done or
 * told then: the one way must stay as it is, whatever the other looks like. */
#include "transform/symbol.h"

#include "transform/guards.h"
#include "transform/matcher.h"

/* ---- imports ---- */

static bool is_import(Kind kind) {
    return kind == NODE_IMPORT_STATEMENT || kind == NODE_IMPORT_FROM_STATEMENT;
}

Node symbol_import(const Module *module, Node site) {
    const Tree *tree = module->tree;
    Node up = node_parent(tree, site);
    if (node_kind(tree, site) != NODE_ALIASED_IMPORT && node_kind(tree, site) != NODE_DOTTED_NAME)
        return 0;
    if (node_kind(tree, up) == NODE_ALIASED_IMPORT)
        return 0; /* the aliased_import around it is the site */
    return is_import(node_kind(tree, up)) ? up : 0;
}

static bool is_module_of_from(const Tree *tree, Node site) {
    return tree->rows[site].field == FIELD_MODULE_NAME;
}

/* The dotted name of a site, without its alias. */
static Str written_name(const Tree *tree, Node site) {
    if (node_kind(tree, site) == NODE_ALIASED_IMPORT)
        site = node_field(tree, site, FIELD_NAME);
    return node_text(tree, site);
}

Str symbol_of_import(const Module *module, Node site) {
    const Tree *tree = module->tree;
    Node statement = symbol_import(module, site);
    if (!statement)
        return (Str){0};
    Str name = written_name(tree, site);
    if (node_kind(tree, statement) == NODE_IMPORT_STATEMENT || is_module_of_from(tree, site))
        return module_is_own(module, name) ? (Str){0} : name;
    const Binding *binding = symbol_binding(module, site);
    return binding ? binding->qualified : (Str){0};
}

const Binding *symbol_binding(const Module *module, Node name) {
    const Tree *tree = module->tree;
    Node statement = symbol_import(module, name);
    Node alias = node_field(tree, name, FIELD_ALIAS);
    Str bound = alias ? node_text(tree, alias) : written_name(tree, name), rest;
    if (node_kind(tree, statement) == NODE_IMPORT_STATEMENT && !alias)
        str_cut(bound, '.', &bound, &rest);
    Binding *binding = scope_bindings(module, scope_of(module, statement), bound);
    /* `global X` moves the binding to the module's scope. */
    if (!binding)
        binding = scope_bindings(module, module->scope, bound);
    while (binding && binding->statement != statement)
        binding = binding->next;
    return binding;
}

/* ---- strings ---- */

/* Functions that read a string as a name, and how. */
typedef struct NameReader {
    Str function;
    bool attribute; /* (object, "name") */
    bool dotted;    /* ("module.name") */
} NameReader;

static const NameReader name_readers[] = {
    {S("patch"), false, true},        {S("import_module"), false, true},
    {S("importorskip"), false, true}, {S("__import__"), false, true},
    {S("getattr"), true, false},      {S("setattr"), true, true},
    {S("delattr"), true, true},       {S("object"), true, false},
    {S("resolve_name"), false, true}, {S("find_spec"), false, true},
    {S("locate"), false, true},       {S("spy"), true, false},
};

static const NameReader *reader_of(const Module *module, Node call) {
    Str name = call_last_name(module, call);
    for (ptrdiff_t i = 0; i < COUNT(name_readers); i++)
        if (str_eq(name, name_readers[i].function))
            return &name_readers[i];
    return NULL;
}

static Str plain_text(const Tree *tree, Node string) {
    Node start = node_child_named(tree, string), content = node_next_named(tree, start);
    bool plain = node_kind(tree, string) == NODE_STRING && node_count_named(tree, string) == 3 &&
                 node_text(tree, start).n == 1 && !node_child(tree, content);
    return plain ? node_text(tree, content) : (Str){0};
}

Str symbol_of_string(const Module *module, Node string, Str *written) {
    const Tree *tree = module->tree;
    Node list = node_parent(tree, string), call = node_parent(tree, list);
    *written = plain_text(tree, string);
    if (!written->n || node_kind(tree, list) != NODE_ARGUMENT_LIST ||
        node_kind(tree, call) != NODE_CALL)
        return (Str){0};
    const NameReader *reader = reader_of(module, call);
    Node first = node_child_named(tree, list);
    if (reader && reader->dotted && first == string)
        return module_is_own(module, *written) ? (Str){0} : *written;
    if (!reader || !reader->attribute || node_next_named(tree, first) != string)
        return (Str){0};
    Str object = qualified_name(module, first);
    bool name = object.n && str_find_byte(*written, '.') < 0;
    return name ? str_format(module->arena, "%.*s.%.*s", STR_ARG(object), STR_ARG(*written))
                : (Str){0};
}

/* ---- sites ---- */

bool symbol_is_site(const Module *module, Node node) {
    Str written;
    switch ((int)node_kind(module->tree, node)) {
    case NODE_ATTRIBUTE:
        return true;
    case NODE_DOTTED_NAME:
    case NODE_ALIASED_IMPORT:
        return symbol_import(module, node) != 0;
    case NODE_STRING:
        return symbol_of_string(module, node, &written).n > 0;
    default:
        return false;
    }
}

/* The import that an attribute chain of plain names starts with; NULL: none. */
static const Binding *root_import(const Module *module, Node attribute) {
    const Tree *tree = module->tree;
    Node root = attribute;
    while (node_kind(tree, root) == NODE_ATTRIBUTE)
        root = node_field(tree, root, FIELD_OBJECT);
    const Binding *binding =
        node_kind(tree, root) == NODE_IDENTIFIER ? binding_reaching(module, root) : NULL;
    return binding && binding->kind == BIND_IMPORT ? binding : NULL;
}

/* Whether `name` is the dotted name `prefix`, or one below it. */
static bool is_below(Str name, Str prefix) {
    return str_starts(name, prefix) && (name.n == prefix.n || name.p[prefix.n] == '.');
}

/* Whether `import A.B` binds the first name of the chain, so that it goes along with that import.
 */
static bool goes_with_import(const Module *module, Node attribute, Str symbol) {
    const Tree *tree = module->tree;
    const Binding *root = root_import(module, attribute);
    Binding *binding = root ? scope_bindings(module, root->scope, root->name) : NULL;
    for (; binding; binding = binding->next) {
        if (node_kind(tree, binding->statement) != NODE_IMPORT_STATEMENT)
            continue;
        for (Node name = node_child_named(tree, binding->statement); name;
             name = node_next_named(tree, name))
            if (node_kind(tree, name) == NODE_DOTTED_NAME &&
                is_below(node_text(tree, name), symbol))
                return true;
    }
    return false;
}

/* Whether something is stored there, or it is deleted: alone, or among other targets. */
static bool is_target(const Tree *tree, Node attribute) {
    for (Node node = attribute, up; (up = node_parent(tree, node)); node = up) {
        switch ((int)node_kind(tree, up)) {
        case NODE_PATTERN_LIST:
        case NODE_TUPLE_PATTERN:
        case NODE_LIST_PATTERN:
        case NODE_LIST_SPLAT_PATTERN:
        case NODE_AS_PATTERN_TARGET:
        case NODE_DELETE_STATEMENT:
            return true;
        case NODE_TUPLE:
        case NODE_LIST:
        case NODE_EXPRESSION_LIST:
        case NODE_PARENTHESIZED_EXPRESSION:
            break;
        case NODE_ASSIGNMENT:
        case NODE_AUGMENTED_ASSIGNMENT:
        case NODE_FOR_STATEMENT:
        case NODE_FOR_IN_CLAUSE:
            return tree->rows[node].field == FIELD_LEFT;
        default:
            return false;
        }
    }
    return false;
}

/* ---- what an author has dealt with ---- */

static bool contains_version(Str text) {
    return str_find(text, S("version")) >= 0 || str_find(text, S("VERSION")) >= 0;
}

static bool catches_import_error(const Tree *tree, Node clause) {
    Str head = except_head(tree, clause);
    return str_find(head, S("ImportError")) >= 0 || str_find(head, S("ModuleNotFound")) >= 0 ||
           str_find(head, S("AttributeError")) >= 0 || str_find(head, S("Exception")) >= 0 ||
           str_find_byte(head, '(') < 0;
}

static Str top_of(Str dotted) {
    Str head, rest;
    str_cut(dotted, '.', &head, &rest);
    return head;
}

/* Whether an import in the subtree brings something of the library. */
static bool imports_library(const Tree *tree, Node root, Str library) {
    for (Node node = root; node < tree->rows[root].past; node++) {
        Node up = node_parent(tree, node);
        if (node_kind(tree, node) != NODE_DOTTED_NAME)
            continue;
        if (node_kind(tree, up) == NODE_ALIASED_IMPORT)
            up = node_parent(tree, up);
        bool module = node_kind(tree, up) == NODE_IMPORT_STATEMENT ||
                      (node_kind(tree, up) == NODE_IMPORT_FROM_STATEMENT &&
                       tree->rows[node].field == FIELD_MODULE_NAME);
        if (module && str_eq(top_of(node_text(tree, node)), library))
            return true;
    }
    return false;
}

/* Whether another clause of the `try` imports the library too. */
static bool has_fallback(const Tree *tree, Node attempt, Node part, Str library) {
    for (Node clause = node_child_named(tree, attempt); clause;
         clause = node_next_named(tree, clause)) {
        Kind kind = node_kind(tree, clause);
        bool other = clause != part && (kind == NODE_EXCEPT_CLAUSE || kind == NODE_BLOCK ||
                                        node_kind(tree, part) == NODE_EXCEPT_CLAUSE);
        bool catches = kind != NODE_EXCEPT_CLAUSE || catches_import_error(tree, clause);
        if (other && catches && imports_library(tree, clause, library))
            return true;
    }
    return false;
}

static const char *handled_around(const Module *module, Node site, Str library, Str symbol) {
    const Tree *tree = module->tree;
    Str last = str_slice(symbol, str_rfind_byte(symbol, '.') + 1, symbol.n);
    bool import = symbol_import(module, site) != 0;
    for (Node part = site, up; (up = node_parent(tree, part)); part = up) {
        Kind kind = node_kind(tree, up);
        if (import && kind == NODE_TRY_STATEMENT && has_fallback(tree, up, part, library))
            return "the file imports something else where it is missing";
        if (!import && kind == NODE_TRY_STATEMENT && tree->rows[part].field == FIELD_BODY &&
            str_find(node_text(tree, up), S("AttributeError")) >= 0)
            return "the file catches its absence";
        Node condition = node_field(tree, up, FIELD_CONDITION);
        if (kind == NODE_CONDITIONAL_EXPRESSION)
            condition = up;
        if (kind == NODE_CONDITIONAL_EXPRESSION || kind == NODE_IF_STATEMENT ||
            kind == NODE_ELIF_CLAUSE) {
            Str text = node_text(tree, condition);
            if (contains_version(text) ||
                (str_find(text, S("hasattr")) >= 0 && str_find(text, last) >= 0))
                return "a test of what is there stands around it";
        }
    }
    return NULL;
}

/* hasattr(M, "X"), or getattr(M, "X", default), of this symbol. */
static bool is_asked_for(const Module *module, Node string, Str symbol) {
    const Tree *tree = module->tree;
    Node list = node_parent(tree, string), call = node_parent(tree, list);
    Node first = node_child_named(tree, list);
    if (node_kind(tree, list) != NODE_ARGUMENT_LIST || node_next_named(tree, first) != string)
        return false;
    Str last = str_slice(symbol, str_rfind_byte(symbol, '.') + 1, symbol.n);
    Str function = call_last_name(module, call);
    bool asks = str_eq(function, S("hasattr")) ||
                (str_eq(function, S("getattr")) && node_next_named(tree, string));
    return asks && str_eq(plain_text(tree, string), last) &&
           str_eq(top_of(qualified_name(module, first)), top_of(symbol));
}

/* Whether the file puts something else in the symbol's place (`M.X = …`). */
static bool is_patched(const Module *module, Node attribute, Str symbol) {
    const Tree *tree = module->tree;
    Str last = str_slice(symbol, str_rfind_byte(symbol, '.') + 1, symbol.n);
    return node_kind(tree, attribute) == NODE_ATTRIBUTE &&
           str_eq(node_text(tree, node_field(tree, attribute, FIELD_ATTRIBUTE)), last) &&
           is_target(tree, attribute) &&
           qualified_matches(qualified_name(module, attribute), symbol);
}

bool symbol_is_handled(const Module *module, Node site, Str symbol, const char **why) {
    const Tree *tree = module->tree;
    *why = handled_around(module, site, top_of(symbol), symbol);
    for (Node node = 1; node < tree->n && !*why; node++)
        if (node_kind(tree, node) == NODE_STRING && is_asked_for(module, node, symbol))
            *why = "the file asks whether it is there";
        else if (is_patched(module, node, symbol))
            *why = "the file puts something else in its place";
    const Binding *binding = symbol_import(module, site) && !is_module_of_from(tree, site)
                                 ? symbol_binding(module, site)
                                 : NULL;
    Binding *other = binding ? scope_bindings(module, binding->scope, binding->name) : NULL;
    for (; other && !*why; other = other->next)
        if (other->kind == BIND_IMPORT && !str_eq(other->qualified, binding->qualified))
            *why = "the name is imported from elsewhere too";
    return *why != NULL;
}

/* ---- matching ---- */

const Node *symbol_places(const Module *module, Node site, ptrdiff_t *n) {
    const Binding *binding = symbol_import(module, site) && !is_module_of_from(module->tree, site)
                                 ? symbol_binding(module, site)
                                 : NULL;
    List(Node) places = {0};
    ptrdiff_t uses_n = 0;
    const Node *uses = binding ? binding_uses(module, binding, &uses_n) : NULL;
    for (ptrdiff_t i = 0; i < uses_n; i++)
        *list_push(module->arena, &places) = uses[i];
    Binding *other = binding ? scope_bindings(module, binding->scope, binding->name) : NULL;
    for (; other; other = other->next)
        *list_push(module->arena, &places) = other->at;
    *n = places.n;
    return places.v;
}

/* The first parts of a dotted name, as many as the rule's symbol has. */
static Str head_of(const Matcher *matcher, Str dotted) {
    const Tree *mine = matcher->rule->before.tree;
    ptrdiff_t parts = 1, at = 0;
    for (Node node = matcher->rule->symbol; node_kind(mine, node) == NODE_ATTRIBUTE;
         node = node_field(mine, node, FIELD_OBJECT))
        parts++;
    for (; at < dotted.n; at++)
        if (dotted.p[at] == '.' && --parts == 0)
            break;
    return str_slice(dotted, 0, at);
}

static bool has_action(const Rule *rule, ActionKind kind) {
    for (ptrdiff_t i = 0; i < rule->n_actions; i++)
        if (rule->actions[i].kind == kind)
            return true;
    return false;
}

/* Whether the first name of the chain is bound by another block of the page, or by none. */
static bool is_on_page(const Module *module, Node attribute) {
    const Tree *tree = module->tree;
    Node root = attribute;
    while (node_kind(tree, root) == NODE_ATTRIBUTE)
        root = node_field(tree, root, FIELD_OBJECT);
    return module->source->page && node_kind(tree, root) == NODE_IDENTIFIER &&
           !name_bindings(module, root);
}

/* What the site is called, as far as the rule's name can be that. */
static Str name_at(const Matcher *matcher, Node site) {
    const Module *module = matcher->facts.module;
    const Tree *tree = module->tree;
    Str written;
    Kind kind = node_kind(tree, site);
    if (kind == NODE_STRING)
        return head_of(matcher, symbol_of_string(module, site, &written));
    Str word = matcher->rule->anchor_word;
    if (kind == NODE_ATTRIBUTE && word.n &&
        !str_eq(node_text(tree, node_field(tree, site, FIELD_ATTRIBUTE)), word))
        return (Str){0};
    if (kind == NODE_ATTRIBUTE)
        return !is_target(tree, site) && (root_import(module, site) || is_on_page(module, site))
                   ? qualified_name(module, site)
                   : (Str){0};
    bool name = node_kind(tree, symbol_import(module, site)) == NODE_IMPORT_FROM_STATEMENT &&
                !is_module_of_from(tree, site);
    Str symbol = symbol_of_import(module, site);
    return name ? symbol : head_of(matcher, symbol);
}

/* Whether the name's library and last part can be the rule's: most names are done with here. */
static bool may_be(const Matcher *matcher, Str name) {
    const Tree *mine = matcher->rule->before.tree;
    Str word = matcher->rule->anchor_word;
    Node first = matcher->rule->symbol;
    while (node_kind(mine, first) == NODE_ATTRIBUTE)
        first = node_field(mine, first, FIELD_OBJECT);
    return str_eq(top_of(name), node_text(mine, first)) && (!word.n || str_ends(name, word));
}

bool symbol_may_match(Matcher *matcher, const Rule *rule, Node site) {
    matcher->rule = rule;
    Str name = name_at(matcher, site);
    return name.n && may_be(matcher, name);
}

bool match_symbol(Matcher *matcher) {
    Match *match = matcher->match;
    const Module *module = matcher->facts.module;
    const Tree *tree = module->tree;
    Node site = match->site;
    Kind kind = node_kind(tree, site);
    Str name = name_at(matcher, site), written = module_text(module, site);
    const char *why;
    if (!name.n)
        return match_fails(matcher, matcher->rule->line, "it is no such name of an import");
    if (!match_symbol_name(matcher, written, name, &match->symbol))
        return false;
    if (kind == NODE_STRING && !has_action(matcher->rule, ACTION_RENAME_SYMBOL))
        return match_fails(matcher, matcher->rule->line, "of strings nothing is told");
    if (kind == NODE_ATTRIBUTE && goes_with_import(module, site, match->symbol))
        return match_fails(matcher, matcher->rule->line, "it goes with the import of %.*s",
                           STR_ARG(match->symbol));
    if (symbol_is_handled(module, site, match->symbol, &why))
        return match_fails(matcher, matcher->rule->line, "%s", why);
    match->bound[matcher->rule->symbol] = site;
    match->places = symbol_places(module, site, &match->n_places);
    return true;
}

Str symbol_target(Arena *arena, const Match *match, const Action *action) {
    Buf name = {.arena = arena};
    for (ptrdiff_t i = 0; i < action->text.n; i++) {
        const Piece *piece = &action->text.v[i];
        buf_add(&name, piece->kind == PIECE_HOLE ? match->holes[piece->hole].text : piece->text);
    }
    return str_trim(buf_str(&name));
}

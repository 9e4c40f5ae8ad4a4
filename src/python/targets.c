/* Which names a statement or expression binds, and to what.
 *
 * One function for each way that Python has. Targets nest (tuples, lists, stars, parentheses);
 * bind_target() takes them apart together with the right side, so that `a, b = x, y` gives two
 * ordinary assignments. A subscript or an attribute of anything but a method's first parameter
 * binds no name. */
#include "python/targets.h"

#include <string.h>

/* Python refuses more than 200 brackets in one another. */
enum { MOST_NESTING = 200 };

/* ---- adding a binding ---- */

static bool names_import_error(const Module *module, Node exception) {
    static const char *const names[] = {"ImportError", "ModuleNotFoundError", "Exception",
                                        "BaseException"};
    const Tree *tree = module->tree;
    for (Node row = exception; row < tree->rows[exception].past; row++)
        for (ptrdiff_t i = 0; i < COUNT(names); i++)
            if (node_kind(tree, row) == NODE_IDENTIFIER &&
                str_eq(module_text(module, row), str_from(names[i])))
                return true;
    return false;
}

static bool catches_import_error(const Module *module, Node clause) {
    Node first = node_child_named(module->tree, clause);
    return node_kind(module->tree, first) == NODE_BLOCK || names_import_error(module, first);
}

/* `is_torch_available()`, also several of them joined by `and` or `or`. */
static bool is_availability(const Module *module, Node condition, int nesting) {
    const Tree *tree = module->tree;
    condition = strip_parentheses(module, condition);
    while (node_kind(tree, condition) == NODE_BOOLEAN_OPERATOR) {
        Node right = node_field(tree, condition, FIELD_RIGHT);
        if (nesting == MOST_NESTING || !is_availability(module, right, nesting + 1))
            return false;
        condition = strip_parentheses(module, node_field(tree, condition, FIELD_LEFT));
    }
    if (node_kind(tree, condition) != NODE_CALL)
        return false;
    Node function = node_field(tree, condition, FIELD_FUNCTION);
    if (node_kind(tree, function) == NODE_ATTRIBUTE)
        function = node_field(tree, function, FIELD_ATTRIBUTE);
    Str name = module_text(module, function);
    if (str_starts(name, S("_")))
        name = str_slice(name, 1, name.n);
    return str_starts(name, S("is_")) && str_ends(name, S("_available"));
}

static bool is_type_checking(const Module *module, Node condition) {
    const Tree *tree = module->tree;
    condition = strip_parentheses(module, condition);
    if (node_kind(tree, condition) == NODE_ATTRIBUTE)
        condition = node_field(tree, condition, FIELD_ATTRIBUTE);
    return node_kind(tree, condition) == NODE_IDENTIFIER &&
           str_eq(module_text(module, condition), S("TYPE_CHECKING"));
}

/* What an `if` around the binding, reached through `child`, says about it. */
static void mark_by_if(const Module *module, Binding *binding, Node statement, Node child) {
    const Tree *tree = module->tree;
    Node condition = strip_parentheses(module, node_field(tree, statement, FIELD_CONDITION));
    bool consequence = tree->rows[child].field == FIELD_CONSEQUENCE;
    if (consequence && is_type_checking(module, condition))
        binding->type_checking = true;
    bool negated = node_kind(tree, condition) == NODE_NOT_OPERATOR;
    Node asked = negated ? node_field(tree, condition, FIELD_ARGUMENT) : condition;
    if (consequence == negated && is_availability(module, asked, 0))
        binding->guarded = true;
}

static void mark_by_surroundings(const Module *module, Binding *binding) {
    const Tree *tree = module->tree;
    for (Node child = binding->statement, up; (up = node_parent(tree, child)); child = up) {
        Kind kind = node_kind(tree, up);
        if (kind == NODE_FUNCTION_DEFINITION || kind == NODE_CLASS_DEFINITION)
            return;
        if (kind == NODE_EXCEPT_CLAUSE && catches_import_error(module, up))
            binding->guarded = true;
        if (kind == NODE_IF_STATEMENT)
            mark_by_if(module, binding, up, child);
    }
}

static void add_binding(Binder *binder, NameEntry *entry, Str name, Node at, Target target) {
    const Module *module = binder->module;
    while (entry->moved)
        entry = entry->moved;
    Binding *binding = new (module->arena, Binding, 1);
    *binding = (Binding){.name = name,
                         .kind = target.kind,
                         .at = at,
                         .value = target.value,
                         .statement = statement_of(module, at),
                         .annotation = target.annotation,
                         .index = target.index,
                         .qualified = target.qualified,
                         .scope = entry->scope};
    if (target.kind != BIND_PARAMETER)
        mark_by_surroundings(module, binding);
    *(entry->last ? &entry->last->next : &entry->first) = binding;
    entry->last = binding;
    /* `x += 1` reads x too. */
    if (target.kind != BIND_AUGMENT)
        binder->role[at] = ROLE_BINDS;
}

void bind_name(Binder *binder, Scope *scope, Node identifier, Target target) {
    Module *module = binder->module;
    Str name = module_text(module, identifier);
    if (!name.n) /* a missing identifier, put in by error recovery */
        return;
    NameEntry *entry = names_enter(module->arena, scope->names, scope, name);
    add_binding(binder, entry, entry->name, identifier, target);
}

static void bind_attribute(Binder *binder, Scope *from, Node attribute, Target target) {
    Module *module = binder->module;
    Node object = node_field(binder->tree, attribute, FIELD_OBJECT);
    Node last = node_field(binder->tree, attribute, FIELD_ATTRIBUTE);
    Scope *scope = receiver_class(module, from, object);
    if (!scope || !module_text(module, last).n)
        return;
    Str name = module_text(module, last);
    NameEntry *entry = names_enter(module->arena, scope->attributes, scope, name);
    Str dotted =
        entry->first ? entry->first->name : str_format(module->arena, "self.%.*s", STR_ARG(name));
    entry->attribute = true;
    add_binding(binder, entry, dotted, attribute, target);
}

/* ---- targets ---- */

static bool is_splat(const Tree *tree, Node node) {
    Kind kind = node_kind(tree, node);
    return kind == NODE_LIST_SPLAT_PATTERN || kind == NODE_LIST_SPLAT;
}

static bool is_display(Kind kind) {
    return kind == NODE_TUPLE || kind == NODE_LIST || kind == NODE_EXPRESSION_LIST;
}

static bool has_splat(const Tree *tree, Node list) {
    for (Node node = node_child_named(tree, list); node; node = node_next_named(tree, node))
        if (is_splat(tree, node))
            return true;
    return false;
}

/* `(x) = 1`: the grammar gives a tuple pattern for parentheses too. */
static bool is_parenthesis(const Tree *tree, Node pattern) {
    if (node_kind(tree, pattern) != NODE_TUPLE_PATTERN || node_count_named(tree, pattern) != 1)
        return false;
    for (Node child = node_child(tree, pattern); child; child = node_next(tree, child))
        if (node_is_token(tree, child, S(",")))
            return false;
    return true;
}

static void bind_target(Binder *binder, Scope *scope, Node node, Target target, int depth);

static void unpack(Binder *binder, Scope *scope, Node list, Target target, int depth) {
    const Tree *tree = binder->tree;
    Node value = strip_parentheses(binder->module, target.value);
    bool parallel = target.kind == BIND_ASSIGN && is_display(node_kind(tree, value)) &&
                    node_count_named(tree, list) == node_count_named(tree, value) &&
                    !has_splat(tree, list) && !has_splat(tree, value);
    Node element = parallel ? node_child_named(tree, value) : 0;
    bool counted = depth == 0;
    int index = 0;
    for (Node node = node_child_named(tree, list); node; node = node_next_named(tree, node)) {
        Target part = target;
        if (parallel) {
            part.value = element;
            element = node_next_named(tree, element);
            bind_target(binder, scope, node, part, depth);
            continue;
        }
        counted = counted && !is_splat(tree, node);
        if (part.kind == BIND_ASSIGN)
            part.kind = BIND_UNPACK;
        part.index = counted ? index++ : -1;
        bind_target(binder, scope, node, part, depth + 1);
    }
}

static void bind_target(Binder *binder, Scope *scope, Node node, Target target, int depth) {
    const Tree *tree = binder->tree;
    if (++target.nesting > MOST_NESTING)
        return;
    switch ((int)node_kind(tree, node)) {
    case NODE_IDENTIFIER:
        bind_name(binder, scope, node, target);
        break;
    case NODE_ATTRIBUTE:
        bind_attribute(binder, scope, node, target);
        break;
    case NODE_TUPLE_PATTERN:
    case NODE_PATTERN_LIST:
    case NODE_LIST_PATTERN:
    case NODE_TUPLE:
    case NODE_LIST:
    case NODE_EXPRESSION_LIST:
        if (!is_parenthesis(tree, node)) {
            /* Elements of a tuple in a tuple have no position in the value. */
            target.index = -1;
            unpack(binder, scope, node, target, depth);
            break;
        }
        bind_target(binder, scope, node_child_named(tree, node), target, depth);
        break;
    case NODE_PARENTHESIZED_EXPRESSION:
    case NODE_LIST_SPLAT_PATTERN:
    case NODE_LIST_SPLAT:
    case NODE_AS_PATTERN_TARGET:
        bind_target(binder, scope, node_child_named(tree, node), target, depth);
        break;
    default:
        break;
    }
}

/* ---- parameters ---- */

static void bind_parameter(Binder *binder, Scope *scope, Node node, Target target) {
    const Tree *tree = binder->tree;
    Node name = node;
    switch ((int)node_kind(tree, node)) {
    case NODE_TYPED_PARAMETER:
    case NODE_DEFAULT_PARAMETER:
    case NODE_TYPED_DEFAULT_PARAMETER:
        target.annotation = node_child_named(tree, node_field(tree, node, FIELD_TYPE));
        target.value = node_field(tree, node, FIELD_VALUE);
        name = node_child_named(tree, node);
        break;
    default:
        break;
    }
    if (node_kind(tree, name) == NODE_LIST_SPLAT_PATTERN ||
        node_kind(tree, name) == NODE_DICTIONARY_SPLAT_PATTERN) {
        target.index = -1;
        name = node_child_named(tree, name);
    }
    if (node_kind(tree, name) == NODE_IDENTIFIER)
        bind_name(binder, scope, name, target);
    else if (node_kind(tree, name) == NODE_TUPLE_PATTERN) /* Python 2: def f((a, b)) */
        bind_target(binder, scope, name, target, 1);
}

void bind_parameters(Binder *binder, Scope *scope, Node parameters) {
    const Tree *tree = binder->tree;
    int index = 0;
    for (Node node = node_child_named(tree, parameters); node; node = node_next_named(tree, node)) {
        Kind kind = node_kind(tree, node);
        if (kind == NODE_POSITIONAL_SEPARATOR || kind == NODE_ERROR)
            continue;
        bind_parameter(binder, scope, node, (Target){.kind = BIND_PARAMETER, .index = index});
        Node starred = kind == NODE_TYPED_PARAMETER ? node_child_named(tree, node) : node;
        bool keywords_follow =
            kind == NODE_KEYWORD_SEPARATOR || node_kind(tree, starred) == NODE_LIST_SPLAT_PATTERN;
        index = index < 0 || keywords_follow ? -1 : index + 1;
    }
}

/* ---- statements ---- */

static void bind_assignment(Binder *binder, Scope *scope, Node node) {
    const Tree *tree = binder->tree;
    Target target = {.kind = BIND_ASSIGN, .index = -1};
    target.annotation = node_child_named(tree, node_field(tree, node, FIELD_TYPE));
    target.value = node_field(tree, node, FIELD_RIGHT);
    while (node_kind(tree, target.value) == NODE_ASSIGNMENT) /* a = b = value */
        target.value = node_field(tree, target.value, FIELD_RIGHT);
    if (!target.value && !target.annotation)
        return;
    if (!target.value)
        target.kind = BIND_ANNOTATION;
    bind_target(binder, scope, node_field(tree, node, FIELD_LEFT), target, 0);
}

/* name := value; binds outside of the comprehensions around it. */
static void bind_walrus(Binder *binder, Scope *scope, Node node) {
    const Tree *tree = binder->tree;
    while (scope->kind == SCOPE_COMPREHENSION)
        scope = scope->parent;
    Target target = {.kind = BIND_ASSIGN, .index = -1};
    target.value = node_field(tree, node, FIELD_VALUE);
    Node name = node_field(tree, node, FIELD_NAME);
    if (node_kind(tree, name) == NODE_IDENTIFIER)
        bind_name(binder, scope, name, target);
}

static void bind_loop(Binder *binder, Scope *scope, Node node) {
    const Tree *tree = binder->tree;
    Target target = {.kind = BIND_FOR, .index = -1};
    target.value = node_field(tree, node, FIELD_RIGHT);
    bind_target(binder, scope, node_field(tree, node, FIELD_LEFT), target, 0);
}

/* `value as target` of a with item or an except clause; those of patterns have no target node. */
static void bind_as(Binder *binder, Scope *scope, Node node) {
    const Tree *tree = binder->tree;
    Node alias = node_field(tree, node, FIELD_ALIAS);
    if (!alias)
        return;
    bool except = node_kind(tree, node_parent(tree, node)) == NODE_EXCEPT_CLAUSE;
    Target target = {.kind = except ? BIND_EXCEPT : BIND_WITH, .index = -1};
    target.value = node_child_named(tree, node);
    bind_target(binder, scope, alias, target, 0);
}

/* Python 2: except Error, name */
static void bind_old_except(Binder *binder, Scope *scope, Node clause) {
    const Tree *tree = binder->tree;
    Node value = node_field(tree, clause, FIELD_VALUE);
    Node name = node_next_field(tree, value);
    if (node_kind(tree, name) == NODE_IDENTIFIER)
        bind_name(binder, scope, name, (Target){.kind = BIND_EXCEPT, .value = value, .index = -1});
}

static void bind_delete(Binder *binder, Scope *scope, Node node) {
    const Tree *tree = binder->tree;
    Target target = {.kind = BIND_DELETE, .index = -1};
    for (Node child = node_child_named(tree, node); child; child = node_next_named(tree, child))
        bind_target(binder, scope, child, target, 1);
}

static void bind_type_alias(Binder *binder, Scope *scope, Node node) {
    const Tree *tree = binder->tree;
    Node left = node_child_named(tree, node_field(tree, node, FIELD_LEFT));
    if (node_kind(tree, left) == NODE_GENERIC_TYPE)
        left = node_child_named(tree, left);
    Target target = {.kind = BIND_ASSIGN, .index = -1};
    target.value = node_child_named(tree, node_field(tree, node, FIELD_RIGHT));
    if (node_kind(tree, left) == NODE_IDENTIFIER)
        bind_name(binder, scope, left, target);
}

/* Whether an identifier in a case pattern captures. A lone name does, unless it is the class of
 * `Class(…)`; so do `… as name`, `*name` and `**name`. */
static bool is_capture(const Module *module, Node identifier) {
    const Tree *tree = module->tree;
    if (str_eq(module_text(module, identifier), S("_")))
        return false;
    Node parent = node_parent(tree, identifier);
    Kind kind = node_kind(tree, parent);
    if (kind == NODE_DOTTED_NAME) {
        bool is_class = node_kind(tree, node_parent(tree, parent)) == NODE_CLASS_PATTERN;
        return node_count_named(tree, parent) == 1 && !is_class;
    }
    return kind == NODE_AS_PATTERN || kind == NODE_SPLAT_PATTERN;
}

static void bind_case(Binder *binder, Scope *scope, Node clause) {
    const Tree *tree = binder->tree;
    for (Node child = node_child_named(tree, clause); child; child = node_next_named(tree, child)) {
        if (node_kind(tree, child) != NODE_CASE_PATTERN)
            continue;
        for (Node row = child; row < tree->rows[child].past; row++)
            if (node_kind(tree, row) == NODE_IDENTIFIER && is_capture(binder->module, row))
                bind_name(binder, scope, row, (Target){.kind = BIND_MATCH, .index = -1});
    }
}

void bind_targets_of(Binder *binder, Scope *scope, Node node) {
    const Tree *tree = binder->tree;
    switch ((int)node_kind(tree, node)) {
    case NODE_IMPORT_STATEMENT:
    case NODE_IMPORT_FROM_STATEMENT:
    case NODE_FUTURE_IMPORT_STATEMENT:
        bind_import(binder, scope, node);
        break;
    case NODE_ASSIGNMENT:
        bind_assignment(binder, scope, node);
        break;
    case NODE_AUGMENTED_ASSIGNMENT:
        bind_target(binder, scope, node_field(tree, node, FIELD_LEFT),
                    (Target){.kind = BIND_AUGMENT,
                             .value = node_field(tree, node, FIELD_RIGHT),
                             .index = -1},
                    0);
        break;
    case NODE_NAMED_EXPRESSION:
        bind_walrus(binder, scope, node);
        break;
    case NODE_FOR_STATEMENT:
    case NODE_FOR_IN_CLAUSE:
        bind_loop(binder, scope, node);
        break;
    case NODE_AS_PATTERN:
        bind_as(binder, scope, node);
        break;
    case NODE_EXCEPT_CLAUSE:
        bind_old_except(binder, scope, node);
        break;
    case NODE_DELETE_STATEMENT:
        bind_delete(binder, scope, node);
        break;
    case NODE_CASE_CLAUSE:
        bind_case(binder, scope, node);
        break;
    case NODE_TYPE_ALIAS_STATEMENT:
        bind_type_alias(binder, scope, node);
        break;
    default:
        break;
    }
}

/* ---- imports ---- */

static void add_parts(Buf *buf, const Module *module, Node dotted) {
    const Tree *tree = module->tree;
    for (Node part = node_child_named(tree, dotted); part; part = node_next_named(tree, part)) {
        if (buf->n && buf->p[buf->n - 1] != '.')
            buf_add_byte(buf, '.');
        buf_add(buf, module_text(module, part));
    }
}

/* The package that `level` leading dots mean; false where it is not known. */
static bool relative_package(const Module *module, int level, Str *package) {
    *package = module->source->package;
    for (; level > 1 && package->n; level--) {
        ptrdiff_t dot = str_rfind_byte(*package, '.');
        *package = str_slice(*package, 0, dot < 0 ? 0 : dot);
    }
    return package->n > 0;
}

/* Module part of a from-import: "transformers", "trl.trainer.models" for `.models`. */
static void add_module_name(Buf *buf, const Module *module, Node name) {
    const Tree *tree = module->tree;
    if (node_kind(tree, name) != NODE_RELATIVE_IMPORT) {
        add_parts(buf, module, name);
        return;
    }
    Node prefix = node_child_named(tree, name);
    int level = 0;
    Str dots = module_text(module, prefix);
    for (ptrdiff_t i = 0; i < dots.n; i++)
        level += dots.p[i] == '.';
    Str package;
    if (relative_package(module, level, &package))
        buf_add(buf, package);
    else
        for (int i = 0; i < level; i++)
            buf_add_byte(buf, '.');
    Node rest = node_next_named(tree, prefix);
    if (rest)
        add_parts(buf, module, rest);
}

static void mark_no_names(Binder *binder, Node node) {
    for (Node row = node; row < binder->tree->rows[node].past; row++)
        binder->role[row] = ROLE_NO_NAME;
}

void bind_import(Binder *binder, Scope *scope, Node statement) {
    const Tree *tree = binder->tree;
    Module *module = binder->module;
    mark_no_names(binder, statement);
    if (node_kind(tree, statement) == NODE_FUTURE_IMPORT_STATEMENT)
        return;
    bool from = node_kind(tree, statement) == NODE_IMPORT_FROM_STATEMENT;
    Node module_name = node_field(tree, statement, FIELD_MODULE_NAME);
    for (Node child = node_child_named(tree, statement); child;
         child = node_next_named(tree, child)) {
        Kind kind = node_kind(tree, child);
        if (kind == NODE_WILDCARD_IMPORT)
            module->star_imports = true;
        if (child == module_name || (kind != NODE_DOTTED_NAME && kind != NODE_ALIASED_IMPORT))
            continue;
        Node name = kind == NODE_ALIASED_IMPORT ? node_field(tree, child, FIELD_NAME) : child;
        Node alias = kind == NODE_ALIASED_IMPORT ? node_field(tree, child, FIELD_ALIAS) : 0;
        Node first = node_child_named(tree, name);
        Node bound = alias ? alias : first;
        if (!bound || !module_text(module, bound).n)
            continue;
        Buf qualified = {.arena = module->arena};
        if (from)
            add_module_name(&qualified, module, module_name);
        if (from || alias)
            add_parts(&qualified, module, name);
        else /* import a.b.c binds a */
            buf_add(&qualified, module_text(module, first));
        Str full = buf_str(&qualified);
        if (module_is_own(module, full))
            full = str_format(module->arena, "<project>.%.*s", STR_ARG(full));
        bind_name(binder, scope, bound,
                  (Target){.kind = BIND_IMPORT, .index = -1, .qualified = full});
    }
}

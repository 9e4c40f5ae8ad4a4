/* Which binding's value an expression reads: reaching definitions over Python's own statements.
 *
 * Code that runs as one piece (a function, a lambda, or the module with its class bodies) is a
 * "unit". Inside the unit of the use the answer comes from the syntax: walk from the use outwards,
 * and at each level ask the statements before it which bindings they leave behind (flow_of()). A
 * statement without a binding of the name costs nothing, so an answer costs the depth of the tree
 * times the number of bindings. Where the flow is not structured (break, continue, exceptions) more
 * bindings are taken to arrive than can, never fewer; a read of a name before any binding is an
 * error in Python, and so never counts as a value of its own.
 *
 * What bindings of other units add (closures, `global`, attributes of self) is uses.c's matter. */
#include "python/reach.h"

/* Python refuses more than 100 levels of indentation. */
enum { MOST_NESTING = 200, MOST_NESTED_EXITS = 8 };

typedef struct Flow {
    uint64_t gen; /* bindings made inside whose value may stand at the end */
    bool passes;  /* a value from before may still stand at the end */
    bool dead;    /* the end is never reached */
} Flow;

/* ---- bindings inside a node ---- */

static int first_at_or_after(const ReachQuery *q, Node node) {
    int low = 0, high = q->n;
    while (low < high) {
        int middle = (low + high) / 2;
        if (q->own[middle]->at < node)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint64_t bits_between(const ReachQuery *q, Node node, Node past) {
    int low = first_at_or_after(q, node), high = first_at_or_after(q, past);
    uint64_t bits = 0;
    for (int i = low; i < high; i++)
        if (q->own[i]->kind != BIND_DELETE)
            bits |= UINT64_C(1) << i;
    return bits;
}

static uint64_t bits_in(const ReachQuery *q, Node node) {
    return node ? bits_between(q, node, q->tree->rows[node].past) : 0;
}

static Node child_around(const ReachQuery *q, Node node, Node parent) {
    while (node_parent(q->tree, node) != parent)
        node = node_parent(q->tree, node);
    return node;
}

/* ---- combining ---- */

static const Flow NOTHING = {.passes = true};

static Flow then(Flow a, Flow b) {
    return (Flow){.gen = b.gen | (b.passes ? a.gen : 0),
                  .passes = a.passes && b.passes,
                  .dead = a.dead || b.dead};
}

static Flow either(Flow a, Flow b) {
    if (a.dead || b.dead)
        return a.dead ? b : a;
    return (Flow){.gen = a.gen | b.gen, .passes = a.passes || b.passes};
}

static bool is_exit_call(const ReachQuery *q, Node statement) {
    static const char *const names[] = {"exit", "quit", "sys.exit", "os._exit"};
    Node call = node_child_named(q->tree, statement);
    if (node_kind(q->tree, call) != NODE_CALL)
        return false;
    Str function = module_text(q->module, node_field(q->tree, call, FIELD_FUNCTION));
    for (ptrdiff_t i = 0; i < COUNT(names); i++)
        if (str_eq(function, str_from(names[i])))
            return true;
    return false;
}

static bool block_leaves(const ReachQuery *q, Node block, int nesting);

/* Whether the code after the statement is never reached from it. */
static bool statement_leaves(const ReachQuery *q, Node statement, int nesting) {
    const Tree *tree = q->tree;
    switch ((int)node_kind(tree, statement)) {
    case NODE_RETURN_STATEMENT:
    case NODE_RAISE_STATEMENT:
    case NODE_BREAK_STATEMENT:
    case NODE_CONTINUE_STATEMENT:
        return true;
    case NODE_EXPRESSION_STATEMENT:
        return is_exit_call(q, statement);
    case NODE_WITH_STATEMENT:
        return block_leaves(q, node_field(tree, statement, FIELD_BODY), nesting);
    case NODE_IF_STATEMENT: {
        Node last = node_last_child(tree, statement);
        if (node_kind(tree, last) != NODE_ELSE_CLAUSE ||
            !block_leaves(q, node_field(tree, statement, FIELD_CONSEQUENCE), nesting))
            return false;
        for (Node clause = node_field(tree, statement, FIELD_ALTERNATIVE); clause;
             clause = node_next_field(tree, clause)) {
            Node body = node_field(tree, clause, FIELD_BODY);
            if (!block_leaves(q, body ? body : node_field(tree, clause, FIELD_CONSEQUENCE),
                              nesting))
                return false;
        }
        return true;
    }
    default:
        return false;
    }
}

static bool block_leaves(const ReachQuery *q, Node block, int nesting) {
    Node last = node_last_child(q->tree, block);
    while (last && (q->tree->rows[last].extra || !q->tree->rows[last].named))
        last = node_previous(q->tree, last);
    return last && nesting < MOST_NESTED_EXITS && statement_leaves(q, last, nesting + 1);
}

/* ---- flow through a node ---- */

/* Whether an expression's part may be skipped: the right side of `and`, an arm of a conditional, a
 * comprehension that may have no element. */
static bool may_be_skipped(const ReachQuery *q, Node part, Node whole) {
    const Tree *tree = q->tree;
    for (Node child = part, up; child != whole; child = up) {
        up = node_parent(tree, child);
        Kind kind = node_kind(tree, up);
        if (kind == NODE_BOOLEAN_OPERATOR && tree->rows[child].field == FIELD_RIGHT)
            return true;
        if (kind == NODE_CONDITIONAL_EXPRESSION &&
            child != node_next_named(tree, node_child_named(tree, up)))
            return true;
        if (is_comprehension(kind))
            return true;
    }
    return false;
}

/* Bindings at rows [from, past) of `whole`, taken one after the other. */
static Flow flow_in_order(const ReachQuery *q, Node whole, Node from, Node past) {
    Flow flow = NOTHING;
    for (int i = first_at_or_after(q, from); i < q->n && q->own[i]->at < past; i++) {
        bool deletes = q->own[i]->kind == BIND_DELETE;
        Flow one = {.gen = deletes ? 0 : UINT64_C(1) << i,
                    .passes = may_be_skipped(q, q->own[i]->at, whole)};
        flow = then(flow, one);
    }
    return flow;
}

static Flow flow_of(ReachQuery *q, Node node);

static Flow flow_of_block(ReachQuery *q, Node block) {
    Flow flow = NOTHING;
    Node past = q->tree->rows[block].past;
    for (int i = first_at_or_after(q, block); i < q->n && q->own[i]->at < past;) {
        Node child = child_around(q, q->own[i]->at, block);
        flow = then(flow, flow_of(q, child));
        i = first_at_or_after(q, q->tree->rows[child].past);
    }
    flow.dead = flow.dead || block_leaves(q, block, 0);
    return flow;
}

static Flow flow_of_if(ReachQuery *q, Node node) {
    const Tree *tree = q->tree;
    Flow ends = flow_of(q, node_field(tree, node, FIELD_CONSEQUENCE));
    Flow conditions = flow_of(q, node_field(tree, node, FIELD_CONDITION));
    ends = then(conditions, ends);
    bool exhaustive = false;
    for (Node clause = node_field(tree, node, FIELD_ALTERNATIVE); clause;
         clause = node_next_field(tree, clause)) {
        exhaustive = node_kind(tree, clause) == NODE_ELSE_CLAUSE;
        if (!exhaustive)
            conditions = then(conditions, flow_of(q, node_field(tree, clause, FIELD_CONDITION)));
        Node body = node_field(tree, clause, exhaustive ? FIELD_BODY : FIELD_CONSEQUENCE);
        ends = either(ends, then(conditions, flow_of(q, body)));
    }
    return exhaustive ? ends : either(ends, conditions);
}

/* With break and continue, each binding of the body may be the last. */
static Flow flow_of_loop(ReachQuery *q, Node node) {
    const Tree *tree = q->tree;
    Node clause = node_field(tree, node, FIELD_ALTERNATIVE);
    Node head = node_field(tree, node, FIELD_CONDITION);
    Flow flow = flow_of(q, head ? head : node_field(tree, node, FIELD_RIGHT));
    flow.gen |= bits_in(q, node_field(tree, node, FIELD_BODY));
    flow.gen |= bits_in(q, node_field(tree, node, FIELD_LEFT));
    if (clause)
        flow = either(flow, then(flow, flow_of(q, node_field(tree, clause, FIELD_BODY))));
    return flow;
}

static Node clause_block(const ReachQuery *q, Node clause) {
    Node block = node_child_named(q->tree, clause);
    while (block && node_kind(q->tree, block) != NODE_BLOCK)
        block = node_next_named(q->tree, block);
    return block;
}

/* A handler starts with whatever the body had bound by then. */
static Flow flow_of_handler(ReachQuery *q, Node clause, Node body) {
    Flow start = {.gen = bits_in(q, body), .passes = true};
    Node block = clause_block(q, clause);
    Flow alias = flow_in_order(q, clause, clause, block ? block : q->tree->rows[clause].past);
    Flow flow = then(then(start, alias), block ? flow_of(q, block) : NOTHING);
    flow.gen &= ~alias.gen; /* `as name` is unbound at the end of its clause */
    return flow;
}

static Flow flow_of_try(ReachQuery *q, Node node) {
    const Tree *tree = q->tree;
    Node body = node_field(tree, node, FIELD_BODY);
    Flow normal = flow_of(q, body), caught = {.dead = true}, last = NOTHING;
    for (Node clause = node_next_named(tree, body); clause;
         clause = node_next_named(tree, clause)) {
        switch ((int)node_kind(tree, clause)) {
        case NODE_EXCEPT_CLAUSE:
            caught = either(caught, flow_of_handler(q, clause, body));
            break;
        case NODE_ELSE_CLAUSE:
            normal = then(normal, flow_of(q, node_field(tree, clause, FIELD_BODY)));
            break;
        case NODE_FINALLY_CLAUSE:
            last = flow_of(q, clause_block(q, clause));
            break;
        default:
            break;
        }
    }
    return then(either(normal, caught), last);
}

/* `case _:` and `case name:` match whatever is left. */
static bool is_irrefutable(const ReachQuery *q, Node clause) {
    const Tree *tree = q->tree;
    Node pattern = node_child_named(tree, clause);
    Node next = node_next_named(tree, pattern);
    if (node_kind(tree, pattern) != NODE_CASE_PATTERN || node_field(tree, clause, FIELD_GUARD) ||
        node_kind(tree, next) == NODE_CASE_PATTERN)
        return false;
    Node inner = node_child_named(tree, pattern);
    return !inner
               ? str_eq(module_text(q->module, pattern), S("_"))
               : node_kind(tree, inner) == NODE_DOTTED_NAME && node_count_named(tree, inner) == 1;
}

static Flow flow_of_match(ReachQuery *q, Node node) {
    const Tree *tree = q->tree;
    Node body = node_field(tree, node, FIELD_BODY);
    Flow ends = {.dead = true};
    bool exhaustive = false;
    for (Node clause = node_child_named(tree, body); clause;
         clause = node_next_named(tree, clause)) {
        Node block = node_field(tree, clause, FIELD_CONSEQUENCE);
        if (!block)
            continue;
        Flow head = flow_in_order(q, clause, clause, block);
        ends = either(ends, then(head, flow_of(q, block)));
        exhaustive = exhaustive || is_irrefutable(q, clause);
    }
    if (!exhaustive)
        ends = either(ends, NOTHING);
    return then(flow_in_order(q, node, node, body), ends);
}

static Flow flow_through(ReachQuery *q, Node node) {
    const Tree *tree = q->tree;
    if (!node)
        return NOTHING;
    if (!bits_in(q, node) &&
        first_at_or_after(q, node) == first_at_or_after(q, tree->rows[node].past)) {
        Kind kind = node_kind(tree, node);
        bool leaves = kind == NODE_BLOCK ? block_leaves(q, node, 0) : statement_leaves(q, node, 0);
        return (Flow){.passes = true, .dead = leaves};
    }
    switch ((int)node_kind(tree, node)) {
    case NODE_BLOCK:
    case NODE_MODULE:
        return flow_of_block(q, node);
    case NODE_IF_STATEMENT:
        return flow_of_if(q, node);
    case NODE_FOR_STATEMENT:
    case NODE_WHILE_STATEMENT:
        return flow_of_loop(q, node);
    case NODE_TRY_STATEMENT:
        return flow_of_try(q, node);
    case NODE_MATCH_STATEMENT:
        return flow_of_match(q, node);
    case NODE_WITH_STATEMENT: {
        Node body = node_field(tree, node, FIELD_BODY);
        return then(flow_in_order(q, node, node, body ? body : tree->rows[node].past),
                    flow_of(q, body));
    }
    default:
        return flow_in_order(q, node, node, tree->rows[node].past);
    }
}

static Flow flow_of(ReachQuery *q, Node node) {
    if (q->nesting == MOST_NESTING)
        return (Flow){.gen = bits_in(q, node), .passes = true};
    q->nesting++;
    Flow flow = flow_through(q, node);
    q->nesting--;
    return flow;
}

/* ---- from the use outwards ---- */

static void arrive(Reach *reach, Flow before) {
    reach->own |= before.gen;
    reach->open = before.passes;
}

/* Statements of the block before the one that the use lies in, the nearest first. */
static void before_in_block(ReachQuery *q, Reach *reach, Node block, Node child) {
    for (int i = first_at_or_after(q, child) - 1; reach->open && i >= 0;) {
        if (q->own[i]->at < block)
            return;
        Node statement = child_around(q, q->own[i]->at, block);
        arrive(reach, flow_of(q, statement));
        i = first_at_or_after(q, statement) - 1;
    }
}

static void before_in_if(ReachQuery *q, Reach *reach, Node node, Node child) {
    const Tree *tree = q->tree;
    Node condition = node_field(tree, node, FIELD_CONDITION);
    if (child == condition)
        return;
    /* Conditions run in order until one holds. */
    Flow flow = flow_of(q, condition);
    for (Node clause = node_field(tree, node, FIELD_ALTERNATIVE); clause && clause < child;
         clause = node_next_field(tree, clause))
        if (node_kind(tree, clause) == NODE_ELIF_CLAUSE)
            flow = then(flow, flow_of(q, node_field(tree, clause, FIELD_CONDITION)));
    arrive(reach, flow);
}

static void before_in_loop(ReachQuery *q, Reach *reach, Node node, Node child) {
    const Tree *tree = q->tree;
    Node body = node_field(tree, node, FIELD_BODY);
    Node condition = node_field(tree, node, FIELD_CONDITION);
    Node left = node_field(tree, node, FIELD_LEFT), right = node_field(tree, node, FIELD_RIGHT);
    if (child == right)
        return;
    if (child == body && left) {
        Flow target = {.gen = bits_in(q, left), .passes = !bits_in(q, left)};
        arrive(reach, target);
    }
    if (child == body && condition)
        arrive(reach, flow_of(q, condition));
    if (!reach->open)
        return;
    reach->own |= bits_in(q, body); /* from an earlier turn */
    if (child != body)
        reach->own |= bits_in(q, left);
    if (child != condition)
        arrive(reach, flow_of(q, condition ? condition : right));
    if (child == body && q->cut_behind && q->own[q->n - 1]->at < tree->rows[body].past)
        reach->lost = true;
}

static void before_in_try(ReachQuery *q, Reach *reach, Node node, Node child) {
    const Tree *tree = q->tree;
    Node body = node_field(tree, node, FIELD_BODY);
    switch ((int)node_kind(tree, child)) {
    case NODE_EXCEPT_CLAUSE:
        reach->own |= bits_in(q, body);
        break;
    case NODE_ELSE_CLAUSE:
        arrive(reach, flow_of(q, body));
        break;
    case NODE_FINALLY_CLAUSE:
        reach->own |= bits_between(q, node, child);
        break;
    default:
        break;
    }
}

/* What was evaluated before `child` inside of an expression or simple statement. */
static void before_in_expression(ReachQuery *q, Reach *reach, Node node, Node child) {
    const Tree *tree = q->tree;
    switch ((int)node_kind(tree, node)) {
    case NODE_ASSIGNMENT: /* these bind after their parts are evaluated */
    case NODE_AUGMENTED_ASSIGNMENT:
    case NODE_NAMED_EXPRESSION:
    case NODE_FUNCTION_DEFINITION:
    case NODE_CLASS_DEFINITION:
    case NODE_FOR_IN_CLAUSE:
        return;
    case NODE_CONDITIONAL_EXPRESSION: { /* a if condition else b */
        Node condition = node_next_named(tree, node_child_named(tree, node));
        if (child != condition)
            arrive(reach, flow_of(q, condition));
        return;
    }
    case NODE_LIST_COMPREHENSION:
    case NODE_SET_COMPREHENSION:
    case NODE_DICTIONARY_COMPREHENSION:
    case NODE_GENERATOR_EXPRESSION:
        reach->own |= bits_in(q, node);
        return;
    default:
        arrive(reach, flow_in_order(q, node, node, child));
        return;
    }
}

Reach reach_of(ReachQuery *q, Node use) {
    const Tree *tree = q->tree;
    Reach reach = {.open = true};
    for (Node child = use, node; reach.open && (node = node_parent(tree, child)); child = node) {
        uint8_t field = tree->rows[child].field;
        switch ((int)node_kind(tree, node)) {
        case NODE_BLOCK:
        case NODE_MODULE:
            /* The cases of a match exclude one another. */
            if (node_kind(tree, child) != NODE_CASE_CLAUSE)
                before_in_block(q, &reach, node, child);
            break;
        case NODE_IF_STATEMENT:
            before_in_if(q, &reach, node, child);
            break;
        case NODE_ELSE_CLAUSE:
            break;
        case NODE_FOR_STATEMENT:
        case NODE_WHILE_STATEMENT:
            before_in_loop(q, &reach, node, child);
            break;
        case NODE_TRY_STATEMENT:
            before_in_try(q, &reach, node, child);
            break;
        case NODE_FUNCTION_DEFINITION:
        case NODE_LAMBDA:
            if (field == FIELD_BODY) { /* parameters are bound on entry */
                arrive(&reach, flow_in_order(q, node, node, child));
                reach.lost = reach.lost || (reach.open && q->cut_before);
                return reach;
            }
            before_in_expression(q, &reach, node, child);
            break;
        default:
            if (node == q->scope->node) /* the class whose name it is */
                return reach;
            before_in_expression(q, &reach, node, child);
            break;
        }
    }
    reach.lost = reach.lost || (reach.open && q->cut_before);
    return reach;
}

Reach reach_at_end(ReachQuery *q, Node unit) {
    Flow flow = flow_of(q, unit);
    return (Reach){.own = flow.gen, .open = flow.passes};
}

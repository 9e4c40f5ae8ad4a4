/* Requests, and which of them are carried out.
 *
 * plan_edits() starts from every group that has not failed and makes edits of what they ask for. A
 * group that wants something else than another at the same argument, or bytes that another edits
 * too, waits: the later one by the name of its transform, with everything joined to it. Then it
 * starts again with the others, until nothing overlaps; every round has a group less. So the result
 * depends on the groups alone and not on the order in which they were made.
 *
 * Only then are the logical lines laid out and unused imports looked for, since both depend on all
 * edits together. */
#include "edit/plan.h"

#include "edit/lines.h"
#include "edit/plan_private.h"

Plan *plan_open(const Module *module, Parser *parser, Style style) {
    Plan *plan = new (module->arena, Plan, 1);
    plan->module = module;
    plan->arena = module->arena;
    plan->format = (FormatContext){.arena = module->arena,
                                   .parser = parser,
                                   .style = style,
                                   .newline = module->source->newline,
                                   .unit = module->source->indent};
    return plan;
}

/* ---- groups ---- */

int plan_group(Plan *plan, Str transform) {
    int group = (int)plan->groups.n;
    *list_push(plan->arena, &plan->groups) = (Group){.transform = transform, .joined = group};
    return group;
}

int plan_root(const Plan *plan, int group) {
    while (plan->groups.v[group].joined != group)
        group = plan->groups.v[group].joined;
    return group;
}

void plan_join(Plan *plan, int group, int other) {
    int root = plan_root(plan, group), second = plan_root(plan, other);
    if (root == second)
        return;
    Group *kept = &plan->groups.v[root], *merged = &plan->groups.v[second];
    if (merged->state == GROUP_FAILED && kept->state != GROUP_FAILED) {
        kept->state = GROUP_FAILED;
        kept->reason = merged->reason;
    }
    merged->joined = root;
}

bool plan_is_alive(const Plan *plan, int group) {
    return plan->groups.v[plan_root(plan, group)].state == GROUP_APPLIED;
}

int plan_compare(const Plan *plan, int group, int other) {
    int order = str_compare(plan->groups.v[group].transform, plan->groups.v[other].transform);
    return order ? order : group - other;
}

void plan_fail(Plan *plan, int group, const char *reason) {
    Group *root = &plan->groups.v[plan_root(plan, group)];
    if (root->state == GROUP_FAILED)
        return;
    root->state = GROUP_FAILED;
    root->reason = reason;
}

GroupState plan_group_state(const Plan *plan, int group, const char **reason) {
    const Group *root = &plan->groups.v[plan_root(plan, group)];
    *reason = root->reason;
    return root->state;
}

Str plan_group_transform(const Plan *plan, int group) {
    return plan->groups.v[group].transform;
}

int plan_groups(const Plan *plan) {
    return (int)plan->groups.n;
}

/* ---- requests ---- */

static Request *request(Plan *plan, RequestKind kind, int group) {
    Request *made = list_push(plan->arena, &plan->requests);
    made->kind = kind;
    made->group = group;
    return made;
}

void plan_replace(Plan *plan, int group, Span span, Str text) {
    Request *made = request(plan, REQUEST_BYTES, group);
    made->span = span;
    made->text = text;
}

/* Inside an f-string newlines and the string's own quotes are errors before Python 3.12. */
static bool fails_in_string(Plan *plan, int group, Node node, Str text) {
    if (!node_ancestor(plan->module->tree, node, NODE_INTERPOLATION) || text.n == 0)
        return false;
    plan_fail(plan, group, "the call stands inside an f-string");
    return true;
}

void plan_add_argument(Plan *plan, int group, const CallView *call, Str keyword, Str value) {
    if (fails_in_string(plan, group, call->call, value))
        return;
    if (!call->list || node_kind(plan->module->tree, call->list) != NODE_ARGUMENT_LIST) {
        plan_fail(plan, group, "the call's only argument is a generator");
        return;
    }
    Request *made = request(plan, REQUEST_ADD, group);
    made->list = call->list;
    made->keyword = keyword;
    made->text = str_format(plan->arena, "%.*s=%.*s", STR_ARG(keyword), STR_ARG(value));
}

void plan_add_parameter(Plan *plan, int group, Node list, Node behind, Str keyword, Str value) {
    Request *made = request(plan, REQUEST_ADD, group);
    made->list = list;
    made->node = behind;
    made->keyword = keyword;
    made->text = str_format(plan->arena, "%.*s=%.*s", STR_ARG(keyword), STR_ARG(value));
}

/* The keyword as a string in the quotes of the present one, prefix included. */
static Str quoted_like(const Plan *plan, Str present, Str keyword) {
    ptrdiff_t head = 0;
    while (head < present.n && present.p[head] != '"' && present.p[head] != '\'')
        head++;
    char quote = head < present.n ? present.p[head] : plan->format.style.quote;
    ptrdiff_t n = 1;
    if (head + 5 < present.n && present.p[head + 1] == quote && present.p[head + 2] == quote)
        n = 3;
    Str quotes = str_slice(present, head, head + n);
    return str_format(plan->arena, "%.*s%.*s%.*s%.*s", STR_ARG(str_slice(present, 0, head)),
                      STR_ARG(quotes), STR_ARG(keyword), STR_ARG(quotes));
}

/* Whether the argument is an element of brackets that layout knows how to write. */
static bool is_in_list(const Plan *plan, const Arg *arg) {
    Kind kind = node_kind(plan->module->tree, arg->holder);
    return (kind == NODE_ARGUMENT_LIST || kind == NODE_DICTIONARY) &&
           node_parent(plan->module->tree, arg->whole) == arg->holder;
}

void plan_replace_argument(Plan *plan, int group, const Arg *arg, Str keyword, Str value) {
    const Tree *tree = plan->module->tree;
    Span value_at = node_span(tree, arg->value);
    if (fails_in_string(plan, group, arg->whole, value))
        return;
    if (!arg->name.n && !value.n) {
        plan_replace(plan, group, (Span){value_at.at, value_at.at},
                     str_format(plan->arena, "%.*s=", STR_ARG(keyword)));
        return;
    }
    Str present = str_span(plan->module->source->text, arg->name_at);
    bool is_string = present.n && present.p[present.n - 1] != '_' &&
                     (present.p[present.n - 1] == '"' || present.p[present.n - 1] == '\'');
    Str name = is_string ? quoted_like(plan, present, keyword) : keyword;
    if (!value.n || !is_in_list(plan, arg)) {
        if (!str_eq(keyword, arg->name))
            plan_replace(plan, group, arg->name_at, name);
        if (value.n)
            plan_replace(plan, group, value_at, value);
        return;
    }
    Request *made = request(plan, REQUEST_REPLACE, group);
    made->list = arg->holder;
    made->node = arg->whole;
    made->text = str_format(plan->arena, is_string ? "%.*s: %.*s" : "%.*s=%.*s", STR_ARG(name),
                            STR_ARG(value));
}

void plan_remove_argument(Plan *plan, int group, const Arg *arg) {
    if (!is_in_list(plan, arg)) {
        plan_remove_statement(plan, group, statement_of(plan->module, arg->whole));
        return;
    }
    Request *made = request(plan, REQUEST_REMOVE, group);
    made->list = arg->holder;
    made->node = arg->whole;
}

/* The statement of a block around the node; 0 when a lambda or comprehension lies between. */
static Node statement_around(const Module *module, Node node) {
    for (; node; node = node_parent(module->tree, node)) {
        Kind above = node_kind(module->tree, node_parent(module->tree, node));
        if (above == NODE_BLOCK || above == NODE_MODULE)
            return node;
        switch (node_kind(module->tree, node)) {
        case NODE_LAMBDA:
        case NODE_LIST_COMPREHENSION:
        case NODE_SET_COMPREHENSION:
        case NODE_DICTIONARY_COMPREHENSION:
        case NODE_GENERATOR_EXPRESSION:
            return 0;
        default:
            break;
        }
    }
    return 0;
}

void plan_insert_statements(Plan *plan, int group, Node statement, bool after, Str text) {
    Node around = statement_around(plan->module, statement);
    if (!around || !statement_has_own_line(plan->module, around)) {
        plan_fail(plan, group, "there is no line of its own for a new statement");
        return;
    }
    Request *made = request(plan, after ? REQUEST_AFTER : REQUEST_BEFORE, group);
    made->node = around;
    made->text = text;
}

void plan_remove_statement(Plan *plan, int group, Node statement) {
    Node around = statement_around(plan->module, statement);
    if (!around) {
        plan_fail(plan, group, "the statement is part of an expression");
        return;
    }
    request(plan, REQUEST_DELETE, group)->node = around;
}

Str plan_import(Plan *plan, int group, Str qualified, Node at) {
    ImportNeed need = {0};
    bool needed = false;
    if (!import_spelling(plan->module, at, qualified, &need, &needed)) {
        plan_fail(plan, group, "the name that the edit needs is taken");
        return (Str){0};
    }
    if (needed)
        request(plan, REQUEST_IMPORT, group)->need = need;
    request(plan, REQUEST_MENTIONED, group)->text = need.local;
    return need.local;
}

void plan_move_import(Plan *plan, int group, Node imported, Str module, Str name, Str local,
                      Node at) {
    *list_push(plan->arena, &plan->moved) = (Drop){imported, group};
    if (!name.n)
        return;
    Request *made = request(plan, REQUEST_IMPORT, group);
    made->need =
        (ImportNeed){.module = module, .name = name, .local = local, .at = at, .moved = imported};
    request(plan, REQUEST_MENTIONED, group)->text = local;
}

void plan_drop_use(Plan *plan, int group, Node use) {
    *list_push(plan->arena, &plan->drops) = (Drop){use, group};
}

/* ---- conflicts ---- */

static void wait(Plan *plan, int group, const char *reason) {
    Group *root = &plan->groups.v[plan_root(plan, group)];
    root->state = GROUP_WAITS;
    root->reason = reason;
}

static bool is_same_key(const Request *a, const Request *b) {
    bool on_element = a->kind == REQUEST_REPLACE || a->kind == REQUEST_REMOVE;
    if (on_element)
        return (b->kind == REQUEST_REPLACE || b->kind == REQUEST_REMOVE) && a->node == b->node;
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case REQUEST_ADD:
        return a->list == b->list && str_eq(a->keyword, b->keyword);
    case REQUEST_BYTES:
        return a->span.at == b->span.at && a->span.end == b->span.end &&
               (a->span.at < a->span.end || str_eq(a->text, b->text));
    case REQUEST_BEFORE:
    case REQUEST_AFTER:
        return a->node == b->node && str_eq(a->text, b->text);
    case REQUEST_DELETE:
        return a->node == b->node;
    case REQUEST_IMPORT:
        return str_eq(a->need.module, b->need.module) && str_eq(a->need.name, b->need.name) &&
               a->need.at == b->need.at && a->need.moved == b->need.moved;
    case REQUEST_REPLACE:
    case REQUEST_REMOVE:
    case REQUEST_MENTIONED:
        return false;
    }
    return false;
}

/* The requests of living groups, each key once. False when two do not agree; one waits then. */
static bool gather(Plan *plan, Requests *requests) {
    for (ptrdiff_t i = 0; i < plan->requests.n; i++) {
        if (!plan_is_alive(plan, plan->requests.v[i].group))
            continue;
        list_push(plan->arena, requests);
        const Request *made = &plan->requests.v[i];
        ptrdiff_t k = requests->n - 1;
        for (; k > 0 && plan_compare(plan, made->group, requests->v[k - 1]->group) < 0; k--)
            requests->v[k] = requests->v[k - 1];
        requests->v[k] = made;
    }
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < requests->n; i++) {
        const Request *made = requests->v[i], *same = NULL;
        for (ptrdiff_t k = 0; k < n && !same; k++)
            same = is_same_key(requests->v[k], made) ? requests->v[k] : NULL;
        if (!same) {
            requests->v[n++] = made;
        } else if (same->kind != made->kind || !str_eq(same->text, made->text)) {
            bool own = plan_root(plan, same->group) == plan_root(plan, made->group);
            if (own)
                plan_fail(plan, made->group, "its edits do not agree with each other");
            else
                wait(plan, made->group, "another transform edits the same argument");
            return false;
        }
    }
    requests->n = n;
    return true;
}

/* Where the request changes the file; statements put in change nothing that another takes out. */
static bool place_of(const Plan *plan, const Request *made, Span *place) {
    const Tree *tree = plan->module->tree;
    switch (made->kind) {
    case REQUEST_BYTES:
        *place = made->span;
        return true;
    case REQUEST_ADD:
        *place = node_span(tree, made->list);
        return true;
    case REQUEST_REPLACE:
    case REQUEST_REMOVE:
    case REQUEST_DELETE:
        *place = node_span(tree, made->node);
        return true;
    case REQUEST_BEFORE:
    case REQUEST_AFTER:
    case REQUEST_IMPORT:
    case REQUEST_MENTIONED:
        return false;
    }
    return false;
}

static bool takes_whole(const Request *made) {
    return made->kind == REQUEST_REPLACE || made->kind == REQUEST_REMOVE ||
           made->kind == REQUEST_DELETE;
}

/* What is asked inside an element or statement that goes. A group takes away with it what it would
 * have changed there itself; of two groups the later waits, and the answer is false. */
static bool leave_covered(Plan *plan, Requests *requests) {
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < requests->n; i++) {
        const Request *made = requests->v[i], *over = NULL;
        Span place;
        for (ptrdiff_t k = 0; k < requests->n && !over; k++) {
            const Request *whole = requests->v[k];
            Span taken = node_span(plan->module->tree, whole->node);
            bool inside = whole != made && takes_whole(whole) && place_of(plan, made, &place) &&
                          place.at >= taken.at && place.end <= taken.end;
            over = inside && !(takes_whole(made) && made->node == whole->node) ? whole : NULL;
        }
        if (over && plan_root(plan, over->group) != plan_root(plan, made->group)) {
            int later =
                plan_compare(plan, over->group, made->group) < 0 ? made->group : over->group;
            wait(plan, later, "another transform takes away what it edits");
            return false;
        }
        if (!over)
            requests->v[n++] = made;
    }
    requests->n = n;
    return true;
}

static bool is_inside(Span inner, Span outer) {
    return inner.at >= outer.at && inner.end <= outer.end &&
           (inner.at != outer.at || inner.end != outer.end);
}

/* Of two edits that overlap one goes: the one inside the other when both are of one group, which
 * then takes away what it also edits; else the later group waits. */
static void settle(Plan *plan, Edits *edits, ptrdiff_t first, ptrdiff_t second) {
    Edit *a = &edits->v[first], *b = &edits->v[second];
    bool own = plan_root(plan, a->group) == plan_root(plan, b->group);
    if (own && is_inside(b->span, a->span)) {
        *b = edits->v[--edits->n];
    } else if (own && is_inside(a->span, b->span)) {
        *a = edits->v[--edits->n];
    } else if (own) {
        plan_fail(plan, a->group, "its edits overlap");
    } else {
        int later = plan_compare(plan, a->group, b->group) < 0 ? b->group : a->group;
        wait(plan, later, "another transform edits the same place");
    }
}

static bool has_overlap(Plan *plan, Edits *edits) {
    for (;;) {
        EditList list = {edits->v, edits->n};
        ptrdiff_t first, second, n = edits->n;
        if (edits_sort(&list, &first, &second))
            return false;
        settle(plan, edits, first, second);
        if (edits->n == n)
            return true;
    }
}

/* ---- imports ---- */

typedef List(ImportNeed) Needs;
typedef List(ImportDrop) ImportDrops;

static void gather_needs(const Plan *plan, const Requests *requests, Needs *needs) {
    for (ptrdiff_t i = 0; i < requests->n; i++) {
        if (requests->v[i]->kind != REQUEST_IMPORT)
            continue;
        ImportNeed *need = list_push(plan->arena, needs);
        *need = requests->v[i]->need;
        need->group = requests->v[i]->group;
    }
}

/* Whether living groups take away every use of the binding and bring none. */
static bool is_out_of_use(const Plan *plan, const Requests *requests, const Binding *binding) {
    ptrdiff_t n = 0;
    const Node *uses = binding_uses(plan->module, binding, &n);
    for (ptrdiff_t i = 0; i < n; i++) {
        bool dropped = false;
        for (ptrdiff_t k = 0; k < plan->drops.n && !dropped; k++)
            dropped = plan_is_alive(plan, plan->drops.v[k].group) &&
                      node_within(plan->module->tree, uses[i], plan->drops.v[k].use);
        if (!dropped)
            return false;
    }
    for (ptrdiff_t i = 0; i < requests->n; i++)
        if (find_bare_name(requests->v[i]->text, binding->name, 0) >= 0)
            return false;
    return true;
}

/* The identifier that an attribute chain starts with. */
static Node first_name(const Tree *tree, Node use) {
    while (use && node_kind(tree, use) != NODE_IDENTIFIER)
        use = node_child_named(tree, use);
    return use;
}

static void gather_drops(const Plan *plan, const Requests *requests, ImportDrops *drops) {
    List(const Binding *) done = {0};
    for (ptrdiff_t i = 0; i < plan->drops.n; i++) {
        const Drop *drop = &plan->drops.v[i];
        Node name = first_name(plan->module->tree, drop->use);
        if (!name || !plan_is_alive(plan, drop->group))
            continue;
        const Binding *binding = name_bindings(plan->module, name);
        bool seen = !binding || binding->kind != BIND_IMPORT || binding->next;
        for (ptrdiff_t k = 0; k < done.n && !seen; k++)
            seen = done.v[k] == binding;
        if (seen)
            continue;
        *list_push(plan->arena, &done) = binding;
        if (is_out_of_use(plan, requests, binding))
            *list_push(plan->arena, drops) =
                (ImportDrop){.name = binding->at, .binding = binding, .group = drop->group};
    }
    for (ptrdiff_t i = 0; i < plan->moved.n; i++)
        if (plan_is_alive(plan, plan->moved.v[i].group))
            *list_push(plan->arena, drops) =
                (ImportDrop){.name = plan->moved.v[i].use, .group = plan->moved.v[i].group};
}

/* ---- all edits ---- */

static void append(Arena *arena, Edits *edits, const Edits *more) {
    for (ptrdiff_t i = 0; i < more->n; i++)
        *list_push(arena, edits) = more->v[i];
}

/* Drops what a group edits inside a line that it takes away. */
static void drop_covered(const Plan *plan, Edits *inside, const Edits *lines) {
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < inside->n; i++) {
        const Edit *edit = &inside->v[i];
        bool covered = false;
        for (ptrdiff_t k = 0; k < lines->n && !covered; k++)
            covered = is_inside(edit->span, lines->v[k].span) &&
                      plan_root(plan, edit->group) == plan_root(plan, lines->v[k].group);
        if (!covered)
            inside->v[n++] = *edit;
    }
    inside->n = n;
}

/* Bytes put in at an expression's end stand before elements put in behind it, those at its start
 * behind elements put in before it. */
static int order_of(const Plan *plan, Span span) {
    char before = span.at ? plan->module->source->text.p[span.at - 1] : '\n';
    bool starts = before == '(' || before == '{' || before == '[' || before == ',' ||
                  before == ' ' || before == '\t' || before == '\n' || before == '\r';
    return starts ? 1 : -1;
}

/* Edits inside logical lines, and those of whole lines, which layout leaves alone. False when
 * groups overlap; one of them waits then. */
static bool make(Plan *plan, Edits *inside, Edits *lines) {
    Requests requests = {0};
    if (!gather(plan, &requests) || !leave_covered(plan, &requests))
        return false;
    plan_fold_updates(plan, &requests);
    plan_edit_lists(plan, &requests, inside);
    for (ptrdiff_t i = 0; i < requests.n; i++) {
        const Request *made = requests.v[i];
        if (made->kind == REQUEST_BYTES)
            *list_push(plan->arena, inside) = (Edit){.span = made->span,
                                                     .text = made->text,
                                                     .group = made->group,
                                                     .order = order_of(plan, made->span)};
    }
    plan_edit_lines(plan, &requests, lines);
    Needs needs = {0};
    ImportDrops drops = {0};
    gather_needs(plan, &requests, &needs);
    gather_drops(plan, &requests, &drops);
    import_edits(&plan->format, plan->module, needs.v, needs.n, drops.v, drops.n, inside, lines);
    drop_covered(plan, inside, lines);
    if (has_overlap(plan, inside))
        return false;
    Edits all = {0};
    append(plan->arena, &all, inside);
    append(plan->arena, &all, lines);
    return !has_overlap(plan, &all);
}

EditList plan_edits(Plan *plan) {
    for (ptrdiff_t i = 0; i < plan->groups.n; i++)
        if (plan->groups.v[i].state == GROUP_WAITS)
            plan->groups.v[i].state = GROUP_APPLIED;
    Edits inside = {0}, lines = {0};
    while (!make(plan, &inside, &lines))
        inside.n = lines.n = 0;
    layout_tidy(&plan->format, plan->module->source, plan->module->tree, &inside);
    append(plan->arena, &inside, &lines);
    EditList list = {inside.v, inside.n};
    ptrdiff_t first, second;
    edits_sort(&list, &first, &second);
    return list;
}

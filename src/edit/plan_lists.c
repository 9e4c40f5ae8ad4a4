/* Requests about elements of argument lists and dict displays, gathered by list: each list is laid
 * out once, with everything that happens to it. */
#include "edit/order.h"
#include "edit/plan_private.h"

static bool is_about(const Request *request, Node list) {
    return request->list == list &&
           (request->kind == REQUEST_ADD || request->kind == REQUEST_REPLACE ||
            request->kind == REQUEST_REMOVE);
}

typedef List(LayoutItem) Items;

static void add_present(const Plan *plan, const Requests *requests, Node list, Items *items) {
    const Tree *tree = plan->module->tree;
    for (Node child = node_child_named(tree, list); child; child = node_next_named(tree, child)) {
        LayoutItem *item = list_push(plan->arena, items);
        *item = (LayoutItem){.kept = child, .group = -1};
        for (ptrdiff_t i = 0; i < requests->n; i++) {
            const Request *request = requests->v[i];
            if (!is_about(request, list) || request->kind == REQUEST_ADD || request->node != child)
                continue;
            item->removed = request->kind == REQUEST_REMOVE;
            item->text = request->text;
            item->group = request->group;
        }
    }
}

/* Where new elements go: behind the present ones, but before `**splats` at the end. A call of
 * splats alone is data first, options behind: `model.generate(**inputs, max_new_tokens=256)`. */
static ptrdiff_t new_place(const Plan *plan, const Items *items) {
    ptrdiff_t place = items->n;
    while (place > 0 &&
           node_kind(plan->module->tree, items->v[place - 1].kept) == NODE_DICTIONARY_SPLAT)
        place--;
    return place ? place : items->n;
}

static void add_new(const Plan *plan, const Requests *requests, Node list, Items *items) {
    ptrdiff_t place = new_place(plan, items);
    Requests added = {0};
    for (ptrdiff_t i = 0; i < requests->n; i++) {
        const Request *request = requests->v[i];
        if (request->kind != REQUEST_ADD || request->list != list)
            continue;
        list_push(plan->arena, &added);
        ptrdiff_t k = added.n - 1;
        for (; k > 0 && argument_compare(request->keyword, added.v[k - 1]->keyword) < 0; k--)
            added.v[k] = added.v[k - 1];
        added.v[k] = request;
    }
    for (ptrdiff_t i = 0; i < added.n; i++) {
        for (ptrdiff_t k = 0; added.v[i]->node && k < items->n; k++)
            place = items->v[k].kept == added.v[i]->node ? k + 1 : place;
        list_push(plan->arena, items);
        for (ptrdiff_t k = items->n - 1; k > place; k--)
            items->v[k] = items->v[k - 1];
        items->v[place++] = (LayoutItem){.text = added.v[i]->text, .group = added.v[i]->group};
    }
}

void plan_edit_lists(Plan *plan, const Requests *requests, Edits *edits) {
    for (ptrdiff_t i = 0; i < requests->n; i++) {
        Node list = requests->v[i]->list;
        bool seen = !is_about(requests->v[i], list);
        for (ptrdiff_t k = 0; k < i && !seen; k++)
            seen = is_about(requests->v[k], list);
        if (seen)
            continue;
        Items items = {0};
        add_present(plan, requests, list, &items);
        add_new(plan, requests, list, &items);
        Layout layout = {
            .format = &plan->format,
            .source = plan->module->source,
            .tree = plan->module->tree,
            .list = list,
            .plain = layout_is_tidy(&plan->format, plan->module->source, plan->module->tree, list),
            .items = items.v,
            .n = items.n};
        layout_list(&layout, edits);
    }
}

/* ---- updates of dicts ---- */

/* The statement `kw.update(…)` whose arguments the list is; else 0. */
static Node update_statement(const Plan *plan, Node list) {
    const Tree *tree = plan->module->tree;
    Node call = node_parent(tree, list), statement = node_parent(tree, call);
    bool alone = node_kind(tree, call) == NODE_CALL &&
                 node_kind(tree, statement) == NODE_EXPRESSION_STATEMENT;
    return alone && str_eq(call_last_name(plan->module, call), S("update")) ? statement : 0;
}

/* Whether every element of the list goes and none comes. */
static bool is_emptied(const Plan *plan, const Requests *requests, Node list) {
    int gone = 0;
    for (ptrdiff_t i = 0; i < requests->n; i++) {
        if (!is_about(requests->v[i], list))
            continue;
        if (requests->v[i]->kind != REQUEST_REMOVE)
            return false;
        gone++;
    }
    return gone > 0 && gone == node_count_named(plan->module->tree, list);
}

void plan_fold_updates(Plan *plan, Requests *requests) {
    for (ptrdiff_t i = 0; i < requests->n; i++) {
        const Request *request = requests->v[i];
        Node statement =
            request->kind == REQUEST_REMOVE ? update_statement(plan, request->list) : 0;
        if (!statement || !is_emptied(plan, requests, request->list))
            continue;
        Request *whole = new (plan->arena, Request, 1);
        *whole = (Request){.kind = REQUEST_DELETE, .group = request->group, .node = statement};
        Node list = request->list;
        ptrdiff_t n = 0;
        for (ptrdiff_t k = 0; k < requests->n; k++)
            if (k == i || !is_about(requests->v[k], list))
                requests->v[n++] = k == i ? whole : requests->v[k];
        requests->n = n;
    }
}

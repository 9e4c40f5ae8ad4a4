/* Requests about whole statements: lines put in and taken out.
 *
 * What stands between statements belongs to somebody: a comment behind a statement that goes keeps
 * its line, blank lines around it are not doubled, and a block never loses its last statement. */
#include "edit/lines.h"
#include "edit/plan_private.h"

static Str behind(Str text, Span span) {
    return str_trim(str_slice(text, span.end, end_of_line(text, span.end)));
}

/* ---- statements put in ---- */

/* At the start of a line new statements stand before what is put into the line itself, those that
 * belong to the line above first. */
enum { ORDER_AFTER = -20, ORDER_BEFORE = -10, ORDER_END = 10 };

static void insert(Plan *plan, const Request *request, int order, Edits *edits) {
    const Source *source = plan->module->source;
    Str text = source->text;
    Span span = node_span(plan->module->tree, request->node);
    Str margin = source_indentation(source, span.at);
    Str lines = layout_statements(&plan->format, margin, request->text);
    ptrdiff_t at = start_of_line(text, span.at);
    if (request->kind == REQUEST_AFTER) {
        ptrdiff_t end = end_of_line(text, span.end);
        at = past_newline(text, end);
        if (at == end) { /* the file has no newline at its end, and gets none */
            Str newline = plan->format.newline;
            lines = str_format(plan->arena, "%.*s%.*s", STR_ARG(newline),
                               STR_ARG(str_slice(lines, 0, lines.n - newline.n)));
            order = ORDER_END;
        }
    }
    Span place = {(uint32_t)at, (uint32_t)at};
    *list_push(plan->arena, edits) =
        (Edit){.span = place, .text = lines, .group = request->group, .order = order};
}

/* ---- statements taken out ---- */

static bool has_request(const Requests *requests, Node statement, bool deletes) {
    for (ptrdiff_t i = 0; i < requests->n; i++) {
        RequestKind kind = requests->v[i]->kind;
        bool asked =
            deletes ? kind == REQUEST_DELETE : kind == REQUEST_BEFORE || kind == REQUEST_AFTER;
        if (asked && requests->v[i]->node == statement)
            return true;
    }
    return false;
}

/* Whether the statement is the first of its block, and the block loses all of its statements and
 * gets none. */
static bool needs_pass(const Plan *plan, const Requests *requests, Node statement) {
    const Tree *tree = plan->module->tree;
    Node block = node_parent(tree, statement);
    if (node_kind(tree, block) != NODE_BLOCK || node_child_named(tree, block) != statement)
        return false;
    for (Node child = statement; child; child = node_next_named(tree, child))
        if (!has_request(requests, child, true) || has_request(requests, child, false))
            return false;
    return true;
}

/* `a; b`: the statement with the semicolon that it needed. */
static Span beside_semicolon(Str text, Span span) {
    ptrdiff_t end = span.end;
    while (end < text.n && (text.p[end] == ' ' || text.p[end] == '\t'))
        end++;
    if (end < text.n && text.p[end] == ';') {
        end++;
        while (end < text.n && (text.p[end] == ' ' || text.p[end] == '\t'))
            end++;
        return (Span){span.at, (uint32_t)end};
    }
    ptrdiff_t at = span.at;
    while (at > 0 && (text.p[at - 1] == ' ' || text.p[at - 1] == '\t' || text.p[at - 1] == ';'))
        at--;
    return (Span){(uint32_t)at, span.end};
}

static void delete(Plan *plan, const Requests *requests, const Request *request, Edits *edits) {
    Str text = plan->module->source->text;
    Span span = node_span(plan->module->tree, request->node);
    Edit edit = {.span = span, .group = request->group};
    Str rest = behind(text, span);
    if (needs_pass(plan, requests, request->node))
        edit.text = S("pass");
    else if (!statement_has_own_line(plan->module, request->node))
        edit.span = beside_semicolon(text, span);
    else if (rest.n)
        edit.span.end = (uint32_t)(rest.p - text.p);
    else
        edit.span = lines_of_statement(plan->module, request->node);
    *list_push(plan->arena, edits) = edit;
}

void plan_edit_lines(Plan *plan, const Requests *requests, Edits *edits) {
    for (ptrdiff_t i = 0; i < requests->n; i++) {
        const Request *request = requests->v[i];
        if (request->kind == REQUEST_BEFORE)
            insert(plan, request, ORDER_BEFORE, edits);
        else if (request->kind == REQUEST_AFTER)
            insert(plan, request, ORDER_AFTER, edits);
        else if (request->kind == REQUEST_DELETE)
            delete (plan, requests, request, edits);
    }
}

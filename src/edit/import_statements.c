/* Import statements of the file as they shall be.
 *
 * For every statement that changes, its names are laid out like the elements of any list
 * (edit/layout.h). One all of whose names move to another module becomes the import from there,
 * when it stays sorted or can't be taken out: its comment, its layout and its place are kept so. */
#include "edit/import_editor.h"

/* ---- where ---- */

static bool is_type_checking(const Editor *editor, Node statement) {
    Node branch = node_ancestor(editor->tree, statement, NODE_IF_STATEMENT);
    Str condition = node_text(editor->tree, node_field(editor->tree, branch, FIELD_CONDITION));
    return str_ends(condition, S("TYPE_CHECKING"));
}

static bool imports_top(const Editor *editor, Node block, Str top) {
    for (ptrdiff_t i = 0; i < editor->lines.n; i++) {
        const ImportLine *line = &editor->lines.v[i];
        bool inside = node_kind(editor->tree, block) == NODE_MODULE
                          ? function_of(editor->module, line->statement) == 0
                          : node_parent(editor->tree, line->statement) == block;
        if (inside && !is_type_checking(editor, line->statement) &&
            str_eq(top_module(line->module), top))
            return true;
    }
    return false;
}

/* Whether a function's block imports, before the place, what the module does not. */
static bool imports_itself(const Editor *editor, Node block, const ImportNeed *need) {
    for (ptrdiff_t i = 0; i < editor->lines.n; i++) {
        const ImportLine *line = &editor->lines.v[i];
        if (node_parent(editor->tree, line->statement) == block &&
            line->section == SECTION_THIRD_PARTY &&
            node_span(editor->tree, line->statement).at < node_span(editor->tree, need->at).at &&
            !imports_top(editor, 1, top_module(line->module)))
            return true;
    }
    return false;
}

/* The block that the import is added to: that of the one it takes the place of, that of a function
 * that imports such things, or the module. */
Node editor_home(const Editor *editor, const ImportNeed *need) {
    if (need->moved)
        return block_of(editor->module, statement_of(editor->module, need->moved));
    if (imports_top(editor, 1, top_module(need->module)))
        return 1;
    for (Node function = function_of(editor->module, need->at); function;
         function = function_of(editor->module, node_parent(editor->tree, function))) {
        Node block = node_field(editor->tree, function, FIELD_BODY);
        if (node_kind(editor->tree, block) == NODE_BLOCK && imports_itself(editor, block, need))
            return block;
    }
    return 1;
}

/* Whether the statement is one of the block, or of the body of a `try` in it. */
static bool lies_in(const Editor *editor, Node statement, Node block, bool in_try) {
    Node parent = node_parent(editor->tree, statement);
    if (!in_try)
        return parent == block;
    Node attempt = node_parent(editor->tree, parent);
    return node_kind(editor->tree, attempt) == NODE_TRY_STATEMENT &&
           node_parent(editor->tree, attempt) == block &&
           node_field(editor->tree, attempt, FIELD_BODY) == parent;
}

bool editor_comes_late(const Editor *editor, Node statement, const ImportNeed *need) {
    if (!need->at)
        return false;
    return function_of(editor->module, statement) == function_of(editor->module, need->at) &&
           node_span(editor->tree, statement).at > node_span(editor->tree, need->at).at;
}

/* The group that takes the name out, -1 when it stays. */
static int dropped_by(const Editor *editor, Node name) {
    for (ptrdiff_t i = 0; i < editor->n_drops; i++)
        if (node_within(editor->tree, editor->drops[i].name, name))
            return editor->drops[i].group;
    return -1;
}

static const ImportNeed *need_of(const Editor *editor, Node name) {
    for (ptrdiff_t i = 0; i < editor->n_needs; i++)
        if (editor->needs[i].moved == name)
            return &editor->needs[i];
    return NULL;
}

/* Whether all names of the statement go, and none comes back under another name. */
static bool is_leaving(const Editor *editor, const ImportLine *line) {
    for (Node name = node_next_named(editor->tree, line->names); name;
         name = node_next_named(editor->tree, name)) {
        const ImportNeed *need = need_of(editor, name);
        if (dropped_by(editor, name) < 0 || (need && str_eq(need->module, line->module)))
            return false;
    }
    return true;
}

/* The from-import that the name is added to; NULL when it needs a line of its own. */
const ImportLine *editor_statement_for(const Editor *editor, const ImportNeed *need, Node block) {
    Node moved = statement_of(editor->module, need->moved);
    for (ptrdiff_t i = 0; need->moved && i < editor->lines.n; i++)
        if (editor->lines.v[i].statement == moved &&
            str_eq(editor->lines.v[i].module, need->module))
            return &editor->lines.v[i];
    for (int in_try = 0; need->name.n && in_try < (need->moved ? 1 : 2); in_try++)
        for (ptrdiff_t i = 0; i < editor->lines.n; i++) {
            const ImportLine *line = &editor->lines.v[i];
            Node first = node_next_named(editor->tree, line->names);
            if (line->is_from && str_eq(line->module, need->module) &&
                lies_in(editor, line->statement, block, in_try) &&
                node_kind(editor->tree, first) != NODE_WILDCARD_IMPORT &&
                !editor_comes_late(editor, line->statement, need) && !is_leaving(editor, line))
                return line;
        }
    return NULL;
}

/* What stands in the list of names: "name", of a moved one "name as local" where these differ. */
static Str name_text(const Editor *editor, const ImportNeed *need) {
    if (!need->moved || str_eq(need->name, need->local))
        return need->name;
    return str_format(editor->format->arena, "%.*s as %.*s", STR_ARG(need->name),
                      STR_ARG(need->local));
}

static bool is_same_need(const Editor *editor, const ImportNeed *a, const ImportNeed *b) {
    return str_eq(a->module, b->module) && str_eq(name_text(editor, a), name_text(editor, b));
}

/* Whether an earlier need adds the same to the same block. */
bool editor_is_repeated(const Editor *editor, ptrdiff_t index) {
    const ImportNeed *need = &editor->needs[index];
    for (ptrdiff_t i = 0; i < index; i++)
        if (is_same_need(editor, &editor->needs[i], need) &&
            editor_home(editor, &editor->needs[i]) == editor_home(editor, need))
            return true;
    return false;
}

bool editor_is_adjacent(const Editor *editor, const ImportLine *a, const ImportLine *b) {
    const Source *source = editor->module->source;
    return source_line(source, node_span(editor->tree, a->statement).end) + 1 ==
           source_line(source, node_span(editor->tree, b->statement).at);
}

/* ---- statements that change where they stand ---- */

bool editor_has_comment(const Editor *editor, Node statement) {
    Span span = node_span(editor->tree, statement);
    ptrdiff_t end = end_of_line(editor->text, span.end);
    return str_find_byte(str_slice(editor->text, span.at, end), '#') >= 0;
}

/* Whether the statement can be taken out with its line. */
static bool can_leave(const Editor *editor, Node statement) {
    return !editor_has_comment(editor, statement) &&
           statement_has_own_line(editor->module, statement) &&
           node_count_named(editor->tree, node_parent(editor->tree, statement)) > 1;
}

/* The one module that all names of the line move to; the line's own where there is none. */
static Str module_after(const Editor *editor, const ImportLine *line) {
    Str module = {0};
    for (Node name = node_next_named(editor->tree, line->names); name;
         name = node_next_named(editor->tree, name)) {
        const ImportNeed *need = need_of(editor, name);
        if (!need || (module.n && !str_eq(need->module, module)))
            return line->module;
        module = need->module;
    }
    return module.n ? module : line->module;
}

/* Whether imports around the line that are sorted stay so when it is about another module. */
static bool stays_sorted(const Editor *editor, const ImportLine *line, Str module) {
    List(const ImportLine *) before = {0}, after = {0};
    Section section = import_section(module);
    ptrdiff_t at = line - editor->lines.v, from = at, to = at + 1;
    while (from > 0 &&
           editor_is_adjacent(editor, &editor->lines.v[from - 1], &editor->lines.v[from]))
        from--;
    while (to < editor->lines.n &&
           editor_is_adjacent(editor, &editor->lines.v[to - 1], &editor->lines.v[to]))
        to++;
    bool mixed = section != line->section;
    for (ptrdiff_t i = from; i < to; i++) {
        if (editor->lines.v[i].section != line->section)
            continue;
        mixed = mixed && i == at;
        *list_push(editor->format->arena, &before) = &editor->lines.v[i];
        ImportLine *other = new (editor->format->arena, ImportLine, 1);
        *other = editor->lines.v[i];
        other->module = i == at ? module : module_after(editor, other);
        *list_push(editor->format->arena, &after) = other;
    }
    LineOrder order = import_line_order(before.v, before.n);
    if (section != line->section)
        return mixed;
    for (ptrdiff_t i = 1; i < after.n && order != LINES_UNSORTED; i++)
        if (import_line_compare(order, after.v[i - 1], after.v[i]) > 0)
            return false;
    return true;
}

static const ImportLine *line_of(const Editor *editor, Node statement) {
    for (ptrdiff_t i = 0; i < editor->lines.n; i++)
        if (editor->lines.v[i].statement == statement)
            return &editor->lines.v[i];
    return NULL;
}

/* The module that the line becomes the import from: all its names move, and to one module, beside
 * whose import it would not stand and where it stays sorted; or it can't be taken out, and then to
 * the first of several. Empty when it does not. */
static Str module_in_place(const Editor *editor, const ImportLine *line) {
    const ImportNeed *first = need_of(editor, node_next_named(editor->tree, line->names));
    for (Node name = node_next_named(editor->tree, line->names); name;
         name = node_next_named(editor->tree, name))
        if (!need_of(editor, name))
            return (Str){0};
    if (!first || str_eq(first->module, line->module))
        return (Str){0};
    if (!can_leave(editor, line->statement))
        return first->module;
    Str module = module_after(editor, line);
    bool stays = !str_eq(module, line->module) &&
                 !editor_statement_for(editor, first, editor_home(editor, first)) &&
                 stays_sorted(editor, line, module);
    return stays ? module : (Str){0};
}

bool editor_changes_in_place(const Editor *editor, const ImportNeed *need) {
    const ImportLine *line =
        need->moved ? line_of(editor, statement_of(editor->module, need->moved)) : NULL;
    return line && str_eq(module_in_place(editor, line), need->module);
}

/* The names of the statement as they shall be. */
static void lay_out(const Editor *editor, const ImportLine *line, const Items *items) {
    Node open = node_next(editor->tree, line->names);
    bool bare = !node_is_token(editor->tree, open, S("("));
    Layout layout = {.format = editor->format,
                     .source = editor->module->source,
                     .tree = editor->tree,
                     .list = line->statement,
                     .open = bare ? line->names : open,
                     .bare = bare,
                     .plain = layout_is_tidy(editor->format, editor->module->source, editor->tree,
                                             line->statement),
                     .items = items->v,
                     .n = items->n};
    layout_list(&layout, editor->inside);
}

static void change_in_place(const Editor *editor, const ImportLine *line, Str module) {
    Node at = node_field(editor->tree, line->statement, FIELD_MODULE_NAME);
    Items items = {0};
    int group = -1;
    for (Node name = node_next_named(editor->tree, line->names); name;
         name = node_next_named(editor->tree, name)) {
        const ImportNeed *need = need_of(editor, name);
        LayoutItem *item = list_push(editor->format->arena, &items);
        *item = (LayoutItem){.kept = name, .group = need->group};
        item->removed = !str_eq(need->module, module);
        if (item->removed)
            continue;
        group = need->group;
        Str text = name_text(editor, need);
        if (!str_eq(text, node_text(editor->tree, name)))
            item->text = text;
    }
    *list_push(editor->format->arena, editor->inside) =
        (Edit){.span = node_span(editor->tree, at), .text = module, .group = group};
    lay_out(editor, line, &items);
}

/* ---- names of a statement ---- */

static NameOrder name_order(const Editor *editor, const Items *items) {
    for (int order = NAMES_BY_TYPE; order < NAMES_UNSORTED; order++) {
        bool sorted = true;
        for (ptrdiff_t i = 1; i < items->n && sorted; i++)
            sorted =
                import_name_compare((NameOrder)order, node_text(editor->tree, items->v[i - 1].kept),
                                    node_text(editor->tree, items->v[i].kept)) <= 0;
        if (sorted)
            return (NameOrder)order;
    }
    return NAMES_UNSORTED;
}

static Str item_text(const Editor *editor, const LayoutItem *item) {
    return item->text.n ? item->text : node_text(editor->tree, item->kept);
}

void editor_add_name(const Editor *editor, Items *items, NameOrder order, const ImportNeed *need) {
    ptrdiff_t place = items->n;
    while (order != NAMES_UNSORTED && place > 0) {
        const LayoutItem *before = &items->v[place - 1];
        if (import_name_compare(order, item_text(editor, before), need->name) <= 0)
            break;
        place--;
    }
    list_push(editor->format->arena, items);
    for (ptrdiff_t i = items->n - 1; i > place; i--)
        items->v[i] = items->v[i - 1];
    items->v[place] = (LayoutItem){.text = name_text(editor, need), .group = need->group};
}

static bool has_name(const Editor *editor, const ImportLine *line, Str text) {
    for (Node name = node_next_named(editor->tree, line->names); name;
         name = node_next_named(editor->tree, name))
        if (dropped_by(editor, name) < 0 && str_eq(node_text(editor->tree, name), text))
            return true;
    return false;
}

/* A name that becomes another of the same module stays in its place, with its comment, where the
 * list stays as sorted as it was. */
static bool renames_in_place(const Editor *editor, const ImportLine *line, Items *items,
                             NameOrder order) {
    Items renamed = {0};
    for (ptrdiff_t i = 0; i < items->n; i++) {
        LayoutItem *item = list_push(editor->format->arena, &renamed);
        *item = items->v[i];
        const ImportNeed *need = need_of(editor, item->kept);
        if (!item->removed || !need || !str_eq(need->module, line->module) ||
            has_name(editor, line, name_text(editor, need)))
            continue;
        item->removed = false;
        item->text = name_text(editor, need);
    }
    const LayoutItem *last = NULL;
    for (ptrdiff_t i = 0; i < renamed.n; i++) {
        const LayoutItem *item = &renamed.v[i];
        bool sorted = !last || import_name_compare(order, item_text(editor, last),
                                                   item_text(editor, item)) <= 0;
        if (!sorted && !editor_has_comment(editor, line->statement))
            return false;
        last = item->removed ? last : item;
    }
    *items = renamed;
    return true;
}

static Items read_items(const Editor *editor, const ImportLine *line) {
    Items items = {0};
    for (Node name = node_next_named(editor->tree, line->names); name;
         name = node_next_named(editor->tree, name)) {
        int by = dropped_by(editor, name);
        *list_push(editor->format->arena, &items) =
            (LayoutItem){.kept = name, .removed = by >= 0, .group = by};
    }
    return items;
}

static bool is_written(const Items *items, const ImportNeed *need) {
    for (ptrdiff_t i = 0; i < items->n; i++)
        if (need->moved && items->v[i].kept == need->moved && !items->v[i].removed)
            return true;
    return false;
}

/* The lines of a statement that goes, with the blank ones that would be too many, unless others
 * come in their place. */
static Span lines_that_go(const Editor *editor, Node statement) {
    Span lines = lines_of_statement(editor->module, statement);
    Span span = node_span(editor->tree, statement);
    for (ptrdiff_t i = 0; i < editor->whole->n; i++) {
        Span other = editor->whole->v[i].span;
        if (other.at == other.end && other.at >= lines.at && other.at <= lines.end)
            return (Span){
                (uint32_t)start_of_line(editor->text, span.at),
                (uint32_t)past_newline(editor->text, end_of_line(editor->text, span.end))};
    }
    return lines;
}

void editor_change_statement(const Editor *editor, const ImportLine *line) {
    Items items = read_items(editor, line);
    NameOrder order = name_order(editor, &items);
    Str module = module_in_place(editor, line);
    if (module.n) {
        change_in_place(editor, line, module);
        return;
    }
    renames_in_place(editor, line, &items, order);
    ptrdiff_t kept = 0;
    int group = -1;
    for (ptrdiff_t i = 0; i < items.n; i++) {
        kept += !items.v[i].removed;
        group = items.v[i].group >= 0 ? items.v[i].group : group;
    }
    for (ptrdiff_t i = 0; i < editor->n_needs; i++) {
        const ImportNeed *need = &editor->needs[i];
        if (editor_is_repeated(editor, i) ||
            editor_statement_for(editor, need, editor_home(editor, need)) != line ||
            editor_changes_in_place(editor, need) || is_written(&items, need) ||
            has_name(editor, line, name_text(editor, need)))
            continue;
        editor_add_name(editor, &items, order, need);
        kept++;
        group = need->group;
    }
    if (group < 0)
        return;
    if (kept == 0 && !can_leave(editor, line->statement))
        return; /* there is no taking it out; the names are imported twice for now */
    if (kept == 0) {
        *list_push(editor->format->arena, editor->whole) =
            (Edit){.span = lines_that_go(editor, line->statement), .group = group};
        return;
    }
    lay_out(editor, line, &items);
}

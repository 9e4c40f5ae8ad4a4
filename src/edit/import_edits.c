/* Imports added and taken out, a statement at a time.
 *
 * For every statement that changes, its names are laid out like the elements of any list
 * (edit/layout.h). What needs a line of its own is put among the imports that are there: into the
 * run of lines (no blank one between) that holds its kind, by isort's order if the run is in it. */
#include "edit/import_order.h"
#include "edit/imports.h"
#include "edit/layout.h"
#include "edit/lines.h"
#include "python/scope.h"

typedef struct Editor {
    const FormatContext *format;
    const Module *module;
    const Tree *tree;
    Str text;
    ImportLines lines;
    const ImportNeed *needs;
    ptrdiff_t n_needs;
    const ImportDrop *drops;
    ptrdiff_t n_drops;
    Edits *inside, *whole;
} Editor;

/* -- where ------------------------------------------------------------------------------------- */

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
static Node home(const Editor *editor, const ImportNeed *need) {
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

static bool comes_late(const Editor *editor, Node statement, const ImportNeed *need) {
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
static const ImportLine *statement_for(const Editor *editor, const ImportNeed *need, Node block) {
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
                !comes_late(editor, line->statement, need) && !is_leaving(editor, line))
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
static bool is_repeated(const Editor *editor, ptrdiff_t index) {
    const ImportNeed *need = &editor->needs[index];
    for (ptrdiff_t i = 0; i < index; i++)
        if (is_same_need(editor, &editor->needs[i], need) &&
            home(editor, &editor->needs[i]) == home(editor, need))
            return true;
    return false;
}

static bool is_adjacent(const Editor *editor, const ImportLine *a, const ImportLine *b) {
    const Source *source = editor->module->source;
    return source_line(source, node_span(editor->tree, a->statement).end) + 1 ==
           source_line(source, node_span(editor->tree, b->statement).at);
}

/* -- statements that change where they stand --------------------------------------------------- */

static bool has_comment(const Editor *editor, Node statement) {
    Span span = node_span(editor->tree, statement);
    ptrdiff_t end = end_of_line(editor->text, span.end);
    return str_find_byte(str_slice(editor->text, span.at, end), '#') >= 0;
}

/* Whether the statement can be taken out with its line. */
static bool can_leave(const Editor *editor, Node statement) {
    return !has_comment(editor, statement) && statement_has_own_line(editor->module, statement) &&
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
    while (from > 0 && is_adjacent(editor, &editor->lines.v[from - 1], &editor->lines.v[from]))
        from--;
    while (to < editor->lines.n &&
           is_adjacent(editor, &editor->lines.v[to - 1], &editor->lines.v[to]))
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

/* Whether all names of the line move to one other module, and it can or must become the import from
 * there. */
static bool stays_in_place(const Editor *editor, const ImportLine *line) {
    Str module = module_after(editor, line);
    const ImportNeed *first = need_of(editor, node_next_named(editor->tree, line->names));
    if (!first || str_eq(module, line->module))
        return false;
    Node block = home(editor, first);
    if (!can_leave(editor, line->statement))
        return true;
    return !statement_for(editor, first, block) && stays_sorted(editor, line, module);
}

static bool changes_in_place(const Editor *editor, const ImportNeed *need) {
    const ImportLine *line =
        need->moved ? line_of(editor, statement_of(editor->module, need->moved)) : NULL;
    return line && stays_in_place(editor, line);
}

static void change_in_place(const Editor *editor, const ImportLine *line) {
    Node module = node_field(editor->tree, line->statement, FIELD_MODULE_NAME);
    const ImportNeed *need = NULL;
    for (Node name = node_next_named(editor->tree, line->names); name;
         name = node_next_named(editor->tree, name)) {
        need = need_of(editor, name);
        Str text = name_text(editor, need);
        if (!str_eq(text, node_text(editor->tree, name)))
            *list_push(editor->format->arena, editor->inside) =
                (Edit){.span = node_span(editor->tree, name), .text = text, .group = need->group};
    }
    *list_push(editor->format->arena, editor->inside) =
        (Edit){.span = node_span(editor->tree, module), .text = need->module, .group = need->group};
}

/* -- names of a statement ---------------------------------------------------------------------- */

typedef List(LayoutItem) Items;

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

static void add_name(const Editor *editor, Items *items, NameOrder order, const ImportNeed *need) {
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
        if (!sorted && !has_comment(editor, line->statement))
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

static void change_statement(const Editor *editor, const ImportLine *line) {
    Items items = read_items(editor, line);
    NameOrder order = name_order(editor, &items);
    if (stays_in_place(editor, line)) {
        change_in_place(editor, line);
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
        if (is_repeated(editor, i) || statement_for(editor, need, home(editor, need)) != line ||
            changes_in_place(editor, need) || is_written(&items, need) ||
            has_name(editor, line, name_text(editor, need)))
            continue;
        add_name(editor, &items, order, need);
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
                     .items = items.v,
                     .n = items.n};
    layout_list(&layout, editor->inside);
}

/* -- lines of their own ------------------------------------------------------------------------ */

/* A new line: text, where it goes, and what the lines around it want. */
typedef struct Place {
    uint32_t at;
    Str margin;
    bool blank_before, blank_after;
} Place;

typedef List(const ImportLine *) Lines;

/* Imports of the block that a new one may stand beside: before the place of use, and in a module
 * before its first definition. */
static Lines neighbours(const Editor *editor, Node block, const ImportNeed *need) {
    Lines lines = {0};
    uint32_t end = UINT32_MAX;
    for (Node child = node_child_named(editor->tree, block); child && block == 1;
         child = node_next_named(editor->tree, child)) {
        Kind kind = node_kind(editor->tree, child);
        if (kind == NODE_FUNCTION_DEFINITION || kind == NODE_CLASS_DEFINITION ||
            kind == NODE_DECORATED_DEFINITION) {
            end = node_span(editor->tree, child).at;
            break;
        }
    }
    for (ptrdiff_t i = 0; i < editor->lines.n; i++) {
        const ImportLine *line = &editor->lines.v[i];
        if (node_parent(editor->tree, line->statement) == block &&
            node_span(editor->tree, line->statement).at < end &&
            !comes_late(editor, line->statement, need) &&
            statement_has_own_line(editor->module, line->statement))
            *list_push(editor->format->arena, &lines) = line;
    }
    return lines;
}

static bool is_well_known(Str module) {
    static const Str names[] = {S("torch"),      S("transformers"), S("numpy"),
                                S("datasets"),   S("peft"),         S("trl"),
                                S("accelerate"), S("diffusers"),    S("huggingface_hub")};
    for (ptrdiff_t i = 0; i < COUNT(names); i++)
        if (str_eq(top_module(module), names[i]))
            return true;
    return false;
}

/* How well a run of lines suits the new one. */
static int suits(const Lines *lines, ptrdiff_t from, ptrdiff_t to, const ImportLine *added) {
    int best = 0;
    for (ptrdiff_t i = from; i < to; i++) {
        bool same = str_eq(top_module(lines->v[i]->module), top_module(added->module));
        int suit = same ? 3 : is_well_known(lines->v[i]->module) ? 2 : 1;
        best = suit > best && lines->v[i]->section == added->section ? suit : best;
    }
    return best;
}

/* The lines of the new one's section in the run that suits it best. */
static Lines run_for(const Editor *editor, const Lines *lines, const ImportLine *added) {
    Lines run = {0};
    int best = 0;
    for (ptrdiff_t from = 0, to; from < lines->n; from = to) {
        to = from + 1;
        while (to < lines->n && is_adjacent(editor, lines->v[to - 1], lines->v[to]))
            to++;
        int suit = suits(lines, from, to, added);
        if (suit <= best)
            continue;
        best = suit;
        run.n = 0;
        for (ptrdiff_t i = from; i < to; i++)
            if (lines->v[i]->section == added->section)
                *list_push(editor->format->arena, &run) = lines->v[i];
    }
    return run;
}

/* How many lines of the run stand before the new one. */
static ptrdiff_t index_in(const Lines *run, const ImportLine *added) {
    LineOrder order = import_line_order(run->v, run->n);
    ptrdiff_t index = 0;
    if (order != LINES_UNSORTED) {
        while (index < run->n && import_line_compare(order, run->v[index], added) <= 0)
            index++;
        return index;
    }
    if (added->is_from)
        return run->n;
    for (ptrdiff_t i = 0; i < run->n; i++)
        if (!run->v[i]->is_from)
            index = i + 1;
    return index;
}

static uint32_t line_after(const Editor *editor, Node statement) {
    uint32_t end = node_span(editor->tree, statement).end;
    return (uint32_t)past_newline(editor->text, end_of_line(editor->text, end));
}

/* Above the statement and the comments that stand directly over it; those at the top of the file
 * are about the file. */
static uint32_t line_before(const Editor *editor, Node statement) {
    const Source *source = editor->module->source;
    uint32_t line = source_line(source, node_span(editor->tree, statement).at);
    uint32_t above = line;
    while (above > 1 && str_starts(str_trim(source_line_text(source, above - 1)), S("#")))
        above--;
    return source->line_at[(above == 1 ? line : above) - 1];
}

static bool is_blank_line(const Editor *editor, uint32_t at) {
    return str_trim(str_slice(editor->text, at, end_of_line(editor->text, at))).n == 0;
}

static bool is_docstring(const Editor *editor, Node statement) {
    return node_kind(editor->tree, statement) == NODE_EXPRESSION_STATEMENT &&
           node_kind(editor->tree, node_child_named(editor->tree, statement)) == NODE_STRING;
}

/* Behind imports of a section before the new one's, before those of one after it, or where a block
 * without imports starts. */
static Place place_alone(const Editor *editor, Node block, const Lines *lines,
                         const ImportLine *added) {
    Node before = 0, after = 0;
    for (ptrdiff_t i = 0; i < lines->n; i++) {
        if (lines->v[i]->section <= added->section)
            before = lines->v[i]->statement;
        else if (!after)
            after = lines->v[i]->statement;
    }
    Node first = node_child_named(editor->tree, block);
    if (!before && !after && is_docstring(editor, first))
        before = first;
    Place place = {.blank_before = before != 0, .blank_after = true};
    if (!before && !after)
        after = first;
    place.at = before ? line_after(editor, before) : line_before(editor, after);
    place.margin = source_indentation(editor->module->source,
                                      node_span(editor->tree, before ? before : after).at);
    return place;
}

static Place find_place(const Editor *editor, Node block, const ImportNeed *need,
                        const ImportLine *added) {
    Lines lines = neighbours(editor, block, need);
    Lines run = run_for(editor, &lines, added);
    if (run.n == 0)
        return place_alone(editor, block, &lines, added);
    ptrdiff_t index = index_in(&run, added);
    Node beside = run.v[index ? index - 1 : 0]->statement;
    return (Place){
        .at = index ? line_after(editor, beside) : line_before(editor, beside),
        .margin = source_indentation(editor->module->source, node_span(editor->tree, beside).at)};
}

/* Blank lines that formatters want between imports and what follows at the place. */
static int blanks_wanted(const Editor *editor, const Place *place) {
    if (place->at >= (uint32_t)editor->text.n || is_blank_line(editor, place->at))
        return 0;
    for (Node child = node_child_named(editor->tree, 1); child && !place->margin.n;
         child = node_next_named(editor->tree, child)) {
        if (node_span(editor->tree, child).end <= place->at)
            continue;
        Kind kind = node_kind(editor->tree, child);
        return 1 + (kind == NODE_FUNCTION_DEFINITION || kind == NODE_CLASS_DEFINITION ||
                    kind == NODE_DECORATED_DEFINITION);
    }
    return 1;
}

static Str line_text(const Editor *editor, const Place *place, Str statement, int blanks) {
    FormatLine line = {.text = statement, .margin = place->margin};
    line.column = pretty_width(place->margin);
    PrettyText pretty;
    Str text = statement;
    if (format_line(editor->format, &line, &pretty))
        text = format_text(editor->format->arena, &pretty);
    Str newline = editor->format->newline;
    Buf buf = {.arena = editor->format->arena};
    bool at_end = place->at > 0 && place->at == (uint32_t)editor->text.n &&
                  editor->text.p[place->at - 1] != '\n' && editor->text.p[place->at - 1] != '\r';
    if (at_end)
        buf_add(&buf, newline);
    if (place->blank_before)
        buf_add(&buf, newline);
    buf_add(&buf, place->margin);
    buf_add(&buf, text);
    buf_add(&buf, at_end ? (Str){0} : newline);
    for (int i = 0; i < blanks; i++)
        buf_add(&buf, newline);
    return buf_str(&buf);
}

/* All names that go on one new line with the need at `index`, sorted. */
static Str new_statement(const Editor *editor, ptrdiff_t index, Node block) {
    Arena *arena = editor->format->arena;
    const ImportNeed *need = &editor->needs[index];
    if (!need->name.n)
        return str_format(arena, "import %.*s", STR_ARG(need->module));
    Items items = {0};
    for (ptrdiff_t i = 0; i < editor->n_needs; i++) {
        const ImportNeed *other = &editor->needs[i];
        if (other->name.n && str_eq(other->module, need->module) && !is_repeated(editor, i) &&
            home(editor, other) == block && !changes_in_place(editor, other))
            add_name(editor, &items, NAMES_BY_TYPE, other);
    }
    Buf buf = {.arena = arena};
    buf_format(&buf, "from %.*s import ", STR_ARG(need->module));
    for (ptrdiff_t i = 0; i < items.n; i++)
        buf_format(&buf, "%s%.*s", i ? ", " : "", STR_ARG(items.v[i].text));
    return buf_str(&buf);
}

/* Whether an earlier need brings the line that this one goes on. */
static bool is_on_line(const Editor *editor, ptrdiff_t index, Node block) {
    const ImportNeed *need = &editor->needs[index];
    for (ptrdiff_t i = 0; i < index; i++) {
        const ImportNeed *other = &editor->needs[i];
        if (str_eq(other->module, need->module) && (other->name.n > 0) == (need->name.n > 0) &&
            home(editor, other) == block && !changes_in_place(editor, other))
            return true;
    }
    return false;
}

typedef struct NewLine {
    ImportLine line;
    Place place;
    Str statement;
    int group;
} NewLine;

static void add_lines(const Editor *editor) {
    List(NewLine) added = {0};
    for (ptrdiff_t i = 0; i < editor->n_needs; i++) {
        const ImportNeed *need = &editor->needs[i];
        Node block = home(editor, need);
        if (statement_for(editor, need, block) || is_on_line(editor, i, block) ||
            changes_in_place(editor, need))
            continue;
        ImportLine line = {.module = need->module,
                           .is_from = need->name.n > 0,
                           .section = import_section(need->module)};
        NewLine new_line = {line, find_place(editor, block, need, &line),
                            new_statement(editor, i, block), need->group};
        ptrdiff_t k = added.n;
        list_push(editor->format->arena, &added);
        for (; k > 0; k--) {
            const NewLine *before = &added.v[k - 1];
            int order = before->place.at < new_line.place.at   ? -1
                        : before->place.at > new_line.place.at ? 1
                                                               : 0;
            order = order ? order : (int)before->line.section - (int)line.section;
            order = order ? order : import_line_compare(LINES_PLAIN_FIRST, &before->line, &line);
            if (order <= 0)
                break;
            added.v[k] = added.v[k - 1];
        }
        added.v[k] = new_line;
    }
    for (ptrdiff_t i = 0; i < added.n; i++) {
        Place *place = &added.v[i].place;
        /* Lines that meet at one place: a blank one between sections, none in a section. */
        const NewLine *below = i + 1 < added.n ? &added.v[i + 1] : NULL;
        if (i > 0 && added.v[i - 1].place.at == place->at)
            place->blank_before = false;
        bool met = below && below->place.at == place->at;
        int blanks = met                  ? below->line.section != added.v[i].line.section
                     : place->blank_after ? blanks_wanted(editor, place)
                                          : 0;
        *list_push(editor->format->arena, editor->whole) =
            (Edit){.span = {place->at, place->at},
                   .text = line_text(editor, place, added.v[i].statement, blanks),
                   .group = added.v[i].group,
                   .order = (int)i - 1000000}; /* before statements that are put in there */
    }
}

/* -- what may go ------------------------------------------------------------------------------- */

bool import_is_exported(const Module *module, Str name) {
    const Tree *tree = module->tree;
    if (str_ends(module->source->path, S("__init__.py")))
        return true;
    for (Node node = 1; node < tree->n; node++)
        if (node_kind(tree, node) == NODE_STRING_CONTENT && str_eq(node_text(tree, node), name) &&
            str_starts(node_text(tree, statement_of(module, node)), S("__all__")))
            return true;
    return false;
}

/* Whether a comment on the statement may be about the name: it stands between the names, or there
 * is no other name. */
static bool has_own_comment(const Editor *editor, Node statement) {
    for (Node node = node_child(editor->tree, statement); node;
         node = node_next(editor->tree, node))
        if (node_kind(editor->tree, node) == NODE_COMMENT)
            return true;
    int names = node_count_named(editor->tree, statement) -
                (node_kind(editor->tree, statement) == NODE_IMPORT_FROM_STATEMENT);
    return names < 2 && has_comment(editor, statement);
}

static bool may_go(const Editor *editor, const Binding *binding) {
    Node statement = binding->statement;
    Kind kind = node_kind(editor->tree, statement);
    Kind above =
        node_kind(editor->tree, node_parent(editor->tree, node_parent(editor->tree, statement)));
    bool plain = node_kind(editor->tree, node_parent(editor->tree, statement)) == NODE_MODULE ||
                 above == NODE_FUNCTION_DEFINITION;
    return (kind == NODE_IMPORT_STATEMENT || kind == NODE_IMPORT_FROM_STATEMENT) && plain &&
           !has_own_comment(editor, statement) &&
           !import_is_exported(editor->module, binding->name) &&
           statement_has_own_line(editor->module, statement) &&
           node_count_named(editor->tree, node_parent(editor->tree, statement)) > 1;
}

void import_edits(const FormatContext *format, const Module *module, const ImportNeed *needs,
                  ptrdiff_t n_needs, const ImportDrop *drops, ptrdiff_t n_drops, Edits *inside,
                  Edits *whole) {
    Editor editor = {.format = format,
                     .module = module,
                     .tree = module->tree,
                     .text = module->source->text,
                     .lines = import_lines(module),
                     .needs = needs,
                     .n_needs = n_needs,
                     .inside = inside,
                     .whole = whole};
    List(ImportDrop) going = {0};
    for (ptrdiff_t i = 0; i < n_drops; i++)
        if (!drops[i].binding || may_go(&editor, drops[i].binding))
            *list_push(format->arena, &going) = drops[i];
    editor.drops = going.v;
    editor.n_drops = going.n;
    add_lines(&editor);
    for (ptrdiff_t i = 0; i < editor.lines.n; i++)
        if (editor.lines.v[i].section != SECTION_FUTURE)
            change_statement(&editor, &editor.lines.v[i]);
}

/* Imports added, moved and taken out, a statement at a time: what is to change is settled here, how
 * statements change in import_statements.c, and where new ones go in import_new_lines.c. */
#include "edit/import_editor.h"

/* ---- what may go ---- */

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
    return names < 2 && editor_has_comment(editor, statement);
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

/* A name that comes for one that goes from the same module takes its place, as one that is renamed
 * does. */
static void take_places(const Editor *editor, ImportNeed *needs) {
    for (ptrdiff_t i = 0; i < editor->n_drops; i++) {
        const ImportDrop *drop = &editor->drops[i];
        ImportLine line;
        if (!drop->binding || !import_line(editor->module, drop->binding->statement, &line) ||
            !line.is_from)
            continue;
        Node name = node_next_named(editor->tree, line.names);
        while (name && !node_within(editor->tree, drop->name, name))
            name = node_next_named(editor->tree, name);
        ptrdiff_t k = 0;
        while (k < editor->n_needs && (needs[k].moved || needs[k].group != drop->group ||
                                       !str_eq(needs[k].module, line.module)))
            k++;
        if (!name || k == editor->n_needs || !needs[k].name.n)
            continue;
        needs[k].moved = name;
        needs[k].local = needs[k].name;
    }
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
    ImportNeed *placed = new (format->arena, ImportNeed, n_needs + 1);
    for (ptrdiff_t i = 0; i < n_needs; i++)
        placed[i] = needs[i];
    take_places(&editor, placed);
    editor.needs = placed;
    editor_add_lines(&editor);
    for (ptrdiff_t i = 0; i < editor.lines.n; i++)
        if (editor.lines.v[i].section != SECTION_FUTURE)
            editor_change_statement(&editor, &editor.lines.v[i]);
}

/* Import statements as data, and isort's orders (https://pycqa.github.io/isort/). Its default puts
 * `import x` before `from x import y` in a section, and among names constants before classes before
 * the rest, each without regard to case; files sorted otherwise are recognized by their present
 * order. */
#include "edit/import_order.h"

#include "base/byte.h"

static int compare_letters(Str a, Str b) {
    for (ptrdiff_t i = 0; i < a.n && i < b.n; i++)
        if (byte_lower(a.p[i]) != byte_lower(b.p[i]))
            return (unsigned char)byte_lower(a.p[i]) < (unsigned char)byte_lower(b.p[i]) ? -1 : 1;
    return a.n == b.n ? str_compare(a, b) : a.n < b.n ? -1 : 1;
}

/* ---- statements ---- */

Str top_module(Str dotted) {
    Str head, tail;
    str_cut(dotted, '.', &head, &tail);
    return head;
}

bool is_standard_library(Str module) {
    static const Str modules[] = {
#define MODULE(name) S(name),
#include "edit/stdlib.def"
#undef MODULE
    };
    Str top = top_module(module);
    if (str_starts(top, S("_"))) /* `_thread`, `_io`: its inside */
        return true;
    for (ptrdiff_t i = 0; i < COUNT(modules); i++)
        if (str_eq(modules[i], top))
            return true;
    return false;
}

Section import_section(Str module) {
    if (str_starts(module, S(".")))
        return SECTION_LOCAL;
    if (str_eq(module, S("__future__")))
        return SECTION_FUTURE;
    return is_standard_library(module) ? SECTION_STDLIB : SECTION_THIRD_PARTY;
}

bool import_line(const Module *module, Node statement, ImportLine *line) {
    const Tree *tree = module->tree;
    Kind kind = node_kind(tree, statement);
    if (kind != NODE_IMPORT_STATEMENT && kind != NODE_IMPORT_FROM_STATEMENT &&
        kind != NODE_FUTURE_IMPORT_STATEMENT)
        return false;
    *line = (ImportLine){.statement = statement, .is_from = kind != NODE_IMPORT_STATEMENT};
    for (Node child = node_child(tree, statement); child; child = node_next(tree, child))
        if (node_is_token(tree, child, S("import")))
            line->names = child;
    Node first = node_next_named(tree, line->names);
    if (kind == NODE_FUTURE_IMPORT_STATEMENT)
        line->module = S("__future__");
    else if (line->is_from)
        line->module = node_text(tree, node_field(tree, statement, FIELD_MODULE_NAME));
    else if (node_kind(tree, first) == NODE_ALIASED_IMPORT)
        line->module = node_text(tree, node_field(tree, first, FIELD_NAME));
    else
        line->module = node_text(tree, first);
    line->section = import_section(line->module);
    return line->names != 0;
}

ImportLines import_lines(const Module *module) {
    ImportLines lines = {0};
    ImportLine line;
    for (Node node = 1; node < module->tree->n; node++)
        if (import_line(module, node, &line))
            *list_push(module->arena, &lines) = line;
    return lines;
}

/* ---- orders ---- */

/* 0: a constant, 1: a class, 2: the rest. */
static int name_type(Str name) {
    bool upper = false, all_upper = true;
    for (ptrdiff_t i = 0; i < name.n; i++) {
        upper |= byte_is_upper(name.p[i]);
        all_upper &= !byte_is_lower(name.p[i]);
    }
    if (upper && all_upper && name.n > 1)
        return 0;
    return name.n && byte_is_upper(name.p[0]) ? 1 : 2;
}

static Str first_word(Str text) {
    for (ptrdiff_t i = 0; i < text.n; i++)
        if (byte_is_blank(text.p[i]))
            return str_slice(text, 0, i);
    return text;
}

int import_name_compare(NameOrder order, Str a, Str b) {
    a = first_word(a);
    b = first_word(b);
    switch (order) {
    case NAMES_BY_TYPE:
        if (name_type(a) != name_type(b))
            return name_type(a) - name_type(b);
        return compare_letters(a, b);
    case NAMES_BY_LETTER:
        return compare_letters(a, b);
    case NAMES_BY_BYTE:
        return str_compare(a, b);
    case NAMES_UNSORTED:
        return 0;
    }
    return 0;
}

int import_line_compare(LineOrder order, const ImportLine *a, const ImportLine *b) {
    if (order == LINES_PLAIN_FIRST && a->is_from != b->is_from)
        return a->is_from ? 1 : -1;
    int by_module = compare_letters(a->module, b->module);
    return by_module ? by_module : (int)a->is_from - (int)b->is_from;
}

LineOrder import_line_order(const ImportLine *const *lines, ptrdiff_t n) {
    for (int order = LINES_PLAIN_FIRST; order < LINES_UNSORTED; order++) {
        bool sorted = true;
        for (ptrdiff_t i = 1; i < n && sorted; i++)
            sorted = import_line_compare((LineOrder)order, lines[i - 1], lines[i]) <= 0;
        if (sorted)
            return (LineOrder)order;
    }
    return LINES_UNSORTED;
}

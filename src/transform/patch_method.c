/* A rule about the header of a method: `def lib.Class.method(self, x, + y=None): ...`.
 *
 * It is written as the library would write its own method, with what changed on '-' and '+' lines,
 * and is about the methods that override it. Python has no dotted names and no `...` there, so the
 * class is blanked out before the texts are parsed and `...` becomes `*__`, byte for byte: all
 * places stay those of the patch. What differs between the two lists of parameters, by name, are
 * the actions. */
#include "base/byte.h"
#include "python/local.h"
#include "transform/draft.h"

/* ---- the texts ---- */

/* The bytes of a text that is still being made. */
static char *bytes_of(const Sheet *sheet) {
    return (char *)(uintptr_t)sheet->text.p;
}

/* Where `lib.Class.` of the first line stands, the last dot included; empty: the text is no header.
 */
static Span class_span(const Sheet *sheet) {
    Str text = sheet->text;
    ptrdiff_t at = 3, dot = 0;
    if (!str_starts(text, S("def ")))
        return (Span){0};
    while (at < text.n && text.p[at] == ' ')
        at++;
    ptrdiff_t start = at;
    for (; at < text.n && (byte_is_word(text.p[at]) || text.p[at] == '.'); at++)
        dot = text.p[at] == '.' ? at : dot;
    return dot ? (Span){(uint32_t)start, (uint32_t)dot + 1} : (Span){0};
}

/* `...` where a parameter can stand. */
static void replace_dots(const Sheet *sheet) {
    char *bytes = bytes_of(sheet), last = 0;
    int depth = 0;
    for (ptrdiff_t i = 0; i + 3 < sheet->text.n; i++) {
        char c = bytes[i];
        if (c == ' ' || c == '\n')
            continue;
        depth += (c == '(' || c == '[' || c == '{') - (c == ')' || c == ']' || c == '}');
        if (!depth && c == ')')
            return;
        bool rest = depth == 1 && str_eq(str_slice(sheet->text, i, i + 3), S("..."));
        if (rest && (last == '(' || last == ',')) {
            bytes[i] = '*';
            bytes[i + 1] = bytes[i + 2] = '_';
            i += 2;
        }
        last = c;
    }
}

void method_prepare(RuleDraft *rule) {
    Sheet *sheets[] = {&rule->before, &rule->after};
    for (int i = 0; i < COUNT(sheets); i++) {
        Span class = class_span(sheets[i]);
        if (class.at == class.end)
            continue;
        Str name = str_slice(sheets[i]->text, class.at, class.end - 1);
        if (i == 0)
            rule->rule->header_of = str_copy(rule->draft->arena, name);
        for (uint32_t k = class.at; k < class.end; k++)
            bytes_of(sheets[i])[k] = ' ';
        replace_dots(sheets[i]);
    }
}

bool is_open_parameters(const Tree *tree, Node parameter) {
    return node_kind(tree, parameter) == NODE_LIST_SPLAT_PATTERN &&
           str_eq(node_text(tree, parameter), S("*__"));
}

/* ---- the two lists ---- */

/* `/` and a bare `*` stand for themselves. */
static Node name_of(const Tree *tree, Node parameter) {
    Node name = parameter_name(tree, parameter, NULL);
    return name ? name : parameter;
}

/* The parameter of the list with the name of `wanted`; `...` is one with `...`. */
static Node same_in(const Tree *list_tree, Node list, const Tree *tree, Node wanted) {
    Str name = node_text(tree, name_of(tree, wanted));
    for (Node p = node_child_named(list_tree, list); p; p = node_next_named(list_tree, p))
        if (str_eq(node_text(list_tree, name_of(list_tree, p)), name))
            return p;
    return 0;
}

static void add_parameter(Compiler *compiler, Node behind, Node parameter) {
    const Sheet *after = compiler->after;
    const Tree *tree = after->tree;
    Node value = node_field(tree, parameter, FIELD_VALUE);
    Action *action =
        compiler_add(compiler, ACTION_ADD_PARAMETER, compiler_line(compiler, after, parameter));
    action->argument = behind;
    action->keyword = node_text(tree, name_of(tree, parameter));
    Template text = {0};
    if (value && template_build(compiler, node_span(tree, value), true, &text))
        action->text = text;
}

/* The only statement, where it is a function with `...` as its body; else 0. */
static Node lone_function(const Sheet *sheet) {
    const Tree *tree = sheet->tree;
    Node function = node_child_named(tree, 1);
    Node body = node_field(tree, function, FIELD_BODY);
    Node statement = node_child_named(tree, body);
    return node_kind(tree, function) == NODE_FUNCTION_DEFINITION &&
                   !node_next_named(tree, function) && is_dots_statement(tree, statement) &&
                   !node_next_named(tree, statement)
               ? function
               : 0;
}

void method_compile(Compiler *compiler) {
    const Tree *before = compiler->before->tree, *after = compiler->after->tree;
    Node function = lone_function(compiler->before), other = lone_function(compiler->after);
    if (!function || !other) {
        compiler_fail(compiler, compiler->rule->header,
                      "a rule about the header of a method is that header alone, with '...' as its "
                      "body: 'def lib.Class.method(self, ...): ...'");
        return;
    }
    Node list = node_field(before, function, FIELD_PARAMETERS);
    Node other_list = node_field(after, other, FIELD_PARAMETERS);
    Node behind = 0;
    bool placed = false;
    for (Node p = node_child_named(after, other_list); p; p = node_next_named(after, p)) {
        Node same = same_in(before, list, after, p);
        if (same) {
            behind = is_open_parameters(before, same) ? 0 : same;
            placed = true;
        } else if (placed) {
            add_parameter(compiler, behind, p);
        } else {
            compiler_fail(compiler, sheet_patch_node(compiler->after, p),
                          "a new parameter stands behind another one");
        }
    }
    for (Node p = node_child_named(before, list); p; p = node_next_named(before, p))
        if (!same_in(after, other_list, before, p))
            compiler_fail(compiler, sheet_patch_node(compiler->before, p),
                          "a parameter cannot go: what the body does with it is not known");
}

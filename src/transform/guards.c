/* Where a file asks what it runs on, each branch is right for its version, and the old form in one
 * of them is no mistake. What the test comes to is not computed: any such test around the site
 * keeps it. A test that is kept in a variable is not seen. */
#include "transform/guards.h"

static bool has_one_of(Str text, const Str *words, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++)
        if (str_find(text, words[i]) >= 0)
            return true;
    return false;
}

static bool asks_for_version(Str condition) {
    static const Str words[] = {S("__version__"), S("version.parse"),
                                S("Version("),    S("_version"),
                                S("_VERSION"),    S("version("),
                                S("signature"),   S("getfullargspec"),
                                S("co_varnames"), S("__dataclass_fields__")};
    return has_one_of(condition, words, COUNT(words));
}

Str except_head(const Tree *tree, Node clause) {
    Node body = clause;
    for (Node child = node_child_named(tree, clause); child; child = node_next_named(tree, child))
        body = child;
    return str_slice(tree->text, tree->rows[clause].at, tree->rows[body].at);
}

static bool catches_type_error(const Tree *tree, Node clause) {
    return node_kind(tree, clause) == NODE_EXCEPT_CLAUSE &&
           str_find(except_head(tree, clause), S("TypeError")) >= 0;
}

/* Of a `try` the parts that one such handler concerns: itself, and what it is the handler of. */
static bool is_tried(const Tree *tree, Node part) {
    if (node_kind(tree, part) == NODE_EXCEPT_CLAUSE)
        return catches_type_error(tree, part);
    if (tree->rows[part].field != FIELD_BODY)
        return false;
    for (Node clause = part; clause; clause = node_next_named(tree, clause))
        if (catches_type_error(tree, clause))
            return true;
    return false;
}

/* `with pytest.warns(FutureWarning):` and its like: what stands below is there for the old form.
 * Tests of other warnings and errors are to go on as they are on the new version. */
static bool expects_warning(const Tree *tree, Node with, Node part) {
    static const Str words[] = {S("DeprecationWarning"), S("FutureWarning"), S("deprecated_call("),
                                S("raises(TypeError"), S("assertRaises(TypeError")};
    if (node_kind(tree, with) != NODE_WITH_STATEMENT || tree->rows[part].field != FIELD_BODY)
        return false;
    Str head = str_slice(tree->text, tree->rows[with].at, tree->rows[part].at);
    return has_one_of(head, words, COUNT(words));
}

bool guard_expects(const Module *module, Node site, const char **why) {
    const Tree *tree = module->tree;
    for (Node part = site, up; (up = node_parent(tree, part)); part = up)
        if (expects_warning(tree, up, part)) {
            *why = "a test stands around it that waits for its warning or error";
            return true;
        }
    return false;
}

bool guard_around(const Module *module, Node site, const char **why) {
    const Tree *tree = module->tree;
    for (Node part = site, up; (up = node_parent(tree, part)); part = up) {
        Kind kind = node_kind(tree, up);
        if (kind == NODE_TRY_STATEMENT && is_tried(tree, part)) {
            *why = "the file catches the TypeError of another version";
            return true;
        }
        Node condition = node_field(tree, up, FIELD_CONDITION);
        if (kind == NODE_CONDITIONAL_EXPRESSION)
            condition = up;
        bool branches = kind == NODE_CONDITIONAL_EXPRESSION || kind == NODE_IF_STATEMENT ||
                        kind == NODE_ELIF_CLAUSE;
        if (branches && part != condition && asks_for_version(node_text(tree, condition))) {
            *why = "a test of what is there stands around it";
            return true;
        }
    }
    return false;
}

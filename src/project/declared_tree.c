/* Dependencies in files that have a grammar: pyproject.toml and setup.py.
 *
 * setup.py is a program; only what it says in literals is read: the lists given as install_requires
 * and extras_require (directly or by a name that is assigned a list), and, because many projects
 * keep one list of all they use (`_deps = ["transformers>=4.40", …]`), every string of a list that
 * is a name with a version specifier. */
#include <errno.h>
#include <string.h>

#include "project/declared.h"
#include "project/small_file.h"

/* ---- pyproject.toml ---- */

/* Strings of an array; tables in it (`{include-group = "test"}`) name no library. */
static void declare_array(Declared *declared, Str file, const Toml *toml, Node array) {
    const Tree *tree = toml->tree;
    if (node_kind(tree, array) != NODE_TOML_ARRAY)
        return;
    for (Node item = node_child_named(tree, array); item; item = node_next_named(tree, item)) {
        Str text = toml_string(toml, declared->arena, item);
        if (text.n)
            declare(declared, file, line_of(tree->text, node_span(tree, item).at), text);
    }
}

static void declare_poetry(Declared *declared, Str file, const Toml *toml, Str name, Node version,
                           bool marked) {
    Range range;
    Str text = toml_string(toml, declared->arena, version);
    if (range_parse(text, &range)) {
        declare_range(declared, library_normalized(declared->arena, name), range, marked);
        return;
    }
    declared_warn(declared, file, line_of(toml->tree->text, node_span(toml->tree, version).at),
                  "'%.*s' is no version constraint; it counts as absent", STR_ARG(text));
}

static void declare_poetry_extras(Declared *declared, const Toml *toml, Str name, Node array) {
    const Tree *tree = toml->tree;
    Str library = library_normalized(declared->arena, name);
    for (Node item = node_child_named(tree, array); item; item = node_next_named(tree, item))
        declare_extra(declared, library, toml_string(toml, declared->arena, item));
}

/* `name = "^4.40"`, `name = {version = "^4.40", …}`, `name = {git = …}` and
 * `name = [{version = …, python = …}, …]`, whose tables are alternatives. */
static void poetry_entry(Declared *declared, Str file, const Toml *toml, const TomlEntry *entry,
                         int at) {
    static const Str places[] = {S("git"), S("url"), S("path")};
    const Tree *tree = toml->tree;
    Str name = entry->keys[at];
    if (str_eq(name, S("python")))
        return;
    if (entry->n == at + 2) {
        if (str_eq(entry->keys[at + 1], S("version")))
            declare_poetry(declared, file, toml, name, entry->value, false);
        for (ptrdiff_t i = 0; i < COUNT(places); i++)
            if (str_eq(entry->keys[at + 1], places[i]))
                declare_range(declared, library_normalized(declared->arena, name), (Range){0},
                              false);
        if (str_eq(entry->keys[at + 1], S("extras")))
            declare_poetry_extras(declared, toml, name, entry->value);
        return;
    }
    if (node_kind(tree, entry->value) != NODE_TOML_ARRAY) {
        declare_poetry(declared, file, toml, name, entry->value, false);
        return;
    }
    for (Node row = entry->value; row < tree->rows[entry->value].past; row++) {
        Node key = node_kind(tree, row) == NODE_PAIR ? node_child_named(tree, row) : 0;
        if (str_eq(node_text(tree, key), S("version")))
            declare_poetry(declared, file, toml, name, node_next_named(tree, key), true);
    }
}

const Toml *declared_toml(Declared *declared, Str file) {
    Str text;
    uint32_t error_at;
    if (!small_file_read(declared->arena, declared->folder, str_c(declared->arena, file), -1,
                         &text)) {
        declared_warn(declared, file, 0, "can't be read: %s", strerror(errno));
        return NULL;
    }
    *list_push(declared->arena, &declared->files) = file;
    const Toml *toml = toml_parse(declared->parser, declared->arena, text, &error_at);
    if (!toml)
        declared_warn(declared, file, line_of(text, error_at), "is no TOML; it counts as absent");
    return toml;
}

void read_pyproject(Declared *declared, Str file, const Toml *toml) {
    static const char *const arrays[] = {"project.dependencies", "project.optional-dependencies.*",
                                         "dependency-groups.*", "tool.uv.dev-dependencies",
                                         "tool.pdm.dev-dependencies.*"};
    static const struct {
        const char *path;
        int name; /* which key is the library's name */
    } poetry[] = {
        {"tool.poetry.dependencies.*", 3},         {"tool.poetry.dependencies.*.*", 3},
        {"tool.poetry.dev-dependencies.*", 3},     {"tool.poetry.dev-dependencies.*.*", 3},
        {"tool.poetry.group.*.dependencies.*", 5}, {"tool.poetry.group.*.dependencies.*.*", 5}};
    for (ptrdiff_t i = 0; i < toml->n; i++) {
        const TomlEntry *entry = &toml->entries[i];
        for (ptrdiff_t k = 0; k < COUNT(arrays); k++)
            if (toml_is(entry, arrays[k]))
                declare_array(declared, file, toml, entry->value);
        for (ptrdiff_t k = 0; k < COUNT(poetry); k++)
            if (toml_is(entry, poetry[k].path))
                poetry_entry(declared, file, toml, entry, poetry[k].name);
    }
}

/* ---- setup.py ---- */

/* The text of a string without prefix, escapes and interpolations; else the empty Str. */
static Str plain_string(const Tree *tree, Node string) {
    if (node_kind(tree, string) != NODE_STRING || node_count_named(tree, string) != 3)
        return (Str){0};
    Node start = node_child_named(tree, string), content = node_next_named(tree, start);
    bool plain = node_text(tree, start).n == 1 && node_kind(tree, content) == NODE_STRING_CONTENT &&
                 node_count_named(tree, content) == 0;
    return plain ? node_text(tree, content) : (Str){0};
}

/* Every string in the rows of a value. */
static void declare_literals(Declared *declared, const Tree *tree, Node value) {
    for (Node row = value; row && row < tree->rows[value].past; row++) {
        /* Keys of extras_require name groups. */
        bool is_key = node_kind(tree, node_parent(tree, row)) == NODE_PAIR &&
                      node_field(tree, node_parent(tree, row), FIELD_KEY) == row;
        Str text = is_key ? (Str){0} : plain_string(tree, row);
        if (text.n)
            declare(declared, S("setup.py"), line_of(tree->text, node_span(tree, row).at), text);
    }
}

Node assigned_literal(const Tree *tree, Str name) {
    Node found = 0;
    for (Node row = 1; row < tree->n; row++) {
        Node left = node_kind(tree, row) == NODE_ASSIGNMENT ? node_field(tree, row, FIELD_LEFT) : 0;
        if (node_kind(tree, left) == NODE_IDENTIFIER && str_eq(node_text(tree, left), name))
            found = node_field(tree, row, FIELD_RIGHT);
    }
    Kind kind = node_kind(tree, found);
    return kind == NODE_LIST || kind == NODE_DICTIONARY || kind == NODE_TUPLE ? found : 0;
}

static void declare_argument(Declared *declared, const Tree *tree, Node argument) {
    Str name = node_text(tree, node_field(tree, argument, FIELD_NAME));
    if (!str_eq(name, S("install_requires")) && !str_eq(name, S("extras_require")))
        return;
    Node value = node_field(tree, argument, FIELD_VALUE);
    if (node_kind(tree, value) == NODE_IDENTIFIER)
        value = assigned_literal(tree, node_text(tree, value));
    Kind kind = node_kind(tree, value);
    if (kind == NODE_LIST || kind == NODE_DICTIONARY || kind == NODE_TUPLE)
        declare_literals(declared, tree, value);
}

/* A string of a list that is a name with a specifier. */
static void declare_listed(Declared *declared, const Tree *tree, Node string) {
    Requirement requirement;
    Range range;
    Str text = plain_string(tree, string);
    if (!text.n || node_kind(tree, node_parent(tree, string)) != NODE_LIST ||
        !requirement_parse(declared->arena, text, &requirement) || !requirement.range.n ||
        !range_parse(requirement.range, &range))
        return;
    declare_range(declared, requirement.library, range, requirement.marked);
}

void read_setup_py(Declared *declared) {
    Str text, file = S("setup.py");
    if (!small_file_read(declared->arena, declared->folder, "setup.py", -1, &text)) {
        declared_warn(declared, file, 0, "can't be read: %s", strerror(errno));
        return;
    }
    *list_push(declared->arena, &declared->files) = file;
    const Tree *tree = syntax_parse(declared->parser, declared->arena, GRAMMAR_PYTHON, text);
    for (Node row = 1; tree && row < tree->n; row++) {
        if (node_kind(tree, row) == NODE_KEYWORD_ARGUMENT)
            declare_argument(declared, tree, row);
        else if (node_kind(tree, row) == NODE_STRING)
            declare_listed(declared, tree, row);
    }
}

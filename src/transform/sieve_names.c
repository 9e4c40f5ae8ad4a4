/* What a name in front of `.from_pretrained(…)` can stand for, told from the bytes of the file.
 *
 * A class that is imported under its own name stands for itself; one that some assignment or `as`
 * binds may stand for any; a name that nothing imports or assigns (a parameter, a class of the
 * file) stands for no class of a library. The bytes around each occurrence tell these apart well
 * enough: what is not clear counts as assigned. */
#include "transform/sieve.h"

#include <string.h>

#include "base/byte.h"

enum {
    NAME_IMPORTED = 1, /* may stand in an import statement, without `as` */
    NAME_ASSIGNED = 2  /* may be a target, or stand behind `as` */
};

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\f' || c == '\r';
}

/* Whether a `=` that is no part of a comparison stands in the bytes. */
static bool holds_assignment(Str text) {
    for (ptrdiff_t i = 0; i < text.n; i++) {
        if (text.p[i] != '=')
            continue;
        if (i + 1 < text.n && text.p[i + 1] == '=')
            i++;
        else if (i == 0 || !strchr("<>!", text.p[i - 1]))
            return true;
    }
    return false;
}

static bool starts_word(Str line, Str word) {
    return str_starts(line, word) && (line.n == word.n || !byte_is_identifier(line.p[word.n]));
}

/* A line of an import statement: its first one, or one of names in parentheses. */
static bool may_import(Str line) {
    if (starts_word(line, S("from")) || starts_word(line, S("import")) ||
        str_find(line, S("import")) >= 0)
        return true;
    for (ptrdiff_t i = 0; i < line.n && line.p[i] != '#'; i++)
        if (!byte_is_identifier(line.p[i]) && !is_blank(line.p[i]) && !strchr(",()\\", line.p[i]))
            return false;
    return true;
}

static bool follows_as(Str before) {
    before = str_trim(before);
    return str_ends(before, S("as")) &&
           (before.n == 2 || !byte_is_identifier(before.p[before.n - 3]));
}

/* What the occurrence at [at, end) may be. */
static unsigned occurrence(Str text, ptrdiff_t at, ptrdiff_t end) {
    ptrdiff_t start = at, stop = end;
    while (start > 0 && text.p[start - 1] != '\n')
        start--;
    while (stop < text.n && text.p[stop] != '\n')
        stop++;
    Str line = str_trim(str_slice(text, start, stop)), rest = str_slice(text, end, stop);
    Str behind = str_trim(str_slice(text, end, text.n));
    bool attribute = at > 0 && text.p[at - 1] == '.';
    if (!attribute && follows_as(str_slice(text, 0, at)))
        return NAME_ASSIGNED;
    if (str_starts(behind, S(":=")) || (str_starts(behind, S("=")) && !str_starts(behind, S("=="))))
        return NAME_ASSIGNED;
    while (rest.n && is_blank(rest.p[0]))
        rest = str_slice(rest, 1, rest.n);
    char next = rest.n ? rest.p[0] : '\n';
    if (next == '.') /* `import transformers.utils` binds its first name */
        return !attribute && str_find(str_slice(text, start, at), S("import")) >= 0 ? NAME_IMPORTED
                                                                                    : 0;
    if (!strchr(",:)]\n#\\;", next))
        return 0;
    if (starts_word(line, S("def")) || starts_word(line, S("async")))
        return 0;
    if (holds_assignment(rest) || next == '\\')
        return NAME_ASSIGNED;
    return !attribute && next != ':' && next != ']' && may_import(line) ? NAME_IMPORTED : 0;
}

/* A display of targets over several lines, `(\n    A,\n    B,\n) = …`. */
static bool has_long_targets(Str text) {
    for (ptrdiff_t i = 0; i < text.n; i++) {
        const char *newline = memchr(text.p + i, '\n', (size_t)(text.n - i));
        if (!newline)
            break;
        for (i = newline - text.p + 1; i < text.n && is_blank(text.p[i]); i++)
            ;
        if (i >= text.n || (text.p[i] != ')' && text.p[i] != ']'))
            continue;
        for (i++; i < text.n && is_blank(text.p[i]); i++)
            ;
        if (i < text.n && text.p[i] == '=')
            return true;
    }
    return false;
}

static unsigned bindings(Str text, Str name) {
    unsigned found = 0;
    for (ptrdiff_t at = 0; at < text.n; at += name.n) {
        ptrdiff_t next = str_find(str_slice(text, at, text.n), name);
        if (next < 0)
            break;
        at += next;
        ptrdiff_t end = at + name.n;
        if ((at == 0 || !byte_is_identifier(text.p[at - 1])) &&
            (end >= text.n || !byte_is_identifier(text.p[end])))
            found |= occurrence(text, at, end);
    }
    return found;
}

Node sieve_strip(const Tree *tree, Node node) {
    while (node_kind(tree, node) == NODE_PARENTHESIZED_EXPRESSION)
        node = node_child_named(tree, node);
    return node;
}

static bool is_getattr(const Tree *tree, Node node) {
    return node_kind(tree, node) == NODE_CALL &&
           str_eq(node_text(tree, node_field(tree, node, FIELD_FUNCTION)), S("getattr"));
}

bool sieve_receiver(const Tree *tree, Node object, Str text, NameTest *matches, void *context) {
    object = sieve_strip(tree, object);
    Node name = node_kind(tree, object) == NODE_ATTRIBUTE
                    ? node_field(tree, object, FIELD_ATTRIBUTE)
                    : object;
    bool fits = matches(context, node_text(tree, name));
    for (Node node = object; node_kind(tree, node) == NODE_ATTRIBUTE;) {
        if (bindings(text, node_text(tree, node_field(tree, node, FIELD_ATTRIBUTE))) &
            NAME_ASSIGNED)
            return true;
        node = sieve_strip(tree, node_field(tree, node, FIELD_OBJECT));
        name = node;
    }
    if (node_kind(tree, name) != NODE_IDENTIFIER)
        return is_getattr(tree, name);
    unsigned bound = bindings(text, node_text(tree, name));
    if ((bound & NAME_ASSIGNED) || (fits && (bound & NAME_IMPORTED)))
        return true;
    return has_long_targets(text);
}

/* The comments are read once a file into ranges of lines; a node is suppressed when its statement
 * has a line in one. */
#include "transform/suppress.h"

#include "base/list.h"

typedef struct Lines {
    uint32_t first, last; /* lines, from 1 */
    Str names;            /* between the brackets; empty: all */
} Lines;

struct Suppressions {
    Arena *arena;
    const Module *module; /* NULL: no Python */
    List(Lines) list;
    uint32_t off; /* line of an `off` that no `on` has ended yet */
    Str off_names;
};

bool selector_matches(Str selector, Str name) {
    return str_starts(name, selector) && (name.n == selector.n || name.p[selector.n] == '/');
}

static bool names_hold(Str names, Str transform) {
    Str head, tail = names;
    while (tail.n) {
        str_cut(tail, ',', &head, &tail);
        if (selector_matches(str_trim(head), transform))
            return true;
    }
    return !names.n;
}

/* What follows "hffix:" in a comment; empty when it is none of ours. */
static Str directive(Str comment) {
    ptrdiff_t at = str_find(comment, S("hffix:"));
    if (at < 1)
        return (Str){0};
    Str before = str_trim(str_slice(comment, 1, at));
    bool own = !before.n || before.p[before.n - 1] == '#'; /* `# noqa  # hffix: ignore` */
    return own ? str_trim(str_slice(comment, at + 6, comment.n)) : (Str){0};
}

/* Takes `word` off, and a list in brackets behind it. */
static bool take(Str text, Str word, Str *names) {
    if (!str_starts(text, word))
        return false;
    Str rest = str_slice(text, word.n, text.n);
    *names = (Str){0};
    if (rest.n && rest.p[0] == '[')
        *names = str_trim(str_slice(rest, 1, str_find_byte(rest, ']')));
    return !rest.n || rest.p[0] == '[' || rest.p[0] == ' ' || rest.p[0] == '#';
}

static bool stands_alone(const Module *module, Node comment) {
    const Source *source = module->source;
    uint32_t at = node_span(module->tree, comment).at;
    return source_line_text(source, source_line(source, at)).n &&
           source->line_at[source_line(source, at) - 1] + source_indentation(source, at).n == at;
}

static void add(Suppressions *suppressions, uint32_t first, uint32_t last, Str names) {
    *list_push(suppressions->arena, &suppressions->list) = (Lines){first, last, names};
}

/* What follows "hffix:" in a comment of the line. */
static void read_directive(Suppressions *suppressions, Str text, uint32_t line, bool alone) {
    Str names;
    if (take(text, S("ignore-file"), &names)) {
        add(suppressions, 0, UINT32_MAX, names);
    } else if (take(text, S("ignore"), &names)) {
        add(suppressions, line, line + alone, names);
    } else if (!suppressions->off && take(text, S("off"), &names)) {
        suppressions->off = line;
        suppressions->off_names = names;
    } else if (suppressions->off && take(text, S("on"), &names)) {
        add(suppressions, suppressions->off, line, suppressions->off_names);
        suppressions->off = 0;
    }
}

static Suppressions *finish(Suppressions *suppressions) {
    if (suppressions->off)
        add(suppressions, suppressions->off, UINT32_MAX, suppressions->off_names);
    return suppressions;
}

Suppressions *suppressions_read(const Module *module) {
    Suppressions *suppressions = new (module->arena, Suppressions, 1);
    *suppressions = (Suppressions){.arena = module->arena, .module = module};
    const Tree *tree = module->tree;
    for (Node node = 1; node < tree->n; node++) {
        Str text =
            node_kind(tree, node) == NODE_COMMENT ? directive(node_text(tree, node)) : (Str){0};
        if (text.n)
            read_directive(suppressions, text,
                           source_line(module->source, node_span(tree, node).at),
                           stands_alone(module, node));
    }
    return finish(suppressions);
}

Suppressions *suppressions_read_text(Arena *arena, const Source *source) {
    Suppressions *suppressions = new (arena, Suppressions, 1);
    *suppressions = (Suppressions){.arena = arena};
    for (uint32_t line = 1; line <= source->lines; line++) {
        Str text = source_line_text(source, line);
        ptrdiff_t word = str_find(text, S("hffix:"));
        ptrdiff_t at = word < 0 ? -1 : str_rfind_byte(str_slice(text, 0, word), '#');
        Str said = at < 0 ? (Str){0} : directive(str_slice(text, at, text.n));
        if (said.n)
            read_directive(suppressions, said, line, !str_trim(str_slice(text, 0, at)).n);
    }
    return finish(suppressions);
}

/* Last line of the part of a statement that a comment on it is about: of a compound one its header
 * alone. */
static uint32_t last_line(const Module *module, Node statement) {
    Node body = node_field(module->tree, statement, FIELD_BODY);
    body = body ? body : node_field(module->tree, statement, FIELD_CONSEQUENCE);
    uint32_t end =
        body ? node_span(module->tree, body).at - 1 : node_span(module->tree, statement).end;
    return source_line(module->source, end);
}

bool is_on_lines(const Module *module, const LineRanges *ranges, Node node) {
    Node statement = statement_of(module, node);
    statement = statement ? statement : node;
    uint32_t first = source_line(module->source, node_span(module->tree, statement).at);
    uint32_t last = last_line(module, statement);
    for (ptrdiff_t i = 0; i < ranges->n; i++)
        if (ranges->v[i].first <= last && first <= ranges->v[i].last)
            return true;
    return false;
}

bool is_suppressed_on(const Suppressions *suppressions, Str transform, uint32_t first,
                      uint32_t last) {
    for (ptrdiff_t i = 0; i < suppressions->list.n; i++) {
        const Lines *lines = &suppressions->list.v[i];
        if (lines->first <= last && first <= lines->last && names_hold(lines->names, transform))
            return true;
    }
    return false;
}

bool is_suppressed(const Suppressions *suppressions, Str transform, Node node) {
    const Module *module = suppressions->module;
    if (!suppressions->list.n || !node)
        return false;
    Node statement = statement_of(module, node);
    uint32_t first = source_line(module->source, node_span(module->tree, statement).at);
    return is_suppressed_on(suppressions, transform, first, last_line(module, statement));
}

/* Strings that are surely commands: the first argument of os.system and of subprocess's functions,
 * under these names, as a text or as a list. What is put into an f-string counts as part of a word;
 * a string with escapes, or built otherwise, is left alone. */
#include "document/strings_shell.h"

static const Str functions[] = {S("os.system"),
                                S("os.popen"),
                                S("subprocess.run"),
                                S("subprocess.call"),
                                S("subprocess.check_call"),
                                S("subprocess.check_output"),
                                S("subprocess.Popen"),
                                S("subprocess.getoutput"),
                                S("subprocess.getstatusoutput")};

static bool runs_command(Str name) {
    for (ptrdiff_t i = 0; i < COUNT(functions); i++)
        if (str_eq(name, functions[i]))
            return true;
    return false;
}

/* What stands between the quotes; false for strings with escapes. */
static bool content_of(const Tree *tree, Node string, Span *content, bool *plain) {
    Node start = node_child_named(tree, string), end = node_last_child(tree, string);
    if (node_kind(tree, string) != NODE_STRING || node_kind(tree, start) != NODE_STRING_START ||
        node_kind(tree, end) != NODE_STRING_END)
        return false;
    *content = (Span){node_span(tree, start).end, node_span(tree, end).at};
    *plain = true;
    for (Node node = start; node && node != end; node = node_next(tree, node))
        *plain &= node_kind(tree, node) != NODE_INTERPOLATION;
    return str_find_byte(str_span(tree->text, *content), '\\') < 0;
}

/* Text in which what `{…}` puts in counts as letters. */
static void read_text(ShellReader *reader, const Tree *tree, Node string) {
    Span content;
    bool plain;
    if (!content_of(tree, string, &content, &plain))
        return;
    Str text = str_span(tree->text, content);
    char *copy = new (reader->arena, char, text.n + 1);
    for (ptrdiff_t i = 0; i < text.n; i++)
        copy[i] = text.p[i];
    for (Node node = node_child(tree, string); node; node = node_next(tree, node)) {
        Span span = node_span(tree, node);
        for (uint32_t i = span.at; node_kind(tree, node) == NODE_INTERPOLATION && i < span.end; i++)
            copy[i - content.at] = '_';
    }
    shell_add(reader, (Str){copy, text.n}, content.at);
}

/* All strings of the list must have the same quote: new ones get it. */
static void read_list(ShellReader *reader, const Tree *tree, Node list) {
    List(ShellWord) words = {0};
    char quote = 0;
    for (Node item = node_child_named(tree, list); item; item = node_next_named(tree, item)) {
        Span span = node_span(tree, item);
        bool plain = false;
        bool known = content_of(tree, item, &span, &plain) && plain;
        char here = known && span.end < tree->text.n ? tree->text.p[span.end] : 0;
        if (known && ((quote && here != quote) || span.at != node_span(tree, item).at + 1))
            return;
        quote = here ? here : quote;
        span = known ? span : node_span(tree, item);
        *list_push(reader->arena, &words) =
            (ShellWord){.span = span, .text = str_span(tree->text, span), .known = known};
    }
    if (words.n && words.v[0].known)
        shell_add_words(reader, words.v, words.n, quote == '"' ? S("\", \"") : S("', '"));
}

/* Few files with a command's words have one of the functions, and only they are parsed. */
static bool may_run_commands(Str source) {
    for (ptrdiff_t i = 0; i < COUNT(functions); i++)
        if (str_find(source, functions[i]) >= 0)
            return true;
    return false;
}

void strings_cut(ShellReader *reader) {
    if (!may_run_commands(reader->source))
        return;
    const Tree *tree = syntax_parse(reader->parser, reader->arena, GRAMMAR_PYTHON, reader->source);
    for (Node node = 1; tree && node < tree->n; node++) {
        if (node_kind(tree, node) != NODE_CALL ||
            !runs_command(node_text(tree, node_field(tree, node, FIELD_FUNCTION))))
            continue;
        Node first = node_child_named(tree, node_field(tree, node, FIELD_ARGUMENTS));
        if (node_kind(tree, first) == NODE_STRING)
            read_text(reader, tree, first);
        else if (node_kind(tree, first) == NODE_LIST)
            read_list(reader, tree, first);
    }
}

/* tree-sitter's tree of a shell text, reduced to commands and variables.
 *
 * A command is found wherever the grammar has one: in pipes, lists, conditions, substitutions. What
 * is no command for the grammar (comments, bodies of heredocs, arguments of echo) is none here. Two
 * kinds of arguments are shell text of their own and read again: the one of `sh -c` and that of
 * `eval`. A text with a syntax error adds nothing, because nobody knows where its quotes end. */
#include "shell/shell.h"

#include <string.h>

#include "base/path.h"

/* Programs that run the command behind them. To add one: a row. */
static const struct Wrapper {
    Str name;
    Str second;         /* `uv run`: the word that must follow; empty: none */
    const char *valued; /* options that take the next word, each between blanks */
    int operands;       /* words of its own before the command */
} wrappers[] = {
    {S("sudo"), S(""), " -u -g -h -p -C -T -r -t -D -R ", 0},
    {S("env"), S(""), " -u -C ", 0},
    {S("time"), S(""), " -f -o ", 0},
    {S("exec"), S(""), " -a ", 0},
    {S("nohup"), S(""), "", 0},
    {S("command"), S(""), "", 0},
    {S("nice"), S(""), " -n ", 0},
    {S("stdbuf"), S(""), " -i -o -e ", 0},
    {S("xargs"), S(""), " -n -P -I -d -E -L -s -a ", 0},
    {S("timeout"), S(""), " -k -s ", 1},
    {S("srun"), S(""), " -n -N -c -p -G -t -w -J -A -o -e ", 0},
    {S("uv"), S("run"), " --with --python -p --extra --group --project --directory --env-file ", 0},
    {S("uvx"), S(""), " --from --with --python -p ", 0},
    {S("pipx"), S("run"), " --spec --python ", 0},
    {S("poetry"), S("run"), " -C -P ", 0},
    {S("pipenv"), S("run"), "", 0},
    {S("pdm"), S("run"), " -p ", 0},
    {S("conda"), S("run"), " -n -p --name --prefix --cwd ", 0},
    {S("mamba"), S("run"), " -n -p --name --prefix --cwd ", 0},
};

/* Programs that give their container variables, and the options that name them. */
static const Str containers[] = {S("docker"), S("podman"), S("nerdctl"), S("docker-compose")};
static const Str container_options[] = {S("-e"), S("--env"), S("--build-arg")};

/* A text in work. */
typedef struct Reading {
    ShellReader *reader;
    const Tree *tree;
    const ShellLine *lines;
    ptrdiff_t n_lines;
    bool commands_only; /* the text is part of another, whose variables are known */
} Reading;

static void read_text(ShellReader *reader, Str text, const ShellLine *lines, ptrdiff_t n,
                      bool commands_only);

/* ---- places ---- */

static uint32_t source_offset(const Reading *reading, uint32_t at) {
    ptrdiff_t i = reading->n_lines - 1;
    while (i > 0 && reading->lines[i].at > at)
        i--;
    return reading->lines[i].source_at + (at - reading->lines[i].at);
}

/* An end lies behind a byte, and belongs to that byte's line. */
static Span source_span(const Reading *reading, Span span) {
    uint32_t at = source_offset(reading, span.at);
    return (Span){at, span.end > span.at ? source_offset(reading, span.end - 1) + 1 : at};
}

/* ---- words ---- */

ptrdiff_t shell_name_length(Str text) {
    ptrdiff_t n = 0;
    for (; n < text.n; n++) {
        char c = text.p[n];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!letter && c != '_' && (n == 0 || c < '0' || c > '9'))
            break;
    }
    return n;
}

Str shell_unquoted(Str text) {
    bool quoted = text.n > 1 && (text.p[0] == '"' || text.p[0] == '\'') &&
                  text.p[text.n - 1] == text.p[0] &&
                  str_find_byte(str_slice(text, 1, text.n - 1), text.p[0]) < 0;
    return quoted ? str_slice(text, 1, text.n - 1) : text;
}

static bool is_plain_string(const Tree *tree, Node node) {
    for (Node child = node_child_named(tree, node); child; child = node_next_named(tree, child))
        if (node_kind(tree, child) != NODE_STRING_CONTENT)
            return false;
    return true;
}

static ShellWord word_of(const Reading *reading, Node node) {
    const Tree *tree = reading->tree;
    Str text = node_text(tree, node);
    ShellWord word = {.span = source_span(reading, node_span(tree, node)), .text = text};
    if (str_find_byte(text, '\\') >= 0)
        return word;
    switch (node_kind(tree, node)) {
    case NODE_SHELL_WORD:
    case NODE_SHELL_NUMBER:
    case NODE_TOKEN:
        word.known = true;
        break;
    case NODE_SHELL_RAW_STRING:
        word.known = true;
        word.text = shell_unquoted(text);
        break;
    case NODE_STRING:
        word.known = is_plain_string(tree, node);
        word.text = word.known ? shell_unquoted(text) : text;
        break;
    default:
        break;
    }
    return word;
}

/* The program's name without its folder. */
static bool is_valued(Arena *arena, const struct Wrapper *wrapper, Str option) {
    Str wanted = str_format(arena, " %.*s ", STR_ARG(option));
    return str_find(str_from(wrapper->valued), wanted) >= 0;
}

/* `A=b` */
static bool is_setting(Str text) {
    ptrdiff_t n = shell_name_length(text);
    return n && n < text.n && text.p[n] == '=';
}

static const struct Wrapper *wrapper_at(const ShellCommand *command, ptrdiff_t at) {
    for (ptrdiff_t i = 0; i < COUNT(wrappers); i++) {
        if (!command->words[at].known ||
            !str_eq(path_name(command->words[at].text), wrappers[i].name))
            continue;
        bool follows =
            at + 1 < command->n && str_eq(command->words[at + 1].text, wrappers[i].second);
        if (!wrappers[i].second.n || follows)
            return &wrappers[i];
    }
    return NULL;
}

/* The first word that is not of a wrapper; n when there is none. */
static ptrdiff_t program_of(Arena *arena, const ShellCommand *command) {
    ptrdiff_t at = 0;
    const struct Wrapper *wrapper;
    while (at < command->n && (wrapper = wrapper_at(command, at))) {
        at += wrapper->second.n ? 2 : 1;
        for (int operands = wrapper->operands; at < command->n; at++) {
            Str text = command->words[at].text;
            bool option = str_starts(text, S("-"));
            if (str_eq(text, S("--"))) {
                at++;
                break;
            }
            if (!option && !is_setting(text) && operands-- <= 0)
                break;
            at += option && is_valued(arena, wrapper, text);
        }
    }
    return at < command->n ? at : command->n;
}

/* ---- variables ---- */

static void add_variable(const Reading *reading, VariableUse use, Node name, Str value,
                         Span whole) {
    ShellReader *reader = reading->reader;
    if (reading->commands_only || node_kind(reading->tree, name) != NODE_SHELL_VARIABLE_NAME)
        return;
    *list_push(reader->arena, &reader->variables) = (ShellVariable){
        use, source_span(reading, node_span(reading->tree, name)), value, whole, reader->scope};
}

bool shell_add_setting(ShellReader *reader, Str text, uint32_t at, Span whole) {
    ptrdiff_t n = shell_name_length(text);
    bool sets = is_setting(text);
    if (!n || (!sets && n < text.n))
        return false;
    *list_push(reader->arena, &reader->variables) = (ShellVariable){
        .use = sets ? VARIABLE_SET : VARIABLE_READ,
        .name = {at, at + (uint32_t)n},
        .value = sets ? shell_unquoted(str_slice(text, n + 1, text.n)) : (Str){0},
        .whole = whole,
        .scope = reader->scope,
    };
    return true;
}

Span shell_lines(const ShellReader *reader, Span span) {
    Str source = reader->source;
    while (span.at > 0 && (source.p[span.at - 1] == ' ' || source.p[span.at - 1] == '\t'))
        span.at--;
    bool begins = !span.at || source.p[span.at - 1] == '\n';
    while (span.end < source.n && str_find_byte(S(" \t\r"), source.p[span.end]) >= 0)
        span.end++;
    bool ends = span.end == source.n || source.p[span.end] == '\n';
    span.end += span.end < source.n;
    return begins && ends ? span : (Span){0};
}

static void read_expansion(ShellReader *reader, Str text, ptrdiff_t dollar, uint32_t at) {
    ptrdiff_t name = dollar + 1 + (text.p[dollar + 1] == '{');
    ptrdiff_t n = shell_name_length(str_slice(text, name, text.n));
    if (n)
        *list_push(reader->arena, &reader->variables) = (ShellVariable){
            .use = VARIABLE_READ, .name = {at + (uint32_t)name, at + (uint32_t)(name + n)}};
}

void shell_add_reads(ShellReader *reader, Str text, uint32_t at) {
    for (ptrdiff_t i = 0; i + 1 < text.n; i++) {
        if (text.p[i] == '\\')
            i++; /* with what it hides */
        else if (text.p[i] == '$')
            read_expansion(reader, text, i, at);
    }
}
static void read_assignment(const Reading *reading, Node node) {
    const Tree *tree = reading->tree;
    Node whole = node, parent = node_parent(tree, node);
    if (node_kind(tree, parent) == NODE_SHELL_DECLARATION_COMMAND) {
        whole = node_count_named(tree, parent) == 1 ? parent : 0;
        parent = node_parent(tree, parent);
    }
    Span span = {0};
    if (whole && node_kind(tree, parent) == NODE_SHELL_PROGRAM)
        span = shell_lines(reading->reader, source_span(reading, node_span(tree, whole)));
    add_variable(reading, VARIABLE_SET, node_field(tree, node, FIELD_NAME),
                 shell_unquoted(node_text(tree, node_field(tree, node, FIELD_VALUE))), span);
}

/* Variables by their names alone: `$A`, `${A:-x}`, `export A`, `unset A`. */
static void read_names(const Reading *reading, Node node, VariableUse use) {
    const Tree *tree = reading->tree;
    for (Node child = node_child_named(tree, node); child; child = node_next_named(tree, child))
        if (node_kind(tree, child) == NODE_SHELL_VARIABLE_NAME)
            add_variable(reading, use, child, (Str){0}, (Span){0});
}

/* `env A=b`, `docker run -e A=b`: words that set a variable for what is run. */
static void read_settings(const Reading *reading, const ShellCommand *command) {
    bool container =
        command->program < command->n &&
        str_among(path_name(command->words[command->program].text), containers, COUNT(containers));
    for (ptrdiff_t i = 0; i < command->n && !reading->commands_only; i++) {
        const ShellWord *word = &command->words[i];
        Str text = word->text;
        uint32_t at =
            word->span.at + (word->known && (uint32_t)text.n < word->span.end - word->span.at);
        if (i < command->program && is_setting(text))
            shell_add_setting(reading->reader, text, at, (Span){0});
        if (i <= command->program || !container)
            continue;
        Str before = command->words[i - 1].text;
        if (str_among(before, container_options, COUNT(container_options)) &&
            i - 1 > command->program)
            shell_add_setting(reading->reader, text, at, (Span){0});
        for (ptrdiff_t k = 1; k < COUNT(container_options); k++) {
            Str option = container_options[k];
            if (str_starts(text, option) && text.n > option.n && text.p[option.n] == '=')
                shell_add_setting(reading->reader, str_slice(text, option.n + 1, text.n),
                                  at + (uint32_t)option.n + 1, (Span){0});
        }
    }
}

/* ---- commands ---- */

/* `bash -c TEXT`, `eval TEXT`: the word is shell text itself. */
static bool is_script_argument(const ShellCommand *command, ptrdiff_t i) {
    static const Str shells[] = {S("bash"), S("sh"), S("zsh"), S("dash"), S("ksh")};
    Str program = path_name(command->words[command->program].text);
    if (i == command->program + 1 && str_eq(program, S("eval")))
        return true;
    Str before = i > command->program + 1 ? command->words[i - 1].text : (Str){0};
    return str_among(program, shells, COUNT(shells)) && str_starts(before, S("-")) &&
           !str_starts(before, S("--")) && str_ends(before, S("c"));
}

static void read_script_argument(const Reading *reading, Node node) {
    const Tree *tree = reading->tree;
    Str text = node_text(tree, node);
    Kind kind = node_kind(tree, node);
    if ((kind != NODE_STRING && kind != NODE_SHELL_RAW_STRING) || str_find_byte(text, '\\') >= 0 ||
        str_find_byte(text, '\n') >= 0 || text.n < 2)
        return;
    ShellLine line = {0, source_offset(reading, node_span(tree, node).at + 1)};
    read_text(reading->reader, str_slice(text, 1, text.n - 1), &line, 1, kind == NODE_STRING);
}

static void read_command(const Reading *reading, Node node) {
    const Tree *tree = reading->tree;
    ShellReader *reader = reading->reader;
    List(ShellWord) words = {0};
    List(Node) nodes = {0};
    for (Node child = node_child(tree, node); child; child = node_next(tree, child)) {
        Kind kind = node_kind(tree, child);
        Node word = kind == NODE_SHELL_COMMAND_NAME ? node_child(tree, child) : child;
        if (kind != NODE_SHELL_COMMAND_NAME && tree->rows[child].field != FIELD_ARGUMENT)
            continue;
        *list_push(reader->arena, &words) = word_of(reading, word);
        *list_push(reader->arena, &nodes) = word;
    }
    if (!words.n)
        return;
    ShellCommand command = {.words = words.v, .n = words.n, .between = S(" ")};
    command.program = program_of(reader->arena, &command);
    read_settings(reading, &command);
    if (command.program == command.n)
        return;
    *list_push(reader->arena, &reader->commands) = command;
    for (ptrdiff_t i = command.program + 1; i < command.n; i++)
        if (is_script_argument(&command, i))
            read_script_argument(reading, nodes.v[i]);
}

/* Whether a heredoc lacks its last line, which the grammar lets pass. */
static bool is_open(const Tree *tree) {
    for (Node node = 1; node < tree->n; node++)
        if (node_kind(tree, node) == NODE_SHELL_HEREDOC_END && !str_trim(node_text(tree, node)).n)
            return true;
    return false;
}

/* CRLF ends a line as LF does; what continues it stays in front of its end. */
static Str without_cr(Arena *arena, Str text) {
    if (str_find_byte(text, '\r') < 0)
        return text;
    char *copy = new (arena, char, text.n);
    for (ptrdiff_t i = 0; i < text.n; i++) {
        bool ends = text.p[i] == '\r' && i + 1 < text.n && text.p[i + 1] == '\n';
        bool continued = ends && i && text.p[i - 1] == '\\';
        copy[i] = continued ? '\\' : ends ? ' ' : text.p[i];
        if (continued)
            copy[i - 1] = ' ';
    }
    return (Str){copy, text.n};
}

static void read_text(ShellReader *reader, Str text, const ShellLine *lines, ptrdiff_t n,
                      bool commands_only) {
    text = without_cr(reader->arena, text);
    const Tree *tree = syntax_parse(reader->parser, reader->arena, GRAMMAR_BASH, text);
    if (!tree || tree->rows[1].has_error || is_open(tree)) {
        reader->broken++;
        return;
    }
    Reading reading = {reader, tree, lines, n, commands_only};
    for (Node node = 1; node < tree->n; node++) {
        switch (node_kind(tree, node)) {
        case NODE_SHELL_COMMAND:
            read_command(&reading, node);
            break;
        case NODE_SHELL_VARIABLE_ASSIGNMENT:
            read_assignment(&reading, node);
            break;
        case NODE_SHELL_DECLARATION_COMMAND:
        case NODE_SHELL_SIMPLE_EXPANSION:
        case NODE_SHELL_EXPANSION:
            read_names(&reading, node, VARIABLE_READ);
            break;
        case NODE_SHELL_UNSET_COMMAND:
            read_names(&reading, node, VARIABLE_UNSET);
            break;
        default:
            break;
        }
    }
}

/* ---- texts ---- */

void shell_add_lines(ShellReader *reader, Str text, const ShellLine *lines, ptrdiff_t n) {
    if (n)
        read_text(reader, text, lines, n, false);
}

void shell_add(ShellReader *reader, Str text, uint32_t at) {
    ShellLine line = {0, at};
    read_text(reader, text, &line, 1, false);
}

void shell_add_words(ShellReader *reader, ShellWord *words, ptrdiff_t n, Str between) {
    ShellCommand command = {.words = words, .n = n, .between = between};
    command.program = program_of(reader->arena, &command);
    if (command.program < n)
        *list_push(reader->arena, &reader->commands) = command;
}

/* YAML as far as commands and variables stand in it: CI files, compose files, task files.
 *
 * Read line by line. A key such as `run:` has shell text (a block scalar, a scalar on its line, or
 * a list of them), a key such as `env:` has names of variables below it. Block scalars of other
 * keys are stepped over. What is written otherwise (flow mappings, scalars over several lines,
 * escapes) is left alone. A whole grammar would tell no more of these keys, and cost a parse of
 * every YAML file. */
#include "document/scripts.h"

#include "document/yaml_lines.h"

static const Str command_keys[] = {
    S("run"),      S("script"), S("before_script"), S("after_script"),   S("command"),
    S("commands"), S("cmd"),    S("cmds"),          S("entrypoint"),     S("setup"),
    S("shell"),    S("bash"),   S("install"),       S("before_install"), S("test")};
static const Str variable_keys[] = {S("env"), S("environment"), S("variables"), S("envs")};

typedef struct Yaml {
    ShellReader *reader;
    YamlLines lines;
    ptrdiff_t at;
    int scopes;
} Yaml;

static Str value_text(const Yaml *yaml, Span value) {
    return str_span(yaml->reader->source, value);
}

/* ---- shell ---- */

/* `${{ … }}` is replaced before the shell sees it: it counts as a variable of as many letters. */
static Str without_templates(Arena *arena, Str text) {
    char *copy = new (arena, char, text.n + 1);
    for (ptrdiff_t i = 0; i < text.n; i++) {
        copy[i] = text.p[i];
        Str rest = str_slice(text, i, text.n);
        ptrdiff_t end = str_starts(rest, S("${{")) ? str_find(rest, S("}}")) : -1;
        for (ptrdiff_t k = 1; k < end + 2 && end >= 0; k++)
            copy[i + k] = rest.p[k] == '\n' ? '\n' : '_';
        i += end < 0 ? 0 : end + 1;
    }
    return (Str){copy, text.n};
}

/* A scalar on one line; `below` tells whether what follows may go on with it. */
static void read_scalar(const Yaml *yaml, Span value) {
    Str text = value_text(yaml, value);
    ShellReader *reader = yaml->reader;
    if (!text.n || str_find_byte(S("[{|>&*!%@"), text.p[0]) >= 0)
        return;
    if (text.p[0] == '"' || text.p[0] == '\'') {
        bool plain = text.n > 1 && text.p[text.n - 1] == text.p[0] &&
                     str_find_byte(text, '\\') < 0 && str_find(text, S("''")) < 0;
        if (!plain)
            return;
        text = str_slice(text, 1, text.n - 1);
        value.at++;
    }
    shell_add(reader, without_templates(reader->arena, text), value.at);
}

/* The lines of a block scalar under a key at `column`; moves past them. */
static void read_block(Yaml *yaml, ptrdiff_t column, bool folded, bool shell) {
    ShellReader *reader = yaml->reader;
    Buf text = {.arena = reader->arena};
    List(ShellLine) lines = {0};
    ptrdiff_t indent = -1;
    for (; yaml->at < yaml->lines.n; yaml->at++) {
        Str line = yaml_line(&yaml->lines, yaml->at);
        Span span = yaml->lines.v[yaml->at];
        ptrdiff_t here = yaml_indentation(line);
        if (!yaml_is_empty(line)) {
            indent = indent < 0 ? here : indent;
            if (here < indent || here <= column)
                break;
        }
        if (!shell)
            continue;
        ptrdiff_t from = indent < 0 || here < indent ? here : indent;
        *list_push(reader->arena, &lines) = (ShellLine){(uint32_t)text.n, span.at + (uint32_t)from};
        buf_add(&text, str_slice(line, from, line.n));
        buf_add_byte(&text, folded && !yaml_is_empty(line) ? ' ' : '\n');
    }
    if (lines.n)
        shell_add_lines(reader, without_templates(reader->arena, buf_str(&text)), lines.v, lines.n);
}

/* A value with shell text, on the line `at`: moves past it. */
static void read_shell(Yaml *yaml, Span value, ptrdiff_t column) {
    Str text = value_text(yaml, value);
    ptrdiff_t line = yaml->at++;
    if (yaml_is_block_mark(text))
        read_block(yaml, column, text.p[0] == '>', true);
    else if (!yaml_goes_on(&yaml->lines, line, column))
        read_scalar(yaml, value);
}

/* Whether a line below a key at `column` belongs to it; items may stand at the key's own column. */
static bool is_below(Str line, ptrdiff_t column) {
    ptrdiff_t here = yaml_indentation(line);
    return yaml_is_empty(line) || yaml_is_comment(line) || here > column ||
           (here == column && str_starts(str_slice(line, here, line.n), S("- ")));
}

/* A list of commands below a key. Mappings in it (`- run: x`) are read as any. */
static void read_entry_at(Yaml *yaml);

static void read_items(Yaml *yaml, ptrdiff_t column) {
    while (yaml->at < yaml->lines.n && is_below(yaml_line(&yaml->lines, yaml->at), column)) {
        Str line = yaml_line(&yaml->lines, yaml->at);
        ptrdiff_t mark = yaml_indentation(line), at = yaml_behind_marks(line);
        YamlEntry entry;
        if (at == mark || yaml_entry(&yaml->lines, yaml->at, &entry)) {
            read_entry_at(yaml);
        } else {
            Span span = yaml->lines.v[yaml->at];
            Span value = yaml_value(yaml->reader->source, (Span){span.at + (uint32_t)at, span.end});
            read_shell(yaml, value, mark);
        }
    }
}

/* ---- variables ---- */

static void add_variable(Yaml *yaml, Span name, Span value, bool whole) {
    Span line = yaml->lines.v[yaml->at];
    ShellReader *reader = yaml->reader;
    line.end += line.end < reader->source.n;
    if (shell_name_length(str_span(reader->source, name)) != name.end - name.at)
        return;
    *list_push(reader->arena, &reader->variables) =
        (ShellVariable){.use = VARIABLE_SET,
                        .name = name,
                        .value = shell_unquoted(value_text(yaml, value)),
                        .whole = whole ? line : (Span){0},
                        .scope = reader->scope};
}

/* `- A=b` of compose, `- A` that passes a variable on. */
static void read_variable_item(Yaml *yaml) {
    Str line = yaml_line(&yaml->lines, yaml->at);
    ptrdiff_t at = yaml_behind_marks(line);
    Span span = yaml->lines.v[yaml->at];
    Span value = yaml_value(yaml->reader->source, (Span){span.at + (uint32_t)at, span.end});
    Str text = shell_unquoted(value_text(yaml, value));
    uint32_t from = value.at + (uint32_t)(text.n < value.end - value.at);
    span.end += span.end < yaml->reader->source.n;
    shell_add_setting(yaml->reader, text, from, span);
}

static void skip_value(Yaml *yaml, const YamlEntry *entry) {
    Str value = value_text(yaml, entry->value);
    yaml->at++;
    if (yaml_is_block_mark(value))
        read_block(yaml, entry->column, false, false);
}

/* The rest of an item. */
static void skip_item(Yaml *yaml) {
    ptrdiff_t mark = yaml_indentation(yaml_line(&yaml->lines, yaml->at++));
    while (yaml->at < yaml->lines.n && (yaml_is_empty(yaml_line(&yaml->lines, yaml->at)) ||
                                        yaml_indentation(yaml_line(&yaml->lines, yaml->at)) > mark))
        yaml->at++;
}

/* One line below a key such as `env:`. */
static void read_variable(Yaml *yaml) {
    Str line = yaml_line(&yaml->lines, yaml->at);
    YamlEntry entry, value;
    if (yaml_is_empty(line) || yaml_is_comment(line)) {
        yaml->at++;
        return;
    }
    if (!yaml_entry(&yaml->lines, yaml->at, &entry)) {
        if (yaml_behind_marks(line) > yaml_indentation(line))
            read_variable_item(yaml);
        yaml->at++;
        return;
    }
    /* `- name: A` / `  value: b` of Kubernetes */
    Str text = value_text(yaml, entry.value);
    if (entry.item && str_eq(entry.key, S("name")) && yaml->at + 1 < yaml->lines.n &&
        yaml_entry(&yaml->lines, yaml->at + 1, &value) && str_starts(value.key, S("value"))) {
        if (shell_unquoted(text).n == text.n)
            add_variable(yaml, entry.value, value.value, false);
        skip_item(yaml);
        return;
    }
    if (!entry.item)
        add_variable(yaml, entry.key_at, entry.value,
                     entry.value.end > entry.value.at && !yaml_is_block_mark(text) &&
                         !yaml_goes_on(&yaml->lines, yaml->at, entry.column));
    skip_value(yaml, &entry);
}

/* A list or mapping of variables. The last one can't go: the key would have nothing below it. */
static void read_variables(Yaml *yaml, ptrdiff_t column) {
    ShellReader *reader = yaml->reader;
    ptrdiff_t first = reader->variables.n;
    reader->scope = ++yaml->scopes;
    while (yaml->at < yaml->lines.n && is_below(yaml_line(&yaml->lines, yaml->at), column))
        read_variable(yaml);
    reader->scope = 0;
    if (reader->variables.n == first + 1)
        reader->variables.v[first].whole = (Span){0};
}

/* ---- lines ---- */

/* Reads the entry on the line in work and moves past what belongs to it. */
static void read_entry_at(Yaml *yaml) {
    YamlEntry entry;
    if (yaml_is_comment(yaml_line(&yaml->lines, yaml->at)) ||
        !yaml_entry(&yaml->lines, yaml->at, &entry)) {
        yaml->at++;
        return;
    }
    bool empty = entry.value.at == entry.value.end;
    if (str_among(entry.key, command_keys, COUNT(command_keys))) {
        if (!empty) {
            read_shell(yaml, entry.value, entry.column);
            return;
        }
        bool exec = str_eq(entry.key, S("command")) || str_eq(entry.key, S("entrypoint"));
        yaml->at++;
        if (!exec)
            read_items(yaml, entry.column);
        return;
    }
    if (empty && str_among(entry.key, variable_keys, COUNT(variable_keys))) {
        yaml->at++;
        read_variables(yaml, entry.column);
        return;
    }
    skip_value(yaml, &entry);
}

void yaml_cut(ShellReader *reader) {
    Yaml yaml = {.reader = reader, .lines = yaml_lines(reader->arena, reader->source)};
    while (yaml.at < yaml.lines.n)
        read_entry_at(&yaml);
    yaml_tables(reader, &yaml.lines);
}

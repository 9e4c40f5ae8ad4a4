/* YAML as far as commands and variables stand in it: CI files, compose files, task files.
 *
 * Read line by line. A key such as `run:` has shell text (a block scalar, a scalar on its line, or
 * a list of them), a key such as `env:` has names of variables below it. Block scalars of other
 * keys are stepped over. What is written otherwise (flow mappings, scalars over several lines,
 * escapes) is left alone. A whole grammar would tell no more of these keys, and cost a parse of
 * every YAML file. */
#include "document/scripts.h"

static const Str command_keys[] = {
    S("run"),      S("script"), S("before_script"), S("after_script"),   S("command"),
    S("commands"), S("cmd"),    S("cmds"),          S("entrypoint"),     S("setup"),
    S("shell"),    S("bash"),   S("install"),       S("before_install"), S("test")};
static const Str variable_keys[] = {S("env"), S("environment"), S("variables"), S("envs")};

typedef struct Yaml {
    ShellReader *reader;
    List(Span) lines; /* without their newlines */
    ptrdiff_t at;
    int scopes;
} Yaml;

/* `key: value` on a line. */
typedef struct Entry {
    Str key;
    Span key_at;
    Span value;       /* empty: what follows is below */
    ptrdiff_t column; /* of the key */
    bool item;        /* behind a `-` */
} Entry;

static Str line_text(const Yaml *yaml, ptrdiff_t i) {
    return str_span(yaml->reader->source, yaml->lines.v[i]);
}

static ptrdiff_t indentation(Str line) {
    ptrdiff_t n = 0;
    while (n < line.n && line.p[n] == ' ')
        n++;
    return n;
}

static bool is_empty(Str line) {
    return !str_trim(line).n;
}

static bool is_comment(Str line) {
    return str_starts(str_trim(line), S("#"));
}

/* Offset behind the `- ` marks of the line's items. */
static ptrdiff_t behind_marks(Str line) {
    ptrdiff_t at = indentation(line);
    while (at + 1 < line.n && line.p[at] == '-' && line.p[at + 1] == ' ') {
        at++;
        at += indentation(str_slice(line, at, line.n));
    }
    return at;
}

/* The value's text without a comment and blanks. */
static Span value_span(Str source, Span span) {
    Str text = str_span(source, span);
    char quote = text.n && (text.p[0] == '"' || text.p[0] == '\'') ? text.p[0] : 0;
    ptrdiff_t end = text.n;
    for (ptrdiff_t i = 1; i < text.n; i++) {
        if (quote && text.p[i] == quote) {
            quote = 0;
            end = i + 1;
            break;
        }
        if (!quote && text.p[i] == '#' && text.p[i - 1] == ' ') {
            end = i;
            break;
        }
    }
    Str value = str_trim(str_slice(text, 0, end));
    if (!value.n || value.p[0] == '#')
        return (Span){span.at, span.at};
    uint32_t at = span.at + (uint32_t)(value.p - text.p);
    return (Span){at, at + (uint32_t)value.n};
}

static bool read_entry(const Yaml *yaml, ptrdiff_t i, Entry *entry) {
    Span span = yaml->lines.v[i];
    Str line = line_text(yaml, i);
    ptrdiff_t at = behind_marks(line), end = at;
    while (end < line.n && line.p[end] != ':' && line.p[end] != ' ' && line.p[end] != '{' &&
           line.p[end] != '[')
        end++;
    if (end == at || end == line.n || line.p[end] != ':' ||
        (end + 1 < line.n && line.p[end + 1] != ' ' && line.p[end + 1] != '\r'))
        return false;
    Str key = shell_unquoted(str_slice(line, at, end));
    uint32_t key_at = span.at + (uint32_t)(key.p - line.p);
    *entry = (Entry){
        .key = key,
        .key_at = {key_at, key_at + (uint32_t)key.n},
        .value = value_span(yaml->reader->source, (Span){span.at + (uint32_t)end + 1, span.end}),
        .column = at,
        .item = at > indentation(line)};
    return true;
}

static Str value_text(const Yaml *yaml, Span value) {
    return str_span(yaml->reader->source, value);
}

// ------------------------------------------------------------------------------------------ shell

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

static bool is_block_mark(Str value) {
    return value.n && (value.p[0] == '|' || value.p[0] == '>') && value.n < 4;
}

/* The lines of a block scalar under a key at `column`; moves past them. */
static void read_block(Yaml *yaml, ptrdiff_t column, bool folded, bool shell) {
    ShellReader *reader = yaml->reader;
    Buf text = {.arena = reader->arena};
    List(ShellLine) lines = {0};
    ptrdiff_t indent = -1;
    for (; yaml->at < yaml->lines.n; yaml->at++) {
        Str line = line_text(yaml, yaml->at);
        Span span = yaml->lines.v[yaml->at];
        ptrdiff_t here = indentation(line);
        if (!is_empty(line)) {
            indent = indent < 0 ? here : indent;
            if (here < indent || here <= column)
                break;
        }
        if (!shell)
            continue;
        ptrdiff_t from = indent < 0 || here < indent ? here : indent;
        *list_push(reader->arena, &lines) = (ShellLine){(uint32_t)text.n, span.at + (uint32_t)from};
        buf_add(&text, str_slice(line, from, line.n));
        buf_add_byte(&text, folded && !is_empty(line) ? ' ' : '\n');
    }
    if (lines.n)
        shell_add_lines(reader, without_templates(reader->arena, buf_str(&text)), lines.v, lines.n);
}

/* Whether the scalar at line `i` under a key at `column` goes on on the next line. */
static bool goes_on(const Yaml *yaml, ptrdiff_t i, ptrdiff_t column) {
    for (i++; i < yaml->lines.n; i++) {
        Str line = line_text(yaml, i);
        if (!is_empty(line))
            return !is_comment(line) && indentation(line) > column;
    }
    return false;
}

/* A value with shell text, on the line `at`: moves past it. */
static void read_shell(Yaml *yaml, Span value, ptrdiff_t column) {
    Str text = value_text(yaml, value);
    ptrdiff_t line = yaml->at++;
    if (is_block_mark(text))
        read_block(yaml, column, text.p[0] == '>', true);
    else if (!goes_on(yaml, line, column))
        read_scalar(yaml, value);
}

/* Whether a line below a key at `column` belongs to it; items may stand at the key's own column. */
static bool is_below(Str line, ptrdiff_t column) {
    ptrdiff_t here = indentation(line);
    return is_empty(line) || is_comment(line) || here > column ||
           (here == column && str_starts(str_slice(line, here, line.n), S("- ")));
}

/* A list of commands below a key. Mappings in it (`- run: x`) are read as any. */
static void read_entry_at(Yaml *yaml);

static void read_items(Yaml *yaml, ptrdiff_t column) {
    while (yaml->at < yaml->lines.n && is_below(line_text(yaml, yaml->at), column)) {
        Str line = line_text(yaml, yaml->at);
        ptrdiff_t mark = indentation(line), at = behind_marks(line);
        Entry entry;
        if (at == mark || read_entry(yaml, yaml->at, &entry)) {
            read_entry_at(yaml);
        } else {
            Span span = yaml->lines.v[yaml->at];
            Span value = value_span(yaml->reader->source, (Span){span.at + (uint32_t)at, span.end});
            read_shell(yaml, value, mark);
        }
    }
}

// -------------------------------------------------------------------------------------- variables

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
    Str line = line_text(yaml, yaml->at);
    ptrdiff_t at = behind_marks(line);
    Span span = yaml->lines.v[yaml->at];
    Span value = value_span(yaml->reader->source, (Span){span.at + (uint32_t)at, span.end});
    Str text = shell_unquoted(value_text(yaml, value));
    uint32_t from = value.at + (uint32_t)(text.n < value.end - value.at);
    span.end += span.end < yaml->reader->source.n;
    shell_add_setting(yaml->reader, text, from, span);
}

static void skip_value(Yaml *yaml, const Entry *entry) {
    Str value = value_text(yaml, entry->value);
    yaml->at++;
    if (is_block_mark(value))
        read_block(yaml, entry->column, false, false);
}

/* The rest of an item. */
static void skip_item(Yaml *yaml) {
    ptrdiff_t mark = indentation(line_text(yaml, yaml->at++));
    while (yaml->at < yaml->lines.n &&
           (is_empty(line_text(yaml, yaml->at)) || indentation(line_text(yaml, yaml->at)) > mark))
        yaml->at++;
}

/* One line below a key such as `env:`. */
static void read_variable(Yaml *yaml) {
    Str line = line_text(yaml, yaml->at);
    Entry entry, value;
    if (is_empty(line) || is_comment(line)) {
        yaml->at++;
        return;
    }
    if (!read_entry(yaml, yaml->at, &entry)) {
        if (behind_marks(line) > indentation(line))
            read_variable_item(yaml);
        yaml->at++;
        return;
    }
    /* `- name: A` / `  value: b` of Kubernetes */
    Str text = value_text(yaml, entry.value);
    if (entry.item && str_eq(entry.key, S("name")) && yaml->at + 1 < yaml->lines.n &&
        read_entry(yaml, yaml->at + 1, &value) && str_starts(value.key, S("value"))) {
        if (shell_unquoted(text).n == text.n)
            add_variable(yaml, entry.value, value.value, false);
        skip_item(yaml);
        return;
    }
    if (!entry.item)
        add_variable(yaml, entry.key_at, entry.value,
                     entry.value.end > entry.value.at && !is_block_mark(text) &&
                         !goes_on(yaml, yaml->at, entry.column));
    skip_value(yaml, &entry);
}

/* A list or mapping of variables. The last one can't go: the key would have nothing below it. */
static void read_variables(Yaml *yaml, ptrdiff_t column) {
    ShellReader *reader = yaml->reader;
    ptrdiff_t first = reader->variables.n;
    reader->scope = ++yaml->scopes;
    while (yaml->at < yaml->lines.n && is_below(line_text(yaml, yaml->at), column))
        read_variable(yaml);
    reader->scope = 0;
    if (reader->variables.n == first + 1)
        reader->variables.v[first].whole = (Span){0};
}

// ------------------------------------------------------------------------------------------ lines

/* Reads the entry on the line in work and moves past what belongs to it. */
static void read_entry_at(Yaml *yaml) {
    Entry entry;
    if (is_comment(line_text(yaml, yaml->at)) || !read_entry(yaml, yaml->at, &entry)) {
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
    Yaml yaml = {.reader = reader};
    Str source = reader->source;
    for (ptrdiff_t at = 0; at < source.n;) {
        ptrdiff_t end = str_find_byte(str_slice(source, at, source.n), '\n');
        end = end < 0 ? source.n : at + end;
        bool cr = end > at && source.p[end - 1] == '\r';
        *list_push(reader->arena, &yaml.lines) = (Span){(uint32_t)at, (uint32_t)(end - cr)};
        at = end + 1;
    }
    while (yaml.at < yaml.lines.n)
        read_entry_at(&yaml);
}

/* YAML line by line: enough to tell keys and what stands behind them, where they are written as
 * people write them. What is written otherwise is no entry, and is stepped over. */
#include "document/yaml_lines.h"

#include "base/list.h"

YamlLines yaml_lines(Arena *arena, Str source) {
    List(Span) lines = {0};
    for (ptrdiff_t at = 0; at < source.n;) {
        ptrdiff_t end = str_find_byte(str_slice(source, at, source.n), '\n');
        end = end < 0 ? source.n : at + end;
        bool cr = end > at && source.p[end - 1] == '\r';
        *list_push(arena, &lines) = (Span){(uint32_t)at, (uint32_t)(end - cr)};
        at = end + 1;
    }
    return (YamlLines){source, lines.v, lines.n};
}

Str yaml_line(const YamlLines *lines, ptrdiff_t i) {
    return str_span(lines->source, lines->v[i]);
}

ptrdiff_t yaml_indentation(Str line) {
    ptrdiff_t n = 0;
    while (n < line.n && line.p[n] == ' ')
        n++;
    return n;
}

bool yaml_is_empty(Str line) {
    return !str_trim(line).n;
}

bool yaml_is_comment(Str line) {
    return str_starts(str_trim(line), S("#"));
}

ptrdiff_t yaml_behind_marks(Str line) {
    ptrdiff_t at = yaml_indentation(line);
    while (at + 1 < line.n && line.p[at] == '-' && line.p[at + 1] == ' ') {
        at++;
        at += yaml_indentation(str_slice(line, at, line.n));
    }
    return at;
}

Span yaml_value(Str source, Span span) {
    while (span.at < span.end && source.p[span.at] == ' ')
        span.at++;
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

bool yaml_entry(const YamlLines *lines, ptrdiff_t i, YamlEntry *entry) {
    Span span = lines->v[i];
    Str line = yaml_line(lines, i);
    ptrdiff_t at = yaml_behind_marks(line), end = at;
    while (end < line.n && line.p[end] != ':' && line.p[end] != ' ' && line.p[end] != '{' &&
           line.p[end] != '[')
        end++;
    if (end == at || end == line.n || line.p[end] != ':' ||
        (end + 1 < line.n && line.p[end + 1] != ' ' && line.p[end + 1] != '\r'))
        return false;
    Str key = shell_unquoted(str_slice(line, at, end));
    uint32_t key_at = span.at + (uint32_t)(key.p - line.p);
    *entry = (YamlEntry){
        .key = key,
        .key_at = {key_at, key_at + (uint32_t)key.n},
        .value = yaml_value(lines->source, (Span){span.at + (uint32_t)end + 1, span.end}),
        .column = at,
        .item = at > yaml_indentation(line)};
    return true;
}

bool yaml_is_block_mark(Str value) {
    return value.n && (value.p[0] == '|' || value.p[0] == '>') && value.n < 4;
}

bool yaml_goes_on(const YamlLines *lines, ptrdiff_t i, ptrdiff_t column) {
    for (i++; i < lines->n; i++) {
        Str line = yaml_line(lines, i);
        if (!yaml_is_empty(line))
            return !yaml_is_comment(line) && yaml_indentation(line) > column;
    }
    return false;
}

/* Makefiles: recipes are shell text, and `A = b` sets a variable that `$(A)` reads.
 *
 * A recipe's lines begin with a tab; `\` at an end goes on. What make itself replaces is hidden
 * from the shell's grammar: of `$$` the first `$`. A recipe whose shell text make composes from
 * functions seldom parses and is then left alone. */
#include "document/scripts.h"

/* `$(A)` and `${A}`: the shell's grammar knows the second. */
static void read_reads(ShellReader *reader, Span span, bool braces) {
    Str source = reader->source;
    for (uint32_t i = span.at; i + 2 < span.end; i++) {
        if (source.p[i] != '$' || (i > span.at && source.p[i - 1] == '$'))
            continue;
        char open = source.p[i + 1], close = open == '(' ? ')' : '}';
        ptrdiff_t n = shell_name_length(str_slice(source, i + 2, span.end));
        if (n && (open == '(' || (braces && open == '{')) && i + 2 + n < span.end &&
            source.p[i + 2 + n] == close)
            *list_push(reader->arena, &reader->variables) =
                (ShellVariable){.use = VARIABLE_READ, .name = {i + 2, i + 2 + (uint32_t)n}};
    }
}

/* `A = b`, `export A := b`, `export A`. */
static void read_setting(ShellReader *reader, Span line) {
    Str text = str_span(reader->source, line);
    bool exported = str_starts(text, S("export "));
    ptrdiff_t at = exported ? 7 : 0;
    while (at < text.n && text.p[at] == ' ')
        at++;
    ptrdiff_t n = shell_name_length(str_slice(text, at, text.n));
    Str rest = str_trim(str_slice(text, at + n, text.n));
    ptrdiff_t sign = 0;
    while (sign < rest.n && str_find_byte(S(":?+"), rest.p[sign]) >= 0)
        sign++;
    bool sets = sign < rest.n && rest.p[sign] == '=';
    if (!n || (!sets && !(exported && !rest.n)))
        return;
    uint32_t name = line.at + (uint32_t)at;
    *list_push(reader->arena, &reader->variables) = (ShellVariable){
        .use = sets ? VARIABLE_SET : VARIABLE_READ,
        .name = {name, name + (uint32_t)n},
        .value = sets ? str_trim(str_slice(rest, sign + 1, rest.n)) : (Str){0},
        .whole = sets && !str_ends(rest, S("\\")) ? line : (Span){0},
    };
}

/* One logical line of a recipe. */
static void read_recipe(ShellReader *reader, Span span) {
    Str text = str_span(reader->source, span);
    char *copy = new (reader->arena, char, text.n + 1);
    ptrdiff_t prefix = 0;
    while (prefix < text.n && str_find_byte(S("\t @-+"), text.p[prefix]) >= 0)
        prefix++;
    for (ptrdiff_t i = 0; i < text.n; i++) {
        bool doubled = text.p[i] == '$' && i + 1 < text.n && text.p[i + 1] == '$';
        copy[i] = i < prefix ? ' ' : doubled ? '_' : text.p[i];
        if (doubled && ++i < text.n)
            copy[i] = '$';
    }
    shell_add(reader, (Str){copy, text.n}, span.at);
    read_reads(reader, span, false);
}

void makefile_cut(ShellReader *reader) {
    Str source = reader->source;
    for (ptrdiff_t at = 0, next; at < source.n; at = next) {
        Str line;
        next = at;
        do { /* with the lines that continue it */
            ptrdiff_t end = str_find_byte(str_slice(source, next, source.n), '\n');
            line = str_slice(source, next, end < 0 ? source.n : next + end);
            next = end < 0 ? source.n : next + end + 1;
        } while (next < source.n && str_ends(str_trim(line), S("\\")));
        Span span = {(uint32_t)at, (uint32_t)next};
        if (source.p[at] == '\t') {
            read_recipe(reader, span);
            continue;
        }
        read_setting(reader, span);
        read_reads(reader, span, true);
    }
}

/* Shell text in a notebook: `!command`, cells of `%%bash`, and `%env A=b`. IPython puts values in
 * place of `{…}` before the shell sees the line; they count as words. */
#include "document/magic.h"

#include "base/byte.h"

static Str first_word(Str text) {
    ptrdiff_t n = 0;
    while (n < text.n && byte_is_word(text.p[n]))
        n++;
    return str_slice(text, 0, n);
}

static Str without_braces(Arena *arena, Str text) {
    char *copy = new (arena, char, text.n + 1);
    for (ptrdiff_t i = 0; i < text.n; i++) {
        copy[i] = text.p[i];
        ptrdiff_t end = text.p[i] == '{' && (!i || text.p[i - 1] != '$')
                            ? str_find_byte(str_slice(text, i, text.n), '}')
                            : -1;
        for (ptrdiff_t k = 0; k <= end; k++)
            copy[i + k] = text.p[i + k] == '\n' ? '\n' : '_';
        i += end > 0 ? end : 0;
    }
    return (Str){copy, text.n};
}

/* `%env A=b`, `%env A b` */
static void read_env(ShellReader *reader, Str text) {
    uint32_t at = (uint32_t)(text.p - reader->source.p);
    ptrdiff_t n = shell_name_length(text);
    if (n && n < text.n && text.p[n] == ' ')
        *list_push(reader->arena, &reader->variables) =
            (ShellVariable){.use = VARIABLE_SET,
                            .name = {at, at + (uint32_t)n},
                            .value = str_trim(str_slice(text, n, text.n))};
    else
        shell_add_setting(reader, text, at, (Span){0});
}

static bool runs_shell(Str line) {
    Str word = first_word(str_slice(line, 2, line.n)), rest = str_slice(line, 2 + word.n, line.n);
    if (str_eq(word, S("script"))) {
        rest = str_trim(rest);
        return str_starts(rest, S("bash")) || str_starts(rest, S("sh"));
    }
    return str_eq(word, S("bash")) || str_eq(word, S("sh")) || str_eq(word, S("shell"));
}

/* Where the cell that holds `at` ends: in front of the line that says so. */
static ptrdiff_t cell_end(Str source, ptrdiff_t at) {
    ptrdiff_t end = str_find(str_slice(source, at, source.n), S("\n" MAGIC_CELL_END "\n"));
    return end < 0 ? source.n : at + end + 1;
}

/* End of the line at `at`, with those that continue it. */
static ptrdiff_t line_end(Str source, ptrdiff_t at) {
    for (;;) {
        ptrdiff_t end = str_find_byte(str_slice(source, at, source.n), '\n');
        if (end < 0)
            return source.n;
        bool continued = str_ends(str_trim(str_slice(source, at, at + end)), S("\\"));
        at += end + 1;
        if (!continued)
            return at;
    }
}

void magics_cut(ShellReader *reader) {
    Str source = reader->source;
    for (ptrdiff_t at = 0, next; at < source.n; at = next) {
        next = line_end(source, at);
        Str line = str_trim(str_slice(source, at, next));
        ptrdiff_t from = line.n ? line.p - source.p : at;
        if (str_eq(line, S(MAGIC_CELL_END)))
            continue;
        if (str_starts(line, S("%%"))) {
            if (magic_runs_python(first_word(str_slice(line, 2, line.n))))
                continue;
            ptrdiff_t end = cell_end(source, next > at ? next - 1 : next);
            if (runs_shell(line) && end > next)
                shell_add(reader, str_slice(source, next, end), (uint32_t)next);
            next = end;
        } else if (str_starts(line, S("!"))) {
            from += 1 + str_starts(line, S("!!"));
            shell_add(reader, without_braces(reader->arena, str_slice(source, from, next)),
                      (uint32_t)from);
        } else if (str_starts(line, S("%env ")) || str_starts(line, S("%set_env "))) {
            Str rest = str_slice(line, str_find_byte(line, ' '), line.n);
            read_env(reader, str_trim(rest));
        }
    }
    for (ptrdiff_t i = 0; i < reader->variables.n; i++)
        reader->variables.v[i].whole = (Span){0};
}

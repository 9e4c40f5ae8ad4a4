/* IPython changes a cell's text before Python sees it (IPython/core/inputtransformer2.py): `%name`
 * and `!command` at a statement's start, `%%name` at a cell's, `name?` at a statement's end, and
 * `%` or `!` behind a `=`. A line that begins with a magic's name and another word
 * (`pip install x`) is one without its `%`.
 *
 * Each physical line of such a thing gives way to one name, indented as the statement is, so that
 * a block keeps a statement and line numbers stay. Where statements begin is told by
 * python/lines.h: a line of a text in triple quotes may begin with `%` or `!` as well. */
#include "document/magic.h"

#include <string.h>

#include "base/byte.h"
#include "python/lines.h"

/* Cell magics whose body runs as part of the notebook's own program. To add one: a row. */
static const Str python_cells[] = {S("time"),  S("timeit"), S("capture"), S("prun"),
                                   S("debug"), S("memit"),  S("ipytest")};

/* Magics that are known to be used without a `%`. */
static const Str bare_magics[] = {
    S("pip"),    S("conda"),    S("mamba"),      S("micromamba"), S("uv"),
    S("cd"),     S("ls"),       S("ll"),         S("cat"),        S("cp"),
    S("mkdir"),  S("mv"),       S("rm"),         S("rmdir"),      S("man"),
    S("more"),   S("less"),     S("env"),        S("time"),       S("run"),
    S("timeit"), S("load_ext"), S("reload_ext"), S("matplotlib"), S("autoreload")};

/* Words that may follow a name in Python. */
static const Str operators[] = {S("in"), S("is"), S("if"), S("and"), S("or"), S("not"), S("for")};

static Str first_word(Str text) {
    ptrdiff_t n = 0;
    while (n < text.n && byte_is_word(text.p[n]))
        n++;
    return str_slice(text, 0, n);
}

bool magic_runs_python(Str name) {
    return str_among(name, python_cells, COUNT(python_cells));
}

static ptrdiff_t blanks(Str text) {
    ptrdiff_t n = 0;
    while (n < text.n && (text.p[n] == ' ' || text.p[n] == '\t'))
        n++;
    return n;
}

/* The physical line at `at`, without its newline. */
static Str line_at(Str text, ptrdiff_t at) {
    Str rest = str_slice(text, at, text.n);
    ptrdiff_t end = str_find_byte(rest, '\n');
    Str line = str_slice(rest, 0, end < 0 ? rest.n : end);
    return str_slice(line, 0, line.n - str_ends(line, S("\r")));
}

/* Where the line behind the one that holds `at` begins. */
static ptrdiff_t next_line(Str text, ptrdiff_t at) {
    ptrdiff_t end = str_find_byte(str_slice(text, at, text.n), '\n');
    return end < 0 ? text.n : at + end + 1;
}

/* ---- questions ---- */

/* `pip install x`, `ls -l`; not `ls in x`, `time = 3`, `run(x)` */
static bool is_bare_magic(Str line) {
    Str word = first_word(line);
    if (!str_among(word, bare_magics, COUNT(bare_magics)))
        return false;
    Str rest = str_slice(line, word.n, line.n);
    ptrdiff_t n = blanks(rest);
    rest = str_slice(rest, n, rest.n);
    if (!n || !rest.n || str_among(first_word(rest), operators, COUNT(operators)))
        return false;
    bool flag = rest.p[0] == '-' && rest.n > 1 && rest.p[1] != ' ' && rest.p[1] != '=';
    return flag || byte_is_word(rest.p[0]) || rest.p[0] == '~' ||
           (strchr("./", rest.p[0]) && rest.n > 1 && rest.p[1] != ' ' && rest.p[1] != '=');
}

/* `model.generate?`, `np.*load*??` */
static bool asks_for_help(Str line) {
    line = str_trim(line);
    if (!str_ends(line, S("?")))
        return false;
    for (ptrdiff_t i = 0; i < line.n; i++) {
        char c = line.p[i];
        if (!byte_is_word(c) && !strchr(".*?%[]", c) && (unsigned char)c < 0x80)
            return false;
    }
    return true;
}

/* Whether a statement that begins with this line (without its indentation) is IPython's. */
static bool is_magic(Str line) {
    return (line.n && strchr("%!?/,;", line.p[0])) || is_bare_magic(line) || asks_for_help(line);
}

/* Offset of the `!` or `%` in `x = !ls` and `a, b = %magic`; -1 in a line that is Python. */
static ptrdiff_t assigned_magic(Str line) {
    ptrdiff_t i = 0;
    while (i < line.n && (byte_is_word(line.p[i]) || strchr(" \t.,*[]'\"()", line.p[i]) ||
                          (unsigned char)line.p[i] >= 0x80))
        i++;
    if (!i || i == line.n || line.p[i] != '=')
        return -1;
    i++;
    i += blanks(str_slice(line, i, line.n));
    bool begins = i < line.n && (line.p[i] == '!' || line.p[i] == '%');
    return begins && !str_starts(str_slice(line, i, line.n), S("!=")) ? i : -1;
}

/* Where the first line with code begins; text.n without one. */
static ptrdiff_t first_code(Str text) {
    ptrdiff_t at = 0;
    while (at < text.n) {
        Str held = str_trim(line_at(text, at));
        if (held.n && held.p[0] != '#')
            break;
        at = next_line(text, at);
    }
    return at;
}

/* ---- hiding ---- */

static void stand_in(Magics *magics, Str text, bool whole, Buf *out) {
    buf_format(out, "%.*s%td", STR_ARG(magics->word), magics->list.n);
    *list_push(magics->arena, &magics->list) = (Magic){.text = text, .whole = whole};
}

/* Adds what stands behind the line's text: its newline, if it has one. */
static void add_newline(Str text, ptrdiff_t line_end, ptrdiff_t next, Buf *out) {
    buf_add(out, str_slice(text, line_end, next));
}

static void hide_all(Magics *magics, Str cell, Buf *out) {
    for (ptrdiff_t at = 0, next; at < cell.n; at = next) {
        next = next_line(cell, at);
        Str line = line_at(cell, at);
        if (str_trim(line).n)
            stand_in(magics, line, true, out);
        else
            buf_add(out, line);
        add_newline(cell, at + line.n, next, out);
    }
}

/* Hides what begins at `from` of the line at `at`, with the lines that continue it. Gives where the
 * next line begins. */
static ptrdiff_t hide_lines(Magics *magics, Str cell, ptrdiff_t at, ptrdiff_t from, Buf *out) {
    Str line = line_at(cell, at), indent = str_slice(line, 0, blanks(line));
    bool assigned = from > indent.n, continues;
    buf_add(out, str_slice(line, 0, from));
    stand_in(magics, assigned ? str_slice(line, from, line.n) : line, !assigned, out);
    for (;;) {
        ptrdiff_t next = next_line(cell, at);
        add_newline(cell, at + line.n, next, out);
        continues = str_ends(line, S("\\")) && next < cell.n;
        at = next;
        if (!continues)
            return at;
        line = line_at(cell, at);
        buf_add(out, indent);
        stand_in(magics, line, true, out);
    }
}

/* Copies the statement on the line at `at`. Gives where the next line begins, -1 when the
 * statement has no end. */
static ptrdiff_t copy_statement(Str cell, ptrdiff_t at, Buf *out) {
    LineScan scan = {.text = str_slice(cell, at, cell.n)};
    Span line;
    if (!lines_next(&scan, &line) || scan.unsure)
        return -1;
    ptrdiff_t next = next_line(cell, at + line.end);
    buf_add(out, str_slice(cell, at, next));
    return next;
}

/* Hides line by line; false when the cell can't be read so. */
static bool hide_some(Magics *magics, Str cell, Buf *out) {
    ptrdiff_t start = first_code(cell);
    Str first = line_at(cell, start);
    if (blanks(first))
        return false;
    if (str_starts(first, S("%%")) && !magic_runs_python(first_word(str_slice(first, 2, first.n))))
        return false;
    for (ptrdiff_t at = 0; at < cell.n;) {
        ptrdiff_t code = at + first_code(str_slice(cell, at, cell.n));
        buf_add(out, str_slice(cell, at, code));
        if (code == cell.n)
            break;
        Str line = line_at(cell, code);
        ptrdiff_t indent = blanks(line), assigned = assigned_magic(line);
        if (is_magic(str_slice(line, indent, line.n)))
            at = hide_lines(magics, cell, code, indent, out);
        else if (assigned >= 0)
            at = hide_lines(magics, cell, code, assigned, out);
        else
            at = copy_statement(cell, code, out);
        if (at < 0)
            return false;
    }
    return !str_ends(str_trim(cell), S("\\"));
}

void magics_hide(Magics *magics, Str cell, Buf *out) {
    ptrdiff_t n = out->n, known = magics->list.n;
    if (hide_some(magics, cell, out))
        return;
    out->n = n;
    magics->list.n = known;
    hide_all(magics, cell, out);
}

/* ---- restoring ---- */

/* Takes away the blanks at the end of `out`, back to a line's start; false when there is more. */
static bool take_indentation(Buf *out, ptrdiff_t from) {
    ptrdiff_t n = out->n;
    while (n > from && (out->p[n - 1] == ' ' || out->p[n - 1] == '\t'))
        n--;
    bool begins = n == from || out->p[n - 1] == '\n';
    if (begins)
        out->n = n;
    return begins;
}

bool magics_restore(const Magics *magics, Str text, ptrdiff_t *next, Buf *out) {
    ptrdiff_t from = out->n;
    for (;;) {
        ptrdiff_t at = magics->list.n ? str_find(text, magics->word) : -1;
        buf_add(out, str_slice(text, 0, at < 0 ? text.n : at));
        if (at < 0)
            return true;
        text = str_slice(text, at + magics->word.n, text.n);
        ptrdiff_t number = 0;
        for (; text.n && text.p[0] >= '0' && text.p[0] <= '9'; text = str_slice(text, 1, text.n))
            number = number * 10 + (text.p[0] - '0');
        if (number != *next || number >= magics->list.n)
            return false;
        const Magic *magic = &magics->list.v[(*next)++];
        if (magic->whole && !take_indentation(out, from))
            return false;
        buf_add(out, magic->text);
    }
}

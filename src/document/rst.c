/* A block is what stands deeper than the line that announces it, behind an empty line, up to the
 * next line that does not (docutils' reStructuredText specification: literal blocks, directives).
 * Options of a directive stand between the two. */
#include "document/rst.h"

#include "document/markdown.h"
#include "document/page_shell.h"

typedef struct Reader {
    Blocks *blocks;
    ptrdiff_t at; /* start of the next line */
    uint32_t line_number;
} Reader;

/* Of the line at `at`, with its newline. */
static Str line_at(const Reader *reader, ptrdiff_t at) {
    Str rest = str_slice(reader->blocks->bytes, at, reader->blocks->bytes.n);
    ptrdiff_t end = str_find_byte(rest, '\n');
    return str_slice(rest, 0, end < 0 ? rest.n : end + 1);
}

static Str indentation(Str line) {
    ptrdiff_t n = 0;
    while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
        n++;
    return str_slice(line, 0, n);
}

/* Whether a line announces a block that may be Python, or is shell text. */
static bool announces(Str line, bool *directive, ShellCut **cut) {
    static const Str names[] = {S("code-block"), S("code"), S("sourcecode"), S("testcode")};
    line = str_trim(line);
    *cut = NULL;
    *directive = str_starts(line, S(".. "));
    if (!*directive)
        return str_ends(line, S("::"));
    line = str_trim(str_slice(line, 3, line.n));
    ptrdiff_t end = str_find(line, S("::"));
    Str language = end < 0 ? line : str_trim(str_slice(line, end + 2, line.n));
    for (ptrdiff_t i = 0; end > 0 && i < COUNT(names); i++)
        if (str_eq(str_slice(line, 0, end), names[i])) {
            *cut = page_cut_of(language);
            return !language.n || *cut || markdown_names_python(language);
        }
    return false;
}

static Str next_line(Reader *reader) {
    Str line = line_at(reader, reader->at);
    reader->at += line.n;
    reader->line_number++;
    return line;
}

static bool more(const Reader *reader) {
    return reader->at < reader->blocks->bytes.n;
}

/* Reads the block below a line of that indentation, if there is one. */
static void read_block(Reader *reader, ptrdiff_t outer, bool directive, ShellCut *cut) {
    while (directive && more(reader)) {
        Str line = line_at(reader, reader->at);
        if (indentation(line).n <= outer || !str_starts(str_trim(line), S(":")))
            break;
        next_line(reader);
    }
    bool empty = false;
    while (more(reader) && !str_trim(line_at(reader, reader->at)).n) {
        next_line(reader);
        empty = true;
    }
    Str prefix = indentation(line_at(reader, reader->at));
    if (!empty || !more(reader) || prefix.n <= outer)
        return;
    ptrdiff_t begin = reader->at, end = begin;
    uint32_t first_line = reader->line_number + 1;
    while (more(reader)) {
        Str line = line_at(reader, reader->at);
        bool blank = !str_trim(line).n;
        if (!blank && indentation(line).n <= outer)
            break;
        next_line(reader);
        end = blank ? end : reader->at;
    }
    blocks_add(reader->blocks, (Span){(uint32_t)begin, (uint32_t)end}, first_line, prefix, cut);
}

void rst_find(Blocks *blocks) {
    Reader reader = {.blocks = blocks};
    while (more(&reader)) {
        bool directive;
        ShellCut *cut;
        Str line = next_line(&reader);
        if (announces(line, &directive, &cut))
            read_block(&reader, indentation(line).n, directive, cut);
    }
}

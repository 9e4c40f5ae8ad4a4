/* Lines of a text and the statements on them: see edit/lines.h. A line ends with LF, CR LF or CR.
 *
 * Where a statement goes, the blank lines before and behind it meet; as many stay as the larger of
 * the two has, and none where a block or the file starts or ends. */
#include "edit/lines.h"

ptrdiff_t start_of_line(Str text, ptrdiff_t at) {
    while (at > 0 && text.p[at - 1] != '\n' && text.p[at - 1] != '\r')
        at--;
    return at;
}

ptrdiff_t end_of_line(Str text, ptrdiff_t at) {
    while (at < text.n && text.p[at] != '\n' && text.p[at] != '\r')
        at++;
    return at;
}

ptrdiff_t past_newline(Str text, ptrdiff_t at) {
    if (str_starts(str_slice(text, at, text.n), S("\r\n")))
        return at + 2;
    return at < text.n ? at + 1 : at;
}

bool statement_has_own_line(const Module *module, Node statement) {
    Str text = module->source->text;
    Span span = node_span(module->tree, statement);
    Kind above = node_kind(module->tree, node_parent(module->tree, statement));
    if (above != NODE_BLOCK && above != NODE_MODULE)
        return false;
    Str rest = str_trim(str_slice(text, span.end, end_of_line(text, span.end)));
    return str_trim(str_slice(text, start_of_line(text, span.at), span.at)).n == 0 &&
           (rest.n == 0 || rest.p[0] == '#');
}

/* Blank lines that end at `at`, the start of a line; `*start` is where they start. */
static int blank_lines_before(Str text, ptrdiff_t at, ptrdiff_t *start) {
    int n = 0;
    *start = at;
    while (*start > 0) {
        ptrdiff_t line = start_of_line(text, *start - 1);
        if (line > 0 && text.p[line - 1] == '\r' && text.p[line] == '\n')
            line = start_of_line(text, line - 1);
        if (str_trim(str_slice(text, line, *start)).n)
            break;
        *start = line;
        n++;
    }
    return n;
}

static int blank_lines_after(Str text, ptrdiff_t at, ptrdiff_t *end) {
    int n = 0;
    *end = at;
    while (*end < text.n && str_trim(str_slice(text, *end, end_of_line(text, *end))).n == 0) {
        *end = past_newline(text, end_of_line(text, *end));
        n++;
    }
    return n;
}

Span lines_of_statement(const Module *module, Node statement) {
    const Tree *tree = module->tree;
    Str text = module->source->text;
    Span span = node_span(tree, statement);
    ptrdiff_t at = start_of_line(text, span.at);
    ptrdiff_t end = past_newline(text, end_of_line(text, span.end));
    ptrdiff_t blank_at, blank_end;
    int before = blank_lines_before(text, at, &blank_at);
    int after = blank_lines_after(text, end, &blank_end);
    bool first = !node_previous(tree, statement) || blank_at == 0;
    bool last = !node_next(tree, statement);
    if (blank_end == text.n || (last && after > 0)) {
        at = before ? blank_at : at;
    } else if (first && before == 0) {
        end = after ? blank_end : end;
    } else {
        for (int less = before < after ? before : after; less > 0; less--)
            end = past_newline(text, end_of_line(text, end));
    }
    return (Span){(uint32_t)at, (uint32_t)end};
}

/* Diagnostics are built where something goes wrong and printed where the program talks. */
#include "base/diag.h"

#include <string.h>

static Diagnostic *add(Diagnostics *diagnostics, Severity severity, Str path, uint32_t line,
                       uint32_t column, const char *format, va_list args) {
    Diagnostic *diagnostic = list_push(diagnostics->arena, &diagnostics->list);
    *diagnostic = (Diagnostic){
        .severity = severity,
        .path = path,
        .line = line,
        .column = column,
        .text = str_formatv(diagnostics->arena, format, args),
        .caret_width = 1,
    };
    diagnostics->errors += severity == SEVERITY_ERROR;
    return diagnostic;
}

Diagnostic *diag_add(Diagnostics *diagnostics, Severity severity, Str path, uint32_t line,
                     uint32_t column, const char *format, ...) {
    va_list args;
    va_start(args, format);
    Diagnostic *diagnostic = add(diagnostics, severity, path, line, column, format, args);
    va_end(args);
    return diagnostic;
}

/* Characters of UTF-8 text: every byte that does not continue one. */
static uint32_t characters(Str text) {
    uint32_t n = 0;
    for (ptrdiff_t i = 0; i < text.n; i++)
        n += ((unsigned char)text.p[i] & 0xC0) != 0x80;
    return n;
}

Diagnostic *diag_at(Diagnostics *diagnostics, Str path, Str text, Span span, const char *format,
                    ...) {
    Str before = str_slice(text, 0, span.at);
    uint32_t line = 1;
    for (ptrdiff_t i = 0; i < before.n; i++)
        line += before.p[i] == '\n';
    ptrdiff_t start = str_rfind_byte(before, '\n') + 1;
    Str rest = str_slice(text, start, text.n);
    ptrdiff_t length = str_find_byte(rest, '\n');
    Str source_line = length < 0 ? rest : str_slice(rest, 0, length);
    if (str_ends(source_line, S("\r")))
        source_line.n--;
    va_list args;
    va_start(args, format);
    uint32_t column = characters(str_slice(text, start, span.at)) + 1;
    Diagnostic *diagnostic = add(diagnostics, SEVERITY_ERROR, path, line, column, format, args);
    va_end(args);
    diagnostic->source_line = source_line;
    ptrdiff_t end = span.end < start + source_line.n ? span.end : start + source_line.n;
    uint32_t width = characters(str_slice(text, span.at, end));
    diagnostic->caret_width = width ? width : 1;
    return diagnostic;
}

void diag_print(Buf *out, const Diagnostic *diagnostic) {
    static const char *const names[] = {"error", "warning", "note"};
    if (diagnostic->path.n)
        buf_format(out, "%.*s:", STR_ARG(diagnostic->path));
    if (diagnostic->line)
        buf_format(out, "%u:", diagnostic->line);
    if (diagnostic->line && diagnostic->column)
        buf_format(out, "%u:", diagnostic->column);
    if (out->n && out->p[out->n - 1] == ':')
        buf_add_byte(out, ' ');
    buf_format(out, "%s: %.*s\n", names[diagnostic->severity], STR_ARG(diagnostic->text));
    if (!diagnostic->source_line.n)
        return;
    buf_format(out, "    %.*s\n    ", STR_ARG(diagnostic->source_line));
    uint32_t column = 1;
    for (ptrdiff_t i = 0; column < diagnostic->column && i < diagnostic->source_line.n; i++) {
        if (((unsigned char)diagnostic->source_line.p[i] & 0xC0) == 0x80)
            continue;
        buf_add_byte(out, diagnostic->source_line.p[i] == '\t' ? '\t' : ' ');
        column++;
    }
    for (uint32_t i = 0; i < diagnostic->caret_width; i++)
        buf_add_byte(out, '^');
    buf_add_byte(out, '\n');
}

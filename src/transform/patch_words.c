/* Reading a line of a transform's header from left to right, with places for carets. */
#include "transform/draft.h"

#include <string.h>

#include "base/byte.h"

bool is_capitalised(Str name) {
    return name.n > 0 && byte_is_upper(name.p[0]);
}

void cursor_skip(Cursor *cursor) {
    while (cursor->at < cursor->end && strchr(" \t\r", cursor->draft->text.p[cursor->at]))
        cursor->at++;
}

bool cursor_done(Cursor *cursor) {
    cursor_skip(cursor);
    return cursor->at >= cursor->end;
}

bool cursor_take(Cursor *cursor, const char *token) {
    cursor_skip(cursor);
    Str wanted = str_from(token), rest = str_slice(cursor->draft->text, cursor->at, cursor->end);
    if (!str_starts(rest, wanted))
        return false;
    /* A word must end where it ends: `or` does not open `order`. */
    if (byte_is_word(wanted.p[0]) && rest.n > wanted.n && byte_is_word(rest.p[wanted.n]))
        return false;
    cursor->at += (uint32_t)wanted.n;
    return true;
}

Span cursor_run(Cursor *cursor, const char *more) {
    cursor_skip(cursor);
    Span span = {cursor->at, cursor->at};
    while (span.end < cursor->end) {
        char c = cursor->draft->text.p[span.end];
        if (!byte_is_word(c) && (!c || !strchr(more, c)))
            break;
        span.end++;
    }
    cursor->at = span.end;
    return span;
}

Span cursor_identifier(Cursor *cursor) {
    cursor_skip(cursor);
    if (cursor->at < cursor->end) {
        char c = cursor->draft->text.p[cursor->at];
        if (byte_is_digit(c))
            return (Span){cursor->at, cursor->at};
    }
    return cursor_run(cursor, "");
}

Span cursor_here(const Cursor *cursor) {
    return (Span){cursor->at, cursor->at + 1};
}

Str cursor_text(const Cursor *cursor, Span span) {
    return str_span(cursor->draft->text, span);
}

Str draft_suggestion(Draft *draft, Str word, const Str *candidates, ptrdiff_t n) {
    Str near = str_nearest(word, candidates, n);
    return near.n ? str_format(draft->arena, " (did you mean '%.*s'?)", STR_ARG(near)) : (Str){0};
}

uint32_t draft_line(const Draft *draft, uint32_t at) {
    Str before = str_slice(draft->text, 0, at < draft->text.n ? at : draft->text.n);
    uint32_t line = 1;
    for (ptrdiff_t newline; (newline = str_find_byte(before, '\n')) >= 0; line++)
        before = str_slice(before, newline + 1, before.n);
    return line;
}

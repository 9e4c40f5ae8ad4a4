/* The encoding that a first or second line may name is that of a file; inside a notebook or a page
 * the line is a remark. Two comment lines in front keep source_read() from seeing it. */
#include "document/piece.h"

Source *piece_source(Arena *arena, Str path, Str text) {
    Diagnostics unheard = {.arena = arena};
    Buf guarded = {.arena = arena};
    buf_add(&guarded, S("#\n#\n"));
    buf_add(&guarded, text);
    Source *source = source_read(arena, path, buf_str(&guarded), &unheard);
    if (!source)
        return NULL;
    source = source_with_text(arena, source, text);
    source->bytes = text;
    /* The two lines in front end in LF and must not outvote a piece of three lines. */
    ptrdiff_t crlf = 0, lf = 0;
    for (ptrdiff_t i = 0; i < text.n; i++) {
        bool after_cr = i && text.p[i - 1] == '\r';
        crlf += text.p[i] == '\n' && after_cr;
        lf += text.p[i] == '\n' && !after_cr;
    }
    source->newline = crlf > lf ? S("\r\n") : S("\n");
    return source;
}

Str piece_unused_word(Arena *arena, Str stem, const Str *texts, ptrdiff_t n) {
    Buf word = {.arena = arena};
    buf_add(&word, stem);
    for (ptrdiff_t i = 0; i < n;) {
        if (str_find(texts[i], buf_str(&word)) < 0) {
            i++;
            continue;
        }
        buf_add_byte(&word, 'x');
        i = 0;
    }
    return buf_str(&word);
}

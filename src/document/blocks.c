/* Lines in, lines out. A line that the new text still has is taken from the page, so that an empty
 * line keeps the blanks it has or lacks; a new line gets the block's prefix, and an empty one as
 * much of it as is not blank. */
#include "document/blocks.h"

#include "document/kept.h"
#include "document/piece.h"

static Str without_end_blanks(Str text) {
    while (text.n && str_find_byte(S(" \t\r\n\f"), text.p[text.n - 1]) >= 0)
        text.n--;
    return text;
}

/* The newline that ends the line. */
static Str newline_of(Str line) {
    ptrdiff_t n = str_ends(line, S("\r\n")) ? 2 : str_ends(line, S("\n"));
    return str_slice(line, line.n - n, line.n);
}

/* Adds the line without the prefix; false when it does not have it. */
static bool strip(Str line, Str prefix, Buf *out) {
    if (str_starts(line, prefix)) {
        buf_add(out, str_slice(line, prefix.n, line.n));
        return true;
    }
    if (!str_eq(without_end_blanks(line), without_end_blanks(prefix)))
        return false;
    buf_add(out, newline_of(line));
    return true;
}

void blocks_add(Blocks *blocks, Span bytes, uint32_t line, Str prefix, ShellCut *cut) {
    Str raw = str_span(blocks->bytes, bytes);
    TextLines lines = lines_of(blocks->arena, raw);
    Buf text = {.arena = blocks->arena};
    for (ptrdiff_t i = 0; i < lines.n; i++) {
        ptrdiff_t from = text.n;
        if (!strip(lines.v[i], prefix, &text))
            return;
        if (!cut && str_starts(str_trim(str_slice(buf_str(&text), from, text.n)), S(">>>")))
            return;
    }
    if (!str_trim(buf_str(&text)).n)
        return;
    Source *piece = piece_source(blocks->arena, blocks->path, buf_str(&text));
    if (piece)
        *list_push(blocks->arena, &blocks->list) = (Block){bytes, line, prefix, piece, cut};
}

static void render(const Blocks *blocks, const Block *block, Str text, Buf *out) {
    Arena *arena = out->arena;
    TextLines raw_lines = lines_of(arena, str_span(blocks->bytes, block->bytes));
    TextLines new_lines = lines_of(arena, text);
    ptrdiff_t *kept = lines_kept(arena, lines_of(arena, block->piece->text), new_lines);
    for (ptrdiff_t i = 0; i < new_lines.n; i++) {
        Str line = new_lines.v[i];
        if (kept[i] >= 0) {
            buf_add(out, raw_lines.v[kept[i]]);
            continue;
        }
        buf_add(out, str_trim(line).n ? block->prefix : without_end_blanks(block->prefix));
        buf_add(out, line);
    }
}

Str blocks_render(const Blocks *blocks, Arena *arena, const Str *texts) {
    Buf out = {.arena = arena};
    uint32_t from = 0;
    for (ptrdiff_t i = 0; i < blocks->list.n; i++) {
        const Block *block = &blocks->list.v[i];
        if (str_eq(texts[i], block->piece->text))
            continue;
        buf_add(&out, str_span(blocks->bytes, (Span){from, block->bytes.at}));
        render(blocks, block, texts[i], &out);
        from = block->bytes.end;
    }
    buf_add(&out, str_slice(blocks->bytes, from, blocks->bytes.n));
    return buf_str(&out);
}

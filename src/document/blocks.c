/* Lines in, lines out. A line that the new text still has is taken from the page, so that an empty
 * line keeps the blanks it has or lacks; a new line gets the block's prefix, and an empty one as
 * much of it as is not blank. */
#include "document/blocks.h"

#include "document/kept.h"
#include "document/piece.h"
#include "python/page_names.h"

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

static bool has_prompt(Str line, Str prompt) {
    line = without_end_blanks(line);
    return str_starts(line, prompt) && (line.n == prompt.n || line.p[prompt.n] == ' ');
}

/* The line without its prompt; what the session prints as a comment. */
static void add_session_line(Buf *text, Str line) {
    if (!has_prompt(line, S(">>>")) && !has_prompt(line, S("..."))) {
        bool blank = !str_trim(line).n;
        buf_format(text, "%s%.*s", blank ? "" : "#", STR_ARG(line));
        return;
    }
    bool bare = without_end_blanks(line).n < PROMPT_LENGTH;
    buf_add(text, bare ? newline_of(line) : str_slice(line, PROMPT_LENGTH, line.n));
}

/* The text behind prompts; false when it does not begin with one. */
static bool read_session(Arena *arena, Str text, Str *code) {
    TextLines lines = lines_of(arena, text);
    Buf out = {.arena = arena};
    bool begun = false;
    for (ptrdiff_t i = 0; i < lines.n; i++) {
        begun = begun || has_prompt(lines.v[i], S(">>>"));
        if (!begun && str_trim(lines.v[i]).n)
            return false;
        add_session_line(&out, lines.v[i]);
    }
    *code = buf_str(&out);
    return begun;
}

static bool holds_prompt(Arena *arena, Str text) {
    TextLines lines = lines_of(arena, text);
    for (ptrdiff_t i = 0; i < lines.n; i++)
        if (str_starts(str_trim(lines.v[i]), S(">>>")))
            return true;
    return false;
}

static void add(Blocks *blocks, Block block, bool only_session) {
    Str raw = str_span(blocks->bytes, block.bytes);
    TextLines lines = lines_of(blocks->arena, raw);
    Buf text = {.arena = blocks->arena};
    for (ptrdiff_t i = 0; i < lines.n; i++)
        if (!strip(lines.v[i], block.prefix, &text))
            return;
    Str code = buf_str(&text);
    if (!str_trim(code).n)
        return;
    block.session = !block.cut && holds_prompt(blocks->arena, code);
    if (block.session ? !read_session(blocks->arena, code, &code) : only_session)
        return;
    block.piece = piece_source(blocks->arena, blocks->path, code);
    if (block.piece)
        *list_push(blocks->arena, &blocks->list) = block;
}

void blocks_add(Blocks *blocks, Span bytes, uint32_t line, Str prefix, ShellCut *cut) {
    add(blocks, (Block){.bytes = bytes, .line = line, .prefix = prefix, .cut = cut}, false);
}

void blocks_add_session(Blocks *blocks, Span bytes, uint32_t line, Str prefix) {
    add(blocks, (Block){.bytes = bytes, .line = line, .prefix = prefix}, true);
}

void blocks_share_names(Blocks *blocks) {
    PageNames *page = new (blocks->arena, PageNames, 1);
    page_names_open(page, blocks->arena, blocks->bytes);
    for (ptrdiff_t i = 0; i < blocks->list.n; i++)
        if (!blocks->list.v[i].cut)
            page_names_read(page, blocks->list.v[i].piece->text);
    for (ptrdiff_t i = 0; i < blocks->list.n; i++)
        if (!blocks->list.v[i].cut)
            blocks->list.v[i].piece->page = page;
}

/* The prompt of a new line: it goes on with a statement where it is indented or closes a bracket.
 */
static Str prompt_of(Str line) {
    if (!str_trim(line).n)
        return S("...");
    return str_find_byte(S(" \t)]}"), line.p[0]) >= 0 ? S("... ") : S(">>> ");
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
        Str prompt = block->session ? prompt_of(line) : (Str){0};
        buf_add(out,
                str_trim(line).n || prompt.n ? block->prefix : without_end_blanks(block->prefix));
        buf_add(out, prompt);
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

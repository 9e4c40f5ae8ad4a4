/* Fences as CommonMark 0.31 has them (section 4.5), read line by line. Containers are not built:
 * what stands before the opening fence (blanks, `>`, the marker of a list's item, as many blanks in
 * its place) is the prefix that the block's lines must have. Where that guess is wrong, lines lack
 * the prefix and the block is left alone. */
#include "document/markdown.h"

#include "base/byte.h"
#include "document/page_shell.h"

typedef struct Fence {
    char mark; /* '`' or '~' */
    ptrdiff_t n;
    Str prefix; /* of the lines inside */
    int quotes; /* '>' in it */
    Str info;
} Fence;

bool markdown_names_python(Str word) {
    static const Str names[] = {S("python"),  S("py"),       S("python3"), S("py3"),
                                S("ipython"), S("ipython3"), S("python2")};
    for (ptrdiff_t i = 0; i < COUNT(names); i++)
        if (str_eq_fold(word, names[i]))
            return true;
    return false;
}

/* Takes the next word of a fence's info string. */
static Str take_word(Str *info) {
    ptrdiff_t at = 0;
    while (at < info->n && str_find_byte(S(" \t{}.,:=\"'"), info->p[at]) >= 0)
        at++;
    ptrdiff_t end = at;
    while (end < info->n && str_find_byte(S(" \t{}.,:=\"'"), info->p[end]) < 0)
        end++;
    Str word = str_slice(*info, at, end);
    *info = str_slice(*info, end, info->n);
    return word;
}

/* "python", "py title=x", "{.python .numberLines}", "{code-cell} ipython3" */
static Str language_of(Str info) {
    static const Str directives[] = {S("code-block"), S("code-cell"), S("code"), S("sourcecode")};
    bool braced = str_starts(info, S("{"));
    Str word = take_word(&info);
    for (ptrdiff_t i = 0; braced && i < COUNT(directives); i++)
        if (str_eq(word, directives[i]))
            word = take_word(&info);
    return word;
}

/* Nothing is said of the language, or that it is what a console shows. */
static bool may_be_session(Str info) {
    return !info.n || str_eq(info, S("pycon")) || str_eq(info, S("doctest"));
}

/* What stands between fences is Python, shell text or neither. */
static void add_block(Blocks *blocks, const Fence *fence, Span bytes, uint32_t line) {
    Str language = language_of(fence->info);
    ShellCut *cut = page_cut_of(language);
    if (bytes.end > bytes.at && (cut || markdown_names_python(language)))
        blocks_add(blocks, bytes, line, fence->prefix, cut);
    else if (bytes.end > bytes.at && may_be_session(fence->info))
        blocks_add_session(blocks, bytes, line, fence->prefix);
}

/* Lines outside of fences may have code between backticks. */
static void add_prose(Blocks *blocks, Span bytes, uint32_t line) {
    if (bytes.end > bytes.at && !page_is_history(blocks->path) &&
        str_find_byte(str_span(blocks->bytes, bytes), '`') >= 0)
        blocks_add(blocks, bytes, line, (Str){0}, page_inline_cut);
}

/* Length of a list item's marker at the start of the text, without the blank behind it. */
static ptrdiff_t marker_length(Str text) {
    ptrdiff_t n = 0;
    while (n < text.n && n < 9 && text.p[n] >= '0' && text.p[n] <= '9')
        n++;
    bool ends = n < text.n && str_find_byte(n ? S(".)") : S("-*+"), text.p[n]) >= 0;
    return ends && n + 1 < text.n && byte_is_blank(text.p[n + 1]) ? n + 1 : 0;
}

static ptrdiff_t run_length(Str text, char mark) {
    ptrdiff_t n = 0;
    while (n < text.n && text.p[n] == mark)
        n++;
    return n;
}

static bool opens(Arena *arena, Str line, Fence *fence) {
    ptrdiff_t at = 0;
    Buf prefix = {.arena = arena};
    *fence = (Fence){0};
    while (at < line.n) {
        char c = line.p[at];
        ptrdiff_t marker = marker_length(str_slice(line, at, line.n));
        if (!marker && !byte_is_blank(c) && c != '>')
            break;
        fence->quotes += c == '>';
        for (ptrdiff_t i = 0; i < marker; i++)
            buf_add_byte(&prefix, ' ');
        if (!marker)
            buf_add_byte(&prefix, c);
        at += marker ? marker : 1;
    }
    Str rest = str_slice(line, at, line.n);
    if (!rest.n || (rest.p[0] != '`' && rest.p[0] != '~'))
        return false;
    fence->mark = rest.p[0];
    fence->n = run_length(rest, fence->mark);
    fence->info = str_trim(str_slice(rest, fence->n, rest.n));
    fence->prefix = buf_str(&prefix);
    return fence->n >= 3 && (fence->mark == '~' || str_find_byte(fence->info, '`') < 0);
}

typedef enum Inside { INSIDE, CLOSES, OUTSIDE } Inside;

/* What a line behind an opening fence is to it. */
static Inside inside(const Fence *fence, Str line) {
    ptrdiff_t at = 0;
    int quotes = 0;
    while (at < line.n &&
           (byte_is_blank(line.p[at]) || (line.p[at] == '>' && quotes < fence->quotes)))
        quotes += line.p[at++] == '>';
    if (quotes < fence->quotes)
        return OUTSIDE;
    Str rest = str_slice(line, at, line.n);
    ptrdiff_t n = run_length(rest, fence->mark);
    return n >= fence->n && !str_trim(str_slice(rest, n, rest.n)).n ? CLOSES : INSIDE;
}

void markdown_find(Blocks *blocks) {
    Str bytes = blocks->bytes;
    Fence fence = {0};
    bool open = false;
    uint32_t line_number = 0, first_line = 1;
    ptrdiff_t begin = 0;
    for (ptrdiff_t at = 0, next; at < bytes.n; at = next) {
        ptrdiff_t end = str_find_byte(str_slice(bytes, at, bytes.n), '\n');
        next = end < 0 ? bytes.n : at + end + 1;
        Str line = str_slice(bytes, at, next);
        line_number++;
        Inside place = open ? inside(&fence, line) : OUTSIDE;
        bool was_open = open;
        Span lines = {(uint32_t)begin, (uint32_t)at};
        if (place == CLOSES)
            add_block(blocks, &fence, lines, first_line);
        open = place == INSIDE || (place == OUTSIDE && opens(blocks->arena, line, &fence));
        bool opened = open && place == OUTSIDE;
        if (opened && !was_open)
            add_prose(blocks, lines, first_line);
        if (opened || place == CLOSES || (was_open && !open)) {
            begin = place == OUTSIDE && !open ? at : next;
            first_line = place == OUTSIDE && !open ? line_number : line_number + 1;
        }
    }
    if (!open)
        add_prose(blocks, (Span){(uint32_t)begin, (uint32_t)bytes.n}, first_line);
}

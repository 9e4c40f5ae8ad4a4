/* Fences as CommonMark 0.31 has them (section 4.5), read line by line. Containers are not built:
 * what stands before the opening fence (blanks, `>`, the marker of a list's item, as many blanks in
 * its place) is the prefix that the block's lines must have. Where that guess is wrong, lines lack
 * the prefix and the block is left alone. */
#include "document/markdown.h"

typedef struct Fence {
    char mark; /* '`' or '~' */
    ptrdiff_t n;
    Str prefix; /* of the lines inside */
    int quotes; /* '>' in it */
    Str info;
} Fence;

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

bool markdown_names_python(Str word) {
    static const Str names[] = {S("python"),  S("py"),       S("python3"), S("py3"),
                                S("ipython"), S("ipython3"), S("python2")};
    char lower[16];
    if (word.n > (ptrdiff_t)sizeof lower)
        return false;
    for (ptrdiff_t i = 0; i < word.n; i++)
        lower[i] = word.p[i] >= 'A' && word.p[i] <= 'Z' ? (char)(word.p[i] | 0x20) : word.p[i];
    for (ptrdiff_t i = 0; i < COUNT(names); i++)
        if (str_eq((Str){lower, word.n}, names[i]))
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
static bool info_names_python(Str info) {
    static const Str directives[] = {S("code-block"), S("code-cell"), S("code"), S("sourcecode")};
    bool braced = str_starts(info, S("{"));
    Str word = take_word(&info);
    for (ptrdiff_t i = 0; braced && i < COUNT(directives); i++)
        if (str_eq(word, directives[i]))
            word = take_word(&info);
    return markdown_names_python(word);
}

/* Length of a list item's marker at the start of the text, without the blank behind it. */
static ptrdiff_t marker_length(Str text) {
    ptrdiff_t n = 0;
    while (n < text.n && n < 9 && text.p[n] >= '0' && text.p[n] <= '9')
        n++;
    bool ends = n < text.n && str_find_byte(n ? S(".)") : S("-*+"), text.p[n]) >= 0;
    return ends && n + 1 < text.n && is_blank(text.p[n + 1]) ? n + 1 : 0;
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
        if (!marker && !is_blank(c) && c != '>')
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
    while (at < line.n && (is_blank(line.p[at]) || (line.p[at] == '>' && quotes < fence->quotes)))
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
    uint32_t line_number = 0, first_line = 0;
    ptrdiff_t begin = 0;
    for (ptrdiff_t at = 0, next; at < bytes.n; at = next) {
        ptrdiff_t end = str_find_byte(str_slice(bytes, at, bytes.n), '\n');
        next = end < 0 ? bytes.n : at + end + 1;
        Str line = str_slice(bytes, at, next);
        line_number++;
        Inside place = open ? inside(&fence, line) : OUTSIDE;
        if (place == CLOSES && info_names_python(fence.info) && at > begin)
            blocks_add(blocks, (Span){(uint32_t)begin, (uint32_t)at}, first_line, fence.prefix);
        if (place == OUTSIDE) {
            open = opens(blocks->arena, line, &fence);
            begin = next;
            first_line = line_number + 1;
        } else {
            open = place == INSIDE;
        }
    }
}

/* The longest common subsequence of two short lists of lines, by the table.
 *
 * What is asked here is not what edit/diff.h answers: it prints a difference, and a document wants
 * to know which bytes of its own stand for the lines that stayed. */
#include "document/kept.h"

enum {
    MAX_TABLE = 1 << 20, /* cells; beyond, lines are looked for ahead of the last one kept */
    MAX_AHEAD = 200      /* how far */
};

TextLines lines_of(Arena *arena, Str text) {
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n' || i + 1 == text.n;
    TextLines lines = {.v = new (arena, Str, n)};
    for (ptrdiff_t at = 0; at < text.n;) {
        ptrdiff_t end = str_find_byte(str_slice(text, at, text.n), '\n');
        end = end < 0 ? text.n : at + end + 1;
        lines.v[lines.n++] = str_slice(text, at, end);
        at = end;
    }
    return lines;
}

static void keep_ahead(const Str *old_lines, ptrdiff_t n_old, const Str *new_lines, ptrdiff_t n_new,
                       ptrdiff_t first, ptrdiff_t *kept) {
    ptrdiff_t next = 0;
    for (ptrdiff_t i = 0; i < n_new; i++) {
        for (ptrdiff_t k = next; k < n_old && k < next + MAX_AHEAD; k++) {
            if (!str_eq(old_lines[k], new_lines[i]))
                continue;
            kept[i] = first + k;
            next = k + 1;
            break;
        }
    }
}

static void keep_most(Arena *arena, const Str *old_lines, ptrdiff_t n_old, const Str *new_lines,
                      ptrdiff_t n_new, ptrdiff_t first, ptrdiff_t *kept) {
    ArenaMark mark = arena_mark(arena);
    ptrdiff_t width = n_old + 1;
    /* most[i * width + k]: lines in common behind new line i and old line k */
    uint32_t *most = new (arena, uint32_t, (n_new + 1) * width);
    for (ptrdiff_t i = n_new - 1; i >= 0; i--) {
        for (ptrdiff_t k = n_old - 1; k >= 0; k--) {
            uint32_t right = most[i * width + k + 1], below = most[(i + 1) * width + k];
            most[i * width + k] = str_eq(new_lines[i], old_lines[k])
                                      ? most[(i + 1) * width + k + 1] + 1
                                  : right > below ? right
                                                  : below;
        }
    }
    for (ptrdiff_t i = 0, k = 0; i < n_new && k < n_old;) {
        if (str_eq(new_lines[i], old_lines[k]))
            kept[i++] = first + k++;
        else if (most[i * width + k + 1] > most[(i + 1) * width + k])
            k++;
        else
            i++;
    }
    arena_reset(arena, mark);
}

ptrdiff_t *lines_kept(Arena *arena, TextLines old_lines, TextLines new_lines) {
    ptrdiff_t *kept = new (arena, ptrdiff_t, new_lines.n);
    ptrdiff_t least = old_lines.n < new_lines.n ? old_lines.n : new_lines.n, head = 0, tail = 0;
    while (head < least && str_eq(old_lines.v[head], new_lines.v[head]))
        head++;
    while (tail < least - head &&
           str_eq(old_lines.v[old_lines.n - 1 - tail], new_lines.v[new_lines.n - 1 - tail]))
        tail++;
    for (ptrdiff_t i = 0; i < new_lines.n; i++)
        kept[i] = i < head ? i : i >= new_lines.n - tail ? old_lines.n - new_lines.n + i : -1;
    ptrdiff_t n_old = old_lines.n - head - tail, n_new = new_lines.n - head - tail;
    if (n_old && n_new && n_old < MAX_TABLE / n_new)
        keep_most(arena, old_lines.v + head, n_old, new_lines.v + head, n_new, head, kept + head);
    else if (n_old && n_new)
        keep_ahead(old_lines.v + head, n_old, new_lines.v + head, n_new, head, kept + head);
    return kept;
}

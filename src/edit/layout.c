/* A list's new form in its author's manner.
 *
 * The list is seen as gaps between the elements that stay: from the opening bracket to the first,
 * from one to the next, from the last to the closing bracket. In a gap lie commas, blanks, comments
 * and elements that go; only the text of gaps changes. A gap is rewritten so that every comment in
 * it survives, behind what it stood behind or on a line of its own, and swallows nothing.
 *
 * When the logical line stood in the formatters' layout, edit/tidy.c lays the result out anew, and
 * of what is made here only the order of tokens and comments counts. */
#include "edit/layout.h"

typedef enum Manner {
    MANNER_INLINE,  /* no line break between elements */
    MANNER_INDENT,  /* all on one line of their own */
    MANNER_LINES,   /* every element starts a line */
    MANNER_HANGING, /* several elements on a line, several lines */
    MANNER_EXPLODE  /* MANNER_INLINE or MANNER_INDENT that gets too long */
} Manner;

typedef struct Row {
    const Layout *layout;
    Arena *arena;
    Str text, newline;
    Node first; /* the token before the elements */
    Span open, close;
    const LayoutItem **kept; /* elements that stay */
    ptrdiff_t n;
    Manner manner;
    Str margin; /* indentation of the line that the opening bracket is on */
    Edits *edits;
} Row;

/* What lies between two elements that stay, or one and a bracket. */
typedef struct Gap {
    Span span;
    Node left, right; /* 0: the bracket */
    ptrdiff_t index;  /* of the gap: as many kept elements stand before it */
    Str base;         /* its text without the elements that go */
    ptrdiff_t comma;  /* in `base`: offset of the comma behind `left`, -1 if none */
    int group;        /* whose elements go; -1 if none does */
} Gap;

/* ---- places in the text ---- */

static Str indentation_at(const Row *row, uint32_t at) {
    return source_indentation(row->layout->source, at);
}

static bool has_newline(Str text) {
    return str_line_end(text, 0) < text.n;
}

static bool starts_line(const Row *row, Node node) {
    uint32_t at = node_span(row->layout->tree, node).at;
    return str_trim(str_slice(row->text, str_line_start(row->text, at), at)).n == 0;
}

/* Blanks that put a line's start under a place of another line. */
static Str blanks_to(const Row *row, uint32_t at) {
    ptrdiff_t start = str_line_start(row->text, at);
    Str before = str_slice(row->text, start, at);
    Str blanks = indentation_at(row, at);
    if (blanks.n == before.n)
        return blanks;
    Buf buf = {.arena = row->arena};
    buf_add(&buf, blanks);
    for (int i = pretty_width(str_slice(before, blanks.n, before.n)); i > 0; i--)
        buf_add_byte(&buf, ' ');
    return buf_str(&buf);
}

static Str strip_end(Str text) {
    while (text.n && str_trim(str_slice(text, text.n - 1, text.n)).n == 0)
        text.n--;
    return text;
}

static Str strip_start(Str text) {
    ptrdiff_t at = 0;
    while (at < text.n && str_trim(str_slice(text, at, at + 1)).n == 0)
        at++;
    return str_slice(text, at, text.n);
}

static bool ends_line(Str text) {
    return has_newline(str_slice(text, strip_end(text).n, text.n));
}

static Str inner_margin(const Row *row) {
    return str_format(row->arena, "%.*s%.*s", STR_ARG(row->margin),
                      STR_ARG(row->layout->source->indent));
}

/* The text of a new element on a line of its own, broken where it is too long. */
static Str fitted(const Row *row, Str text, Str margin, int reserved) {
    FormatLine line = {.text = text, .margin = margin, .column = pretty_width(margin)};
    line.reserved = reserved;
    PrettyText pretty;
    int length = row->layout->format->style.line_length;
    if (row->layout->plain || line.column + pretty_width(text) + reserved <= length ||
        !format_argument(row->layout->format, &line, &pretty))
        return text;
    return format_text(row->arena, &pretty);
}

/* ---- the manner ---- */

static bool is_element(const Tree *tree, Node node) {
    return tree->rows[node].named && !tree->rows[node].extra;
}

static Manner present_manner(const Row *row) {
    const Tree *tree = row->layout->tree;
    bool broken = false, all_start = true, rest_starts = true, first = true;
    bool any_after_first_starts = false;
    uint32_t end = row->open.end;
    for (Node child = node_next_named(tree, row->first); child;
         child = node_next_named(tree, child)) {
        Span span = node_span(tree, child);
        broken |= has_newline(str_slice(row->text, end, span.at));
        bool starts = starts_line(row, child);
        all_start &= starts;
        any_after_first_starts |= starts && !first;
        rest_starts &= starts || first;
        if (first && !starts)
            any_after_first_starts = true; /* not on a line of their own: MANNER_HANGING */
        first = false;
        end = span.end;
    }
    bool close_starts = has_newline(str_slice(row->text, end, row->close.at));
    if (!broken && !close_starts)
        return MANNER_INLINE;
    bool under_bracket = broken && rest_starts; /* the first stands beside the bracket */
    if ((all_start || under_bracket) && !first)
        return MANNER_LINES;
    return !any_after_first_starts && close_starts ? MANNER_INDENT : MANNER_HANGING;
}

static bool has_comment(const Row *row) {
    const Tree *tree = row->layout->tree;
    for (Node child = node_next(tree, row->first); child; child = node_next(tree, child))
        if (tree->rows[child].extra)
            return true;
    return false;
}

/* Columns that the elements take more than before, when they stand on one line. */
static int growth(const Row *row) {
    const Tree *tree = row->layout->tree;
    int columns = 0;
    bool first = row->n == 0;
    for (ptrdiff_t i = 0; i < row->layout->n; i++) {
        const LayoutItem *item = &row->layout->items[i];
        int old = item->kept ? pretty_width(node_text(tree, item->kept)) : 0;
        if (item->removed)
            columns -= old + 2;
        else if (!item->kept)
            columns += pretty_width(item->text) + (first ? 0 : 2);
        else if (item->text.n)
            columns += pretty_width(item->text) - old;
        first = first && (item->kept || item->removed);
    }
    return columns;
}

static void choose_manner(Row *row) {
    row->manner = row->layout->bare ? MANNER_INLINE : present_manner(row);
    if (row->layout->bare || row->layout->plain)
        return;
    if ((row->manner != MANNER_INLINE && row->manner != MANNER_INDENT) || has_comment(row))
        return;
    uint32_t at = row->n ? node_span(row->layout->tree, row->kept[0]->kept).at : row->open.at;
    Str list = str_slice(row->text, row->open.at, row->close.end);
    if (row->manner == MANNER_INLINE && has_newline(list))
        return; /* a text of several lines stays in its call's line */
    int columns = pretty_width(
        str_slice(row->text, str_line_start(row->text, at), str_line_end(row->text, at)));
    int more = growth(row);
    if (more > 0 && columns + more > row->layout->format->style.line_length)
        row->manner = MANNER_EXPLODE;
}

/* ---- gaps ---- */

/* A comment behind an element that has its line to itself is about that element. It goes with it,
 * unless something comes in its place, which the comment may be about as well; a comment on a line
 * of its own stays. */
static bool is_replaced(const Row *row, int group) {
    for (ptrdiff_t i = 0; i < row->layout->n; i++) {
        const LayoutItem *item = &row->layout->items[i];
        if (!item->kept || (!item->removed && item->group == group))
            return true;
    }
    return false;
}

static bool has_own_line(const Row *row, Span comment) {
    Str line = str_slice(row->text, str_line_start(row->text, comment.at), comment.at);
    return str_trim(line).n == 0;
}

static Str without_own_comment(Str before, Str behind) {
    Str line = str_slice(behind, 0, str_line_end(behind, 0));
    bool comment = ends_line(before) && str_starts(strip_start(line), S("#"));
    return comment ? str_slice(behind, line.n, behind.n) : behind;
}

static void add_comment_lines(Buf *buf, const Row *row, Span span, Str indent, bool all) {
    const Tree *tree = row->layout->tree;
    for (Node child = node_next(tree, row->first); child; child = node_next(tree, child)) {
        Span at = node_span(tree, child);
        if (node_kind(tree, child) != NODE_COMMENT || at.at < span.at || at.end > span.end ||
            !(all || has_own_line(row, at)))
            continue;
        if (!ends_line(buf_str(buf))) {
            buf->n = strip_end(buf_str(buf)).n;
            buf_add(buf, row->newline);
            buf_add(buf, indent);
        }
        buf_add(buf, str_trim(node_text(tree, child)));
        buf_add(buf, row->newline);
        buf_add(buf, indent);
    }
}

/* Offset of the first comma token in a span, -1 if none. */
static ptrdiff_t comma_in(const Row *row, Span span, bool last) {
    const Tree *tree = row->layout->tree;
    ptrdiff_t found = -1;
    for (Node child = node_next(tree, row->first); child; child = node_next(tree, child)) {
        Span at = node_span(tree, child);
        if (!node_is_token(tree, child, S(",")) || at.at < span.at || at.end > span.end)
            continue;
        if (last || found < 0)
            found = at.at;
    }
    return found;
}

/* Joins what stands before and behind elements that go. */
static Str join_rest(const Row *row, const Gap *gap, Str before, Str behind) {
    bool take_line = ends_line(before);
    bool comment_behind = str_starts(strip_start(behind), S("#"));
    if (!gap->right) { /* up to the closing bracket */
        if (!comment_behind || !take_line)
            return str_format(row->arena, "%.*s%.*s", STR_ARG(strip_end(before)), STR_ARG(behind));
        return str_format(row->arena, "%.*s%.*s", STR_ARG(before), STR_ARG(strip_start(behind)));
    }
    bool beside_bracket = !gap->left && !take_line && !comment_behind;
    if (!take_line && has_newline(behind) && !beside_bracket)
        return str_format(row->arena, "%.*s%.*s", STR_ARG(strip_end(before)), STR_ARG(behind));
    return str_format(row->arena, "%.*s%.*s", STR_ARG(before), STR_ARG(strip_start(behind)));
}

static Str without(const Row *row, Str text, ptrdiff_t at) {
    return at < 0 ? text
                  : str_format(row->arena, "%.*s%.*s", STR_ARG(str_slice(text, 0, at)),
                               STR_ARG(str_slice(text, at + 1, text.n)));
}

/* The gap's text without the elements in `gone` (first byte to last byte) and their commas. */
static void take_out(const Row *row, Gap *gap, Span gone) {
    Str indent = indentation_at(row, gone.at);
    ptrdiff_t comma = comma_in(row, (Span){gone.end, gap->span.end}, false);
    uint32_t rest = comma >= 0 ? (uint32_t)comma + 1 : gone.end;
    ptrdiff_t left_comma = comma_in(row, (Span){gap->span.at, gone.at}, true);
    left_comma = left_comma < 0 ? -1 : left_comma - gap->span.at;
    Str before = str_slice(row->text, gap->span.at, gone.at);
    Str behind = str_slice(row->text, rest, gap->span.end);
    bool replaced = is_replaced(row, gap->group);
    if (!replaced)
        behind = without_own_comment(before, behind);
    bool keeps_comma = gap->right || comma >= 0;
    if (!keeps_comma) {
        before = without(row, before, left_comma);
        left_comma = -1;
    }
    Buf buf = {.arena = row->arena};
    buf_add(&buf, before);
    add_comment_lines(&buf, row, (Span){gone.at, rest}, indent, replaced);
    gap->base = join_rest(row, gap, buf_str(&buf), behind);
    gap->comma = gap->left ? left_comma : -1;
    bool only_blanks = str_trim(gap->base).n == 0;
    if (only_blanks && !gap->left && !gap->right)
        gap->base = (Str){0};
}

/* A comment at the end of the text would swallow what follows it. */
static void close_comment(const Row *row, Gap *gap) {
    Str last = str_slice(gap->base, str_line_start(gap->base, gap->base.n), gap->base.n);
    if (str_find_byte(last, '#') < 0)
        return;
    Str indent =
        gap->right ? blanks_to(row, node_span(row->layout->tree, gap->right).at) : row->margin;
    gap->base = str_format(row->arena, "%.*s%.*s%.*s", STR_ARG(gap->base), STR_ARG(row->newline),
                           STR_ARG(indent));
}

static Gap read_gap(const Row *row, ptrdiff_t index) {
    const Tree *tree = row->layout->tree;
    Gap gap = {.index = index, .comma = -1, .group = -1};
    gap.left = index > 0 ? row->kept[index - 1]->kept : 0;
    gap.right = index < row->n ? row->kept[index]->kept : 0;
    gap.span.at = gap.left ? node_span(tree, gap.left).end : row->open.end;
    gap.span.end = gap.right ? node_span(tree, gap.right).at : row->close.at;
    gap.base = str_span(row->text, gap.span);
    Span gone = {0};
    for (ptrdiff_t i = 0; i < row->layout->n; i++) {
        const LayoutItem *item = &row->layout->items[i];
        Span at = node_span(tree, item->kept);
        if (!item->removed || at.at < gap.span.at || at.end > gap.span.end)
            continue;
        gone.at = gap.group < 0 ? at.at : gone.at;
        gone.end = at.end;
        gap.group = gap.group < 0 ? item->group : gap.group;
    }
    if (gap.group >= 0) {
        take_out(row, &gap, gone);
        close_comment(row, &gap);
    } else if (gap.left) {
        ptrdiff_t comma = comma_in(row, gap.span, false);
        gap.comma = comma < 0 ? -1 : comma - gap.span.at;
    }
    return gap;
}

/* ---- new elements ---- */

/* The n-th new element of a gap, NULL when there are fewer. */
static const LayoutItem *new_element(const Row *row, const Gap *gap, ptrdiff_t n) {
    ptrdiff_t before = 0;
    for (ptrdiff_t i = 0; i < row->layout->n; i++) {
        const LayoutItem *item = &row->layout->items[i];
        before += item->kept && !item->removed;
        if (!item->kept && before == gap->index && n-- == 0)
            return item;
    }
    return NULL;
}

static bool fits_behind(const Row *row, const Gap *gap, const LayoutItem *item, int columns) {
    ptrdiff_t start = str_line_start(row->text, gap->span.at);
    ptrdiff_t end = str_line_end(row->text, gap->span.at);
    int present = pretty_width(str_slice(row->text, start, end));
    return present + columns + pretty_width(item->text) + 2 <=
           row->layout->format->style.line_length;
}

/* Where the first element of the line that `node` is on starts. */
static uint32_t first_on_line(const Row *row, Node node) {
    const Tree *tree = row->layout->tree;
    ptrdiff_t start = str_line_start(row->text, node_span(tree, node).at);
    for (Node child = node_next_named(tree, row->first); child;
         child = node_next_named(tree, child))
        if ((ptrdiff_t)node_span(tree, child).at >= start)
            return node_span(tree, child).at;
    return node_span(tree, node).at;
}

static Str own_line(const Row *row, const LayoutItem *item, Str indent) {
    return str_format(row->arena, "%.*s%.*s%.*s", STR_ARG(row->newline), STR_ARG(indent),
                      STR_ARG(fitted(row, item->text, indent, 1)));
}

/* One element without a comma on a line between those of the brackets: formatters leave the comma
 * out there, and put one behind several. */
static bool ends_one_element(const Row *row, const Gap *gap) {
    return row->n == 1 && ends_line(gap->base);
}

/* Behind the last element: `base` is cut after what stands on its line. */
static void append_elements(const Row *row, const Gap *gap, Segments *segments) {
    bool comma = gap->comma >= 0, lines = row->manner == MANNER_LINES;
    ptrdiff_t cut = comma ? gap->comma + 1 : 0;
    ptrdiff_t line = str_line_end(gap->base, cut);
    bool comment = str_find_byte(str_slice(gap->base, cut, line), '#') >= 0;
    Str indent = blanks_to(row, first_on_line(row, gap->left));
    segments_add(segments, str_slice(gap->base, 0, cut), gap->group);
    int columns = 0;
    for (ptrdiff_t i = 0; new_element(row, gap, i); i++) {
        const LayoutItem *item = new_element(row, gap, i);
        bool down = lines || comment ||
                    (row->manner == MANNER_HANGING && !fits_behind(row, gap, item, columns));
        columns = down && !lines ? -100000 : columns + pretty_width(item->text) + 2;
        if (!comma)
            segments_add(segments, S(","), item->group);
        if (down && cut < line) {
            segments_add(segments, str_slice(gap->base, cut, line), -1);
            cut = line;
            comment = false;
        }
        segments_add(segments, down ? own_line(row, item, indent) : S(" "), item->group);
        if (!down)
            segments_add(segments, item->text, item->group);
        if (comma)
            segments_add(segments, S(","), item->group);
    }
    if (!comma && lines && ends_one_element(row, gap))
        segments_add(segments, S(","), -1);
    segments_add(segments, str_slice(gap->base, cut, gap->base.n), -1);
}

/* Into brackets without elements. */
static void fill_brackets(const Row *row, const Gap *gap, Segments *segments) {
    bool lines = has_newline(gap->base);
    Str indent = inner_margin(row);
    Str base = strip_end(gap->base);
    segments_add(segments, lines ? base : (Str){0}, gap->group);
    for (ptrdiff_t i = 0; new_element(row, gap, i); i++) {
        const LayoutItem *item = new_element(row, gap, i);
        if (lines) {
            segments_add(segments, own_line(row, item, indent), item->group);
            segments_add(segments, S(","), item->group);
        } else {
            segments_add(segments, i ? S(", ") : (Str){0}, item->group);
            segments_add(segments, item->text, item->group);
        }
    }
    if (lines)
        segments_add(
            segments,
            str_format(row->arena, "%.*s%.*s", STR_ARG(row->newline), STR_ARG(row->margin)), -1);
}

/* Before an element that stays, which is a splat. */
static void insert_elements(const Row *row, const Gap *gap, Segments *segments) {
    segments_add(segments, gap->base, gap->group);
    bool down = starts_line(row, gap->right);
    Str indent = indentation_at(row, node_span(row->layout->tree, gap->right).at);
    for (ptrdiff_t i = 0; new_element(row, gap, i); i++) {
        const LayoutItem *item = new_element(row, gap, i);
        segments_add(segments, down ? fitted(row, item->text, indent, 1) : item->text, item->group);
        segments_add(segments, S(","), item->group);
        segments_add(segments, down ? row->newline : S(" "), item->group);
        segments_add(segments, down ? indent : (Str){0}, item->group);
    }
}

/* One element a line, whatever the gap was. */
static void explode_gap(const Row *row, const Gap *gap, Segments *segments) {
    Str indent = inner_margin(row);
    if (gap->left)
        segments_add(segments, S(","), gap->group);
    for (ptrdiff_t i = 0; new_element(row, gap, i); i++) {
        const LayoutItem *item = new_element(row, gap, i);
        segments_add(segments, own_line(row, item, indent), item->group);
        segments_add(segments, S(","), item->group);
    }
    segments_add(segments, row->newline, -1);
    segments_add(segments, gap->right ? indent : row->margin, -1);
}

static void write_gap(const Row *row, const Gap *gap, int fallback) {
    Segments segments = {.arena = row->arena};
    if (row->manner == MANNER_EXPLODE)
        explode_gap(row, gap, &segments);
    else if (!new_element(row, gap, 0))
        segments_add(&segments, gap->base, gap->group);
    else if (gap->right)
        insert_elements(row, gap, &segments);
    else if (gap->left)
        append_elements(row, gap, &segments);
    else
        fill_brackets(row, gap, &segments);
    segments_put(&segments, row->text, gap->span, fallback, row->edits);
}

static void write_element(const Row *row, const LayoutItem *item) {
    if (item->text.n == 0)
        return;
    Span span = node_span(row->layout->tree, item->kept);
    Str text = item->text;
    if (row->manner == MANNER_EXPLODE)
        text = fitted(row, text, inner_margin(row), 1);
    else if (row->manner != MANNER_INLINE && starts_line(row, item->kept))
        text = fitted(row, text, indentation_at(row, span.at), 1);
    *list_push(row->arena, row->edits) = (Edit){.span = span, .text = text, .group = item->group};
}

/* A generator expression shares its parentheses with the call and has no elements to go between. */
static bool read_row(Row *row) {
    const Tree *tree = row->layout->tree;
    Node open = row->layout->open ? row->layout->open : node_child(tree, row->layout->list);
    Node close = node_last_child(tree, row->layout->list);
    if (!open || open == close || is_element(tree, open))
        return false;
    row->first = open;
    row->open = node_span(tree, open);
    row->close = node_span(tree, close);
    if (row->layout->bare) {
        row->open.at = row->open.end = node_span(tree, node_next_named(tree, open)).at;
        row->close.at = row->close.end;
    } else if (is_element(tree, close)) {
        return false;
    }
    row->margin = indentation_at(row, row->open.at);
    row->kept = new (row->arena, const LayoutItem *, row->layout->n + 1);
    for (ptrdiff_t i = 0; i < row->layout->n; i++)
        if (row->layout->items[i].kept && !row->layout->items[i].removed)
            row->kept[row->n++] = &row->layout->items[i];
    return true;
}

void layout_list(const Layout *layout, Edits *edits) {
    Row row = {.layout = layout,
               .arena = layout->format->arena,
               .text = layout->source->text,
               .newline = layout->source->newline,
               .edits = edits};
    if (!read_row(&row))
        return;
    choose_manner(&row);
    int fallback = -1;
    for (ptrdiff_t i = 0; i < layout->n; i++)
        fallback = fallback < 0 ? layout->items[i].group : fallback;
    for (ptrdiff_t i = 0; i <= row.n; i++) {
        Gap gap = read_gap(&row, i);
        write_gap(&row, &gap, fallback);
        if (i < row.n)
            write_element(&row, row.kept[i]);
    }
}

/* Logical lines that stood in the formatters' layout get it again.
 *
 * A line is formatted twice, as it is and with its edits applied. When the first gives the bytes of
 * the file, the author's layout is the formatters', and the second is what they would write. It is
 * then taken apart into edits: every run of it that comes from the file is matched with its old
 * place, so that an edit still covers only what changes and belongs to the group that wanted it. */
#include "edit/layout.h"

bool logical_line(const Tree *tree, Node node, LogicalLine *line) {
    for (Node below = 0; node; below = node, node = node_parent(tree, node)) {
        Kind kind = node_kind(tree, node);
        Node parent = node_parent(tree, node);
        Kind above = node_kind(tree, parent);
        Node colon = below;
        if (kind == NODE_BLOCK || kind == NODE_MODULE)
            return false;
        if (kind == NODE_DECORATOR) {
            *line = (LogicalLine){node_span(tree, node), false};
            return true;
        }
        if (above != NODE_BLOCK && above != NODE_MODULE && kind != NODE_ELIF_CLAUSE &&
            kind != NODE_EXCEPT_CLAUSE && kind != NODE_CASE_CLAUSE &&
            kind != NODE_CLASS_DEFINITION && kind != NODE_FUNCTION_DEFINITION)
            continue;
        colon = below ? below : node_child(tree, node);
        while (colon && !node_is_token(tree, colon, S(":")))
            colon = node_next(tree, colon);
        bool head = colon && node_next(tree, colon);
        *line = (LogicalLine){node_span(tree, node), head};
        if (head)
            line->span.end = node_span(tree, colon).end;
        return true;
    }
    return false;
}

/* ---- one line ---- */

/* The line as format_line() wants it; false when something else stands on its first or last
 * line. */
static bool describe(const Source *source, LogicalLine logical, FormatLine *line) {
    Str text = source->text;
    Span span = logical.span;
    *line = (FormatLine){.text = str_span(source->parse_text, span), .is_head = logical.is_head};
    line->margin = source_indentation(source, span.at);
    line->column = pretty_width(line->margin);
    ptrdiff_t before = (ptrdiff_t)span.at - line->margin.n;
    if (before > 0 && text.p[before - 1] != '\n' && text.p[before - 1] != '\r')
        return false;
    Str rest = str_slice(text, span.end, text.n);
    ptrdiff_t end = 0;
    while (end < rest.n && rest.p[end] != '\n' && rest.p[end] != '\r')
        end++;
    rest = str_trim(str_slice(rest, 0, end));
    if (rest.n && rest.p[0] != '#')
        return false;
    line->reserved = rest.n ? pretty_comment_width(rest) : 0;
    return true;
}

typedef struct Realign {
    const Edit *edits; /* of the line, sorted, and relative to its start */
    ptrdiff_t n;
    Str text;    /* of the file */
    Span line;   /* in the file */
    uint32_t at; /* the file is dealt with up to here */
    Segments segments;
    Edits *out;
} Realign;

/* What has been collected stands between the last kept run and the next, which starts at `end`. */
static void put_between(Realign *realign, uint32_t end) {
    Span span = {realign->at, end};
    segments_put(&realign->segments, realign->text, span, realign->edits[0].group, realign->out);
    realign->segments.n = 0;
}

/* What byte `from` of the edited line is: a kept byte (the answer is true, `*old` where it was), or
 * text of an edit. `*run` bytes from there on are of the same sort. */
static bool origin(const Realign *realign, uint32_t from, uint32_t *old, uint32_t *run,
                   int *group) {
    uint32_t at = 0, new_at = 0;
    for (ptrdiff_t i = 0; i < realign->n; i++) {
        const Edit *edit = &realign->edits[i];
        uint32_t kept = edit->span.at - at;
        if (from < new_at + kept) {
            *old = at + (from - new_at);
            *run = new_at + kept - from;
            return true;
        }
        new_at += kept;
        if (from < new_at + (uint32_t)edit->text.n) {
            *run = new_at + (uint32_t)edit->text.n - from;
            *group = edit->group;
            return false;
        }
        new_at += (uint32_t)edit->text.n;
        at = edit->span.end;
    }
    *old = at + (from - new_at);
    *run = UINT32_MAX;
    return true;
}

static void realign_piece(Realign *realign, PrettyPiece piece) {
    for (uint32_t done = 0, run = 0; done < (uint32_t)piece.text.n; done += run) {
        uint32_t old = 0;
        int group = -1;
        bool kept = origin(realign, (uint32_t)piece.from + done, &old, &run, &group);
        run = run < (uint32_t)piece.text.n - done ? run : (uint32_t)piece.text.n - done;
        if (!kept) {
            segments_add(&realign->segments, str_slice(piece.text, done, done + run), group);
            continue;
        }
        put_between(realign, realign->line.at + old);
        realign->at = realign->line.at + old + run;
    }
}

static void realign_line(Realign *realign, const PrettyText *text) {
    for (ptrdiff_t i = 0; i < text->n; i++) {
        if (text->v[i].from < 0)
            segments_add(&realign->segments, text->v[i].text, -1);
        else
            realign_piece(realign, text->v[i]);
    }
    put_between(realign, realign->line.end);
}

/* ---- all lines ---- */

/* The edits [from, to) in the line's own offsets; false when one reaches out of the line. */
static bool take_edits(const Edits *edits, ptrdiff_t from, Span line, ptrdiff_t *to, Edits *taken,
                       Arena *arena) {
    bool inside = true;
    ptrdiff_t i = from;
    for (; i < edits->n && edits->v[i].span.at <= line.end; i++) {
        Edit edit = edits->v[i];
        inside = inside && edit.span.at >= line.at && edit.span.end <= line.end;
        edit.span.at -= line.at;
        edit.span.end -= line.at;
        *list_push(arena, taken) = edit;
    }
    *to = i;
    return inside;
}

bool layout_is_tidy(const FormatContext *format, const Source *source, const Tree *tree,
                    Node node) {
    LogicalLine logical;
    FormatLine line;
    PrettyText text;
    return logical_line(tree, node, &logical) && describe(source, logical, &line) &&
           format_line(format, &line, &text) && format_is(&text, line.text);
}

static bool tidy_line(const FormatContext *format, const Source *source, LogicalLine logical,
                      const Edits *edits, Edits *out) {
    Arena *arena = format->arena;
    FormatLine line;
    PrettyText text;
    if (!describe(source, logical, &line) || !format_line(format, &line, &text) ||
        !format_is(&text, line.text))
        return false;
    EditList list = {edits->v, edits->n};
    FormatLine edited = line;
    edited.text = edits_apply(arena, line.text, &list);
    if (!format_line(format, &edited, &text))
        return false;
    Realign realign = {.edits = edits->v,
                       .n = edits->n,
                       .text = source->text,
                       .line = logical.span,
                       .at = logical.span.at,
                       .segments = {.arena = arena},
                       .out = out};
    realign_line(&realign, &text);
    return true;
}

/* The logical line that holds the whole span. One that is empty may stand at its end. */
static bool line_around(const Tree *tree, Span span, LogicalLine *line) {
    if (logical_line(tree, node_at(tree, span.at), line) && line->span.at <= span.at &&
        span.end <= line->span.end)
        return true;
    return span.at > 0 && span.at == span.end &&
           logical_line(tree, node_at(tree, span.at - 1), line) && span.at == line->span.end;
}

void layout_tidy(const FormatContext *format, const Source *source, const Tree *tree,
                 Edits *edits) {
    Edits out = {0};
    for (ptrdiff_t i = 0, next; i < edits->n; i = next) {
        LogicalLine logical;
        Edits taken = {0};
        bool found = line_around(tree, edits->v[i].span, &logical);
        next = i + 1;
        if (found && take_edits(edits, i, logical.span, &next, &taken, format->arena) &&
            tidy_line(format, source, logical, &taken, &out))
            continue;
        for (; i < next; i++)
            *list_push(format->arena, &out) = edits->v[i];
    }
    *edits = out;
}

/* ---- new statements ---- */

static int line_levels(Str text, uint32_t at) {
    ptrdiff_t start = at;
    while (start > 0 && text.p[start - 1] != '\n')
        start--;
    return (int)((at - start) / 4);
}

/* Edits that break the long lines of the statements. */
static void break_lines(const FormatContext *format, Str margin, Str text, Edits *edits) {
    Arena *arena = format->arena;
    Tree *tree = syntax_parse(format->parser, arena, GRAMMAR_PYTHON, text);
    for (Node node = 2; tree && node < tree->n; node++) {
        LogicalLine logical;
        Kind above = node_kind(tree, node_parent(tree, node));
        if (!tree->rows[node].named || (above != NODE_BLOCK && above != NODE_MODULE) ||
            !logical_line(tree, node, &logical))
            continue;
        Buf indent = {.arena = arena};
        buf_add(&indent, margin);
        for (int i = 0; i < line_levels(text, logical.span.at); i++)
            buf_add(&indent, format->unit);
        FormatLine line = {.text = str_span(text, logical.span),
                           .is_head = logical.is_head,
                           .margin = buf_str(&indent)};
        line.column = pretty_width(line.margin);
        PrettyText pretty;
        if (line.column + pretty_width(line.text) <= format->style.line_length ||
            !format_line(format, &line, &pretty))
            continue;
        *list_push(arena, edits) =
            (Edit){.span = logical.span, .text = format_text(arena, &pretty)};
    }
}

Str layout_statements(const FormatContext *format, Str margin, Str text) {
    Arena *arena = format->arena;
    Edits edits = {0};
    break_lines(format, margin, text, &edits);
    Buf buf = {.arena = arena};
    uint32_t at = 0;
    ptrdiff_t next = 0;
    while (at < (uint32_t)text.n) {
        int levels = 0;
        while (str_starts(str_slice(text, at, text.n), S("    "))) {
            at += 4;
            levels++;
        }
        uint32_t end = at;
        while (end < (uint32_t)text.n && text.p[end] != '\n')
            end++;
        if (end > at)
            buf_add(&buf, margin);
        for (int i = 0; i < levels && end > at; i++)
            buf_add(&buf, format->unit);
        if (next < edits.n && edits.v[next].span.at == at) {
            buf_add(&buf, edits.v[next].text);
            at = edits.v[next++].span.end;
        }
        buf_add(&buf, str_slice(text, at, end));
        buf_add(&buf, format->newline);
        at = end + 1;
    }
    return buf_str(&buf);
}

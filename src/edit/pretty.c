/* The printer for edit/pretty.h.
 *
 * It keeps a stack of frames, each a list of nodes still to be printed and the mode in which they
 * are. To decide about a group, pretty_fits() goes on from the same stack without printing, until
 * the line is full or a line break is sure: it reads the frames below the group as well, since what
 * follows a group up to the next possible break must stand on its last line.
 *
 * How groups, conditional groups and PRETTY_FITS_BROKEN are measured follows what the formatters of
 * Python do (https://docs.astral.sh/ruff/formatter/), because the result is compared with
 * theirs. */
#include "edit/pretty.h"

#include "base/list.h"
#include "base/utf8.h"

typedef struct Args {
    int indent;     /* levels */
    bool flat;      /* soft breaks are not newlines */
    bool all_lines; /* measuring: go on behind newlines */
    bool overflow;  /* measuring: let long text pass */
} Args;

typedef struct Frame {
    const Pretty *node;
    Args args;
} Frame;

typedef List(Frame) Stack;

typedef struct Printer {
    const PrettyPage *page;
    PrettyText *out;
    Arena *arena;
    Stack stack;
    Stack measure; /* the frames of pretty_fits(), kept to be used again */
    bool *flat;    /* by group id */
    int column;
    bool indent_due; /* the indent of a new line, not printed before its first text */
    int indent;
    bool measured; /* a group around has been measured: those inside are flat too */
    const Pretty **suffixes;
    ptrdiff_t n_suffixes;
    ptrdiff_t max_suffixes;
} Printer;

typedef enum Fit { FIT_NO, FIT_YES, FIT_MAYBE } Fit;

/* ---- width ---- */

/* Ranges of two columns: the East Asian wide and fullwidth blocks and the emoji of Unicode's
 * EastAsianWidth.txt, with unassigned gaps inside blocks counted in. */
static bool is_wide(uint32_t c) {
    return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0x303e) ||
           (c >= 0x3041 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) ||
           (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) ||
           (c >= 0xff00 && c <= 0xff60) || (c >= 0xffe0 && c <= 0xffe6) ||
           (c >= 0x1f300 && c <= 0x1f64f) || (c >= 0x1f680 && c <= 0x1f6ff) ||
           (c >= 0x1f900 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
}

static bool is_combining(uint32_t c) {
    return (c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x20d0 && c <= 0x20ff) || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff;
}

int pretty_width(Str text) {
    int width = 0;
    for (ptrdiff_t i = 0; i < text.n;) {
        uint32_t c = (uint32_t)utf8_next(text, &i);
        width += c == '\t' ? 4 : is_combining(c) ? 0 : is_wide(c) ? 2 : 1;
    }
    return width;
}

int pretty_comment_width(Str comment) {
    static const Str pragmas[] = {S("type:"),   S("pyright:"), S("pylint:"),
                                  S("flake8:"), S("ruff:"),    S("isort:"),
                                  S("nosec"),   S("noqa"),     S("NOQA")};
    Str text = str_trim(str_slice(comment, 1, comment.n));
    for (ptrdiff_t i = 0; i < COUNT(pragmas); i++)
        if (str_starts(text, pragmas[i]))
            return 0;
    return comment.n ? pretty_width(comment) + 2 : 0;
}

static int indent_width(const PrettyPage *page, int levels) {
    return pretty_width(page->margin) + levels * pretty_width(page->unit);
}

/* ---- groups that cannot be flat ---- */

/* Marks groups that hold a hard break; the answer is whether the list itself holds one. What is
 * inside PRETTY_FITS_BROKEN is its own matter; the node's `broken` tells that it must break. */
static bool propagate(Pretty *nodes) {
    bool any = false;
    for (Pretty *node = nodes; node; node = node->next) {
        bool inside = node->child && propagate(node->child);
        switch (node->kind) {
        case PRETTY_GROUP:
        case PRETTY_GROUP_IF:
            node->broken |= inside;
            any |= node->broken;
            break;
        case PRETTY_FITS_BROKEN:
            node->broken = inside;
            break;
        case PRETTY_BEST_FIT:
            break;
        case PRETTY_HARD:
        case PRETTY_BREAK_PARENT:
        case PRETTY_SUFFIX:
            any = true;
            break;
        case PRETTY_TEXT:
            any |= str_find_byte(node->text, '\n') >= 0;
            break;
        case PRETTY_SOFT:
        case PRETTY_LINE:
        case PRETTY_INDENT:
        case PRETTY_INDENT_IF:
        case PRETTY_IF_BROKEN:
        case PRETTY_IF_FLAT:
            any |= inside;
            break;
        }
    }
    return any;
}

/* ---- measuring ---- */

typedef struct Line {
    int column;
    bool indent_due;
    int indent;
} Line;

static void push(Printer *printer, Stack *stack, const Pretty *nodes, Args args) {
    if (nodes)
        *list_push(printer->arena, stack) = (Frame){nodes, args};
}

/* Columns of the text's last line; of its first one too, which is the same for most. */
static int last_width(Str text, int *first) {
    ptrdiff_t head = str_find_byte(text, '\n'), tail = str_rfind_byte(text, '\n');
    *first = pretty_width(head < 0 ? text : str_slice(text, 0, head));
    return head < 0 ? *first : pretty_width(str_slice(text, tail + 1, text.n));
}

static Fit fit_text(const Printer *printer, Line *line, Str text, Args args) {
    int first, last = last_width(text, &first), length = printer->page->line_length;
    if (line->indent_due)
        line->column = indent_width(printer->page, line->indent);
    line->indent_due = false;
    bool fits = line->column + first <= length || args.overflow;
    line->column = str_find_byte(text, '\n') < 0 ? line->column + first : last;
    if (fits && !args.all_lines && str_find_byte(text, '\n') >= 0)
        return FIT_YES;
    return fits && (line->column <= length || args.overflow) ? FIT_MAYBE : FIT_NO;
}

static Fit fit_break(const Printer *printer, Line *line, const Pretty *node, Args args) {
    if (args.flat && node->kind != PRETTY_HARD)
        return node->kind == PRETTY_LINE ? fit_text(printer, line, S(" "), args) : FIT_MAYBE;
    if (args.flat || !args.all_lines)
        return FIT_YES;
    line->indent_due = true;
    line->indent = args.indent;
    return FIT_MAYBE;
}

static Args fits_broken_args(const Printer *printer, const Pretty *node, Args args, Fit *fit) {
    if (args.flat && printer->flat[node->id])
        return (Args){args.indent, .all_lines = true, .overflow = true};
    if (args.flat && node->broken)
        *fit = FIT_NO;
    return args;
}

static Fit fit_node(Printer *printer, Line *line, const Pretty *node, Args args) {
    Fit fit = FIT_MAYBE;
    switch (node->kind) {
    case PRETTY_TEXT:
        return fit_text(printer, line, node->text, args);
    case PRETTY_SOFT:
    case PRETTY_LINE:
    case PRETTY_HARD:
        return fit_break(printer, line, node, args);
    case PRETTY_SUFFIX:
        line->column += node->width;
        return node->width > 0 && line->column > printer->page->line_length ? FIT_NO : FIT_MAYBE;
    case PRETTY_BREAK_PARENT:
        return FIT_MAYBE;
    case PRETTY_GROUP:
        args.flat = args.flat && !node->broken;
        if (node->id)
            printer->flat[node->id] = args.flat;
        break;
    case PRETTY_GROUP_IF:
        args.flat = args.flat && !(node->broken && !printer->flat[node->id]);
        break;
    case PRETTY_INDENT:
        args.indent++;
        break;
    case PRETTY_INDENT_IF:
        args.indent += !printer->flat[node->id];
        break;
    case PRETTY_IF_BROKEN:
        if (node->id ? printer->flat[node->id] : args.flat)
            return FIT_MAYBE;
        break;
    case PRETTY_IF_FLAT:
        if (!(node->id ? printer->flat[node->id] : args.flat))
            return FIT_MAYBE;
        break;
    case PRETTY_FITS_BROKEN:
        args = fits_broken_args(printer, node, args, &fit);
        break;
    case PRETTY_BEST_FIT:
        printer->flat[node->id] = args.flat;
        break;
    }
    push(printer, &printer->measure, node->child, args);
    return fit;
}

/* Whether the content, and what follows it up to the next possible break, stays in the line. */
static bool pretty_fits(Printer *printer, const Pretty *content, Args args) {
    Line line = {printer->column, printer->indent_due, printer->indent};
    printer->measure.n = 0;
    push(printer, &printer->measure, content, args);
    ptrdiff_t below = printer->stack.n;
    for (;;) {
        if (printer->measure.n == 0) {
            if (below == 0)
                return true;
            below--;
            push(printer, &printer->measure, printer->stack.v[below].node,
                 printer->stack.v[below].args);
            continue;
        }
        Frame *top = &printer->measure.v[printer->measure.n - 1];
        const Pretty *node = top->node;
        Args node_args = top->args;
        top->node = node->next;
        if (!top->node)
            printer->measure.n--;
        Fit fit = fit_node(printer, &line, node, node_args);
        if (fit != FIT_MAYBE)
            return fit == FIT_YES;
    }
}

/* ---- printing ---- */

static void emit(Printer *printer, Str text, int32_t from) {
    *list_push(printer->arena, printer->out) = (PrettyPiece){text, from};
}

static void print_text(Printer *printer, Str text, int32_t from) {
    if (printer->indent_due) {
        emit(printer, printer->page->margin, -1);
        for (int i = 0; i < printer->indent; i++)
            emit(printer, printer->page->unit, -1);
        printer->column = indent_width(printer->page, printer->indent);
        printer->indent_due = false;
    }
    emit(printer, text, from);
    int first, last = last_width(text, &first);
    printer->column = str_find_byte(text, '\n') < 0 ? printer->column + first : last;
}

static void print_suffixes(Printer *printer) {
    for (ptrdiff_t i = 0; i < printer->n_suffixes; i++) {
        if (printer->suffixes[i]->text.n == 0)
            continue;
        emit(printer, S("  "), -1);
        emit(printer, printer->suffixes[i]->text, printer->suffixes[i]->from);
    }
    printer->n_suffixes = 0;
}

static void print_break(Printer *printer, const Pretty *node, Args args) {
    if (args.flat && node->kind != PRETTY_HARD) {
        if (node->kind == PRETTY_LINE)
            print_text(printer, S(" "), -1);
        return;
    }
    print_suffixes(printer);
    if (!printer->indent_due)
        emit(printer, printer->page->newline, -1);
    printer->column = 0;
    printer->indent_due = true;
    printer->indent = args.indent;
}

static bool group_is_flat(Printer *printer, const Pretty *group, Args args) {
    if (group->broken)
        return false;
    if (args.flat && printer->measured)
        return true;
    printer->measured = true;
    if (group->kind != PRETTY_GROUP_IF && group->id)
        printer->flat[group->id] = true;
    args.flat = true;
    return pretty_fits(printer, group->child, args);
}

static void print_best_fit(Printer *printer, const Pretty *node, Args args) {
    bool flat = group_is_flat(printer, node, args);
    if (!flat) {
        printer->flat[node->id] = false;
        flat = !pretty_fits(printer, node->other, (Args){args.indent, .all_lines = true});
    }
    printer->flat[node->id] = flat;
    args.flat = flat;
    push(printer, &printer->stack, flat ? node->child : node->other, args);
}

static void print_node(Printer *printer, const Pretty *node, Args args) {
    switch (node->kind) {
    case PRETTY_TEXT:
        print_text(printer, node->text, node->from);
        return;
    case PRETTY_SOFT:
    case PRETTY_LINE:
    case PRETTY_HARD:
        print_break(printer, node, args);
        return;
    case PRETTY_SUFFIX:
        printer->column += node->width;
        if (printer->n_suffixes < printer->max_suffixes)
            printer->suffixes[printer->n_suffixes++] = node;
        return;
    case PRETTY_BREAK_PARENT:
        return;
    case PRETTY_GROUP:
        args.flat = group_is_flat(printer, node, args);
        if (node->id)
            printer->flat[node->id] = args.flat;
        break;
    case PRETTY_GROUP_IF:
        if (!printer->flat[node->id])
            args.flat = group_is_flat(printer, node, args);
        break;
    case PRETTY_INDENT:
        args.indent++;
        break;
    case PRETTY_INDENT_IF:
        args.indent += !printer->flat[node->id];
        break;
    case PRETTY_IF_BROKEN:
        if (node->id ? printer->flat[node->id] : args.flat)
            return;
        break;
    case PRETTY_IF_FLAT:
        if (!(node->id ? printer->flat[node->id] : args.flat))
            return;
        break;
    case PRETTY_FITS_BROKEN:
        if (printer->flat[node->id])
            printer->measured = false;
        break;
    case PRETTY_BEST_FIT:
        print_best_fit(printer, node, args);
        return;
    }
    push(printer, &printer->stack, node->child, args);
}

static ptrdiff_t count_suffixes(const Pretty *nodes) {
    ptrdiff_t n = 0;
    for (const Pretty *node = nodes; node; node = node->next)
        n += (node->kind == PRETTY_SUFFIX) + count_suffixes(node->child);
    return n;
}

void pretty_print(const PrettyPage *page, Pretty *nodes, PrettyText *out) {
    propagate(nodes);
    Printer printer = {.page = page, .out = out, .arena = out->arena, .column = page->column};
    printer.flat = new (out->arena, bool, page->groups + 1);
    printer.max_suffixes = count_suffixes(nodes);
    printer.suffixes = new (out->arena, const Pretty *, printer.max_suffixes + 1);
    push(&printer, &printer.stack, nodes, (Args){0});
    while (printer.stack.n > 0) {
        Frame *top = &printer.stack.v[printer.stack.n - 1];
        const Pretty *node = top->node;
        Args args = top->args;
        top->node = node->next;
        if (!top->node)
            printer.stack.n--;
        print_node(&printer, node, args);
    }
    print_suffixes(&printer);
}

/* Texts token by token: templates of '+' lines, and the fewest tokens that turn one text into
 * another.
 *
 * Holes, strings, `**$set` and whole qualified names count as one token each: the file may write a
 * qualified name in another way, so no part of it can stay or change alone. Tokens of context lines
 * are fixed; what lies between two of them is aligned by its longest common subsequence. */
#include "transform/draft.h"

#include <string.h>

#include "base/byte.h"

/* ---- units ---- */

static bool has_interpolation(const Tree *tree, Node string) {
    for (Node node = string; node < tree->rows[string].past; node++) {
        if (node_kind(tree, node) == NODE_INTERPOLATION)
            return true;
    }
    return false;
}

static int set_of(const RuleDraft *rule, const Sheet *sheet, Node node) {
    if (node_kind(sheet->tree, node) != NODE_DICTIONARY_SPLAT)
        return -1;
    int hole = sheet->hole[node_child_named(sheet->tree, node)];
    return hole >= 0 && rule->holes.v[hole].kind == HOLE_KWARGS ? hole : -1;
}

static bool is_unit(const RuleDraft *rule, const Sheet *sheet, Node node) {
    Kind kind = node_kind(sheet->tree, node);
    if (kind == NODE_STRING)
        return !has_interpolation(sheet->tree, node);
    return kind == NODE_STRING_CONTENT || is_leaf(sheet->tree, node) ||
           sheet_is_qualified(sheet, node) || set_of(rule, sheet, node) >= 0;
}

void units_read(const RuleDraft *rule, const Sheet *sheet, Node root, Span span, const bool *gone,
                Units *out) {
    const Tree *tree = sheet->tree;
    for (Node node = root, past; node < tree->rows[root].past; node = past) {
        const NodeRow *row = &tree->rows[node];
        past = row->past;
        if (row->extra || row->end <= span.at || row->at >= span.end || row->at == row->end ||
            (gone && gone[node]))
            continue;
        if (is_unit(rule, sheet, node))
            *list_push(rule->draft->arena, out) = (Unit){node, {row->at, row->end}};
        else
            past = node + 1;
    }
}

static bool same_unit(const Compiler *compiler, Unit before, Unit after) {
    return (compiler->before->hole[before.node] >= 0) == (compiler->after->hole[after.node] >= 0) &&
           str_eq(str_span(compiler->before->text, before.at),
                  str_span(compiler->after->text, after.at));
}

bool same_text(const Compiler *compiler, Node before, Node after) {
    Units from = {0}, to = {0};
    units_read(compiler->rule, compiler->before, before, node_span(compiler->before->tree, before),
               NULL, &from);
    units_read(compiler->rule, compiler->after, after, node_span(compiler->after->tree, after),
               NULL, &to);
    bool same = from.n == to.n;
    for (ptrdiff_t i = 0; same && i < from.n; i++)
        same = same_unit(compiler, from.v[i], to.v[i]);
    return same;
}

/* ---- templates ---- */

typedef struct Filler {
    Compiler *compiler;
    List(Piece) pieces;
    Buf text; /* of the piece that is being built */
} Filler;

static void flush(Filler *filler) {
    Arena *arena = filler->compiler->rule->draft->arena;
    if (filler->text.n)
        *list_push(arena, &filler->pieces) = (Piece){
            .kind = PIECE_TEXT, .text = str_copy(arena, buf_str(&filler->text)), .hole = -1};
    filler->text.n = 0;
}

static void fill_hole(Filler *filler, PieceKind kind, int hole) {
    flush(filler);
    *list_push(filler->compiler->rule->draft->arena, &filler->pieces) =
        (Piece){.kind = kind, .hole = hole};
}

/* Up to the first capitalised part a qualified name is what an import brings; what follows a class
 * (`transformers.AutoConfig.from_pretrained`) is read from it. */
static void fill_name(Filler *filler, Str chain) {
    ptrdiff_t end = 0;
    for (bool found = false; end < chain.n && !found;) {
        ptrdiff_t dot = str_find_byte(str_slice(chain, end, chain.n), '.');
        found = is_capitalised(str_slice(chain, end, chain.n));
        end = dot < 0 ? chain.n : end + dot + !found;
    }
    flush(filler);
    *list_push(filler->compiler->rule->draft->arena, &filler->pieces) =
        (Piece){.kind = PIECE_NAME, .text = str_slice(chain, 0, end), .hole = -1};
    buf_add(&filler->text, str_slice(chain, end, chain.n));
}

static bool fill_unit(Filler *filler, Unit unit) {
    Compiler *compiler = filler->compiler;
    const Sheet *sheet = compiler->after;
    const Tree *tree = sheet->tree;
    int set = set_of(compiler->rule, sheet, unit.node);
    Str text = str_span(sheet->text, unit.at);
    if (set >= 0) {
        fill_hole(filler, PIECE_SPLICE, set);
    } else if (sheet->hole[unit.node] >= 0) {
        int hole = sheet->hole[unit.node];
        if (compiler->rule->holes.v[hole].optional) {
            compiler_fail(compiler, sheet_patch(sheet, unit.at),
                          "this hole stands on '-?' lines only and may have no value");
            return false;
        }
        fill_hole(filler, PIECE_HOLE, hole);
        filler->pieces.v[filler->pieces.n - 1].needed = precedence_needed(tree, unit.node);
    } else if (node_kind(tree, unit.node) == NODE_ATTRIBUTE) {
        for (Node node = unit.node; node < tree->rows[unit.node].past; node++) {
            if (sheet->hole[node] < 0)
                continue;
            compiler_fail(compiler, sheet_patch(sheet, unit.at),
                          "a qualified name that a change brings cannot hold a hole");
            return false;
        }
        Buf chain = {.arena = compiler->rule->draft->arena};
        for (ptrdiff_t i = 0; i < text.n; i++) {
            if (byte_is_identifier(text.p[i]) || text.p[i] == '.')
                buf_add_byte(&chain, text.p[i]);
        }
        fill_name(filler, buf_str(&chain));
    } else if (node_kind(tree, unit.node) == NODE_ELLIPSIS) {
        compiler_fail(compiler, sheet_patch(sheet, unit.at),
                      "'...' on a '+' line must stand where it stands on the '-' lines");
        return false;
    } else {
        buf_add(&filler->text, text);
    }
    return true;
}

/* What stands between two units of statements: without the indentation of the first. */
static void fill_lines(Filler *filler, Str between, ptrdiff_t indentation) {
    for (ptrdiff_t i = 0; i < between.n; i++) {
        buf_add_byte(&filler->text, between.p[i]);
        if (between.p[i] != '\n')
            continue;
        for (ptrdiff_t k = 0; k < indentation && i + 1 < between.n && between.p[i + 1] == ' '; k++)
            i++;
    }
}

static bool is_one_of(Str text, const char *characters) {
    return text.n == 1 && strchr(characters, text.p[0]);
}

/* The same on one line: a break becomes a blank, and none inside of brackets. */
static void fill_joined(Filler *filler, Str between, Str left, Str right) {
    if (str_find_byte(between, '\n') < 0 && str_find_byte(between, '#') < 0)
        buf_add(&filler->text, between);
    else if (!is_one_of(left, "([{") && !is_one_of(right, ")]}"))
        buf_add_byte(&filler->text, ' ');
}

/* A comma before a bracket on a line of its own goes with the break, but for that of a tuple. */
static bool is_trailing_comma(const Sheet *sheet, const Units *units, ptrdiff_t i) {
    const Tree *tree = sheet->tree;
    return i + 1 < units->n && node_is_token(tree, units->v[i].node, S(",")) &&
           is_one_of(node_text(tree, units->v[i + 1].node), ")]}") &&
           str_find_byte(str_slice(sheet->text, units->v[i].at.end, units->v[i + 1].at.at), '\n') >=
               0 &&
           node_kind(tree, node_parent(tree, units->v[i].node)) != NODE_TUPLE;
}

static ptrdiff_t column_of(Str text, uint32_t at) {
    return at - (str_rfind_byte(str_slice(text, 0, at), '\n') + 1);
}

bool template_build(Compiler *compiler, Span span, bool one_line, Template *out) {
    const Sheet *sheet = compiler->after;
    Filler filler = {.compiler = compiler, .text = {.arena = compiler->rule->draft->arena}};
    Units units = {0};
    units_read(compiler->rule, sheet, 1, span, NULL, &units);
    ptrdiff_t indentation = column_of(sheet->text, span.at);
    uint32_t at = span.at;
    Str left = {0};
    for (ptrdiff_t i = 0; i < units.n; i++) {
        Unit unit = units.v[i];
        if (one_line && is_trailing_comma(sheet, &units, i))
            continue;
        Str between = str_slice(sheet->text, at, unit.at.at);
        Str right = str_span(sheet->text, unit.at);
        if (one_line)
            fill_joined(&filler, between, left, right);
        else
            fill_lines(&filler, between, indentation);
        if (!fill_unit(&filler, unit))
            return false;
        left = right;
        at = unit.at.end;
    }
    if (at < span.end)
        fill_lines(&filler, str_slice(sheet->text, at, span.end), indentation);
    flush(&filler);
    *out = (Template){filler.pieces.v, filler.pieces.n};
    return true;
}

bool template_of_text(RuleDraft *rule, Span patch, Template *out) {
    Compiler compiler = {.rule = rule};
    Filler filler = {.compiler = &compiler, .text = {.arena = rule->draft->arena}};
    Cursor cursor = {rule->draft, patch.at, patch.end};
    bool good = true;
    while (cursor.at < patch.end) {
        char c = rule->draft->text.p[cursor.at];
        char next = cursor.at + 1 < patch.end ? rule->draft->text.p[cursor.at + 1] : 0;
        if (c != '$' || !byte_is_word(next) || byte_is_digit(next)) {
            buf_add_byte(&filler.text, c);
            cursor.at++;
            continue;
        }
        cursor.at++;
        Span name = cursor_identifier(&cursor);
        Span at = {name.at - 1, name.end};
        int hole = rule_hole_used(rule, cursor_text(&cursor, name), at, false);
        if (hole >= 0 && rule->holes.v[hole].optional) {
            draft_error(rule->draft, at,
                        "this hole stands on '-?' lines only and may have no value");
            hole = -1;
        }
        good &= hole >= 0;
        fill_hole(&filler, PIECE_HOLE, hole);
    }
    flush(&filler);
    *out = (Template){filler.pieces.v, filler.pieces.n};
    return good;
}

/* ---- the fewest tokens ---- */

typedef struct Alignment {
    Compiler *compiler;
    Units before, after;
    ptrdiff_t *match; /* by before: index in `after`, -1: none */
} Alignment;

/* Longest common subsequence of two ranges of units. */
static void align_range(Alignment *alignment, ptrdiff_t before, ptrdiff_t before_end,
                        ptrdiff_t after, ptrdiff_t after_end) {
    ptrdiff_t n = before_end - before, m = after_end - after;
    /* More than patches ever have; such texts are replaced as a whole. */
    if (n * m > 1 << 20 || n == 0 || m == 0)
        return;
    uint32_t *best = new (alignment->compiler->rule->draft->arena, uint32_t, (n + 1) * (m + 1));
    for (ptrdiff_t i = n - 1; i >= 0; i--) {
        for (ptrdiff_t k = m - 1; k >= 0; k--) {
            uint32_t down = best[(i + 1) * (m + 1) + k], right = best[i * (m + 1) + k + 1];
            bool same = same_unit(alignment->compiler, alignment->before.v[before + i],
                                  alignment->after.v[after + k]);
            best[i * (m + 1) + k] = same           ? best[(i + 1) * (m + 1) + k + 1] + 1
                                    : down > right ? down
                                                   : right;
        }
    }
    for (ptrdiff_t i = 0, k = 0; i < n && k < m;) {
        if (same_unit(alignment->compiler, alignment->before.v[before + i],
                      alignment->after.v[after + k])) {
            alignment->match[before + i++] = after + k++;
        } else if (best[(i + 1) * (m + 1) + k] >= best[i * (m + 1) + k + 1]) {
            i++;
        } else {
            k++;
        }
    }
}

/* Whether the unit stays: it stands on a context line of both, or is a parenthesis of a list whose
 * arguments were aligned. */
static bool is_fixed(const Compiler *compiler, Unit before, Unit after) {
    if (compiler->tied[before.node])
        return compiler->tied[before.node] == after.node;
    return sheet_patch(compiler->after, after.at).at ==
               sheet_patch(compiler->before, before.at).at &&
           same_unit(compiler, before, after);
}

/* Fixes the units that stay and aligns what lies between. */
static void align_units(Alignment *alignment) {
    Compiler *compiler = alignment->compiler;
    ptrdiff_t before = 0, after = 0;
    for (ptrdiff_t i = 0; i < alignment->before.n; i++) {
        Unit unit = alignment->before.v[i];
        alignment->match[i] = -1;
        if (compiler->before->mark[unit.node] != ' ' && !compiler->tied[unit.node])
            continue;
        for (ptrdiff_t k = after; k < alignment->after.n; k++) {
            if (!is_fixed(compiler, unit, alignment->after.v[k]))
                continue;
            align_range(alignment, before, i, after, k);
            alignment->match[i] = k;
            before = i + 1;
            after = k + 1;
            break;
        }
    }
    align_range(alignment, before, alignment->before.n, after, alignment->after.n);
}

/* Blanks between two neighbours; anything else between them counts as none. */
static Str blanks(Str text, const Units *units, ptrdiff_t left, ptrdiff_t right) {
    if (left < 0 || right >= units->n)
        return (Str){0};
    Str between = str_slice(text, units->v[left].at.end, units->v[right].at.at);
    return str_trim(between).n ? (Str){0} : between;
}

/* Units [i, i_end) of the text before become units [k, k_end) of the text after. */
typedef struct Change {
    ptrdiff_t i, i_end, k, k_end;
} Change;

static void add_piece_of_blanks(Compiler *compiler, Template *text, Str blank, bool in_front) {
    if (!blank.n)
        return;
    Piece *pieces = new (compiler->rule->draft->arena, Piece, text->n + 1);
    for (ptrdiff_t i = 0; i < text->n; i++)
        pieces[i + in_front] = text->v[i];
    Str one = str_find_byte(blank, '\n') < 0 ? blank : S(" ");
    pieces[in_front ? 0 : text->n] = (Piece){.kind = PIECE_TEXT, .text = one, .hole = -1};
    *text = (Template){pieces, text->n + 1};
}

/* New units go behind the one before them or in front of the one behind, so that the blanks between
 * these two stay where they belong: `= $call` becomes `= f($call)` in front of `$call`. */
static void emit_insertion(Alignment *alignment, Change change, Action *action) {
    Compiler *compiler = alignment->compiler;
    const Units *before = &alignment->before, *after = &alignment->after;
    Str kept = blanks(compiler->before->text, before, change.i - 1, change.i);
    Str left = blanks(compiler->after->text, after, change.k - 1, change.k);
    Str right = blanks(compiler->after->text, after, change.k_end - 1, change.k_end);
    bool in_front =
        change.i == 0 || (change.i < before->n && !str_eq(right, kept) && str_eq(left, kept));
    add_piece_of_blanks(compiler, &action->text, in_front ? right : left, !in_front);
    if (in_front)
        action->from = before->v[change.i].node;
    else
        action->to = before->v[change.i - 1].node;
}

static void emit_change(Alignment *alignment, Change change) {
    Compiler *compiler = alignment->compiler;
    const Units *before = &alignment->before, *after = &alignment->after;
    /* A word that goes takes the blank beside it along, with a neighbour that is written anew:
     * `not $x` becomes `$x`. */
    if (change.k == change.k_end && change.i_end < before->n && change.i > 0) {
        Str left = blanks(compiler->before->text, before, change.i - 1, change.i);
        Str right = blanks(compiler->before->text, before, change.i_end - 1, change.i_end);
        Str kept = blanks(compiler->after->text, after, change.k - 1, change.k);
        if (left.n + right.n != kept.n && change.k < after->n) {
            alignment->match[change.i_end++] = -1;
            change.k_end++;
        }
    }
    for (ptrdiff_t i = change.i; i < change.i_end; i++) {
        if (node_kind(compiler->before->tree, before->v[i].node) != NODE_ELLIPSIS)
            continue;
        compiler_fail(compiler, sheet_patch(compiler->before, before->v[i].at),
                      "'...' on a '-' line must stand on the '+' lines at the same place");
        return;
    }
    Template text = {0};
    bool brings = change.k < change.k_end;
    if (brings && !template_build(
                      compiler, (Span){after->v[change.k].at.at, after->v[change.k_end - 1].at.end},
                      true, &text))
        return;
    uint32_t line = brings ? compiler_line(compiler, compiler->after, after->v[change.k].node)
                           : compiler_line(compiler, compiler->before, before->v[change.i].node);
    Action *action = compiler_add(compiler, ACTION_REPLACE_TOKENS, line);
    action->text = text;
    if (change.i == change.i_end) {
        emit_insertion(alignment, change, action);
        return;
    }
    action->from = before->v[change.i].node;
    action->to = before->v[change.i_end - 1].node;
}

static void keep_holes(const Alignment *alignment) {
    Compiler *compiler = alignment->compiler;
    const Sheet *before = compiler->before, *after = compiler->after;
    for (ptrdiff_t i = 0; i < alignment->before.n; i++) {
        Node node = alignment->before.v[i].node;
        if (alignment->match[i] < 0 || before->hole[node] < 0)
            continue;
        Node stays = alignment->after.v[alignment->match[i]].node;
        Precedence needed = precedence_needed(after->tree, stays);
        if (needed > precedence_needed(before->tree, node))
            *list_push(compiler->rule->draft->arena, &compiler->kept) = (KeptHole){node, needed};
    }
}

void tokens_compile(Compiler *compiler, Node before, Node after) {
    if (compiler->before->mark[before] == ' ' && compiler->after->mark[after] == ' ')
        return;
    Alignment alignment = {.compiler = compiler};
    units_read(compiler->rule, compiler->before, before, node_span(compiler->before->tree, before),
               compiler->gone_before, &alignment.before);
    units_read(compiler->rule, compiler->after, after, node_span(compiler->after->tree, after),
               compiler->gone_after, &alignment.after);
    if (!alignment.before.n)
        return;
    alignment.match = new (compiler->rule->draft->arena, ptrdiff_t, alignment.before.n + 1);
    align_units(&alignment);
    Change change = {0};
    for (ptrdiff_t i = 0; i <= alignment.before.n; i++) {
        bool last = i == alignment.before.n;
        if (!last && alignment.match[i] < 0)
            continue;
        change.i_end = i;
        change.k_end = last ? alignment.after.n : alignment.match[i];
        if (change.i < change.i_end || change.k < change.k_end)
            emit_change(&alignment, change);
        change.i = i + 1;
        change.k = change.k_end + 1;
    }
    keep_holes(&alignment);
}

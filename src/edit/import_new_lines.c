/* Imports on lines of their own.
 *
 * A new line is put among the imports that are there: into the run of lines (no blank one between)
 * that holds its kind, by isort's order if the run is in it. */
#include "edit/import_editor.h"

/* ---- lines of their own ---- */

/* A new line: text, where it goes, and what the lines around it want. */
typedef struct Place {
    uint32_t at;
    Str margin;
    bool blank_before, blank_after;
} Place;

typedef List(const ImportLine *) Lines;

/* Imports of the block that a new one may stand beside: before the place of use, and in a module
 * before its first definition. */
static Lines neighbours(const Editor *editor, Node block, const ImportNeed *need) {
    Lines lines = {0};
    uint32_t end = UINT32_MAX;
    for (Node child = node_child_named(editor->tree, block); child && block == 1;
         child = node_next_named(editor->tree, child)) {
        Kind kind = node_kind(editor->tree, child);
        if (kind == NODE_FUNCTION_DEFINITION || kind == NODE_CLASS_DEFINITION ||
            kind == NODE_DECORATED_DEFINITION) {
            end = node_span(editor->tree, child).at;
            break;
        }
    }
    for (ptrdiff_t i = 0; i < editor->lines.n; i++) {
        const ImportLine *line = &editor->lines.v[i];
        if (node_parent(editor->tree, line->statement) == block &&
            node_span(editor->tree, line->statement).at < end &&
            !editor_comes_late(editor, line->statement, need) &&
            statement_has_own_line(editor->module, line->statement))
            *list_push(editor->format->arena, &lines) = line;
    }
    return lines;
}

static bool is_well_known(Str module) {
    static const Str names[] = {S("torch"),      S("transformers"), S("numpy"),
                                S("datasets"),   S("peft"),         S("trl"),
                                S("accelerate"), S("diffusers"),    S("huggingface_hub")};
    for (ptrdiff_t i = 0; i < COUNT(names); i++)
        if (str_eq(top_module(module), names[i]))
            return true;
    return false;
}

/* How well a run of lines suits the new one. */
static int suits(const Lines *lines, ptrdiff_t from, ptrdiff_t to, const ImportLine *added) {
    int best = 0;
    for (ptrdiff_t i = from; i < to; i++) {
        bool same = str_eq(top_module(lines->v[i]->module), top_module(added->module));
        int suit = same ? 3 : is_well_known(lines->v[i]->module) ? 2 : 1;
        best = suit > best && lines->v[i]->section == added->section ? suit : best;
    }
    return best;
}

/* The lines of the new one's section in the run that suits it best. */
static Lines run_for(const Editor *editor, const Lines *lines, const ImportLine *added) {
    Lines run = {0};
    int best = 0;
    for (ptrdiff_t from = 0, to; from < lines->n; from = to) {
        to = from + 1;
        while (to < lines->n && editor_is_adjacent(editor, lines->v[to - 1], lines->v[to]))
            to++;
        int suit = suits(lines, from, to, added);
        if (suit <= best)
            continue;
        best = suit;
        run.n = 0;
        for (ptrdiff_t i = from; i < to; i++)
            if (lines->v[i]->section == added->section)
                *list_push(editor->format->arena, &run) = lines->v[i];
    }
    return run;
}

/* How many lines of the run stand before the new one. */
static ptrdiff_t index_in(const Lines *run, const ImportLine *added) {
    LineOrder order = import_line_order(run->v, run->n);
    ptrdiff_t index = 0;
    if (order != LINES_UNSORTED) {
        while (index < run->n && import_line_compare(order, run->v[index], added) <= 0)
            index++;
        return index;
    }
    if (added->is_from)
        return run->n;
    for (ptrdiff_t i = 0; i < run->n; i++)
        if (!run->v[i]->is_from)
            index = i + 1;
    return index;
}

static uint32_t line_after(const Editor *editor, Node statement) {
    uint32_t end = node_span(editor->tree, statement).end;
    return (uint32_t)past_newline(editor->text, end_of_line(editor->text, end));
}

/* Above the statement and the comments that stand directly over it; those at the top of the file
 * are about the file. */
static uint32_t line_before(const Editor *editor, Node statement) {
    const Source *source = editor->module->source;
    uint32_t line = source_line(source, node_span(editor->tree, statement).at);
    uint32_t above = line;
    while (above > 1 && str_starts(str_trim(source_line_text(source, above - 1)), S("#")))
        above--;
    return source->line_at[(above == 1 ? line : above) - 1];
}

static bool is_blank_line(const Editor *editor, uint32_t at) {
    return str_trim(str_slice(editor->text, at, end_of_line(editor->text, at))).n == 0;
}

static bool is_docstring(const Editor *editor, Node statement) {
    return node_kind(editor->tree, statement) == NODE_EXPRESSION_STATEMENT &&
           node_kind(editor->tree, node_child_named(editor->tree, statement)) == NODE_STRING;
}

/* Behind imports of a section before the new one's, before those of one after it, or where a block
 * without imports starts. */
static Place place_alone(const Editor *editor, Node block, const Lines *lines,
                         const ImportLine *added) {
    Node before = 0, after = 0;
    for (ptrdiff_t i = 0; i < lines->n; i++) {
        if (lines->v[i]->section <= added->section)
            before = lines->v[i]->statement;
        else if (!after)
            after = lines->v[i]->statement;
    }
    Node first = node_child_named(editor->tree, block);
    if (!before && !after && is_docstring(editor, first))
        before = first;
    Place place = {.blank_before = before != 0, .blank_after = true};
    if (!before && !after)
        after = first;
    place.at = before ? line_after(editor, before) : line_before(editor, after);
    place.margin = source_indentation(editor->module->source,
                                      node_span(editor->tree, before ? before : after).at);
    return place;
}

static Place find_place(const Editor *editor, Node block, const ImportNeed *need,
                        const ImportLine *added) {
    Lines lines = neighbours(editor, block, need);
    Lines run = run_for(editor, &lines, added);
    if (run.n == 0)
        return place_alone(editor, block, &lines, added);
    ptrdiff_t index = index_in(&run, added);
    Node beside = run.v[index ? index - 1 : 0]->statement;
    return (Place){
        .at = index ? line_after(editor, beside) : line_before(editor, beside),
        .margin = source_indentation(editor->module->source, node_span(editor->tree, beside).at)};
}

/* Blank lines that formatters want between imports and what follows at the place. */
static int blanks_wanted(const Editor *editor, const Place *place) {
    if (place->at >= (uint32_t)editor->text.n || is_blank_line(editor, place->at))
        return 0;
    for (Node child = node_child_named(editor->tree, 1); child && !place->margin.n;
         child = node_next_named(editor->tree, child)) {
        if (node_span(editor->tree, child).end <= place->at)
            continue;
        Kind kind = node_kind(editor->tree, child);
        return 1 + (kind == NODE_FUNCTION_DEFINITION || kind == NODE_CLASS_DEFINITION ||
                    kind == NODE_DECORATED_DEFINITION);
    }
    return 1;
}

static Str line_text(const Editor *editor, const Place *place, Str statement, int blanks) {
    FormatLine line = {.text = statement, .margin = place->margin};
    line.column = pretty_width(place->margin);
    PrettyText pretty;
    Str text = statement;
    if (format_line(editor->format, &line, &pretty))
        text = format_text(editor->format->arena, &pretty);
    Str newline = editor->format->newline;
    Buf buf = {.arena = editor->format->arena};
    bool at_end = place->at > 0 && place->at == (uint32_t)editor->text.n &&
                  editor->text.p[place->at - 1] != '\n' && editor->text.p[place->at - 1] != '\r';
    if (at_end)
        buf_add(&buf, newline);
    if (place->blank_before)
        buf_add(&buf, newline);
    buf_add(&buf, place->margin);
    buf_add(&buf, text);
    buf_add(&buf, at_end ? (Str){0} : newline);
    for (int i = 0; i < blanks; i++)
        buf_add(&buf, newline);
    return buf_str(&buf);
}

/* All names that go on one new line with the need at `index`, sorted. */
static Str new_statement(const Editor *editor, ptrdiff_t index, Node block) {
    Arena *arena = editor->format->arena;
    const ImportNeed *need = &editor->needs[index];
    if (!need->name.n)
        return str_format(arena, "import %.*s", STR_ARG(need->module));
    Items items = {0};
    for (ptrdiff_t i = 0; i < editor->n_needs; i++) {
        const ImportNeed *other = &editor->needs[i];
        if (other->name.n && str_eq(other->module, need->module) &&
            !editor_is_repeated(editor, i) && editor_home(editor, other) == block &&
            !editor_changes_in_place(editor, other))
            editor_add_name(editor, &items, NAMES_BY_TYPE, other);
    }
    Buf buf = {.arena = arena};
    buf_format(&buf, "from %.*s import ", STR_ARG(need->module));
    for (ptrdiff_t i = 0; i < items.n; i++)
        buf_format(&buf, "%s%.*s", i ? ", " : "", STR_ARG(items.v[i].text));
    return buf_str(&buf);
}

/* Whether an earlier need brings the line that this one goes on. */
static bool is_on_line(const Editor *editor, ptrdiff_t index, Node block) {
    const ImportNeed *need = &editor->needs[index];
    for (ptrdiff_t i = 0; i < index; i++) {
        const ImportNeed *other = &editor->needs[i];
        if (str_eq(other->module, need->module) && (other->name.n > 0) == (need->name.n > 0) &&
            editor_home(editor, other) == block && !editor_changes_in_place(editor, other))
            return true;
    }
    return false;
}

typedef struct NewLine {
    ImportLine line;
    Place place;
    Str statement;
    int group;
} NewLine;

void editor_add_lines(const Editor *editor) {
    List(NewLine) added = {0};
    for (ptrdiff_t i = 0; i < editor->n_needs; i++) {
        const ImportNeed *need = &editor->needs[i];
        Node block = editor_home(editor, need);
        if (editor_statement_for(editor, need, block) || is_on_line(editor, i, block) ||
            editor_changes_in_place(editor, need))
            continue;
        ImportLine line = {.module = need->module,
                           .is_from = need->name.n > 0,
                           .section = import_section(need->module)};
        NewLine new_line = {line, find_place(editor, block, need, &line),
                            new_statement(editor, i, block), need->group};
        ptrdiff_t k = added.n;
        list_push(editor->format->arena, &added);
        for (; k > 0; k--) {
            const NewLine *before = &added.v[k - 1];
            int order = before->place.at < new_line.place.at   ? -1
                        : before->place.at > new_line.place.at ? 1
                                                               : 0;
            order = order ? order : (int)before->line.section - (int)line.section;
            order = order ? order : import_line_compare(LINES_PLAIN_FIRST, &before->line, &line);
            if (order <= 0)
                break;
            added.v[k] = added.v[k - 1];
        }
        added.v[k] = new_line;
    }
    for (ptrdiff_t i = 0; i < added.n; i++) {
        Place *place = &added.v[i].place;
        /* Lines that meet at one place: a blank one between sections, none in a section. */
        const NewLine *below = i + 1 < added.n ? &added.v[i + 1] : NULL;
        if (i > 0 && added.v[i - 1].place.at == place->at)
            place->blank_before = false;
        bool met = below && below->place.at == place->at;
        int blanks = met                  ? below->line.section != added.v[i].line.section
                     : place->blank_after ? blanks_wanted(editor, place)
                                          : 0;
        *list_push(editor->format->arena, editor->whole) =
            (Edit){.span = {place->at, place->at},
                   .text = line_text(editor, place, added.v[i].statement, blanks),
                   .group = added.v[i].group,
                   .order = (int)i - 1000000}; /* before statements that are put in there */
    }
}

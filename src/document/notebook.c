/* The program is the text of the code cells, each followed by a comment line that stands nowhere
 * else, by which a new text is cut into cells again. What IPython alone reads is hidden behind
 * names (document/magic.h). Both are counted and compared on the way back, so that a new text that
 * has lost one is refused, not written.
 *
 * Nothing but code is looked at: outputs, metadata and attachments are only stepped over. A cell
 * whose source is no Unicode text is left out, as is one that another language is named for. */
#include "document/notebook.h"

#include "document/cell_source.h"
#include "document/magic.h"
#include "document/piece.h"

typedef struct Cell {
    JsonNode source;
    uint32_t number; /* from 1, among all cells */
    Str text;
    uint32_t line; /* its first line in the program, from 1 */
} Cell;

typedef List(Cell) Cells;

struct Notebook {
    Str path, bytes;
    const JsonTree *json;
    Cells cells; /* of code */
    Magics magics;
    Str separator; /* a word; a number and a newline follow */
    Str newline;
    Source *piece;
    Source *shell; /* NULL: nothing is hidden */
};

/* ---- reading ---- */

static bool not_a_notebook(Diagnostics *diagnostics, Str path, Str bytes, uint32_t at,
                           const char *what) {
    uint32_t line = 1, column = 1;
    for (uint32_t i = 0; i < at; i++) {
        column = bytes.p[i] == '\n' ? 1 : column + (((unsigned char)bytes.p[i] & 0xC0) != 0x80);
        line += bytes.p[i] == '\n';
    }
    diag_add(diagnostics, SEVERITY_ERROR, path, line, column, "not a notebook: %s", what);
    return false;
}

static bool names_python(Str language) {
    static const Str names[] = {S("python"), S("python3"), S("ipython"), S("ipython3")};
    for (ptrdiff_t i = 0; i < COUNT(names); i++)
        if (str_eq_fold(language, names[i]))
            return true;
    return false;
}

/* True unless the metadata names another language at `outer` . `inner`. */
static bool may_be_python(const JsonTree *json, JsonNode metadata, Str outer, Str inner) {
    JsonNode language = json_tree_member(json, json_tree_member(json, metadata, outer), inner);
    return json_tree_kind(json, language) != JSON_TREE_STRING ||
           names_python(json_tree_raw(json, language));
}

/* Most notebooks of the wild name no language at all: Python is meant. */
static bool notebook_is_python(const JsonTree *json) {
    JsonNode metadata = json_tree_member(json, 1, S("metadata"));
    return may_be_python(json, metadata, S("kernelspec"), S("language")) &&
           may_be_python(json, metadata, S("language_info"), S("name"));
}

static void read_cell(Notebook *notebook, Arena *arena, JsonNode cell, uint32_t number) {
    const JsonTree *json = notebook->json;
    Cell read = {.source = json_tree_member(json, cell, S("source")), .number = number};
    JsonNode type = json_tree_member(json, cell, S("cell_type"));
    /* Visual Studio Code keeps cells of several languages in one notebook. */
    if (str_eq(json_tree_raw(json, type), S("code")) &&
        may_be_python(json, json_tree_member(json, cell, S("metadata")), S("vscode"),
                      S("languageId")) &&
        cell_source_text(json, arena, read.source, &read.text))
        *list_push(arena, &notebook->cells) = read;
}

static Str common_newline(const Cells *cells) {
    ptrdiff_t crlf = 0, lf = 0;
    for (ptrdiff_t i = 0; i < cells->n; i++) {
        Str text = cells->v[i].text;
        for (ptrdiff_t k = 0; k < text.n; k++) {
            lf += text.p[k] == '\n';
            crlf += text.p[k] == '\n' && k && text.p[k - 1] == '\r';
        }
    }
    return 2 * crlf > lf ? S("\r\n") : S("\n");
}

static void separate(const Notebook *notebook, ptrdiff_t cell, Buf *out) {
    buf_format(out, "%.*s%td%.*s", STR_ARG(notebook->separator), cell, STR_ARG(notebook->newline));
}

/* Joins the cells. */
static Source *read_piece(Notebook *notebook, Arena *arena) {
    Cells *cells = &notebook->cells;
    Str *texts = new (arena, Str, cells->n);
    for (ptrdiff_t i = 0; i < cells->n; i++)
        texts[i] = cells->v[i].text;
    notebook->newline = common_newline(cells);
    notebook->separator = piece_unused_word(arena, S("hffix_cell"), texts, cells->n);
    notebook->magics = (Magics){
        .arena = arena, .word = piece_unused_word(arena, S("hffix_magic"), texts, cells->n)};
    Buf text = {.arena = arena};
    uint32_t line = 1;
    ptrdiff_t counted = 0;
    for (ptrdiff_t i = 0; i < cells->n; i++) {
        cells->v[i].line = line;
        magics_hide(&notebook->magics, cells->v[i].text, &text);
        buf_add(&text, notebook->newline);
        separate(notebook, i, &text);
        for (; counted < text.n; counted++)
            line += text.p[counted] == '\n';
    }
    return cells->n ? piece_source(arena, notebook->path, buf_str(&text)) : NULL;
}

/* The hidden lines, on the lines of the program. */
static Source *read_shell(Notebook *notebook, Arena *arena) {
    Magics *magics = &notebook->magics;
    Str text = notebook->piece->text;
    uint32_t line = 1;
    ptrdiff_t at = 0, cell = 1;
    Buf out = {.arena = arena};
    for (ptrdiff_t i = 0; i < magics->list.n; i++) {
        Str word = str_format(arena, "%.*s%td", STR_ARG(magics->word), i);
        ptrdiff_t next = at + str_find(str_slice(text, at, text.n), word);
        for (; at < next; at++) {
            if (text.p[at] != '\n')
                continue;
            line++;
            bool ends = cell < notebook->cells.n && line == notebook->cells.v[cell].line;
            cell += ends;
            buf_add(&out, ends ? S(MAGIC_CELL_END "\n") : S("\n"));
        }
        magics->list.v[i].line = line;
        buf_add(&out, magics->list.v[i].text);
    }
    return magics->list.n ? piece_source(arena, notebook->path, buf_str(&out)) : NULL;
}

Notebook *notebook_read(Arena *arena, Str path, Str bytes, Diagnostics *diagnostics) {
    Notebook *notebook = new (arena, Notebook, 1);
    *notebook = (Notebook){.path = path, .bytes = bytes};
    if (!str_trim(bytes).n) /* as `touch` leaves it; Jupyter opens it */
        return notebook;
    JsonTreeError error;
    const JsonTree *json = notebook->json = json_tree_parse(arena, bytes, &error);
    JsonNode cells = json ? json_tree_member(json, 1, S("cells")) : 0;
    /* Format 3 of before 2015 keeps its cells elsewhere. */
    bool old = json && json_tree_member(json, 1, S("worksheets"));
    if (!json || (json_tree_kind(json, cells) != JSON_TREE_ARRAY && !old)) {
        not_a_notebook(diagnostics, path, bytes, json ? 0 : error.at,
                       json ? "it has no list of cells" : error.what);
        return NULL;
    }
    if (!notebook_is_python(json))
        return notebook;
    uint32_t number = 0;
    for (JsonNode cell = json_tree_first(json, cells); cell;
         cell = json_tree_next(json, cells, cell))
        read_cell(notebook, arena, cell, ++number);
    notebook->piece = read_piece(notebook, arena);
    notebook->shell = notebook->piece ? read_shell(notebook, arena) : NULL;
    return notebook;
}

Source *notebook_piece(const Notebook *notebook) {
    return notebook->piece;
}

Source *notebook_shell_piece(const Notebook *notebook) {
    return notebook->shell;
}

/* ---- writing ---- */

/* What is hidden, with the lines of a new text for it. */
static Magics new_magics(const Notebook *notebook, Arena *arena, Str shell) {
    Magics magics = notebook->magics;
    if (!shell.n)
        return magics;
    magics.list.v = new (arena, Magic, magics.list.n);
    uint32_t line = 1;
    for (ptrdiff_t i = 0; i < magics.list.n; i++) {
        Str text, rest;
        Magic *magic = &magics.list.v[i];
        *magic = notebook->magics.list.v[i];
        for (; line < magic->line; line++)
            str_cut(shell, '\n', &text, &shell);
        str_cut(shell, '\n', &text, &rest);
        magic->text = text;
    }
    return magics;
}

/* Cuts the program's new text into the cells' texts. False when a mark is lost. */
static bool cut(const Notebook *notebook, Arena *arena, Str text, Str shell, Str *texts) {
    Magics magics = new_magics(notebook, arena, shell);
    ptrdiff_t magic = 0;
    for (ptrdiff_t i = 0; i < notebook->cells.n; i++) {
        Buf mark = {.arena = arena}, cell = {.arena = arena};
        separate(notebook, i, &mark);
        ptrdiff_t at = str_find(text, buf_str(&mark));
        if (at < 0 || (at && text.p[at - 1] != '\n'))
            return false;
        Str part = str_slice(text, 0, at);
        text = str_slice(text, at + mark.n, text.n);
        if (str_ends(part, notebook->newline))
            part.n -= notebook->newline.n;
        else if (part.n)
            part.n--;
        if (!magics_restore(&magics, part, &magic, &cell))
            return false;
        texts[i] = buf_str(&cell);
    }
    return !text.n && magic == notebook->magics.list.n;
}

bool notebook_render(const Notebook *notebook, Arena *arena, Str text, Str shell, Str *bytes,
                     Diagnostics *diagnostics) {
    const Cells *cells = &notebook->cells;
    const JsonTree *json = notebook->json;
    Str *texts = new (arena, Str, cells->n);
    if (!cut(notebook, arena, text, shell, texts)) {
        diag_add(diagnostics, SEVERITY_ERROR, notebook->path, 0, 0,
                 "the cells can't be told apart after the edits; left as it is");
        return false;
    }
    Escapes escapes = {0};
    escapes_learn(&escapes, notebook->bytes);
    for (ptrdiff_t i = 0; i < cells->n; i++) {
        const JsonRow *row = &json->rows[cells->v[i].source];
        escapes_learn(&escapes, str_span(notebook->bytes, (Span){row->at, row->end}));
    }
    Buf out = {.arena = arena};
    uint32_t from = 0;
    for (ptrdiff_t i = 0; i < cells->n; i++) {
        const Cell *cell = &cells->v[i];
        if (str_eq(cell->text, texts[i]))
            continue;
        buf_add(&out, str_span(notebook->bytes, (Span){from, json->rows[cell->source].at}));
        cell_source_write(json, cell->source, cell->text, texts[i], escapes, &out);
        from = json->rows[cell->source].end;
    }
    buf_add(&out, str_slice(notebook->bytes, from, notebook->bytes.n));
    *bytes = buf_str(&out);
    return true;
}

/* ---- places ---- */

static const Cell *cell_of(const Notebook *notebook, uint32_t line) {
    const Cells *cells = &notebook->cells;
    ptrdiff_t i = cells->n - 1;
    while (i > 0 && cells->v[i].line > line)
        i--;
    return &cells->v[i];
}

uint32_t notebook_cell(const Notebook *notebook, uint32_t line, uint32_t *line_in_cell) {
    const Cell *cell = cell_of(notebook, line);
    *line_in_cell = line - cell->line + 1;
    return cell->number;
}

uint32_t notebook_line(const Notebook *notebook, uint32_t cell, uint32_t line_in_cell) {
    const Cells *cells = &notebook->cells;
    for (ptrdiff_t i = 0; i < cells->n; i++) {
        uint32_t past = i + 1 < cells->n ? cells->v[i + 1].line : notebook->piece->lines + 1;
        uint32_t line = cells->v[i].line + line_in_cell - 1;
        if (cells->v[i].number == cell)
            return line_in_cell && line + 1 < past ? line : 0;
    }
    return 0;
}

uint32_t notebook_raw_line(const Notebook *notebook, Arena *arena, uint32_t line) {
    const Cell *cell = cell_of(notebook, line);
    uint32_t at = cell_source_at(notebook->json, arena, cell->source, line - cell->line);
    uint32_t raw_line = 1;
    for (uint32_t i = 0; i < at; i++)
        raw_line += notebook->bytes.p[i] == '\n';
    return raw_line;
}

void notebook_raw_lines(const Notebook *notebook, Arena *arena, uint32_t *lines, uint32_t n) {
    uint32_t counted = 0, raw_line = 1;
    for (uint32_t line = 1; line <= n; line++) {
        const Cell *cell = cell_of(notebook, line);
        uint32_t at = cell_source_at(notebook->json, arena, cell->source, line - cell->line);
        for (; counted < at; counted++)
            raw_line += notebook->bytes.p[counted] == '\n';
        lines[line - 1] = raw_line;
    }
}

/* ---- diff ---- */

/* Cells seldom end their last line, which is not worth telling. */
static void end_last_lines(Arena *arena, Str newline, Str *old_text, Str *new_text) {
    if (str_ends(*old_text, S("\n")) || str_ends(*new_text, S("\n")))
        return;
    if (old_text->n)
        *old_text = str_format(arena, "%.*s%.*s", STR_ARG(*old_text), STR_ARG(newline));
    if (new_text->n)
        *new_text = str_format(arena, "%.*s%.*s", STR_ARG(*new_text), STR_ARG(newline));
}

/* Adds the hunks of a diff with the cell's number in their headers, without the lines that name the
 * file unless none stands there yet. */
static void add_hunks(Str diff, uint32_t number, bool named, Buf *out) {
    bool in_hunk = false;
    while (diff.n) {
        Str line, rest;
        bool ended = str_cut(diff, '\n', &line, &rest);
        bool header = str_starts(line, S("@@ "));
        in_hunk |= header;
        if (header)
            buf_format(out, "@@ cell %u, ", number);
        if (in_hunk || !named)
            buf_add(out, header ? str_slice(line, 3, line.n) : line);
        if ((in_hunk || !named) && ended)
            buf_add_byte(out, '\n');
        diff = rest;
    }
}

void notebook_diff(const Notebook *notebook, Buf *out, Str path, Str text, Str shell,
                   const DiffMark *marks, ptrdiff_t n_marks) {
    const Cells *cells = &notebook->cells;
    Arena *arena = out->arena;
    Str *texts = new (arena, Str, cells->n);
    if (!cut(notebook, arena, text, shell, texts))
        return;
    bool named = false;
    for (ptrdiff_t i = 0; i < cells->n; i++) {
        const Cell *cell = &cells->v[i];
        if (str_eq(cell->text, texts[i]))
            continue;
        List(DiffMark) here = {0};
        for (ptrdiff_t m = 0; m < n_marks; m++)
            if (cell_of(notebook, marks[m].line) == cell)
                *list_push(arena, &here) =
                    (DiffMark){marks[m].line - cell->line + 1, marks[m].name};
        Str old_text = cell->text, new_text = texts[i];
        end_last_lines(arena, notebook->newline, &old_text, &new_text);
        Buf diff = {.arena = arena};
        diff_print(&diff, path, old_text, new_text, here.v, here.n);
        add_hunks(buf_str(&diff), cell->number, named, out);
        named = true;
    }
}

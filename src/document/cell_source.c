/* A source is runs of whole lines: a string of a list that holds one line is a run, several
 * strings that make up a line are one too, and in a source that is a single string each line is one
 * with its `\n`. A run whose lines are all kept, in a row, goes to the new source as its bytes;
 * every other line is written anew, as a string of its own in a list.
 *
 * Programs differ in what they escape: Jupyter writes all but controls as it is, `json.dumps` in
 * its default form nothing above ASCII, Colab's storage `<`, `>`, `&`, `=` and `'` as \u003c and so
 * on. So each character is written as it is written elsewhere in the notebook. */
#include "document/cell_source.h"

#include <string.h>

#include "base/list.h"
#include "document/kept.h"

typedef struct Run {
    Span bytes;
    ptrdiff_t line; /* of the text, from 0 */
    ptrdiff_t lines;
} Run;

typedef List(Run) Runs;

/* ---- reading ---- */

bool cell_source_text(const JsonTree *json, Arena *arena, JsonNode source, Str *text) {
    if (json_tree_kind(json, source) == JSON_TREE_STRING)
        return json_tree_string(json, arena, source, text);
    if (json_tree_kind(json, source) != JSON_TREE_ARRAY)
        return false;
    Buf buf = {.arena = arena};
    for (JsonNode item = json_tree_first(json, source); item;
         item = json_tree_next(json, source, item)) {
        Str part;
        if (!json_tree_string(json, arena, item, &part))
            return false;
        buf_add(&buf, part);
    }
    *text = buf_str(&buf);
    return true;
}

/* Whether the escape (behind its backslash) is a line feed. */
static bool is_line_feed(Str escape) {
    return str_starts(escape, S("n")) || str_starts(escape, S("u000a")) ||
           str_starts(escape, S("u000A"));
}

/* Lines that end in the raw bytes of a string; `*open`: more follows the last end. */
static ptrdiff_t count_ends(Str raw, bool *open) {
    ptrdiff_t ends = 0;
    for (ptrdiff_t i = 0; i < raw.n;) {
        bool escape = raw.p[i] == '\\';
        Str rest = str_slice(raw, i + 1, raw.n);
        bool feeds = escape && is_line_feed(rest);
        ends += feeds;
        *open = !feeds;
        i += !escape ? 1 : str_starts(rest, S("u")) ? 6 : 2;
    }
    return ends;
}

/* The node whose string holds all of the source, or 0. Some programs write a list with one string
 * of many lines. */
static JsonNode single_string(const JsonTree *json, JsonNode source) {
    if (json_tree_kind(json, source) == JSON_TREE_STRING)
        return source;
    JsonNode item = json_tree_first(json, source);
    if (!item || json_tree_next(json, source, item))
        return 0;
    bool open = false;
    ptrdiff_t ends = count_ends(json_tree_raw(json, item), &open);
    return ends + open > 1 ? item : 0;
}

/* Runs of a source that is one string: its lines. */
static void runs_of_string(const JsonTree *json, Arena *arena, JsonNode string, Runs *runs) {
    Str raw = json_tree_raw(json, string);
    uint32_t at = json->rows[string].at + 1, from = at, end = at + (uint32_t)raw.n;
    while (at < end) {
        bool escape = json->text.p[at] == '\\';
        Str rest = str_slice(json->text, at + 1, end);
        bool feeds = escape && is_line_feed(rest);
        at += !escape ? 1 : str_starts(rest, S("u")) ? 6 : 2;
        if (!feeds && at < end)
            continue;
        ptrdiff_t line = runs->n;
        *list_push(arena, runs) = (Run){{from, at}, line, 1};
        from = at;
    }
}

/* Runs of a list: strings up to the next that ends a line. */
static void runs_of_list(const JsonTree *json, Arena *arena, JsonNode source, Runs *runs) {
    ptrdiff_t line = 0;
    Run run = {0};
    bool begun = false, open = false;
    for (JsonNode item = json_tree_first(json, source); item;
         item = json_tree_next(json, source, item)) {
        const JsonRow *row = &json->rows[item];
        run.bytes = (Span){begun ? run.bytes.at : row->at, row->end};
        begun = true;
        run.lines += count_ends(json_tree_raw(json, item), &open);
        if (open || !run.lines)
            continue;
        run.line = line;
        line += run.lines;
        *list_push(arena, runs) = run;
        run.lines = 0;
        begun = false;
    }
    if (!begun)
        return;
    run.line = line;
    run.lines += open;
    if (run.lines)
        *list_push(arena, runs) = run;
    else if (runs->n) /* empty strings at the end */
        runs->v[runs->n - 1].bytes.end = run.bytes.end;
}

uint32_t cell_source_at(const JsonTree *json, Arena *arena, JsonNode source, ptrdiff_t line) {
    Runs runs = {0};
    JsonNode string = single_string(json, source);
    uint32_t at = json->rows[source].at;
    if (string)
        runs_of_string(json, arena, string, &runs);
    else
        runs_of_list(json, arena, source, &runs);
    for (ptrdiff_t i = 0; i < runs.n && runs.v[i].line <= line; i++)
        at = runs.v[i].bytes.at;
    return at;
}

/* ---- escapes ---- */

void escapes_learn(Escapes *escapes, Str raw) {
    for (ptrdiff_t i = 0; i < raw.n; i++) {
        unsigned char c = (unsigned char)raw.p[i];
        if (c != '\\') {
            if (c < 0x80)
                escapes->ascii[c] = FORM_PLAIN;
            else
                escapes->others = false;
            continue;
        }
        char escape = ++i < raw.n ? raw.p[i] : 0;
        if (escape == '/')
            escapes->ascii['/'] = FORM_BACKSLASH;
        if (escape == '"')
            escapes->ascii['"'] = FORM_PLAIN;
        if (escape != 'u' || i + 4 >= raw.n)
            continue;
        unsigned code = 0;
        for (int k = 0; k < 4; k++) {
            char digit = raw.p[++i];
            escapes->uppercase = (digit >= 'A' && digit <= 'F') ||
                                 (escapes->uppercase && !(digit >= 'a' && digit <= 'f'));
            code = code << 4 | (unsigned)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }
        if (code < 0x80)
            escapes->ascii[code] = FORM_HEX;
        else
            escapes->others = true;
    }
}

static void add_hex(const Escapes *escapes, unsigned code, Buf *out) {
    buf_format(out, escapes->uppercase ? "\\u%04X" : "\\u%04x", code);
}

static void add_ascii(const Escapes *escapes, unsigned char c, Buf *out) {
    static const char short_forms[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* a character and its letter */
    const char *letter = NULL;
    for (size_t i = 0; i + 1 < sizeof short_forms; i += 2)
        letter = short_forms[i] == (char)c ? &short_forms[i + 1] : letter;
    if (escapes->ascii[c] == FORM_HEX || (c < 0x20 && !letter))
        add_hex(escapes, c, out);
    else if (letter || escapes->ascii[c] == FORM_BACKSLASH)
        buf_format(out, "\\%c", letter ? *letter : c);
    else
        buf_add_byte(out, (char)c);
}

static void add_text(const Escapes *escapes, Str text, Buf *out) {
    for (ptrdiff_t i = 0; i < text.n;) {
        unsigned char c = (unsigned char)text.p[i];
        if (c < 0x80) {
            add_ascii(escapes, c, out);
            i++;
            continue;
        }
        int length = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
        unsigned code = c & (0xFFU >> (length + 1));
        for (int k = 1; k < length && i + k < text.n; k++)
            code = code << 6 | ((unsigned char)text.p[i + k] & 0x3FU);
        if (!escapes->others) {
            buf_add(out, str_slice(text, i, i + length));
        } else if (code < 0x10000) {
            add_hex(escapes, code, out);
        } else {
            add_hex(escapes, 0xD800 + ((code - 0x10000) >> 10), out);
            add_hex(escapes, 0xDC00 + (code & 0x3FF), out);
        }
        i += length;
    }
}

/* ---- writing ---- */

/* The new source: text and places of a list's strings. */
typedef struct Writer {
    const JsonTree *json;
    const Escapes *escapes;
    Runs runs;
    bool list;   /* each line is a string of its own */
    Str between; /* stands between strings of a list that had no neighbours before */
    ptrdiff_t written;
    Buf *out;
} Writer;

static void write_kept(Writer *writer, ptrdiff_t number) {
    const Run *run = &writer->runs.v[number];
    if (writer->list && writer->written)
        buf_add(writer->out,
                number ? str_span(writer->json->text, (Span){run[-1].bytes.end, run->bytes.at})
                       : writer->between);
    buf_add(writer->out, str_span(writer->json->text, run->bytes));
    writer->written++;
}

static void write_new(Writer *writer, Str line) {
    if (writer->list) {
        if (writer->written)
            buf_add(writer->out, writer->between);
        buf_add_byte(writer->out, '"');
    }
    add_text(writer->escapes, line, writer->out);
    if (writer->list)
        buf_add_byte(writer->out, '"');
    writer->written++;
}

/* Lines of the new text, from `at` on, that are the run's. */
static bool keeps_run(const Run *run, const ptrdiff_t *kept, ptrdiff_t at, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < run->lines; i++)
        if (at + i >= n || kept[at + i] != run->line + i)
            return false;
    return true;
}

static void write_lines(Writer *writer, Str old_text, Str new_text) {
    Arena *arena = writer->out->arena;
    TextLines old_lines = lines_of(arena, old_text), new_lines = lines_of(arena, new_text);
    const ptrdiff_t *kept = lines_kept(arena, old_lines, new_lines);
    for (ptrdiff_t i = 0, number = 0; i < new_lines.n;) {
        while (number < writer->runs.n && writer->runs.v[number].line < kept[i])
            number++;
        const Run *run = kept[i] >= 0 && number < writer->runs.n ? &writer->runs.v[number] : NULL;
        if (run && keeps_run(run, kept, i, new_lines.n)) {
            write_kept(writer, number);
            i += run->lines;
        } else {
            write_new(writer, new_lines.v[i++]);
        }
    }
}

/* What stands between strings of the list: what already does, else what begins it, else the blank
 * that the notebook has behind its colons. */
static Str between_strings(const JsonTree *json, Arena *arena, JsonNode source, const Runs *runs) {
    if (runs->n > 1)
        return str_span(json->text, (Span){runs->v[0].bytes.end, runs->v[1].bytes.at});
    Span list = {json->rows[source].at, json->rows[source].end};
    uint32_t first = runs->n ? runs->v[0].bytes.at : list.end - 1;
    Str begin = str_span(json->text, (Span){list.at + 1, first});
    if (begin.n)
        return str_format(arena, ",%.*s", STR_ARG(begin));
    return list.at && json->text.p[list.at - 1] == ' ' ? S(", ") : S(",");
}

void cell_source_write(const JsonTree *json, JsonNode source, Str old_text, Str new_text,
                       Escapes escapes, Buf *out) {
    Arena *arena = out->arena;
    Span whole = {json->rows[source].at, json->rows[source].end};
    JsonNode string = single_string(json, source);
    escapes_learn(&escapes, str_span(json->text, whole));
    Writer writer = {.json = json, .escapes = &escapes, .list = !string, .out = out};
    Span inner = {whole.at + 1, whole.end - 1};
    if (string) {
        runs_of_string(json, arena, string, &writer.runs);
        inner = (Span){json->rows[string].at + 1, json->rows[string].end - 1};
    } else {
        runs_of_list(json, arena, source, &writer.runs);
        writer.between = between_strings(json, arena, source, &writer.runs);
        if (writer.runs.n)
            inner = (Span){writer.runs.v[0].bytes.at, writer.runs.v[writer.runs.n - 1].bytes.end};
    }
    buf_add(out, str_span(json->text, (Span){whole.at, inner.at}));
    write_lines(&writer, old_text, new_text);
    buf_add(out, str_span(json->text, (Span){inner.end, whole.end}));
}

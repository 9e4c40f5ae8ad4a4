/* A scan for the ends of logical lines.
 *
 * Most bytes of a file mean nothing to it, so it jumps: over plain bytes by a table, over comments
 * and triple-quoted strings with memchr. What is open is a stack: brackets, and, because fields of
 * f-strings hold code that holds strings, f-strings, their fields and the specifications behind a
 * field's colon. A newline ends the line when the stack is empty.
 *
 * Before Python 3.12 a field could not hold the quote of its own string, since then it can; a field
 * that holds one is read as 3.12 reads it, which older files never contain. */
#include "python/lines.h"

#include <string.h>

enum ContextKind { BRACKET, F_STRING, FIELD, SPECIFICATION };

typedef struct LineContext Context;

/* ---- bytes that mean something ---- */

enum {
    IN_CODE = 1, /* in code, outside strings */
    IN_STRING = 2,
    IN_F_STRING = 4,
};

static const uint8_t meaning[256] = {
    ['\n'] = IN_CODE | IN_STRING | IN_F_STRING,
    ['\\'] = IN_CODE | IN_STRING | IN_F_STRING,
    ['\''] = IN_CODE | IN_STRING | IN_F_STRING,
    ['"'] = IN_CODE | IN_STRING | IN_F_STRING,
    ['{'] = IN_CODE | IN_F_STRING,
    ['}'] = IN_CODE | IN_F_STRING,
    ['('] = IN_CODE,
    [')'] = IN_CODE,
    ['['] = IN_CODE,
    [']'] = IN_CODE,
    [':'] = IN_CODE,
    ['#'] = IN_CODE,
    ['\r'] = IN_CODE,
    ['`'] = IN_CODE,
    ['$'] = IN_CODE,
    ['?'] = IN_CODE,
    [0] = IN_CODE,
};

static ptrdiff_t skip_plain(Str text, ptrdiff_t i, uint8_t where) {
    const unsigned char *p = (const unsigned char *)text.p;
    while (text.n - i >= 4) {
        if (meaning[p[i]] & where)
            return i;
        if (meaning[p[i + 1]] & where)
            return i + 1;
        if (meaning[p[i + 2]] & where)
            return i + 2;
        if (meaning[p[i + 3]] & where)
            return i + 3;
        i += 4;
    }
    while (i < text.n && !(meaning[p[i]] & where))
        i++;
    return i;
}

static bool gives_up(LineScan *scan) {
    scan->unsure = true;
    return false;
}

/* Moves from the '#' to the newline behind it, or the end of the text. */
static bool skip_comment(LineScan *scan) {
    Str rest = str_slice(scan->text, scan->at, scan->text.n);
    ptrdiff_t n = str_find_byte(rest, '\n');
    n = n < 0 ? rest.n : n;
    scan->at += n;
    ptrdiff_t cr = str_find_byte(str_slice(rest, 0, n), '\r');
    return cr < 0 || cr + 1 == n || gives_up(scan);
}

static bool context_open(LineScan *scan, Context context) {
    if (scan->depth == LINES_MAX_DEPTH)
        return gives_up(scan);
    scan->open[scan->depth++] = context;
    return true;
}

/* ---- strings ---- */

static bool starts_triple(Str text, ptrdiff_t i) {
    return i + 2 < text.n && text.p[i] == text.p[i + 1] && text.p[i] == text.p[i + 2];
}

/* Moves behind the end of a triple-quoted string whose content starts at scan->at. */
static bool skip_triple(LineScan *scan, char quote) {
    Str text = scan->text;
    ptrdiff_t start = scan->at;
    for (ptrdiff_t i = start; i < text.n;) {
        const char *hit = memchr(text.p + i, quote, (size_t)(text.n - i));
        if (!hit)
            break;
        i = hit - text.p;
        ptrdiff_t slash = i;
        while (slash > start && text.p[slash - 1] == '\\')
            slash--;
        bool escaped = (i - slash) & 1;
        if (!escaped && starts_triple(text, i)) {
            scan->at = i + 3;
            return true;
        }
        i++;
    }
    return gives_up(scan);
}

/* The same for a string in single quotes, which a newline must not reach unless escaped. */
static bool skip_single(LineScan *scan, char quote) {
    Str text = scan->text;
    for (ptrdiff_t i = scan->at; (i = skip_plain(text, i, IN_STRING)) < text.n; i++) {
        if (text.p[i] == quote) {
            scan->at = i + 1;
            return true;
        }
        if (text.p[i] == '\n')
            break;
        if (text.p[i] == '\\')
            i += str_starts(str_slice(text, i + 1, text.n), S("\r\n")) ? 2 : 1;
    }
    return gives_up(scan);
}

/* Whether the letters before the quote at i make the string one with fields, and a raw one. Other
 * letters there are a keyword or a name: `in"abc"`. */
static bool has_fields(Str text, ptrdiff_t i, bool *raw) {
    bool fields = false;
    *raw = false;
    ptrdiff_t start = i;
    for (; start > 0 && i - start < 3; start--) {
        char c = (char)(text.p[start - 1] | 0x20);
        if (c != 'r' && c != 'b' && c != 'u' && c != 'f' && c != 't')
            break;
        *raw = *raw || c == 'r';
        fields = fields || c == 'f' || c == 't';
    }
    if (!fields || i - start > 2)
        return false;
    unsigned char before = start > 0 ? (unsigned char)text.p[start - 1] : ' ';
    return before < 0x80 && before != '_' && (before < '0' || before > '9') &&
           ((before | 0x20) < 'a' || (before | 0x20) > 'z');
}

/* A string whose first quote is at scan->at: moves behind it, or, of one with fields, into it. */
static bool read_string(LineScan *scan) {
    Str text = scan->text;
    char quote = text.p[scan->at];
    bool triple = starts_triple(text, scan->at), raw;
    bool fields = has_fields(text, scan->at, &raw);
    scan->at += triple ? 3 : 1;
    if (fields)
        return context_open(
            scan, (Context){.closes = quote, .kind = F_STRING, .triple = triple, .raw = raw});
    return triple ? skip_triple(scan, quote) : skip_single(scan, quote);
}

/* Behind the backslash at i in an f-string and what it takes away from the scan. A brace keeps its
 * meaning behind one, but \N{NAME} is a character, not a field. */
static ptrdiff_t skip_escape(Str text, ptrdiff_t i, bool raw) {
    Str rest = str_slice(text, i + 1, text.n);
    if (!raw && str_starts(rest, S("N{"))) {
        ptrdiff_t brace = str_find_byte(rest, '}');
        return brace < 0 ? text.n : i + 1 + brace + 1;
    }
    if (str_starts(rest, S("{")) || str_starts(rest, S("}")))
        return i + 1;
    return i + (str_starts(rest, S("\r\n")) ? 3 : 2);
}

/* Reads on in the f-string (or the specification of a field of it) that is open. */
static bool read_f_string(LineScan *scan) {
    Str text = scan->text;
    Context *context = &scan->open[scan->depth - 1];
    bool specification = context->kind == SPECIFICATION;
    ptrdiff_t i = scan->at = skip_plain(text, scan->at, IN_F_STRING);
    if (i >= text.n)
        return gives_up(scan);
    bool doubled = !specification && i + 1 < text.n && text.p[i + 1] == text.p[i];
    scan->at = i + 1;
    switch (text.p[i]) {
    case '\\':
        scan->at = skip_escape(text, i, context->raw);
        return true;
    case '{':
        scan->at += doubled;
        return doubled || context_open(
                              scan, (Context) {
                                  .closes = '}', .kind = FIELD
                                  , .triple = context->triple
                              });
    case '}':
        scan->at += doubled;
        if (specification)
            scan->depth -= 2; /* the field that it belongs to ends with it */
        return doubled || specification || gives_up(scan);
    case '\n':
        return context->triple || gives_up(scan);
    default:
        if (text.p[i] != context->closes || (context->triple && !starts_triple(text, i)))
            return true;
        if (specification)
            return gives_up(scan);
        scan->at += context->triple ? 2 : 0;
        scan->depth--;
        return true;
    }
}

/* ---- code ---- */

static bool read_bracket(LineScan *scan, char byte) {
    scan->at++;
    if (byte == '(' || byte == '[' || byte == '{') {
        char closes = byte == '(' ? ')' : byte == '[' ? ']' : '}';
        return context_open(scan, (Context){.closes = closes, .kind = BRACKET});
    }
    if (!scan->depth || scan->open[scan->depth - 1].closes != byte)
        return gives_up(scan);
    scan->depth--;
    return true;
}

/* A colon in a field's own code starts its format specification (PEP 701). */
static bool read_colon(LineScan *scan) {
    scan->at++;
    if (!scan->depth || scan->open[scan->depth - 1].kind != FIELD)
        return true;
    const Context *string = &scan->open[scan->depth - 2];
    return context_open(scan, (Context){.closes = string->closes,
                                        .kind = SPECIFICATION,
                                        .triple = string->triple,
                                        .raw = string->raw});
}

/* Reads on, over one token that means something; `*ended` when it is the end of the line. */
static bool read_step(LineScan *scan, bool *ended) {
    Str text = scan->text;
    if (scan->depth && (scan->open[scan->depth - 1].kind == F_STRING ||
                        scan->open[scan->depth - 1].kind == SPECIFICATION))
        return read_f_string(scan);
    ptrdiff_t i = scan->at = skip_plain(text, scan->at, IN_CODE);
    if (i >= text.n) {
        *ended = true;
        return !scan->depth;
    }
    bool ok = true;
    switch (text.p[i]) {
    case '\n':
        *ended = !scan->depth;
        scan->at += !*ended;
        return true;
    case '\r':
        scan->at++;
        return i + 1 < text.n && text.p[i + 1] == '\n';
    case '\\':
        scan->at++; /* and a newline, which does not count */
        if (scan->at < text.n && text.p[scan->at] == '\r')
            scan->at++;
        ok = scan->at < text.n && text.p[scan->at] == '\n';
        scan->at++;
        return ok;
    case '#':
        ok = skip_comment(scan);
        scan->hidden = (Span){(uint32_t)i, (uint32_t)scan->at};
        return ok;
    case '\'':
    case '"':
        ok = read_string(scan);
        scan->hidden = (Span){(uint32_t)i, (uint32_t)scan->at};
        return ok;
    case ':':
        return read_colon(scan);
    case '`':
    case '$':
    case '?':
    case '\0':
        return false;
    default:
        return read_bracket(scan, text.p[i]);
    }
}

/* Reads code up to the end of the logical line and leaves scan->at there. */
static bool read_code(LineScan *scan) {
    for (bool ended = false; !ended;)
        if (!read_step(scan, &ended))
            return gives_up(scan);
    return true;
}

/* ---- public ---- */

bool lines_next(LineScan *scan, Span *line) {
    Str text = scan->text;
    if (scan->unsure)
        return false;
    if (scan->at == 0 && str_starts(text, S("\xEF\xBB\xBF")))
        scan->at = 3;
    while (scan->at < text.n) {
        char c = text.p[scan->at];
        if (c == '#') {
            if (!skip_comment(scan))
                return false;
        } else if (c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r') {
            scan->at++;
        } else {
            break;
        }
    }
    if (scan->at >= text.n)
        return false;
    ptrdiff_t start = scan->at;
    if (!read_code(scan))
        return false;
    ptrdiff_t end = scan->at;
    if (end > start && text.p[end - 1] == '\r')
        end--;
    *line = scan->line = (Span){(uint32_t)start, (uint32_t)end};
    return true;
}

bool lines_holding(LineScan *scan, uint32_t offset, Span *line) {
    while (scan->line.end <= offset) {
        Span next;
        if (!lines_next(scan, &next))
            return false;
    }
    *line = scan->line;
    return scan->line.at <= offset;
}

bool lines_in_code(LineScan *scan, uint32_t offset) {
    bool ended = false;
    while (!scan->unsure && !ended && scan->at <= (ptrdiff_t)offset)
        if (!read_step(scan, &ended))
            gives_up(scan);
    return scan->unsure || offset < scan->hidden.at || offset >= scan->hidden.end;
}

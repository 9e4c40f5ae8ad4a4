/* From bytes on disk to text that can be parsed, and back.
 *
 * Python decides a file's encoding by a byte order mark, else by a comment on one of the first two
 * lines (PEP 263), else it is UTF-8. The text is UTF-8 in any case, so that nothing behind this
 * file knows of encodings; source_encode() goes the way back, so that a file keeps its own. What
 * Python refuses is refused here too, with a place: bytes that the encoding does not have, a byte
 * order mark beside another encoding's name, NUL bytes.
 *
 * A lone CR ends a line for Python but not for the parser, so the parser gets LF in its place, at
 * the same offset. */
#include "python/source.h"

#include <string.h>

#include "base/byte.h"
#include "base/utf8.h"

enum { MAX_BYTES = 64 << 20 };

static const Str utf8_bom = {"\xEF\xBB\xBF", 3};

/* ---- encodings ---- */

/* Names as Python's codecs know them, in lower case with '-' for every run of other characters. */
static const struct EncodingName {
    const char *name;
    Encoding encoding;
} encoding_names[] = {
    {"utf-8", ENCODING_UTF8},
    {"utf8", ENCODING_UTF8},
    {"u8", ENCODING_UTF8},
    {"utf", ENCODING_UTF8},
    {"cp65001", ENCODING_UTF8},
    {"utf-8-sig", ENCODING_UTF8},
    {"latin-1", ENCODING_LATIN1},
    {"latin1", ENCODING_LATIN1},
    {"latin", ENCODING_LATIN1},
    {"l1", ENCODING_LATIN1},
    {"iso-8859-1", ENCODING_LATIN1},
    {"iso8859-1", ENCODING_LATIN1},
    {"iso8859", ENCODING_LATIN1},
    {"iso-latin-1", ENCODING_LATIN1},
    {"8859", ENCODING_LATIN1},
    {"cp819", ENCODING_LATIN1},
    {"cp1252", ENCODING_CP1252},
    {"windows-1252", ENCODING_CP1252},
    {"1252", ENCODING_CP1252},
    {"ascii", ENCODING_ASCII},
    {"us-ascii", ENCODING_ASCII},
    {"us", ENCODING_ASCII},
    {"646", ENCODING_ASCII},
    {"iso646-us", ENCODING_ASCII},
    {"ansi-x3.4-1968", ENCODING_ASCII},
};

/* Code points of the bytes 0x80 to 0x9F in cp1252; 0: the byte is not in it.
 * https://encoding.spec.whatwg.org/ maps the five gaps to controls, Python's codec does not. */
static const uint16_t cp1252_high[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
};

static const char *encoding_title(Encoding encoding) {
    switch (encoding) {
    case ENCODING_UTF8:
        return "UTF-8";
    case ENCODING_LATIN1:
        return "ISO-8859-1";
    case ENCODING_CP1252:
        return "cp1252";
    case ENCODING_ASCII:
        return "ASCII";
    }
    return "";
}

static bool encoding_find(Str name, Encoding *encoding) {
    char normal[40];
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (n == (ptrdiff_t)sizeof normal)
            return false;
        if (byte_is_letter(c) || byte_is_digit(c) || c == '.')
            normal[n++] = byte_lower(c);
        else if (n && normal[n - 1] != '-')
            normal[n++] = '-';
    }
    Str wanted = {normal, n};
    for (ptrdiff_t i = 0; i < COUNT(encoding_names); i++) {
        if (str_eq(wanted, str_from(encoding_names[i].name))) {
            *encoding = encoding_names[i].encoding;
            return true;
        }
    }
    /* tokenize.detect_encoding() takes "utf-8-unix" and the like, which editors write. */
    *encoding = str_starts(wanted, S("utf-8-")) ? ENCODING_UTF8 : ENCODING_LATIN1;
    return str_starts(wanted, S("utf-8-")) || str_starts(wanted, S("latin-1-")) ||
           str_starts(wanted, S("iso-8859-1-")) || str_starts(wanted, S("iso-latin-1-"));
}

/* Offset of the first byte that is not ASCII, from `i` on; n if all are. */
static ptrdiff_t ascii_end(const unsigned char *p, ptrdiff_t i, ptrdiff_t n) {
    for (uint64_t word; n - i >= (ptrdiff_t)sizeof word; i += (ptrdiff_t)sizeof word) {
        memcpy(&word, p + i, sizeof word);
        if (word & 0x8080808080808080U)
            break;
    }
    while (i < n && p[i] < 0x80)
        i++;
    return i;
}

/* Offset of the first byte that the encoding does not have, -1 if all are good. */
static ptrdiff_t encoding_first_bad(Encoding encoding, Str bytes) {
    const unsigned char *p = (const unsigned char *)bytes.p;
    for (ptrdiff_t i = 0; (i = ascii_end(p, i, bytes.n)) < bytes.n;) {
        int length = 1;
        if (encoding == ENCODING_UTF8)
            length = utf8_length(bytes, i);
        else if (encoding == ENCODING_ASCII)
            length = 0;
        else if (encoding == ENCODING_CP1252 && p[i] < 0xA0 && !cp1252_high[p[i] - 0x80])
            length = 0;
        if (!length)
            return i;
        i += length;
    }
    return -1;
}

/* UTF-8 for good bytes of a one-byte encoding. */
static Str decode_bytes(Arena *arena, Encoding encoding, Str bytes) {
    Buf out = {.arena = arena};
    for (ptrdiff_t i = 0; i < bytes.n; i++) {
        unsigned char byte = (unsigned char)bytes.p[i];
        uint32_t code = byte;
        if (encoding == ENCODING_CP1252 && byte >= 0x80 && byte < 0xA0)
            code = cp1252_high[byte - 0x80];
        utf8_add(&out, (int32_t)code);
    }
    return buf_str(&out);
}

/* The byte for a code point in a one-byte encoding, -1 if it has none. */
static int encode_code(Encoding encoding, uint32_t code) {
    if (code < 0x80)
        return (int)code;
    if (encoding == ENCODING_CP1252) {
        for (int i = 0; i < 32; i++) {
            if (cp1252_high[i] == code)
                return 0x80 + i;
        }
        return code >= 0xA0 && code < 0x100 ? (int)code : -1;
    }
    return encoding == ENCODING_LATIN1 && code < 0x100 ? (int)code : -1;
}

/* ---- lines ---- */

/* Length of the newline at i: 2 for CRLF, 1 for LF and CR, 0 if there is none. */
static int newline_at(Str text, ptrdiff_t i) {
    if (text.p[i] == '\n')
        return 1;
    if (text.p[i] != '\r')
        return 0;
    return i + 1 < text.n && text.p[i + 1] == '\n' ? 2 : 1;
}

/* Offset of the first newline at or behind i, text.n if there is none. */
static ptrdiff_t newline_find(Str text, ptrdiff_t i, bool with_cr) {
    if (!with_cr) {
        const char *at = i < text.n ? memchr(text.p + i, '\n', (size_t)(text.n - i)) : NULL;
        return at ? at - text.p : text.n;
    }
    while (i < text.n && text.p[i] != '\n' && text.p[i] != '\r')
        i++;
    return i;
}

/* Line and column, from 1, of an offset in bytes that may not be text; a column counts the
 * characters of UTF-8, or the bytes of other encodings. */
static void place_of(Str bytes, ptrdiff_t offset, bool utf8, uint32_t *line, uint32_t *column) {
    ptrdiff_t start = str_starts(bytes, utf8_bom) ? utf8_bom.n : 0;
    *line = *column = 1;
    for (ptrdiff_t end; (end = newline_find(bytes, start, true)) < offset; (*line)++)
        start = end + newline_at(bytes, end);
    for (ptrdiff_t i = start; i < offset; i++)
        *column += !utf8 || ((unsigned char)bytes.p[i] & 0xC0) != 0x80;
}

static void lines_read(Source *source, Arena *arena) {
    Str text = source->text;
    bool with_cr = text.n && memchr(text.p, '\r', (size_t)text.n);
    ptrdiff_t counts[3] = {0}; /* LF, CRLF, CR */
    uint32_t lines = 0;
    for (ptrdiff_t i = 0; i < text.n; lines++) {
        i = newline_find(text, i, with_cr);
        if (i < text.n) {
            int length = newline_at(text, i);
            counts[length == 2 ? 1 : text.p[i] == '\r' ? 2 : 0]++;
            i += length;
        }
    }
    source->lines = lines;
    source->line_at = new (arena, uint32_t, (ptrdiff_t)lines + 1);
    uint32_t line = 0;
    for (ptrdiff_t i = 0; line < lines; line++) {
        source->line_at[line] = (uint32_t)i;
        i = newline_find(text, i, with_cr);
        i += i < text.n ? newline_at(text, i) : 0;
    }
    source->line_at[lines] = (uint32_t)text.n;

    static const Str newlines[3] = {{"\n", 1}, {"\r\n", 2}, {"\r", 1}};
    int most = 0;
    for (int i = 1; i < 3; i++)
        most = counts[i] > counts[most] ? i : most;
    source->newline = newlines[most];
    source->parse_text = text;
    if (counts[2]) {
        char *copy = new (arena, char, text.n);
        for (ptrdiff_t i = 0; i < text.n; i++)
            copy[i] = text.p[i] == '\r' && newline_at(text, i) == 1 ? '\n' : text.p[i];
        source->parse_text = (Str){copy, text.n};
    }
}

static ptrdiff_t blanks(Str line) {
    ptrdiff_t n = 0;
    while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
        n++;
    return n;
}

/* The step by which lines are most often indented below a line that ends with ':'. Continuation
 * lines are thereby left out without reading strings and brackets; what slips through (a
 * dictionary's `key:` at a line's end, an example in a docstring) is rare or of the same step. */
static Str indent_find(const Source *source) {
    enum { MAX_STEP = 8 };
    ptrdiff_t spaces[MAX_STEP + 1] = {0}, tabs = 0;
    Str outer = {0}; /* indentation of the last line that holds something */
    bool opens = false;
    for (uint32_t i = 1; i <= source->lines; i++) {
        Str line = source_line_text(source, i);
        Str indent = {line.p, blanks(line)};
        Str rest = str_trim(line);
        if (!rest.n || rest.p[0] == '#')
            continue;
        if (opens && indent.n > outer.n && str_starts(indent, outer)) {
            Str step = str_slice(indent, outer.n, indent.n);
            if (step.p[0] == '\t')
                tabs += step.n == 1;
            else if (step.n <= MAX_STEP && str_find_byte(step, '\t') < 0)
                spaces[step.n]++;
        }
        outer = indent;
        opens = rest.p[rest.n - 1] == ':';
    }
    int most = 4;
    for (int i = 1; i <= MAX_STEP; i++)
        most = spaces[i] > spaces[most] ? i : most;
    return tabs > spaces[most] ? S("\t") : str_slice(S("        "), 0, most);
}

/* ---- the encoding's name in the file ---- */

/* `^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)` of PEP 263, on one line. */
static Str cookie_in(Str line) {
    ptrdiff_t i = 0;
    while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t' || line.p[i] == '\f'))
        i++;
    if (i == line.n || line.p[i] != '#')
        return (Str){0};
    for (Str rest = str_slice(line, i, line.n);;) {
        ptrdiff_t at = str_find(rest, S("coding"));
        if (at < 0)
            return (Str){0};
        rest = str_slice(rest, at + S("coding").n, rest.n);
        if (!rest.n || (rest.p[0] != ':' && rest.p[0] != '='))
            continue;
        Str name = str_slice(rest, 1, rest.n);
        name = str_slice(name, blanks(name), name.n);
        ptrdiff_t n = 0;
        while (n < name.n && (byte_is_letter(name.p[n]) || byte_is_digit(name.p[n]) ||
                              name.p[n] == '-' || name.p[n] == '_' || name.p[n] == '.'))
            n++;
        if (n)
            return str_slice(name, 0, n);
    }
}

/* The encoding's name on line 1, or on line 2 below a line that is blank or a comment. */
static Str cookie_find(Str bytes) {
    Str rest = str_starts(bytes, utf8_bom) ? str_slice(bytes, utf8_bom.n, bytes.n) : bytes;
    for (int i = 0; i < 2 && rest.n; i++) {
        ptrdiff_t end = newline_find(rest, 0, true);
        Str line = str_slice(rest, 0, end), name = cookie_in(line);
        if (name.n)
            return name;
        Str held = str_trim(line);
        if (held.n && held.p[0] != '#')
            break;
        rest = end < rest.n ? str_slice(rest, end + newline_at(rest, end), rest.n) : (Str){0};
    }
    return (Str){0};
}

static bool encoding_read(Source *source, Diagnostics *diagnostics) {
    Str bytes = source->bytes, cookie = cookie_find(bytes);
    source->bom = str_starts(bytes, utf8_bom);
    source->encoding = ENCODING_UTF8;
    if (!cookie.n)
        return true;
    uint32_t line, column;
    place_of(bytes, cookie.p - bytes.p, true, &line, &column);
    if (!encoding_find(cookie, &source->encoding)) {
        diag_add(diagnostics, SEVERITY_ERROR, source->path, line, column,
                 "encoding '%.*s' is not supported; save the file as UTF-8", STR_ARG(cookie));
        return false;
    }
    if (source->bom && source->encoding != ENCODING_UTF8) {
        diag_add(diagnostics, SEVERITY_ERROR, source->path, line, column,
                 "the file starts with a UTF-8 byte order mark but declares encoding '%.*s'; "
                 "remove one of them",
                 STR_ARG(cookie));
        return false;
    }
    return true;
}

/* ---- public ---- */

static bool bytes_check(const Source *source, Diagnostics *diagnostics) {
    Str bytes = source->bytes;
    uint32_t line, column;
    const char *nul = bytes.n ? memchr(bytes.p, 0, (size_t)bytes.n) : NULL;
    if (nul) {
        place_of(bytes, nul - bytes.p, source->encoding == ENCODING_UTF8, &line, &column);
        diag_add(diagnostics, SEVERITY_ERROR, source->path, line, column,
                 "NUL byte at offset %td; Python does not read such a file", nul - bytes.p);
        return false;
    }
    ptrdiff_t bad = encoding_first_bad(source->encoding, bytes);
    if (bad < 0)
        return true;
    place_of(bytes, bad, source->encoding == ENCODING_UTF8, &line, &column);
    diag_add(diagnostics, SEVERITY_ERROR, source->path, line, column,
             "byte 0x%02X at offset %td is not %s%s", (unsigned)(unsigned char)bytes.p[bad], bad,
             encoding_title(source->encoding),
             source->encoding == ENCODING_UTF8
                 ? "; another encoding is declared by a comment on the first line, such as "
                   "`# coding: latin-1`"
                 : ", which the file declares");
    return false;
}

Source *source_read(Arena *arena, Str path, Str bytes, Diagnostics *diagnostics) {
    if (bytes.n > MAX_BYTES) {
        diag_add(diagnostics, SEVERITY_ERROR, path, 0, 0,
                 "%td bytes; files above 64 MiB are not read", bytes.n);
        return NULL;
    }
    Source *source = new (arena, Source, 1);
    source->path = path;
    source->bytes = bytes;
    if (!encoding_read(source, diagnostics) || !bytes_check(source, diagnostics))
        return NULL;
    source->text = bytes;
    if (source->bom)
        source->text = str_slice(bytes, utf8_bom.n, bytes.n);
    if (source->encoding == ENCODING_LATIN1 || source->encoding == ENCODING_CP1252)
        source->text = decode_bytes(arena, source->encoding, bytes);
    lines_read(source, arena);
    source->indent = indent_find(source);
    return source;
}

Source *source_with_text(Arena *arena, const Source *source, Str text) {
    Source *changed = new (arena, Source, 1);
    *changed = *source;
    changed->text = text;
    lines_read(changed, arena);
    changed->newline = source->newline;
    return changed;
}

bool source_encode(const Source *source, Arena *arena, Str text, Str *bytes,
                   Diagnostics *diagnostics) {
    char *out = new (arena, char, text.n + utf8_bom.n);
    ptrdiff_t n = 0;
    if (source->encoding == ENCODING_UTF8) {
        if (source->bom)
            memcpy(out, utf8_bom.p, (size_t)(n = utf8_bom.n));
        if (text.n)
            memcpy(out + n, text.p, (size_t)text.n);
        *bytes = (Str){out, n + text.n};
        return true;
    }
    for (ptrdiff_t i = 0; i < text.n;) {
        ptrdiff_t at = i;
        uint32_t code = (uint32_t)utf8_next(text, &i);
        int byte = encode_code(source->encoding, code);
        if (byte < 0) {
            uint32_t line, column;
            place_of(text, at, true, &line, &column);
            diag_add(diagnostics, SEVERITY_ERROR, source->path, line, column,
                     "U+%04X cannot be written in %s, the file's encoding", (unsigned)code,
                     encoding_title(source->encoding));
            return false;
        }
        out[n++] = (char)byte;
    }
    *bytes = (Str){out, n};
    return true;
}

static bool ends_with_newline(Str text) {
    return text.n && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r');
}

uint32_t source_line(const Source *source, uint32_t offset) {
    if (!source->lines ||
        (offset >= source->line_at[source->lines] && ends_with_newline(source->text)))
        return source->lines + 1;
    uint32_t low = 0, high = source->lines;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (source->line_at[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low + 1;
}

static ptrdiff_t line_start(const Source *source, uint32_t offset) {
    return source->line_at[source_line(source, offset) - 1];
}

uint32_t source_column(const Source *source, uint32_t offset) {
    uint32_t column = 1;
    for (ptrdiff_t i = line_start(source, offset); i < offset && i < source->text.n; i++)
        column += ((unsigned char)source->text.p[i] & 0xC0) != 0x80;
    return column;
}

/* A line with its newline; empty for a number that no line has. */
static Str line_whole(const Source *source, uint32_t line) {
    if (line < 1 || line > source->lines)
        return (Str){source->text.p, 0};
    return str_slice(source->text, source->line_at[line - 1], source->line_at[line]);
}

Str source_line_text(const Source *source, uint32_t line) {
    Str whole = line_whole(source, line);
    return str_slice(whole, 0, whole.n - source_line_newline(source, line).n);
}

Str source_line_newline(const Source *source, uint32_t line) {
    Str whole = line_whole(source, line);
    ptrdiff_t n = str_ends(whole, S("\r\n")) ? 2 : ends_with_newline(whole) ? 1 : 0;
    return str_slice(whole, whole.n - n, whole.n);
}

Str source_indentation(const Source *source, uint32_t offset) {
    /* A form feed sets the indentation back to zero (Python reference, 2.1.8). */
    ptrdiff_t start = line_start(source, offset), end = start;
    for (; end < source->text.n; end++) {
        char c = source->text.p[end];
        if (c == '\f')
            start = end + 1;
        else if (c != ' ' && c != '\t')
            break;
    }
    return str_slice(source->text, start, end);
}

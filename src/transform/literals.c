/* An expression is read from left to right; every part multiplies the strings so far by its own. */
#include "transform/literals.h"

#include "base/byte.h"

enum { MOST_LITERALS = 128, MOST_DEPTH = 8 };

typedef struct Reader {
    Arena *arena;
    Str text;
    ptrdiff_t at;
    int depth;
    bool failed;
} Reader;

static char peek(const Reader *reader) {
    return reader->at < reader->text.n ? reader->text.p[reader->at] : '\0';
}

static bool take(Reader *reader, Str token) {
    if (!str_starts(str_slice(reader->text, reader->at, reader->text.n), token))
        return false;
    reader->at += token.n;
    return true;
}

static Literals multiply(Reader *reader, const Literals *heads, const Literals *tails) {
    Literals product = {0};
    reader->failed |= heads->n * tails->n > MOST_LITERALS;
    for (ptrdiff_t i = 0; i < heads->n && !reader->failed; i++)
        for (ptrdiff_t k = 0; k < tails->n; k++)
            *list_push(reader->arena, &product) =
                str_format(reader->arena, "%.*s%.*s", STR_ARG(heads->v[i]), STR_ARG(tails->v[k]));
    return product;
}

static Literals read_choice(Reader *reader);

/* A letter or a group, either of them perhaps optional. */
static Literals read_part(Reader *reader) {
    Literals part = {0};
    if (take(reader, S("("))) {
        take(reader, S("?:"));
        part = read_choice(reader);
        reader->failed |= !take(reader, S(")"));
    } else {
        *list_push(reader->arena, &part) = str_slice(reader->text, reader->at, reader->at + 1);
        reader->at++;
    }
    if (take(reader, S("?")))
        *list_push(reader->arena, &part) = S("");
    return part;
}

static Literals read_sequence(Reader *reader) {
    Literals sequence = {0};
    *list_push(reader->arena, &sequence) = S("");
    while (!reader->failed && (byte_is_word(peek(reader)) || peek(reader) == '(')) {
        Literals part = read_part(reader);
        sequence = multiply(reader, &sequence, &part);
    }
    return sequence;
}

static Literals read_choice(Reader *reader) {
    Literals choice = {0};
    reader->failed |= ++reader->depth > MOST_DEPTH;
    do {
        Literals sequence = reader->failed ? (Literals){0} : read_sequence(reader);
        for (ptrdiff_t i = 0; i < sequence.n; i++)
            *list_push(reader->arena, &choice) = sequence.v[i];
    } while (!reader->failed && take(reader, S("|")));
    reader->depth--;
    return choice;
}

bool regex_literals(Arena *arena, Str regex, Literals *literals) {
    Reader reader = {.arena = arena, .text = regex};
    if (!take(&reader, S("^")))
        return false;
    *literals = read_sequence(&reader);
    return !reader.failed && take(&reader, S("$")) && reader.at == regex.n && literals->n > 0;
}

/* ---- text that must be there ---- */

/* Behind the group or class that starts at `at`. */
static ptrdiff_t skip_brackets(Str regex, ptrdiff_t at) {
    int depth = 0;
    bool class = false;
    for (; at < regex.n; at++) {
        char c = regex.p[at];
        if (c == '\\')
            at++;
        else if (c == '[' && !class)
            class = true;
        else if (c == ']' && class)
            class = false;
        else if (!class)
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (!class && depth <= 0)
            return at + 1;
    }
    return regex.n;
}

static bool is_punctuation(char c) {
    return c > ' ' && c < 0x7f && !byte_is_word(c);
}

static void keep_longest(Buf *run, Str *longest) {
    if (run->n > longest->n)
        *longest = str_copy(run->arena, buf_str(run));
    run->n = 0;
}

/* What this reader knows nothing of: options, quoting, characters by number or class. */
static bool is_beyond(Str rest) {
    if (str_starts(rest, S("(?")))
        for (ptrdiff_t i = 2; i < rest.n && ((rest.p[i] | 0x20) >= 'a' || rest.p[i] == '-'); i++)
            if (rest.p[i] == 'i' || rest.p[i] == 'x')
                return true;
    return rest.n > 1 && rest.p[0] == '\\' &&
           str_find_byte(S("QEcgkoNpPuxX0123456789"), rest.p[1]) >= 0;
}

/* Behind the part that starts the rest, without its quantifier. */
static ptrdiff_t part_end(Str rest, bool escape) {
    ptrdiff_t brace = rest.p[0] == '{' ? str_find_byte(rest, '}') : 0;
    if (rest.p[0] == '(' || rest.p[0] == '[')
        return skip_brackets(rest, 0);
    if (rest.p[0] == '{')
        return brace < 0 ? rest.n : brace + 1;
    return escape && rest.n > 1 ? 2 : 1;
}

Str regex_fixed(Arena *arena, Str regex) {
    Buf run = {.arena = arena};
    Str longest = {0};
    for (Str rest = regex; rest.n;) {
        char c = rest.p[0];
        bool escape = c == '\\', stands = rest.n > 1 && escape && is_punctuation(rest.p[1]);
        if (c == '|' || is_beyond(rest))
            return (Str){0};
        ptrdiff_t end = part_end(rest, escape);
        bool literal = stands || byte_is_word(c) || str_find_byte(S("/-\"'= :,"), c) >= 0;
        bool optional = end < rest.n && str_find_byte(S("?*{"), rest.p[end]) >= 0;
        if (literal && !optional)
            buf_add_byte(&run, rest.p[end - 1]);
        else
            keep_longest(&run, &longest);
        rest = str_slice(rest, end, rest.n);
    }
    keep_longest(&run, &longest);
    return longest;
}

Str regex_of_words(Arena *arena, Str regex) {
    int depth = 0;
    bool starts = str_starts(regex, S("^")), ends = str_ends(regex, S("$"));
    for (ptrdiff_t i = starts; i < regex.n; i++) {
        char c = regex.p[i], before = i ? regex.p[i - 1] : '\0';
        char next = i + 1 < regex.n ? regex.p[i + 1] : '\0';
        depth += (c == '(') - (c == ')');
        bool anchors = (c == '^' && before != '[') || (c == '$' && next);
        bool group = c == '?' && before == '(' && next != ':';
        bool escapes = c == '\\' && next != 'w' && next != 'd';
        if (escapes || anchors || group || (c == '|' && depth == 0))
            return (Str){0};
    }
    return str_format(arena, "%s(?:%.*s)%s", starts ? "(?<![A-Za-z0-9_])" : "",
                      STR_ARG(str_slice(regex, starts, regex.n - ends)),
                      ends ? "(?![A-Za-z0-9_])" : "");
}

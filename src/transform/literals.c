/* An expression is read from left to right; every part multiplies the strings so far by its own. */
#include "transform/literals.h"

enum { MOST_LITERALS = 32, MOST_DEPTH = 8 };

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

static bool is_literal(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
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
    while (!reader->failed && (is_literal(peek(reader)) || peek(reader) == '(')) {
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

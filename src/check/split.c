/* The pre-tokenizers of tokenizer.json: pieces of text become more and smaller pieces, and bytes
 * become GPT-2's characters. Added tokens, which are pieces with an id, pass through. */
#include <string.h>

#include "check/tokenizer_private.h"
#include "check/unicode.h"

#define WORD_CLASS "\\p{L}\\p{Nl}\\p{M}\\p{Nd}\\p{Pc}\\x{200C}\\x{200D}"

#define GPT2_PATTERN \
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"

/* ---- reading ---- */

Splitter *splitter_add(Tokenizer *t, SplitterKind kind) {
    Splitter *s = list_push(t->arena, &t->splitters);
    s->kind = kind;
    return s;
}

static Regex *compiled(Tokenizer *t, Str pattern) {
    Regex *regex = regex_compile(t->arena, pattern, t->reasons);
    if (regex)
        *list_push(t->arena, &t->regexes) = regex;
    return regex;
}

bool pattern_read(Tokenizer *t, const Json *from, Str *string, Regex **regex) {
    *string = json_str(json_get(from, "String"));
    *regex = NULL;
    if (json_kind(json_get(from, "Regex")) != JSON_STRING)
        return json_kind(json_get(from, "String")) == JSON_STRING ||
               reject(t->reasons, TOKENIZER, S("pattern"), "a pattern is a String or a Regex");
    *regex = compiled(t, json_str(json_get(from, "Regex")));
    return *regex != NULL;
}

Splitter *splitter_byte_level(Tokenizer *t, bool add_prefix, bool use_regex) {
    Regex *regex = use_regex ? compiled(t, S(GPT2_PATTERN)) : NULL;
    if (use_regex && !regex)
        return NULL;
    Splitter *s = splitter_add(t, SPLITTER_BYTE_LEVEL);
    s->add_prefix = add_prefix;
    s->regex = regex;
    return s;
}

static bool read_behavior(Tokenizer *t, const Json *from, Behavior otherwise, Behavior *out) {
    static const char *const names[] = {
        [SPLIT_ISOLATED] = "Isolated",
        [SPLIT_REMOVED] = "Removed",
        [SPLIT_MERGED_WITH_PREVIOUS] = "MergedWithPrevious",
        [SPLIT_MERGED_WITH_NEXT] = "MergedWithNext",
        [SPLIT_CONTIGUOUS] = "Contiguous",
    };
    const Json *value = json_get(from, "behavior");
    *out = otherwise;
    if (!value)
        return true;
    for (int i = 0; i < COUNT(names); i++)
        if (json_is(value, str_from(names[i]))) {
            *out = (Behavior)i;
            return true;
        }
    return reject(t->reasons, TOKENIZER, S("behavior"), "behavior %.*s is not known",
                  STR_ARG(json_str(value)));
}

static bool read_metaspace(Tokenizer *t, const Json *from) {
    Splitter *s = splitter_add(t, SPLITTER_METASPACE);
    s->string = json_str(json_get(from, "replacement"));
    s->split = json_bool(json_get(from, "split"), true);
    s->prepend = PREPEND_ALWAYS;
    const Json *scheme = json_get(from, "prepend_scheme");
    if (json_is(scheme, S("first")))
        s->prepend = PREPEND_FIRST;
    else if (json_is(scheme, S("never")) ||
             (!scheme && !json_bool(json_get(from, "add_prefix_space"), true)))
        s->prepend = PREPEND_NEVER;
    return s->string.n > 0 ||
           reject(t->reasons, TOKENIZER, S("pre_tokenizer"), "Metaspace without a replacement");
}

static bool is_number(int32_t c) {
    return unicode_is_number(c);
}

/* Those that split at characters of a kind. */
static const struct {
    const char *name;
    bool (*predicate)(int32_t);
    Behavior behavior;
} predicates[] = {
    {"WhitespaceSplit", unicode_is_space, SPLIT_REMOVED},
    {"Punctuation", unicode_is_punctuation, SPLIT_ISOLATED},
    {"Digits", is_number, SPLIT_CONTIGUOUS},
    {"CharDelimiterSplit", NULL, SPLIT_REMOVED},
};

static bool read_predicate(Tokenizer *t, const Json *from, Str type) {
    for (int i = 0; i < COUNT(predicates); i++) {
        if (!str_eq(type, str_from(predicates[i].name)))
            continue;
        Splitter *s = splitter_add(t, SPLITTER_PREDICATE);
        s->predicate = predicates[i].predicate;
        if (json_bool(json_get(from, "individual_digits"), false))
            s->behavior = SPLIT_ISOLATED;
        else if (!read_behavior(t, from, predicates[i].behavior, &s->behavior))
            return false;
        Str delimiter = json_str(json_get(from, "delimiter"));
        ptrdiff_t at = 0;
        s->character = delimiter.n ? utf8_next(delimiter, &at) : ' ';
        return true;
    }
    return reason_uncovered(t->reasons, TOKENIZER, S("pre_tokenizer"),
                            "pre-tokenizer %.*s is not covered by this check", STR_ARG(type));
}

bool splitters_read(Tokenizer *t, const Json *from) {
    if (json_kind(from) <= JSON_NULL)
        return true;
    Str type = json_str(json_get(from, "type"));
    if (str_eq(type, S("Sequence"))) {
        for (JsonIter it = json_iter(json_get(from, "pretokenizers")); json_next(&it);)
            if (!splitters_read(t, it.value))
                return false;
        return true;
    }
    if (str_eq(type, S("ByteLevel")))
        return splitter_byte_level(t, json_bool(json_get(from, "add_prefix_space"), true),
                                   json_bool(json_get(from, "use_regex"), true)) != NULL;
    if (str_eq(type, S("Metaspace")))
        return read_metaspace(t, from);
    if (str_eq(type, S("Split"))) {
        Splitter s = {.kind = SPLITTER_PATTERN, .invert = json_true(json_get(from, "invert"))};
        if (!pattern_read(t, json_get(from, "pattern"), &s.string, &s.regex) ||
            !read_behavior(t, from, SPLIT_ISOLATED, &s.behavior))
            return false;
        *list_push(t->arena, &t->splitters) = s;
        return true;
    }
    if (str_eq(type, S("Whitespace"))) { /* words, and runs of what is neither word nor space */
        Splitter s = {.kind = SPLITTER_PATTERN, .behavior = SPLIT_REMOVED, .invert = true};
        /* \w as Rust's regex crate has it: PCRE2's lacks marks and joiners before 10.43. */
        s.regex = compiled(t, S("[" WORD_CLASS "]+|[^" WORD_CLASS "\\s]+"));
        *list_push(t->arena, &t->splitters) = s;
        return s.regex != NULL;
    }
    if (str_eq(type, S("BertPreTokenizer"))) {
        Splitter *s = splitter_add(t, SPLITTER_PREDICATE);
        *s = (Splitter){
            .kind = SPLITTER_PREDICATE, .predicate = unicode_is_space, .behavior = SPLIT_REMOVED};
        s = splitter_add(t, SPLITTER_PREDICATE);
        *s = (Splitter){.kind = SPLITTER_PREDICATE,
                        .predicate = unicode_is_punctuation,
                        .behavior = SPLIT_ISOLATED};
        return true;
    }
    return read_predicate(t, from, type);
}

/* ---- cutting ---- */

typedef struct Cut {
    ptrdiff_t start, end;
    bool match;
} Cut;
typedef List(Cut) Cuts;

static void cut_add(Arena *arena, Cuts *cuts, ptrdiff_t start, ptrdiff_t end, bool match) {
    if (end > start)
        *list_push(arena, cuts) = (Cut){start, end, match};
}

static bool find(const Splitter *s, Str text, ptrdiff_t from, ptrdiff_t *start, ptrdiff_t *end) {
    if (s->kind == SPLITTER_PREDICATE) {
        while (from < text.n) {
            *start = from;
            int32_t c = utf8_next(text, &from);
            *end = from;
            if (s->predicate ? s->predicate(c) : c == s->character)
                return true;
        }
        return false;
    }
    if (s->regex)
        return regex_find(s->regex, text, from, start, end);
    ptrdiff_t at = s->string.n ? str_find(str_slice(text, from, text.n), s->string) : -1;
    *start = from + at;
    *end = *start + s->string.n;
    return at >= 0;
}

static void cut_text(const Splitter *s, Arena *arena, Str text, Cuts *cuts) {
    ptrdiff_t at = 0, start, end;
    while (find(s, text, at, &start, &end)) {
        cut_add(arena, cuts, at, start, s->invert);
        cut_add(arena, cuts, start, end, !s->invert);
        at = end;
    }
    cut_add(arena, cuts, at, text.n, s->invert);
}

/* Joins neighbours as the behavior wants it; what is to be removed keeps `match`. */
static void join(Behavior behavior, Cuts *cuts) {
    Cut *v = cuts->v;
    ptrdiff_t n = 0;
    if (behavior == SPLIT_MERGED_WITH_NEXT) { /* from the back, then moved to the front */
        ptrdiff_t at = cuts->n;
        bool previous = false;
        for (ptrdiff_t i = cuts->n - 1; i >= 0; i--) {
            bool match = v[i].match;
            if (match && !previous && at < cuts->n)
                v[at].start = v[i].start;
            else
                v[--at] = v[i];
            previous = match;
        }
        n = cuts->n - at;
        if (n > 0)
            memmove(v, v + at, sizeof *v * (size_t)n);
    } else {
        bool previous = false;
        for (ptrdiff_t i = 0; i < cuts->n; i++) {
            bool match = v[i].match;
            bool joins = n > 0 && ((behavior == SPLIT_CONTIGUOUS && match == previous) ||
                                   (behavior == SPLIT_MERGED_WITH_PREVIOUS && match && !previous));
            if (joins)
                v[n - 1].end = v[i].end;
            else
                v[n++] = v[i];
            previous = match;
        }
    }
    cuts->n = n;
}

static void split_piece(const Splitter *s, Behavior behavior, Arena *arena, Piece piece,
                        Pieces *out) {
    Cuts cuts = {0};
    cut_text(s, arena, piece.text, &cuts);
    join(behavior, &cuts);
    for (ptrdiff_t i = 0; i < cuts.n; i++)
        if (behavior != SPLIT_REMOVED || !cuts.v[i].match)
            *list_push(arena, out) = (Piece){str_slice(piece.text, cuts.v[i].start, cuts.v[i].end),
                                             -1, piece.first && cuts.v[i].start == 0};
}

Str byte_level(Arena *arena, Str text) {
    Buf out = {.arena = arena};
    for (ptrdiff_t i = 0; i < text.n; i++) {
        int32_t c = (unsigned char)text.p[i];
        bool itself = (c >= 33 && c <= 126) || (c >= 161 && c <= 172) || c >= 174;
        if (!itself) /* the others are numbered from 256 on */
            c = c <= 32 ? 256 + c : c <= 160 ? 256 + 33 + (c - 127) : 256 + 67;
        utf8_add(&out, c);
    }
    return buf_str(&out);
}

static void split_byte_level(const Splitter *s, Arena *arena, Piece piece, Pieces *out) {
    if (s->add_prefix && !str_starts(piece.text, S(" ")))
        piece.text = text_join(arena, S(" "), piece.text);
    ptrdiff_t first = out->n;
    if (s->regex)
        split_piece(&(Splitter){.kind = SPLITTER_PATTERN, .regex = s->regex}, SPLIT_ISOLATED, arena,
                    piece, out);
    else
        *list_push(arena, out) = piece;
    for (ptrdiff_t i = first; i < out->n; i++)
        out->v[i].text = byte_level(arena, out->v[i].text);
}

static void split_metaspace(const Splitter *s, Arena *arena, Piece piece, Pieces *out) {
    Buf text = {.arena = arena};
    for (ptrdiff_t i = 0; i < piece.text.n; i++)
        buf_add(&text, piece.text.p[i] == ' ' ? s->string : str_slice(piece.text, i, i + 1));
    piece.text = buf_str(&text);
    bool prepend = s->prepend == PREPEND_ALWAYS || (s->prepend == PREPEND_FIRST && piece.first);
    if (prepend && !str_starts(piece.text, s->string))
        piece.text = text_join(arena, s->string, piece.text);
    if (s->split)
        split_piece(&(Splitter){.kind = SPLITTER_PATTERN, .string = s->string},
                    SPLIT_MERGED_WITH_NEXT, arena, piece, out);
    else
        *list_push(arena, out) = piece;
}

void split_pieces(const Tokenizer *t, Arena *arena, Pieces *pieces) {
    for (ptrdiff_t i = 0; i < t->splitters.n; i++) {
        const Splitter *s = &t->splitters.v[i];
        Pieces next = {0};
        for (ptrdiff_t k = 0; k < pieces->n; k++) {
            Piece piece = pieces->v[k];
            if (piece.id >= 0)
                *list_push(arena, &next) = piece;
            else if (s->kind == SPLITTER_BYTE_LEVEL)
                split_byte_level(s, arena, piece, &next);
            else if (s->kind == SPLITTER_METASPACE)
                split_metaspace(s, arena, piece, &next);
            else
                split_piece(s, s->behavior, arena, piece, &next);
        }
        *pieces = next;
    }
}

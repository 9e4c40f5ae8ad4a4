/* The normalizers of tokenizer.json, in a row: a Sequence is read as its parts. */
#include <string.h>

#include "check/tokenizer_private.h"
#include "check/unicode.h"

/* ---- reading ---- */

static Str base64(Arena *arena, Str text) {
    Buf out = {.arena = arena};
    uint32_t bits = 0;
    int n = 0;
    for (ptrdiff_t i = 0; i < text.n; i++) {
        static const char letters[] =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const char *at = memchr(letters, text.p[i], sizeof letters - 1);
        if (!at)
            continue;
        bits = bits << 6 | (uint32_t)(at - letters);
        n += 6;
        if (n >= 8) {
            n -= 8;
            buf_add_byte(&out, (char)(bits >> n & 255));
        }
    }
    return buf_str(&out);
}

static uint32_t u32(Str bytes, size_t at) {
    const unsigned char *p = (const unsigned char *)bytes.p + at;
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool read_charsmap(Tokenizer *t, const Json *from, Normalizer *out) {
    out->charsmap = base64(t->arena, json_str(json_get(from, "precompiled_charsmap")));
    if (out->charsmap.n < 4 || u32(out->charsmap, 0) > (size_t)out->charsmap.n - 4 ||
        u32(out->charsmap, 0) % 4)
        return reject(t->reasons, TOKENIZER, S("precompiled_charsmap"),
                      "the trie is longer than the charsmap");
    return true;
}

static void read_bert(const Json *from, Normalizer *out) {
    out->clean = json_bool(json_get(from, "clean_text"), true);
    out->cjk = json_bool(json_get(from, "handle_chinese_chars"), true);
    out->lower = json_bool(json_get(from, "lowercase"), true);
    out->accents = json_bool(json_get(from, "strip_accents"), out->lower);
}

static const struct {
    const char *name;
    NormalizerKind kind;
    int form;
} kinds[] = {
    {"Prepend", NORMALIZE_PREPEND, 0},
    {"Replace", NORMALIZE_REPLACE, 0},
    {"NFC", NORMALIZE_FORM, FORM_NFC},
    {"NFD", NORMALIZE_FORM, FORM_NFD},
    {"NFKC", NORMALIZE_FORM, FORM_NFKC},
    {"NFKD", NORMALIZE_FORM, FORM_NFKD},
    {"Nmt", NORMALIZE_NMT, 0},
    {"Strip", NORMALIZE_STRIP, 0},
    {"StripAccents", NORMALIZE_STRIP_ACCENTS, 0},
    {"Lowercase", NORMALIZE_LOWERCASE, 0},
    {"BertNormalizer", NORMALIZE_BERT, 0},
    {"Precompiled", NORMALIZE_PRECOMPILED, 0},
    {"ByteLevel", NORMALIZE_BYTE_LEVEL, 0},
};

bool normalizers_read(Tokenizer *t, const Json *from) {
    if (json_kind(from) <= JSON_NULL)
        return true;
    Str type = json_str(json_get(from, "type"));
    if (str_eq(type, S("Sequence"))) {
        for (JsonIter it = json_iter(json_get(from, "normalizers")); json_next(&it);)
            if (!normalizers_read(t, it.value))
                return false;
        return true;
    }
    for (ptrdiff_t i = 0; i < COUNT(kinds); i++) {
        if (!str_eq(type, str_from(kinds[i].name)))
            continue;
        Normalizer n = {.kind = kinds[i].kind, .form = kinds[i].form};
        n.to = json_str(json_get(from, n.kind == NORMALIZE_PREPEND ? "prepend" : "content"));
        n.left = json_bool(json_get(from, "strip_left"), true);
        n.right = json_bool(json_get(from, "strip_right"), true);
        read_bert(from, &n);
        if (n.kind == NORMALIZE_REPLACE &&
            !pattern_read(t, json_get(from, "pattern"), &n.from, &n.regex))
            return false;
        if (n.kind == NORMALIZE_PRECOMPILED && !read_charsmap(t, from, &n))
            return false;
        *list_push(t->arena, &t->normalizers) = n;
        return true;
    }
    return reason_uncovered(t->reasons, TOKENIZER, S("normalizer"),
                            "normalizer %.*s is not covered by this check", STR_ARG(type));
}

/* ---- one at a time ---- */

static Str replace(const Normalizer *n, Arena *arena, Str text) {
    Buf out = {.arena = arena};
    ptrdiff_t at = 0, start, end;
    if (n->regex) {
        while (regex_find(n->regex, text, at, &start, &end)) {
            buf_add(&out, str_slice(text, at, start));
            buf_add(&out, n->to);
            at = end;
        }
    } else if (n->from.n > 0) {
        while ((start = str_find(str_slice(text, at, text.n), n->from)) >= 0) {
            buf_add(&out, str_slice(text, at, at + start));
            buf_add(&out, n->to);
            at += start + n->from.n;
        }
    }
    buf_add(&out, str_slice(text, at, text.n));
    return buf_str(&out);
}

/* sentencepiece's "nmt" preparation: odd control characters go, odd spaces become plain. */
static Str nmt(Arena *arena, Str text) {
    Buf out = {.arena = arena};
    for (ptrdiff_t at = 0; at < text.n;) {
        int32_t c = utf8_next(text, &at);
        bool gone = (c >= 1 && c <= 8) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F ||
                    c == 0x8F || c == 0x9F;
        bool space = c == 9 || c == 10 || c == 12 || c == 13 || c == 0x1680 ||
                     (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 ||
                     c == 0xFEFF || c == 0xFFFD;
        if (!gone)
            utf8_add(&out, space ? ' ' : c);
    }
    return buf_str(&out);
}

static Str without_marks(Arena *arena, Str text, bool (*is_mark)(int32_t)) {
    Buf out = {.arena = arena};
    for (ptrdiff_t at = 0; at < text.n;) {
        int32_t c = utf8_next(text, &at);
        if (!is_mark(c))
            utf8_add(&out, c);
    }
    return buf_str(&out);
}

static Str strip(const Normalizer *n, Str text) {
    ptrdiff_t at = 0, end = text.n;
    for (ptrdiff_t next = 0; n->left && next < text.n && unicode_is_space(utf8_next(text, &next));)
        at = next;
    if (n->right) {
        ptrdiff_t last = at;
        for (ptrdiff_t next = at; next < text.n;)
            if (!unicode_is_space(utf8_next(text, &next)))
                last = next;
        end = last;
    }
    return str_slice(text, at, end);
}

static Str bert(const Normalizer *n, Arena *arena, Str text) {
    Buf out = {.arena = arena};
    for (ptrdiff_t at = 0; at < text.n;) {
        int32_t c = utf8_next(text, &at);
        if (n->clean && (c == 0 || c == 0xFFFD || unicode_is_control(c)))
            continue;
        if (n->clean && unicode_is_space(c))
            c = ' ';
        bool apart = n->cjk && unicode_is_cjk(c);
        if (apart)
            buf_add_byte(&out, ' ');
        utf8_add(&out, c);
        if (apart)
            buf_add_byte(&out, ' ');
    }
    text = buf_str(&out);
    if (n->accents)
        text = without_marks(arena, unicode_normalize(arena, text, FORM_NFD), unicode_is_mark);
    return n->lower ? unicode_lower(arena, text) : text;
}

/* ---- sentencepiece's precompiled map ---- */

/* The replacement of the shortest prefix of `key` that the trie (Darts, units of 32 bits) holds. */
static bool mapped(Str map, Str key, Str *to) {
    size_t units = u32(map, 0) / 4, node = 0;
    Str strings = str_slice(map, 4 + (ptrdiff_t)units * 4, map.n);
    if (units == 0)
        return false;
    uint32_t unit = u32(map, 4);
    node ^= (unit >> 10) << ((unit & 1u << 9) >> 6);
    for (ptrdiff_t i = 0; i < key.n; i++) {
        unsigned char c = (unsigned char)key.p[i];
        node ^= c;
        if (c == 0 || node >= units)
            return false;
        unit = u32(map, 4 + node * 4);
        if ((unit & (1u << 31 | 0xFF)) != c)
            return false;
        node ^= (unit >> 10) << ((unit & 1u << 9) >> 6);
        if (node >= units)
            return false;
        if (unit >> 8 & 1) {
            uint32_t at = u32(map, 4 + node * 4) & 0x7FFFFFFF;
            Str rest = str_slice(strings, (ptrdiff_t)at, strings.n);
            ptrdiff_t end = str_find_byte(rest, 0);
            *to = str_slice(rest, 0, end < 0 ? rest.n : end);
            return true;
        }
    }
    return false;
}

static Str precompiled(const Normalizer *n, Arena *arena, Str text) {
    Buf out = {.arena = arena};
    for (ptrdiff_t at = 0; at < text.n;) {
        ptrdiff_t end = unicode_grapheme(text, at);
        Str cluster = str_slice(text, at, end), to;
        if (cluster.n < 6 && mapped(n->charsmap, cluster, &to)) {
            buf_add(&out, to);
            at = end;
            continue;
        }
        while (at < end) {
            ptrdiff_t start = at;
            utf8_next(text, &at);
            Str c = str_slice(text, start, at);
            buf_add(&out, mapped(n->charsmap, c, &to) ? to : c);
        }
    }
    return buf_str(&out);
}

/* ---- all ---- */

static Str apply(const Normalizer *n, Arena *arena, Str text) {
    switch (n->kind) {
    case NORMALIZE_PREPEND:
        return text.n > 0 ? text_join(arena, n->to, text) : text;
    case NORMALIZE_REPLACE:
        return replace(n, arena, text);
    case NORMALIZE_FORM:
        return unicode_normalize(arena, text, (NormalForm)n->form);
    case NORMALIZE_NMT:
        return nmt(arena, text);
    case NORMALIZE_STRIP:
        return strip(n, text);
    case NORMALIZE_STRIP_ACCENTS:
        return without_marks(arena, text, unicode_is_any_mark);
    case NORMALIZE_LOWERCASE:
        return unicode_lower(arena, text);
    case NORMALIZE_BERT:
        return bert(n, arena, text);
    case NORMALIZE_PRECOMPILED:
        return precompiled(n, arena, text);
    case NORMALIZE_BYTE_LEVEL:
        return byte_level(arena, text);
    }
    return text;
}

/* Whether the text's first character goes; what is left then does not begin where the text did. */
static bool loses_first(const Normalizer *n, Arena *arena, Str text) {
    ptrdiff_t end = 0;
    if (!text.n || n->kind == NORMALIZE_FORM || n->kind == NORMALIZE_PREPEND)
        return false;
    int32_t c = utf8_next(text, &end);
    if (n->kind == NORMALIZE_STRIP)
        return n->left && unicode_is_space(c);
    return apply(n, arena, str_slice(text, 0, end)).n == 0;
}

Str normalize(const Tokenizer *t, Arena *arena, Str text, bool *first) {
    for (ptrdiff_t i = 0; i < t->normalizers.n; i++) {
        const Normalizer *n = &t->normalizers.v[i];
        *first = *first && !loses_first(n, arena, text);
        text = apply(n, arena, text);
    }
    return text;
}

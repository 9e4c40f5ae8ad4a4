/* Characters by tables that the build writes (check/unicode_tables.h), normal forms as in Unicode
 * Standard Annex 15.
 *
 * Grapheme clusters are those of Annex 29 as far as general categories tell them: marks, joiners,
 * modifiers, pairs of regional indicators and Hangul syllables stay together; prepended marks are
 * not looked for. */
#include "check/unicode.h"

#include "base/list.h"
#include "check/unicode_tables.h"

enum {
    HANGUL_FIRST = 0xAC00,
    HANGUL_LAST = 0xD7A3,
    LEAD_FIRST = 0x1100,
    VOWEL_FIRST = 0x1161,
    TRAIL_BEFORE = 0x11A7, /* one below the first trailing consonant */
    LEADS = 19,
    VOWELS = 21,
    TRAILS = 28
};

Str text_join(Arena *arena, Str a, Str b) {
    Buf out = {.arena = arena};
    buf_add(&out, a);
    buf_add(&out, b);
    return buf_str(&out);
}

/* ---- tables ---- */

static UnicodeCategory category_of(int32_t c) {
    ptrdiff_t low = 0, high = unicode_categories_n;
    while (high - low > 1) {
        ptrdiff_t middle = (low + high) / 2;
        *(unicode_categories[middle].first <= c ? &low : &high) = middle;
    }
    return (UnicodeCategory)unicode_categories[low].category;
}

static int32_t pair_value(const UnicodePair *table, ptrdiff_t n, int32_t c, int32_t otherwise) {
    ptrdiff_t low = 0;
    while (n > 0) {
        ptrdiff_t half = n / 2;
        if (table[low + half].character == c)
            return table[low + half].value;
        if (table[low + half].character < c) {
            low += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return otherwise;
}

/* The row of a character, and of a second one where that is not 0. */
static const UnicodeTriple *triple(const UnicodeTriple *table, ptrdiff_t n, int32_t c,
                                   int32_t second) {
    ptrdiff_t low = 0;
    while (n > 0) {
        ptrdiff_t half = n / 2;
        const UnicodeTriple *row = &table[low + half];
        bool same = row->character == c;
        if (same && (!second || row->second == second))
            return row;
        if (row->character < c || (same && row->second < second)) {
            low += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return NULL;
}

static int32_t combining_class(int32_t c) {
    return c < 0x300 ? 0 : pair_value(unicode_classes, unicode_classes_n, c, 0);
}

/* ---- what a character is ---- */

bool unicode_is_space(int32_t c) {
    return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

static bool between(int32_t c, UnicodeCategory first, UnicodeCategory last) {
    UnicodeCategory category = category_of(c);
    return category >= first && category <= last;
}

static bool ascii_punctuation(int32_t c) {
    return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) ||
           (c >= 123 && c <= 126);
}

bool unicode_is_punctuation(int32_t c) {
    return ascii_punctuation(c) || between(c, UNICODE_PC, UNICODE_PO);
}

bool unicode_is_mark(int32_t c) {
    return category_of(c) == UNICODE_MN;
}

bool unicode_is_any_mark(int32_t c) {
    return category_of(c) >= UNICODE_MN && category_of(c) <= UNICODE_ME;
}

bool unicode_is_control(int32_t c) {
    if (c == '\t' || c == '\n' || c == '\r')
        return false;
    return between(c, UNICODE_CC, UNICODE_CN);
}

bool unicode_is_number(int32_t c) {
    return between(c, UNICODE_ND, UNICODE_NO);
}

bool unicode_is_word(int32_t c) {
    return between(c, UNICODE_LU, UNICODE_NL) || category_of(c) == UNICODE_PC || c == 0x200C ||
           c == 0x200D;
}

bool unicode_is_cjk(int32_t c) {
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
           (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
           (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

/* ---- normal forms ---- */

typedef List(int32_t) Characters;

static void decompose(Arena *arena, Characters *out, int32_t c, bool compatible) {
    if (c >= HANGUL_FIRST && c <= HANGUL_LAST) {
        int32_t index = c - HANGUL_FIRST;
        *list_push(arena, out) = LEAD_FIRST + index / (VOWELS * TRAILS);
        *list_push(arena, out) = VOWEL_FIRST + index % (VOWELS * TRAILS) / TRAILS;
        if (index % TRAILS)
            *list_push(arena, out) = TRAIL_BEFORE + index % TRAILS;
        return;
    }
    const UnicodeTriple *row = c < 0xA0     ? NULL
                               : compatible ? triple(unicode_compatible, unicode_compatible_n, c, 0)
                                            : triple(unicode_canonical, unicode_canonical_n, c, 0);
    for (int32_t i = 0; row && i < row->third; i++)
        *list_push(arena, out) = unicode_pool[row->second + i];
    if (!row)
        *list_push(arena, out) = c;
}

/* Marks behind a starter go into the order of their classes; equal ones keep theirs. */
static void order_marks(Characters *text) {
    for (ptrdiff_t i = 1; i < text->n; i++) {
        int32_t c = text->v[i], class = combining_class(c);
        ptrdiff_t k = i;
        for (; class && k > 0 && combining_class(text->v[k - 1]) > class; k--)
            text->v[k] = text->v[k - 1];
        text->v[k] = c;
    }
}

static int32_t compose_pair(int32_t a, int32_t b) {
    if (a >= LEAD_FIRST && a < LEAD_FIRST + LEADS && b >= VOWEL_FIRST && b < VOWEL_FIRST + VOWELS)
        return HANGUL_FIRST + ((a - LEAD_FIRST) * VOWELS + b - VOWEL_FIRST) * TRAILS;
    bool open = a >= HANGUL_FIRST && a <= HANGUL_LAST && (a - HANGUL_FIRST) % TRAILS == 0;
    if (open && b > TRAIL_BEFORE && b < TRAIL_BEFORE + TRAILS)
        return a + b - TRAIL_BEFORE;
    const UnicodeTriple *row = triple(unicode_compositions, unicode_compositions_n, a, b);
    return row ? row->third : 0;
}

static void compose(Characters *text) {
    ptrdiff_t starter = -1, n = 0;
    int32_t before = -1; /* class of the last character kept behind the starter; -1: none */
    for (ptrdiff_t i = 0; i < text->n; i++) {
        int32_t c = text->v[i], class = combining_class(c);
        int32_t both = starter >= 0 && before < class ? compose_pair(text->v[starter], c) : 0;
        if (both) {
            text->v[starter] = both;
            continue;
        }
        if (!class)
            starter = n;
        before = class ? class : -1;
        text->v[n++] = c;
    }
    text->n = n;
}

Str unicode_normalize(Arena *arena, Str text, NormalForm form) {
    bool compatible = form == FORM_NFKC || form == FORM_NFKD;
    Characters characters = {0};
    for (ptrdiff_t at = 0; at < text.n;)
        decompose(arena, &characters, utf8_next(text, &at), compatible);
    order_marks(&characters);
    if (form == FORM_NFC || form == FORM_NFKC)
        compose(&characters);
    Buf out = {.arena = arena};
    for (ptrdiff_t i = 0; i < characters.n; i++)
        utf8_add(&out, characters.v[i]);
    return buf_str(&out);
}

/* Rust's to_lowercase(): one character may become two (U+0130). */
Str unicode_lower(Arena *arena, Str text) {
    Buf out = {.arena = arena};
    for (ptrdiff_t at = 0; at < text.n;) {
        int32_t c = utf8_next(text, &at);
        if (c == 0x130)
            buf_add(&out, S("i\xCC\x87"));
        else
            utf8_add(&out, pair_value(unicode_lower_case, unicode_lower_case_n, c, c));
    }
    return buf_str(&out);
}

/* ---- grapheme clusters ---- */

static bool is_extending(int32_t c) {
    return between(c, UNICODE_MN, UNICODE_ME) || c == 0x200C || c == 0x200D ||
           (c >= 0x1F3FB && c <= 0x1F3FF) || (c >= 0xFF9E && c <= 0xFF9F);
}

static bool is_regional(int32_t c) {
    return c >= 0x1F1E6 && c <= 0x1F1FF;
}

static bool is_pictographic(int32_t c) {
    return (c >= 0x1F000 && c <= 0x1FAFF && !is_regional(c)) || (c >= 0x2190 && c <= 0x2BFF) ||
           c == 0xA9 || c == 0xAE;
}

/* Hangul: leading consonants, vowels and trailing ones in this order are one syllable. */
static int hangul_part(int32_t c) {
    if (c >= HANGUL_FIRST && c <= HANGUL_LAST)
        return (c - HANGUL_FIRST) % TRAILS ? 3 : 2;
    if ((c >= 0x1100 && c <= 0x115F) || (c >= 0xA960 && c <= 0xA97C))
        return 1;
    if ((c >= 0x1160 && c <= TRAIL_BEFORE) || (c >= 0xD7B0 && c <= 0xD7C6))
        return 2;
    return (c > TRAIL_BEFORE && c <= 0x11FF) || (c >= 0xD7CB && c <= 0xD7FB) ? 3 : 0;
}

/* Format characters that stand in a cluster: joiners, signs before numbers, tags (UAX 29, table 2).
 */
static bool is_joining_format(int32_t c) {
    return c == 0x200C || c == 0x200D || (c >= 0x600 && c <= 0x605) || c == 0x6DD || c == 0x70F ||
           (c >= 0x890 && c <= 0x891) || c == 0x8E2 || c == 0x110BD || c == 0x110CD ||
           (c >= 0xE0020 && c <= 0xE007F);
}

/* A cluster of its own, whatever follows. */
static bool breaks_clusters(int32_t c) {
    UnicodeCategory category = category_of(c);
    return category == UNICODE_CC || category == UNICODE_ZL || category == UNICODE_ZP ||
           (category == UNICODE_CF && !is_joining_format(c));
}

ptrdiff_t unicode_grapheme(Str text, ptrdiff_t at) {
    int32_t before = utf8_next(text, &at);
    bool pictographic = is_pictographic(before), pair = is_regional(before);
    while (at < text.n) {
        ptrdiff_t next = at;
        int32_t c = utf8_next(text, &next);
        bool joins = before == '\r' && c == '\n';
        if (!breaks_clusters(before) && !breaks_clusters(c)) {
            int part = hangul_part(before), other = hangul_part(c);
            bool syllable = part && other && part <= other && !(part == 1 && other == 3);
            bool emoji = before == 0x200D && pictographic && is_pictographic(c);
            joins = is_extending(c) || syllable || emoji || (pair && is_regional(c));
        }
        if (!joins)
            break;
        pair = false;
        pictographic = pictographic && (is_extending(c) || is_pictographic(c));
        before = c;
        at = next;
    }
    return at;
}

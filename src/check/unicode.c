/* utf8proc has the tables; here is which of them a tokenizer means. */
#include "check/unicode.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

int32_t utf8_next(Str text, ptrdiff_t *at) {
    unsigned char first = (unsigned char)text.p[*at];
    if (first < 0x80) {
        ++*at;
        return first;
    }
    utf8proc_int32_t c;
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text.p + *at, text.n - *at, &c);
    *at += n > 0 ? n : 1;
    return n > 0 ? c : 0xFFFD;
}

void utf8_add(Buf *out, int32_t character) {
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t n = utf8proc_encode_char(character, bytes);
    buf_add(out, (Str){(const char *)bytes, n});
}

Str text_join(Arena *arena, Str a, Str b) {
    Buf out = {.arena = arena};
    buf_add(&out, a);
    buf_add(&out, b);
    return buf_str(&out);
}

bool unicode_is_space(int32_t c) {
    return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

static bool between(int32_t c, utf8proc_category_t first, utf8proc_category_t last) {
    utf8proc_category_t category = utf8proc_category(c);
    return category >= first && category <= last;
}

static bool ascii_punctuation(int32_t c) {
    return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) ||
           (c >= 123 && c <= 126);
}

bool unicode_is_punctuation(int32_t c) {
    return ascii_punctuation(c) || between(c, UTF8PROC_CATEGORY_PC, UTF8PROC_CATEGORY_PO);
}

bool unicode_is_mark(int32_t c) {
    return utf8proc_category(c) == UTF8PROC_CATEGORY_MN;
}

bool unicode_is_control(int32_t c) {
    if (c == '\t' || c == '\n' || c == '\r')
        return false;
    return between(c, UTF8PROC_CATEGORY_CC, UTF8PROC_CATEGORY_CO) ||
           utf8proc_category(c) == UTF8PROC_CATEGORY_CN;
}

bool unicode_is_number(int32_t c) {
    return between(c, UTF8PROC_CATEGORY_ND, UTF8PROC_CATEGORY_NO);
}

bool unicode_is_word(int32_t c) {
    utf8proc_category_t category = utf8proc_category(c);
    return between(c, UTF8PROC_CATEGORY_LU, UTF8PROC_CATEGORY_NL) ||
           category == UTF8PROC_CATEGORY_PC || c == 0x200C || c == 0x200D;
}

bool unicode_is_cjk(int32_t c) {
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
           (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
           (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

Str unicode_normalize(Arena *arena, Str text, NormalForm form) {
    static const int options[] = {
        [FORM_NFC] = UTF8PROC_COMPOSE,
        [FORM_NFD] = UTF8PROC_DECOMPOSE,
        [FORM_NFKC] = UTF8PROC_COMPOSE | UTF8PROC_COMPAT,
        [FORM_NFKD] = UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT,
    };
    utf8proc_uint8_t *out = NULL;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)text.p, text.n, &out,
                                      (utf8proc_option_t)(options[form] | UTF8PROC_STABLE));
    if (n < 0)
        return text;
    Str copy = str_copy(arena, (Str){(const char *)out, n});
    free(out);
    return copy;
}

/* Rust's to_lowercase(): one character may become two (U+0130). */
Str unicode_lower(Arena *arena, Str text) {
    Buf out = {.arena = arena};
    for (ptrdiff_t at = 0; at < text.n;) {
        int32_t c = utf8_next(text, &at);
        if (c == 0x130)
            buf_add(&out, S("i\xCC\x87"));
        else
            utf8_add(&out, utf8proc_tolower(c));
    }
    return buf_str(&out);
}

ptrdiff_t unicode_grapheme(Str text, ptrdiff_t at) {
    utf8proc_int32_t state = 0;
    int32_t before = utf8_next(text, &at);
    while (at < text.n) {
        ptrdiff_t next = at;
        int32_t c = utf8_next(text, &next);
        if (utf8proc_grapheme_break_stateful(before, c, &state))
            break;
        before = c;
        at = next;
    }
    return at;
}

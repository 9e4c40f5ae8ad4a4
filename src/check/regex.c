/* The differences between Oniguruma and PCRE2 that tokenizers meet: \s is White_Space there (PCRE2
 * adds U+180E), and `\h` is a hexadecimal digit. Limits on steps and stack keep a hostile pattern
 * from taking the machine. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "check/regex.h"

#include <pcre2.h>

enum { MOST_STEPS = 20 * 1000 * 1000, LARGEST_STACK = 8 * 1024 * 1024 };

struct Regex {
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
    bool gave_up;
};

static Str translated(Arena *arena, Str pattern) {
    Buf out = {.arena = arena};
    bool in_class = false;
    for (ptrdiff_t i = 0; i < pattern.n; i++) {
        char c = pattern.p[i], next = i + 1 < pattern.n ? pattern.p[i + 1] : 0;
        if (c == '\\' && (next == 's' || next == 'S')) {
            buf_add(&out, next == 's' ? S("\\p{White_Space}") : S("\\P{White_Space}"));
            i++;
        } else if (c == '\\' && (next == 'h' || next == 'H')) {
            buf_add(&out, in_class      ? S("0-9a-fA-F")
                          : next == 'h' ? S("[0-9a-fA-F]")
                                        : S("[^0-9a-fA-F]"));
            i++;
        } else if (c == '\\' && next) {
            buf_add(&out, str_slice(pattern, i, i + 2));
            i++;
        } else {
            in_class = c == '[' || (in_class && c != ']');
            buf_add_byte(&out, c);
        }
    }
    return buf_str(&out);
}

Regex *regex_compile(Arena *arena, Str pattern, Reasons *reasons) {
    Str text = translated(arena, pattern);
    int error;
    PCRE2_SIZE at;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)text.p, (size_t)text.n,
                                     PCRE2_UTF | PCRE2_UCP | PCRE2_NO_UTF_CHECK, &error, &at, NULL);
    if (!code) {
        PCRE2_UCHAR message[120];
        pcre2_get_error_message(error, message, sizeof message);
        reject(reasons, S("tokenizer.json"), pattern, "regular expression: %s",
               (const char *)message);
        return NULL;
    }
    Regex *regex = new (arena, Regex, 1);
    regex->code = code;
    regex->match = pcre2_match_data_create_from_pattern(code, NULL);
    regex->context = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(regex->context, MOST_STEPS);
    pcre2_set_heap_limit(regex->context, LARGEST_STACK / 1024);
    if (pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0) {
        regex->stack = pcre2_jit_stack_create(32 * 1024, LARGEST_STACK, NULL);
        pcre2_jit_stack_assign(regex->context, NULL, regex->stack);
    }
    return regex;
}

void regex_close(Regex *regex) {
    if (!regex)
        return;
    pcre2_jit_stack_free(regex->stack);
    pcre2_match_context_free(regex->context);
    pcre2_match_data_free(regex->match);
    pcre2_code_free(regex->code);
}

bool regex_find(Regex *regex, Str text, ptrdiff_t from, ptrdiff_t *start, ptrdiff_t *end) {
    while (from <= text.n && !regex->gave_up) {
        int found = pcre2_match(regex->code, (PCRE2_SPTR)(text.p ? text.p : ""), (size_t)text.n,
                                (size_t)from, PCRE2_NO_UTF_CHECK, regex->match, regex->context);
        if (found < 0) {
            regex->gave_up = found != PCRE2_ERROR_NOMATCH;
            return false;
        }
        const PCRE2_SIZE *range = pcre2_get_ovector_pointer(regex->match);
        *start = (ptrdiff_t)range[0];
        *end = (ptrdiff_t)range[1];
        if (*end > *start)
            return true;
        from = *end + 1;
        while (from < text.n && ((unsigned char)text.p[from] & 0xC0) == 0x80)
            from++;
    }
    return false;
}

bool regex_gave_up(const Regex *regex) {
    return regex->gave_up;
}

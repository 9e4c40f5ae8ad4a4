/* The word search against a slow one, on text made to be hard for it. */
#include "base/words.h"
#include "tests/unit.h"

#include <string.h>

static Arena arena;

static bool identifier(char c) {
    return c == '_' || (c & 0x80) || (c >= '0' && c <= '9') ||
           ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static ptrdiff_t slow_next(const Str *words, ptrdiff_t n, Str bytes, ptrdiff_t *from) {
    for (ptrdiff_t i = *from; i < bytes.n; i++) {
        if (!identifier(bytes.p[i]) || (i > 0 && identifier(bytes.p[i - 1])))
            continue;
        ptrdiff_t end = i;
        while (end < bytes.n && identifier(bytes.p[end]))
            end++;
        for (ptrdiff_t k = 0; k < n; k++) {
            if (str_eq(words[k], str_slice(bytes, i, end))) {
                *from = end;
                return k;
            }
        }
    }
    *from = bytes.n;
    return -1;
}

static ptrdiff_t first(WordSet *set, Str bytes) {
    ptrdiff_t from = 0;
    return words_next(set, bytes, &from);
}

static void test_whole_words(void) {
    static const Str words[] = {{"trl", 3}, {"transformers", 12}, {"peft", 4}, {"trl", 3}};
    WordSet *set = words_build(&arena, words, COUNT(words));
    CHECK_INT(first(set, S("import trl")), 0);
    CHECK_INT(first(set, S("trl")), 0);
    CHECK_INT(first(set, S("trl.x")), 0);
    CHECK_INT(first(set, S("from transformers import a\n")), 1);
    CHECK_INT(first(set, S("\"peft\"")), 2);
    CHECK_INT(first(set, S("trlx ctrl _trl trl_ trl2 2trl curl")), -1);
    CHECK_INT(
        first(set, S("\xC3\xA9trl trl\xC3\xA9 Transformers transformer sentence_transformers")),
        -1);
    CHECK_INT(first(set, S("")), -1);
    CHECK_INT(words_number(set, S("trl")), 0);
    CHECK_INT(words_number(set, S("peft")), 2);
    CHECK_INT(words_number(set, S("pef")), -1);
    CHECK_INT(words_number(set, S("")), -1);
    ptrdiff_t from = 0;
    Str text = S("peft(trl)");
    CHECK(words_next(set, text, &from) == 2 && from == 4);
    CHECK(words_next(set, text, &from) == 0 && from == 8);
    CHECK(words_next(set, text, &from) == -1 && from == 9);
    CHECK_INT(first(words_build(&arena, NULL, 0), S("trl")), -1);
}

/* Every word at every distance from the start, between all kinds of neighbours. */
static void test_places(void) {
    static const Str words[] = {{"abc", 3}, {"dtype", 5}, {"load_in_4bit", 12}, {"fp16", 4}};
    WordSet *set = words_build(&arena, words, COUNT(words));
    for (int k = 0; k < COUNT(words); k++) {
        for (int before = 0; before < 70; before++) {
            for (int behind = 0; behind < 40; behind += 3) {
                for (const char *edge = " .(\n\"\t\x01~"; *edge; edge++) {
                    char text[200];
                    int n = 0;
                    for (int i = 0; i < before; i++)
                        text[n++] = i == before - 1 ? *edge : "xy z"[i % 4];
                    memcpy(text + n, words[k].p, (size_t)words[k].n);
                    n += (int)words[k].n;
                    for (int i = 0; i < behind; i++)
                        text[n++] = i == 0 ? *edge : "w v"[i % 3];
                    char *exact =
                        new (&arena, char, n); /* so that ASan sees a read behind the end */
                    memcpy(exact, text, (size_t)n);
                    CHECK_INT(first(set, (Str){exact, n}), k);
                }
            }
        }
    }
    arena_clear(&arena);
}

static void test_against_slow(void) {
    static const Str sets[][5] = {
        {{"a", 1}, {"bb", 2}, {"abab", 4}, {"b", 1}, {"aab", 3}},
        {{"ab", 2}, {"ba", 2}, {"abb", 3}, {"babab", 5}, {"aaaa", 4}},
        {{"aba", 3}, {"bab", 3}, {"abba", 4}, {"aabb", 4}, {"bbbbbbb", 7}},
        {{"abab", 4}, {"babab", 5}, {"ababab", 6}, {"bbaabb", 6}, {"aabaab", 6}},
    };
    uint32_t random = 1;
    for (int s = 0; s < 4; s++) {
        WordSet *set = words_build(&arena, sets[s], 5);
        for (int round = 0; round < 300; round++) {
            ptrdiff_t n = round;
            char *text = new (&arena, char, n);
            for (ptrdiff_t i = 0; i < n; i++) {
                random = random * 1664525 + 1013904223;
                text[i] = "abab. ab"[random >> 29];
            }
            ptrdiff_t from = 0, slow_from = 0, got, want;
            do {
                got = words_next(set, (Str){text, n}, &from);
                want = slow_next(sets[s], 5, (Str){text, n}, &slow_from);
                CHECK_INT(got, want);
                CHECK_INT(from, slow_from);
            } while (got >= 0 && want >= 0);
        }
    }
}

static void test_close(void) {
    arena_close(&arena);
}

UNIT_MAIN(test_whole_words, test_places, test_against_slow, test_close)

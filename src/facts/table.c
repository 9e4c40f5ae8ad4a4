/* The table of words, as words.def lists them. */
#include "facts/words.h"

const Fact fact_table[] = {
#define WORD(word, least, most, kind, help) {#word, least, most, FACT_##kind, ask_##word, help},
#include "facts/words.def"
};

const ptrdiff_t fact_count = COUNT(fact_table);

static const struct {
    const char *word, *needed;
} needs_rows[] = {
#define NEEDS(word, needed) {#word, needed},
#include "facts/words.def"
};

const Fact *fact_find(Str word) {
    for (ptrdiff_t i = 0; i < fact_count; i++)
        if (str_eq(word, str_from(fact_table[i].word)))
            return &fact_table[i];
    return NULL;
}

const char *fact_needs(const Fact *fact) {
    for (ptrdiff_t i = 0; i < COUNT(needs_rows); i++)
        if (str_eq(str_from(needs_rows[i].word), str_from(fact->word)))
            return needs_rows[i].needed;
    return NULL;
}

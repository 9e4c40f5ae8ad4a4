/* The table of words, as words.def lists them. */
#include "facts/words.h"

const Fact fact_table[] = {
#define WORD(word, least, most, kind, help) {#word, least, most, FACT_##kind, ask_##word, help},
#include "facts/words.def"
#undef WORD
};

const ptrdiff_t fact_count = COUNT(fact_table);

const Fact *fact_find(Str word) {
    for (ptrdiff_t i = 0; i < fact_count; i++)
        if (str_eq(word, str_from(fact_table[i].word)))
            return &fact_table[i];
    return NULL;
}

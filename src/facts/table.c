/* The table of words, as words.def lists them. */
#include "facts/words.h"
#include "python/cache.h"

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

Answer fact_ask(const Fact *fact, const FactContext *context, const FactArg *args, int n) {
    if (fact->max_args > 0 || !str_starts(str_from(fact->help), S("file:")))
        return fact->ask(context, args, n);
    void **slot = cache_slot(context->module, fact, 0);
    if (!*slot) {
        Answer *answer = new (context->module->arena, Answer, 1);
        *answer = fact->ask(context, args, n);
        *slot = answer;
    }
    return *(const Answer *)*slot;
}

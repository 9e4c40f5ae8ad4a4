/* Words before trees: most files are done with here.
 *
 * A first search stops at the first name of a library; a file without any is no Hugging Face code,
 * whatever its methods are called. A second one goes on until every word of the selected transforms
 * is seen or the file ends, and each transform asks whether one of its conjunctions is complete.
 * Both err on the side of parsing: they see strings and comments as they see code.
 *
 * The user's own patches may be about any library, so with one of them there is no first search. */
#include "transform/prefilter.h"

#include <string.h>

#include "base/words.h"

/* The packages that a transform can be about, by the names they are imported under. `evaluate` is
 * not here: it is a method's name in most programs. `from_pretrained` is no package: a file that
 * has its classes from a module of the project names none, and neither is `huggingface`, which a
 * file names that runs huggingface-cli. */
static const Str libraries[] = {
    {"transformers", 12}, {"huggingface_hub", 15},
    {"datasets", 8},      {"peft", 4},
    {"trl", 3},           {"accelerate", 10},
    {"diffusers", 9},     {"sentence_transformers", 21},
    {"tokenizers", 10},   {"safetensors", 11},
    {"optimum", 7},       {"bitsandbytes", 12},
    {"setfit", 6},        {"from_pretrained", 15},
    {"huggingface", 11},  {"load_metric", 11},
};

bool prefilter_is_library(Str name) {
    if (str_eq(name, S("evaluate")))
        return true;
    for (ptrdiff_t i = 0; i < COUNT(libraries); i++)
        if (str_eq(name, libraries[i]))
            return true;
    return false;
}

typedef struct Conjunction {
    ptrdiff_t entry;
    uint16_t *words; /* numbers in the word set */
    ptrdiff_t n;     /* 0: holds in any file */
} Conjunction;

struct Prefilter {
    const WordSet *gate; /* NULL: every file passes */
    const WordSet *words;
    const WordSet *runners; /* of the shell's: names of functions that run a command */
    ptrdiff_t n_entries;
    ptrdiff_t distinct; /* words that differ */
    List(Conjunction) conjunctions;
};

/* Adds the entry's conjunctions with their words, whose numbers are not known yet. */
static void read_entry(Prefilter *prefilter, Arena *arena, const Entry *entry, ptrdiff_t index,
                       Str *words, ptrdiff_t *n) {
    const char *const *word = entry->words;
    if (!word || !*word)
        list_push(arena, &prefilter->conjunctions)->entry = index;
    while (word && *word) {
        Conjunction *conjunction = list_push(arena, &prefilter->conjunctions);
        conjunction->entry = index;
        for (; *word; word++) {
            conjunction->n++;
            words[(*n)++] = str_from(*word);
        }
        word++;
    }
}

static ptrdiff_t count_words(const Entry *entries, ptrdiff_t n) {
    ptrdiff_t words = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        const char *const *word = entries[i].words;
        for (; entries[i].selected && word && *word; word++) {
            for (; *word; word++)
                words++;
        }
    }
    return words;
}

Prefilter *prefilter_build(Arena *arena, const Entry *entries, ptrdiff_t n) {
    Prefilter *prefilter = new (arena, Prefilter, 1);
    prefilter->n_entries = n;
    bool gated = true;
    ptrdiff_t n_words = 0;
    Str *words = new (arena, Str, count_words(entries, n));
    for (ptrdiff_t i = 0; i < n; i++) {
        if (!entries[i].selected)
            continue;
        gated = gated && !entries[i].own;
        read_entry(prefilter, arena, &entries[i], i, words, &n_words);
    }
    if (gated)
        prefilter->gate = words_build(arena, libraries, COUNT(libraries));
    prefilter->words = words_build(arena, words, n_words);
    /* A word that has no place in the set counts as seen: its transform is asked more often. */
    ptrdiff_t at = 0;
    for (ptrdiff_t i = 0; i < prefilter->conjunctions.n; i++) {
        Conjunction *conjunction = &prefilter->conjunctions.v[i];
        ptrdiff_t wanted = conjunction->n;
        conjunction->words = new (arena, uint16_t, wanted);
        conjunction->n = 0;
        for (ptrdiff_t end = at + wanted; at < end; at++) {
            ptrdiff_t number = words_number(prefilter->words, words[at]);
            prefilter->distinct += number == at;
            if (number >= 0)
                conjunction->words[conjunction->n++] = (uint16_t)number;
        }
    }
    return prefilter;
}

/* The selected entries that have rules of one of the two sorts. */
static Entry *entries_with(Arena *arena, const Registry *registry, bool shell, ptrdiff_t *n) {
    const Entry *all = registry_entries(registry, n);
    Entry *entries = new (arena, Entry, *n + 1);
    for (ptrdiff_t i = 0; i < *n; i++) {
        entries[i] = all[i];
        entries[i].selected &= shell ? all[i].has_shell : all[i].has_python;
        entries[i].words = shell ? all[i].shell_words : all[i].words;
        entries[i].own |= shell;
    }
    return entries;
}

Prefilter *prefilter_open(Arena *arena, const Registry *registry) {
    ptrdiff_t n;
    const Entry *entries = entries_with(arena, registry, false, &n);
    return prefilter_build(arena, entries, n);
}

Prefilter *prefilter_open_shell(Arena *arena, const Registry *registry) {
    ptrdiff_t n;
    const Entry *entries = entries_with(arena, registry, true, &n);
    if (!registry_has_shell(registry))
        return NULL;
    static const Str runners[] = {{"subprocess", 10}, {"system", 6}, {"popen", 5}};
    Prefilter *prefilter = prefilter_build(arena, entries, n);
    prefilter->runners = words_build(arena, runners, COUNT(runners));
    return prefilter;
}

static bool holds(const Conjunction *conjunction, const uint64_t *seen) {
    for (ptrdiff_t i = 0; i < conjunction->n; i++) {
        uint16_t word = conjunction->words[i];
        if (!(seen[word >> 6] >> (word & 63) & 1))
            return false;
    }
    return true;
}

Gate prefilter_scan(const Prefilter *prefilter, Str bytes, bool *candidates) {
    if (prefilter->n_entries)
        memset(candidates, 0, (size_t)prefilter->n_entries * sizeof *candidates);
    ptrdiff_t from = 0;
    if (prefilter->gate && words_next(prefilter->gate, bytes, &from) < 0)
        return GATE_NO_LIBRARY;
    uint64_t seen[WORDS_MAX / 64] = {0};
    ptrdiff_t found = 0, word;
    from = 0;
    while (found < prefilter->distinct &&
           (word = words_next(prefilter->words, bytes, &from)) >= 0) {
        uint64_t bit = (uint64_t)1 << (word & 63);
        found += !(seen[word >> 6] & bit);
        seen[word >> 6] |= bit;
    }
    Gate gate = GATE_NO_WORDS;
    for (ptrdiff_t i = 0; i < prefilter->conjunctions.n; i++) {
        const Conjunction *conjunction = &prefilter->conjunctions.v[i];
        if (candidates[conjunction->entry] || !holds(conjunction, seen))
            continue;
        candidates[conjunction->entry] = true;
        gate = GATE_OPEN;
    }
    return gate;
}

Gate prefilter_scan_strings(const Prefilter *prefilter, Str bytes, bool *candidates) {
    ptrdiff_t from = 0, word;
    while ((word = words_next(prefilter->runners, bytes, &from)) > 0) {
        ptrdiff_t at = from - (word == 1 ? 6 : 5);
        if (str_eq(str_slice(bytes, at - 3, at), S("os.")))
            break;
    }
    return word < 0 ? GATE_NO_WORDS : prefilter_scan(prefilter, bytes, candidates);
}

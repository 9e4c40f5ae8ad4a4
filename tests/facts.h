/* Questions of the fact table about snippets of Python. A test includes this once. */
#ifndef HFFIX_TESTS_FACTS_H
#define HFFIX_TESTS_FACTS_H

#include "facts/facts.h"

#include "tests/snippet.h"

static Project project;

/* The word about the expression between dollar signs; about the literal where there is none. */
static inline Answer ask(const char *word, const char *code, Str literal) {
    Node node = 0;
    const Module *module = snippet_marked(code, &node);
    FactContext context = {.module = module, .project = &project};
    FactArg args[2] = {{.node = node, .text = node ? module_text(module, node) : literal}};
    const Fact *fact = fact_find(str_from(word));
    if (!fact) {
        fprintf(stderr, "no word %s\n", word);
        return (Answer){.tri = TRI_UNKNOWN};
    }
    return fact->ask(&context, args, 1);
}

static inline void expect(const char *word, char want, const char *code, const char *file,
                          int line) {
    Answer answer = ask(word, code, (Str){0});
    char got = "nyu"[answer.tri];
    unit_checks++;
    if (got == want)
        return;
    unit_failures++;
    fprintf(stderr, "%s:%d: %s is '%c' (%s), want '%c'\n%s\n\n", file, line, word, got,
            answer.why ? answer.why : "", want, code);
}

#define ASKED(word, want, code) expect(word, want, code, __FILE__, __LINE__)

#define CAUSAL \
    "from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline\nimport torch\n"

#endif

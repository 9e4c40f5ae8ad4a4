/* The words that a transform may ask after `when`: one table, one C function a word, three-valued
 * answers.
 *
 * To add one: a row in words.def with a line of help, the function in the file of its subject,
 * a fixture that it decides. What is known of libraries (classes, families of models, methods that
 * return their object) is data in the *.def files. */
#ifndef HFFIX_FACTS_FACTS_H
#define HFFIX_FACTS_FACTS_H

#include "project/project.h"
#include "python/flow.h"

typedef enum Tri { TRI_NO, TRI_YES, TRI_UNKNOWN } Tri;

typedef struct Answer {
    Tri tri; /* of a word with a number: TRI_YES when the number is known, else TRI_UNKNOWN */
    double number;
    Str text;        /* for computed holes: what the hole takes; empty: none */
    Node node;       /* the same as a node, when there is one */
    const char *why; /* a few words for --explain: "no use of the model in the file"; may be NULL */
} Answer;

typedef struct FactArg {
    Node node; /* an expression of the file; 0 for a literal */
    Str text;  /* its text, or the literal's */
} FactArg;

typedef struct FactContext {
    const Module *module;
    const Project *project;
    Node site;           /* the call that the rule looks at; 0 where there is none */
    const Str *keywords; /* that the rule takes away or brings at it */
    ptrdiff_t n_keywords;
} FactContext;

/* args[0] is the value of the matched call where the transform gave no argument. */
typedef Answer FactAsk(const FactContext *context, const FactArg *args, int n);

typedef struct Fact {
    const char *word;
    int min_args, max_args; /* as written in a transform, without the implied one */
    enum {
        FACT_CONDITION,
        FACT_NUMBER,
        FACT_VERSION,
        FACT_VALUE
    } kind; /* yes/no; compared; fills a computed hole */
    FactAsk *ask;
    const char *help; /* one line, for --explain and the transforms' README */
} Fact;

extern const Fact fact_table[];
extern const ptrdiff_t fact_count;
const Fact *fact_find(Str word); /* NULL: no such word */
/* The fact's answer; one about the whole file is asked once for its module. */
Answer fact_ask(const Fact *fact, const FactContext *context, const FactArg *args, int n);
/* An identifier or string that a file must hold for the answer to be yes, or several of which it
 * must hold one, as in "a|b"; "name()": it must be called. NULL: none. */
const char *fact_needs(const Fact *fact);

/* Whether the value's type is the qualified class or one below it:
 * "transformers.PreTrainedTokenizerBase", "transformers.PreTrainedModel",
 * "transformers.BatchEncoding", "transformers.TrainingArguments", … By constructor (from_pretrained
 * of a class, the class called), annotation, base class, attribute set in __init__, result of a
 * local function. */
Tri type_is(const FactContext *context, Node expression, Str qualified_class);
/* Names, separated by '|', of which a file must hold one for type_is() to say yes of anything in
 * it: those of the class, of classes below it and of functions that give such values; the
 * library's, where these are too many to name. Empty when no name is sure to be there. */
Str type_needs(Arena *arena, Str qualified_class);

/* Whether a method gives back its own object ("to", "eval", "cuda", "half", …): PassThrough of
 * python/flow.h. */
bool library_returns_self(const Module *module, Str method);

#endif

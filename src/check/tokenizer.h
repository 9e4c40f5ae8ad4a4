/* tokenizer.json and tokenizer_config.json: from a text to the ids that AutoTokenizer gives. */
#ifndef HFFIX_CHECK_TOKENIZER_H
#define HFFIX_CHECK_TOKENIZER_H

#include "checkpoint/reason.h"

typedef struct Tokenizer Tokenizer;

typedef struct TokenizerFacts {
    int32_t pad_id, eos_id, bos_id; /* -1: none */
    int64_t tokens;                 /* with added ones: len(tokenizer) */
    int32_t largest_id;
    bool pads_left;
    bool says_right; /* tokenizer_config.json asks for padding on the right */
    bool pad_added;  /* pad_token was not in the vocabulary and got a new id */
} TokenizerFacts;

/* Reads a folder's tokenizer as transformers 5 does for a model of `model_type`. Writes to *out
 * even when it fails, for tokenizer_close(); false after adding rejects. */
bool tokenizer_open(Arena *arena, Str folder, Str model_type, Tokenizer **out, Reasons *reasons);
void tokenizer_close(Tokenizer *tokenizer);
int32_t tokenizer_token(const Tokenizer *tokenizer, Str content); /* its id; -1: none */
TokenizerFacts tokenizer_facts(const Tokenizer *tokenizer);

typedef struct Ids {
    int32_t *v;
    ptrdiff_t n, capacity;
} Ids;

/* Ids with the special tokens that the post-processor adds. False: a pattern took too long. */
bool tokenizer_encode(Tokenizer *tokenizer, Arena *arena, Str text, Ids *out);

#endif

/* The texts that a call of a tokenizer gets; private to src/facts. */
#ifndef HFFIX_FACTS_TEXTS_H
#define HFFIX_FACTS_TEXTS_H

#include "facts/subject.h"

/* In this order: from COUNT_LIST on texts may differ in length. */
typedef enum Count {
    COUNT_UNKNOWN,
    COUNT_ONE,
    COUNT_COPIES, /* a list of one text again and again */
    COUNT_LIST,   /* a list, of how many is not known */
    COUNT_MANY
} Count;

/* The tokenizer call that the argument stands for, moves and items taken off; 0: none. */
Node tokenizer_call(const FactContext *context, FactArg arg);

/* The text that the call gets; 0: none. */
Node text_argument(const FactContext *context, Node call);
Count texts_of(const FactContext *context, Node call);

#endif

/* The words that a simple regular expression stands for. */
#ifndef HFFIX_TRANSFORM_LITERALS_H
#define HFFIX_TRANSFORM_LITERALS_H

#include "base/list.h"
#include "base/str.h"

typedef List(Str) Literals;

/* All strings that the expression matches, where it is anchored at both ends and built from
 * letters, digits, `_`, groups, `|` and `?` alone: "^(Seq2Seq)?TrainingArguments$". False for any
 * other, and when there are too many. */
bool regex_literals(Arena *arena, Str regex, Literals *literals);

/* The longest text that stands in whatever the expression matches, as far as is seen at a glance:
 * ".cache/huggingface" for "\\.cache/huggingface/?$". Empty when there is none. */
Str regex_fixed(Arena *arena, Str regex);

/* An expression that is met in a text that holds a word of this one, where it is simple enough:
 * "(?<![A-Za-z0-9_])(?:TF[A-Z])" for "^TF[A-Z]". Empty for others. */
Str regex_of_words(Arena *arena, Str regex);

#endif

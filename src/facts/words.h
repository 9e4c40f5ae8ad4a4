/* One function for each word of words.def. */
#ifndef HFFIX_FACTS_WORDS_H
#define HFFIX_FACTS_WORDS_H

#include "facts/subject.h"

#define WORD(word, least, most, kind, help) ASK(ask_##word);
#include "facts/words.def"

#endif

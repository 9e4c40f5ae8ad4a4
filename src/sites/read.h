/* What the files of this room share. Not for other rooms. */
#ifndef HFFIX_SITES_READ_H
#define HFFIX_SITES_READ_H

#include "facts/subject.h"
#include "sites/load_site.h"

/* Which transformers the project runs on, as far as it matters here. */
typedef enum Generation { GENERATION_UNKNOWN, GENERATION_4, GENERATION_5 } Generation;
Generation generation_of(const FactContext *context);

/* The expression that gives the value, through names, parameters and functions. */
Node resolve(const FactContext *context, Node expression);
/* Adds the value as JSON: constants, types of torch, lists, dicts, a BitsAndBytesConfig. False when
 * it cannot be followed; what was added is then no JSON. */
bool add_value(const FactContext *context, Node expression, Buf *out);
/* The one string, not a default that may be another. */
bool known_string(const FactContext *context, Node expression, Str *text);
bool known_number(const FactContext *context, Node expression, int64_t *number);

/* Fills load, open, opaque and what is wrong with the arguments together. */
void read_arguments(const FactContext *context, LoadSite *site);
/* Finds the tokenizer of a site, and reads it. */
void read_tokenizer(const FactContext *context, LoadSite *site);
/* What becomes of the model: generate's arguments, moves and casts that fail. */
void read_uses(const FactContext *context, LoadSite *site);

void add_problem(const FactContext *context, LoadSite *site, bool fatal, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Whether an argument was read: its JSON; empty when it was not. */
Str read_argument(const LoadSite *site, const char *name);

#endif

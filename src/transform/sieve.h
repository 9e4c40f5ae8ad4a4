/* Which transforms can match a piece of Python, told from its lines alone.
 *
 * Words stand in many files that no rule touches: in comments, in strings, in calls that lack an
 * argument. The sieve cuts out the logical lines that hold them and looks at those only; where it
 * says no, matching everything would find nothing, and the file is never parsed whole. */
#ifndef HFFIX_TRANSFORM_SIEVE_H
#define HFFIX_TRANSFORM_SIEVE_H

#include "transform/engine.h"

typedef struct Sieve Sieve;

/* Over the selected entries of a registry, which must outlive it. */
Sieve *sieve_open(Arena *arena, const Registry *registry);
void sieve_close(Sieve *sieve); /* compiled expressions; NULL is fine */

/* Clears candidates (by registry index) that are sure to have neither a match nor something to tell
 * about in this text. False when none is left. Many threads may ask one sieve, each with a parser
 * and an arena of its own. */
bool sieve_pass(const Engine *engine, Sieve *sieve, Parser *parser, Arena *arena,
                const Source *source, bool *candidates);

/* For sieve.c: whether `object` of `object.word(…)`, in a tree of lines cut out of `text`, can be a
 * class of a library, or a name for one, that `matches` accepts. False only when it surely is
 * not. */
typedef bool NameTest(void *context, Str name);
bool sieve_receiver(const Tree *tree, Node object, Str text, NameTest *matches, void *context);

Node sieve_strip(const Tree *tree, Node node); /* without the parentheses around it */

#endif

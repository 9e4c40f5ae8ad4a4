/* The places of a file where a rule may match, looked up by the last name of its anchor. */
#ifndef HFFIX_TRANSFORM_SITES_H
#define HFFIX_TRANSFORM_SITES_H

#include "transform/patch.h"

typedef struct Sites Sites;

Sites *sites_read(const Module *module);

/* Calls whose callee's last name is `word`, by the name that an import alias stands for; attributes
 * of that name; statements of a kind. In source order, in the module's arena. */
const Node *sites_calls(const Sites *sites, Str word, ptrdiff_t *n);
const Node *sites_attributes(const Sites *sites, Str word, ptrdiff_t *n);
const Node *sites_statements(const Sites *sites, Kind kind, ptrdiff_t *n);

/* Every site that a rule has to be tried at. */
const Node *sites_of_rule(const Sites *sites, const Rule *rule, ptrdiff_t *n);

#endif

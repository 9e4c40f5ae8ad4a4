/* --verify: what becomes of the load sites of a run's files. */
#ifndef HFFIX_CLI_VERIFY_H
#define HFFIX_CLI_VERIFY_H

#include "cli/commands.h"
#include "document/document.h"

typedef struct Verify Verify;

/* What is told of one site. */
typedef struct SiteVerdict {
    uint32_t line; /* of the piece, as the run leaves it */
    Str id;        /* or what the file writes in its place */
    Str class_name, load, text, json;
    bool rejected, withheld; /* withheld: edits that would have made it fail */
} SiteVerdict;

typedef struct SiteVerdicts {
    const SiteVerdict *v;
    ptrdiff_t n;
} SiteVerdicts;

Verify *verify_open(Program *program); /* NULL when it is not asked for */
void verify_close(Verify *verify);     /* NULL is fine */

/* Whether a text that no transform has to do with is to be looked at all the same. */
bool verify_wants(const Verify *verify, Str text);

/* Checks the sites of a piece that the outcome (NULL: nothing was looked for) has rewritten, or all
 * of them. Edits with which a site would no longer load are taken out of the outcome. Several
 * threads may ask; the answers wait for one another. */
SiteVerdicts verify_piece(Verify *verify, Parser *parser, Arena *arena, const Engine *engine,
                          const Source *source, const bool *candidates, Outcome **outcome,
                          Diagnostics *diagnostics);

/* Takes over what is to be told of a piece, in the order of files. */
void verify_add(Verify *verify, Str path, const Document *document, ptrdiff_t piece,
                SiteVerdicts verdicts);
/* Prints everything. True when some site does not load. */
bool verify_tell(Verify *verify);

#endif

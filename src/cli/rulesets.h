/* The transforms that are wanted, for files with the same settings: in most runs one set for all.
 */
#ifndef HFFIX_CLI_RULESETS_H
#define HFFIX_CLI_RULESETS_H

#include "cli/commands.h"
#include "project/settings.h"
#include "transform/sieve.h"

typedef struct Ruleset {
    Registry *registry;
    Prefilter *prefilter;
    Prefilter *shell_prefilter; /* of the rules for text that is no Python; NULL: there are none */
    bool has_keys; /* some of these are of arguments, which files of settings have too */
    Sieve *sieve;
    ptrdiff_t n; /* transforms in the registry */
    const WrapperSetting *wrappers;
    ptrdiff_t n_wrappers;
} Ruleset;

typedef struct Rulesets Rulesets;

Rulesets *rulesets_open(Program *program);
void rulesets_close(Rulesets *rulesets);
ptrdiff_t rulesets_largest(const Rulesets *rulesets); /* most transforms in one of them */

/* Those of files with these settings, about which these entries of per-path are (config_paths). Not
 * by several threads at once. NULL after adding errors: names that are not known, at the place in
 * the settings, and what registry_open() finds. */
const Ruleset *ruleset_of(Rulesets *rulesets, const UserSettings *config, uint64_t paths);

/* prefilter_scan() of a text, in which names of wrappers count as what they stand for; then the
 * sieve, which knows none, must be left out: `*wrapped`. */
Gate ruleset_scan(const Ruleset *ruleset, Arena *arena, Str text, bool *candidates, bool *wrapped);

#endif

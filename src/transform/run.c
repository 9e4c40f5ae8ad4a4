/* Matches of the transforms in one text, found when first asked for, because a condition
 * `fires(NAME)` of one transform asks for those of another. The registry has made sure that such
 * questions end. */
#include "transform/run.h"

#include <string.h>

#include "project/own_modules.h"
#include "project/reexports.h"
#include "transform/prefilter.h"

/* ---- versions ---- */

/* "transformers 4.56" */
static bool read_requirement(Str text, Str *library, Version *version) {
    Str rest;
    return str_cut(text, ' ', library, &rest) && version_parse(str_trim(rest), version);
}

/* A bare name in a dependency list pins nothing. */
static bool is_bounded(Range range) {
    return version_compare(range.floor, (Version){0}) > 0 || range.ceiling.part[0] != UINT32_MAX;
}

/* A library's own source is not moved to its other versions: what a rule would rename is defined
 * there. */
static bool is_library_itself(const Source *source, Str library) {
    Str root, rest;
    str_cut(source->package, '.', &root, &rest);
    return root.n && str_eq(root, library);
}

/* Whether the new form works in all that the project supports, of each library that `since` names.
 */
static bool supports_since(const Project *project, const RuleLimits *limits, Arena *arena,
                           Str *why) {
    Str rest = limits->since, one, library;
    Version since;
    while (rest.n) {
        str_cut(rest, ',', &one, &rest);
        if (!read_requirement(str_trim(one), &library, &since))
            continue;
        Range range = project_range(project, library);
        bool pinned = range.known && is_bounded(range);
        Version floor = pinned ? range.floor : project_companion_floor(project, library);
        if (version_compare(floor, since) >= 0 || (!pinned && limits->removed.n > 0))
            continue;
        if (why)
            *why = str_format(arena, "its new form needs %.*s, and the project %s",
                              STR_ARG(str_trim(one)),
                              pinned ? "supports older versions" : "declares no versions");
        return false;
    }
    return true;
}

bool run_permits(const Engine *engine, const Project *project, const Source *source,
                 const Entry *entry, const RuleLimits *limits, Arena *arena, Str *why) {
    Str library;
    Version removed;
    bool ok = true;
    if (!limits->since.n && read_requirement(limits->removed, &library, &removed)) {
        Range range = project_range(project, library);
        ok = !range.known || version_compare(range.ceiling, removed) > 0;
        if (!ok && why)
            *why = str_format(arena, "the project supports no version from %.*s on",
                              STR_ARG(limits->removed));
    } else {
        ok = supports_since(project, limits, arena, why);
    }
    if (ok && is_library_itself(source, limits->library)) {
        ok = false;
        if (why)
            *why = S("the file is part of that library itself");
    }
    bool edits = limits->tier != TIER_ADVICE || entry->applied_advice;
    if (ok && engine->safe_only && limits->tier != TIER_SAFE && edits) {
        ok = false;
        if (why)
            *why = S("--safe leaves out what is not of tier safe");
    }
    return ok;
}

bool run_allows(const Run *run, const Entry *entry, const Rule *rule, Str *why) {
    RuleLimits limits = {rule->tier, rule_library(rule), rule->since, rule->removed};
    return run_permits(run->engine, run->facts.project, run->module->source, entry, &limits,
                       run->arena, why);
}

bool run_edits(const Entry *entry, const Rule *rule) {
    return rule->tier != TIER_ADVICE || entry->applied_advice;
}

/* ---- fires ---- */

static const Match *fires_at(void *host, Str name, Node site) {
    Run *run = host;
    ptrdiff_t index = registry_find(run->engine->registry, name);
    if (index < 0)
        return NULL;
    ptrdiff_t n;
    const Entry *entry = &registry_entries(run->engine->registry, &n)[index];
    const TransformRun *transform = run_transform(run, index);
    for (ptrdiff_t i = 0; i < transform->matches.n; i++)
        if (transform->matches.v[i]->site == site &&
            run_edits(entry, transform->matches.v[i]->rule))
            return transform->matches.v[i];
    return NULL;
}

/* ---- runs ---- */

/* Where a module's names are looked up. */
typedef struct Surroundings {
    const Project *project;
    Str path;
} Surroundings;

static Str reexported(void *context, Str qualified) {
    const Surroundings *at = context;
    return reexport_of(at->project, at->path, qualified);
}

/* Only libraries' names are looked for: of others nothing is asked. */
static bool is_own_module(void *context, Str name) {
    const Surroundings *at = context;
    return prefilter_is_library(name) && own_module(at->project, at->path, name);
}

const Module *run_module(const Engine *engine, Arena *arena, const Source *source,
                         const Tree *tree) {
    const Project *project = project_of(engine->projects, source->path);
    Surroundings *at = new (arena, Surroundings, 1);
    *at = (Surroundings){project, source->path};
    Module *module =
        module_read_among(arena, source, tree, (Neighbours){reexported, is_own_module, at});
    module->wrappers = project->wrappers;
    module->n_wrappers = project->n_wrappers;
    return module;
}

Run *run_open(const Engine *engine, Arena *arena, const Module *module, const bool *candidates) {
    Run *run = new (arena, Run, 1);
    ptrdiff_t n;
    registry_entries(engine->registry, &n);
    *run = (Run){
        .engine = engine,
        .arena = arena,
        .candidates = candidates,
        .module = module,
        .facts = {.module = module, .project = project_of(engine->projects, module->source->path)},
        .sites = sites_read(module),
        .suppressions = suppressions_read(module),
        .only = engine->only,
        .transforms = new (arena, TransformRun, n),
        .n = n,
    };
    return run;
}

Matcher run_matcher(Run *run, const Transform *transform) {
    return (Matcher){
        .arena = run->arena,
        .facts = run->facts,
        .sites = run->sites,
        .transform = transform,
        .fires_at = fires_at,
        .host = run,
    };
}

static bool site_taken(const TransformRun *transform, Node site) {
    for (ptrdiff_t i = 0; i < transform->matches.n; i++)
        if (transform->matches.v[i]->site == site)
            return true;
    return false;
}

static bool site_withheld(const TransformRun *transform, Node site) {
    for (ptrdiff_t i = 0; i < transform->withheld.n; i++)
        if (transform->withheld.v[i].site == site)
            return true;
    return false;
}

static bool is_kept_from(const Run *run, Str transform, Node node) {
    for (ptrdiff_t i = 0; node && i < run->kept_out.n; i++)
        if (str_eq(run->kept_out.v[i].transform, transform) &&
            is_on_lines(run->module, run->kept_out.v[i].lines, node))
            return true;
    return is_suppressed(run->suppressions, transform, node);
}

/* Whether a comment of the author's keeps the transform from the site, or from a place that it
 * would edit. */
static bool is_kept_out(const Run *run, const Matcher *matcher, const Match *match, Node site) {
    Str name = matcher->transform->name;
    if (run->only && !is_on_lines(run->module, run->only, site))
        return true;
    if (is_kept_from(run, name, site))
        return true;
    for (Node node = 1; match && node < matcher->rule->before.tree->n; node++)
        if (match->args[node] && is_kept_from(run, name, match->args[node]->whole))
            return true;
    for (ptrdiff_t i = 0; match && i < match->n_places; i++)
        if (is_kept_from(run, name, match->places[i]))
            return true;
    for (ptrdiff_t i = 0; match && i < match->n_occurrences; i++)
        if (is_kept_from(run, name, match->occurrences[i].statement))
            return true;
    return false;
}

/* Of a symbol of which something is told, uses through a module count once. */
static bool is_told(const Run *run, const TransformRun *transform, const Match *match) {
    const Tree *tree = run->module->tree;
    for (ptrdiff_t i = 0; match->symbol.n && i < transform->matches.n; i++) {
        const Match *other = transform->matches.v[i];
        if (other->rule == match->rule && str_eq(other->symbol, match->symbol) &&
            match->rule->actions->kind == ACTION_NOTE &&
            node_kind(tree, match->site) == NODE_ATTRIBUTE &&
            node_kind(tree, other->site) == NODE_ATTRIBUTE)
            return true;
    }
    return false;
}

static void run_rule(Run *run, TransformRun *transform, Matcher *matcher, const Rule *rule) {
    ptrdiff_t n;
    const Node *sites = sites_of_rule(run->sites, rule, &n);
    for (ptrdiff_t i = 0; i < n; i++) {
        if (site_taken(transform, sites[i]))
            continue;
        Str reason = {0};
        Match *match = match_rule(matcher, rule, sites[i], &reason);
        if (match && is_told(run, transform, match))
            continue;
        if ((match || reason.n) && is_kept_out(run, matcher, match, sites[i]))
            continue;
        if (match)
            *list_push(run->arena, &transform->matches) = match;
        else if (reason.n && !site_withheld(transform, sites[i]))
            *list_push(run->arena, &transform->withheld) =
                (Withheld){matcher->transform, sites[i], reason};
    }
}

const TransformRun *run_transform(Run *run, ptrdiff_t index) {
    TransformRun *result = &run->transforms[index];
    ptrdiff_t n;
    const Entry *entry = &registry_entries(run->engine->registry, &n)[index];
    if (result->done || result->running || !run->candidates[index] || !entry->selected)
        return result;
    result->running = true;
    const Transform *transform = registry_transform(run->engine->registry, index);
    Matcher matcher = run_matcher(run, transform);
    for (ptrdiff_t i = 0; transform && i < transform->n_rules; i++)
        if (!transform->rules[i].shell && run_allows(run, entry, &transform->rules[i], NULL))
            run_rule(run, result, &matcher, &transform->rules[i]);
    ptrdiff_t left = 0; /* what another rule of the transform has taken is not withheld */
    for (ptrdiff_t i = 0; i < result->withheld.n; i++)
        if (!site_taken(result, result->withheld.v[i].site))
            result->withheld.v[left++] = result->withheld.v[i];
    result->withheld.n = left;
    result->running = false;
    result->done = true;
    return result;
}

/* Why a transform does, or does not, change a line: its rules are tried at each site there with the
 * trace on. */
#include "transform/engine.h"
#include "transform/rewrite.h"
#include "transform/run.h"

static bool on_line(const Module *module, Node site, uint32_t line) {
    Span span = node_span(module->tree, statement_of(module, site));
    return source_line(module->source, span.at) <= line &&
           line <= source_line(module->source, span.end);
}

/* What keeps the edits of a match from being made; NULL: nothing. */
static const char *what_fails(Run *run, Parser *parser, const Match *match) {
    Plan *plan = plan_open(run->module, parser, (Style){88, true, '"'});
    int group = rewrite_match(plan, run->arena, run->module, match);
    plan_edits(plan);
    const char *reason = NULL;
    return plan_group_state(plan, group, &reason) == GROUP_FAILED ? reason : NULL;
}

static void explain_site(Run *run, Parser *parser, Buf *out, const Entry *entry, Matcher *matcher,
                         const Rule *rule, Node site) {
    const Module *module = run->module;
    Str text, rest, why;
    str_cut(module_text(module, site), '\n', &text, &rest);
    uint32_t at = node_span(module->tree, site).at;
    buf_format(out, "%.*s:%u:%u: rule of line %u at `%.*s%s`\n", STR_ARG(module->source->path),
               source_line(module->source, at), source_column(module->source, at), rule->line,
               STR_ARG(text), rest.n ? " …" : "");
    matcher->trace = out;
    const Match *match = match_rule(matcher, rule, site, NULL);
    matcher->trace = NULL;
    if (!match)
        return;
    const char *fails = run_edits(entry, rule) ? what_fails(run, parser, match) : NULL;
    if (!run_allows(run, entry, rule, &why))
        buf_format(out, "    it matches, but %.*s\n", STR_ARG(why));
    else if (fails)
        buf_format(out, "    it matches, but %s\n", fails);
    else
        buf_format(out, "    it matches%s\n",
                   run_edits(entry, rule) ? "" : ": advice, nothing is edited");
}

Str engine_explain(const Engine *engine, Parser *parser, Arena *arena, const Source *source,
                   ptrdiff_t transform, uint32_t line) {
    ptrdiff_t n;
    const Entry *entries = registry_entries(engine->registry, &n);
    Buf out = {.arena = arena};
    Tree *tree = syntax_parse(parser, arena, GRAMMAR_PYTHON, source->parse_text);
    const Transform *parsed = registry_transform(engine->registry, transform);
    if (!tree || !parsed)
        return buf_str(&out);
    bool *candidates = new (arena, bool, n + 1);
    for (ptrdiff_t i = 0; i < n; i++)
        candidates[i] = true;
    Run *run = run_open(engine, arena, run_module(engine, arena, source, tree), candidates);
    Matcher matcher = run_matcher(run, parsed);
    for (ptrdiff_t r = 0; r < parsed->n_rules; r++) {
        if (parsed->rules[r].shell)
            continue;
        ptrdiff_t sites_n;
        const Node *sites = sites_of_rule(run->sites, &parsed->rules[r], &sites_n);
        for (ptrdiff_t i = 0; i < sites_n; i++)
            if (on_line(run->module, sites[i], line))
                explain_site(run, parser, &out, &entries[transform], &matcher, &parsed->rules[r],
                             sites[i]);
    }
    if (out.n == 0)
        buf_format(&out, "%.*s:%u: nothing on this line that %.*s looks at\n",
                   STR_ARG(source->path), line, STR_ARG(entries[transform].name));
    return buf_str(&out);
}

/* Private to src/transform: the state of matching one rule in one file.
 *
 * match.c      a pattern's nodes against the tree's, holes, qualified names
 * match_call.c arguments, wherever they are written
 * match_rule.c statements around the anchor, chains, `-?` occurrences
 * conditions.c what stands after `when`
 * match_method.c the header of a method
 * symbol.c     a symbol: imports, attributes of modules, names in strings
 *
 * Matching writes what it binds into the Match and returns at the first thing that does not fit,
 * after telling the trace, so that --explain can say which line said no. */
#ifndef HFFIX_TRANSFORM_MATCHER_H
#define HFFIX_TRANSFORM_MATCHER_H

#include "transform/match.h"
#include "transform/sites.h"

/* Answers `fires(NAME)`: the match of the selected transform NAME whose site is `site`, NULL if
 * there is none. */
typedef const Match *FiresAt(void *host, Str transform, Node site);

typedef struct Matcher {
    Arena *arena;
    FactContext facts;
    const Sites *sites;
    const Transform *transform;
    const Rule *rule;
    FiresAt *fires_at;
    void *host;

    Match *match;
    const Pattern *pattern; /* being matched; bindings are kept only for rule->before */
    List(Span)
        chain; /* links of a method chain that the anchor's statement ends with: ".to("cuda")" */
    List(Node) chain_calls; /* the calls that they are, same order */

    Buf *trace;   /* --explain; NULL otherwise */
    bool beside;  /* asked for a call of another match's `also` */
    Str withheld; /* why an edit that is otherwise due was not made; empty: none */
} Matcher;

/* Tells the trace, if there is one, why the rule does not match; always false. */
bool match_fails(Matcher *matcher, uint32_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The line of the patch that a pattern's node stands on, for the trace. 0 for patterns of
 * conditions. */
uint32_t match_line(const Matcher *matcher, Node pattern_node);

bool match_node(Matcher *matcher, Node pattern_node, Node node);
bool match_call(Matcher *matcher, Node pattern_node, Node call);
bool match_call_arguments(Matcher *matcher, Node pattern_node, Node call); /* without the callee */
bool match_hole(Matcher *matcher, int hole, Node node);

/* Matches another pattern of the rule (a condition's statement, an occurrence) with the holes as
 * they are bound. What it binds beyond them is kept only when `keep` is true and it matches. */
bool match_pattern(Matcher *matcher, const Pattern *pattern, Node pattern_node, Node node,
                   bool keep);

/* Text of a capitalised or other hole against its `~` expression. */
bool match_regex(const Hole *hole, Str text);

/* A qualified name against that of a symbol rule; `*filled` becomes the rule's, holes filled. */
bool match_symbol_name(Matcher *matcher, Str written, Str qualified, Str *filled);

/* An empty match of the rule at the site. */
void match_start(Matcher *matcher, const Rule *rule, Node site);

/* A symbol rule at one site (symbol.c). */
/* Before anything is made for a match: false when the site surely has another name than the rule's
 * symbol, as most have. */
bool symbol_may_match(Matcher *matcher, const Rule *rule, Node site);
bool match_symbol(Matcher *matcher);

/* A rule about the header of a method at one definition: what it adds is not there, and what is to
 * hand it on stands in `places`. */
bool match_method(Matcher *matcher);

/* All conditions: TRI_YES when every one is. */
Tri conditions_ask(Matcher *matcher);
/* Only those that name a hole of `-?` lines: for one occurrence, whose holes are bound. */
Tri conditions_ask_occurrence(Matcher *matcher);

/* The rule at one site: a Match, or NULL. `withheld` (may be NULL) gets a reason when only an
 * unknown fact or a shared place keeps the edit back. */
Match *match_rule(Matcher *matcher, const Rule *rule, Node site, Str *withheld);

/* A test of `floor(LIBRARY)` or `ceiling(LIBRARY)`, which asks of no text. */
bool version_test_holds(Arena *arena, const Project *project, const Test *test);

#endif

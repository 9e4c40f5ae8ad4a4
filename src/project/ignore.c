/* git's ignore patterns.
 *
 * Most rules are a plain name or an ending (`*.log`), so those are told apart when a file is read
 * and cost a comparison; the rest goes through ignore_glob(), which backtracks to the last `*` and,
 * beyond it, to the last `**`, and is never worse than pattern times text for each of the two. A
 * pattern that git takes as malformed (an open bracket, an unknown class, a final backslash)
 * matches nothing here too. */
#include "project/ignore.h"

#include <string.h>

#include "base/list.h"
#include "base/path.h"

/* ---- brackets ---- */

static bool is_lower(unsigned char c) {
    return c >= 'a' && c <= 'z';
}

static bool is_upper(unsigned char c) {
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(unsigned char c) {
    return c >= '0' && c <= '9';
}

/* Whether c is in a POSIX class, in ASCII whatever the locale; -1: no such class. */
static int class_holds(Str name, unsigned char c) {
    bool letter = is_lower(c) || is_upper(c), graphic = c > ' ' && c < 0x7f;
    const struct {
        Str name;
        bool holds;
    } classes[] = {{S("alnum"), letter || is_digit(c)},
                   {S("alpha"), letter},
                   {S("blank"), c == ' ' || c == '\t'},
                   {S("cntrl"), c < ' ' || c == 0x7f},
                   {S("digit"), is_digit(c)},
                   {S("graph"), graphic},
                   {S("lower"), is_lower(c)},
                   {S("print"), graphic || c == ' '},
                   {S("punct"), graphic && !letter && !is_digit(c)},
                   {S("space"), c == ' ' || (c >= '\t' && c <= '\r')},
                   {S("upper"), is_upper(c)},
                   {S("xdigit"), is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')}};
    for (ptrdiff_t i = 0; i < COUNT(classes); i++)
        if (str_eq(name, classes[i].name))
            return classes[i].holds;
    return -1;
}

/* Reads the byte at *at, behind a backslash if there is one. False at the pattern's end. */
static bool bracket_byte(Str pattern, ptrdiff_t *at, unsigned char *byte) {
    if (*at < pattern.n && pattern.p[*at] == '\\')
        ++*at;
    if (*at >= pattern.n)
        return false;
    *byte = (unsigned char)pattern.p[(*at)++];
    return true;
}

/* Tests c against the bracket whose '[' is at *at and moves *at behind its ']'. -1: malformed. */
static int bracket_holds(Str pattern, ptrdiff_t *at, unsigned char c) {
    ptrdiff_t i = *at + 1;
    bool negated = i < pattern.n && (pattern.p[i] == '!' || pattern.p[i] == '^');
    i += negated;
    bool holds = false, has_previous = false;
    unsigned char previous = 0;
    for (ptrdiff_t first = i; i >= pattern.n || pattern.p[i] != ']' || i == first;) {
        if (i >= pattern.n)
            return -1;
        if (pattern.p[i] == '-' && has_previous && i + 1 < pattern.n && pattern.p[i + 1] != ']') {
            unsigned char last;
            i++;
            if (!bracket_byte(pattern, &i, &last))
                return -1;
            holds |= c >= previous && c <= last;
            has_previous = false;
            continue;
        }
        if (pattern.p[i] == '[' && i + 1 < pattern.n && pattern.p[i + 1] == ':') {
            ptrdiff_t close = i + 2;
            while (close < pattern.n && pattern.p[close] != ']')
                close++;
            if (close == pattern.n)
                return -1;
            if (close > i + 2 && pattern.p[close - 1] == ':') {
                int in_class = class_holds(str_slice(pattern, i + 2, close - 1), c);
                if (in_class < 0)
                    return -1;
                holds |= in_class;
                has_previous = false;
                i = close + 1;
                continue;
            }
        }
        if (!bracket_byte(pattern, &i, &previous))
            return -1;
        has_previous = true;
        holds |= c == previous;
    }
    *at = i + 1;
    return holds != negated;
}

/* ---- globs ---- */

/* Matches one byte with the pattern's element at *at, which is no star, and moves behind it. */
static bool element_matches(Str pattern, ptrdiff_t *at, char c, bool path) {
    if (*at >= pattern.n)
        return false;
    switch (pattern.p[*at]) {
    case '?':
        ++*at;
        return !path || c != '/';
    case '[':
        return bracket_holds(pattern, at, (unsigned char)c) == 1 && !(path && c == '/');
    case '\\':
        ++*at;
        return *at < pattern.n && pattern.p[(*at)++] == c;
    default:
        return pattern.p[(*at)++] == c;
    }
}

/* A place to come back to: the pattern behind a star, and the text that it has not yet taken. */
typedef struct Retry {
    ptrdiff_t pattern, text; /* pattern < 0: none */
} Retry;

/* Lets the last star take one byte more, or the last `**` one folder more. */
static bool retry(Str text, bool path, Retry *star, Retry *deep, ptrdiff_t *p, ptrdiff_t *t) {
    if (star->pattern >= 0 && star->text < text.n && !(path && text.p[star->text] == '/')) {
        *p = star->pattern;
        *t = ++star->text;
        return true;
    }
    star->pattern = -1;
    ptrdiff_t slash =
        deep->pattern < 0 ? -1 : str_find_byte(str_slice(text, deep->text, text.n), '/');
    if (slash < 0)
        return false;
    deep->text += slash + 1;
    *p = deep->pattern;
    *t = deep->text;
    return true;
}

bool ignore_glob(Str pattern, Str text, bool path) {
    Retry star = {-1, 0}, deep = {-1, 0};
    ptrdiff_t p = 0, t = 0;
    for (;;) {
        if (p < pattern.n && pattern.p[p] == '*') {
            ptrdiff_t stars_at = p;
            while (p < pattern.n && pattern.p[p] == '*')
                p++;
            /* Two stars cross slashes only as a whole part of the path; more count as two. */
            bool crosses = path && p - stars_at > 1 &&
                           (stars_at == 0 || pattern.p[stars_at - 1] == '/') &&
                           (p == pattern.n || pattern.p[p] == '/');
            if (crosses && p == pattern.n)
                return true;
            if (crosses)
                deep = (Retry){++p, t};
            star = (Retry){crosses ? -1 : p, t};
            continue;
        }
        if (t == text.n && p == pattern.n)
            return true;
        if (t < text.n && element_matches(pattern, &p, text.p[t], path)) {
            t++;
            continue;
        }
        if (!retry(text, path, &star, &deep, &p, &t))
            return false;
    }
}

/* ---- rules ---- */

static ptrdiff_t literal_head(Str text) {
    ptrdiff_t n = 0;
    while (n < text.n && !memchr("*?[\\", text.p[n], 4))
        n++;
    return n;
}

/* Blanks at the end go, up to one that a backslash keeps. */
static Str trim_end(Str line) {
    ptrdiff_t end = 0;
    for (ptrdiff_t i = 0; i < line.n; i++) {
        if (line.p[i] == ' ')
            continue;
        i += line.p[i] == '\\';
        end = i + 1;
    }
    return str_slice(line, 0, end);
}

static bool rule_parse(Str line, IgnoreRule *rule) {
    if (str_ends(line, S("\r")))
        line.n--;
    if (str_starts(line, S("#")))
        return false;
    line = trim_end(line);
    *rule = (IgnoreRule){.negated = str_starts(line, S("!"))};
    line = str_slice(line, rule->negated, line.n);
    rule->folders_only = str_ends(line, S("/"));
    line.n -= rule->folders_only;
    rule->anchored = str_find_byte(line, '/') >= 0;
    line = str_slice(line, str_starts(line, S("/")), line.n);
    rule->text = line;
    rule->kind = IGNORE_GLOB;
    rule->head = rule->anchored ? literal_head(line) : 0;
    if (literal_head(line) == line.n) {
        rule->kind = IGNORE_LITERAL;
    } else if (!rule->anchored && line.p[0] == '*') {
        Str ending = str_slice(line, 1, line.n);
        if (literal_head(ending) == ending.n) {
            rule->kind = IGNORE_ENDING;
            rule->text = ending;
        }
    }
    return line.n > 0;
}

IgnoreRules ignore_parse(Arena *arena, Str text) {
    List(IgnoreRule) rules = {0};
    if (str_starts(text, S("\xef\xbb\xbf")))
        text = str_slice(text, 3, text.n);
    while (text.n) {
        Str line;
        IgnoreRule rule;
        str_cut(text, '\n', &line, &text);
        if (rule_parse(line, &rule))
            *list_push(arena, &rules) = rule;
    }
    return (IgnoreRules){rules.v, rules.n};
}

static bool rule_matches(const IgnoreRule *rule, Str path, Str name, bool folder) {
    if (rule->folders_only && !folder)
        return false;
    Str subject = rule->anchored ? path : name;
    switch (rule->kind) {
    case IGNORE_LITERAL:
        return str_eq(subject, rule->text);
    case IGNORE_ENDING:
        return str_ends(subject, rule->text);
    case IGNORE_GLOB:
        /* The head is set aside as git does, after which a `**` counts as whole part of a path
         * even behind it: `foo**` + `/bar` crosses folders. */
        return str_starts(subject, str_slice(rule->text, 0, rule->head)) &&
               ignore_glob(str_slice(rule->text, rule->head, rule->text.n),
                           str_slice(subject, rule->head, subject.n), rule->anchored);
    }
    return false;
}

IgnoreVerdict ignore_verdict(const IgnoreRules *rules, Str path, bool folder) {
    Str name = path_name(path);
    for (ptrdiff_t i = rules->n; i-- > 0;)
        if (rule_matches(&rules->v[i], path, name, folder))
            return rules->v[i].negated ? IGNORE_IN : IGNORE_OUT;
    return IGNORE_SILENT;
}

bool ignore_excludes(const IgnoreLevel *innermost, Str path, bool folder) {
    IgnoreVerdict verdict = IGNORE_SILENT;
    const IgnoreLevel *level = innermost;
    for (; level && !verdict; level = level->outer)
        if (level->base < path.n)
            verdict = ignore_verdict(&level->ignore, str_slice(path, level->base, path.n), folder);
    const IgnoreLevel *repository = NULL;
    for (level = innermost; level && !verdict && !repository; level = level->outer) {
        if (level->base >= path.n)
            continue;
        verdict = ignore_verdict(&level->gitignore, str_slice(path, level->base, path.n), folder);
        if (level->repository)
            repository = level;
    }
    if (!verdict && repository)
        verdict =
            ignore_verdict(&repository->exclude, str_slice(path, repository->base, path.n), folder);
    return verdict == IGNORE_OUT;
}

/* Versions and specifiers after PEP 440 (https://peps.python.org/pep-0440/) and Poetry's caret and
 * tilde (https://python-poetry.org/docs/dependency-specification/).
 *
 * A range is one stretch of release numbers, because rules ask for its two ends only: holes (`!=`)
 * do not count, alternatives (`^4.40 || ^5.0`) give the stretch that holds them all, and a
 * pre-release or development version counts as its release. "Just above" a version is one more in
 * the fourth number, which no library that rules know uses. Epochs are not read. */
#include "project/versions.h"

#include "base/byte.h"
#include "base/list.h"

static const Version ZERO, NO_CEILING = {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}};

/* A version as specifiers need it. */
typedef struct Release {
    Version version;
    int parts;       /* how many numbers are written, at most 4 */
    bool prerelease; /* alpha, beta, candidate or development */
    bool wildcard;   /* ends in ".*" */
} Release;

/* What follows the release numbers: ".dev0", "rc1", "-1", "+cu121". */
static bool suffix_parse(Str rest, bool *prerelease) {
    static const struct {
        Str word;
        bool prerelease;
    } words[] = {{S("a"), true},     {S("b"), true},     {S("c"), true},    {S("rc"), true},
                 {S("alpha"), true}, {S("beta"), true},  {S("pre"), true},  {S("preview"), true},
                 {S("dev"), true},   {S("post"), false}, {S("rev"), false}, {S("r"), false}};
    ptrdiff_t at = 0;
    while (at < rest.n && rest.p[at] != '+') {
        char separator = rest.p[at];
        at += separator == '.' || separator == '-' || separator == '_';
        ptrdiff_t word_at = at;
        while (at < rest.n && byte_is_letter(rest.p[at]))
            at++;
        Str word = str_slice(rest, word_at, at);
        bool known = word.n == 0 && separator == '-';
        for (ptrdiff_t i = 0; i < COUNT(words); i++)
            if (str_eq_fold(word, words[i].word)) {
                known = true;
                *prerelease |= words[i].prerelease;
            }
        if (at < rest.n && (rest.p[at] == '.' || rest.p[at] == '-' || rest.p[at] == '_') &&
            at + 1 < rest.n && byte_is_digit(rest.p[at + 1]))
            at++;
        ptrdiff_t digits_at = at;
        while (at < rest.n && byte_is_digit(rest.p[at]))
            at++;
        if (!known || (word.n == 0 && at == digits_at))
            return false;
    }
    return true;
}

static bool release_parse(Str text, Release *release) {
    *release = (Release){0};
    text = str_trim(text);
    if (text.n && byte_lower(text.p[0]) == 'v')
        text = str_slice(text, 1, text.n);
    ptrdiff_t at = 0;
    for (;;) {
        uint64_t number = 0;
        ptrdiff_t number_at = at;
        while (at < text.n && byte_is_digit(text.p[at]) && number < 0xffffffff)
            number = number * 10 + (uint64_t)(text.p[at++] - '0');
        if (at == number_at || number >= 0xffffffff)
            return false;
        if (release->parts < 4)
            release->version.part[release->parts++] = (uint32_t)number;
        if (str_eq(str_slice(text, at, text.n), S(".*"))) {
            release->wildcard = true;
            return true;
        }
        if (at + 1 >= text.n || text.p[at] != '.' || !byte_is_digit(text.p[at + 1]))
            break;
        at++;
    }
    return suffix_parse(str_slice(text, at, text.n), &release->prerelease);
}

/* The version with one more in the number at `part` and zeros behind it. */
static Version raised(Version version, int part) {
    version.part[part]++;
    for (int i = part + 1; i < 4; i++)
        version.part[i] = 0;
    return version;
}

static Range between(Version floor, Version ceiling) {
    return (Range){.known = true, .floor = floor, .ceiling = ceiling};
}

/* `4.57.*`: every version that starts with the numbers written. */
static Range series(Release release) {
    return between(release.version, raised(release.version, release.parts - 1));
}

static Range exactly(Release release) {
    return release.wildcard ? series(release)
                            : between(release.version, raised(release.version, 3));
}

/* Poetry's ^: up to the next change of the first number that is not 0. */
static Range caret(Release release) {
    int part = 0;
    while (part < release.parts - 1 && release.version.part[part] == 0)
        part++;
    return between(release.version, raised(release.version, part));
}

static bool clause_range(Str operator, Release release, Range *range) {
    Version version = release.version, above = raised(version, 3);
    if (str_eq(operator, S("==")) || str_eq(operator, S("===")) ||
        str_eq(operator, S("=")) || operator.n == 0)
        *range = exactly(release);
    else if (str_eq(operator, S(">=")))
        *range = between(version, NO_CEILING);
    else if (str_eq(operator, S(">")))
        *range = between(release.prerelease ? version : above, NO_CEILING);
    else if (str_eq(operator, S("<")))
        *range = between(ZERO, version);
    else if (str_eq(operator, S("<=")))
        *range = between(ZERO, above);
    else if (str_eq(operator, S("!=")))
        *range = between(ZERO, NO_CEILING);
    else if (str_eq(operator, S("~=")) && release.parts >= 2)
        *range = between(version, raised(version, release.parts - 2));
    else if (str_eq(operator, S("~")))
        *range = between(version, raised(version, release.parts >= 2 ? 1 : 0));
    else if (str_eq(operator, S("^")))
        *range = caret(release);
    else
        return false;
    return true;
}

static bool is_operator_byte(char c) {
    return c == '<' || c == '>' || c == '=' || c == '!' || c == '~' || c == '^';
}

static bool is_gap(char c) {
    return c == ' ' || c == '\t' || c == ',' || c == '\r' || c == '\n';
}

/* Clauses that all hold, divided by commas or blanks. */
static bool clauses_parse(Str text, Range *range) {
    *range = between(ZERO, NO_CEILING);
    ptrdiff_t at = 0;
    for (;;) {
        while (at < text.n && is_gap(text.p[at]))
            at++;
        if (at == text.n)
            return true;
        ptrdiff_t operator_at = at;
        while (at < text.n && is_operator_byte(text.p[at]))
            at++;
        Str operator= str_slice(text, operator_at, at);
        while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t'))
            at++;
        ptrdiff_t version_at = at;
        while (at < text.n && !is_gap(text.p[at]) && !is_operator_byte(text.p[at]))
            at++;
        Str version = str_slice(text, version_at, at);
        if (operator.n == 0 && str_eq(version, S("*")))
            continue;
        Release release;
        Range clause;
        if (!release_parse(version, &release) || !clause_range(operator, release, &clause))
            return false;
        *range = range_intersect(*range, clause);
    }
}

/* ---- public ---- */

bool version_parse(Str text, Version *version) {
    Release release;
    bool ok = release_parse(text, &release) && !release.wildcard;
    *version = ok ? release.version : ZERO;
    return ok;
}

int version_compare(Version a, Version b) {
    for (int i = 0; i < 4; i++)
        if (a.part[i] != b.part[i])
            return a.part[i] < b.part[i] ? -1 : 1;
    return 0;
}

Str version_format(Arena *arena, Version version) {
    int parts = 4;
    while (parts > 2 && version.part[parts - 1] == 0)
        parts--;
    Buf out = {.arena = arena};
    for (int i = 0; i < parts; i++)
        buf_format(&out, "%s%u", i ? "." : "", version.part[i]);
    return buf_str(&out);
}

bool range_parse(Str text, Range *range) {
    text = str_trim(text);
    if (str_starts(text, S("(")) && str_ends(text, S(")")))
        text = str_slice(text, 1, text.n - 1);
    Range all = {0};
    for (bool more = true; more;) {
        ptrdiff_t bar = str_find(text, S("||"));
        Str alternative = bar < 0 ? text : str_slice(text, 0, bar);
        text = bar < 0 ? (Str){0} : str_slice(text, bar + 2, text.n);
        more = bar >= 0;
        Range one;
        if (!clauses_parse(alternative, &one)) {
            *range = (Range){0};
            return false;
        }
        if (!all.known || version_compare(one.floor, all.floor) < 0)
            all.floor = one.floor;
        if (!all.known || version_compare(one.ceiling, all.ceiling) > 0)
            all.ceiling = one.ceiling;
        all.known = true;
    }
    *range = all;
    return true;
}

bool range_parse_target(Str text, Range *range) {
    Release release;
    if (!release_parse(text, &release))
        return range_parse(text, range) && str_trim(text).n > 0;
    *range = release.parts < 3 ? series(release) : exactly(release);
    return true;
}

Range range_intersect(Range a, Range b) {
    if (!a.known || !b.known)
        return a.known ? a : b;
    return between(version_compare(a.floor, b.floor) > 0 ? a.floor : b.floor,
                   version_compare(a.ceiling, b.ceiling) < 0 ? a.ceiling : b.ceiling);
}

bool range_is_empty(Range range) {
    return range.known && version_compare(range.floor, range.ceiling) >= 0;
}

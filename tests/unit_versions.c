/* Versions and what specifiers make of them. */
#include "project/versions.h"

#include "unit.h"

static Arena arena;

/* "4.40 5.0" for [4.40, 5.0), "- " in place of an end that is open; "?" for no range. */
static Str ends(bool ok, Range range) {
    if (!ok || !range.known)
        return ok ? S("unknown") : S("?");
    bool open = range.ceiling.part[0] == 0xffffffff;
    return str_format(&arena, "%.*s %.*s", STR_ARG(version_format(&arena, range.floor)),
                      STR_ARG(open ? S("-") : version_format(&arena, range.ceiling)));
}

static Str of(const char *text) {
    Range range;
    bool ok = range_parse(str_from(text), &range);
    return ends(ok, range);
}

static Str target(const char *text) {
    Range range;
    bool ok = range_parse_target(str_from(text), &range);
    return ends(ok, range);
}

static Str version(const char *text) {
    Version v;
    return version_parse(str_from(text), &v) ? version_format(&arena, v) : S("?");
}

static void versions(void) {
    CHECK_STR(version("4.56"), S("4.56"));
    CHECK_STR(version("v4.57.0.dev0"), S("4.57"));
    CHECK_STR(version(" 5 "), S("5.0"));
    CHECK_STR(version("4.46.3"), S("4.46.3"));
    CHECK_STR(version("5.0.0rc1"), S("5.0"));
    CHECK_STR(version("5.0.0-rc.1"), S("5.0"));
    CHECK_STR(version("2.1.0+cu121"), S("2.1"));
    CHECK_STR(version("1.0.post2"), S("1.0"));
    CHECK_STR(version("1.0-1"), S("1.0"));
    CHECK_STR(version("1.2.3.4.5"), S("1.2.3.4"));
    CHECK_STR(version("1.0a1.dev3"), S("1.0"));
    CHECK_STR(version("20240105"), S("20240105.0"));

    CHECK_STR(version(""), S("?"));
    CHECK_STR(version("main"), S("?"));
    CHECK_STR(version("4.x"), S("?"));
    CHECK_STR(version("4.56."), S("?"));
    CHECK_STR(version("4.57.*"), S("?"));
    CHECK_STR(version("4.57 beta?"), S("?"));
    CHECK_STR(version("1!4.0"), S("?"));
    CHECK_STR(version("99999999999"), S("?"));

    Version a = {0}, b = {0};
    CHECK(version_parse(S("4.9"), &a) && version_parse(S("4.10"), &b));
    CHECK(version_compare(a, b) < 0);
    CHECK(version_compare(b, a) > 0);
    CHECK(version_parse(S("4.10.0"), &a));
    CHECK_INT(version_compare(a, b), 0);
}

static void specifiers(void) {
    CHECK_STR(of(">=4.40,<5"), S("4.40 5.0"));
    CHECK_STR(of(" >= 4.40 , < 5 "), S("4.40 5.0"));
    CHECK_STR(of(">=4.40 <5"), S("4.40 5.0"));
    CHECK_STR(of("(>=4.40,<5)"), S("4.40 5.0"));
    CHECK_STR(of("~=4.46.2"), S("4.46.2 4.47"));
    CHECK_STR(of("~=4.46"), S("4.46 5.0"));
    CHECK_STR(of("==4.57.*"), S("4.57 4.58"));
    CHECK_STR(of("==4.*"), S("4.0 5.0"));
    CHECK_STR(of("==4.46.2"), S("4.46.2 4.46.2.1"));
    CHECK_STR(of("===4.46.2"), S("4.46.2 4.46.2.1"));
    CHECK_STR(of("==4.46"), S("4.46 4.46.0.1"));
    CHECK_STR(of(">4.40"), S("4.40.0.1 -"));
    CHECK_STR(of(">4.57.0.dev0"), S("4.57 -"));
    CHECK_STR(of("<=4.46"), S("0.0 4.46.0.1"));
    CHECK_STR(of("<5.0.0rc1"), S("0.0 5.0"));
    CHECK_STR(of(">=4.40,!=4.41.0,!=4.42.*"), S("4.40 -"));
    CHECK_STR(of(""), S("0.0 -"));
    CHECK_STR(of("*"), S("0.0 -"));
    CHECK_STR(of(">=4,<5,>=4.40,<4.50"), S("4.40 4.50"));
}

static void poetry(void) {
    CHECK_STR(of("^4.36"), S("4.36 5.0"));
    CHECK_STR(of("^0.7.1"), S("0.7.1 0.8"));
    CHECK_STR(of("^0.0.3"), S("0.0.3 0.0.4"));
    CHECK_STR(of("^0.0"), S("0.0 0.1"));
    CHECK_STR(of("^0"), S("0.0 1.0"));
    CHECK_STR(of("~4.36"), S("4.36 4.37"));
    CHECK_STR(of("~4.36.1"), S("4.36.1 4.37"));
    CHECK_STR(of("~4"), S("4.0 5.0"));
    CHECK_STR(of("4.36"), S("4.36 4.36.0.1"));
    CHECK_STR(of("4.*"), S("4.0 5.0"));
    CHECK_STR(of("^4.40 || ^5.1"), S("4.40 6.0"));
    CHECK_STR(of("^4.40,!=4.41"), S("4.40 5.0"));
}

static void no_specifiers(void) {
    CHECK_STR(of("latest"), S("?"));
    CHECK_STR(of(">=latest"), S("?"));
    CHECK_STR(of(">="), S("?"));
    CHECK_STR(of("=>4.40"), S("?"));
    CHECK_STR(of("~=4"), S("?"));
    CHECK_STR(of(">=4.40; python_version"), S("?"));
    CHECK_STR(of("^4.40 || main"), S("?"));
}

static void targets(void) {
    CHECK_STR(target("5"), S("5.0 6.0"));
    CHECK_STR(target("4.57"), S("4.57 4.58"));
    CHECK_STR(target("4.57.3"), S("4.57.3 4.57.3.1"));
    CHECK_STR(target("5.*"), S("5.0 6.0"));
    CHECK_STR(target("4.57.*"), S("4.57 4.58"));
    CHECK_STR(target(">=4.40,<5"), S("4.40 5.0"));
    CHECK_STR(target("~=4.46.2"), S("4.46.2 4.47"));
    CHECK_STR(target(""), S("?"));
    CHECK_STR(target("newest"), S("?"));
}

static void intersections(void) {
    Range unknown = {0}, four = {0}, high = {0};
    CHECK(range_parse(S(">=4,<5"), &four) && range_parse(S(">=4.40"), &high));
    CHECK_STR(ends(true, range_intersect(four, high)), S("4.40 5.0"));
    CHECK_STR(ends(true, range_intersect(unknown, high)), S("4.40 -"));
    CHECK_STR(ends(true, range_intersect(four, unknown)), S("4.0 5.0"));
    CHECK_STR(ends(true, range_intersect(unknown, unknown)), S("unknown"));
    CHECK(!range_is_empty(range_intersect(four, high)));
    CHECK(range_parse(S("<4.40"), &four));
    CHECK(range_is_empty(range_intersect(four, high)));
    CHECK(!range_is_empty(unknown));
}

UNIT_MAIN(versions, specifiers, poetry, no_specifiers, targets, intersections)

/* JSON with places: what is taken, what is refused and where, what strings mean. */
#include "document/json_tree.h"

#include "unit.h"

static Arena arena;

/* Where the error is, -1 for JSON. */
static int error_in(const char *text) {
    JsonTreeError error;
    return json_tree_parse(&arena, str_from(text), &error) ? -1 : (int)error.at;
}

static void test_values(void) {
    const char *good[] = {"{}",       "[]",          " [ ] ",      "\"\"",          "0",
                          "-0.5e+10", "[1,2]",       "{\"a\":{}}", "[[],{},[[]]]",  "true",
                          "null",     "[NaN]",       "[Infinity]", "[-Infinity,1]", "\"\\u00e9\"",
                          "\t1\r\n",  "{\"\":[{}]}", "1e5",        "\xEF\xBB\xBF[]"};
    for (ptrdiff_t i = 0; i < COUNT(good); i++)
        CHECK_INT(error_in(good[i]), -1);
}

static void test_errors(void) {
    CHECK_INT(error_in(""), 0);
    CHECK_INT(error_in("[1,]"), 3);
    CHECK_INT(error_in("[1 2]"), 3);
    CHECK_INT(error_in("{\"a\" 1}"), 5);
    CHECK_INT(error_in("{\"a\":1,}"), 7);
    CHECK_INT(error_in("{a:1}"), 1);
    CHECK_INT(error_in("{\"a\":}"), 5);
    CHECK_INT(error_in("[1}"), 2);
    CHECK_INT(error_in("[1]]"), 3);
    CHECK_INT(error_in("[1"), 2);
    CHECK_INT(error_in("01"), 1);
    CHECK_INT(error_in("1."), 2);
    CHECK_INT(error_in("-"), 1);
    CHECK_INT(error_in("+1"), 0);
    CHECK_INT(error_in("tru"), 0);
    CHECK_INT(error_in("'a'"), 0);
    CHECK_INT(error_in("\"a\nb\""), 2);
    CHECK_INT(error_in("\"a"), 2);
    CHECK_INT(error_in("\"\\x\""), 2);
    CHECK_INT(error_in("\"\\u12g4\""), 2);
    CHECK_INT(error_in("<<<<<<< HEAD\n{}"), 0);
    CHECK_INT(error_in("// c\n1"), 0);
    char deep[2001];
    for (int i = 0; i < 2000; i++)
        deep[i] = '[';
    deep[2000] = 0;
    CHECK_INT(error_in(deep), 512);
}

static Str text_of(const char *json_text, bool *ok) {
    JsonTreeError error;
    const JsonTree *json = json_tree_parse(&arena, str_from(json_text), &error);
    Str text = {0};
    *ok = json && json_tree_string(json, &arena, 1, &text);
    return text;
}

static void test_strings(void) {
    bool ok;
    CHECK_STR(text_of("\"a\\n\\\"\\\\\\/\\b\\f\\r\\t\"", &ok), S("a\n\"\\/\b\f\r\t"));
    CHECK_STR(text_of("\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"", &ok),
              S("A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"));
    CHECK_STR(text_of("\"\xC3\xA9\xF0\x9F\x98\x80\"", &ok), S("\xC3\xA9\xF0\x9F\x98\x80"));
    const char *bad[] = {"\"\\ud83d\"", "\"\\ude00\"", "\"\\ud83d\\u0041\"", "\"\\u0000\"",
                         "\"\xC3\"",    "\"\xFF\"",    "\"\xED\xA0\x80\"",   "\"\xE0\x80\x80\""};
    for (ptrdiff_t i = 0; i < COUNT(bad); i++) {
        text_of(bad[i], &ok);
        CHECK(!ok);
    }
    text_of("1", &ok);
    CHECK(!ok);
}

static void test_members(void) {
    JsonTreeError error;
    const JsonTree *json = json_tree_parse(
        &arena, S("{\"a\": [1, {\"b\": 2}], \"b\": 3, \"a\": [4, [5], \"x\"]}"), &error);
    JsonNode list = json_tree_member(json, 1, S("a"));
    CHECK_STR(json_tree_raw(json, list), S("[4, [5], \"x\"]"));
    CHECK_STR(json_tree_raw(json, json_tree_member(json, 1, S("b"))), S("3"));
    CHECK_INT(json_tree_member(json, 1, S("c")), 0);
    CHECK_INT(json_tree_member(json, list, S("a")), 0);
    CHECK_INT(json_tree_member(json, 0, S("a")), 0);
    JsonNode item = json_tree_first(json, list);
    CHECK_STR(json_tree_raw(json, item), S("4"));
    item = json_tree_next(json, list, item);
    CHECK_STR(json_tree_raw(json, item), S("[5]"));
    item = json_tree_next(json, list, item);
    CHECK_STR(json_tree_raw(json, item), S("x"));
    CHECK_INT(json_tree_next(json, list, item), 0);
    CHECK_INT(json_tree_first(json, item), 0);
}

UNIT_MAIN(test_values, test_errors, test_strings, test_members)

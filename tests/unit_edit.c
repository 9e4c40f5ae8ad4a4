/* Edits: order, overlaps, applying, and the way back. */
#include "edit/edit.h"

#include "edit/segments.h"
#include "tests/unit.h"

static Arena arena;

typedef struct Case {
    Edit edits[6];
    ptrdiff_t n;
} Case;

static Edit edit(uint32_t at, uint32_t end, const char *text, int order) {
    return (Edit){.span = {at, end}, .text = str_from(text), .order = order};
}

static Str apply(Case *c, const char *text) {
    EditList list = {c->edits, c->n};
    ptrdiff_t first = -1, second = -1;
    if (!edits_sort(&list, &first, &second))
        return S("overlap");
    return edits_apply(&arena, str_from(text), &list);
}

static void test_apply(void) {
    Case none = {.n = 0};
    CHECK_STR(apply(&none, "abc"), S("abc"));
    Case one = {{edit(1, 2, "XY", 0)}, 1};
    CHECK_STR(apply(&one, "abc"), S("aXYc"));
    Case gone = {{edit(0, 3, "", 0)}, 1};
    CHECK_STR(apply(&gone, "abc"), S(""));
    Case unsorted = {{edit(3, 3, "!", 0), edit(0, 1, "A", 0), edit(1, 2, "", 0)}, 3};
    CHECK_STR(apply(&unsorted, "abc"), S("Ac!"));
    Case on_empty = {{edit(0, 0, "x", 0)}, 1};
    CHECK_STR(apply(&on_empty, ""), S("x"));
}

static void test_order_at_one_point(void) {
    Case as_added = {{edit(1, 1, "1", 0), edit(1, 1, "2", 0), edit(1, 1, "3", 0)}, 3};
    CHECK_STR(apply(&as_added, "ab"), S("a123b"));
    Case by_order = {{edit(1, 1, "1", 5), edit(1, 1, "2", -1), edit(1, 1, "3", 0)}, 3};
    CHECK_STR(apply(&by_order, "ab"), S("a231b"));
    /* Insertions stand before an edit that starts at their place and behind one that ends there. */
    Case around = {{edit(1, 2, "B", 0), edit(1, 1, "<", 9), edit(2, 2, ">", -9)}, 3};
    CHECK_STR(apply(&around, "abc"), S("a<B>c"));
}

static void test_overlap(void) {
    Case inside = {{edit(0, 3, "x", 0), edit(1, 2, "y", 0)}, 2};
    CHECK_STR(apply(&inside, "abc"), S("overlap"));
    Case crossing = {{edit(1, 3, "x", 0), edit(0, 2, "y", 0)}, 2};
    CHECK_STR(apply(&crossing, "abc"), S("overlap"));
    Case twice = {{edit(0, 1, "x", 0), edit(0, 1, "x", 0)}, 2};
    CHECK_STR(apply(&twice, "abc"), S("overlap"));
    Case insertion_inside = {{edit(0, 2, "x", 0), edit(1, 1, "y", 0)}, 2};
    CHECK_STR(apply(&insertion_inside, "abc"), S("overlap"));
    Case far = {{edit(0, 9, "x", 0), edit(1, 1, "", 0), edit(8, 8, "y", 0)}, 3};
    CHECK_STR(apply(&far, "0123456789"), S("overlap"));
    Case beside = {{edit(0, 1, "x", 0), edit(1, 2, "y", 0), edit(0, 0, "<", 0), edit(2, 2, ">", 0)},
                   4};
    CHECK_STR(apply(&beside, "abc"), S("<xy>c"));

    Case which = {{edit(5, 6, "", 0), edit(0, 3, "x", 0), edit(2, 4, "y", 0)}, 3};
    EditList list = {which.edits, which.n};
    ptrdiff_t first, second;
    CHECK(!edits_sort(&list, &first, &second));
    CHECK_INT(list.v[first].span.at, 0);
    CHECK_INT(list.v[second].span.at, 2);
}

static void test_old_offset(void) {
    /* abcdef -> aXXXcd!f */
    Case c = {{edit(1, 2, "XXX", 0), edit(4, 5, "!", 0)}, 2};
    CHECK_STR(apply(&c, "abcdef"), S("aXXXcd!f"));
    EditList list = {c.edits, c.n};
    static const uint32_t want[] = {0, 1, 1, 1, 2, 3, 4, 5, 6};
    for (uint32_t i = 0; i < COUNT(want); i++)
        CHECK_INT(edits_old_offset(&list, i), want[i]);
    EditList empty = {0};
    CHECK_INT(edits_old_offset(&empty, 7), 7);
    Case deleted = {{edit(1, 3, "", 0)}, 1};
    list = (EditList){deleted.edits, 1};
    CHECK_INT(edits_old_offset(&list, 1), 3);
}

static void test_segments(void) {
    Segments segments = {.arena = &arena};
    Edits edits = {0};
    segments_add(&segments, S(","), -1);
    segments_add(&segments, S(" a"), 1);
    segments_add(&segments, S(","), -1);
    segments_add(&segments, S(" b"), 2);
    segments_add(&segments, S("\n"), -1);
    segments_put(&segments, S("f(x,\n)"), (Span){3, 5}, 7, &edits);
    EditList list = {edits.v, edits.n};
    ptrdiff_t first, second;
    CHECK(edits_sort(&list, &first, &second));
    CHECK_STR(edits_apply(&arena, S("f(x,\n)"), &list), S("f(x, a, b\n)"));
    CHECK_INT(list.n, 2);
    CHECK_INT(list.v[0].group, 1);
    CHECK_INT(list.v[1].group, 2);
    /* What stays is no edit. */
    edits.n = segments.n = 0;
    segments_add(&segments, S(",\n"), -1);
    segments_put(&segments, S("f(x,\n)"), (Span){3, 5}, 7, &edits);
    CHECK_INT(edits.n, 0);
    segments.n = 0;
    segments_put(&segments, S("f(x,\n)"), (Span){3, 5}, 7, &edits);
    CHECK_INT(edits.n, 1);
    CHECK_INT(edits.v[0].group, 7);
    arena_close(&arena);
}

UNIT_MAIN(test_apply, test_order_at_one_point, test_overlap, test_old_offset, test_segments)

/* base: slices, builder, arena with its limit, lists, diagnostics with carets, ordered parallel
 * work. */
#include "tests/unit.h"

#include <string.h>

#include "base/diag.h"
#include "base/list.h"
#include "base/parallel.h"

static void slices(void) {
    CHECK(str_eq(S("abc"), str_slice(S("xabcx"), 1, 4)));
    CHECK(!str_eq(S("abc"), S("abd")));
    CHECK(str_starts(S("from_pretrained"), S("from_")));
    CHECK(!str_starts(S("from"), S("from_")));
    CHECK(str_ends(S("a.py"), S(".py")));
    CHECK(!str_ends(S("py"), S(".py")));
    CHECK_INT(str_find(S("aaab"), S("aab")), 1);
    CHECK_INT(str_find(S("aaa"), S("ab")), -1);
    CHECK_INT(str_find(S(""), S("a")), -1);
    CHECK_INT(str_rfind_byte(S("a/b/c"), '/'), 3);
    CHECK_STR(str_trim(S(" \t x y \r\n")), S("x y"));
    CHECK_STR(str_slice(S("abc"), 2, 99), S("c"));
    CHECK_STR(str_slice(S("abc"), 3, 1), S(""));
    CHECK(str_compare(S("a"), S("ab")) < 0);
    CHECK(str_compare(S("b"), S("ab")) > 0);
    Str head, tail;
    CHECK(str_cut(S("a=b=c"), '=', &head, &tail));
    CHECK_STR(head, S("a"));
    CHECK_STR(tail, S("b=c"));
    CHECK(!str_cut(S("abc"), '=', &head, &tail));
    CHECK_STR(head, S("abc"));
}

static void nearest(void) {
    const Str words[] = {S("expr"), S("name"), S("kwargs"), S("stmt")};
    CHECK_STR(str_nearest(S("exprs"), words, COUNT(words)), S("expr"));
    CHECK_STR(str_nearest(S("kwrags"), words, COUNT(words)), S("kwargs"));
    CHECK_STR(str_nearest(S("banana"), words, COUNT(words)), S(""));
}

static void builder(void) {
    Arena arena = {0};
    Buf buf = {.arena = &arena};
    for (int i = 0; i < 1000; i++)
        buf_format(&buf, "%d,", i);
    CHECK(str_starts(buf_str(&buf), S("0,1,2,3,")));
    CHECK(str_ends(buf_str(&buf), S("998,999,")));
    CHECK_INT(buf.n, 3890);
    List(int) list = {0};
    for (int i = 0; i < 100; i++)
        *list_push(&arena, &list) = i * i;
    CHECK_INT(list.n, 100);
    CHECK_INT(list.v[99], 9801);
    arena_close(&arena);
}

static void arena_limits(void) {
    Arena arena = {.limit = 1000};
    jmp_buf exhausted;
    volatile int allocations = 0;
    if (setjmp(exhausted) == 0) {
        arena.on_exhausted = &exhausted;
        for (;;) {
            char *p = new (&arena, char, 100);
            CHECK(p[0] == 0 && p[99] == 0);
            memset(p, 1, 100);
            allocations++;
        }
    }
    CHECK_INT(allocations, 10);
    arena.limit = 0;
    if (setjmp(exhausted) == 0) {
        (void)new (&arena, uint64_t, PTRDIFF_MAX / 2); /* the product overflows */
        CHECK(!"reached");
    }
    ArenaMark mark = arena_mark(&arena);
    (void)new (&arena, char, 1 << 20);
    arena_reset(&arena, mark);
    CHECK_INT(arena.used, mark.used);
    arena_clear(&arena);
    CHECK_INT(arena.used, 0);
    CHECK(new (&arena, char, 100)[50] == 0);
    arena_close(&arena);
}

static void diagnostics(void) {
    Arena arena = {0};
    Diagnostics list = {.arena = &arena};
    Str text = S("first\n\tx = \xC3\xA4 + oops\nlast");
    ptrdiff_t at = str_find(text, S("oops"));
    Span span = {(uint32_t)at, (uint32_t)at + 4};
    diag_at(&list, S("a.py"), text, span, "unknown name '%s'", "oops");
    CHECK_INT(list.errors, 1);
    Buf out = {.arena = &arena};
    diag_print(&out, &list.list.v[0]);
    CHECK_STR(buf_str(&out), S("a.py:2:10: error: unknown name 'oops'\n"
                               "    \tx = \xC3\xA4 + oops\n"
                               "    \t        ^^^^\n"));
    out.n = 0;
    diag_print(&out, diag_add(&list, SEVERITY_WARNING, S("b"), 0, 0, "odd"));
    CHECK_STR(buf_str(&out), S("b: warning: odd\n"));
    CHECK_INT(list.errors, 1);
    arena_close(&arena);
}

enum { ITEMS = 2000 };
typedef struct Sum {
    ptrdiff_t next, total;
} Sum;

static void *square(void *context, void *thread, ptrdiff_t item) {
    (void)context, (void)thread;
    return (void *)(item * item + 1);
}

static void add_in_order(void *context, ptrdiff_t item, void *result) {
    Sum *sum = context;
    CHECK_INT(item, sum->next);
    sum->next++;
    sum->total += (ptrdiff_t)result - 1;
}

static void parallel(void) {
    for (int threads = 1; threads <= 4; threads++) {
        Sum sum = {0};
        ParallelJob job = {.items = ITEMS,
                           .threads = threads,
                           .context = &sum,
                           .work = square,
                           .finish = add_in_order};
        parallel_run(&job);
        CHECK_INT(sum.next, ITEMS);
        CHECK_INT(sum.total, (ptrdiff_t)(ITEMS - 1) * ITEMS * (2 * ITEMS - 1) / 6);
    }
    CHECK(parallel_cores() >= 1);
}

UNIT_MAIN(slices, nearest, builder, arena_limits, diagnostics, parallel)

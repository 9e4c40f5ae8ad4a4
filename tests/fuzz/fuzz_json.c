/* Every value of a document is looked at in every way that there is. */
#define _XOPEN_SOURCE 700 /* mkdtemp() */
#include "checkpoint/json.h"
#include "tests/fuzz/fuzz.h"

static size_t look(const Json *value, int depth) {
    int64_t whole = 0;
    uint64_t natural = 0;
    size_t sum = (size_t)json_kind(value) + (size_t)json_str(value).n + (size_t)json_true(value);
    sum += json_int(value, &whole) + json_uint(value, &natural) + (json_number(value, 0) > 1);
    sum += json_has(value, "a");
    for (JsonIter it = json_iter(value); json_next(&it);)
        sum += (size_t)it.key.n + look(it.value, depth + 1);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const int depths[] = {JSON_DEPTH_RUST, JSON_DEPTH_PYTHON};
    for (int i = 0; i < 2; i++) {
        Arena arena = {.limit = LIMIT};
        jmp_buf exhausted;
        arena.on_exhausted = &exhausted;
        if (setjmp(exhausted) == 0) {
            Reasons reasons = {.arena = &arena};
            Str text = {(const char *)data, (ptrdiff_t)size};
            JsonDoc *doc = json_parse(&arena, text, depths[i], S("x.json"), &reasons);
            if (!doc != (reasons.rejects > 0))
                abort();
            (void)look(json_root(doc), 0);
            json_close(doc);
        }
        fuzz_close(&arena);
    }
    return 0;
}

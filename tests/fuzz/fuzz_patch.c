/* A transform's text. */
#define _XOPEN_SOURCE 700 /* mkdtemp() */
#include "tests/fuzz/fuzz.h"
#include "transform/patch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static Parser *parser;
    if (!parser)
        parser = parser_open();
    Arena arena = {0};
    Diagnostics diagnostics = {.arena = &arena};
    Transform *transform = patch_parse(&arena, parser, S("t"), S("t.patch"),
                                       (Str){(const char *)data, (ptrdiff_t)size}, &diagnostics);
    patch_close(transform); /* NULL after errors */
    fuzz_close(&arena);
    return 0;
}

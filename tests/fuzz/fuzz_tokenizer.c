/* A tokenizer.json; what the class of tokenizer makes of it is chosen by its length. */
#define _XOPEN_SOURCE 700 /* mkdtemp() */
#include "check/tokenizer.h"
#include "tests/fuzz/fuzz.h"

static void encode(Tokenizer *tokenizer, Arena *arena) {
    static const char *const texts[] = {
        "",
        "The quick  brown fox, 12345 \xF0\x9F\x98\x80",
        " \xE2\x96\x81x e\xCC\x81 \xEF\xAC\x81<s> hi </s>\n\n\t",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
        "\xED\x95\x9C\xEA\xB5\xAD\xEC\x96\xB4 \xE0\xA4\xB9\xE0\xA4\xBF",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        Ids ids;
        (void)tokenizer_encode(tokenizer, arena, str_from(texts[i]), &ids);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const types[] = {"llama", "gemma", "gpt2", "qwen2", "gpt_neox", "phi3"};
    fuzz_folder();
    fuzz_write("tokenizer.json", data, size);
    Arena arena = {.limit = LIMIT};
    jmp_buf exhausted;
    arena.on_exhausted = &exhausted;
    static Tokenizer *tokenizer;
    tokenizer = NULL;
    if (setjmp(exhausted) == 0) {
        Reasons reasons = {.arena = &arena};
        Str type = str_from(types[size % (sizeof types / sizeof *types)]);
        bool fine = tokenizer_open(&arena, S("."), type, &tokenizer, &reasons);
        if (fine != !reasons.rejects)
            abort();
        if (fine)
            encode(tokenizer, &arena);
    }
    tokenizer_close(tokenizer);
    fuzz_close(&arena);
    return 0;
}

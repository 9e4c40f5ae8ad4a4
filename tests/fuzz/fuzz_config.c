/* A config.json beside weights and tokenizer of a tiny model: the whole check with it, and with
 * quantized weights when its length is odd. */
#define _XOPEN_SOURCE 700 /* mkdtemp() */
#include "check/check.h"
#include "tests/fuzz/fuzz.h"

#ifndef MODEL
#error "MODEL is the folder of a checkpoint"
#endif

static void copy_model(void) {
    static const char *const names[] = {"model.safetensors", "tokenizer.json"};
    for (int i = 0; i < 2; i++) {
        char path[4096], bytes[1 << 17];
        snprintf(path, sizeof path, "%s/%s", MODEL, names[i]);
        FILE *file = fopen(path, "rb");
        size_t n = file ? fread(bytes, 1, sizeof bytes, file) : 0;
        if (!n || n == sizeof bytes) {
            perror(path);
            exit(2);
        }
        fclose(file);
        fuzz_write(names[i], bytes, n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char four_bit[] = "{\"quantization_config\":{\"load_in_4bit\":true,"
                                   "\"bnb_4bit_quant_type\":\"nf4\"},\"dtype\":\"bfloat16\"}";
    static const Str texts[] = {{"The quick", 9}, {"a", 1}};
    static bool copied;
    fuzz_folder();
    if (!copied)
        copy_model();
    copied = true;
    fuzz_write("config.json", data, size);
    Arena arena = {0}, own = {0};
    Reasons reasons = {.arena = &own};
    JsonDoc *load = NULL;
    if (size % 2)
        load = json_parse(&own, str_from(four_bit), JSON_DEPTH_PYTHON, S("load"), &reasons);
    CheckRequest request = {.folder = S("."),
                            .load = json_root(load),
                            .texts = texts,
                            .n_texts = 2,
                            .max_new_tokens = 2,
                            .level = CHECK_GENERATE,
                            .memory = LIMIT,
                            .threads = 1};
    CheckReport report = check_run(&arena, &request);
    Buf out = {.arena = &arena};
    check_print_json(&out, &report, &request);
    if (arena.used > 2 * (size_t)LIMIT)
        abort();
    json_close(load);
    arena_close(&arena);
    arena_close(&own);
    return 0;
}

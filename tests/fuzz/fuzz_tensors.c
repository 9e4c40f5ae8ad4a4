/* A safetensors file, or (when the input begins with a brace) the index of shards beside a good
 * one. Every tensor that was accepted must lie in its file. */
#define _XOPEN_SOURCE 700 /* mkdtemp() */
#include "checkpoint/tensors.h"
#include "tests/fuzz/fuzz.h"

#define GOOD "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}"

static void read_all(Tensors *tensors, Reasons *reasons) {
    unsigned sum = 0;
    for (ptrdiff_t i = 0; i < tensors->list.n; i++) {
        const Tensor *t = &tensors->list.v[i];
        const unsigned char *p = tensors_data(tensors, t, reasons);
        if (tensors_find(tensors, t->name) != t || (!p && t->bytes))
            abort();
        if (t->bytes)
            sum += p[0] + p[t->bytes - 1];
    }
    if (sum == 1u << 31)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {"model.safetensors", "model.safetensors.index.json"};
    fuzz_folder();
    bool index = size && data[0] == '{';
    fuzz_write("shard.safetensors", "\x38\0\0\0\0\0\0\0" GOOD "xx", 8 + sizeof GOOD - 1 + 2);
    unlink(names[!index]);
    fuzz_write(names[index], data, size);
    Arena arena = {.limit = LIMIT};
    jmp_buf exhausted;
    arena.on_exhausted = &exhausted;
    static Tensors tensors;
    tensors = (Tensors){0};
    if (setjmp(exhausted) == 0) {
        Reasons reasons = {.arena = &arena};
        bool fine = tensors_open(&arena, S("."), &tensors, &reasons);
        if (fine != !reasons.rejects)
            abort();
        if (fine)
            read_all(&tensors, &reasons);
    }
    tensors_close(&tensors);
    fuzz_close(&arena);
    return 0;
}

/* The order of added arguments: that in which the documentation of transformers writes them, what
 * is loaded before where and how. It holds among additions only; present arguments stay where their
 * author put them. To add one, write it where a person would; what is not listed comes after these,
 * by name. */
#include "edit/order.h"

static const Str order[] = {
    S("quantization_config"),
    S("device_map"),
    S("max_memory"),
    S("dtype"),
    S("torch_dtype"),
    S("attn_implementation"),
    S("trust_remote_code"),
    S("revision"),
    S("batch_size"),
    S("padding"),
    S("padding_side"),
    S("truncation"),
    S("max_length"),
    S("return_tensors"),
    S("max_new_tokens"),
    S("gradient_checkpointing"),
    S("gradient_checkpointing_kwargs"),
};

static ptrdiff_t rank(Str keyword) {
    for (ptrdiff_t i = 0; i < COUNT(order); i++)
        if (str_eq(order[i], keyword))
            return i;
    return COUNT(order);
}

int argument_compare(Str a, Str b) {
    ptrdiff_t rank_a = rank(a), rank_b = rank(b);
    if (rank_a != rank_b)
        return rank_a < rank_b ? -1 : 1;
    return str_compare(a, b);
}

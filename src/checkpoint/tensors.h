/* The tensors of a checkpoint: what its safetensors files say, checked, without reading weights. */
#ifndef HFFIX_CHECKPOINT_TENSORS_H
#define HFFIX_CHECKPOINT_TENSORS_H

#include "checkpoint/file.h"

/* The element types of safetensors 0.8, in its order. */
typedef enum TensorType {
    TENSOR_BOOL,
    TENSOR_F4,
    TENSOR_F6_E2M3,
    TENSOR_F6_E3M2,
    TENSOR_U8,
    TENSOR_I8,
    TENSOR_F8_E5M2,
    TENSOR_F8_E4M3,
    TENSOR_F8_E8M0,
    TENSOR_F8_E4M3FNUZ,
    TENSOR_F8_E5M2FNUZ,
    TENSOR_I16,
    TENSOR_U16,
    TENSOR_F16,
    TENSOR_BF16,
    TENSOR_I32,
    TENSOR_U32,
    TENSOR_F32,
    TENSOR_C64,
    TENSOR_F64,
    TENSOR_I64,
    TENSOR_U64,
    TENSOR_TYPES
} TensorType;

typedef struct Tensor {
    Str name;
    TensorType type;
    int rank;
    const uint64_t *shape; /* rank numbers, outermost first */
    uint64_t count;        /* product of the shape; 1 for a scalar */
    uint64_t at, bytes;    /* in its file */
    int file;              /* index in Tensors.files */
} Tensor;

typedef struct TensorFile {
    Str name;
    File file;
    Mapping map; /* made at the first look at its data */
} TensorFile;

typedef struct Tensors {
    Arena *arena;
    Str folder;
    List(TensorFile) files;
    List(Tensor) list;
    int32_t *slots; /* hash table over list, -1: free */
    ptrdiff_t n_slots;
    uint64_t total_bytes;
} Tensors;

/* Reads the headers of model.safetensors, or of the shards that model.safetensors.index.json names.
 * False after adding rejects; what could be read is in `out` nevertheless. tensors_close()
 * always. */
bool tensors_open(Arena *arena, Str folder, Tensors *out, Reasons *reasons);
void tensors_close(Tensors *tensors);

const Tensor *tensors_find(const Tensors *tensors, Str name);
/* The bytes of a tensor, not aligned; NULL after a reject when its file cannot be mapped. */
const unsigned char *tensors_data(Tensors *tensors, const Tensor *tensor, Reasons *reasons);

const char *tensor_type_name(TensorType type);
unsigned tensor_type_bits(TensorType type);
Str tensor_shape(Arena *arena, const uint64_t *shape, int rank); /* "[64, 32]" */

/* False when the product does not fit. */
static inline bool multiply(uint64_t a, uint64_t b, uint64_t *out) {
    *out = a * b;
    return a == 0 || *out / a == b;
}

#endif

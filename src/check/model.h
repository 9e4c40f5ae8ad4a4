/* A checkpoint's tensors at their places in an architecture. */
#ifndef HFFIX_CHECK_MODEL_H
#define HFFIX_CHECK_MODEL_H

#include "check/families.h"
#include "check/load.h"
#include "check/matrix.h"
#include "checkpoint/tensors.h"

typedef struct Norm {
    const float *w, *b; /* b: NULL without */
    ptrdiff_t n;
} Norm;

typedef struct Layer {
    Matrix matrix[SLOTS]; /* those that are not there have kind MATRIX_NONE */
    Norm norm[SLOTS];     /* w NULL: not there; one norm a head lies one behind the other */
    Matrix *experts;      /* [expert][gate, up, down] */
} Layer;

/* A module that bitsandbytes quantizes, for hashes. */
typedef struct QuantizedModule {
    Str name;
    const Matrix *matrix;
    const unsigned char *absmax_codes; /* double quantization */
    ptrdiff_t n_packed, n_absmax;
} QuantizedModule;

typedef struct Model {
    Arena *arena, *scratch;
    const Arch *arch;
    const Load *load;
    Tensors *tensors;
    Reasons *reasons;
    WeightSpecs specs;
    const Tensor **found;      /* for each spec; NULL: the head, when it is the embedding */
    bool tied;                 /* after looking at what is in the files */
    uint64_t other_parameters; /* of parts that are not the language model */
    Layer outside;
    Layer *layers;
    int64_t loaded;       /* layers */
    bool streams;         /* one layer at a time is held, model_enter() changes it */
    ArenaMark empty;      /* of the arena, without a layer */
    int64_t *rope_length; /* what dynamic rope was made for last: torch keeps it, too */
    List(QuantizedModule) quantized;
} Model;

/* Finds every tensor, with its shape and type. False after rejects. */
bool model_bind(Arena *arena, Arena *scratch, const Arch *arch, const Load *load, Tensors *tensors,
                Model *out, Reasons *reasons);
/* Whether bitsandbytes would quantize the module of a spec. */
bool model_quantizes(const Model *model, const WeightSpec *spec);
/* Makes all layers ready to compute with. */
bool model_load(Model *model);
/* The same for the first `layers` layers, of which one is held at a time, without a head. */
bool model_stream(Model *model, int64_t layers);
bool model_enter(Model *model, int64_t layer); /* it takes the place of the one before */
void model_release(const Model *model, const Matrix *matrix); /* it has been used */
/* Looks through all bound tensors for what is no number, or would be none in the load type. */
void model_scan(Model *model);

#endif

/* Where the memory goes: bytes of every module in the asked form, and its device. */
#ifndef HFFIX_CHECK_PLAN_H
#define HFFIX_CHECK_PLAN_H

#include "check/model.h"

typedef struct PlanDevice {
    Str name;       /* "cuda:0", "cpu" */
    uint64_t limit; /* 0: none */
    uint64_t bytes;
    ptrdiff_t blocks; /* modules that are kept whole: the embedding, a layer, the head */
} PlanDevice;

typedef struct Plan {
    uint64_t parameters;
    uint64_t bytes;      /* of all weights as they are loaded */
    uint64_t disk_bytes; /* as they are in the files */
    uint64_t layer_bytes;
    List(PlanDevice) devices;
    bool fits; /* on the given devices, without the processor's memory */
} Plan;

/* `gpus` are the sizes of the devices; with none, everything is on the processor. */
Plan plan_make(Arena *arena, const Model *model, const uint64_t *gpus, ptrdiff_t n_gpus);

/* "80GiB,24GiB" or "512MiB"; false when it is not of that form. */
bool plan_sizes(Arena *arena, Str text, uint64_t **sizes, ptrdiff_t *n);

#endif

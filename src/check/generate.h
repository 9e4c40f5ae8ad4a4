/* Greedy generation, of one text or of a padded batch. */
#ifndef HFFIX_CHECK_GENERATE_H
#define HFFIX_CHECK_GENERATE_H

#include "check/forward.h"
#include "check/tokenizer.h"

typedef struct Generated {
    Ids ids;             /* new ones; ends behind an end token */
    float *margins;      /* of each: largest logit minus the next */
    float *first_logits; /* of the first step, [vocab] */
    bool finite;         /* all logits were numbers */
} Generated;

typedef struct GenerateSettings {
    ptrdiff_t max_new;
    int32_t pad;
    Ids ends; /* end tokens */
    bool pads_left;
} GenerateSettings;

/* Rows with an empty prompt must not be given. `out` has n elements. */
void generate(Model *model, Arena *arena, const Ids *prompts, ptrdiff_t n,
              const GenerateSettings *settings, Generated *out);

#endif

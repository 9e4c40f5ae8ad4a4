/* The arguments of from_pretrained, as JSON, against what they may be. */
#ifndef HFFIX_CHECK_LOAD_H
#define HFFIX_CHECK_LOAD_H

#include "check/numbers.h"
#include "checkpoint/config.h"

typedef enum Quantization { QUANTIZE_NONE, QUANTIZE_4BIT, QUANTIZE_8BIT } Quantization;

typedef struct Load {
    Precision precision;
    bool precision_given;
    Quantization quantization;
    bool fp4;          /* 4-bit: fp4 rather than nf4 */
    bool twice;        /* bnb_4bit_use_double_quant */
    bool saved;        /* the checkpoint is quantized so already */
    bool recast;       /* … and dtype asks for another type than it was saved in */
    Str foreign;       /* the method of one that is quantized otherwise, which is not run */
    Precision compute; /* bnb_4bit_compute_dtype */
    bool compute_given;
    const Json *skip; /* llm_int8_skip_modules, NULL: not given */
    bool trust_remote_code, device_map_auto;
    const Json *device_map; /* a dict, NULL otherwise */
} Load;

/* Reads what can be judged without the checkpoint. False after rejects about "load". */
bool load_read(const Json *arguments, Load *out, Reasons *reasons);
/* Then with its config: load type by default, an already quantized checkpoint. */
bool load_against(Load *load, const Config *config, Reasons *reasons);

/* Whether bitsandbytes is kept away from a module by the list of names. */
bool load_skips(const Load *load, Str module);

#endif

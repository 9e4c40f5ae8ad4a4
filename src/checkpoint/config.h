/* config.json and generation_config.json: numbers by any of their names, rope in its v4 and v5
 * spelling, dtype, what is said about quantization. It knows how things are written, not what an
 * architecture makes of them (src/check/families.c does). */
#ifndef HFFIX_CHECKPOINT_CONFIG_H
#define HFFIX_CHECKPOINT_CONFIG_H

#include "checkpoint/json.h"

typedef struct Config {
    Arena *arena;
    Reasons *reasons;
    JsonDoc *doc, *generation_doc;
    const Json *root, *top;   /* of the language model; of the file. The same, but in a model of
                                 several parts whose language model is described by text_config */
    const Json *generation;   /* NULL without a (readable) generation_config.json */
    bool trusted;             /* code that comes with the model may run: trust_remote_code */
    Str model_type;           /* of root */
    Str dtype;                /* "bfloat16"; empty: not said */
    const Json *quantization; /* quantization_config, NULL without */
    Str quant_method;         /* "gptq", "bitsandbytes", …; empty without quantization_config */
} Config;

/* Reads both files of a folder. False after adding rejects. config_close() always. */
bool config_open(Arena *arena, Str folder, bool trust_remote_code, Config *out, Reasons *reasons);
void config_close(Config *config);

/* `names` are the spellings of one key, separated by '|'; the first that is there and not null
 * counts. A value of another type adds a reject and gives `otherwise`. */
int64_t config_int(const Config *config, const char *names, int64_t otherwise);
double config_number(const Config *config, const char *names, double otherwise);
bool config_bool(const Config *config, const char *names, bool otherwise);
Str config_str(const Config *config, const char *names, const char *otherwise);
const Json *config_get(const Config *config, const char *names); /* NULL: none, or null */

bool dtype_known(Str name); /* a type that torch has, without "torch." */

typedef enum RopeType {
    ROPE_DEFAULT,
    ROPE_LINEAR,
    ROPE_DYNAMIC,
    ROPE_LLAMA3,
    ROPE_YARN,
    ROPE_LONGROPE
} RopeType;

typedef struct Rope {
    RopeType type;
    double theta, partial; /* partial: share of head_dim that is rotated */
    double factor;         /* 0: not given */
    double original;       /* original_max_position_embeddings */
    double low, high;      /* llama3 */
    double beta_fast, beta_slow, attention_factor, mscale, mscale_all_dim; /* 0: not given */
    bool truncate;                                                         /* yarn */
    const Json *long_factor, *short_factor;                                /* longrope */
} Rope;

/* The rope of layers of one type ("full_attention", "sliding_attention"). `local`: sliding layers
 * have that base where nothing is said, and no scaling (Gemma 3); 0: they are as the others. */
bool config_rope(const Config *config, const char *layer_type, double theta, double local,
                 double partial, Rope *out);

#endif

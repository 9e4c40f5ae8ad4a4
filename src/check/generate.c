/* As transformers' generate() without sampling: positions count what is not padding, a row that has
 * ended goes on with padding tokens until all have. */
#include "check/generate.h"

#include <math.h>

typedef struct Batch {
    const GenerateSettings *settings;
    ptrdiff_t n, width, length; /* rows; places of the longest prompt; places so far */
    int32_t *ids;               /* [n][capacity] */
    ptrdiff_t capacity;
    bool *ended;
} Batch;

static void lay_out(Batch *batch, Cache *cache, const Ids *prompts) {
    for (ptrdiff_t r = 0; r < batch->n; r++) {
        ptrdiff_t padding = batch->width - prompts[r].n;
        int64_t position = 0;
        for (ptrdiff_t i = 0; i < batch->width; i++) {
            ptrdiff_t at = r * batch->capacity + i,
                      from = batch->settings->pads_left ? i - padding : i;
            bool real = from >= 0 && from < prompts[r].n;
            batch->ids[at] = real ? prompts[r].v[from] : batch->settings->pad;
            cache->visible[at] = real;
            /* cumsum(mask) - 1; padding in front gets 0, behind it what the last real one has */
            cache->position[at] = real ? position++ : position > 0 ? position - 1 : 0;
        }
    }
}

static bool is_end(const GenerateSettings *settings, int32_t id) {
    for (ptrdiff_t i = 0; i < settings->ends.n; i++)
        if (settings->ends.v[i] == id)
            return true;
    return false;
}

/* The largest logit's id; the first of equal ones. */
static int32_t best(const float *logits, ptrdiff_t vocab, float *margin, bool *finite) {
    ptrdiff_t first = 0;
    float second = -INFINITY;
    for (ptrdiff_t i = 0; i < vocab; i++) {
        *finite &= isfinite(logits[i]);
        if (i == 0)
            continue;
        if (logits[i] > logits[first]) {
            second = logits[first];
            first = i;
        } else if (logits[i] > second) {
            second = logits[i];
        }
    }
    *margin = logits[first] - second;
    return (int32_t)first;
}

/* Puts the next token of every row behind what it has; false when all have ended. */
static bool choose(Batch *batch, Cache *cache, const float *logits, ptrdiff_t vocab, Arena *arena,
                   Generated *out) {
    bool going = false;
    for (ptrdiff_t r = 0; r < batch->n; r++) {
        float margin;
        int32_t id = best(logits + r * vocab, vocab, &margin, &out[r].finite);
        ptrdiff_t at = r * batch->capacity + batch->length;
        if (batch->ended[r]) {
            id = batch->settings->pad;
        } else {
            out[r].margins[out[r].ids.n] = margin;
            *list_push(arena, &out[r].ids) = id;
            batch->ended[r] = is_end(batch->settings, id);
        }
        batch->ids[at] = id;
        cache->visible[at] = 1;
        cache->position[at] = cache->position[at - 1] + 1;
        going |= !batch->ended[r];
    }
    batch->length++;
    return going;
}

/* Runs all places that the cache has not seen. */
static void run(Model *model, Batch *batch, Cache *cache, float *logits) {
    ptrdiff_t n = batch->length - cache->length;
    ArenaMark mark = arena_mark(model->scratch);
    int32_t *ids = new (model->scratch, int32_t, batch->n * n);
    for (ptrdiff_t r = 0; r < batch->n; r++)
        memcpy(ids + r * n, batch->ids + r * batch->capacity + cache->length,
               sizeof *ids * (size_t)n);
    forward(model, cache, ids, n, logits);
    arena_reset(model->scratch, mark);
}

void generate(Model *model, Arena *arena, const Ids *prompts, ptrdiff_t n,
              const GenerateSettings *settings, Generated *out) {
    const Arch *a = model->arch;
    Batch batch = {.settings = settings, .n = n};
    for (ptrdiff_t r = 0; r < n; r++) {
        batch.width = prompts[r].n > batch.width ? prompts[r].n : batch.width;
        out[r] = (Generated){.finite = true,
                             .margins = new (arena, float, settings->max_new),
                             .first_logits = new (arena, float, (ptrdiff_t)a->vocab)};
    }
    batch.length = batch.width;
    batch.capacity = batch.width + settings->max_new;
    ArenaMark mark = arena_mark(model->scratch);
    batch.ids = new (model->scratch, int32_t, n * batch.capacity);
    batch.ended = new (model->scratch, bool, n);
    float *logits = new (model->scratch, float, n *(ptrdiff_t)a->vocab);
    Cache cache = cache_new(model->scratch, model, n, batch.capacity);
    lay_out(&batch, &cache, prompts);
    for (ptrdiff_t step = 0; step < settings->max_new; step++) {
        /* Phi-3 forgets its cache when the text first gets longer than the original length. */
        if (a->rebuilds_cache && (double)batch.length >= a->rope.original + 1 &&
            (double)cache.length <= a->rope.original)
            cache.length = 0;
        run(model, &batch, &cache, logits);
        for (ptrdiff_t r = 0; r < n && step == 0; r++)
            memcpy(out[r].first_logits, logits + r * (ptrdiff_t)a->vocab,
                   sizeof *logits * (size_t)a->vocab);
        if (!choose(&batch, &cache, logits, (ptrdiff_t)a->vocab, arena, out))
            break;
    }
    arena_reset(model->scratch, mark);
}

/* device_map="auto" fills one device after the other in the order of the modules and never splits a
 * layer (accelerate, infer_auto_device_map); before the last device it keeps room for the largest
 * layer, for work that passes through. Weights alone are counted: activations and the cache of keys
 * come on top. */
#include "check/plan.h"

#include "check/quantize.h"

/* As bitsandbytes keeps them: half a byte each, 4 bytes per 64 (or 1 byte, 4 per 256 of those and 4
 * for the offset, with double quantization); one byte each and 4 per row in 8 bit. */
static uint64_t spec_bytes(const Model *model, const WeightSpec *spec) {
    uint64_t n = spec->rank == 2 ? spec->shape[0] * spec->shape[1] : spec->shape[0];
    if (model_quantizes(model, spec)) {
        if (model->load->quantization == QUANTIZE_8BIT)
            return n + 4 * spec->shape[0];
        uint64_t blocks = (n + BLOCK_4BIT - 1) / BLOCK_4BIT;
        return (n + 1) / 2 + (model->load->twice
                                  ? blocks + 4 * ((blocks + BLOCK_ABSMAX - 1) / BLOCK_ABSMAX) + 4
                                  : 4 * blocks);
    }
    return n * (model->load->precision == FLOAT32 ? 4 : 2);
}

/* Puts a block of modules onto the first device from `at` on that has room. */
static ptrdiff_t place(Plan *plan, ptrdiff_t at, uint64_t bytes, uint64_t largest) {
    for (; at + 1 < plan->devices.n; at++) {
        const PlanDevice *d = &plan->devices.v[at];
        uint64_t room =
            d->limit > largest && at + 2 < plan->devices.n ? d->limit - largest : d->limit;
        if (d->bytes + bytes <= room)
            break;
    }
    plan->devices.v[at].bytes += bytes;
    plan->devices.v[at].blocks++;
    return at;
}

Plan plan_make(Arena *arena, const Model *model, const uint64_t *gpus, ptrdiff_t n_gpus) {
    Plan plan = {.disk_bytes = model->tensors->total_bytes};
    for (ptrdiff_t i = 0; i < n_gpus; i++)
        *list_push(arena, &plan.devices) =
            (PlanDevice){.name = str_format(arena, "cuda:%td", i), .limit = gpus[i]};
    *list_push(arena, &plan.devices) = (PlanDevice){.name = S("cpu")};
    ptrdiff_t blocks = (ptrdiff_t)model->arch->layers + 2; /* in front, the layers, behind */
    uint64_t *bytes = new (arena, uint64_t, blocks), largest = 0;
    bytes[0] = model->other_parameters * (model->load->precision == FLOAT32 ? 4 : 2);
    plan.bytes = bytes[0];
    plan.parameters = model->other_parameters;
    for (ptrdiff_t i = 0; i < model->specs.n; i++) {
        const WeightSpec *spec = &model->specs.v[i];
        if (spec->slot == SLOT_HEAD && model->tied)
            continue;
        uint64_t own = model->load->foreign.n && model->found[i] ? model->found[i]->bytes
                                                                 : spec_bytes(model, spec);
        plan.parameters += spec->rank == 2 ? spec->shape[0] * spec->shape[1] : spec->shape[0];
        plan.bytes += own;
        bytes[spec->layer >= 0                   ? spec->layer + 1
              : spec->slot < SLOT_NORM_ATTENTION ? 0
                                                 : blocks - 1] += own;
    }
    for (ptrdiff_t i = 1; i + 1 < blocks; i++)
        largest = bytes[i] > largest ? bytes[i] : largest;
    plan.layer_bytes = largest;
    ptrdiff_t at = 0;
    for (ptrdiff_t i = 0; i < blocks; i++)
        at = place(&plan, at, bytes[i], largest);
    plan.fits = n_gpus == 0 || at < n_gpus;
    return plan;
}

bool plan_sizes(Arena *arena, Str text, uint64_t **sizes, ptrdiff_t *n) {
    static const struct {
        const char *unit;
        double bytes;
    } units[] = {{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1e9}, {"MB", 1e6},
                 {"KB", 1e3},      {"G", 1 << 30},   {"M", 1 << 20},   {"", 1}};
    List(uint64_t) list = {0};
    for (Str part, rest = text; rest.n;) {
        str_cut(rest, ',', &part, &rest);
        ptrdiff_t i = 0;
        double number = 0, step = 1;
        bool point = false;
        for (;
             i < part.n && ((part.p[i] >= '0' && part.p[i] <= '9') || (part.p[i] == '.' && !point));
             i++) {
            point |= part.p[i] == '.';
            if (part.p[i] != '.')
                number = point ? number + (step /= 10) * (part.p[i] - '0')
                               : number * 10 + (part.p[i] - '0');
        }
        Str unit = str_trim(str_slice(part, i, part.n));
        ptrdiff_t k = 0;
        while (k < COUNT(units) && !str_eq(unit, str_from(units[k].unit)))
            k++;
        if (i == 0 || k == COUNT(units) || !(number * units[k].bytes < 1e18))
            return false;
        *list_push(arena, &list) = (uint64_t)(number * units[k].bytes);
    }
    *sizes = list.v;
    *n = list.n;
    return list.n > 0;
}

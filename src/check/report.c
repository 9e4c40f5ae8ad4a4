/* The report as one JSON object, in the form that `hffix --check-model` promises. */
#include <math.h>

#include "base/sha256.h"
#include "check/check.h"
#include "check/quantize.h"

static void number(Buf *out, double x) {
    if (isfinite(x))
        buf_format(out, "%.9g", x);
    else
        buf_add(out, S("null"));
}

static void id(Buf *out, const char *name, int32_t value, const char *behind) {
    if (value < 0)
        buf_format(out, "\"%s\": null%s", name, behind);
    else
        buf_format(out, "\"%s\": %d%s", name, value, behind);
}

static void print_reasons(Buf *out, const Reasons *reasons) {
    static const char *const weights[] = {
        [REASON_NOTE] = "note", [REASON_WARN] = "warn", [REASON_REJECT] = "reject"};
    buf_add(out, S("  \"reasons\": ["));
    for (ptrdiff_t i = 0; i < reasons->list.n; i++) {
        const Reason *r = &reasons->list.v[i];
        buf_format(out, "%s\n    {\"weight\": \"%s\", \"file\": ", i ? "," : "",
                   weights[r->weight]);
        buf_add_json(out, r->file);
        buf_add(out, S(", \"place\": "));
        buf_add_json(out, r->place);
        buf_add(out, S(", \"text\": "));
        buf_add_json(out, r->text);
        buf_add(out, S("}"));
    }
    buf_add(out, reasons->list.n ? S("\n  ],\n") : S("],\n"));
}

static void print_plan(Buf *out, const CheckReport *report) {
    const Plan *plan = &report->plan;
    if (!report->has_plan) {
        buf_add(out, S("  \"parameters\": null,\n  \"bytes\": null,\n  \"plan\": null,\n"));
        return;
    }
    buf_format(out,
               "  \"parameters\": %llu,\n  \"bytes\": %llu,\n  \"plan\": {\"fits\": %s, "
               "\"disk_bytes\": %llu, \"layer_bytes\": %llu, \"devices\": [",
               (unsigned long long)plan->parameters, (unsigned long long)plan->bytes,
               plan->fits ? "true" : "false", (unsigned long long)plan->disk_bytes,
               (unsigned long long)plan->layer_bytes);
    for (ptrdiff_t i = 0; i < plan->devices.n; i++) {
        const PlanDevice *d = &plan->devices.v[i];
        buf_format(out, "%s{\"device\": \"%.*s\", \"bytes\": %llu, \"blocks\": %td", i ? ", " : "",
                   STR_ARG(d->name), (unsigned long long)d->bytes, d->blocks);
        if (d->limit)
            buf_format(out, ", \"limit\": %llu", (unsigned long long)d->limit);
        buf_add(out, S("}"));
    }
    buf_add(out, S("]},\n"));
}

static void print_ids(Buf *out, const char *name, const Ids *ids) {
    buf_format(out, "\"%s\": [", name);
    for (ptrdiff_t i = 0; i < ids->n; i++)
        buf_format(out, "%s%d", i ? ", " : "", ids->v[i]);
    buf_add(out, S("]"));
}

static void print_text(Buf *out, const CheckText *text, bool logits, int64_t vocab) {
    buf_add(out, S("    {"));
    print_ids(out, "ids", &text->ids);
    buf_add(out, S(", "));
    print_ids(out, "generated", &text->generated.ids);
    buf_add(out, S(", \"margins\": ["));
    for (ptrdiff_t i = 0; i < text->generated.ids.n; i++) {
        buf_add(out, i ? S(", ") : S(""));
        number(out, text->generated.margins[i]);
    }
    buf_add(out, S("]"));
    if (logits) {
        buf_add(out, S(", \"first_step_logits\": ["));
        for (int64_t i = 0; i < vocab && text->generated.first_logits; i++) {
            buf_add(out, i ? S(", ") : S(""));
            number(out, text->generated.first_logits[i]);
        }
        buf_add(out, S("]"));
    }
    buf_add(out, S("}"));
}

static void hash(Buf *out, const char *name, const void *bytes, size_t n) {
    buf_format(out, ", \"%s\": \"%.*s\"", name, STR_ARG(sha256_hex(out->arena, bytes, n)));
}

void check_print_modules(Buf *out, const Model *model) {
    ptrdiff_t n = model->quantized.n;
    for (ptrdiff_t i = 0; i < n; i++) {
        const QuantizedModule *q = &model->quantized.v[i];
        const Matrix *m = q->matrix;
        buf_format(out, "%s\n    {\"name\": \"%.*s\", \"shape\": [%td, %td]", i ? "," : "",
                   STR_ARG(q->name), m->rows, m->columns);
        if (m->kind == MATRIX_8BIT) {
            hash(out, "int8_sha256", m->p, (size_t)(m->rows * m->columns));
            hash(out, "scb_sha256", m->scb, sizeof(float) * (size_t)m->rows);
        } else {
            hash(out, "packed_sha256", m->p, (size_t)q->n_packed);
            if (q->absmax_codes)
                hash(out, "absmax8_sha256", q->absmax_codes, (size_t)q->n_absmax);
            hash(out, "absmax_sha256", m->absmax, sizeof(float) * (size_t)q->n_absmax);
        }
        buf_add(out, S("}"));
    }
    buf_add(out, n ? S("\n  ") : S(""));
}

void check_print_json(Buf *out, const CheckReport *report, const CheckRequest *request) {
    buf_format(out, "{\n  \"verdict\": \"%s\",\n", check_verdict(report));
    print_reasons(out, &report->reasons);
    buf_add(out, S("  \"architecture\": "));
    if (report->architecture.n)
        buf_add_json(out, report->architecture);
    else
        buf_add(out, S("null"));
    buf_format(out, ",\n  \"tensors\": %llu,\n", (unsigned long long)report->tensors);
    print_plan(out, report);
    buf_add(out, S("  \"tokenizer\": "));
    if (report->has_tokenizer) {
        buf_add(out, S("{"));
        id(out, "pad_token_id", report->tokenizer.pad_id, ", ");
        id(out, "eos_token_id", report->tokenizer.eos_id, ", ");
        id(out, "bos_token_id", report->tokenizer.bos_id, "},\n");
    } else {
        buf_add(out, S("null,\n"));
    }
    buf_format(out, "  \"layers\": %lld,\n  \"layers_run\": %lld,\n", (long long)report->layers,
               (long long)report->layers_run);
    buf_add(out, S("  \"texts\": ["));
    for (ptrdiff_t i = 0; i < report->n_texts; i++) {
        buf_add(out, i ? S(",\n") : S("\n"));
        print_text(out, &report->texts[i], request->logits, report->vocab);
    }
    buf_add(out, report->n_texts ? S("\n  ],\n") : S("],\n"));
    buf_format(out, "  \"padded_equals_alone\": %s,\n",
               report->padded_equals_alone < 0 ? "null"
               : report->padded_equals_alone   ? "true"
                                               : "false");
    if (request->hashes)
        buf_format(out, "  \"modules\": [%.*s],\n", STR_ARG(report->modules));
    buf_format(out, "  \"seconds\": %.6f,\n  \"peak_bytes\": %llu\n}\n", report->seconds,
               (unsigned long long)report->peak_bytes);
}

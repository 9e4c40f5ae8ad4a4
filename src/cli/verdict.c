/* The wording of verdicts. One line a site; of many reasons the first is told, with the number of
 * the others, and the JSON has all. */
#include "cli/verdict.h"

static Str size_text(Arena *arena, uint64_t bytes) {
    double n = (double)bytes;
    if (bytes >= (uint64_t)1 << 30)
        return str_format(arena, "%.1f GiB", n / (1 << 30));
    if (bytes >= 1 << 20)
        return str_format(arena, "%.1f MiB", n / (1 << 20));
    return str_format(arena, "%.1f KiB", n / (1 << 10));
}

/* "80 GiB" of a size that somebody gave. */
static Str round_size(Arena *arena, uint64_t bytes) {
    static const char *const units[] = {"KiB", "MiB", "GiB"};
    for (int i = 3; i >= 1; i--)
        if (bytes % ((uint64_t)1 << 10 * i) == 0)
            return str_format(arena, "%llu %s", (unsigned long long)(bytes >> 10 * i),
                              units[i - 1]);
    return size_text(arena, bytes);
}

static void add_behind(Buf *out, const LoadSite *site) {
    for (ptrdiff_t i = 0; i < site->open.n; i++)
        buf_format(out, "; %.*s not followed", STR_ARG(site->open.v[i]));
    if (site->opaque)
        buf_add(out, S("; what ** brings is not followed"));
}

static void add_reason(Buf *out, const Reason *reason) {
    bool own = str_eq(reason->file, S("load")) || str_eq(reason->file, S("tokenizer")) ||
               str_eq(reason->file, S("model"));
    if (!own)
        buf_format(out, "%.*s: ", STR_ARG(reason->file));
    if (!own && reason->place.n && str_find(reason->text, reason->place) < 0)
        buf_format(out, "%.*s: ", STR_ARG(reason->place));
    buf_add(out, reason->text);
}

static void add_others(Buf *out, ptrdiff_t n, const char *one, const char *many) {
    if (n > 0)
        buf_format(out, " (and %td more %s)", n, n == 1 ? one : many);
}

/* The first reason of that weight, and how many others there are. Problems of the site come first.
 * False: none. */
static bool add_first(Buf *out, const LoadSite *site, const Reasons *reasons, ReasonWeight weight) {
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < site->problems.n; i++)
        if (site->problems.v[i].fatal == (weight == REASON_REJECT) && n++ == 0)
            buf_add(out, site->problems.v[i].text);
    for (ptrdiff_t i = 0; i < reasons->list.n; i++)
        if (reasons->list.v[i].weight == weight && n++ == 0)
            add_reason(out, &reasons->list.v[i]);
    bool rejects = weight == REASON_REJECT;
    add_others(out, n - 1, rejects ? "reason" : "warning", rejects ? "reasons" : "warnings");
    return n > 0;
}

static bool is_rejected(Buf *out, const LoadSite *site, const Reasons *reasons) {
    buf_add(out, S("does not load: "));
    if (add_first(out, site, reasons, REASON_REJECT))
        return true;
    out->n = 0;
    return false;
}

static void add_warning(Buf *out, const LoadSite *site, const Reasons *reasons) {
    ptrdiff_t before = out->n;
    buf_add(out, S("; warning: "));
    if (!add_first(out, site, reasons, REASON_WARN))
        out->n = before;
}

Verdict verdict_of_arguments(Arena *arena, const LoadSite *site, const Reasons *reasons, Str why) {
    Buf out = {.arena = arena};
    Verdict verdict = {.kind = VERDICT_REJECTED};
    if (!is_rejected(&out, site, reasons)) {
        verdict.kind = VERDICT_UNKNOWN;
        buf_format(&out, "arguments are valid; %.*s, went no further", STR_ARG(why));
        add_warning(&out, site, reasons);
        add_behind(&out, site);
    }
    verdict.text = buf_str(&out);
    return verdict;
}

/* ---- what a check has found ---- */

/* "on 2 x 24 GiB", of the devices that hold something. */
static void add_devices(Buf *out, const Plan *plan, const CheckRequest *request) {
    ptrdiff_t used = 0, n = request->n_gpus;
    bool even = true;
    for (ptrdiff_t i = 0; i < n && i < plan->devices.n; i++) {
        used += plan->devices.v[i].bytes > 0;
        even &= request->gpus[i] == request->gpus[0];
    }
    if (!n)
        return;
    if (even)
        buf_format(out, " on %td x %.*s", used ? used : 1,
                   STR_ARG(round_size(out->arena, request->gpus[0])));
    for (ptrdiff_t i = 0; !even && i < n; i++)
        buf_format(out, "%s%.*s", i ? " + " : " on ",
                   STR_ARG(round_size(out->arena, request->gpus[i])));
    if (!plan->fits)
        buf_add(out, S(" and the processor"));
}

static void add_run(Buf *out, const CheckReport *report) {
    ptrdiff_t tokens = 0;
    for (ptrdiff_t i = 0; i < report->n_texts; i++)
        if (report->texts[i].generated.ids.n > tokens)
            tokens = report->texts[i].generated.ids.n;
    if (report->generated) {
        buf_format(out, "; generated %td %s", tokens, tokens == 1 ? "token" : "tokens");
        if (report->padded_equals_alone > 0)
            buf_add(out, S(", padded = unpadded"));
        else if (report->padded_equals_alone == 0)
            buf_add(out, S(", padded differs from unpadded"));
        if (report->padded_equals_alone == 0 && !report->tokenizer.says_right)
            buf_add(out, S(", as it may with 8-bit weights or a rope of the batch's length"));
        if (!report->finite)
            buf_add(out, S(", not finite"));
    } else if (report->partly) {
        buf_format(out, "; ran %lld of %lld layers", (long long)report->layers_run,
                   (long long)report->layers);
        if (report->layers_run)
            buf_add(out, report->finite ? S(", finite") : S(", not finite"));
        else
            buf_add(out, S(": --memory allows no more"));
    }
}

static void add_findings(Buf *out, const CheckReport *report, const CheckRequest *request) {
    Str size = size_text(out->arena, report->plan.bytes);
    if (!report->has_plan) {
        buf_format(out, "loads: %.*s, config and arguments are valid",
                   STR_ARG(report->architecture));
        return;
    }
    buf_format(out, "loads: %llu tensors, %.*s %.*s", (unsigned long long)report->tensors,
               STR_ARG(report->form), STR_ARG(size));
    add_devices(out, &report->plan, request);
    add_run(out, report);
}

Verdict verdict_of_report(Arena *arena, const LoadSite *site, const CheckReport *report,
                          const CheckRequest *request, Str behind) {
    Buf out = {.arena = arena}, json = {.arena = arena};
    const Reasons *reasons = &report->reasons;
    Verdict verdict = {.kind = VERDICT_LOADS};
    bool uncovered = reasons->uncovered && reasons->uncovered == reasons->rejects;
    for (ptrdiff_t i = 0; i < site->problems.n; i++)
        uncovered &= !site->problems.v[i].fatal;
    if (uncovered) {
        verdict.kind = VERDICT_UNKNOWN;
        buf_format(&out, "%.*s: config and %llu tensors read", STR_ARG(reasons->first_uncovered),
                   (unsigned long long)report->tensors);
    } else if (is_rejected(&out, site, reasons)) {
        verdict.kind = VERDICT_REJECTED;
    } else {
        add_findings(&out, report, request);
        buf_format(&out, "%s%.*s", behind.n ? "; " : "", STR_ARG(behind));
        add_warning(&out, site, reasons);
    }
    if (verdict.kind != VERDICT_REJECTED)
        add_behind(&out, site);
    check_print_json(&json, report, request);
    verdict.text = buf_str(&out);
    verdict.json = str_trim(buf_str(&json));
    return verdict;
}

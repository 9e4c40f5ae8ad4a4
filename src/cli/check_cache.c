/* hffix --check-cache [DIR]: what in the hub's cache serves nobody, how large it is, and the
 * command that removes it. Without DIR: the cache that the environment names, and beside it the
 * folder that transformers had before 4.22. */
#include <stdlib.h>

#include "cache/audit.h"
#include "cache/hub.h"
#include "cli/commands.h"

static void add_size(Buf *out, uint64_t bytes) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double size = (double)bytes;
    int unit = 0;
    for (; size >= 1024 && unit < 4; unit++)
        size /= 1024;
    buf_format(out, unit ? "%.1f %s" : "%.0f %s", size, units[unit]);
}

typedef struct Totals {
    ptrdiff_t n[CACHE_FAULTS];
    uint64_t bytes[CACHE_FAULTS];
} Totals;

static Totals count(const CacheAudit *audits, ptrdiff_t n) {
    Totals totals = {0};
    for (ptrdiff_t i = 0; i < n; i++)
        for (ptrdiff_t k = 0; k < audits[i].findings.n; k++) {
            totals.n[audits[i].findings.v[k].fault]++;
            totals.bytes[audits[i].findings.v[k].fault] += audits[i].findings.v[k].bytes;
        }
    return totals;
}

static void print_text(Buf *out, const CacheAudit *audits, ptrdiff_t n, const Totals *totals) {
    uint64_t bytes = 0, all = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        all += audits[i].bytes;
        for (ptrdiff_t k = 0; k < audits[i].findings.n; k++) {
            const CacheFinding *f = &audits[i].findings.v[k];
            bytes += f->bytes;
            buf_format(out, "%s, ", cache_fault_name(f->fault));
            add_size(out, f->bytes);
            buf_format(out, ": %.*s: %s\n    %.*s\n", STR_ARG(f->what), cache_fault_text(f->fault),
                       STR_ARG(f->command));
        }
    }
    for (int fault = 0; fault < CACHE_FAULTS; fault++)
        if (totals->n[fault]) {
            buf_format(out, "%td %s: ", totals->n[fault], cache_fault_name((CacheFault)fault));
            add_size(out, totals->bytes[fault]);
            buf_add(out, S("\n"));
        }
    for (ptrdiff_t i = 0; i < n; i++)
        buf_format(out, "%s%.*s", i ? ", " : "", STR_ARG(audits[i].folder));
    buf_add(out, S(": "));
    add_size(out, bytes);
    buf_add(out, S(" of "));
    add_size(out, all);
    buf_add(out, S(" can go; nothing was removed\n"));
}

static void print_json(Buf *out, const CacheAudit *audits, ptrdiff_t n, const Totals *totals) {
    buf_add(out, S("{\"caches\": ["));
    for (ptrdiff_t i = 0; i < n; i++) {
        buf_add(out, i ? S(",\n  {\"folder\": ") : S("\n  {\"folder\": "));
        buf_add_json(out, audits[i].folder);
        buf_format(out, ", \"entries\": %td, \"bytes\": %llu, \"findings\": [", audits[i].entries,
                   (unsigned long long)audits[i].bytes);
        for (ptrdiff_t k = 0; k < audits[i].findings.n; k++) {
            const CacheFinding *f = &audits[i].findings.v[k];
            buf_format(out, "%s\n    {\"fault\": \"%s\", \"bytes\": %llu, \"what\": ", k ? "," : "",
                       cache_fault_name(f->fault), (unsigned long long)f->bytes);
            buf_add_json(out, f->what);
            buf_add(out, S(", \"path\": "));
            buf_add_json(out, f->path);
            buf_add(out, S(", \"command\": "));
            buf_add_json(out, f->command);
            buf_add(out, S("}"));
        }
        buf_add(out, S("]}"));
    }
    buf_add(out, S("],\n \"totals\": {"));
    for (int fault = 0; fault < CACHE_FAULTS; fault++)
        buf_format(out, "%s\"%s\": {\"n\": %td, \"bytes\": %llu}", fault ? ", " : "",
                   cache_fault_name((CacheFault)fault), totals->n[fault],
                   (unsigned long long)totals->bytes[fault]);
    buf_add(out, S("}}\n"));
}

/* Where transformers kept its files before it used the hub's cache. */
static Str old_cache(Arena *arena) {
    Str named = str_from(getenv("TRANSFORMERS_CACHE")), hub = hub_cache(arena);
    ptrdiff_t slash = str_rfind_byte(hub, '/');
    if (named.n)
        return named;
    return slash < 0 ? (Str){0}
                     : str_format(arena, "%.*s/transformers", STR_ARG(str_slice(hub, 0, slash)));
}

ExitStatus command_check_cache(Program *program) {
    Arena *arena = program->arena;
    const Options *options = program->options;
    CacheAudit audits[2];
    ptrdiff_t n = 0, findings = 0;
    Str hub = options->n_paths ? options->paths[0] : hub_cache(arena);
    if (!cache_audit(arena, hub, &audits[n++])) {
        diag_add(program->diagnostics, SEVERITY_ERROR, hub, 0, 0,
                 "no folder that can be read: no cache");
        return EXIT_TROUBLE;
    }
    Str old = options->n_paths ? (Str){0} : old_cache(arena);
    if (old.n && !str_eq(old, hub))
        n += cache_audit(arena, old, &audits[n]);
    Totals totals = count(audits, n);
    for (int fault = 0; fault < CACHE_FAULTS; fault++)
        findings += totals.n[fault];
    Buf out = {.arena = arena};
    (options->checks.json ? print_json : print_text)(&out, audits, n, &totals);
    fwrite(out.p, 1, (size_t)out.n, stdout);
    return findings ? EXIT_WOULD_CHANGE : EXIT_DONE;
}

/* hffix_embed OUT.c FOLDER: a tool of the build.
 *
 * Parses every FOLDER/AREA/NAME.patch with the code that hffix itself has, so that a transform with
 * an error does not build, and writes them as C: builtin_transforms[] of transform/registry.h. */
#include "transform/registry.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct Embed {
    Arena *arena;
    Parser *parser;
    Diagnostics diagnostics;
    Str folder;
    List(Str) names;
    Transform **transforms; /* by name; NULL: has errors */
    Tape *tapes;
    Str *texts;
} Embed;

/* ---- finding ---- */

static void find_patches(Embed *embed, Str below) {
    Str path = str_format(embed->arena, "%.*s/%.*s", STR_ARG(embed->folder), STR_ARG(below));
    DIR *directory = opendir(str_c(embed->arena, path));
    if (!directory) {
        diag_add(&embed->diagnostics, SEVERITY_ERROR, path, 0, 0, "%s", strerror(errno));
        return;
    }
    for (struct dirent *item; (item = readdir(directory));) {
        if (item->d_name[0] == '.')
            continue;
        Str name = str_format(embed->arena, "%.*s%s", STR_ARG(below), item->d_name);
        Str full = str_format(embed->arena, "%.*s/%.*s", STR_ARG(embed->folder), STR_ARG(name));
        struct stat status;
        if (stat(str_c(embed->arena, full), &status) == 0 && S_ISDIR(status.st_mode))
            find_patches(embed, str_format(embed->arena, "%.*s/", STR_ARG(name)));
        else if (str_ends(name, S(".patch")))
            *list_push(embed->arena, &embed->names) = str_slice(name, 0, name.n - 6);
    }
    closedir(directory);
}

static bool read_file(Embed *embed, Str path, Str *bytes) {
    FILE *file = fopen(str_c(embed->arena, path), "rb");
    if (!file) {
        diag_add(&embed->diagnostics, SEVERITY_ERROR, path, 0, 0, "%s", strerror(errno));
        return false;
    }
    Buf buf = {.arena = embed->arena};
    char chunk[8192];
    for (size_t n = 1; n > 0;) {
        n = fread(chunk, 1, sizeof chunk, file);
        buf_add(&buf, (Str){chunk, (ptrdiff_t)n});
    }
    fclose(file);
    *bytes = buf_str(&buf);
    return true;
}

/* ---- checking ---- */

static const Transform *find_transform(void *context, Str name) {
    const Embed *embed = context;
    for (ptrdiff_t i = 0; i < embed->names.n; i++) {
        if (str_eq(embed->names.v[i], name))
            return embed->transforms[i];
    }
    return NULL;
}

static void parse_all(Embed *embed) {
    ptrdiff_t n = embed->names.n;
    embed->transforms = new (embed->arena, Transform *, n + 1);
    embed->texts = new (embed->arena, Str, n + 1);
    embed->tapes = new (embed->arena, Tape, n + 1);
    for (ptrdiff_t i = 0; i < n; i++) {
        Str name = embed->names.v[i];
        Str path =
            str_format(embed->arena, "%.*s/%.*s.patch", STR_ARG(embed->folder), STR_ARG(name));
        if (!read_file(embed, path, &embed->texts[i]))
            continue;
        parser_record(embed->parser, embed->arena);
        Transform *transform = patch_parse(embed->arena, embed->parser, name, path, embed->texts[i],
                                           &embed->diagnostics);
        embed->tapes[i] = parser_tape(embed->parser);
        embed->transforms[i] = transform;
    }
    for (ptrdiff_t i = 0; i < n && !embed->diagnostics.errors; i++)
        patch_check_fires(embed->transforms[i], find_transform, embed, &embed->diagnostics);
}

/* ---- writing ---- */

/* A literal for each line. Octal escapes have three digits, so what follows is never taken in; '?'
 * is escaped because of trigraphs. */
static void write_literal(Buf *out, Str text) {
    buf_add_byte(out, '"');
    for (ptrdiff_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c == '\n')
            buf_add(out, i + 1 < text.n ? S("\\n\"\n    \"") : S("\\n"));
        else if (c == '"' || c == '\\' || c == '?')
            buf_format(out, "\\%c", c);
        else if (c < 0x20 || c >= 0x7f)
            buf_format(out, "\\%03o", c);
        else
            buf_add_byte(out, (char)c);
    }
    buf_add_byte(out, '"');
}

static void write_words(Buf *out, const char *name, const struct WordList *words, ptrdiff_t n,
                        ptrdiff_t number) {
    buf_format(out, "static const char *const %s_%td[] = {", name, number);
    for (ptrdiff_t i = 0; i < n; i++) {
        for (ptrdiff_t k = 0; k < words[i].n; k++) {
            write_literal(out, words[i].v[k]);
            buf_add(out, S(", "));
        }
        buf_add(out, S("0, "));
    }
    buf_add(out, S("0};\n"));
}

static void write_keywords(Buf *out, const char *name, ptrdiff_t entry, ptrdiff_t rule,
                           const char *const *keywords) {
    buf_format(out, "static const char *const %s_%td_%td[] = {", name, entry, rule);
    for (; *keywords; keywords++) {
        write_literal(out, str_from(*keywords));
        buf_add(out, S(", "));
    }
    buf_add(out, S("0};\n"));
}

static void write_text(Buf *out, const char *name, const char *text) {
    if (!text)
        return;
    buf_format(out, ", .%s = ", name);
    write_literal(out, str_from(text));
}

static void write_probes(Buf *out, Arena *arena, const Transform *transform, ptrdiff_t number) {
    ptrdiff_t n;
    const Probe *probes = probes_of(arena, transform, &n);
    for (ptrdiff_t i = 0; i < n; i++) {
        write_keywords(out, "required", number, i, probes[i].required);
        write_keywords(out, "absent", number, i, probes[i].absent);
        write_keywords(out, "needs", number, i, probes[i].needs);
        write_keywords(out, "contains", number, i, probes[i].contains);
    }
    buf_format(out, "static const Probe probes_%td[] = {\n", number);
    for (ptrdiff_t i = 0; i < n; i++) {
        const Probe *probe = &probes[i];
        buf_format(out, "    {.kind = %d, .tier = %d", (int)probe->kind, (int)probe->tier);
        write_text(out, "library", probe->library);
        write_text(out, "since", probe->since);
        write_text(out, "removed", probe->removed);
        write_text(out, "word", probe->word);
        write_text(out, "receiver", probe->receiver);
        write_text(out, "met", probe->met);
        buf_format(out,
                   ", .required = required_%td_%td, .absent = absent_%td_%td, .needs = "
                   "needs_%td_%td, .contains = contains_%td_%td"
                   ", .any_callee = %d, .qualified = %d, .assigned = %d},\n",
                   number, i, number, i, number, i, number, i, probe->any_callee, probe->qualified,
                   probe->assigned);
    }
    buf_add(out, S("};\n"));
}

static void write_tape(Buf *out, const Tape *tape, ptrdiff_t number) {
    buf_format(out, "static const uint32_t sizes_%td[] = {", number);
    ptrdiff_t rows = 0;
    for (ptrdiff_t i = 0; i < tape->trees; i++) {
        rows += tape->sizes[2 * i];
        buf_format(out, "%u,%u,", tape->sizes[2 * i], tape->sizes[2 * i + 1]);
    }
    buf_format(out, "};\nstatic const NodeRow rows_%td[] = {\n", number);
    for (ptrdiff_t i = 0; i < rows; i++) {
        const NodeRow *row = &tape->rows[i];
        buf_format(out, "{%u,%u,%u,%u,%u,%u,%u,%d,%d,%d,%d},%s", row->symbol, row->kind, row->field,
                   row->at, row->end, row->parent, row->past, row->named, row->missing,
                   row->has_error, row->extra, i % 4 == 3 ? "\n" : "");
    }
    buf_add(out, S("};\n"));
}

static void write_field(Buf *out, const char *name, Str text) {
    buf_format(out, "    .%s = ", name);
    write_literal(out, text);
    buf_add(out, S(",\n"));
}

static void write_entry(Buf *out, const Transform *transform, Str text, ptrdiff_t number) {
    static const char *const tiers[] = {"TIER_SAFE", "TIER_REVIEW", "TIER_ADVICE"};
    buf_add(out, S("{\n"));
    write_field(out, "name", transform->name);
    write_field(out, "title", transform->title);
    write_field(out, "link", transform->link);
    write_field(out, "since", transform->since);
    write_field(out, "removed", transform->removed);
    write_field(out, "preview", transform->preview);
    buf_format(out,
               "    .tier = %s,\n    .n = %td,\n    .words = words_%td,\n"
               "    .shell_words = shell_words_%td,\n    .has_python = %d,\n    .has_shell = %d,\n"
               "    .has_keys = %d,\n"
               "    .probes = probes_%td,\n"
               "    .n_probes = COUNT(probes_%td),\n"
               "    .tape = {rows_%td, sizes_%td, COUNT(sizes_%td) / 2},\n",
               tiers[transform->tier], text.n, number, number, transform->has_python,
               transform->has_shell, transform->has_keys, number, number, number, number, number);
    write_field(out, "text", text);
    buf_add(out, S("},\n"));
}

static Str write_all(const Embed *embed) {
    Buf out = {.arena = embed->arena};
    buf_add(&out, S("/* Written by hffix_embed from transforms/. */\n"
                    "#include \"transform/registry.h\"\n\n"));
    ptrdiff_t n = embed->names.n;
    for (ptrdiff_t i = 0; i < n; i++) {
        const Transform *transform = embed->transforms[i];
        write_words(&out, "words", transform->words, transform->n_words, i);
        write_words(&out, "shell_words", transform->shell_words, transform->n_shell_words, i);
        write_probes(&out, embed->arena, embed->transforms[i], i);
        write_tape(&out, &embed->tapes[i], i);
    }
    buf_add(&out, S("\nconst Builtin builtin_transforms[] = {\n"));
    for (ptrdiff_t i = 0; i < n; i++)
        write_entry(&out, embed->transforms[i], embed->texts[i], i);
    buf_format(&out, "%s};\nconst ptrdiff_t builtin_count = %td;\n", n ? "" : "{.name = 0},\n", n);
    return buf_str(&out);
}

static bool write_file(const char *path, Str bytes) {
    FILE *file = fopen(path, "wb");
    bool good = file && fwrite(bytes.p, 1, (size_t)bytes.n, file) == (size_t)bytes.n;
    if (file)
        good = fclose(file) == 0 && good;
    if (!good)
        fprintf(stderr, "%s: error: %s\n", path, strerror(errno));
    return good;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: hffix_embed OUT.c FOLDER\n");
        return 2;
    }
    Arena arena = {0};
    Embed embed = {.arena = &arena,
                   .parser = parser_open(),
                   .diagnostics = {.arena = &arena},
                   .folder = str_from(argv[2])};
    find_patches(&embed, (Str){0});
    if (embed.names.n)
        qsort(embed.names.v, (size_t)embed.names.n, sizeof(Str), str_order);
    parse_all(&embed);
    Buf talk = {.arena = &arena};
    for (ptrdiff_t i = 0; i < embed.diagnostics.list.n; i++)
        diag_print(&talk, &embed.diagnostics.list.v[i]);
    fprintf(stderr, "%.*s", STR_ARG(buf_str(&talk)));
    bool good = !embed.diagnostics.errors && write_file(argv[1], write_all(&embed));
    for (ptrdiff_t i = 0; i < embed.names.n; i++)
        patch_close(embed.transforms[i]);
    parser_close(embed.parser);
    arena_close(&arena);
    return good ? 0 : 1;
}

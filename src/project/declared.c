/* Requirements (https://peps.python.org/pep-0508/, in the forms that pip's requirements files also
 * take) and what several of them say about one library together. */
#include "project/declared.h"

#include "base/byte.h"

static bool is_name_byte(char c) {
    return byte_is_word(c) || c == '-' || c == '.';
}

Str library_normalized(Arena *arena, Str name) {
    Buf out = {.arena = arena};
    for (ptrdiff_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool separator = c == '-' || c == '_' || c == '.';
        if (separator && out.n && out.p[out.n - 1] == '-')
            continue;
        buf_add_byte(&out, separator ? '-' : byte_lower(c));
    }
    return buf_str(&out);
}

/* `git+https://…#egg=transformers&subdirectory=x` names its library behind "egg=". */
static bool url_parse(Arena *arena, Str text, Requirement *requirement) {
    ptrdiff_t egg = str_find(text, S("#egg="));
    if (egg < 0)
        return false;
    Str name = str_slice(text, egg + S("#egg=").n, text.n);
    ptrdiff_t n = 0;
    while (n < name.n && is_name_byte(name.p[n]))
        n++;
    *requirement =
        (Requirement){.library = library_normalized(arena, str_slice(name, 0, n)), .by_url = true};
    return n > 0;
}

bool requirement_parse(Arena *arena, Str text, Requirement *requirement) {
    *requirement = (Requirement){0};
    text = str_trim(text);
    ptrdiff_t at = 0;
    while (at < text.n && is_name_byte(text.p[at]))
        at++;
    Str name = str_slice(text, 0, at), rest = str_trim(str_slice(text, at, text.n));
    if (!str_starts(rest, S("@")) && !str_starts(rest, S("[")) && str_find(text, S("://")) >= 0)
        return url_parse(arena, text, requirement);
    if (!name.n || str_starts(name, S("-")) || str_starts(name, S(".")))
        return false;
    requirement->library = library_normalized(arena, name);
    if (str_starts(rest, S("["))) {
        ptrdiff_t close = str_find_byte(rest, ']');
        if (close < 0)
            return false;
        requirement->extras = str_slice(rest, 1, close);
        rest = str_trim(str_slice(rest, close + 1, rest.n));
    }
    if (str_starts(rest, S("@"))) {
        requirement->by_url = true;
        requirement->marked = str_find(rest, S(" ;")) >= 0;
        return true;
    }
    Str marker;
    requirement->marked = str_cut(rest, ';', &rest, &marker);
    ptrdiff_t option = str_find(rest, S(" --")); /* `--hash=…` of a requirements file */
    requirement->range = str_trim(option < 0 ? rest : str_slice(rest, 0, option));
    char first = requirement->range.n ? requirement->range.p[0] : '=';
    return str_find_byte(S("<>=!~("), first) >= 0;
}

static Declaration *declaration_find(const Declared *declared, Str library) {
    for (ptrdiff_t i = 0; i < declared->list.n; i++)
        if (str_eq(declared->list.v[i].library, library))
            return &declared->list.v[i];
    return NULL;
}

/* The stretch that holds both; what is not known adds nothing. */
static Range hull(Range a, Range b) {
    if (!a.known || !b.known)
        return a.known ? a : b;
    if (version_compare(b.floor, a.floor) < 0)
        a.floor = b.floor;
    if (version_compare(b.ceiling, a.ceiling) > 0)
        a.ceiling = b.ceiling;
    return a;
}

void declare_range(Declared *declared, Str library, Range range, bool marked) {
    Declaration *declaration = declaration_find(declared, library);
    if (!declaration) {
        declaration = list_push(declared->arena, &declared->list);
        declaration->library = library;
    }
    if (marked)
        declaration->any = hull(declaration->any, range);
    else
        declaration->all = range_intersect(declaration->all, range);
}

/* To add a library that an extra brings: a row. */
void declare_extra(Declared *declared, Str library, Str extra) {
    static const struct {
        Str library, extra, brings;
    } table[] = {{S("transformers"), S("accelerate"), S("accelerate")},
                 {S("transformers"), S("torch"), S("accelerate")},
                 {S("transformers"), S("deepspeed"), S("accelerate")},
                 {S("transformers"), S("all"), S("accelerate")},
                 {S("transformers"), S("dev"), S("accelerate")},
                 {S("transformers"), S("dev-torch"), S("accelerate")},
                 {S("trl"), S("peft"), S("peft")},
                 {S("trl"), S("quantization"), S("bitsandbytes")}};
    extra = library_normalized(declared->arena, str_trim(extra));
    for (ptrdiff_t i = 0; i < COUNT(table); i++)
        if (str_eq(table[i].library, library) && str_eq(table[i].extra, extra))
            declare_range(declared, table[i].brings, (Range){0}, false);
}

void declare(Declared *declared, Str file, uint32_t line, Str text) {
    Requirement requirement;
    Range range = {0};
    if (!requirement_parse(declared->arena, text, &requirement))
        return;
    for (Str extra, rest = requirement.extras; rest.n;) {
        str_cut(rest, ',', &extra, &rest);
        declare_extra(declared, requirement.library, extra);
    }
    if (!requirement.by_url && !range_parse(requirement.range, &range)) {
        declared_warn(declared, file, line,
                      "'%.*s' has no version specifier that can be read; it counts as absent",
                      STR_ARG(str_trim(text)));
        return;
    }
    declare_range(declared, requirement.library, range, requirement.marked);
}

void declared_warn(Declared *declared, Str file, uint32_t line, const char *format, ...) {
    Arena *arena = declared->diagnostics->arena;
    Str path = str_format(arena, "%.*s%.*s", STR_ARG(declared->shown), STR_ARG(file));
    va_list args;
    va_start(args, format);
    Str text = str_formatv(arena, format, args);
    va_end(args);
    diag_add(declared->diagnostics, SEVERITY_WARNING, path, line, 0, "%.*s", STR_ARG(text));
}

uint32_t line_of(Str text, uint32_t offset) {
    uint32_t line = 1;
    for (uint32_t i = 0; i < offset && i < text.n; i++)
        line += text.p[i] == '\n';
    return line;
}

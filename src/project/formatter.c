/* Options of ruff format (https://docs.astral.sh/ruff/settings/) and black
 * (https://black.readthedocs.io/en/stable/usage_and_configuration/the_basics.html). Where one
 * pyproject.toml configures both, ruff is only the linter unless it has a [tool.ruff.format].
 * Linters such as flake8 have a line length too, but lay nothing out. */
#include "project/formatter.h"

enum { MOST_EXTENDED = 8, LONGEST_LINE = 320 /* ruff's own limit */ };

const Formatter formatter_default = {.line_length = 88, .magic_trailing_comma = true, .quote = '"'};

static bool is_true(const Toml *toml, Node value) {
    return str_eq(node_text(toml->tree, value), S("true"));
}

static void set_line_length(Formatter *formatter, const Toml *toml, Node value) {
    Str text = node_text(toml->tree, value);
    int length = 0;
    for (ptrdiff_t i = 0; i < text.n && text.p[i] >= '0' && text.p[i] <= '9' && length < 1000; i++)
        length = length * 10 + (text.p[i] - '0');
    if (length > 0 && length <= LONGEST_LINE)
        formatter->line_length = length;
}

static bool is_under(const TomlEntry *entry, Str first, Str second) {
    return entry->n > 2 && str_eq(entry->keys[0], first) && str_eq(entry->keys[1], second);
}

static Formatter ruff_settings(Declared *declared, Str file, const Toml *toml, bool pyproject,
                               int depth);

/* `extend = "../ruff.toml"`: that file's settings, under those of this one. */
static Formatter extended(Declared *declared, Str file, Str path, int depth) {
    Str folder = str_slice(file, 0, str_rfind_byte(file, '/') + 1);
    if (!path.n || path.p[0] == '~' || path.p[0] == '$' || depth == MOST_EXTENDED)
        return formatter_default;
    if (path.p[0] != '/')
        path = str_format(declared->arena, "%.*s%.*s", STR_ARG(folder), STR_ARG(path));
    const Toml *toml = declared_toml(declared, path);
    if (!toml)
        return formatter_default;
    return ruff_settings(declared, path, toml, str_ends(path, S("pyproject.toml")), depth + 1);
}

static Formatter ruff_settings(Declared *declared, Str file, const Toml *toml, bool pyproject,
                               int depth) {
    Formatter formatter = formatter_default;
    for (ptrdiff_t i = 0; i < toml->n; i++)
        if (toml_is(&toml->entries[i], pyproject ? "tool.ruff.extend" : "extend"))
            formatter = extended(declared, file,
                                 toml_string(toml, declared->arena, toml->entries[i].value), depth);
    formatter.found = !pyproject;
    for (ptrdiff_t i = 0; i < toml->n; i++) {
        TomlEntry entry = toml->entries[i];
        if (pyproject && !is_under(&entry, S("tool"), S("ruff")))
            continue;
        formatter.found = true;
        entry.keys += pyproject ? 2 : 0;
        entry.n -= pyproject ? 2 : 0;
        if (toml_is(&entry, "line-length"))
            set_line_length(&formatter, toml, entry.value);
        else if (toml_is(&entry, "format.skip-magic-trailing-comma"))
            formatter.magic_trailing_comma = !is_true(toml, entry.value);
        else if (toml_is(&entry, "format.quote-style"))
            formatter.quote =
                str_eq(toml_string(toml, declared->arena, entry.value), S("single")) ? '\'' : '"';
    }
    return formatter;
}

static Formatter black_settings(const Toml *toml) {
    Formatter formatter = formatter_default;
    for (ptrdiff_t i = 0; i < toml->n; i++) {
        const TomlEntry *entry = &toml->entries[i];
        formatter.found |= is_under(entry, S("tool"), S("black"));
        if (toml_is(entry, "tool.black.line-length") || toml_is(entry, "tool.black.line_length"))
            set_line_length(&formatter, toml, entry->value);
        else if (toml_is(entry, "tool.black.skip-magic-trailing-comma") ||
                 toml_is(entry, "tool.black.skip_magic_trailing_comma"))
            formatter.magic_trailing_comma = !is_true(toml, entry->value);
    }
    return formatter;
}

Formatter formatter_from_pyproject(Declared *declared, Str file, const Toml *toml) {
    bool formats = false;
    for (ptrdiff_t i = 0; i < toml->n; i++)
        formats |= is_under(&toml->entries[i], S("tool"), S("ruff")) &&
                   str_eq(toml->entries[i].keys[2], S("format"));
    Formatter black = black_settings(toml);
    if (black.found && !formats)
        return black;
    return ruff_settings(declared, file, toml, true, 0);
}

Formatter formatter_from_ruff(Declared *declared, Str file, const Toml *toml) {
    return ruff_settings(declared, file, toml, false, 0);
}

/* Dependencies in files of lines: requirements files, setup.cfg, conda environments, lock files.
 *
 * Lock files are TOML, but written by machines in one layout and often above a megabyte, so their
 * lines are read instead of a tree: a package is `[[package]]` and the `name` and `version` of the
 * lines below. YAML is read for its plain lists (`- transformers>=4.40`) only. */
#include <errno.h>
#include <string.h>

#include "project/declared.h"
#include "project/small_file.h"

enum { MOST_INCLUDES = 16 }; /* files that one requirements file may lead to */

/* UTF-16 with a byte order mark, as PowerShell writes `pip freeze > requirements.txt`, in ASCII. */
static Str narrowed(Arena *arena, Str text) {
    Buf out = {.arena = arena};
    for (ptrdiff_t i = 2; i + 1 < text.n; i += 2)
        buf_add_byte(&out, text.p[i + 1] ? '?' : text.p[i]);
    return buf_str(&out);
}

static bool read_file(Declared *declared, Str file, Str *text) {
    if (!small_file_read(declared->arena, declared->folder, str_c(declared->arena, file), -1,
                         text)) {
        declared_warn(declared, file, 0, "can't be read: %s", strerror(errno));
        return false;
    }
    if (str_starts(*text, S("\xff\xfe")))
        *text = narrowed(declared->arena, *text);
    if (str_starts(*text, S("\xef\xbb\xbf")))
        *text = str_slice(*text, 3, text->n);
    return true;
}

/* The next line, without its end; counts. */
static bool next_line(Str *text, Str *line, uint32_t *number) {
    if (!text->n)
        return false;
    str_cut(*text, '\n', line, text);
    if (str_ends(*line, S("\r")))
        line->n--;
    ++*number;
    return true;
}

/* Without a comment: '#' at the start or behind a blank. */
static Str uncommented(Str line) {
    for (ptrdiff_t i = 0; i < line.n; i++)
        if (line.p[i] == '#' && (i == 0 || line.p[i - 1] == ' ' || line.p[i - 1] == '\t'))
            return str_trim(str_slice(line, 0, i));
    return str_trim(line);
}

/* ---- requirements files ---- */

typedef struct Includes {
    Str files[MOST_INCLUDES];
    bool constrains[MOST_INCLUDES]; /* says versions, installs nothing */
    int n;
} Includes;

static void includes_add(Includes *includes, Str file, bool constrains) {
    for (int i = 0; i < includes->n; i++)
        if (str_eq(includes->files[i], file))
            return;
    if (includes->n < MOST_INCLUDES) {
        includes->files[includes->n] = file;
        includes->constrains[includes->n++] = constrains;
    }
}

/* `path` as `from` means it, without "." and ".." parts; empty when it leads out of the folder. */
static Str included_path(Arena *arena, Str from, Str path) {
    if (str_starts(path, S("/")))
        return (Str){0};
    Str rest =
        str_format(arena, "%.*s%.*s", STR_ARG(str_slice(from, 0, str_rfind_byte(from, '/') + 1)),
                   STR_ARG(path));
    Buf out = {.arena = arena};
    while (rest.n) {
        Str part;
        str_cut(rest, '/', &part, &rest);
        if (!part.n || str_eq(part, S(".")))
            continue;
        if (str_eq(part, S(".."))) {
            if (!out.n)
                return (Str){0};
            ptrdiff_t slash = str_rfind_byte(buf_str(&out), '/');
            out.n = slash < 0 ? 0 : slash;
            continue;
        }
        if (out.n)
            buf_add_byte(&out, '/');
        buf_add(&out, part);
    }
    return buf_str(&out);
}

/* The value of an option in any of its spellings: `-r a.txt`, `-ra.txt`, `--requirement=a.txt`. */
static bool option_value(Str line, Str letter, Str word, Str *value) {
    if (str_starts(line, word)) {
        Str rest = str_slice(line, word.n, line.n);
        *value = str_trim(str_slice(rest, str_starts(rest, S("=")), rest.n));
        return rest.n > 0 && (rest.p[0] == '=' || rest.p[0] == ' ' || rest.p[0] == '\t');
    }
    *value = str_trim(str_slice(line, letter.n, line.n));
    return str_starts(line, letter);
}

static void requirement_line(Declared *declared, Str file, uint32_t number, Str line,
                             Includes *includes) {
    Str value;
    if (!str_starts(line, S("-"))) {
        declare(declared, file, number, line);
        return;
    }
    bool constrains = option_value(line, S("-c"), S("--constraint"), &value);
    if (constrains || option_value(line, S("-r"), S("--requirement"), &value)) {
        Str path = included_path(declared->arena, file, value);
        if (path.n)
            includes_add(includes, path, constrains);
    } else if (option_value(line, S("-e"), S("--editable"), &value)) {
        declare(declared, file, number, value);
    }
}

void read_requirements(Declared *declared, Str first) {
    Includes includes = {.files = {first}, .n = 1};
    for (int i = 0; i < includes.n; i++) {
        Str text, line, file = includes.files[i];
        uint32_t number = 0;
        if (!read_file(declared, file, &text))
            continue;
        if (!includes.constrains[i])
            *list_push(declared->arena, &declared->files) = file;
        while (next_line(&text, &line, &number)) {
            uint32_t first_number = number;
            Buf logical = {.arena = declared->arena};
            while (str_ends(line, S("\\"))) {
                buf_add(&logical, str_slice(line, 0, line.n - 1));
                line = (Str){0};
                next_line(&text, &line, &number);
            }
            buf_add(&logical, line);
            line = uncommented(buf_str(&logical));
            if (line.n)
                requirement_line(declared, file, first_number, line, &includes);
        }
    }
}

/* ---- setup.cfg ---- */

void read_setup_cfg(Declared *declared) {
    Str text, line, file = S("setup.cfg"), section = {0};
    uint32_t number = 0;
    bool listing = false; /* the lines that follow, indented, are requirements */
    if (!read_file(declared, file, &text))
        return;
    *list_push(declared->arena, &declared->files) = file;
    while (next_line(&text, &line, &number)) {
        Str trimmed = str_trim(line);
        if (!trimmed.n || trimmed.p[0] == '#' || trimmed.p[0] == ';')
            continue;
        bool indented = line.p[0] == ' ' || line.p[0] == '\t';
        if (!indented && trimmed.p[0] == '[') {
            section = trimmed;
            listing = false;
            continue;
        }
        if (!indented) {
            Str key;
            str_cut(trimmed, '=', &key, &trimmed);
            listing =
                str_eq(section, S("[options.extras_require]")) ||
                (str_eq(section, S("[options]")) && str_eq(str_trim(key), S("install_requires")));
            trimmed = str_trim(trimmed);
        }
        if (listing && trimmed.n && !str_starts(trimmed, S("file:")))
            declare(declared, file, number, uncommented(trimmed));
    }
}

/* ---- conda's environments ---- */

/* `conda-forge::transformers=4.40.1=py_0`: one '=' is a series, as far as it is written. */
static void declare_conda(Declared *declared, Str file, uint32_t number, Str item) {
    ptrdiff_t channel = str_find(item, S("::"));
    if (channel >= 0)
        item = str_slice(item, channel + 2, item.n);
    Str name, version, build;
    Range range;
    if (str_cut(item, '=', &name, &version) && version.n && version.p[0] != '=' &&
        str_find_byte(S("<>!~"), name.n ? name.p[name.n - 1] : '<') < 0) {
        str_cut(version, '=', &version, &build);
        Str series = str_format(declared->arena, "==%.*s%s", STR_ARG(str_trim(version)),
                                str_ends(version, S("*")) ? "" : ".*");
        if (range_parse(series, &range))
            declare_range(declared, library_normalized(declared->arena, str_trim(name)), range,
                          false);
        return;
    }
    declare(declared, file, number, item);
}

void read_environment(Declared *declared, Str file) {
    Str text, line;
    uint32_t number = 0;
    bool listing = false;
    if (!read_file(declared, file, &text))
        return;
    *list_push(declared->arena, &declared->files) = file;
    while (next_line(&text, &line, &number)) {
        Str item = uncommented(line);
        if (line.n && line.p[0] != ' ' && line.p[0] != '-' && item.n)
            listing = str_starts(item, S("dependencies:"));
        if (!listing || !str_starts(item, S("- ")) || str_ends(item, S(":")))
            continue;
        item = str_trim(str_slice(item, 2, item.n));
        if (item.n > 2 && (item.p[0] == '"' || item.p[0] == '\'') &&
            item.p[item.n - 1] == item.p[0])
            item = str_slice(item, 1, item.n - 1);
        declare_conda(declared, file, number, item);
    }
}

/* ---- lock files ---- */

/* `name = "transformers"` */
static bool lock_value(Str line, Str key, Str *value) {
    if (!str_starts(line, key) || !str_ends(line, S("\"")) || line.n <= key.n)
        return false;
    *value = str_slice(line, key.n, line.n - 1);
    return true;
}

void read_lock(Declared *declared, Str file) {
    Str text, line, name = {0}, version;
    uint32_t number = 0;
    bool package = false;
    if (!read_file(declared, file, &text))
        return;
    *list_push(declared->arena, &declared->files) = file;
    ptrdiff_t known = declared->list.n;
    while (next_line(&text, &line, &number)) {
        if (str_starts(line, S("["))) {
            package = str_eq(line, S("[[package]]"));
            name = (Str){0};
        }
        if (!package || lock_value(line, S("name = \""), &name) || !name.n ||
            !lock_value(line, S("version = \""), &version))
            continue;
        Str exact = str_format(declared->arena, "==%.*s", STR_ARG(version));
        Str library = library_normalized(declared->arena, name);
        Range range;
        bool earlier = false;
        for (ptrdiff_t i = 0; i < known && !earlier; i++)
            earlier = str_eq(declared->list.v[i].library, library);
        /* A library that is locked twice has a version for each kind of environment. */
        if (!earlier && range_parse(exact, &range))
            declare_range(declared, library, range, true);
    }
}

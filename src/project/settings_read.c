/* One file's settings.
 *
 * What hffix does not know is an error with its place, not a warning: a setting that is misspelt
 * would else be one that silently does not hold. A file is read to its end, so that all that is
 * wrong in it is told at once. */
#include <string.h>

#include "base/list.h"
#include "project/declared.h"
#include "project/settings.h"

typedef struct Reader {
    Arena *arena;
    UserSettings *config;
    const SettingsFile *file;
    const Toml *toml;
    Diagnostics *diagnostics;
    bool ok;
    ptrdiff_t above; /* entries of per-path that came from the folders above */
} Reader;

/* A value with what is said of it in messages. */
typedef struct Value {
    Node node;
    Str key; /* dotted, below [tool.hffix] */
} Value;

#define WRONG(reader, span, ...)                                                      \
    ((reader)->ok = false, (void)diag_at((reader)->diagnostics, (reader)->file->path, \
                                         (reader)->file->text, (span), __VA_ARGS__))

/* ---- values ---- */

static Span span_of(const Reader *reader, Value value) {
    return node_span(reader->toml->tree, value.node);
}

static SettingPlace place_of(const Reader *reader, Value value) {
    return (SettingPlace){reader->file, span_of(reader, value)};
}

static bool is_string(const Reader *reader, Node node) {
    return node_kind(reader->toml->tree, node) == NODE_STRING;
}

static bool read_string(Reader *reader, Value value, const char *example, Str *text) {
    *text = toml_string(reader->toml, reader->arena, value.node);
    if (is_string(reader, value.node) && text->n)
        return true;
    WRONG(reader, span_of(reader, value), "%.*s needs a text, such as %s", STR_ARG(value.key),
          example);
    return false;
}

/* A list of texts; with `many` false it must name something. */
static bool read_words(Reader *reader, Value value, const char *example, bool may_be_empty,
                       SettingWords *words) {
    const Tree *tree = reader->toml->tree;
    bool ok = node_kind(tree, value.node) == NODE_TOML_ARRAY;
    *words = (SettingWords){0};
    for (Node item = node_child_named(tree, value.node); ok && item;
         item = node_next_named(tree, item)) {
        Str text = toml_string(reader->toml, reader->arena, item);
        ok = is_string(reader, item) && text.n;
        *list_push(reader->arena, words) =
            (SettingWord){text, {reader->file, node_span(tree, item)}};
    }
    if (!ok)
        WRONG(reader, span_of(reader, value), "%.*s needs a list of texts, such as %s",
              STR_ARG(value.key), example);
    else if (!words->n && !may_be_empty)
        WRONG(reader, span_of(reader, value), "%.*s names nothing; leave it out to have all",
              STR_ARG(value.key));
    return ok;
}

static void read_bool(Reader *reader, Value value, bool *answer) {
    Str text = node_text(reader->toml->tree, value.node);
    *answer = str_eq(text, S("true"));
    if (!*answer && !str_eq(text, S("false")))
        WRONG(reader, span_of(reader, value), "%.*s is true or false", STR_ARG(value.key));
}

static void read_number(Reader *reader, Value value, double *number) {
    Kind kind = node_kind(reader->toml->tree, value.node);
    Str text = node_text(reader->toml->tree, value.node);
    bool digits = kind == NODE_INTEGER || kind == NODE_FLOAT;
    double read;
    if (digits && setting_size(text, &read))
        *number = read;
    else
        WRONG(reader, span_of(reader, value), "%.*s needs a number above 0", STR_ARG(value.key));
}

static void read_size(Reader *reader, Value value, double *gigabytes) {
    Str text = is_string(reader, value.node) ? toml_string(reader->toml, reader->arena, value.node)
                                             : node_text(reader->toml->tree, value.node);
    double read;
    if (setting_size(text, &read))
        *gigabytes = read;
    else
        WRONG(reader, span_of(reader, value),
              "%.*s needs a size, such as \"24GiB\" or \"80GB\" (a number is in GB)",
              STR_ARG(value.key));
}

static void read_device(Reader *reader, Value value) {
    Str text = toml_string(reader->toml, reader->arena, value.node);
    reader->config->hardware = str_eq(text, S("gpu")) ? HARDWARE_GPU : HARDWARE_CPU;
    if (!str_eq(text, S("gpu")) && !str_eq(text, S("cpu")))
        WRONG(reader, span_of(reader, value), "device is \"gpu\" or \"cpu\"");
}

static bool is_this_version(Range range) {
    Version version;
    return version_parse(S(HFFIX_VERSION), &version) &&
           version_compare(version, range.floor) >= 0 &&
           version_compare(version, range.ceiling) < 0;
}

static void read_required_version(Reader *reader, Value value) {
    Str text;
    Range range;
    if (!read_string(reader, value, "\">=0.1,<1\"", &text))
        return;
    reader->config->required_version = text;
    if (!range_parse_target(text, &range))
        WRONG(reader, span_of(reader, value), "'%.*s' is no version; write \">=0.1,<1\"",
              STR_ARG(text));
    else if (!is_this_version(range))
        WRONG(reader, span_of(reader, value), "the project requires hffix %.*s, and this is %s",
              STR_ARG(text), HFFIX_VERSION);
}

static void read_exclude(Reader *reader, Value value) {
    UserSettings *config = reader->config;
    if (!read_words(reader, value, "[\"generated/\", \"*_pb2.py\"]", true, &config->exclude))
        return;
    Buf lines = {.arena = reader->arena};
    for (ptrdiff_t i = 0; i < config->exclude.n; i++) {
        buf_add(&lines, config->exclude.v[i].text);
        buf_add_byte(&lines, '\n');
    }
    config->excluded = ignore_parse(reader->arena, buf_str(&lines));
}

/* ---- tables ---- */

/* Lists that came from above are shared; the first entry of this file's makes them its own. */
#define OWN(reader, list, T)                                         \
    do {                                                             \
        T *own = new ((reader)->arena, T, (list)->n + 1);            \
        if ((list)->n)                                               \
            memcpy(own, (list)->v, (size_t)(list)->n * sizeof *own); \
        (list)->v = own;                                             \
        (list)->capacity = (list)->n + 1;                            \
    } while (0)

static PathSettings *path_entry(Reader *reader, Str glob, Span span) {
    UserSettings *config = reader->config;
    for (ptrdiff_t i = reader->above; i < config->per_path.n; i++)
        if (str_eq(config->per_path.v[i].glob, glob))
            return &config->per_path.v[i];
    if (config->per_path.n == PER_PATH_MAX) {
        WRONG(reader, span, "per-path has more than %d entries", PER_PATH_MAX);
        return NULL;
    }
    OWN(reader, &config->per_path, PathSettings);
    PathSettings *entry = list_push(reader->arena, &config->per_path);
    *entry = (PathSettings){
        .glob = glob, .rules = ignore_parse(reader->arena, glob), .place = {reader->file, span}};
    return entry;
}

static void unknown(Reader *reader, const TomlEntry *entry, int at, const Str *known, ptrdiff_t n,
                    const char *where);

/* `per-path."tests" = {ignore = ["load"]}` */
static void read_per_path(Reader *reader, const TomlEntry *entry, int at, Value value) {
    static const Str known[] = {{"select", 6}, {"ignore", 6}};
    if (entry->n != at + 2) {
        WRONG(reader, span_of(reader, value),
              "per-path needs entries such as \"tests/**\" = {ignore = [\"load\"]}");
        return;
    }
    bool selects = str_eq(entry->keys[at + 1], known[0]);
    if (!selects && !str_eq(entry->keys[at + 1], known[1])) {
        unknown(reader, entry, at + 1, known, COUNT(known), "an entry of per-path");
        return;
    }
    Span span = toml_key_span(reader->toml, reader->arena, entry, at);
    PathSettings *settings = path_entry(reader, entry->keys[at], span);
    if (settings)
        read_words(reader, value, "[\"load\", \"pad/token\"]", !selects,
                   selects ? &settings->select : &settings->ignore);
}

/* `targets.transformers = ">=4.46,<5"` */
static void read_target(Reader *reader, const TomlEntry *entry, int at, Value value) {
    UserSettings *config = reader->config;
    TargetSetting setting = {.place = place_of(reader, value)};
    if (entry->n != at + 1) {
        WRONG(reader, span_of(reader, value),
              "targets needs versions such as transformers = \">=4.46,<5\"");
        return;
    }
    if (!read_string(reader, value, "\">=4.46,<5\"", &setting.text))
        return;
    if (!range_parse_target(setting.text, &setting.target.range)) {
        WRONG(reader, span_of(reader, value), "'%.*s' is no version; write \">=4.46,<5\"",
              STR_ARG(setting.text));
        return;
    }
    setting.target.library = library_normalized(reader->arena, entry->keys[at]);
    OWN(reader, &config->targets, TargetSetting);
    for (ptrdiff_t i = 0; i < config->targets.n; i++)
        if (str_eq(config->targets.v[i].target.library, setting.target.library)) {
            config->targets.v[i] = setting;
            return;
        }
    *list_push(reader->arena, &config->targets) = setting;
}

/* "a.b.c" */
static bool is_qualified(Str name) {
    bool dotted = false;
    while (name.n) {
        Str part;
        dotted |= str_cut(name, '.', &part, &name);
        if (!part.n || (part.p[0] >= '0' && part.p[0] <= '9'))
            return false;
        for (ptrdiff_t i = 0; i < part.n; i++) {
            unsigned char c = (unsigned char)part.p[i];
            bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
            if (!letter && !(c >= '0' && c <= '9') && c != '_' && c < 0x80)
                return false;
        }
    }
    return dotted;
}

/* `wrappers = {"mylib.load" = "transformers.AutoModel.from_pretrained"}`; a key without quotes is
 * the same name in parts. */
static void read_wrapper(Reader *reader, const TomlEntry *entry, int at, Value value) {
    UserSettings *config = reader->config;
    WrapperSetting setting = {.place = place_of(reader, value)};
    Buf name = {.arena = reader->arena};
    for (int i = at; i < entry->n; i++)
        buf_format(&name, "%s%.*s", i > at ? "." : "", STR_ARG(entry->keys[i]));
    setting.wrapper.name = buf_str(&name);
    if (!is_qualified(setting.wrapper.name)) {
        WRONG(reader, toml_key_span(reader->toml, reader->arena, entry, entry->n - 1),
              "a wrapper is named as it is imported, such as \"mylib.load\"");
        return;
    }
    if (!read_string(reader, value, "\"transformers.AutoModel.from_pretrained\"",
                     &setting.wrapper.means))
        return;
    if (!is_qualified(setting.wrapper.means)) {
        WRONG(reader, span_of(reader, value),
              "what a wrapper stands for is named in full, such as "
              "\"transformers.AutoModel.from_pretrained\"");
        return;
    }
    OWN(reader, &config->wrappers, WrapperSetting);
    for (ptrdiff_t i = 0; i < config->wrappers.n; i++)
        if (str_eq(config->wrappers.v[i].wrapper.name, setting.wrapper.name)) {
            config->wrappers.v[i] = setting;
            return;
        }
    *list_push(reader->arena, &config->wrappers) = setting;
}

/* ---- keys ---- */

static void unknown(Reader *reader, const TomlEntry *entry, int at, const Str *known, ptrdiff_t n,
                    const char *where) {
    Str key = entry->keys[at], near = str_nearest(key, known, n);
    Span span = toml_key_span(reader->toml, reader->arena, entry, at);
    Buf all = {.arena = reader->arena};
    for (ptrdiff_t i = 0; i < n; i++)
        buf_format(&all, "%s%.*s", i ? ", " : "", STR_ARG(known[i]));
    if (near.n)
        WRONG(reader, span, "%s has no key '%.*s' (did you mean '%.*s'?)", where, STR_ARG(key),
              STR_ARG(near));
    else
        WRONG(reader, span, "%s has no key '%.*s'; there are %.*s", where, STR_ARG(key),
              STR_ARG(buf_str(&all)));
}

static void read_setting(Reader *reader, Setting setting, Value value) {
    UserSettings *config = reader->config;
    config->places[setting] = place_of(reader, value);
    switch (setting) {
    case SETTING_SELECT:
        read_words(reader, value, "[\"load\", \"pad/token\"]", false, &config->select);
        return;
    case SETTING_IGNORE:
        read_words(reader, value, "[\"load\", \"pad/token\"]", true, &config->ignore);
        return;
    case SETTING_APPLY:
        read_words(reader, value, "[\"load/trust-remote-code\"]", true, &config->apply);
        return;
    case SETTING_TRANSFORMS:
        read_words(reader, value, "[\"codemods/*.patch\"]", true, &config->transforms);
        return;
    case SETTING_DOCS:
        read_bool(reader, value, &config->docs);
        return;
    case SETTING_HUB_CACHE:
        read_bool(reader, value, &config->hub_cache);
        return;
    case SETTING_PREVIEW:
        read_bool(reader, value, &config->preview);
        return;
    case SETTING_EXCLUDE:
        read_exclude(reader, value);
        return;
    case SETTING_DEVICE:
        read_device(reader, value);
        return;
    case SETTING_GPU_MEMORY:
        read_size(reader, value, &config->settings.gpu_memory);
        return;
    case SETTING_DEVICE_MAP_ABOVE:
    case SETTING_BATCH_SIZE:
    case SETTING_MAX_NEW_TOKENS:
        read_number(reader, value, setting_number(config, setting));
        return;
    case SETTING_REQUIRED_VERSION:
        read_required_version(reader, value);
        return;
    case SETTING_COUNT:
        return;
    }
}

static void read_entry(Reader *reader, const TomlEntry *entry, int at, const char *where) {
    static const struct {
        Str name;
        void (*read)(Reader *reader, const TomlEntry *entry, int at, Value value);
    } tables[] = {{{"per-path", 8}, read_per_path},
                  {{"targets", 7}, read_target},
                  {{"wrappers", 8}, read_wrapper}};
    Str known[SETTING_COUNT + COUNT(tables)], key = entry->keys[at];
    for (ptrdiff_t i = 0; i < COUNT(tables); i++) {
        known[SETTING_COUNT + i] = tables[i].name;
        if (!str_eq(key, tables[i].name))
            continue;
        if (entry->n > at + 1)
            tables[i].read(reader, entry, at + 1, (Value){entry->value, key});
        else
            WRONG(reader, node_span(reader->toml->tree, entry->value), "%.*s is a table",
                  STR_ARG(key));
        return;
    }
    for (int i = 0; i < SETTING_COUNT; i++) {
        known[i] = setting_name((Setting)i);
        if (!str_eq(key, known[i]))
            continue;
        if (entry->n > at + 1)
            WRONG(reader, toml_key_span(reader->toml, reader->arena, entry, at + 1),
                  "%.*s is no table", STR_ARG(key));
        else
            read_setting(reader, (Setting)i, (Value){entry->value, key});
        return;
    }
    if (!at && str_eq(key, S("tool")))
        WRONG(reader, toml_key_span(reader->toml, reader->arena, entry, at),
              "in hffix.toml keys stand alone, without [tool.hffix]");
    else
        unknown(reader, entry, at, known, COUNT(known), where);
}

bool config_from_toml(Arena *arena, UserSettings *config, const SettingsFile *file,
                      const Toml *toml, bool pyproject, Diagnostics *diagnostics) {
    Reader reader = {.arena = arena,
                     .config = config,
                     .file = file,
                     .toml = toml,
                     .diagnostics = diagnostics,
                     .ok = true,
                     .above = config->per_path.n};
    for (ptrdiff_t i = 0; i < toml->n; i++) {
        const TomlEntry *entry = &toml->entries[i];
        if (!pyproject)
            read_entry(&reader, entry, 0, "hffix.toml");
        else if (entry->n > 2 && str_eq(entry->keys[0], S("tool")) &&
                 str_eq(entry->keys[1], S("hffix")))
            read_entry(&reader, entry, 2, "[tool.hffix]");
        if (diagnostics->errors > 20)
            break;
    }
    ptrdiff_t n = config->wrappers.n;
    config->wrapping = n ? new (arena, Wrapper, n) : NULL;
    for (ptrdiff_t i = 0; i < n; i++)
        config->wrapping[i] = config->wrappers.v[i].wrapper;
    return reader.ok;
}

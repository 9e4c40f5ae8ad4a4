/* --show-settings: what is set for a path, as the hffix.toml that would say the same, each line
 * with the place that it comes from.
 *
 * Versions are those that transforms go by: what the settings name, and what the project declares.
 */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/jobs.h"
#include "report/color.h"

enum { PLACE_COLUMN = 40 };

typedef struct Page {
    Arena *arena;
    const ReportStyle *style;
} Page;

/* "hffix.toml:3", "command line", "default" */
static Str shown_place(Arena *arena, const SettingPlace *place) {
    if (!place->file)
        return S("default");
    if (place->file == &settings_command_line)
        return place->file->path;
    uint32_t line = 1;
    for (uint32_t i = 0; i < place->span.at; i++)
        line += place->file->text.p[i] == '\n';
    return str_format(arena, "%.*s:%u", STR_ARG(place->file->path), line);
}

static void print_line(const Page *page, Str text, Str place) {
    printf("%.*s", STR_ARG(text));
    for (ptrdiff_t i = text.n; i < PLACE_COLUMN; i++)
        putchar(' ');
    printf("  ");
    Str told = str_format(page->arena, "# %.*s", STR_ARG(place));
    color_print(stdout, page->style->color_out, COLOR_DIM, told);
    putchar('\n');
}

/* A text as TOML writes it. */
static void add_quoted(Buf *buf, Str text) {
    buf_add_byte(buf, '"');
    for (ptrdiff_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c == '"' || c == '\\')
            buf_add_byte(buf, '\\');
        if (c < 0x20 || c == 0x7f)
            buf_format(buf, "\\u%04x", c);
        else
            buf_add_byte(buf, (char)c);
    }
    buf_add_byte(buf, '"');
}

static void add_words(Buf *buf, const SettingWords *words) {
    buf_add_byte(buf, '[');
    for (ptrdiff_t i = 0; i < words->n; i++) {
        buf_add(buf, i ? S(", ") : S(""));
        add_quoted(buf, words->v[i].text);
    }
    buf_add_byte(buf, ']');
}

/* The places that a list's words come from, each once. */
static Str places_of_words(Arena *arena, const SettingWords *words, const SettingPlace *otherwise) {
    Buf buf = {.arena = arena};
    Str last = {0};
    for (ptrdiff_t i = 0; i < words->n; i++) {
        Str place = shown_place(arena, &words->v[i].place);
        if (!str_eq(place, last))
            buf_format(&buf, "%s%.*s", i ? ", " : "", STR_ARG(place));
        last = place;
    }
    return buf.n ? buf_str(&buf) : shown_place(arena, otherwise);
}

static void print_setting(const Page *page, const UserSettings *config, Setting setting) {
    Arena *arena = page->arena;
    const SettingWords *const lists[SETTING_COUNT] = {[SETTING_SELECT] = &config->select,
                                                      [SETTING_IGNORE] = &config->ignore,
                                                      [SETTING_APPLY] = &config->apply,
                                                      [SETTING_TRANSFORMS] = &config->transforms,
                                                      [SETTING_EXCLUDE] = &config->exclude};
    Buf line = {.arena = arena};
    UserSettings copy = *config;
    double *number = setting_number(&copy, setting);
    const SettingPlace *place = &config->places[setting];
    bool text = setting == SETTING_DEVICE || setting == SETTING_REQUIRED_VERSION;
    bool unsaid = !place->file && (text || setting == SETTING_SELECT);
    if (unsaid) /* has no value that could be written */
        buf_add(&line, S("# "));
    buf_format(&line, "%.*s = ", STR_ARG(setting_name(setting)));
    if (unsaid)
        buf_add(&line, setting == SETTING_SELECT ? S("all") : S("not set"));
    else if (lists[setting])
        add_words(&line, lists[setting]);
    else if (setting == SETTING_GPU_MEMORY)
        buf_format(&line, "\"%.9gGB\"", *number);
    else if (number)
        buf_format(&line, "%.9g", *number);
    else if (setting == SETTING_DOCS)
        buf_add(&line, config->docs ? S("true") : S("false"));
    else if (setting == SETTING_HUB_CACHE)
        buf_add(&line, config->hub_cache ? S("true") : S("false"));
    else if (setting == SETTING_PREVIEW)
        buf_add(&line, config->preview ? S("true") : S("false"));
    else if (setting == SETTING_DEVICE)
        buf_add(&line, config->hardware == HARDWARE_GPU ? S("\"gpu\"") : S("\"cpu\""));
    else
        add_quoted(&line, config->required_version);
    print_line(page, buf_str(&line),
               lists[setting] ? places_of_words(arena, lists[setting], place)
                              : shown_place(arena, place));
}

static Str shown_range(Arena *arena, Range range) {
    Buf buf = {.arena = arena};
    bool floor = version_compare(range.floor, (Version){0}) > 0;
    if (floor)
        buf_format(&buf, ">=%.*s", STR_ARG(version_format(arena, range.floor)));
    if (range.ceiling.part[0] != UINT32_MAX)
        buf_format(&buf, "%s<%.*s", floor ? "," : "",
                   STR_ARG(version_format(arena, range.ceiling)));
    return buf_str(&buf);
}

/* Where the version of a library was said. */
static Str target_place(const Page *page, const Options *options, const Project *project,
                        Str library) {
    for (ptrdiff_t i = 0; i < options->n_targets; i++)
        if (str_eq(options->targets[i].library, library))
            return settings_command_line.path;
    const UserSettings *config = project->config;
    for (ptrdiff_t i = 0; i < config->targets.n; i++)
        if (str_eq(config->targets.v[i].target.library, library))
            return shown_place(page->arena, &config->targets.v[i].place);
    return str_format(page->arena, "declared in %.*s", STR_ARG(project->folder));
}

static void print_targets(const Page *page, const Options *options, const Project *project) {
    puts(project->n_targets ? "\n[targets]" : "\n[targets]\n# none: every version counts");
    for (ptrdiff_t i = 0; i < project->n_targets; i++) {
        const Target *target = &project->targets[i];
        Str range = shown_range(page->arena, target->range);
        Buf line = {.arena = page->arena};
        buf_format(&line, "%s%.*s = ", range.n ? "" : "# ", STR_ARG(target->library));
        if (range.n)
            add_quoted(&line, range);
        else
            buf_add(&line, S("any version"));
        print_line(page, buf_str(&line), target_place(page, options, project, target->library));
    }
}

static void print_tables(const Page *page, const UserSettings *config, uint64_t paths) {
    if (config->per_path.n)
        puts("\n[per-path]");
    for (ptrdiff_t i = 0; i < config->per_path.n; i++) {
        const PathSettings *entry = &config->per_path.v[i];
        Buf line = {.arena = page->arena};
        add_quoted(&line, entry->glob);
        buf_add(&line, S(" = {"));
        if (entry->select.n) {
            buf_add(&line, S("select = "));
            add_words(&line, &entry->select);
        }
        if (entry->ignore.n) {
            buf_add(&line, entry->select.n ? S(", ignore = ") : S("ignore = "));
            add_words(&line, &entry->ignore);
        }
        buf_add(&line, S("}"));
        print_line(page, buf_str(&line),
                   str_format(page->arena, "%.*s%s",
                              STR_ARG(shown_place(page->arena, &entry->place)),
                              paths >> i & 1 ? ", holds here" : ""));
    }
    if (config->wrappers.n)
        puts("\n[wrappers]");
    for (ptrdiff_t i = 0; i < config->wrappers.n; i++) {
        const WrapperSetting *setting = &config->wrappers.v[i];
        Buf line = {.arena = page->arena};
        add_quoted(&line, setting->wrapper.name);
        buf_add(&line, S(" = "));
        add_quoted(&line, setting->wrapper.means);
        print_line(page, buf_str(&line), shown_place(page->arena, &setting->place));
    }
}

ExitStatus command_settings(Program *program) {
    const Options *options = program->options;
    Arena *arena = program->arena;
    Page page = {arena, &program->style};
    Str path = options->n_paths ? options->paths[0] : S(".");
    SettingsFiles *settings = settings_open(arena, &options->said);
    Projects *projects =
        projects_open(arena, options->targets, options->n_targets, options->settings);
    projects_use(projects, settings);
    uint64_t paths;
    const UserSettings *config = settings_of_path(program, settings, path, &paths);
    bool good = settings_are_good(program, settings);
    if (good) {
        const Project *project = project_of(projects, path_inside(program, path));
        for (int i = 0; i < SETTING_COUNT; i++)
            print_setting(&page, config, (Setting)i);
        print_targets(&page, options, project);
        print_tables(&page, config, paths);
        printf("\n# layout: lines of %d, quotes %c, magic trailing comma %s\n",
               project->line_length, project->quote, project->magic_trailing_comma ? "on" : "off");
    }
    projects_close(projects);
    settings_close(settings);
    return good ? EXIT_DONE : EXIT_TROUBLE;
}

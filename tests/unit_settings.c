/* Settings from files and from the command line: what is understood, what is refused and where, and
 * which of several places decides. */
#include "project/settings_files.h"

#include "unit.h"
#include "unit_folder.h"

static Arena arena;
static UserSettings command_line;
static SettingsFiles *files;

static void begin(void) {
    folder_open();
    command_line = config_default;
    files = settings_open(&arena, &command_line);
}

/* With what the command line says by now. */
static void again(void) {
    settings_close(files);
    files = settings_open(&arena, &command_line);
}

static void end(void) {
    settings_close(files);
    arena_clear(&arena);
    folder_close();
}

/* The absolute path of a name below the working directory; of it, without one. */
static Str path_to(const char *name) {
    char here[PATH_MAX];
    folder_must(getcwd(here, sizeof here) != NULL, "getcwd");
    return str_format(&arena, "%s%s%s", here, *name ? "/" : "", name);
}

static const UserSettings *in(const char *folder) {
    return settings_of(files, path_to(folder));
}

static Str words(const SettingWords *list) {
    Buf out = {.arena = &arena};
    for (ptrdiff_t i = 0; i < list->n; i++)
        buf_format(&out, "%s%.*s", i ? " " : "", STR_ARG(list->v[i].text));
    return buf_str(&out);
}

/* Reads a hffix.toml of this text; its errors, "line:column width text" each. */
static Str errors_of(const char *name, const char *text) {
    folder_write(name, text);
    again();
    in("");
    Buf out = {.arena = &arena};
    const Diagnostics *found = settings_diagnostics(files);
    for (ptrdiff_t i = 0; i < found->list.n; i++) {
        const Diagnostic *error = &found->list.v[i];
        CHECK_STR(error->path, str_from(name));
        CHECK(error->severity == SEVERITY_ERROR);
        buf_format(&out, "%u:%u %u %.*s\n", error->line, error->column, error->caret_width,
                   STR_ARG(error->text));
    }
    return buf_str(&out);
}

static bool refuses(const char *text, const char *place, const char *said) {
    Str errors = errors_of("hffix.toml", text);
    if (str_starts(errors, str_from(place)) && str_find(errors, str_from(said)) > 0 &&
        str_find_byte(errors, '\n') == errors.n - 1)
        return true;
    fprintf(stderr, "%s\n%.*s", text, STR_ARG(errors));
    return false;
}

static void all_keys(void) {
    begin();
    CHECK_STR(
        errors_of("pyproject.toml",
                  "[tool.hffix]\nselect = ['load', \"pad/token\"]\nignore = []\n"
                  "apply = [\n  'hub', # yes\n]\ndocs = true\nexclude = ['gen/', '*_pb2.py']\n"
                  "transforms = ['codemods/*.patch']\ngpu-memory = '24GiB'\n"
                  "device-map-above = 13\nbatch-size = 4\nmax-new-tokens = 1_000\n"
                  "device = 'gpu'\nrequired-version = '>=0.0.1'\n"
                  "wrappers = {'mylib.load' = 'transformers.AutoModel.from_pretrained'}\n"
                  "[tool.hffix.per-path]\n'tests/**' = {ignore = ['load']}\n"
                  "[tool.hffix.per-path.docs]\nselect = ['migrate']\nignore = ['pad']\n"
                  "[tool.hffix.targets]\ntransformers = '>=4.46,<5'\n'Hugging_Face.Hub' = '1'\n"
                  "[tool.other]\nselect = 3\n"),
        S(""));
    const UserSettings *config = in("");
    CHECK_STR(words(&config->select), S("load pad/token"));
    CHECK_STR(words(&config->ignore), S(""));
    CHECK_STR(words(&config->apply), S("hub"));
    CHECK_STR(words(&config->exclude), S("gen/ *_pb2.py"));
    CHECK_STR(words(&config->transforms), S("codemods/*.patch"));
    CHECK(config->docs && config->hardware == HARDWARE_GPU);
    CHECK(config->settings.gpu_memory > 25.769 && config->settings.gpu_memory < 25.770);
    CHECK(config->settings.device_map_above == 13 && config->settings.batch_size == 4);
    CHECK(config->settings.max_new_tokens == 1000);
    CHECK_INT(config->per_path.n, 2);
    CHECK_STR(config->per_path.v[1].glob, S("docs"));
    CHECK_STR(words(&config->per_path.v[1].select), S("migrate"));
    CHECK_STR(words(&config->per_path.v[1].ignore), S("pad"));
    CHECK_INT(config->targets.n, 2);
    CHECK_STR(config->targets.v[1].target.library, S("hugging-face-hub"));
    CHECK_INT(config->targets.v[0].target.range.floor.part[1], 46);
    CHECK_INT(config->wrappers.n, 1);
    CHECK_STR(config->wrapping[0].name, S("mylib.load"));
    CHECK_STR(config->places[SETTING_SELECT].file->path, S("pyproject.toml"));
    CHECK(config->places[SETTING_REQUIRED_VERSION].file && config->places[SETTING_IGNORE].file);
    end();
}

static void wrong_keys(void) {
    begin();
    CHECK(refuses("selct = []\n", "1:1 5 hffix.toml has no key 'selct'", "did you mean 'select'?"));
    CHECK(refuses("docs = true\n\"x y\" = 1\n", "2:1 5 ", "there are select, ignore"));
    CHECK(refuses("[tool.hffix]\nselect = ['a']\n", "1:2 4 ", "without [tool.hffix]"));
    CHECK(refuses("[per_path]\na = {ignore = ['b']}\n", "1:2 8 ", "did you mean 'per-path'?"));
    CHECK(refuses("[per-path.'a/*']\nignores = ['b']\n", "2:1 7 ", "did you mean 'ignore'?"));
    CHECK(refuses("select.more = ['a']\n", "1:8 4 ", "select is no table"));
    CHECK(refuses("targets = '4'\n", "1:11 3 ", "targets is a table"));
    folder_remove(AT_FDCWD, "hffix.toml");
    CHECK_STR(
        errors_of("pyproject.toml", "[project]\nname = 'hffix-user'\n[tool.hffix.a]\nb = 1\n"),
        S("3:13 1 [tool.hffix] has no key 'a'; there are select, ignore, apply, transforms, "
          "docs, hub-cache, preview, exclude, device, gpu-memory, device-map-above, batch-size, "
          "max-new-tokens, required-version, per-path, targets, wrappers\n"));
    end();
}

static void wrong_values(void) {
    begin();
    CHECK(refuses("select = 'load'\n", "1:10 6 ", "list of texts"));
    CHECK(refuses("select = ['load', 3]\n", "1:10 11 ", "list of texts"));
    CHECK(refuses("select = []\n", "1:10 2 ", "names nothing"));
    CHECK(refuses("docs = 'true'\n", "1:8 6 ", "true or false"));
    CHECK(refuses("gpu-memory = '24 gigs'\n", "1:14 9 ", "24GiB"));
    CHECK(refuses("gpu-memory = -1\n", "1:14 2 ", "needs a size"));
    CHECK(refuses("batch-size = '4'\n", "1:14 3 ", "number above 0"));
    CHECK(refuses("batch-size = 0\n", "1:14 1 ", "number above 0"));
    CHECK(refuses("device = 'tpu'\n", "1:10 5 ", "\"gpu\" or \"cpu\""));
    CHECK(refuses("required-version = '>=99'\n", "1:20 6 ", "requires hffix >=99, and this is "));
    CHECK(refuses("required-version = 'new'\n", "1:20 5 ", "is no version"));
    CHECK(refuses("[targets]\ntorch = 'new'\n", "2:9 5 ", "is no version"));
    CHECK(refuses("[targets]\ntorch.x = '2'\n", "2:11 3 ", "targets needs versions"));
    CHECK(refuses("[per-path]\n'a' = ['load']\n", "2:7 8 ", "per-path needs entries"));
    CHECK(refuses("[wrappers]\nload = 'a.b'\n", "2:1 4 ", "named as it is imported"));
    CHECK(refuses("[wrappers]\n'a.b' = 'a b.c'\n", "2:9 7 ", "named in full"));
    CHECK(refuses("select = [\n", "", "no TOML"));
    end();
}

static void nearest(void) {
    begin();
    folder_write("hffix.toml", "select = ['load']\nbatch-size = 4\n[targets]\na = '1'\nb = '2'\n");
    folder_write("pyproject.toml", "[tool.hffix]\nselect = ['never']\n");
    folder_write("x/pyproject.toml", "[tool.hffix]\nselect = ['pad']\ntargets.b = '3'\n");
    folder_write("x/y/pyproject.toml", "[project]\nname = 'y'\n");
    folder_write("r/.git/", "");
    folder_write("r/s/", "");
    CHECK_STR(words(&in("")->select), S("load"));
    CHECK_STR(words(&in("x")->select), S("pad"));
    CHECK(in("x")->settings.batch_size == 4);
    CHECK_INT(in("x")->targets.n, 2);
    CHECK_INT(in("x")->targets.v[1].target.range.floor.part[0], 3);
    CHECK_INT(in("")->targets.v[1].target.range.floor.part[0], 2);
    CHECK(in("x/y") == in("x"));
    CHECK_STR(in("x/y")->select.v[0].place.file->path, S("x/pyproject.toml"));
    /* Another repository is another project. */
    CHECK_STR(words(&in("r/s")->select), S(""));
    end();
}

static SettingWords said(const char *name) {
    SettingWords list = {0};
    *list_push(&arena, &list) =
        (SettingWord){.text = str_from(name), .place.file = &settings_command_line};
    return list;
}

static void command_line_wins(void) {
    begin();
    folder_write("hffix.toml", "select = ['load']\nignore = ['pad']\nbatch-size = 4\n"
                               "max-new-tokens = 9\ntransforms = ['a']\n"
                               "per-path.a = {select = ['b'], ignore = ['c']}\n");
    command_line.settings.batch_size = 2;
    command_line.places[SETTING_BATCH_SIZE].file = &settings_command_line;
    command_line.ignore = said("hub");
    command_line.places[SETTING_IGNORE].file = &settings_command_line;
    again();
    CHECK(in("")->settings.batch_size == 2 && in("")->settings.max_new_tokens == 9);
    CHECK_STR(words(&in("")->select), S("load"));
    CHECK_STR(words(&in("")->ignore), S("pad hub"));
    CHECK_INT(in("")->per_path.v[0].select.n, 1);
    command_line.select = said("migrate");
    command_line.places[SETTING_SELECT].file = &settings_command_line;
    again();
    CHECK_STR(words(&in("")->select), S("migrate"));
    CHECK_STR(words(&in("")->ignore), S("hub"));
    CHECK_INT(in("")->per_path.v[0].select.n, 0);
    CHECK_INT(in("")->per_path.v[0].ignore.n, 1);
    CHECK_STR(words(&in("")->transforms), S("a"));
    /* --patch alone: only that is tried. */
    command_line = config_default;
    command_line.places[SETTING_TRANSFORMS].file = &settings_command_line;
    again();
    CHECK_INT(in("")->select.n + in("")->ignore.n + in("")->transforms.n, 0);
    end();
}

static uint64_t paths_of(const char *name) {
    return config_paths(in(""), path_to(name));
}

static bool excludes(const char *name, bool folder) {
    return config_excludes(in(""), path_to(name), folder);
}

static void paths(void) {
    begin();
    folder_write("hffix.toml", "exclude = ['gen/', '*_pb2.py', '/top.py', '!keep_pb2.py']\n"
                               "[per-path]\n'tests/**' = {ignore = ['a']}\n"
                               "'test_*.py' = {ignore = ['b']}\nexamples = {ignore = ['c']}\n");
    CHECK_INT(paths_of("m.py"), 0);
    CHECK_INT(paths_of("tests/a/m.py"), 1);
    CHECK_INT(paths_of("tests/test_m.py"), 3);
    CHECK_INT(paths_of("x/tests/m.py"), 0);
    CHECK_INT(paths_of("x/examples/y/m.py"), 4);
    CHECK_INT(paths_of("examples.py"), 0);
    CHECK(excludes("x/gen", true) && !excludes("gen", false) && !excludes("general", true));
    CHECK(excludes("x/a_pb2.py", false) && !excludes("keep_pb2.py", false));
    CHECK(excludes("top.py", false) && !excludes("x/top.py", false));
    end();
}

static void sizes(void) {
    static const struct {
        const char *text;
        double gigabytes; /* 0: refused */
    } table[] = {{"80", 80},
                 {"80GB", 80},
                 {"0.5 TB", 500},
                 {"512MB", 0.512},
                 {"1TiB", 1099.511627776},
                 {"24GiB", 25.769803776},
                 {"24.5", 24.5},
                 {"", 0},
                 {"GB", 0},
                 {"24gib", 0},
                 {"24 GB x", 0},
                 {"-4", 0},
                 {"0", 0},
                 {"1.2.3", 0},
                 {"0x10", 0},
                 {"inf", 0}};
    for (ptrdiff_t i = 0; i < COUNT(table); i++) {
        double got = 0;
        bool ok = setting_size(str_from(table[i].text), &got);
        CHECK(ok == (table[i].gigabytes > 0));
        CHECK(got > table[i].gigabytes - 1e-6 && got < table[i].gigabytes + 1e-6);
    }
}

static void projects(void) {
    begin();
    folder_write("requirements.txt", "transformers>=4.40\ntorch>=2\n");
    folder_write("hffix.toml", "device = 'cpu'\ngpu-memory = 24\n"
                               "wrappers = {'a.b' = 'transformers.AutoModel.from_pretrained'}\n"
                               "targets = {transformers = '>=4.46,<5', peft = '>=0.12'}\n");
    folder_write("x/requirements.txt", "transformers==5.1\n");
    Target override = {.library = S("peft")};
    range_parse_target(S("0.15"), &override.range);
    Projects *all = projects_open(&arena, &override, 1, settings_default);
    projects_use(all, files);
    const Project *project = project_of(all, S("x/m.py"));
    CHECK_INT(project_range(project, S("transformers")).floor.part[1], 46);
    CHECK_INT(project_range(project, S("peft")).floor.part[1], 15);
    CHECK(!project_range(project, S("torch")).known);
    CHECK(project_range(project_of(all, S("m.py")), S("torch")).known);
    CHECK(project->settings.gpu_memory == 24 && project->hardware == HARDWARE_CPU);
    CHECK_INT(project->n_wrappers, 1);
    projects_close(all);
    end();
}

static void close_arena(void) {
    arena_close(&arena);
}

UNIT_MAIN(all_keys, wrong_keys, wrong_values, nearest, command_line_wins, paths, sizes, projects,
          close_arena)

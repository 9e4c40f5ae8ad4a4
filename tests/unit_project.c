/* What projects declare, from small trees of files. */
#include "project/project.h"

#include "unit.h"
#include "unit_folder.h"

static Arena arena;
static Projects *projects;

static void open_with(const Target *overrides, ptrdiff_t n) {
    projects = projects_open(&arena, overrides, n, settings_default);
}

static void begin(void) {
    folder_open();
    open_with(NULL, 0);
}

static void end(void) {
    projects_close(projects);
    arena_clear(&arena);
    folder_close();
}

/* "4.40 5.0", with "-" for an open end; "unknown". */
static Str shown(Range range) {
    if (!range.known)
        return S("unknown");
    bool open = range.ceiling.part[0] == 0xffffffff;
    return str_format(&arena, "%.*s %.*s", STR_ARG(version_format(&arena, range.floor)),
                      STR_ARG(open ? S("-") : version_format(&arena, range.ceiling)));
}

static Str range_at(const char *path, const char *library) {
    return shown(project_range(project_of(projects, str_from(path)), str_from(library)));
}

static Str range_of(const char *library) {
    return range_at("m.py", library);
}

/* The warnings so far: "path:line " each. */
static Str warnings(void) {
    Buf out = {.arena = &arena};
    const Diagnostics *diagnostics = projects_diagnostics(projects);
    for (ptrdiff_t i = 0; i < diagnostics->list.n; i++) {
        CHECK(diagnostics->list.v[i].severity == SEVERITY_WARNING);
        buf_format(&out, "%.*s:%u ", STR_ARG(diagnostics->list.v[i].path),
                   diagnostics->list.v[i].line);
    }
    return buf_str(&out);
}

static Str companion_of(const char *library) {
    Version floor = project_companion_floor(project_of(projects, S("m.py")), str_from(library));
    return version_format(&arena, floor);
}

/* What a floor of transformers says about libraries that nothing declares. */
static void companions(void) {
    Target target = {.library = S("transformers")};
    folder_open();
    CHECK(range_parse(S(">=5.1"), &target.range));
    open_with(&target, 1);
    CHECK_STR(companion_of("setfit"), S("1.2"));
    CHECK_STR(companion_of("sentence_transformers"), S("6.0"));
    CHECK_STR(companion_of("torch"), S("0.0"));
    projects_close(projects);
    CHECK(range_parse(S(">=4.57"), &target.range));
    open_with(&target, 1);
    CHECK_STR(companion_of("setfit"), S("0.0"));
    end();
    begin();
    CHECK_STR(companion_of("setfit"), S("0.0"));
    end();
}

static void pyproject(void) {
    begin();
    folder_write("pyproject.toml",
                 "[build-system]\nrequires = [\"setuptools>=61\", \"tokenizers==0.1\"]\n"
                 "[project]\nname = \"x\"\n"
                 "dependencies = [\n  \"transformers[torch] >=4.40,<5\", # pinned\n"
                 "  'Flax_Linen~=0.7.1',\n  \"torch\",\n]\n"
                 "optional-dependencies.train = [\"peft==0.10.*; python_version>'3.8'\"]\n"
                 "[project.optional-dependencies]\ndev = [\"trl>=0.7\"]\n"
                 "[dependency-groups]\ntest = [\"datasets>=2\", {include-group = \"dev\"}]\n"
                 "[tool.uv]\ndev-dependencies = [\"accelerate>1.0\"]\n");
    CHECK_STR(range_of("transformers"), S("4.40 5.0"));
    CHECK_STR(range_of("flax-linen"), S("0.7.1 0.8"));
    CHECK_STR(range_of("FLAX.Linen"), S("0.7.1 0.8"));
    CHECK_STR(range_of("torch"), S("0.0 -"));
    CHECK_STR(range_of("peft"), S("0.10 0.11"));
    CHECK_STR(range_of("trl"), S("0.7 -"));
    CHECK_STR(range_of("datasets"), S("2.0 -"));
    CHECK_STR(range_of("accelerate"), S("1.0.0.1 -"));
    CHECK_STR(range_of("tokenizers"), S("unknown"));
    CHECK_STR(range_of("transformer"), S("unknown"));
    CHECK_STR(warnings(), S(""));
    end();
}

static void poetry(void) {
    begin();
    folder_write("pyproject.toml",
                 "[tool.poetry.dependencies]\npython = \"^3.9\"\ntransformers = \"^4.36\"\n"
                 "peft = { version = \"~0.7\", optional = true }\n"
                 "trl = { git = \"https://example.org/trl.git\" }\n"
                 "torch = \"*\"\n"
                 "datasets = [\n  {version = \"<=2.9\", python = \"<3.9\"},\n"
                 "  {version = \">=2.14\", python = \">=3.9\"}]\n"
                 "[tool.poetry.group.dev.dependencies]\naccelerate = \">=0.20\"\n"
                 "[tool.poetry.dev-dependencies]\ndiffusers = \"0.27\"\n"
                 "[tool.poetry.extras]\nall = [\"safetensors\"]\n");
    CHECK_STR(range_of("transformers"), S("4.36 5.0"));
    CHECK_STR(range_of("peft"), S("0.7 0.8"));
    CHECK_STR(range_of("trl"), S("unknown"));
    CHECK_STR(range_of("torch"), S("0.0 -"));
    CHECK_STR(range_of("datasets"), S("0.0 -"));
    CHECK_STR(range_of("accelerate"), S("0.20 -"));
    CHECK_STR(range_of("diffusers"), S("0.27 0.27.0.1"));
    CHECK_STR(range_of("python"), S("unknown"));
    CHECK_STR(range_of("safetensors"), S("unknown"));
    CHECK_STR(warnings(), S(""));
    end();
}

static void requirements(void) {
    begin();
    folder_write("requirements.txt",
                 "\xef\xbb\xbf# transformers==1.0\n"
                 "transformers>=4.40 # why\r\n"
                 "peft == 0.10.0 \\\n    --hash=sha256:abc \\\n    --hash=sha256:d\n"
                 "--index-url https://example.org/simple\n"
                 "-r extra/more.txt\n-c constraints.txt\n-r ../outside.txt\n"
                 "-e git+https://example.org/x#egg=trl\n"
                 "diffusers @ git+https://example.org/d@v0.27\n"
                 "git+https://example.org/nothing.git\n./local\n"
                 "accelerate>=0.21;python_version<'3.9'\n"
                 "accelerate>=1.0 ; python_version>='3.9'\n");
    folder_write("extra/more.txt", "datasets>=2.14\n-r ../requirements.txt\n");
    folder_write("constraints.txt", "transformers<5\n");
    folder_write("requirements-dev.txt", "sentence_transformers~=2.2\n");
    folder_write("requirements/base.txt", "tokenizers>=0.13\n");
    folder_write("requirements.in", "tokenizers>=99\n");
    CHECK_STR(range_of("transformers"), S("4.40 5.0"));
    CHECK_STR(range_of("peft"), S("0.10 0.10.0.1"));
    CHECK_STR(range_of("datasets"), S("2.14 -"));
    CHECK_STR(range_of("sentence-transformers"), S("2.2 3.0"));
    CHECK_STR(range_of("tokenizers"), S("0.13 -"));
    CHECK_STR(range_of("trl"), S("unknown"));
    CHECK_STR(range_of("diffusers"), S("unknown"));
    /* Requirements with markers are alternatives. */
    CHECK_STR(range_of("accelerate"), S("0.21 -"));
    CHECK_STR(warnings(), S(""));
    end();
}

static void requirements_in_utf16(void) {
    begin();
    static const char text[] = "\xff\xfet\0r\0l\0=\0=\0"
                               "0\0.\0"
                               "7\0\r\0\n";
    FILE *file = fopen("requirements.txt", "wb");
    folder_must(file && fwrite(text, 1, sizeof text, file) == sizeof text && fclose(file) == 0,
                "requirements.txt");
    CHECK_STR(range_of("trl"), S("0.7 0.7.0.1"));
    end();
}

static void setup_cfg(void) {
    begin();
    folder_write("setup.cfg", "[metadata]\nname = x\n[options]\npackages = find:\n"
                              "setup_requires =\n    trl>=9\n"
                              "install_requires =\n    # first\n    transformers>=4.30\n\n"
                              "    peft<0.12\npython_requires = >=3.8\n"
                              "[options.extras_require]\nall = accelerate>=0.20\n"
                              "dev =\n    datasets==2.14.*\n[flake8]\nmax-line-length = 120\n"
                              "extend-ignore = E203\n");
    CHECK_STR(range_of("transformers"), S("4.30 -"));
    CHECK_STR(range_of("peft"), S("0.0 0.12"));
    CHECK_STR(range_of("accelerate"), S("0.20 -"));
    CHECK_STR(range_of("datasets"), S("2.14 2.15"));
    CHECK_STR(range_of("trl"), S("unknown"));
    CHECK_INT(project_of(projects, S("m.py"))->line_length, 88);
    CHECK_STR(warnings(), S(""));
    end();
}

static void setup_py(void) {
    begin();
    folder_write("setup.py", "from setuptools import setup\n"
                             "required = ['peft>=0.7', \"torch\"]\n"
                             "_deps = [\"datasets>=2.0,<3\", f\"trl>={x}\", 'a' 'b']\n"
                             "setup(name='x', packages=['tokenizers'],\n"
                             "      classifiers=['Topic :: Text', 'accelerate'],\n"
                             "      install_requires=required,\n"
                             "      extras_require={'diffusers': ['transformers[vision]>=4.30']},\n"
                             "      python_requires='>=3.8', description='safetensors>=1')\n");
    CHECK_STR(range_of("peft"), S("0.7 -"));
    CHECK_STR(range_of("torch"), S("0.0 -"));
    CHECK_STR(range_of("datasets"), S("2.0 3.0"));
    CHECK_STR(range_of("transformers"), S("4.30 -"));
    CHECK_STR(range_of("trl"), S("unknown"));
    CHECK_STR(range_of("tokenizers"), S("unknown"));
    CHECK_STR(range_of("accelerate"), S("unknown"));
    CHECK_STR(range_of("safetensors"), S("unknown"));
    CHECK_INT(project_of(projects, S("m.py"))->n_targets, 4);
    end();
}

static void extras(void) {
    begin();
    folder_write("pyproject.toml", "[project]\ndependencies = [\"transformers[Torch, vision]\", "
                                   "\"other[torch,peft]\"]\n");
    const Project *project = project_of(projects, S("m.py"));
    CHECK(project_declares(project, S("accelerate")));
    CHECK(project_declares(project, S("Transformers")));
    CHECK(!project_declares(project, S("peft")));
    CHECK(!project_declares(project, S("torch")));
    CHECK_STR(range_of("accelerate"), S("unknown"));
    end();
}

static void files(void) {
    begin();
    folder_write("requirements.txt", "-r more/a.txt\n-c constraints.txt\n");
    folder_write("more/a.txt", "torch\n");
    folder_write("constraints.txt", "torch<3\n");
    folder_write("uv.lock", "[[package]]\nname = \"peft\"\nversion = \"0.1\"\n");
    folder_write("sub/setup.cfg", "[options]\ninstall_requires =\n  trl\n");
    const Project *project = project_of(projects, S("m.py"));
    CHECK_INT(project->n_files, 3);
    CHECK_STR(project->files[0], S("requirements.txt"));
    CHECK_STR(project->files[1], S("more/a.txt"));
    CHECK_STR(project->files[2], S("uv.lock"));
    CHECK(!project->outer);
    CHECK(project_of(projects, S("sub/m.py"))->outer == project);
    end();
}

static void environment(void) {
    begin();
    folder_write("environment.yml", "name: x\nchannels:\n  - trl=9\ndependencies:\n"
                                    "  - python=3.10\n  - conda-forge::transformers=4.40\n"
                                    "  - tokenizers=0.19.1=py310\n  - \"datasets>=2.14\"\n"
                                    "  - pip:\n    - peft==0.10.0  # exact\n    - -r more.txt\n"
                                    "variables:\n  - accelerate>=1\n");
    CHECK_STR(range_of("transformers"), S("4.40 4.41"));
    CHECK_STR(range_of("tokenizers"), S("0.19.1 0.19.2"));
    CHECK_STR(range_of("datasets"), S("2.14 -"));
    CHECK_STR(range_of("peft"), S("0.10 0.10.0.1"));
    CHECK_STR(range_of("trl"), S("unknown"));
    CHECK_STR(range_of("accelerate"), S("unknown"));
    end();
}

static void locks(void) {
    begin();
    folder_write("pyproject.toml",
                 "[project]\ndependencies = [\"transformers>=4.40\", \"peft\"]\n");
    folder_write("uv.lock", "version = 1\n\n[[package]]\nname = \"transformers\"\n"
                            "version = \"4.46.3\"\nsource = { registry = \"x\" }\n"
                            "dependencies = [\n    { name = \"tokenizers\" },\n]\n\n"
                            "[[package]]\nname = \"Tokenizers\"\nversion = \"0.20.1\"\n\n"
                            "[package.metadata]\nname = \"trl\"\nversion = \"1.0\"\n\n"
                            "[[package]]\nname = \"datasets\"\nversion = \"2.1\"\n\n"
                            "[[package]]\nname = \"datasets\"\nversion = \"3.1\"\n");
    CHECK_STR(range_of("transformers"), S("4.40 -"));
    CHECK_STR(range_of("peft"), S("0.0 -"));
    CHECK_STR(range_of("tokenizers"), S("0.20.1 0.20.1.1"));
    CHECK_STR(range_of("trl"), S("unknown"));
    CHECK_STR(range_of("datasets"), S("2.1 3.1.0.1"));
    end();
}

static void intersections(void) {
    begin();
    folder_write("pyproject.toml", "[project]\ndependencies = [\"transformers>=4.30,<5\"]\n");
    folder_write("requirements.txt", "transformers>=4.40\npeft>=0.10\n");
    folder_write("sub/requirements.txt", "peft<0.10\npeft>=0.12\n");
    CHECK_STR(range_of("transformers"), S("4.40 5.0"));
    CHECK_STR(warnings(), S(""));
    CHECK_STR(range_at("sub/m.py", "peft"), S("unknown"));
    CHECK_STR(warnings(), S("sub/:0 "));
    end();
}

static void nearest_folder(void) {
    begin();
    folder_write("requirements.txt", "transformers==4.30.0\ntrl>=0.7\n");
    folder_write("a/b/m.py", "");
    folder_write("a/requirements.txt", "transformers>=5\n");
    folder_write("c/pyproject.toml", "[tool.ruff]\nline-length = 100\n");
    folder_write("d/.git/HEAD", "");
    folder_write("d/e/m.py", "");
    CHECK_STR(range_at("a/b/m.py", "transformers"), S("5.0 -"));
    CHECK_STR(range_at("./a/m.py", "transformers"), S("5.0 -"));
    CHECK_STR(range_at("a/b/../../m.py", "transformers"), S("4.30 4.30.0.1"));
    /* A folder that declares anything answers alone. */
    CHECK_STR(range_at("a/m.py", "trl"), S("unknown"));
    CHECK_STR(range_at("c/m.py", "trl"), S("0.7 -"));
    CHECK_INT(project_of(projects, S("c/m.py"))->line_length, 100);
    CHECK_STR(project_of(projects, S("c/m.py"))->folder, S("."));
    CHECK_STR(project_of(projects, S("a/b/m.py"))->folder, S("a"));
    /* The way up ends at a repository's root. */
    CHECK_STR(range_at("d/e/m.py", "transformers"), S("unknown"));
    CHECK_STR(project_of(projects, S("d/e/m.py"))->folder, S(""));
    CHECK_STR(range_at("-", "trl"), S("0.7 -"));
    CHECK_STR(range_at("no/such/folder/m.py", "trl"), S("0.7 -"));
    Str absolute = str_format(&arena, "%s/a/b/m.py", folder_path);
    CHECK_STR(range_at(str_c(&arena, absolute), "transformers"), S("5.0 -"));
    CHECK(project_of(projects, S("a/b/x.py")) == project_of(projects, absolute));
    end();
}

static void above_the_working_directory(void) {
    folder_open();
    folder_write("requirements.txt", "trl>=0.7\n");
    folder_write("sub/m.py", "");
    folder_must(chdir("sub") == 0, "sub");
    open_with(NULL, 0);
    CHECK_STR(range_of("trl"), S("unknown"));
    projects_close(projects);
    folder_write("../.git/HEAD", "");
    open_with(NULL, 0);
    CHECK_STR(range_of("trl"), S("0.7 -"));
    end();
}

static void overrides(void) {
    folder_open();
    folder_write("requirements.txt", "transformers==4.30.0\ntrl>=0.7\n");
    Target targets[] = {{.library = S("transformers")}, {.library = S("Huggingface_Hub")}};
    CHECK(range_parse_target(S("5"), &targets[0].range));
    CHECK(range_parse_target(S("1.2"), &targets[1].range));
    open_with(targets, 2);
    CHECK_STR(range_of("transformers"), S("5.0 6.0"));
    CHECK_STR(range_of("huggingface-hub"), S("1.2 1.3"));
    CHECK_STR(range_of("trl"), S("0.7 -"));
    CHECK_STR(range_at("/m.py", "transformers"), S("5.0 6.0"));
    end();
}

static void bad_files(void) {
    begin();
    folder_write("pyproject.toml", "[project\ndependencies = [\"trl>=0.7\"]\n");
    folder_write("requirements.txt", "transformers>=4.x\npeft>=0.10\n-r missing.txt\n");
    CHECK_STR(range_of("trl"), S("unknown"));
    CHECK_STR(range_of("transformers"), S("unknown"));
    CHECK_STR(range_of("peft"), S("0.10 -"));
    CHECK_STR(warnings(), S("pyproject.toml:1 requirements.txt:1 missing.txt:0 "));
    CHECK_STR(range_of("trl"), S("unknown"));
    CHECK_INT(projects_diagnostics(projects)->list.n, 3);
    end();
}

static void formatter_is(const char *path, int line_length, bool comma, char quote) {
    const Project *project = project_of(projects, str_from(path));
    CHECK_INT(project->line_length, line_length);
    CHECK_INT(project->magic_trailing_comma, comma);
    CHECK_INT(project->quote, quote);
}

static void formatters(void) {
    begin();
    folder_write("pyproject.toml", "[tool.black]\nline-length = 119\n"
                                   "skip-magic-trailing-comma = true\n");
    folder_write("ruff/pyproject.toml",
                 "[tool.ruff]\nline-length = 100\n[tool.ruff.format]\nquote-style = \"single\"\n"
                 "[tool.black]\nline-length = 79\n");
    folder_write("lint/pyproject.toml", "[tool.black]\nline-length = 79\n[tool.ruff]\n"
                                        "line-length = 120\nlint.select = [\"E\"]\n");
    folder_write("toml/ruff.toml", "extend = '../ruff/pyproject.toml'\nline-length = 90\n");
    folder_write("dot/ruff.toml", "line-length = 70\n");
    folder_write("dot/.ruff.toml", "format = {skip-magic-trailing-comma = true}\n");
    folder_write("loop/ruff.toml", "extend = \"ruff.toml\"\nline-length = 77\n");
    folder_write("odd/ruff.toml", "line-length = \"wide\"\n");
    folder_write("near/pyproject.toml", "[tool.ruffian]\nline-length = 60\n");
    formatter_is("m.py", 119, false, '"');
    formatter_is("plain/m.py", 119, false, '"');
    formatter_is("ruff/m.py", 100, true, '\'');
    formatter_is("lint/m.py", 79, true, '"');
    formatter_is("toml/m.py", 90, true, '\'');
    formatter_is("dot/m.py", 88, false, '"');
    formatter_is("loop/m.py", 77, true, '"');
    formatter_is("odd/m.py", 88, true, '"');
    formatter_is("near/m.py", 119, false, '"');
    CHECK_STR(warnings(), S(""));
    end();
}

static void settings(void) {
    double number = 0;
    CHECK(settings_number(&settings_default, S("device-map-above"), &number) && number == 7);
    CHECK(settings_number(&settings_default, S("gpu-memory"), &number) && number == 80);
    Settings own = settings_default;
    own.batch_size = 16;
    CHECK(settings_number(&own, S("batch-size"), &number) && number == 16);
    CHECK(settings_number(&own, S("max-new-tokens"), &number) && number == 256);
    CHECK(!settings_number(&own, S("batch_size"), &number));
}

static void close_arena(void) {
    arena_close(&arena);
}

UNIT_MAIN(companions, pyproject, poetry, requirements, requirements_in_utf16, setup_cfg, setup_py,
          extras, files, environment, locks, intersections, nearest_folder,
          above_the_working_directory, overrides, bad_files, formatters, settings, close_arena)

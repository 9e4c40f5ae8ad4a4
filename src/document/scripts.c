/* Which file is what, by its name as tools look for it: Docker's, make's and compose's own names,
 * GitHub's and GitLab's. Other YAML is read too: a deployment or a task file sets variables and
 * runs commands under the same keys. */
#include "document/scripts.h"

#include "base/path.h"

static void script_read(ShellReader *reader) {
    shell_add(reader, reader->source, 0);
}

/* One line a variable, for docker, compose and python-dotenv. A value in quotes may go on. */
void dotenv_cut(ShellReader *reader) {
    Str source = reader->source;
    for (ptrdiff_t at = 0, next; at < source.n; at = next) {
        ptrdiff_t end = str_find_byte(str_slice(source, at, source.n), '\n');
        next = end < 0 ? source.n : at + end + 1;
        Span line = {(uint32_t)at, (uint32_t)next};
        Str text = str_trim(str_span(source, line));
        if (str_starts(text, S("export ")))
            text = str_trim(str_slice(text, 7, text.n));
        ptrdiff_t sign = str_find_byte(text, '=');
        if (sign < 0)
            continue;
        Str value = str_slice(text, sign + 1, text.n);
        bool opens = value.n && (value.p[0] == '"' || value.p[0] == '\'') &&
                     str_find_byte(str_slice(value, 1, value.n), value.p[0]) < 0;
        if (opens) /* a value of several lines: what follows can't be told from it */
            return;
        shell_add_setting(reader, text, (uint32_t)(text.p - source.p), line);
    }
}

/* Names of JSON and TOML that tools and libraries write for themselves, and that hold no arguments
 * of a training. To add one: a row. */
static const Str own_names[] = {S("package.json"),
                                S("package-lock.json"),
                                S("tsconfig.json"),
                                S("composer.json"),
                                S("launch.json"),
                                S("tasks.json"),
                                S("config.json"),
                                S("generation_config.json"),
                                S("adapter_config.json"),
                                S("tokenizer.json"),
                                S("tokenizer_config.json"),
                                S("special_tokens_map.json"),
                                S("added_tokens.json"),
                                S("vocab.json"),
                                S("preprocessor_config.json"),
                                S("processor_config.json"),
                                S("model.safetensors.index.json"),
                                S("pytorch_model.bin.index.json"),
                                S("trainer_state.json"),
                                S("all_results.json"),
                                S("train_results.json"),
                                S("eval_results.json"),
                                S("dataset_info.json"),
                                S("dataset_infos.json"),
                                S("pyproject.toml"),
                                S("hffix.toml"),
                                S("ruff.toml"),
                                S(".ruff.toml"),
                                S("Cargo.toml"),
                                S("netlify.toml"),
                                S("pixi.toml")};

/* To add a kind of file: a row, and the function that finds its commands. */
static const struct FileKind {
    Str name;   /* of the file; with `prefix` what it starts with; empty: any */
    Str ending; /* empty: any */
    bool prefix;
    ShellCut *cut;
} kinds[] = {
    {S(""), S(".sh"), true, script_read},
    {S(""), S(".bash"), true, script_read},
    {S(""), S(".slurm"), true, script_read},
    {S(""), S(".sbatch"), true, script_read},
    {S("Dockerfile"), S(""), false, docker_cut},
    {S("Dockerfile."), S(""), true, docker_cut},
    {S("Containerfile"), S(""), false, docker_cut},
    {S(""), S(".dockerfile"), true, docker_cut},
    {S(""), S(".Dockerfile"), true, docker_cut},
    {S("Makefile"), S(""), false, makefile_cut},
    {S("makefile"), S(""), false, makefile_cut},
    {S("GNUmakefile"), S(""), false, makefile_cut},
    {S(""), S(".mk"), true, makefile_cut},
    {S(""), S(".yml"), true, yaml_cut},
    {S(""), S(".yaml"), true, yaml_cut},
    {S(".env"), S(""), false, dotenv_cut},
    {S(".env."), S(""), true, dotenv_cut},
    {S(""), S(".env"), true, dotenv_cut},
    {S(""), S(".json"), true, json_cut},
    {S(""), S(".toml"), true, toml_cut},
};

static ShellCut *cut_of_name(Str name) {
    for (ptrdiff_t i = 0; i < COUNT(kinds); i++) {
        const struct FileKind *kind = &kinds[i];
        bool starts = kind->prefix ? str_starts(name, kind->name) : str_eq(name, kind->name);
        if (starts && str_ends(name, kind->ending))
            return str_among(name, own_names, COUNT(own_names)) ? NULL : kind->cut;
    }
    return NULL;
}

bool script_is_settings(Str name) {
    ShellCut *cut = cut_of_name(name);
    return cut == json_cut || cut == toml_cut;
}

bool script_is_named(Str name) {
    return cut_of_name(name) != NULL;
}

ShellCut *script_cut(Str path, Str bytes) {
    Str name = path_name(path), line, rest;
    ShellCut *cut = cut_of_name(name);
    if (cut || str_find_byte(name, '.') >= 0 || !str_starts(bytes, S("#!")))
        return cut;
    str_cut(bytes, '\n', &line, &rest);
    line = str_trim(line);
    return str_ends(line, S("/sh")) || str_find(line, S("bash")) >= 0 ? script_read : NULL;
}

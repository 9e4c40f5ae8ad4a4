/* Modules of a project that bear a library's name. */
#include "project/own_modules.h"

#include "unit.h"
#include "unit_folder.h"

static Arena arena;
static Projects *projects;

static bool own(const char *path, const char *name) {
    const Project *project = project_of(projects, str_from(path));
    return own_module(project, str_from(path), str_from(name));
}

static void begin(void) {
    folder_open();
    projects = projects_open(&arena, NULL, 0, settings_default);
}

static void end(void) {
    projects_close(projects);
    folder_close();
}

static void found(void) {
    begin();
    folder_write("datasets/__init__.py", "");
    folder_write("src/peft/__init__.py", "");
    folder_write("scripts/evaluate.py", "");
    folder_write("vendored/transformers/src/transformers/__init__.py", "");
    folder_write("trl/trl/__init__.py", "");
    CHECK(own("train.py", "datasets"));
    CHECK(own("scripts/deep/train.py", "datasets"));
    CHECK(own("train.py", "peft"));
    CHECK(own("scripts/train.py", "evaluate"));
    CHECK(own("vendored/train.py", "transformers"));
    CHECK(own("vendored/transformers/src/transformers/a.py", "transformers"));
    CHECK(own("train.py", "trl"));
    end();
}

static void not_found(void) {
    begin();
    folder_write("datasets/squad.py", "");
    folder_write("scripts/evaluate.py", "");
    folder_write("pkg/__init__.py", "");
    folder_write("pkg/transformers/__init__.py", "");
    folder_write("vendored/transformers/src/transformers/__init__.py", "");
    CHECK(!own("train.py", "datasets")); /* no package: an installed one goes before it */
    CHECK(!own("train.py", "evaluate"));
    CHECK(!own("scripts/evaluate.py", "evaluate"));
    CHECK(!own("pkg/train.py", "transformers")); /* pkg.transformers */
    CHECK(!own("train.py", "transformers"));
    end();
    arena_close(&arena);
}

UNIT_MAIN(found, not_found)

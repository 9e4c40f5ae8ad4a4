/* Which files a walk finds, under which names and in which order. */
#include "project/walk.h"

#include "unit.h"
#include "unit_folder.h"

static Arena arena;
static ptrdiff_t ignored; /* of the last walk */

/* The paths found, with '!' after named ones and errors in angle brackets at the end. */
static Str found_with(WalkOptions options, const char *first, const char *second) {
    Str arguments[] = {str_from(first), str_from(second)};
    Diagnostics diagnostics = {.arena = &arena};
    WalkResult result = walk(&arena, arguments, second ? 2 : 1, &options, &diagnostics);
    ignored = result.ignored;
    Buf out = {.arena = &arena};
    for (ptrdiff_t i = 0; i < result.n; i++)
        buf_format(&out, "%s%.*s%s", i ? " " : "", STR_ARG(result.files[i].path),
                   result.files[i].named ? "!" : "");
    for (ptrdiff_t i = 0; i < diagnostics.list.n; i++)
        buf_format(&out, "<%.*s>", STR_ARG(diagnostics.list.v[i].path));
    return buf_str(&out);
}

static Str found(const char *first, const char *second) {
    return found_with((WalkOptions){0}, first, second);
}

static void endings(void) {
    folder_open();
    folder_write("a.py", "");
    folder_write("a.pyi", "");
    folder_write("a.pyw", "");
    folder_write("a.pyc", "");
    folder_write("a.txt", "#!/usr/bin/python\n");
    folder_write("tool", "#!/usr/bin/env python3\n");
    folder_write("shell", "#!/bin/sh\n# python\n");
    folder_write("python", "import os\n");
    folder_write("empty", "");
    folder_write(".hidden.py", "");
    folder_write("py", "");
    folder_write("a.ipynb", "");
    folder_write("a.md", "");
    folder_write("a.mdx", "");
    folder_write("a.rst", "");
    folder_write("amd", "");
    CHECK_STR(found(".", NULL), S(".hidden.py a.ipynb a.py a.pyi a.pyw tool"));
    CHECK_STR(found_with((WalkOptions){.docs = true}, ".", NULL),
              S(".hidden.py a.ipynb a.md a.mdx a.py a.pyi a.pyw a.rst tool"));
    CHECK_STR(found("a.md", NULL), S("a.md!"));
    folder_close();
}

static void order_and_names(void) {
    folder_open();
    folder_write("a/z.py", "");
    folder_write("a-b.py", "");
    folder_write("a.py", "");
    folder_write("b/c/d.py", "");
    CHECK_STR(found(".", NULL), S("a-b.py a.py a/z.py b/c/d.py"));
    CHECK_STR(found("./", NULL), S("a-b.py a.py a/z.py b/c/d.py"));
    CHECK_STR(found("./b//", NULL), S("b/c/d.py"));
    CHECK_STR(found("b/../a", NULL), S("b/../a/z.py"));
    CHECK_STR(found("b", "a"), S("b/c/d.py a/z.py"));
    Str absolute = str_format(&arena, "%s/b", folder_path);
    CHECK_STR(found(str_c(&arena, absolute), NULL),
              str_format(&arena, "%.*s/c/d.py", STR_ARG(absolute)));
    folder_close();
}

static void named(void) {
    folder_open();
    folder_write(".gitignore", "*\n");
    folder_write("build/a.py", "");
    folder_write("notes.txt", "");
    CHECK_STR(found("build/a.py", "./notes.txt"), S("build/a.py! notes.txt!"));
    CHECK_STR(found("build", NULL), S("build/a.py"));
    CHECK_STR(found("nothing.py", "build/a.py"), S("build/a.py!<nothing.py>"));
    folder_must(mkfifo("pipe", 0600) == 0, "pipe");
    CHECK_STR(found("pipe", NULL), S("<pipe>"));
    CHECK_STR(found("", NULL), S("<.>"));
    folder_close();
}

static void forced(void) {
    folder_open();
    folder_write(".git/info/exclude", "secret.py\n");
    folder_write(".gitignore", "gen/\n!gen/kept.py\n");
    folder_write("gen/kept.py", "");
    folder_write("src/secret.py", "");
    folder_write("src/a.py", "");
    folder_write("src/env/pyvenv.cfg", "");
    folder_write("src/env/b.py", "");
    folder_write("src/node_modules/c.py", "");
    WalkOptions force = {.force_exclude = true};
    CHECK_STR(found_with(force, "gen/kept.py", "src/a.py"), S("src/a.py!"));
    CHECK_INT(ignored, 1);
    CHECK_STR(found_with(force, "src/secret.py", "src/env/b.py"), S(""));
    CHECK_STR(found_with(force, "src/node_modules/c.py", "gen"), S(""));
    CHECK_STR(found_with(force, ".", NULL), S("src/a.py"));
    folder_must(chdir("src/node_modules") == 0, "chdir");
    CHECK_STR(found_with(force, "c.py", "../a.py"), S("../a.py!"));
    force.no_ignore = true;
    CHECK_STR(found_with(force, "../secret.py", "../env/b.py"), S("../secret.py!"));
    folder_close();
}

static void fixed_list(void) {
    folder_open();
    folder_write(".git/hook.py", "");
    folder_write(".github/a.py", "");
    folder_write("venv/a.py", "");
    folder_write("env/pyvenv.cfg", "");
    folder_write("env/lib/a.py", "");
    folder_write("x/site-packages/a.py", "");
    folder_write("node_modules/a.py", "");
    folder_write("__pycache__/a.py", "");
    folder_write("m.egg-info/a.py", "");
    folder_write("build/lib/a.py", "");
    folder_write("dist/a.py", "");
    folder_write("pkg/build/__init__.py", "");
    folder_write("pkg/build/env.py", "");
    folder_write("builder/a.py", "");
    WalkOptions all = {.no_ignore = true};
    Str want = S(".github/a.py builder/a.py pkg/build/__init__.py pkg/build/env.py venv/a.py");
    CHECK_STR(found(".", NULL), want);
    CHECK_STR(found_with(all, ".", NULL), want);
    CHECK_STR(found("env", "x/site-packages"), S("env/lib/a.py x/site-packages/a.py"));
    folder_close();
}

static void ignore_files(void) {
    folder_open();
    folder_write(".git/info/exclude", "local.py\n");
    folder_write(".gitignore", "*.gen.py\n/top.py\ndata/\n");
    folder_write("a.gen.py", "");
    folder_write("top.py", "");
    folder_write("local.py", "");
    folder_write("data/a.py", "");
    folder_write("data/.gitignore", "!a.py\n");
    folder_write("sub/.gitignore", "!b.gen.py\n");
    folder_write("sub/b.gen.py", "");
    folder_write("sub/c.gen.py", "");
    folder_write("sub/top.py", "");
    folder_write("sub/tool", "#!python\n");
    folder_write("other/.ignore", "!d.gen.py\ne.py\n");
    folder_write("other/d.gen.py", "");
    folder_write("other/e.py", "");
    CHECK_STR(found(".", NULL), S("other/d.gen.py sub/b.gen.py sub/tool sub/top.py"));
    CHECK_INT(ignored, 5);
    CHECK_STR(found("sub", "other"), S("sub/b.gen.py sub/tool sub/top.py other/d.gen.py"));
    CHECK_STR(found_with((WalkOptions){.no_ignore = true}, ".", NULL),
              S("a.gen.py data/a.py local.py other/d.gen.py other/e.py sub/b.gen.py sub/c.gen.py "
                "sub/tool sub/top.py top.py"));

    /* A repository inside is its own; a work tree's .git is a file. */
    folder_write("real/inner/info/exclude", "x.py\n");
    folder_write("real/inner/worktrees/w/commondir", "../..\n");
    folder_write("tree/.git", "gitdir: ../real/inner/worktrees/w\n");
    folder_write("tree/x.py", "");
    folder_write("tree/top.gen.py", "");
    CHECK_STR(found("tree", NULL), S("tree/top.gen.py"));
    CHECK_STR(found(".", NULL),
              S("other/d.gen.py sub/b.gen.py sub/tool sub/top.py tree/top.gen.py"));
    folder_close();
}

static void no_repository(void) {
    folder_open();
    folder_write(".gitignore", "a.py\n");
    folder_write("a.py", "");
    folder_write("sub/a.py", "");
    CHECK_STR(found(".", NULL), S(""));
    /* Without a repository the folders above the argument say nothing. */
    CHECK_STR(found("sub", NULL), S("sub/a.py"));
    folder_write("sub/.ignore", "b.py\n");
    folder_write("sub/b.py", "");
    folder_write("sub/c.py", "");
    WalkOptions force = {.force_exclude = true};
    CHECK_STR(found_with(force, "sub/b.py", "sub/c.py"), S("sub/c.py!"));
    CHECK_STR(found("sub/b.py", NULL), S("sub/b.py!"));
    folder_close();
}

static void links(void) {
    folder_open();
    folder_write("real/a.py", "");
    folder_write("out.txt", "");
    folder_must(symlink("real", "folder") == 0, "symlink");
    folder_must(symlink("real/a.py", "link.py") == 0, "symlink");
    folder_must(symlink("nowhere", "broken.py") == 0, "symlink");
    folder_must(link("real/a.py", "real/b.py") == 0, "link");
    CHECK_STR(found(".", NULL), S("real/a.py"));
    CHECK_STR(found("folder", NULL), S("folder/a.py"));
    CHECK_STR(found("link.py", NULL), S("link.py!"));
    CHECK_STR(found("broken.py", NULL), S("<broken.py>"));
    CHECK_STR(found("real/b.py", "."), S("real/b.py!"));
    CHECK_STR(found(".", "real/b.py"), S("real/a.py!"));
    CHECK_STR(found("real", "real/../real"), S("real/a.py"));
    folder_close();
}

static void unreadable(void) {
    folder_open();
    folder_write("a.py", "");
    folder_write("shut/b.py", "");
    folder_write("z.py", "");
    folder_must(chmod("shut", 0) == 0, "chmod");
    /* The superuser reads it all the same. */
    bool can = access("shut/b.py", F_OK) == 0;
    CHECK_STR(found(".", NULL), can ? S("a.py shut/b.py z.py") : S("a.py z.py<shut>"));
    folder_must(chmod("shut", 0700) == 0, "chmod");
    folder_close();
}

/* More files than the first table of inodes holds, and a tree deeper than a listing. */
static void many(void) {
    folder_open();
    char name[PATH_MAX];
    for (int i = 0; i < 1500; i++) {
        snprintf(name, sizeof name, "d%d/f%04d.py", i % 7, i);
        folder_write(name, "");
    }
    size_t n = 0;
    for (int i = 0; i < 60; i++)
        n += (size_t)snprintf(name + n, sizeof name - n, "deep/");
    snprintf(name + n, sizeof name - n, "x.py");
    folder_write(name, "");
    Str argument = S(".");
    WalkOptions options = {0};
    Diagnostics diagnostics = {.arena = &arena};
    WalkResult result = walk(&arena, &argument, 1, &options, &diagnostics);
    CHECK_INT(result.n, 1501);
    for (ptrdiff_t i = 1; i < result.n; i++)
        CHECK(str_compare(result.files[i - 1].path, result.files[i].path) < 0);
    folder_close();
}

static void close_arena(void) {
    arena_close(&arena);
}

UNIT_MAIN(endings, order_and_names, named, forced, fixed_list, ignore_files, no_repository, links,
          unreadable, many, close_arena)

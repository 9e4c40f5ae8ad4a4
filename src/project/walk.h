/* The files that a run looks at. */
#ifndef HFFIX_PROJECT_WALK_H
#define HFFIX_PROJECT_WALK_H

#include "base/diag.h"
#include "project/settings_files.h"

typedef struct WalkFile {
    Str path;   /* as it will be shown: relative if the argument was, without "./" */
    bool named; /* given on the command line, not found by walking */
    const UserSettings *config; /* what is set in its folder; NULL without WalkOptions.settings */
    uint64_t config_paths;      /* which entries of its per-path are about the file */
} WalkFile;

typedef struct WalkOptions {
    bool force_exclude;     /* ignore rules also hold for files that are named */
    bool no_ignore;         /* ignore files do not hold; the fixed list still does */
    bool docs;              /* also .md, .mdx, .markdown and .rst */
    bool (*also)(Str name); /* further names of files to take; with it, scripts without an ending
                               whose first line names a shell too. NULL: none */
    int threads;
    SettingsFiles *settings; /* what leaves files out, and takes pages in, by folder; may be NULL */
} WalkOptions;

typedef struct WalkResult {
    WalkFile *files; /* sorted by path within each argument, arguments in their order; no file twice
                        (by inode) */
    ptrdiff_t n;
    ptrdiff_t ignored;  /* such files that ignore rules left out, as far as they were seen */
    ptrdiff_t excluded; /* likewise, that `exclude` of the settings left out */
} WalkResult;

/* Walks files and directories. Files: .py, .pyi, .pyw, .ipynb, pages of text and others when asked
 * for, and without an ending when the first line names python. Nested .gitignore (all of git's
 * rules), .ignore (over it) and .git/info/exclude hold, also those of folders above the argument up
 * to the repository's root. Always out: .git and other version control folders, virtual
 * environments (a folder with pyvenv.cfg, or named .venv, venv, env with one, .tox, .nox),
 * site-packages, node_modules, __pycache__, build folders (build, dist, *.egg-info, .eggs,
 * .mypy_cache, .ruff_cache, …: walk.c has the table). Symlinks are not followed when walking; a
 * named one is taken. What does not exist or can't be read adds an error and the walk goes on. */
WalkResult walk(Arena *arena, const Str *arguments, ptrdiff_t n, const WalkOptions *options,
                Diagnostics *diagnostics);

/* Whether a folder of this name holds no code of a project's own. */
bool walk_is_outside(Str name);

#endif

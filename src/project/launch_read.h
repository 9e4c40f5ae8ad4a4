/* What shell scripts, Makefiles, Dockerfiles, CI and editor files start on several devices or
 * processes. Nothing here reads the disk. For launches.c. */
#ifndef HFFIX_PROJECT_LAUNCH_READ_H
#define HFFIX_PROJECT_LAUNCH_READ_H

#include "base/list.h"
#include "base/str.h"

typedef enum LaunchFile {
    LAUNCH_NONE,     /* says nothing about launches */
    LAUNCH_SHELL,    /* and Makefiles */
    LAUNCH_LISTS,    /* YAML, TOML, Dockerfiles: commands also stand as lists of strings */
    LAUNCH_JSON,     /* of an editor */
    LAUNCH_PAGE,     /* fenced blocks of Markdown */
    LAUNCH_DEEPSPEED /* a DeepSpeed configuration: says that something is launched, not what */
} LaunchFile;

/* By the file's name and that of its folder. */
LaunchFile launch_file(Str folder, Str name);

/* A script as a command names it. */
typedef struct LaunchedScript {
    Str path;   /* "scripts/train.py", "$ROOT/train.py"; of `-m a.b`: "a/b.py" */
    Str folder; /* where `cd` has gone; empty: nowhere */
    uint32_t line;
} LaunchedScript;

typedef List(LaunchedScript) LaunchedScripts;

/* Adds the scripts that a file launches. */
void launches_read(Arena *arena, LaunchFile kind, Str text, LaunchedScripts *scripts);

/* Whether it is a configuration of `accelerate launch` (or DeepSpeed) for more than one process. */
bool launch_configuration(LaunchFile kind, Str text);

#endif

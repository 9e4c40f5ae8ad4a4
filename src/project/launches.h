/* Which scripts the files around them start on several devices or processes (`torchrun train.py` in
 * a shell script, a Makefile, a CI file, …). A script itself often shows nothing of it. */
#ifndef HFFIX_PROJECT_LAUNCHES_H
#define HFFIX_PROJECT_LAUNCHES_H

#include "project/project.h"

typedef struct Launch {
    Str by;       /* "scripts/run.sh:12", below the root */
    bool certain; /* false: only a launcher's configuration lies in the script's folder or above */
} Launch;

Launches *launches_open(Arena *arena);
void launches_close(Launches *launches); /* what it holds beside the arena it was opened with */

/* What starts the file of that path; NULL: nothing is known to. The tree of its repository is read
 * at the first question about one of its files: without a repository, that of the outermost folder
 * that declares dependencies, else the working directory's, else the file's own folder.
 * Thread-safe. */
const Launch *launch_of(const Project *project, Str path);

#endif

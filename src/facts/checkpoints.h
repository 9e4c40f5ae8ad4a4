/* Checkpoints that lie on this machine, as evidence: what their own files say wins over what an id
 * looks like. */
#ifndef HFFIX_FACTS_CHECKPOINTS_H
#define HFFIX_FACTS_CHECKPOINTS_H

#include "checkpoint/summary.h"
#include "facts/facts.h"

typedef struct Checkpoint {
    CheckpointSummary files;
    Str commit; /* of a snapshot in the hub's cache; empty: a folder */
} Checkpoint;

Checkpoints *checkpoints_open(Arena *arena);
void checkpoints_close(Checkpoints *checkpoints); /* what it holds beside that arena */

/* The checkpoint that an id names: a folder with a config.json below that of the file, the working
 * directory or the repository's root, or an absolute one; else, unless settings forbid it, main's
 * snapshot in the hub's cache. NULL: there is none, or the project knows none. Each is read once a
 * run. Thread-safe. */
const Checkpoint *checkpoint_of(const FactContext *context, Str id);

#endif

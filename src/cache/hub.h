/* Where a model's files lie on this machine: a folder, or a snapshot in the hub's cache. */
#ifndef HFFIX_CACHE_HUB_H
#define HFFIX_CACHE_HUB_H

#include "base/str.h"

/* The folder of `name` (a path, or an id such as "org/model") at `revision` (empty: main): itself
 * when it is a folder, below `models` if that is given (as org/model, org--model or model), else
 * the snapshot in the cache that HF_HUB_CACHE, HF_HOME or XDG_CACHE_HOME say. False: nowhere. */
bool hub_find(Arena *arena, Str name, Str revision, Str models, Str *folder);
/* A relative path, looked for below `base`. */
bool hub_find_near(Arena *arena, Str name, Str base, Str *folder);
Str hub_cache(Arena *arena); /* the cache's folder, whether it exists or not */

#endif

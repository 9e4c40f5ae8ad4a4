/* What the Python around a file of settings does with one of its keys. */
#ifndef HFFIX_PROJECT_KEY_USE_H
#define HFFIX_PROJECT_KEY_USE_H

#include "project/project.h"

typedef struct KeyUse {
    bool parsed; /* HfArgumentParser, or one made from it, is given a class or a subclass of one */
    bool spread; /* a module calls a class with `**` */
    bool loads;  /* a module reads files of settings, or flags, in some way */
    bool taken;  /* code reads or declares the key by its own name: config["key"], cfg.key */
    bool named;  /* it stands in code in another way than as the keyword of a call */
} KeyUse;

KeyUses *key_uses_open(Arena *arena);
void key_uses_close(KeyUses *uses); /* what it holds beside the arena it was opened with */

/* The use of `key`, an argument of one of `classes`, in the tree of the file's repository (tree.h).
 * The tree is listed once, and read once a key and first class. Thread-safe. */
KeyUse key_use_of(const Project *project, Str path, Str key, const Str *classes, ptrdiff_t n);

#endif

/* Answers that are kept for one module, found through Module.cache.
 *
 * For the rooms that ask of a module. An owner is the address of something of the asking file's
 * own, so that keys of different questions never meet. */
#ifndef HFFIX_PYTHON_CACHE_H
#define HFFIX_PYTHON_CACHE_H

#include "python/module.h"

/* The slot of the answer to one question; NULL is in it until the asker has put its answer there.
 * It stays at its address as long as the module. */
void **cache_slot(const Module *module, const void *owner, uint64_t key);

#endif

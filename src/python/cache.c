/* Answers about a module, kept in its arena.
 *
 * A chained hash table, so that a slot never moves: a question may be asked while another one is
 * being answered, and both hold their slots meanwhile. Nothing is ever taken out; the table goes
 * with the arena. */
#include "python/cache.h"

typedef struct CacheEntry {
    const void *owner;
    uint64_t key;
    void *answer;
    struct CacheEntry *next;
} CacheEntry;

typedef struct Cache {
    CacheEntry **buckets;
    ptrdiff_t n, capacity; /* capacity is a power of two */
} Cache;

static ptrdiff_t bucket_of(const Cache *cache, const void *owner, uint64_t key) {
    uint64_t h = (key ^ (uint64_t)(uintptr_t)owner) * 0x9E3779B97F4A7C15u;
    return (ptrdiff_t)((h ^ (h >> 29)) & (uint64_t)(cache->capacity - 1));
}

static void cache_grow(const Module *module, Cache *cache) {
    Cache wider = {.n = cache->n, .capacity = cache->capacity ? cache->capacity * 2 : 64};
    wider.buckets = new (module->arena, CacheEntry *, wider.capacity);
    for (ptrdiff_t i = 0; i < cache->capacity; i++) {
        for (CacheEntry *e = cache->buckets[i], *next; e; e = next) {
            next = e->next;
            ptrdiff_t at = bucket_of(&wider, e->owner, e->key);
            e->next = wider.buckets[at];
            wider.buckets[at] = e;
        }
    }
    *cache = wider;
}

void **cache_slot(const Module *module, const void *owner, uint64_t key) {
    /* A cache is no part of what the module says, so it may change behind a const. */
    Module *keeper = (Module *)module;
    if (!keeper->cache)
        keeper->cache = new (module->arena, Cache, 1);
    Cache *cache = keeper->cache;
    if (cache->n >= cache->capacity)
        cache_grow(module, cache);
    ptrdiff_t at = bucket_of(cache, owner, key);
    for (CacheEntry *e = cache->buckets[at]; e; e = e->next)
        if (e->owner == owner && e->key == key)
            return &e->answer;
    CacheEntry *added = new (module->arena, CacheEntry, 1);
    *added = (CacheEntry){.owner = owner, .key = key, .next = cache->buckets[at]};
    cache->buckets[at] = added;
    cache->n++;
    return &added->answer;
}

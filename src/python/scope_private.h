/* What the files that build and ask scopes share; private to src/python. */
#ifndef HFFIX_PYTHON_SCOPE_PRIVATE_H
#define HFFIX_PYTHON_SCOPE_PRIVATE_H

#include "base/list.h"
#include "python/scope.h"

/* A name in a scope, or an attribute of the first parameter of a class's methods. */
typedef struct NameEntry {
    Str name; /* an attribute's without "self." */
    bool attribute;
    Scope *scope;
    Binding *first, *last;
    struct NameEntry *moved;   /* by `global` or `nonlocal`: the entry that is meant instead */
    List(Node) uses;           /* filled for all entries of one name at once, see binding_uses() */
    struct Prepared *prepared; /* see uses.c; NULL until asked for */
} NameEntry;

/* Open addressing; capacity is a power of two or 0. */
struct ScopeNames {
    NameEntry **slots;
    uint32_t n, capacity;
};

/* What an identifier (or an attribute of self) is besides a read. */
typedef enum Role {
    ROLE_READ,
    ROLE_BINDS,  /* it is the `at` of a binding */
    ROLE_NO_NAME /* a keyword, an attribute's name, a part of an import, … */
} Role;

typedef struct ScopeCache {
    uint8_t *role;            /* by node: Role */
    struct Occurrences *uses; /* see scope.c; NULL until asked for */
} ScopeCache;

void scopes_build(Module *module);

ScopeCache *scope_cache(const Module *module);

bool is_comprehension(Kind kind);

NameEntry *names_find(const struct ScopeNames *names, Str name);
/* The entry of the name, made where there is none. */
NameEntry *names_enter(Arena *arena, struct ScopeNames *names, Scope *scope, Str name);

/* The entry that a name read at `node` in `scope` means; NULL when nothing in the file binds it. */
NameEntry *name_resolve(const Module *module, const Scope *scope, Str name, Node node);
/* The same for an identifier or an attribute; NULL for every other expression. */
NameEntry *expression_resolve(const Module *module, Node expression);
/* The class whose instances (or itself) an identifier, read in `scope`, means as first parameter of
 * a method; NULL for others. */
Scope *receiver_class(const Module *module, const Scope *scope, Node identifier);
/* The class of a method's own scope, NULL for other scopes and for static methods. */
Scope *scope_method_class(const Module *module, const Scope *scope);

/* The scope whose code runs as one piece with this one: its function, lambda or the module. Class
 * bodies and comprehensions run in place. */
const Scope *scope_unit(const Scope *scope);

#endif

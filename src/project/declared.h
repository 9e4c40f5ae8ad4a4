/* What the files of one folder declare about versions of libraries, as they are read. */
#ifndef HFFIX_PROJECT_DECLARED_H
#define HFFIX_PROJECT_DECLARED_H

#include "base/diag.h"
#include "project/project.h"
#include "project/toml.h"

/* A library as the files read so far declare it. */
typedef struct Declaration {
    Str library; /* normalized */
    Range all;   /* what every unconditional requirement allows */
    Range any; /* what some requirement with an environment marker allows: those are alternatives */
} Declaration;

typedef struct Declared {
    Arena *arena;
    Diagnostics *diagnostics;
    Parser *parser;
    int folder; /* open */
    Str shown;  /* the folder in messages: empty, or with a slash at its end */
    List(Declaration) list;
    List(Str) files; /* that were read, below the folder; without constraints */
} Declared;

/* A requirement taken apart (PEP 508). */
typedef struct Requirement {
    Str library; /* normalized */
    Str range;   /* its specifiers as written; empty: none */
    Str extras;  /* "torch,sentencepiece" of `transformers[torch,sentencepiece]` */
    bool by_url; /* `name @ URL`, or a URL that names it: which version is not known */
    bool marked; /* an environment marker followed */
} Requirement;

/* False when the text names no library: an option, a path, a template. */
bool requirement_parse(Arena *arena, Str text, Requirement *requirement);

/* "Flax_Linen" and "flax.linen" are "flax-linen" (PEP 503). */
Str library_normalized(Arena *arena, Str name);

/* Takes up a requirement that stands in `file` (a name below the folder) at a line; one that can't
 * be read adds a warning. */
void declare(Declared *declared, Str file, uint32_t line, Str requirement);
void declare_range(Declared *declared, Str library, Range range, bool marked);
/* Takes up what an extra of a library brings along, as far as rules ask for it. */
void declare_extra(Declared *declared, Str library, Str extra);

/* A warning about a file of the folder; line 0: about all of it. */
void declared_warn(Declared *declared, Str file, uint32_t line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
uint32_t line_of(Str text, uint32_t offset); /* from 1 */

/* What the last assignment to a name in a Python file gives it, if that is a literal collection. */
Node assigned_literal(const Tree *tree, Str name);

/* A TOML file below the folder; NULL after a warning. */
const Toml *declared_toml(Declared *declared, Str file);

/* The readers, one a kind of file. What stands in it is declared; what can't be read warns. */
void read_requirements(Declared *declared, Str file); /* and what it includes within the folder */
void read_setup_cfg(Declared *declared);
void read_environment(Declared *declared, Str file);
void read_pyproject(Declared *declared, Str file, const Toml *toml);
void read_setup_py(Declared *declared);
/* Only for libraries that nothing declares yet. */
void read_lock(Declared *declared, Str file);

#endif

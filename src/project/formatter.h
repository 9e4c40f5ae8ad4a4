/* What the project's formatter is told: black, or ruff format. */
#ifndef HFFIX_PROJECT_FORMATTER_H
#define HFFIX_PROJECT_FORMATTER_H

#include "project/declared.h"

typedef struct Formatter {
    bool found; /* a file of the folder configures one */
    int line_length;
    bool magic_trailing_comma;
    char quote;
} Formatter;

extern const Formatter formatter_default;

/* From `[tool.ruff]` or `[tool.black]`. */
Formatter formatter_from_pyproject(Declared *declared, Str file, const Toml *toml);
/* From a ruff.toml or .ruff.toml. */
Formatter formatter_from_ruff(Declared *declared, Str file, const Toml *toml);

#endif

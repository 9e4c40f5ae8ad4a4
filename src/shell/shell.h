/* Shell text as a list of commands and a list of the places that name environment variables.
 *
 * A ShellReader is given texts (a whole script, the instruction of a Dockerfile, a line of a
 * notebook) that stand in one source, and keeps what they hold with places in that source. A text
 * that does not parse adds nothing. A file of settings gives it tables of keys as well. */
#ifndef HFFIX_SHELL_SHELL_H
#define HFFIX_SHELL_SHELL_H

#include "shell/table.h"
#include "syntax/syntax.h"

typedef struct ShellWord {
    Span
        span; /* as written, quotes included; of a word in a list of strings what is between them */
    Str text; /* what the command gets; as written when that is not known */
    bool known; /* no expansions, globs of them, or escapes in it */
} ShellWord;

typedef struct ShellCommand {
    ShellWord *words; /* from the first word, without assignments and redirections */
    ptrdiff_t n;
    ptrdiff_t program; /* the word behind `sudo`, `env A=b`, `time`, `uv run` and the like */
    Str between;       /* what parts two words: a blank, or `", "` in a list of strings */
} ShellCommand;

typedef enum VariableUse { VARIABLE_SET, VARIABLE_READ, VARIABLE_UNSET } VariableUse;

typedef struct ShellVariable {
    VariableUse use;
    Span name;
    Str value;  /* of VARIABLE_SET, as written, without quotes around all of it */
    Span whole; /* what goes when the setting goes; empty: that takes more than cutting it out */
    int scope;  /* settings of one scope hold together; 0: of all of the file */
} ShellVariable;

typedef struct ShellReader {
    Arena *arena;
    Parser *parser;
    Str source; /* all of it */
    List(ShellCommand) commands;
    List(ShellVariable) variables;
    List(Table) tables;
    ptrdiff_t broken; /* texts that did not parse */
    int scope;        /* of the settings that are added */
} ShellReader;

/* Where a line of a text stands in the source: the two are alike up to the line's end. */
typedef struct ShellLine {
    uint32_t at, source_at;
} ShellLine;

/* A text that begins at byte `at` of the source. */
void shell_add(ShellReader *reader, Str text, uint32_t at);
/* A text made of parts of lines of the source: `lines` in order, one for each of its lines. */
void shell_add_lines(ShellReader *reader, Str text, const ShellLine *lines, ptrdiff_t n);
/* A command given as a list of strings (exec form); `between` parts two of them. */
void shell_add_words(ShellReader *reader, ShellWord *words, ptrdiff_t n, Str between);
/* `A=b` at byte `at` of the source, or `A` alone, which reads it. False when it is neither. */
bool shell_add_setting(ShellReader *reader, Str text, uint32_t at, Span whole);

/* The lines of the source on which nothing but the span stands, with their end; else empty. */
Span shell_lines(const ShellReader *reader, Span span);
/* `$A` and `${A…}` in a text at byte `at` of the source that no shell reads. */
void shell_add_reads(ShellReader *reader, Str text, uint32_t at);
/* Length of the name of a variable at the text's start; 0: none. */
ptrdiff_t shell_name_length(Str text);
/* The text without quotes around all of it. */
Str shell_unquoted(Str text);

/* Finds the shell texts of reader->source and adds them; one for each kind of document. */
typedef void ShellCut(ShellReader *reader);

#endif

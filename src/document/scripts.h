/* Files that hold commands or settings and no Python, told by their names, scripts
 * without an ending by their first line. */
#ifndef HFFIX_DOCUMENT_SCRIPTS_H
#define HFFIX_DOCUMENT_SCRIPTS_H

#include "shell/shell.h"

bool script_is_named(Str name); /* whether it is one of these */
/* Whether it is one that has keys of a training in it, if anything: JSON and TOML, of which a tree
 * may hold very many. */
bool script_is_settings(Str name);

/* How the commands in a file of this name are found; NULL: it is none of these. */
ShellCut *script_cut(Str path, Str bytes);

void docker_cut(ShellReader *reader);
void makefile_cut(ShellReader *reader);
void yaml_cut(ShellReader *reader);
void dotenv_cut(ShellReader *reader);
void json_cut(ShellReader *reader);
void toml_cut(ShellReader *reader);

#endif

/* Commands that a Python program gives to the shell as texts. */
#ifndef HFFIX_DOCUMENT_STRINGS_SHELL_H
#define HFFIX_DOCUMENT_STRINGS_SHELL_H

#include "shell/shell.h"

/* os.system("hf download x"), subprocess.run(["hf", "download", x]). */
void strings_cut(ShellReader *reader);

#endif

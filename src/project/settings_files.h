/* The settings that hold in a folder: its own hffix.toml, or the [tool.hffix] of its
 * pyproject.toml, over those of the folders above. Each file is read once. */
#ifndef HFFIX_PROJECT_SETTINGS_FILES_H
#define HFFIX_PROJECT_SETTINGS_FILES_H

#include "project/settings.h"

typedef struct SettingsFiles SettingsFiles;

/* `command_line` (copied) is put over what files say. */
SettingsFiles *settings_open(Arena *arena, const UserSettings *command_line);
void settings_close(SettingsFiles *files); /* what it holds beside the arena it was opened with */

/* What holds in a folder, by absolute path. Thread-safe; never NULL; one UserSettings for folders
 * in which the same holds. */
const UserSettings *settings_of(SettingsFiles *files, Str folder);
/* Errors in files that were read so far. Not while settings_of() may run. */
Diagnostics *settings_diagnostics(SettingsFiles *files);

/* Whether a file of this name may hold settings. */
bool is_settings_name(Str name);

#endif

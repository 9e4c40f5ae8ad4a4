/* Numbers that a run is given, by the names that transforms and the command line use. */
#include "project/project.h"

/* What holds when nobody says otherwise. */
const Settings settings_default = {
    .device_map_above = 7, .gpu_memory = 80, .batch_size = 8, .max_new_tokens = 256};

bool settings_number(const Settings *settings, Str name, double *number) {
    /* To add a setting: a field of Settings, its default above, a row here. */
    const struct {
        Str name;
        double number;
    } table[] = {{S("device-map-above"), settings->device_map_above},
                 {S("gpu-memory"), settings->gpu_memory},
                 {S("batch-size"), settings->batch_size},
                 {S("max-new-tokens"), settings->max_new_tokens}};
    for (ptrdiff_t i = 0; i < COUNT(table); i++)
        if (str_eq(name, table[i].name)) {
            *number = table[i].number;
            return true;
        }
    return false;
}

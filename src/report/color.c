/* Colours go around text, never around a line's end: a pager that cuts lines keeps them whole. */
#include "report/color.h"

void color_print(FILE *file, bool on, const char *color, Str text) {
    if (on && text.n)
        fputs(color, file);
    fwrite(text.p ? text.p : "", 1, (size_t)text.n, file);
    if (on && text.n)
        fputs(COLOR_PLAIN, file);
}

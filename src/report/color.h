/* Terminal colours, as the escape sequences that every terminal of today knows. */
#ifndef HFFIX_REPORT_COLOR_H
#define HFFIX_REPORT_COLOR_H

#include <stdio.h>

#include "base/str.h"

#define COLOR_BOLD  "\033[1m"
#define COLOR_DIM   "\033[2m"
#define COLOR_RED   "\033[31m"
#define COLOR_GREEN "\033[32m"
#define COLOR_CYAN  "\033[36m"
#define COLOR_PLAIN "\033[0m"

/* Prints the text, in the colour when `on`. */
void color_print(FILE *file, bool on, const char *color, Str text);

#endif

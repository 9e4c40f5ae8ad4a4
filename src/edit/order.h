/* In which order arguments that edits add to one call stand. */
#ifndef HFFIX_EDIT_ORDER_H
#define HFFIX_EDIT_ORDER_H

#include "base/str.h"

/* <0, 0 or >0, as keyword `a` stands before or behind `b`. */
int argument_compare(Str a, Str b);

#endif

/* `signature: trl.SFTTrainer(model, args)`: which parameter of a callable stands at which position.
 */
#ifndef HFFIX_TRANSFORM_SIGNATURE_H
#define HFFIX_TRANSFORM_SIGNATURE_H

#include "base/str.h"

/* The parameter at a position from 0; empty when the signature (which may be empty) has none. */
Str signature_name(Str signature, int position);
/* The position of a parameter, -1 when the signature does not name it. */
int signature_position(Str signature, Str name);

#endif

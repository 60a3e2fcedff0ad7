/*
 * Iterates, as orbit.c and nucleus.c see them: when they count as tiny, and the public numbers as
 * floatexp.h's.
 */
#ifndef FMANDEL_ORBIT_ITERATE_H
#define FMANDEL_ORBIT_ITERATE_H

#include "fmandel/orbit.h"
#include "fixed/floatexp.h"

/*
 * 2^-1022 with room for deltas 2^-62 of it: an iterate below this is also in the list of tiny ones
 */
#define TINY_EXPONENT (-960)
#define TINY 0x1p-960

static inline floatexp floatexp_from(fmandel_floatexp a) { return (floatexp){a.re, a.im, a.exponent}; }
static inline floatexp floatexp_from_tiny(fmandel_tiny a) { return (floatexp){a.re, a.im, a.exponent}; }
static inline fmandel_floatexp floatexp_out(floatexp a) { return (fmandel_floatexp){a.re, a.im, a.e}; }

#endif

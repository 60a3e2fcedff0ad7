/* An orbit's work memory, which orbit.c lays out. */
#ifndef FMANDEL_ORBIT_WORK_H
#define FMANDEL_ORBIT_WORK_H

#include "fmandel/orbit.h"

/* From now on the iterates have this many limbs; those below are 0. */
void fmandel_orbit_use_limbs(fmandel_orbit *orbit, int limbs);

#endif

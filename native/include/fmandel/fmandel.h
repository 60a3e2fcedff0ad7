/*
 * fmandel: the Mandelbrot set in plain C. It depends on nothing but libm, prints nothing and
 * allocates nothing: every array belongs to the caller. All functions may run in any number of
 * threads at once.
 */
#ifndef FMANDEL_H
#define FMANDEL_H

#include "fmandel/deep.h"
#include "fmandel/encode.h"
#include "fmandel/exact.h"
#include "fmandel/film.h"
#include "fmandel/fixed.h"
#include "fmandel/isa.h"
#include "fmandel/julia.h"
#include "fmandel/orbit.h"
#include "fmandel/original.h"
#include "fmandel/platform.h"
#include "fmandel/reference.h"
#include "fmandel/status.h"
#include "fmandel/styles.h"
#include "fmandel/tile.h"

#endif

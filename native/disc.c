/* The door to the discs of disc.h. */
#include "disc.h"

#include "fmandel.h"

double fmandel_disc(double re, double im) { return disc_about(re, im, DISC_MOST); }

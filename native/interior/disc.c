/* The door to the discs of disc.h. */
#include "interior/disc.h"

#include "fmandel/tile.h"

double fmandel_disc(double re, double im) { return disc_about(re, im, DISC_MOST); }

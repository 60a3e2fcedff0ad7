/* The public function for the discs of disc.h. */
#include "interior/disc.h"

#include "fmandel/tile.h"

double fmandel_interior_radius(double re, double im) {
  disc_cycle cycle;
  return interior_radius(re, im, DISC_MAX_PERIOD, &cycle);
}

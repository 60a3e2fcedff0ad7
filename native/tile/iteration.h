/* What all loops in doubles share: how often a sample is tested, and how a cycle is detected. */
#ifndef FMANDEL_TILE_ITERATION_H
#define FMANDEL_TILE_ITERATION_H

/*
 * Iterations between two tests of a sample: escape, cycle and limit are tested at multiples of
 * this.
 */
enum { BLOCK = 16 };

/*
 * A sample that returns to an earlier state never escapes in doubles; cycle.h decides whether the
 * same is true of the exact orbit. The state is saved after KEEP iterations, a multiple of BLOCK,
 * and again whenever the count has grown AGING times (Brent). At the end of each later block the
 * state is compared with the saved one, exactly.
 */
enum { KEEP = 128, AGING = 4 };

#endif

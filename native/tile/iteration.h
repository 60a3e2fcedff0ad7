/* What all loops in doubles have in common: how often a sample is looked at, and how a cycle is recognised. */
#ifndef FMANDEL_TILE_ITERATION_H
#define FMANDEL_TILE_ITERATION_H

/* iterations between two looks at a sample: escape, cycle and limit are tested at its multiples */
enum { BLOCK = 16 };

/*
 * A sample that comes back to a state that it had before never escapes in doubles, and cycle.h tells whether it does in truth. The state is
 * kept after KEEP iterations, a multiple of BLOCK, and then whenever the count is AGING times higher (Brent), and each later block's end is
 * compared with it, exactly.
 */
enum { KEEP = 128, AGING = 4 };

#endif

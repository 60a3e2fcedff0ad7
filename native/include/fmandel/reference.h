/*
 * A reference: all that perturbation needs to know about one neighbourhood, in one buffer of the
 * caller's. The buffer describes itself and holds no pointer, so it may be in memory that threads
 * or processes share. Once built it is only read.
 *
 *   header | Z[0 .. length], interleaved doubles | iterates below the double's range | starts of
 *   blocks | BLA table in double range | BLA table in extended range | prefixes of both
 */
#ifndef FMANDEL_REFERENCE_H
#define FMANDEL_REFERENCE_H

#include <stdint.h>

#include "fmandel/orbit.h"
#include "fmandel/status.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* A BLA table inside the buffer, see bla.h. Offsets are in bytes from the buffer's start. */
typedef struct {
  int64_t first; /* an entry of level 0 spans 2^first blocks */
  int64_t groups; /* entries of level 0 */
  int64_t levels; /* entries that start at group 0 */
  int64_t entries; /* of all levels */
  int64_t keys, key_bytes, steps; /* keys: one array after the other, one for each reach */
} fmandel_bla_table;

/* Steps that start at Z[1], to which every rebase leads, see bla.h. */
typedef struct {
  /* slot i is for deltas with a key below top - i stride; stride is a power of two */
  int64_t slots, top, stride;
  int64_t count; /* the number of steps that there is room for */
  /* 32 bits a slot: its step, or -1; 32 bits a step: the number of blocks that it spans */
  int64_t index, blocks, steps;
} fmandel_bla_prefixes;

/* Bounds of |c|. Steps with terms in z c and c^2 have a radius for each, see bla.h. */
#define FMANDEL_REACHES 4

typedef struct {
  uint64_t magic, sum; /* sum: of the other words of this header */
  int64_t version, bytes;
  int64_t length; /* Z[0] .. Z[length] are known */
  int64_t period; /* length if Z[length] is Z[0] again, 0 if the orbit is not periodic */
  int64_t escaped; /* 1 if |Z[length]| > radius */
  int64_t bits; /* fractional bits of the orbit's computation, for information */
  double radius; /* the reference's escape radius */
  int64_t tolerance; /* of a periodic one: its point is the nucleus within 2^tolerance */
  int64_t exponent; /* E: the table is valid for samples with |c| <= 2^E from the reference point */
  int64_t z, tiny, tiny_count;
  /* blocks of iterations; their starts, then that of the remainder, then INT64_MAX */
  int64_t blocks, starts;
  fmandel_bla_table doubles, extended; /* extended has no entries if doubles suffice */
  /* in double range; only the first, unless the steps are mixed */
  fmandel_bla_prefixes prefixes[FMANDEL_REACHES], prefixes_ext;
  int64_t mixed; /* 1 if the steps in double range have terms in z c and c^2 */
  /*
   * c 2^-E times this is the parameter k of v^2 + k to which the period amounts, see
   * docs/theory/interior.md. Valid only if has_interior is 1.
   */
  double interior_re, interior_im;
  int64_t has_interior;
} fmandel_reference;

/*
 * The buffer's size for an orbit and a neighbourhood of radius 2^exponent; -1 if there is no such
 * orbit.
 */
int64_t fmandel_reference_bytes(const fmandel_orbit *orbit, int64_t exponent);

/*
 * Fills the buffer (aligned for doubles) with the orbit and its BLA tables.
 *
 *   exponent   E: every view that uses the reference has all samples within 2^E of its point
 *   progress   receives the iterations tabulated so far, now and then, for another thread to read;
 *              or NULL
 *   cancel     polled every few milliseconds, or NULL
 *
 * An orbit that neither escaped nor is periodic serves views with an iteration limit up to its
 * length. An escaped one serves escape radii up to half its own. Returns FMANDEL_OK,
 * FMANDEL_CANCELLED or FMANDEL_REFUSED.
 */
int fmandel_reference_build(void *buffer, int64_t bytes, const fmandel_orbit *orbit, int64_t exponent,
                            int64_t *progress, const int32_t *cancel);

/*
 * The reference in a buffer that fmandel_reference_build filled; NULL if it is incomplete or of
 * another version. Only the header is read.
 */
const fmandel_reference *fmandel_reference_from(const void *buffer, int64_t bytes);

/*
 * The same for a buffer of unknown origin. Every number that a kernel takes for an index, a length
 * or an exponent is compared with what the builder would have written, so no kernel reads outside
 * the buffer or fails to end. This does not tell whether the orbit is right. Takes 5 ns an
 * iteration.
 */
const fmandel_reference *fmandel_reference_check(const void *buffer, int64_t bytes);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif

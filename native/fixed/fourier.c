/*
 * A number's bits are cut into digits of b bits. These are made symmetric around 0 by adding half a
 * digit everywhere beforehand. The transform has at least twice as many points as there are digits,
 * so nothing wraps around. All sums are integers, and the transform's error stays below one half,
 * so rounding yields them exactly, whatever the order of operations and the instruction set.
 *
 * The proof (R. P. Brent, C. Percival, P. Zimmermann, "Error bounds on complex floating-point
 * multiplication", 2007): with e = 2^-53 and roots of unity off by at most 3 e, the convolution of
 * x with itself by N = 2^q points is off by less than |x|^2 e (9 q + sqrt 5 (3 q + 1) + 3 q), so by
 * less than |x|^2 e (19 q + 3). |x|^2, the sum of squares, is at most 2 (N/2) 2^(2b-2), since there
 * are at most N/2 digits. The plan takes the least N, and a b, for which that is below one half.
 *
 * Point 4 r + c is lane c of vector r. Four transforms of N/4 points run side by side in the lanes,
 * by radix 4 from the top. Frequencies come out with their digits reversed, and the way back takes
 * them in that order. The last step goes across the lanes, together with the squaring and the first
 * step back.
 */
#include "fixed/fourier.h"

#include <math.h>
#include <string.h>

#include "fixed/fourier_plan.h"
#include "simd/kernels.h"

int fmandel_fourier_capacity(int n) {
  int q = fourier_plan_of(n).q, b = 1;
  while (fourier_is_exact(q, b + 1)) b++;
  return (int)((((int64_t)b << (q - 1)) - WHOLE_BITS) / 64) + 1;
}


int64_t fmandel_fourier_memory(int n) { return ((int64_t)4 << fourier_plan_of(n).q) + 3 * (int64_t)n + 16; }

/* The frequency at position r of a transform of m points. */
static int64_t frequency_at(int64_t r, int64_t m) {
  int64_t k = 0, unit = 1;
  while (m > 1) {
    int radix = m == 2 ? 2 : 4;
    m /= radix;
    k += r / m * unit;
    r %= m;
    unit *= radix;
  }
  return k;
}

/*
 * e^(-2 pi i k/m), 0 <= k < m, m a power of two. The angle is folded into the first eighth of the
 * circle, exactly. There it is below 1 and so off by less than 1.2 e; sine and cosine add less than
 * e each.
 */
static fourier_root root_of(int64_t k, int64_t m) {
  int64_t quarter = 4 * k / m, rest = 4 * k % m; /* the angle is (quarter + rest/m) pi/2 */
  int64_t folded = 2 * rest > m ? m - rest : rest;
  double angle = 1.57079632679489661923 * ((double)folded / (double)m), x = cos(angle), y = sin(angle);
  if (folded != rest) {
    double t = x;
    x = y;
    y = t;
  }
  switch (quarter) {
    case 0: return (fourier_root){x, -y};
    case 1: return (fourier_root){-y, -x};
    case 2: return (fourier_root){-x, y};
    default: return (fourier_root){y, x};
  }
}

void fmandel_fourier_start(limb *memory, int n) {
  fourier_plan p = fourier_plan_of(n);
  fourier_places at = fourier_places_of(memory, p, n);
  int64_t all = (int64_t)1 << p.q, quarter = all / 4;
  for (int64_t k = 0; k < quarter; k++) at.roots[k] = root_of(k, quarter);
  for (int64_t r = 0; r < quarter; r++)
    for (int c = 1; c < 4; c++) {
      fourier_root w = root_of(c * frequency_at(r, quarter), all);
      four_points *to = &at.last[r / 4 * 3 + c - 1];
      to->re[r % 4] = w.re;
      to->im[r % 4] = w.im;
    }
  memset(at.halves, 0, (size_t)n * sizeof(limb));
  for (int i = 0; i < p.digits; i++) {
    int64_t bit = (int64_t)i * p.bits + p.bits - 1;
    at.halves[bit / 64] |= (limb)1 << bit % 64;
  }
}

void fmandel_fourier_square(limb *re, limb *im, int n, limb *memory) { fmandel_kernels()->fourier(re, im, n, memory); }

/*
 * How the search for a point with a given count stays affordable. A point c + e has z_m(c + e) =
 * z_m + D_m e to first order, D_m = dz_m/dc, as long as the bending of that map so far, |e|
 * (|D_1/z_1| + ... + |D_m/z_m|), is small. Up to 2^-12 there is surely a point within 2^-11 |e| of
 * c + e that has exactly this iterate. So the search starts from the last kept iterate for which
 * that holds, and continues in fixed point from there: a thousand iterations instead of a million.
 */
#include "fmandel/exact.h"

#include <math.h>
#include <string.h>

#include "cancel.h"
#include "fmandel/fixed.h"
#include "fmandel/status.h"
#include "orbit/iterate.h"

enum {
  KEPT = 512, /* iterates kept at most: when there are more, every second one is dropped */
  POLL = 256,
  RAYS = 8, /* points tried on each circle */
  NEWTON = 24,
  HALVINGS = 6,
};

/* the most that e may bend the map e -> z_m(c + e) */
#define STRAIGHT 0x1p-12
/* the factor by which circles grow */
#define GROWTH 1.5
/* the smallest circle, in samples */
#define NEAREST 0x1p-60
/* the golden angle, by which each circle is turned against the last one */
#define TURN 2.399963229728653
#define CIRCLE 6.283185307179586

typedef struct {
  int64_t m;
  floatexp d, bend;
} mark;

/* the parts of the work memory */
typedef struct {
  int n;
  /* c: the point; from: the nearby point whose orbit runs */
  uint64_t *c, *from, *z, *square, *scratch, *kept;
  mark *marks;
} parts;

enum { MARK_LIMBS = sizeof(mark) / sizeof(uint64_t) };
_Static_assert(sizeof(mark) % sizeof(uint64_t) == 0, "marks lie among the limbs");

int64_t fmandel_exact_work(int64_t bits) {
  if (bits < 128 || bits > (int64_t)1 << 27) return -1;
  const int n = fmandel_orbit_limbs(bits);
  return 10 * (int64_t)n + fmandel_fixed_scratch(n) + KEPT * (2 * (int64_t)n + MARK_LIMBS);
}

static parts parts_of(const fmandel_exact *exact) {
  const int n = fmandel_orbit_limbs(exact->bits);
  parts p = {.n = n, .c = exact->work};
  p.from = p.c + 2 * n, p.z = p.from + 2 * n, p.square = p.z + 2 * n, p.scratch = p.square + 4 * n;
  p.kept = p.scratch + fmandel_fixed_scratch(n);
  p.marks = (mark *)(p.kept + KEPT * 2 * (int64_t)n);
  return p;
}

static floatexp complex_of(const uint64_t *a, int n) {
  int64_t re_e, im_e;
  const double re = fmandel_fixed_to_floatexp(a, n, &re_e), im = fmandel_fixed_to_floatexp(a + n, n, &im_e);
  const int64_t e = re_e > im_e ? re_e : im_e;
  return floatexp_normal((floatexp){re * power_of_two(re_e - e), im * power_of_two(im_e - e), e});
}

/* z <- z^2 + c by three squares */
static void advance(const parts *p, const uint64_t *c) {
  const int n = p->n;
  uint64_t *const re2 = p->square, *const im2 = re2 + n, *const sum2 = im2 + n, *const sum = sum2 + n;
  fmandel_fixed_add(sum, p->z, p->z + n, n);
  fmandel_fixed_sqr(re2, p->z, n, p->scratch);
  fmandel_fixed_sqr(im2, p->z + n, n, p->scratch);
  fmandel_fixed_sqr(sum2, sum, n, p->scratch);
  fmandel_fixed_sub(sum2, sum2, re2, n);
  fmandel_fixed_sub(sum2, sum2, im2, n);
  fmandel_fixed_add(p->z + n, sum2, c + n, n);
  fmandel_fixed_sub(re2, re2, im2, n);
  fmandel_fixed_add(p->z, re2, c, n);
}

static floatexp times(floatexp a, double x) { return floatexp_mul(a, floatexp_of(x, 0)); }
static floatexp reciprocal(floatexp a) {
  const double norm = a.re * a.re + a.im * a.im;
  return floatexp_normal((floatexp){a.re / norm, -a.im / norm, -a.e});
}
static int is_zero(floatexp a) { return a.re == 0 && a.im == 0; }

/* D <- 2 z D + 1 */
static floatexp next_derivative(floatexp z, floatexp d) { return floatexp_add(floatexp_mul(times(z, 2), d), floatexp_of(1, 0)); }

static int beyond(floatexp z, double radius) {
  if (z.e < 0) return 0;
  const double re = floatexp_re(z), im = floatexp_im(z);
  return re * re + im * im > radius * radius;
}

/* log2 |z|, for numbers of any magnitude */
static double log2_size(floatexp z) { return 0.5 * log2(z.re * z.re + z.im * z.im) + (double)z.e; }

static double smooth_count(int64_t n, floatexp z) {
  const double nu = (double)n - log2(log2_size(z));
  return nu > 0 ? nu : 0;
}

/* drops every second kept iterate */
static void thin_out(fmandel_exact *exact, const parts *p) {
  const size_t bytes = 2 * (size_t)p->n * sizeof *p->kept;
  for (int i = 1; i < KEPT / 2; i++) {
    memcpy(p->kept + 2 * (int64_t)p->n * i, p->kept + 4 * (int64_t)p->n * i, bytes);
    p->marks[i] = p->marks[2 * i];
  }
  exact->checkpoints = KEPT / 2;
  exact->stride *= 2;
}

int fmandel_exact_run(fmandel_exact *exact, const uint64_t *re, const uint64_t *im, const int32_t *cancel) {
  const parts p = parts_of(exact);
  const size_t bytes = (size_t)p.n * sizeof *p.c;
  memcpy(p.c, re, bytes);
  memcpy(p.c + p.n, im, bytes);
  memset(p.z, 0, 2 * bytes);
  exact->n = exact->checkpoints = exact->iterations = 0;
  exact->stride = 1;
  floatexp z = {0, 0, FLOATEXP_ZERO_EXPONENT}, d = z, bend = z;
  for (int64_t m = 0; exact->n == 0 && m < exact->max_iter;) {
    if (m % POLL == 0 && cancelled(cancel)) return FMANDEL_CANCELLED;
    if (m % exact->stride == 0) {
      if (exact->checkpoints == KEPT) thin_out(exact, &p);
      if (m % exact->stride == 0) {
        memcpy(p.kept + 2 * (int64_t)p.n * exact->checkpoints, p.z, 2 * bytes);
        p.marks[exact->checkpoints++] = (mark){m, d, bend};
      }
    }
    d = next_derivative(z, d);
    advance(&p, p.c);
    m++;
    exact->iterations++;
    z = complex_of(p.z, p.n);
    /* where an iterate is 0 the map is bent at once */
    bend = is_zero(z) ? (floatexp){1, 0, -FLOATEXP_ZERO_EXPONENT / 2} : floatexp_add(bend, floatexp_abs(floatexp_mul(d, reciprocal(z))));
    if (beyond(z, exact->radius)) exact->n = m;
  }
  exact->z = floatexp_out(z);
  exact->derivative = floatexp_out(d);
  exact->nu = exact->n ? smooth_count(exact->n, z) : FMANDEL_LIMIT;
  return FMANDEL_OK;
}

/*
 * how a nearby orbit ended: the iteration of its escape, or 0, and its last iterate and derivative
 */
typedef struct {
  int64_t n;
  floatexp z, d;
} ending;

typedef struct {
  fmandel_exact *exact;
  parts p;
  int64_t budget;
  const int32_t *cancel;
} search;

static int over(const search *s) { return s->budget <= 0 || cancelled(s->cancel); }

/* the orbit of c + e, up to its escape or iteration `last` */
static ending beside(search *s, floatexp e, int64_t last) {
  const parts *const p = &s->p;
  const floatexp size = is_zero(e) ? e : floatexp_abs(e);
  int64_t k = s->exact->checkpoints - 1;
  while (k > 0 && (p->marks[k].m >= last || floatexp_less(floatexp_of(STRAIGHT, 0), floatexp_mul(size, p->marks[k].bend)))) k--;
  const floatexp shift = floatexp_mul(p->marks[k].d, e);
  uint64_t *const part = p->square;
  const uint64_t *const kept = p->kept + 2 * (int64_t)p->n * k;
  for (int im = 0; im < 2; im++) {
    fmandel_fixed_from_floatexp(part, p->n, im ? e.im : e.re, e.e);
    fmandel_fixed_add(p->from + im * p->n, p->c + im * p->n, part, p->n);
    fmandel_fixed_from_floatexp(part, p->n, im ? shift.im : shift.re, shift.e);
    fmandel_fixed_add(p->z + im * p->n, kept + im * p->n, part, p->n);
  }
  ending at = {0, complex_of(p->z, p->n), p->marks[k].d};
  for (int64_t m = p->marks[k].m; m < last && !over(s);) {
    at.d = next_derivative(at.z, at.d);
    advance(p, p->from);
    m++;
    s->budget--;
    s->exact->iterations++;
    at.z = complex_of(p->z, p->n);
    if (beyond(at.z, s->exact->radius)) {
      at.n = m;
      break;
    }
  }
  return at;
}

/* the gradient of the smooth count: d nu = -re(w de), w = D / (z ln|z| ln 2) */
static floatexp gradient(floatexp z, floatexp d) {
  const double ln2 = 0x1.62e42fefa39efp-1;
  return times(floatexp_mul(d, reciprocal(z)), 1 / (ln2 * ln2 * log2_size(z)));
}

double fmandel_exact_slope(const fmandel_exact *exact, fmandel_floatexp spacing) {
  return floatexp_re(floatexp_mul(floatexp_abs(gradient(floatexp_from(exact->z), floatexp_from(exact->derivative))), floatexp_from(spacing)));
}

/*
 * A point with the smooth count nu, whose count is n, by Newton's method along the gradient.
 * Returns its distance in samples, or INFINITY.
 */
static double along_gradient(search *s, int64_t n, double nu, double tolerance, floatexp spacing, double most) {
  floatexp e = {0, 0, FLOATEXP_ZERO_EXPONENT};
  for (int i = 0; i < NEWTON && !over(s); i++) {
    const ending at = beside(s, e, n);
    if (at.n != n) return INFINITY;
    const double off = smooth_count(n, at.z) - nu, distance = is_zero(e) ? 0 : floatexp_re(floatexp_mul(floatexp_abs(e), reciprocal(spacing)));
    if (!(distance <= most)) return INFINITY;
    if (fabs(off) <= tolerance) return distance;
    floatexp w = gradient(at.z, at.d);
    w.im = -w.im;
    const floatexp inverse = reciprocal(floatexp_normal((floatexp){w.re * w.re + w.im * w.im, 0, 2 * w.e}));
    e = floatexp_add(e, floatexp_mul(times(w, off > 0 ? off - 0.5 * tolerance : off + 0.5 * tolerance), inverse));
  }
  return INFINITY;
}

/*
 * The count that a smooth count stands for; also the one above it if |z_n| is a trifle above R^2.
 */
static int64_t count_of(double nu, double radius, int *or_next) {
  const double x = nu + log2(log2(radius)), n = floor(x) + 1;
  *or_next = x - floor(x) > 1 - 0x1p-12;
  return (int64_t)n;
}

/*
 * The smooth count of a nearby point; INFINITY if it does not escape. If it has not escaped by
 * iteration `last`, that is as good.
 */
static double count_beside(search *s, floatexp step, double distance, double angle, int64_t last) {
  const ending at = beside(s, floatexp_mul(step, floatexp_of(distance * cos(angle), distance * sin(angle))), last);
  return at.n ? smooth_count(at.n, at.z) : INFINITY;
}

/*
 * The smooth count is continuous, and infinite on the set. So if the smooth count of a nearby point
 * lies beyond nu, as seen from the point itself, it is nu somewhere on the way there. Circles grow
 * until they meet such a point, and bisection finds the place.
 */
static double on_circles(search *s, double nu, floatexp step, double first, double most) {
  const double own = s->exact->n ? s->exact->nu : INFINITY, wanted = nu < 0 ? INFINITY : nu;
  const int64_t last = nu < 0 ? s->exact->max_iter : (int64_t)(nu + log2(log2(s->exact->radius))) + 3;
  double distance = first;
  for (int turn = 0; distance <= most; turn++, distance *= GROWTH)
    for (int ray = 0; ray < RAYS; ray++) {
      const double angle = TURN * turn + CIRCLE / RAYS * ray, there = count_beside(s, step, distance, angle, last);
      if (over(s)) return INFINITY;
      if (own < wanted ? there < wanted : there > wanted) continue;
      double near = 0;
      for (int half = 0; half < HALVINGS && !over(s); half++) {
        const double middle = 0.5 * (near + distance), at = count_beside(s, step, middle, angle, last);
        if (own < wanted ? at < wanted : at > wanted) near = middle;
        else distance = middle;
      }
      return distance;
    }
  return INFINITY;
}

/*
 * A circle, in samples, in which no point has the smooth count nu. The slope of a smooth count is 2
 * / (t ln 2) at most, t the distance to the set (Koebe), and is much the same within a fraction of
 * t. Where the point does not escape, what would bring iterate n to the radius, to first order,
 * stands for t. The iterate grows from 2 to the radius on the way, and its derivative with it.
 */
static double first_circle(search *s, double nu, int64_t n, floatexp step) {
  const fmandel_exact *const exact = s->exact;
  if (exact->n) {
    const floatexp slope = floatexp_mul(gradient(floatexp_from(exact->z), floatexp_from(exact->derivative)), step);
    const double change = nu < 0 ? 1 : fabs(nu - exact->nu);
    return floatexp_re(times(floatexp_abs(reciprocal(slope)), change < 0.5 ? 0.25 * change : 0.125));
  }
  const ending at = beside(s, (floatexp){0, 0, FLOATEXP_ZERO_EXPONENT}, n);
  const double gap = fabs(exp2(log2_size(at.z)) - exact->radius);
  return floatexp_re(times(floatexp_abs(reciprocal(floatexp_mul(at.d, step))), gap)) / (8 * exact->radius * exact->radius);
}

double fmandel_exact_error(fmandel_exact *exact, double nu, fmandel_floatexp spacing, double tolerance, double most, int64_t budget,
                           const int32_t *cancel) {
  const int escapes = nu >= 0, really = exact->n > 0;
  if (!escapes && !really) return 0;
  if (escapes && really && fabs(nu - exact->nu) <= tolerance) return 0;
  search s = {exact, parts_of(exact), budget, cancel};
  const floatexp step = floatexp_from(spacing);
  int or_next = 0;
  const int64_t n = escapes ? count_of(nu, exact->radius, &or_next) : INT64_MAX;
  if (really && (n == exact->n || (or_next && n + 1 == exact->n))) {
    const double distance = along_gradient(&s, exact->n, nu, tolerance, step, most);
    if (distance <= most) return distance;
  }
  return on_circles(&s, nu, step, fmax(NEAREST, first_circle(&s, nu, n, step)), most);
}

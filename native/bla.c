/*
 * Building the BLA tables: see bla.h for what they are, and docs/theory.md, "BLA", for the algebra.
 *
 * Two steps x, then y, with z small, make the step whose coefficients are those of y(x(z)) up to z^3, and B = Ay Bx + By. It holds where
 *
 *   x holds                                            r <= rx
 *   x leads to where y holds                           |Ax| r + |Bx| cmax <= ry
 *   what is left out is small beside A z               r^3 <= tolerance |A| / |coefficient of z^4|
 *   z c and c^2, which y's D brings in, are small      2 |Dy| |Bx| cmax <= tolerance |Ay|
 *
 * The last asks nothing of r. Where it fails D and E are dropped instead, and r <= tolerance |A| / |D|: the linear BLA.
 *
 * Only + - * / and square roots of IEEE arithmetic are used, so the tables are the same bits everywhere.
 */
#include "bla.h"

#include <math.h>
#include <stddef.h>

#include "fmandel.h"

#define TOLERANCE 0x1p-40

void bla_plan(fmandel_bla *bla, int64_t length, int64_t first) {
  *bla = (fmandel_bla){.first = first, .groups = (length - 1) >> first};
  if (bla->groups == 0) return;
  while (bla->groups >> bla->levels) bla->levels++;
  bla->entries = bla_index(bla, bla->groups - 1) + bla_levels_at(bla, bla->groups - 1);
}

scaled reference_iterate(const fmandel_reference *reference, int64_t m) {
  const double *z = (const double *)((const char *)reference + reference->z) + 2 * m;
  if (norm_max(z[0], z[1]) < 0x1p-900) {
    const fmandel_tiny *tiny = (const fmandel_tiny *)((const char *)reference + reference->tiny);
    int64_t low = 0, high = reference->tiny_count;
    while (low < high) {
      int64_t middle = low + (high - low) / 2;
      if (tiny[middle].m < m)
        low = middle + 1;
      else
        high = middle;
    }
    if (low < reference->tiny_count && tiny[low].m == m)
      return scaled_normal((scaled){tiny[low].re, tiny[low].im, tiny[low].exponent});
  }
  return scaled_of(z[0], z[1]);
}

/* ---- wide: any magnitude ---- */

typedef struct {
  wide_step step;
  scaled r;
} wide_entry;

/* beyond any delta: samples stay within 2^8 of the reference, and everything within its escape radius */
static const scaled ENDLESS = {1, 0, 4096};
static const scaled NONE = {0, 0, SCALED_ZERO_EXPONENT};
static const scaled ONE = {1, 0, 0};

static scaled times(scaled a, double x) { return scaled_mul(a, scaled_of(x, 0)); }
static scaled over(scaled a, scaled b) { return scaled_normal((scaled){a.re / b.re, 0, a.e - b.e}); }
static scaled lesser(scaled a, scaled b) { return scaled_less(a, b) ? a : b; }

/* the cube root of a non-negative number, by Newton from within a factor 1.6: exact to the key's sixteenth after four rounds */
static scaled cube_root(scaled a) {
  if (a.re == 0) return a;
  int64_t third = a.e / 3, rest = a.e - 3 * third;
  double v = a.re * power_of_two(rest), x = rest > 1 ? 2 : 1;
  for (int i = 0; i < 5; i++) x = (2 * x + v / (x * x)) / 3;
  return scaled_normal((scaled){x, 0, third});
}

static wide_entry wide_single(scaled z) {
  scaled a = times(z, 2);
  return (wide_entry){{a, ONE, ONE, NONE}, a.re == 0 && a.im == 0 ? NONE : ENDLESS};
}

static wide_entry wide_merge(const wide_entry *x, const wide_entry *y, int64_t exponent) {
  const wide_step *p = &x->step, *q = &y->step;
  wide_entry out = {{scaled_mul(q->a, p->a), scaled_add(scaled_mul(q->a, p->b), q->b), NONE, NONE}, NONE};
  scaled ax = scaled_abs(p->a), ay = scaled_abs(q->a);
  scaled reach = scaled_abs(p->b);
  reach.e += exponent;
  if (!scaled_less(reach, y->r) || ax.re == 0 || ay.re == 0) return out;
  /* a thousandth to spare for what D and E add to A z */
  scaled lead = over(scaled_add(y->r, (scaled){-reach.re, 0, reach.e}), ax);
  out.r = lesser(x->r, times(lead, 0.999));

  scaled a2 = scaled_mul(p->a, p->a), d = scaled_add(scaled_mul(q->a, p->d), scaled_mul(q->d, a2));
  scaled dx = over(scaled_abs(p->d), ax), ex = over(scaled_abs(p->e), ax);
  scaled dy = over(scaled_abs(q->d), ay), ey = over(scaled_abs(q->e), ay);
  if (!scaled_less(times(scaled_of(TOLERANCE, 0), 0.5), scaled_mul(dy, reach))) {
    out.step.d = d;
    out.step.e = scaled_add(scaled_mul(q->a, p->e),
                            scaled_add(times(scaled_mul(q->d, scaled_mul(p->a, p->d)), 2), scaled_mul(q->e, scaled_mul(p->a, a2))));
    scaled fourth = scaled_mul(scaled_mul(dy, ax), scaled_add(scaled_mul(dx, dx), times(ex, 2)));
    fourth = scaled_add(fourth, times(scaled_mul(scaled_mul(ey, ax), scaled_mul(ax, dx)), 3));
    if (fourth.re > 0) out.r = lesser(out.r, cube_root(over(scaled_of(TOLERANCE, 0), fourth)));
  } else {
    scaled second = scaled_add(dx, scaled_mul(dy, ax));
    if (second.re > 0) out.r = lesser(out.r, over(scaled_of(TOLERANCE, 0), second));
  }
  return out;
}

static wide_entry wide_compose(const fmandel_reference *reference, int64_t m, int64_t count) {
  wide_entry out = wide_single(reference_iterate(reference, m));
  for (int64_t i = 1; i < count; i++) {
    wide_entry single = wide_single(reference_iterate(reference, m + i));
    out = wide_merge(&out, &single, reference->exponent);
  }
  return out;
}

static scaled radius_of_key(int32_t key) {
  /* an arithmetic shift: floor */
  return key == KEY_OF_ZERO ? NONE : (scaled){1 + (key & 15) / 16.0, 0, key >> 4};
}

/* ---- plain: doubles ---- */

typedef struct {
  plain_step step;
  double r;
} plain_entry;

static double modulus(const double *z) {
  double norm = norm_max(z[0], z[1]);
  double unit = norm > 0x1p400 ? 0x1p-500 : norm < 0x1p-400 ? 0x1p500 : 1, re = z[0] * unit, im = z[1] * unit;
  return __builtin_sqrt(re * re + im * im) / unit;
}

static void multiply(double *out, const double *x, const double *y) {
  double re = x[0] * y[0] - x[1] * y[1], im = x[0] * y[1] + x[1] * y[0];
  out[0] = re;
  out[1] = im;
}

static double square_of(const double *z) { return z[0] * z[0] + z[1] * z[1]; }

/*
 * The same as merging single steps, y = (2 Z, 1, 1, 0), one after the other, in squares of moduli so as to take no
 * root but one at the end. B stays the true one here. Returns 0 where something leaves the range in which squares are safe.
 */
static int plain_compose(const double *z, int64_t count, double cmax, plain_entry *out) {
  const double tolerance2 = TOLERANCE * TOLERANCE, low = 0x1p-400, high = 0x1p400;
  double a[2] = {2 * z[0], 2 * z[1]}, b[2] = {1, 0}, d[2] = {1, 0}, e[2] = {0, 0};
  double r2 = high, r6 = high;
  int linear = 0;
  if (square_of(a) < low) return 0;
  for (int64_t i = 1; i < count; i++) {
    double x[2] = {2 * z[2 * i], 2 * z[2 * i + 1]}, t[2], fourth[2], next[2];
    linear |= 4 * square_of(b) * (cmax * cmax) > tolerance2 * square_of(x);
    multiply(t, a, e);
    multiply(fourth, d, d);
    fourth[0] += 2 * t[0];
    fourth[1] += 2 * t[1];
    multiply(t, a, d);
    multiply(e, x, e);
    e[0] += 2 * t[0];
    e[1] += 2 * t[1];
    multiply(t, a, a);
    multiply(d, x, d);
    d[0] += t[0];
    d[1] += t[1];
    multiply(next, x, a);
    a[0] = next[0];
    a[1] = next[1];
    multiply(b, x, b);
    b[0] += 1;
    double a2 = square_of(a);
    if (!(a2 > low && a2 < high && square_of(b) < high && square_of(d) < high && square_of(e) < high)) return 0;
    if (linear) {
      double bound = tolerance2 * a2 / square_of(d);
      if (bound < r2) r2 = bound;
      d[0] = d[1] = e[0] = e[1] = 0;
    } else {
      double bound = tolerance2 * a2 / square_of(fourth);
      if (bound < r6) r6 = bound;
    }
  }
  double r = __builtin_sqrt(r2), third = scaled_re(cube_root(scaled_of(__builtin_sqrt(r6), 0)));
  *out = (plain_entry){{{a[0], a[1]}, {b[0], b[1]}, {d[0], d[1]}, {e[0], e[1]}}, third < r ? third : r};
  return 1;
}

/* B here in units of 2^E, so that cmax is 1; every product is one that stays below 1/r^3 and so in range */
static plain_entry plain_merge(const plain_entry *x, const plain_entry *y) {
  const plain_step *p = &x->step, *q = &y->step;
  plain_entry out = {{{0}, {0}, {0}, {0}}, 0};
  double ax = modulus(p->a), reach = modulus(p->b), ay = modulus(q->a);
  if (!(x->r > 0 && reach < y->r)) return out;
  multiply(out.step.a, q->a, p->a);
  multiply(out.step.b, q->a, p->b);
  out.step.b[0] += q->b[0];
  out.step.b[1] += q->b[1];
  double r = (y->r - reach) / ax * 0.999, bound;
  if (x->r < r) r = x->r;

  double dx = modulus(p->d) / ax, ex = modulus(p->e) / ax, dy = modulus(q->d) / ay, ey = modulus(q->e) / ay;
  if (dy * reach <= TOLERANCE / 2) {
    double t[2], u[2];
    multiply(t, p->a, p->a);
    multiply(t, q->d, t);
    multiply(out.step.d, q->a, p->d);
    out.step.d[0] += t[0];
    out.step.d[1] += t[1];
    multiply(t, p->a, p->d);
    multiply(t, q->d, t);
    multiply(u, q->e, p->a);
    multiply(u, u, p->a);
    multiply(u, u, p->a);
    multiply(out.step.e, q->a, p->e);
    out.step.e[0] += 2 * t[0] + u[0];
    out.step.e[1] += 2 * t[1] + u[1];
    bound = scaled_re(cube_root(scaled_of(TOLERANCE / (dy * ax * (dx * dx + 2 * ex) + 3 * (ey * ax) * (ax * dx)), 0)));
  } else {
    bound = TOLERANCE / (dx + dy * ax);
  }
  if (bound < r) r = bound;
  out.r = r;
  return out;
}

/* an entry is kept where deltas may use it: r above the floor, and A z well inside the range, see bla.h */
static int plain_holds(const plain_entry *entry) {
  return entry->r >= PLAIN_FLOOR && norm_max(entry->step.a[0], entry->step.a[1]) >= 0x1p-700;
}

static double plain_radius(int32_t key) { return key == KEY_OF_ZERO ? 0 : scaled_re(radius_of_key(key)); }

/* ---- the tables ---- */

typedef struct {
  const fmandel_bla *bla;
  int32_t *keys;
  plain_step *plain;
  wide_step *wide;
} table;

static table table_of(fmandel_reference *reference, const fmandel_bla *bla) {
  char *base = (char *)reference;
  return (table){bla, (int32_t *)(base + bla->keys), (plain_step *)(base + bla->steps), (wide_step *)(base + bla->steps)};
}

static void put_plain(table *t, int64_t at, const plain_entry *entry) {
  int holds = plain_holds(entry);
  t->keys[at] = holds ? key_of(entry->r) : KEY_OF_ZERO;
  t->plain[at] = holds ? entry->step : (plain_step){{0}, {0}, {0}, {0}};
}

static plain_entry get_plain(const table *t, int64_t at) { return (plain_entry){t->plain[at], plain_radius(t->keys[at])}; }

static void put_wide(table *t, int64_t at, const wide_entry *entry) {
  t->keys[at] = key_of_scaled(entry->r);
  t->wide[at] = entry->step;
}

static wide_entry get_wide(const table *t, int64_t at) { return (wide_entry){t->wide[at], radius_of_key(t->keys[at])}; }

static plain_entry narrowed(const wide_entry *entry, int64_t exponent) {
  scaled b = entry->step.b;
  b.e += exponent;
  /* where A is out of range the rest does not matter: plain_holds refuses it */
  return (plain_entry){{{scaled_re(entry->step.a), scaled_im(entry->step.a)},
                        {scaled_re(b), scaled_im(b)},
                        {scaled_re(entry->step.d), scaled_im(entry->step.d)},
                        {scaled_re(entry->step.e), scaled_im(entry->step.e)}},
                       scaled_re(entry->r)};
}

static wide_entry widened(const plain_entry *entry) {
  const plain_step *s = &entry->step;
  return (wide_entry){{scaled_of(s->a[0], s->a[1]), scaled_of(s->b[0], s->b[1]), scaled_of(s->d[0], s->d[1]), scaled_of(s->e[0], s->e[1])},
                      scaled_of(entry->r, 0)};
}

/* entries of level 0 of both tables, from single iterations */
static int build_ground(fmandel_reference *reference, table *plain, table *wide, int64_t *progress, const int32_t *cancel) {
  const double *z = (const double *)((const char *)reference + reference->z);
  const int64_t exponent = reference->exponent, block = (int64_t)1 << PLAIN_FIRST;
  const int64_t blocks = wide->bla->groups << (WIDE_FIRST - PLAIN_FIRST);
  double cmax = power_of_two(exponent);
  wide_entry sum = {{NONE, NONE, NONE, NONE}, NONE};
  for (int64_t g = 0; g < plain->bla->groups; g++) {
    int64_t m = 1 + (g << PLAIN_FIRST);
    if (g % 4096 == 0) {
      if (progress) __atomic_store_n(progress, m, __ATOMIC_RELAXED);
      if (cancel && __atomic_load_n(cancel, __ATOMIC_RELAXED)) return FMANDEL_CANCELLED;
    }
    plain_entry entry;
    wide_entry exact;
    int inside = plain_compose(z + 2 * m, block, cmax, &entry);
    if (inside && g < blocks) exact = widened(&entry);
    if (!inside) exact = wide_compose(reference, m, block);
    if (g < blocks) {
      int64_t part = g & ((1 << (WIDE_FIRST - PLAIN_FIRST)) - 1);
      sum = part == 0 ? exact : wide_merge(&sum, &exact, exponent);
      if (part == (1 << (WIDE_FIRST - PLAIN_FIRST)) - 1)
        put_wide(wide, bla_index(wide->bla, g >> (WIDE_FIRST - PLAIN_FIRST)), &sum);
    }
    if (inside) {
      scaled b = scaled_of(entry.step.b[0], entry.step.b[1]);
      b.e += exponent;
      entry.step.b[0] = scaled_re(b);
      entry.step.b[1] = scaled_im(b);
    } else {
      entry = narrowed(&exact, exponent);
    }
    put_plain(plain, bla_index(plain->bla, g), &entry);
  }
  return FMANDEL_OK;
}

/* level by level, each entry from the two below it; one that would reach past the orbit's end never holds */
static void build_levels(fmandel_reference *reference, table *t, int wide) {
  const int64_t groups = t->bla->groups;
  for (int64_t level = 1; level < t->bla->levels; level++)
    for (int64_t g = 0, half = (int64_t)1 << (level - 1); g < groups; g += 2 * half) {
      int64_t at = bla_index(t->bla, g) + level, below = at - 1, beside;
      if (g + 2 * half > groups) {
        t->keys[at] = KEY_OF_ZERO;
        continue;
      }
      beside = bla_index(t->bla, g + half) + level - 1;
      if (wide) {
        wide_entry x = get_wide(t, below), y = get_wide(t, beside), entry = wide_merge(&x, &y, reference->exponent);
        put_wide(t, at, &entry);
      } else {
        plain_entry x = get_plain(t, below), y = get_plain(t, beside), entry = plain_merge(&x, &y);
        put_plain(t, at, &entry);
      }
    }
}

/* the longest entry that stands at m, or the single iteration; *count of them */
static wide_entry longest(fmandel_reference *reference, const table *plain, const table *wide, int64_t m, int64_t *count) {
  const table *t = wide->bla->groups > 0 ? wide : plain;
  int64_t mask = ((int64_t)1 << t->bla->first) - 1, g = (m - 1) >> t->bla->first;
  if (((m - 1) & mask) == 0 && g < t->bla->groups)
    for (int64_t level = bla_levels_at(t->bla, g) - 1; level >= 0; level--) {
      int64_t at = bla_index(t->bla, g) + level;
      if (t->keys[at] == KEY_OF_ZERO) continue;
      *count = (int64_t)1 << (t->bla->first + level);
      if (t == wide) return get_wide(t, at);
      plain_entry entry = get_plain(t, at);
      wide_entry out = widened(&entry);
      out.step.b.e -= reference->exponent;
      return out;
    }
  *count = 1;
  return wide_single(reference_iterate(reference, m));
}

/*
 * What one whole period does to a delta z at m = 0: the step over Z[1] .. Z[p-1], with coefficients A, B, D, E, applied to
 * u = z^2 + c. As far as D and E do not count that is v <- v^2 + k with v = A z and k = A (A + B) c: a small Mandelbrot set
 * in k.
 *
 * D and E add |A| (|D| |u|^2 + |E| |u|^3) to v, where |u| <= 4/|A|^2 + 2/(|A| |A + B|) while |v| <= 2 and |k| <= 2. Held below
 * 2^-12 they move the multiplier of an attracting cycle by less than 2^-5 wherever it is below 1 - 2^-5, so those k are
 * interior for certain.
 */
static void find_interior(fmandel_reference *reference, const table *plain, const table *wide) {
  wide_entry whole = {{ONE, NONE, NONE, NONE}, ENDLESS};
  for (int64_t m = 1, count; m < reference->period; m += count) {
    wide_entry next = longest(reference, plain, wide, m, &count);
    whole = m == 1 ? next : wide_merge(&whole, &next, reference->exponent);
  }
  const wide_step *s = &whole.step;
  scaled a = scaled_abs(s->a), sum = scaled_add(s->a, s->b), k = scaled_mul(s->a, sum);
  if (a.re == 0 || k.re * k.re + k.im * k.im == 0) return;
  scaled u = scaled_add(over(scaled_of(4, 0), scaled_mul(a, a)), over(scaled_of(2, 0), scaled_mul(a, scaled_abs(sum))));
  scaled bend = scaled_mul(scaled_mul(a, scaled_mul(u, u)), scaled_add(scaled_abs(s->d), scaled_mul(scaled_abs(s->e), u)));
  if (!scaled_less(u, whole.r) || !scaled_less(bend, scaled_of(0x1p-12, 0))) return;
  k.e += reference->exponent;
  if (k.e > 1000) k.e = 1000; /* far smaller than any sample's distance from its nucleus: just as far outside */
  reference->interior_re = scaled_re(k);
  reference->interior_im = scaled_im(k);
  reference->has_interior = 1;
}

int bla_build(fmandel_reference *reference, int64_t *progress, const int32_t *cancel) {
  table plain = table_of(reference, &reference->plain), wide = table_of(reference, &reference->wide);
  int status = build_ground(reference, &plain, &wide, progress, cancel);
  if (status != FMANDEL_OK) return status;
  build_levels(reference, &plain, 0);
  build_levels(reference, &wide, 1);
  reference->has_interior = 0;
  if (reference->period > 0) find_interior(reference, &plain, &wide);
  if (progress) __atomic_store_n(progress, reference->length, __ATOMIC_RELAXED);
  return FMANDEL_OK;
}

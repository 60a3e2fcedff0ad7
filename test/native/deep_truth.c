/*
 * The multiprecision truth behind deep_truth.h: iteration counts of a coarse grid of samples over
 * deep views, by GMP, straight from the definition: z <- z^2 + c in fixed point, the first n with
 * |z_n| > R. No perturbation, no shared code. A development tool: it needs GMP and minutes to
 * hours; the tests need only its output.
 *
 *   cc -O2 deep_truth.c -o deep_truth -lgmp -lm
 *   ./deep_truth name re im zoom samples max_iter neighbours >> deep_truth.h
 *
 * The view is a 256 x 256 tile-sized square centred at re + i im, 3/2^zoom wide, with one sample at
 * the centre of every (256/samples)-pixel square. For each sample, `neighbours` (0, 2 or 4) more
 * points a thousandth of a pixel away are iterated. A sample whose count differs from one of theirs
 * is marked x, because the last bits decide there.
 */
#include <gmp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RADIUS 1000

static mp_bitcnt_t bits;

/* a decimal with an optional exponent, times 2^bits, rounded down */
static void fixed(mpz_t out, const char *text) {
  char digits[20000];
  size_t n = 0;
  long point = -1, exponent = 0;
  for (const char *s = text; *s; s++) {
    if (*s == 'e' || *s == 'E') {
      exponent = atol(s + 1);
      break;
    }
    if (*s == '.')
      point = 0;
    else {
      digits[n++] = *s;
      if (point >= 0) point++;
    }
  }
  digits[n] = 0;
  exponent -= point > 0 ? point : 0;
  mpz_t ten;
  mpz_init(ten);
  mpz_set_str(out, digits, 10);
  mpz_mul_2exp(out, out, bits);
  mpz_ui_pow_ui(ten, 10, labs(exponent));
  if (exponent < 0)
    mpz_fdiv_q(out, out, ten);
  else
    mpz_mul(out, out, ten);
  mpz_clear(ten);
}

static long count(const mpz_t re, const mpz_t im, long max_iter) {
  static mpz_t x, y, a, b, t;
  static int ready;
  if (!ready) mpz_inits(x, y, a, b, t, NULL), ready = 1;
  mpz_set_ui(x, 0);
  mpz_set_ui(y, 0);
  for (long n = 1; n <= max_iter; n++) {
    mpz_mul(a, x, x);
    mpz_mul(b, y, y);
    mpz_add(t, x, y);
    mpz_mul(t, t, t);
    mpz_sub(t, t, a);
    mpz_sub(t, t, b);
    mpz_sub(a, a, b);
    mpz_fdiv_q_2exp(x, a, bits);
    mpz_fdiv_q_2exp(y, t, bits);
    mpz_add(x, x, re);
    mpz_add(y, y, im);
    long ex, ey;
    double mx = mpz_get_d_2exp(&ex, x), my = mpz_get_d_2exp(&ey, y);
    ex -= bits, ey -= bits;
    if ((ex > 1 || ey > 1) && hypot(ldexp(mx, ex < -60 ? -60 : ex), ldexp(my, ey < -60 ? -60 : ey)) > RADIUS) return n;
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 8) return 2;
  const char *name = argv[1];
  int zoom = atoi(argv[4]), samples = atoi(argv[5]), neighbours = atoi(argv[7]);
  long max_iter = atol(argv[6]);
  /*
   * the error of z may grow as much as the view's width shrank: twice the zoom always suffices at
   * these places
   */
  bits = zoom + 200;
  bits = (bits + 63) / 64 * 64;
  if (bits < 256) bits = 256;

  mpz_t re, im, spacing, x, y, u, v;
  mpz_inits(re, im, spacing, x, y, u, v, NULL);
  fixed(re, argv[2]);
  fixed(im, argv[3]);
  mpz_set_ui(spacing, 3);
  mpz_mul_2exp(spacing, spacing, bits - zoom - 8);
  int stride = 256 / samples;
  printf("static const int32_t %s_n[] = {", name);
  char *moves = calloc(1, samples * samples + 1);
  for (int j = 0; j < samples; j++) {
    printf("\n   ");
    for (int i = 0; i < samples; i++) {
      /* pixel centres: (2 i + 1) stride/2 - 128 pixels right of the centre, and downwards */
      mpz_mul_si(x, spacing, (2 * i + 1) * stride - 256);
      mpz_mul_si(y, spacing, 256 - (2 * j + 1) * stride);
      mpz_fdiv_q_2exp(x, x, 1);
      mpz_fdiv_q_2exp(y, y, 1);
      mpz_add(x, x, re);
      mpz_add(y, y, im);
      long n = count(x, y, max_iter);
      moves[j * samples + i] = '.';
      for (int k = 0; k < neighbours; k++) {
        mpz_fdiv_q_ui(u, spacing, 1000);
        if (k & 2) mpz_neg(u, u);
        mpz_set_ui(v, 0);
        if (k & 1) mpz_swap(u, v);
        mpz_add(u, u, x);
        mpz_add(v, v, y);
        if (count(u, v, max_iter) != n) {
          moves[j * samples + i] = 'x';
          break;
        }
      }
      printf(" %ld,", n);
      fflush(stdout);
    }
  }
  printf("\n};\nstatic const char %s_moves[] =", name);
  for (int j = 0; j < samples; j++) printf("\n    \"%.*s\"", samples, moves + j * samples);
  printf(";\n");
  return 0;
}

/*
 * Prints the set as text, using nothing but the library:
 *   cc -O3 -I native/include native/example.c build/Release/libfmandel.a -lm -o example
 *   ./example
 */
#include <stdio.h>

#include <fmandel/fmandel.h>

enum { COLUMNS = 78, ROWS = 36 };

int main(void) {
  double re[COLUMNS], im[ROWS], nu[COLUMNS * ROWS];
  for (int i = 0; i < COLUMNS; i++) re[i] = -2 + 3 * (i + 0.5) / COLUMNS;
  for (int j = 0; j < ROWS; j++) im[j] = 1.2 - 2.4 * (j + 0.5) / ROWS;
  fmandel_counts counts;
  fmandel_tile(re, COLUMNS, im, ROWS, 1000, 2, nu, &counts, NULL);

  /* a darker letter each time the count doubles */
  static const char letters[] = " .:-=+*#%";
  for (int j = 0; j < ROWS; j++) {
    for (int i = 0; i < COLUMNS; i++) {
      const double value = nu[j * COLUMNS + i];
      int shade = 0;
      for (double bound = 2; shade < 8 && value > bound; bound *= 2) shade++;
      putchar(value < 0 ? '@' : letters[shade]);
    }
    putchar('\n');
  }
  printf("%lld escaped, %lld inside, %lld undecided (%s)\n", (long long)counts.escaped, (long long)counts.interior,
         (long long)counts.limited, fmandel_isa());
  return 0;
}

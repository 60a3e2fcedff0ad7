/*
 * The original mandelbrot() over its default square, one grid after the other: CPU milliseconds of
 * each, the best of some rounds.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

float original_f(float x, float y, int max_iter);

static double cpu(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return 1e3 * t.tv_sec + 1e-6 * t.tv_nsec;
}

int main(int count, char **words) {
  for (int word = 2; word < count; word++) {
    const int grid = atoi(words[word]), max_iter = atoi(words[1]);
    const float dx = 3.0f / (float)grid;
    float *const values = malloc(sizeof(float) * (size_t)grid * (size_t)grid);
    double best = INFINITY;
    for (int round = 0; round < 5; round++) {
      const double start = cpu();
      for (int n = 0; n < grid; n++)
        for (int m = 0; m < grid; m++) values[n * grid + m] = original_f(-2.0f + (float)m * dx, -1.5f + (float)n * dx, max_iter);
      best = fmin(best, cpu() - start);
    }
    free(values);
    printf("%.4f\n", best);
  }
  return 0;
}

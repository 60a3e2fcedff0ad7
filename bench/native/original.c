/*
 * The original loop, and the same in double precision. Compiled separately, with the compiler's
 * best flags.
 */
float original_f(float x, float y, int max_iter) {
  float cr = x, ci = y, zr = 0, zi = 0;
  int n;
  for (n = 0; n < max_iter; n++) {
    float tzr = zr, tzi = zi;
    zr = tzr * tzr - tzi * tzi + cr;
    zi = 2 * tzr * tzi + ci;
    if (zr * zr + zi * zi > 4.0) break;
  }
  return 1.0 - (float)n / (float)max_iter;
}

double original_double(double x, double y, int max_iter) {
  double cr = x, ci = y, zr = 0, zi = 0;
  int n;
  for (n = 0; n < max_iter; n++) {
    double tzr = zr, tzi = zi;
    zr = tzr * tzr - tzi * tzi + cr;
    zi = 2 * tzr * tzi + ci;
    if (zr * zr + zi * zi > 4.0) break;
  }
  return 1.0 - (double)n / (double)max_iter;
}

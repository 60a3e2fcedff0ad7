// Points given as bigints, and radii given as mantissa and exponent.
#ifndef FMANDEL_BINDING_POINT_H
#define FMANDEL_BINDING_POINT_H

#include <vector>

#include "binding/arguments.h"
#include "fmandel/orbit.h"

namespace binding {

// The words of a bigint, and its sign.
struct Words {
  std::vector<uint64_t> words;
  int negative = 0;
};

Words bigint(const Napi::CallbackInfo& info, size_t at, const char* name);

// One coordinate of a point, words / 2^fraction, as a fixed-point number. Throws if its magnitude
// is not below 4.
std::vector<uint64_t> limbs_of(Napi::Env env, const Words& words, int64_t fraction, int limbs);

// mantissa 2^exponent: two arguments, from `at` on.
fmandel_floatexp radius_of(const Napi::CallbackInfo& info, size_t at);

}  // namespace binding

#endif

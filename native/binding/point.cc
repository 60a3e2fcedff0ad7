#include "binding/point.h"

#include "fmandel/fixed.h"

namespace binding {

Words bigint(const Napi::CallbackInfo& info, size_t at, const char* name) {
  const Napi::Value value = info[at];
  if (!value.IsBigInt()) {
    throw Napi::TypeError::New(info.Env(), std::string(name) + " must be a bigint, it was " + text(value));
  }
  auto big = value.As<Napi::BigInt>();
  Words result;
  size_t count = big.WordCount();
  result.words.resize(count);
  if (count > 0) big.ToWords(&result.negative, &count, result.words.data());
  return result;
}

std::vector<uint64_t> limbs_of(Napi::Env env, const Words& from, int64_t fraction, int limbs) {
  std::vector<uint64_t> result(limbs);
  const bool fits = fmandel_fixed_from_words(result.data(), limbs, from.words.data(), static_cast<int64_t>(from.words.size()), from.negative, fraction);
  if (fits && std::fabs(fmandel_fixed_to_double(result.data(), limbs)) < 4) return result;
  throw Napi::RangeError::New(env, "re and im must be below 4 in size, one of them was not");
}

fmandel_floatexp radius_of(const Napi::CallbackInfo& info, size_t at) {
  const double mantissa = number(info, at, "mantissa", std::numeric_limits<double>::min(), std::numeric_limits<double>::max());
  const double exponent = number(info, at + 1, "exponent", -MAX_EXPONENT, MAX_EXPONENT, true);
  int shift;
  const double fraction = std::frexp(mantissa, &shift);  // in [1/2, 1)
  return {2 * fraction, 0, static_cast<int64_t>(exponent) + shift - 1};
}

}  // namespace binding

#include "binding/exports.h"
#include "binding/point.h"
#include "fmandel/exact.h"

namespace binding {
namespace {

// re, im, fractionBits: the point is (re + i im) / 2^fractionBits; bits, maxIter, escapeRadius; nu;
// mantissa, exponent: the samples' spacing; tolerance, most, budget, cancel. Null if cancelled.
Napi::Value Exact(const Napi::CallbackInfo& info) {
  const Words parts[] = {bigint(info, 0, "re"), bigint(info, 1, "im")};
  const auto fraction = static_cast<int64_t>(number(info, 2, "fractionBits", 0, MAX_BITS, true));
  const int64_t bits = static_cast<int64_t>(number(info, 3, "bits", 128, MAX_BITS, true)) / 64 * 64;
  fmandel_exact exact{};
  exact.bits = bits;
  exact.max_iter = static_cast<int64_t>(number(info, 4, "maxIter", 1, MAX_ITER, true));
  exact.radius = number(info, 5, "escapeRadius", 2, 1 << 30);
  const double nu = number(info, 6, "nu", FMANDEL_LIMIT, MAX_ITER);
  const fmandel_floatexp spacing = radius_of(info, 7);
  const double tolerance = number(info, 9, "tolerance", 0, 1), most = number(info, 10, "most", 0, 1);
  const auto budget = static_cast<int64_t>(number(info, 11, "budget", 0, MAX_ITER, true));
  const int32_t* const cancel = cancel_flag(info, 12);

  const int limbs = fmandel_orbit_limbs(bits);
  const std::vector<uint64_t> re = limbs_of(info.Env(), parts[0], fraction, limbs), im = limbs_of(info.Env(), parts[1], fraction, limbs);
  std::vector<uint64_t> work(fmandel_exact_work(bits));
  exact.work = work.data();
  if (fmandel_exact_run(&exact, re.data(), im.data(), cancel) != FMANDEL_OK) return info.Env().Null();
  const double error = fmandel_exact_error(&exact, nu, spacing, tolerance, most, budget, cancel);
  if (cancel && *cancel) return info.Env().Null();
  Napi::Object result = Napi::Object::New(info.Env());
  result["n"] = static_cast<double>(exact.n);
  result["nu"] = exact.nu;
  result["error"] = error;
  result["slope"] = exact.n ? fmandel_exact_slope(&exact, spacing) : 0;
  result["iterations"] = static_cast<double>(exact.iterations);
  return result;
}

}  // namespace

void export_exact(Napi::Env env, Napi::Object exports) {
  exports["exact"] = Napi::Function::New(env, Exact, "exact");
}

}  // namespace binding

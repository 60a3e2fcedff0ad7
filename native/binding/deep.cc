#include "binding/arguments.h"
#include "binding/exports.h"
#include "binding/view.h"

namespace binding {

const fmandel_reference* reference_of(const Napi::CallbackInfo& info, size_t at) {
  const Array<double> buffer = array<double>(info, at, "reference");
  const fmandel_reference* const reference =
      fmandel_reference_from(buffer.data, static_cast<int64_t>(buffer.length * sizeof(double)));
  if (reference) return reference;
  throw Napi::RangeError::New(info.Env(), "reference must be what Orbit.reference() filled, it was damaged or something else");
}

fmandel_deep_view deep_view(const Napi::CallbackInfo& info, size_t at, size_t tilt) {
  constexpr double most = std::numeric_limits<double>::max();
  const double re = coordinate(info, at, "re", most), im = coordinate(info, at + 1, "im", most);
  const double step_re = coordinate(info, at + 2, "stepRe", most), step_im = coordinate(info, at + 3, "stepIm", most);
  const auto exponent = static_cast<int64_t>(number(info, at + 4, "exponent", -MAX_EXPONENT, 64, true));
  const auto width = static_cast<int>(number(info, at + 5, "width", 1, MAX_INT, true));
  const auto height = static_cast<int>(number(info, at + 6, "height", 1, MAX_INT, true));
  const double tilt_re = info[tilt].IsUndefined() ? 0 : coordinate(info, tilt, "tiltRe", most);
  const double tilt_im = info[tilt + 1].IsUndefined() ? 0 : coordinate(info, tilt + 1, "tiltIm", most);
  return {re, im, step_re, step_im, exponent, width, height, 0, tilt_re, tilt_im};
}

Napi::Error unfit(Napi::Env env) {
  return Napi::RangeError::New(env, "the reference does not serve this view, iteration limit or escape radius");
}

namespace {

// reference, re, im, stepRe, stepIm, exponent, width, height, maxIter, escapeRadius, nu, whole, cancel, tiltRe, tiltIm
Napi::Value Deep(const Napi::CallbackInfo& info) {
  const fmandel_reference* const reference = reference_of(info, 0);
  fmandel_deep_view view = deep_view(info, 1, 13);
  const auto max_iter = static_cast<int64_t>(number(info, 8, "maxIter", 1, MAX_ITER, true));
  const double radius = number(info, 9, "escapeRadius", 2, 1e100);
  double* const nu = filled<double>(info, 10, "nu", static_cast<size_t>(view.width) * view.height, "width x height");
  view.whole = info[11].ToBoolean() ? 1 : 0;
  const int32_t* const cancel = cancel_flag(info, 12);

  fmandel_counts counts;
  const int status = fmandel_deep(reference, &view, max_iter, radius, nu, &counts, cancel);
  if (status == FMANDEL_REFUSED) throw unfit(info.Env());
  if (status == FMANDEL_CANCELLED) return info.Env().Null();
  return counted(info.Env(), counts);
}

}  // namespace

void export_deep(Napi::Env env, Napi::Object exports) {
  exports["deep"] = Napi::Function::New(env, Deep, "deep");
}

}  // namespace binding

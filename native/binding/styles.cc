#include "binding/arguments.h"
#include "binding/exports.h"
#include "binding/view.h"
#include "fmandel/styles.h"

namespace binding {
namespace {

// re, im, cr, ci: the view; a Julia set's c, or undefined for the Mandelbrot set. Where points is true, sample k lies at re[k] + i im[k]
fmandel_field_view field_view(const Napi::CallbackInfo& info, size_t points_at) {
  const Array<double> re = samples(info, 0, "re"), im = samples(info, 1, "im");
  const int julia = info[2].IsUndefined() ? 0 : 1, points = info[points_at].ToBoolean() ? 1 : 0;
  if (points && im.length != re.length) {
    throw Napi::RangeError::New(info.Env(), "im must have as many elements as re, " + std::to_string(re.length) + ", it had " +
                                                std::to_string(im.length));
  }
  return {re.data,
          im.data,
          static_cast<int>(re.length),
          points ? 1 : static_cast<int>(im.length),
          julia,
          julia ? coordinate(info, 2, "cr", 4) : 0,
          julia ? coordinate(info, 3, "ci", 4) : 0,
          points};
}

const double* counts_of(const Napi::CallbackInfo& info, size_t at, const fmandel_field_view& view) {
  return filled<double>(info, at, "nu", static_cast<size_t>(view.width) * view.height, "width x height");
}

// re, im, cr, ci, escapeRadius, pixel, nu, out, cancel, points
Napi::Value Distance(const Napi::CallbackInfo& info) {
  const fmandel_field_view view = field_view(info, 9);
  const double radius = number(info, 4, "escapeRadius", 4, 4096);
  const double pixel = number(info, 5, "pixel", std::numeric_limits<double>::min(), std::numeric_limits<double>::max());
  const double* const nu = counts_of(info, 6, view);
  float* const out = filled<float>(info, 7, "out", 2 * static_cast<size_t>(view.width) * view.height, "2 x width x height");
  return Napi::Boolean::New(info.Env(), fmandel_distance(&view, radius, pixel, nu, out, cancel_flag(info, 8)) == FMANDEL_OK);
}

// re, im, cr, ci, escapeRadius, nu, out, cancel, points
Napi::Value Stripe(const Napi::CallbackInfo& info) {
  const fmandel_field_view view = field_view(info, 8);
  const double radius = number(info, 4, "escapeRadius", 4, 4096);
  const double* const nu = counts_of(info, 5, view);
  float* const out = filled<float>(info, 6, "out", static_cast<size_t>(view.width) * view.height, "width x height");
  return Napi::Boolean::New(info.Env(), fmandel_stripe(&view, radius, nu, out, cancel_flag(info, 7)) == FMANDEL_OK);
}

// re, im, cr, ci, maxIter, nu, out, cancel, points
Napi::Value Cycle(const Napi::CallbackInfo& info) {
  const fmandel_field_view view = field_view(info, 8);
  const auto max_iter = static_cast<int64_t>(number(info, 4, "maxIter", 1, MAX_ITER, true));
  const double* const nu = counts_of(info, 5, view);
  float* const out = filled<float>(info, 6, "out", 2 * static_cast<size_t>(view.width) * view.height, "2 x width x height");
  return Napi::Boolean::New(info.Env(), fmandel_cycle(&view, max_iter, nu, out, cancel_flag(info, 7)) == FMANDEL_OK);
}

enum class Look { distance, stripe, cycle };

// reference, re, im, stepRe, stepIm, exponent, width, height, maxIter, escapeRadius, then pixel (distances alone), nu, out, cancel, tiltRe, tiltIm
template <Look look>
Napi::Value DeepField(const Napi::CallbackInfo& info) {
  constexpr size_t floats = look == Look::stripe ? 1 : 2, at = look == Look::distance ? 11 : 10;
  const fmandel_reference* const reference = reference_of(info, 0);
  const fmandel_deep_view view = deep_view(info, 1, at + 3);
  const auto max_iter = static_cast<int64_t>(number(info, 8, "maxIter", 1, MAX_ITER, true));
  const double radius = number(info, 9, "escapeRadius", 4, 4096);
  const size_t count = static_cast<size_t>(view.width) * view.height;
  const double* const nu = filled<double>(info, at, "nu", count, "width x height");
  float* const out = filled<float>(info, at + 1, "out", floats * count, floats == 2 ? "2 x width x height" : "width x height");
  const int32_t* const cancel = cancel_flag(info, at + 2);
  int status;
  if constexpr (look == Look::distance) {
    const double pixel = number(info, 10, "pixel", std::numeric_limits<double>::min(), std::numeric_limits<double>::max());
    status = fmandel_deep_distance(reference, &view, max_iter, radius, pixel, nu, out, cancel);
  } else if constexpr (look == Look::stripe) {
    status = fmandel_deep_stripe(reference, &view, max_iter, radius, nu, out, cancel);
  } else {
    status = fmandel_deep_cycle(reference, &view, max_iter, radius, nu, out, cancel);
  }
  if (status == FMANDEL_REFUSED) throw unfit(info.Env());
  return Napi::Boolean::New(info.Env(), status == FMANDEL_OK);
}

}  // namespace

void export_styles(Napi::Env env, Napi::Object exports) {
  exports["distance"] = Napi::Function::New(env, Distance, "distance");
  exports["stripe"] = Napi::Function::New(env, Stripe, "stripe");
  exports["cycle"] = Napi::Function::New(env, Cycle, "cycle");
  exports["deepDistance"] = Napi::Function::New(env, DeepField<Look::distance>, "deepDistance");
  exports["deepStripe"] = Napi::Function::New(env, DeepField<Look::stripe>, "deepStripe");
  exports["deepCycle"] = Napi::Function::New(env, DeepField<Look::cycle>, "deepCycle");
}

}  // namespace binding

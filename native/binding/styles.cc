#include "binding/arguments.h"
#include "binding/exports.h"
#include "binding/view.h"
#include "fmandel/styles.h"

namespace binding {
namespace {

// distances need a radius in this range: nearer, c still counts; farther, z leaves the range of the
// estimate
constexpr double LEAST_RADIUS = 4, LARGEST_RADIUS = 4096;

// {re, im, width, julia: {re, im}, maxIter, escapeRadius}: see fmandel_samples; with a width they
// are points
fmandel_samples plane_samples(const Napi::CallbackInfo& info, size_t at) {
  const Napi::Object from = record(info, at, "samples");
  const Array<double> re = samples(from.Get("re"), "samples.re"), im = samples(from.Get("im"), "samples.im");
  fmandel_samples result{};
  const Napi::Value width = from.Get("width");
  result.points = width.IsUndefined() ? 0 : 1;
  result.re = re.data;
  result.im = im.data;
  result.width = result.points ? row_width(width, re, im, "samples.") : static_cast<int>(re.length);
  result.height = static_cast<int>(result.points ? re.length / static_cast<size_t>(result.width) : im.length);
  const Napi::Value julia = from.Get("julia");
  if (julia.IsObject()) {
    const auto c = julia.As<Napi::Object>();
    result.julia = 1;
    result.cr = coordinate(c.Get("re"), "samples.julia.re", 4);
    result.ci = coordinate(c.Get("im"), "samples.julia.im", 4);
  }
  result.max_iter = static_cast<int64_t>(number(from.Get("maxIter"), "samples.maxIter", 1, MAX_ITER, true));
  result.escape_radius = number(from.Get("escapeRadius"), "samples.escapeRadius", LEAST_RADIUS, LARGEST_RADIUS);
  return result;
}

size_t count_of(const fmandel_samples& samples) { return static_cast<size_t>(samples.width) * static_cast<size_t>(samples.height); }

// the counts that the pass reads, and what it fills: one or two floats a sample
const double* counts_at(const Napi::CallbackInfo& info, size_t at, size_t count) {
  return filled<double>(info, at, "nu", count, "width x height");
}

float* out_at(const Napi::CallbackInfo& info, size_t at, size_t count, int floats) {
  return filled<float>(info, at, "out", floats * count, floats == 2 ? "2 x width x height" : "width x height");
}

double pixel_at(const Napi::CallbackInfo& info, size_t at) { return number(info, at, "pixel", MIN_DOUBLE, MAX_DOUBLE); }

// samples, pixel, nu, out, cancel
Napi::Value Distance(const Napi::CallbackInfo& info) {
  const fmandel_samples samples = plane_samples(info, 0);
  const size_t count = count_of(samples);
  const double pixel = pixel_at(info, 1), *const nu = counts_at(info, 2, count);
  float* const out = out_at(info, 3, count, 2);
  return Napi::Boolean::New(info.Env(), fmandel_distance(&samples, pixel, nu, out, cancel_flag(info, 4)) == FMANDEL_OK);
}

// samples, nu, out, cancel
template <int floats, int run(const fmandel_samples*, const double*, float*, const int32_t*)>
Napi::Value Plane(const Napi::CallbackInfo& info) {
  const fmandel_samples samples = plane_samples(info, 0);
  const size_t count = count_of(samples);
  const double* const nu = counts_at(info, 1, count);
  float* const out = out_at(info, 2, count, floats);
  return Napi::Boolean::New(info.Env(), run(&samples, nu, out, cancel_flag(info, 3)) == FMANDEL_OK);
}

Napi::Value finished(Napi::Env env, int status) {
  if (status == FMANDEL_REFUSED) throw unfit(env);
  return Napi::Boolean::New(env, status == FMANDEL_OK);
}

// view, pixel, nu, out, cancel
Napi::Value DeepDistance(const Napi::CallbackInfo& info) {
  const DeepView deep = deep_view(info, 0, LEAST_RADIUS, LARGEST_RADIUS);
  const double pixel = pixel_at(info, 1), *const nu = counts_at(info, 2, deep.count);
  float* const out = out_at(info, 3, deep.count, 2);
  return finished(info.Env(), fmandel_deep_distance(deep.reference, &deep.view, pixel, nu, out, cancel_flag(info, 4)));
}

// view, nu, out, cancel
template <int floats, int run(const fmandel_reference*, const fmandel_deep_view*, const double*, float*, const int32_t*)>
Napi::Value Deep(const Napi::CallbackInfo& info) {
  const DeepView deep = deep_view(info, 0, LEAST_RADIUS, LARGEST_RADIUS);
  const double* const nu = counts_at(info, 1, deep.count);
  float* const out = out_at(info, 2, deep.count, floats);
  return finished(info.Env(), run(deep.reference, &deep.view, nu, out, cancel_flag(info, 3)));
}

}  // namespace

void export_styles(Napi::Env env, Napi::Object exports) {
  exports["distance"] = Napi::Function::New(env, Distance, "distance");
  exports["stripe"] = Napi::Function::New(env, Plane<1, fmandel_stripe>, "stripe");
  exports["cycle"] = Napi::Function::New(env, Plane<2, fmandel_cycle>, "cycle");
  exports["deepDistance"] = Napi::Function::New(env, DeepDistance, "deepDistance");
  exports["deepStripe"] = Napi::Function::New(env, Deep<1, fmandel_deep_stripe>, "deepStripe");
  exports["deepCycle"] = Napi::Function::New(env, Deep<2, fmandel_deep_cycle>, "deepCycle");
}

}  // namespace binding

#include "binding/arguments.h"
#include "binding/exports.h"
#include "binding/view.h"

namespace binding {

namespace {

const fmandel_reference* reference_of(const Napi::Value& value) {
  const Array<double> buffer = array<double>(value, "view.reference");
  const fmandel_reference* const reference =
      fmandel_reference_from(buffer.data, static_cast<int64_t>(buffer.length * sizeof(double)));
  if (reference) return reference;
  throw Napi::RangeError::New(value.Env(), "view.reference must be what Orbit.reference() filled, it was damaged or something else");
}

// the step from one sample to the next, {re, im}
void step(const Napi::Object& view, const char* name, double* re, double* im) {
  const std::string path = std::string("view.") + name;
  const Napi::Value value = view.Get(name);
  if (!value.IsObject()) throw Napi::TypeError::New(view.Env(), path + " must be an object, it was " + text(value));
  const auto pair = value.As<Napi::Object>();
  *re = coordinate(pair.Get("re"), (path + ".re").c_str(), MAX_DOUBLE);
  *im = coordinate(pair.Get("im"), (path + ".im").c_str(), MAX_DOUBLE);
}

// view, nu, cancel
Napi::Value Deep(const Napi::CallbackInfo& info) {
  const DeepView deep = deep_view(info, 0, 2, 1e100);
  double* const nu = filled<double>(info, 1, "nu", deep.count, "width x height");
  const int32_t* const cancel = cancel_flag(info, 2);
  fmandel_counts counts;
  const int status = fmandel_deep(deep.reference, &deep.view, nu, &counts, cancel);
  if (status == FMANDEL_REFUSED) throw unfit(info.Env());
  if (status == FMANDEL_CANCELLED) return info.Env().Null();
  return counted(info.Env(), counts);
}

}  // namespace

DeepView deep_view(const Napi::CallbackInfo& info, size_t at, double least_radius, double largest_radius) {
  const Napi::Object from = record(info, at, "view");
  DeepView result{reference_of(from.Get("reference")), {}, 0};
  fmandel_deep_view& view = result.view;
  view.re = coordinate(from.Get("re"), "view.re", MAX_DOUBLE);
  view.im = coordinate(from.Get("im"), "view.im", MAX_DOUBLE);
  step(from, "columnStep", &view.column_step_re, &view.column_step_im);
  step(from, "rowStep", &view.row_step_re, &view.row_step_im);
  view.exponent = static_cast<int64_t>(number(from.Get("exponent"), "view.exponent", -MAX_EXPONENT, 64, true));
  view.width = static_cast<int>(number(from.Get("width"), "view.width", 1, MAX_INT, true));
  view.height = static_cast<int>(number(from.Get("height"), "view.height", 1, MAX_INT, true));
  view.max_iter = static_cast<int64_t>(number(from.Get("maxIter"), "view.maxIter", 1, MAX_ITER, true));
  view.escape_radius = number(from.Get("escapeRadius"), "view.escapeRadius", least_radius, largest_radius);
  view.integer_counts = from.Get("integerCounts").ToBoolean() ? 1 : 0;
  result.count = static_cast<size_t>(view.width) * static_cast<size_t>(view.height);
  return result;
}

Napi::Error unfit(Napi::Env env) {
  return Napi::RangeError::New(env, "the reference does not serve this view, iteration limit or escape radius");
}

void export_deep(Napi::Env env, Napi::Object exports) {
  exports["deep"] = Napi::Function::New(env, Deep, "deep");
}

}  // namespace binding

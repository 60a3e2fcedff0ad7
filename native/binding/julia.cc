#include "binding/arguments.h"
#include "binding/exports.h"
#include "fmandel/julia.h"

namespace binding {
namespace {

// julia: re and im of c, then the arguments of tile
Napi::Value Julia(const Napi::CallbackInfo& info) {
  const double cr = coordinate(info, 0, "cr", 4), ci = coordinate(info, 1, "ci", 4);
  const Array<double> re = samples(info, 2, "re"), im = samples(info, 3, "im");
  const auto max_iter = static_cast<int64_t>(number(info, 4, "maxIter", 1, MAX_ITER, true));
  const double radius = number(info, 5, "escapeRadius", 4, 1e100);
  double* const nu = filled<double>(info, 6, "nu", re.length * im.length, "width x height");
  const int32_t* const cancel = cancel_flag(info, 7);

  fmandel_counts counts;
  if (fmandel_julia(cr, ci, re.data, static_cast<int>(re.length), im.data, static_cast<int>(im.length), max_iter, radius, nu,
                    &counts, cancel) != FMANDEL_OK) {
    return info.Env().Null();
  }
  return counted(info.Env(), counts);
}

}  // namespace

void export_julia(Napi::Env env, Napi::Object exports) {
  exports["julia"] = Napi::Function::New(env, Julia, "julia");
}

}  // namespace binding

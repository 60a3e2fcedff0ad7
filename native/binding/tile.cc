#include "binding/arguments.h"
#include "binding/exports.h"
#include "fmandel/isa.h"
#include "fmandel/tile.h"
#include "tile/tile_scalar.h"

namespace binding {
namespace {

// tile and tileScalar: re, im, maxIter, escapeRadius, nu, cancel
template <int run(const double*, int, const double*, int, int64_t, double, double*, fmandel_counts*, const int32_t*)>
Napi::Value Tile(const Napi::CallbackInfo& info) {
  const Array<double> re = samples(info, 0, "re"), im = samples(info, 1, "im");
  const auto max_iter = static_cast<int64_t>(number(info, 2, "maxIter", 1, MAX_ITER, true));
  const double radius = number(info, 3, "escapeRadius", 2, 1e100);
  double* const nu = filled<double>(info, 4, "nu", re.length * im.length, "width x height");
  const int32_t* const cancel = cancel_flag(info, 5);

  fmandel_counts counts;
  if (run(re.data, static_cast<int>(re.length), im.data, static_cast<int>(im.length), max_iter, radius, nu, &counts,
          cancel) != FMANDEL_OK) {
    return info.Env().Null();
  }
  return counted(info.Env(), counts);
}

// re, im, width, maxIter, escapeRadius, nu, cancel
Napi::Value Points(const Napi::CallbackInfo& info) {
  const Array<double> re = samples(info, 0, "re"), im = samples(info, 1, "im");
  const int width = row_width(info[2], re, im, "");
  const auto max_iter = static_cast<int64_t>(number(info, 3, "maxIter", 1, MAX_ITER, true));
  const double radius = number(info, 4, "escapeRadius", 2, 1e100);
  double* const nu = filled<double>(info, 5, "nu", re.length, "as many as re");
  const int32_t* const cancel = cancel_flag(info, 6);

  fmandel_counts counts;
  const int height = static_cast<int>(re.length / static_cast<size_t>(width));
  if (fmandel_points(re.data, im.data, width, height, max_iter, radius, nu, &counts, cancel) != FMANDEL_OK) return info.Env().Null();
  return counted(info.Env(), counts);
}

// re, im
Napi::Value InteriorRadius(const Napi::CallbackInfo& info) {
  const double re = coordinate(info, 0, "re", 4), im = coordinate(info, 1, "im", 4);
  return Napi::Number::New(info.Env(), fmandel_interior_radius(re, im));
}

Napi::Value Isa(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), fmandel_isa());
}

}  // namespace

void export_tile(Napi::Env env, Napi::Object exports) {
  exports["tile"] = Napi::Function::New(env, Tile<fmandel_tile>, "tile");
  exports["tileScalar"] = Napi::Function::New(env, Tile<fmandel_tile_scalar>, "tileScalar");
  exports["points"] = Napi::Function::New(env, Points, "points");
  exports["interiorRadius"] = Napi::Function::New(env, InteriorRadius, "interiorRadius");
  exports["isa"] = Napi::Function::New(env, Isa, "isa");
}

}  // namespace binding

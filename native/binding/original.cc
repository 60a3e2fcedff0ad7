#include "binding/arguments.h"
#include "binding/exports.h"
#include "fmandel/original.h"

namespace binding {
namespace {

Napi::Value F(const Napi::CallbackInfo& info) {
  const auto x = static_cast<float>(coordinate(info, 0, "x", MAX_FLOAT));
  const auto y = static_cast<float>(coordinate(info, 1, "y", MAX_FLOAT));
  const auto max_iter = static_cast<int>(number(info, 2, "maxIter", 1, MAX_INT, true));
  return Napi::Number::New(info.Env(), f(x, y, max_iter));
}

// grid32 and grid64: x0, y0, x1, y1, grid, maxIter, out, cancel, first, rows. The last two may be
// left out: then it is the whole grid
template <typename T, int run(T, T, T, T, int, int, int, int, T*, const int32_t*)>
Napi::Value Grid(const Napi::CallbackInfo& info) {
  constexpr double limit = std::numeric_limits<T>::max();
  const auto x0 = static_cast<T>(coordinate(info, 0, "x0", limit));
  const auto y0 = static_cast<T>(coordinate(info, 1, "y0", limit));
  const auto x1 = static_cast<T>(coordinate(info, 2, "x1", limit));
  const auto y1 = static_cast<T>(coordinate(info, 3, "y1", limit));
  const auto grid = static_cast<int>(number(info, 4, "grid", 1, MAX_GRID, true));
  const auto max_iter = static_cast<int>(number(info, 5, "maxIter", 1, MAX_INT, true));
  const bool whole = info.Length() <= 8;
  const auto first = whole ? 0 : static_cast<int>(number(info, 8, "first", 0, grid - 1, true));
  const auto rows = whole ? grid : static_cast<int>(number(info, 9, "rows", 1, grid - first, true));
  T* const out = filled<T>(info, 6, "out", static_cast<size_t>(rows) * grid, whole ? "grid x grid" : "rows x grid");
  const int32_t* const cancel = cancel_flag(info, 7);
  return Napi::Boolean::New(info.Env(), run(x0, y0, x1, y1, grid, first, rows, max_iter, out, cancel) == FMANDEL_OK);
}

}  // namespace

void export_original(Napi::Env env, Napi::Object exports) {
  exports["f"] = Napi::Function::New(env, F, "f");
  exports["grid32"] = Napi::Function::New(env, Grid<float, fmandel_grid32>, "grid32");
  exports["grid64"] = Napi::Function::New(env, Grid<double, fmandel_grid64>, "grid64");
}

}  // namespace binding

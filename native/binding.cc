// The library's door to Node: arguments are checked and converted, failures thrown, and no more. Arrays are filled in place. Nothing is kept
// between calls, so every thread may load it.
#include <napi.h>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <vector>

#include "deep.h"
#include "field.h"
#include "fixed.h"
#include "fmandel.h"
#include "julia.h"
#include "orbit.h"
#include "reference.h"

namespace {

constexpr double MAX_GRID = 32768;             // 2^30 samples
constexpr double MAX_ITER = 9007199254740992;  // 2^53, as far as a double counts
constexpr double MAX_INT = std::numeric_limits<int>::max();
constexpr double MAX_FLOAT = std::numeric_limits<float>::max();

// as JavaScript prints them
std::string text(Napi::Env env, double value) {
  return Napi::Number::New(env, value).ToString();
}

std::string text(const Napi::Value& value) {
  if (value.IsNumber()) return value.ToString();
  if (value.IsUndefined()) return "missing";
  if (value.IsNull()) return "null";
  if (value.IsString()) return "a string";
  if (value.IsBigInt()) return "a bigint";
  if (value.IsTypedArray()) return "another typed array";
  return "something else";
}

double number(const Napi::CallbackInfo& info, size_t at, const char* name, double low, double high, bool whole = false) {
  const Napi::Value value = info[at];
  const double got = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN;
  const bool right = got >= low && got <= high && (!whole || std::floor(got) == got);
  if (right) return got;
  const std::string sentence = std::string(name) + " must be a " + (whole ? "whole " : "") + "number from " + text(info.Env(), low) +
                               " to " + text(info.Env(), high) + ", it was " + text(value);
  if (value.IsNumber()) throw Napi::RangeError::New(info.Env(), sentence);
  throw Napi::TypeError::New(info.Env(), sentence);
}

double coordinate(const Napi::CallbackInfo& info, size_t at, const char* name, double limit) {
  return number(info, at, name, -limit, limit);
}

template <typename T>
struct Kind;
template <>
struct Kind<double> {
  static constexpr const char* name = "a Float64Array";
  static constexpr napi_typedarray_type type = napi_float64_array;
};
template <>
struct Kind<float> {
  static constexpr const char* name = "a Float32Array";
  static constexpr napi_typedarray_type type = napi_float32_array;
};
template <>
struct Kind<int32_t> {
  static constexpr const char* name = "an Int32Array";
  static constexpr napi_typedarray_type type = napi_int32_array;
};
template <>
struct Kind<uint8_t> {
  static constexpr const char* name = "a Uint8Array";
  static constexpr napi_typedarray_type type = napi_uint8_array;
};

template <>
struct Kind<int64_t> {
  static constexpr const char* name = "a BigInt64Array";
  static constexpr napi_typedarray_type type = napi_bigint64_array;
};

template <typename T>
struct Array {
  T* data;
  size_t length;
};

// a typed array over any kind of buffer; a detached one has no elements
template <typename T>
Array<T> array(const Napi::CallbackInfo& info, size_t at, const char* name) {
  const Napi::Value value = info[at];
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  if (!value.IsTypedArray() ||
      napi_get_typedarray_info(info.Env(), value, &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != Kind<T>::type) {
    throw Napi::TypeError::New(info.Env(),
                               std::string(name) + " must be " + Kind<T>::name + ", it was " + text(value));
  }
  if (length == 0 || data == nullptr) {
    throw Napi::RangeError::New(info.Env(), std::string(name) + " must be " + Kind<T>::name +
                                                " of at least 1 element, it had none");
  }
  return {static_cast<T*>(data), length};
}

template <typename T>
T* filled(const Napi::CallbackInfo& info, size_t at, const char* name, size_t length, const char* formula) {
  const Array<T> found = array<T>(info, at, name);
  if (found.length == length) return found.data;
  throw Napi::RangeError::New(info.Env(), std::string(name) + " must be " + Kind<T>::name + " of " +
                                              std::to_string(length) + " elements (" + formula + "), it had " +
                                              std::to_string(found.length));
}

Array<double> samples(const Napi::CallbackInfo& info, size_t at, const char* name) {
  const Array<double> found = array<double>(info, at, name);
  if (found.length > MAX_INT) {
    throw Napi::RangeError::New(info.Env(), std::string(name) + " must have at most 2147483647 elements, it had " +
                                                std::to_string(found.length));
  }
  for (size_t i = 0; i < found.length; i++) {
    if (std::isfinite(found.data[i])) continue;
    throw Napi::RangeError::New(info.Env(), std::string(name) + "[" + std::to_string(i) +
                                                "] must be finite, it was " + text(info.Env(), found.data[i]));
  }
  return found;
}

const int32_t* cancel_flag(const Napi::CallbackInfo& info, size_t at) {
  if (info[at].IsUndefined()) return nullptr;
  return array<int32_t>(info, at, "cancel").data;
}

Napi::Value F(const Napi::CallbackInfo& info) {
  const auto x = static_cast<float>(coordinate(info, 0, "x", MAX_FLOAT));
  const auto y = static_cast<float>(coordinate(info, 1, "y", MAX_FLOAT));
  const auto max_iter = static_cast<int>(number(info, 2, "maxIter", 1, MAX_INT, true));
  return Napi::Number::New(info.Env(), f(x, y, max_iter));
}

// grid32 and grid64: x0, y0, x1, y1, grid, maxIter, out, cancel
template <typename T, int run(T, T, T, T, int, int, T*, const int32_t*)>
Napi::Value Grid(const Napi::CallbackInfo& info) {
  constexpr double limit = std::numeric_limits<T>::max();
  const auto x0 = static_cast<T>(coordinate(info, 0, "x0", limit));
  const auto y0 = static_cast<T>(coordinate(info, 1, "y0", limit));
  const auto x1 = static_cast<T>(coordinate(info, 2, "x1", limit));
  const auto y1 = static_cast<T>(coordinate(info, 3, "y1", limit));
  const auto grid = static_cast<int>(number(info, 4, "grid", 1, MAX_GRID, true));
  const auto max_iter = static_cast<int>(number(info, 5, "maxIter", 1, MAX_INT, true));
  T* const out = filled<T>(info, 6, "out", static_cast<size_t>(grid) * grid, "grid x grid");
  const int32_t* const cancel = cancel_flag(info, 7);
  return Napi::Boolean::New(info.Env(), run(x0, y0, x1, y1, grid, max_iter, out, cancel) == FMANDEL_OK);
}

Napi::Object counted(Napi::Env env, const fmandel_counts& counts) {
  Napi::Object result = Napi::Object::New(env);
  result["escaped"] = static_cast<double>(counts.escaped);
  result["interior"] = static_cast<double>(counts.interior);
  result["limited"] = static_cast<double>(counts.limited);
  result["iterations"] = static_cast<double>(counts.iterations);
  result["steps"] = static_cast<double>(counts.steps);
  return result;
}

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

// re, im, maxIter, escapeRadius, nu, cancel
Napi::Value Points(const Napi::CallbackInfo& info) {
  const Array<double> re = samples(info, 0, "re");
  const double* const im = filled<double>(info, 1, "im", re.length, "as many as re");
  const auto max_iter = static_cast<int64_t>(number(info, 2, "maxIter", 1, MAX_ITER, true));
  const double radius = number(info, 3, "escapeRadius", 2, 1e100);
  double* const nu = filled<double>(info, 4, "nu", re.length, "as many as re");
  const int32_t* const cancel = cancel_flag(info, 5);

  fmandel_counts counts;
  if (fmandel_points(re.data, im, static_cast<int>(re.length), max_iter, radius, nu, &counts, cancel) != FMANDEL_OK) {
    return info.Env().Null();
  }
  return counted(info.Env(), counts);
}

// julia: re and im of c, then as tile
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

void Index(const Napi::CallbackInfo& info) {
  constexpr double LARGE = 1099511627776;  // 2^40
  const Array<double> nu = array<double>(info, 0, "nu");
  const double density = coordinate(info, 1, "density", LARGE);
  const double bias = number(info, 2, "bias", std::numeric_limits<double>::min(), LARGE);
  const double offset = coordinate(info, 3, "offset", LARGE);
  uint8_t* const out = filled<uint8_t>(info, 4, "out", nu.length, "as many as nu");
  fmandel_index(nu.data, static_cast<int64_t>(nu.length), density, bias, offset, out);
}

// re, im
Napi::Value Disc(const Napi::CallbackInfo& info) {
  const double re = coordinate(info, 0, "re", 4), im = coordinate(info, 1, "im", 4);
  return Napi::Number::New(info.Env(), fmandel_disc(re, im));
}

void Narrow(const Napi::CallbackInfo& info) {
  const Array<double> from = array<double>(info, 0, "from");
  float* const to = filled<float>(info, 1, "to", from.length, "as many as from");
  fmandel_narrow(from.data, static_cast<int64_t>(from.length), to);
}

void Differences(const Napi::CallbackInfo& info) {
  const int width = static_cast<int>(number(info, 1, "width", 1, MAX_GRID, true));
  const int height = static_cast<int>(number(info, 2, "height", 1, MAX_GRID, true));
  const size_t samples = static_cast<size_t>(width) * static_cast<size_t>(height);
  const uint8_t* const index = filled<uint8_t>(info, 0, "index", samples, "width height");
  uint8_t* const rows = filled<uint8_t>(info, 3, "rows", samples + static_cast<size_t>(height), "height (width + 1)");
  fmandel_differences(index, width, height, rows);
}

Napi::Value Deflate(const Napi::CallbackInfo& info) {
  const Array<uint8_t> data = array<uint8_t>(info, 0, "data");
  if (data.length > MAX_INT) {
    throw Napi::RangeError::New(info.Env(), "data must have at most 2147483647 elements, it had " + std::to_string(data.length));
  }
  uint8_t* const out = filled<uint8_t>(info, 1, "out", FMANDEL_DEFLATED(data.length), "deflatedBytes");
  return Napi::Number::New(info.Env(), static_cast<double>(fmandel_deflate(data.data, static_cast<int64_t>(data.length), out)));
}

#include "binding_orbit.h"

#include "binding_field.h"

// array: its bytes count as memory that garbage holds, until the array itself is collected
void Weigh(const Napi::CallbackInfo& info) {
  if (!info[0].IsTypedArray()) {
    throw Napi::TypeError::New(info.Env(), "array must be a typed array, it was " + text(info[0]));
  }
  auto array = info[0].As<Napi::TypedArray>();
  auto* const bytes = new int64_t(static_cast<int64_t>(array.ByteLength()));
  array.AddFinalizer(
      [](Napi::Env env, int64_t* weight) {
        Napi::MemoryManagement::AdjustExternalMemory(env, -*weight);
        delete weight;
      },
      bytes);
  Napi::MemoryManagement::AdjustExternalMemory(info.Env(), *bytes);
}

Napi::Value Isa(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), fmandel_isa());
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports["f"] = Napi::Function::New(env, F, "f");
  exports["grid32"] = Napi::Function::New(env, Grid<float, fmandel_grid32>, "grid32");
  exports["grid64"] = Napi::Function::New(env, Grid<double, fmandel_grid64>, "grid64");
  exports["tile"] = Napi::Function::New(env, Tile<fmandel_tile>, "tile");
  exports["tileScalar"] = Napi::Function::New(env, Tile<fmandel_tile_scalar>, "tileScalar");
  exports["points"] = Napi::Function::New(env, Points, "points");
  exports["julia"] = Napi::Function::New(env, Julia, "julia");
  exports["disc"] = Napi::Function::New(env, Disc, "disc");
  exports["narrow"] = Napi::Function::New(env, Narrow, "narrow");
  exports["differences"] = Napi::Function::New(env, Differences, "differences");
  exports["deflate"] = Napi::Function::New(env, Deflate, "deflate");
  exports["index"] = Napi::Function::New(env, Index, "index");
  exports["deep"] = Napi::Function::New(env, Deep, "deep");
  exports["distance"] = Napi::Function::New(env, Distance, "distance");
  exports["stripe"] = Napi::Function::New(env, Stripe, "stripe");
  exports["cycle"] = Napi::Function::New(env, Cycle, "cycle");
  exports["deepCycle"] = Napi::Function::New(env, DeepField<Look::cycle>, "deepCycle");
  exports["deepDistance"] = Napi::Function::New(env, DeepField<Look::distance>, "deepDistance");
  exports["deepStripe"] = Napi::Function::New(env, DeepField<Look::stripe>, "deepStripe");
  exports["Orbit"] = Orbit::define(env);
  exports["orbitBits"] = Napi::Function::New(env, OrbitBits, "orbitBits");
  exports["weigh"] = Napi::Function::New(env, Weigh, "weigh");
  exports["isa"] = Napi::Function::New(env, Isa, "isa");
  return exports;
}

}  // namespace

NODE_API_MODULE(fmandel, Init)

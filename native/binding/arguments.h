// The arguments of calls from JavaScript, checked and converted. A bad one throws an error that
// says which it is, what it must be, and what it was.
#ifndef FMANDEL_BINDING_ARGUMENTS_H
#define FMANDEL_BINDING_ARGUMENTS_H

#include <napi.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "fmandel/status.h"

namespace binding {

constexpr double MAX_GRID = 32768; // 2^30 samples
constexpr double MAX_ITER = 9007199254740992; // 2^53, as far as a double counts
constexpr double MAX_INT = std::numeric_limits<int>::max();
constexpr double MAX_FLOAT = std::numeric_limits<float>::max();
constexpr double MIN_DOUBLE = std::numeric_limits<double>::min();
constexpr double MAX_DOUBLE = std::numeric_limits<double>::max();
constexpr double MAX_BITS = 1 << 26;
constexpr double MAX_EXPONENT = 1 << 30;

// The value as JavaScript prints it, or its kind.
std::string text(Napi::Env env, double value);
std::string text(const Napi::Value& value);

// A number from low to high, or an integer; and a number from -limit to limit.
double number(const Napi::Value& value, const char* name, double low, double high, bool integer = false);
double coordinate(const Napi::Value& value, const char* name, double limit);

inline double number(const Napi::CallbackInfo& info, size_t at, const char* name, double low, double high, bool integer = false) {
  return number(info[at], name, low, high, integer);
}

inline double coordinate(const Napi::CallbackInfo& info, size_t at, const char* name, double limit) {
  return coordinate(info[at], name, limit);
}

// An argument that is a record.
Napi::Object record(const Napi::CallbackInfo& info, size_t at, const char* name);

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
struct Kind<int8_t> {
  static constexpr const char* name = "an Int8Array";
  static constexpr napi_typedarray_type type = napi_int8_array;
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

// A typed array over any kind of buffer. A detached one has no elements.
template <typename T>
Array<T> array(const Napi::Value& value, const char* name) {
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  if (!value.IsTypedArray() ||
      napi_get_typedarray_info(value.Env(), value, &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != Kind<T>::type) {
    throw Napi::TypeError::New(value.Env(),
                               std::string(name) + " must be " + Kind<T>::name + ", it was " + text(value));
  }
  if (length == 0 || data == nullptr) {
    throw Napi::RangeError::New(value.Env(), std::string(name) + " must be " + Kind<T>::name +
                                                " of at least 1 element, it had none");
  }
  return {static_cast<T*>(data), length};
}

template <typename T>
Array<T> array(const Napi::CallbackInfo& info, size_t at, const char* name) {
  return array<T>(info[at], name);
}

template <typename T>
T* filled(const Napi::CallbackInfo& info, size_t at, const char* name, size_t length, const char* formula) {
  const Array<T> found = array<T>(info, at, name);
  if (found.length == length) return found.data;
  throw Napi::RangeError::New(info.Env(), std::string(name) + " must be " + Kind<T>::name + " of " +
                                              std::to_string(length) + " elements (" + formula + "), it had " +
                                              std::to_string(found.length));
}

// Coordinates of samples: finite, and at most as many as an int counts.
Array<double> samples(const Napi::Value& value, const char* name);

inline Array<double> samples(const Napi::CallbackInfo& info, size_t at, const char* name) { return samples(info[at], name); }

// The length of a row of the points re + i im. There must be as many im as re, and no incomplete
// row.
int row_width(const Napi::Value& value, const Array<double>& re, const Array<double>& im, const std::string& path);

// The flag that another thread sets to stop the call, or NULL.
const int32_t* cancel_flag(const Napi::CallbackInfo& info, size_t at);

// The counter that another thread reads, or NULL.
int64_t* progress_of(const Napi::CallbackInfo& info, size_t at);

// The counts of a call as an object.
Napi::Object counted(Napi::Env env, const fmandel_counts& counts);

}  // namespace binding

#endif

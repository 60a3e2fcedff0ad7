#include "binding/arguments.h"

namespace binding {

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

double number(const Napi::Value& value, const char* name, double low, double high, bool integer) {
  const double got = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN;
  const bool right = got >= low && got <= high && (!integer || std::floor(got) == got);
  if (right) return got;
  const Napi::Env env = value.Env();
  const std::string sentence = std::string(name) + " must be a " + (integer ? "whole " : "") + "number from " + text(env, low) + " to " +
                               text(env, high) + ", it was " + text(value);
  if (value.IsNumber()) throw Napi::RangeError::New(env, sentence);
  throw Napi::TypeError::New(env, sentence);
}

double coordinate(const Napi::Value& value, const char* name, double limit) { return number(value, name, -limit, limit); }

Napi::Object record(const Napi::CallbackInfo& info, size_t at, const char* name) {
  const Napi::Value value = info[at];
  if (value.IsObject()) return value.As<Napi::Object>();
  throw Napi::TypeError::New(info.Env(), std::string(name) + " must be an object, it was " + text(value));
}

Array<double> samples(const Napi::Value& value, const char* name) {
  const Array<double> found = array<double>(value, name);
  if (found.length > MAX_INT) {
    throw Napi::RangeError::New(value.Env(), std::string(name) + " must have at most 2147483647 elements, it had " +
                                                 std::to_string(found.length));
  }
  for (size_t i = 0; i < found.length; i++) {
    if (std::isfinite(found.data[i])) continue;
    throw Napi::RangeError::New(value.Env(), std::string(name) + "[" + std::to_string(i) + "] must be finite, it was " +
                                                 text(value.Env(), found.data[i]));
  }
  return found;
}

int row_width(const Napi::Value& value, const Array<double>& re, const Array<double>& im, const std::string& path) {
  const Napi::Env env = value.Env();
  if (im.length != re.length) {
    throw Napi::RangeError::New(env, path + "im must have as many elements as " + path + "re, " + std::to_string(re.length) + ", it had " +
                                         std::to_string(im.length));
  }
  const auto width = static_cast<int>(number(value, (path + "width").c_str(), 1, static_cast<double>(re.length), true));
  if (re.length % static_cast<size_t>(width) == 0) return width;
  throw Napi::RangeError::New(env, path + "width must divide the length of " + path + "re, " + std::to_string(re.length) + ", it was " +
                                       std::to_string(width));
}

const int32_t* cancel_flag(const Napi::CallbackInfo& info, size_t at) {
  if (info[at].IsUndefined()) return nullptr;
  return array<int32_t>(info, at, "cancel").data;
}

int64_t* progress_of(const Napi::CallbackInfo& info, size_t at) {
  if (info[at].IsUndefined()) return nullptr;
  return array<int64_t>(info, at, "progress").data;
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

}  // namespace binding

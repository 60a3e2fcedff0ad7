#include <utility>

#include "binding/arguments.h"
#include "binding/exports.h"
#include "fmandel/encode.h"

namespace binding {
namespace {

constexpr double LARGE = 1099511627776;  // 2^40

void PaletteIndices(const Napi::CallbackInfo& info) {
  const Array<double> nu = array<double>(info, 0, "nu");
  const double density = coordinate(info, 1, "density", LARGE);
  const double bias = number(info, 2, "bias", MIN_DOUBLE, LARGE);
  const double offset = coordinate(info, 3, "offset", LARGE);
  uint8_t* const out = filled<uint8_t>(info, 4, "out", nu.length, "as many as nu");
  fmandel_palette_indices(nu.data, static_cast<int64_t>(nu.length), density, bias, offset, out);
}

// Rows of smooth counts, and how they become phases.
struct Rows {
  const double* nu;
  int width, height;
  double density, bias, offset;
  size_t samples;
};

Rows rows(const Napi::CallbackInfo& info, size_t phase) {
  Rows found{};
  found.width = static_cast<int>(number(info, 1, "width", 1, MAX_INT, true));
  found.height = static_cast<int>(number(info, 2, "height", 1, MAX_INT, true));
  found.samples = static_cast<size_t>(found.width) * static_cast<size_t>(found.height);
  found.nu = filled<double>(info, 0, "nu", found.samples, "width height");
  found.density = coordinate(info, phase, "density", LARGE);
  found.bias = number(info, phase + 1, "bias", MIN_DOUBLE, LARGE);
  found.offset = coordinate(info, phase + 2, "offset", LARGE);
  return found;
}

void DitherIndices(const Napi::CallbackInfo& info) {
  constexpr int LARGEST = 1 << 30;
  const Rows r = rows(info, 4);
  const int32_t* const place = filled<int32_t>(info, 3, "place", 6, "two numbers and four steps");
  for (int k = 0; k < 6; k++) {
    const int largest = k < 2 ? LARGEST : 1;
    if (place[k] < -largest || place[k] > largest || r.width > LARGEST / 2 || r.height > LARGEST / 2) {
      throw Napi::RangeError::New(info.Env(), "place must have numbers up to 2^30, and steps of -1 to 1");
    }
  }
  uint8_t* const index = filled<uint8_t>(info, 7, "index", r.samples, "width height");
  fmandel_dither_indices(r.nu, r.width, r.height, place, r.density, r.bias, r.offset, index);
}

void StepParts(const Napi::CallbackInfo& info) {
  const Rows r = rows(info, 3);
  int8_t* const part = filled<int8_t>(info, 6, "part", r.samples, "width height");
  fmandel_step_parts(r.nu, r.width, r.height, r.density, r.bias, r.offset, part);
}

void ToFloat(const Napi::CallbackInfo& info) {
  const Array<double> from = array<double>(info, 0, "from");
  float* const to = filled<float>(info, 1, "to", from.length, "as many as from");
  fmandel_to_float(from.data, static_cast<int64_t>(from.length), to);
}

void PngSubFilter(const Napi::CallbackInfo& info) {
  const int width = static_cast<int>(number(info, 1, "width", 1, MAX_GRID, true));
  const int height = static_cast<int>(number(info, 2, "height", 1, MAX_GRID, true));
  const size_t samples = static_cast<size_t>(width) * static_cast<size_t>(height);
  const uint8_t* const index = filled<uint8_t>(info, 0, "index", samples, "width height");
  uint8_t* const rows = filled<uint8_t>(info, 3, "rows", samples + static_cast<size_t>(height), "height (width + 1)");
  fmandel_png_sub_filter(index, width, height, rows);
}

void PngFilter(const Napi::CallbackInfo& info) {
  const int64_t stride = static_cast<int64_t>(number(info, 1, "stride", 1, MAX_INT, true));
  const int64_t height = static_cast<int64_t>(number(info, 2, "height", 1, MAX_GRID, true));
  const int pixel = static_cast<int>(number(info, 3, "pixel", 1, 8, true));
  const size_t bytes = static_cast<size_t>(stride) * static_cast<size_t>(height);
  const uint8_t* const pixels = filled<uint8_t>(info, 0, "pixels", bytes, "stride height");
  uint8_t* const rows = filled<uint8_t>(info, 4, "rows", bytes + static_cast<size_t>(height), "height (stride + 1)");
  fmandel_png_filter(pixels, stride, height, pixel, rows);
}

// What a stream is made of, and where it goes: data, out.
std::pair<Array<uint8_t>, uint8_t*> stream(const Napi::CallbackInfo& info) {
  const Array<uint8_t> data = array<uint8_t>(info, 0, "data");
  if (data.length > MAX_INT) {
    throw Napi::RangeError::New(info.Env(), "data must have at most 2147483647 elements, it had " + std::to_string(data.length));
  }
  return {data, filled<uint8_t>(info, 1, "out", FMANDEL_DEFLATED(data.length), "deflatedBytes")};
}

// deflatePart(data, out): the part's length and the Adler-32 of the data.
Napi::Value DeflatePart(const Napi::CallbackInfo& info) {
  const auto [data, out] = stream(info);
  uint32_t sum = 0;
  const int64_t length = fmandel_deflate_part(data.data, static_cast<int64_t>(data.length), out, &sum);
  Napi::Object result = Napi::Object::New(info.Env());
  result["length"] = static_cast<double>(length);
  result["adler"] = static_cast<double>(sum);
  return result;
}

Napi::Value Deflate(const Napi::CallbackInfo& info) {
  const auto [data, out] = stream(info);
  return Napi::Number::New(info.Env(), static_cast<double>(fmandel_deflate(data.data, static_cast<int64_t>(data.length), out)));
}

}  // namespace

void export_encode(Napi::Env env, Napi::Object exports) {
  exports["paletteIndices"] = Napi::Function::New(env, PaletteIndices, "paletteIndices");
  exports["ditherIndices"] = Napi::Function::New(env, DitherIndices, "ditherIndices");
  exports["stepParts"] = Napi::Function::New(env, StepParts, "stepParts");
  exports["toFloat"] = Napi::Function::New(env, ToFloat, "toFloat");
  exports["pngSubFilter"] = Napi::Function::New(env, PngSubFilter, "pngSubFilter");
  exports["pngFilter"] = Napi::Function::New(env, PngFilter, "pngFilter");
  exports["deflatePart"] = Napi::Function::New(env, DeflatePart, "deflatePart");
  exports["deflate"] = Napi::Function::New(env, Deflate, "deflate");
}

}  // namespace binding

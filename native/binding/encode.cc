#include "binding/arguments.h"
#include "binding/exports.h"
#include "fmandel/encode.h"

namespace binding {
namespace {

void PaletteIndices(const Napi::CallbackInfo& info) {
  constexpr double LARGE = 1099511627776;  // 2^40
  const Array<double> nu = array<double>(info, 0, "nu");
  const double density = coordinate(info, 1, "density", LARGE);
  const double bias = number(info, 2, "bias", std::numeric_limits<double>::min(), LARGE);
  const double offset = coordinate(info, 3, "offset", LARGE);
  uint8_t* const out = filled<uint8_t>(info, 4, "out", nu.length, "as many as nu");
  fmandel_palette_indices(nu.data, static_cast<int64_t>(nu.length), density, bias, offset, out);
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

Napi::Value Deflate(const Napi::CallbackInfo& info) {
  const Array<uint8_t> data = array<uint8_t>(info, 0, "data");
  if (data.length > MAX_INT) {
    throw Napi::RangeError::New(info.Env(), "data must have at most 2147483647 elements, it had " + std::to_string(data.length));
  }
  uint8_t* const out = filled<uint8_t>(info, 1, "out", FMANDEL_DEFLATED(data.length), "deflatedBytes");
  return Napi::Number::New(info.Env(), static_cast<double>(fmandel_deflate(data.data, static_cast<int64_t>(data.length), out)));
}

}  // namespace

void export_encode(Napi::Env env, Napi::Object exports) {
  exports["paletteIndices"] = Napi::Function::New(env, PaletteIndices, "paletteIndices");
  exports["toFloat"] = Napi::Function::New(env, ToFloat, "toFloat");
  exports["pngSubFilter"] = Napi::Function::New(env, PngSubFilter, "pngSubFilter");
  exports["deflate"] = Napi::Function::New(env, Deflate, "deflate");
}

}  // namespace binding

#include <cstdlib>
#include <memory>

#include "binding/arguments.h"
#include "binding/exports.h"
#include "fmandel/film.h"

namespace binding {
namespace {

// frame(key, keyWidth, keyHeight, next or undefined, part, width, height, out, cancel). False if
// cancelled.
Napi::Value Frame(const Napi::CallbackInfo& info) {
  const int64_t key_width = static_cast<int64_t>(number(info, 1, "keyWidth", 1, MAX_GRID, true));
  const int64_t key_height = static_cast<int64_t>(number(info, 2, "keyHeight", 1, MAX_GRID, true));
  const size_t key_bytes = 3 * static_cast<size_t>(key_width) * static_cast<size_t>(key_height);
  const fmandel_picture key = {filled<uint8_t>(info, 0, "key", key_bytes, "3 keyWidth keyHeight"), key_width, key_height};
  fmandel_picture next = key;
  const bool fades = !info[3].IsUndefined();
  if (fades) next.rgb = filled<uint8_t>(info, 3, "next", key_bytes, "3 keyWidth keyHeight");
  const double part = number(info, 4, "part", 0, fades ? 1 : 0);
  const int64_t width = static_cast<int64_t>(number(info, 5, "width", 1, static_cast<double>(key_width), true));
  const int64_t height = static_cast<int64_t>(number(info, 6, "height", 1, static_cast<double>(key_height), true));
  const size_t bytes = 3 * static_cast<size_t>(width) * static_cast<size_t>(height);
  uint8_t* const out = filled<uint8_t>(info, 7, "out", bytes, "3 width height");
  const int64_t scratch = fmandel_film_scratch(&key, width, height);
  if (scratch < 0) {
    throw Napi::RangeError::New(info.Env(), "keyWidth must be at most 8 width, it was " + std::to_string(key_width));
  }
  // malloc aligns to 16 bytes, which is what fmandel_film_frame asks for
  const std::unique_ptr<char, decltype(&std::free)> room(
      static_cast<char*>(std::malloc(static_cast<size_t>(scratch))), &std::free);
  if (!room) throw Napi::Error::New(info.Env(), "no memory for a frame: " + std::to_string(scratch) + " bytes");
  const int status =
      fmandel_film_frame(&key, fades ? &next : nullptr, part, width, height, out, room.get(), cancel_flag(info, 8));
  return Napi::Boolean::New(info.Env(), status == FMANDEL_OK);
}

}  // namespace

void export_film(Napi::Env env, Napi::Object exports) { exports["frame"] = Napi::Function::New(env, Frame, "frame"); }

}  // namespace binding

// The library's door to Node: arguments are checked and converted, failures thrown, and no more. Arrays are filled in place. Nothing is kept
// between calls, so every thread may load it.
#include "binding/exports.h"

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  binding::export_original(env, exports);
  binding::export_tile(env, exports);
  binding::export_julia(env, exports);
  binding::export_orbit(env, exports);
  binding::export_exact(env, exports);
  binding::export_deep(env, exports);
  binding::export_styles(env, exports);
  binding::export_encode(env, exports);
  binding::export_film(env, exports);
  binding::export_memory(env, exports);
  return exports;
}

NODE_API_MODULE(fmandel, init)

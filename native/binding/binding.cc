// The library's binding to Node. It checks and converts arguments and throws failures, nothing
// else. Arrays are filled in place. Nothing is kept between calls, so every thread may load it.
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

// What each folder of the library offers to JavaScript.
#ifndef FMANDEL_BINDING_EXPORTS_H
#define FMANDEL_BINDING_EXPORTS_H

#include <napi.h>

namespace binding {

void export_original(Napi::Env env, Napi::Object exports);
void export_tile(Napi::Env env, Napi::Object exports);
void export_julia(Napi::Env env, Napi::Object exports);
void export_orbit(Napi::Env env, Napi::Object exports);
void export_exact(Napi::Env env, Napi::Object exports);
void export_deep(Napi::Env env, Napi::Object exports);
void export_styles(Napi::Env env, Napi::Object exports);
void export_encode(Napi::Env env, Napi::Object exports);
void export_film(Napi::Env env, Napi::Object exports);
void export_memory(Napi::Env env, Napi::Object exports);

}  // namespace binding

#endif

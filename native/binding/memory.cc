#include "binding/arguments.h"
#include "binding/exports.h"

namespace binding {
namespace {

// Counts the bytes of an array as memory that garbage holds, until the array itself is collected.
void ReportExternalMemory(const Napi::CallbackInfo& info) {
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

}  // namespace

void export_memory(Napi::Env env, Napi::Object exports) {
  exports["reportExternalMemory"] = Napi::Function::New(env, ReportExternalMemory, "reportExternalMemory");
}

}  // namespace binding

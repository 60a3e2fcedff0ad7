// Memory of the threads apart from the kernels: malloc settings, and arrays whose pages return to
// the system before the garbage collector has run.
#include <cstdlib>

#include "binding/arguments.h"
#include "binding/exports.h"

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif
// scripts/prebuild.mjs compiles for musl with headers of glibc
#if defined(__GLIBC__) && !defined(FMANDEL_MUSL)
#include <malloc.h>
#endif

namespace binding {
namespace {

/*
 * glibc maps large blocks and unmaps them as they are freed. But each freed one raises the
 * threshold for that, up to 32 MB; smaller blocks come from heaps with holes that are never
 * returned. After half a minute of orbits of megabytes these held 410 MB, with 180 MB of orbits. So
 * the size is fixed, above the buffers of a tile of 256 x 256: mapping those too took 13 % of a
 * tile's time in new pages. The heap keeps a few MB at its top for the same reason.
 */
constexpr int MAPPED_BYTES = 1 << 20, TOP_BYTES = 1 << 22;
// each arena keeps its own holes. Existing arenas of threads stay
constexpr int ARENAS = 2;

void set_up_malloc() {
#if defined(__GLIBC__) && !defined(FMANDEL_MUSL)
  // settings from the environment take precedence
  if (!std::getenv("MALLOC_MMAP_THRESHOLD_")) mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES);
  if (!std::getenv("MALLOC_TRIM_THRESHOLD_")) mallopt(M_TRIM_THRESHOLD, TOP_BYTES);
  if (!std::getenv("MALLOC_ARENA_MAX")) mallopt(M_ARENA_MAX, ARENAS);
#endif
}

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

// array: any typed array. Its contents are lost: whole pages of it are zeros from now on, and take
// no memory until they are written again.
void Discard(const Napi::CallbackInfo& info) {
  if (!info[0].IsTypedArray()) {
    throw Napi::TypeError::New(info.Env(), "array must be a typed array, it was " + text(info[0]));
  }
#if defined(__linux__)
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(info.Env(), info[0], &type, &length, &data, nullptr, nullptr) != napi_ok || !data) return;
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE)), at = reinterpret_cast<uintptr_t>(data);
  const uintptr_t first = (at + page - 1) / page * page, last = (at + info[0].As<Napi::TypedArray>().ByteLength()) / page * page;
  // advice: if it is refused, the memory is freed when the array is collected
  if (last > first) madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
#endif
}

}  // namespace

void export_memory(Napi::Env env, Napi::Object exports) {
  // Every thread loads this, the main thread before it starts others: a static is set up once.
  // std::call_once would need glibc 2.34
  [[maybe_unused]] static const bool once = (set_up_malloc(), true);
  exports["reportExternalMemory"] = Napi::Function::New(env, ReportExternalMemory, "reportExternalMemory");
  exports["discard"] = Napi::Function::New(env, Discard, "discard");
}

}  // namespace binding

// An array of megabytes that grows, in large pages if the system provides them.
#ifndef FMANDEL_BINDING_GROWING_H
#define FMANDEL_BINDING_GROWING_H

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace binding {

/*
 * Large arrays are requested in pages of 2 MB, because the page faults of small pages took a
 * quarter of the time of a long orbit and its tables.
 */
constexpr size_t LARGE_PAGE = 1 << 21;

inline void in_large_pages([[maybe_unused]] void* from, [[maybe_unused]] size_t bytes) {
#ifdef MADV_HUGEPAGE
  const uintptr_t at = reinterpret_cast<uintptr_t>(from), first = (at + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE, last = (at + bytes) / LARGE_PAGE * LARGE_PAGE;
  // advice: ignoring it costs nothing
  if (last > first) madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
#endif
}

// Memory for std::free(). Windows has no aligned_alloc, and needs none: it has no such pages.
inline void* allocate(size_t bytes) {
#ifdef MADV_HUGEPAGE
  if (bytes >= LARGE_PAGE) {
    void* const from = std::aligned_alloc(LARGE_PAGE, (bytes + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE);
    if (from) in_large_pages(from, bytes);
    return from;
  }
#endif
  return std::malloc(bytes);
}

// An array that grows. New elements are not initialised.
template <typename T>
class Growing {
 public:
  Growing() = default;
  Growing(const Growing&) = delete;
  Growing& operator=(const Growing&) = delete;
  ~Growing() { std::free(data_); }

  void resize(int64_t count) {
    const size_t bytes = count * sizeof(T);
    void* const more = allocate(bytes);
    if (!more) throw std::bad_alloc();
    if (count_ > 0) std::memcpy(more, data_, std::min(count, count_) * sizeof(T));
    std::free(data_);
    data_ = static_cast<T*>(more);
    count_ = count;
  }

  void clear() {
    std::free(data_);
    data_ = nullptr;
    count_ = 0;
  }

  T* data() { return data_; }
  int64_t size() const { return count_; }

 private:
  T* data_ = nullptr;
  int64_t count_ = 0;
};

}  // namespace binding

#endif

/*
 * The platforms on which the library is correct. It needs GCC or Clang (vectors, 128-bit integers),
 * 64 bits, and little-endian order: the deflate encoder writes words as they lie in memory.
 */
#ifndef FMANDEL_PLATFORM_H
#define FMANDEL_PLATFORM_H

#if !defined(__GNUC__)
#error "fmandel needs GCC or Clang"
#endif

#if __SIZEOF_POINTER__ != 8 || !defined(__SIZEOF_INT128__)
#error "fmandel needs a 64-bit platform"
#endif

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "fmandel needs a little-endian platform"
#endif

/* Windows aligns the stack to 16 bytes, and GCC puts vectors of 32 and 64 there as if aligned */
#if defined(_WIN32) && !defined(__clang__)
#error "fmandel on Windows needs Clang: GCC misaligns vectors on the stack there"
#endif

#endif

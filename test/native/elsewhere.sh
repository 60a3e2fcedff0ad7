#!/usr/bin/env bash
# The C library as others link it: with CMake and with pkg-config, installed and as a subdirectory;
# and the platforms that it refuses, with their compilers if these are installed. Needs cmake and
# pkg-config. Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# check NAME COMMAND...: counts whether a command succeeds
check() {
  if "${@:2}" >"$work/log" 2>&1; then echo "$1: passed"; passed=$((passed + 1))
  else cat "$work/log"; echo "$1: FAILED"; failed=$((failed + 1)); fi
}

# refused COMPILER WORDS FLAG...: does a compiler reject the public header with these words?
refused() {
  ! "$1" "${@:3}" -ffreestanding -fsyntax-only -I native/include native/include/fmandel/fmandel.h 2>"$work/said" && grep -q "$2" "$work/said"
}

# draws PROGRAM: does the example draw a line of the set?
draws() { "$1" | grep -q '[#*@]'; }

installed() { cmake -S native -B "$work/$1" -DCMAKE_INSTALL_PREFIX="$work/usr-$1" -DCMAKE_INSTALL_LIBDIR=lib "${@:2}" && cmake --build "$work/$1" -j 2 && cmake --install "$work/$1"; }

# a project that finds the installed library
mkdir "$work/found"
cp native/example.c "$work/found"
cat >"$work/found/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.19)
project(found LANGUAGES C)
find_package(fmandel 0.1 REQUIRED)
add_executable(example example.c)
target_link_libraries(example fmandel::fmandel)
END
# a project that includes it as a folder
mkdir "$work/folder"
cp native/example.c "$work/folder"
cat >"$work/folder/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.19)
project(folder LANGUAGES C)
add_subdirectory($PWD/native fmandel)
add_executable(example example.c)
target_link_libraries(example fmandel::fmandel)
END

by_find_package() { cmake -S "$work/found" -B "$work/found/build-$1" -DCMAKE_PREFIX_PATH="$work/usr-$1" && cmake --build "$work/found/build-$1" && draws "$work/found/build-$1/example"; }
by_pkg_config() {
  export PKG_CONFIG_PATH=$work/usr-$1/lib/pkgconfig
  cc native/example.c $(pkg-config "${@:2}" --cflags --libs fmandel) -o "$work/by-pkg-config" && LD_LIBRARY_PATH=$work/usr-$1/lib draws "$work/by-pkg-config"
}
by_folder() { cmake -S "$work/folder" -B "$work/folder/build" && cmake --build "$work/folder/build" -j 2 && draws "$work/folder/build/example"; }

check 'CMake, static' installed static
check 'find_package, static' by_find_package static
check 'pkg-config, static' by_pkg_config static --static
check 'CMake, shared' installed shared -DBUILD_SHARED_LIBS=ON
check 'find_package, shared' by_find_package shared
check 'pkg-config, shared' by_pkg_config shared
check 'add_subdirectory' by_folder

check '32 bits, refused' refused cc '64-bit platform' -m32
for row in 's390x-linux-gnu-gcc little-endian' 'i686-linux-gnu-gcc 64-bit' 'x86_64-w64-mingw32-gcc Windows needs Clang'; do
  compiler=${row%% *}
  if command -v "$compiler" >/dev/null; then check "$compiler, refused" refused "$compiler" "${row#* }"
  else echo "$compiler is not installed: left out"; fi
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

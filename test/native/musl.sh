#!/usr/bin/env bash
# The prebuilt native library for musl, run on musl: by Bun, which npm has for musl, unlike Node.
# Its numbers must be those of the library for glibc in Node, bit for bit. Builds both (npm run
# prebuild); needs musl-dev. Ends with "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/../.."
node scripts/prebuild.mjs linux-x64 linux-x64-musl
runtime=build/musl
mkdir -p "$runtime/lib"
[ -e "$runtime/package/bin/bun" ] || { npm pack --silent --pack-destination "$runtime" @oven/bun-linux-x64-musl@1.4.5 >/dev/null; tar -xzf "$runtime"/oven-bun-*.tgz -C "$runtime"; }
cp "$(g++ -print-file-name=libstdc++.so.6)" "$(g++ -print-file-name=libgcc_s.so.1)" "$runtime/lib/"
ln -sf /lib/ld-musl-x86_64.so.1 "$runtime/lib/libc.musl-x86_64.so.1"
gcc -specs /usr/lib/x86_64-linux-musl/musl-gcc.specs -O1 -Wall -Wextra -shared -fPIC test/native/musl.c -o "$runtime/lib/ld-linux-x86-64.so.2"

node test/native/numbers.cjs "$PWD/build/prebuilt/linux-x64/fmandel.node" >"$runtime/glibc"
LD_LIBRARY_PATH=$PWD/$runtime/lib "$runtime/package/bin/bun" test/native/numbers.cjs "$PWD/build/prebuilt/linux-x64-musl/fmandel.node" >"$runtime/musl"
if diff "$runtime/glibc" "$runtime/musl"; then echo '1 passed, 0 failed'; else echo '0 passed, 1 failed'; exit 1; fi

#!/usr/bin/env bash
# The prebuilt native library for musl, run on musl: by Bun, which npm has for musl, unlike Node.
# Its numbers must be those of the library for glibc in Node, bit for bit. Builds both (npm run
# prebuilds); needs musl-dev. Ends with "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/../.."
node scripts/prebuild.mjs linux-x64 linux-x64-musl
runtime=build/musl
mkdir -p "$runtime/lib"
[ -e "$runtime/package/bin/bun" ] || { npm pack --silent --pack-destination "$runtime" @oven/bun-linux-x64-musl@1.4.5 >/dev/null; tar -xzf "$runtime"/oven-bun-*.tgz -C "$runtime"; }
cp "$(g++ -print-file-name=libstdc++.so.6)" "$(g++ -print-file-name=libgcc_s.so.1)" "$runtime/lib/"
ln -sf /lib/ld-musl-x86_64.so.1 "$runtime/lib/libc.musl-x86_64.so.1"
gcc -specs /usr/lib/x86_64-linux-musl/musl-gcc.specs -O1 -Wall -Wextra -shared -fPIC test/native/musl.c -o "$runtime/lib/ld-linux-x86-64.so.2"

cat >"$runtime/numbers.cjs" <<'END'
const kernel = require(process.argv[2])
const { createHash } = require('node:crypto')
const SIDE = 256
const axis = (from, width) => Float64Array.from({ length: SIDE }, (_, at) => from + (at * width) / SIDE)
const nu = new Float64Array(SIDE * SIDE)
const bytes = (array) => createHash('sha256').update(new Uint8Array(array.buffer)).digest('hex')
for (const [re, im, width] of [[-2, -1.5, 3], [-0.75, 0.09, 0.02], [-1.7687789, -0.00001, 0.0001]]) {
  console.log(JSON.stringify(kernel.tile(axis(re, width), axis(im, width), 2000, 256, nu)), bytes(nu))
  const index = new Uint8Array(nu.length)
  kernel.paletteIndices(nu, 1.5, 8, 0.25, index)
  const rows = new Uint8Array(SIDE * (SIDE + 1))
  kernel.pngSubFilter(index, SIDE, SIDE, rows)
  const out = new Uint8Array(2 * rows.length + 600 * (Math.floor(rows.length / 16384) + 1) + 16)
  console.log(bytes(index), kernel.deflate(rows, out), bytes(out))
}
kernel.julia(-0.8, 0.156, axis(-1.6, 3.2), axis(-1.6, 3.2), 1000, 256, nu)
console.log(bytes(nu), kernel.f(0.5, 0.5, 100), kernel.interiorRadius(-0.1, 0.05))
END
node "$runtime/numbers.cjs" "$PWD/build/prebuilt/linux-x64/fmandel.node" >"$runtime/glibc"
LD_LIBRARY_PATH=$PWD/$runtime/lib "$runtime/package/bin/bun" "$runtime/numbers.cjs" "$PWD/build/prebuilt/linux-x64-musl/fmandel.node" >"$runtime/musl"
if diff "$runtime/glibc" "$runtime/musl"; then echo '1 passed, 0 failed'; else echo '0 passed, 1 failed'; exit 1; fi

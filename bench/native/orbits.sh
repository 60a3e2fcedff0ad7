#!/bin/sh
# reference orbits, periods and nuclei at well-known locations: CPU seconds
set -e
cd "$(dirname "$0")/../.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
sh bench/native/library.sh "$out"
${CC:-cc} -std=gnu11 -O3 -ffp-contract=off -Inative/include -o "$out/orbits" bench/native/orbits.c "$out/libfmandel.a" -lm
"$out/orbits"

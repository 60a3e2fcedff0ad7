#!/bin/sh
# the tile kernel against the original loop: CPU milliseconds and ratios
set -e
cd "$(dirname "$0")/../.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
sh bench/native/library.sh "$out"
${CC:-cc} -O3 -march=native -c bench/native/original.c -o "$out/original.o"
${CC:-cc} -std=c11 -D_GNU_SOURCE -O3 -ffp-contract=off -Wall -Wextra -Inative/include -o "$out/tile" bench/native/tile.c bench/native/peak.c "$out/original.o" \
  "$out/libfmandel.a" -lm
"$out/tile"

#!/bin/sh
# the tile kernel against the original's loop: CPU milliseconds and ratios
set -e
cd "$(dirname "$0")/../.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
${CC:-cc} -O3 -march=native -c bench/native/original.c -o "$out/original.o"
${CC:-cc} -std=c11 -D_GNU_SOURCE -O3 -ffp-contract=off -Wall -Wextra -o "$out/tile" bench/native/tile.c bench/native/peak.c "$out/original.o" \
  native/fmandel.c native/isa.c native/lanes_*.c native/scalar.c native/tile.c -lm
"$out/tile"

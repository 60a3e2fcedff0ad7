#!/bin/sh
# fixed-point iterations against GMP; needs libgmp-dev
set -e
cd "$(dirname "$0")/../.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
sh bench/native/library.sh "$out"
${CC:-cc} -std=gnu11 -O3 -ffp-contract=off -Inative/include -o "$out/gmp" bench/native/gmp.c "$out/libfmandel.a" -lgmp -lm
"$out/gmp"

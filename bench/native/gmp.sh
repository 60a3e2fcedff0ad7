#!/bin/sh
# fixed-point iterations against GMP's; needs libgmp-dev
set -e
cd "$(dirname "$0")/../.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
${CC:-cc} -std=gnu11 -O3 -ffp-contract=off -o "$out/gmp" bench/native/gmp.c native/orbit.c native/nucleus.c native/fixed.c native/decimal.c native/limbs.c native/fourier.c native/isa.c -lgmp -lm
"$out/gmp"

#!/bin/sh
# reference orbits, periods and nuclei at well-known places: CPU seconds
set -e
cd "$(dirname "$0")/../.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for part in orbit nucleus fixed decimal limbs fourier isa; do
  ${CC:-cc} -std=gnu11 -O3 -ffp-contract=off -c -o "$out/$part.o" native/$part.c
done
${CC:-cc} -std=gnu11 -O3 -ffp-contract=off -o "$out/orbits" bench/native/orbits.c "$out"/*.o -lm
"$out/orbits"

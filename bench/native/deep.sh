#!/bin/sh
# deep views by the library alone: CPU seconds of orbit, table and pixels; an argument chooses a
# location
set -e
cd "$(dirname "$0")/../.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
sh bench/native/library.sh "$out"
${CC:-cc} -std=gnu11 -O3 -ffp-contract=off -Wall -Wextra -pthread -Inative/include -o "$out/deep" bench/native/deep.c "$out/libfmandel.a" -lm
# memory in large pages, as in the server
GLIBC_TUNABLES=glibc.malloc.hugetlb=1 "$out/deep" "$@"

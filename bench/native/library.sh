#!/bin/sh
# library.sh FOLDER: compiles every source of native/ into FOLDER/libfmandel.a, by CC and as the
# addon's build does
set -e
find native -mindepth 2 -name '*.c' | sort -r |
  xargs -P "$(getconf _NPROCESSORS_ONLN)" -I{} sh -c '
    ${CC:-cc} -std=gnu11 -O3 -ffp-contract=off -Inative/include -Inative -c -o "$0/$(basename {} .c).o" {}' "$1"
ar rcs "$1/libfmandel.a" "$1"/*.o

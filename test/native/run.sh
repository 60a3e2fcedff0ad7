#!/usr/bin/env bash
# The library and its C tests by the compiler alone: plain with every instruction set, under sanitizers, and, where the tools are
# there, NEON under an emulator. CC=clang chooses another compiler; arguments choose tests by name: run.sh tile smooth.
# Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/../.."
CC=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
FLAGS=(-std=c11 -D_GNU_SOURCE -g -ffp-contract=off -Wall -Wextra -pthread)
passed=0 failed=0
if [ $# -gt 0 ]; then chosen=("$@"); else chosen=($(basename -as _test.c test/native/*_test.c)); fi

# build NAME COMPILER FLAG...: the library's objects once, then every test program
build() {
  local dir=$work/$1 compiler=$2 source; shift 2
  mkdir -p "$dir"
  local objects=()
  for source in native/*.c; do
    [ "$source" = native/example.c ] && continue
    objects+=("$dir/$(basename "$source" .c).o")
    echo "$compiler" "${FLAGS[*]}" "$*" -c "$source" -o "${objects[-1]}"
  done | xargs -P 2 -I{} sh -c '{}' || return 1
  for source in "${chosen[@]}"; do
    echo "$compiler" "${FLAGS[*]}" "$*" "test/native/${source}_test.c" "$dir/*.o" -lm -o "$dir/${source}_test"
  done | xargs -P 2 -I{} sh -c '{}' || return 1
}

# run NAME PROGRAMS COMMAND...: puts the test programs of a build that match in the line, started by the command
run() {
  local dir=$work/$1 programs=$2 program; shift 2
  for program in "$dir"/$programs; do [ -x "$program" ] && echo "$* $program" >>"$work/line"; done
}

# one COMMAND...: runs a test program; its output is shown where it did not pass
one() {
  local output count
  output=$("$@" 2>&1)
  count=$(tail -n 1 <<<"$output")
  [[ $count =~ ^[0-9]+\ passed,\ 0\ failed$ ]] || { tail -n 40 <<<"$output"; [[ $count =~ passed,.*failed$ ]] || count='0 passed, 1 failed'; }
  echo "$(basename "$(dirname "${*: -1}")") ${*:1:$#-1} $(basename "${*: -1}"): $count"
}
export -f one

attempt() {
  echo "== $1 ($2)"
  build "$@" || { echo "$1 does not build"; failed=$((failed + 1)); return 1; }
}

# clang comes without its sanitizers in some distributions
sanitizes() {
  echo 'int main(void) { return 0; }' | "$CC" -fsanitize="$1" -x c - -o "$work/probe" 2>/dev/null ||
    { echo "the sanitizer $1 was not run: $CC comes without it"; return 1; }
}

# the emulator takes longest and goes first
cross=aarch64-linux-gnu-gcc
emulator=$(command -v qemu-aarch64 || command -v qemu-aarch64-static)
if command -v $cross >/dev/null && [ -n "$emulator" ]; then
  attempt neon $cross -O3 -static -DEMULATED && run neon '*_test' "$emulator"
else
  echo "NEON was not run: it wants $cross and qemu-aarch64"
fi

# with the best instruction set there is, and what has kernels with those below it too
if attempt plain "$CC" -O3; then
  run plain '*_test' env
  for program in tile julia smooth deep field; do
    run plain "${program}_test" env FMANDEL_ISA=baseline
    if grep -qw avx512dq /proc/cpuinfo 2>/dev/null; then run plain "${program}_test" env FMANDEL_ISA=avx2; fi
  done
  grep -qw avx512dq /proc/cpuinfo 2>/dev/null || echo 'avx512 was compiled and not run: this processor does not have it'
fi
if sanitizes address,undefined; then
  attempt address "$CC" -O1 -fsanitize=address,undefined -fno-sanitize-recover=all && run address '*_test' env
fi
# the thread sanitizer wants its own places in memory, which randomised addresses may take
still=env
setarch -R true 2>/dev/null && still='setarch -R'
if sanitizes thread; then
  attempt thread "$CC" -O1 -fsanitize=thread && run thread 'tile_test' $still
fi

# as many at a time as there are cores
xargs -P "$(nproc)" -I{} bash -c 'one {}' <"$work/line" | tee "$work/output"
while read -r p f; do passed=$((passed + p)) failed=$((failed + f)); done < <(sed -nE 's/.*: ([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$work/output")
[ "$(grep -cE ': [0-9]+ passed, [0-9]+ failed$' "$work/output")" = "$(wc -l <"$work/line")" ] || failed=$((failed + 1))

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

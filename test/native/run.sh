#!/usr/bin/env bash
# Builds the library and its C tests with the compiler alone: plain with every instruction set,
# under sanitizers, and, if the tools exist, NEON under an emulator and libFuzzer for a minute
# (FUZZ_SECONDS). CC=clang chooses another compiler; arguments choose tests by name: run.sh tile
# smooth. Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/../.."
CC=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
FLAGS=(-std=c11 -D_GNU_SOURCE -ffp-contract=off -Wall -Wextra -pthread -Inative/include -Inative)
passed=0 failed=0
# what has a kernel of its own for every instruction set
VECTORS='bound deep deflate derivative film fma interior julia reference smooth styles tile'
if [ $# -gt 0 ]; then chosen=("$@") emulated=$*
else chosen=($(basename -as _test.c test/native/*_test.c)) emulated=$VECTORS; fi

# build NAME PROGRAMS COMPILER FLAG...: adds the lines that compile the library once, and link each
# of these test programs
build() {
  local name=$1 programs=$2 compiler="$3 ${FLAGS[*]} ${*:4}" source
  echo "== $name ($3)"
  mkdir -p "$work/$name"
  for source in "${library[@]}"; do
    echo "$compiler -c $source -o $work/$name/$(basename "$source" .c).o" >>"$work/compile"
  done
  for source in $programs; do
    echo "$compiler test/native/${source}_test.c $work/$name/*.o -lm -o $work/$name/${source}_test" >>"$work/link"
  done
}

# run NAME PROGRAMS COMMAND...: adds the lines that run the chosen test programs of a build with the
# command
run() {
  local name=$1 program
  for program in $2; do
    [[ " ${chosen[*]} " == *" $program "* ]] && echo "${*:3} $work/$name/${program}_test" >>"$work/run"
  done
}

# side_by_side LINES COMMAND...: runs the command for each line of a file, one per core at a time
side_by_side() {
  [ ! -e "$work/$1" ] || xargs -P "$(nproc)" -I{} "${@:2}" <"$work/$1"
}

# one COMMAND...: runs a test program; shows its output if it fails
one() {
  local output count
  output=$("$@" 2>&1)
  count=$(tail -n 1 <<<"$output")
  [[ $count =~ ^[0-9]+\ passed,\ 0\ failed$ ]] || { tail -n 40 <<<"$output"; [[ $count =~ passed,.*failed$ ]] || count='0 passed, 1 failed'; }
  echo "$(basename "$(dirname "${*: -1}")") ${*:1:$#-1} $(basename "${*: -1}"): $count"
}
export -f one

# fuzzed PROGRAM: lets libFuzzer search for an input that fails a sanitizer, exhausts memory, or
# takes a minute. With FUZZ_SECONDS it searches elsewhere each time
fuzzed() {
  "$1" $([ -n "${FUZZ_SECONDS:-}" ] || echo -seed=1) -max_total_time="${FUZZ_SECONDS:-60}" -max_len=600 -len_control=0 -timeout=60 -rss_limit_mb=1500 -print_final_stats=1 -artifact_prefix="$(dirname "$1")/" &&
    echo '1 passed, 0 failed'
}
export -f fuzzed

# sanitizes SANITIZERS [COMPILER ENTRY]: clang comes without its sanitizers in some distributions
sanitizes() {
  echo "int ${3:-main}(void) { return 0; }" | "${2:-$CC}" -fsanitize="$1" -x c - -o "$work/probe" 2>/dev/null ||
    { echo "the sanitizer $1 was not run: ${2:-$CC} comes without it"; return 1; }
}

# every source below a folder of native/, the largest first
mapfile -t library < <(find native -mindepth 2 -name '*.c' | sort -r)
# the emulator takes longest and goes first
cross=aarch64-linux-gnu-gcc
emulator=$(command -v qemu-aarch64 || command -v qemu-aarch64-static)
if command -v $cross >/dev/null && [ -n "$emulator" ]; then
  # of all tests those with vectors: for the others the emulator takes 72 s of a core
  build neon "$emulated" $cross -O3 -static -DEMULATED
  run neon "$emulated" "$emulator"
else
  echo "NEON was not run: it wants $cross and qemu-aarch64"
fi

# code that reads buffers of unknown origin
if [[ " ${chosen[*]} " != *' unpack '* ]]; then
  :
elif ! command -v clang >/dev/null; then
  echo 'libFuzzer was not run: it wants clang'
elif sanitizes fuzzer,address,undefined clang LLVMFuzzerTestOneInput; then
  # not optimised, and with one instruction set: these take minutes to compile, and save little at
  # this size
  build fuzz '' clang -g -O0 -DFMANDEL_BASELINE -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
  echo "clang ${FLAGS[*]} -g -O0 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all test/native/unpack_fuzz.c $work/fuzz/*.o -lm -o $work/fuzz/unpack_fuzz" >>"$work/link"
  echo "fuzzed $work/fuzz/unpack_fuzz" >>"$work/run"
fi

# with the best instruction set available; programs with kernels also with the lower ones
build plain "${chosen[*]}" "$CC" -O3
run plain "${chosen[*]}" env
run plain 'deep reference tile julia smooth styles' env FMANDEL_ISA=baseline
if grep -qw avx512dq /proc/cpuinfo 2>/dev/null; then
  run plain 'deep reference tile julia smooth styles' env FMANDEL_ISA=avx2
else
  echo 'avx512 was compiled and not run: this processor does not have it'
fi
# sanitizers name lines
if sanitizes address,undefined; then
  build address "${chosen[*]}" "$CC" -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
  run address "${chosen[*]}" env
fi
# the thread sanitizer needs fixed addresses, which address randomisation may take
still=env
setarch -R true 2>/dev/null && still='setarch -R'
if sanitizes thread; then
  build thread tile "$CC" -g -O1 -fsanitize=thread
  run thread tile $still
fi

side_by_side compile sh -c '{}'
side_by_side link sh -c '{}'
side_by_side run bash -c 'one {}' | tee "$work/output"
while read -r p f; do passed=$((passed + p)) failed=$((failed + f)); done < <(sed -nE 's/.*: ([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$work/output")
[ "$(grep -cE ': [0-9]+ passed, [0-9]+ failed$' "$work/output")" = "$(wc -l <"$work/run")" ] || failed=$((failed + 1))

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

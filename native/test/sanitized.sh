#!/usr/bin/env bash
# Everything native under the sanitizers: the fuzz targets with every instruction set of this machine under ASan and
# UBSan, the vitest suite of the addon under the same, and the kernels from many threads under TSan.
# Needs clang, libclang-rt-dev and cmake; exits with 3 when they are not there.
# Usage: native/test/sanitized.sh [libFuzzer's limit for each target: -runs=N or -max_total_time=SECONDS]
set -euo pipefail
cd "$(dirname "$0")/../.."
limit=${1:--runs=100000}
build=native/build/sanitized
jobs=$(nproc)
mkdir -p $build/findings

if ! echo 'extern "C" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }' |
  clang++ -x c++ -fsanitize=address,undefined,fuzzer - -o $build/probe 2>/dev/null; then
  echo "SKIPPED: clang++ with its sanitizers and libFuzzer is not installed; nothing native was fuzzed" >&2
  exit 3
fi
# Sanitizers of this age do not know how far newer kernels spread addresses.
fixed=()
if setarch "$(uname -m)" -R true 2>/dev/null; then fixed=(setarch "$(uname -m)" -R); fi
# Leaks are found by tracing the process, which some containers forbid.
leaks=0
if ASAN_OPTIONS=detect_leaks=1 "${fixed[@]}" $build/probe -runs=1 >/dev/null 2>&1; then leaks=1; fi
[ $leaks -eq 1 ] || echo "SKIPPED: leaks are not looked for, since this system does not let a process be traced" >&2
# Node itself leaks at exit by design, and large allocations are to fail as they would without a sanitizer.
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1

headers="$(node -p 'require("node-api-headers").include_dir');$(node -p 'require("node-addon-api").include.replace(/"/g, "")')"
cmake -S native -B $build/address -DCMAKE_CXX_COMPILER=clang++ -DAUDIT_FUZZ=ON -DAUDIT_OPTIMISE=-O1 \
  -DAUDIT_SANITIZE=address,undefined,float-cast-overflow \
  "-DCMAKE_JS_INC=$headers" -DCMAKE_SHARED_LINKER_FLAGS=-shared-libsan >/dev/null
cmake --build $build/address -j "$jobs"

# One target a core; what a target learns is kept for the next run.
fuzz() {
  local log=$build/findings/$1.log
  mkdir -p "$build/corpus/$1"
  if ! ASAN_OPTIONS=detect_leaks=$leaks "${fixed[@]}" $build/address/fuzz/fuzz-"$1" "$limit" -max_len=512 -timeout=20 \
    -print_final_stats=1 -artifact_prefix=$build/findings/"$1"- "$build/corpus/$1" >"$log" 2>&1; then
    cat "$log"
    return 1
  fi
  echo "$1: $(grep -E 'number_of_executed_units|average_exec_per_sec' "$log" | tr -s ' \n' ' ')$(grep -c . < <(ls "$build/corpus/$1")) in the corpus"
}
running=()
for target in filters pixels ranks; do
  while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n || exit 1; done
  fuzz $target &
  running+=($!)
done
for one in "${running[@]}"; do wait "$one"; done

STRATUM_NATIVE_ADDON="$PWD/$build/address/Release/stratum_native.node" \
  LD_PRELOAD="$(clang++ -print-file-name=libclang_rt.asan-"$(uname -m)".so)" \
  "${fixed[@]}" npx vitest run --project all tests/native

cmake -S native -B $build/thread -DAUDIT_TESTS=ON -DAUDIT_PORTABLE=ON -DAUDIT_SANITIZE=thread \
  -DAUDIT_OPTIMISE=-O1 >/dev/null
cmake --build $build/thread -j "$jobs" --target threads-test
"${fixed[@]}" $build/thread/test/threads-test
echo "sanitized: nothing found"

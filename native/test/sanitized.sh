#!/usr/bin/env bash
# Everything native under the sanitizers: the fuzz targets for some seconds each, the vitest suite of the addon under
# ASan and UBSan, and the kernels from many threads under TSan. Needs clang, libclang-rt-dev and cmake.
# Usage: native/test/sanitized.sh [seconds per fuzz target]
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-20}
build=native/build/sanitized
headers="$(node -p 'require("node-api-headers").include_dir');$(node -p 'require("node-addon-api").include.replace(/"/g, "")')"

cmake -S native -B $build/address -DCMAKE_CXX_COMPILER=clang++ -DAUDIT_PORTABLE=ON -DAUDIT_FUZZ=ON \
  -DAUDIT_SANITIZE=address,undefined -DCMAKE_CXX_FLAGS_RELEASE=-O1 >/dev/null
cmake --build $build/address -j 2
for target in filters pixels ranks; do
  $build/address/fuzz/fuzz-$target -max_total_time="$seconds" -max_len=4096 -print_final_stats=1
done

cmake -S native -B $build/addon -DCMAKE_CXX_COMPILER=clang++ -DAUDIT_PORTABLE=ON -DAUDIT_SANITIZE=address,undefined \
  -DCMAKE_CXX_FLAGS_RELEASE=-O1 "-DCMAKE_JS_INC=$headers" -DCMAKE_SHARED_LINKER_FLAGS=-shared-libsan >/dev/null
cmake --build $build/addon -j 2 --target stratum_native
# Node itself leaks at exit by design.
STRATUM_NATIVE_ADDON="$PWD/$build/addon/Release/stratum_native.node" \
  LD_PRELOAD="$(clang++ -print-file-name=libclang_rt.asan-$(uname -m).so)" \
  ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 \
  npx vitest run --project all tests/native

cmake -S native -B $build/thread -DAUDIT_TESTS=ON -DAUDIT_PORTABLE=ON -DAUDIT_SANITIZE=thread \
  -DCMAKE_CXX_FLAGS_RELEASE=-O1 >/dev/null
cmake --build $build/thread -j 2 --target threads-test
$build/thread/test/threads-test

#!/usr/bin/env bash
# The kernels and their tests cross-compiled for arm64 and run under emulation: a check that the portable code builds and
# answers alike there, where no such machine is at hand. No Node: the addon itself is not loaded.
# Needs g++-aarch64-linux-gnu, qemu-user and cmake (Debian).
set -euo pipefail
cd "$(dirname "$0")/../.."
build=native/build/arm64
cmake -S native -B $build -DAUDIT_TESTS=ON -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
  -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ \
  "-DCMAKE_CROSSCOMPILING_EMULATOR=qemu-aarch64;-L;/usr/aarch64-linux-gnu" >/dev/null
cmake --build $build -j "$(nproc)" >/dev/null
ctest --test-dir $build -j "$(nproc)" --output-on-failure --timeout 3600

#!/usr/bin/env bash
# The kernels' own tests, in the build that ships: against naive transforms, from many threads, and over random inputs
# between guard pages (20,000 a target; STRATUM_FUZZ_INPUTS asks for more). After `npm run build:native`.
set -euo pipefail
cd "$(dirname "$0")/../.."
cmake native/build -DAUDIT_TESTS=ON >/dev/null
cmake --build native/build -j "$(nproc)" >/dev/null
ctest --test-dir native/build -j "$(nproc)" --output-on-failure --timeout 3600

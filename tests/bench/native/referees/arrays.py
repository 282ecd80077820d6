"""Frequency filters by the study's own recipe (NumPy, double), by SciPy and by torch in single precision.

Reads lines "<method> <kind> <radius>" and answers with the CPU microseconds an image took, or "absent".
"""

import os
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402

try:
    import scipy.fft
except ImportError:
    scipy = None
try:
    import torch

    torch.set_num_threads(1)
except ImportError:
    torch = None

rows, cols, count = map(int, sys.argv[1:4])
images = np.random.default_rng(1).random((count, rows, cols), dtype=np.float32)


def mask_of(kind, radius):
    y, x = np.ogrid[:rows, :cols]
    inside = (y - rows / 2) ** 2 + (x - cols / 2) ** 2 < radius**2
    return inside if kind == "low" else ~inside


def recipe(mask):
    for image in images:
        shifted = np.fft.fftshift(np.fft.fft2(image)) * mask
        np.fft.ifft2(np.fft.ifftshift(shifted)).real


def with_scipy(mask):
    half = np.fft.ifftshift(mask)[:, : cols // 2 + 1]
    scipy.fft.irfft2(scipy.fft.rfft2(images, workers=1) * half, s=(rows, cols), workers=1)


def with_torch(mask):
    half = torch.from_numpy(np.fft.ifftshift(mask)[:, : cols // 2 + 1].copy())
    torch.fft.irfft2(torch.fft.rfft2(torch.from_numpy(images)) * half, s=(rows, cols))


methods = {"recipe": recipe}
if scipy is not None:
    methods["scipy"] = with_scipy
if torch is not None:
    methods["torch"] = with_torch

print("ready", flush=True)
for line in sys.stdin:
    method, kind, radius = line.split()
    if method not in methods:
        print("absent", flush=True)
        continue
    mask = mask_of(kind, float(radius))
    began = time.process_time()
    methods[method](mask)
    print((time.process_time() - began) / count * 1e6, flush=True)

"""Frequency filters by the study's own recipe (NumPy, double), by SciPy and by torch in single precision.

Arguments: rows cols count threads folder. Questions: "<method> <kind> <radius>", a unit is an image.
"""

import os
import sys

rows, cols, count, threads = map(int, sys.argv[1:5])
folder = sys.argv[5]
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(threads)

import numpy as np  # noqa: E402
from asking import answer_questions  # noqa: E402

try:
    import scipy.fft
except ImportError:
    scipy = None
try:
    import torch

    torch.set_num_threads(threads)
except ImportError:
    torch = None

images = np.fromfile(f"{folder}/images.f32", dtype=np.float32, count=count * rows * cols).reshape(count, rows, cols)


def mask_of(kind, radius):
    y, x = np.ogrid[:rows, :cols]
    inside = (y - rows / 2) ** 2 + (x - cols / 2) ** 2 < radius**2
    return inside if kind == "low" else ~inside


def half_of(mask):
    """For half a spectrum, in its own order: the real part of the result sees the mean of a bin's mask and its mirror's."""
    whole = np.fft.ifftshift(mask).astype(np.float32)
    mirrored = np.roll(whole[::-1, ::-1], (1, 1), axis=(0, 1))
    return ((whole + mirrored) / 2)[:, : cols // 2 + 1].copy()


def recipe(mask):
    filtered = np.empty(images.shape)
    for i, image in enumerate(images):
        shifted = np.fft.fftshift(np.fft.fft2(image)) * mask
        filtered[i] = np.fft.ifft2(np.fft.ifftshift(shifted)).real
    return filtered


def with_scipy(mask):
    return scipy.fft.irfft2(scipy.fft.rfft2(images, workers=threads) * mask, s=(rows, cols), workers=threads)


def with_torch(mask):
    return torch.fft.irfft2(torch.fft.rfft2(torch.from_numpy(images)) * mask, s=(rows, cols)).numpy()


def work_of(words):
    method, kind, radius = words
    mask = mask_of(kind, float(radius))
    if method == "recipe":
        return lambda: recipe(mask)
    if method == "scipy" and scipy is not None:
        half = half_of(mask)
        return lambda: with_scipy(half)
    if method == "torch" and torch is not None:
        half = torch.from_numpy(half_of(mask))
        return lambda: with_torch(half)
    return None


answer_questions(folder, work_of, lambda words: count)

"""Resize, blur and patches by OpenCV, Pillow, SciPy and NumPy, one thread, into arrays that are already there.

Arguments: rows cols count folder. A unit is an image.
"""

import os
import sys

rows, cols, count = map(int, sys.argv[1:4])
folder = sys.argv[4]
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402
from asking import answer_questions  # noqa: E402

try:
    import cv2

    cv2.setNumThreads(1)
except ImportError:
    cv2 = None
try:
    from PIL import Image, ImageFilter
except ImportError:
    Image = None
try:
    from scipy import ndimage
except ImportError:
    ndimage = None

images = np.fromfile(f"{folder}/images.f32", dtype=np.float32, count=count * rows * cols).reshape(count, rows, cols)
same = np.empty_like(images)


def resize(peer, height, width):
    if peer == "opencv" and cv2 is not None:
        return lambda: [cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR) for image in images]
    if peer == "pillow" and Image is not None:
        whole = [Image.fromarray(image) for image in images]
        return lambda: [np.asarray(image.resize((width, height), Image.BILINEAR)) for image in whole]
    return None


def blur(peer, sigma):
    radius = int(4 * sigma + 0.5)
    if peer == "opencv" and cv2 is not None:
        side = (2 * radius + 1, 2 * radius + 1)
        return lambda: [
            cv2.GaussianBlur(image, side, sigma, borderType=cv2.BORDER_REFLECT, dst=to)
            for image, to in zip(images, same)
        ]
    if peer == "scipy" and ndimage is not None:
        return lambda: [ndimage.gaussian_filter(image, sigma) for image in images]
    if peer == "pillow" and Image is not None:
        # Bytes only, and boxes in place of the Gaussian: faster and not the same.
        whole = [Image.fromarray((image * 255 + 0.5).astype(np.uint8)) for image in images]
        return lambda: [np.asarray(image.filter(ImageFilter.GaussianBlur(sigma))) / 255 for image in whole]
    return None


def patch(mode, row, col, height, width):
    inside = np.s_[:, row : row + height, col : col + width]

    def keep():
        same[:] = 0.5
        same[inside] = images[inside]
        return same

    def remove():
        np.copyto(same, images)
        same[inside] = 0.5
        return same

    return keep if mode == "keep" else remove


def copy():
    np.copyto(same, images)
    return same


def work_of(words):
    what, *rest = words
    if what == "resize":
        return resize(rest[0], int(rest[1]), int(rest[2]))
    if what == "blur":
        return blur(rest[0], float(rest[1]))
    if what == "patch":
        return patch(rest[0], *map(int, rest[1:]))
    return copy


answer_questions(folder, work_of, lambda words: count)

"""The peer of the stratified AUC: scikit-learn for the AUC, NumPy for DeLong's variance (Sun & Xu 2014).

Reads columns written by the benchmark (float32 scores by class, uint8 class codes, uint8 strata), times the
computation on arrays that are already in memory, and prints seconds and cells as JSON.
"""

import json
import sys
import time

import numpy as np
from scipy.stats import rankdata
from sklearn.metrics import roc_auc_score


def delong_variance(scores, positive):
    """DeLong's variance by mid-ranks, O(n log n)."""
    p, q = scores[positive], scores[~positive]
    m, n = len(p), len(q)
    joint = rankdata(np.concatenate([p, q]))
    v10 = (joint[:m] - rankdata(p)) / n
    v01 = 1.0 - (joint[m:] - rankdata(q)) / m
    return v10.var(ddof=1) / m + v01.var(ddof=1) / n


def main():
    folder, rows, classes, strata, repeats = sys.argv[1], *map(int, sys.argv[2:6])
    scores = np.fromfile(f"{folder}/scores.f32", dtype="<f4").reshape(classes, rows)
    truth = np.fromfile(f"{folder}/truth.u8", dtype=np.uint8)
    stratum = np.fromfile(f"{folder}/strata.u8", dtype=np.uint8)
    seconds = []
    for _ in range(repeats):
        begun = time.perf_counter()
        cells = []
        for code in range(strata):
            inside = stratum == code
            for index in range(classes):
                positive = truth[inside] == index
                values = scores[index][inside]
                auc = roc_auc_score(positive, values)
                half = 1.959963984540054 * delong_variance(values, positive) ** 0.5
                cells.append([index, code, auc, auc - half, auc + half])
        seconds.append(time.perf_counter() - begun)
    print(json.dumps({"seconds": seconds, "cells": cells}))


main()

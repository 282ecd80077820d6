"""Stratified AUC with DeLong's variance, and the patient bootstrap, by scikit-learn and NumPy, one thread.

Arguments: strata patients folder; reads scores.f32, labels.u8, strata.u32, patients.u32. Questions: "auc" (a unit is the
whole table; the result is AUC and variance by stratum), "bootstrap rows K" and "bootstrap weights K": K replicates, by
drawing rows or by weighting them (a unit is a replicate). "write given K": AUCs of K replicates whose weights are in
weights.i32, K x patients, by stratum.
"""

import os
import sys

strata, patients = map(int, sys.argv[1:3])
folder = sys.argv[3]
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402
from asking import answer_questions  # noqa: E402
from scipy.stats import rankdata  # noqa: E402
from sklearn.metrics import roc_auc_score  # noqa: E402

scores = np.fromfile(f"{folder}/scores.f32", dtype=np.float32)
labels = np.fromfile(f"{folder}/labels.u8", dtype=np.uint8)
stratum = np.fromfile(f"{folder}/strata.u32", dtype=np.uint32)
patient = np.fromfile(f"{folder}/patients.u32", dtype=np.uint32)
random = np.random.default_rng(1)
by_patient = np.argsort(patient, kind="stable")
first = np.searchsorted(patient[by_patient], np.arange(patients + 1))


def delong_variance(values, positive):
    """DeLong's variance by mid-ranks, O(n log n) (Sun & Xu 2014)."""
    p, q = values[positive], values[~positive]
    m, n = len(p), len(q)
    joint = rankdata(np.concatenate([p, q]))
    v10 = (joint[:m] - rankdata(p)) / n
    v01 = 1.0 - (joint[m:] - rankdata(q)) / m
    return v10.var(ddof=1) / m + v01.var(ddof=1) / n


def table():
    cells = []
    for code in range(strata):
        inside = stratum == code
        values, positive = scores[inside], labels[inside] == 1
        cells.append((roc_auc_score(positive, values), delong_variance(values, positive)))
    return np.array(cells)


def by_rows():
    """Draws patients and takes all rows of each: the bootstrap as it is usually written, without its slow loop."""
    drawn = random.integers(patients, size=patients)
    sizes = first[drawn + 1] - first[drawn]
    starts = np.repeat(first[drawn] - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes)
    rows = by_patient[starts + np.arange(sizes.sum())]
    values, positive, codes = scores[rows], labels[rows], stratum[rows]
    return [roc_auc_score(positive[codes == code], values[codes == code]) for code in range(strata)]


def by_weights(weights):
    """Counts how often each patient is drawn and gives that as a weight."""
    rows = weights[patient]
    return [
        roc_auc_score(labels[inside], scores[inside], sample_weight=rows[inside])
        for inside in (stratum == code for code in range(strata))
    ]


def draw():
    return np.bincount(random.integers(patients, size=patients), minlength=patients)


def work_of(words):
    if words[0] == "auc":
        return table
    if words[0] == "given":
        weights = np.fromfile(f"{folder}/weights.i32", dtype=np.int32).reshape(int(words[1]), patients)
        return lambda: np.array([by_weights(given) for given in weights])
    if words[1] == "rows":
        return lambda: [by_rows() for _ in range(int(words[2]))]
    return lambda: [by_weights(draw()) for _ in range(int(words[2]))]


answer_questions(folder, work_of, lambda words: 1 if words[0] == "auc" else int(words[-1]))

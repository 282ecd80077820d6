"""Two-sample Kolmogorov-Smirnov tests by SciPy and principal components by NumPy, for tests/compute/embeddings.

Usage: python3 tests/reference/runners/feature-shift.py > tests/reference/fixtures/feature-shift.json
"""

import json

import numpy as np
import scipy
from scipy import special, stats


def case(first, second):
    exact = stats.ks_2samp(first, second, method="exact")
    limit = special.kolmogorov(exact.statistic * np.sqrt(len(first) * len(second) / (len(first) + len(second))))
    return {
        "first": list(map(float, first)),
        "second": list(map(float, second)),
        "distance": float(exact.statistic),
        "exact": float(exact.pvalue),
        "limit": float(limit),
    }


def main():
    random = np.random.default_rng(20230060)
    tests = [
        case(random.normal(size=n).round(6), random.normal(shift, scale, size=m).round(6))
        for n, m, shift, scale in [
            (5, 7, 0.0, 1.0),
            (12, 12, 1.5, 1.0),
            (30, 17, 0.4, 1.0),
            (60, 45, 0.0, 2.0),
            (150, 40, 1.2, 1.0),
            (80, 120, 2.5, 1.0),
        ]
    ]
    # Ties, as embeddings of rectified units have.
    tests.append(case(random.integers(0, 6, 40), random.integers(1, 7, 33)))
    tests.append(case([1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0]))

    rows, cols = 40, 12
    mixed = random.normal(size=(rows, 5)) * [6, 3, 2, 1.2, 0.7] @ random.normal(size=(5, cols))
    matrix = (mixed + 0.3 * random.normal(size=(rows, cols)) + random.normal(size=cols)).round(6)
    centred = matrix - matrix.mean(axis=0)
    left, singular, right = np.linalg.svd(centred, full_matrices=False)
    signs = np.sign(right[np.arange(cols), np.abs(right).argmax(axis=1)])
    print(
        json.dumps(
            {
                "source": f"SciPy {scipy.__version__} ks_2samp(method='exact'), special.kolmogorov; NumPy {np.__version__} linalg.svd",
                "tests": tests,
                "components": {
                    "rows": rows,
                    "cols": cols,
                    "values": matrix.ravel().tolist(),
                    "scores": [(left[:, k] * singular[k] * signs[k]).tolist() for k in range(4)],
                    "explained": (singular**2 / (singular**2).sum())[:4].tolist(),
                },
                "tails": [[x, float(special.kolmogorov(x))] for x in [0.2, 0.4, 0.7, 0.99, 1.0, 1.3, 2.0, 3.5]],
            },
            indent=1,
        )
    )


main()

"""What numpy and scipy make of groups of values, for the comparison of runs.

    python statistics.py > statistics.txt

Four lines a case: the values of one group, those of another, places along x for the first, and what
they come to: interquartile mean, lower and upper end of its 95 % interval, how likely a value of
the first group is larger than one of the second, and the area under the curve divided by its width.
"""

import numpy as np
from scipy import stats

SAMPLES = 2000


def draws(count):
    """Places that the samples of the interval draw, from the generator that is described there."""
    state = 0x9E3779B97F4A7C15
    rows = []
    for _ in range(SAMPLES):
        row = []
        for _ in range(count):
            state = (state * 6364136223846793005 + 1442695040888963) % 2**64
            row.append((state >> 33) * count >> 31)
        rows.append(row)
    return np.array(rows)


def main():
    rng = np.random.default_rng(7)
    for case in range(24):
        a = rng.normal(100 * rng.random(), 1 + 50 * rng.random(), size=2 + case)
        b = rng.normal(100 * rng.random(), 1 + 50 * rng.random(), size=2 + case // 2)
        if case % 3 == 0:  # values that occur in both
            a, b = np.round(a / 10), np.round(b / 10)
        x = np.cumsum(1 + rng.integers(0, 1000, size=len(a))).astype(float)
        means = stats.trim_mean(a[draws(len(a))], 0.25, axis=1)
        low, high = np.quantile(means, [0.025, 0.975])
        better = stats.mannwhitneyu(a, b).statistic / (len(a) * len(b))
        told = [stats.trim_mean(a, 0.25), low, high, better, np.trapezoid(a, x) / (x[-1] - x[0])]
        for row in (a, b, x, told):
            print(" ".join(repr(float(number)) for number in row))


if __name__ == "__main__":
    main()

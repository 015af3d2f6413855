"""Writes scikit.txt: random problems and what scikit-learn's forest predicts.

    python3 -m venv v && v/bin/pip install scikit-learn==1.6.1 numpy==2.2.6
    v/bin/python scikit.py > scikit.txt

A problem is a line of whole numbers (features, rows, queries, trees, depth with
0 for no limit, split, seed, skip), a line per row (features, target), and a line
per query (features, prediction). All other numbers are hexadecimal floats.
"""

import numpy as np
from sklearn.ensemble import RandomForestRegressor

# by number of the problem, in turn
FEATURES = [
    lambda g, n, f: g.integers(0, 5, (n, f)).astype(float),  # many ties
    lambda g, n, f: 8.0 * g.integers(1, 40, (n, f)),  # as in profiles
    lambda g, n, f: np.round(g.random((n, f)) * 50) / 10,  # no float32
    lambda g, n, f: np.sort(g.integers(0, n, (n, f)), axis=0).astype(float),
    lambda g, n, f: np.abs(np.arange(n)[:, None] - n / 2) + np.zeros((n, f)),  # down and up
    lambda g, n, f: (1 << 24) + g.integers(0, 40, (n, f)).astype(float),  # ties as float32 only
]
TARGETS = [
    lambda g, n: np.round(g.random(n), 3),
    lambda g, n: g.integers(0, 4, n) / 10,  # equal gains
    lambda g, n: np.round(1e6 * g.random(n) - 5e5),
    lambda g, n: np.full(n, 0.1),
    lambda g, n: g.integers(1, 9, n) * 2.0**-27,  # variance about the limit of a leaf
]


def problem(k):
    g = np.random.default_rng(k)
    f, n, q = 1 + k % 4, int(g.integers(2, 36)), 8
    if k in (7, 20):
        n = 150
    x, y = FEATURES[k % len(FEATURES)](g, n, f), TARGETS[k % len(TARGETS)](g, n)
    if f > 1 and k % 5 == 1:
        x[:, 1] = x[:, 0]  # features that cut alike
    if k % 7 == 3:
        x[:, 0] = 1.5  # constant
    trees, depth, split = int(g.integers(1, 9)), int(g.integers(0, 9)), int(g.integers(2, 8))
    seed, skip = int(g.integers(0, 1 << 32)), int(g.integers(0, 3000))
    stream = np.random.RandomState(seed)
    stream.randint(np.iinfo(np.int32).max, size=skip)
    m = RandomForestRegressor(trees, max_depth=depth or None, min_samples_split=split, random_state=stream).fit(x, y)
    at = np.vstack([x[g.integers(0, n, q // 2)], x[g.integers(0, n, q // 2)] + g.integers(-40, 41, (q // 2, f)) / 16])
    print(f, n, len(at), trees, depth, split, seed, skip)
    for row in [*np.column_stack([x, y]), *np.column_stack([at, m.predict(at)])]:
        print(*(float(v).hex().replace(".0000000000000p", "p") for v in row))


for k in range(50):
    problem(k)

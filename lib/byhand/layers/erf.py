"""The error function on arrays, which NumPy lacks: a table of exact values, and a Taylor step from the nearest of them.

Every derivative of erf follows from the two before it (f'' = -2 x f'), so the coefficients need no further source.
"""

import math

import numpy as np

STEP, END, TERMS = 1 / 16, 6, 9  # beyond 6, erf is 1 in float64


def taylor_table():
    """(TERMS, points): coefficients t_n of erf(x + d) = sum t_n d^n at x = 0, STEP, 2 STEP ... END."""
    x = np.arange(0, END + STEP, STEP)
    t = [np.array([math.erf(v) for v in x]), 2 / math.sqrt(math.pi) * np.exp(-x * x)]
    for n in range(TERMS - 2):
        t.append(-2 * x * t[n + 1] * (n + 1) / ((n + 2) * (n + 1)) - 2 * n * t[n] / ((n + 2) * (n + 1)))
    return np.array(t)


TABLE = taylor_table()


def erf(x):
    """2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x, within 2e-16; any shape, NaN stays NaN."""
    size = np.minimum(np.abs(x), END)
    nearest = np.where(np.isnan(size), 0, size / STEP + 0.5).astype(np.intp)
    d = size - (nearest * STEP).astype(x.dtype)
    highest, *lower = TABLE[::-1].astype(x.dtype)
    y = highest[nearest]
    for t in lower:
        y = y * d + t[nearest]
    return np.copysign(y, x)

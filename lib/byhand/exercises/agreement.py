"""When an answer counts as right, and what can be said about one that does not."""

import numpy as np


def agrees(got, expected, tolerance):
    """Whether `got` is `expected`: same structure, shape and, within `tolerance`, same numbers."""
    return form_problem(got, expected) is None and same_numbers(got, expected, tolerance)


def same_numbers(got, expected, tolerance):
    if expected is None:
        return got is None
    if isinstance(expected, str):
        return got.strip().casefold() == expected.casefold()
    if isinstance(expected, tuple | list):
        return all(same_numbers(g, e, tolerance) for g, e in zip(got, expected))
    got, expected = np.asarray(got), np.asarray(expected)
    if tolerance is None:
        return bool(np.array_equal(got, expected))
    scale = max(1.0, float(np.abs(expected).max(initial=0)))
    return bool(np.allclose(got, expected, rtol=0, atol=tolerance * scale, equal_nan=True))


def form_problem(got, expected):
    """A sentence if `got` cannot be compared with `expected` number by number; None if it can."""
    if expected is None:
        return None if got is None else f"It gives back {kind(got)}; None was expected."
    if got is None:
        return "It gives back nothing (None). Is a return missing?"
    if isinstance(expected, str):
        return None if isinstance(got, str) else f"It gives back {kind(got)}; a word was expected."
    if isinstance(expected, tuple | list):
        if not isinstance(got, tuple | list | np.ndarray) or isinstance(got, np.ndarray) and got.ndim == 0:
            return f"It gives back {kind(got)}; a tuple of {values(len(expected))} was expected."
        if len(got) != len(expected):
            wanted = f"{len(expected)} {'was' if len(expected) == 1 else 'were'} expected"
            return f"It gives back {values(len(got))}; {wanted}."
        problems = enumerate(map(form_problem, got, expected), 1)
        return next((f"Value {n} of {len(expected)}: {p[0].lower()}{p[1:]}" for n, p in problems if p), None)
    try:
        array = np.asarray(got)
    except ValueError:
        return "Its rows have different lengths, so it is not an array."
    except Exception:  # an object of another library may refuse in any way
        return f"It gives back {kind(got)}; numbers were expected."
    if array.dtype.kind not in "biuf":
        return f"It gives back {kind(got)}; numbers were expected."
    wanted = np.asarray(expected)
    if array.shape != wanted.shape:
        return shape_problem(array, wanted)
    if wanted.dtype.kind in "iu" and array.dtype.kind == "f" and not wanted.ndim:
        return f"It gives back {got!r}, a float; a whole number (int) was expected. // divides without a rest."
    return None


def shape_problem(got, expected):
    if not expected.ndim:
        return f"It gives back an array of shape {got.shape}; one number was expected."
    said = f"Its shape is {got.shape if got.ndim else 'that of a single number'}; {expected.shape} was expected."
    if got.size == expected.size and got.squeeze().shape == expected.squeeze().shape:
        return f"{said} The numbers stand in an axis too many or too few."
    if got.shape == expected.shape[::-1]:
        return f"{said} Rows and columns are exchanged."
    return said


def look(pairs, tolerance):
    """A sentence about what all wrong answers have in common, or None.

    pairs: (got, expected) of every tried case; their forms agree.
    """
    wrong = [(g, e) for g, e in pairs if not same_numbers(g, e, tolerance)]
    if not wrong or isinstance(wrong[0][1], str | tuple | list):
        return None
    arrays = [(np.asarray(g, float), np.asarray(e, float)) for g, e in wrong]
    for sentence, holds in LOOKS:
        if all(holds(g, e) for g, e in arrays):
            return sentence
    difference = {float(d) for g, e in arrays for d in np.unique(g - e)}
    if len(difference) == 1 and (off := difference.pop()).is_integer():
        return f"It is always {abs(off):.0f} too {'large' if off > 0 else 'small'}."
    return None


LOOKS = (
    ("Every number is 0. Is the result ever written into?", lambda g, e: not g.any()),
    ("The fractions are cut off: the result has an integer dtype.", lambda g, e: np.array_equal(g, np.trunc(e))),
    ("The sign is turned.", lambda g, e: np.allclose(g, -e)),
    ("The numbers are right and stand in reverse order.", lambda g, e: e.ndim == 1 and np.allclose(g, e[::-1])),
    ("Rows and columns are exchanged.", lambda g, e: e.ndim == 2 and g.shape == e.T.shape and np.allclose(g, e.T)),
)


def values(n):
    return f"{n} value{'' if n == 1 else 's'}"


def kind(value):
    """What a value is, in words."""
    if callable(value):
        return "a function"
    article = "an" if type(value).__name__[0] in "aeiou" else "a"
    return f"{article} {type(value).__name__}"

"""What a layer's constructor accepts: each check returns the clean value or says what came and what was expected."""

import operator

AXES = {1: ("steps",), 2: ("height", "width"), 3: ("depth", "height", "width")}


def whole(kind, name, value, least=1):
    """`value` as an int of at least `least`."""
    number = as_int(value)
    if number is None or number < least:
        raise ValueError(f"{kind}: {name} is a whole number of at least {least}; got {value!r}")
    return number


def sizes(kind, name, value, rank, least=1):
    """`value`, one whole number or one for each axis of space, as a tuple of `rank` ints of at least `least`."""
    given = list(value) if isinstance(value, tuple | list) else [value] * rank
    numbers = [as_int(v) for v in given]
    if len(given) != rank or any(n is None or n < least for n in numbers):
        axes = f", or ({', '.join(AXES[rank])})" if rank > 1 else ""
        raise ValueError(f"{kind}: {name} is a whole number of at least {least}{axes}; got {value!r}")
    return tuple(numbers)


def choice(kind, name, value, choices):
    """`value`, a string in any case, as one of `choices`."""
    found = value.lower() if isinstance(value, str) else value
    if not isinstance(value, str) or found not in choices:
        raise ValueError(f"{kind}: {name} is one of {', '.join(map(repr, choices))}; got {value!r}")
    return found


def flag(kind, name, value):
    """`value` as a bool; 0 and 1 will do."""
    if not isinstance(value, bool) and as_int(value) not in (0, 1) and type(value).__name__ != "bool":
        raise ValueError(f"{kind}: {name} is True or False; got {value!r}")
    return bool(value)


def as_int(value):
    """`value` as an int, or None: True, 2.0 and "2" are not whole numbers here."""
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None


def axes(kind, axis, shape):
    """`axis`, one whole number or several, as a sorted tuple of axes of `shape` counted from 0."""
    given = list(axis) if isinstance(axis, tuple | list) else [axis]
    numbers = [as_int(a) for a in given]
    if not given or any(a is None or not -len(shape) <= a < len(shape) for a in numbers):
        raise ValueError(f"{kind}: axis {axis!r} is not an axis of {len(shape)}-dimensional {tuple(shape)}")
    counted = sorted(a % len(shape) for a in numbers)
    if len(set(counted)) < len(counted):
        raise ValueError(f"{kind}: axis {axis!r} names an axis of {tuple(shape)} twice")
    return tuple(counted)

"""Which cells of two arrays meet in which cell of the result, and why a pair is refused."""

import math

from .windows import cells, ravel, size_text

ELEMENTWISE = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")


class Plan:
    """shape: that of the result; pairs: for each of its cells what it reads, [(array, flat place), ...].

    Of Dot and Concatenate: pair["a"], pair["b"], the axis summed over or joined along, counted from 0.
    """

    def __init__(self, p):
        self.p, layer = p, p["layer"]
        self.shape = result_shape(p)
        if layer == "Dot":
            axes = p["axes"] if isinstance(p["axes"], list) else [p["axes"], p["axes"]]
            self.pair = {name: axis % len(p[name]) for name, axis in zip("ab", axes)}
        elif layer == "Concatenate":
            self.pair = dict.fromkeys("ab", p["axis"] % len(p["a"]))
        else:
            self.pairs = [self.met(k) for k in cells(self.shape)]

    def met(self, k, numpy=False):
        """What cell k of the result reads of each array. numpy: missing axes stand in front."""
        return [(name, ravel(self.place(k, self.p[name], numpy), self.p[name])) for name in "ab"]

    def place(self, k, shape, numpy=False):
        missing = len(self.shape) - len(shape)
        kept = k[missing:] if numpy else (k[0], *k[1 + missing :])
        return [0 if n == 1 else i for i, n in zip(kept, shape)]

    def terms(self, bug=None):
        """For each cell of the result the terms that make it."""
        layer = self.p["layer"]
        if layer == "Dot":
            return self.sums(bug)
        if layer == "Concatenate":
            return [[[*cell]] for cell in self.joined(bug)]
        return [self.joint(k, bug) for k in cells(self.shape)]

    # --- cell by cell ---------------------------------------------------------------------------------------------

    def joint(self, k, bug):
        a, b = ([*cell] for cell in self.met(k, bug == "numpy"))
        if bug == "first":
            b = [*self.met((0, *k[1:]))[1]]
        if bug == "reversed":
            b = [*self.met((*k[:-1], self.shape[-1] - 1 - k[-1]))[1]]
        if self.p["layer"] == "Multiply":
            return [[*a, *b]]
        if self.p["layer"] == "Subtract":
            return [[*a, -1], b] if bug == "turned" else [a, [*b, -1]]
        return [a, b]

    def stretched(self):
        """Whether some cell is read more than once."""
        return any(math.prod(self.p[name]) < math.prod(self.shape) for name in "ab")

    def stretched_b(self):
        return math.prod(self.p["b"]) < math.prod(self.shape)

    def fits_numpy(self):
        """Whether NumPy, with missing axes in front, reads other cells and comes to the same shape."""
        if len(self.p["a"]) == len(self.p["b"]):
            return False
        shorter = min(self.p["a"], self.p["b"], key=len)
        behind = self.shape[len(self.shape) - len(shorter) :]
        return all(n in (1, m) for n, m in zip(shorter, behind))

    # --- Concatenate ----------------------------------------------------------------------------------------------

    def joined(self, bug):
        """(array, flat place) of the copy in each cell."""
        p, axis = self.p, self.pair["a"]
        many = {name: p[name][axis] for name in "ab"}
        row = [(name, k) for name in "ab" for k in range(many[name])]
        if bug == "exchanged":
            row = [(name, k) for name in "ba" for k in range(many[name])]
        elif bug == "turns":
            row.sort(key=lambda cell: (cell[1], cell[0]))
        if bug == "flat":
            return [(name, i) for name in "ab" for i in range(math.prod(p[name]))]
        found = []
        for k in cells(self.shape):
            name, place = row[k[axis]]
            found.append((name, ravel((*k[:axis], place, *k[axis + 1 :]), p[name])))
        return found

    # --- Dot ------------------------------------------------------------------------------------------------------

    def rest(self, name):
        """The axes of an array that Dot keeps, the batch aside."""
        return [k for k in range(1, len(self.p[name])) if k != self.pair[name]]

    def sums(self, bug):
        p = self.p
        many = p["a"][self.pair["a"]] - (bug == "last")
        found = []
        for n in range(p["a"][0]):
            for i in cells([p["a"][k] for k in self.rest("a")]):
                for j in cells([p["b"][k] for k in self.rest("b")]):
                    left, right = (j, i) if bug == "exchanged" else (i, j)
                    terms = []
                    for k in range(many):
                        a = self.at("a", n, left, k, bug == "axes")
                        b = self.at("b", 0 if bug == "first" else n, right, k)
                        terms.append(["a", a, "b", b, *self.lengths(n, left, right, bug)])
                    found.append(terms)
        return found

    def at(self, name, n, place, k, other=False):
        """The flat place in sample n of what stands at `place` of the kept axes and at k along the axis summed over."""
        axis, rest = self.pair[name], self.rest(name)
        if other:
            axis, rest = rest[0], [axis]
        index = [n] + [0] * (len(self.p[name]) - 1)
        index[axis] = k
        for a, i in zip(rest, place):
            index[a] = i
        return ravel(index, self.p[name])

    def lengths(self, n, i, j, bug):
        if not self.p["normalize"] or self.p["view"] == "backward" or bug == "lengths":
            return []
        kept = {name: [self.p[name][k] for k in self.rest(name)] for name in "ab"}
        own = ["ra", ravel((n, *i), [0, *kept["a"]])]
        return own if bug == "one" else [*own, "rb", ravel((n, *j), [0, *kept["b"]])]

    def vectors(self, name):
        """For each vector along the axis summed over, its flat places."""
        p, kept = self.p, [self.p[name][k] for k in self.rest(name)]
        places = [(n, i) for n in range(p[name][0]) for i in cells(kept)]
        return [[self.at(name, n, i, k) for k in range(p[name][self.pair[name]])] for n, i in places]


# --- shapes -----------------------------------------------------------------------------------------------------------


def result_shape(p):
    """The shape of the result of a pair that is not refused."""
    a, b, layer = p["a"], p["b"], p["layer"]
    if layer == "Concatenate":
        axis = p["axis"] % len(a)
        return [n + b[axis] if k == axis else n for k, n in enumerate(a)]
    if layer == "Dot":
        axes = p["axes"] if isinstance(p["axes"], list) else [p["axes"], p["axes"]]
        kept = [n for s, axis in zip((a, b), axes) for k, n in enumerate(s) if k not in (0, axis % len(s))]
        return [a[0], *(kept or [1])]
    one, other = aligned(p)
    return [max(pair) for pair in zip(one, other)]


def aligned(p):
    """Both shapes with as many axes: missing ones, of size 1, stand behind the batch axis."""
    rank = max(len(p["a"]), len(p["b"]))
    return [[s[0], *[1] * (rank - len(s)), *s[1:]] for s in (p["a"], p["b"])]


def refusal(p):
    """Why Keras refuses the pair, in one sentence; None if it does not."""
    a, b, layer = p["a"], p["b"], p["layer"]
    both = f"{layer} refuses {size_text(a)} and {size_text(b)}"
    if layer == "Concatenate":
        return joining_refusal(a, b, p["axis"], both)
    if layer == "Dot":
        return dot_refusal(p, both)
    if a[0] != b[0]:
        return f"{both}: the batch sizes differ, {a[0]} and {b[0]}. The batch axis, the first, is never stretched."
    for axis, (n, m) in enumerate(zip(*aligned(p))):
        if n != m and 1 not in (n, m):
            where = (
                f"along axis {axis}"
                if len(a) == len(b)
                else f"with the missing axis behind the batch, along axis {axis}"
            )
            return f"{both}: {where} the sizes are {n} and {m}. They must be equal, or one of them 1."
    return None


def taken_for_bias(p):
    """Whether Keras on TensorFlow, called on arrays, adds b along an axis on which it does not lie.

    Its sum takes a second array with one size above 1 for a bias if the first has that size as second or last axis.
    """
    if p["layer"] not in ("Add", "Average") or max(len(p["a"]), len(p["b"])) < 2:
        return False
    a, b = aligned(p)
    long = [axis for axis, n in enumerate(b) if n > 1]
    if len(long) != 1 or b[long[0]] not in (a[1], a[-1]):
        return False
    return long[0] != (len(a) - 1 if b[long[0]] == a[-1] else 1)


def joining_refusal(a, b, axis, both):
    if len(a) != len(b):
        return f"{both}: one has {len(a)} axes, the other {len(b)}."
    if not -len(a) <= axis < len(a):
        return f"{both}: they have no axis {axis}."
    for k, (n, m) in enumerate(zip(a, b)):
        if k != axis % len(a) and n != m:
            return f"{both} along axis {axis}: the sizes along axis {k} are {n} and {m}. All other axes must match."
    return None


def dot_refusal(p, both):
    axes = p["axes"] if isinstance(p["axes"], list) else [p["axes"], p["axes"]]
    for name, axis in zip("ab", axes):
        rank = len(p[name])
        if rank < 2 or not -rank < axis < rank or axis == 0:
            return f"{both}: {name} has no axis {axis} behind the batch axis."
    n, m = (p[name][axis] for name, axis in zip("ab", axes))
    if n != m:
        return f"{both}: {n} cells along axis {axes[0]} of a, {m} along axis {axes[1]} of b. The products need pairs."
    if p["a"][0] != p["b"][0]:
        return f"{both}: the batch sizes differ, {p['a'][0]} and {p['b'][0]}."
    if p["normalize"] and p["view"] == "backward":
        return "The figure draws the way back of Dot without normalize."
    return None

"""Data in portions: the same rows of every input, target and weight."""

import numpy as np

from ..layers.initializers import generator


class Data:
    """Lists of inputs, targets and weights, all with the same number of rows; an entry may be None.

    ValueError for rows that do not agree, and for no rows at all."""

    def __init__(self, xs, ys, weights):
        self.parts = [list(xs), list(ys), list(weights)]
        lengths = {len(a) for part in self.parts for a in part if a is not None}
        if len(lengths) != 1:
            shapes = [[None if a is None else np.shape(a) for a in part] for part in self.parts]
            raise ValueError(f"inputs, targets and weights need equally many rows; got shapes {shapes}")
        self.rows = lengths.pop()
        if not self.rows:
            raise ValueError("there are no rows: got an empty array")

    def take(self, rows):
        """The inputs, targets and weights of these rows."""
        return [[None if a is None else a[rows] for a in part] for part in self.parts]

    def batches(self, batch_size, shuffle=False):
        """Portions of batch_size rows, the last one shorter; shuffled by the generator set_random_seed starts."""
        if shuffle:
            order = generator().permutation(self.rows)
            yield from (self.take(order[i : i + batch_size]) for i in range(0, self.rows, batch_size))
        else:
            yield from (self.take(slice(i, i + batch_size)) for i in range(0, self.rows, batch_size))

    def steps(self, batch_size):
        return -(-self.rows // batch_size)

    def split(self, share):
        """(the first rows, the last share of the rows). ValueError if one of them would be empty."""
        at = int(np.floor(self.rows * (1.0 - share)))
        if not 0 <= share < 1 or at in (0, self.rows):
            raise ValueError(f"validation_split={share!r} of {self.rows} rows leaves one part empty")
        return Data(*self.take(slice(0, at))), Data(*self.take(slice(at, self.rows)))


def by_class(y, class_weight):
    """The weight of each row's class, 1 for a class that is not named. y (B,), (B, 1) or one-hot (B, C)."""
    y = np.asarray(y)
    if y.ndim > 2:
        raise ValueError(f"class_weight takes targets (batch,) or (batch, classes); got shape {y.shape}")
    if y.ndim == 2:
        y = y[:, 0] if y.shape[1] == 1 else y.argmax(axis=1)
    return np.array([class_weight.get(int(c), 1.0) for c in np.round(y)])

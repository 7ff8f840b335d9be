"""How a weight starts: Keras' initializers by Keras' names.

An initializer is called with a shape and a NumPy generator. One made with a `seed` ignores the generator and gives the
same numbers every time. Layers take them as strings ("he_normal"), as objects (HeNormal(seed=1)), as arrays of the
right shape, or as functions of (shape, rng) or Keras' (shape, dtype).
Formulas: https://keras.io/api/layers/initializers/ ; Glorot and Bengio 2010; He et al. 2015; Saxe et al. 2014.
"""

import inspect

import numpy as np

from .lookup import by_name, find

_generator = np.random.default_rng(0)


def set_random_seed(seed):
    """Start the generator behind every initializer (and dropout mask) again from `seed`."""
    global _generator
    _generator = np.random.default_rng(seed)


def generator():
    """The generator every layer draws from unless it was given a seed of its own."""
    return _generator


class Initializer:
    """f(shape, rng) -> array of that shape. A subclass writes `draw`."""

    seed = None

    def __call__(self, shape, rng=None):
        rng = np.random.default_rng(self.seed) if self.seed is not None else rng or generator()
        return self.draw(tuple(shape), rng)


class Constant(Initializer):
    """Every number is `value`."""

    def __init__(self, value=0.0):
        self.value = value

    def draw(self, shape, rng):
        return np.full(shape, self.value)


class Zeros(Constant):
    """Every number is 0."""

    def __init__(self):
        super().__init__(0.0)


class Ones(Constant):
    """Every number is 1."""

    def __init__(self):
        super().__init__(1.0)


class Identity(Initializer):
    """gain on the diagonal of a matrix, 0 elsewhere. ValueError unless the shape is (rows, columns)."""

    def __init__(self, gain=1.0):
        self.gain = gain

    def draw(self, shape, rng):
        if len(shape) != 2:
            raise ValueError(f"the identity initializer makes matrices; got shape {shape}")
        return self.gain * np.eye(*shape)


class RandomNormal(Initializer):
    """Normal numbers."""

    def __init__(self, mean=0.0, stddev=0.05, seed=None):
        self.mean, self.stddev, self.seed = mean, stddev, seed

    def draw(self, shape, rng):
        return rng.normal(self.mean, self.stddev, shape)


class TruncatedNormal(RandomNormal):
    """Normal numbers; those more than two stddev from the mean are drawn again."""

    def draw(self, shape, rng):
        z = rng.normal(size=shape)
        while (far := np.abs(z) > 2).any():
            z[far] = rng.normal(size=far.sum())
        return self.mean + self.stddev * z


class RandomUniform(Initializer):
    """Numbers in [minval, maxval), each equally likely."""

    def __init__(self, minval=-0.05, maxval=0.05, seed=None):
        self.minval, self.maxval, self.seed = minval, maxval, seed

    def draw(self, shape, rng):
        return rng.uniform(self.minval, self.maxval, shape)


def fans(shape, input_axes=None, output_axes=None):
    """(inputs of one unit, outputs of one unit) of a kernel (*window, in, out), or the products of the given axes."""
    if input_axes is not None and output_axes is not None:
        return int(np.prod([shape[a] for a in input_axes])), int(np.prod([shape[a] for a in output_axes]))
    if len(shape) < 2:
        size = shape[0] if shape else 1
        return size, size
    window = int(np.prod(shape[:-2]))
    return window * shape[-2], window * shape[-1]


class VarianceScaling(Initializer):
    """Mean 0 and variance scale / n, with n = fan_in, fan_out or their mean: the family of Glorot, He and LeCun.

    mode: "fan_in", "fan_out" or "fan_avg". distribution: "truncated_normal" (or "normal"), "untruncated_normal" or
    "uniform". ValueError for a scale that is not positive and for other names."""

    def __init__(self, scale=1.0, mode="fan_in", distribution="truncated_normal", seed=None, input_axes=None,
                 output_axes=None):  # fmt: skip
        distribution = {"normal": "truncated_normal"}.get(distribution.lower(), distribution.lower())
        if scale <= 0:
            raise ValueError(f"VarianceScaling: scale is above 0; got {scale}")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ValueError(f"VarianceScaling: mode is 'fan_in', 'fan_out' or 'fan_avg'; got {mode!r}")
        if distribution not in ("truncated_normal", "untruncated_normal", "uniform"):
            raise ValueError(
                "VarianceScaling: distribution is 'truncated_normal', 'untruncated_normal' or 'uniform';"
                f" got {distribution!r}"
            )
        self.scale, self.mode, self.distribution, self.seed = scale, mode, distribution, seed
        self.input_axes, self.output_axes = input_axes, output_axes

    def draw(self, shape, rng):
        fan_in, fan_out = fans(shape, self.input_axes, self.output_axes)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1, n)
        if self.distribution == "uniform":
            limit = np.sqrt(3 * variance)  # U(-a, a) has variance a^2 / 3
            return rng.uniform(-limit, limit, shape)
        if self.distribution == "untruncated_normal":
            return rng.normal(0, np.sqrt(variance), shape)
        # Cutting a standard normal at two leaves this standard deviation.
        return TruncatedNormal(0, np.sqrt(variance) / 0.87962566103423978).draw(shape, rng)


def scaled(name, scale, mode, distribution, about):
    """A VarianceScaling with three arguments fixed, as a class called `name`."""

    def start(self, seed=None, input_axes=None, output_axes=None):
        VarianceScaling.__init__(self, scale, mode, distribution, seed, input_axes, output_axes)

    return type(name, (VarianceScaling,), {"__init__": start, "__doc__": about, "__module__": __name__})


GlorotUniform = scaled("GlorotUniform", 1, "fan_avg", "uniform", "U(-a, a), a = sqrt(6 / (fan_in + fan_out)).")
GlorotNormal = scaled("GlorotNormal", 1, "fan_avg", "truncated_normal", "Variance 2 / (fan_in + fan_out).")
HeUniform = scaled("HeUniform", 2, "fan_in", "uniform", "U(-a, a), a = sqrt(6 / fan_in): for ReLU.")
HeNormal = scaled("HeNormal", 2, "fan_in", "truncated_normal", "Variance 2 / fan_in: for ReLU.")
LecunUniform = scaled("LecunUniform", 1, "fan_in", "uniform", "U(-a, a), a = sqrt(3 / fan_in).")
LecunNormal = scaled("LecunNormal", 1, "fan_in", "truncated_normal", "Variance 1 / fan_in: for SELU.")


class Orthogonal(Initializer):
    """A matrix whose rows (or columns, whichever are fewer) are orthogonal and of length gain, by QR.

    All axes but the last count as rows. ValueError for a shape of fewer than two axes."""

    def __init__(self, gain=1.0, seed=None):
        self.gain, self.seed = gain, seed

    def draw(self, shape, rng):
        if len(shape) < 2:
            raise ValueError(f"the orthogonal initializer needs at least two axes; got shape {shape}")
        rows, columns = int(np.prod(shape[:-1])), shape[-1]
        q, r = np.linalg.qr(rng.normal(size=(max(rows, columns), min(rows, columns))))
        q = q * np.sign(np.diag(r))
        return self.gain * (q if rows >= columns else q.T).reshape(shape)


class STFT(Initializer):
    """Kernel (T, 1, F // 2 + 1) of a short-time Fourier transform: a window of T times a cosine or minus a sine.

    side: "real" or "imag". window: "hann", "hamming" or another name scipy.signal knows, an array (T,), or None.
    scaling: "density" divides by the window's length, "spectrum" by its sum, None not at all."""

    def __init__(self, side="real", window="hann", scaling="density", periodic=False):
        if side not in ("real", "imag"):
            raise ValueError(f"STFT: side is 'real' or 'imag'; got {side!r}")
        if scaling not in ("density", "spectrum", None):
            raise ValueError(f"STFT: scaling is 'density', 'spectrum' or None; got {scaling!r}")
        self.side, self.window, self.scaling, self.periodic = side, window, scaling, periodic

    def values(self, length):
        """The window as an array (length,); two named windows here, every other from SciPy, if installed."""
        if not isinstance(self.window, str):
            return np.asarray(self.window, float)
        if self.window in ("hann", "hamming"):
            mean = {"hann": 0.5, "hamming": 0.54}[self.window]
            turn = np.arange(length) / max(1, length if self.periodic else length - 1)
            return mean - (1 - mean) * np.cos(2 * np.pi * turn) if length > 1 else np.ones(1)
        from scipy.signal import get_window

        return get_window(self.window, length, self.periodic)

    def draw(self, shape, rng):
        if len(shape) != 3 or shape[1] != 1:
            raise ValueError(f"the stft initializer makes kernels (time, 1, frequencies); got shape {shape}")
        length, _, bins = shape
        angle = 2 * np.pi * np.outer(np.arange(length), np.arange(bins)) / max(1, 2 * (bins - 1))
        waves = np.cos(angle) if self.side == "real" else -np.sin(angle)
        if self.window is not None:
            w = self.values(length)
            if w.shape != (length,):
                raise ValueError(f"STFT: the window needs shape ({length},); got {w.shape}")
            size = {"density": np.sqrt((w * w).sum()), "spectrum": np.abs(w).sum(), None: 1}[self.scaling]
            waves = waves * w[:, None] / size
        return waves[:, None, :]


zeros, ones, constant, identity, orthogonal, stft = Zeros, Ones, Constant, Identity, Orthogonal, STFT
random_normal, random_uniform, truncated_normal = RandomNormal, RandomUniform, TruncatedNormal
variance_scaling, glorot_uniform, glorot_normal = VarianceScaling, GlorotUniform, GlorotNormal
he_uniform, he_normal, lecun_uniform, lecun_normal = HeUniform, HeNormal, LecunUniform, LecunNormal
IdentityInitializer, OrthogonalInitializer, STFTInitializer = Identity, Orthogonal, STFT
BY_NAME = by_name(
    Zeros, Ones, Constant, Identity, RandomNormal, RandomUniform, TruncatedNormal, VarianceScaling, GlorotUniform,
    GlorotNormal, HeUniform, HeNormal, LecunUniform, LecunNormal, Orthogonal, STFT, zero=Zeros, one=Ones,
    normal=RandomNormal, uniform=RandomUniform, IdentityInitializer=Identity, OrthogonalInitializer=Orthogonal,
    STFTInitializer=STFT)  # fmt: skip


def get(identifier):
    """The initializer called `identifier`, or made of an array or a function; None is Glorot's uniform, as in Keras.

    ValueError for a name that Keras does not know."""
    if identifier is None:
        return GlorotUniform()
    if isinstance(identifier, np.ndarray):
        return lambda shape, rng: identifier
    found = find("initializer", BY_NAME, identifier)
    if not isinstance(found, Initializer) and "dtype" in inspect.signature(found).parameters:
        return lambda shape, rng: found(shape, dtype=None)
    return found

"""Live lab: the reader's own CSV column through Conv1D."""

import math

import ipywidgets as widgets
import numpy as np

from ..data import load_heartbeat, load_temperatures
from ..layers import Conv1D
from ..plots import in_words, signal_html
from .lab import Lab
from .tables import filled, read_table

LONGEST_KERNEL = 101
FIRST_VIEW = 365


def mean(k):
    return np.full(k, 1 / k)


def bell(k):
    return np.array([math.comb(k - 1, i) for i in range(k)], float) / 2 ** (k - 1)


def rise(k):
    half = k // 2
    return np.concatenate([-np.ones(half), np.zeros(k % 2), np.ones(half)]) / max(half, 1)


def spike(k):
    return np.eye(k)[k // 2] - mean(k)


def copy(k):
    return np.eye(k)[k // 2]


KERNELS = {
    "mean of the window": mean,
    "mean, the middle counts more": bell,
    "rise: later half minus earlier half": rise,
    "spike: middle minus mean": spike,
    "copy of the middle": copy,
}


def layer_for(kernel, padding="same", dilation_rate=1):
    """The Conv1D that runs `kernel` (k,) over one series."""
    layer = Conv1D(1, len(kernel), padding=padding, dilation_rate=dilation_rate, use_bias=False, dtype="float64")
    layer.build((1, None, 1))
    layer.set_weights([np.reshape(kernel, (-1, 1, 1))])
    return layer


def in_place(y, steps, span, padding):
    """y (T',) as (T,): each output at the step in the middle of its window, nan where there is none.

    `same` and `causal` give every step an output, under causal that of the window which ends there.
    """
    out = np.full(steps, np.nan)
    start = (span - 1) // 2 if padding == "valid" else 0
    out[start : start + len(y)] = y
    return out


def parsed(text):
    """Numbers between spaces or semicolons as (k,). Raises ValueError with a sentence."""
    try:
        kernel = np.array([float(word) for word in text.replace(";", " ").replace(", ", " ").split()])
    except ValueError:
        raise ValueError("The kernel should be numbers with spaces between them, as in: 0.25 0.5 0.25") from None
    if not 1 <= len(kernel) <= LONGEST_KERNEL:
        raise ValueError(f"The kernel should have 1 to {LONGEST_KERNEL} numbers; it has {len(kernel)}.")
    if not np.abs(kernel).max() < 1e6:
        raise ValueError("A weight is too large: at most a million.")
    return kernel


class SeriesLab(Lab):
    """Choose a column and a kernel, or write your own; see what Conv1D makes of it.

    After each change: .series (1, T, 1), .layer, and .output, what the layer returns for the series.
    """

    accept, title = ".csv,.tsv,.txt", "your own CSV column through Conv1D"

    def __init__(self, file=None):
        self.columns = {
            "Seattle, highest °C of each day": load_temperatures("seattle"),
            "heartbeat": load_heartbeat(),
        }
        self.column = widgets.Dropdown(options=list(self.columns), description="column")
        self.preset = widgets.Dropdown(options=list(KERNELS), description="kernel")
        self.size = widgets.IntSlider(7, 1, 31, description="size", continuous_update=False)
        self.weights = widgets.Text(description="weights", continuous_update=False, layout={"width": "36em"})
        self.padding = widgets.Dropdown(options=["valid", "same", "causal"], description="padding")
        self.dilation = widgets.IntSlider(1, 1, 30, description="dilation", continuous_update=False)
        self.view = widgets.IntRangeSlider(description="steps", continuous_update=False, layout={"width": "36em"})
        self.fill()
        self.show_from_start()
        self.preset.observe(self.chosen, "value")
        self.size.observe(self.chosen, "value")
        self.column.observe(self.turned, "value")
        super().__init__(
            [[self.column], [self.preset, self.size], [self.weights], [self.padding, self.dilation], [self.view]], file
        )

    def chosen(self, change):
        with self.quiet():
            self.fill()

    def turned(self, change):
        with self.quiet():
            self.show_from_start()

    def fill(self):
        """Write the chosen kernel into the field where it can be changed."""
        self.weights.value = " ".join(f"{weight:.6g}" for weight in KERNELS[self.preset.value](self.size.value))

    def show_from_start(self):
        steps = len(self.columns[self.column.value])
        self.view.min, self.view.max = 0, max(steps, self.view.value[1])
        self.view.value = 0, min(steps, FIRST_VIEW)
        self.view.max = steps

    def take(self, name, data):
        self.columns = read_table(data)
        self.column.options = list(self.columns)
        self.column.value = next(iter(self.columns))
        self.show_from_start()

    def draw(self):
        kernel = parsed(self.weights.value)
        series, missing = filled(np.asarray(self.columns[self.column.value], float))
        self.series = series.reshape(1, -1, 1)
        self.layer = layer_for(kernel, self.padding.value, self.dilation.value)
        self.output = self.layer(self.series)
        made = self.described(len(kernel)) + (
            f" Missing values: {missing}, each put on the line between its neighbours." if missing else ""
        )
        plot, alt = self.drawn(series, self.output.ravel(), kernel)
        return plot, f"{alt} {made}", f"{self.column.value}: {made}"

    def drawn(self, series, y, kernel):
        """The plot and what it shows: both curves in one frame if the weights sum to 1, else one below the other."""
        span = (len(kernel) - 1) * self.dilation.value + 1
        first, last = self.view.value
        x, y = series[first:last], in_place(y, len(series), span, self.padding.value)[first:last]
        known = y[np.isfinite(y)]
        alt = f"The column {self.column.value}, {in_words(x)}, and the output of the layer, " + (
            f"{in_words(known)}." if len(known) else "of which nothing lies in view."
        )
        apart = abs(kernel.sum() - 1) > 0.01
        return signal_html({"column": x, "output": y}, alt, x=np.arange(first, last), apart=apart), alt

    def described(self, k):
        """The layer as one writes it in Keras, and the shapes in and out."""
        dilated = f", dilation_rate={self.dilation.value}" if self.dilation.value > 1 else ""
        call = f'Conv1D(1, {k}, padding="{self.padding.value}"{dilated}, use_bias=False)'
        return f"{call} makes {self.output.shape} of {self.series.shape}."

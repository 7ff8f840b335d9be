"""Live lab: the reader's own CSV column through Conv1D."""

import math

import ipywidgets as widgets
import numpy as np

from ..data import load_heartbeat, load_temperatures
from ..layers import Conv1D
from ..plots import in_words, signal_html
from .lab import Lab
from .tables import FEWEST, MOST_ROWS, filled, read_table

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
    """Numbers between spaces or semicolons, or a Python list, as (k,). Raises ValueError with a sentence."""
    try:
        kernel = np.array([float(word) for word in text.strip("[]() ").replace(";", " ").replace(", ", " ").split()])
    except ValueError:
        raise ValueError("The kernel should be numbers with spaces between them, as in: 0.25 0.5 0.25") from None
    if not 1 <= len(kernel) <= LONGEST_KERNEL:
        raise ValueError(f"The kernel should have 1 to {LONGEST_KERNEL} numbers; it has {len(kernel)}.")
    if not np.abs(kernel).max() < 1e6:
        raise ValueError("Each weight should be a number, at most a million.")
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
        self.column.value, values = next(iter(self.columns.items()))
        self.show_from_start()
        if (self.size.value - 1) * self.dilation.value >= len(values):  # a short column gets a short window
            self.size.value, self.dilation.value = FEWEST, 1

    def draw(self):
        first, last = self.view.value
        if last - first < 2:
            raise ValueError("At least two steps should be shown: pull the ends of the steps apart.")
        kernel = parsed(self.weights.value)
        values, missing = filled(np.asarray(self.columns[self.column.value], float))
        series, layer = values.reshape(1, -1, 1), layer_for(kernel, self.padding.value, self.dilation.value)
        self.output, self.layer, self.series = layer(series), layer, series
        made = self.described(missing)
        span = (len(kernel) - 1) * self.dilation.value + 1
        y = in_place(self.output.ravel(), len(values), span, self.padding.value)
        curves = {"column": values[first:last], "output": y[first:last]}
        alt = self.words(**curves)
        apart = abs(kernel.sum() - 1) > 0.01  # otherwise both curves are of one kind, and share a frame
        plot = signal_html(curves, alt, x=np.arange(first, last), apart=apart)
        return plot, f"{alt} {made}", f"{self.column.value}: {made}"

    def words(self, column, output):
        """What the plot shows."""
        known = output[np.isfinite(output)]
        made = in_words(known) if len(known) else "of which nothing lies in view"
        return f"The column {self.column.value}, {in_words(column)}, and the output of the layer, {made}."

    def described(self, missing):
        """The layer as one writes it in Keras, the shapes in and out, and what was done to the column before."""
        (k, _, _), dilation = self.layer.kernel.shape, self.dilation.value
        dilated = f", dilation_rate={dilation}" if dilation > 1 else ""
        call = f'Conv1D(1, {k}, padding="{self.padding.value}"{dilated}, use_bias=False)'
        said = [f"{call} makes {self.output.shape} of {self.series.shape}."]
        if missing:
            said.append(f"Missing values: {missing}, each put on the line between its neighbours.")
        if self.series.size == MOST_ROWS:
            said.append(f"Of a longer file the first {MOST_ROWS} rows are read.")
        return " ".join(said)

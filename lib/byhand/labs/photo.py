"""Live lab: the reader's own photo through any 3 by 3 kernel."""

import ipywidgets as widgets
import numpy as np

from ..data import load_photo
from ..data.loaders import GREY
from ..layers import Conv2D, DepthwiseConv2D
from ..plots import image_row_html
from .lab import Lab
from .pictures import read_picture

CUT, SIZE, MIDDLE = "cut to 0 ... 1", "size without sign", "0 as middle grey"
# name: kernel, what all its weights are divided by, how its numbers are best shown
KERNELS = {
    "identity": ([[0, 0, 0], [0, 1, 0], [0, 0, 0]], 1, CUT),
    "blur": ([[1, 1, 1], [1, 1, 1], [1, 1, 1]], 9, CUT),
    "sharpen": ([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], 1, CUT),
    "edges": ([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], 1, SIZE),
    "upright edges": ([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], 1, SIZE),
    "level edges": ([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], 1, SIZE),
    "emboss": ([[-2, -1, 0], [-1, 0, 1], [0, 1, 2]], 2, MIDDLE),
}


def layer_for(kernel, channels, strides=1, padding="same"):
    """The layer that runs `kernel` (3, 3) over a picture: Conv2D over greys, DepthwiseConv2D over each colour alone."""
    options = {"strides": strides, "padding": padding, "use_bias": False}
    layer = Conv2D(1, 3, **options) if channels == 1 else DepthwiseConv2D(3, **options)
    layer.build((1, None, None, channels))
    layer.set_weights([np.repeat(np.asarray(kernel, "float32")[:, :, None, None], channels, axis=2)])
    return layer


def visible(y, how):
    """Numbers as brightness from 0 to 1. y: any shape."""
    return np.clip({CUT: y, SIZE: np.abs(y), MIDDLE: y / 2 + 0.5}[how], 0, 1)


class PhotoLab(Lab):
    """Choose a picture and a kernel, or write your own; see what the layer makes of it.

    After each change: .picture (1, H, W, C), .layer, and .output, what the layer returns for the picture.
    """

    accept, title = "image/*", "your own photo through any kernel"

    def __init__(self, file=None):
        self.photos = {name: load_photo(name, colour=True) for name in ("temple", "flower")}
        self.sizes = {}
        self.photo = widgets.Dropdown(options=list(self.photos), description="picture", layout={"width": "18em"})
        self.colour = widgets.Checkbox(description="in colour", value=False, indent=False)
        self.preset = widgets.Dropdown(options=list(KERNELS), value="upright edges", description="kernel")
        self.weights = [[weight(f"{i},{j}") for j in range(3)] for i in range(3)]
        self.divisor = weight("all ÷", 1)
        self.padding = widgets.Dropdown(options=["same", "valid"], description="padding")
        self.strides = widgets.Dropdown(options=[1, 2, 3, 4], description="strides")
        self.how = widgets.Dropdown(options=[CUT, SIZE, MIDDLE], description="show")
        self.fill(self.preset.value)
        self.preset.observe(self.chosen, "value")
        editor = widgets.VBox([*map(widgets.HBox, self.weights), self.divisor])
        settings = widgets.VBox([self.preset, self.padding, self.strides, self.how])
        super().__init__([[self.photo, self.colour], [editor, settings]], file)

    def chosen(self, change):
        with self.quiet():
            self.fill(change["new"])

    def fill(self, name):
        """Write the kernel of that name into the editor."""
        numbers, self.divisor.value, self.how.value = KERNELS[name]
        for row, values in zip(self.weights, numbers):
            for cell, value in zip(row, values):
                cell.value = value

    def take(self, name, data):
        pixels, self.sizes[name] = read_picture(data)
        self.photos[name] = pixels
        self.photo.options = list(self.photos)
        self.photo.value = name

    @property
    def kernel(self):
        """The weights as they are used, (3, 3). Raises ValueError if they cannot be."""
        if not self.divisor.value:
            raise ValueError("Nothing can be divided by 0: write another number behind ÷.")
        kernel = np.array([[cell.value for cell in row] for row in self.weights]) / self.divisor.value
        if not np.abs(kernel).max() < 1e6:
            raise ValueError("Each weight should be a number, at most a million.")
        return kernel

    def draw(self):
        pixels = self.photos[self.photo.value]
        picture = (pixels if self.colour.value else pixels @ GREY[:, None])[None]
        channels = picture.shape[-1]
        layer = layer_for(self.kernel, channels, self.strides.value, self.padding.value)
        self.output, self.layer, self.picture = layer(picture), layer, picture
        shown = visible(self.output[0], self.how.value)
        images = [np.squeeze(picture, -1) if channels == 1 else picture for picture in (self.picture[0], shown)]
        name, made = self.photo.value, self.described()
        alt = f"Left the picture {name}, right what the kernel makes of it. {made}"
        titles = ["picture", f"output ({self.how.value})"]
        return image_row_html(images, titles, alt, limits=(0, 1)), alt, f"{name}: {self.size(name)}{made}"

    def size(self, name):
        """How large the picture of that name was in its file, if it was made smaller."""
        before, now = self.sizes.get(name, self.picture.shape[1:3]), self.picture.shape[1:3]
        return f"{before[0]} by {before[1]} pixels, made smaller. " if tuple(before) != tuple(now) else ""

    def described(self):
        """The layer as one writes it in Keras, the shapes in and out, and how far the output reaches."""
        kind = "Conv2D(1, 3" if self.picture.shape[-1] == 1 else "DepthwiseConv2D(3"
        call = f'{kind}, strides={self.strides.value}, padding="{self.padding.value}", use_bias=False)'
        low, high = self.output.min(), self.output.max()
        return f"{call} makes {self.output.shape} of {self.picture.shape}: numbers from {low:.1f} to {high:.1f}."


def weight(name, value=0):
    """A field for one number, with its name in front."""
    return widgets.FloatText(value, description=name, style={"description_width": "2.6em"}, layout={"width": "7.4em"})

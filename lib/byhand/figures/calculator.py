"""A calculator of shapes and costs: a stack of layers, line by line, in a notebook and in a static page alike."""

import functools
import json

import traitlets

from .. import costs
from ..layers import (
    AveragePooling2D,
    Conv1D,
    Conv2D,
    Conv2DTranspose,
    Conv3D,
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    GlobalMaxPooling3D,
    MaxPooling2D,
    MaxPooling3D,
    SeparableConv2D,
)
from . import catalogue
from .cost_table import table
from .widget import Figure, lean, source
from .windows import size_text


def stack(input_shape, layers):
    """A stack as plain data: {"input": shape of one sample, "lines": [settings of a layer]}."""
    return {"input": tuple(input_shape), "lines": [catalogue.read(layer) for layer in layers]}


def presets():
    """The stacks to begin with, by what they are called."""
    tanh, relu, softmax = ({"activation": name} for name in ("tanh", "relu", "softmax"))
    same = {"padding": "same", **relu}
    half = {"strides": 2, **same}
    return {
        "LeNet-5 with plain pooling": stack((28, 28, 1), [
            Conv2D(6, 5, padding="same", **tanh), AveragePooling2D(2), Conv2D(16, 5, **tanh), AveragePooling2D(2),
            Flatten(), Dense(120, **tanh), Dense(84, **tanh), Dense(10, **softmax)]),
        "a small network for 64 × 64 photos": stack((64, 64, 3), [
            Conv2D(32, 3, **same), MaxPooling2D(2), Conv2D(64, 3, **same), MaxPooling2D(2),
            Flatten(), Dense(64, **relu), Dense(10, **softmax)]),
        "separable, with global pooling": stack((64, 64, 3), [
            Conv2D(32, 3, **half), SeparableConv2D(64, 3, **same), MaxPooling2D(2), SeparableConv2D(128, 3, **same),
            GlobalAveragePooling2D(), Dense(10, **softmax)]),
        "causal, dilated steps": stack((64, 1), [
            Conv1D(8, 2, padding="causal", dilation_rate=d, **relu) for d in (1, 2, 4, 8)]),
        "down and up again": stack((28, 28, 1), [
            Conv2D(16, 3, **half), Conv2D(32, 3, **half), Conv2DTranspose(16, 3, **half),
            Conv2DTranspose(1, 3, strides=2, padding="same", activation="sigmoid")]),
        "a short clip": stack((16, 64, 64, 3), [
            Conv3D(16, 3, **same), MaxPooling3D((1, 2, 2)), Conv3D(32, 3, **same), MaxPooling3D(2),
            GlobalMaxPooling3D(), Dense(5, **softmax)]),
    }  # fmt: skip


@functools.cache
def module():
    """The ES module of the calculator: the catalogue and the presets as data, the rules, the fields, the page."""
    data = {"KINDS": catalogue.kinds(), "ACTIVATIONS": catalogue.ACTIVATIONS, "PRESETS": presets()}
    written = [f"const {name} = {json.dumps(value, ensure_ascii=False)};" for name, value in data.items()]
    rules = [f"rules/{part}.js" for part in ("arrays", "windows", "settings", "costs")]
    return lean("\n".join([*written, *map(source, [*rules, "controls.js", "save.js", "fields.js", "calculator.js"])]))


class Calculator(Figure):
    """Calculator((28, 28, 1), [Conv2D(6, 5), MaxPooling2D(2)]): what each layer makes of the one before, and costs.

    input_shape  of one sample, without the batch
    layers       layers of `byhand.layers`, of the kinds in `catalogue`; TypeError for others, ValueError if one does
                 not fit

    Traits, to be read and set while it is on view:
    stack   {"input": shape, "lines": [{"layer": "Conv2D", "filters": 6, ...}]}, with what the reader typed where it is
            no setting
    at      the line whose fields are open, from 0
    """

    _css = source("stage.css") + source("calculator.css")
    state = ("stack", "at")
    title = "shapes and costs of a stack of layers"

    stack = traitlets.Dict().tag(sync=True)
    at = traitlets.Int(0, min=0).tag(sync=True)

    def __init__(self, input_shape, layers, at=0):
        self._esm = module()
        super().__init__(stack=stack(input_shape, layers), at=at)
        list(self.follow())

    @traitlets.validate("stack")
    def _complete(self, proposal):
        """The stack with a value for every setting; TraitError for a layer that is not in the catalogue."""
        known, given = catalogue.kinds(), proposal["value"]
        unknown = [line["layer"] for line in given["lines"] if line["layer"] not in known]
        if unknown:
            raise traitlets.TraitError(f"the calculator does not know {', '.join(unknown)}")
        return given | {"lines": [{"layer": "", **known[line["layer"]]["start"], **line} for line in given["lines"]]}

    def follow(self):
        """Yield a `costs.Line` for each layer, computed by the NumPy layers; ValueError where one does not fit."""
        return costs.follow(self.stack["input"], map(catalogue.make, self.stack["lines"]))

    def still(self):
        """The stack as a table, for print and for pages without JavaScript."""
        lines, refused = [], None
        try:
            for line in self.follow():
                lines.append(line)
        except ValueError as error:
            refused = str(error)
        whole = table({"": lines}, f"Input {size_text(self.stack['input'])}", refused, total=True)
        return f'<div class="byhand-still">{whole}</div>'

"""Figures that take a layer apart: a trace from the NumPy layer, drawn by one small stage."""

import importlib

import numpy as np

from .windows import entry

FIGURES = {
    "Conv1D": "conv",
    "Conv2D": "conv",
    "Conv3D": "conv",
    "Conv1DTranspose": "transpose",
    "Conv2DTranspose": "transpose",
    "MaxPooling1D": "pool",
    "MaxPooling2D": "pool",
    "AveragePooling1D": "pool",
    "AveragePooling2D": "pool",
    "DepthwiseConv2D": "wiring",
    "SeparableConv2D": "wiring",
    "GlobalAveragePooling2D": "heads",
    "GlobalMaxPooling2D": "heads",
    "LocallyConnected1D": "local",
    "BatchNormalization": "norm",
    "LayerNormalization": "norm",
    "GroupNormalization": "norm",
    "RMSNormalization": "norm",
    "Dense": "dense",
    "Flatten": "rearrange",
    "Reshape": "rearrange",
    "Permute": "rearrange",
    "RepeatVector": "rearrange",
    "ZeroPadding1D": "rearrange",
    "ZeroPadding2D": "rearrange",
    "Cropping1D": "rearrange",
    "Cropping2D": "rearrange",
    "UpSampling1D": "rearrange",
    "UpSampling2D": "rearrange",
    "Dropout": "dropout",
    "SpatialDropout1D": "dropout",
    "Activation": "activations",
    "ReLU": "activations",
    "LeakyReLU": "activations",
    "ELU": "activations",
    "Softmax": "softmax",
    "Add": "merge",
    "Subtract": "merge",
    "Multiply": "merge",
    "Average": "merge",
    "Maximum": "merge",
    "Minimum": "merge",
    "Concatenate": "merge",
    "Dot": "merge",
    "LSTM": "lstm",
    "Sequential": "stack",
}
MORE = {"Conv2D": ["wiring"]}  # figures to be asked for by name


def explain(layer, x, *, figure=None, dy=None, mode="explore", t=0, **settings):
    """The figure of a layer at work on x (N, ...); the first sample is shown, of Dense and the normalisations all.

    layer     a layer of `byhand.layers`, or a Sequential; it is built on x if it was not
    figure    another figure of the same layer: "wiring" for Conv2D, which channel reaches which, groups included;
              "builder" for a Sequential of Conv1D, which any other Sequential gets: its shapes and costs
    dy        the gradient of the output (N, ...) with which the way back begins; small whole numbers without it
    mode      "explore", "predict" or "bug"
    t         the step to begin with
    settings  what the figure's controls set, e.g. view="backward"

    Raises TypeError for a layer that has no figure, ValueError for what the figure cannot draw.
    """
    from .stage import Stage

    kind = type(layer).__name__
    if kind == "Sequential" and (
        figure == "builder" or not figure and {type(p).__name__ for p in layer.layers} != {"Conv1D"}
    ):
        from .calculator import Calculator

        if dy is not None or mode != "explore" or t:
            raise TypeError("the stack builder has no steps, asks nothing, and shows no gradients")
        if not layer.built:
            layer(x)
        return Calculator(np.shape(x)[1:], layer.layers, **settings)
    if kind not in FIGURES:
        raise TypeError(f"no figure for {kind}; there are figures for {', '.join(FIGURES)}")
    if not layer.built:
        layer(x)
    name = figure or FIGURES[kind]
    known = [FIGURES[kind], *MORE.get(kind, [])]
    if name not in known:
        raise ValueError(f"figures of {kind} are {', '.join(known)}; got {figure!r}")
    rule = importlib.import_module(f".{name}", __name__)
    params, data = rule.read(layer, x)
    if dy is not None:
        if hasattr(rule, "NO_DY"):
            raise TypeError(rule.NO_DY)
        upstream = matching(dy, layer(x))
        data["dY"] = entry(upstream if hasattr(rule, "WHOLE_BATCH") else upstream[0])
    unknown = set(settings) - set(params)
    if unknown:
        raise TypeError(f"the figure of {kind} has no setting {', '.join(sorted(unknown))}; it has {', '.join(params)}")
    stage = Stage(name, params | settings, data, mode=mode, t=t)
    for control in stage.trace["controls"]:
        options = control.get("options", [])
        if (
            control["name"] in settings
            and {type(o) for o in options} == {str}
            and settings[control["name"]] not in options
        ):
            raise ValueError(f"{control['name']} is one of {', '.join(options)}; got {settings[control['name']]!r}")
    return stage


def matching(dy, y):
    """dy; ValueError if it is not a gradient of y."""
    if np.shape(dy) != np.shape(y):
        raise ValueError(f"dy has the shape of the output, {np.shape(y)}; got {np.shape(dy)}")
    return dy

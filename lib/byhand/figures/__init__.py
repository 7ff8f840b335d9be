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
    "GlobalAveragePooling2D": "heads",
    "GlobalMaxPooling2D": "heads",
    "LocallyConnected1D": "local",
    "LSTM": "lstm",
    "Sequential": "stack",
}


def explain(layer, x, *, dy=None, mode="explore", t=0, **settings):
    """The figure of a layer at work on x (N, ...); the first sample is shown.

    layer     a layer of `byhand.layers`; it is built on x if it was not
    dy        the gradient of the output (N, ...) with which the way back begins; small whole numbers without it
    mode      "explore", "predict" or "bug"
    t         the step to begin with
    settings  what the figure's controls set, e.g. view="backward"

    Raises TypeError for a layer that has no figure, ValueError for what the figure cannot draw.
    """
    from .stage import Stage

    kind = type(layer).__name__
    if kind not in FIGURES:
        raise TypeError(f"no figure for {kind}; there are figures for {', '.join(FIGURES)}")
    if not layer.built:
        layer(x)
    rule = importlib.import_module(f".{FIGURES[kind]}", __name__)
    params, data = rule.read(layer, x)
    if dy is not None:
        if hasattr(rule, "NO_DY"):
            raise TypeError(rule.NO_DY)
        data["dY"] = entry(matching(dy, layer(x)))
    unknown = set(settings) - set(params)
    if unknown:
        raise TypeError(f"the figure of {kind} has no setting {', '.join(sorted(unknown))}; it has {', '.join(params)}")
    figure = Stage(FIGURES[kind], params | settings, data, mode=mode, t=t)
    for control in figure.trace["controls"]:
        options = control.get("options", [])
        if (
            control["name"] in settings
            and {type(o) for o in options} == {str}
            and settings[control["name"]] not in options
        ):
            raise ValueError(f"{control['name']} is one of {', '.join(options)}; got {settings[control['name']]!r}")
    return figure


def matching(dy, y):
    """The first sample of dy; ValueError if dy is not a gradient of y."""
    if np.shape(dy) != np.shape(y):
        raise ValueError(f"dy has the shape of the output, {np.shape(y)}; got {np.shape(dy)}")
    return dy[0]

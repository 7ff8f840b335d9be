"""Figures that take a layer apart: a trace from the NumPy layer, drawn by one small stage."""

import importlib

FIGURES = {
    "Conv1D": "conv",
    "Conv2D": "conv",
    "Conv1DTranspose": "transpose",
    "Conv2DTranspose": "transpose",
    "MaxPooling1D": "pool",
    "MaxPooling2D": "pool",
    "AveragePooling1D": "pool",
    "AveragePooling2D": "pool",
    "LSTM": "lstm",
}


def explain(layer, x, *, mode="explore", t=0, **settings):
    """The figure of a layer at work on x (N, ...); the first sample is shown.

    layer     a layer of `byhand.layers`; it is built on x if it was not
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
    unknown = set(settings) - set(params)
    if unknown:
        raise TypeError(f"the figure of {kind} has no setting {', '.join(sorted(unknown))}; it has {', '.join(params)}")
    return Stage(FIGURES[kind], params | settings, data, mode=mode, t=t)

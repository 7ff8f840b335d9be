"""The layers of the calculator as plain data: their families, their settings, a layer as settings and back."""

import functools
import inspect

from .. import layers
from ..layers import activations

FAMILIES = {
    "conv": ("Convolution", "Conv1D Conv2D Conv3D"),
    "separable": ("Separable convolution", "SeparableConv1D SeparableConv2D"),
    "depthwise": ("Depthwise convolution", "DepthwiseConv1D DepthwiseConv2D"),
    "transpose": ("Transposed convolution", "Conv1DTranspose Conv2DTranspose Conv3DTranspose"),
    "pool": ("Pooling", "MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D"),
    "global": (
        "Global pooling",
        "GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D "
        "GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D",
    ),
    "up": ("Upsampling", "UpSampling1D UpSampling2D UpSampling3D"),
    "pad": ("Zero padding", "ZeroPadding1D ZeroPadding2D ZeroPadding3D"),
    "crop": ("Cropping", "Cropping1D Cropping2D Cropping3D"),
    "flatten": ("Flatten", "Flatten"),
    "dense": ("Dense", "Dense"),
    "each": ("Each number alone", "ReLU Dropout"),
    "batch": ("Normalisation", "BatchNormalization"),
    "reshape": ("Rearranging", "Reshape"),
    "permute": ("Rearranging", "Permute"),
    "repeat": ("Rearranging", "RepeatVector"),
}
# What changes a shape or a count, in the order of the fields.
SETTINGS = (
    "filters", "units", "rate", "target_shape", "dims", "n", "kernel_size", "pool_size", "size", "cropping", "strides",
    "padding", "output_padding", "dilation_rate", "groups", "depth_multiplier", "activation", "use_bias", "keepdims",
    "center", "scale", "data_format",
)  # fmt: skip
STARTS = {"filters": 8, "units": 10, "rate": 0.5, "target_shape": (-1,), "dims": (2, 1), "n": 3, "kernel_size": 3,
          "pool_size": 2, "cropping": 1}  # fmt: skip
SEQUENCES = ("target_shape", "dims")  # (7, 7) is not 7 here
# By their own names. None is linear; threshold wants numbers, and glu would halve the channels.
ACTIVATIONS = tuple(f.__name__ for f in activations.FUNCTIONS if f.__name__ not in ("linear", "threshold", "glu"))


@functools.cache
def kinds():
    """name -> {"family", "label", "rank", "lead", "defaults": {name: value}, "start": {name: value}}.

    lead: the settings that a call gives without their names; start: those of a layer that was just chosen.
    """
    found = {}
    for family, (label, names) in FAMILIES.items():
        for name in names.split():
            kind = getattr(layers, name)
            given = inspect.signature(kind).parameters
            defaults = {s: given[s].default for s in SETTINGS if s in given}
            first, *_ = given
            lead = [s for s, v in defaults.items() if v is inspect.Parameter.empty or s == first != "data_format"]
            start = {s: STARTS[s] if s in STARTS else shortest(value) for s, value in defaults.items()}
            if "data_format" in start:
                start["data_format"] = defaults["data_format"] = "channels_last"
            found[name] = {
                "family": family,
                "label": label,
                "rank": getattr(kind, "rank", 0),
                "lead": lead,
                "defaults": {s: v for s, v in defaults.items() if s not in lead},
                "start": start,
            }
    return found


def shortest(value):
    """(3, 3) as 3, and ((1, 1), (2, 2)) as (1, 2): the shortest that Keras reads as the same."""
    if not isinstance(value, (tuple, list)):
        return value
    inner = [shortest(v) for v in value]
    if any(isinstance(v, (tuple, list)) for v in inner):
        return value
    return inner[0] if len(set(inner)) == 1 else tuple(inner)


def spelled(setting, value):
    """The value as Python code, the shortest that Keras reads as the same."""
    return python(value if setting in SEQUENCES else shortest(value))


def read(layer):
    """A layer as {"layer": its kind, setting: value}; TypeError for a kind or activation not in the catalogue."""
    kind = type(layer).__name__
    if kind not in kinds():
        raise TypeError(f"the calculator does not know {kind}; it knows {', '.join(kinds())}")
    if kind == "BatchNormalization" and layer.axis not in (-1, (-1,)):
        raise TypeError(f"the calculator knows BatchNormalization on the last axis; got axis={layer.axis}")
    found = {s: getattr(layer, s) for s in kinds()[kind]["start"]}
    if "pool_size" in found and found["strides"] == found["pool_size"]:
        found["strides"] = None
    if "activation" in found:
        found["activation"] = called(layer.activation)
    for border in ("padding", "cropping"):
        if isinstance(found.get(border), tuple) and len(found[border]) == 1:
            found[border] = found[border][0]
    return {"layer": kind} | {s: value if s in SEQUENCES else shortest(value) for s, value in found.items()}


def called(activation):
    """The name by which Keras knows the function, None for linear; TypeError for one that is not in the catalogue."""
    name = getattr(activation, "__name__", None)
    if activation is activations.linear:
        return None
    if name not in ACTIVATIONS or activations.get(name) is not activation:
        raise TypeError(f"the calculator knows the activations {', '.join(ACTIVATIONS)}; got {name or activation}")
    return name


def make(settings):
    """The layer of such settings. Raises ValueError, as the layer does, for values it refuses."""
    given = {s: as_tuple(value) for s, value in settings.items() if s != "layer"}
    if given.get("activation") not in (None, *ACTIVATIONS):
        raise ValueError(f"activation is one of {', '.join(ACTIVATIONS)}, or None; got {given['activation']!r}")
    return getattr(layers, settings["layer"])(**given)


def as_tuple(value):
    return tuple(map(as_tuple, value)) if isinstance(value, (tuple, list)) else value


def call(settings):
    """Conv2D(6, 5, padding="same"): what differs from the defaults, as Keras takes it."""
    kind = kinds()[settings["layer"]]
    given = {s: spelled(s, value) for s, value in settings.items()}
    named = [f"{s}={given[s]}" for s, v in kind["defaults"].items() if s in given and given[s] != spelled(s, v)]
    return f"{settings['layer']}({', '.join([*(given[s] for s in kind['lead']), *named])})"


def python(value):
    return f'"{value}"' if isinstance(value, str) else repr(as_tuple(value))

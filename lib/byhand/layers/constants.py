"""Numbers that Keras writes into its formulas, as they really arrive there."""

import numpy as np


def through_float32(value):
    """`value` rounded to float32, as a Python float.

    Keras hands many constants to TensorFlow in float32, in float64 models too: a slope of 0.2 is really 0.200000003.
    The layers follow, so that both sides agree to the last digits."""
    return float(np.float32(value))

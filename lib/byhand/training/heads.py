"""The last softmax or sigmoid of a network, left out for the loss.

Keras takes a cross-entropy not of the probabilities a layer gives but of the numbers before its softmax or sigmoid: no
digit is lost where a probability rounds to 0 or 1, and the gradient is p - y. It does so whenever the last thing the
last layer does is one of the two, whatever cross-entropy follows and whether or not from_logits is set.
"""

from ..layers import activations
from ..layers.activation_layers import Activation, Softmax
from ..layers.convolution import Kernel
from ..layers.core import Dense
from ..layers.einsum_dense import EinsumDense

FUNCTIONS = (activations.softmax, activations.sigmoid)


def logits(layer, x):
    """The numbers before the last softmax or sigmoid of a layer that was called on x; None if it ends in neither."""
    if layer.regularized is not None:  # its penalty needs the gradient of the output itself
        return None
    if isinstance(layer, Softmax):
        return x
    if isinstance(layer, Activation):
        return x if layer.activation in FUNCTIONS else None
    return layer.z if isinstance(layer, Dense | EinsumDense | Kernel) and layer.activation in FUNCTIONS else None


def backward(layer, dz):
    """The layer's way back from the gradient of its logits."""
    if isinstance(layer, Softmax | Activation):
        return dz
    function, layer.activation = layer.activation, activations.linear
    try:
        return layer.backward(dz)
    finally:
        layer.activation = function

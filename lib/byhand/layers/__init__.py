"""The NumPy layers, by Keras' names."""

from .base import Layer
from .initializers import set_random_seed

__all__ = ["Layer", "set_random_seed"]

"""A stand-in for Colab's module: what libraries look at to know that they run there."""

from . import output

__all__ = ["output"]

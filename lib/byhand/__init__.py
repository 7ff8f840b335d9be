"""Keras' layers rebuilt by hand in NumPy: layers, their figures, their receipts, their exercises."""

__version__ = "0.1.0"

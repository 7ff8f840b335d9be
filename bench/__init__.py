"""How fast is by hand? NumPy against Keras, side by side in one run."""

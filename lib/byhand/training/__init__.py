"""Training in NumPy: losses, optimizers, metrics, callbacks and networks, by Keras' names.

model = Sequential([Input((64,)), Dense(32, activation="relu"), Dense(10, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=3)
"""

from ..layers import Input
from . import callbacks, losses, metrics, optimizers
from .model import Model
from .sequential import Sequential

__all__ = ["Input", "Model", "Sequential", "callbacks", "losses", "metrics", "optimizers"]

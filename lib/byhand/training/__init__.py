"""Training in NumPy: losses, optimizers, metrics, callbacks and models, by Keras' names.

model = Sequential([Input((64,)), Dense(32, activation="relu"), Dense(10, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=3)
"""

from . import losses, optimizers

__all__ = ["losses", "optimizers"]

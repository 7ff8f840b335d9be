"""Training steps: the same network and the same batch through `train_on_batch`, by hand and in Keras."""

import numpy as np

from byhand import layers, training

from .measure import ratio, rounds

STEP_REACH = {"MLP": 1 / 4, "LeNet": 1.25}


def mlp(network, k):
    return network.Sequential([k.Input((784,)), k.Dense(128, activation="relu"), k.Dense(10, activation="softmax")])


def lenet(network, k):
    return network.Sequential([
        k.Input((28, 28, 1)),
        k.Conv2D(6, 5, padding="same", activation="relu"), k.MaxPooling2D(2),
        k.Conv2D(16, 5, activation="relu"), k.MaxPooling2D(2),
        k.Flatten(), k.Dense(120, activation="relu"), k.Dense(84, activation="relu"),
        k.Dense(10, activation="softmax")])  # fmt: skip


STEPS = [
    ("MLP", mlp, (32, 784), "sgd"),
    ("MLP", mlp, (32, 784), "adam"),
    ("LeNet", lenet, (32, 28, 28, 1), "sgd"),
    ("LeNet", lenet, (32, 28, 28, 1), "adam"),
]


def measure_step(name, make, shape, optimizer, count):
    """A row of results: microseconds of a step by hand, and its ratio to Keras' train_on_batch."""
    import keras

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=shape).astype("float32"), rng.integers(0, 10, shape[0])
    contenders = {}
    for side, network, k in (("NumPy", training, layers), ("Keras", keras, keras.layers)):
        model = make(network, k)
        model.compile(optimizer, "sparse_categorical_crossentropy")
        contenders[side] = lambda model=model: model.train_on_batch(x, y)
    taken = rounds(contenders, count)
    return {
        "model": name,
        "optimizer": optimizer,
        "parameters": model.count_params(),
        "microseconds": 1e6 * float(np.median(taken["NumPy"])),
        "keras": ratio(taken, "NumPy", "Keras"),
        "reach": STEP_REACH[name],
    }

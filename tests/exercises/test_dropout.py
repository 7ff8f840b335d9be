"""What the exercises of dropout call right is what the layers, training and Keras do."""

import itertools

import numpy as np

from byhand import layers
from byhand.exercises import dropout
from byhand.exercises.judging import judge
from byhand.training import Sequential, optimizers
from tests.layers.replay import Replay

from .twins import cases, keras


def exercise(name):
    return dropout.EXERCISES[name]


def test_weights_that_are_never_trained_with_one_mask():
    dense, rng = layers.Dense(3), np.random.default_rng(0)
    changed = None
    for _ in range(3):
        dense(rng.normal(size=(5, 4)) * [1, 0, 0, 1])
        dense.backward(rng.normal(size=(5, 3)))
        grads = np.concatenate([g.ravel() for g in dense.get_gradients()]) != 0
        changed = grads if changed is None else changed | grads
    assert np.sum(~changed) == exercise("paper_same_mask").solution


class Watch(layers.Layer):
    """Passes on what comes and notes how many samples that were."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def call(self, x):
        self.seen.append(len(x))
        return x

    def backward(self, dy):
        return dy


def test_batch_sizes():
    for samples, batch_size in cases(exercise("batch_sizes"), 8):
        watch = Watch()
        model = Sequential([watch, layers.Dense(1)])
        model.compile(optimizers.SGD(0.01), "mse")
        model.fit(np.ones((samples, 2)), np.ones((samples, 1)), batch_size, epochs=1, verbose=0)
        sizes = dropout.batch_sizes(samples, batch_size)
        assert watch.seen[-len(sizes) :] == sizes and sum(sizes) == samples


def test_expected_over_every_mask():
    for x, rate, scaled in cases(exercise("expected"), 10):
        masks = np.array(list(itertools.product((0, 1), repeat=len(x))))
        chance = np.prod(np.where(masks, 1 - rate, rate), axis=1)[:, None]
        y = masks * x / (1 - rate if scaled else 1)
        mean = (chance * y).sum(axis=0)
        ours = dropout.expected(x, rate, scaled)
        assert np.allclose(ours, (mean, (chance * (y - mean) ** 2).sum(axis=0)))


def test_none_in_a_noise_shape_is_the_size_of_x():
    def answer(shape, data_format):
        return tuple(None if m > 1 else 1 for m in dropout.spatial_noise_shape(shape, data_format))

    assert judge("dropout.spatial_noise_shape", exercise("spatial_noise_shape"), answer).right


def test_spatial_noise_shape():
    for shape, data_format in cases(exercise("spatial_noise_shape"), 10):
        noise = dropout.spatial_noise_shape(shape, data_format)
        options = {} if len(shape) == 3 else {"data_format": data_format}
        kind = f"SpatialDropout{len(shape) - 2}D"
        assert getattr(layers, kind)(0.5, **options).mask_shape(shape) == noise
        one, other = getattr(keras.layers, kind)(0.5, seed=1, **options), keras.layers.Dropout(0.5, noise, seed=1)
        x = np.ones(shape, "float32")
        assert np.array_equal(one(x, training=True), other(x, training=True))


def test_both_ways():
    for x, dy, u, rate in cases(exercise("both_ways"), 10):
        layer = layers.Dropout(rate, dtype="float64")
        layer.own_generator = Replay(u)
        assert np.allclose(layer(x, training=True), dropout.both_ways(x, dy, u, rate)[0])
        assert np.allclose(layer.backward(dy), dropout.both_ways(x, dy, u, rate)[1])

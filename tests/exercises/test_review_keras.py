"""Keras itself answers the questions of every review, and says what the page calls right."""

import numpy as np
import pytest

from byhand.compare import tensorflow
from byhand.exercises import review

tf = tensorflow()
keras, K = tf.keras, tf.keras.layers


def column(*numbers):
    """The numbers as one series of one channel."""
    return tf.constant(numbers, float, (1, len(numbers), 1))


def whole(x):
    return np.asarray(x).round().astype(int).ravel().tolist()


def built(layer, *shape):
    """How many parameters the layer has on samples of this shape."""
    layer.build((None, *shape))
    return layer.count_params()


def stack_of(layers, x):
    for layer in layers:
        x = layer(x)
    return np.asarray(x).ravel()


def forgotten_flatten():
    model = keras.Sequential([keras.Input((28, 28, 1)), K.Dense(64, activation="relu"), K.Dense(10)])
    return [(1, *model.output_shape[1:]), model.count_params()]


def shared_layer():
    a, b, shared = keras.Input((5,)), keras.Input((5,)), K.Dense(8)
    return keras.Model([a, b], K.Dense(1)(K.Concatenate()([shared(a), shared(b)]))).count_params()


def gradient_of_the_kernel():
    layer = K.Dense(1)
    with tf.GradientTape() as tape:
        y = layer(tf.constant([[1.0, 2], [3, 4]]))
    return whole(tape.gradient(y, layer.kernel.value, tf.constant([[1.0], [10]])))


def twenty_layers():
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(1000, 256))
    y = stack_of([K.Dense(256, activation="relu") for _ in range(20)], x)
    return round(float(np.log10(np.sqrt((y**2).mean()))))


def ten_sigmoids():
    x = tf.zeros((1, 1))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x
        for _ in range(10):
            less = keras.initializers.Constant(-y.numpy().item())  # so that every sum is 0
            y = K.Dense(1, activation="sigmoid", kernel_initializer="ones", bias_initializer=less)(y)
    return f"1 / {round(1 / tape.gradient(y, x).numpy().item())}"


def dropped():
    layer = K.Dropout(0.2, seed=0)
    return [sorted({*layer(np.ones((100, 10)), training=t).numpy().ravel().round(4).tolist()}) for t in (True, False)]


def updates():
    model = keras.Sequential([keras.Input((1,)), K.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.zeros((1000, 1)), np.zeros((1000, 1)), batch_size=32, epochs=3, verbose=0)
    return int(model.optimizer.iterations)


def pairs_of_statistics():
    x = np.random.default_rng(0).normal(size=(8, 5, 3)).astype("float32")
    batch = K.BatchNormalization()
    batch(x, training=True)
    centred = np.isclose(K.LayerNormalization(epsilon=1e-6)(x).numpy().mean(axis=-1), 0, atol=1e-5)
    return [batch.moving_mean.shape[0], int(centred.sum())]


def moving_mean():
    layer = K.BatchNormalization()
    for _ in range(100):
        layer(np.full((4, 1), 10.0), training=True)
    return f"{layer.moving_mean.numpy().item():.1f}"


def zeros_on_each_side():
    ones = np.ones((1, 3, 224, 1))
    y = K.Conv2D(1, 3, strides=2, padding="same", kernel_initializer="ones")(ones).numpy()[0, 0, :, 0]
    return tuple(int(y[1] - y[end]) // int(y[1] / 3) for end in (0, -1))


def steps_ahead():
    series = np.eye(1, 21, 10)[..., None]
    y = stack_of([K.Conv1D(1, 3, padding="same", kernel_initializer="ones") for _ in range(4)], series)
    return 10 - np.flatnonzero(y)[0]


def receptive_field():
    causal = {"padding": "causal", "kernel_initializer": "ones"}
    y = stack_of([K.Conv1D(1, 3, dilation_rate=d, **causal) for d in (1, 2, 4, 8)], np.eye(1, 64)[..., None])
    return np.count_nonzero(y)


def kernel_as_it_is():
    layer = K.Conv1D(1, 3, use_bias=False)
    layer.build((1, 5, 1))
    layer.set_weights([np.reshape([1, 0, -1], (3, 1, 1))])
    return whole(layer(column(1, 4, 9, 16, 25)))


def without_sharing():
    """Keras 3 has no such layer: 64 places, each with the parameters of the shared one."""
    shared = K.Conv2D(8, 3)
    places = np.prod(shared.compute_output_shape((1, 10, 10, 16))[1:3])
    return places * built(shared, 10, 10, 16)


def pools_at_the_border():
    pools = K.MaxPooling1D(2, padding="same"), K.AveragePooling1D(2, padding="same")
    return [whole(pool(column(-4, -8, -2))) for pool in pools]


def gradient_of_a_tie():
    x = column(4, 4, 1, 3)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = K.MaxPooling1D(2)(x)
    return whole(tape.gradient(y, x, column(6, 2)))


def global_head():
    head = keras.Sequential([keras.Input((8, 8, 64)), K.GlobalAveragePooling2D(), K.Dense(10)])
    return head.count_params()


ANSWERS = {
    "foundations": [
        forgotten_flatten,
        shared_layer,
        gradient_of_the_kernel,
        twenty_layers,
        ten_sigmoids,
        lambda: f"{K.Softmax()(np.array([[-2.0]])).numpy().item():.2f}",
        dropped,
        updates,
        lambda: K.Reshape((2, 3))(np.arange(1, 7).reshape(1, 3, 2))[0].numpy().tolist(),
        lambda: [built(K.Dense(4), 32), built(K.Dense(4), 16)],
        pairs_of_statistics,
        moving_mean,
    ],
    "convolution": [
        lambda: K.Conv1D(8, 5, strides=2)(np.zeros((1, 20, 1))).shape[1],
        zeros_on_each_side,
        steps_ahead,
        receptive_field,
        kernel_as_it_is,
        lambda: tuple(K.Conv2D(16, 3, padding="same")(np.zeros((1, 3, 64, 64))).shape),
        without_sharing,
        lambda: built(K.SeparableConv2D(128, 3), 32, 32, 64),
        lambda: whole(K.Conv1DTranspose(1, 3, strides=2, kernel_initializer="ones")(column(1, 1, 1, 1))),
        pools_at_the_border,
        gradient_of_a_tie,
        global_head,
    ],
}
ALL = [
    pytest.param(asked, answer, id=f"{part}-{n}")
    for part in review.parts()
    for n, (asked, answer) in enumerate(zip(review.questions(part), ANSWERS[part], strict=True), 1)
]


@pytest.mark.parametrize("asked, answer", ALL)
def test_keras_gives_the_right_option(asked, answer):
    assert str(answer()) == asked.options[asked.right].printed

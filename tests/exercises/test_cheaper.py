"""What the exercises of cheaper call right is what Keras does."""

import numpy as np

from byhand.exercises import cheaper

from .twins import cases, keras

L = keras.layers


def built(layer, x, *weights):
    """What a Keras layer without bias makes of one image x (H, W, C) with these weights."""
    layer.build((None, *x.shape))
    layer.set_weights([np.asarray(w, "float32").reshape(s.shape) for w, s in zip(weights, layer.weights, strict=True)])
    return np.asarray(layer(np.asarray(x, "float32")[None]))[0]


def weights(layer, channels):
    layer.build((None, 9, 9, channels))
    return layer.count_params()


def test_paper_counts():
    layers = [
        L.Conv2D(8, 3),
        L.Conv2D(8, 3, groups=4),
        L.DepthwiseConv2D(3, depth_multiplier=2),
        L.SeparableConv2D(8, 3, depth_multiplier=2),
    ]
    assert [weights(layer, 16) for layer in layers] == cheaper.EXERCISES["paper_counts"].solution


def test_separable_and_its_one_kernel():
    for x, D, P in cases(cheaper.EXERCISES["separable"], 15):
        (p, q, _, m), filters = D.shape, P.shape[1]
        expected = built(L.SeparableConv2D(filters, (p, q), depth_multiplier=m, use_bias=False), x, D, P)
        assert np.allclose(cheaper.separable(x, D, P), expected)
        plain = built(L.Conv2D(filters, (p, q), use_bias=False), x, cheaper.one_kernel(D, P))
        assert np.allclose(plain, expected)


def test_depthwise_as_groups():
    for (D,) in cases(cheaper.EXERCISES["as_groups"], 15):
        p, q, c, m = D.shape
        x = np.random.default_rng(0).integers(-2, 4, size=(p + 1, q + 2, c))
        expected = built(L.DepthwiseConv2D((p, q), depth_multiplier=m, use_bias=False), x, D)
        grouped = built(L.Conv2D(c * m, (p, q), groups=c, use_bias=False), x, cheaper.as_groups(D))
        assert np.allclose(grouped, expected)


def test_the_first_number_of_filters_that_pays():
    for k, m in {(k, m) for k in range(1, 8) for m in range(1, 8)}:
        fewer = [k * k * m + m * f < k * k * f for f in range(1, 200)]
        assert cheaper.cheaper_from(k, m) == (fewer.index(True) + 1 if any(fewer) else 0)
    for filters, pays in ((1, False), (2, True)):
        separable, plain = L.SeparableConv2D(filters, 3), L.Conv2D(filters, 3)
        assert (weights(separable, 64) < weights(plain, 64)) is pays is (filters >= cheaper.cheaper_from(3, 1))

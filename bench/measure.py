"""Side by side: in every round each contender runs in its turn, and ratios are taken within the round, so that a slow
moment of the machine slows all of them."""

import statistics
import time

import numpy as np

from byhand import layers

from .naive import LOOPS

TURN = 0.004  # seconds for the counted calls of one turn; at least one call, at most MOST
MOST = 20


def best(function):
    """Seconds of the fastest call in one turn, after one call that is not counted."""
    function()
    times = []
    while not times or (sum(times) < TURN and len(times) < MOST):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def rounds(contenders, count):
    """{name: [seconds per round]} for callables by name, run in turns."""
    taken = {name: [] for name in contenders}
    for _ in range(count):
        for name, function in contenders.items():
            taken[name].append(best(function))
    return taken


def ratio(taken, name, reference):
    """Time(name) / time(reference): the median of the rounds, and the quarters between which half of them lie."""
    ratios = [a / b for a, b in zip(taken[name], taken[reference])]
    low, high = np.quantile(ratios, [0.25, 0.75])
    return {"ratio": statistics.median(ratios), "low": float(low), "high": float(high)}


def by_hand(case, arrays):
    """{name: callable} for the layer in NumPy, and for its plain loops where there are some."""
    layer = case.made(layers)
    together = arrays if layer.several_arguments else [arrays if case.inputs > 1 else arrays[0]]

    def forward():
        return layer(*together, **case.call)

    y = forward()
    found = {"NumPy": forward}
    if not case.words:
        dy = np.random.default_rng(1).normal(size=y.shape).astype("float32")

        def both():
            layer(*together, **case.call)
            layer.backward(dy)

        found["NumPy both"] = both
    if case.layer in LOOPS and y.size < 1000:
        loops = LOOPS[case.layer]
        np.testing.assert_allclose(loops(layer, together[0]), y, rtol=0, atol=1e-5)
        found["loops"] = lambda: loops(layer, together[0])
    return found


def in_keras(case, arrays):
    """{name: callable} for the same layer in Keras, compiled and called directly; empty if Keras does not have it."""
    import keras
    import tensorflow as tf

    if not hasattr(keras.layers, case.layer):
        return {}
    layer, separate = case.made(keras.layers), getattr(layers, case.layer).several_arguments
    given = [tf.constant(a) for a in arrays]

    def forward(*tensors):
        return layer(*(tensors if separate or case.inputs == 1 else [list(tensors)]), **case.call)

    y = forward(*given)
    found = {"compiled": compiled(forward, given), "eager": lambda: forward(*given)}
    if not case.words:
        dy = tf.constant(np.random.default_rng(1).normal(size=y.shape).astype("float32"))
        weights = [w.value for w in layer.trainable_weights]

        def both(*tensors):
            # The arguments, not the tensors outside: a compiled function would find those unconnected and skip them.
            sources = [] if case.ids else list(tensors)
            with tf.GradientTape() as tape:
                tape.watch(sources)
                out = forward(*tensors)
            return tape.gradient(out, sources + weights, dy, unconnected_gradients="zero")

        found |= {"compiled both": compiled(both, given), "eager both": lambda: both(*given)}
    return found


def compiled(function, given):
    import tensorflow as tf

    function = tf.function(function)
    return lambda: function(*given)


def measure(case, count):
    """A row of results: microseconds by hand, and the ratios to Keras compiled, Keras called directly, and loops."""
    arrays = case.drawn(np.random.default_rng(0))
    contenders = by_hand(case, arrays) | in_keras(case, arrays)
    taken = rounds(contenders, count)
    row = {"code": case.name, "shape": case.shape, "layer": case.layer}
    for way, suffix in (("forward", ""), ("both", " both")):
        mine = "NumPy" + suffix
        if mine not in taken:
            continue
        row[way] = {"microseconds": 1e6 * statistics.median(taken[mine])}
        for rival in ("compiled", "eager", "loops"):
            if rival + suffix in taken:
                row[way][rival] = ratio(taken, mine, rival + suffix)
    return row


def conv_against_matmul(count):
    """The wide Conv2D against np.matmul with the same multiplications: the limit of any NumPy convolution."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(32, 32, 32, 32)).astype("float32")
    layer = layers.Conv2D(64, 3, padding="same")
    dy = rng.normal(size=layer(x).shape).astype("float32")
    a, b = rng.normal(size=(32 * 32 * 32, 288)).astype("float32"), rng.normal(size=(288, 64)).astype("float32")
    c = np.ascontiguousarray(a.T)
    d = rng.normal(size=(32 * 32 * 32, 64)).astype("float32")

    def layer_both():
        layer(x)
        layer.backward(dy)

    def matmul_both():
        np.matmul(a, b)
        np.matmul(c, d)
        np.matmul(d, b.T)

    contenders = {
        "layer": lambda: layer(x),
        "matmul": lambda: np.matmul(a, b),
        "layer both": layer_both,
        "matmul both": matmul_both,
    }
    taken = rounds(contenders, count)
    return {"forward": ratio(taken, "layer", "matmul"), "both": ratio(taken, "layer both", "matmul both")}

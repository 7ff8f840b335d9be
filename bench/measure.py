"""Interleaved measurements: in every round each contender runs once warm and then a few times, and ratios are taken
within the round, so that a slow moment of the machine slows all of them."""

import statistics
import subprocess
import sys
import time

import numpy as np

from byhand import layers


def best(function, repeats):
    """Seconds of the fastest of `repeats` calls, after one that is not counted."""
    function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def rounds(contenders, count, repeats):
    """{name: [seconds per round]} for callables by name, run in turns."""
    taken = {name: [] for name in contenders}
    for _ in range(count):
        for name, function in contenders.items():
            taken[name].append(best(function, repeats))
    return taken


def ratio(taken, name, reference):
    """(median, smallest, largest) over rounds of time(name) / time(reference)."""
    ratios = [a / b for a, b in zip(taken[name], taken[reference])]
    return statistics.median(ratios), min(ratios), max(ratios)


def contenders(case):
    """Callables by name: NumPy, compiled Keras and eager Keras, forward and forward with all gradients."""
    import keras
    import tensorflow as tf

    rng = np.random.default_rng(0)
    if case.ids:
        x = rng.integers(0, case.ids, case.shape)
        x = [x] * case.inputs if case.inputs > 1 else x
        inputs = tf.constant(x) if case.inputs == 1 else [tf.constant(a) for a in x]
        tensors = []
    else:
        drawn = [rng.normal(size=case.shape).astype("float32") for _ in range(case.inputs)]
        tensors = [tf.constant(a) for a in drawn]
        x, inputs = (drawn[0], tensors[0]) if case.inputs == 1 else (drawn, tensors)
    by_hand = getattr(layers, case.layer)(**case.arguments)
    keras_layer = getattr(keras.layers, case.layer)(**case.arguments)
    separate = by_hand.several_arguments
    arrays = x if separate else [x]
    y = by_hand(*arrays, **case.call)
    keras_layer(*(inputs if separate else [inputs]), **case.call)
    dy = rng.normal(size=y.shape).astype("float32")
    dy_tensor = tf.constant(dy)
    weights = [w.value for w in keras_layer.trainable_weights]

    def forward(*given):
        return keras_layer(*(given if separate or case.inputs == 1 else [list(given)]), **case.call)

    def both(*given):
        # The arguments, not the tensors outside: a compiled function would find those unconnected, and skip their part.
        sources = [] if case.ids else list(given)
        with tf.GradientTape() as tape:
            tape.watch(sources)
            out = forward(*given)
        return tape.gradient(out, sources + weights, dy_tensor, unconnected_gradients="zero")

    given = inputs if case.inputs > 1 else [inputs]
    compiled, compiled_both = tf.function(forward), tf.function(both)

    def numpy_both():
        by_hand(*arrays, **case.call)
        by_hand.backward(dy)

    return {
        "NumPy": lambda: by_hand(*arrays, **case.call),
        "compiled": lambda: compiled(*given),
        "eager": lambda: forward(*given),
        "NumPy both": numpy_both,
        "compiled both": lambda: compiled_both(*given),
        "eager both": lambda: both(*given),
    }


def measure(case, count, repeats):
    """A row of results for one case: microseconds and ratios to compiled and eager Keras."""
    taken = rounds(contenders(case), count, repeats)
    row = {"case": case.name, "layer": case.layer, "reach": case.reach}
    for way, suffix in (("forward", ""), ("both", " both")):
        row[way] = {"microseconds": 1e6 * statistics.median(taken["NumPy" + suffix])}
        for rival in ("compiled", "eager"):
            middle, low, high = ratio(taken, "NumPy" + suffix, rival + suffix)
            row[way][rival] = {"ratio": middle, "low": low, "high": high}
    return row


def conv_against_matmul(count, repeats):
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
    taken = rounds(contenders, count, repeats)
    return {"forward": ratio(taken, "layer", "matmul"), "both": ratio(taken, "layer both", "matmul both")}


def import_seconds(count=9):
    """Median seconds from starting Python to `import byhand.layers` done, with what Python and NumPy alone take."""

    def once(code):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - start

    codes = {"byhand": "import byhand", "byhand.layers": "import byhand.layers", "numpy": "import numpy", "python": ""}
    taken = {name: [] for name in codes}
    for _ in range(count):
        for name, code in codes.items():
            taken[name].append(once(code))
    return {name: statistics.median(times) for name, times in taken.items()}


def first_figure_seconds(page, count=5):
    """Median seconds from opening a page from disk to its first figure drawn, in the installed browser."""
    from playwright.sync_api import sync_playwright

    from tests.browser import path

    taken = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path(), args=["--no-sandbox"])
        for _ in range(count):
            tab = browser.new_page()
            tab.add_init_script(
                "new MutationObserver((_, o) => { if (document.querySelector('.byhand [role=grid]'))"
                " { window.drawn = performance.now(); o.disconnect(); } })"
                ".observe(document, {childList: true, subtree: true})"
            )
            tab.goto(page.as_uri())
            tab.wait_for_function("window.drawn > 0")
            taken.append(tab.evaluate("window.drawn") / 1000)
            tab.close()
        browser.close()
    return statistics.median(taken)

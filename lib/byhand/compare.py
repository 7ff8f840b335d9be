"""The receipt: the same weights and the same input through a NumPy layer and its Keras twin."""

import contextlib
import inspect
import itertools
import logging
import os

import numpy as np

TOLERANCE = {"float32": 1e-5, "float64": 1e-11}


def tensorflow():
    """The TensorFlow module, without its start-up messages: they would stand in every notebook, never the same."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("tensorflow").addFilter(is_error)
    with no_stderr():
        import keras  # noqa: F401  tf.keras would load it late, with messages of its own
        import tensorflow as tf
    return tf


def is_error(record):
    return record.levelno >= logging.ERROR


@contextlib.contextmanager
def no_stderr():
    """Silence what compiled code writes: some of it ignores every setting."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def keras_twin(layer_class, dtype="float32", **arguments):
    """The Keras layer with the same class name and arguments."""
    return getattr(tensorflow().keras.layers, layer_class.__name__)(dtype=dtype, **arguments)


def both_ways(layer, keras_layer, inputs, *, upstream=None, seed=0, **call):
    """Run both layers with the same weights, forward and backward.

    inputs: an array, or a list of arrays; the list of its arguments for a layer called with several of them.
    upstream: the gradient of the output(s); random if it is not given, because ones would hide a transposed gradient.
    call: what both calls take (training, mask, initial_state).
    Returns (name, by hand, Keras) for every output, input gradient and weight gradient.
    """
    tf = tensorflow()
    several_inputs = isinstance(inputs, list)
    outputs = layer(*inputs, **call) if layer.several_arguments else layer(inputs, **call)
    several_outputs = isinstance(outputs, list | tuple)
    dtype = layer.dtype
    # What the layer itself makes of its input: numbers of its dtype, or ids that stay integers and have no gradient.
    seen = layer.cast(inputs)
    tensors = [tf.convert_to_tensor(x) for x in (seen if several_inputs else [seen])]
    states = [tf.convert_to_tensor(np.asarray(s, dtype)) for s in call.get("initial_state") or []]
    options = {**call, "initial_state": states} if states else call
    given = tensors if layer.several_arguments else [tensors] if several_inputs else tensors
    if not keras_layer.built:
        keras_layer(*given, **options)
    keras_layer.set_weights(layer.get_weights())
    with tf.GradientTape() as tape:
        tape.watch(tensors + states)
        expected = keras_layer(*given, **options)
        expected_list = list(expected) if several_outputs else [expected]
        penalties = list(keras_layer.losses)
    rng = np.random.default_rng(seed)
    if upstream is None:
        upstream = [rng.normal(size=y.shape).astype(dtype) for y in (outputs if several_outputs else [outputs])]
    elif not several_outputs:
        upstream = [upstream]
    sources = tensors + states + [w.value for w in keras_layer.trainable_weights]
    seeds = [tf.convert_to_tensor(u) for u in upstream] + [tf.ones_like(p) for p in penalties]
    wanted = tape.gradient(expected_list + penalties, sources, seeds, unconnected_gradients="zero")
    dx = layer.backward(upstream if several_outputs else upstream[0])
    layer.add_penalties()

    rows = []
    for i, (ours, theirs) in enumerate(zip(outputs if several_outputs else [outputs], expected_list)):
        rows.append((f"output {i}" if several_outputs else "output", ours, theirs.numpy()))
    ours = list(dx) if several_inputs else [dx]
    names = [f"gradient of input {i}" if several_inputs else "gradient of the input" for i in range(len(tensors))]
    ours += list(layer.initial_state_grads) if states else []
    names += [f"gradient of initial state {i}" for i in range(len(states))]
    ours += layer.get_gradients()
    names += [f"gradient of {name}" for name in layer.trainable_weights]
    for name, mine, theirs in zip(names, ours, wanted, strict=True):
        if mine is None:  # integer inputs have no gradient
            continue
        rows.append((name, mine, tf.convert_to_tensor(theirs).numpy()))
    return rows


def first_difference(rows, tolerance):
    """None if every pair agrees within `tolerance` (of the largest number, at least of 1); else a sentence."""
    for name, ours, theirs in rows:
        ours, theirs = np.asarray(ours), np.asarray(theirs)
        if ours.shape != theirs.shape:
            return f"{name} has shape {ours.shape} by hand and {theirs.shape} in Keras"
        finite = np.isfinite(theirs)
        scale = max(1.0, float(np.abs(theirs[finite]).max(initial=0)))
        wrong = ~np.isclose(ours, theirs, rtol=0, atol=tolerance * scale, equal_nan=True)
        if wrong.any():
            at = tuple(int(i) for i in np.argwhere(wrong)[0])
            return f"{name} differs first at {list(at)}: {ours[at]:.6g} by hand, {theirs[at]:.6g} in Keras"
    return None


def has_tensorflow():
    """Whether Keras can be asked; if not, say so once."""
    import importlib.util

    if importlib.util.find_spec("tensorflow") is None:
        print("TensorFlow is not installed here, so this comparison was skipped.")
        return False
    return True


def compare(layer, keras_layer, x, *, tolerance=None, seed=0, **call):
    """Print a receipt that `layer` equals `keras_layer` on `x`: outputs, and the gradients of input and weights.

    The weights of `layer` are copied into `keras_layer` first. Further keywords go to both calls.
    Raises AssertionError that names the first number that differs.
    """
    if not has_tensorflow():
        return
    tolerance = TOLERANCE[layer.dtype.name] if tolerance is None else tolerance
    rows = both_ways(layer, keras_layer, x, seed=seed, **call)
    kind = type(layer).__name__
    wrong = first_difference(rows, tolerance)
    if wrong:
        raise AssertionError(f"{kind}: {wrong}")
    width = max(len(name) for name, _, _ in rows)
    print(f"{kind} by hand and {public_name(keras_layer)}, {layer.dtype.name}")
    for name, ours, _ in rows:
        print(f"  {name:<{width}}  {np.shape(ours)!s:<16} equal within {tolerance:g}")


def public_name(keras_layer):
    """Where a reader finds it: keras.layers.Dense, keras.Sequential; keras.Model for all other models."""
    kind = type(keras_layer).__name__
    if not hasattr(keras_layer, "fit"):
        return f"keras.layers.{kind}"
    return "keras.Sequential" if kind == "Sequential" else "keras.Model"


def compare_grid(layer_class, shape, grid, *, dtype="float32", tolerance=None, seed=0, call=None, **fixed):
    """Compare `layer_class` with its Keras twin over every combination in `grid`, on one random input of `shape`.

    shape: that of the input, or a list of shapes for a layer that takes a list of inputs.
    grid: argument name -> values to try; fixed: arguments common to all. A setting that both refuse counts as
    agreement; one that only one of them refuses raises AssertionError.
    Raises TypeError for an argument that the layer does not have: both would refuse it, and agree on nothing.
    """
    for name in [*grid, *fixed]:
        if name not in argument_names(layer_class) - {"dtype"}:
            kind = layer_class.__name__
            raise TypeError(f"{kind} has no argument {name!r} to compare; dtype is one for the whole grid")
    if not has_tensorflow():
        return
    tolerance = TOLERANCE[np.dtype(dtype).name] if tolerance is None else tolerance
    rng = np.random.default_rng(seed)
    several = isinstance(shape, list)
    arrays = [rng.normal(size=each).astype(dtype) for each in (shape if several else [shape])]
    x = arrays if several else arrays[0]
    equal = refused = 0
    for values in itertools.product(*grid.values()):
        setting = {**fixed, **dict(zip(grid, values))}
        said = ", ".join(f"{k}={v!r}" for k, v in zip(grid, values))
        try:
            layer = layer_class(dtype=dtype, **setting)
            layer(x, **(call or {}))
        except (ValueError, TypeError) as ours:
            if keras_accepts(layer_class, dtype, setting, x, call):
                raise AssertionError(f"{layer_class.__name__}({said}): only the NumPy layer refuses: {ours}") from ours
            refused += 1
            continue
        rows = both_ways(layer, keras_twin(layer_class, dtype, **setting), x, **(call or {}))
        wrong = first_difference(rows, tolerance)
        if wrong:
            raise AssertionError(f"{layer_class.__name__}({said}): {wrong}")
        equal += 1
    axes = " x ".join(f"{len(v)} {k}" for k, v in grid.items())
    print(f"{layer_class.__name__}: {axes} = {equal + refused} settings")
    if equal:
        print(f"  {equal} equal to Keras within {tolerance:g}: {', '.join(name for name, _, _ in rows)}")
    if refused:
        print(f"  {refused} refused by both")


def argument_names(layer_class):
    return {name for kind in layer_class.__mro__ for name in inspect.signature(kind.__init__).parameters}


def keras_accepts(layer_class, dtype, setting, x, call):
    try:
        keras_twin(layer_class, dtype, **setting)(x, **(call or {}))
    except Exception:  # Keras and TensorFlow refuse with many classes of error
        return False
    return True

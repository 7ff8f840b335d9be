"""Every argument of every Keras layer that exists here: same name, place and default, and supported or refused by name.

Fails when Keras gains an argument, and when a constructor takes one without looking at it.
"""

import ast
import inspect
import textwrap

import numpy as np
import pytest

from byhand import layers

NEEDED = {  # a value for each argument without a default
    "activation": "relu", "axes": 1, "cell": layers.LSTMCell(2), "cells": [layers.LSTMCell(2)], "dims": (1,),
    "equation": "ab,bc->ac", "filters": 2, "function": np.sin, "input_dim": 4, "kernel_size": 1, "key_dim": 2,
    "layer": layers.LSTM(2), "n": 2, "num_heads": 2, "output_dim": 2, "output_shape": 2, "output_size": 1,
    "pool_size": 1, "rate": 0.5, "stddev": 0.5, "target_shape": (1,), "units": 2}  # fmt: skip


def kinds():
    import keras

    both = [n for n in layers.__all__ if inspect.isclass(getattr(layers, n)) and hasattr(keras.layers, n)]
    return [n for n in both if n != "Layer"]


def keras_class(kind):
    import keras

    return getattr(keras.layers, kind)


def named(function):
    """The parameters one can pass by name, without self."""
    parameters = inspect.signature(function).parameters.values()
    return [p for p in parameters if p.name != "self" and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]


def one_for_all(default):
    """2 for (2, 2) or ((2, 2), (2, 2)): they mean the same where there is one number an axis."""
    while isinstance(default, tuple) and len(set(default)) == 1:
        default = default[0]
    return default


def take_rest(function):
    return any(p.kind is p.VAR_KEYWORD for p in inspect.signature(function).parameters.values())


@pytest.mark.parametrize("kind", kinds())
def test_same_arguments_in_the_same_order_with_the_same_defaults(kind):
    ours, theirs = getattr(layers, kind).__init__, keras_class(kind).__init__
    expected = [(p.name, one_for_all(p.default)) for p in named(theirs)]
    assert [(p.name, one_for_all(p.default)) for p in named(ours)][: len(expected)] == expected
    extra = named(ours)[len(expected) :]
    assert all(p.kind is p.KEYWORD_ONLY for p in extra), "arguments Keras does not have come by keyword only"
    if take_rest(theirs):
        assert take_rest(ours), "the arguments of every layer (name, dtype, trainable ...) must go through"


@pytest.mark.parametrize("kind", kinds())
def test_no_argument_is_taken_without_being_looked_at(kind):
    constructor = inspect.unwrap(getattr(layers, kind).__init__)
    tree = ast.parse(textwrap.dedent(inspect.getsource(constructor)))
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    if "locals" not in read:
        assert {p.name for p in named(constructor)} <= read


@pytest.mark.parametrize("kind", kinds())
def test_every_default_may_be_given(kind):
    ours = getattr(layers, kind)
    needed = {p.name: NEEDED[p.name] for p in named(ours.__init__) if p.default is p.empty}
    if kind == "InputLayer":
        needed = dict(shape=(2,))
    given = {p.name: p.default for p in named(ours.__init__) if p.default is not p.empty}
    ours(**{**given, **needed})


@pytest.mark.parametrize("kind", kinds())
def test_every_call_option_of_keras_is_taken(kind):
    inputs, *theirs = [p.name for p in named(keras_class(kind).call)] or [None]
    ours = {p.name for p in named(getattr(layers, kind).call)} | {p.name for p in named(getattr(layers, kind).__call__)}
    assert set(theirs) - {"training"} <= ours  # training is taken by every layer


def test_what_every_layer_takes():
    import keras

    theirs = [(p.name, p.default) for p in named(keras.layers.Layer.__init__)]
    assert [(p.name, p.default) for p in named(layers.Layer.__init__)] == theirs


def test_default_names_are_those_of_keras():
    import keras
    from keras.src.utils.naming import to_snake_case

    from byhand.layers.lookup import snake_case

    for kind in [n for n in dir(keras.layers) if n[0].isupper()]:
        assert snake_case(kind) == to_snake_case(kind)

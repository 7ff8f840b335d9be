"""show_source shows the code that runs, without line numbers that would move."""

import functools

import pytest

from byhand.layers import Layer, activations
from byhand.source import show_source, source, where


class Toy:
    """A toy."""

    def double(self, x):
        """Twice x."""
        return 2 * x

    @property
    def half(self):
        return 0.5


@functools.lru_cache
def cached(x):
    return x


@pytest.fixture
def shown(monkeypatch):
    outputs = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: outputs.append(data))
    return outputs


def test_a_method_stands_at_the_margin():
    assert source(Toy.double) == 'def double(self, x):\n    """Twice x."""\n    return 2 * x'
    assert source(Toy().double) == source(Toy.double)


def test_without_docstrings():
    bare = source(Toy, docstring=False)
    assert "Twice" not in bare and "A toy" not in bare
    assert bare.splitlines()[:3] == ["class Toy:", "    def double(self, x):", "        return 2 * x"]
    exec(bare, space := {})
    assert space["Toy"]().double(3) == 6


def test_property_and_decorated_function():
    assert source(Toy.half).startswith("@property")
    assert "return x" in source(cached)


def test_the_place_is_the_file_in_the_library():
    assert where(Layer.set_weights) == "byhand/layers/base.py: Layer.set_weights"
    assert where(activations.DERIVATIVES[activations.tanh]) == "byhand/layers/squashers.py"


def test_markdown_and_plain_text_hold_the_code(shown):
    show_source(Layer.get_weights, Layer.count_params)
    (data,) = shown
    assert data["text/markdown"].count("```python\n") == 2
    for text in data.values():
        assert source(Layer.get_weights) in text and source(Layer.count_params) in text
        assert "byhand/layers/base.py" in text


@pytest.mark.parametrize("thing", [3, len, dict, "Conv2D"])
def test_what_has_no_source_is_refused(thing):
    with pytest.raises(TypeError, match="show_source takes"):
        show_source(thing)


def test_nothing_to_show_is_refused():
    with pytest.raises(TypeError, match="needs a function"):
        show_source()

"""What is measured: a layer, what it is given, and how fast it is to be.

A layer is written as one constructs it. The same words make ours and Keras' own, and stand on the page.
"""

import re
from dataclasses import dataclass, field

TEACHING_REACH = 1 / 3  # of the time of compiled Keras, forward
# How many times slower than compiled Keras a family may be at training size, forward and backward together.
REACH = {
    "Dense": 1, "Normalization": 1, "Recurrent": 1, "Attention": 1.5, "Convolution": 2, "Embedding and text": 2,
    "Pooling": 3, "Transposed convolution": 3,
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One measured setting: the layer, the shape of its input and what else its call takes."""

    code: str
    shape: tuple
    inputs: int = 1  # how many inputs of that shape, as a list or one by one as Keras has it
    ids: int | None = None  # for layers that take integers: how many different ones
    words: str | None = None  # for layers that take text: the words it is made of
    call: dict = field(default_factory=dict)

    @property
    def name(self):
        return re.sub(r"vocabulary=\[.*\]", "vocabulary=[...]", self.code)

    @property
    def layer(self):
        return self.code.partition("(")[0]

    def made(self, library):
        """The layer, of byhand.layers or of keras.layers."""
        return eval(self.code, dict(vars(library)))

    def drawn(self, rng):
        """The inputs, as a list of arrays."""
        if self.words:
            return [rng.choice(self.words.split(), self.shape)]
        if self.ids:
            return [rng.integers(0, self.ids, self.shape)]
        return [rng.normal(size=self.shape).astype("float32") for _ in range(self.inputs)]


ON = {"training": True}

# Not measured alone: they run inside others, do nothing but hold a shape, or do what their user writes.
INSIDE_OTHERS = {"Layer", "InputLayer", "Lambda", "Cell", "SimpleRNNCell", "GRUCell", "LSTMCell", "StackedRNNCells"}

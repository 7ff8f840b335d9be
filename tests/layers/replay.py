"""A generator that gives the numbers it is told to: those that Keras drew."""


class Replay:
    """Stands for a generator of NumPy; the shape it is asked for must be that of the numbers."""

    def __init__(self, numbers):
        self.numbers = numbers

    def random(self, shape):
        assert tuple(shape) == self.numbers.shape
        return self.numbers

    def normal(self, mean, deviation, shape):
        return self.random(shape)

"""What `RNN` asks of a cell: one step of the sequence, forward and back."""

import numpy as np

from .base import Layer


class Cell(Layer):
    """One step of a recurrent layer. Your own needs `state_size`, `step`, `step_back`, and with weights also the rest.

    state_size                          units, or a list of units, one for each state
    begin(batch, step_shape, training)  before each sequence: draw dropout masks
    project(x) -> z                     what every step needs of the input, for all steps: x (T, B, features)
    step(z_t, *states)                  -> output, new states (a list), kept (whatever step_back wants to remember)
    step_back(dy, dstates, kept)        -> dz_t, gradients of the old states (a list)
    project_back(dz) -> dx              the way back of project
    collect(x, dz, kept)                gradients of the weights into self.grads; kept is the list over all steps
    """

    state_size = None
    axes = ("features",)  # what one step of the input holds beside the batch

    def begin(self, batch, step_shape, training):
        """Prepare for one sequence of `batch` rows, each step of it of shape `step_shape`."""

    def project(self, x):
        return x

    def step(self, z, *states):
        raise TypeError(f"{type(self).__name__} does not say how to step")

    def step_back(self, dy, dstates, kept):
        raise TypeError(f"{type(self).__name__} has no way back")

    def project_back(self, dz):
        return dz

    def collect(self, x, dz, kept):
        """Cells without weights have nothing to collect."""

    @property
    def output_size(self):
        return flat([self.state_size])[0]

    def output_shape(self, step_shape):
        """Shape of one output without the batch, for inputs of shape `step_shape`."""
        return (self.output_size,)

    def state_shapes(self, step_shape):
        """Shapes of the states without the batch, as a flat list."""
        return [(size,) for size in flat([self.state_size])]

    def __call__(self, inputs, states, training=False):
        """One step by itself: x (B, features), states -> output, new states; the same as Keras' cell(x, states)."""
        x, states = self.cast(inputs), [np.asarray(s, self.dtype) for s in flat([states])]
        if not self.built:
            self.build(x.shape)
            self.built = True
        self.begin(len(x), x.shape[1:], training)
        self.x = x[None]
        output, states, self.kept = self.step(self.project(self.x)[0], *states)
        self.returned = output.shape, output.dtype
        return output, nested(self.state_size, states)

    def backward(self, dy, dstates):
        """Way back of one step by itself: gradients of output and new states -> dx, gradients of the old states."""
        dz, dstates = self.step_back(dy, flat([dstates]), self.kept)
        self.collect(self.x, dz[None], [self.kept])
        return self.project_back(dz[None])[0], nested(self.state_size, dstates)


def flat(states):
    """The arrays (or numbers) in lists within lists, as one list."""
    return [part for s in states for part in (flat(s) if isinstance(s, list | tuple) else [s])]


def nested(sizes, states):
    """The flat list `states` in the lists of `sizes`: [u, u] keeps it flat, [[u, u], [v, v]] makes two lists."""
    states = iter(states)
    fill = lambda size: [fill(s) for s in size] if isinstance(size, list) else next(states)  # noqa: E731
    return fill(sizes if isinstance(sizes, list) else [sizes])

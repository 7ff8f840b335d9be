"""The recurrent loop: one cell, carried over every step of a sequence, forward and back through time.

Source: https://keras.io/api/layers/recurrent_layers/rnn/ ; Werbos 1990, "Backpropagation through time".
"""

import numpy as np

from . import arguments
from .base import Layer
from .recurrent_cells import Cell, flat, nested
from .stacked import StackedRNNCells


class RNN(Layer):
    """x (B, T, features) -> the cell's last output (B, u), or with return_sequences all of them (B, T, u).

    return_state adds the last states: then the result is a list [output, state, ...], and backward takes a list of
    gradients in that order. A step with mask False leaves the states as they are and repeats the output before it
    (zeros if there is none, or with zero_output_for_mask). go_backwards reads from the end and gives the outputs in
    the order in which they were made. stateful begins where the last call ended, until reset_state(). unroll is taken
    and changes nothing here.
    After a call: steps, what the cell kept of each step. After backward: initial_state_grads, a list.
    Raises ValueError if input, mask or initial_state do not fit.
    """

    supports_masking = True

    def __init__(self, cell, return_sequences=False, return_state=False, go_backwards=False, stateful=False,
                 unroll=False, zero_output_for_mask=False, **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        cell = StackedRNNCells(cell, dtype=self.dtype) if isinstance(cell, list | tuple) else cell
        if not isinstance(cell, Cell):
            raise TypeError(f"{type(self).__name__}: cell is a Cell (see byhand.layers.Cell); got {cell!r}")
        if cell.state_size is None:
            raise ValueError(f"{type(self).__name__}: {type(cell).__name__} has no state_size")
        self.cell = cell
        for name, value in dict(
            return_sequences=return_sequences, return_state=return_state, go_backwards=go_backwards, stateful=stateful,
            unroll=unroll, zero_output_for_mask=zero_output_for_mask,
        ).items():  # fmt: skip
            setattr(self, name, arguments.flag(type(self).__name__, name, value))
        self.frozen, self.regularizers, self.constraints = cell.frozen, cell.regularizers, cell.constraints
        self.states, self.steps, self.initial_state_grads = None, [], []

    def build(self, input_shape):
        self.check_input(input_shape)
        if not self.cell.built:
            self.cell.build((input_shape[0], *input_shape[2:]))
            self.cell.built = True
        self.step_shape = input_shape[2:]
        if not self.cell.trainable:
            self.frozen.update(self.weights)
        for name, weight in self.weights.items():
            setattr(self, name, weight)

    @property
    def weights(self):
        return self.cell.weights

    def call(self, x, initial_state=None, mask=None, training=False):
        self.check_input([part.shape for part in x] if isinstance(x, list) else x.shape)
        states = self.start(len(x), initial_state)
        mask = self.check_mask(mask, x)
        order = slice(None, None, -1 if self.go_backwards else 1)
        self.x, self.mask = x.swapaxes(0, 1)[order], None if mask is None else mask.T[order]  # time first
        self.cell.begin(len(x), self.step_shape, training)
        z = self.cell.project(self.x)
        outputs, self.steps = [], []
        for t in range(len(z)):
            y, new, kept = self.cell.step(z[t], *states)
            if mask is not None:
                before = outputs[-1] if outputs and not self.zero_output_for_mask else 0
                y = choose(self.mask[t], y, before)
                new = [choose(self.mask[t], n, s) for n, s in zip(new, states)]
            states = new
            outputs.append(y)
            self.steps.append(kept)
        if self.stateful:
            self.states = [s.copy() for s in states]
        y = np.stack(outputs, axis=1) if self.return_sequences else outputs[-1]
        return [y, *nested(self.cell.state_size, states)] if self.return_state else y

    def backward(self, dy):
        """Back through time: gradient(s) of the output(s) -> dx (B, T, features); fills grads, initial_state_grads."""
        dy, *dstates = self.check_gradients(dy)
        steps = len(self.steps)
        dstates = dstates or [np.zeros_like(s) for s in self.started]
        dz, waiting = [None] * steps, 0  # waiting: gradient of outputs that repeated an earlier one
        for t in reversed(range(steps)):
            dout = waiting + (dy[:, t] if self.return_sequences else dy if t == steps - 1 else np.zeros_like(dy))
            if self.mask is None:
                dz[t], dstates = self.cell.step_back(dout, dstates, self.steps[t])
                continue
            valid = self.mask[t]
            past = [choose(valid, 0, d) for d in dstates]  # where the step was skipped, gradients pass by it
            waiting = 0 if self.zero_output_for_mask else choose(valid, 0, dout)
            dstates = [choose(valid, d, 0) for d in dstates]
            dz[t], dstates = self.cell.step_back(choose(valid, dout, 0), dstates, self.steps[t])
            dstates = [d + p for d, p in zip(dstates, past)]
        self.initial_state_grads = nested(self.cell.state_size, dstates)
        dz = np.stack(dz)
        self.cell.collect(self.x, dz, self.steps)
        self.grads = self.cell.grads
        if self.skip_input_gradient:
            return None
        dx = self.cell.project_back(dz)
        return (dx[::-1] if self.go_backwards else dx).swapaxes(0, 1)

    # --- states ---------------------------------------------------------------------------------------------------

    def start(self, batch, initial_state):
        """The states the sequence begins with: given, left by the last call (stateful), or zeros."""
        zeros = [np.zeros((batch, *shape), self.dtype) for shape in self.cell.state_shapes(self.step_shape)]
        if self.stateful and self.states is not None and len(self.states[0]) != batch:
            raise ValueError(f"{type(self).__name__} is stateful and remembers {len(self.states[0])} rows; "
                             f"got {batch}. Use the same batch size, or a new layer")  # fmt: skip
        if initial_state is not None:
            given = [np.asarray(s, self.dtype) for s in flat([initial_state])]
            if [s.shape for s in given] != [z.shape for z in zeros]:
                raise ValueError(f"{type(self).__name__}: initial_state has shapes {[z.shape for z in zeros]}; "
                                 f"got {[s.shape for s in given]}")  # fmt: skip
            self.started = given
        else:
            self.started = self.states if self.stateful and self.states is not None else zeros
        return self.started

    def reset_state(self):
        """Forget what a stateful layer carried over: the next call begins with zeros."""
        if self.states is not None:
            self.states = [np.zeros_like(s) for s in self.states]

    reset_states = reset_state

    # --- shapes ---------------------------------------------------------------------------------------------------

    def compute_output_shape(self, input_shape):
        self.check_input(input_shape)
        batch, time, *step = input_shape
        one = self.cell.output_shape(step)
        output = (batch, time, *one) if self.return_sequences else (batch, *one)
        if not self.return_state:
            return output
        states = [(batch, *shape) for shape in self.cell.state_shapes(step)]
        return [output, *nested(self.cell.state_size, states)]

    def compute_mask(self, inputs, mask=None):
        """The sequence of outputs keeps the mask of its steps; the last output and the states have none."""
        output = mask if self.return_sequences else None
        if not self.return_state:
            return output
        return [output, *[None] * len(nested(self.cell.state_size, flat([self.cell.state_size])))]

    def check_input(self, shape):
        kind, axes = type(self).__name__, ("batch", "time", *self.cell.axes)
        if isinstance(shape, list) or len(shape) != len(axes):
            raise ValueError(f"{kind} takes one array ({', '.join(axes)}); got shape {shape}")
        if shape[1] == 0:
            raise ValueError(f"{kind} needs at least one step; got shape {shape}")
        if self.built and shape[2:] != self.step_shape:
            raise ValueError(f"{kind} was built for ({', '.join(axes[2:])}) = {self.step_shape}; got shape {shape}")

    def check_mask(self, mask, x):
        if mask is None:
            return None
        mask = np.asarray(mask, bool)
        mask = mask[..., 0] if mask.shape == (*x.shape[:2], 1) else mask
        if mask.shape != x.shape[:2]:
            raise ValueError(f"{type(self).__name__}: mask has shape (batch, time) = {x.shape[:2]}; got {mask.shape}")
        return mask

    def check_gradients(self, dy):
        """Gradients as a list of arrays, one for each output of the last call."""
        kind = type(self).__name__
        time, batch = self.x.shape[:2]
        one = self.cell.output_shape(self.step_shape)
        shapes = [(batch, time, *one) if self.return_sequences else (batch, *one)]
        shapes += [s.shape for s in self.started] if self.return_state else []
        given = [np.asarray(d, self.dtype) for d in (flat([dy]) if self.return_state else [dy])]
        if [d.shape for d in given] != shapes:
            raise ValueError(f"{kind}.backward takes gradients of shapes {shapes}; got {[d.shape for d in given]}")
        return given


def choose(mask, yes, no):
    """Rows of `yes` where mask (B,) is True, rows of `no` elsewhere; one of the two may be a number."""
    return np.where(mask.reshape(-1, *(1,) * (max(np.ndim(yes), np.ndim(no)) - 1)), yes, no)

"""Several cells as one: at each step the output of a cell is the input of the next.

Source: https://keras.io/api/layers/recurrent_layers/stacked_rnn_cell/
"""

from dataclasses import dataclass

import numpy as np

from .recurrent_cells import Cell, flat


@dataclass(slots=True)
class StackedStep:
    """One step: for each cell its input, what it kept, and after backward dz, the gradient of what it projected."""

    inputs: list
    kept: list
    dz: list


class StackedRNNCells(Cell):
    """cells, lowest first -> one cell whose output is the last one's and whose states are all of theirs, nested.

    Weights: each cell's own, in order, named "0/kernel" and so on. Raises TypeError if one of them is not a Cell.
    """

    def __init__(self, cells, **kwargs):
        super().__init__(**kwargs)
        if not isinstance(cells, list | tuple) or not cells or not all(isinstance(c, Cell) for c in cells):
            raise TypeError(f"StackedRNNCells takes a list of cells; got {cells!r}")
        self.cells = list(cells)
        self.state_size = [cell.state_size for cell in cells]
        self.axes = self.cells[0].axes

    @property
    def output_size(self):
        return self.cells[-1].output_size

    def output_shape(self, step_shape):
        for cell in self.cells:
            step_shape = cell.output_shape(step_shape)
        return step_shape

    def state_shapes(self, step_shape):
        shapes = []
        for cell in self.cells:
            shapes += cell.state_shapes(step_shape)
            step_shape = cell.output_shape(step_shape)
        return shapes

    def build(self, input_shape):
        for i, cell in enumerate(self.cells):
            if not cell.built:
                cell.build(input_shape)
            self.adopt(str(i), cell)
            input_shape = (input_shape[0], *cell.output_shape(input_shape[1:]))

    def begin(self, batch, step_shape, training):
        for cell in self.cells:
            cell.begin(batch, step_shape, training)
            step_shape = cell.output_shape(step_shape)

    def project(self, x):
        return self.cells[0].project(x)

    def step(self, z, *states):
        new, memory, y = [], StackedStep([], [], [None] * len(self.cells)), None
        for cell, own in zip(self.cells, self.shared_out(states)):
            if y is not None:
                z = cell.project(y[None])[0]
            memory.inputs.append(y)
            y, states, kept = cell.step(z, *own)
            memory.kept.append(kept)
            new += states
        return y, new, memory

    def step_back(self, dy, dstates, memory):
        old = []
        for i, own in reversed(list(enumerate(self.shared_out(dstates)))):
            dz, dstates = self.cells[i].step_back(dy, own, memory.kept[i])
            memory.dz[i] = dz
            old = list(dstates) + old
            if i:
                dy = self.cells[i].project_back(dz[None])[0]
        return dz, old

    def project_back(self, dz):
        return self.cells[0].project_back(dz)

    def collect(self, x, dz, memories):
        for i, cell in enumerate(self.cells):
            if i:
                x, dz = np.stack([m.inputs[i] for m in memories]), np.stack([m.dz[i] for m in memories])
            cell.collect(x, dz, [m.kept[i] for m in memories])
        self.grads = self.gather()

    def shared_out(self, states):
        """The flat list of states as one list for each cell."""
        states, counts = list(states), [len(flat([cell.state_size])) for cell in self.cells]
        return [[states.pop(0) for _ in range(n)] for n in counts]

"""What an exercise is: its cases, its solution, the mistakes one makes, and its hints."""

import inspect
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

CASES = 100


def call(answer, *case):
    """The outcome of a function exercise: what the reader's function gives for this case."""
    return answer(*case)


@dataclass(frozen=True)
class Exercise:
    """One exercise. Its id is the chapter's module name, a dot, and its key in that module's EXERCISES.

    solution: a function, whose docstring states the task, the signature and the shapes; or, on paper, the value.
    cases: rng -> the arguments of one call, as a tuple. Sizes should vary, so that a small failing case exists.
    outcome: (answer, *case) -> what is compared. It differs from a plain call where many answers are right.
    wrong: pairs of a sentence that names the mistake and the answer (function or value) that makes it.
    tolerance: how far numbers may lie apart, relative to the largest expected one; None compares exactly.
    task: the task in words where the solution is a value.
    """

    solution: Any
    cases: Callable | None = None
    wrong: tuple = ()
    hints: tuple = ()
    tolerance: float | None = 1e-5
    outcome: Callable = call
    task: str = ""

    @property
    def on_paper(self):
        """Whether the answer is a value that the reader works out, not a function."""
        return self.cases is None

    @property
    def statement(self):
        """Task, signature and shapes in words."""
        return self.task or inspect.getdoc(self.solution)

    @property
    def names(self):
        """Names of the arguments of one case."""
        if self.on_paper:
            return []
        takes = self.solution if self.outcome is call else self.outcome
        names = list(inspect.signature(takes).parameters)
        return names if self.outcome is call else names[1:]

    def draw(self, exercise_id):
        """The cases of a check, smallest first; the same at every call."""
        if self.on_paper:
            return [()]
        rng = np.random.default_rng(zlib.crc32(exercise_id.encode()))
        return sorted((self.cases(rng) for _ in range(CASES)), key=size)

    def result(self, answer, case):
        """The outcome of `answer` on `case`."""
        return answer if self.on_paper else self.outcome(answer, *case)


def size(case):
    """How much there is to read in a case: the cells of its arrays, then the largeness of its numbers."""
    arrays = [np.asarray(value) for value in case if not isinstance(value, str | None)]
    return sum(a.size if a.ndim else 0 for a in arrays), sum(float(np.abs(a).sum()) for a in arrays)

"""Exercises: check(id, answer) tells whether it is right and why not; hint(id) helps one step further.

The exercises of a chapter stand in the module of its name (conv2d.py ...), in a dict EXERCISES.
"""

import os

from .exercise import Exercise
from .judging import judge
from .registry import UnknownExercise, find
from .wording import wrapped

__all__ = ["Exercise", "check", "hint"]

STRICT = "BYHAND_STRICT"

hints_given = {}


def check(exercise_id, answer=None):
    """Print whether `answer` solves the exercise, and if not, the smallest case that shows it and the likely mistake.

    answer: the reader's function, or the value found on paper. Nothing is raised, so that an unfinished notebook runs
    to its end; with the environment variable BYHAND_STRICT=1 a wrong answer raises AssertionError, for graders.
    """
    try:
        verdict = judge(exercise_id, find(exercise_id), answer)
        right, text = verdict.right, verdict.text
    except UnknownExercise as unknown:
        right, text = False, str(unknown)
    if not right and os.environ.get(STRICT, "") not in ("", "0"):
        raise AssertionError(text)
    print(text)


def hint(exercise_id, level=None):
    """Print the next hint of the exercise: every call reveals one more.

    level: print the first `level` hints instead.
    """
    try:
        hints = find(exercise_id).hints
    except UnknownExercise as unknown:
        print(unknown)
        return
    given = hints_given.get(exercise_id, 0)
    first, last = (given, given + 1) if level is None else (0, level)
    for number in range(first, min(last, len(hints))):
        print(wrapped(f"Hint {number + 1} of {len(hints)}: {hints[number]}"))
    if first >= len(hints):
        print("There are no more hints. The solution is folded below the exercise.")
    hints_given[exercise_id] = min(max(last, given), len(hints))

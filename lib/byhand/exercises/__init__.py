"""Exercises: check(id, answer) tells whether it is right and why not; hint(id) helps one step further.

The exercises of a chapter stand in the module of its name (conv2d.py ...), in a dict EXERCISES. question(part, number)
asks one of the questions on a whole part.
"""

import html
import os

from .exercise import Exercise
from .judging import judge
from .page import folded, show
from .registry import UnknownExercise, find
from .review import question
from .wording import wrapped

__all__ = ["Exercise", "check", "hint", "question"]

STRICT = "BYHAND_STRICT"


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


def hint(exercise_id):
    """Show the hints of the exercise, each folded until it is clicked; outside a notebook they are printed in order."""
    try:
        hints = find(exercise_id).hints
    except UnknownExercise as unknown:
        print(unknown)
        return
    titles = [f"Hint {number} of {len(hints)}" for number in range(1, len(hints) + 1)]
    plain = "\n".join(wrapped(f"{title}: {text}") for title, text in zip(titles, hints))
    steps = "".join(folded(title, f"<p>{html.escape(text)}</p>") for title, text in zip(titles, hints))
    show(f'<div class="byhand-hints">{steps}</div>', plain)

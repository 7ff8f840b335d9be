"""Finding an exercise by its id: "conv2d.output_size" is EXERCISES["output_size"] in conv2d.py."""

import difflib
import importlib
import importlib.util
import pkgutil
from pathlib import Path

PACKAGE = __package__


class UnknownExercise(Exception):
    """No exercise has this id; the text says which ones are near."""


def find(exercise_id):
    """The Exercise with this id; its chapter is imported when it is first asked for. Raises UnknownExercise."""
    chapter, _, name = str(exercise_id).partition(".")
    found = exercises_of(chapter).get(name) if chapter.isidentifier() else None
    if found is None:
        raise UnknownExercise(suggestion(exercise_id))
    return found


def exercises_of(chapter):
    """name -> Exercise of one chapter; empty if there is no such chapter."""
    if importlib.util.find_spec(f"{PACKAGE}.{chapter}") is None:
        return {}
    return getattr(importlib.import_module(f"{PACKAGE}.{chapter}"), "EXERCISES", {})


def every_id():
    """The ids of all exercises."""
    chapters = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return [f"{chapter}.{name}" for chapter in chapters for name in exercises_of(chapter)]


def suggestion(exercise_id):
    near = difflib.get_close_matches(str(exercise_id), every_id(), n=3, cutoff=0.5)
    known = [i for i in every_id() if i.startswith(f"{str(exercise_id).partition('.')[0]}.")]
    said = f"There is no exercise {exercise_id!r}."
    if near or known:
        return f"{said} Did you mean {' or '.join(map(repr, near or known))}?"
    return f"{said} The ids start with {', '.join(sorted({i.partition('.')[0] for i in every_id()}))}."

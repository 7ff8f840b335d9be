"""From an answer to a verdict: run the cases, take the smallest that fails, name the mistake."""

import contextlib
import copy
import inspect
import io
import warnings
from dataclasses import dataclass

import numpy as np

from . import wording
from .agreement import agrees, form_problem, kind, look
from .watchdog import StillRunning, time_limit

SECONDS = 5
PRINTED_LINES = 5


@dataclass
class Verdict:
    """Whether the answer is right, and what to tell the reader."""

    right: bool
    text: str


@dataclass
class Trial:
    """One case that was tried: what came, what was expected, and what went wrong on the way."""

    case: tuple
    expected: object
    got: object = None
    error: BaseException | None = None
    changed: str = ""
    printed: str = ""
    right: bool = False


def judge(exercise_id, exercise, answer):
    """The verdict on `answer`: a function, or a value where the exercise asks for one."""
    refused = refusal(exercise_id, exercise, answer)
    if refused:
        return Verdict(False, refused)
    trials = run(exercise, answer, exercise.draw(exercise_id))
    failed = next((t for t in trials if not t.right), None)
    if failed is None:
        return Verdict(True, f"{exercise_id}: right" + ("." if exercise.on_paper else f", in all {len(trials)} cases."))
    if isinstance(failed.error, NotImplementedError) and failed is trials[0]:
        return Verdict(False, f"{exercise_id}: not written yet.")
    text = [f"{exercise_id}: not right yet.", evidence(exercise, answer, failed)]
    sentence = cause(exercise, trials, failed)
    if sentence:
        text.append(wording.wrapped(f"  -> {sentence}", indent=5))
    return Verdict(False, "\n".join(text))


def refusal(exercise_id, exercise, answer):
    """Why the answer cannot even be tried, or None."""
    if is_stub(answer):
        return f"{exercise_id}: not written yet."
    wants_function = callable(exercise.solution)
    if not wants_function and callable(answer):
        return f"{exercise_id}: this one asks for the value that you found, not for a function."
    if wants_function and not callable(answer):
        return (
            f"{exercise_id}: hand over the function itself, by its name and without brackets; "
            f"got {kind(answer)}, {wording.compact(answer)}."
        )
    if wants_function:
        wanted = list(inspect.signature(exercise.solution).parameters)
        with contextlib.suppress(ValueError):  # some compiled functions tell no signature
            try:
                inspect.signature(answer).bind(*wanted)
            except TypeError:
                takes = ", ".join(inspect.signature(answer).parameters) or "nothing"
                return f"{exercise_id}: the function must take ({', '.join(wanted)}); yours takes ({takes})."
    return None


def is_stub(answer, depth=0):
    """Whether a value is still the stub's: nothing, three dots, or a list with such a part.

    None further inside is an answer: Keras writes it for the batch in a shape.
    """
    if isinstance(answer, list | tuple):
        return any(is_stub(part, depth + 1) for part in answer)
    return answer is Ellipsis or answer is NotImplemented or (answer is None and depth < 2)


def run(exercise, answer, cases):
    """Try the cases in order, within SECONDS. Stops at an error, which is then the last trial's."""
    expected = [exercise.result(exercise.solution, copy.deepcopy(case)) for case in cases]
    trials = []
    try:
        with time_limit(SECONDS):
            for case, wanted in zip(cases, expected):
                trials.append(Trial(case, wanted))
                attempt(exercise, answer, trials[-1])
                if trials[-1].error is not None:
                    break
    except StillRunning as late:
        trials[-1].error, trials[-1].right = late, False
    return trials


def attempt(exercise, answer, trial):
    given = copy.deepcopy(trial.case)
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            trial.got = kept(exercise.result(answer, given))
            agreed = agrees(trial.got, trial.expected, exercise.tolerance)
    except (Exception, SystemExit) as error:
        if isinstance(error, StillRunning):
            raise
        trial.error = error
    trial.printed = printed.getvalue()
    changed = [n for n, now, was in zip(exercise.names, given, trial.case) if not unchanged(now, was)]
    trial.changed = " and ".join(changed)
    trial.right = trial.error is None and not changed and agreed


def kept(result):
    """A copy of the result, which the reader's code may change later; a generator and the like stays as it is."""
    try:
        return copy.deepcopy(result)
    except TypeError:
        return result


def unchanged(now, was):
    return np.array_equal(now, was) if isinstance(was, np.ndarray) else now == was


def evidence(exercise, answer, trial):
    """The failing case, line by line."""
    pairs = [] if exercise.on_paper else list(zip(exercise.names, trial.case))
    if isinstance(trial.error, StillRunning):
        pairs.append(("stopped", wording.Words(f"still running after {SECONDS} seconds. Is there an endless loop?")))
    elif trial.error is not None:
        pairs += wording.error_lines(trial.error, answer)
    elif exercise.on_paper:
        pairs.append(("got", trial.got))
    else:
        digits = 4 if wording.compact(trial.got) != wording.compact(trial.expected) else 9
        pairs += [(name, wording.Words(wording.compact(v, digits))) for name, v in both(trial)]
    lines = trial.printed.splitlines()
    if lines:
        more = ["..."] if len(lines) > PRINTED_LINES else []
        pairs.append(("printed", wording.Words("\n".join(lines[:PRINTED_LINES] + more))))
    return wording.labelled(pairs)


def both(trial):
    return [("expected", trial.expected), ("got", trial.got)]


def cause(exercise, trials, failed):
    """One sentence on what is probably wrong; None if there is none."""
    if failed.error is None and failed.changed and agrees(failed.got, failed.expected, exercise.tolerance):
        return f"The result is right, but {failed.changed} was changed in place. Work on a copy."
    for sentence, wrong in exercise.wrong:
        if all(matches(exercise, wrong, t) for t in trials):
            return sentence
    if failed.error is not None:
        return None
    problem = form_problem(failed.got, failed.expected)
    if problem:
        return problem
    if exercise.on_paper:
        return partly(exercise, failed.got)  # with one case only, a distance from the right value would give it away
    pairs = [(t.got, t.expected) for t in trials if form_problem(t.got, t.expected) is None]
    sentence = look(pairs, exercise.tolerance)
    if not sentence and failed.changed:
        sentence = f"Your function changes {failed.changed} in place. Work on a copy."
    return sentence or suspicion(exercise, trials)


def partly(exercise, got):
    """The known mistake that explains the first wrong part of an answer on paper; None if there is none.

    Of several the one that leaves most other parts right.
    """
    if not isinstance(exercise.solution, tuple | list):
        return None

    def wrong_parts(answer):
        return [k for k, e in enumerate(exercise.solution) if not agrees(answer[k], e, exercise.tolerance)]

    first = wrong_parts(got)[0]
    alike = [w for w in exercise.wrong if isinstance(w[1], tuple | list) and len(w[1]) == len(got)]
    fitting = [w for w in alike if first in wrong_parts(w[1]) and agrees(got[first], w[1][first], exercise.tolerance)]
    return f"Perhaps: {min(fitting, key=lambda w: len(wrong_parts(w[1])))[0]}" if fitting else None


def suspicion(exercise, trials):
    """The known mistake that explains the first failing case and most of the others; None if there is none."""
    failed = [t for t in trials if not t.right]
    for sentence, wrong in exercise.wrong:
        explained = [t.error is None and matches(exercise, wrong, t) for t in failed]
        if explained[0] and sum(explained) > len(failed) / 2:
            return f"Perhaps: {sentence}"
    return None


def matches(exercise, wrong, trial):
    """Whether the planted wrong answer gives what the reader's answer gave, or fails with the same error.

    Products whose sizes do not fit are such: a forgotten transposition raises unless the array is square.
    """
    planted = Trial(trial.case, trial.expected)
    attempt(exercise, wrong, planted)
    if trial.error is not None or planted.error is not None:
        return type(planted.error) is type(trial.error) and str(planted.error) == str(trial.error)
    return agrees(trial.got, planted.got, exercise.tolerance)

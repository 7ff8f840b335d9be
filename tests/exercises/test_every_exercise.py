"""Each checker is fair: the solution passes, the stub is told so, every planted mistake gets its own hint."""

import time

import numpy as np
import pytest

from byhand.exercises import judging
from byhand.exercises.judging import judge
from byhand.exercises.registry import every_id, find

IDS = every_id()
FUNCTIONS = [i for i in IDS if callable(find(i).solution)]
MISTAKES = [(i, n) for i in IDS for n in range(len(find(i).wrong))]


@pytest.fixture(autouse=True)
def time_enough(monkeypatch):
    """No verdict depends on how busy the machine is."""
    monkeypatch.setattr(judging, "SECONDS", 300)


def stub(exercise):
    def not_written(*case):
        raise NotImplementedError

    return not_written if callable(exercise.solution) else ...


@pytest.mark.parametrize("exercise_id", IDS)
def test_the_solution_passes_quickly(exercise_id):
    start = time.process_time()  # other work on the machine does not count
    verdict = judge(exercise_id, find(exercise_id), find(exercise_id).solution)
    assert verdict.right, verdict.text
    assert verdict.text.startswith(f"{exercise_id}: right")
    assert time.process_time() - start < 2


@pytest.mark.parametrize("exercise_id", IDS)
def test_the_stub_is_not_written_yet(exercise_id):
    exercise = find(exercise_id)
    verdict = judge(exercise_id, exercise, stub(exercise))
    assert not verdict.right
    assert verdict.text == f"{exercise_id}: not written yet."


@pytest.mark.parametrize("exercise_id, number", MISTAKES)
def test_a_planted_mistake_gets_its_own_hint(exercise_id, number):
    exercise = find(exercise_id)
    sentence, wrong = exercise.wrong[number]
    verdict = judge(exercise_id, exercise, wrong)
    assert not verdict.right
    assert " ".join(verdict.text.partition("  -> ")[2].split()) == sentence


@pytest.mark.parametrize("exercise_id", FUNCTIONS)
def test_none_zeros_and_text_fail(exercise_id):
    exercise = find(exercise_id)
    for answer in (lambda *case: None, lambda *case: np.zeros((3, 3)), lambda *case: "no"):
        assert not judge(exercise_id, exercise, answer).right


@pytest.mark.parametrize("exercise_id", IDS)
def test_task_hints_and_mistakes_are_written(exercise_id):
    exercise = find(exercise_id)
    assert len(exercise.statement) > 80
    assert len(exercise.hints) >= 2
    assert len(exercise.wrong) >= 3
    sentences = [sentence for sentence, _ in exercise.wrong]
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("exercise_id", IDS)
def test_verdicts_are_the_same_at_every_run(exercise_id):
    exercise = find(exercise_id)
    assert str(exercise.draw(exercise_id)) == str(exercise.draw(exercise_id))
    _, wrong = exercise.wrong[-1]
    assert judge(exercise_id, exercise, wrong).text == judge(exercise_id, exercise, wrong).text


@pytest.mark.parametrize("exercise_id", FUNCTIONS)
def test_the_shown_case_is_the_smallest_that_fails(exercise_id):
    exercise = find(exercise_id)
    cases = exercise.draw(exercise_id)
    sizes = [sum(np.size(v) for v in case if isinstance(v, np.ndarray)) for case in cases]
    assert sizes == sorted(sizes)
    assert len(set(map(str, cases))) > 4

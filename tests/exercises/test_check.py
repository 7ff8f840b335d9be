"""What check and hint say to a reader, whatever he hands over."""

import signal
import threading
import time

import numpy as np
import pytest

from byhand.exercises import Exercise, check, hint, judging, page, registry
from byhand.exercises.watchdog import StillRunning, time_limit

SQUARES = Exercise(
    solution=lambda x: x**2,
    cases=lambda rng: (rng.integers(-4, 5, size=int(rng.integers(1, 6))) / 2,),
    task="Square every number of x (n,).",
    hints=("Multiply.", "x * x"),
    wrong=(("That is twice x.", lambda x: 2 * x), ("That is the cube.", lambda x: x**3)),
)

PAPER = Exercise(solution=[0, 3, 3, 0], task="Which numbers?", wrong=(("Turned round.", [0, -3, -3, 0]),))
WORDS = Exercise(solution=("left", 4, 9), task="Where, how many, how much?", wrong=(
    ("All three.", ("right", 2, 3)), ("Half of it.", ("left", 2, 9)), ("A square.", ("left", 4, 81)),
))  # fmt: skip
COUNT = Exercise(solution=299, task="How many?", wrong=(("Nearly.", 298),))
TOYS = {"squares": SQUARES, "paper": PAPER, "words": WORDS, "count": COUNT}


@pytest.fixture(autouse=True)
def toy(monkeypatch):
    known = registry.exercises_of
    monkeypatch.setattr(registry, "exercises_of", lambda c: TOYS if c == "toy" else known(c))
    monkeypatch.delenv("BYHAND_STRICT", raising=False)


class Stubborn:
    def __array__(self, *options, **named):
        raise RuntimeError("no")


def said(capsys, answer, exercise_id="toy.squares"):
    check(exercise_id, answer)
    return capsys.readouterr().out


def test_right(capsys):
    assert said(capsys, lambda x: x * x) == "toy.squares: right, in all 100 cases.\n"


def test_a_list_and_single_precision_are_welcome(capsys):
    assert "right, in" in said(capsys, lambda x: list(x * x))
    assert "right, in" in said(capsys, lambda x: (x * x).astype("float32"))


def test_the_smallest_failing_case_is_shown(capsys):
    lines = said(capsys, lambda x: np.where(np.arange(len(x)) < 3, x * x, 0)).splitlines()
    assert lines[0] == "toy.squares: not right yet."
    assert lines[1].startswith("  x ") and lines[1].count(",") == 3
    assert lines[2].startswith("  expected  [") and lines[3].startswith("  got       [")


def test_a_known_mistake_is_named(capsys):
    assert said(capsys, lambda x: x + x).endswith("  -> That is twice x.\n")


def test_a_mistake_on_most_cases_is_suspected(capsys):
    assert said(capsys, lambda x: 2 * x if len(x) < 5 else x).endswith("  -> Perhaps: That is twice x.\n")


@pytest.mark.parametrize(
    "answer, sentence",
    [
        (lambda x: None, "Is a return missing?"),
        (lambda x: np.zeros(len(x)), "Every number is 0."),
        (lambda x: (x * x).astype(int), "integer dtype"),
        (lambda x: -x * x, "The sign is turned."),
        (lambda x: x * x + 1, "It is always 1 too large."),
        (lambda x: x[:, None] ** 2, "an axis too many or too few"),
        (lambda x: np.append(x, 0) ** 2, "was expected"),
        (lambda x: "squares", "numbers were expected"),
        (lambda x: (x * x).sum(), "single number"),
        (lambda x: [[1], [1, 2]], "not an array"),
        (lambda x: (v * v for v in x), "a generator; numbers were expected"),
        (lambda x: {"squares": x}, "a dict; numbers were expected"),
        (lambda x: print, "a function; numbers were expected"),
        (lambda x: Stubborn(), "a Stubborn; numbers were expected"),
    ],
)
def test_the_form_of_a_wrong_answer_is_explained(capsys, answer, sentence):
    assert sentence in " ".join(said(capsys, answer).partition("  -> ")[2].split())


def test_a_word_may_be_written_with_a_capital(capsys):
    assert said(capsys, ("Left ", 4, 9), "toy.words") == "toy.words: right.\n"


@pytest.mark.parametrize(
    "answer, sentence",
    [
        (("right", 4, 9), "All three."),
        (("left", 2, 81), "Half of it."),
        (("left", 4, 3), "All three."),
        (("left", 5, 81), None),
    ],
)
def test_on_paper_the_first_wrong_part_may_tell_the_mistake(capsys, answer, sentence):
    text = said(capsys, answer, "toy.words")
    assert text.partition("  -> ")[2] == (f"Perhaps: {sentence}\n" if sentence else "")


def test_an_input_changed_in_place_is_told(capsys):
    def answer(x):
        x *= x
        return x

    text = said(capsys, answer)
    assert text.endswith("  -> The result is right, but x was changed in place. Work on a copy.\n")


def test_a_case_that_fails_by_the_change_alone_does_not_name_another_mistake(capsys):
    def answer(kernel, s):
        kernel /= kernel.sum()  # a planted mistake, too; but the case shown has one weight, and its result is right
        return kernel

    check("conv2d_transpose.even_out", answer)
    assert "The result is right, but kernel was changed in place." in " ".join(capsys.readouterr().out.split())


def test_an_error_is_one_line_with_the_line_of_the_function(capsys):
    def answer(x):
        total = x.sum()
        return total / missing  # noqa: F821

    text = said(capsys, answer)
    assert "error   NameError: name 'missing' is not defined" in text
    assert "line 3  return total / missing" in text
    assert "Traceback" not in text


def test_an_error_inside_a_library_is_traced_to_the_readers_line(capsys):
    def answer(x):
        return np.concatenate([x, np.zeros((2, 2))])

    assert "line 2  return np.concatenate" in said(capsys, answer)


def test_a_known_mistake_that_raises_is_named(capsys):
    printed = said(capsys, lambda V, b, x: np.dot(x, V) + b, "dense.textbook")
    assert "ValueError" in printed and "transpose V" not in printed  # np.dot and @ word it differently
    printed = said(capsys, lambda V, b, x: x @ V + b, "dense.textbook")
    assert "ValueError: matmul" in printed and "-> V has a row for each unit." in printed


def test_leaving_python_is_an_error_like_others(capsys):
    assert "SystemExit" in said(capsys, lambda x: exit())


def test_prints_of_the_shown_case_only(capsys):
    def answer(x):
        print("look:", len(x))
        return x

    assert said(capsys, answer).count("look:") == 1


def test_a_stub_is_not_written_yet(capsys):
    def stub(x):
        raise NotImplementedError

    assert said(capsys, stub) == "toy.squares: not written yet.\n"
    for nothing in (None, ..., [..., 1], [None, 1]):
        assert said(capsys, nothing, "toy.paper") == "toy.paper: not written yet.\n"


def test_none_inside_a_shape_is_an_answer(capsys):
    assert "not right yet" in said(capsys, [[None, 4], [None, 2]], "toy.paper")


def test_a_half_written_function_is_told_where_it_stops(capsys):
    def half(x):
        if len(x) > 1:
            raise NotImplementedError
        return x * x

    assert "NotImplementedError" in said(capsys, half)


def test_no_line_needs_scrolling(capsys, monkeypatch):
    long = Exercise(solution=1, hints=("word " * 60,), wrong=(("word " * 60, 2),))
    monkeypatch.setitem(TOYS, "long", long)
    hint("toy.long")
    check("toy.long", 2)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 6 and max(map(len, lines)) <= 88


def test_what_is_not_a_function_is_refused(capsys):
    assert "hand over the function itself" in said(capsys, 3)
    assert "must take (x); yours takes (a, b)" in said(capsys, lambda a, b: a)
    assert "asks for the value" in said(capsys, len, "toy.paper")


def test_paper_never_shows_the_solution(capsys):
    text = said(capsys, [1, 2, 3, 4], "toy.paper")
    assert text == "toy.paper: not right yet.\n  got  [1, 2, 3, 4]\n"
    assert said(capsys, np.array([0, -3, -3, 0]), "toy.paper").endswith("  -> Turned round.\n")
    assert said(capsys, (0, 3, 3, 0), "toy.paper") == "toy.paper: right.\n"
    assert said(capsys, 100, "toy.count") == "toy.count: not right yet.\n  got  100\n"
    assert said(capsys, 298, "toy.count").endswith("  -> Nearly.\n")


def test_an_unknown_id_gets_near_ones(capsys):
    assert "'conv2d.output_size'" in said(capsys, len, "conv2d.outputsize")
    assert "There is no exercise 'nothing.at_all'." in said(capsys, len, "nothing.at_all")
    assert "There is no exercise" in said(capsys, len, "judging.run")
    assert "There is no exercise" in said(capsys, len, 7)


def test_strict_raises(capsys, monkeypatch):
    monkeypatch.setenv("BYHAND_STRICT", "1")
    check("toy.squares", lambda x: x * x)
    for answer in (lambda x: x, None):
        with pytest.raises(AssertionError, match="toy.squares: not"):
            check("toy.squares", answer)
    with pytest.raises(AssertionError, match="There is no exercise"):
        check("toy.none", len)
    monkeypatch.setenv("BYHAND_STRICT", "0")
    check("toy.squares", None)


def test_hints_are_printed_in_order(capsys):
    hint("toy.squares")
    assert capsys.readouterr().out == "Hint 1 of 2: Multiply.\nHint 2 of 2: x * x\n"
    hint("toy.none")
    assert "There is no exercise" in capsys.readouterr().out


def test_in_a_notebook_every_hint_is_folded(monkeypatch):
    shown = []
    monkeypatch.setattr(page, "in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    hint("toy.squares")
    assert shown[0]["text/html"].count("<details><summary>Hint") == 2
    assert " open" not in shown[0]["text/html"]
    assert shown[0]["text/plain"].startswith("Hint 1 of 2: Multiply.")


# --- endless loops ----------------------------------------------------------------------------------------------------


def test_an_endless_loop_is_stopped(capsys, monkeypatch):
    monkeypatch.setattr(judging, "SECONDS", 0.3)

    def answer(x):
        while True:
            pass

    assert "still running after 0.3 seconds. Is there an endless loop?" in said(capsys, answer)


def test_a_loop_that_swallows_interrupts_is_stopped(capsys, monkeypatch):
    monkeypatch.setattr(judging, "SECONDS", 0.3)

    def answer(x):
        swallowed = 0
        while True:
            try:
                time.sleep(0.01)
            except KeyboardInterrupt:
                swallowed += 1
                if swallowed > 1:
                    raise

    assert "endless loop" in said(capsys, answer)


def test_nothing_is_interrupted_afterwards(capsys, monkeypatch):
    monkeypatch.setattr(judging, "SECONDS", 0.2)
    before = threading.enumerate()
    said(capsys, lambda x: time.sleep(0.05) or x)
    said(capsys, lambda x: x * x)
    time.sleep(0.5)
    assert [thread for thread in threading.enumerate() if thread not in before] == []


def test_an_interrupt_of_the_reader_gets_through():
    with pytest.raises(KeyboardInterrupt), time_limit(5):
        raise KeyboardInterrupt


def test_an_error_in_the_block_gets_through():
    with pytest.raises(ZeroDivisionError), time_limit(5):
        1 / 0  # noqa: B018


def test_no_limit_outside_the_main_thread():
    ended = []

    def work():
        with time_limit(0.05):
            time.sleep(0.3)
        ended.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ended == [True]


def test_no_limit_where_threads_cannot_start(monkeypatch):
    def refuse(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with time_limit(0.01):
        time.sleep(0.05)


def test_the_limit_raises():
    with pytest.raises(StillRunning), time_limit(0.1):
        while True:
            pass


def test_the_limit_raises_where_interrupts_are_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(StillRunning), time_limit(0.1):
            while True:
                pass
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_wrong_part_is_named_by_its_place(monkeypatch, capsys):
    shapes = Exercise(solution=[(2, 5, 4), (2, 4)], task="Which shapes?", wrong=(("None.", [(0, 0, 0), (0, 0)]),))
    monkeypatch.setitem(TOYS, "shapes", shapes)
    check("toy.shapes", [(2, 5, 4), (2, 5, 4)])
    assert "Value 2 of 2: it gives back 3 values; 2 were expected." in capsys.readouterr().out

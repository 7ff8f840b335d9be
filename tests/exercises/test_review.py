"""The questions of every review: complete, each with one right option that its proof yields."""

import json
import re

import pytest

from byhand.exercises import page, question, review

ALL = [
    pytest.param(part, asked, id=f"{part}-{n}")
    for part in review.parts()
    for n, asked in enumerate(review.questions(part), 1)
]


def test_every_review_has_twelve_questions():
    assert review.parts()
    assert {part: len(review.questions(part)) for part in review.parts()} == dict.fromkeys(review.parts(), 12)


def test_the_right_answer_has_no_favourite_place():
    for part in review.parts():
        places = [asked.right for asked in review.questions(part)]
        assert max(map(places.count, places)) <= 5


@pytest.mark.parametrize("part, asked", ALL)
def test_the_proof_yields_the_right_option_and_no_other(part, asked):
    assert [option.printed == asked.proven() for option in asked.options].index(True) == asked.right
    assert len({option.printed for option in asked.options}) == len(asked.options)


@pytest.mark.parametrize("part, asked", ALL)
def test_every_option_has_a_feedback_of_its_own(part, asked):
    assert 4 <= len(asked.options) <= 5
    assert len(asked.prompt) > 60 and asked.prompt.count("`") % 2 == 0
    for option in asked.options:
        assert len(option.feedback) > 60 and option.feedback.endswith((".", "?"))
        assert (option.text + option.feedback).count("`") % 2 == 0
    assert len({option.feedback for option in asked.options}) == len(asked.options)


@pytest.mark.parametrize("part, asked", ALL)
def test_a_wrong_option_does_not_give_the_right_one_away(part, asked):
    right = asked.options[asked.right].text.strip("`")
    told = rf"(?<![\w.\]]){re.escape(right)}(?![\w\[])"
    assert not [o.text for o in asked.options if o is not asked.options[asked.right] and re.search(told, o.feedback)]


def test_a_wrong_key_would_be_seen():
    stored = json.loads((review.REVIEWS / "convolution.json").read_text(encoding="utf-8"))[0]
    asked = review.read(stored | {"right": (stored["right"] + 1) % len(stored["options"])})
    assert asked.options[asked.right].printed != asked.proven()


def test_in_a_notebook_every_answer_is_folded(monkeypatch):
    shown = []
    monkeypatch.setattr(page, "in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    for number, asked in enumerate(review.questions("convolution"), 1):
        question("convolution", number)
        text = shown[-1]["text/html"]
        assert text.count("<details><summary>") == len(asked.options) + 1
        assert text.count("<strong>Right.</strong>") == 1
        assert text.count("<strong>No.</strong>") == len(asked.options) - 1
        assert not re.search(r"<script|<details open|onclick|`", text)


def test_elsewhere_the_answers_come_after_all_options(capsys):
    question("convolution", 1)
    asked, answers = capsys.readouterr().out.split("-" * 88)
    assert asked.startswith("Question 1 of 12. ") and "Right." not in asked
    assert answers.count("Right.") == 1
    assert max(map(len, (asked + answers).splitlines())) <= 88


@pytest.mark.parametrize(
    "part, number, said",
    [
        ("convolution", 13, "The review of 'convolution' has questions 1 to 12; got 13."),
        ("convolution", 0, "questions 1 to 12; got 0"),
        ("convolution", "one", "questions 1 to 12; got 'one'"),
        ("cooking", 1, "There is no review of 'cooking'; there is one of 'convolution'"),
    ],
)
def test_a_question_that_is_not_there_gets_a_sentence(capsys, part, number, said):
    question(part, number)
    assert said in capsys.readouterr().out


def test_signs_in_the_words_are_no_markup():
    assert review.words("a < b & `x[1 < 2]`") == "a &lt; b &amp; <code>x[1 &lt; 2]</code>"

"""Questions on a whole part of the book, which the page asks and answers in plain HTML: no kernel, no JavaScript.

The questions of a part stand in reviews/PART.json; their words may hold `code`. Each question carries a proof, lines
over NumPy and byhand.layers of which the last is the right answer. The tests run it.
"""

import ast
import html
import json
import re
from dataclasses import dataclass
from pathlib import Path

from .page import folded, show
from .wording import WIDTH, wrapped

REVIEWS = Path(__file__).parent / "reviews"


@dataclass(frozen=True)
class Option:
    """One answer. feedback: what is right about it, or the mistake that leads to it.

    value: what the proof's answer prints as if this option is right; without it, the text.
    """

    text: str
    feedback: str
    value: str = ""

    @property
    def printed(self):
        return self.value or self.text.replace("`", "")


@dataclass(frozen=True)
class Question:
    """A question, its options, the index of the right one, the page it belongs to, and its proof."""

    prompt: str
    options: tuple
    right: int
    page: str
    proof: str

    def proven(self):
        """The answer that the proof gives, as text."""
        names = {}
        *before, last = ast.parse(self.proof).body
        exec(compile(ast.Module(before, []), "<proof>", "exec"), names)
        return str(eval(compile(ast.Expression(last.value), "<proof>", "eval"), names))


def parts():
    """The parts of the book that have a review."""
    return sorted(path.stem for path in REVIEWS.glob("*.json"))


def questions(part):
    """The questions of a part, in order. Raises ValueError for a part without a review."""
    if part not in parts():
        raise ValueError(f"There is no review of {part!r}; there is one of {', '.join(map(repr, parts()))}.")
    stored = json.loads((REVIEWS / f"{part}.json").read_text(encoding="utf-8"))
    return [read(each) for each in stored]


def read(stored):
    """The Question that is stored as plain JSON, its proof line by line."""
    options = tuple(Option(**option) for option in stored["options"])
    return Question(**{**stored, "options": options, "proof": "\n".join(stored["proof"])})


def question(part, number):
    """Show question `number`, from 1, of the review of `part`: each answer opens to say what is right or wrong with it.

    Nothing is raised: a part or a number that is not there gets a sentence.
    """
    try:
        asked = questions(part)
    except ValueError as unknown:
        print(unknown)
        return
    if number not in range(1, len(asked) + 1):
        print(f"The review of {part!r} has questions 1 to {len(asked)}; got {number!r}.")
        return
    title = f"Question {number} of {len(asked)}"
    show(markup(asked[number - 1], title, f"{part}-{number}"), plain(asked[number - 1], title))


def lettered(options):
    return zip("ABCDEFGH", options)


def verdict(asked, option):
    return "Right." if option is asked.options[asked.right] else "No."


def markup(asked, title, name):
    """The question as HTML; `name` makes its ids."""
    answers = "".join(
        folded(
            f"<b>{letter}</b> {words(option.text)}",
            f'<p class="{"right" if verdict(asked, option) == "Right." else "wrong"}">'
            f"<strong>{verdict(asked, option)}</strong> {words(option.feedback)}</p>",
        )
        for letter, option in lettered(asked.options)
    )
    proof = folded("The proof, to run yourself", f'<pre tabindex="0"><code>{html.escape(asked.proof)}</code></pre>')
    return (
        f'<section class="byhand-question" id="question-{name}" aria-labelledby="asked-{name}">'
        f'<p id="asked-{name}"><strong>{title}.</strong> {words(asked.prompt)}</p>{answers}'
        f'<div class="byhand-proof">{proof}</div></section>'
    )


def words(text):
    """Text as HTML, with what stands between backticks as code."""
    return re.sub("`([^`]*)`", r"<code>\1</code>", html.escape(text, quote=False))


def plain(asked, title):
    """The question as text, with all answers after all options, so that one may think before reading on."""
    options = [wrapped(f"{letter}  {option.text}", 3) for letter, option in lettered(asked.options)]
    said = [
        wrapped(f"{letter}: {verdict(asked, option)} {option.feedback}", 3)
        for letter, option in lettered(asked.options)
    ]
    return "\n".join([wrapped(f"{title}. {asked.prompt}"), *options, "-" * WIDTH, *said])

"""Statements about layers that stand in many notes, and what became of them when they were run.

Every claim stands once, in claims.json. A chapter runs the claim and then says `verdict(chapter, name)`; the errata
page lists what the chapters have settled. A claim that no cell settles cannot be listed: the tests see to it.
"""

import functools
import json
from dataclasses import dataclass
from pathlib import Path

STORED = Path(__file__).with_name("claims.json")


@dataclass(frozen=True)
class Claim:
    """One statement, in Markdown with formulas between dollars.

    says     the claim, in our words, without quotation marks
    verdict  what became of it, in a few words that end with a full stop: "Wrong.", "Only at stride 1."
    instead  what to say instead
    ledger   the numbers under which the notes' claims are kept: ["E52"]
    """

    says: str
    verdict: str
    instead: str
    ledger: tuple = ()


@functools.cache
def claims():
    """All claims by name. A name is the chapter's and the claim's: "conv2d.valid_length"."""
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    return {name: Claim(**{**claim, "ledger": tuple(claim["ledger"])}) for name, claim in stored.items()}


class Verdicts:
    """Some claims with their verdicts, as a list: Markdown where it is shown, plain lines elsewhere."""

    def __init__(self, names):
        self.names = names

    def _repr_markdown_(self):
        lines = [f'- <span id="{name}"></span>{sentence(claims()[name])}' for name in self.names]
        return "\n".join(lines)

    def __repr__(self):
        return "\n".join(f"- {sentence(claims()[name]).replace('**', '')}" for name in self.names)


def sentence(claim):
    """The claim, its verdict and what to say instead, as Markdown."""
    return f"“{claim.says}” **{claim.verdict}** {claim.instead}".rstrip()


def verdict(chapter, *names):
    """These claims of a chapter with what became of them: the last line of the cell that ran them, or of the next.

    Raises KeyError, with the claims there are, for one that is not stored.
    """
    full = [f"{chapter}.{name}" for name in names]
    for name in full:
        if name not in claims():
            raise KeyError(f"no claim {name!r} in {STORED.name}; there are {', '.join(claims())}")
    return Verdicts(full)

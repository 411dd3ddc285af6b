"""What the doctor has found, and how it is written: readable on 80 columns, with words beside the marks."""

import textwrap
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Verdict(StrEnum):
    """How it stands with a thing."""

    OK = "ok"
    LOOK = "look"
    """The bot works, but not as well as it could, or not everywhere."""
    FAIL = "FAIL"
    """The bot cannot work like this."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of a subject; `mend` says what to do, and is empty where there is nothing to do."""

    verdict: Verdict
    subject: str
    found: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at; `subject` is what to call it should the look itself break off."""

    subject: str
    look: Callable[[], AsyncIterator[Finding]]


def ok(subject: str, found: str) -> Finding:
    """Say that all is well."""
    return Finding(Verdict.OK, subject, found)


def look(subject: str, found: str, mend: str) -> Finding:
    """Say that somebody should look at it."""
    return Finding(Verdict.LOOK, subject, found, mend)


def fail(subject: str, found: str, mend: str) -> Finding:
    """Say that it does not work."""
    return Finding(Verdict.FAIL, subject, found, mend)


WIDTH: Final = 80
_SUBJECT: Final = 13
_MARKS: Final = {Verdict.OK: "✓", Verdict.LOOK: "!", Verdict.FAIL: "✗"}
_INDENT: Final = len("✗ FAIL  ") + _SUBJECT


def written(finding: Finding) -> str:
    """Write a finding as lines: mark, word, subject, what was found, and below it how to mend that."""
    head = f"{_MARKS[finding.verdict]} {finding.verdict.value:<6}{finding.subject:<{_SUBJECT}}"
    lines = _wrapped(finding.found, head)
    if finding.mend:
        lines += _wrapped(finding.mend, " " * (_INDENT - 3) + "-> ")
    return "\n".join(lines)


def _wrapped(words: str, head: str) -> list[str]:
    # An address is of no use in two halves: it may stick out.
    return textwrap.wrap(
        plain(words), WIDTH, initial_indent=head, subsequent_indent=" " * _INDENT, break_long_words=False, break_on_hyphens=False
    )


def plain(words: str) -> str:
    """Take what a terminal would obey out of words that may be foreign."""
    return "".join(character if character.isprintable() else " " for character in words)


def count(number: int, thing: str) -> str:
    """Count things: `1 server`, `2 servers`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"

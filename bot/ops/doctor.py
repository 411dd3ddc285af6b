"""The doctor: takes look after look, writes what was found, and says at the end how it stands."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Final, TextIO

from bot.ops.findings import Check, Finding, Verdict, fail, written
from bot.ops.logs import Redactor

PATIENCE: Final = 60.0
"""Seconds for one check with all its requests."""


class Doctor:
    """Writes findings to a stream as they come, secrets masked."""

    def __init__(self, stream: TextIO, redact: Redactor) -> None:
        """Start with nothing found."""
        self._stream = stream
        self._redact = redact
        self._verdicts: Counter[Verdict] = Counter()

    def say(self, words: str = "") -> None:
        """Write a line."""
        text = self._redact(words)
        encoding = self._stream.encoding or "utf-8"
        # A terminal that has no ✓ shows a question mark; the word beside it is plain ASCII.
        self._stream.write(text.encode(encoding, errors="replace").decode(encoding) + "\n")
        self._stream.flush()

    def show(self, finding: Finding) -> None:
        """Write a finding, and count it."""
        self._verdicts[finding.verdict] += 1
        self.say(written(finding))

    async def examine(self, checks: Sequence[Check]) -> None:
        """Take every look, one after the other; one that breaks off does not keep the others from being taken."""
        for check in checks:
            try:
                async with asyncio.timeout(PATIENCE):
                    async for finding in check.look():
                        self.show(finding)
            except TimeoutError:
                self.show(
                    fail(check.subject, f"There was no end to it in {PATIENCE:.0f} s.", "Try again; look at the network and its proxies.")
                )
            except Exception as error:  # noqa: BLE001 - whatever breaks off in a check is a finding, and the next ones are still of use
                self.show(fail(check.subject, f"The check itself broke off: {type(error).__name__}: {error}", "Please report this line."))

    def conclude(self) -> bool:
        """Write how it stands; True if nothing has failed."""
        found = self._verdicts
        self.say()
        self.say(f"{found[Verdict.OK]} ok, {found[Verdict.LOOK]} to look at, {found[Verdict.FAIL]} failed.")
        return not found[Verdict.FAIL]

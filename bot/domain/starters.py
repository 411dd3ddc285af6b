"""Starter tracks: what everybody may continue who has nothing of their own yet."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.requests import Source
from bot.domain.searching import fold

MOST = 10
"""Starters of the operator's, and of a server: a list to choose from, and each costs a query once."""


@dataclass(frozen=True, slots=True)
class Starter:
    """A track to begin with; `source` is None for one that is named by its id alone, of which nothing more is known."""

    clip_id: str
    source: Source | None = None

    @property
    def label(self) -> str:
        """Name it as people do: "A · Night Train"; by its id if that is all that is known."""
        return self.source.label if self.source else self.clip_id


def named(operators: Iterable[str], servers: Iterable[str]) -> tuple[str, ...]:
    """List what is named as a starter, the server's first, each id once."""
    return tuple(dict.fromkeys([*list(servers)[:MOST], *list(operators)[:MOST]]))


def matching(starters: Iterable[Starter], text: str) -> list[Starter]:
    """Pick the starters whose title, styles or id have this text, ignoring case and diacritics."""
    wanted = fold(text)
    return [starter for starter in starters if wanted in _searched(starter)]


def _searched(starter: Starter) -> str:
    known = starter.source
    return fold(f"starter\n{starter.clip_id}\n{known.title if known else ''}\n{known.tags if known else ''}")

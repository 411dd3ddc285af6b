"""What a round lists: its ideas by number, and the tracks that came of them."""

from collections.abc import Iterator

import discord

from bot.domain.posts import RoundShown
from bot.domain.requests import exact_seconds, show_seconds
from bot.domain.sessions.ideas import choices
from bot.domain.sessions.model import Idea, Outcome, Phase, Round
from bot.ui import words
from bot.ui.cards import COLOUR, QUIET, SHOWN, Option, listen_line
from bot.ui.people import person
from bot.ui.session_card import take_name
from bot.ui.session_words import counted

MAX_TEXT = 3800
"""Characters of a list; an embed's description holds 4096, and all embeds of a message 6000 (Embed Limits)."""
LENGTHS = (200, 100, 60, 30, 15)
"""Characters of an idea's styles, the most with which all ideas fit."""
FEW, BRIEF = 8, 60
"""More ideas than a few are listed in a line or two each, for a phone: their styles with so many characters, and without their titles."""
MAX_LABEL = 90
"""Characters of foreign text in an option: a label holds 100 (String Select)."""


def embeds(shown: RoundShown, attached: frozenset[str]) -> Iterator[discord.Embed]:
    """List what there is to choose from, and what was made; `attached` are the clips whose audio is in the message."""
    current = shown.round
    if shown.session.phase is Phase.FINALE and current.outcome is None:
        yield discord.Embed(title="To choose from", description=_finalists(current), colour=COLOUR)
        return
    if shown.takes:
        yield discord.Embed(title="What was made", description=_takes(shown, attached), colour=COLOUR)
    if current.ideas:
        over = bool(shown.takes) or current.outcome is not None
        yield discord.Embed(title="Ideas", description=ideas(current, briefly=over), colour=QUIET if over else COLOUR)


def ideas(current: Round, *, named: bool = False, briefly: bool = False) -> str:
    """List a round's ideas, by number; `named` says whose each is, for who may know, `briefly` that nobody chooses any more."""
    short = briefly or len(current.ideas) > FEW
    lengths = [length for length in LENGTHS if length <= BRIEF] if short else LENGTHS
    written = ("\n".join(_idea(current, idea, length, named=named) for idea in current.ideas) for length in lengths)
    return next(text for text in written if len(text) <= MAX_TEXT)


def _idea(current: Round, idea: Idea, length: int, *, named: bool) -> str:
    # A letter of ours comes first: a line that began with the number would be turned by styles that are written from right to left.
    parts = [f"**Idea {idea.number}** · {words.safe_text(idea.tags, length)}"]
    if length > BRIEF and idea.title and idea.title != current.source.title:
        parts.append(f"“{words.safe_text(idea.title, min(length, 40))}”")
    parts.append(f"from {exact_seconds(idea.start)}" + (", moved since the track has changed" if idea.moved else ""))
    if named:
        parts.append(person(idea.user_id))
    parts += _standing(current, idea)
    return " · ".join(parts)


def _standing(current: Round, idea: Idea) -> Iterator[str]:
    votes = (current.idea_votes or {}).get(str(idea.number), 0)
    if votes:
        yield counted(votes, "vote")
    if idea.number == current.chosen and current.trouble is None:
        yield "**chosen**"
    elif idea.number in current.tried:
        yield "brought no track"


def idea_option(current: Round, idea: Idea) -> Option:
    """Offer an idea in a select."""
    votes = (current.idea_votes or {}).get(str(idea.number), 0)
    facts = [f"from {exact_seconds(idea.start)}", *([counted(votes, "vote")] if votes else [])]
    return Option(str(idea.number), idea_label(idea), " · ".join(facts))


def idea_label(idea: Idea) -> str:
    """Name an idea where markup means nothing: "3 · dreamy piano"."""
    return f"{idea.number} · {words.isolated(words.bare_text(idea.tags, MAX_LABEL)) or '–'}"


def idea_options(current: Round) -> tuple[Option, ...]:
    """Offer the ideas that can be chosen."""
    return tuple(idea_option(current, idea) for idea in choices(current))


def _takes(shown: RoundShown, attached: frozenset[str]) -> str:
    current = shown.round
    lines: list[str] = []
    for clip in shown.takes[:SHOWN]:
        parts = [f"**{clip.variant}** · {words.safe_text(clip.title, 60)} · {show_seconds(clip.seconds)}"]
        if votes := (current.votes or {}).get(clip.clip_id, 0):
            parts.append(counted(votes, "vote"))
        if clip.clip_id == current.picked and current.outcome is Outcome.CHOSEN:
            parts.append("**chosen**")
        lines.append(" · ".join(parts))
        if clip.clip_id not in attached and (listen := listen_line(clip)):
            lines.append(listen)
    return "\n".join(lines)


def _finalists(current: Round) -> str:
    lines = (
        f"**{number}** · {take_name(take, 40)} · {show_seconds(take.seconds)} · {person(take.user_id)}"
        for number, take in enumerate(current.takes, 1)
    )
    return "\n".join(lines)


def take_options(current: Round) -> tuple[Option, ...]:
    """Offer the tracks of the last vote of an open session."""
    return tuple(
        Option(
            take.clip_id,
            f"{number} · {take.variant} · {words.isolated(words.bare_text(take.title, 80)) or '–'}",
            show_seconds(take.seconds),
        )
        for number, take in enumerate(current.takes, 1)
    )

"""The card on which somebody chooses where to go on from a track. Pure, as the other cards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import discord

from bot.domain.clips import Clip
from bot.domain.requests import exact_seconds, last_start, round_starts, show_seconds
from bot.domain.waveforms import Waveform
from bot.ui import cards, ids, words
from bot.ui.cards import COLOUR, Button, Card, Option, Picture, Select

MOST = 25
"""Options of a select (Select Menu)."""
_NO_PICTURE = "There is no picture of it: its audio is not at hand."


@dataclass(frozen=True, slots=True, kw_only=True)
class Continuing:
    """A track that is about to be continued from `start` (seconds), and what was heard in it, if it could be listened to."""

    clip: Clip
    start: float
    heard: Waveform | None = None
    picture: bytes | None = None
    other: Clip | None = None
    """The other version, where both were asked for."""


def card(shown: Continuing) -> Card:
    """Show the track with its start points, and the two ways on; nothing is spent before the last press."""
    clip, start = shown.clip, exact_seconds(shown.start)
    embed = discord.Embed(title=f"Continue {clip.variant} · {words.safe_text(clip.title, 100)}"[: cards.MAX_TITLE], colour=COLOUR)
    lines = [cards.length_line(clip)]
    lines.append(f"Start point **{start}**" + (" (the end)" if shown.start == last_start(clip.seconds) else ""))
    pictures: tuple[Picture, ...] = ()
    if shown.picture is None:
        lines.append(_NO_PICTURE)
    else:
        pictures = (Picture(shown.picture, "waveform.png", _spoken(shown)),)
        embed.set_image(url="attachment://waveform.png")
    embed.description = "\n".join(lines)
    embed.set_footer(text="Nothing is spent before you press Same style from here, or send the form that Change… opens.")
    return Card(embeds=(embed,), selects=(_choose(shown),), rows=(_ways_on(shown),), pictures=pictures)


def _spoken(shown: Continuing) -> str:
    quiet = shown.heard.quiet if shown.heard else ()
    text = f"Waveform of {shown.clip.variant}, {show_seconds(shown.clip.seconds)} long, with a mark at {exact_seconds(shown.start)}."
    return text + (f" It is quiet at {', '.join(map(show_seconds, quiet))}." if quiet else "")


def _ways_on(shown: Continuing) -> tuple[Button, ...]:
    about = shown.clip.clip_id, in_id(shown.start)
    ways = [Button(ids.make("same", *about), "Same style from here", discord.ButtonStyle.primary)]
    if not shown.clip.tags:
        # There is no style to keep: where the track was made elsewhere, nobody has named any.
        ways = []
    ways.append(Button(ids.make("change", *about), "Change…"))
    if shown.other is not None:
        ways.append(Button(ids.make("go-on", shown.other.clip_id), f"Continue {shown.other.variant} instead"))
    return tuple(ways)


def _choose(shown: Continuing) -> Select:
    chosen = in_id(shown.start)
    options: dict[str, Option] = {}
    for at, name in _starts(shown.clip, shown.heard.quiet if shown.heard else ()):
        options.setdefault(in_id(at), Option(in_id(at), name))
    return Select(
        custom_id=ids.make("start-at", shown.clip.clip_id),
        placeholder=f"Start point: {exact_seconds(shown.start)}",
        options=tuple(options.values())[:MOST],
        chosen=(chosen,),
    )


def _starts(clip: Clip, quiet: Sequence[float]) -> Iterator[tuple[float, str]]:
    """Offer the end, then where it is quiet, then round seconds."""
    last = last_start(clip.seconds)
    yield last, f"The end · {show_seconds(last)}"
    near = [at for at in (round(at, 1) for at in quiet) if 0 < at < last]
    for at in near:
        yield at, f"Quiet · {exact_seconds(at)}"
    for point in round_starts(last, MOST - 1 - len(near)):
        yield point, show_seconds(point)


def in_id(at: float) -> str:
    """Write a start point as it stands in a custom_id and in an option."""
    return f"{at:.3f}".rstrip("0").rstrip(".")

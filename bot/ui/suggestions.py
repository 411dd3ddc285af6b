"""What autocomplete offers. A choice's name and value hold at most 100 characters, and a tap replaces the whole field."""

from collections.abc import Iterable, Sequence

from discord import app_commands

from bot.domain.clips import KnownClip
from bot.domain.requests import (
    END,
    MAX_TAGS,
    NO_TRACK,
    exact_seconds,
    last_start,
    parse_clip_id,
    parse_seconds,
    round_starts,
    show_seconds,
)
from bot.domain.starters import Starter
from bot.errors import BadOption, EncoreError, NotAdmitted
from bot.ui import refusals, words

LIMIT = 25
"""Choices at most (Autocomplete)."""
LENGTH = 100
"""Characters of a choice's name and of its value (Application Command Option Choice Structure)."""

Choice = app_commands.Choice[str]

KEPT_FOR_STARTERS = 5
"""Choices that the starters get at least where there are more tracks than fit."""

STYLES = (
    "acid house", "acoustic guitar", "afrobeat", "ambient", "bass house", "blues", "boom bap", "bossa nova", "breakbeat", "chill",
    "chillhop", "chiptune", "cinematic", "classical", "club", "country", "dark", "deep house", "disco", "downtempo", "dream pop",
    "dreamy", "drum and bass", "dub", "dubstep", "electro", "electronic", "epic", "ethereal", "experimental", "fast", "flute", "folk",
    "funk", "future bass", "garage", "glitch", "groovy", "happy", "hard rock", "hip hop", "house", "indie", "industrial", "jazz",
    "jungle", "krautrock", "latin", "lo-fi", "lofi hip hop", "melancholic", "melodic", "metal", "minimal", "neoclassical", "new age",
    "orchestral", "piano", "pop", "post-rock", "progressive house", "psytrance", "punk", "reggae", "relaxing", "retrowave", "rock",
    "sad", "saxophone", "shoegaze", "slow", "soul", "soundtrack", "strings", "surf rock", "swing", "synth pop", "synthwave", "techno",
    "trance", "trap", "trip hop", "tropical house", "upbeat", "vaporwave", "violin", "wave", "world",
)  # fmt: skip
"""Common styles, for the completion of a word."""


def tracks(known: Sequence[KnownClip], starters: Sequence[Starter] = (), *, now: float, typed: str = "") -> list[Choice]:
    """Offer tracks, newest first: "B · 3:12 · Night Train · 2 h ago", and after them starters: "Starter · A · 2:00 · Night Train".

    Where there is nothing to offer for what was `typed`, the only choice says what to do next.
    """
    own = [Choice(name=_track_name(clip, now=now), value=clip.clip_id) for clip in known[:LIMIT] if len(clip.clip_id) <= LENGTH]
    known_ids = {choice.value for choice in own}
    others = [Choice(name=_starter_name(starter), value=starter.clip_id) for starter in starters if starter.clip_id not in known_ids]
    kept = max(LIMIT - len(own), KEPT_FOR_STARTERS)
    offered = own[: LIMIT - len(others[:kept])] + others[:kept]
    return offered or _nothing(typed)


def _track_name(clip: KnownClip, *, now: float) -> str:
    return _named(f"{clip.variant} · {show_seconds(clip.seconds)} · ", clip.title, f" · {ago(now - clip.known_since)}")


def _starter_name(starter: Starter) -> str:
    known = starter.source
    if known is None:
        return _named("Starter · ", starter.clip_id, "")
    return _named(f"Starter · {known.variant} · {show_seconds(known.seconds)} · ", known.title, "")


def _named(before: str, title: str, after: str) -> str:
    room = LENGTH - len(before) - len(after) - len(words.isolated(title)) + len(title)
    return before + words.isolated(words.bare_text(title, room) or "Untitled") + after


def _nothing(typed: str) -> list[Choice]:
    if not typed.strip():
        return [Choice(name="No track yet: run /help to see how to start", value=NO_TRACK)]
    try:
        parse_clip_id(typed)
    except EncoreError:
        return [Choice(name="No track found: clear this to see all, or run /help", value=NO_TRACK)]
    return []


def ago(seconds: float) -> str:
    """Write an age in its largest unit: "just now", "12 min ago", "2 h ago", "3 d ago"."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "just now"


def starts(typed: str, *, seconds: float | None) -> list[Choice]:
    """Offer start points: what was typed, if it is one; the end; round points before it. `seconds` is the track's length."""
    choices = _as_typed(typed, seconds)
    last = last_start(seconds) if seconds else 0
    if last:
        choices.append(Choice(name=f"The end · {show_seconds(last)}", value=END))
        points = map(show_seconds, round_starts(last, LIMIT - len(choices)))
        choices += [Choice(name=point, value=point) for point in points]
    wanted = typed.strip().casefold()
    fitting = [choice for choice in choices if wanted in choice.name.casefold() or wanted in choice.value.casefold()]
    return (fitting or choices)[:LIMIT]


def _as_typed(typed: str, seconds: float | None) -> list[Choice]:
    try:
        at = parse_seconds(typed)
    except BadOption:
        return []
    if seconds is not None and at >= seconds:
        return []
    return [Choice(name=f"{exact_seconds(at)} · as typed", value=" ".join(typed.split())[:LENGTH])]


def tags(typed: str, *, own: str, used: Iterable[str]) -> list[Choice]:
    """Offer styles: the track's own, sets used before, then completions of the last word while the whole still fits."""
    sets = [(own, f"Same as the track · {own}")] if own else []
    sets += [(tag_set, tag_set) for tag_set in used if tag_set != own]
    wanted = typed.strip().casefold()
    offered = [(value, name) for value, name in sets if wanted in value.casefold()] + [(value, value) for value in _completed(typed)]
    seen: dict[str, str] = {}
    for value, name in offered:
        if len(value) <= min(LENGTH, MAX_TAGS):
            seen.setdefault(value, name)
    shown = ((value, words.bare_text(name, LENGTH)) for value, name in seen.items())
    return [Choice(name=name, value=value) for value, name in shown if name][:LIMIT]


def _completed(typed: str) -> list[str]:
    before, _, last = typed.rpartition(",")
    taken = {tag.strip().casefold() for tag in before.split(",")}
    word = last.strip().casefold()
    found = [style for style in STYLES if word and style.startswith(word) and style not in taken]
    found += [style for style in STYLES if word and word in style and style not in taken and style not in found]
    prefix = f"{before.strip()}, " if before.strip() else ""
    whole = [typed.strip()] if word else []
    return whole + [prefix + style for style in found]


def models(typed: str, offered: Sequence[str]) -> list[Choice]:
    """Offer the models."""
    wanted = typed.strip().casefold()
    return [Choice(name=model, value=model) for model in offered if wanted in model.casefold()][:LIMIT]


def refused(error: NotAdmitted) -> list[Choice]:
    """Offer the refusal as the only choice; whoever takes it and sends the command is refused at length."""
    text = refusals.brief(error)
    return [Choice(name=text, value=text)]

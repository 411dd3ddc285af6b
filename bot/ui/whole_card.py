"""A whole track, and the joint within one, as they are shown to whoever asked."""

import discord

from bot.domain.requests import show_seconds
from bot.domain.whole_track import Lost, Missing, Segment, Whole
from bot.ui import ids, words
from bot.ui.cards import COLOUR, MAX_TITLE, Attachment, Button, Card, filename

NAMED = 12
"""Parts that are named: as many as a message holds whatever they are called."""
WORKING = "Fetching the parts and joining them…"

LOST = {
    Lost.PRIVATE: "a private track",
    Lost.REMOVED: "a track that was removed",
    Lost.GONE: "no longer kept anywhere",
    Lost.UNKNOWN: "a track that was made elsewhere",
}


def whole_button(clip_id: str) -> Button:
    """Make the button that joins a track with what it grew from."""
    return Button(ids.make("whole", clip_id), "Whole track")


def joint_button(clip_id: str) -> Button:
    """Make the button that lets the beginning of a track be heard with what is before it."""
    return Button(ids.make("join", clip_id), "Hear the join")


def progress(share: float) -> str:
    """Say how far a join is."""
    return f"{WORKING} {share:.0%}"


def whole(made: Whole) -> Card:
    """Show a whole track: its file, what was joined, and what is missing."""
    chosen = made.plan.clips[-1]
    lines = [f"Length **{show_seconds(made.seconds)}** · {made.bit_rate // 1000} kbit/s", *_parts(made.plan.segments)]
    lines += [_missing(each) for each in made.plan.missing]
    embed = discord.Embed(
        title=f"Whole track · {chosen.variant} · {words.safe_text(chosen.title, 100)}"[:MAX_TITLE],
        description="\n".join(lines),
        colour=COLOUR,
    )
    spoken = f"Whole track, {chosen.title}, {show_seconds(made.seconds)}"
    attachment = Attachment(made.name, f"{filename(chosen.title)} - whole track.mp3", spoken)
    rows = ((joint_button(chosen.clip_id),),) if len(made.plan.segments) > 1 else ()
    return Card(embeds=(embed,), attachments=(attachment,), rows=rows)


def joint(made: Whole) -> Card:
    """Show the joint between a track and what it continues."""
    before, after = made.plan.segments
    embed = discord.Embed(
        title=f"The join · {after.clip.variant} · {words.safe_text(after.clip.title, 100)}"[:MAX_TITLE],
        description=(
            f"{show_seconds(before.seconds)} of {_name(before)}, up to {show_seconds(before.until or 0)}, "
            f"then {show_seconds(after.seconds)} of {_name(after)}."
        ),
        colour=COLOUR,
    )
    spoken = f"The join of {before.clip.title} and {after.clip.title}, {show_seconds(made.seconds)}"
    return Card(embeds=(embed,), attachments=(Attachment(made.name, f"{filename(after.clip.title)} - join.mp3", spoken),))


def _parts(segments: tuple[Segment, ...]) -> list[str]:
    """Name the parts in order, of many the first and the last ones."""
    if len(segments) == 1:
        return ["It continues nothing that can be joined here: this is the track by itself."]
    lines = [f"{number}. {_name(each)}, {_stretch(each)}" for number, each in enumerate(segments, start=1)]
    if len(lines) > NAMED:
        half = NAMED // 2
        lines = [*lines[:half], f"… {len(lines) - NAMED} more …", *lines[-half:]]
    return lines


def _stretch(segment: Segment) -> str:
    return "to its end" if segment.until is None else f"up to {show_seconds(segment.until)}"


def _name(segment: Segment) -> str:
    return f"{segment.clip.variant} · {words.safe_text(segment.clip.title, 60)}"


def _missing(missing: Missing) -> str:
    if missing.clip is None or missing.why is not Lost.GONE:
        return f"Missing before that: {LOST[missing.why]}."
    return f"Missing before that: {missing.clip.variant} · {words.safe_text(missing.clip.title, 60)}, {LOST[missing.why]}."

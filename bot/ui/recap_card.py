"""What a session came to: its family, the whole track, who contributed what, and what it took. Pure, as the other cards."""

from collections.abc import Iterator

import discord

from bot.domain.posts import Post, SessionRecap
from bot.domain.requests import exact_seconds, show_seconds
from bot.domain.sessions.model import Outcome, Round, Session
from bot.ui import ids, session_words, words
from bot.ui.cards import (
    COLOUR,
    REQUEST_LIMIT,
    Attachment,
    Button,
    Card,
    Picture,
    attachable,
    audio_of,
    family_button,
    filename,
    listen_line,
)
from bot.ui.people import people, person
from bot.ui.session_card import is_open, name_of, take_name, theme_of
from bot.ui.session_words import counted
from bot.ui.whole_card import whole_button

TAKE_OUT = "take-out"
"""Name of the control that exports a session's family (`ui/session_controls.py`)."""
FAMILY_PICTURE = "session-family.png"
MAX_TEXT = 3600
"""Characters of the list; an embed's description holds 4096, and all embeds of a message 6000 (Embed Limits)."""
MAX_ALT = 1024
"""Characters of a picture's description (Attachment Structure)."""


def card(post: Post, shown: SessionRecap, *, upload_limit: int, attach: bool) -> Card:
    """Show what a session came to; above `upload_limit` (bytes a file) or without `attach`, audio is not attached.

    As in the message of a round, no embed refers to a file.
    """
    session = shown.session
    audio = _audio(shown, upload_limit) if attach else ()
    embed = discord.Embed(title="Who contributed what", description=_contributions(session), colour=COLOUR)
    embed.add_field(name="Credits", value=_credits(session), inline=False)
    embed.set_footer(text=" · ".join(_figures(session)))
    return Card(
        content="\n".join(_lines(shown, audio)),
        embeds=(embed,),
        rows=(_buttons(post, shown),),
        attachments=audio,
        pictures=_picture(shown),
    )


def _audio(shown: SessionRecap, upload_limit: int) -> tuple[Attachment, ...]:
    """Attach the whole track, or where that does not fit, its last part."""
    whole, best = shown.whole, shown.best
    if whole is not None and whole.size <= min(upload_limit, REQUEST_LIMIT):
        title = whole.plan.clips[-1].title
        spoken = f"Whole track, {title}, {show_seconds(whole.seconds)}"
        return (Attachment(whole.name, f"{filename(title)} - whole track.mp3", spoken),)
    return (audio_of(best),) if best is not None and attachable([best], upload_limit) else ()


def _picture(shown: SessionRecap) -> tuple[Picture, ...]:
    return (Picture(shown.family, FAMILY_PICTURE, shown.family_words[:MAX_ALT]),) if shown.family is not None else ()


def _lines(shown: SessionRecap, audio: tuple[Attachment, ...]) -> Iterator[str]:
    session = shown.session
    why = f" {session_words.ENDINGS[session.ending]}" if session.ending is not None else ""
    yield f"**{name_of(session.plan)}** has ended.{why}"
    if session.plan.theme:
        yield f"Theme: {theme_of(session.plan)}"
    if shown.best is None:
        yield "Its last track was taken down and can't be heard any more."
        return
    yield f"What became of it: **{take_name(session.head)}**{_length(shown, audio)}."
    if shown.whole is not None and shown.whole.plan.missing:
        yield "Some of its beginning can't be heard any more."
    if not audio:
        yield listen_line(shown.best) or "Press *Whole track* to hear it."


def _length(shown: SessionRecap, audio: tuple[Attachment, ...]) -> str:
    whole = shown.whole
    if whole is None:
        return f" · {show_seconds(shown.session.head.seconds)}"
    attached = any(each.stored == whole.name for each in audio)
    return f" · {show_seconds(whole.seconds)} joined" + ("" if attached else ", too large to attach here: press *Whole track*")


def _contributions(session: Session) -> str:
    """Name what was played, in order, as far as it fits."""
    written: list[str] = []
    room = MAX_TEXT
    played = [each for each in session.past if each.takes or each.outcome is Outcome.CHOSEN]
    for number, each in enumerate(played):
        line = _contribution(session, each)
        room -= len(line) + 1
        if room < 0:
            return "\n".join([*written, f"… and {len(played) - number} more"])
        written.append(line)
    return "\n".join(written) or "No round brought a track."


def _contribution(session: Session, played: Round) -> str:
    extension = session.extension(played.job_id)
    picked = played.take(played.picked) or next(iter(played.takes), None)
    parts = [f"**{played.number}** · {take_name(picked, 40)}" if picked else f"**{played.number}**", person(played.by or 0)]
    if extension is not None:
        parts.append(f"{words.safe_text(extension.tags, 60)}, from {exact_seconds(extension.start)}")
    if played.outcome is Outcome.UNDONE:
        parts.append("undone")
    return " · ".join(parts)


def _credits(session: Session) -> str:
    """Name who made a part of what is left, the beginning first, and who hosted."""
    made = dict.fromkeys((session.root.user_id, *(extension.user_id for extension in session.extensions if extension.done)))
    return f"Made by {people(tuple(made))}. Hosted by {person(session.host_id)}."


def _figures(session: Session) -> Iterator[str]:
    played = sum(each.outcome in (Outcome.CHOSEN, Outcome.MADE) for each in session.past)
    yield counted(played, "continuation" if is_open(session) else "round")
    yield counted(len(session.people), "person")
    yield counted(sum(map(_votes, session.past)), "vote")
    if session.ended_at is not None:
        yield session_words.lasting(session.ended_at - session.created_at)
    yield f"{session.spent} of {counted(session.plan.budget, 'extension')} spent"


def _votes(played: Round) -> int:
    """Count the votes on ideas and those on tracks: where there was no second vote, both are the same."""
    ideas, last = played.idea_votes or {}, played.votes or {}
    return sum(ideas.values()) + (sum(last.values()) if last != ideas else 0)


def _buttons(post: Post, shown: SessionRecap) -> tuple[Button, ...]:
    clip = shown.best
    export = Button(ids.make(TAKE_OUT, post.id), "Export")
    if clip is None:
        return (export,)
    go_on = Button(ids.make("go-on", clip.clip_id), "Continue", discord.ButtonStyle.primary)
    return (go_on, *family_button(clip.clip_id), whole_button(clip.clip_id), export)

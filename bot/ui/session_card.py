"""What sessions say in channels beside their rounds: that one begins, and which there were. Pure, as the other cards."""

from collections.abc import Sequence

import discord

from bot.domain.posts import Post, SessionBegun
from bot.domain.requests import show_seconds
from bot.domain.sessions.model import Session
from bot.domain.sessions.plans import MAX_NAME, MAX_THEME, Mode, Plan, Take
from bot.ui import ids, session_words, words
from bot.ui.cards import COLOUR, QUIET, Button, Card
from bot.ui.people import person
from bot.ui.times import when

BOARD = "board"
"""Name of the control that leads to the round that is being played (`ui/session_controls.py`)."""
MOST_LISTED = 20
"""Sessions of a list: as many as a message holds whatever they are called."""


def begun(post: Post, shown: SessionBegun) -> Card:
    """Announce a session in its channel: what it is about, how to take part, and where."""
    session, plan = shown.session, shown.session.plan
    lines = [f"**{name_of(plan)}** · a music session, hosted by {person(session.host_id)}"]
    if plan.theme:
        lines.append(f"Theme: {theme_of(plan)}")
    lines.append(f"**{session_words.MODES[plan.mode]}**: {session_words.MODE_SENTENCES[plan.mode]}")
    lines.append(_length(session))
    if shown.source is not None:
        lines.append(f"It begins with {take_name(session.root)} · {show_seconds(session.root.seconds)}.")
    lines += _invitation(session)
    return Card(content="\n".join(lines), rows=((board_button(post.id, "Go to the session"),),))


def _length(session: Session) -> str:
    plan = session.plan
    return f"{session_words.rounds_of(plan.mode, plan.rounds, plan.round_seconds)}, for {who_may(plan)}."


def _invitation(session: Session) -> list[str]:
    if not session.live:
        why = f" {session_words.ENDINGS[session.ending]}" if session.ending is not None else ""
        return [f"The session has ended.{why}"]
    if session.place_id is None:
        return ["Its thread opens here in a moment."]
    return [f"**Take part in <#{session.place_id}>.** {session_words.TAKING_PART[session.plan.mode]}"]


def who_may(plan: Plan) -> str:
    """Say who may take part."""
    return "everybody" if plan.role_id is None else f"people with <@&{plan.role_id}>"


def name_of(plan: Plan) -> str:
    """Write a session's name."""
    return words.safe_text(plan.name, MAX_NAME)


def theme_of(plan: Plan) -> str:
    """Write a session's theme."""
    return words.safe_text(plan.theme, MAX_THEME)


def take_name(take: Take, limit: int = 60) -> str:
    """Name a track as people do: "B · Night Train"."""
    return f"{take.variant} · {words.safe_text(take.title, limit)}"


def board_button(post_id: str, label: str = "Go to the newest round") -> Button:
    """Make the button that leads to the round that is being played."""
    return Button(ids.make(BOARD, post_id), label)


def board(session: Session, link: str) -> Card:
    """Lead to the message of the round that is being played; `link` is empty where there is none (yet)."""
    name = f"**{name_of(session.plan)}**"
    if not session.live:
        return Card(content=f"{name} has ended. {where(session)} What it came to is in its last message; /session history lists it.")
    if not link:
        return Card(content=f"{name}: its message is on its way{_place(session)}.")
    return Card(content=f"{name} · {session_words.STEPS[session.phase]}. {link}")


def _place(session: Session) -> str:
    return f" into <#{session.place_id}>" if session.place_id is not None else ""


def where(session: Session) -> str:
    """Say where a session took place; empty where that is gone."""
    return f"It was in <#{session.place_id}>." if session.place_id is not None else ""


def history(sessions: Sequence[Session]) -> Card:
    """List the sessions of a server that have ended, newest first."""
    if not sessions:
        embed = discord.Embed(title="No session has ended here yet", colour=QUIET)
        embed.description = "Start one with /session start and a track. /session board leads to one that is going on."
        return Card(embeds=(embed,))
    lines = [_entry(session) for session in sessions[:MOST_LISTED]]
    if len(sessions) > MOST_LISTED:
        lines.append(f"… and {len(sessions) - MOST_LISTED} more")
    return Card(embeds=(discord.Embed(title="Sessions of this server", description="\n".join(lines), colour=COLOUR),))


def _entry(session: Session) -> str:
    plan, made = session.plan, session.spent
    place = f"<#{session.place_id}>" if session.place_id is not None else f"<#{session.channel_id}>"
    facts = (
        f"**{words.safe_text(plan.name, 30)}**",
        session_words.MODES[plan.mode],
        session_words.counted(len(session.people), "person"),
        session_words.counted(made, "extension"),
        when(session.ended_at or session.created_at),
        place,
    )
    return " · ".join(facts)


def is_open(session: Session) -> bool:
    """Tell whether it is a session without rounds of its own."""
    return session.plan.mode is Mode.OPEN

"""The forms of sessions: an idea, the request of whoever is up, and that of anybody in an open session. What is refused is kept."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

import discord

from bot.domain.admission import Act
from bot.domain.clips import Clip
from bot.domain.requests import EXAMPLE_TAGS, MAX_TAGS, MAX_TITLE, TypedRequest, exact_seconds, last_start, show_seconds
from bot.domain.sessions.model import Idea, Phase, Session
from bot.domain.sessions.posts import round_post, seq_of, session_of
from bot.errors import BadOption, CannotTakePart, ForbiddenWord, NotFound, SessionRefused
from bot.ui import ids, round_parts, words
from bot.ui.asking import DRAFT_LIFE, actor_of, admit
from bot.ui.buttons import Pressed
from bot.ui.cards import Button, Card
from bot.ui.client import services
from bot.ui.modals import Form, FormKind, Values
from bot.ui.sending import promptly
from bot.ui.times import when

FIX = "session-fix"
"""Name of the control that brings back what was typed."""

KEPT = frozenset({SessionRefused.STEP_OVER, SessionRefused.PAUSED, SessionRefused.IDEAS_FULL, SessionRefused.ONE_AT_A_TIME})
"""Refusals after which what was typed may still be of use."""

Interaction = discord.Interaction[discord.Client]


class Asked(StrEnum):
    """What a form asks for; its name is in the form's custom_id."""

    IDEA = "idea-form"
    TURN = "turn-form"
    GROW = "grow-ask"
    """Short: a post, a track and what makes it new stand behind it, in 100 characters."""


def idea_form(session: Session, clip: Clip, user_id: int, post_id: str) -> Form:
    """Ask for an idea, or for a change of one's own."""
    mine = session.current.idea_of(user_id) if session.current is not None else None
    return _form(Asked.IDEA, clip, (post_id,), _as_typed(mine) if mine is not None else {})


def turn_form(clip: Clip, post_id: str) -> Form:
    """Ask how to go on, of whoever is up."""
    return _form(Asked.TURN, clip, (post_id,), {})


def grow_form(clip: Clip, post_id: str) -> Form:
    """Ask how to go on from a track of an open session."""
    return _form(Asked.GROW, clip, (post_id, clip.clip_id), {})


_TITLES = {Asked.IDEA: "My idea", Asked.TURN: "Continue", Asked.GROW: "Continue"}


def _as_typed(idea: Idea) -> dict[str, str]:
    return {"continue_at": exact_seconds(idea.start), "tags": idea.tags, "title": idea.title}


def _form(asked: Asked, clip: Clip, about: tuple[str, ...], typed: Mapping[str, str]) -> Form:
    form = Form(f"{_TITLES[asked]} · {clip.variant} · {clip.title}", asked, *about)
    start = typed.get("continue_at", show_seconds(last_start(clip.seconds)))
    hint = f"The track is {show_seconds(clip.seconds)} long. Like 1:40, or end."
    form.ask("continue_at", "Start point", value=start, limit=40, hint=hint)
    styles = typed.get("tags", clip.tags or EXAMPLE_TAGS)
    form.ask("tags", "Styles, separated by commas", value=styles, limit=MAX_TAGS + 100, hint="How it should go on from there.")
    hint = "Without one, it keeps that of the track."
    form.ask("title", "Title", value=typed.get("title", ""), limit=MAX_TITLE + 20, required=False, hint=hint)
    return form


# What becomes of them.


async def _idea(interaction: Interaction, about: re.Match[str], values: Values) -> None:
    await promptly(interaction, _put_forward(interaction, about["post"], values))


async def _put_forward(interaction: Interaction, post_id: str, values: Values) -> Card:
    sessions, actor = services(interaction).sessions, actor_of(interaction)
    try:
        session = await sessions.put_forward(session_of(post_id), actor, _typed(values), seq=seq_of(post_id))
    except (BadOption, ForbiddenWord, CannotTakePart) as error:
        return await _refused(interaction, Asked.IDEA, (post_id,), values, error)
    mine = session.current.idea_of(actor.user_id) if session.current is not None else None
    label = words.safe_text(round_parts.idea_label(mine), 100) if mine is not None else "noted"
    until = f"until the time is over, {when(session.due)}" if session.due is not None else "until the time is over"
    return Card(content=f"Your idea: **{label}**. You can change it {until}; nobody sees whose it is but moderators.")


async def _turn(interaction: Interaction, about: re.Match[str], values: Values) -> None:
    await promptly(interaction, _request(interaction, Asked.TURN, (about["post"],), values))


async def _grow(interaction: Interaction, about: re.Match[str], values: Values) -> None:
    await promptly(interaction, _request(interaction, Asked.GROW, (about["post"], about["clip"]), values))


async def _request(interaction: Interaction, asked: Asked, about: tuple[str, ...], values: Values) -> Card:
    post_id, *clip = about
    sessions, actor = services(interaction).sessions, actor_of(interaction)
    try:
        await sessions.request(session_of(post_id), actor, _typed(values, *clip), seq=seq_of(post_id))
    except (BadOption, ForbiddenWord, CannotTakePart) as error:
        return await _refused(interaction, asked, about, values, error)
    if asked is Asked.GROW:
        return Card(content="Your track is on its way: it is shown in this thread when it is made.")
    return Card(content="It is on its way: the message of the round shows how far it is.")


def _typed(values: Values, clip_id: str = "") -> TypedRequest:
    return TypedRequest(
        continue_clip_id=clip_id,
        continue_at=values.get("continue_at", ""),
        tags=values.get("tags", ""),
        title=values.get("title", ""),
    )


async def _refused(
    interaction: Interaction, asked: Asked, about: tuple[str, ...], values: Values, error: BadOption | ForbiddenWord | CannotTakePart
) -> Card:
    """Say what is wrong, with a way to mend it, or to use it in the round that is played by then. Raises what it cannot help with."""
    if isinstance(error, CannotTakePart) and error.why not in KEPT:
        raise error
    kept = {**values, "kind": asked.value, "post": about[0], "clip": "".join(about[1:])}
    draft = await services(interaction).drafts.keep(interaction.user.id, kept, life=DRAFT_LIFE)
    label = "Open it again" if isinstance(error, CannotTakePart) else "Fix"
    fix = Button(ids.make(FIX, draft), label, discord.ButtonStyle.primary)
    return Card(content=words.refusal(error) or "", rows=((fix,),))


class Fix(Pressed, template=ids.template(FIX, ids.DRAFT)):
    """Open what was typed and refused: an idea for the round that is being played now."""

    ACT: ClassVar[Act] = Act.LOOK

    async def act(self, interaction: Interaction) -> None:
        """Show the form, filled in with what was typed."""
        draft = await services(interaction).drafts.get(self.about["draft"], interaction.user.id)
        if draft is None:
            msg = f"there is no draft {self.about['draft']}"
            raise NotFound(msg)
        asked, post_id = Asked(draft["kind"]), draft["post"]
        if asked is not Asked.IDEA:
            await admit(interaction, Act.SPEND)
        sessions, actor = services(interaction).sessions, actor_of(interaction)
        seq = await _newest(interaction, post_id) if asked is Asked.IDEA else seq_of(post_id)
        session, clip = await sessions.source(session_of(post_id), actor, seq=seq, clip_id=draft["clip"] or None)
        about = (round_post(session, seq), *([clip.clip_id] if draft["clip"] else []))
        await interaction.response.send_modal(_form(asked, clip, about, draft))


async def _newest(interaction: Interaction, post_id: str) -> int:
    """Find the round that takes ideas now. Raises CannotTakePart."""
    session = await services(interaction).sessions.get(session_of(post_id), actor_of(interaction))
    if not session.live:
        raise CannotTakePart(SessionRefused.OVER)
    if session.paused is not None:
        raise CannotTakePart(SessionRefused.PAUSED)
    if session.current is None or session.phase is not Phase.IDEAS:
        raise CannotTakePart(SessionRefused.STEP_OVER)
    return session.current.seq


FORMS = (
    FormKind(re.compile(ids.template(Asked.IDEA, ids.POST, ids.NONCE)), Act.LOOK, _idea),
    FormKind(re.compile(ids.template(Asked.TURN, ids.POST, ids.NONCE)), Act.SPEND, _turn),
    FormKind(re.compile(ids.template(Asked.GROW, ids.POST, ids.CLIP, ids.NONCE)), Act.SPEND, _grow),
)
"""The forms of sessions."""
ALL: tuple[type[Pressed], ...] = (Fix,)
"""To be registered at start-up."""

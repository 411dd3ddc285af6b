"""The way from a finished track to the next request: a card on which the start point is chosen, and two buttons that go on."""

import asyncio
import logging
from typing import ClassVar

import discord

from bot.domain.admission import Act
from bot.domain.clips import Clip
from bot.domain.requests import END, Source, TypedRequest, exact_seconds, parse_start
from bot.domain.sessions.posts import session_of
from bot.errors import AudioDamaged, AudioGone, NotATrack, NotFound, WorkLost
from bot.ui import ids, modals
from bot.ui.asking import ask, chosen, viewer_of
from bot.ui.buttons import Pressed, custom_ids_of, track_of
from bot.ui.cards import Card
from bot.ui.client import services
from bot.ui.continue_card import Continuing, card
from bot.ui.sending import answer_privately, redraw

log = logging.getLogger(__name__)

LISTEN_WITHIN = 20.0
"""Seconds for listening to a track: whoever waits for its picture chooses without one after that."""

Interaction = discord.Interaction[discord.Client]


class Continue(Pressed, template=ids.template("continue", ids.JOB, ids.VARIANT)):
    """Go on from a track of a result: anybody may, on their own account."""

    ACT: ClassVar[Act] = Act.SPEND

    async def act(self, interaction: Interaction) -> None:
        """Answer privately with the card."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        _, clip = await track_of(interaction, self.about["job"], self.about["variant"])
        await _show(interaction, clip.clip_id)


class GoOn(Pressed, template=ids.template("go-on", ids.CLIP)):
    """Go on from a track, wherever it is shown."""

    ACT: ClassVar[Act] = Act.SPEND

    async def act(self, interaction: Interaction) -> None:
        """Answer privately with the card."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await _show(interaction, self.about["clip"])


class StartAt(Pressed, template=ids.template("start-at", ids.CLIP)):
    """Choose a start point."""

    ACT: ClassVar[Act] = Act.SPEND

    async def act(self, interaction: Interaction) -> None:
        """Draw the card anew, with the mark where it was put."""
        await interaction.response.defer()
        clip = await _clip(interaction, self.about["clip"])
        start = parse_start((chosen(interaction) or [END])[0], Source.of(clip))
        await redraw(interaction, await _drawn(interaction, clip, start))


class SameStyle(Pressed, template=ids.template("same", ids.CLIP, ids.AT)):
    """Ask for more in the style of the track."""

    ACT: ClassVar[Act] = Act.SPEND

    async def act(self, interaction: Interaction) -> None:
        """Make the request."""
        clip = await _clip(interaction, self.about["clip"])
        at = exact_seconds(float(self.about["at"]))
        await ask(interaction, TypedRequest(continue_clip_id=clip.clip_id, continue_at=at, tags=clip.tags))


class Change(Pressed, template=ids.template("change", ids.CLIP, ids.AT)):
    """Ask for something else from here."""

    ACT: ClassVar[Act] = Act.SPEND

    async def act(self, interaction: Interaction) -> None:
        """Show the form, filled in."""
        clip = await _clip(interaction, self.about["clip"])
        await interaction.response.send_modal(modals.continue_form(clip, float(self.about["at"])))


ALL: tuple[type[Pressed], ...] = (Continue, GoOn, StartAt, SameStyle, Change)
"""Every control here, to be registered at start-up."""


async def continue_this(interaction: Interaction, message: discord.Message) -> None:
    """Answer with the card for the track that a message of ours shows; of two versions, for A.

    Raises NotATrack, NotFound, UnknownTrack, PrivateTrack, Removed, StoreUnavailable.
    """
    await interaction.response.defer(ephemeral=True, thinking=True)
    if interaction.client.user is None or message.author.id != interaction.client.user.id:
        raise NotATrack
    for custom_id in custom_ids_of(message):
        if (clip_id := ids.clip_of(custom_id)) is not None:
            await _show(interaction, clip_id)
            return
    if (track := await _track_of_session(interaction, message)) is not None:
        await _show(interaction, track.clip_id)
        return
    first, *others = await _tracks_of(interaction, message) or [None]
    if first is None:
        raise NotATrack
    await _show(interaction, first.clip_id, other=others[0] if others else None)


async def _track_of_session(interaction: Interaction, message: discord.Message) -> Clip | None:
    """Find what a message of a session is about."""
    of_sessions = (post_id for post_id in map(ids.job_of, custom_ids_of(message)) if post_id and session_of(post_id))
    post_id = next(of_sessions, None)
    return None if post_id is None else await services(interaction).sessions.track_of(post_id)


async def _tracks_of(interaction: Interaction, message: discord.Message) -> list[Clip]:
    for job_id in dict.fromkeys(filter(None, map(ids.job_of, custom_ids_of(message)))):
        try:
            _, clips = await services(interaction).handling.tracks(job_id, interaction.user.id)
        except NotFound:
            continue
        return clips
    return []


async def _show(interaction: Interaction, clip_id: str, *, other: Clip | None = None) -> None:
    clip = await _clip(interaction, clip_id)
    await answer_privately(interaction, await _drawn(interaction, clip, parse_start(END, Source.of(clip)), other=other))


async def _clip(interaction: Interaction, clip_id: str) -> Clip:
    return await services(interaction).library.to_continue(clip_id, viewer_of(interaction))


async def _drawn(interaction: Interaction, clip: Clip, start: float, *, other: Clip | None = None) -> Card:
    """Listen to the track and draw it; without its audio, the start point is chosen without a picture."""
    listening = services(interaction).listening
    try:
        async with asyncio.timeout(LISTEN_WITHIN):
            heard = await listening.profile(clip)
            picture = await listening.picture(heard, start=start)
    except (AudioGone, AudioDamaged, WorkLost, TimeoutError) as error:
        log.info("track %s is continued without its picture: %s", clip.clip_id, type(error).__name__)
        return card(Continuing(clip=clip, start=start, other=other))
    return card(Continuing(clip=clip, start=start, heard=heard, picture=picture, other=other))

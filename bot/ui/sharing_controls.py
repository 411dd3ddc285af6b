"""What the controls of sharing do: the form with a note, the question before a private track is shown, votes, and /top."""

import re
from collections.abc import Mapping, Sequence
from typing import cast

import discord
from discord import app_commands

from bot.domain.admission import Act
from bot.domain.sharing import MAX_NOTE, Period, Place
from bot.errors import NotFound, NotPublicYet
from bot.ui import ids, share_card, sharing_words
from bot.ui.asking import DRAFT_LIFE, actor_of
from bot.ui.buttons import Pressed
from bot.ui.cards import Card
from bot.ui.client import services
from bot.ui.modals import Form, FormKind, Values
from bot.ui.sending import WAIT, answer_privately, show_in_place

THREADS = (discord.ChannelType.public_thread, discord.ChannelType.private_thread, discord.ChannelType.news_thread)
WITH_MESSAGES = (
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    *THREADS,
)
"""Channels that hold messages."""

Chosen = app_commands.AppCommandChannel | app_commands.AppCommandThread


async def share(interaction: discord.Interaction[discord.Client], clip_id: str, place: Place, note: str, *, publish: bool = False) -> None:
    """Share a track and say what became of it; ask first where that makes it public. Raises UserError, StoreUnavailable."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    served = services(interaction)
    try:
        post = await served.sharing.share(clip_id, actor_of(interaction), place, note, publish=publish)
    except NotPublicYet:
        typed = {"clip": clip_id, "channel": str(place.channel_id), "note": note}
        draft = await served.drafts.keep(interaction.user.id, typed, life=DRAFT_LIFE)
        await answer_privately(interaction, share_card.ask_to_publish(draft))
        return
    await answer_privately(interaction, share_card.shared(await served.posting.settled(post, within=WAIT)))


def place_of(interaction: discord.Interaction[discord.Client], chosen: Chosen | None = None) -> Place:
    """Tell who may post in the chosen channel, or else in the one where somebody acts."""
    if chosen is None or chosen.id == interaction.channel_id:
        kind = interaction.channel.type if interaction.channel is not None else None
        return _place(interaction.channel_id or 0, kind, interaction.permissions, interaction.app_permissions)
    guild = interaction.guild
    known = guild.get_channel_or_thread(chosen.id) if guild is not None else None
    ours = known.permissions_for(guild.me) if guild is not None and known is not None else discord.Permissions.none()
    return _place(chosen.id, chosen.type, chosen.permissions, ours)


def _place_by_id(interaction: discord.Interaction[discord.Client], channel_id: int) -> Place:
    """Tell the same of a channel that was chosen before, by what is known of the server."""
    if channel_id == interaction.channel_id:
        return place_of(interaction)
    guild, person = interaction.guild, interaction.user
    known = guild.get_channel_or_thread(channel_id) if guild is not None else None
    if guild is None or known is None or not isinstance(person, discord.Member):
        return _place(channel_id, None, discord.Permissions.none(), discord.Permissions.none())
    return _place(channel_id, known.type, known.permissions_for(person), known.permissions_for(guild.me))


def _place(channel_id: int, kind: discord.ChannelType | None, persons: discord.Permissions, bots: discord.Permissions) -> Place:
    send = "send_messages_in_threads" if kind in THREADS else "send_messages"
    to_post = ("view_channel", send)
    if kind is not None and kind not in WITH_MESSAGES:
        # A forum, or a category: nobody can post there, whatever is allowed.
        return Place(channel_id=channel_id, person_lacks=("a channel for messages",))
    return Place(
        channel_id=channel_id,
        person_lacks=_lacking(persons, to_post),
        bot_lacks=_lacking(bots, (*to_post, "embed_links", "attach_files")),
    )


def _lacking(permissions: discord.Permissions, needed: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in needed if not getattr(permissions, name))


class Share(Pressed, template=ids.template("share", ids.CLIP)):
    """Share a track in this channel, with a note."""

    ACT = Act.LOOK

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Show the form, unless it is clear already that the track can't be shared here."""
        place = place_of(interaction)
        try:
            clip = await services(interaction).sharing.check(self.about["clip"], actor_of(interaction))
        except NotPublicYet:
            await share(interaction, self.about["clip"], place, "")
            return
        place.check()
        form = Form(f"Share {clip.variant} · {clip.title}", "share-form", clip.clip_id)
        form.ask("note", "A word about it", value="", limit=MAX_NOTE, required=False, hint="It is posted in this channel.", long=True)
        await interaction.response.send_modal(form)


class SharePublicly(Pressed, template=ids.template("share-public", ids.DRAFT)):
    """Make a private track public, and share it."""

    ACT = Act.LOOK

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Share what was asked for before."""
        draft = await services(interaction).drafts.get(self.about["draft"], interaction.user.id)
        if draft is None:
            msg = f"there is no draft {self.about['draft']}"
            raise NotFound(msg)
        place = _place_by_id(interaction, int(draft["channel"]))
        await share(interaction, draft["clip"], place, draft["note"], publish=True)


class Vote(Pressed, template=ids.template("vote", ids.POST)):
    """Vote for a track, or take the vote back."""

    ACT = Act.LOOK

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Count it, and say privately how many there are; the post itself is edited by its one writer."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        vote = await services(interaction).sharing.vote(self.about["post"], actor_of(interaction))
        await answer_privately(interaction, Card(content=sharing_words.voted(vote)))


class PickTop(Pressed, template=ids.template("top", r"(?P<period>day|week|month|all)")):
    """Choose a track of /top."""

    ACT = Act.LOOK

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Show what can be done with it, below the list as it is now."""
        data = cast("Mapping[str, Sequence[str]]", interaction.data or {})
        (chosen,) = data.get("values", ())
        period = Period(self.about["period"])
        tracks = await services(interaction).sharing.top(actor_of(interaction), period)
        await show_in_place(interaction, share_card.top(tracks, period, chosen))


ALL: tuple[type[Pressed], ...] = (Share, SharePublicly, Vote, PickTop)


async def _noted(interaction: discord.Interaction[discord.Client], about: re.Match[str], values: Values) -> None:
    await share(interaction, about["clip"], place_of(interaction), values.get("note", ""))


FORMS = (FormKind(re.compile(ids.template("share-form", ids.CLIP, r"[A-Za-z0-9_-]+")), Act.LOOK, _noted),)
"""The form that shares."""

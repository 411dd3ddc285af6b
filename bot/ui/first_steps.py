"""/help, and the buttons that start things for those who have nothing yet."""

from typing import ClassVar

import discord

from bot.domain.admission import Act
from bot.domain.requests import Source
from bot.domain.starters import Starter
from bot.errors import CreatingOff, MayNotSpend, NoTrackYet, TooNew
from bot.ui import help_card, ids, modals
from bot.ui.asking import actor_of
from bot.ui.buttons import Pressed
from bot.ui.client import services
from bot.ui.sending import answer_privately


class Help(Pressed, template=ids.template(help_card.HELP)):
    """Show what can be done here."""

    ACT: ClassVar[Act] = Act.LOOK

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Answer privately."""
        await show_help(interaction)


class Begin(Pressed, template=ids.template(help_card.BEGIN)):
    """Go on from a track that is there for everybody, or from the newest that the person knows."""

    ACT: ClassVar[Act] = Act.SPEND

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Show the form, filled in."""
        starter = await _to_begin_with(interaction)
        if starter is None:
            raise NoTrackYet
        await interaction.response.send_modal(modals.start_form(starter))


class First(Pressed, template=ids.template(help_card.FIRST)):
    """Make a first track."""

    ACT: ClassVar[Act] = Act.SPEND

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Show the form, unless first tracks have been switched off meanwhile."""
        await services(interaction).creating.check(interaction.guild_id)
        await interaction.response.send_modal(modals.create_form({}))


class TakeIn(Pressed, template=ids.template(help_card.TAKE_IN)):
    """Take in a task made elsewhere, which spends nothing."""

    ACT: ClassVar[Act] = Act.LOOK

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Show the form."""
        await interaction.response.send_modal(modals.track_form({}))


ALL: tuple[type[Pressed], ...] = (Help, Begin, First, TakeIn)
"""Every button here, to be registered at start-up."""


async def show_help(interaction: discord.Interaction[discord.Client]) -> None:
    """Answer privately with what Encore does and what to do next. Raises StoreUnavailable."""
    served = services(interaction)
    guild = None if interaction.guild_id is None else await served.guilds.of(interaction.guild_id)
    starters = await served.starters.offered(interaction.guild_id, to=interaction.user.id)
    first = await _to_begin_with(interaction)
    situation = help_card.Situation(
        track="" if first is None else first.label,
        is_starter=first in starters,
        creating_off=await _creating_off(interaction),
        guild=guild,
        gone=frozenset() if guild is None else served.guilds.gone(guild),
        barred=await _barred(interaction),
        limits=await served.accepting.limits(interaction.guild_id),
    )
    await answer_privately(interaction, help_card.card(situation))


async def _barred(interaction: discord.Interaction[discord.Client]) -> MayNotSpend | TooNew | None:
    try:
        await services(interaction).guilds.admit(actor_of(interaction), Act.SPEND)
    except (MayNotSpend, TooNew) as error:
        return error
    return None


async def _creating_off(interaction: discord.Interaction[discord.Client]) -> CreatingOff | None:
    try:
        await services(interaction).creating.check(interaction.guild_id)
    except CreatingOff as error:
        return error
    return None


async def _to_begin_with(interaction: discord.Interaction[discord.Client]) -> Starter | None:
    """Find a starter, one whose length is known before others; else the newest track that this person knows here."""
    served = services(interaction)
    starters = await served.starters.offered(interaction.guild_id, to=interaction.user.id)
    if starters:
        return min(starters, key=lambda starter: starter.source is None)
    for clip in await served.clips.known_to(interaction.user.id, interaction.guild_id, text="", limit=1):
        return Starter(
            clip.clip_id, Source(clip_id=clip.clip_id, variant=clip.variant, title=clip.title, tags=clip.tags, seconds=clip.seconds)
        )
    return None

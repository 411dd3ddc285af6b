"""What the controls of the key's card do; only for people with Manage Server."""

import re

import discord

from bot.domain.admission import Act
from bot.domain.guild_keys import LONGEST_KEY
from bot.ui import cards, ids, key_card
from bot.ui.asking import actor_of
from bot.ui.buttons import Pressed
from bot.ui.client import services
from bot.ui.modals import Form, FormKind, Values
from bot.ui.sending import answer_privately, show_in_place, view_of
from bot.ui.settings_controls import manager

FIELD = "api_key"
"""The field's name, by which the log knows what to mask (`ops/logs.py`)."""


async def _newest(interaction: discord.Interaction[discord.Client], said: str = "") -> cards.Card:
    _, guild_id = manager(interaction)
    keys = services(interaction).own_keys
    return key_card.card(await keys.about(guild_id), enabled=keys.enabled, said=said)


class Open(Pressed, template=ids.template("own-key")):
    """Show the card."""

    ACT = Act.MANAGE

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Answer privately."""
        await answer_privately(interaction, await _newest(interaction))


class Enter(Pressed, template=ids.template("own-key-enter")):
    """Enter a key."""

    ACT = Act.MANAGE

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Show the form, empty: a key that is kept is never shown."""
        manager(interaction)
        form = Form("API key of this server", "own-key-form")
        hint = "It is tried with a query that costs nothing, then kept encrypted and never shown again."
        form.ask(FIELD, "API key of the music service", value="", limit=LONGEST_KEY, hint=hint)
        await interaction.response.send_modal(form)


class Remove(Pressed, template=ids.template("own-key-remove")):
    """Ask before the key goes."""

    ACT = Act.MANAGE

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Show what that does; nothing has happened yet."""
        _, guild_id = manager(interaction)
        key = await services(interaction).own_keys.about(guild_id)
        await show_in_place(interaction, await _newest(interaction) if key is None else key_card.confirmation(key))


class Back(Pressed, template=ids.template("own-key-back")):
    """Keep the key after all."""

    ACT = Act.MANAGE

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Show the card again."""
        await show_in_place(interaction, await _newest(interaction))


class Gone(Pressed, template=ids.template("own-key-gone")):
    """Let go of the key."""

    ACT = Act.MANAGE

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Remove it; cancelling a long line may take longer than the 3 seconds of the first answer."""
        actor, _ = manager(interaction)
        await interaction.response.defer()
        keys = services(interaction).own_keys
        card = key_card.removed(await keys.remove(actor), enabled=keys.enabled)
        await interaction.edit_original_response(embeds=list(card.embeds), view=view_of(card))


ALL: tuple[type[Pressed], ...] = (Open, Enter, Remove, Back, Gone)
"""Every control of the key's card, to be registered at start-up."""


async def _entered(interaction: discord.Interaction[discord.Client], _about: re.Match[str], values: Values) -> None:
    await interaction.response.defer(ephemeral=True, thinking=True)
    await services(interaction).own_keys.keep(actor_of(interaction), values.get(FIELD, ""))
    await answer_privately(interaction, await _newest(interaction, key_card.KEPT))


FORMS = (FormKind(re.compile(ids.template("own-key-form", r"[A-Za-z0-9_-]+")), Act.MANAGE, _entered),)
"""The form for a key."""

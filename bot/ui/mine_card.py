"""/settings for everybody: what a person wants for themselves. Pure, as the other cards."""

import discord

from bot.domain.preferences import Preferences
from bot.ui import ids
from bot.ui.cards import COLOUR, Button, Card

MINE, PRIVATE, PRIVACY = "mine", "mine-private", "privacy"
"""Names of the controls (`ui/mine_controls.py`, `ui/privacy_controls.py`)."""

OPEN = Button(ids.make(MINE), "Mine…")
"""Leads here from the server's settings."""

_ON = (
    "**Private first: on.** What you ask for on a server is shown to you alone, and its tracks are in your lists alone, until you press "
    "**Publish** below the result. It counts and costs as any other request."
)
_OFF = (
    "**Private first: off.** What you ask for on a server is shown in its channel, and everybody there can continue the tracks. "
    "Switched on, you alone see the request and the result, until you press **Publish** below it."
)
_ALREADY = "It holds for what you ask for from now on, on every server. In direct messages with me you are alone anyway."


def card(wanted: Preferences) -> Card:
    """Show what a person has set, and the other choice."""
    embed = discord.Embed(title="My settings", description=f"{_ON if wanted.private_first else _OFF}\n\n{_ALREADY}", colour=COLOUR)
    embed.set_footer(text="Only you see this.")
    other = Button(ids.make(PRIVATE, "off"), "Switch it off") if wanted.private_first else Button(ids.make(PRIVATE, "on"), "Switch it on")
    return Card(embeds=(embed,), rows=((other, Button(ids.make(PRIVACY), "Privacy…")),))

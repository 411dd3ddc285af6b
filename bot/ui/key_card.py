"""The card about a server's own API key: whether there is one and whether it works; never the key itself."""

import discord

from bot.domain.guild_keys import OwnKey
from bot.domain.standing import LaneCondition
from bot.ui import ids
from bot.ui.cards import COLOUR, WARNING, Button, Card
from bot.ui.times import when

OPEN = Button(ids.make("own-key"), "API key…")
"""What leads to the card."""

NONE = (
    "This server's tracks run on the operator's key, within the operator's limits.\n"
    "With an API key of its own, they run on that key alone: at this server's cost, in a line of its own."
)
OFF = "The operator of this bot has not enabled servers' own keys: ENCRYPTION_KEY is not set, and a key is never kept unencrypted."
UNREADABLE = (
    "This server has a key, but it can't be decrypted any more: the operator has changed ENCRYPTION_KEY. Requests here wait, and new ones "
    "are refused; nothing is lost, and nothing runs on the operator's key instead. Enter the key anew, or remove it."
)
CONDITIONS = {
    LaneCondition.WORKING: "It works.",
    LaneCondition.SLOWED: "It works; the music service asks for a slower pace at the moment.",
    LaneCondition.UNREACHABLE: "The music service does not answer at the moment; requests wait.",
    LaneCondition.KEY_REFUSED: "⚠ The music service refuses it. Requests wait, and new ones are refused, until it is accepted again or "
    "another one is entered.",
    LaneCondition.NO_CREDITS: "⚠ Its credits at the music service are used up. Requests wait, and new ones are refused, until the account "
    "is topped up.",
    LaneCondition.HELD: "It is not in use.",
}
KEPT = "The music service accepts the key. It is kept encrypted and never shown again; this server's tracks run on it from now on."
CONFIRM = (
    "Requests in line here ({waiting} now) are cancelled: they have not been sent, and nothing was spent. Tracks that are being made are "
    "watched to their end, unless I am restarted before that. After that, this server's tracks run on the operator's key, within the "
    "operator's limits.\nThe key stays valid at the music service until you revoke it there."
)


def card(key: OwnKey | None, *, enabled: bool, said: str = "") -> Card:
    """Show how a server stands with its own key; `said` comes first."""
    if key is None:
        return _card(said, NONE if enabled else OFF, (_enter("Enter a key", enabled=enabled)), well=True)
    text = f"Entered by <@{key.added_by}> {when(key.added_at)}."
    how = CONDITIONS[key.lane] if key.readable else UNREADABLE
    waiting = f"In line on it: {key.waiting}." if key.waiting else ""
    remove = Button(ids.make("own-key-remove"), "Remove", discord.ButtonStyle.danger)
    buttons = (*_enter("Replace", enabled=enabled), remove)
    return _card(said, " ".join(part for part in (text, how, waiting) if part), buttons, well=key.readable and not key.lane.paused)


def confirmation(key: OwnKey) -> Card:
    """Ask whether the key is to go, and say what that does."""
    yes = Button(ids.make("own-key-gone"), "Remove the key", discord.ButtonStyle.danger)
    return _card(
        "**Remove this server's API key?**",
        CONFIRM.format(waiting=key.waiting),
        (yes, Button(ids.make("own-key-back"), "Keep it")),
        well=False,
    )


def removed(cancelled: int, *, enabled: bool) -> Card:
    """Say that the key is gone."""
    what = {0: "Nothing was in line.", 1: "One request in line was cancelled."}.get(
        cancelled, f"{cancelled} requests in line were cancelled."
    )
    return card(None, enabled=enabled, said=f"**The key is removed.** {what}")


def _enter(label: str, *, enabled: bool) -> tuple[Button, ...]:
    return (Button(ids.make("own-key-enter"), label, discord.ButtonStyle.primary),) if enabled else ()


def _card(said: str, text: str, buttons: tuple[Button, ...], *, well: bool) -> Card:
    description = "\n\n".join(part for part in (said, text) if part)
    embed = discord.Embed(title="API key of this server", description=description, colour=COLOUR if well else WARNING)
    embed.set_footer(text="Only you see this.")
    return Card(embeds=(embed,), rows=(buttons,) if buttons else ())

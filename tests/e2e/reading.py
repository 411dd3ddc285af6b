"""What people see of a message, as text to compare with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from bot.sandbox.discord import InteractionState
from bot.sandbox.discord.component_types import Component, walk

if TYPE_CHECKING:
    from bot.sandbox.discord import InteractionCall, Message
    from bot.sandbox.discord.world import JsonObject


def text_of(message: Message) -> str:
    """Read all that a message says: content, embeds, buttons."""
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.get("title") or "", embed.get("description") or ""]
        lines = cast("list[JsonObject]", embed.get("fields") or [])
        parts += [f"{line['name']}: {line['value']}" for line in lines]
    return "\n".join((*parts, *labels(message)))


def labels(message: Message) -> list[str]:
    """List the labels of a message's buttons."""
    return [part["label"] for part in walk(message.components) if part.get("type") == Component.BUTTON]


def audio_of(message: Message) -> list[str]:
    """List the names of the audio files that a message carries."""
    return [attachment.filename for attachment in message.attachments if (attachment.content_type or "").startswith("audio/")]


def ids_in(text: str) -> list[str]:
    """List the ids that a text shows so that they can be copied."""
    return re.findall(r"`([0-9a-f]{8}-[0-9a-f-]{27})`", text)


def privately(call: InteractionCall) -> str:
    """Return what an interaction was answered with, which must be for its person alone."""
    assert call.state is InteractionState.ANSWERED, call.failed
    assert call.message.is_ephemeral
    assert call.message.viewer_id == call.interaction.user.id
    return text_of(call.message)

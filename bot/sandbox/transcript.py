"""A conversation, printed as it happens: who typed what, what the bot answered, buttons and attachments."""

from __future__ import annotations

import io
import re
import textwrap
import time
from typing import TYPE_CHECKING

import av

from bot.sandbox.discord.events import InteractionChanged, MessageCreated, MessageDeleted, MessageUpdated, ModalOpened
from bot.sandbox.discord.interaction_model import InteractionState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bot.sandbox.discord.events import Event
    from bot.sandbox.discord.interaction_model import Modal
    from bot.sandbox.discord.loopback import LoopbackDiscord
    from bot.sandbox.discord.world import Attachment, JsonObject, Message

WIDTH = 100
MARGIN = 10
"""Characters of a line, and of the speaker's column."""

_MENTION = re.compile(r"<@(\d+)>")
_CHANNEL = re.compile(r"<#(\d+)>")
_MOMENT = re.compile(r"<t:(\d+):R>")
_LINK = re.compile(r"\[([^\]]+)\]\(https?://[^)\s]+\)")


class Transcript:
    """Listens to a loopback Discord and writes lines; a message that did not change for its readers is not written again."""

    def __init__(self, discord: LoopbackDiscord, write: Callable[[str], None]) -> None:
        """Write with `write`, a line at a time."""
        self._discord = discord
        self._write = write
        self._shown: dict[int, list[str]] = {}
        self._failed: set[int] = set()

    def says(self, speaker: str, text: str) -> None:
        """Write what somebody does."""
        self._line(speaker, [text])

    def hear(self, event: Event) -> None:
        """Write what has happened, if people see it."""
        match event:
            case MessageCreated(message) | MessageUpdated(message):
                self._message(message)
            case MessageDeleted(message):
                self.says("", f"({message.author.display_name}'s message was deleted)")
            case ModalOpened(interaction, modal):
                self._line("", [f"(a form opens for {interaction.user.display_name})", *_form(modal)])
            case InteractionChanged(interaction) if interaction.state is InteractionState.FAILED and interaction.id not in self._failed:
                self._failed.add(interaction.id)
                self.says("", f"(Discord tells {interaction.user.display_name}: {interaction.failure})")
            case _:
                pass

    def _message(self, message: Message) -> None:
        lines = [f"{message.author.display_name} is thinking…"] if message.is_loading else list(self._lines(message))
        if self._shown.get(message.id) == lines:
            return
        speaker = message.author.display_name
        notes = "(edited) " if message.id in self._shown and not message.is_loading else ""
        if message.viewer_id is not None:
            notes += f"(only {self._name(message.viewer_id)} sees this) "
        self._shown[message.id] = lines
        self._line(speaker, [notes.strip(), *lines] if notes else lines)

    def _lines(self, message: Message) -> Iterable[str]:
        if message.content:
            yield from self._plain(message.content).splitlines()
        for embed in message.embeds:
            yield from (f"│ {line}" for line in self._embed(embed))
        for attachment in message.attachments:
            yield f"  {self._attachment(attachment)}"
            if attachment.width and attachment.description:
                yield from textwrap.wrap(f"“{attachment.description}”", WIDTH - MARGIN, initial_indent="    ", subsequent_indent="    ")
        buttons = [f"[{button['label']}]" for row in message.components for button in row.get("components", []) if "label" in button]
        if buttons:
            yield "  ".join(buttons)

    def _embed(self, embed: JsonObject) -> Iterable[str]:
        if embed.get("title"):
            yield f"**{embed['title']}**"
        for line in self._plain(str(embed.get("description") or "")).splitlines():
            yield from textwrap.wrap(line, WIDTH - MARGIN - 2)
        for field in embed.get("fields", []):
            yield from textwrap.wrap(f"{field['name']}: {self._plain(field['value'])}", WIDTH - MARGIN - 2)

    def _attachment(self, attachment: Attachment) -> str:
        size = f"{attachment.size / 1024:.0f} KB"
        if (attachment.content_type or "").startswith("audio/"):
            return f"♪ {attachment.filename} · {audio_seconds(self._discord.core.files.read(attachment)):.1f} s · {size}"
        return f"▣ {attachment.filename} · {attachment.width} by {attachment.height} · {size}"

    def _plain(self, text: str) -> str:
        text = _MENTION.sub(lambda match: f"@{self._name(int(match[1]))}", text)
        text = _CHANNEL.sub(lambda match: f"#{self._channel(int(match[1]))}", text)
        return _MOMENT.sub(_moment, _LINK.sub(r"\1 ↗", text))

    def _name(self, user_id: int) -> str:
        user = self._discord.core.world.users.get(user_id)
        return user.display_name if user else str(user_id)

    def _channel(self, channel_id: int) -> str:
        channel = self._discord.core.world.channels.get(channel_id)
        return (channel.name if channel else None) or str(channel_id)

    def _line(self, speaker: str, lines: list[str]) -> None:
        for number, line in enumerate(lines):
            self._write(f"{speaker if number == 0 else '':<{MARGIN}}{line}")


def _moment(match: re.Match[str]) -> str:
    return "in a while" if int(match[1]) > time.time() else "just now"


def _form(modal: Modal) -> Iterable[str]:
    yield f"┌ {modal.title}"
    for field in modal.fields:
        yield f"│ {field.label}: {field.value}"


def audio_seconds(data: bytes) -> float:
    """Decode audio to its end and measure it."""
    with av.open(io.BytesIO(data), mode="r") as container:
        stream = container.streams.audio[0]
        samples = sum(frame.samples for frame in container.decode(stream))
        return samples / (stream.codec_context.sample_rate or 1)

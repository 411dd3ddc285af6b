"""What a person can do: write, type commands, press, choose, fill in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.sandbox.discord import announcements, client_forms, interactions, messages, payloads, reach
from bot.sandbox.discord.checks_commands import CommandType
from bot.sandbox.discord.client_options import Resolved, command_data, focused_option
from bot.sandbox.discord.interaction_call import ClientRefusal, InteractionCall
from bot.sandbox.discord.interaction_model import Choice, Interaction, InteractionType, Modal
from bot.sandbox.discord.permissions import Permission
from bot.sandbox.discord.rooms import Room
from bot.sandbox.discord.world import Channel, JsonObject, Message, MessageType, Role, User

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.sandbox.discord.core import Core
    from bot.sandbox.discord.files import Upload


@dataclass(slots=True, frozen=True)
class Person:
    """The handle of somebody's account."""

    core: Core = field(repr=False)
    user: User

    @property
    def id(self) -> int:
        """Return the account's id."""
        return self.user.id

    @property
    def mention(self) -> str:
        """Return the text that mentions them."""
        return f"<@{self.user.id}>"

    async def slash(self, room: Room, name: str, /, **options: object) -> InteractionCall:
        """Send a slash command ("group sub" for subcommands); raises ClientRefusal for what Discord's client would not send.

        Options are texts, numbers and booleans; a Person, Room, Role or Upload where the option takes such.
        """
        first, *path = name.split()
        command = reach.command(self.core, self.user, room.channel, first, CommandType.CHAT_INPUT)
        data = command_data(command, path, _unwrapped(options), self._resolved(room.channel))
        return self._begin(
            InteractionType.COMMAND, room.channel, data, owners=reach.owners(self.core, self.user, room.channel, command), name=name
        )

    async def autocomplete(
        self,
        room: Room,
        name: str,
        /,
        *,
        focused: str,
        value: str,
        timeout: float = 10.0,  # noqa: ASYNC109 - the name people expect
        **others: object,
    ) -> list[Choice]:
        """Type `value` into the option `focused` and return the suggestions; raises ClientRefusal when none come."""
        first, *path = name.split()
        command = reach.command(self.core, self.user, room.channel, first, CommandType.CHAT_INPUT)
        option = focused_option(command, path, focused)
        data = command_data(command, path, _unwrapped(others) | {focused: value}, self._resolved(room.channel), focused=focused)
        owners = reach.owners(self.core, self.user, room.channel, command)
        call = self._begin(InteractionType.AUTOCOMPLETE, room.channel, data, owners=owners, name=name, focused_type=option["type"])
        await call.answered(timeout)
        if call.interaction.choices is None:
            raise ClientRefusal(call.failed or "no suggestions")
        return call.interaction.choices

    async def context_menu(self, room: Room, name: str, target: Message | Person) -> InteractionCall:
        """Use a command of a message's or a person's menu; raises ClientRefusal."""
        kind = CommandType.USER if isinstance(target, Person) else CommandType.MESSAGE
        command = reach.command(self.core, self.user, room.channel, name, kind)
        data: JsonObject = {"id": command["id"], "name": name, "type": int(kind)}
        if isinstance(target, Person):
            resolved = self._resolved(room.channel)
            data |= {"target_id": resolved.user(target.user), "resolved": resolved.parts}
        else:
            self._see(target)
            written = payloads.message_json(self.core.world, self.core.files, target)
            data |= {"target_id": str(target.id), "resolved": {"messages": {str(target.id): written}}}
        return self._begin(
            InteractionType.COMMAND, room.channel, data, owners=reach.owners(self.core, self.user, room.channel, command), name=name
        )

    async def press(self, message: Message, button: str) -> InteractionCall:
        """Press a button, named by its custom_id or label; raises ClientRefusal."""
        channel = self._see(message)
        found = client_forms.find_button(message, button)
        data: JsonObject = {"custom_id": found["custom_id"], "component_type": found["type"], "id": found.get("id")}
        return self._begin(InteractionType.COMPONENT, channel, data, owners=reach.owners_of(message, channel), source=message)

    async def select(self, message: Message, custom_id: str, values: Sequence[object]) -> InteractionCall:
        """Choose in a select menu, options by value or label; raises ClientRefusal."""
        channel = self._see(message)
        data = client_forms.select_data(message, custom_id, [_bare(value) for value in values], self._resolved(channel))
        return self._begin(InteractionType.COMPONENT, channel, data, owners=reach.owners_of(message, channel), source=message)

    async def submit(self, modal: Modal, values: Mapping[str, object] | None = None) -> InteractionCall:
        """Submit a modal, fields by custom_id or label, the others as prefilled; raises ClientRefusal."""
        opener = modal.opened_by
        if opener.user is not self.user:
            msg = "the modal is on somebody else's screen"
            raise ClientRefusal(msg)
        data = client_forms.modal_data(modal, _unwrapped(values or {}), self._resolved(opener.channel))
        return self._begin(InteractionType.MODAL, opener.channel, data, owners=opener.owners, source=opener.source)

    async def send(self, room: Room, content: str, *, files: Sequence[Upload] = (), reply_to: Message | None = None) -> Message:
        """Write a message; raises ClientRefusal without permission."""
        channel = room.channel
        wanted = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
        if wanted not in self.core.world.permissions_of(self.user, channel):
            msg = "they may not write here"
            raise ClientRefusal(msg)
        draft = messages.Draft(
            body={"content": content},
            uploads=files,
            type=MessageType.DEFAULT if reply_to is None else MessageType.REPLY,
            reference=reply_to,
            reference_ids=None if reply_to is None else messages.reference_to(reply_to),
        )
        return messages.post(self.core, channel, self.user, draft)

    async def delete(self, message: Message) -> None:
        """Delete a message of theirs, or as a moderator anybody's; raises ClientRefusal."""
        channel = self._see(message)
        moderates = Permission.MANAGE_MESSAGES in self.core.world.permissions_of(self.user, channel)
        if message.is_ephemeral or not (message.author is self.user or moderates):
            msg = "they may not delete this"
            raise ClientRefusal(msg)
        messages.delete(self.core, channel, message)

    async def react(self, message: Message, emoji: str) -> None:
        """React to a message."""
        channel = self._see(message)
        people = message.reactions.setdefault(emoji, [])
        if self.user.id not in people:
            people.append(self.user.id)
            announcements.reaction_changed(self.core, channel, message, self.user, emoji, added=True)

    async def unreact(self, message: Message, emoji: str) -> None:
        """Take a reaction back."""
        channel = self._see(message)
        people = message.reactions.get(emoji, [])
        if self.user.id in people:
            people.remove(self.user.id)
            if not people:
                del message.reactions[emoji]
            announcements.reaction_changed(self.core, channel, message, self.user, emoji, added=False)

    def _see(self, message: Message) -> Channel:
        channel = self.core.world.channels[message.channel_id]
        if message not in Room(self.core, channel).messages_for(self):
            msg = "they do not see this message"
            raise ClientRefusal(msg)
        return channel

    def _resolved(self, channel: Channel) -> Resolved:
        return Resolved(self.core, self.user, self.core.world.guild_of(channel), channel)

    def _begin(
        self,
        kind: InteractionType,
        channel: Channel,
        data: JsonObject,
        *,
        owners: dict[str, int],
        name: str = "",
        source: Message | None = None,
        focused_type: int = 0,
    ) -> InteractionCall:
        guild = self.core.world.guild_of(channel)
        interaction = Interaction(
            id=self.core.snowflakes(),
            token=interactions.new_token(),
            type=kind,
            user=self.user,
            channel=channel,
            guild=guild,
            context=reach.context(self.core, channel),
            owners=owners,
            created_at=self.core.clock(),
            data=data,
            source=source,
            command_name=name,
            focused_type=focused_type,
            upload_limit=max(self.user.attachment_size_limit, 0 if guild is None else guild.attachment_size_limit),
        )
        interactions.begin(self.core, interaction)
        return InteractionCall(self.core, interaction)


def _unwrapped(values: Mapping[str, object]) -> dict[str, object]:
    return {name: _bare(value) for name, value in values.items()}


def _bare(value: object) -> User | Channel | Role | object:
    if isinstance(value, Person):
        return value.user
    return value.channel if isinstance(value, Room) else value

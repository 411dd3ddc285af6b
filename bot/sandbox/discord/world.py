"""What exists: people, guilds, channels, messages, the application. Data only; the rules live beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import Any, TypeAlias

from bot.sandbox.discord import permissions
from bot.sandbox.discord.permissions import OverwriteKind, Permission

JsonObject: TypeAlias = dict[str, Any]

DEFAULT_UPLOAD_LIMIT = 10 * 1024 * 1024
"""Bytes a file may have in a guild without boosts or for a person without Nitro (reference page "Uploading Files")."""


class ChannelType(IntEnum):
    """The kinds of channel the loopback has."""

    TEXT = 0
    DM = 1
    VOICE = 2
    GROUP_DM = 3
    CATEGORY = 4
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12


class MessageType(IntEnum):
    """The kinds of message the loopback makes."""

    DEFAULT = 0
    THREAD_CREATED = 18
    REPLY = 19
    CHAT_INPUT_COMMAND = 20
    CONTEXT_MENU_COMMAND = 23


class MessageFlag(IntFlag):
    """The message flags the loopback knows."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    IS_VOICE_MESSAGE = 1 << 13
    IS_COMPONENTS_V2 = 1 << 15


@dataclass(slots=True, eq=False, kw_only=True)
class User:
    """One account; `dms_open` false refuses direct messages with 50007."""

    id: int
    name: str
    display_name: str
    bot: bool = False
    locale: str = "en-US"
    dms_open: bool = True
    attachment_size_limit: int = DEFAULT_UPLOAD_LIMIT


@dataclass(slots=True, eq=False, kw_only=True)
class Role:
    """A named set of permissions in a guild."""

    id: int
    name: str
    permissions: Permission
    position: int = 0
    color: int = 0
    mentionable: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class Member:
    """A person in a guild; `role_ids` leaves out @everyone."""

    user: User
    joined_at: float
    role_ids: set[int] = field(default_factory=set[int])
    nick: str | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class Overwrite:
    """What a channel allows and denies one role or member."""

    allow: Permission = permissions.NONE
    deny: Permission = permissions.NONE


@dataclass(slots=True, eq=False, kw_only=True)
class Channel:
    """A place for messages: guild channel, thread, direct message or group."""

    id: int
    type: ChannelType
    name: str | None = None
    guild_id: int | None = None
    parent_id: int | None = None
    position: int = 0
    topic: str | None = None
    nsfw: bool = False
    overwrites: dict[tuple[OverwriteKind, int], Overwrite] = field(default_factory=dict[tuple[OverwriteKind, int], Overwrite])
    recipients: list[User] = field(default_factory=list[User])
    owner_id: int | None = None
    archived: bool = False
    locked: bool = False
    archive_timestamp: float = 0.0
    auto_archive_minutes: int = 1440
    thread_members: dict[int, float] = field(default_factory=dict[int, float])
    messages: dict[int, Message] = field(default_factory=dict[int, "Message"])

    @property
    def is_thread(self) -> bool:
        """Tell whether this is a thread."""
        return self.type in (ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD)


@dataclass(slots=True, eq=False, kw_only=True)
class Guild:
    """A server; its @everyone role has the guild's id."""

    id: int
    name: str
    owner_id: int
    locale: str = "en-US"
    premium_tier: int = 0
    attachment_size_limit: int = DEFAULT_UPLOAD_LIMIT
    members: dict[int, Member] = field(default_factory=dict[int, Member])
    roles: dict[int, Role] = field(default_factory=dict[int, Role])
    channels: dict[int, Channel] = field(default_factory=dict[int, Channel])

    @property
    def everyone(self) -> Role:
        """Return the role everybody has."""
        return self.roles[self.id]


@dataclass(slots=True, frozen=True, kw_only=True)
class Attachment:
    """An uploaded file; `digest` finds its bytes, `signature` proves that an address was handed out."""

    id: int
    channel_id: int
    filename: str
    size: int
    content_type: str | None
    digest: str
    signature: str
    description: str | None = None
    width: int | None = None
    height: int | None = None
    ephemeral: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class Message:
    """One message; times are seconds since 1970, `viewer_id` is the one person who sees an ephemeral one.

    `pinged` holds who was notified when it was posted: edits and silent messages notify nobody.
    """

    id: int
    channel_id: int
    guild_id: int | None
    author: User
    type: MessageType
    created_at: float
    content: str = ""
    embeds: list[JsonObject] = field(default_factory=list[JsonObject])
    components: list[JsonObject] = field(default_factory=list[JsonObject])
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    flags: MessageFlag = MessageFlag(0)
    edited_at: float | None = None
    nonce: str | int | None = None
    tts: bool = False
    pinned: bool = False
    mentions: list[User] = field(default_factory=list[User])
    mention_roles: list[int] = field(default_factory=list[int])
    mention_everyone: bool = False
    pinged: frozenset[int] = frozenset()
    reference: Message | None = None
    reference_ids: JsonObject | None = None
    interaction: JsonObject | None = None
    webhook_id: int | None = None
    viewer_id: int | None = None
    reactions: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    thread_id: int | None = None
    late_edits: int = 0

    @property
    def is_ephemeral(self) -> bool:
        """Tell whether only one person sees it."""
        return MessageFlag.EPHEMERAL in self.flags

    @property
    def is_loading(self) -> bool:
        """Tell whether it still reads "… is thinking"."""
        return MessageFlag.LOADING in self.flags


@dataclass(slots=True, eq=False, kw_only=True)
class Application:
    """The bot's application: `user_installs` are the people who added it to themselves."""

    id: int
    name: str
    token: str
    owner: User
    bot: User
    privileged_intents: bool = False
    user_installs: set[int] = field(default_factory=set[int])


@dataclass(slots=True, eq=False)
class World:
    """Everything there is, by id."""

    application: Application
    users: dict[int, User] = field(default_factory=dict[int, User])
    guilds: dict[int, Guild] = field(default_factory=dict[int, Guild])
    channels: dict[int, Channel] = field(default_factory=dict[int, Channel])

    def guild_of(self, channel: Channel) -> Guild | None:
        """Return the guild a channel is in, None for direct messages and groups."""
        return None if channel.guild_id is None else self.guilds.get(channel.guild_id)

    def permissions_of(self, user: User, channel: Channel) -> Permission:
        """Return what `user` may do in `channel`; nothing where they are not."""
        guild = self.guild_of(channel)
        if guild is None:
            return permissions.DIRECT_MESSAGE if user in channel.recipients else permissions.NONE
        member = guild.members.get(user.id)
        return permissions.NONE if member is None else permissions.channel_permissions(guild, member, channel)

"""The world as Discord's JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bot.sandbox.discord.permissions import Permission
from bot.sandbox.discord.snowflakes import timestamp
from bot.sandbox.discord.world import Channel, ChannelType, Guild, JsonObject, Member, MessageFlag, MessageType, Role, User

if TYPE_CHECKING:
    from bot.sandbox.discord.files import FileStore
    from bot.sandbox.discord.world import Application, Attachment, Message, World


def user_json(user: User) -> JsonObject:
    """Write a user."""
    return {
        "id": str(user.id),
        "username": user.name,
        "global_name": None if user.bot else user.display_name,
        "discriminator": "0",
        "avatar": None,
        "bot": user.bot,
        "public_flags": 0,
        "clan": None,
        "primary_guild": None,
        "avatar_decoration_data": None,
        "collectibles": None,
    }


def member_json(member: Member, *, with_user: bool = True) -> JsonObject:
    """Write a guild member."""
    body: JsonObject = {
        "avatar": None,
        "banner": None,
        "communication_disabled_until": None,
        "deaf": False,
        "flags": 0,
        "joined_at": timestamp(member.joined_at),
        "mute": False,
        "nick": member.nick,
        "pending": False,
        "premium_since": None,
        "roles": [str(role_id) for role_id in sorted(member.role_ids)],
        "unusual_dm_activity_until": None,
    }
    return body | {"user": user_json(member.user)} if with_user else body


def role_json(role: Role) -> JsonObject:
    """Write a role."""
    return {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(int(role.permissions)),
        "position": role.position,
        "color": role.color,
        "colors": {"primary_color": role.color, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": role.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def channel_json(channel: Channel) -> JsonObject:
    """Write a channel, thread, direct message or group."""
    last = str(max(channel.messages)) if channel.messages else None
    body: JsonObject = {"id": str(channel.id), "type": int(channel.type), "last_message_id": last, "flags": 0}
    if channel.guild_id is None:
        body["recipients"] = [user_json(user) for user in channel.recipients if not user.bot]
        if channel.type is ChannelType.GROUP_DM:
            body |= {"name": channel.name, "icon": None, "owner_id": str(channel.owner_id)}
        return body
    body |= {"guild_id": str(channel.guild_id), "name": channel.name, "parent_id": str(channel.parent_id) if channel.parent_id else None}
    if channel.is_thread:
        return body | _thread_fields(channel)
    return (
        body
        | {
            "position": channel.position,
            "topic": channel.topic,
            "nsfw": channel.nsfw,
            "rate_limit_per_user": 0,
            "permission_overwrites": [
                {"id": str(target), "type": int(kind), "allow": str(int(overwrite.allow)), "deny": str(int(overwrite.deny))}
                for (kind, target), overwrite in channel.overwrites.items()
            ],
        }
        | ({"bitrate": 64000, "user_limit": 0, "rtc_region": None} if channel.type is ChannelType.VOICE else {})
    )


def _thread_fields(thread: Channel) -> JsonObject:
    return {
        "owner_id": str(thread.owner_id),
        "message_count": len(thread.messages),
        "total_message_sent": len(thread.messages),
        "member_count": len(thread.thread_members),
        "rate_limit_per_user": 0,
        "thread_metadata": {
            "archived": thread.archived,
            "archive_timestamp": timestamp(thread.archive_timestamp),
            "auto_archive_duration": thread.auto_archive_minutes,
            "locked": thread.locked,
            "create_timestamp": timestamp(thread.archive_timestamp),
        },
    }


def thread_member_json(thread: Channel, user_id: int) -> JsonObject:
    """Write one person's membership of a thread."""
    return {"id": str(thread.id), "user_id": str(user_id), "join_timestamp": timestamp(thread.thread_members[user_id]), "flags": 0}


def guild_json(guild: Guild) -> JsonObject:
    """Write a guild as REST answers it."""
    return {
        "id": str(guild.id),
        "name": guild.name,
        "owner_id": str(guild.owner_id),
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "description": None,
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "verification_level": 1,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw": False,
        "nsfw_level": 0,
        "premium_tier": guild.premium_tier,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": guild.locale,
        "vanity_url_code": None,
        "application_id": None,
        "features": [],
        "emojis": [],
        "stickers": [],
        "region": "deprecated",
        "roles": [role_json(role) for role in guild.roles.values()],
    }


def guild_create_json(world: World, guild: Guild) -> JsonObject:
    """Write a guild as the gateway announces it: channels, threads the bot sees, and of the members the bot and few others."""
    bot = guild.members[world.application.bot.id]
    seen = [c for c in guild.channels.values() if Permission.VIEW_CHANNEL in world.permissions_of(bot.user, c)]
    return guild_json(guild) | {
        "joined_at": timestamp(bot.joined_at),
        "large": False,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": [member_json(bot)],
        "channels": [channel_json(c) for c in guild.channels.values() if not c.is_thread],
        "threads": [channel_json(c) for c in seen if c.is_thread and not c.archived],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def application_json(application: Application, guild_count: int) -> JsonObject:
    """Write the bot's application."""
    return {
        "id": str(application.id),
        "name": application.name,
        "description": "",
        "icon": None,
        "summary": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": (1 << 19 | 1 << 15) if application.privileged_intents else 0,
        "owner": user_json(application.owner),
        "bot": user_json(application.bot),
        "team": None,
        "approximate_guild_count": guild_count,
        "approximate_user_install_count": len(application.user_installs),
        "integration_types_config": {"0": {}, "1": {}},
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "tags": [],
    }


def attachment_json(files: FileStore, attachment: Attachment) -> JsonObject:
    """Write an attachment with addresses that work now."""
    address = files.address(attachment)
    body: JsonObject = {
        "id": str(attachment.id),
        "filename": attachment.filename,
        "size": attachment.size,
        "url": address,
        "proxy_url": address,
        "flags": 0,
    }
    optional = {
        "content_type": attachment.content_type,
        "description": attachment.description,
        "width": attachment.width,
        "height": attachment.height,
        "ephemeral": attachment.ephemeral or None,
    }
    return body | {key: value for key, value in optional.items() if value is not None}


def message_json(world: World, files: FileStore, message: Message, *, nested: bool = False) -> JsonObject:
    """Write a message; `nested` leaves out the message it replies to, as inside that reply."""
    body: JsonObject = {
        "id": str(message.id),
        "channel_id": str(message.channel_id),
        "type": int(message.type),
        "author": user_json(message.author),
        "content": message.content,
        "timestamp": timestamp(message.created_at),
        "edited_timestamp": None if message.edited_at is None else timestamp(message.edited_at),
        "tts": message.tts,
        "mention_everyone": message.mention_everyone,
        "mentions": [user_json(user) for user in message.mentions],
        "mention_roles": [str(role_id) for role_id in message.mention_roles],
        "attachments": [attachment_json(files, a) for a in message.attachments if not _shown_by_embed(message, a)],
        "embeds": message.embeds,
        "components": message.components,
        "pinned": message.pinned,
        "flags": int(message.flags),
    }
    if message.reactions:
        body["reactions"] = [_reaction_json(world, emoji, users) for emoji, users in message.reactions.items()]
    if message.webhook_id is not None:
        body |= {"webhook_id": str(message.webhook_id), "application_id": str(message.webhook_id)}
    if message.interaction is not None:
        body |= {"interaction_metadata": message.interaction}
    if message.reference_ids is not None:
        body["message_reference"] = message.reference_ids
        if not nested and message.type is MessageType.REPLY:
            reference = message.reference
            body["referenced_message"] = None if reference is None else message_json(world, files, reference, nested=True)
    if message.thread_id is not None and message.thread_id in world.channels:
        body["thread"] = channel_json(world.channels[message.thread_id])
    return body


def message_event_json(world: World, files: FileStore, message: Message) -> JsonObject:
    """Write a message as the gateway sends it: with guild and member."""
    body = message_json(world, files, message)
    guild = None if message.guild_id is None else world.guilds.get(message.guild_id)
    if guild is not None:
        body["guild_id"] = str(guild.id)
        author = guild.members.get(message.author.id)
        if author is not None:
            body["member"] = member_json(author, with_user=False)
    return body


def without_content(body: JsonObject) -> JsonObject:
    """Blank what the privileged intent MESSAGE_CONTENT guards."""
    return body | {"content": "", "embeds": [], "attachments": [], "components": []}


def _shown_by_embed(message: Message, attachment: Attachment) -> bool:
    if MessageFlag.IS_COMPONENTS_V2 in message.flags:
        return False
    marker = f"/{attachment.id}/"
    pictures = [cast("JsonObject", embed.get(key) or {}) for embed in message.embeds for key in ("image", "thumbnail")]
    return any(marker in str(picture.get("url")) for picture in pictures)


def _reaction_json(world: World, emoji: str, users: list[int]) -> JsonObject:
    name, _, emoji_id = emoji.partition(":")
    return {
        "emoji": {"id": emoji_id or None, "name": name},
        "count": len(users),
        "count_details": {"normal": len(users), "burst": 0},
        "burst_colors": [],
        "me": world.application.bot.id in users,
        "me_burst": False,
        "burst_me": False,
        "burst_count": 0,
    }

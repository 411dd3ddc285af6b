"""An interaction as the gateway sends it, and what the bot gets back for its first answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.discord import payloads
from bot.sandbox.discord.interaction_model import CallbackType, Interaction, InteractionContext
from bot.sandbox.discord.permissions import Permission
from bot.sandbox.discord.world import ChannelType, JsonObject

if TYPE_CHECKING:
    from bot.sandbox.discord.core import Core

WITHOUT_MEMBERSHIP = Permission.ATTACH_FILES | Permission.EMBED_LINKS | Permission.MENTION_EVERYONE
"""What an app may do in an interaction where its bot is not present (page "Interaction Object", `app_permissions`)."""


def interaction_json(core: Core, interaction: Interaction) -> JsonObject:
    """Write an interaction."""
    body: JsonObject = {
        "id": str(interaction.id),
        "application_id": str(core.world.application.id),
        "type": int(interaction.type),
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "channel": _channel_json(core, interaction),
        "channel_id": str(interaction.channel.id),
        "app_permissions": str(int(app_permissions(core, interaction))),
        "locale": interaction.user.locale,
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": {key: str(value) for key, value in interaction.owners.items()},
        "context": int(interaction.context),
        "attachment_size_limit": interaction.upload_limit,
    }
    if interaction.guild is not None:
        guild = interaction.guild
        member = guild.members[interaction.user.id]
        rights = core.world.permissions_of(interaction.user, interaction.channel)
        body |= {
            "guild_id": str(guild.id),
            "guild_locale": guild.locale,
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
            "member": payloads.member_json(member) | {"permissions": str(int(rights))},
        }
    else:
        body["user"] = payloads.user_json(interaction.user)
    if interaction.source is not None:
        body["message"] = payloads.message_json(core.world, core.files, interaction.source)
    return body


def app_permissions(core: Core, interaction: Interaction) -> Permission:
    """Return what the app may do where the interaction happened."""
    if interaction.guild is not None and not interaction.only_user_installed:
        return core.world.permissions_of(core.bot, interaction.channel)
    if interaction.context is InteractionContext.BOT_DM:
        return WITHOUT_MEMBERSHIP | Permission.USE_EXTERNAL_EMOJIS
    return WITHOUT_MEMBERSHIP


def metadata_json(interaction: Interaction, *, followup: bool = False) -> JsonObject:
    """Write what a message tells about the interaction it answers."""
    body: JsonObject = {
        "id": str(interaction.id),
        "type": int(interaction.type),
        "user": payloads.user_json(interaction.user),
        "authorizing_integration_owners": {key: str(value) for key, value in interaction.owners.items()},
    }
    if interaction.command_name:
        body["name"] = interaction.command_name
    if interaction.source is not None:
        body["interacted_message_id"] = str(interaction.source.id)
    if followup and interaction.original is not None:
        body["original_response_message_id"] = str(interaction.original.id)
    return body


def callback_json(core: Core, interaction: Interaction) -> JsonObject:
    """Write the answer to the bot's first answer, as `with_response` asks for it."""
    callback = interaction.callback
    body: JsonObject = {"id": str(interaction.id), "type": int(interaction.type)}
    resource: JsonObject = {"type": None if callback is None else int(callback)}
    original = interaction.original
    if original is not None and callback is not CallbackType.MODAL:
        body |= {
            "response_message_id": str(original.id),
            "response_message_loading": original.is_loading,
            "response_message_ephemeral": original.is_ephemeral,
        }
        if callback in (CallbackType.MESSAGE, CallbackType.DEFERRED_MESSAGE, CallbackType.UPDATE):
            resource["message"] = payloads.message_json(core.world, core.files, original)
    return {"interaction": body, "resource": resource}


def _channel_json(core: Core, interaction: Interaction) -> JsonObject:
    channel = interaction.channel
    body = payloads.channel_json(channel)
    if channel.type not in (ChannelType.DM, ChannelType.GROUP_DM):
        body["permissions"] = str(int(core.world.permissions_of(interaction.user, channel)))
    return body

"""REST: the bot itself, people, guilds and the gateway's address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.discord import access, payloads, refusals
from bot.sandbox.discord.calls import Call, Reply, Route
from bot.sandbox.discord.forms import Form
from bot.sandbox.discord.permissions import Permission, guild_permissions
from bot.sandbox.discord.places import open_direct_message
from bot.sandbox.discord.world import Channel, Guild, JsonObject

if TYPE_CHECKING:
    from bot.sandbox.discord.core import Core


def _me(core: Core, _: Call) -> Reply:
    return Reply(200, payloads.user_json(core.bot) | {"verified": True, "mfa_enabled": True, "email": None, "flags": 0, "locale": "en-US"})


def _application(core: Core, _: Call) -> Reply:
    return Reply(200, payloads.application_json(core.world.application, len(_guilds(core))))


def _gateway(core: Core, _: Call) -> Reply:
    return Reply(200, {"url": core.gateway.url})


def _gateway_bot(core: Core, _: Call) -> Reply:
    limit: JsonObject = {"total": 1000, "remaining": 1000, "reset_after": 86_400_000, "max_concurrency": 1}
    return Reply(200, {"url": core.gateway.url, "shards": max(1, -(-len(_guilds(core)) // 1000)), "session_start_limit": limit})


def _user(core: Core, call: Call) -> Reply:
    user = core.world.users.get(call.snowflake("user_id"))
    if user is None:
        raise refusals.unknown_user()
    return Reply(200, payloads.user_json(user))


def _my_guilds(core: Core, _: Call) -> Reply:
    def rights(guild: Guild) -> str:
        return str(int(guild_permissions(guild, guild.members[core.bot.id])))

    return Reply(200, [payloads.guild_json(guild) | {"owner": False, "permissions": rights(guild)} for guild in _guilds(core)])


def _open_dm(core: Core, call: Call) -> Reply:
    form = Form()
    given = form.snowflake("recipient_id", call.fields.get("recipient_id"))
    form.close()
    user = core.world.users.get(given)
    if user is None:
        raise refusals.unknown_user()
    if user.bot:
        raise refusals.cannot_message_user()
    return Reply(200, payloads.channel_json(open_direct_message(core, user, core.bot)))


def _guild(core: Core, call: Call) -> Reply:
    guild = access.joined_guild(core, call.snowflake("guild_id"))
    counts = {"approximate_member_count": len(guild.members), "approximate_presence_count": len(guild.members)}
    return Reply(200, payloads.guild_json(guild) | (counts if call.query.get("with_counts") in ("1", "true") else {}))


def _guild_channels(core: Core, call: Call) -> Reply:
    guild = access.joined_guild(core, call.snowflake("guild_id"))
    return Reply(200, [payloads.channel_json(c) for c in guild.channels.values() if not c.is_thread and _seen(core, c)])


def _guild_threads(core: Core, call: Call) -> Reply:
    guild = access.joined_guild(core, call.snowflake("guild_id"))
    threads = [c for c in guild.channels.values() if c.is_thread and not c.archived and _seen(core, c)]
    members = [payloads.thread_member_json(t, core.bot.id) for t in threads if core.bot.id in t.thread_members]
    return Reply(200, {"threads": [payloads.channel_json(t) for t in threads], "members": members})


def _roles(core: Core, call: Call) -> Reply:
    guild = access.joined_guild(core, call.snowflake("guild_id"))
    return Reply(200, [payloads.role_json(role) for role in guild.roles.values()])


def _member(core: Core, call: Call) -> Reply:
    guild = access.joined_guild(core, call.snowflake("guild_id"))
    member = guild.members.get(call.snowflake("user_id"))
    if member is None:
        raise refusals.unknown_member()
    return Reply(200, payloads.member_json(member))


def _members(core: Core, call: Call) -> Reply:
    guild = access.joined_guild(core, call.snowflake("guild_id"))
    if not core.world.application.privileged_intents:
        raise refusals.missing_access()
    limit, after = call.number("limit", 1, 1, 1000), call.cursor("after") or 0
    found = sorted((m for m in guild.members.values() if m.user.id > after), key=lambda m: m.user.id)
    return Reply(200, [payloads.member_json(m) for m in found[:limit]])


def _guilds(core: Core) -> list[Guild]:
    return [guild for guild in core.world.guilds.values() if core.bot.id in guild.members]


def _seen(core: Core, channel: Channel) -> bool:
    return Permission.VIEW_CHANNEL in core.world.permissions_of(core.bot, channel)


ROUTES = (
    Route("GET", "/gateway", _gateway, public=True),
    Route("GET", "/gateway/bot", _gateway_bot),
    Route("GET", "/users/@me", _me),
    Route("GET", "/users/@me/guilds", _my_guilds),
    Route("POST", "/users/@me/channels", _open_dm),
    Route("GET", "/users/{user_id}", _user),
    Route("GET", "/applications/@me", _application),
    Route("GET", "/oauth2/applications/@me", _application),
    Route("GET", "/guilds/{guild_id}", _guild),
    Route("GET", "/guilds/{guild_id}/channels", _guild_channels),
    Route("GET", "/guilds/{guild_id}/threads/active", _guild_threads),
    Route("GET", "/guilds/{guild_id}/roles", _roles),
    Route("GET", "/guilds/{guild_id}/members", _members),
    Route("GET", "/guilds/{guild_id}/members/{user_id}", _member),
)

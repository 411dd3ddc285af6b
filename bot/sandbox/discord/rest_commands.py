"""REST: registration of application commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.discord import access, refusals
from bot.sandbox.discord.calls import Call, Reply, Route
from bot.sandbox.discord.events import CommandsChanged
from bot.sandbox.discord.forms import Form

if TYPE_CHECKING:
    from bot.sandbox.discord.core import Core

MOST_COMMANDS = 130
"""100 chat-input, 15 user and 15 message commands."""


def _scope(core: Core, call: Call) -> int | None:
    if call.params["application_id"] != str(core.world.application.id):
        raise refusals.Refusal(403, 20012, "You are not authorized to perform this action on this application")
    return access.joined_guild(core, call.snowflake("guild_id")).id if "guild_id" in call.params else None


def _list(core: Core, call: Call) -> Reply:
    return Reply(200, core.commands.listed(_scope(core, call)))


def _replace(core: Core, call: Call) -> Reply:
    scope = _scope(core, call)
    form = Form()
    bodies = form.items("_", call.body, most=MOST_COMMANDS)
    form.close()
    commands = core.commands.replace(scope, bodies)
    core.hub.publish(CommandsChanged())
    return Reply(200, commands)


def _create(core: Core, call: Call) -> Reply:
    is_new, command = core.commands.upsert(_scope(core, call), call.fields)
    core.hub.publish(CommandsChanged())
    return Reply(201 if is_new else 200, command)


def _get(core: Core, call: Call) -> Reply:
    return Reply(200, core.commands.get(_scope(core, call), call.snowflake("command_id")))


def _patch(core: Core, call: Call) -> Reply:
    command = core.commands.patch(_scope(core, call), call.snowflake("command_id"), call.fields)
    core.hub.publish(CommandsChanged())
    return Reply(200, command)


def _delete(core: Core, call: Call) -> Reply:
    core.commands.remove(_scope(core, call), call.snowflake("command_id"))
    core.hub.publish(CommandsChanged())
    return Reply()


ROUTES = tuple(
    route
    for base in ("/applications/{application_id}/commands", "/applications/{application_id}/guilds/{guild_id}/commands")
    for route in (
        Route("GET", base, _list),
        Route("PUT", base, _replace),
        Route("POST", base, _create),
        Route("GET", f"{base}/{{command_id}}", _get),
        Route("PATCH", f"{base}/{{command_id}}", _patch),
        Route("DELETE", f"{base}/{{command_id}}", _delete),
    )
)

"""The commands the bot registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.discord import refusals
from bot.sandbox.discord.checks_commands import CommandType, check_command
from bot.sandbox.discord.forms import Form
from bot.sandbox.discord.world import JsonObject

if TYPE_CHECKING:
    from collections.abc import Callable

TAKEN: JsonObject = {
    "description": "",
    "name_localizations": None,
    "description_localizations": None,
    "default_member_permissions": None,
    "nsfw": False,
    "options": [],
}
"""What a command has where its registration says nothing."""


class CommandBook:
    """Registered commands by scope: None is global, otherwise a guild's id."""

    def __init__(self, application_id: int, snowflakes: Callable[[], int]) -> None:
        """Begin empty."""
        self._application_id = application_id
        self._snowflakes = snowflakes
        self._scopes: dict[int | None, dict[int, JsonObject]] = {}

    def listed(self, scope: int | None) -> list[JsonObject]:
        """Return the commands of a scope."""
        return list(self._scopes.get(scope, {}).values())

    def get(self, scope: int | None, command_id: int) -> JsonObject:
        """Return one command; raises Refusal 10063."""
        try:
            return self._scopes[scope][command_id]
        except KeyError as error:
            raise refusals.unknown_command() from error

    def replace(self, scope: int | None, bodies: list[JsonObject]) -> list[JsonObject]:
        """Register exactly these commands; raises Refusal 50035."""
        form = Form()
        names: list[tuple[object, object]] = []
        for index, body in enumerate(bodies):
            check_command(form, f"{index}.", body)
            key = (body.get("type") or CommandType.CHAT_INPUT, body.get("name"))
            if key in names:
                form.complain(str(index), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
            names.append(key)
        form.close()
        for kind in CommandType:
            _check_count(sum(name[0] == kind for name in names), kind)
        kept = {_key(command): command for command in self.listed(scope)}
        commands = [self._made(scope, body, kept.get(_key(body))) for body in bodies]
        self._scopes[scope] = {int(command["id"]): command for command in commands}
        return commands

    def upsert(self, scope: int | None, body: JsonObject) -> tuple[bool, JsonObject]:
        """Register one command, over one of the same name; return whether it is new, and the command."""
        form = Form()
        check_command(form, "", body)
        form.close()
        kept = next((command for command in self.listed(scope) if _key(command) == _key(body)), None)
        if kept is None:
            _check_count(1 + sum(_key(command)[0] == _key(body)[0] for command in self.listed(scope)), CommandType(_key(body)[0]))
        command = self._made(scope, body, kept)
        self._scopes.setdefault(scope, {})[int(command["id"])] = command
        return kept is None, command

    def patch(self, scope: int | None, command_id: int, changes: JsonObject) -> JsonObject:
        """Change one command; raises Refusal 10063, 50035."""
        body = self.get(scope, command_id) | changes
        form = Form()
        check_command(form, "", body)
        form.close()
        command = self._made(scope, body, self.get(scope, command_id))
        self._scopes[scope][command_id] = command
        return command

    def remove(self, scope: int | None, command_id: int) -> None:
        """Remove one command; raises Refusal 10063."""
        self.get(scope, command_id)
        del self._scopes[scope][command_id]

    def find(self, name: str, kind: CommandType, guild_id: int | None) -> JsonObject | None:
        """Return the command a person in this guild would get: the guild's own before the global one."""
        for scope in (guild_id, None):
            for command in self.listed(scope):
                if _key(command) == (kind, name):
                    return command
        return None

    def _made(self, scope: int | None, body: JsonObject, kept: JsonObject | None) -> JsonObject:
        command: JsonObject = TAKEN | {key: value for key, value in body.items() if value is not None or key not in TAKEN}
        command["type"] = body.get("type") or CommandType.CHAT_INPUT
        command["id"] = str(self._snowflakes()) if kept is None else kept["id"]
        command["application_id"] = str(self._application_id)
        command["version"] = str(self._snowflakes())
        if scope is None:
            command["integration_types"] = body.get("integration_types") or [0]
            command["contexts"] = body.get("contexts")
            command["dm_permission"] = body.get("dm_permission", True)
        else:
            command["guild_id"] = str(scope)
            command["integration_types"] = [0]
            command["contexts"] = None
        return command


def _key(command: JsonObject) -> tuple[int, str]:
    return int(command.get("type") or CommandType.CHAT_INPUT), str(command.get("name"))


def _check_count(count: int, kind: CommandType) -> None:
    if count > kind.most:
        raise refusals.Refusal(400, 30032, f"Maximum number of application commands reached ({kind.most})")

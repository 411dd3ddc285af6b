"""Fill in a slash command as Discord's client does: only what the command asks for, of the right type and within its bounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from bot.sandbox.discord import payloads
from bot.sandbox.discord.checks_commands import NESTED, OptionType
from bot.sandbox.discord.files import Upload
from bot.sandbox.discord.interaction_call import ClientRefusal
from bot.sandbox.discord.world import Channel, Guild, JsonObject, Role, User

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.sandbox.discord.core import Core

MAX_STRING = 6000


@dataclass(slots=True)
class Resolved:
    """The things that options and selects point at, as the bot gets them; `actor` is whoever points."""

    core: Core
    actor: User
    guild: Guild | None
    channel: Channel
    parts: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])

    def user(self, user: User) -> str:
        """Add a person and return their id."""
        self._add("users", user.id, payloads.user_json(user))
        if self.guild is not None and user.id in self.guild.members:
            member = self.guild.members[user.id]
            rights = str(int(self.core.world.permissions_of(user, self.channel)))
            self._add("members", user.id, payloads.member_json(member, with_user=False) | {"permissions": rights})
        return str(user.id)

    def role(self, role: Role) -> str:
        """Add a role and return its id."""
        return self._add("roles", role.id, payloads.role_json(role))

    def channel_of(self, channel: Channel) -> str:
        """Add a channel and return its id."""
        rights = str(int(self.core.world.permissions_of(self.actor, channel)))
        return self._add("channels", channel.id, payloads.channel_json(channel) | {"permissions": rights})

    def upload(self, upload: Upload) -> str:
        """Upload a file and return its id."""
        attachment = self.core.files.save(
            upload, attachment_id=self.core.snowflakes(), channel_id=self.channel.id, description=None, filename=None, ephemeral=True
        )
        return self._add("attachments", attachment.id, payloads.attachment_json(self.core.files, attachment))

    def _add(self, kind: str, snowflake: int, body: JsonObject) -> str:
        self.parts.setdefault(kind, {})[str(snowflake)] = body
        return str(snowflake)


def command_data(
    command: JsonObject, path: list[str], given: Mapping[str, object], resolved: Resolved, *, focused: str | None = None
) -> JsonObject:
    """Write the `data` of a command or, with `focused`, of an autocomplete request; raises ClientRefusal.

    `path` holds the names of subcommands below the command.
    """
    body: JsonObject = {"id": command["id"], "name": command["name"], "type": command["type"]}
    options = cast("list[JsonObject]", command.get("options") or [])
    wrappers: list[JsonObject] = []
    for name in path:
        found = next((o for o in options if o["name"] == name and o["type"] in NESTED), None)
        if found is None:
            msg = f"/{command['name']} has no subcommand {name!r}"
            raise ClientRefusal(msg)
        wrappers.append({"name": name, "type": found["type"]})
        options = cast("list[JsonObject]", found.get("options") or [])
    if any(option["type"] in NESTED for option in options):
        msg = f"/{command['name']} needs a subcommand"
        raise ClientRefusal(msg)
    filled = _filled(options, given, resolved, focused)
    for wrapper in reversed(wrappers):
        filled = [wrapper | {"options": filled}]
    body["options"] = filled
    if resolved.parts:
        body["resolved"] = resolved.parts
    if "guild_id" in command:
        body["guild_id"] = command["guild_id"]
    return body


def focused_option(command: JsonObject, path: list[str], name: str) -> JsonObject:
    """Return the option a person types in; raises ClientRefusal when it has no autocomplete."""
    options = cast("list[JsonObject]", command.get("options") or [])
    for part in path:
        nested = [cast("list[JsonObject]", o.get("options") or []) for o in options if o["name"] == part]
        options = nested[0] if nested else []
    option = next((o for o in options if o["name"] == name), None)
    if option is None or not option.get("autocomplete"):
        msg = f"{name!r} has no autocomplete"
        raise ClientRefusal(msg)
    return option


def _filled(options: list[JsonObject], given: Mapping[str, object], resolved: Resolved, focused: str | None) -> list[JsonObject]:
    unknown = set(given) - {option["name"] for option in options}
    if unknown:
        msg = f"no such option: {', '.join(sorted(unknown))}"
        raise ClientRefusal(msg)
    filled: list[JsonObject] = []
    for option in options:
        name = option["name"]
        if name == focused:
            filled.append({"name": name, "type": option["type"], "value": str(given[name]), "focused": True})
        elif name in given:
            filled.append({"name": name, "type": option["type"], "value": _value(option, given[name], resolved)})
        elif option.get("required") and focused is None:
            msg = f"the option {name!r} is required"
            raise ClientRefusal(msg)
    return filled


def _value(option: JsonObject, value: object, resolved: Resolved) -> object:
    name = option["name"]
    choices = cast("list[JsonObject]", option.get("choices") or [])
    if choices:
        for choice in choices:
            if value in (choice["name"], choice["value"]):
                return choice["value"]
        msg = f"{value!r} is not a choice of {name!r}"
        raise ClientRefusal(msg)
    match option["type"], value:
        case OptionType.STRING, str():
            _check_bounds(name, len(value), option.get("min_length") or 0, option.get("max_length") or MAX_STRING)
        case OptionType.BOOLEAN, bool():
            pass
        case OptionType.INTEGER, int() if not isinstance(value, bool):
            _check_bounds(name, value, option.get("min_value"), option.get("max_value"))
        case OptionType.NUMBER, int() | float() if not isinstance(value, bool):
            _check_bounds(name, value, option.get("min_value"), option.get("max_value"))
        case ((OptionType.USER | OptionType.MENTIONABLE), User()):
            return resolved.user(value)
        case ((OptionType.ROLE | OptionType.MENTIONABLE), Role()):
            return resolved.role(value)
        case OptionType.CHANNEL, Channel():
            return resolved.channel_of(value)
        case OptionType.ATTACHMENT, Upload():
            return resolved.upload(value)
        case _:
            msg = f"{value!r} does not fit the option {name!r}"
            raise ClientRefusal(msg)
    return value


def _check_bounds(name: str, size: float, least: float | None, most: float | None) -> None:
    if (least is not None and size < least) or (most is not None and size > most):
        msg = f"{name!r} must be between {least} and {most}"
        raise ClientRefusal(msg)

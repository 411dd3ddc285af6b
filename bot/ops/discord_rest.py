"""The few questions that the doctor asks of Discord's REST API, and what it reads of the answers.

Fields: Discord's pages User, Application, Gateway, Guild, Channel and Permissions. What is missing counts as Discord's default.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Annotated, Final, TypeVar

import aiohttp
from pydantic import BaseModel, BeforeValidator, TypeAdapter, ValidationError

from bot.errors import DiscordUnavailable, RefusedByDiscord
from bot.services.ports.outside import Clock

TIMEOUT: Final = aiohttp.ClientTimeout(total=15)

T = TypeVar("T")

Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]


class User(BaseModel):
    """The bot itself."""

    id: int
    username: Text = ""


class InstallParams(BaseModel):
    """What the application's own install link asks for."""

    scopes: tuple[str, ...] = ()
    permissions: int = 0


class InstallKind(BaseModel):
    """How the application is installed to servers, or to people."""

    oauth2_install_params: InstallParams | None = None


class Application(BaseModel):
    """What the Developer Portal has on the bot's application."""

    id: int
    name: Text = ""
    bot_public: bool = True
    bot_require_code_grant: bool = False
    interactions_endpoint_url: Text = ""
    integration_types_config: Mapping[str, InstallKind | None] | None = None


class SessionStartLimit(BaseModel):
    """How often the gateway may be identified to; `reset_after` in milliseconds."""

    total: int
    remaining: int
    reset_after: int


class GatewayBot(BaseModel):
    """Where the gateway is, and how many shards Discord recommends."""

    url: str
    shards: int
    session_start_limit: SessionStartLimit


class PartialGuild(BaseModel):
    """A server that the bot is in; `permissions` are its roles' together, before channels have their say."""

    id: int
    name: Text = ""
    permissions: int


class Overwrite(BaseModel):
    """What a channel allows or denies to a role or a member."""

    id: int
    allow: int = 0
    deny: int = 0


class Channel(BaseModel):
    """A channel of a server."""

    id: int
    type: int
    name: Text = ""
    permission_overwrites: tuple[Overwrite, ...] = ()


class Member(BaseModel):
    """The bot as a member of a server."""

    roles: tuple[int, ...] = ()


class Command(BaseModel):
    """A registered command; `type` 1 is one that is typed, others are entries of a menu (Application Command Types)."""

    name: str
    type: int = 1


@dataclass(frozen=True, slots=True)
class Reply:
    """A 200 of Discord; `date` is its clock and `here` ours when it came, both in epoch seconds."""

    body: bytes
    date: float | None
    here: float


class DiscordRest:
    """Asks with a bot's token, each question once."""

    def __init__(self, session: aiohttp.ClientSession, *, api_url: str, token: str, user_agent: str, clock: Clock) -> None:
        """Take where REST is, version included."""
        self._session = session
        self._api_url = api_url
        self._headers = {"Authorization": f"Bot {token}", "User-Agent": user_agent}
        self._clock = clock

    async def ask(self, path: str) -> Reply:
        """Ask for a path. Raises RefusedByDiscord for a 4xx, DiscordUnavailable for anything else that is no 200."""
        asked_at = self._clock.now()
        try:
            async with self._session.get(self._api_url + path, headers=self._headers, allow_redirects=False, timeout=TIMEOUT) as response:
                body = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # The error's text may hold the request, and with it the token.
            raise DiscordUnavailable(type(error).__name__) from None
        status = response.status
        if status != HTTPStatus.OK:
            refused = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.TOO_MANY_REQUESTS
            raise (RefusedByDiscord if refused else DiscordUnavailable)(f"HTTP {status}")
        return Reply(body, _date(response.headers.get("Date")), (asked_at + self._clock.now()) / 2)

    async def read(self, path: str, kind: type[T]) -> T:
        """Ask for a path, and read the answer. Raises what `ask` does, and DiscordUnavailable for one that cannot be read."""
        return parsed((await self.ask(path)).body, kind)


def parsed(body: bytes, kind: type[T]) -> T:
    """Read a body. Raises DiscordUnavailable for one that is not what Discord documents."""
    try:
        return TypeAdapter(kind).validate_json(body)
    except ValidationError as error:
        raise DiscordUnavailable("an answer that is not Discord's") from error


def _date(header: str | None) -> float | None:
    try:
        return parsedate_to_datetime(header).timestamp() if header else None
    except ValueError:
        return None

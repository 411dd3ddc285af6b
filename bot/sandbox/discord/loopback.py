"""The loopback Discord: one server on 127.0.0.1 that ties everything together."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Self

from aiohttp import web

from bot.sandbox.discord import interactions, messages, places
from bot.sandbox.discord.cdn import Cdn
from bot.sandbox.discord.command_book import CommandBook
from bot.sandbox.discord.core import Core, Limits
from bot.sandbox.discord.events import Event, EventHub, Subscription
from bot.sandbox.discord.faults import Faults
from bot.sandbox.discord.files import FileStore
from bot.sandbox.discord.gateway import Gateway
from bot.sandbox.discord.people import Person
from bot.sandbox.discord.record import Record, RecordedRequest
from bot.sandbox.discord.rooms import Room
from bot.sandbox.discord.server import API, RestServer
from bot.sandbox.discord.snowflakes import Clock, Snowflakes
from bot.sandbox.discord.world import Application, Attachment, Channel, ChannelType, Guild, Message, Role, User, World

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path
    from types import TracebackType

    from bot.sandbox.discord.permissions import Permission

HOST = "127.0.0.1"
MOST_BYTES = 64 * 1024 * 1024
"""What the server reads of a request; the limits that Discord has are checked below that, so that its answer can be given."""


class LoopbackDiscord:
    """A Discord for one bot: `async with` starts it, `api_url`, `gateway_url` and `token` are what the bot needs.

    `clock` tells seconds since 1970, `record_path` gets every REST request as a line of JSON, `port` 0 takes a free one.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        port: int = 0,
        record_path: Path | None = None,
        application_name: str = "Encore",
        privileged_intents: bool = False,
        limits: Limits | None = None,
    ) -> None:
        """Build an empty world with an application, its owner and its bot."""
        self.clock = Clock(clock)
        snowflakes = Snowflakes(self.clock)
        owner = User(id=snowflakes(), name="pat", display_name="Pat")
        bot = User(id=snowflakes(), name=application_name, display_name=application_name, bot=True)
        application = Application(
            id=bot.id,
            name=application_name,
            token=f"loopback.{secrets.token_hex(16)}",
            owner=owner,
            bot=bot,
            privileged_intents=privileged_intents,
        )
        hub = EventHub()
        world = World(application, users={owner.id: owner, bot.id: bot})
        self.core = Core(
            clock=self.clock,
            snowflakes=snowflakes,
            world=world,
            files=FileStore(self.clock),
            gateway=Gateway(world, hub, self.clock),
            commands=CommandBook(application.id, snowflakes),
            limits=limits or Limits(),
            hub=hub,
        )
        self.faults = Faults()
        self._record = Record(record_path)
        self._rest = RestServer(self.core, self._record, self.faults)
        self._wanted_port = port
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        """Listen."""
        app = web.Application(client_max_size=MOST_BYTES)
        cdn = Cdn(self.core)
        app.router.add_get("/gateway-socket/", self.core.gateway.serve)
        for kind in ("attachments", "ephemeral-attachments"):
            app.router.add_get(rf"/{kind}/{{channel_id:\d+}}/{{attachment_id:\d+}}/{{filename}}", cdn.handle)
        app.router.add_route("*", "/{tail:.*}", self._rest.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self._wanted_port)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://{HOST}:{port}"
        self.core.gateway.url = f"ws://{HOST}:{port}/gateway-socket/"
        self.core.files.base_url = self.url
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop listening, cut connections, remove uploaded files."""
        self.core.closed = True
        await self.core.gateway.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        self._record.close()
        self.core.files.close()

    @property
    def api_url(self) -> str:
        """Return the address of REST, `/api/v10` included."""
        return self.url + API

    @property
    def gateway_url(self) -> str:
        """Return the address of the gateway."""
        return self.core.gateway.url

    @property
    def gateway(self) -> Gateway:
        """Return the gateway, to make it fail."""
        return self.core.gateway

    @property
    def token(self) -> str:
        """Return the bot's token."""
        return self.core.world.application.token

    @property
    def application_id(self) -> int:
        """Return the application's id."""
        return self.core.world.application.id

    @property
    def application(self) -> Application:
        """Return the application."""
        return self.core.world.application

    @property
    def requests(self) -> list[RecordedRequest]:
        """Return every REST request so far."""
        return self._record.requests

    @property
    def record(self) -> Record:
        """Return the record of requests."""
        return self._record

    @property
    def unknown_routes(self) -> list[str]:
        """Return the method and path of every request that no route answers."""
        return self._rest.unknown_routes

    def advance(self, seconds: float) -> None:
        """Let time jump ahead, and fail what waited too long."""
        self.clock.jump(seconds)
        interactions.check_deadlines(self.core)

    def expire_tokens(self) -> None:
        """Let the tokens of all interactions so far run out, as after 15 minutes; the clock and all that hangs on it stay."""
        interactions.expire_tokens(self.core)

    def subscribe(self) -> Subscription:
        """Return an async iterator of everything that happens from now on."""
        return Subscription(self.core.hub)

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with everything that happens; the returned function ends that."""
        return self.core.hub.listen(listener)

    async def wait_ready(self, timeout: float = 30.0, *, shards: Collection[int] | None = None) -> None:  # noqa: ASYNC109 - the name people expect
        """Wait until every shard of the bot, or each of those named, is connected; raises TimeoutError."""
        await self.core.hub.wait_until(lambda: self.core.gateway.is_ready(shards), timeout)

    async def wait_identified(self, count: int, timeout: float = 30.0) -> None:  # noqa: ASYNC109 - the name people expect
        """Wait until sessions were begun `count` times in all, so that a restarted bot is told from a killed one; raises TimeoutError."""
        await self.core.hub.wait_until(lambda: self.core.gateway.identifies >= count, timeout)

    async def wait_for_command(self, name: str, timeout: float = 30.0) -> None:  # noqa: ASYNC109 - the name people expect
        """Wait until the bot has registered a global command of this name; raises TimeoutError."""
        await self.core.hub.wait_until(lambda: any(command["name"] == name for command in self.core.commands.listed(None)), timeout)

    async def wait_for_request(self, method: str, path_part: str, timeout: float = 10.0) -> RecordedRequest:  # noqa: ASYNC109 - the name people expect
        """Return the first answered request of a method whose path contains `path_part`, past or to come; raises TimeoutError."""

        def answered() -> list[RecordedRequest]:
            return [request for request in self._record.matching(method, path_part) if request.status is not None]

        await self.core.hub.wait_until(lambda: bool(answered()), timeout)
        return answered()[0]

    def add_user(self, display_name: str, *, locale: str = "en-US") -> Person:
        """Make a person."""
        return Person(self.core, places.add_user(self.core, display_name, locale=locale))

    def add_guild(self, name: str, owner: Person, *, guild_id: int | None = None, with_bot: bool = True) -> Guild:
        """Make a guild; a given id decides its shard."""
        return places.add_guild(self.core, name, owner.user, guild_id=guild_id, with_bot=with_bot)

    def add_channel(self, guild: Guild, name: str, *, kind: ChannelType = ChannelType.TEXT) -> Room:
        """Make a channel in a guild."""
        return self.room(places.add_channel(self.core, guild, name, kind=kind))

    def add_role(self, guild: Guild, name: str, rights: Permission, *, mentionable: bool = False) -> Role:
        """Make a role."""
        return places.add_role(self.core, guild, name, rights, mentionable=mentionable)

    def add_member(self, guild: Guild, person: Person, *roles: Role) -> None:
        """Let somebody into a guild."""
        places.add_member(self.core, guild, person.user, roles)

    def add_thread(self, room: Room, name: str, owner: Person, *, on: Message | None = None) -> Room:
        """Start a public thread in a channel, by itself or on a message."""
        thread_id = None if on is None else on.id
        thread = places.add_thread(self.core, room.channel, name=name, owner=owner.user, thread_id=thread_id)
        if on is not None:
            messages.mark_thread(self.core, room.channel, on, thread)
        return self.room(thread)

    def direct_message(self, person: Person, other: Person | None = None) -> Room:
        """Return the direct messages of a person with the bot, or with another person."""
        return self.room(places.open_direct_message(self.core, person.user, self.core.bot if other is None else other.user))

    def add_group(self, name: str, *people: Person) -> Room:
        """Make a group of people."""
        return self.room(places.add_group(self.core, name, [person.user for person in people]))

    def room(self, channel: Channel) -> Room:
        """Return the handle of a channel."""
        return Room(self.core, channel)

    def attachment_url(self, attachment: Attachment) -> str:
        """Return an address of a file, for a day."""
        return self.core.files.address(attachment)

    def read_attachment(self, attachment: Attachment) -> bytes:
        """Return a file's bytes."""
        return self.core.files.read(attachment)

    def install_user(self, person: Person) -> None:
        """Let a person add the app to their account."""
        self.application.user_installs.add(person.user.id)

    def uninstall_user(self, person: Person) -> None:
        """Let a person remove the app from their account."""
        self.application.user_installs.discard(person.user.id)

    def install_guild(self, guild: Guild) -> None:
        """Add the bot to a guild."""
        places.install(self.core, guild)

    def uninstall_guild(self, guild: Guild) -> None:
        """Remove the bot from a guild."""
        places.uninstall(self.core, guild)

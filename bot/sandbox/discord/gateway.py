"""The gateway: sessions, shards, resuming, and the faults it can be told to have."""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
from typing import TYPE_CHECKING, Any, cast

from aiohttp import WSMsgType, web

from bot.sandbox.discord import payloads
from bot.sandbox.discord.events import BotReady
from bot.sandbox.discord.gateway_session import Session, send_members
from bot.sandbox.discord.gateway_wire import CloseCode, Connection, GatewayClosed, Op, decode, packer_for
from bot.sandbox.discord.intents import KNOWN, PRIVILEGED, Intent

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from bot.sandbox.discord.events import EventHub
    from bot.sandbox.discord.world import Guild, JsonObject, World

log = logging.getLogger(__name__)

HEARTBEAT_MS = 41_250
SESSION_SECONDS = 180.0
"""How long a lost session may be resumed; Discord publishes no number."""
GUILDS_PER_SHARD = 2_500
"""Page "Gateway", "Sharding"."""


class Gateway:
    """Serve the gateway's websockets."""

    def __init__(self, world: World, hub: EventHub, clock: Callable[[], float]) -> None:
        """Serve `world`; `url` is filled in when the server listens."""
        self._world = world
        self._hub = hub
        self._clock = clock
        self._sessions: dict[str, Session] = {}
        self._connections: set[Connection] = set()
        self._refusals = 0
        self.url = ""
        self.identifies = 0
        self.resumes = 0

    def dispatch(
        self, event: str, data: JsonObject, *, guild_id: int | None, intent: Intent | None = None, guarded: JsonObject | None = None
    ) -> int:
        """Send an event to every session that is due it, and return how many connected ones that were.

        `guarded` is what a session without MESSAGE_CONTENT gets instead.
        """
        reached = 0
        for session in self._sessions.values():
            if session.serves(guild_id) and (intent is None or intent in session.intents):
                open_text = guarded is None or Intent.MESSAGE_CONTENT in session.intents
                session.dispatch(event, data if open_text else guarded)
                reached += session.connection is not None
        return reached

    def connected_shards(self) -> set[tuple[int, int]]:
        """Return (shard, count) of every connected session."""
        return {(s.shard_id, s.shard_count) for s in self._sessions.values() if s.connection is not None}

    def is_ready(self, shards: Collection[int] | None = None) -> bool:
        """Tell whether these shards of a bot are connected; without any named, all of its shards."""
        found = self.connected_shards()
        return any(all((shard, count) in found for shard in (range(count) if shards is None else shards)) for _, count in found)

    def close(self, code: int = CloseCode.UNKNOWN_ERROR, *, shard_id: int | None = None) -> None:
        """Fault: close the bot's connections with `code`; sessions stay resumable."""
        for connection in self._live(shard_id):
            connection.close(code)

    def drop(self, *, shard_id: int | None = None) -> None:
        """Fault: cut the bot's connections without a close frame."""
        for connection in self._live(shard_id):
            connection.drop()

    def request_reconnect(self, *, shard_id: int | None = None) -> None:
        """Fault: ask the bot to reconnect and resume."""
        for connection in self._live(shard_id):
            connection.send(Op.RECONNECT)

    def invalidate(self, *, resumable: bool, shard_id: int | None = None) -> None:
        """Fault: tell the bot its session is invalid; one that is not resumable is forgotten."""
        for session in list(self._sessions.values()):
            if session.connection is not None and shard_id in (None, session.shard_id):
                session.connection.send(Op.INVALID_SESSION, resumable)
                if not resumable:
                    del self._sessions[session.id]

    def refuse_connections(self, times: int) -> None:
        """Fault: answer the next `times` connections with 503."""
        self._refusals = times

    def send_guild_create(self, guild: Guild) -> None:
        """Announce a guild the bot is in."""
        self.dispatch("GUILD_CREATE", payloads.guild_create_json(self._world, guild), guild_id=guild.id, intent=Intent.GUILDS)

    async def stop(self) -> None:
        """Cut every connection."""
        for connection in list(self._connections):
            connection.drop()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket to its end."""
        if self._refusals > 0:
            self._refusals -= 1
            return web.Response(status=503)
        socket = web.WebSocketResponse(max_msg_size=1 << 20, compress=False, timeout=1.0)
        await socket.prepare(request)
        connection = Connection(request, socket, packer_for(request.query.get("compress")))
        self._connections.add(connection)
        writer = asyncio.create_task(connection.write(), name="gateway-writer")
        try:
            if request.query.get("v", "10") not in ("9", "10"):
                connection.close(CloseCode.INVALID_VERSION)
            await self._read(connection, socket)
        finally:
            self._connections.discard(connection)
            self._detach(connection)
            if not writer.done() and socket.closed:
                writer.cancel()
            await asyncio.wait([writer])
        return socket

    def _live(self, shard_id: int | None) -> Iterator[Connection]:
        for session in list(self._sessions.values()):
            if session.connection is not None and shard_id in (None, session.shard_id):
                yield session.connection

    def _detach(self, connection: Connection) -> None:
        for session in list(self._sessions.values()):
            if session.connection is connection:
                session.connection = None
                session.lost_at = self._clock()
                if connection.left_for_good:
                    del self._sessions[session.id]

    async def _read(self, connection: Connection, socket: web.WebSocketResponse) -> None:
        connection.send(Op.HELLO, {"heartbeat_interval": HEARTBEAT_MS, "_trace": []})
        session: Session | None = None
        async for message in socket:
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                continue
            try:
                session = self._take(connection, session, message.data)
            except GatewayClosed as closed:
                log.warning("gateway closes with %d: %s", closed.code, closed.reason)
                connection.close(closed.code, closed.reason)

    def _take(self, connection: Connection, session: Session | None, raw: str | bytes) -> Session | None:
        try:
            op, data = decode(raw)
        except ValueError as error:
            raise GatewayClosed(CloseCode.DECODE_ERROR, "Error while decoding payload.") from error
        match op:
            case Op.HEARTBEAT:
                connection.send(Op.HEARTBEAT_ACK)
            case Op.IDENTIFY:
                if session is not None:
                    raise GatewayClosed(CloseCode.ALREADY_AUTHENTICATED, "Already authenticated.")
                return self._identify(connection, self._fields(data))
            case Op.RESUME:
                if session is not None:
                    raise GatewayClosed(CloseCode.ALREADY_AUTHENTICATED, "Already authenticated.")
                return self._resume(connection, self._fields(data))
            case Op.PRESENCE_UPDATE | Op.VOICE_STATE_UPDATE | Op.REQUEST_GUILD_MEMBERS:
                if session is None:
                    raise GatewayClosed(CloseCode.NOT_AUTHENTICATED, "Not authenticated.")
                if op == Op.REQUEST_GUILD_MEMBERS:
                    send_members(self._world, session, self._fields(data))
            case _:
                raise GatewayClosed(CloseCode.UNKNOWN_OPCODE, "Unknown opcode.")
        return session

    def _fields(self, data: Any) -> JsonObject:  # noqa: ANN401 - what came over the wire
        if not isinstance(data, dict):
            raise GatewayClosed(CloseCode.DECODE_ERROR, "Error while decoding payload.")
        return cast("JsonObject", data)

    def _check_token(self, data: JsonObject) -> None:
        token = str(data.get("token")).removeprefix("Bot ")
        if not hmac.compare_digest(token.encode(), self._world.application.token.encode()):
            raise GatewayClosed(CloseCode.AUTHENTICATION_FAILED, "Authentication failed.")

    def _identify(self, connection: Connection, data: JsonObject) -> Session:
        self._check_token(data)
        intents = data.get("intents")
        if not isinstance(intents, int) or intents & ~KNOWN:
            raise GatewayClosed(CloseCode.INVALID_INTENTS, "Invalid intent(s).")
        if Intent(intents) & PRIVILEGED and not self._world.application.privileged_intents:
            raise GatewayClosed(CloseCode.DISALLOWED_INTENTS, "Disallowed intent(s).")
        shard_id, shard_count = self._shard(data.get("shard", [0, 1]))
        for old in [s for s in self._sessions.values() if s.connection is None and self._clock() - s.lost_at > SESSION_SECONDS]:
            del self._sessions[old.id]
        session = Session(
            id=secrets.token_hex(16), shard_id=shard_id, shard_count=shard_count, intents=Intent(intents), connection=connection
        )
        self._sessions[session.id] = session
        self.identifies += 1
        self._send_ready(session)
        return session

    def _shard(self, value: object) -> tuple[int, int]:
        if isinstance(value, list):
            match cast("list[object]", value):
                case [int(shard_id), int(shard_count)] if 0 <= shard_id < shard_count:
                    guilds = sum((guild_id >> 22) % shard_count == shard_id for guild_id in self._world.guilds)
                    if guilds > GUILDS_PER_SHARD:
                        raise GatewayClosed(CloseCode.SHARDING_REQUIRED, "Sharding required.")
                    return shard_id, shard_count
                case _:
                    pass
        raise GatewayClosed(CloseCode.INVALID_SHARD, "Invalid shard.")

    def _send_ready(self, session: Session) -> None:
        application = self._world.application
        guilds = [g for g in self._world.guilds.values() if session.serves(g.id) and application.bot.id in g.members]
        ready: JsonObject = {
            "v": 10,
            "user": payloads.user_json(application.bot) | {"verified": True, "mfa_enabled": True, "email": None, "flags": 0},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "private_channels": [],
            "relationships": [],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.url,
            "shard": [session.shard_id, session.shard_count],
            "application": {"id": str(application.id), "flags": payloads.application_json(application, 0)["flags"]},
        }
        session.dispatch("READY", ready)
        if Intent.GUILDS in session.intents:
            for guild in guilds:
                session.dispatch("GUILD_CREATE", payloads.guild_create_json(self._world, guild))
        self._hub.publish(BotReady(session.shard_id, session.shard_count))

    def _resume(self, connection: Connection, data: JsonObject) -> Session | None:
        self._check_token(data)
        session = self._sessions.get(str(data.get("session_id")))
        sequence = data.get("seq")
        expired = session is not None and session.connection is None and self._clock() - session.lost_at > SESSION_SECONDS
        if session is None or expired or not isinstance(sequence, int):
            connection.send(Op.INVALID_SESSION, data=False)
            return None
        if sequence > session.sequence:
            raise GatewayClosed(CloseCode.INVALID_SEQ, "Invalid seq.")
        if session.sent and sequence + 1 < session.sent[0][0]:
            connection.send(Op.INVALID_SESSION, data=False)
            return None
        if session.connection is not None:
            session.connection.drop()
        session.connection = connection
        self.resumes += 1
        for number, text in session.sent:
            if number > sequence:
                connection.send_text(text)
        session.dispatch("RESUMED", {"_trace": []})
        self._hub.publish(BotReady(session.shard_id, session.shard_count))
        return session

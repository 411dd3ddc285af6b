"""One identified shard of the bot, and what it is sent."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from bot.sandbox.discord import payloads
from bot.sandbox.discord.gateway_wire import Connection, Op, encode
from bot.sandbox.discord.intents import Intent

if TYPE_CHECKING:
    from bot.sandbox.discord.world import JsonObject, World

REPLAY_EVENTS = 5_000


@dataclass(slots=True, eq=False, kw_only=True)
class Session:
    """One identified shard, connected or waiting to be resumed."""

    id: str
    shard_id: int
    shard_count: int
    intents: Intent
    connection: Connection | None
    sequence: int = 0
    lost_at: float = 0.0
    sent: deque[tuple[int, str]] = field(default_factory=lambda: deque[tuple[int, str]](maxlen=REPLAY_EVENTS))

    def serves(self, guild_id: int | None) -> bool:
        """Tell whether events of this guild (None: direct messages) belong to this shard."""
        return self.shard_id == (0 if guild_id is None else (guild_id >> 22) % self.shard_count)

    def dispatch(self, event: str, data: object) -> None:
        """Send an event, or keep it for a resume."""
        self.sequence += 1
        text = encode(Op.DISPATCH, data, sequence=self.sequence, event=event)
        self.sent.append((self.sequence, text))
        if self.connection is not None:
            self.connection.send_text(text)


def send_members(world: World, session: Session, data: JsonObject) -> None:
    """Answer a request for members of a guild that the session serves."""
    guild = world.guilds.get(int(data.get("guild_id") or 0))
    if guild is None or not session.serves(guild.id):
        return
    wanted = data.get("user_ids")
    query, limit = str(data.get("query") or ""), int(data.get("limit") or 0)
    if wanted is not None:
        ids = {int(i) for i in (cast("list[Any]", wanted) if isinstance(wanted, list) else [wanted])}
        found = [m for m in guild.members.values() if m.user.id in ids]
    else:
        found = [m for m in guild.members.values() if m.user.name.startswith(query)]
        found = found[:limit] if limit else found
    chunk: JsonObject = {
        "guild_id": str(guild.id),
        "members": [payloads.member_json(m) for m in found],
        "chunk_index": 0,
        "chunk_count": 1,
        "not_found": [],
    }
    session.dispatch("GUILD_MEMBERS_CHUNK", chunk | ({"nonce": data["nonce"]} if data.get("nonce") else {}))

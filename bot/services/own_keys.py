"""A server's own API key: tried before it is kept, kept encrypted, and gone when it is removed."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import nullcontext

from pydantic import SecretStr

from bot.domain.actors import Actor
from bot.domain.admission import managed_by
from bot.domain.guild_keys import KeyTrouble, OwnKey, SealedKey, problem_of
from bot.domain.reports import MADE_UP_TASK
from bot.errors import KeyNotTaken, KeyRefused, OutOfCredits, ProviderError, Refused, TaskUnknown
from bot.services.alerts import Alerts
from bot.services.keyed_music import OpenMusic
from bot.services.lanes import Lanes
from bot.services.ports.outside import Clock
from bot.services.ports.records import GuildKeys
from bot.services.ports.servers import Journal
from bot.services.sealing import Seal, SealBroken

log = logging.getLogger(__name__)

TRY_WITHIN = 15.0
"""Seconds for trying a key: a person waits for the answer."""
UNREADABLE = "What is kept cannot be decrypted: the operator's ENCRYPTION_KEY has changed."


class OwnKeys:
    """Fulfils `services.ports.servers.OwnKeys`. `restore` comes before the lanes run and before any job is taken up."""

    def __init__(
        self,
        *,
        store: GuildKeys,
        seal: Seal | None,
        lanes: Lanes,
        alerts: Alerts,
        open_music: OpenMusic,
        journal: Journal,
        clock: Clock,
        operators_key: SecretStr,
        mask: Callable[[str], None],
    ) -> None:
        """`seal` is None where the operator has set no ENCRYPTION_KEY; `mask` keeps a secret out of the log from then on."""
        self._store = store
        self._seal = seal
        self._lanes = lanes
        self._alerts = alerts
        self._open_music = open_music
        self._journal = journal
        self._clock = clock
        self._operators_key = operators_key
        self._mask = mask
        self._one_at_a_time = asyncio.Lock()

    @property
    def enabled(self) -> bool:
        """Tell whether servers can bring a key."""
        return self._seal is not None

    async def restore(self) -> None:
        """Open a lane for every key that is kept. One that cannot be read stops its server's lane alone. Raises StoreUnavailable."""
        for kept in await self._store.all():
            key = self._read(kept)
            if key is None:
                log.error("the key of server %d cannot be decrypted: its lane stands still", kept.guild_id)
                self._lanes.lock(kept.guild_id, UNREADABLE)
            else:
                await self._lanes.open(kept.guild_id, key)

    def _read(self, kept: SealedKey) -> SecretStr | None:
        if self._seal is None:
            return None
        try:
            key = self._seal.open(kept.sealed, kept.guild_id)
        except SealBroken:
            return None
        self._mask(key.get_secret_value())
        return key

    async def about(self, guild_id: int) -> OwnKey | None:
        """Tell what there is to tell of a server's key."""
        kept = await self._store.get(guild_id)
        if kept is None:
            return None
        return OwnKey(
            added_by=kept.added_by,
            added_at=kept.added_at,
            readable=self._read(kept) is not None,
            lane=self._lanes.condition_of(guild_id),
            waiting=self._lanes.waiting_in(guild_id),
        )

    async def keep(self, actor: Actor, typed: str) -> None:
        """Try a key, keep it, and let the server's jobs run on it. Raises MayNotManage, KeyNotTaken, StoreUnavailable."""
        guild_id = managed_by(actor)
        typed = typed.strip()
        if self._seal is None:
            raise KeyNotTaken(KeyTrouble.OFF)
        if (trouble := problem_of(typed)) is not None:
            raise KeyNotTaken(trouble)
        self._mask(typed)
        key = SecretStr(typed)
        async with self._one_at_a_time:
            if key == self._operators_key or self._lanes.uses(key, but=guild_id):
                raise KeyNotTaken(KeyTrouble.IN_USE)
            await self._try(key)
            sealed = self._seal.seal(key, guild_id)
            await self._store.keep(SealedKey(guild_id=guild_id, sealed=sealed, added_by=actor.user_id, added_at=self._clock.now()))
            await self._lanes.open(guild_id, key)
        await self._journal.note(guild_id, f"<@{actor.user_id}> entered an API key of the server's own: its tracks run on it now.")

    async def _try(self, key: SecretStr) -> None:
        """Query a made-up task, which costs nothing. Raises KeyNotTaken."""
        try:
            async with asyncio.timeout(TRY_WITHIN), self._open_music(key) as music:
                await music.task(MADE_UP_TASK, slot=nullcontext)
        except KeyRefused as error:
            raise KeyNotTaken(KeyTrouble.REFUSED, error.words) from error
        except (TaskUnknown, Refused, OutOfCredits) as error:
            log.debug("the key was let in: %s", error)
        except (ProviderError, TimeoutError) as error:
            raise KeyNotTaken(KeyTrouble.AWAY) from error

    async def remove(self, actor: Actor) -> int:
        """Let go of the server's key; return how many jobs in line were cancelled. Raises MayNotManage, StoreUnavailable."""
        guild_id = managed_by(actor)
        async with self._one_at_a_time:
            removed = await self._store.remove(guild_id)
            cancelled = await self._lanes.close(guild_id)
            self._alerts.forget(guild_id)
        if removed:
            await self._journal.note(guild_id, f"<@{actor.user_id}> removed the server's own API key.")
        return cancelled

"""What servers have set, at hand without a query: one process owns the database, so what was read or written last is true."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.domain.actors import Actor
from bot.domain.admission import EVERYWHERE, UNRULED, Act, OperatorRules, admit, managed_by
from bot.domain.guild_settings import GuildSettings, PostingRight
from bot.services.ports.outside import Clock, Directory
from bot.services.ports.records import GuildStore

Step = Callable[[GuildSettings], GuildSettings]


class Guilds:
    """Server settings and blocks; `admit` is the gate that every way in goes through. All raise StoreUnavailable."""

    def __init__(self, *, store: GuildStore, rules: OperatorRules, directory: Directory, clock: Clock) -> None:
        """`rules` are the operator's; `directory` knows which roles and channels there still are."""
        self._store = store
        self._rules = rules
        self._directory = directory
        self._clock = clock
        self._settings: dict[int, GuildSettings] = {}
        self._blocked: dict[int, frozenset[int] | None] = {}
        self._blocks_changed = 0
        self._restored = False
        # One read at a time: a crowd on a server that was not asked about yet makes one query, not one each.
        self._reading = asyncio.Lock()

    async def restore(self) -> None:
        """Read all that was set before: else the first people on each server would wait for three queries, one after the other."""
        settings, blocks = await self._store.all(), await self._store.all_blocks()
        for each in settings:
            self._keep(each)
        self._blocked.update(blocks)
        self._restored = True

    async def of(self, guild_id: int) -> GuildSettings:
        """Tell what a server has set."""
        if (known := self._settings.get(guild_id)) is not None:
            return known
        if self._restored:
            return self._keep(GuildSettings(guild_id=guild_id))
        async with self._reading:
            known = self._settings.get(guild_id)
            return self._keep(await self._store.get(guild_id)) if known is None else known

    async def change(self, actor: Actor, step: Step) -> tuple[GuildSettings, GuildSettings]:
        """Apply `step` to the newest settings of the actor's server, each time anew if somebody else was first.

        Return them before and after. Raises MayNotManage.
        """
        guild_id = managed_by(actor)
        while True:
            before = await self.of(guild_id)
            after = replace(step(before), guild_id=before.guild_id, revision=before.revision + 1)
            if replace(after, revision=before.revision) == before:
                return before, before
            if await self._store.save(after):
                return before, self._keep(after)
            self._keep(await self._store.get(guild_id))

    def gone(self, settings: GuildSettings) -> frozenset[int]:
        """Tell which of the roles and channels that a server has set no longer exist."""
        named = settings.named
        return self._directory.gone(settings.guild_id, named) if named else frozenset()

    def closed(self, settings: GuildSettings) -> Mapping[int, PostingRight]:
        """Tell in which of the channels that the bot is to write to it may not post, and what it lacks first."""
        lacking = self._directory.closed(settings.guild_id, settings.written_to)
        return {channel: right for channel, right in lacking.items() if channel == settings.showcase_channel or right.is_for_text}

    async def admit(self, actor: Actor, act: Act) -> None:
        """Let somebody do something here. Raises NotAdmitted, which says which rule forbids it."""
        if act in UNRULED:
            return
        guild = None if actor.guild_id is None else await self.of(actor.guild_id)
        gone = frozenset[int]() if guild is None else self.gone(guild)
        blocked = await self.is_blocked(actor)
        admit(actor, act, rules=self._rules, guild=guild, gone=gone, blocked=blocked, now=self._clock.now())

    async def is_blocked(self, actor: Actor) -> bool:
        """Tell whether a person is blocked here or everywhere."""
        if actor.user_id in await self.blocked(EVERYWHERE):
            return True
        return actor.guild_id is not None and actor.user_id in await self.blocked(actor.guild_id)

    async def blocked(self, guild_id: int) -> frozenset[int]:
        """Tell who is blocked in a server (EVERYWHERE: by the operator)."""
        if (known := self._at_hand(guild_id)) is not None:
            return known
        async with self._reading:
            if (known := self._at_hand(guild_id)) is not None:
                return known
            asked = self._blocks_changed
            read = await self._store.blocked(guild_id)
            if asked == self._blocks_changed:  # else the answer may be older than the change
                self._blocked[guild_id] = read
            return read

    async def block(self, guild_id: int, user_id: int, *, by: int) -> None:
        """Block a person; what they have in line is theirs to cancel, nothing new is taken from them."""
        await self._store.block(guild_id, user_id, by=by, at=self._clock.now())
        self._forget_blocks(guild_id)

    async def unblock(self, guild_id: int, user_id: int) -> None:
        """Lift a block."""
        await self._store.unblock(guild_id, user_id)
        self._forget_blocks(guild_id)

    def _forget_blocks(self, guild_id: int) -> None:
        self._blocks_changed += 1
        self._blocked[guild_id] = None

    def _at_hand(self, guild_id: int) -> frozenset[int] | None:
        """Tell who is known to be blocked in a server; None where that has to be read, for the first time or anew."""
        return self._blocked.get(guild_id, frozenset() if self._restored else None)

    def _keep(self, settings: GuildSettings) -> GuildSettings:
        known = self._settings.get(settings.guild_id)
        # Two reads may overlap a change: the newest revision stays.
        if known is None or known.revision <= settings.revision:
            self._settings[settings.guild_id] = settings
        return self._settings[settings.guild_id]

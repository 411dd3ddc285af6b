"""Server settings and blocks as the bot has them at hand: true without a query, whoever changes them."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.actors import Actor
from bot.domain.admission import EVERYWHERE, Act, OperatorRules
from bot.domain.guild_settings import GuildSettings, PostingRight
from bot.errors import Blocked, CannotPost, MayNotManage, MayNotSpend, StoreUnavailable
from bot.services.guilds import Guilds
from bot.services.journal import Journal
from bot.store.database import Database
from bot.store.guilds import GuildStore
from tests.contract.builders import GUILD, USER
from tests.fakes import EverythingIsThere, RecordingNotes
from tests.unit.rig import Rig

PERSON = Actor(user_id=USER, guild_id=GUILD, moderator=False)
MANAGER = Actor(user_id=USER + 1, guild_id=GUILD, moderator=True, manager=True)
OTHER = Actor(user_id=USER + 2, guild_id=GUILD, moderator=True, manager=True)


class SlowStore(GuildStore):
    """Keeps a read waiting after it has read, as a slow answer does."""

    gate: asyncio.Event | None = None

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.waits = asyncio.Event()

    async def blocked(self, guild_id: int) -> frozenset[int]:
        read = await super().blocked(guild_id)
        if self.gate is not None:
            self.waits.set()
            await self.gate.wait()
        return read


@pytest.fixture
def store(rig: Rig) -> SlowStore:
    return SlowStore(rig.database)


@pytest.fixture
def directory() -> EverythingIsThere:
    return EverythingIsThere()


@pytest.fixture
def guilds(rig: Rig, store: SlowStore, directory: EverythingIsThere) -> Guilds:
    return Guilds(store=store, rules=OperatorRules(), directory=directory, clock=rig.clock)


async def test_what_is_set_holds_at_once_and_after_a_restart(rig: Rig, guilds: Guilds, store: SlowStore) -> None:
    await guilds.admit(PERSON, Act.SPEND)
    before, after = await guilds.change(MANAGER, lambda settings: replace(settings, spender_role=7))
    assert (before.spender_role, after.spender_role, after.revision) == (None, 7, 1)
    with pytest.raises(MayNotSpend):
        await guilds.admit(PERSON, Act.SPEND)
    restarted = Guilds(store=store, rules=OperatorRules(), directory=EverythingIsThere(), clock=rig.clock)
    assert await restarted.of(GUILD) == after


@pytest.mark.parametrize("act", list(Act))
async def test_once_a_server_is_known_the_gate_asks_the_database_nothing(rig: Rig, guilds: Guilds, act: Act) -> None:
    await guilds.admit(PERSON, Act.LOOK)
    rig.database.statements.clear()
    for _ in range(5):
        await guilds.admit(PERSON, act)
    assert rig.database.statements == []


async def restarted(rig: Rig, store: SlowStore) -> Guilds:
    """Let the next process read what this one has left."""
    after = Guilds(store=store, rules=OperatorRules(), directory=EverythingIsThere(), clock=rig.clock)
    await after.restore()
    rig.database.statements.clear()
    return after


async def test_after_a_start_the_gate_asks_the_database_nothing_whoever_comes(rig: Rig, guilds: Guilds, store: SlowStore) -> None:
    await guilds.change(MANAGER, lambda settings: replace(settings, spender_role=7))
    await guilds.block(GUILD, USER, by=MANAGER.user_id)
    await guilds.block(EVERYWHERE, USER + 9, by=MANAGER.user_id)
    after = await restarted(rig, store)
    with pytest.raises(MayNotSpend):
        await after.admit(replace(PERSON, user_id=USER + 5), Act.SPEND)
    for blocked in (PERSON, replace(PERSON, user_id=USER + 9), replace(PERSON, user_id=USER + 9, guild_id=GUILD + 1)):
        with pytest.raises(Blocked):
            await after.admit(blocked, Act.LOOK)
    await after.admit(replace(PERSON, guild_id=GUILD + 1), Act.SPEND)
    assert await after.of(GUILD + 1) == GuildSettings(guild_id=GUILD + 1)
    assert rig.database.statements == []


@pytest.mark.parametrize("place", [GUILD, GUILD + 1, EVERYWHERE])
async def test_what_is_changed_after_a_start_holds(rig: Rig, guilds: Guilds, store: SlowStore, place: int) -> None:
    await guilds.block(GUILD, USER + 8, by=MANAGER.user_id)
    after = await restarted(rig, store)
    there = replace(PERSON, guild_id=place or GUILD)
    await after.admit(there, Act.LOOK)
    await after.block(place, USER, by=MANAGER.user_id)
    with pytest.raises(Blocked):
        await after.admit(there, Act.LOOK)
    await after.unblock(place, USER)
    await after.admit(there, Act.LOOK)
    _, changed = await after.change(replace(MANAGER, guild_id=there.guild_id), lambda settings: replace(settings, pings=False))
    assert await store.get(changed.guild_id) == await after.of(changed.guild_id) == changed


async def test_a_change_meets_what_somebody_else_has_set_since_the_start(rig: Rig, guilds: Guilds, store: SlowStore) -> None:
    after = await restarted(rig, store)
    await guilds.change(MANAGER, lambda settings: replace(settings, creating=True))
    _, newest = await after.change(OTHER, lambda settings: replace(settings, pings=False))
    assert (newest.creating, newest.pings, newest.revision) == (True, False, 2)
    assert await after.of(GUILD) == newest


async def test_settings_are_for_managers_of_the_server(guilds: Guilds) -> None:
    for actor in (PERSON, replace(PERSON, moderator=True), replace(MANAGER, guild_id=None)):
        with pytest.raises(MayNotManage):
            await guilds.change(actor, lambda settings: replace(settings, pings=False))
    assert (await guilds.of(GUILD)).pings


async def test_of_two_moderators_at_once_neither_loses_a_change(rig: Rig, guilds: Guilds, store: SlowStore) -> None:
    """Two processes, or two presses: whoever comes second applies their change to what the first has left."""
    elsewhere = Guilds(store=store, rules=OperatorRules(), directory=EverythingIsThere(), clock=rig.clock)
    await asyncio.gather(guilds.of(GUILD), elsewhere.of(GUILD))
    results = await asyncio.gather(
        guilds.change(MANAGER, lambda settings: replace(settings, pings=False)),
        guilds.change(OTHER, lambda settings: replace(settings, creating=True)),
        elsewhere.change(OTHER, lambda settings: replace(settings, spender_role=7)),
    )
    newest = max((after for _, after in results), key=lambda settings: settings.revision)
    assert (newest.pings, newest.creating, newest.spender_role, newest.revision) == (False, True, 7, 3)
    assert await store.get(GUILD) == newest


async def test_a_change_to_what_is_set_already_writes_nothing(rig: Rig, guilds: Guilds) -> None:
    await guilds.change(MANAGER, lambda settings: replace(settings, pings=False))
    writes = rig.database.writes
    before, after = await guilds.change(OTHER, lambda settings: replace(settings, pings=False))
    assert before == after
    assert rig.database.writes == writes


async def test_blocked_here_or_everywhere_and_let_in_again(guilds: Guilds) -> None:
    for place in (GUILD, EVERYWHERE):
        await guilds.block(place, USER, by=MANAGER.user_id)
        await guilds.block(place, USER, by=MANAGER.user_id)
        for act in (Act.LOOK, Act.SPEND):
            with pytest.raises(Blocked):
                await guilds.admit(PERSON, act)
        await guilds.admit(PERSON, Act.WITHDRAW)
        if place == GUILD:
            await guilds.admit(replace(PERSON, guild_id=GUILD + 1), Act.SPEND)
        await guilds.unblock(place, USER)
        await guilds.admit(PERSON, Act.SPEND)


async def test_a_read_that_a_block_overtakes_is_not_kept(guilds: Guilds, store: SlowStore) -> None:
    store.gate = asyncio.Event()
    reading = asyncio.create_task(guilds.blocked(GUILD))
    await store.waits.wait()
    await guilds.block(GUILD, USER, by=MANAGER.user_id)
    store.gate.set()
    await reading
    with pytest.raises(Blocked):
        await guilds.admit(PERSON, Act.SPEND)


async def test_a_role_that_is_deleted_leaves_only_managers_to_spend(guilds: Guilds, directory: EverythingIsThere) -> None:
    _, after = await guilds.change(MANAGER, lambda settings: replace(settings, spender_role=7))
    directory.lost.add(7)
    assert guilds.gone(after) == {7}
    with pytest.raises(MayNotSpend) as refused:
        await guilds.admit(replace(PERSON, role_ids=frozenset({7})), Act.SPEND)
    assert refused.value.role is None
    await guilds.admit(MANAGER, Act.SPEND)


async def test_only_where_it_is_to_write_is_it_looked_whether_it_may(guilds: Guilds, directory: EverythingIsThere) -> None:
    directory.shut = {5: PostingRight.VIEW, 6: PostingRight.SEND, 7: PostingRight.SEND}
    _, after = await guilds.change(MANAGER, lambda settings: replace(settings, channels=(7,), showcase_channel=5, log_channel=6))
    assert guilds.closed(after) == {5: PostingRight.VIEW, 6: PostingRight.SEND}
    directory.shut = {5: PostingRight.EMBED, 6: PostingRight.FILES}
    assert guilds.closed(after) == {5: PostingRight.EMBED}, "the log is text"
    _, after = await guilds.change(MANAGER, lambda settings: replace(settings, showcase_channel=None, log_channel=8))
    assert guilds.closed(after) == {}


async def test_a_database_that_is_away_forbids_nothing_that_is_known(rig: Rig, guilds: Guilds) -> None:
    rig.database.away = -1
    with pytest.raises(StoreUnavailable):
        await guilds.admit(PERSON, Act.LOOK)
    await guilds.admit(PERSON, Act.WITHDRAW)
    rig.database.away = 0
    await guilds.admit(PERSON, Act.LOOK)
    rig.database.away = -1
    await guilds.admit(PERSON, Act.SPEND)
    rig.database.away = 0


# The journal.


class Logs:
    """A journal over one server's settings."""

    def __init__(self, guilds: Guilds) -> None:
        self.notes = RecordingNotes()
        self.journal = Journal(guilds=guilds, notes=self.notes)


async def test_a_note_goes_to_the_log_channel_if_there_is_one(guilds: Guilds, caplog: pytest.LogCaptureFixture) -> None:
    logs = Logs(guilds)
    with caplog.at_level("INFO"):
        await logs.journal.note(GUILD, "first")
    assert "first" in caplog.text
    await guilds.change(MANAGER, lambda settings: replace(settings, log_channel=31))
    await logs.journal.note(GUILD, "second")
    await logs.journal.note(GUILD, "third", formerly_in=31)
    await logs.journal.note(GUILD, "fourth", formerly_in=30)
    assert logs.notes.posted == [(31, "second"), (31, "third"), (31, "fourth"), (30, "fourth")]


async def test_a_log_channel_that_fails_does_no_harm(rig: Rig, guilds: Guilds, caplog: pytest.LogCaptureFixture) -> None:
    logs = Logs(guilds)
    await guilds.change(MANAGER, lambda settings: replace(settings, log_channel=31))
    logs.notes.raises = CannotPost("gone")
    await logs.journal.note(GUILD, "lost", formerly_in=30)
    assert caplog.text.count("could not be written to") == 2
    fresh = Guilds(store=GuildStore(rig.database), rules=OperatorRules(), directory=EverythingIsThere(), clock=rig.clock)
    rig.database.away = -1
    await Logs(fresh).journal.note(GUILD, "lost as well")
    rig.database.away = 0
    assert "could not be looked up" in caplog.text


def test_settings_name_what_they_speak_of() -> None:
    settings = GuildSettings(guild_id=1, channels=(2, 3), spender_role=4, host_role=5, showcase_channel=6, log_channel=7)
    assert settings.named == {2, 3, 4, 5, 6, 7}
    assert GuildSettings(guild_id=1).named == frozenset()

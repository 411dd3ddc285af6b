"""A day's limits in the real bot: a flood from twenty accounts causes not one submit beyond them; /usage says what was spent."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.sandbox.discord import InteractionCall, Person, interactions
from tests.e2e.conftest import play_on
from tests.e2e.play import ONE_LONG_DAY, PATIENCE, PATIENT, Play, Recorder, until
from tests.e2e.reading import privately, text_of
from tests.postgres import fresh_database

ACCOUNTS = 20
EACH = 3
BY_THE_SERVER, BY_A_PERSON = 7, 2


@pytest.fixture(params=["sqlite", "postgres"])
async def limited(
    request: pytest.FixtureRequest, tmp_path: Path, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Play]:
    """A bot with small limits, on each database in turn; neither it nor Discord loses patience with a crowd."""
    monkeypatch.setattr(interactions, "ACK_SECONDS", PATIENCE)
    settings = {"DAILY_PER_PERSON": str(BY_A_PERSON), "DAILY_PER_SERVER": str(BY_THE_SERVER), "JOBS_PER_USER": "3"}
    if request.param == "sqlite":
        async with play_on(tmp_path, recorder) as play:
            yield await _started(play, settings)
        return
    async with fresh_database(request.getfixturevalue("postgres_url")) as url, play_on(tmp_path, recorder) as play:
        yield await _started(play, settings | {"DATABASE_URL": url})


async def _started(play: Play, settings: dict[str, str]) -> Play:
    play.set(**settings)
    play.hurry({**ONE_LONG_DAY, **PATIENT})
    await play.start()
    return play


def _crowd(play: Play) -> list[Person]:
    people = [play.discord.add_user(f"Person{number}") for number in range(ACCOUNTS)]
    for person in people:
        play.discord.add_member(play.world.guild, person)
    return people


def _refusals(calls: list[InteractionCall]) -> list[str]:
    return [privately(call) for call in calls if call.message.is_ephemeral]


async def test_a_flood_from_twenty_accounts_causes_no_submit_beyond_the_limits(limited: Play) -> None:
    people = _crowd(limited)
    calls = await asyncio.gather(*(limited.extend(person, title=f"of {number % ACCOUNTS}") for number, person in enumerate(people * EACH)))
    refused = _refusals(calls)
    assert len(refused) == ACCOUNTS * EACH - BY_THE_SERVER
    # Each says which limit, when it is counted anew, and who can change it.
    assert all("for today" in said and "counted anew <t:" in said for said in refused)
    assert all("operator" in said or "/settings" in said for said in refused)
    await until(lambda: len(limited.results()) == BY_THE_SERVER)
    again = await asyncio.gather(*(limited.extend(person) for person in people))
    assert len(_refusals(again)) == ACCOUNTS
    submitted = Counter(str(body["title"]) for body in limited.submits())
    assert submitted.total() == BY_THE_SERVER
    assert max(submitted.values()) <= BY_A_PERSON
    assert text_of(limited.results()[0])


async def test_usage_says_what_was_spent_to_whom_it_may(limited: Play) -> None:
    await limited.extend(title="Night Train")
    await limited.result()
    mine = await limited.use("usage")
    said = privately(mine)
    assert f"You, today:** 1 of {BY_A_PERSON}" in said
    assert "1 delivered" in said
    assert [attachment.filename for attachment in mine.message.attachments] == ["usage.png"]
    assert f"This server, today:** 1 of {BY_THE_SERVER}" in privately(await limited.use("usage", limited.world.sam, of="server"))
    assert "Only moderators" in privately(await limited.use("usage", limited.world.jo, of="server"))
    assert "Only the operator" in privately(await limited.use("usage", limited.world.jo, of="all"))


async def test_the_operator_alone_sees_what_all_servers_have_spent(limited: Play) -> None:
    elsewhere = limited.discord.add_guild("Elsewhere", limited.world.sam)
    limited.discord.add_member(elsewhere, limited.world.jo)
    room = limited.discord.add_channel(elsewhere, "music")
    await limited.extend(title="Night Train")
    await limited.result(title="Night Train")
    for title in ("Day Bus", "Last Tram"):
        await limited.extend(limited.world.jo, room, title=title)
        await limited.result(room, title=title)
    everything = privately(await limited.use("usage", limited.world.operator, of="all"))
    assert "All servers, today:** 3, without a limit" in everything
    assert "3 delivered" in everything
    assert "Elsewhere · 2\nEncore Sandbox · 1" in everything
    assert f"<@{limited.world.jo.id}> · 2\n<@{limited.world.mira.id}> · 1" in everything
    assert all(f"`{arrival.task_id}`" in everything for arrival in limited.music.counts.accepted)
    for other in (limited.world.owner, limited.world.sam, limited.world.mira):
        refused = privately(await limited.use("usage", other, of="all"))
        assert "Only the operator" in refused
        assert "Elsewhere" not in refused

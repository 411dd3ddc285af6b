"""/create: a first track from styles alone, on the way that an extension takes."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain.guild_settings import GuildSettings
from bot.sandbox.discord import InteractionCall
from bot.sandbox.music_faults import http_error, no_credits, reset, too_often
from bot.sandbox.music_wire import Endpoint
from bot.store.database import Database
from bot.store.guilds import GuildStore
from bot.store.migrate import migrate
from tests.e2e.conftest import MANY_QUERIES, PROVIDER, play_on
from tests.e2e.play import PATIENCE, Play, Recorder
from tests.e2e.reading import audio_of, labels, privately, text_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

TAGS = "lofi, piano"


async def set_here(play: Play, *, creating: bool) -> None:
    """Write what the server has set, before the bot is started."""
    url = play.bot.environment["DATABASE_URL"]
    await migrate(url)
    async with Database(url) as database:
        assert await GuildStore(database).save(GuildSettings(guild_id=play.world.guild.id, revision=1, creating=creating))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def play(tmp_path_factory: pytest.TempPathFactory, recorder: Recorder) -> AsyncGenerator[Play]:
    """One hurried bot for this file, on a server that has switched /create on."""
    provider = replace(PROVIDER, queries_per_second=MANY_QUERIES)
    async with play_on(tmp_path_factory.mktemp("create"), recorder, provider) as play:
        play.set(JOBS_PER_USER="100", MUSIC_QUERIES_PER_SECOND=str(MANY_QUERIES))
        play.hurry()
        await set_here(play, creating=True)
        await play.start()
        yield play


async def create(play: Play, **options: str) -> InteractionCall:
    call = await play.world.mira.slash(play.room, "create", **{"tags": TAGS, **options})
    return await call.answered(PATIENCE)


def created(play: Play, title: str) -> list[dict[str, object]]:
    return [dict(body) for body in play.music.counts.bodies(Endpoint.GENERATE) if body["title"] == title]


async def test_a_first_track_is_made_heard_and_continued(play: Play) -> None:
    call = await create(play, title="First light")
    reply = await play.shows(call, "The track is here")
    assert text_of(reply).startswith("\nFirst track · Finished")
    result = await play.result(title="First light")
    assert len(audio_of(result)) == 2
    assert labels(result) == ["Continue A", "Continue B", "More"]
    assert "Continues" not in text_of(result)
    assert created(play, "First light") == [{"tags": TAGS, "title": "First light", "model": "v3.5"}]
    form = await play.continues(result, "A")
    await (await play.world.mira.submit(form, {"title": "Second light"})).answered(PATIENCE)
    await play.result(title="Second light")
    offered = await play.world.jo.autocomplete(play.room, "extend", focused="continue_clip_id", value="light")
    assert len(offered) == 4


async def test_styles_and_models_are_suggested(play: Play) -> None:
    for option, value, choice in (("tags", "synthw", "synthwave"), ("model", "", "v3.5")):
        offered = await play.world.mira.autocomplete(play.room, "create", focused=option, value=value)
        assert choice in [each.value for each in offered]


async def test_what_cannot_be_taken_is_mended_as_a_first_track(play: Play) -> None:
    refused = await create(play, title="x" * 81)
    assert privately(refused).startswith("**Title** (`title`): ")
    form = (await play.press(refused.message, "Fix")).modal
    await (await play.world.mira.submit(form, {"title": "mended"})).answered(PATIENCE)
    await play.result(title="mended")
    assert len(created(play, "mended")) == 1


async def test_an_unclear_outcome_is_not_sent_again_and_may_be_repeated_by_its_person(play: Play) -> None:
    play.music.faults.add(Endpoint.GENERATE, reset(accepted=True))
    call = await create(play, title="unclear")
    reply = await play.shows(call, "Not clear whether it started")
    assert len(created(play, "unclear")) == 1
    play.may_submit_twice = True
    await play.press(reply, "Try again (may cost twice)")
    await play.result(title="unclear")
    assert len(created(play, "unclear")) == 2


async def test_what_was_certainly_not_accepted_is_sent_again(play: Play) -> None:
    play.music.faults.add(Endpoint.GENERATE, too_often())
    await create(play, title="too often")
    await play.result(title="too often")
    assert len(created(play, "too often")) == 2


async def test_a_refusal_is_final_and_can_be_changed(play: Play) -> None:
    play.music.faults.add(Endpoint.GENERATE, http_error(400, code=400, message="bad tags"))
    reply = await play.shows(await create(play, title="refused"), "Nothing came of it")
    form = (await play.press(reply, "Change and try again")).modal
    await (await play.world.mira.submit(form, {"title": "changed"})).answered(PATIENCE)
    await play.result(title="changed")


async def test_a_restart_loses_nothing_and_sends_nothing_twice(play: Play) -> None:
    play.next_is_late()
    call = await create(play, title="over night")
    await play.shows(call, "Being made")
    await play.kill()
    play.finish_late()
    await play.start()
    await play.result(title="over night")
    assert len(created(play, "over night")) == 1


@pytest.mark.parametrize(
    ("allowed", "here", "says"),
    [("false", True, "Only my operator can allow it"), ("true", False, "switched off on this server")],
)
async def test_switched_off_it_is_refused_in_words_and_leads_on(
    tmp_path: Path, recorder: Recorder, allowed: str, here: bool, says: str
) -> None:
    async with play_on(tmp_path, recorder) as off:
        off.set(ALLOW_CREATE=allowed)
        await set_here(off, creating=here)
        await off.start()
        refused = await create(off)
        assert says in privately(refused)
        shown = await off.press(refused.message, "Show me how")
        assert "Make a first track" not in labels(shown.message)
        if allowed == "false":
            alone = off.discord.direct_message(off.world.mira)
            assert says in privately(await off.use("create", None, alone, tags=TAGS))
        assert off.music.counts.submits == 0


async def test_in_direct_messages_the_operators_word_is_enough(play: Play) -> None:
    alone = play.discord.direct_message(play.world.jo)
    await play.use("create", play.world.jo, alone, tags=TAGS, title="alone")
    await play.result(alone, title="alone")


async def test_without_credits_it_waits_as_all_others_do(play: Play) -> None:
    play.music.faults.add(Endpoint.GENERATE, no_credits())
    reply = await play.shows(await create(play, title="broke"), "credits at the music service are used up")
    assert labels(reply) == ["Cancel"]
    assert "credits" in privately(await create(play, title="also broke"))
    await play.press(reply, "Cancel")

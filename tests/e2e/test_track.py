"""/track takes in a task made elsewhere; hiding a request."""

from typing import Any, cast

import aiohttp
import pytest

from bot.sandbox.music_wire import Endpoint
from tests.e2e.play import SAMPLE, Play
from tests.e2e.reading import audio_of, labels, privately, text_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_finished_task_made_elsewhere_comes_into_the_library(shared: Play) -> None:
    task = shared.music.task_of(str(SAMPLE["continue_clip_id"]))
    call = await shared.use("track", task_id=f" `{task.id}` ")
    result = await shared.result()
    assert len(audio_of(result)) == 2
    assert labels(result) == ["Continue A", "Continue B", "More"]
    assert shared.submits() == []
    await shared.shows(call, "The track is here")
    offered = await shared.world.mira.autocomplete(shared.room, "extend", focused="continue_clip_id", value="")
    assert {choice.value for choice in offered} == {clip.id for clip in task.clips}
    queries = shared.music.counts.queries
    await shared.use("track", shared.world.jo, shared.world.lounge, task_id=task.id)
    assert len(audio_of(await shared.result(shared.world.lounge))) == 2
    assert shared.music.counts.queries == queries, "what is in the library is asked of nobody"


async def test_a_running_task_made_elsewhere_is_followed_to_its_end(shared: Play) -> None:
    shared.next_is_late()
    call = await shared.use("track", task_id=await _made_elsewhere(shared))
    assert labels(await shared.shows(call, "Being made")) == ["Hide"]
    shared.finish_late()
    assert len(audio_of(await shared.result(title="elsewhere"))) == 2


async def _made_elsewhere(shared: Play) -> str:
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {shared.music.key}"}) as session,
        session.post(shared.music.url + Endpoint.GENERATE, json={"tags": "lofi", "title": "elsewhere"}) as response,
    ):
        answer = cast("dict[str, Any]", await response.json())
    return str(answer["task_id"])


async def test_a_task_that_nobody_knows_is_said_so(shared: Play) -> None:
    call = await shared.use("track", task_id="00000000-0000-4000-8000-000000000000")
    assert "doesn't know this task" in text_of(await shared.shows(call, "Nothing came of it"))
    said = privately(await shared.use("track", task_id="not a task"))
    assert said.startswith("**Task** (`task_id`): ")
    assert "For example: `" in said
    await shared.nothing_under_way()


async def test_a_hidden_request_posts_nothing_and_its_tracks_reach_the_library(shared: Play) -> None:
    shared.next_is_late()
    call = await shared.extend(title="hidden", continue_at="0:05")
    said = privately(await shared.press(await shared.shows(call, "Being made"), "Hide"))
    assert "may cost" in said
    shared.finish_late()
    await shared.shows(call, "It is finished. Its tracks are in the list of /extend.")
    assert [message for message in shared.results() if "hidden" in message.content] == []
    offered = await shared.world.mira.autocomplete(shared.room, "extend", focused="continue_clip_id", value="hidden")
    assert len(offered) == 2

"""Suggestions: from memory, never from the provider."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio

from bot.sandbox.discord import Choice, Person, Room
from tests.e2e.play import SAMPLE, Play

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def known(shared: Play) -> Play:
    """A library with two tasks of Mira's, made in the server."""
    for title, tags in (("Night Train", "lofi, piano"), ("Day Bus", "techno")):
        await shared.extend(title=title, tags=tags)
        await shared.result(title=title)
    return shared


@asynccontextmanager
async def _asking_nobody(play: Play) -> AsyncGenerator[None]:
    before = len(play.music.counts.log)
    yield
    assert len(play.music.counts.log) == before


async def _offered(
    play: Play, option: str, value: str = "", *, person: Person | None = None, room: Room | None = None, track: str | None = None
) -> list[Choice]:
    filled: dict[str, Any] = {"continue_clip_id": track} if track else {}
    async with _asking_nobody(play):
        choices = await (person or play.world.mira).autocomplete(room or play.room, "extend", focused=option, value=value, **filled)
    assert len(choices) <= 25
    assert all(len(choice.name) <= 100 and len(str(choice.value)) <= 100 for choice in choices)
    return choices


async def test_tracks_are_offered_newest_first_as_people_know_them(known: Play) -> None:
    offered = await _offered(known, "continue_clip_id")
    names = [choice.name for choice in offered]
    assert {name.rpartition(" · ")[0] for name in names[:2]} == {"A · 0:12 · Day Bus", "B · 0:15 · Day Bus"}
    assert {name.rpartition(" · ")[0] for name in names[2:]} == {"A · 0:12 · Night Train", "B · 0:15 · Night Train"}
    assert {choice.value for choice in offered} == {clip.id for task in list(known.music.tasks.values())[1:] for clip in task.clips}


async def test_what_is_typed_filters_tracks_by_title_and_styles(known: Play) -> None:
    assert len(await _offered(known, "continue_clip_id", "night")) == 2
    assert len(await _offered(known, "continue_clip_id", "TECHNO")) == 2
    assert [choice.name.split(":")[0] for choice in await _offered(known, "continue_clip_id", "no such thing")] == ["No track found"]


async def test_a_server_shares_its_tracks_and_another_place_does_not_have_them(known: Play) -> None:
    assert len(await _offered(known, "continue_clip_id", person=known.world.jo)) == 4
    alone = known.discord.direct_message(known.world.jo)
    nothing = await _offered(known, "continue_clip_id", person=known.world.jo, room=alone)
    assert [choice.name.split(":")[0] for choice in nothing] == ["No track yet"]
    own = known.discord.direct_message(known.world.mira)
    assert len(await _offered(known, "continue_clip_id", room=own)) == 4


async def test_start_points_are_the_end_and_round_points_before_it(known: Play) -> None:
    clip = next(iter(known.music.tasks[known.music.counts.accepted[0].task_id].clips))
    offered = await _offered(known, "continue_at", track=clip.id)
    assert [choice.value for choice in offered] == ["end", "0:10", "0:05"]
    assert next(iter(await _offered(known, "continue_at", "0:07.5", track=clip.id))).value == "0:07.5"
    assert [choice.value for choice in await _offered(known, "continue_at", "1:40")] == ["1:40"]


async def test_styles_are_the_tracks_own_then_those_used_before_then_completions(known: Play) -> None:
    clip = known.music.tasks[known.music.counts.accepted[0].task_id].clips[0]
    offered = await _offered(known, "tags", track=clip.id)
    assert [choice.value for choice in offered] == ["lofi, piano", "techno"]
    completed = [choice.value for choice in await _offered(known, "tags", "piano, synthw")]
    assert "piano, synthwave" in completed


async def test_what_is_offered_is_accepted(known: Play) -> None:
    track = next(iter(await _offered(known, "continue_clip_id", "night"))).value
    start = next(iter(await _offered(known, "continue_at", track=str(track)))).value
    tags = next(iter(await _offered(known, "tags", track=str(track)))).value
    model = next(iter(await _offered(known, "model"))).value
    await known.extend(continue_clip_id=str(track), continue_at=str(start), tags=str(tags), title="taken", model=str(model))
    await known.result(title="taken")
    sent = known.submits("taken")[0]
    assert sent["continue_clip_id"] == track
    assert sent["tags"] == "lofi, piano"
    assert sent["model"] == SAMPLE["model"]

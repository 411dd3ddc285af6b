"""Audio brought back over real sockets: from the music service while it has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.errors import AudioAway, AudioGone
from bot.services.archive import Archive
from bot.services.audio_back import PROVIDER_KEEPS, AudioBack
from tests.contract.builders import make_clip
from tests.fakes import FakeClock
from tests.unit.test_audio_back import ScriptedMessages, Shelf, let_go
from tests.unit.tones import mp3, noise

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncGenerator[TestServer]:
    sound = mp3(tmp_path / "a.mp3", noise(2.0, 1), bit_rate=128_000)

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.FileResponse(sound) if request.match_info["name"] == "kept.mp3" else web.Response(status=404)

    app = web.Application()
    app.router.add_get("/{name}", answer)
    server = TestServer(app)
    async with server:
        yield server


@pytest.mark.parametrize(
    ("name", "age", "expected"),
    [("kept.mp3", 60.0, None), ("deleted.mp3", 60.0, AudioAway), ("deleted.mp3", PROVIDER_KEEPS + 1, AudioGone)],
)
async def test_the_music_service_is_asked_last(
    provider: TestServer, tmp_path: Path, name: str, age: float, expected: type[Exception] | None
) -> None:
    clock, shelf, messages = FakeClock(), Shelf(), ScriptedMessages()
    url = str(provider.make_url(f"/{name}"))
    clip = make_clip("clip-0001", seconds=2.0, audio_name=None, audio_url=url, created_at=clock.now() - age)
    async with Archive(media_dir=tmp_path / "media", max_bytes=1_000_000, on_evicted=let_go, clock=clock, allow_private=True) as archive:
        back = AudioBack(clips=shelf, jobs=shelf, posts=shelf, archive=archive, posted=messages, clock=clock)  # pyright: ignore[reportArgumentType] - as far as it is asked
        if expected is None:
            assert await back.of(clip) == "clip-0001.mp3"
            assert [clip_id for clip_id, *_ in shelf.back] == ["clip-0001"]
        else:
            with pytest.raises(expected):
                await back.of(clip)
        assert len(messages.reads) == 1

"""The benchmark at a size that proves nothing but that it runs."""

from pathlib import Path

import pytest

from bench.history import CHOICES, FIRST_ID, GUILD, MATCHING, MATCHING_NOTHING, compare, subject


async def test_a_history_is_known_to_its_server(tmp_path: Path) -> None:
    async with subject(f"sqlite+aiosqlite:///{tmp_path / 'history.db'}", 60) as made:
        stranger = FIRST_ID - 1
        assert len(await made.clips.known_to(stranger, GUILD, text="", limit=CHOICES)) == CHOICES
        assert len(await made.clips.known_to(stranger, GUILD, text=MATCHING, limit=CHOICES)) == CHOICES
        assert await made.clips.known_to(stranger, GUILD, text=MATCHING_NOTHING, limit=CHOICES) == []
        assert await made.clips.known_to(stranger, None, text="", limit=CHOICES) == []
        assert len(await made.clips.tag_sets(stranger, GUILD, limit=CHOICES)) > 1
        assert await made.jobs.unsettled() == []


async def test_all_that_is_timed_works(capsys: pytest.CaptureFixture[str]) -> None:
    figures = await compare([20, 40], calls=2, rounds=1, postgres=False)
    assert figures.startswith("autocomplete at 40 clips, SQLite, of its time at 20 (")
    assert "a job from its acceptance to its submit" in capsys.readouterr().out

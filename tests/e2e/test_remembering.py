"""What the bot has learned of durations is there after a stop and a start."""

import contextlib
import json
import sqlite3

from bot.services.remembering import KEY
from tests.e2e.play import Play


async def test_durations_that_were_learned_outlive_an_orderly_stop(live: Play) -> None:
    await live.extend(title="learned")
    await live.result(title="learned")
    await live.restart()
    first = _kept(live)
    assert [len(rows) for rows in first.values()] == [1]
    await live.extend(title="another")
    await live.result(title="another")
    await live.restart()
    assert _kept(live) == {"v3.5": [*first["v3.5"], _kept(live)["v3.5"][1]]}
    assert "learned anew" not in live.bot.log


def _kept(live: Play) -> dict[str, list[list[float | None]]]:
    with contextlib.closing(sqlite3.connect(live.bot.folder / "encore.db")) as connection:
        (value,) = connection.execute("SELECT value FROM meta WHERE key = ?", (KEY,)).fetchone()
    return json.loads(value)

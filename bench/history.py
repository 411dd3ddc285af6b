"""What autocomplete, the library and the lane ask of the database, as a server's history grows: 1,000, 10,000 and 100,000 clips.

    python -m bench.history [--clips N …] [--calls N] [--rounds N] [--no-postgres]

The smallest history is the baseline. Each size is a database of its own, and they are measured in turn, round after round. A
time is the median of single calls of the store, as the bot calls it, over all rounds.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.figures import median, show, table, versus
from bench.seeding import FIRST_ID, add_history, made_up_job, migrated, task_id
from bot.domain.jobs import JobState, amend, transition
from bot.domain.library import PAGE, Sort, View, Whose
from bot.domain.limits import Limits
from bot.domain.viewing import Viewer
from bot.store.clips import Clips
from bot.store.database import Database
from bot.store.jobs import Jobs
from bot.store.library import Library
from tests.postgres import fresh_database, postgres_server

GOAL = 2.0
"""Autocomplete at the largest history, in units of its time at the smallest."""
SIZES = (1_000, 10_000, 100_000)
GUILD = 7
PEOPLE = 200
"""Members of the server who have made its clips."""
CHOICES = 25
MATCHING, MATCHING_NOTHING = "night tr", "zzzz"
"""What people type: the beginning of many titles, and of none."""
FEW_HITS = "train 123"
"""The beginning of few titles: of "Night Train 123", and where there are more, of those that go on from there."""
JOBS_PER_USER = 3
NEW = 10_000_000
"""Jobs that are added while measuring count from here."""

Call = Callable[[], Awaitable[object]]


@dataclass(slots=True)
class Subject:
    """The store over one history."""

    database: Database
    clips: Clips
    jobs: Jobs
    library: Library
    seconds: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    made: int = 0
    """Jobs that the measurement itself has added."""

    def autocomplete(self) -> dict[str, Call]:
        """Name what is asked while somebody types."""

        def tracks(typed: str) -> Call:
            return lambda: self.clips.known_to(FIRST_ID, GUILD, text=typed, limit=CHOICES)

        return {
            "tracks, no text": tracks(""),
            "tracks, a matching text": tracks(MATCHING),
            "tracks, a text that matches nothing": tracks(MATCHING_NOTHING),
            "styles used before": lambda: self.clips.tag_sets(FIRST_ID, GUILD, limit=CHOICES),
        }

    def pages(self) -> dict[str, Call]:
        """Name what a library asks, of the server and of one of its people."""

        def page(number: int = 0, **view: Any) -> Call:  # noqa: ANN401 - any field of a view
            return lambda: self.library.page(View(**view), Viewer(FIRST_ID, GUILD), number=number, size=PAGE)

        return {
            "a library page, mine": page(),
            "a library page, everyone's": page(whose=Whose.HERE),
            "the tenth of them": page(9, whose=Whose.HERE),
            "everyone's, longest first": page(whose=Whose.HERE, sort=Sort.LONGEST),
            "a search among everyone's, few hits": page(whose=Whose.HERE, search=FEW_HITS),
            "a search among everyone's, many hits": page(whose=Whose.HERE, search=MATCHING),
            "a search among mine, many hits": page(search=MATCHING),
        }

    def lane(self) -> dict[str, Call]:
        """Name what a job's way, a start and /jobs ask."""
        return {
            "a job from its acceptance to its submit": self._job_begins,
            "the job of a task": lambda: self.jobs.by_task(task_id(0)),
            "the clips of a task": lambda: self.clips.of_task(task_id(0)),
            "what is unsettled at a start": self.jobs.unsettled,
            "what /jobs lists": lambda: self.jobs.of_user(FIRST_ID, limit=CHOICES),
        }

    async def _job_begins(self) -> None:
        self.made += 1
        number = NEW + self.made
        now = time.time()
        finished = made_up_job(number, guild_id=GUILD, channel_id=GUILD, user_id=FIRST_ID + number, at=now)
        job = replace(finished, state=JobState.QUEUED, task_id=None, result_id=None, submitted_at=None, acknowledged=False)
        await self.jobs.accept(job, limits=Limits(in_flight=JOBS_PER_USER))
        job = amend(job, acknowledged=True)
        await self.jobs.save(job)
        job = transition(job, JobState.SUBMITTING, now)
        await self.jobs.save(job)
        job = transition(job, JobState.FAILED, now)
        await self.jobs.save(job)
        await self.jobs.announce(job.id, job.revision)

    async def time(self, calls: int) -> None:
        """Make each call so many times; pages, some of which read a lot, a tenth as often."""
        pages = self.pages()
        for name, call in (self.autocomplete() | pages | self.lane()).items():
            taken = self.seconds.setdefault(name, [])
            for _ in range(max(calls // 10, 1) if name in pages else calls):
                began = time.perf_counter()
                await call()
                taken.append(time.perf_counter() - began)


@asynccontextmanager
async def subject(url: str, clips: int) -> AsyncGenerator[Subject]:
    """Make a database with so many clips in a server."""
    async with await migrated(url) as database:
        await add_history(database, clips=clips, guild_id=GUILD, people=PEOPLE)
        if database.engine.dialect.name == "postgresql":
            # What its autovacuum would have done by itself while the history grew.
            async with database.write() as connection:
                await connection.execute(text("ANALYZE"))
        yield Subject(database, Clips(database), Jobs(database), Library(database))


async def measure(urls: Sequence[tuple[int, str]], *, calls: int, rounds: int) -> dict[int, Subject]:
    """Fill a database for each size and time them in turn; the first round, in which caches fill, does not count."""
    async with AsyncExitStack() as stack:
        subjects = {clips: await stack.enter_async_context(subject(url, clips)) for clips, url in urls}
        for one in subjects.values():
            await one.time(max(calls // 10, 1))
            one.seconds.clear()
        for _ in range(rounds):
            for one in subjects.values():
                await one.time(calls)
        return subjects


def report(dialect: str, subjects: dict[int, Subject]) -> dict[str, float]:
    """Show every call's times; return how autocomplete's have grown from the smallest history to the largest."""
    sizes = sorted(subjects)
    grown: dict[str, float] = {}
    rows: list[list[str]] = []
    for name in subjects[sizes[0]].seconds:
        times = [median(subjects[size].seconds[name]) for size in sizes]
        ratio = times[-1] / times[0]
        rows.append([name, *(f"{1000 * seconds:.2f} ms" for seconds in times), f"{ratio:.2f} ×"])
        if name in subjects[sizes[0]].autocomplete():
            grown[name] = ratio
    show(f"{dialect}, clips in the server:")
    show(table(("", *(f"{size:,}" for size in sizes), "growth"), rows))
    show()
    return grown


async def compare(sizes: Sequence[int], *, calls: int, rounds: int, postgres: bool) -> str:
    """Measure on both dialects, show all, and return the figures that count."""
    with tempfile.TemporaryDirectory(prefix="encore-bench-") as folder:
        urls = [(size, f"sqlite+aiosqlite:///{Path(folder) / str(size)}.db") for size in sizes]
        grown = {"SQLite": report("SQLite", await measure(urls, calls=calls, rounds=rounds))}
    if postgres:
        with postgres_server() as server:
            async with AsyncExitStack() as stack:
                urls = [(size, await stack.enter_async_context(fresh_database(server))) for size in sizes]
                grown["PostgreSQL"] = report("PostgreSQL", await measure(urls, calls=calls, rounds=rounds))
    most, least = max(sizes), min(sizes)
    worst = {dialect: max(ratios, key=ratios.__getitem__) for dialect, ratios in grown.items()}
    return "; ".join(
        versus(f"autocomplete at {most:,} clips, of its time at {least:,}, {dialect} ({name}):", grown[dialect][name], GOAL, " ×")
        for dialect, name in worst.items()
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.history", description="How the statements grow with history.")
    parser.add_argument("--clips", type=int, nargs="+", default=SIZES, metavar="N", help="sizes of the history")
    parser.add_argument("--calls", type=int, default=20, metavar="N", help="calls of each kind a round")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--no-postgres", action="store_true", help="SQLite alone")
    options = parser.parse_args()
    show(asyncio.run(compare(options.clips, calls=options.calls, rounds=options.rounds, postgres=not options.no_postgres)))


if __name__ == "__main__":
    main()

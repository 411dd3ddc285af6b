"""What autocomplete, the library and the lane ask of the database, as a server's history grows: 1,000, 10,000 and 100,000 clips.

    python -m bench.history [--clips N …] [--calls N] [--rounds N] [--no-postgres]

The smallest history is the baseline; for the library's pages it is the second largest, since up to about 10,000 clips they look at all of
them. Each size is a database of its own, and they are measured in turn, round after round. A time is the median of single calls of the
store, as the bot calls it, over all rounds.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.figures import median, show, table, versus
from bench.seeding import CLIPS_OF_A_TASK, FIRST_ID, add_history, clip_id, made_up_job, migrated, task_id, write
from bot.domain.jobs import JobState, amend, transition
from bot.domain.library import LAST_PAGE, PAGE, Sort, View, Whose
from bot.domain.limits import Limits
from bot.domain.viewing import Viewer
from bot.store.clips import Clips
from bot.store.database import Database
from bot.store.jobs import Jobs
from bot.store.library import Library
from bot.store.tables import favourites, votes
from tests.postgres import fresh_database, postgres_server

GOAL = 2.0
"""Calls of a kind at the largest history, in units of their time at their baseline."""
SIZES = (1_000, 10_000, 100_000)
GUILD = 7
PEOPLE = 200
"""Members of the server who have made its clips."""
CHOICES = 25
MATCHING, MATCHING_NOTHING = "night tr", "zzzz"
"""What people type: the beginning of many titles, and of none."""
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
    size: int
    """Clips of the history."""
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

        # The number of the newest task, which is in no title but those of its two clips.
        rare = f"train {self.size // CLIPS_OF_A_TASK - 1}"
        here, liked = Whose.HERE, Whose.FAVOURITES
        return {
            "a library page, mine": page(),
            "everyone's": page(whose=here),
            "everyone's, the last page": page(LAST_PAGE, whose=here),
            "everyone's, oldest first": page(whose=here, sort=Sort.OLDEST),
            "everyone's, by title": page(whose=here, sort=Sort.TITLE),
            "everyone's, longest first": page(whose=here, sort=Sort.LONGEST),
            "everyone's, most votes first": page(whose=here, sort=Sort.VOTES),
            "favourites": page(whose=liked),
            "favourites, longest first": page(whose=liked, sort=Sort.LONGEST),
            "a search among everyone's, no hit": page(whose=here, search=MATCHING_NOTHING),
            "… few hits": page(whose=here, search=rare),
            "… many hits": page(whose=here, search=MATCHING),
            "… many hits, longest first": page(whose=here, search=MATCHING, sort=Sort.LONGEST),
            "a search among mine, many hits": page(search=MATCHING),
            "a search among favourites, many hits": page(whose=liked, search=MATCHING),
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
        """Make each call so many times."""
        for name, call in (self.autocomplete() | self.pages() | self.lane()).items():
            taken = self.seconds.setdefault(name, [])
            for _ in range(calls):
                began = time.perf_counter()
                await call()
                taken.append(time.perf_counter() - began)


@asynccontextmanager
async def subject(url: str, clips: int) -> AsyncGenerator[Subject]:
    """Make a database with so many clips in a server."""
    async with await migrated(url) as database:
        await add_history(database, clips=clips, guild_id=GUILD, people=PEOPLE)
        await like(database, clips=clips)
        if database.engine.dialect.name == "postgresql":
            # What its autovacuum would have done by itself while the history grew.
            async with database.write() as connection:
                await connection.execute(text("ANALYZE"))
        # Unspaced, since what a write waits for its group to fill is the same however long the history is.
        yield Subject(database, Clips(database), Jobs(database, spaced=False), Library(database), clips)


async def like(database: Database, *, clips: int) -> None:
    """Let one person like all of the history, and every third track of it have their vote."""
    ids = [clip_id(number // CLIPS_OF_A_TASK, number % CLIPS_OF_A_TASK) for number in range(clips)]
    liked = [{"user_id": FIRST_ID, "clip_id": each, "created_at": float(at)} for at, each in enumerate(ids)]
    await write(database, favourites, liked)
    await write(database, votes, [{"guild_id": GUILD, **each} for each in liked[::3]])


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


def report(dialect: str, subjects: dict[int, Subject]) -> list[str]:
    """Show every call's times; return of autocomplete, and of the library, what has grown most from its baseline to the largest history."""
    sizes = sorted(subjects)
    times = {name: [median(subjects[size].seconds[name]) for size in sizes] for name in subjects[sizes[0]].seconds}
    rows = [[name, *(f"{1000 * seconds:.2f} ms" for seconds in taken), f"{taken[-1] / taken[0]:.2f} ×"] for name, taken in times.items()]
    show(f"{dialect}, clips in the server:")
    show(table(("", *(f"{size:,}" for size in sizes), "growth"), rows))
    show()
    kinds = (("autocomplete", subjects[sizes[0]].autocomplete(), 0), ("the library", subjects[sizes[0]].pages(), -2))
    return [f"{kind} at {sizes[-1]:,} clips, {dialect}, {_most_grown(names, times, sizes, base)}" for kind, names, base in kinds]


def _most_grown(names: Iterable[str], times: dict[str, list[float]], sizes: list[int], base: int) -> str:
    grown = {name: times[name][-1] / times[name][base] for name in names}
    worst = max(grown, key=grown.__getitem__)
    return versus(f"of its time at {sizes[base]:,} ({worst}, {1000 * times[worst][-1]:.1f} ms):", grown[worst], GOAL, " ×")


async def compare(sizes: Sequence[int], *, calls: int, rounds: int, postgres: bool) -> str:
    """Measure on both dialects, show all, and return the figures that count."""
    with tempfile.TemporaryDirectory(prefix="encore-bench-") as folder:
        urls = [(size, f"sqlite+aiosqlite:///{Path(folder) / str(size)}.db") for size in sizes]
        figures = report("SQLite", await measure(urls, calls=calls, rounds=rounds))
    if postgres:
        with postgres_server() as server:
            async with AsyncExitStack() as stack:
                urls = [(size, await stack.enter_async_context(fresh_database(server))) for size in sizes]
                figures += report("PostgreSQL", await measure(urls, calls=calls, rounds=rounds))
    return "; ".join(figures)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.history", description="How the statements grow with history.")
    parser.add_argument("--clips", type=int, nargs="+", default=SIZES, metavar="N", help="sizes of the history")
    parser.add_argument("--calls", type=int, default=5, metavar="N", help="calls of each kind a round")
    parser.add_argument("--rounds", type=int, default=2, metavar="N")
    parser.add_argument("--no-postgres", action="store_true", help="SQLite alone")
    options = parser.parse_args()
    show(asyncio.run(compare(options.clips, calls=options.calls, rounds=options.rounds, postgres=not options.no_postgres)))


if __name__ == "__main__":
    main()

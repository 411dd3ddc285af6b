"""What many waiting jobs cost the bot, and how soon after a power cut they all go on: against the same bot with none.

    python -m bench.pending [--jobs N] [--seconds S] [--runs N]

Half of the jobs wait in line, half are being generated; they are written into the database before the start, and the loopback
provider knows those that it generates. Idle is what the bot takes while nobody uses it: it submits every 4 s and queries twice
a second. Killed by SIGKILL, it is started again at once; a quota of the provider's is fresh one window (1 s) after that.
"""

import argparse
import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bench.figures import median, show, table, versus
from bench.seeding import FIRST_ID, add_sample, made_up_job, migrated, write
from bench.stage import ENCORE, Stage, open_stage, until
from bot.domain.jobs import Job, JobState
from bot.sandbox.music_faults import Outcome
from bot.sandbox.music_library import SAMPLE_CLIP_ID, MusicSettings
from bot.sandbox.music_tasks import Clip, Task
from bot.sandbox.music_wire import Endpoint
from bot.sandbox.tape import first_take
from bot.store.jobs import to_row
from bot.store.tables import jobs as jobs_table

GOAL_MEMORY = 1.6
"""Memory with the jobs, in units of what the bot holds without them."""
GOAL_IDLE = 5.0
"""Processor time while nothing happens, in percent of one core."""
LONG = 3600.0
"""Seconds: what is being generated is not done, and not late, within a measurement."""
AGE = 300.0
"""Seconds over which the jobs' ages are spread: some are about to be done, as far as the bot can know."""
SETTLE = 5.0
"""Seconds of rest after READY."""
JOBS_OF_A_PERSON = 3
RESUMED = "jobs go on from before the start"
"""What the bot logs when it has taken up all that it has found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run has shown: bytes, a share of one core, and seconds since SIGKILL."""

    memory: float
    idle: float
    first_query: float | None
    resumed: float | None
    ready: float


def made_up(number: int, stage: Stage, *, asked_at: float) -> Job:
    """Make a job that waits in line, or one that the provider is working on, in turn."""
    guild, room = stage.world.guild, stage.world.music
    job = made_up_job(number, guild_id=guild.id, channel_id=room.channel.id, user_id=FIRST_ID + number // JOBS_OF_A_PERSON, at=asked_at)
    job = replace(job, source_id=SAMPLE_CLIP_ID, result_id=None)
    if number % 2:
        return replace(job, state=JobState.QUEUED, task_id=None, submitted_at=None, attempts=0)
    return replace(job, state=JobState.GENERATING, watch_until=asked_at + LONG)


def known_to_provider(stage: Stage, jobs: Sequence[Job]) -> None:
    """Let the provider be at work on the jobs that say so."""
    take = first_take("lo-fi", 1, 0)
    for job in jobs:
        if job.task_id is not None:
            stage.music.tasks[job.task_id] = Task(
                id=job.task_id,
                accepted_at=time.monotonic(),
                created_at=datetime.now(UTC),
                tags=job.tags,
                clips=(Clip(id=f"clip of {job.id}", index=0, title=job.title, take=take, pace=LONG),),
                outcome=Outcome(),
                body={},
            )


async def measure(jobs: int, seconds: float) -> Cost:
    """Run the bot with so many jobs waiting, look at it for `seconds`, kill it, and see how it comes back."""
    settings = {"JOB_DEADLINE": str(round(LONG))}
    async with open_stage(ENCORE, provider=MusicSettings(generation=(LONG, LONG)), settings=settings) as stage:
        now = time.time()
        waiting = [made_up(number, stage, asked_at=now - AGE * number / jobs) for number in range(1, jobs + 1)]
        known_to_provider(stage, waiting)
        async with await migrated(stage.database_url) as database:
            await add_sample(database, guild_id=stage.world.guild.id)
            await write(database, jobs_table, map(to_row, waiting))
        await stage.start()
        await asyncio.sleep(SETTLE)
        idle = await stage.idle_share(seconds)
        memory = stage.memory
        return await _cut(stage, jobs=jobs, memory=memory, idle=idle)


async def _cut(stage: Stage, *, jobs: int, memory: float, idle: float) -> Cost:
    """Cut the power, and see how the bot comes back."""
    queries = len(stage.music.counts.arrivals(Endpoint.QUERY))
    logged = len(stage.process.log)
    await stage.process.kill()
    cut = time.perf_counter()
    seen: dict[str, float] = {}

    def see(name: str, happened: bool) -> None:
        if happened:
            seen.setdefault(name, time.perf_counter() - cut)

    def back() -> bool:
        see("query", len(stage.music.counts.arrivals(Endpoint.QUERY)) > queries)
        see("resumed", RESUMED in stage.process.log[logged:])
        return {"query", "resumed"} <= seen.keys()

    watching = asyncio.create_task(until(back)) if jobs else None
    await stage.start()
    ready = time.perf_counter() - cut
    if watching is not None:
        await watching
        assert f" {jobs} {RESUMED}" in stage.process.log[logged:], "the jobs were not all taken up"
    return Cost(memory=memory, idle=idle, first_query=seen.get("query"), resumed=seen.get("resumed"), ready=ready)


def summed_up(costs: Sequence[Cost]) -> Cost:
    """Take the median of each figure."""
    queries = [cost.first_query for cost in costs if cost.first_query is not None]
    resumed = [cost.resumed for cost in costs if cost.resumed is not None]
    return Cost(
        memory=median([cost.memory for cost in costs]),
        idle=median([cost.idle for cost in costs]),
        first_query=median(queries) if queries else None,
        resumed=median(resumed) if resumed else None,
        ready=median([cost.ready for cost in costs]),
    )


HEADS = ("jobs waiting", "memory", "idle CPU", "kill -9 to all resumed", "to READY", "to first query")


def row(jobs: int, cost: Cost) -> list[str]:
    """Write one size's figures."""
    since = [f"{seconds:.2f} s" if seconds is not None else "–" for seconds in (cost.resumed, cost.ready, cost.first_query)]
    return [f"{jobs:,}", f"{cost.memory / 1e6:.1f} MB", f"{cost.idle:.1%}", *since]


async def compare(*, jobs: int, seconds: float, runs: int) -> str:
    """Measure with none and with the jobs in turn, show both, and return the figures that count."""
    found: dict[int, list[Cost]] = {0: [], jobs: []}
    for _ in range(runs):
        for size, costs in found.items():
            costs.append(await measure(size, seconds))
    none, many = summed_up(found[0]), summed_up(found[jobs])
    show(table(HEADS, [row(0, none), row(jobs, many)]))
    show()
    figures = [
        versus(f"memory with {jobs:,} jobs waiting, of that with none:", many.memory / none.memory, GOAL_MEMORY, " ×"),
        versus("idle CPU", 100 * many.idle, GOAL_IDLE, " %"),
        f"kill -9 to all resumed {many.resumed:.2f} s, to the first query {many.first_query:.2f} s",
    ]
    return "; ".join(figures)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.pending", description="What many waiting jobs cost the bot.")
    parser.add_argument("--jobs", type=int, default=10_000, metavar="N", help="half of them in line, half being generated")
    parser.add_argument("--seconds", type=float, default=10.0, metavar="S", help="how long the idle bot is looked at")
    parser.add_argument("--runs", type=int, default=2, metavar="N", help="runs of each size")
    options = parser.parse_args()
    show(asyncio.run(compare(jobs=options.jobs, seconds=options.seconds, runs=options.runs)))


if __name__ == "__main__":
    main()

"""Hundreds of jobs while everything goes wrong that can, and kill -9 every few seconds; then calm, and the reckoning."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.jobs import JobState
from bot.errors import StoreUnavailable
from bot.sandbox.discord import InteractionState
from bot.store.database import Database
from bot.store.jobs import Jobs
from bot.store.tables import jobs as job_table
from tests.e2e.soak import plan
from tests.e2e.soak.report import Report
from tests.e2e.soak.stage import QUERIES_PER_SECOND, SUBMIT_INTERVAL, open_stage
from tests.e2e.soak.supervisor import CONNECT_WITHIN, HUNG, Supervisor
from tests.e2e.soak.verdict import Evidence, judge

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bot.domain.jobs import Job
    from tests.e2e.play import Recorder
    from tests.e2e.soak.stage import Stage

DRAIN_WITHIN = 90.0
"""Seconds at most; what has not drained by then is named, and fails."""
LOOK = 0.5
SHARE_UNENDED = 0.3
"""The last share of the time, in which faults go on but nobody ends the bot: no restart mends what a fault has broken."""


async def soak(folder: Path, recorder: Recorder, *, seed: int, seconds: float, postgres_url: str | None = None) -> Report:
    """Let faults happen for so many seconds, wait until everything has drained, and judge; SQLite without a server's address."""
    async with open_stage(folder, recorder, seed=seed, postgres_url=postgres_url) as stage:
        supervisor = Supervisor(stage, seed)
        supervising = asyncio.create_task(supervisor.run(), name="supervisor")
        await stage.play.discord.wait_for_command("extend", CONNECT_WITHIN)
        await _suffer(stage, seed, seconds, supervisor)
        stage.trouble.end()
        began = time.monotonic()
        left = await _drained(stage)
        drained_in = time.monotonic() - began
        supervisor.over.set()
        await supervising
        ends = supervisor.ends
        ends["at the end"] += 1
        if await stage.play.bot.stop() != 0:
            ends[HUNG] += 1
        evidence = Evidence(
            jobs=await _all_jobs(stage.database.own_url),
            asked=stage.people.asked,
            music=stage.play.music,
            room=stage.play.room,
            log=stage.log_path.read_text(encoding="utf-8", errors="replace"),
            submit_interval=SUBMIT_INTERVAL,
            queries_per_second=QUERIES_PER_SECOND,
        )
        verdict = judge(evidence)
        verdict.lost += left
        verdict.broken += [HUNG] * ends[HUNG]
        return Report(
            seed=seed,
            database=stage.database.name,
            seconds=seconds,
            drained_in=drained_in,
            asked=len(evidence.asked),
            acknowledged=sum(asked.acknowledged for asked in evidence.asked),
            starts=stage.play.bot.starts,
            ends=ends,
            struck=stage.trouble.struck,
            kinds=len(stage.trouble.kinds),
            verdict=verdict,
        )


async def _suffer(stage: Stage, seed: int, seconds: float, supervisor: Supervisor) -> None:
    """Let people ask and faults strike; outages that have begun end by themselves."""
    sparing = asyncio.get_running_loop().call_later(seconds * (1 - SHARE_UNENDED), supervisor.spare)
    asking = asyncio.create_task(stage.people.ask_on(), name="people")
    try:
        async with asyncio.TaskGroup() as outages:
            until = time.monotonic() + seconds
            for strike in plan.strikes(seed, list(stage.trouble.kinds)):
                if time.monotonic() + strike.after > until:
                    break
                await asyncio.sleep(strike.after)
                outages.create_task(_strike(stage, strike), name=strike.kind)
    finally:
        sparing.cancel()
        supervisor.spare()
        asking.cancel()
        await asyncio.wait([asking])
    if not asking.cancelled():
        asking.result()


async def _strike(stage: Stage, strike: plan.Strike) -> None:
    await stage.trouble.kinds[strike.kind](strike.lasts)


async def _drained(stage: Stage) -> list[str]:
    """Wait until nothing is under way any more; name what still is when the time is up."""
    end = time.monotonic() + DRAIN_WITHIN
    while True:
        left = await _under_way(stage)
        if not left:
            return []
        if time.monotonic() > end:
            process = stage.play.bot.process
            if process is not None:
                process.send_signal(signal.SIGUSR1)
                await asyncio.sleep(LOOK)
            return left
        await asyncio.sleep(LOOK)


async def _under_way(stage: Stage) -> list[str]:
    """Name what has not come to its end; a late track, or a late sibling, may be looked for for a day."""
    left = [f"{asked.title}: not answered" for asked in stage.people.asked if asked.call.state is InteractionState.PENDING]
    try:
        async with Database(stage.database.own_url) as database:
            unsettled = await Jobs(database).unsettled()
    except StoreUnavailable as error:
        return [*left, str(error)]
    return left + [
        f"{job.title} (job {job.id}) has not drained: {job.state.value}, announced {job.announced} of {job.revision}"
        for job in unsettled
        if job.state not in (JobState.STALLED, JobState.DELIVERED) or job.announced < job.revision
    ]


async def _all_jobs(url: str) -> Sequence[Job]:
    async with Database(url) as database:
        async with database.read() as connection:
            found = (await connection.scalars(select(job_table.c.id).order_by(job_table.c.created_at))).all()
        jobs = Jobs(database)
        return [job for job_id in found if (job := await jobs.get(job_id)) is not None]

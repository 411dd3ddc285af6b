"""What one `/extend` costs and how long it waits for its answer: the real bot against a bare discord.py bot that only defers.

    python -m bench.interactions [--rate PER_SECOND] [--seconds S] [--burst N] [--runs N] [--lives N]

Both run as processes of their own against the same loopback Discord. Each use is by a person of their own (there is a cap of
jobs in flight per person), and the provider takes a submit every 4 s, so that nearly all of the jobs wait in line. The
processor time is that of the bot's process alone, less what it takes when idle: once while the load lasts, up to the last
acknowledgement, and once up to the moment when nobody sees it thinking any more.
"""

import argparse
import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.figures import median, quantile, show, table, versus
from bench.load import Acks, Crowd
from bench.seeding import add_sample, migrated
from bench.stage import BARE, ENCORE, Stage, open_stage
from bot.sandbox.cover import cover
from bot.sandbox.discord import Person
from bot.sandbox.discord.events import Event, MessageCreated
from bot.sandbox.music_library import MusicSettings
from bot.sandbox.tape import SHORT_LENGTH, Take, first_take, record

GOAL_CPU = 3.0
"""Processor time of an /extend at 50 a second, in units of the bare bot's."""
GOAL_STATEMENTS, GOAL_REQUESTS = 6.0, 4.0
"""For a job's whole life."""
NEVER_DONE = MusicSettings(generation=(3600.0, 3600.0))
"""A provider that keeps its limits, and never finishes within a measurement."""
AT_ONCE = math.inf
WARM_UP, WARM_UP_RATE = 20, 50.0
"""Uses before the steady load, and how many of them a second."""
IDLE_SECONDS = 2.0
SETTLE = 1.0
"""Seconds of rest after READY."""
LIFE = 5.0
"""Seconds that a track takes where whole lives are looked at."""
SMALL = 64
"""Pixels of a cover's edge there: painting them is not what is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run has cost; seconds of processor time, requests and statements are per interaction."""

    acks: Acks
    idle: float
    to_ack: float
    to_reply: float | None
    """None where nobody waited for the replies."""
    requests: float
    statements: float | None
    loopback: float
    """Share of one core that the loopback and the load generator took."""


async def measure(module: str, *, people: int, rate: float, warm_up: int, to_the_reply: bool) -> Cost:
    """Let `people` use /extend once each, `rate` of them a second, after `warm_up` others that are not counted."""
    async with open_stage(module, people=people + warm_up, provider=NEVER_DONE) as stage:
        if module == ENCORE:
            async with await migrated(stage.database_url) as database:
                await add_sample(database, guild_id=stage.world.guild.id)
        await stage.start()
        await asyncio.sleep(SETTLE)
        # The bare bot leaves people with its "thinking".
        replies = module == ENCORE
        if warm_up:
            crowd = Crowd(stage)
            await crowd.use(stage.people[people:], WARM_UP_RATE)
            if replies:
                await crowd.replied()
        idle = await stage.idle_share(IDLE_SECONDS)
        return await _cost(stage, stage.people[:people], rate=rate, idle=idle, wait=replies and to_the_reply)


async def _cost(stage: Stage, people: Sequence[Person], *, rate: float, idle: float, wait: bool) -> Cost:
    crowd = Crowd(stage)
    requests, statements = len(stage.discord.requests), await stage.statements()
    before, own, began = stage.cpu, time.process_time(), time.perf_counter()
    acks = await crowd.use(people, rate)
    acked, took = stage.cpu, time.perf_counter() - began
    loopback = (time.process_time() - own) / took
    if wait:
        await crowd.replied()
    done, took_all = stage.cpu, time.perf_counter() - began
    after = await stage.statements()
    return Cost(
        acks=acks,
        idle=idle,
        to_ack=(acked - before - idle * took) / len(people),
        to_reply=(done - before - idle * took_all) / len(people) if wait else None,
        requests=(len(stage.discord.requests) - requests) / len(people),
        statements=None if after is None or statements is None else (after - statements) / len(people),
        loopback=loopback,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What whole lives of jobs have cost, per job: from the command to the delivered track."""

    jobs: int
    requests: float
    statements: float | None
    cpu: float


async def whole_lives(jobs: int) -> Life:
    """Let jobs go all the way, with a quick provider whose recordings are made beforehand."""
    provider = MusicSettings(generation=(LIFE, LIFE), length=SHORT_LENGTH, submit_interval=0.2, queries_per_second=20)
    sound = await asyncio.to_thread(record, first_take("lo-fi", 1, 0, between=SHORT_LENGTH), "Night Train")

    def recorder(_take: Take, _title: str) -> bytes:
        return sound

    def painter(tags: str, seed: int, _edge: int) -> bytes:
        return cover(tags, seed, SMALL)

    quick = {"MUSIC_SUBMIT_INTERVAL": "0.2", "MUSIC_QUERIES_PER_SECOND": "20", "MUSIC_USUAL_SECONDS": "5"}
    async with open_stage(ENCORE, people=jobs, provider=provider, recorder=recorder, painter=painter, settings=quick) as stage:
        await stage.start()
        await asyncio.sleep(SETTLE)
        requests, statements, cpu = len(stage.discord.requests), await stage.statements(), stage.cpu
        delivered = asyncio.Event()
        results: set[int] = set()

        def hear(event: Event) -> None:
            if isinstance(event, MessageCreated) and event.message.attachments:
                results.add(event.message.id)
                if len(results) == jobs:
                    delivered.set()

        stop = stage.discord.listen(hear)
        await Crowd(stage).use(stage.people, AT_ONCE)
        await asyncio.wait_for(delivered.wait(), 60.0)
        stop()
        await asyncio.sleep(SETTLE)
        after = await stage.statements()
        return Life(
            jobs=jobs,
            requests=(len(stage.discord.requests) - requests) / jobs,
            statements=None if after is None or statements is None else (after - statements) / jobs,
            cpu=(stage.cpu - cpu) / jobs,
        )


def summed_up(costs: Sequence[Cost]) -> Cost:
    """Pool the runs: all acknowledgements, and of each figure the median."""
    acks = Acks(
        seconds=[second for cost in costs for second in cost.acks.seconds],
        lateness=[second for cost in costs for second in cost.acks.lateness],
        failed=sum(cost.acks.failed for cost in costs),
    )
    return Cost(
        acks=acks,
        idle=median([cost.idle for cost in costs]),
        to_ack=median([cost.to_ack for cost in costs]),
        to_reply=_median_of_known([cost.to_reply for cost in costs]),
        requests=median([cost.requests for cost in costs]),
        statements=_median_of_known([cost.statements for cost in costs]),
        loopback=median([cost.loopback for cost in costs]),
    )


def _median_of_known(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


HEADS = ("", "ack p50", "p99", "over 3 s", "CPU to ack", "to reply", "REST", "SQL", "idle CPU", "CPU of loopback", "dispatch late by p99")


def row(name: str, cost: Cost) -> list[str]:
    """Write one bot's figures."""
    return [
        name,
        cost.acks.ms(0.5),
        cost.acks.ms(0.99),
        str(cost.acks.late),
        f"{1000 * cost.to_ack:.2f} ms",
        "–" if cost.to_reply is None else f"{1000 * cost.to_reply:.2f} ms",
        f"{cost.requests:.2f}",
        counted(cost.statements),
        f"{cost.idle:.1%}",
        f"{cost.loopback:.0%}",
        f"{1000 * quantile(cost.acks.lateness, 0.99):.0f} ms",
    ]


def counted(statements: float | None) -> str:
    """Write a number of statements, if the bot counts them."""
    return "not counted" if statements is None else f"{statements:.2f}"


async def alternate(runs: int, *, people: int, rate: float, warm_up: int, to_the_reply: bool) -> tuple[Cost, Cost]:
    """Measure the bare bot and ours in turn; return the sums."""
    found: dict[str, list[Cost]] = {BARE: [], ENCORE: []}
    for _ in range(runs):
        for module, costs in found.items():
            costs.append(await measure(module, people=people, rate=rate, warm_up=warm_up, to_the_reply=to_the_reply))
    return summed_up(found[BARE]), summed_up(found[ENCORE])


async def compare(*, rate: float, seconds: float, burst: int, runs: int, lives: int) -> str:
    """Measure all loads, show them, and return the figures that count."""
    bare, ours = await alternate(runs, people=round(rate * seconds), rate=rate, warm_up=WARM_UP, to_the_reply=True)
    show(f"steady: {rate:g} a second for {seconds:g} s, {runs} runs each")
    show(table(HEADS, [row("bare discord.py", bare), row("Encore", ours)]))
    bare_burst, ours_burst = await alternate(runs, people=burst, rate=AT_ONCE, warm_up=0, to_the_reply=False)
    show(f"\nburst: {burst} at once, {runs} runs each, on a bot that has just come up")
    show(table(HEADS, [row("bare discord.py", bare_burst), row("Encore", ours_burst)]))
    life = await whole_lives(lives)
    show(
        f"\nwhole lives: {life.jobs} jobs from the command to the delivered track: {life.requests:.2f} REST requests, "
        f"{counted(life.statements)} SQL statements and {1000 * life.cpu:.1f} ms CPU a job"
    )
    show()
    figures = [
        versus(f"bot CPU per /extend at {rate:g}/s, of the bare defer's: to the ack", ours.to_ack / bare.to_ack, GOAL_CPU, " ×"),
        versus("to the reply", (ours.to_reply or math.nan) / bare.to_ack, GOAL_CPU, " ×"),
        versus("acks later than 3 s in a burst", ours_burst.acks.late, 0),
        versus("REST requests a job", life.requests, GOAL_REQUESTS),
    ]
    if life.statements is not None:
        figures.append(versus("SQL statements a job", life.statements, GOAL_STATEMENTS))
    return "; ".join(figures)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.interactions", description="What an /extend costs, and how long it waits.")
    parser.add_argument("--rate", type=float, default=50.0, metavar="PER_SECOND", help="uses a second of the steady load")
    parser.add_argument("--seconds", type=float, default=8.0, metavar="S", help="length of the steady load")
    parser.add_argument("--burst", type=int, default=200, metavar="N", help="uses at once")
    parser.add_argument("--runs", type=int, default=2, metavar="N", help="runs of each bot and load")
    parser.add_argument("--lives", type=int, default=20, metavar="N", help="jobs that go all the way")
    options = parser.parse_args()
    show(asyncio.run(compare(rate=options.rate, seconds=options.seconds, burst=options.burst, runs=options.runs, lives=options.lives)))


if __name__ == "__main__":
    main()

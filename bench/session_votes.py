"""What a vote in a session costs, and how long its person waits: 500 people who vote within two seconds, in one round.

    python -m bench.session_votes [--people N] [--seconds S] [--runs N]

The real bot against a discord.py bot that answers each choice in a select privately and keeps none. Both run as processes of their
own against the same loopback Discord. In the end the votes are counted in the database, and the edits of the round's message are.
"""

import argparse
import asyncio
import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from bench.figures import median, show, table, versus
from bench.load import Acks, Crowd
from bench.seeding import add_sample, migrated
from bench.stage import BARE, ENCORE, PATIENCE, Stage, open_stage
from bot.sandbox.discord import InteractionCall, Message, Person, Room
from bot.sandbox.discord.component_types import walk
from bot.sandbox.music_library import SAMPLE_CLIP_ID
from bot.services.posting import BETWEEN_EDITS

IDEAS = ("slow strings", "fast drums", "quiet piano", "a choir", "an organ")
AROUND = 3
"""Edits that a round may have beside those that a time of votes allows: at its begin, and when the last votes are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run has cost: seconds of processor time a vote, votes that are not as they were cast, and edits above what is allowed."""

    acks: Acks
    cpu: float
    lost: int
    edits: int
    too_many: int


async def measure(module: str, *, people: int, seconds: float) -> Cost:
    """Let so many people vote within so many seconds."""
    async with open_stage(module, people=people + len(IDEAS)) as stage:
        if module == ENCORE:
            async with await migrated(stage.database_url) as database:
                await add_sample(database, guild_id=stage.world.guild.id)
        await stage.process.start()
        await stage.discord.wait_ready(PATIENCE)
        voters, others = stage.people[:people], stage.people[people:]
        board = await (_vote_of_session(stage, others) if module == ENCORE else _poll(stage))
        return await _cost(stage, board, voters, seconds)


async def _poll(stage: Stage) -> Message:
    await stage.discord.wait_for_command("poll", PATIENCE)
    return (await (await stage.world.mira.slash(stage.world.music, "poll")).answered(PATIENCE)).message


async def _vote_of_session(stage: Stage, people: Sequence[Person]) -> Message:
    """Start a session, put the ideas forward, and let its vote begin."""
    host = stage.world.mira
    await stage.discord.wait_for_command("session", PATIENCE)
    known = set(stage.discord.core.world.channels)
    card = (await (await host.slash(stage.world.music, "session start", track=SAMPLE_CLIP_ID)).settled(PATIENCE)).message
    await host.press(card, "Start")
    thread = await _thread(stage, known)
    board = await thread.wait_for(lambda message: "Add or change my idea" in _labels(message), PATIENCE)
    for person, tags in zip(people, IDEAS, strict=True):
        form = (await (await person.press(board, "Add or change my idea")).answered(PATIENCE)).modal
        await (await person.submit(form, {"tags": tags, "continue_at": "0:10"})).settled(PATIENCE)
    panel = (await (await host.slash(thread, "session host")).settled(PATIENCE)).message
    await host.press(panel, "Skip to the next step")
    await thread.wait_for(lambda message: message is board and bool(_select(message)), PATIENCE)
    return board


async def _thread(stage: Stage, known: set[int]) -> Room:
    channels = stage.discord.core.world.channels
    await stage.discord.core.hub.wait_until(lambda: bool(channels.keys() - known), PATIENCE)
    (thread_id,) = channels.keys() - known
    return stage.discord.room(channels[thread_id])


def _labels(message: Message) -> list[str]:
    return [str(part["label"]) for part in walk(message.components) if "label" in part]


def _select(message: Message) -> str:
    """Return the custom_id of a message's select; empty where it has none."""
    return next((str(part["custom_id"]) for part in walk(message.components) if "options" in part), "")


async def _cost(stage: Stage, board: Message, voters: Sequence[Person], seconds: float) -> Cost:
    select = _select(board)
    values = [str(option["value"]) for part in walk(board.components) if "options" in part for option in part["options"]]
    cast = {person.id: values[number % len(values)] for number, person in enumerate(voters)}

    async def vote(person: Person) -> InteractionCall:
        return await person.select(board, select, [cast[person.id]])

    before, edits, began = stage.cpu, _edits(stage, board), time.perf_counter()
    acks = await Crowd(stage, vote).use(voters, len(voters) / seconds)
    cpu = stage.cpu - before
    if stage.process.module == BARE:
        return Cost(acks=acks, cpu=cpu / len(voters), lost=0, edits=0, too_many=0)
    total = f"{len(voters)} people have voted"
    await stage.discord.core.hub.wait_until(lambda: total in board.content, PATIENCE)
    done = _edits(stage, board) - edits
    allowed = (time.perf_counter() - began) / BETWEEN_EDITS + AROUND
    return Cost(acks=acks, cpu=cpu / len(voters), lost=_lost(stage, cast), edits=done, too_many=max(0, round(done - allowed)))


def _edits(stage: Stage, board: Message) -> int:
    return sum(request.method == "PATCH" and request.path.endswith(f"/messages/{board.id}") for request in stage.discord.requests)


def _lost(stage: Stage, cast: dict[int, str]) -> int:
    """Count the votes that are not in the database, or not as they were cast, or there without having been cast."""
    file = stage.database_url.partition(":///")[2]
    with closing(sqlite3.connect(file, timeout=10.0)) as connection:
        stored = Counter(connection.execute("SELECT user_id, choice FROM session_votes").fetchall())
    return sum((Counter(cast.items()) - stored).values()) + sum((stored - Counter(cast.items())).values())


HEADS = ("", "ack p50", "p99", "over 3 s", "CPU a vote", "votes lost", "edits", "too many")


def _row(name: str, costs: Sequence[Cost]) -> list[str]:
    acks = _pooled(costs)
    return [
        name,
        acks.ms(0.5),
        acks.ms(0.99),
        str(acks.late),
        f"{1000 * median([cost.cpu for cost in costs]):.2f} ms",
        str(sum(cost.lost for cost in costs)),
        str(max(cost.edits for cost in costs)),
        str(sum(cost.too_many for cost in costs)),
    ]


def _pooled(costs: Sequence[Cost]) -> Acks:
    return Acks(
        seconds=[second for cost in costs for second in cost.acks.seconds],
        lateness=[second for cost in costs for second in cost.acks.lateness],
        failed=sum(cost.acks.failed for cost in costs),
    )


async def compare(*, people: int, seconds: float, runs: int) -> str:
    """Measure both bots in turn, show what was found, and return the figures that count."""
    found: dict[str, list[Cost]] = {BARE: [], ENCORE: []}
    for _ in range(runs):
        for module, costs in found.items():
            costs.append(await measure(module, people=people, seconds=seconds))
    show(f"{people} people vote within {seconds:g} s, {runs} runs each")
    show(table(HEADS, [_row("bare discord.py", found[BARE]), _row("Encore", found[ENCORE])]))
    show()
    ours = found[ENCORE]
    ratio = median([cost.cpu for cost in ours]) / median([cost.cpu for cost in found[BARE]])
    return "; ".join(
        (
            versus("votes lost", sum(cost.lost for cost in ours), 0),
            versus("voters answered later than 3 s", _pooled(ours).late, 0),
            versus("edits above one in 5 s", sum(cost.too_many for cost in ours), 0),
            f"bot CPU a vote {ratio:.2f} × a bare answer's",
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.session_votes", description="What a vote costs, and how long its person waits.")
    parser.add_argument("--people", type=int, default=500, metavar="N", help="people who vote, once each")
    parser.add_argument("--seconds", type=float, default=2.0, metavar="S", help="time within which they do")
    parser.add_argument("--runs", type=int, default=2, metavar="N", help="runs of each bot")
    options = parser.parse_args()
    show(asyncio.run(compare(people=options.people, seconds=options.seconds, runs=options.runs)))


if __name__ == "__main__":
    main()

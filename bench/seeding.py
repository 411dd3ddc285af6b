"""Data for a bot that has been at work for long: written straight into its database, before it starts."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import Table, insert

from bot.domain.clips import Clip, variant_name
from bot.domain.jobs import Job, JobKind, JobState, Origin
from bot.sandbox.music_library import SAMPLE_CLIP_ID
from bot.store import clips as clip_store
from bot.store import jobs as job_store
from bot.store import tables
from bot.store.database import Database
from bot.store.migrate import migrate

BATCH = 5_000
"""Rows handed over at a time."""
UPLOAD_LIMIT = 10 * 1024 * 1024
CLIPS_OF_A_TASK = 2
FIRST_ID = 1 << 60
"""Interactions and people that are made up here count from this number on: far from those that a loopback makes."""


def made_up_job(number: int, *, guild_id: int, channel_id: int, user_id: int, at: float) -> Job:
    """Make the finished job of this number, of whose last change at `at` (epoch seconds) everybody knows."""
    origin = Origin(
        interaction_id=FIRST_ID + number,
        user_id=user_id,
        guild_id=guild_id,
        channel_id=channel_id,
        can_post=True,
        upload_limit=UPLOAD_LIMIT,
        token_expires_at=at + 900.0,
        reply_id=FIRST_ID + number,
    )
    return Job(
        id=f"job{number:07}",
        kind=JobKind.EXTEND,
        state=JobState.DELIVERED,
        origin=origin,
        created_at=at,
        state_since=at,
        revision=5,
        announced=5,
        tags=STYLES[number % len(STYLES)],
        title=f"Night Train {number}",
        model="v3.5",
        source_id=clip_id(0, 0),
        continue_at=100.0,
        source_label="A · Night Train",
        acknowledged=True,
        attempts=1,
        task_id=task_id(number),
        submitted_at=at,
        result_id=FIRST_ID + number,
    )


STYLES = ("lo-fi, chill", "deep house, dark", "tropical house, wave", "ambient, piano", "drum and bass, fast", "jazz, slow", "techno")


def clip_id(task: int, variant: int) -> str:
    """Name a clip as the provider does: by a UUID."""
    return str(uuid5(NAMESPACE_OID, f"{task}/{variant}"))


def task_id(number: int) -> str:
    """Name a task likewise."""
    return str(uuid5(NAMESPACE_OID, f"{number}"))


def made_up_clips(job: Job, number: int) -> list[Clip]:
    """Make the two clips of a finished job."""
    return [
        Clip(
            clip_id=clip_id(number, variant),
            task_id=task_id(number),
            variant=variant_name(variant),
            title=job.title,
            tags=job.tags,
            model=job.model,
            seconds=150.0 + number % 60,
            audio_name=f"{clip_id(number, variant)}.mp3",
            audio_size=3_000_000,
            audio_url=f"https://example.org/{clip_id(number, variant)}.mp3",
            image_name=None,
            image_url=None,
            parent_id=job.source_id,
            continued_at=job.continue_at,
            user_id=job.origin.user_id,
            guild_id=job.origin.guild_id,
            created_at=job.created_at,
        )
        for variant in range(CLIPS_OF_A_TASK)
    ]


async def add_history(database: Database, *, clips: int, guild_id: int, people: int) -> None:
    """Let a server's people have made so many clips, one task after the other, the last one just now."""
    tasks = clips // CLIPS_OF_A_TASK
    now = time.time()
    made: list[Job] = []
    found: list[Clip] = []
    for number in range(tasks):
        at = now - 60.0 * (tasks - number)
        job = made_up_job(number, guild_id=guild_id, channel_id=guild_id, user_id=FIRST_ID + number % people, at=at)
        made.append(job)
        found += made_up_clips(job, number)
    await _write_finished(database, made, found)


FAMILY_OF = (-1, -1, 0, 0, 2, 2, 3, 3, 4, 4, 8, 8, 1, 1, 10, 10, 14, 14, 5, 5, 15, 15, 12, 12, 17, 17, 20, 20, 6, 6)
"""The parent of each track of a family of 30, by its number; both tracks of a task have the same one."""
FAMILY_TITLES = ("Night Train", "Ночной поезд", "قطار الليل", "Zug 🚂 bei Nacht", "Night Train (long way home)", "רכבת לילה", "Dawn Chorus")
FIRST_OF_FAMILY = 1_000_000
"""Number of its first task: far from those of a history."""


async def add_family(database: Database, *, guild_id: int, channel_id: int, people: Sequence[int]) -> list[Clip]:
    """Let a server's people have grown a family of 30 from one track, which somebody had brought; return its tracks."""
    family: list[Clip] = []
    jobs: list[Job] = []
    for number in range(0, len(FAMILY_OF), CLIPS_OF_A_TASK):
        task, generation = FIRST_OF_FAMILY + number, number // CLIPS_OF_A_TASK
        at = time.time() - 3600.0 * (len(FAMILY_OF) - number)
        job = made_up_job(task, guild_id=guild_id, channel_id=channel_id, user_id=people[generation % len(people)], at=at)
        job = replace(job, title=FAMILY_TITLES[generation % len(FAMILY_TITLES)])
        for clip in made_up_clips(job, task):
            above = FAMILY_OF[len(family)]
            # The second of the first task continues the first one: a family has one root.
            root_or_child = (None, None) if not family else (family[max(above, 0)].clip_id, 30.0 + 7.5 * generation)
            family.append(replace(clip, parent_id=root_or_child[0], continued_at=root_or_child[1]))
        jobs.append(job)
    await _write_finished(database, jobs, family)
    liked = [
        {"user_id": person, "clip_id": family[number].clip_id, "created_at": 0.0}
        for number in (0, 8, 14)
        for person in people[: number % 3 + 1]
    ]
    await write(database, tables.favourites, liked)
    return family


async def add_sample(database: Database, *, guild_id: int) -> None:
    """Let a server know the clip that the provider has from the start, made by a person of its own."""
    job = made_up_job(0, guild_id=guild_id, channel_id=guild_id, user_id=FIRST_ID, at=time.time() - 3600)
    clip, sibling = made_up_clips(job, 0)
    await _write_finished(database, [job], [replace(clip, clip_id=SAMPLE_CLIP_ID), sibling])


async def _write_finished(database: Database, jobs: Sequence[Job], found: Sequence[Clip]) -> None:
    await write(database, tables.jobs, map(job_store.to_row, jobs))
    await write(database, tables.clips, map(clip_store.to_row, found))


async def write(database: Database, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows, in batches of one transaction each."""
    waiting = list(rows)
    for begin in range(0, len(waiting), BATCH):
        async with database.write() as connection:
            await connection.execute(insert(table), waiting[begin : begin + BATCH])


async def migrated(url: str) -> Database:
    """Make an empty database with this version's schema; it is to be opened and closed by `async with`."""
    await migrate(url)
    return Database(url)

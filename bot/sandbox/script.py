"""A user's first minutes, played against the real bot: the sample request, what grows from it, alone and together, and who hears of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bot.sandbox import making_scenes, session_scenes, sharing_scenes
from bot.sandbox.acting import PATIENCE, Acting, StoryBroken
from bot.sandbox.hearing import Part
from bot.sandbox.music_library import MusicSettings
from bot.sandbox.music_wire import Endpoint
from bot.sandbox.stage import open_stage

if TYPE_CHECKING:
    from pathlib import Path

    from bot.sandbox.discord.world import Message
    from bot.sandbox.stage import Stage


async def play(*, fast: bool, record: Path | None = None) -> int:
    """Play the story and print it; return 0 when all went as it should, else 1."""
    print("Encore's sandbox: the real bot, a music service and a Discord on this machine.", _length(fast=fast), end="\n\n")  # noqa: T201 - a script speaks
    async with open_stage(music=MusicSettings.fast() if fast else MusicSettings(), record=record) as stage:
        try:
            await tell(Acting(stage))
        except (StoryBroken, TimeoutError, LookupError) as error:
            print(f"\nThe story broke off: {error or 'something did not happen in time'}\nThe bot's log:\n{stage.bot.log}", file=sys.stderr)  # noqa: T201 - a script speaks
            return 1
        print(f"\nDelivered, joined, shared, found again, and grown further by a session. {_sums(stage)}")  # noqa: T201 - a script speaks
    return 0


def _length(*, fast: bool) -> str:
    return "A track takes 6 seconds here." if fast else "A track takes 20 to 60 seconds here."


def _sums(stage: Stage) -> str:
    counts = stage.music.counts
    return (
        f"The music service counted {len(counts.accepted)} submits, {counts.queries} queries, "
        f"and {counts.violations} breaches of its limits; the bot was started {stage.bot.starts} times."
    )


async def tell(acting: Acting) -> None:
    """Tell all scenes, in order; each waits for what people would wait for. Raises StoryBroken, TimeoutError, LookupError."""
    world = acting.stage.world
    mira, jo = world.mira, world.jo
    await acting.stage.bot.start()
    await acting.stage.discord.wait_ready(PATIENCE)
    first = await making_scenes.the_sample(acting, mira)
    await acting.presses(mira, first, "More")
    second = await making_scenes.continue_b(acting, jo, first)
    await making_scenes.mistype(acting, jo)
    third = await making_scenes.restart_in_the_middle(acting, mira, second)
    parts = _lineage(acting, first, second, third)
    family = await sharing_scenes.the_family(acting, mira, third, [_shown(part.until or 0.0) for part in parts[:-1]])
    await sharing_scenes.the_whole(acting, mira, family, parts)
    await sharing_scenes.the_share(acting, mira, jo)
    await sharing_scenes.found_again(acting, jo)
    await session_scenes.the_session(acting, mira, jo, world.sam)


def _lineage(acting: Acting, first: Message, second: Message, third: Message) -> list[Part]:
    """Tell what the last A is made of: the files as they were posted, up to where the music service was told to go on."""
    _, *later = (float(str(body["continue_at"])) for body in acting.stage.music.counts.bodies(Endpoint.EXTEND))
    files = [list(acting.audio_of(result).values()) for result in (first, second, third)]
    (_, b), (a, _), (last, _) = files
    return [Part(data, 0.0, until) for data, until in zip((b, a, last), (*later, None), strict=True)]


def _shown(seconds: float) -> str:
    return f"{int(seconds // 60)}:{int(seconds % 60):02d}"

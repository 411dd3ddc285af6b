"""How each kind of fault is switched on and off again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.sandbox.discord import announcements
from bot.sandbox.discord.permissions import OverwriteKind, Permission
from bot.sandbox.discord.world import ChannelType, Overwrite

if TYPE_CHECKING:
    from bot.sandbox.music_faults import Fault, Outcome
    from bot.sandbox.music_wire import Endpoint
    from bot.sandbox.stage import Stage

ALWAYS = 1_000_000_000


@dataclass(slots=True, frozen=True)
class Armed:
    """A fault that was switched on: `disarm` switches it off, `lasts` tells whether it is still to happen."""

    disarm: Callable[[], None]
    lasts: Callable[[], bool] = lambda: True


def music_fault(fault: Fault, endpoints: tuple[Endpoint, ...], times: int | None = 1) -> Callable[[Stage], Armed]:
    """Fail requests to these endpoints of the music service, `times` each (None: until it is switched off)."""

    def arm(stage: Stage) -> Armed:
        faults = stage.music.faults
        waiting = [faults.add(endpoint, fault, times=times) for endpoint in endpoints]

        def disarm() -> None:
            for one in waiting:
                faults.disarm(one)

        return Armed(disarm, lambda: any(one.left > 0 for one in waiting))

    return arm


def task_outcome(outcome: Outcome) -> Callable[[Stage], Armed]:
    """Decide how the next task turns out."""

    def arm(stage: Stage) -> Armed:
        waiting = stage.music.faults.next_task(outcome)
        return Armed(lambda: stage.music.faults.disarm(waiting), lambda: waiting.left > 0)

    return arm


def no_credits(stage: Stage) -> Armed:
    """Leave every customer without credits."""

    def fill(credits_left: int | None) -> None:
        for account in stage.music.accounts:
            account.credits = credits_left

    fill(0)
    return Armed(lambda: fill(None))


def discord_fault(
    *,
    times: int = ALWAYS,
    method: str | None = None,
    route: str = "*",
    delay: float = 0.0,
    status: int | None = None,
    code: int = 0,
    retry_after: float = 0.1,
    before: bool = True,
) -> Callable[[Stage], Armed]:
    """Fail or delay what the bot asks of Discord; the arguments are those of the loopback's `faults.add`."""

    def arm(stage: Stage) -> Armed:
        faults = stage.discord.faults
        fault = faults.add(
            method=method, route=route, times=times, delay=delay, status=status, code=code, retry_after=retry_after, before=before
        )
        return Armed(lambda: faults.remove(fault), lambda: fault.hits < fault.times)

    return arm


def closed_direct_messages(stage: Stage) -> Armed:
    """Let nobody take direct messages from the bot."""
    people = [user for user in stage.discord.core.world.users.values() if not user.bot]

    def turn(*, is_open: bool) -> None:
        for user in people:
            user.dms_open = is_open

    turn(is_open=False)
    return Armed(lambda: turn(is_open=True))


def without_permission(permission: Permission) -> Callable[[Stage], Armed]:
    """Deny the bot a permission in every channel of the guild."""

    def change(stage: Stage, *, denied: bool) -> None:
        bot_id = stage.discord.core.bot.id
        for channel in list(stage.world.guild.channels.values()):
            if channel.type is ChannelType.TEXT:
                key = (OverwriteKind.MEMBER, bot_id)
                own = channel.overwrites.get(key, Overwrite())
                deny = own.deny | permission if denied else own.deny & ~permission
                channel.overwrites[key] = Overwrite(allow=own.allow, deny=deny)
                announcements.channel_changed(stage.discord.core, channel, "UPDATE")

    def arm(stage: Stage) -> Armed:
        change(stage, denied=True)
        return Armed(lambda: change(stage, denied=False))

    return arm

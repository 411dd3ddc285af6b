"""Everything that can be made to go wrong from the page, in the words that stand there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.sandbox import music_faults
from bot.sandbox.discord.permissions import Permission
from bot.sandbox.music_faults import Audio, Outcome
from bot.sandbox.music_wire import KEY_REFUSED, Endpoint
from bot.sandbox.page.fault_arms import (
    Armed,
    closed_direct_messages,
    discord_fault,
    music_fault,
    no_credits,
    task_outcome,
    without_permission,
)

if TYPE_CHECKING:
    from bot.sandbox.stage import Stage

MUSIC, TRACK, DISCORD, RIGHTS = "The music service", "The next track", "Discord", "What Encore may do"
SUBMIT, QUERY = (Endpoint.EXTEND,), (Endpoint.QUERY,)
BOTH = SUBMIT + QUERY
LATE_SECONDS = 90.0
"""Longer than the minute for which the bot waits with a good track for its sibling."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Switch:
    """One line of the drawer; `once` ones switch themselves off when they have happened."""

    key: str
    group: str
    label: str
    hint: str
    arm: Callable[[Stage], Armed]
    once: bool = False


SWITCHES: tuple[Switch, ...] = (
    Switch(
        key="music-slow",
        group=MUSIC,
        label="Slow",
        hint="Every answer takes 4 seconds.",
        arm=music_fault(music_faults.stall(4.0, accepted=True), BOTH, None),
    ),
    Switch(
        key="music-down",
        group=MUSIC,
        label="Down",
        hint="Every request is cut off. Submits end as not clear whether they started, and the line soon says that nobody answers.",
        arm=music_fault(music_faults.reset(), BOTH, None),
    ),
    Switch(
        key="music-errors",
        group=MUSIC,
        label="Queries fail",
        hint="Every look at a task answers 503.",
        arm=music_fault(music_faults.http_error(503, message="Service unavailable"), QUERY, None),
    ),
    Switch(
        key="music-too-often",
        group=MUSIC,
        label="Too many requests",
        hint="Every request is refused with 429, try again in 10 seconds.",
        arm=music_fault(music_faults.too_often(retry_after=10), BOTH, None),
    ),
    Switch(
        key="music-key",
        group=MUSIC,
        label="Key refused",
        hint="401 for everything, as with a wrong API key.",
        arm=music_fault(music_faults.http_error(401, code=401, message=KEY_REFUSED), BOTH, None),
    ),
    Switch(
        key="music-credits",
        group=MUSIC,
        label="Out of credits",
        hint="Submits are refused with 402 until you switch this off.",
        arm=no_credits,
    ),
    Switch(
        key="music-maintenance",
        group=MUSIC,
        label="Maintenance",
        hint="Submits are refused with 455.",
        arm=music_fault(music_faults.maintenance(), SUBMIT, None),
    ),
    Switch(
        key="music-lost",
        group=TRACK,
        label="Its answer is lost",
        once=True,
        hint="The service starts it, and the connection breaks before it says so.",
        arm=music_fault(music_faults.reset(accepted=True), SUBMIT),
    ),
    Switch(
        key="music-500",
        group=TRACK,
        label="The submit answers 500",
        once=True,
        hint="Nobody can tell whether it was started.",
        arm=music_fault(music_faults.http_error(500), SUBMIT),
    ),
    Switch(
        key="music-refused",
        group=TRACK,
        label="It is refused",
        once=True,
        hint="400: the parameters are not to its liking.",
        arm=music_fault(music_faults.http_error(400, code=400, message="tags contain an unknown style"), SUBMIT),
    ),
    Switch(
        key="music-moderated",
        group=TRACK,
        label="Moderation refuses it",
        once=True,
        hint="451, for naming an artist.",
        arm=music_fault(music_faults.http_error(451, code=451, message="The style names an artist"), SUBMIT),
    ),
    Switch(
        key="task-fails",
        group=TRACK,
        label="It fails",
        once=True,
        hint="Accepted, then given up while being made.",
        arm=task_outcome(Outcome(fails_as="failed")),
    ),
    Switch(
        key="task-one-fails",
        group=TRACK,
        label="One version fails",
        once=True,
        hint="A comes out well, B does not.",
        arm=task_outcome(Outcome(clip_fails={1: "error"})),
    ),
    Switch(
        key="task-late",
        group=TRACK,
        label="One version is late",
        once=True,
        hint="B takes 90 seconds longer than A.",
        arm=task_outcome(Outcome(late_by=LATE_SECONDS)),
    ),
    Switch(
        key="task-endless",
        group=TRACK,
        label="It never ends",
        once=True,
        hint="Said to be streaming for ever; the bot's deadline is short here.",
        arm=task_outcome(Outcome(hangs_as="streaming")),
    ),
    Switch(
        key="task-silent",
        group=TRACK,
        label="There is no audio",
        once=True,
        hint="Said to be complete, with an address that plays nothing.",
        arm=task_outcome(Outcome(audio=Audio.NULL_URL)),
    ),
    Switch(
        key="task-holds-source",
        group=TRACK,
        label="The extension contains its source",
        once=True,
        hint="Its audio begins with the track that it continues, as some services answer.",
        arm=task_outcome(Outcome(holds_source=True)),
    ),
    Switch(
        key="discord-slow", group=DISCORD, label="Slow", hint="Every request of the bot takes 1.5 seconds.", arm=discord_fault(delay=1.5)
    ),
    Switch(
        key="discord-late",
        group=DISCORD,
        label="Too slow to answer",
        hint="First answers take 4 seconds; Discord gives up after 3.",
        arm=discord_fault(delay=4.0, method="POST", route="/interactions/{id}/{token}/callback"),
    ),
    Switch(
        key="discord-errors",
        group=DISCORD,
        label="Server errors",
        hint="Every new message of the bot in a channel fails with 503.",
        arm=discord_fault(status=503, route="/channels/{id}/messages", method="POST"),
    ),
    Switch(
        key="discord-429",
        group=DISCORD,
        label="Rate limited",
        hint="The next 3 requests are told to wait 2 seconds.",
        once=True,
        arm=discord_fault(times=3, status=429, retry_after=2.0),
    ),
    Switch(
        key="discord-413",
        group=DISCORD,
        label="Files too large",
        hint="The next message in a channel is refused with 413.",
        once=True,
        arm=discord_fault(times=1, status=413, code=40005, method="POST", route="/channels/{id}/messages"),
    ),
    Switch(
        key="may-not-send",
        group=RIGHTS,
        label="No messages",
        hint="Without Send Messages in the server.",
        arm=without_permission(Permission.SEND_MESSAGES),
    ),
    Switch(
        key="may-not-attach",
        group=RIGHTS,
        label="No files",
        hint="Without Attach Files in the server.",
        arm=without_permission(Permission.ATTACH_FILES),
    ),
    Switch(
        key="may-not-embed",
        group=RIGHTS,
        label="No embeds",
        hint="Without Embed Links in the server.",
        arm=without_permission(Permission.EMBED_LINKS),
    ),
    Switch(
        key="may-not-read",
        group=RIGHTS,
        label="No history",
        hint="Without Read Message History in the server.",
        arm=without_permission(Permission.READ_MESSAGE_HISTORY),
    ),
    Switch(
        key="may-not-see",
        group=RIGHTS,
        label="No view",
        hint="Without View Channel in the server: it is as if Encore were not there.",
        arm=without_permission(Permission.VIEW_CHANNEL),
    ),
    Switch(
        key="may-not-dm",
        group=RIGHTS,
        label="No direct messages",
        hint="Nobody takes any from Encore.",
        arm=closed_direct_messages,
    ),
)

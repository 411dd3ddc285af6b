"""What the operator is shown: pure, a model in and a card out."""

from collections.abc import Sequence

import discord

from bot.domain.jobs import Job
from bot.domain.overview import Mishap, Overview
from bot.domain.standing import LaneCondition
from bot.ui import cards, ids, key_words, words
from bot.ui.times import when

MISHAPS_SHOWN = 7
"""Errors that one message lists: each takes some 530 characters at most, escapes included, and an embed holds 4096 (Embed Limits)."""
BLOCKED_SHOWN = 60

KIB = 1024

CONDITIONS = {
    LaneCondition.WORKING: "Works",
    LaneCondition.SLOWED: "Slower: the music service asks for that",
    LaneCondition.HELD: "Paused by the operator",
}


def overview(seen: Overview) -> cards.Card:
    """Show the bot at a glance, with what can be done about it."""
    embed = discord.Embed(title="Encore at a glance", colour=cards.WARNING if seen.lane.stopped else cards.COLOUR)
    for name, value in (
        ("Sending", _sending(seen)),
        ("In line", str(seen.line)),
        ("Submits today", _spent(seen)),
        ("Requests under way", _jobs(seen)),
        ("Announced late by", _lag(seen)),
        ("Servers", str(seen.servers)),
        ("Database", size(seen.database_bytes)),
        ("Media", f"{size(seen.media_bytes)} of {size(seen.media_limit)}"),
        ("Running", f"version {seen.version}, started {when(seen.started_at)}"),
    ):
        embed.add_field(name=name, value=value, inline=False)
    held = seen.lane is LaneCondition.HELD
    switch = cards.Button(ids.make("op-resume"), "Resume") if held else cards.Button(ids.make("op-pause"), "Pause")
    return cards.Card(embeds=(embed,), rows=((cards.Button(ids.make("op-stats"), "Refresh"), switch),))


def _sending(seen: Overview) -> str:
    begun = f"; it began {when(seen.lane_since)}" if seen.lane_since is not None else ""
    how = CONDITIONS.get(seen.lane) or f"Stands still: {key_words.trouble(seen.lane)}"
    return f"{how}{begun}"


def _spent(seen: Overview) -> str:
    limit = f"of {seen.daily_limit}, counted anew {when(seen.resets_at)}" if seen.daily_limit else "(no limit is set)"
    return f"{seen.spent_today} {limit}"


def _jobs(seen: Overview) -> str:
    counted = [f"{words.HEADINGS[state]}: {number}" for state, number in seen.jobs.items() if number]
    return "\n".join(counted) or "none"


def _lag(seen: Overview) -> str:
    if seen.lag is None:
        return "nothing was announced since the start"
    over = "for the one track" if seen.lag.tracks == 1 else f"on average over {seen.lag.tracks} tracks"
    return f"at most {seen.lag.seconds:.1f} s, {over} since the start"


def size(number: float) -> str:
    """Write a number of bytes as people read it."""
    for unit in ("B", "KiB", "MiB"):
        if number < KIB:
            return f"{number:.0f} {unit}"
        number /= KIB
    return f"{number:.1f} GiB"


def paused(reason: str) -> cards.Card:
    """Confirm that the lane is held, and offer to go on."""
    said = f" People are told: “{words.safe_text(reason)}”" if reason else ""
    return cards.Card(
        content=f"Paused, restarts included: nothing more is submitted, and new requests are refused. The line is kept.{said}",
        rows=((cards.Button(ids.make("op-resume"), "Resume", discord.ButtonStyle.primary),),),
    )


def resumed() -> cards.Card:
    """Confirm that the lane goes on."""
    return cards.Card(content="Going on: the line moves, and new requests are taken.")


def attached(job: Job) -> cards.Card:
    """Confirm that a job has its task."""
    task = words.code(job.task_id or "")
    return cards.Card(content=f"Request {words.code(job.id)} has task {task} now, and is followed. Its reply tells its person.")


def person_blocked(user_id: int) -> cards.Card:
    """Confirm a block."""
    return cards.Card(content=f"<@{user_id}> ({words.code(str(user_id))}) is blocked everywhere. What they have in line goes on.")


def person_unblocked(user_id: int, *, was_blocked: bool) -> cards.Card:
    """Confirm that a block is lifted."""
    said = "is no longer blocked everywhere" if was_blocked else "was not blocked everywhere"
    return cards.Card(content=f"<@{user_id}> ({words.code(str(user_id))}) {said}. Blocks of single servers stay.")


def blocked(user_ids: Sequence[int]) -> cards.Card:
    """List who is blocked everywhere."""
    if not user_ids:
        return cards.Card(content="Nobody is blocked everywhere.")
    lines = [f"<@{user_id}> {words.code(str(user_id))}" for user_id in user_ids[:BLOCKED_SHOWN]]
    if len(user_ids) > BLOCKED_SHOWN:
        lines.append(f"and {len(user_ids) - BLOCKED_SHOWN} more")
    embed = discord.Embed(title=f"Blocked everywhere: {len(user_ids)}", description="\n".join(lines), colour=cards.QUIET)
    return cards.Card(embeds=(embed,))


def mishaps(found: Sequence[Mishap], *, since: float) -> cards.Card:
    """List the last errors of ours, newest first."""
    if not found:
        return cards.Card(content=f"No error was met since the start {when(since)}. Earlier ones are in the log.")
    embed = discord.Embed(title="Last errors", description="\n".join(map(_line, found[:MISHAPS_SHOWN])), colour=cards.WARNING)
    embed.set_footer(text="The log has the traceback: search it for the reference.")
    return cards.Card(embeds=(embed,))


def mishap(found: Mishap | None, *, typed: str, since: float) -> cards.Card:
    """Show what a reference stands for."""
    if found is not None:
        return mishaps([found], since=since)
    return cards.Card(
        content=f"I no longer know {words.code(typed)}: I keep the last errors since the start {when(since)}. Search the log for it."
    )


def _line(found: Mishap) -> str:
    return f"{words.code(found.reference)} {when(found.at)} {words.code(found.where)}\n{words.safe_text(found.cause)}"

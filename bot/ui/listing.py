"""Lists of a person's requests: /jobs, and what stands in the way of one more. Pure, as the other cards."""

from collections.abc import Sequence

import discord

from bot.domain.jobs import Failure, Job, JobState
from bot.domain.standing import Standing
from bot.ui import ids, words
from bot.ui.cards import COLOUR, QUIET, Button, Card, act_buttons, message_link
from bot.ui.help_card import SHOW_ME_HOW

PAGE = 4
"""Jobs a page: five rows of buttons, one of them for turning pages."""


def jobs(listed: Sequence[Job], standings: Sequence[Standing], *, page: int) -> Card:
    """List what is under way for a person and what could not reach them, with the acts that each allows."""
    if not listed:
        embed = discord.Embed(title="Nothing under way", colour=QUIET)
        embed.description = (
            "Nothing of yours is in line or being made, and everything finished has reached you.\n"
            "Start with /extend and a track from its list. No track yet? /help shows how to get one."
        )
        return Card(embeds=(embed,), rows=((SHOW_ME_HOW,),))
    first = page * PAGE
    shown = listed[first : first + PAGE]
    embed = _embed("Your requests", shown, standings[first : first + PAGE], first=first)
    last_page = (len(listed) - 1) // PAGE
    if last_page:
        embed.set_footer(text=f"Page {page + 1} of {last_page + 1}")
    return Card(embeds=(embed,), rows=_rows(shown, first=first) + _turns(page, last_page))


def under_way(listed: Sequence[Job], standings: Sequence[Standing], *, limit: int) -> Card:
    """Say that one more is too many, and show those under way with what can be done about each."""
    shown = listed[:PAGE]
    embed = _embed("Under way", shown, standings[:PAGE], first=0)
    if len(listed) > PAGE:
        embed.set_footer(text=f"{len(listed) - PAGE} more under /jobs")
    return Card(content=words.too_many(limit, listed=True), embeds=(embed,), rows=_rows(shown, first=0))


def _embed(title: str, shown: Sequence[Job], standings: Sequence[Standing], *, first: int) -> discord.Embed:
    embed = discord.Embed(title=title, colour=COLOUR)
    for number, (job, standing) in enumerate(zip(shown, standings, strict=True), first + 1):
        name = words.safe_text(job.title or job.source_label or job.task_id or job.id, 60)
        embed.add_field(name=f"{number} · {name} · {_heading(job)}", value=_text(job, standing), inline=False)
    return embed


def _heading(job: Job) -> str:
    return "Finished, could not reach you" if job.undeliverable and job.state is JobState.READY else words.heading(job)


def _text(job: Job, standing: Standing) -> str:
    text = words.moderation(job) if job.failure is Failure.CONTENT else words.progress(job, standing)
    if job.undeliverable and job.state is JobState.READY:
        text = "I could not post it where you asked. Fetch it here."
    said = "\n".join(part for part in (text, words.provider_said(job)) if part)[:800]
    parts = [said, _where(job), f"Task {words.code(job.task_id)}" if job.task_id else ""]
    return "\n".join(part for part in parts if part)


def _where(job: Job) -> str:
    """Point to the reply, where it is a message that lasts."""
    origin = job.origin
    return f"[Its message]({message_link(job, origin.reply_id)})" if origin.reply_id is not None and not origin.reply_ephemeral else ""


def _rows(shown: Sequence[Job], *, first: int) -> tuple[tuple[Button, ...], ...]:
    rows = [_row(job, number) for number, job in enumerate(shown, first + 1)]
    return tuple(row for row in rows if row)


def _row(job: Job, number: int) -> tuple[Button, ...]:
    if job.undeliverable and job.state is JobState.READY:
        return (
            Button(ids.make("fetch", job.id), f"Fetch {number}", discord.ButtonStyle.primary),
            Button(ids.make("hide", job.id), f"Hide {number}"),
        )
    row = act_buttons(job, f" {number}")
    if job.undeliverable and not any(button.custom_id == ids.make("hide", job.id) for button in row):
        row = (*row, Button(ids.make("hide", job.id), f"Hide {number}"))
    return row


def _turns(page: int, last_page: int) -> tuple[tuple[Button, ...], ...]:
    if not last_page:
        return ()
    earlier, later = (page - 1) % (last_page + 1), (page + 1) % (last_page + 1)
    turns = (Button(ids.make("jobs", earlier), "Previous page"), Button(ids.make("jobs", later), "Next page"))
    return (turns if earlier != later else turns[1:],)

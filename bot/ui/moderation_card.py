"""The cards of moderation: what a removal does, before and after. Pure, as the other cards."""

import discord

from bot.domain.jobs import Job, JobState
from bot.domain.posts import Post
from bot.ui import ids, words
from bot.ui.cards import QUIET, WARNING, Button, Card
from bot.ui.moderation_words import GONE
from bot.ui.share_card import unshare_button
from bot.ui.times import when

_POSTED = (
    "All its versions go. The post with them is deleted, here and wherever else it was posted on this server for somebody whose posts you "
    "may remove, and so is what was shared of it, with its votes; the reply says that it was removed, and a thread that I started for it "
    "loses the track's name. It leaves the library and the list of /extend, and can't be continued here any more."
)
_UNDER_WAY = "It is still under way: nothing of it will be posted. What was sent to the music service goes on there, and may cost."
_IN_LINE = "It is still in line: it is taken out and not sent. Nothing is spent."
_REMAINS = "What the music service has made stays there. This can't be undone."


def ask_removal(job: Job, share: Post | None = None) -> Card:
    """Say what a removal does, and ask whether that is wanted; of a `share`, whether that alone is to go."""
    embed = discord.Embed(title="Remove this track?", description=f"{_name(job)}\n\n{_effect(job)}\n{_REMAINS}", colour=WARNING)
    remove = Button(ids.make("remove", job.id), "Remove", discord.ButtonStyle.danger)
    return Card(embeds=(embed,), rows=((remove,) if share is None else (remove, unshare_button(share, "Only this share")),))


def removed(job: Job) -> Card:
    """Say that it is done."""
    return Card(embeds=(discord.Embed(title="Removed", description=f"{_name(job)}\n\n{GONE}", colour=QUIET),))


def _name(job: Job) -> str:
    title = job.title or job.source_label
    name = f"**{words.safe_text(title, 80)}**" if title else f"The track of task {words.code(job.task_id or '')}"
    return f"{name}, asked for by <@{job.origin.user_id}> {when(job.created_at)}"


def _effect(job: Job) -> str:
    if job.state is JobState.QUEUED:
        return _IN_LINE
    return _UNDER_WAY if job.in_flight else _POSTED

"""What people see of jobs and tracks: pure, a model in and a card out."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import discord

from bot.domain.clips import Clip
from bot.domain.jobs import Job, JobKind, JobState
from bot.domain.requests import exact_seconds, show_seconds
from bot.domain.standing import Standing
from bot.ui import ids, privacy_words, words

COLOUR = 0x5B6EE1
QUIET = 0x8A8F98
WARNING = 0xC9822B
"""The bar beside a card; the words carry the meaning without it."""

MAX_TITLE = 256
"""Characters of an embed's title (Embed Limits)."""
MAX_THREAD_NAME = 100
"""Characters of a thread's name (Start Thread from Message)."""

REMOVED_THREAD = "Removed track"
"""What the thread of a result is called once that was taken down."""

SHOWN = 4
"""Tracks of a task that a message shows: two are usual, and four fit the limits whatever they are named (Embed Limits)."""

FAMILY = "family"
"""Name of the control that shows a track's family (`ui/family_controls.py`)."""

REQUEST_LIMIT = 24 * 1024 * 1024
"""Bytes of one request: Discord takes 25 MiB (Uploading Files); the rest is for the message itself."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the archive under the name that people see."""

    stored: str
    filename: str
    description: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG that was drawn for one message; `description` says what it shows, for who cannot see it."""

    png: bytes
    filename: str
    description: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was written for one message, in memory or on disk; `description` says what it holds."""

    content: bytes | io.BufferedIOBase
    """A file on disk is closed once it is sent or refused."""
    filename: str
    description: str


@dataclass(frozen=True, slots=True)
class Button:
    """A button that can be pressed; `ui/buttons.py` answers by its custom_id."""

    custom_id: str
    label: str
    style: discord.ButtonStyle = discord.ButtonStyle.secondary


class Choose(Enum):
    """What a select offers: texts of ours, or what the server has."""

    TEXTS = "texts"
    ROLES = "roles"
    PLACES = "places"
    """Channels in which, or in whose threads, commands can be used; threads themselves come and go."""
    TEXT_CHANNELS = "text_channels"
    """Channels into which the bot can post by itself."""
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Option:
    """One text that can be chosen."""

    value: str
    label: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """A select, in a row of its own; `ui/buttons.py` answers by its custom_id. `chosen` are values of options, or ids."""

    custom_id: str
    placeholder: str
    choose: Choose = Choose.TEXTS
    options: tuple[Option, ...] = ()
    chosen: tuple[str, ...] = ()
    least: int = 1
    most: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A classic message, ready to be sent or edited in."""

    content: str = ""
    embeds: tuple[discord.Embed, ...] = ()
    selects: tuple[Select, ...] = ()
    """Above the rows of buttons."""
    rows: tuple[tuple[Button, ...], ...] = ()
    attachments: tuple[Attachment, ...] = ()
    pictures: tuple[Picture, ...] = ()
    documents: tuple[Document, ...] = ()
    mentions: tuple[int, ...] = ()
    """The only people whom this message may ping."""
    silent: bool = False
    """It notifies nobody but these."""


def reply(job: Job, standing: Standing) -> Card:
    """Show a job as it is; of one that was removed, nothing that somebody wrote."""
    if job.removed:
        removed = discord.Embed(
            title=f"{words.kind_of(job)} · {words.heading(job)}", description=words.progress(job, standing), colour=QUIET
        )
        return Card(embeds=(removed,))
    embed = discord.Embed(
        title=f"{words.kind_of(job)} · {words.heading(job)}",
        description=_reply_text(job, standing),
        colour=WARNING if job.state in (JobState.UNKNOWN, JobState.FAILED, JobState.STALLED) else _colour(job),
    )
    if job.tags:
        embed.add_field(name="Styles", value=words.safe_text(job.tags), inline=False)
    if job.source_id:
        embed.add_field(name="Continues", value=words.source_line(job))
    if job.title:
        embed.add_field(name="Title", value=words.safe_text(job.title, 80))
    if job.task_id:
        embed.add_field(name="Task", value=words.code(job.task_id), inline=False)
    if job.state is JobState.UNKNOWN:
        # What the operator needs to attach a task that the music service has made after all.
        embed.add_field(name="Request", value=words.code(job.id), inline=False)
    if job.private:
        embed.set_footer(text=privacy_words.ONLY_YOU)
    return Card(embeds=(embed,), rows=_reply_buttons(job))


def _reply_buttons(job: Job) -> tuple[tuple[Button, ...], ...]:
    row = act_buttons(job, "")
    return (row,) if row else ()


def act_buttons(job: Job, suffix: str) -> tuple[Button, ...]:
    """Offer what the job's state allows; `suffix` tells the buttons of a list apart."""
    if job.hidden:
        return ()
    match job.state:
        case JobState.QUEUED:
            return (Button(ids.make("cancel", job.id), f"Cancel{suffix}"),)
        case JobState.SUBMITTING | JobState.GENERATING:
            return (Button(ids.make("hide", job.id), f"Hide{suffix}"),)
        case JobState.UNKNOWN:
            return (Button(ids.make("again", job.id), f"Try again (may cost twice){suffix}", discord.ButtonStyle.danger),)
        case JobState.STALLED if job.kind is not JobKind.TRACK:
            return (
                Button(ids.make("again", job.id), f"Try again (costs again){suffix}"),
                Button(ids.make("hide", job.id), f"Hide{suffix}"),
            )
        case JobState.FAILED if job.kind is not JobKind.TRACK:
            return (Button(ids.make("mend", job.id), f"Change and try again{suffix}"),)
        case _:
            return ()


def _colour(job: Job) -> int:
    return QUIET if job.hidden or job.state is JobState.CANCELLED else COLOUR


def _reply_text(job: Job, standing: Standing) -> str:
    text = words.progress(job, standing)
    if job.state is JobState.DELIVERED and job.result_direct and not job.hidden:
        text = words.SENT_DIRECTLY
    elif job.state is JobState.DELIVERED and job.result_id and not job.hidden and job.result_id != job.origin.reply_id:
        text = f"[The track is here]({message_link(job, job.result_id, job.result_place)})."
    said = words.provider_said(job)
    last = words.LAST_WORDS if standing.last_words else ""
    return "\n".join(part for part in (text, said, last) if part)


def message_link(job: Job, message_id: int, channel_id: int | None = None) -> str:
    """Write the address of a message in a channel or thread; None is the channel where the job was asked for."""
    return address_of(job.origin.guild_id, channel_id or job.origin.channel_id, message_id)


def address_of(guild_id: int | None, channel_id: int, message_id: int) -> str:
    """Write the address of a message; None: in direct messages."""
    return f"https://discord.com/channels/{guild_id or '@me'}/{channel_id}/{message_id}"


def thread_name(job: Job, clips: Sequence[Clip]) -> str:
    """Name the thread of a result after its track; Discord shows the name as it is, without markup."""
    title = job.title or next((clip.title for clip in clips), "")
    return words.bare_text(title, MAX_THREAD_NAME) or words.kind_of(job)


_LINK = re.compile(r"\(https://discord\.com/channels/(?:\d+|@me)/\d+/(\d+)\)")


def pointed_to(reply: discord.Message) -> int | None:
    """Read off a reply which message it says the track is in."""
    found = [match for embed in reply.embeds for match in _LINK.finditer(embed.description or "")]
    return int(found[0][1]) if found else None


def result(job: Job, clips: Sequence[Clip], *, upload_limit: int, attach: bool = True, mention: bool = True, pings: bool = True) -> Card:
    """Show the finished tracks; above `upload_limit` (bytes a file) or without `attach`, audio is linked instead of attached.

    The person is named where they are a `mention`, and notified where that `pings`.
    """
    clips = clips[:SHOWN]
    attached = attachable(clips, upload_limit) if attach else frozenset[str]()
    files = [audio_of(clip) for clip in clips if clip.clip_id in attached]
    files += [cover_of(clip) for clip in clips if clip.image_name]
    return Card(
        content=_result_text(job, clips, mention=mention),
        embeds=tuple(_track(job, clip, linked=clip.clip_id not in attached) for clip in clips),
        rows=(_result_buttons(job, clips), *_publish_row(job)),
        attachments=tuple(files),
        mentions=(job.origin.user_id,) if mention and pings else (),
    )


def _result_buttons(job: Job, clips: Sequence[Clip]) -> tuple[Button, ...]:
    go_on = [Button(ids.make("continue", job.id, clip.variant), f"Continue {clip.variant}", discord.ButtonStyle.primary) for clip in clips]
    return (*go_on, Button(ids.make("more", job.id), "More"))


def _publish_row(job: Job) -> tuple[tuple[Button, ...], ...]:
    return ((Button(ids.make("publish", job.id), "Publish", discord.ButtonStyle.success),),) if job.private else ()


def attachable(clips: Sequence[Clip], upload_limit: int) -> frozenset[str]:
    """Choose the clips whose audio fits: each below the limit, all together below that of a request."""
    chosen: set[str] = set()
    room = REQUEST_LIMIT
    for clip in clips:
        if clip.audio_name and clip.audio_size <= min(upload_limit, room):
            chosen.add(clip.clip_id)
            room -= clip.audio_size
    return frozenset(chosen)


def _result_text(job: Job, clips: Sequence[Clip], *, mention: bool) -> str:
    to = f"<@{job.origin.user_id}> " if mention else ""
    title = words.safe_text(job.title or (clips[0].title if clips else ""), 80)
    text = f"{to}**{title}** is finished: pick the one to go on with." if len(clips) > 1 else f"{to}**{title}** is finished."
    if job.watch_until is not None and job.state in (JobState.READY, JobState.DELIVERED):
        return f"{text}\nIts other version is not done yet; it is added here if it comes."
    if job.private:
        text = f"{text}\n{privacy_words.ONLY_YOU}"
    if len(clips) == 1:
        return f"{text}\nOnly one version came of it."
    return text


def _track(job: Job, clip: Clip, *, linked: bool) -> discord.Embed:
    embed = discord.Embed(
        title=f"{clip.variant} · {words.safe_text(clip.title, 100)}"[:MAX_TITLE],
        description="\n".join(_track_lines(job, clip, linked=linked)),
        colour=COLOUR,
    )
    if clip.image_name:
        embed.set_thumbnail(url=f"attachment://{cover_name(clip)}")
    return embed


def _track_lines(job: Job, clip: Clip, *, linked: bool) -> list[str]:
    lines = [length_line(clip)]
    if job.kind is JobKind.EXTEND:
        lines.append(f"Continues {words.source_line(job)}")
    if linked and (line := listen_line(clip)):
        lines.append(line)
    return lines


def length_line(clip: Clip) -> str:
    """Tell a track's length and styles."""
    return f"Length **{show_seconds(clip.seconds)}**" + (f" · {words.safe_text(clip.tags, 200)}" if clip.tags else "")


def listen_line(clip: Clip) -> str:
    """Say where to listen to a track whose audio is not attached, and why it is not."""
    if not clip.audio_url:
        return ""
    why = f"too large to attach here ({clip.audio_size / 1024 / 1024:.1f} MB)" if clip.audio_name else "no longer kept here"
    link = words.link("Listen", clip.audio_url)
    return f"{link} · {why}; the link works for about two weeks after it was made" if link else why.capitalize()


def audio_of(clip: Clip) -> Attachment:
    """Attach a clip's file, under its title."""
    stored = clip.audio_name or ""
    suffix = stored.rpartition(".")[2]
    spoken = f"{clip.variant}, {clip.title}, {show_seconds(clip.seconds)}"
    return Attachment(stored, f"{filename(clip.title)} - {clip.variant}.{suffix}", spoken)


def cover_of(clip: Clip) -> Attachment:
    """Name a track's cover."""
    return Attachment(clip.image_name or "", cover_name(clip), f"Cover of {clip.variant}, {clip.title}")


def cover_name(clip: Clip) -> str:
    """Name the file by which an embed shows a track's cover."""
    return f"cover-{clip.variant}.jpg"


_NOT_IN_FILENAMES = re.compile(r"[^\w\s&',()+-]")


def filename(title: str) -> str:
    """Make a file's name of a title: letters of any language, no path, at most 60 characters."""
    name = " ".join(_NOT_IN_FILENAMES.sub(" ", title).split())[:60].strip(" -'")
    return name or "track"


def more(job: Job, clips: Sequence[Clip]) -> Card:
    """Show, to one person, what is not shown to everyone: ids and links."""
    embed = discord.Embed(title="More about this", colour=QUIET)
    embed.add_field(name="Task", value=words.code(job.task_id or ""), inline=False)
    clips = clips[:SHOWN]
    for clip in clips:
        lines = [f"Track id {words.code(clip.clip_id)}", f"Length {exact_seconds(clip.seconds)}"]
        if link := words.link("Audio at the music service", clip.audio_url):
            lines.append(f"{link} (for about two weeks)")
        if clip.parent_id:
            lines.append(f"Continues {words.code(clip.parent_id)} from {exact_seconds(clip.continued_at or 0)}")
        embed.add_field(name=f"{clip.variant} · {words.safe_text(clip.title, 100)}", value="\n".join(lines), inline=False)
    embed.set_footer(text=f"Reference {job.id}")
    families = tuple(button for clip in clips for button in family_button(clip.clip_id, f"Family {clip.variant}"))
    return Card(
        embeds=(embed,),
        rows=tuple(row for row in (_copy_buttons(job, clips), families, _whole_buttons(clips), _share_buttons(clips)) if row),
    )


def _copy_buttons(job: Job, clips: Sequence[Clip]) -> tuple[Button, ...]:
    return tuple(Button(ids.make("copy", job.id, clip.variant), f"Copy ID {clip.variant}") for clip in clips)


def family_button(clip_id: str, label: str = "Family") -> tuple[Button, ...]:
    """Lead to a track's family; nothing for an id that no button can carry."""
    return (Button(ids.make(FAMILY, clip_id), label),) if re.fullmatch(ids.CLIP, clip_id) else ()


def _whole_buttons(clips: Sequence[Clip]) -> tuple[Button, ...]:
    """Offer to join each with what it continues, where it does."""
    return tuple(Button(ids.make("whole", clip.clip_id), f"Whole track {clip.variant}") for clip in clips if clip.parent_id)


def _share_buttons(clips: Sequence[Clip]) -> tuple[Button, ...]:
    return tuple(Button(ids.make("share", clip.clip_id), f"Share {clip.variant}") for clip in clips)

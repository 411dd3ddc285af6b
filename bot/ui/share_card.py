"""The cards of what is shared: a track in a channel, the question before a private one is shown, and /top. Pure, as the other cards."""

from collections.abc import Sequence

import discord

from bot.domain.clips import Clip
from bot.domain.posts import Post, PostKind, SharedTrack, TopTrack
from bot.domain.requests import show_seconds
from bot.domain.sharing import Period
from bot.ui import ids, sharing_words, words
from bot.ui.cards import (
    COLOUR,
    MAX_TITLE,
    QUIET,
    WARNING,
    Button,
    Card,
    Option,
    Select,
    address_of,
    attachable,
    audio_of,
    cover_name,
    cover_of,
    family_button,
    length_line,
    listen_line,
)
from bot.ui.moderation_words import GONE
from bot.ui.people import people, person
from bot.ui.times import when
from bot.ui.whole_card import whole_button

PERIODS = {
    Period.DAY: "in the last day",
    Period.WEEK: "in the last seven days",
    Period.MONTH: "in the last 30 days",
    Period.ALL: "so far",
}


def share(post: Post, shown: SharedTrack, clip: Clip, *, upload_limit: int, attach: bool) -> Card:
    """Show a track in a channel; `clip` is it as far as the archive still has it.

    The credits are in the text, which an edit can change without sending the audio again; nobody is notified.
    """
    attached = bool(attachable([clip], upload_limit)) if attach else False
    lines = [length_line(clip)]
    if not attached and (listen := listen_line(clip)):
        lines.append(listen)
    embed = discord.Embed(title=f"{clip.variant} · {words.safe_text(clip.title, 100)}"[:MAX_TITLE], colour=COLOUR)
    embed.description = "\n".join(lines)
    if clip.image_name:
        embed.set_thumbnail(url=f"attachment://{cover_name(clip)}")
    files = ([audio_of(clip)] if attached else []) + ([cover_of(clip)] if clip.image_name else [])
    return Card(content=_text(post, shown), embeds=(embed,), rows=(_buttons(post, shown),), attachments=tuple(files))


def _text(post: Post, shown: SharedTrack) -> str:
    title = f"**{words.safe_text(shown.clip.title, 80)}**"
    lines = [f"{title} is one of the best liked here." if post.kind is PostKind.SHOWCASE else f"{person(post.user_id)} shares {title}"]
    if post.note:
        lines.append(f"“{words.safe_text(post.note)}”")
    lines.append(f"Made by {people(shown.credits)}")
    return "\n".join(lines)


def _buttons(post: Post, shown: SharedTrack) -> tuple[Button, ...]:
    clip = shown.clip
    return (
        Button(ids.make("vote", post.id), f"▲ Vote · {shown.votes}", discord.ButtonStyle.success),
        Button(ids.make("continue", shown.job_id, clip.variant), "Continue", discord.ButtonStyle.primary),
        *family_button(clip.clip_id),
        whole_button(clip.clip_id),
        Button(ids.make("more", shown.job_id), "More"),
    )


def shared(post: Post) -> Card:
    """Tell who has shared something what became of it; what is there, or will be, can be taken down again."""
    rows = () if post.given_up or post.removed else ((unshare_button(post),),)
    return Card(content=sharing_words.shared(post, jump(post)), rows=rows)


def unshare_button(post: Post, label: str = "Unshare") -> Button:
    """Lead to the question whether a share is to be taken down."""
    return Button(ids.make("unshare", post.id), label)


def ask_unshare(post: Post) -> Card:
    """Say what goes and what stays, and ask whether that is wanted."""
    about = " · ".join(filter(None, (f"Shared by {person(post.user_id)} in <#{post.channel_id}>", when(post.created_at), jump(post))))
    embed = discord.Embed(title="Take this share down?", description=f"{about}\n\n{sharing_words.UNSHARING}", colour=WARNING)
    return Card(embeds=(embed,), rows=((Button(ids.make("unshare-now", post.id), "Take it down", discord.ButtonStyle.danger),),))


def unshared(post: Post) -> Card:
    """Say that it is done."""
    said = f"What {person(post.user_id)} shared in <#{post.channel_id}>.\n\n{GONE}"
    return Card(embeds=(discord.Embed(title="Taken down", description=said, colour=QUIET),))


def jump(post: Post) -> str:
    """Link to a post; empty where it is not up."""
    if post.message_id is None or not post.is_up:
        return ""
    return f"[Jump to post]({address_of(post.guild_id, post.channel_id, post.message_id)})"


def ask_to_publish(draft: str) -> Card:
    """Ask whether a private track is to be shown to everybody."""
    embed = discord.Embed(title="Make this track public?", description=sharing_words.NOT_PUBLIC_YET, colour=WARNING)
    return Card(embeds=(embed,), rows=((Button(ids.make("share-public", draft), "Make it public and share"),),))


def top(tracks: Sequence[TopTrack], period: Period, chosen: str | None = None) -> Card:
    """List the tracks with the most votes, with a select that offers what can be done with one."""
    if not tracks:
        embed = discord.Embed(title=f"No votes {PERIODS[period]}", colour=QUIET)
        embed.description = "Show a track with /share; whoever likes it presses *▲ Vote* below it."
        return Card(embeds=(embed,))
    embed = discord.Embed(title=f"Most votes {PERIODS[period]}", colour=COLOUR)
    embed.description = "\n".join(_line(place, track) for place, track in enumerate(tracks, 1))
    options = tuple(_option(place, track) for place, track in enumerate(tracks, 1))
    picked = (chosen,) if any(track.clip.clip_id == chosen for track in tracks) else ()
    select = Select(custom_id=ids.make("top", period), placeholder="Choose a track", options=options, chosen=tuple(filter(None, picked)))
    return Card(embeds=(embed,), selects=(select,), rows=tuple(_acts(clip_id) for clip_id in picked if clip_id))


def _line(place: int, track: TopTrack) -> str:
    clip = track.clip
    line = f"{place}. ▲ {track.votes} · {clip.variant} · **{words.safe_text(clip.title, 60)}** · {show_seconds(clip.seconds)}"
    link = jump(track.post) if track.post is not None else ""
    return " · ".join(part for part in (f"{line} · by {person(clip.user_id)}", link) if part)


def _option(place: int, track: TopTrack) -> Option:
    title = words.bare_text(track.clip.title, 80) or "–"
    return Option(track.clip.clip_id, f"{place} · {track.clip.variant} · {title}", f"▲ {track.votes} · {show_seconds(track.clip.seconds)}")


def _acts(clip_id: str) -> tuple[Button, ...]:
    return (
        Button(ids.make("play", clip_id), "Play", discord.ButtonStyle.primary),
        Button(ids.make("entry", clip_id), "Open"),
        Button(ids.make("share", clip_id), "Share"),
    )

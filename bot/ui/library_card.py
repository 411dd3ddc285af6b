"""The cards of the library: a page of it, an entry, a track that is played. Pure, as the other cards."""

from dataclasses import replace

import discord

from bot.domain.clips import Clip
from bot.domain.library import MOST_LOOKED_AT, MOST_SEARCHED, PAGE, Entry, LibraryPage, OpenEntry, Posted, Sort, View, Whose
from bot.domain.requests import show_seconds
from bot.ui import cards, ids, words
from bot.ui.cards import COLOUR, QUIET, Attachment, Button, Card, Option, Select
from bot.ui.help_card import SHOW_ME_HOW
from bot.ui.times import when
from bot.ui.whole_card import joint_button, whole_button

KEPT_BY_PROVIDER = 14 * 24 * 3600.0
"""Seconds for which the music service keeps a track's files, its cover among them."""
LONGEST_ADDRESS = 2048
"""Characters of a picture's address (Embed Structure)."""
LABEL = 100
"""Characters of an option's label and of its description (Select Option Structure)."""

HEADINGS = {
    Whose.MINE: "Your library",
    Whose.FAVOURITES: "Your favourites",
    Whose.HERE: "Everyone's tracks here",
}
SORTED = {
    Sort.NEWEST: "newest first",
    Sort.OLDEST: "oldest first",
    Sort.TITLE: "by title",
    Sort.LONGEST: "longest first",
    Sort.VOTES: "most votes first",
}
_START = "Start with `/extend` and a track from its list. No track yet? **Show me how** tells how to get a first one."
_EMPTY = {
    Whose.MINE: f"You have no finished track yet.\n{_START}",
    Whose.FAVOURITES: "You have no favourite yet. Open a track with `/library` and press **☆ Favourite**.",
    Whose.HERE: f"Nobody has a finished track on this server yet.\n{_START}",
}
_NO_SERVER = "Everyone's tracks are those of a server: use `/library` there. Your own are here without `whose`."
_NOT_FOUND = (
    "No title, styles or id here has words that begin like all of those. Try fewer or shorter words, or look among everyone's tracks "
    "with `whose`."
)
_OLDER = {
    Whose.MINE: f"Only the tracks of your newest {MOST_LOOKED_AT:,} requests are looked at.",
    Whose.FAVOURITES: f"Only your newest {MOST_LOOKED_AT:,} favourites are looked at.",
    Whose.HERE: f"Only the tracks of the newest {MOST_LOOKED_AT:,} requests are looked at.",
}
_LOOK_FURTHER = "Too many tracks have these words to look at all of them: add a word, or lengthen one, to find older tracks."


def page(view: View, shown: LibraryPage, *, draft: str, in_server: bool, now: float) -> Card:
    """Show a page of a list; `draft` is where its state is kept, empty if there is only one page."""
    if not shown.entries and shown.number == 0:
        return _nothing(view, older=shown.older, in_server=in_server)
    first = shown.number * PAGE + 1
    embeds = [_listed(entry, number, now=now) for number, entry in enumerate(shown.entries, first)]
    if not embeds:
        embeds = [discord.Embed(description="This page is empty: the list has become shorter.", colour=QUIET)]
    selects = (_choose(shown, first),) if shown.entries else ()
    covers = tuple(_cover(entry.clip, number) for number, entry in enumerate(shown.entries, first) if entry.clip.image_name)
    return Card(content=_heading(view, shown), embeds=tuple(embeds), selects=selects, rows=_turns(shown, draft), attachments=covers)


def _heading(view: View, shown: LibraryPage) -> str:
    parts = [f"**{HEADINGS[view.whose]}**", SORTED[view.sort]]
    if view.search:
        parts.append(f"searched for “{words.safe_text(view.search, MOST_SEARCHED)}”")
    heading = " · ".join([*parts, f"page {shown.number + 1}"])
    return f"{heading}\n{_older(view)}" if shown.older else heading


def _older(view: View) -> str:
    """Say that there are older tracks, which are not in the list, and how to find them."""
    return f"{_OLDER[view.whose]} {_LOOK_FURTHER}" if view.search else _OLDER[view.whose]


def _nothing(view: View, *, older: bool, in_server: bool) -> Card:
    if view.whose is Whose.HERE and not in_server:
        title, text, rows = HEADINGS[view.whose], _NO_SERVER, ()
    elif view.search.strip():
        title, rows = f"Nothing found for “{words.safe_text(view.search, MOST_SEARCHED)}”", ()
        text = f"{_NOT_FOUND}\n{_older(view)}" if older else _NOT_FOUND
    else:
        title, text = HEADINGS[view.whose], _EMPTY[view.whose]
        rows = () if view.whose is Whose.FAVOURITES else ((SHOW_ME_HOW,),)
    return Card(embeds=(discord.Embed(title=title[: cards.MAX_TITLE], description=text, colour=QUIET),), rows=rows)


def _listed(entry: Entry, number: int, *, now: float) -> discord.Embed:
    clip = entry.clip
    title = f"{number} · {clip.variant} · {words.safe_text(clip.title, 100)}"[: cards.MAX_TITLE]
    embed = discord.Embed(title=title, description="\n".join(_lines(entry)), colour=COLOUR)
    if picture := _thumbnail(clip, number, now=now):
        embed.set_thumbnail(url=picture)
    return embed


def _lines(entry: Entry) -> list[str]:
    """Say what there is to say of a track in a list: how long, in which styles, by whom, since when, and how it is liked."""
    clip = entry.clip
    about = [f"by <@{clip.user_id}>" if clip.user_id else "", when(entry.since), _votes(entry.votes), "★" if entry.favourite else ""]
    return [cards.length_line(clip), " · ".join(part for part in about if part)]


def _votes(number: int) -> str:
    return "" if not number else "1 vote" if number == 1 else f"{number} votes"


def _cover(clip: Clip, number: int) -> Attachment:
    """Attach the cover that the archive has, under a name of its own in the list."""
    return replace(cards.cover_of(clip), filename=f"cover-{number}.jpg")


def _thumbnail(clip: Clip, number: int, *, now: float) -> str:
    """Find a cover: the archive's, or else the provider's, as long as it is likely to be there."""
    if clip.image_name:
        return f"attachment://{_cover(clip, number).filename}"
    url = clip.image_url or ""
    fit = url.startswith("https://") and len(url) <= LONGEST_ADDRESS and not any(each.isspace() for each in url)
    return url if fit and now - clip.created_at < KEPT_BY_PROVIDER else ""


def _choose(shown: LibraryPage, first: int) -> Select:
    options = tuple(_option(entry.clip, number) for number, entry in enumerate(shown.entries, first))
    return Select(custom_id=ids.make("entries"), placeholder="Open a track", options=options)


def _option(clip: Clip, number: int) -> Option:
    label = words.bare_text(f"{number} · {clip.variant} · {clip.title}", LABEL)
    return Option(clip.clip_id[:LABEL], label, words.bare_text(f"{show_seconds(clip.seconds)} · {clip.tags}", LABEL))


def _turns(shown: LibraryPage, draft: str) -> tuple[tuple[Button, ...], ...]:
    turns: list[Button] = []
    if draft and shown.number:
        turns.append(Button(ids.make("library", draft, shown.number - 1), "◀ Previous page"))
    if draft and shown.more:
        turns.append(Button(ids.make("library", draft, shown.number + 1), "Next page ▶"))
    return (tuple(turns),) if turns else ()


def entry(opened: OpenEntry) -> Card:
    """Show one track, with what can be done with it; the most used first."""
    clip = opened.entry.clip
    embed = _titled(clip)
    lines = _lines(opened.entry)
    if clip.parent_id:
        lines.append("Continues another track" + (f" from {show_seconds(clip.continued_at)}" if clip.continued_at else ""))
    if opened.posted:
        lines.append(f"[Jump to post]({_link(opened.posted)})")
    embed.description = "\n".join(lines)
    covers: tuple[Attachment, ...] = ()
    if clip.image_name:
        covers = (cards.cover_of(clip),)
        embed.set_thumbnail(url=f"attachment://{cards.cover_name(clip)}")
    return Card(embeds=(embed,), rows=(_acts(opened), _further_acts(opened)), attachments=covers)


def _titled(clip: Clip) -> discord.Embed:
    return discord.Embed(title=f"{clip.variant} · {words.safe_text(clip.title, 100)}"[: cards.MAX_TITLE], colour=COLOUR)


def _link(posted: Posted) -> str:
    return f"https://discord.com/channels/{posted.guild_id or '@me'}/{posted.channel_id}/{posted.message_id}"


def _acts(opened: OpenEntry) -> tuple[Button, ...]:
    clip_id = opened.entry.clip.clip_id
    return (
        Button(ids.make("play", clip_id), "Play", discord.ButtonStyle.primary),
        go_on(opened.entry.clip),
        Button(ids.make("share", clip_id), "Share"),
        Button(ids.make("favourite", clip_id), "★ Unfavourite" if opened.entry.favourite else "☆ Favourite"),
        Button(ids.make("family", clip_id), "Family"),
    )


def _further_acts(opened: OpenEntry) -> tuple[Button, ...]:
    clip = opened.entry.clip
    acts = [whole_button(clip.clip_id)]
    if clip.parent_id:
        acts.append(joint_button(clip.clip_id))
    if opened.own:
        acts.append(Button(ids.make("rename", clip.clip_id), "Rename"))
    if opened.removable is not None:
        acts.append(Button(ids.make("delete", opened.removable), "Delete", discord.ButtonStyle.danger))
    return tuple(acts)


def go_on(clip: Clip, label: str = "Continue") -> Button:
    """Offer to continue a track."""
    return Button(ids.make("go-on", clip.clip_id), label, discord.ButtonStyle.primary)


def play(clip: Clip, *, upload_limit: int) -> Card:
    """Let one person hear a track: attached where it fits (bytes), else linked."""
    embed, fits = _titled(clip), clip.audio_size <= min(upload_limit, cards.REQUEST_LIMIT)
    embed.description = cards.length_line(clip)
    if not fits and (listen := cards.listen_line(clip)):
        embed.description += f"\n{listen}"
    return Card(embeds=(embed,), rows=((go_on(clip),),), attachments=(cards.audio_of(clip),) if fits else ())

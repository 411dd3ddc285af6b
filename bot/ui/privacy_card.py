"""/privacy: what is kept, who runs this bot, and what a person can do about it. Pure, as the other cards."""

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import discord

from bot.ui import ids
from bot.ui.cards import COLOUR, QUIET, WARNING, Button, Card, Document

EXPORT, ASK, DELETE = "privacy-export", "privacy-ask", "privacy-delete"
"""Names of the controls (`ui/privacy_controls.py`)."""
FORM = 1
"""The form of the export; docs/privacy.md describes it."""

_KEPT = (
    "**Your requests**: what you asked for, when, in which channel, and what became of it.",
    "**Your tracks**: title, styles, length, audio and cover, and which track each continues.",
    "**What you do with tracks**: favourites, votes, ideas in sessions, and what you share or publish, with your note.",
    "**What you set for yourself**, and for a day what you typed and I had to refuse.",
    "**Blocks**: whether a server's moderators, or my operator, have blocked you.",
    "**Not kept**: your name, your messages, or anything that you have not sent to me. Discord's token of a request goes after 15 minutes.",
    "**The music service** gets styles, title, model and start point of a request, and not who asked. It keeps files for about two weeks.",
)
_GOES = (
    "your requests in line (nothing is spent), and your posts and results, wherever Discord lets me delete them",
    "your tracks with audio and cover, if nobody else has continued them",
    "your favourites, votes, ideas in sessions, settings, and what you typed",
    "your name, from pictures and credits",
)
_REMAINS = (
    "**Continued tracks** stay as nameless beginnings of what others made of them, without title and styles.",
    "**What is being made** at the music service may still cost; nothing of it is shown. The service keeps its files for about two weeks.",
    "**Moderation logs** on servers, and **blocks**, so that deleting lifts none.",
    "**Today's count** of your requests, until midnight UTC, so that deleting resets no limit.",
    "**That somebody asked** for something on a server, without who and what, so that its counts stay right.",
)


def card(operator: str) -> Card:
    """Show what is kept; `operator` tells how whoever runs the bot is reached, ready to be shown."""
    embed = discord.Embed(title="Privacy", description="\n".join(f"- {line}" for line in _KEPT), colour=COLOUR)
    embed.add_field(name="Who runs this bot", value=operator or "My operator has not said.", inline=False)
    embed.set_footer(text="Only you see this.")
    delete = Button(ids.make(ASK), "Delete mine…", discord.ButtonStyle.danger)
    return Card(embeds=(embed,), rows=((Button(ids.make(EXPORT), "Export mine"), delete),))


def ask_deletion() -> Card:
    """Say what goes and what remains, and ask whether that is wanted."""
    embed = discord.Embed(title="Delete all that is yours?", description="This can't be undone. It holds on every server.", colour=WARNING)
    embed.add_field(name="What goes", value="\n".join(f"- {line}" for line in _GOES), inline=False)
    embed.add_field(name="What remains", value="\n".join(f"- {line}" for line in _REMAINS), inline=False)
    return Card(embeds=(embed,), rows=((Button(ids.make(DELETE), "Delete mine", discord.ButtonStyle.danger),),))


def deleting() -> Card:
    """Say that it has begun, and goes on by itself."""
    said = (
        "It has begun, and goes on by itself, also when I am restarted. Your lists are empty in a moment. Posts go as fast as Discord "
        "lets me delete them; what I can't reach for a week is left where it is. Whatever you ask for from now on is new."
    )
    return Card(embeds=(discord.Embed(title="Your data is being deleted", description=said, colour=QUIET),))


def export(kept: dict[str, Any], *, user_id: int, now: float, upload_limit: int) -> Document | None:
    """Write what is kept as a JSON file, packed where it is above the limit (bytes); None if even that is too much. Call it in a thread."""
    about = {"form": FORM, "exported_at": datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"), "user_id": str(user_id)}
    data = json.dumps(about | kept, ensure_ascii=False, indent=1).encode()
    if len(data) <= upload_limit:
        return Document(data, "my-data.json", "All that is kept of you")
    packed = gzip.compress(data)
    return Document(packed, "my-data.json.gz", "All that is kept of you, packed") if len(packed) <= upload_limit else None


def exported(document: Document | None, left_out: dict[str, int]) -> Card:
    """Hand the file over."""
    if document is None:
        return Card(content="It is more than Discord lets me send. Whoever runs this bot (/privacy) can give it to you.")
    said = "All that I keep of you. Times are seconds since 1970 (UTC); ids are Discord's and the music service's."
    if left_out:
        said += " Left out for being older: " + ", ".join(f"{number} {name}" for name, number in left_out.items()) + "."
    return Card(content=said, documents=(document,))
